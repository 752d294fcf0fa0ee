#!/usr/bin/env python3
"""Trains the small character model that nanoGPT's README publishes for a CPU, in our program and in PyTorch, in one run.
Prints a table of docs/results.md.

usage: bench/tinyshakespeare.py --program build/release/memsizer --data FOLDER --output FOLDER

The folder of --data holds train.txt, the first nine tenths of tinyshakespeare, and valid.txt, the rest. The recipe: 4 layers,
4 heads, width 128, rows of 64 characters, 12 rows a step, 2,000 steps, a learning rate of 1e-3 that falls to 1e-4 by a cosine
after 100 steps of warm-up, AdamW with betas 0.9 and 0.99 and a decay of 0.1, gradients clipped at 1, no dropout. The models
train one after another with one thread each.

The twin in PyTorch has 65 characters as tokens and draws its rows at random, as nanoGPT does. Our tokens are bytes, and an
epoch passes through the text in order. Losses are in nats a character over the whole of valid.txt, cut into rows of 64. The
script needs the PyPI package torch (CPU).
"""
import argparse
import json
import math
import pathlib
import resource
import subprocess

import torch
import torch.nn.functional as F
from torch import nn

LAYERS, HEADS, DIM, CONTEXT, ROWS, STEPS, WARMUP = 4, 4, 128, 64, 12, 2000, 100
PEAK, LEAST, BETAS, DECAY, CLIP = 1e-3, 1e-4, (0.9, 0.99), 0.1, 1.0
REPORTED = (500, 1000, 1500, 2000)
OURS = ("gpt2", "transformer", "memsizer", "linear")


class Block(nn.Module):
    """A pre-norm block without biases, as in nanoGPT."""

    def __init__(self):
        super().__init__()
        self.attention_norm, self.ffn_norm = nn.LayerNorm(DIM, bias=False), nn.LayerNorm(DIM, bias=False)
        self.qkv, self.out = nn.Linear(DIM, 3 * DIM, bias=False), nn.Linear(DIM, DIM, bias=False)
        self.fc1, self.fc2 = nn.Linear(DIM, 4 * DIM, bias=False), nn.Linear(4 * DIM, DIM, bias=False)

    def forward(self, x):
        q, k, v = (z.unflatten(-1, (HEADS, -1)).transpose(1, 2) for z in self.qkv(self.attention_norm(x)).chunk(3, -1))
        x = x + self.out(F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2))
        return x + self.fc2(F.gelu(self.fc1(self.ffn_norm(x))))


class CharacterModel(nn.Module):
    """A small GPT-2: learned positions, tied output, weights from N(0, 0.02), residual outputs divided by sqrt(2 layers)."""

    def __init__(self, vocab):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(vocab, DIM), nn.Embedding(CONTEXT, DIM)
        self.blocks = nn.ModuleList(Block() for _ in range(LAYERS))
        self.norm = nn.LayerNorm(DIM, bias=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                residual = name.endswith(("out.weight", "fc2.weight"))
                nn.init.normal_(parameter, std=0.02 / math.sqrt(2 * LAYERS) if residual else 0.02)

    def loss(self, tokens, targets):
        x = self.tokens(tokens) + self.positions.weight[: tokens.shape[1]]
        for block in self.blocks:
            x = block(x)
        return F.cross_entropy((self.norm(x) @ self.tokens.weight.T).flatten(0, 1), targets.flatten())


def learning_rate(step):
    if step <= WARMUP:
        return PEAK * step / WARMUP
    return LEAST + (PEAK - LEAST) * 0.5 * (1 + math.cos(math.pi * (step - WARMUP) / (STEPS - WARMUP)))


@torch.inference_mode()
def validation_loss(model, ids):
    """The mean loss over rows of CONTEXT characters. The model predicts a character from those before it in its row."""
    rows = (len(ids) - 1) // CONTEXT
    tokens, targets = ids[: rows * CONTEXT].view(rows, CONTEXT), ids[1 : rows * CONTEXT + 1].view(rows, CONTEXT)
    losses = [model.loss(tokens[i : i + 64], targets[i : i + 64]) * len(tokens[i : i + 64]) for i in range(0, rows, 64)]
    return float(sum(losses)) / rows


def train_twin(data):
    """Returns the validation losses, and the processor seconds of training without validations."""
    text, validation = ((data / f"{split}.txt").read_bytes().decode("ascii") for split in ("train", "valid"))
    number = {character: i for i, character in enumerate(sorted(set(text)))}
    ids, valid_ids = (torch.tensor([number[c] for c in part]) for part in (text, validation))
    torch.manual_seed(1)
    model = CharacterModel(len(number))
    matrices, vectors = ([p for p in model.parameters() if (p.dim() == 2) == wanted] for wanted in (True, False))
    optimiser = torch.optim.AdamW([{"params": matrices, "weight_decay": DECAY}, {"params": vectors, "weight_decay": 0.0}],
                                  lr=PEAK, betas=BETAS)
    losses, seconds = {}, 0.0
    for step in range(1, STEPS + 1):
        start = resource.getrusage(resource.RUSAGE_SELF)
        begins = torch.randint(len(ids) - CONTEXT - 1, (ROWS,))
        tokens, targets = (torch.stack([ids[b + shift : b + shift + CONTEXT] for b in begins]) for shift in (0, 1))
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step)
        optimiser.zero_grad(set_to_none=True)
        model.loss(tokens, targets).backward()
        nn.utils.clip_grad_norm_(model.parameters(), CLIP)
        optimiser.step()
        end = resource.getrusage(resource.RUSAGE_SELF)
        seconds += end.ru_utime + end.ru_stime - start.ru_utime - start.ru_stime
        if step in REPORTED:
            losses[step] = validation_loss(model, valid_ids)
    return losses, seconds


def train_ours(arguments, architecture):
    """Returns the validation losses, and the processor seconds of the whole program with its validations."""
    run = arguments.output / architecture
    command = [arguments.program, "train", "--task", "language-modeling", "--data", str(arguments.data), "--output", str(run),
               "--architecture", architecture, "--preset", "tiny", "--threads", "1", "--steps", str(STEPS)]
    recipe = {"layers": LAYERS, "heads": HEADS, "dim": DIM, "ffn": 4 * DIM, "sequence": CONTEXT, "batch": ROWS, "vocab": 259,
              "learning_rate": PEAK, "min_learning_rate": LEAST, "warmup": WARMUP, "betas": f"{BETAS[0]},{BETAS[1]}",
              "weight_decay": DECAY, "clip": CLIP, "optimizer": "adamw", "schedule": "cosine", "dropout": 0,
              "validate_every": 500}
    for key, value in recipe.items():
        command += ["--set", f"{key}={value}"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    losses = {line["step"]: line["validation_loss"] for line in lines if "validation_loss" in line}
    return losses, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def row(name, losses, seconds):
    return f"| {name} | " + " | ".join(f"{losses[step]:.3f}" for step in REPORTED) + f" | {seconds:.0f} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print("| model | " + " | ".join(f"{step:,} steps" for step in REPORTED) + " | processor seconds |")
    print("|---|" + "---:|" * (len(REPORTED) + 1), flush=True)
    print(row("PyTorch, nanoGPT's model", *train_twin(arguments.data)), flush=True)
    for architecture in OURS:
        print(row(f"ours, {architecture}", *train_ours(arguments, architecture)), flush=True)


if __name__ == "__main__":
    main()
