#!/usr/bin/env python3
"""Writes the sample data in articles-tiny/: news and their summaries in the layout of XSum, our own work.

    samples/data/make_articles_tiny.py [--output FOLDER]

The articles are the same on every run. A summary is one sentence that puts together what stands in several sentences
of its article. Those of validation and test tell of new combinations of known words: who does what, or what is where,
meets in no training article."""

import argparse
import json
import re
import zlib
from pathlib import Path

from articles_tiny_source.events import KINDS, make_event
from articles_tiny_source.reporter import report
from make_wikitext_tiny import SEED as WORLD_SEED
from wikitext_tiny_source.dice import Dice
from wikitext_tiny_source.world import World

SEED = 20261128
SIZES = {"train": 880, "validation": 120, "test": 120}
FIRST_ID = 60000000


def split_of(combination):
    """The split that may have a combination."""
    part = zlib.crc32("|".join(combination).encode()) % 10
    return {0: "validation", 1: "test"}.get(part, "train")


def words_of(article):
    return set(re.findall(r"[\w-]+", " ".join(article)))


def make_articles():
    """Pairs (document, summary) by split, as many of each kind. No document and no summary stands there twice, and no
    word of validation and test is missing from the training articles, which are made first."""
    dice = Dice(SEED)
    world = World(Dice(WORLD_SEED))
    articles = {split: [] for split in SIZES}
    seen, known = set(), set()
    for splits in (("train",), ("validation", "test")):
        for kind in KINDS:
            left = {split: SIZES[split] // len(KINDS) for split in splits}
            while any(left.values()):
                event = make_event(kind, world, dice)
                article = report(event, dice)
                split = split_of(event.combination)
                if not left.get(split) or seen & set(article):
                    continue
                if split == "train":
                    known |= words_of(article)
                elif not words_of(article) <= known:
                    continue
                seen |= set(article)
                left[split] -= 1
                articles[split].append(article)
    return {split: dice.shuffled(chosen) for split, chosen in articles.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "articles-tiny")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)

    number = FIRST_ID
    for split, articles in make_articles().items():
        lines = []
        for document, summary in articles:
            lines.append(json.dumps({"document": document, "summary": summary, "id": str(number)}) + "\n")
            number += 1
        (folder / f"{split}.jsonl").write_text("".join(lines), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
