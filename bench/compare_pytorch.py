#!/usr/bin/env python3
"""Trains the same model with the same batches in our program and in PyTorch, in one run on one machine. Prints both rates,
their ratio and both loss curves.

usage: bench/compare_pytorch.py --program build/release/memsizer --data FOLDER [--preset small] [--steps 50] [--generation]

FOLDER holds WikiText (wiki.train.tokens). The script needs the PyPI packages torch (CPU), tokenizers and numpy. PyTorch
runs as fast as it can: with the better of 1 and 2 threads, scaled_dot_product_attention, fused Adam if there is one, and a
chunked MemSizer. Both begin with the weights of our step 0 and train without dropout. The script exits 1 if the losses
differ by more than 0.1 %.
"""
import argparse
import json
import math
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch
from tokenizers import Tokenizer

import pytorch_twin

END_OF_TEXT = 2  # our trained tokenizers: <pad> 0, <s> 1, </s> 2


def run_ours(arguments, architecture, folder, steps):
    """Trains with our program. Returns its configuration and the logged lines that have a loss."""
    command = [arguments.program, "train", "--task", "language-modeling", "--data", arguments.data, "--output", str(folder),
               "--architecture", architecture, "--preset", arguments.preset, "--steps", str(steps)]
    for setting in ("dropout=0", "attention_dropout=0", "activation_dropout=0", "log_every=1", "keep=1000000",
                    "validate_every=1000000", "save_every=1000000", *arguments.set):
        command += ["--set", setting]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    config = json.loads((folder / "config.json").read_text())
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return config, [line for line in lines if "loss" in line]


def read_ids(tokenizer, data, split):
    """Returns the token ids of a split, and its text."""
    text = (pathlib.Path(data) / f"wiki.{split}.tokens").read_bytes().decode()
    return Tokenizer.from_file(str(tokenizer)).encode(text, add_special_tokens=False).ids, text


def batches(config, ids):
    """Yields the batches of our first epoch. A row is contiguous text: its segments begin where the last ones ended."""
    rows, length = config["batch"], config["sequence"]
    segments = len(ids) // rows // length
    padded = [END_OF_TEXT] + ids
    row_tokens = segments * length
    for segment in range(segments):
        begins = [row * row_tokens + segment * length for row in range(rows)]
        yield (torch.tensor([padded[b : b + length] for b in begins]), torch.tensor([ids[b : b + length] for b in begins]))


def cosine(peak, part):
    """The learning rate after the warm-up. `part` is how much of the rest of training is over, from 0 to 1."""
    return peak * 0.5 * (1 + math.cos(math.pi * min(1.0, part)))


def learning_rate(config, step):
    """A linear warm-up, then a cosine to 0. Steps count from 1."""
    peak, warmup = config["learning_rate"], config["warmup"]
    total = max(config["schedule_steps"], warmup + 1)
    return peak * step / warmup if step <= warmup else cosine(peak, (step - warmup) / (total - warmup))


def make_optimiser(config, model):
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[config["optimizer"]]
    settings = dict(lr=1.0, betas=tuple(config["betas"]), eps=config["epsilon"], weight_decay=config["weight_decay"])
    try:
        return kind(model.parameters(), fused=True, **settings)
    except (RuntimeError, TypeError):
        return kind(model.parameters(), foreach=True, **settings)


def take_step(config, model, optimiser, tokens, targets, rate):
    """Trains one step and returns the loss."""
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad(set_to_none=True)
    loss = model.loss(tokens, targets)
    loss.backward()
    if config["clip"] > 0:
        torch.nn.utils.clip_grad_norm_(model.parameters(), config["clip"])
    optimiser.step()
    return loss.item()


def run_pytorch(config, weights, ids, steps, threads):
    """Returns the losses of all steps, and the median rate in tokens a second without the first step."""
    torch.set_num_threads(threads)
    model = pytorch_twin.LanguageModel(config, config["sequence"])
    model.load_state_dict(weights)
    optimiser = make_optimiser(config, model)
    losses, seconds = [], []
    for step, (tokens, targets) in zip(range(1, steps + 1), batches(config, ids)):
        start = time.perf_counter()
        losses.append(take_step(config, model, optimiser, tokens, targets, learning_rate(config, step)))
        seconds.append(time.perf_counter() - start)
    if len(losses) < steps:
        sys.exit(f"an epoch has {len(losses)} steps, {steps} asked for")
    return losses, config["batch"] * config["sequence"] / statistics.median(seconds[1:])


def pytorch_generation(config, weights, length=64, steps=65):
    """Tokens a second of greedy steps with a state, for one sequence, with the better of 1 and 2 threads."""
    best = 0.0
    for threads in (1, 2):
        torch.set_num_threads(threads)
        model = pytorch_twin.LanguageModel(config, length + steps)
        model.load_state_dict(weights)
        model.eval()
        with torch.inference_mode():
            states = [block.self_attn.new_state(length + steps, config["dim"]) for block in model.blocks]
            token, seconds = torch.tensor([[5]]), []
            for count in range(length + steps):
                start = time.perf_counter()
                token = model.step(token, states, count)
                seconds.append(time.perf_counter() - start)
        best = max(best, 1 / statistics.median(seconds[length:]))
    return best


def our_generation(arguments, folder):
    """Tokens a second at 64 tokens, from the report of `compare`."""
    command = [arguments.program, "compare", "--task", "language-modeling", "--data", arguments.data, "--output", str(folder),
               "--preset", arguments.preset, "--steps", "1", "--json"]
    for setting in ("validate_every=1000000", *arguments.set):
        command += ["--set", setting]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout)
    return {name: next(row["tokens_per_second"] for row in model["generation"] if row["length"] == 64)
            for name, model in report.items()}


TWIN = {"pre_norm": True, "tie": True, "positions": "sinusoidal", "schedule": "cosine", "accumulate": 1, "batch_tokens": 0,
        "attention_dropout": 0, "activation_dropout": 0, "label_smoothing": 0}


def require_twin(config, expected=TWIN):
    """Ends the script if the twin cannot have this configuration."""
    for key, value in expected.items():
        if config[key] != value:
            sys.exit(f"the PyTorch twin has {key} = {value}, got {config[key]}")


def compare_training(arguments, architecture, scratch):
    """Runs ours, PyTorch with one and with two threads, and ours again. Rates are medians over steps."""
    run = scratch / architecture
    config, lines = run_ours(arguments, architecture, run, arguments.steps)
    require_twin(config)
    weights = pytorch_twin.read_safetensors(run / "checkpoints" / "step-0" / "model.safetensors")
    ids, _ = read_ids(run / "tokenizer.json", arguments.data, "train")
    runs = {threads: run_pytorch(config, weights, ids, arguments.steps, threads) for threads in (1, 2)}
    _, again = run_ours(arguments, architecture, scratch / (architecture + "-again"), arguments.steps)
    rates = [line["tokens_per_second"] for line in lines + again if line["tokens_per_second"]]
    ours, theirs = statistics.median(rates), max(rate for _, rate in runs.values())
    losses = runs[1][0]
    worst = float(np.max([abs(line["loss"] - other) / abs(other) for line, other in zip(lines, losses)]))
    print(f"\n{architecture}, preset {arguments.preset}: training")
    print(f"  ours     {ours:10,.0f} tokens/s")
    print(f"  PyTorch  {theirs:10,.0f} tokens/s  (1 thread {runs[1][1]:,.0f}, 2 threads {runs[2][1]:,.0f})")
    print(f"  ratio    {ours / theirs:10.2f}")
    print(f"  losses differ by at most {100 * worst:.4f} % over {len(losses)} steps")
    print("  step     ours  PyTorch")
    for line, other in list(zip(lines, losses))[:: max(1, len(losses) // 10)]:
        print(f"  {line['step']:4d}  {line['loss']:7.4f}  {other:7.4f}")
    return config, weights, worst


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--preset", default="small")
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--set", action="append", default=[], help="a configuration key for both, as of our program")
    parser.add_argument("--generation", action="store_true", help="compare generation too")
    arguments = parser.parse_args()
    print(f"PyTorch {torch.__version__}")
    worst = 0.0
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        trained = {kind: compare_training(arguments, kind, scratch) for kind in ("transformer", "memsizer")}
        worst = float(np.max([result[2] for result in trained.values()]))
        if arguments.generation:
            ours = our_generation(arguments, scratch / "comparison")
            print(f"\ngeneration, one sequence after 64 tokens, preset {arguments.preset}")
            for kind, (config, weights, _) in trained.items():
                theirs = pytorch_generation(config, weights)
                print(f"  {kind}: ours {ours[kind]:,.0f} tokens/s, PyTorch {theirs:,.0f}, ratio {ours[kind] / theirs:.2f}")
    if not worst <= 1e-3:  # NaN does not agree
        sys.exit("the losses differ by more than 0.1 %")


if __name__ == "__main__":
    main()
