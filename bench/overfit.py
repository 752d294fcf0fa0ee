#!/usr/bin/env python3
"""Trains models of summarization or question answering to know a few records by heart, and prints the ROUGE of what they
write for these records, with the task's decoding and with greedy decoding: tables of docs/results.md. A model that
cannot do that would learn nothing from more data either.

usage: bench/overfit.py --program build/release/memsizer --data FILE.jsonl --output FOLDER
                        [--task summarization] [--records 100] [--minutes 30] [--preset small] [--threads N]
                        [--models transformer,memsizer,memsizer:slots=32,memsizer:cross_slots=4]

--data is a file with lines of the task, such as {"document": "..", "summary": ".."}; its first records are used. A model
is an architecture and, after colons, settings. Each is trained for the minutes without dropout and without label
smoothing. What was stopped goes on; finished models are not trained again.
"""
import argparse
import itertools
import json
import os
import pathlib
import subprocess

import our_runs

KEYS = ("rouge1", "rouge2", "rougeL")
# Options of `evaluate` by task. The default limit of answers is below the longest of them.
OPTIONS = {"summarization": (), "question-answering": ("--max-tokens", "1024")}
# The options that make a task's decoding greedy. Answers are decoded greedily anyway.
GREEDY = {"summarization": ("--beam", "1"), "question-answering": ()}


def write_data(arguments):
    """The same records as every split: what is learned is what is asked."""
    folder = arguments.output / "data"
    folder.mkdir(parents=True, exist_ok=True)
    with open(arguments.data, encoding="utf-8") as file:
        records = "".join(itertools.islice(file, arguments.records))
    for split in ("train", "validation", "test"):
        (folder / f"{split}.jsonl").write_text(records, encoding="utf-8")
    return folder


def rouge_of(arguments, run, data, *options):
    """The ROUGE of what a run writes for the records."""
    texts = [("--hypotheses", run.with_suffix(".written")), ("--references", run.with_suffix(".right"))]
    files = [word for option in texts for word in option]
    our_runs.scores_of(arguments.program, run, data, *OPTIONS[arguments.task], *files, *options)
    scored = subprocess.run([arguments.program, "score", "rouge", "--json", *files], check=True, stdout=subprocess.PIPE)
    return json.loads(scored.stdout)


def measure(arguments, data, model):
    architecture, *settings = model.split(":")
    run = arguments.output / model.replace(":", "-").replace("=", "-")
    changed = ["dropout=0", "label_smoothing=0", f"validate_examples={arguments.records}", *settings]
    threads = ["--threads", str(arguments.threads)]

    def train_and_score():
        subprocess.run([arguments.program, "train", "--task", arguments.task, "--data", data, "--output", run,
                        "--architecture", architecture, "--preset", arguments.preset, "--resume=auto", *threads,
                        "--minutes", str(arguments.minutes), *our_runs.set_options(changed)], check=True)  # fmt: skip
        state = our_runs.state_of(run, our_runs.read_latest(run))
        rouge = rouge_of(arguments, run, data, *threads)
        to_greedy = GREEDY[arguments.task]
        greedy = rouge_of(arguments, run, data, *threads, *to_greedy) if to_greedy else rouge
        return {**rouge, "greedy": greedy, "steps": state["step"], "minutes": state["seconds"] / 60}

    return our_runs.kept(run.with_suffix(".json"), train_and_score)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=os.path.abspath)
    parser.add_argument("--task", default="summarization", choices=OPTIONS)
    parser.add_argument("--data", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--records", type=int, default=100)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--preset", default="small")
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--models", default="transformer,memsizer,memsizer:slots=32,memsizer:cross_slots=4")
    arguments = parser.parse_args()
    data = write_data(arguments)
    print("| model | minutes | steps | ROUGE-1 | ROUGE-2 | ROUGE-L | ROUGE-2, greedy |\n|---|---:|---:|---:|---:|---:|---:|", flush=True)
    for model in arguments.models.split(","):
        result = measure(arguments, data, model)
        figures = " | ".join(f"{figure:.1f}" for figure in (*(result[key] for key in KEYS), result["greedy"]["rouge2"]))
        print(f"| {model.replace(':', ', ')} | {result['minutes']:.1f} | {result['steps']:,} | {figures} |", flush=True)


if __name__ == "__main__":
    main()
