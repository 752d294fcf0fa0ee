#!/usr/bin/env python3
"""Encodes texts without white space, each of which is one word or few, at two lengths. Prints how many times as long ten
times the text takes.

usage: bench/long_words.py --program build/release/memsizer --vocabulary FOLDER --text FILE [--megabytes 1] [--rounds 7]

FOLDER holds GPT-2's encoder.json and vocab.bpe; FILE is a text of ten times the megabytes, whose spaces are left out. The
seconds are processor time on one thread, the least of the rounds, less the time to load the vocabulary.
"""
import argparse
import pathlib
import random
import string
import tempfile

import measured_command


def texts(size, file):
    letters = random.Random(1).choices(string.ascii_lowercase, k=size)
    return {"one letter": b"a" * size, "random letters": "".join(letters).encode(),
            "a text without its spaces": b"".join(pathlib.Path(file).read_bytes().split())[:size]}


def seconds_of(arguments, folder, parts):
    """The least processor time of each part. The parts take turns, so that all meet the same noise."""
    path = folder / "text"
    command = [arguments.program, "tokenizer", "encode", "--tokenizer", arguments.vocabulary, "--input", path,
               "--output", folder / "ids", "--format", "u16", "--threads", "1"]
    rounds = []
    for _ in range(arguments.rounds):
        rounds.append([])
        for part in parts:
            path.write_bytes(part)
            rounds[-1].append(measured_command.measure(command).seconds)
    return [min(column) for column in zip(*rounds)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--vocabulary", required=True)
    parser.add_argument("--text", required=True)
    parser.add_argument("--megabytes", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        print("| text | MB | seconds | ten times as much | ratio |\n|---|---:|---:|---:|---:|")
        for title, text in texts(10 * arguments.megabytes * 1_000_000, arguments.text).items():
            if len(text) < 10 * arguments.megabytes * 1_000_000:
                raise SystemExit(f"{arguments.text} has {len(text):,} bytes without its spaces; {arguments.megabytes * 10:,} MB are needed")
            nothing, short, long = seconds_of(arguments, folder, [b"", text[: len(text) // 10], text])
            print(f"| {title} | {len(text) / 1e7:.1f} | {short - nothing:.3f} | {long - nothing:.3f} | "
                  f"{(long - nothing) / (short - nothing):.1f} |", flush=True)


if __name__ == "__main__":
    main()
