#!/usr/bin/env python3
"""Loads a tokenizer.json of ours into Hugging Face's tokenizers and compares the ids of every line of a text.

    memsizer tokenizer train  --input text.txt --vocab-size 8192 --output tokenizer.json
    memsizer tokenizer encode --tokenizer tokenizer.json --input text.txt > ids.txt
    python3 tests/text/oracle/check_hugging_face.py tokenizer.json text.txt ids.txt [--special]

Exits 1 at the first line whose ids differ. --special: the ids were made with --special too.
"""

import argparse
import pathlib
import sys

from hugging_face import encode_lines
from tokenizers import Tokenizer


def lines_of(path):
    return pathlib.Path(path).read_bytes().decode().removesuffix("\n").split("\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("tokenizer")
    parser.add_argument("text")
    parser.add_argument("ids")
    parser.add_argument("--special", action="store_true")
    arguments = parser.parse_args()

    tokenizer = Tokenizer.from_file(arguments.tokenizer)
    tokenizer.encode_special_tokens = not arguments.special
    texts = lines_of(arguments.text)
    ours = [[int(word) for word in line.split()] for line in lines_of(arguments.ids)]
    if len(ours) != len(texts):
        sys.exit(f"{len(texts)} lines of text, but {len(ours)} lines of ids")
    for number, (text, expected, actual) in enumerate(zip(texts, encode_lines(tokenizer, texts), ours), 1):
        if expected != actual:
            sys.exit(f"line {number}: {text!r}\nHugging Face: {expected}\nours:         {actual}")
    print(f"{len(texts)} lines, {sum(map(len, ours))} ids: all equal")


if __name__ == "__main__":
    main()
