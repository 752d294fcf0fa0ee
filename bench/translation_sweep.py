#!/usr/bin/env python3
"""Trains translation models that differ in one setting, each for the same time on the same pairs. Prints their BLEU on
the test split, and draws it against the settings: a table and a picture of docs/results.md.

usage: bench/translation_sweep.py --program build/release/memsizer --data FOLDER --output FOLDER
                                  [--architecture memsizer] [--preset small] [--minutes 8]
                                  [--sweep slots=2,4,8,16,32 --sweep cross_slots=8,32,64 --sweep dim=64,128,256]

The folder of --data holds Multi30k as plain lines: train.en, train.de, val.en and so on. One model has the preset as it
is; each other one changes one setting of it. Each is trained with the machine to itself, and then translates with its
best checkpoint, with beam 4 and length penalty 0.6. What was stopped goes on; finished models are not trained again.
The script needs Linux and the PyPI packages of bench/translation_minutes.py.
"""
import argparse
import json

from matplotlib import pyplot

import our_runs
import translation_minutes

SWEEPS = ["slots=2,4,8,16,32", "cross_slots=8,32,64", "dim=64,128,256"]


def validation_loss(run, checkpoint):
    """As the log tells it: a last validation that was not due by the schedule comes after its checkpoint."""
    lines = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    return {f"step-{line['step']}": line["validation_loss"] for line in lines if "validation_loss" in line}[checkpoint]


def measure(arguments, key, value):
    """Trains a model with one setting and scores its best checkpoint."""
    name = f"{key}-{value}" if key else "preset"
    run = arguments.output / name
    changed = argparse.Namespace(**vars(arguments))
    changed.set = [*arguments.set, f"{key}={value}"] if key else arguments.set

    def train_and_score():
        trained = translation_minutes.train_ours(changed, arguments.architecture, run)
        folder = arguments.output / f"{name}-translations"
        result = translation_minutes.score_ours(changed, run, folder, trained, only_best=True)
        result["best"]["loss"] = validation_loss(run, result["best"]["checkpoint"])
        return {**result, "config": json.loads((run / "config.json").read_text())}

    return our_runs.kept(run.with_suffix(".json"), train_and_score)


def results_of(arguments):
    """By setting: the values and their results, in rising order. The preset's own value shares one model."""
    preset = measure(arguments, None, None)
    results = {}
    for sweep in arguments.sweep or SWEEPS:
        key, values = sweep.split("=")
        own = preset["config"][key]
        by_value = {value: preset if value == own else measure(arguments, key, value)
                    for value in sorted({own, *map(int, values.split(","))})}
        results[key] = by_value
        draw(results, arguments.output / "sweep.svg")
        print_table({key: by_value})
    return results


def draw(results, path):
    """A panel for each setting: BLEU against its values, which double from mark to mark."""
    figure, panels = pyplot.subplots(1, len(results), figsize=(3.2 * len(results), 3.2), sharey=True, squeeze=False)
    for axes, (key, by_value) in zip(panels[0], results.items()):
        values = list(by_value)
        axes.plot(values, [result["best"]["bleu"] for result in by_value.values()], "o-")
        axes.set_xscale("log", base=2)
        axes.set_xticks(values, [str(value) for value in values])
        axes.set(xlabel=key)
        axes.grid(alpha=0.3)
    panels[0][0].set(ylabel="BLEU")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)


def print_table(results):
    print("| setting | target tokens seen | minutes | processor seconds | validation loss | BLEU |")
    print("|---|---:|---:|---:|---:|---:|")
    for key, by_value in results.items():
        for value, result in by_value.items():
            best = result["best"]
            print(f"| {key} = {value} | {result['tokens']:,} | {result['seconds'] / 60:.1f} | "
                  f"{result['processor_seconds']:,.0f} | {best['loss']:.3f} | {best['bleu']:.2f} |")
    print(flush=True)


def main():
    parser = translation_minutes.make_parser(__doc__, minutes=8)
    parser.add_argument("--architecture", default="memsizer")
    parser.add_argument("--sweep", action="append", help="a key and its values; may be repeated")
    results_of(translation_minutes.begin(parser))


if __name__ == "__main__":
    main()
