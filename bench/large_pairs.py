#!/usr/bin/env python3
"""Measures the memory of a translation run on as many pairs as WMT16 has.

usage: bench/large_pairs.py --program build/release/memsizer --english FILE... --german FILE... --output FOLDER
                            [--pairs 4500000]

The lines of the files, the same number in each language, are repeated until there are so many pairs, each with a number
of its own, so that no two are equal. The script trains a tokenizer of 32,768 tokens on the first 200,000 pairs, then a
model of preset `micro` for one step, so that nearly all memory is that of the data: first with this tokenizer, then
with one that the run itself trains on all pairs, and then with the ids that the first run kept. It prints the peak
memory of each and its seconds. The folder gets the data (1.3 GB for newstest2009 to 2014) and three runs (4 GB).
"""
import argparse
import itertools
import os
import pathlib
import shutil

from measured_command import measure

VOCABULARY, TOKENIZER_PAIRS = 32768, 200_000


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=os.path.abspath)
    parser.add_argument("--english", required=True, nargs="+", type=pathlib.Path)
    parser.add_argument("--german", required=True, nargs="+", type=pathlib.Path)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--pairs", type=int, default=4_500_000)
    return parser.parse_args()


def lines_of(paths):
    return [line for path in paths for line in path.read_text().removesuffix("\n").split("\n")]


def write(path, lines, count):
    with path.open("w") as file:
        for number, line in enumerate(itertools.islice(itertools.cycle(lines), count)):
            file.write(f"{number} {line}\n")


def write_data(arguments):
    """Writes the splits, and the beginning of both sides for the tokenizer, whose path it returns."""
    data = arguments.output / "data"
    data.mkdir(parents=True, exist_ok=True)
    beginning = arguments.output / "beginning.txt"
    beginning.unlink(missing_ok=True)
    sides = {"en": lines_of(arguments.english), "de": lines_of(arguments.german)}
    if len(sides["en"]) != len(sides["de"]):
        raise SystemExit(f"{len(sides['en'])} English lines and {len(sides['de'])} German ones; the same number expected")
    for language, lines in sides.items():
        write(data / f"train.{language}", lines, arguments.pairs)
        write(data / f"val.{language}", lines, 100)
        write(arguments.output / "side.txt", lines, min(TOKENIZER_PAIRS, arguments.pairs))
        with beginning.open("ab") as whole, (arguments.output / "side.txt").open("rb") as side:
            shutil.copyfileobj(side, whole)
    (arguments.output / "side.txt").unlink()
    return data, beginning


def main():
    arguments = parse_arguments()
    data, beginning = write_data(arguments)
    tokenizer, folder = arguments.output / "tokenizer.json", arguments.output
    training = [arguments.program, "train", "--task", "translation", "--data", data, "--preset", "micro", "--steps", 1,
                "--set", f"vocab={VOCABULARY}", "--set", "batch_tokens=3584"]  # fmt: skip
    with_tokenizer = [*training, "--tokenizer", tokenizer]
    again = [*with_tokenizer[:2], "--resume", *with_tokenizer[2:]]
    again[again.index("--steps") + 1] = 2
    stages = {
        f"training a tokenizer on {TOKENIZER_PAIRS:,} pairs": [
            arguments.program, "tokenizer", "train", "--input", beginning, "--vocab-size", VOCABULARY, "--output", tokenizer],
        "training for a step, with this tokenizer": [*with_tokenizer, "--output", folder / "run"],
        "going on with its ids": [*again, "--output", folder / "run"],
        "training for a step, with a tokenizer of all pairs": [*training, "--output", folder / "run-of-all"],
    }  # fmt: skip
    for run in ("run", "run-of-all"):
        shutil.rmtree(folder / run, ignore_errors=True)
    print(f"| {arguments.pairs:,} pairs | memory | processor seconds | seconds |\n|---|---:|---:|---:|")
    for name, command in stages.items():
        took = measure(command)
        print(f"| {name} | {took.peak_mb:.0f} MB | {took.seconds:.0f} | {took.wall:.0f} |", flush=True)


if __name__ == "__main__":
    main()
