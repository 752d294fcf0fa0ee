#!/usr/bin/env python3
"""Encodes text with GPT-2's vocabulary in our program and in every other tokenizer that is installed, in turns,
each on one thread. Prints megabytes a second of processor time, and our ratio to each.

usage: bench/encode.py --program build/release/memsizer --vocabulary FOLDER --text FILE [FILE...] [--rounds 5] [--repeat 1]

FOLDER holds GPT-2's encoder.json and vocab.bpe. The files are read one after another as one text, `--repeat` times
over: repetition flatters the tokenizers that remember words, so the figures say how often. Peers, from PyPI:
tokenizers (Hugging Face; it gets batches of 1,000 lines), tiktoken, tokie and gigatoken; those that are absent are left
out. tokie and gigatoken have several calls; each gets the one that was fastest on one thread for one long text.

A round runs each of them once, in a process of its own, so that all meet the same noise; the table has the median of
the rounds. Ours is the program with --format u16 and a file as its output, less its time for an empty text, which is
the time to load the vocabulary, both the median of five runs, since they are short; the peers' is the time of their
calls alone. The numbers of ids must agree with ours, but for Hugging Face, whose lines are texts of their own; the
script exits 1 if they do not.
"""
import argparse
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

import measured_command


def read_text(files, repeat):
    return b"".join(pathlib.Path(file).read_bytes() for file in files).decode() * repeat


def seconds_of(call):
    """The result of a call, and its processor seconds."""
    start = time.process_time()
    result = call()
    return result, time.process_time() - start


# Each peer is loaded, encodes the text, and returns the number of ids and the seconds.


def load_hugging_face(vocabulary):
    from tokenizers.implementations import ByteLevelBPETokenizer
    return ByteLevelBPETokenizer(str(vocabulary / "encoder.json"), str(vocabulary / "vocab.bpe"))


def run_tokenizers(vocabulary, text):
    model = load_hugging_face(vocabulary)
    lines = text.split("\n")
    batches = [lines[begin : begin + 1000] for begin in range(0, len(lines), 1000)]
    return seconds_of(lambda: sum(len(found.ids) for batch in batches for found in model.encode_batch(batch)))


def tiktoken_ranks(vocabulary):
    from tiktoken.load import data_gym_to_mergeable_bpe_ranks
    return data_gym_to_mergeable_bpe_ranks(str(vocabulary / "vocab.bpe"), str(vocabulary / "encoder.json"))


def run_tiktoken(vocabulary, text):
    import tiktoken
    rule = r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"""
    model = tiktoken.Encoding("gpt2", pat_str=rule, mergeable_ranks=tiktoken_ranks(vocabulary), special_tokens={})
    return seconds_of(lambda: len(model.encode_ordinary(text)))


def load_json(vocabulary, load):
    """A model of a peer that reads tokenizer.json."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "tokenizer.json")
        load_hugging_face(vocabulary).save(path)
        return load(path)


def run_tokie(vocabulary, text):
    import tokie
    model = load_json(vocabulary, tokie.Tokenizer.from_json)
    return seconds_of(lambda: len(model.encode_batch_flat([text])[0]))


def run_gigatoken(vocabulary, text):
    import gigatoken
    model = load_json(vocabulary, gigatoken.Tokenizer)
    data = text.encode()
    return seconds_of(lambda: len(model.encode(data)))


LEAST = 5_000_000
OUR_RUNS = 5
PEERS = {"tokenizers": run_tokenizers, "tiktoken": run_tiktoken, "tokie": run_tokie, "gigatoken": run_gigatoken}


def run_peer(name, vocabulary, text):
    """Runs in a process of its own. Prints its figures as JSON."""
    ids, seconds = PEERS[name](vocabulary, text)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    print(json.dumps({"ids": ids, "seconds": seconds, "peak_mb": peak}))


def measure_peer(name, arguments):
    command = [sys.executable, __file__, "--peer", name, "--vocabulary", str(arguments.vocabulary),
               "--repeat", str(arguments.repeat), "--text", *arguments.text]
    environment = {**os.environ, **measured_command.ONE_THREAD}
    ran = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    if ran.returncode != 0:
        sys.exit(f"{name} failed: {ran.stderr.strip().splitlines()[-1]}")
    return json.loads(ran.stdout)


def run_program(arguments, text, output, threads=1):
    return measured_command.measure([arguments.program, "tokenizer", "encode", "--tokenizer", arguments.vocabulary,
                                     "--input", text, "--output", output, "--format", "u16", "--threads", threads])


def measure_ours(arguments, folder, threads=1):
    output = folder / "ids"
    runs = [[run_program(arguments, folder / text, output, threads) for text in ("empty", "text")] for _ in range(OUR_RUNS)]
    empty, whole = ([statistics.median(column) for column in zip(*some)] for some in zip(*runs))
    seconds, wall = (of_whole - of_empty for of_whole, of_empty in zip(whole[:2], empty[:2]))
    return {"ids": os.path.getsize(output) // 2, "seconds": seconds, "wall": wall, "peak_mb": whole[2]}


def is_installed(name):
    return subprocess.run([sys.executable, "-c", f"import {name}"], stderr=subprocess.DEVNULL).returncode == 0


def measure(arguments, folder):
    """The figures of each tokenizer, a list with one for each round."""
    names = []
    for name in PEERS:
        if is_installed(name):
            names.append(name)
        else:
            print(f"{name} is not installed")
    figures = {name: [] for name in ("ours", "ours, two threads", *names)}
    for _ in range(arguments.rounds):
        figures["ours"].append(measure_ours(arguments, folder))
        figures["ours, two threads"].append(measure_ours(arguments, folder, threads=2))
        for name in names:
            figures[name].append(measure_peer(name, arguments))
    return figures


def print_table(figures, megabytes):
    ours = statistics.median(round["seconds"] for round in figures["ours"])
    wall = {name: statistics.median(round["wall"] for round in figures[name]) for name in ("ours", "ours, two threads")}
    print("| tokenizer | MB/s | ours / it | lowest and highest MB/s | peak memory, MB | ids |")
    print("|---|---:|---:|---:|---:|---:|")
    for name, rounds in figures.items():
        if name == "ours, two threads":
            continue
        seconds = [round["seconds"] for round in rounds]
        median = statistics.median(seconds)
        print(f"| {name} | {megabytes / median:.1f} | {median / ours:.2f} | {megabytes / max(seconds):.1f}, "
              f"{megabytes / min(seconds):.1f} | {max(round['peak_mb'] for round in rounds):.0f} | {rounds[0]['ids']:,} |")
    print(f"\nours on one thread takes {wall['ours']:.2f} s on the clock, on two threads {wall['ours, two threads']:.2f} s: "
          f"a ratio of {wall['ours'] / wall['ours, two threads']:.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program")
    parser.add_argument("--vocabulary", required=True, type=pathlib.Path)
    parser.add_argument("--text", required=True, nargs="+")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--peer", choices=PEERS, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    text = read_text(arguments.text, arguments.repeat)
    if len(text) < LEAST:
        parser.error(f"a text of {LEAST:,} characters at least is expected, got {len(text):,}: less drowns in noise")
    if arguments.peer:
        return run_peer(arguments.peer, arguments.vocabulary, text)
    if not arguments.program:
        parser.error("--program is missing")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "text").write_bytes(text.encode())
        (folder / "empty").write_bytes(b"")
        figures = measure(arguments, folder)
    megabytes = len(text.encode()) / 1e6
    print(f"{megabytes:.1f} MB\n")
    print_table(figures, megabytes)
    for name, rounds in figures.items():
        if name != "tokenizers" and rounds[0]["ids"] != figures["ours"][0]["ids"]:
            sys.exit(f"{name} gives {rounds[0]['ids']:,} ids, ours {figures['ours'][0]['ids']:,}")


if __name__ == "__main__":
    main()
