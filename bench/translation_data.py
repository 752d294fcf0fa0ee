"""Sentence pairs and batches for the PyTorch twin of translation: the token budget and the buckets of our
program (include/memsizer/data/pair_batches.hpp), with other random numbers."""
import bisect
import itertools
import pathlib
import random

import torch

from translation_search import END, pad

SPLITS = {"train": "train", "validation": "val", "test": "test"}


def lines_of(path):
    return pathlib.Path(path).read_bytes().decode().removesuffix("\n").split("\n")


def read_lines(data, split, language):
    """The lines of a split in a language, from the one file such as test_2016_flickr.de."""
    paths = sorted(pathlib.Path(data).glob(f"{SPLITS[split]}*.{language}"))
    if len(paths) != 1:
        raise SystemExit(f"{data}: one file {SPLITS[split]}*.{language} expected, got {len(paths)}")
    return lines_of(paths[0])


class Pairs:
    """The ids of a split. Each sentence ends with </s>."""

    def __init__(self, tokenizer, config, data, split):
        encoded = [tokenizer.encode_batch(read_lines(data, split, config[side]), add_special_tokens=False)
                   for side in ("source", "target")]
        self.pairs = [tuple(side.ids + [END] for side in pair) for pair in zip(*encoded, strict=True)]
        limits = [config["max_source"], config["max_target"]]
        self.fitting = [number for number, pair in enumerate(self.pairs)
                        if all(1 < len(side) <= (limit or len(side)) for side, limit in zip(pair, limits))]

    def batch(self, numbers):
        """What EncoderDecoder.loss takes, for the pairs of these numbers."""
        source = pad([self.pairs[number][0] for number in numbers])
        targets = [self.pairs[number][1] for number in numbers]
        inputs, lengths = pad([[END] + target[:-1] for target in targets])
        places = (torch.arange(inputs.shape[1]) < lengths.unsqueeze(1)).flatten().nonzero().flatten()
        return source, (inputs, places, torch.tensor(list(itertools.chain.from_iterable(targets))))


class Batches:
    """The batches of an epoch. Pairs of the same buckets of lengths form a group. The groups stand side by
    side, and the batches are cut from them so that rows * longest sentence <= batch_tokens. Epochs differ in
    the order inside a group, and of the batches."""

    def __init__(self, pairs, config):
        self.seed, self.tokens, rows = config["seed"], config["batch_tokens"], config["batch"]
        longest = max(max(map(len, pairs.pairs[number])) for number in pairs.fitting)
        ends = []  # the largest length of each bucket: 1, 2 .. 9, 11, 13 ..
        while not ends or ends[-1] < longest:
            ends.append(((ends[-1] if ends else 0) + 1) * 11 // 10)
        bucket = [bisect.bisect_left(ends, length) for length in range(longest + 1)]
        groups = {}
        for number in pairs.fitting:
            source, target = (bucket[len(side)] for side in pairs.pairs[number])
            groups.setdefault((target, source if target % 2 == 0 else -source), []).append(number)
        self.groups = [groups[key] for key in sorted(groups)]
        widths = [min(ends[max(key[0], abs(key[1]))], self.tokens or longest)
                  for key in sorted(groups) for _ in groups[key]]
        self.cuts, begin, widest = [], 0, 0
        for place, width in enumerate(widths):
            widest, count = max(widest, width), place - begin + 1
            if count * widest > self.tokens if self.tokens else count > rows:
                self.cuts.append((begin, place))
                begin, widest = place, width
        self.cuts.append((begin, len(widths)))

    def epoch(self, number):
        """The pairs of each batch of an epoch."""
        generator = random.Random(f"{self.seed} {number}")
        order = [pair for group in self.groups for pair in generator.sample(group, len(group))]
        return [order[begin:end] for begin, end in generator.sample(self.cuts, len(self.cuts))]
