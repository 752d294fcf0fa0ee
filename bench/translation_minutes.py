#!/usr/bin/env python3
"""Trains translation models in our program and in PyTorch, each for the same time on the same pairs. Prints
their BLEU on the test split, and draws BLEU against minutes: a table and a picture of docs/results.md.

usage: bench/translation_minutes.py --program build/release/memsizer --data FOLDER --output FOLDER
                                    [--preset small] [--minutes 30] [--kinds transformer,memsizer]

The folder of --data holds Multi30k as plain lines: train.en, train.de, val.en and so on. The kinds are a
Transformer, a MemSizer, and the hybrid of a Transformer's encoder and MemSizer's decoder. Of each kind our
model is trained first, and its twin right after, with the machine to itself: 6 * minutes in all. What was
stopped goes on: our program from its last checkpoint, the twin from its own; finished models are not trained
again. The script needs Linux and the PyPI packages torch (CPU), tokenizers, numpy, sacrebleu and matplotlib.

The twin begins with our weights of step 0. It has our tokenizer, size of batches, dropout, label smoothing,
optimiser and learning rates (a cosine goes by time), and the better of 1 and 2 threads. All its minutes are
training; ours include our validations and checkpoints. Both save about ten checkpoints, which are translated
outside of the minutes, with beam 4 and length penalty 0.6. Both are scored at the checkpoint with the lowest
validation loss. The script exits 1 if a model of ours is more than 0.5 BLEU below its twin.
"""
import argparse
import copy
import json
import math
import os
import pathlib
import resource
import signal
import subprocess
import sys
import time

import matplotlib
import torch
from sacrebleu.metrics import BLEU
from tokenizers import Tokenizer

import compare_pytorch
import our_runs
import translation_data
import translation_search
import translation_twin

matplotlib.use("svg")
matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "memsizer"})  # small, the same each time
from matplotlib import pyplot  # noqa: E402  (after the choice of what draws)

CHECKPOINTS = 10
ALLOWED = 0.5  # BLEU


def running_seconds(pid):
    """The processor seconds of a running process."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children_seconds():
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def train_ours(arguments, kind, run):
    """Trains, or continues a run that was stopped, and returns the processor seconds. Those at each
    checkpoint lie beside the run, so that they are known after a stop."""
    kept = run.with_suffix(".processor.json")
    at = json.loads(kept.read_text()) if kept.exists() else {}
    before, children = at.get(our_runs.read_latest(run), max(at.values(), default=0.0)), children_seconds()
    process = subprocess.Popen([arguments.program, "train", "--task", "translation", "--data", arguments.data,
                                "--output", str(run), "--architecture", kind, "--preset", arguments.preset,
                                "--minutes", str(arguments.minutes), "--resume=auto",
                                *our_runs.set_options(["keep=1000", *arguments.set])])
    try:
        while process.poll() is None:
            if (latest := our_runs.read_latest(run)) and latest not in at:
                at[latest] = before + running_seconds(process.pid)
                our_runs.write_json(kept, at)
            time.sleep(1)
    except SystemExit:  # by SIGTERM, which the program did not get; Ctrl-C reaches both
        process.terminate()
        raise
    finally:
        process.wait()
        at[our_runs.read_latest(run)] = before + children_seconds() - children
        our_runs.write_json(kept, at)
    if process.returncode != 0:
        sys.exit(f"training ended with {process.returncode}")
    return {"processor_seconds": at[our_runs.read_latest(run)]}


def score_ours(arguments, run, folder, trained, only_best=False):
    """Translates with each of our checkpoints but step 0, or with the best alone. Returns their BLEU, and what
    the run cost."""
    folder.mkdir(exist_ok=True)
    states = [json.loads(path.read_text()) for path in run.glob("checkpoints/step-*/state.json")]
    states = sorted((state for state in states if state["step"] > 0), key=lambda state: state["step"])
    curve, best = [], (run / "best").read_text().strip()
    for state in states:
        name = f"step-{state['step']}"
        if only_best and name != best:
            continue
        path = folder / f"{name}.txt"
        if not path.exists():
            command = [arguments.program, "evaluate", str(run), "--data", arguments.data, "--split", "test",
                       "--checkpoint", name, "--beam", "4", "--length-penalty", "0.6",
                       "--hypotheses", str(path)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        curve.append({"checkpoint": name, "minutes": state["seconds"] / 60} | bleu(arguments, run, path))
    return {"curve": curve, "best": next(point for point in curve if point["checkpoint"] == best),
            "tokens": states[-1]["tokens"], "seconds": states[-1]["seconds"], **trained}


def bleu(arguments, run, path):
    """BLEU of the translations in a file, with the case and without it, both of text as 13a tokenises it."""
    config = json.loads((run / "config.json").read_text())
    references = [translation_data.read_lines(arguments.data, "test", config["target"])]
    scores = {}
    for name, lowercase in (("bleu", False), ("lowercase", True)):
        metric = BLEU(lowercase=lowercase, tokenize="13a")
        scores[name] = metric.corpus_score(translation_data.lines_of(path), references).score
        scores[f"{name}_signature"] = str(metric.get_signature())
    return scores


def learning_rate(config, step, part_done):
    """As of our Schedule; `part_done` is the part of the time after the warm-up that has passed."""
    peak, warmup, first = config["learning_rate"], config["warmup"], config["warmup_init_learning_rate"]
    if step <= warmup:
        return first + (peak - first) * step / warmup
    return peak * math.sqrt(max(warmup, 1) / step) if config["schedule"] == "inverse_sqrt" else \
        compare_pytorch.cosine(peak, part_done)


class Twin:
    """The training of a twin. Everything that it must keep for later is in `state`."""

    def __init__(self, arguments, run, folder):
        self.config, self.model = translation_twin.load(run, "step-0")
        if self.config["schedule"] not in ("inverse_sqrt", "cosine"):
            sys.exit(f"the twin has the schedules inverse_sqrt and cosine, got {self.config['schedule']}")
        self.tokenizer = Tokenizer.from_file(str(run / "tokenizer.json"))
        self.data, self.folder, self.total = arguments.data, folder, 60 * arguments.minutes
        self.pairs = translation_data.Pairs(self.tokenizer, self.config, self.data, "train")
        self.batches = translation_data.Batches(self.pairs, self.config)
        self.state = {"step": 0, "epoch": 0, "place": 0, "tokens": 0, "seconds": 0.0, "warm": 0.0,
                      "processor_seconds": 0.0, "curve": []}
        self.optimiser = compare_pytorch.make_optimiser(self.config, self.model)
        torch.manual_seed(self.config["seed"])
        if (folder / "state.pt").exists():
            self.restore()
        else:
            self.state["threads"] = self.better_threads()
        torch.set_num_threads(self.state["threads"])
        self.order = self.batches.epoch(self.state["epoch"])

    def restore(self):
        saved = torch.load(self.folder / "state.pt", weights_only=True)
        self.state = saved["state"]
        self.model.load_state_dict(saved["model"])
        self.optimiser.load_state_dict(saved["optimiser"])
        torch.set_rng_state(saved["random"])

    def save(self):
        """Saves a checkpoint, and what is needed to continue from it."""
        state, weights = self.state, self.model.state_dict()
        name, loss = f"checkpoint-{len(state['curve']) + 1}.pt", self.validation_loss()
        torch.save(weights, self.folder / name)
        state["curve"].append({"checkpoint": name, "seconds": state["seconds"], "loss": loss})
        torch.save({"state": state, "model": weights, "optimiser": self.optimiser.state_dict(),
                    "random": torch.get_rng_state()}, self.folder / "state.part")
        os.replace(self.folder / "state.part", self.folder / "state.pt")
        print(f"twin, minute {state['seconds'] / 60:.1f}, step {state['step']}: validation loss {loss:.3f}",
              file=sys.stderr, flush=True)

    def better_threads(self):
        """The faster of 1 and 2 threads, by steps of a copy."""
        seconds, order = {}, self.batches.epoch(0)[:6]
        for threads in (1, 2):
            torch.set_num_threads(threads)
            model = copy.deepcopy(self.model)
            optimiser = compare_pytorch.make_optimiser(self.config, model)
            for place, numbers in enumerate(order):
                if place == 1:  # the first step is slower
                    start = time.perf_counter()
                compare_pytorch.take_step(self.config, model, optimiser, *self.pairs.batch(numbers), 1e-7)
            seconds[threads] = time.perf_counter() - start
        return min(seconds, key=seconds.get)

    def take_step(self):
        state = self.state
        if state["place"] == len(self.order):
            state["epoch"], state["place"] = state["epoch"] + 1, 0
            self.order = self.batches.epoch(state["epoch"])
        source, target = self.pairs.batch(self.order[state["place"]])
        state["place"] += 1
        state["step"] += 1
        state["tokens"] += target[2].shape[0]
        part_done = (state["seconds"] - state["warm"]) / (self.total - state["warm"])
        rate = learning_rate(self.config, state["step"], part_done)
        compare_pytorch.take_step(self.config, self.model, self.optimiser, source, target, rate)

    def train_until(self, due):
        self.model.train()
        state = self.state
        start = time.perf_counter() - state["seconds"]
        processor = time.process_time() - state["processor_seconds"]
        while state["seconds"] < due:
            self.take_step()
            state["seconds"] = time.perf_counter() - start
            if state["step"] <= self.config["warmup"]:
                state["warm"] = state["seconds"]
        state["processor_seconds"] = time.process_time() - processor

    def train(self):
        """Trains until the time is up, with a checkpoint in each tenth of it, outside of the time."""
        while (done := len(self.state["curve"])) < CHECKPOINTS:
            self.train_until(self.total * (done + 1) / CHECKPOINTS)
            self.save()

    @torch.inference_mode()
    def validation_loss(self):
        self.model.eval()
        pairs = translation_data.Pairs(self.tokenizer, self.config, self.data, "validation")
        total = tokens = 0
        for numbers in translation_data.Batches(pairs, self.config).epoch(0):
            source, target = pairs.batch(numbers)
            total += self.model.loss(source, target).item() * target[2].shape[0]
            tokens += target[2].shape[0]
        return total / tokens


def train_and_score_twin(arguments, run, folder):
    folder.mkdir(exist_ok=True)
    twin = Twin(arguments, run, folder)
    twin.train()
    lines = translation_data.read_lines(arguments.data, "test", twin.config["source"])
    curve = []
    for point in twin.state["curve"]:
        path = folder / point["checkpoint"].replace(".pt", ".txt")
        if not path.exists():
            twin.model.load_state_dict(torch.load(folder / point["checkpoint"], weights_only=True))
            limit = twin.config["max_source"]
            texts, _ = translation_search.translate(twin.model, twin.tokenizer, lines, limit)
            path.with_suffix(".part").write_text("\n".join(texts) + "\n")
            os.replace(path.with_suffix(".part"), path)
        curve.append({"minutes": point["seconds"] / 60, "loss": point["loss"]} | bleu(arguments, run, path))
    return {"curve": curve, "best": min(curve, key=lambda point: point["loss"]),
            **{key: twin.state[key] for key in ("tokens", "seconds", "processor_seconds", "threads")}}


def results_of(arguments, kind):
    """The results of both sides. Ours is trained first and the twin right after; then both translate."""
    run, kept = arguments.output / kind, our_runs.kept
    ours, twin = arguments.output / f"{kind}-ours", arguments.output / f"{kind}-pytorch"
    trained = kept(run.with_suffix(".trained.json"), lambda: train_ours(arguments, kind, run))
    theirs = kept(twin.with_suffix(".json"), lambda: train_and_score_twin(arguments, run, twin))
    mine = kept(ours.with_suffix(".json"), lambda: score_ours(arguments, run, ours, trained))
    return {"memsizer's program": mine, f"PyTorch {torch.__version__}": theirs}


def draw(results, path):
    """BLEU against minutes: a color for each kind, our lines whole, those of the twins dashed."""
    figure, axes = pyplot.subplots(figsize=(7, 4.5))
    for number, (kind, sides) in enumerate(results.items()):
        for (name, result), dashes in zip(sides.items(), ("-", "--")):
            minutes, scores = zip(*((point["minutes"], point["bleu"]) for point in result["curve"]))
            axes.plot(minutes, scores, dashes, color=f"C{number}", label=f"{kind}, {name}")
    axes.set(xlabel="minutes of training", ylabel="BLEU")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower right")
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def print_table(results):
    print("| model | trained by | target tokens seen | minutes | processor seconds | BLEU | lower-cased |")
    print("|---|---|---:|---:|---:|---:|---:|")
    for kind, sides in results.items():
        for name, result in sides.items():
            best = result["best"]
            print(f"| {kind} | {name} | {result['tokens']:,} | {result['seconds'] / 60:.1f} | "
                  f"{result['processor_seconds']:,.0f} | {best['bleu']:.2f} | {best['lowercase']:.2f} |")
    print(f"\n{best['bleu_signature']}; lower-cased: {best['lowercase_signature']}\n", flush=True)


def make_parser(description, minutes):
    """The options of scripts that train translation models for equal minutes."""
    plain_text = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=description, formatter_class=plain_text)
    parser.add_argument("--program", required=True)
    parser.add_argument("--data", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--preset", default="small")
    parser.add_argument("--minutes", type=float, default=minutes)
    parser.add_argument("--set", action="append", default=[], help="a configuration key, as of our program")
    return parser


def begin(parser):
    """The options, when the script can be stopped by SIGTERM and the folder of --output is there."""
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments.output.mkdir(parents=True, exist_ok=True)
    return arguments


def main():
    parser = make_parser(__doc__, minutes=30)
    parser.add_argument("--kinds", default="transformer,memsizer,memsizer-hybrid")
    arguments = begin(parser)
    translation_twin.keep_freed_memory()
    results = {}
    for kind in arguments.kinds.split(","):
        results[kind] = results_of(arguments, kind)
        draw(results, arguments.output / "bleu.svg")
        print_table(results)
    for kind, (ours, theirs) in ((kind, sides.values()) for kind, sides in results.items()):
        if not ours["best"]["bleu"] >= theirs["best"]["bleu"] - ALLOWED:
            sys.exit(f"{kind}: ours is more than {ALLOWED} BLEU below its twin")


if __name__ == "__main__":
    main()
