#!/usr/bin/env python3
"""Writes the sample data in wikitext-tiny/: articles about an invented country in the WikiText format, our own work.

    samples/data/make_wikitext_tiny.py [--output FOLDER]

The text is the same on every run. Facts are consistent across articles, so that a model that learns them does better
on the validation and test articles, which tell of people and places that the training articles name."""

import argparse
from pathlib import Path

from wikitext_tiny_source.dice import Dice
from wikitext_tiny_source.stories import make_stories
from wikitext_tiny_source.world import World
from wikitext_tiny_source.writer import Writer

SEED = 20240229
HELD_OUT = 24  # articles in validation, and as many in test


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "wikitext-tiny")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)

    dice = Dice(SEED)
    world = World(dice)
    writer = Writer(dice)
    subjects = dice.shuffled(world.everything() + make_stories(world, dice))
    articles = [writer.article(subject.template, subject) for subject in subjects]
    splits = {
        "valid": articles[:HELD_OUT],
        "test": articles[HELD_OUT : 2 * HELD_OUT],
        "train": articles[2 * HELD_OUT :],
    }
    for split, chosen in splits.items():
        text = "".join(line for article in chosen for line in article) + " \n"
        (folder / f"wiki.{split}.tokens").write_text(text, encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
