#!/usr/bin/env python3
"""Compares `memsizer score` with sacreBLEU on any files: every tokenizer, both cases, chrF, and the paired bootstrap if
there are several files of hypotheses. Exits 1 at a difference.

    pip install sacrebleu==2.6.0 regex==2026.11.19 numpy==2.4.6
    python3 tests/metrics/oracle/check_score.py build/release/memsizer --hypotheses FILE... --references FILE...
"""

import argparse
import json
import pathlib
import subprocess
import sys

from sacre import TOKENIZERS, bleu_figures, bootstrap_figures, chrf_figures


def lines_of(path):
    return pathlib.Path(path).read_bytes().decode().removesuffix("\n").split("\n")


def require_near(ours, theirs, tolerance, what):
    if (ours is None) != (theirs is None) or (ours is not None and abs(ours - theirs) > tolerance):
        sys.exit(f"{what}: ours {ours}, sacreBLEU's {theirs}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--hypotheses", nargs="+", required=True)
    parser.add_argument("--references", nargs="+", required=True)
    arguments = parser.parse_args()
    references = [lines_of(path) for path in arguments.references]
    systems = [lines_of(path) for path in arguments.hypotheses]

    def score(metric, hypotheses, *more):
        command = [arguments.program, "score", metric, "--json", "--hypotheses", *hypotheses, "--references", *arguments.references, *more]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)

    def check(metric, path, theirs, *more):
        ours = score(metric, [path], *more)
        require_near(ours[metric], theirs[metric], 1e-9, f"{path} {theirs['signature']}")
        if ours[f"{metric}_signature"] != theirs["signature"]:
            sys.exit(f"{path}: {ours} {theirs}")

    for path, hypotheses in zip(arguments.hypotheses, systems):
        for case in (False, True):
            flags = ["--lowercase"] if case else []
            for name in TOKENIZERS:
                theirs = bleu_figures(hypotheses, references, name, case)
                check("bleu", path, theirs, "--tokenize", name, *flags)
            check("chrf", path, chrf_figures(hypotheses, references, case), *flags)
        print(f"{path}: equal", flush=True)

    worst = 0
    if len(systems) > 1:
        for metric, theirs in bootstrap_figures(systems, references).items():
            ours = score(metric, arguments.hypotheses, "--paired-bs")["systems"]
            for path, row, other in zip(arguments.hypotheses, ours, theirs["systems"]):
                figures, mean, half = row["paired_bs"][metric], other["mean"], other["half_width"]
                for mine, bound in zip(figures["interval"], (mean - half, mean + half)):
                    require_near(mine, bound, 1e-4, f"{path} {metric} interval")
                require_near(figures["p_value"], other["p_value"], 0.0011, f"{path} {metric} p_value")
                worst = max(worst, abs((figures["p_value"] or 0) - (other["p_value"] or 0)))
        print(f"paired bootstrap: equal; largest difference of a p-value {worst:.4f}")


if __name__ == "__main__":
    main()
