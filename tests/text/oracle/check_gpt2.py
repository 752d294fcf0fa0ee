#!/usr/bin/env python3
"""Compares the ids of our program, with GPT-2's vocabulary, with those of Hugging Face's tokenizers and of tiktoken: on
nasty text (nasty_text.py), on a line for every character, and on the lines of any files.

    pip install tokenizers==0.23.3 tiktoken==0.14.0
    python3 tests/text/oracle/check_gpt2.py build/release/memsizer GPT2 [--seed 1] [--lines 150000] [--text FILE...]

GPT2 holds encoder.json and vocab.bpe. Exits 1 at the first line whose ids differ.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import tiktoken
from hugging_face import byte_level, encode_lines
from nasty_text import NastyText
from tokenizers import models

SPLIT_RULE = r"""'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""  # tiktoken's r50k_base


def lines_of_every_character():
    codes = (c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF and c != 0xA)
    return [f"a{c}b {c}1{c} 'l{c}" for c in map(chr, codes)]


def read_gpt2(folder):
    """Both peers, made of the same files."""
    vocabulary, merges = models.BPE.read_file(str(folder / "encoder.json"), str(folder / "vocab.bpe"))
    hugging_face = byte_level(models.BPE(vocab=vocabulary, merges=merges))
    ids = json.loads((folder / "encoder.json").read_text())
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    byte_of = {chr(byte): byte for byte in printable} | {chr(256 + i): byte for i, byte in enumerate(others)}
    ranks = {bytes(byte_of[c] for c in token): i for token, i in ids.items() if token != "<|endoftext|>"}
    return hugging_face, tiktoken.Encoding("gpt2", pat_str=SPLIT_RULE, mergeable_ranks=ranks, special_tokens={})


def ids_of_program(program, folder, lines):
    text = "".join(line + "\n" for line in lines).encode()
    command = [program, "tokenizer", "encode", "--tokenizer", folder]
    out = subprocess.run(command, input=text, stdout=subprocess.PIPE, check=True).stdout.decode()
    return [[int(word) for word in line.split()] for line in out.removesuffix("\n").split("\n")]


def compare(name, lines, ours, peers):
    if len(ours) != len(lines):
        sys.exit(f"{name}: {len(lines)} lines of text, but {len(ours)} lines of ids")
    for peer, theirs in peers.items():
        for number, (line, expected, actual) in enumerate(zip(lines, theirs, ours), 1):
            if expected != actual:
                sys.exit(f"{name}, line {number}: {line!r}\n{peer}: {expected}\nours: {actual}")
    print(f"{name}: {len(lines):,} lines, {sum(map(len, ours)):,} ids: all equal", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("gpt2", type=pathlib.Path)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", type=int, default=150_000)
    parser.add_argument("--text", nargs="*", default=[], type=pathlib.Path)
    arguments = parser.parse_args()
    hugging_face, tiktoken_gpt2 = read_gpt2(arguments.gpt2)
    nasty = NastyText(arguments.seed)
    texts = {"nasty text": [nasty.line() for _ in range(arguments.lines)], "every character": lines_of_every_character()}
    texts |= {path.name: path.read_bytes().decode().removesuffix("\n").split("\n") for path in arguments.text}
    for name, lines in texts.items():
        peers = {"Hugging Face": encode_lines(hugging_face, lines),
                 "tiktoken": [tiktoken_gpt2.encode_ordinary(line) for line in lines]}  # fmt: skip
        compare(name, lines, ids_of_program(arguments.program, arguments.gpt2, lines), peers)


if __name__ == "__main__":
    main()
