#!/usr/bin/env python3
"""Shows what a run of language modelling brings to question answering: a table of docs/results.md.

usage: bench/fine_tuning.py --program build/release/memsizer --text FOLDER --questions PATH --output FOLDER
                            [--minutes 10] [--preset small] [--sequence 256] [--threads N]
                            [--architectures transformer,memsizer]

--text is a data set of language modelling, such as WikiText-2, and --questions one of question answering, such as
OpenOrca. For each architecture the script trains three runs for the minutes: one on the text, one on the questions
which begins with that one's weights (`--from`), and one on the questions from scratch. All have the tokenizer of the
run on the text and rows of the same length, so that their perplexities are of the same tokens. What was stopped goes
on; finished runs are not trained again.
"""
import argparse
import os
import pathlib
import subprocess

import our_runs

KEYS = ("perplexity", "f1", "rougeL")


def train(arguments, task, data, run, architecture, *options):
    subprocess.run([arguments.program, "train", "--task", task, "--data", data, "--output", run, "--architecture", architecture,
                    "--preset", arguments.preset, "--minutes", str(arguments.minutes), "--threads", str(arguments.threads),
                    "--resume=auto", "--set", f"sequence={arguments.sequence}", *options], check=True)  # fmt: skip


def measure(arguments, architecture, begins, *options):
    """The scores of a run on the questions at its best checkpoint, and its size."""
    run = arguments.output / f"{architecture}-{begins}"

    def train_and_score():
        train(arguments, "question-answering", arguments.questions, run, architecture, *options)
        scores = our_runs.scores_of(arguments.program, run, arguments.questions, "--threads", str(arguments.threads))
        last, best = (our_runs.state_of(run, (run / name).read_text().strip()) for name in ("latest", "best"))
        return {**scores, "steps": last["step"], "minutes": last["seconds"] / 60, "best_step": best["step"]}

    return our_runs.kept(run.with_suffix(".json"), train_and_score)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=os.path.abspath)
    parser.add_argument("--text", required=True)
    parser.add_argument("--questions", required=True)
    parser.add_argument("--output", required=True, type=pathlib.Path)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--preset", default="small")
    parser.add_argument("--sequence", type=int, default=256)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--architectures", default="transformer,memsizer")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    print("| model | begins | minutes | steps | best at step | test perplexity | F1 | ROUGE-L |\n"
          "|---|---|---:|---:|---:|---:|---:|---:|", flush=True)  # fmt: skip
    for architecture in arguments.architectures.split(","):
        text_run = arguments.output / f"{architecture}-text"
        train(arguments, "language-modeling", arguments.text, text_run, architecture)
        from_scratch = ("--tokenizer", text_run / "tokenizer.json")
        for begins, *options in (("from scratch", *from_scratch), ("from the text's run", "--from", text_run)):
            result = measure(arguments, architecture, begins.replace(" ", "-").replace("'", ""), *options)
            figures = " | ".join(f"{result[key]:.2f}" for key in KEYS)
            print(f"| {architecture} | {begins} | {result['minutes']:.1f} | {result['steps']:,} | {result['best_step']:,} | "
                  f"{figures} |", flush=True)


if __name__ == "__main__":
    main()
