#!/usr/bin/env python3
"""Trains the language models of a preset in our program and in PyTorch, each for the same time on the same text. Prints their
results on the test split, which are a table of docs/results.md.

usage: bench/equal_minutes.py --program build/release/memsizer --data FOLDER --output FOLDER [--preset small] [--minutes 30]

The folder of --data holds WikiText-2. The models train one after another, each with the machine to itself: 4 * minutes in
all. Models whose results are in --output already are not trained again, so a script that was stopped goes on with the next
model. It needs the PyPI packages torch (CPU), tokenizers and numpy.

The twin in PyTorch begins with our weights of step 0. It has our tokenizer, batches, dropout, optimiser and learning rates
(its cosine goes by time, so that it ends with the minutes), and the better of 1 and 2 threads. All its minutes are training;
ours include our validations and checkpoints. Our model is scored at the checkpoint that was best on validation, the twin
with its last weights.
"""
import argparse
import json
import math
import pathlib
import subprocess
import time

import torch

import compare_pytorch
import our_runs
import pytorch_twin


def train_ours(arguments, architecture, run):
    """Trains, or continues a run that was stopped, and evaluates on the test split."""
    data = ["--data", arguments.data]
    begin = ["--resume"] if run.exists() else ["--task", "language-modeling", "--architecture", architecture,
                                                "--preset", arguments.preset, "--set", "keep=1000"]
    minutes = ["--minutes", str(arguments.minutes)]
    subprocess.run([arguments.program, "train", *data, "--output", str(run), *begin, *minutes], check=True)
    scores = our_runs.scores_of(arguments.program, run, arguments.data)
    state = our_runs.state_of(run, our_runs.read_latest(run))
    return {**scores, "trained_tokens": state["tokens"], "seconds": state["seconds"]}


def better_threads(config, weights, ids):
    rates = {threads: compare_pytorch.run_pytorch(config, weights, ids, 12, threads)[1] for threads in (1, 2)}
    return max(rates, key=rates.get)


def train_for(config, model, ids, seconds):
    """Trains until the time is up, and returns the number of steps."""
    optimiser = compare_pytorch.make_optimiser(config, model)
    start, step, warm, warmup = time.perf_counter(), 0, 0.0, config["warmup"]
    while True:
        for tokens, targets in compare_pytorch.batches(config, ids):
            passed = time.perf_counter() - start
            if passed >= seconds:
                return step
            step += 1
            if step <= warmup:
                rate, warm = config["learning_rate"] * step / warmup, passed
            else:
                rate = compare_pytorch.cosine(config["learning_rate"], (passed - warm) / (seconds - warm))
            compare_pytorch.take_step(config, model, optimiser, tokens, targets, rate)


@torch.inference_mode()
def nats(config, model, ids):
    """The total loss of a text in windows of `sequence` tokens. Each token counts once; the first follows </s>."""
    model.eval()
    padded, length, total = [compare_pytorch.END_OF_TEXT] + ids, config["sequence"], 0.0
    for begin in range(0, len(ids), length):
        targets = torch.tensor([ids[begin : begin + length]])
        tokens = torch.tensor([padded[begin : begin + targets.shape[1]]])
        total += model.loss(tokens, targets).item() * targets.numel()
    return total


def train_twin(arguments, run):
    config = json.loads((run / "config.json").read_text())
    compare_pytorch.require_twin(config)
    weights = pytorch_twin.read_safetensors(run / "checkpoints" / "step-0" / "model.safetensors")
    ids, _ = compare_pytorch.read_ids(run / "tokenizer.json", arguments.data, "train")
    test_ids, test_text = compare_pytorch.read_ids(run / "tokenizer.json", arguments.data, "test")
    threads = better_threads(config, weights, ids)
    torch.set_num_threads(threads)
    torch.manual_seed(config["seed"])
    model = pytorch_twin.LanguageModel(config, config["sequence"])
    model.load_state_dict(weights)
    steps = train_for(config, model, ids, 60 * arguments.minutes)
    total, words = nats(config, model, test_ids), len(test_text.split()) + test_text.count("\n")
    return {"tokens": len(test_ids), "loss": total / len(test_ids), "words": words, "word_perplexity": math.exp(total / words),
            "bits_per_byte": total / math.log(2) / len(test_text.encode()), "threads": threads,
            "trained_tokens": steps * config["batch"] * config["sequence"], "seconds": 60 * arguments.minutes}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--preset", default="small")
    parser.add_argument("--minutes", type=float, default=30)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    print("| model | trained by | tokens seen | test word perplexity | bits a byte |\n|---|---|---|---|---|", flush=True)
    for kind in ("transformer", "memsizer"):
        run = arguments.output / kind
        results = {"memsizer's program": our_runs.kept(arguments.output / f"{kind}-ours.json", lambda: train_ours(arguments, kind, run)),
                   f"PyTorch {torch.__version__}": our_runs.kept(arguments.output / f"{kind}-pytorch.json", lambda: train_twin(arguments, run))}
        for name, result in results.items():
            print(f"| {kind} | {name} | {result['trained_tokens']:,} | {result['word_perplexity']:.1f} | "
                  f"{result['bits_per_byte']:.3f} |", flush=True)


if __name__ == "__main__":
    main()
