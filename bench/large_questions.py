#!/usr/bin/env python3
"""Measures the memory of a question-answering run on as many bytes of records as OpenOrca has, or any other number.

usage: bench/large_questions.py --program build/release/memsizer --records FILE --output FOLDER [--gigabytes 2]

The records of FILE, lines of JSON in the layout of OpenOrca, are repeated with new ids and with the words of their
questions and answers in another order, and each question has a number of its own, until there are so many bytes. The
script trains a model of preset `micro` for one step, so that nearly all memory is that of the data: with a tokenizer
that the run trains on all of it, and then, without training, with the ids that it kept. It prints the peak memory of
both and their seconds. The folder gets the data and the run, which is as large again.
"""
import argparse
import itertools
import json
import os
import pathlib
import random
import shutil

from measured_command import measure


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=os.path.abspath)
    parser.add_argument("--records", required=True, type=pathlib.Path)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--gigabytes", type=float, default=2)
    return parser.parse_args()


def shuffled(text, dice):
    words = text.split(" ")
    dice.shuffle(words)
    return " ".join(words)


def write_records(path, records, size):
    """Returns how many records it wrote."""
    dice, written = random.Random(1), 0
    with path.open("w") as file:
        for number, record in enumerate(itertools.cycle(records)):
            new = {"id": f"flan.{number}", "system_prompt": record["system_prompt"],
                   "question": f"{number} {shuffled(record['question'], dice)}",
                   "response": shuffled(record["response"], dice)}  # fmt: skip
            line = json.dumps(new, ensure_ascii=False) + "\n"
            file.write(line)
            written += len(line.encode())
            if written >= size:
                return number + 1


def main():
    arguments = parse_arguments()
    data, run = arguments.output / "data", arguments.output / "run"
    shutil.rmtree(run, ignore_errors=True)
    data.mkdir(parents=True, exist_ok=True)
    records = [json.loads(line) for line in arguments.records.read_text().splitlines()]
    count = write_records(data / "records.jsonl", records, arguments.gigabytes * 1e9)
    train = [arguments.program, "train", "--task", "question-answering", "--data", data, "--output", run, "--preset", "micro"]
    print(f"| {count:,} records, {arguments.gigabytes:g} GB | memory | processor seconds | seconds |\n|---|---:|---:|---:|")
    for name, options in (("with the tokenizer's training", ["--steps", 1]), ("with its ids", ["--resume", "--steps", 2])):
        took = measure([*train, *options])
        print(f"| training for a step, {name} | {took.peak_mb:.0f} MB | {took.seconds:.0f} | {took.wall:.0f} |", flush=True)


if __name__ == "__main__":
    main()
