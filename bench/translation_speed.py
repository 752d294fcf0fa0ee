#!/usr/bin/env python3
"""Translates the same sentences with the same weights in our program and in PyTorch, in one run on one
machine. Prints the sentences a second of both: a table of docs/performance.md.

usage: bench/translation_speed.py --program build/release/memsizer --data FOLDER --run RUN [--run RUN]
                                  [--sentences 256] [--lengths 8,16,32,64] [--rounds 3]

RUN is the folder of a run of our program, such as bench/translation_minutes.py leaves them, and FOLDER has
its test split. Both sides search with beam 4 and length penalty 0.6 in the same batches of 32 sentences of
similar lengths. First the length of a translation is the model's choice, then it is forced. The script needs
the PyPI packages torch (CPU), tokenizers and numpy.

PyTorch runs as fast as it can: with the better of 1 and 2 threads, a cache, all beams in one batch, and
memory that is kept. Rows of sentences that are done leave its batch; our program begins further sentences in
them. The sides take turns, and each figure is the median of the rounds. Both count tokenising, searching and
decoding; neither counts reading the weights. The script exits 1 if less than 95 % of the translations of free
length are equal, or if a forced length is not kept.
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import torch
from tokenizers import Tokenizer

import translation_data
import translation_search
import translation_twin

BATCH, BEAM, PENALTY = 32, 4, 0.6
EQUAL = 0.95  # the rounding of float32 may decide between two hypotheses


def translate_ours(program, run, checkpoint, file, length):
    """Returns the seconds, the translations, and the number of tokens in each."""
    command = [program, "generate", str(run), "--checkpoint", checkpoint, "--input", str(file), "--json",
               "--beam", str(BEAM), "--length-penalty", str(PENALTY), "--batch", str(BATCH)]
    if length is not None:
        command += ["--min-tokens", str(length), "--max-tokens", str(length)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
    report = json.loads(output)
    texts = [result["text"].replace("\n", " ") for result in report["results"]]
    lengths = [result["tokens"] for result in report["results"]]
    return report["tokens"] / report["tokens_per_second"], texts, lengths


def translate_twin(model, tokenizer, lines, max_source, length):
    start = time.perf_counter()
    texts, lengths = translation_search.translate(
        model, tokenizer, lines, max_source, batch=BATCH, beam=BEAM, penalty=PENALTY, length=length)
    return time.perf_counter() - start, texts, lengths


def measure(arguments, run, length, lines, twin):
    """The median seconds of ours and of PyTorch with the better number of threads, and what both wrote."""
    checkpoint = (run / "best").read_text().strip()
    ours, theirs = [], {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder) / "source.txt"
        file.write_text("\n".join(lines) + "\n")
        for _ in range(arguments.rounds):
            seconds, texts, lengths = translate_ours(arguments.program, run, checkpoint, file, length)
            ours.append(seconds)
            for threads, rounds in theirs.items():
                torch.set_num_threads(threads)
                seconds, their_texts, their_lengths = twin(lines, length)
                rounds.append(seconds)
    medians = {threads: statistics.median(rounds) for threads, rounds in theirs.items()}
    threads = min(medians, key=medians.get)
    return {"ours": statistics.median(ours), "theirs": medians[threads], "threads": threads,
            "texts": (texts, their_texts), "lengths": (lengths, their_lengths)}


def check(run, length, result):
    """Returns the share of equal translations, and ends the script if the sides do not do the same work."""
    equal = statistics.mean(ours == theirs for ours, theirs in zip(*result["texts"], strict=True))
    if length is None and equal < EQUAL:
        sys.exit(f"{run}: {100 * equal:.1f} % of the translations are equal, {100 * EQUAL:.0f} % expected")
    found = set(result["lengths"][0]) | set(result["lengths"][1])
    if length is not None and found != {length}:
        sys.exit(f"{run}: translations of {length} tokens expected, got {sorted(found)}")
    return equal


def compare(arguments, run):
    config, model = translation_twin.load(run, (run / "best").read_text().strip())
    tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
    lines = translation_data.read_lines(arguments.data, "test", config["source"])[: arguments.sentences]
    sources = translation_search.encode_sources(tokenizer, lines, config["max_source"])
    # Our `generate` forms batches in the order of its input.
    lines = [lines[number] for number in sorted(range(len(lines)), key=lambda number: len(sources[number]))]
    twin = lambda lines, length: translate_twin(model, tokenizer, lines, config["max_source"], length)
    twin(lines[:BATCH], None)  # a first call is slower
    for length in (None, *map(int, filter(None, arguments.lengths.split(",")))):
        result = measure(arguments, run, length, lines, twin)
        equal = check(run, length, result)
        ours, theirs = len(lines) / result["ours"], len(lines) / result["theirs"]
        tokens, way = statistics.mean(result["lengths"][0]), "free" if length is None else "forced"
        print(f"| {run.name} | {way} | {tokens:.1f} | {ours:,.1f} | {theirs:,.1f} | {result['threads']} | "
              f"{ours / theirs:.2f} | {100 * equal:.1f} % |", flush=True)


def main():
    plain_text = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain_text)
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--run", required=True, action="append", type=pathlib.Path)
    parser.add_argument("--sentences", type=int, default=256)
    parser.add_argument("--lengths", default="8,16,32,64")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    translation_twin.keep_freed_memory()
    print(f"PyTorch {torch.__version__}, beam {BEAM}, batches of {BATCH}\n")
    print("| model | length | tokens | ours, sentences/s | PyTorch | its threads | ratio | equal |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for run in arguments.run:
        compare(arguments, run)


if __name__ == "__main__":
    main()
