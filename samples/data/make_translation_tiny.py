#!/usr/bin/env python3
"""Writes the sample data in translation-tiny/: German and English sentences from a small grammar, our own work, in
the layouts of WMT: the training pairs as parallel lines, validation and test as SGML.

    samples/data/make_translation_tiny.py [--output FOLDER]

The sentences are the same on every run. Those of validation and test are new combinations of known words: who does
what to whom or where in them never meets in a training sentence, nor in the other of the two."""

import argparse
import re
import zlib
from pathlib import Path

from translation_tiny_source import english, german
from translation_tiny_source.speaker import Speaker
from wikitext_tiny_source.dice import Dice

SEED = 20261127
SIZES = {"train": 2800, "valid": 200, "test": 200}
DOCUMENT = 20  # sentences of a document in SGML


def split_of(combination):
    """The split that may have a combination of words, or all splits where nobody does something to somebody."""
    if not all(combination):
        return None
    part = zlib.crc32("|".join(combination).encode()) % 10
    return {0: "valid", 1: "test"}.get(part, "train")


def split_of_sentence(sentence):
    """The split of all its combinations; None if they are of different splits, or the sentence has none."""
    splits = {split_of(clause.combination()) for clause in sentence.clauses()} - {None}
    return splits.pop() if len(splits) == 1 else None


def words_of(pair):
    return set(re.findall(r"\w+", " ".join(pair).lower()))


def make_pairs():
    """Pairs (German, English) by split. No sentence stands there twice, in either language, and no word of validation
    and test is missing from the training pairs, which are made first."""
    speaker = Speaker(Dice(SEED))
    pairs = {split: [] for split in SIZES}
    seen, known = set(), set()
    while any(len(pairs[split]) < size for split, size in SIZES.items()):
        sentence = speaker.sentence()
        pair = german.say(sentence), english.say(sentence)
        split = split_of_sentence(sentence)
        if split is None or len(pairs[split]) == SIZES[split] or seen & set(pair):
            continue
        if split == "train":
            known |= words_of(pair)
        elif len(pairs["train"]) < SIZES["train"] or not words_of(pair) <= known:
            continue
        seen |= set(pair)
        pairs[split].append(pair)
    return pairs


def sgml(kind, attributes, name, sentences):
    lines = [f'<{kind} setid="translation-tiny-{name}" {attributes}>']
    for first in range(0, len(sentences), DOCUMENT):
        lines.append(f'<doc docid="{name}-{first // DOCUMENT + 1}" genre="grammar" origlang="en">')
        for number, sentence in enumerate(sentences[first : first + DOCUMENT], 1):
            lines.append(f'<seg id="{number}">{sentence}</seg>')
        lines.append("</doc>")
    return "\n".join(lines) + f"\n</{kind}>\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "translation-tiny")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)

    files = {}
    for name, pairs in make_pairs().items():
        de, en = ([pair[side] for pair in pairs] for side in (0, 1))
        if name == "train":
            files["train.de-en.de"] = "\n".join(de) + "\n"
            files["train.de-en.en"] = "\n".join(en) + "\n"
        else:
            files[f"{name}-ende-src.en.sgm"] = sgml("srcset", 'srclang="en"', name, en)
            files[f"{name}-ende-ref.de.sgm"] = sgml("refset", 'srclang="en" trglang="de"', name, de)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
