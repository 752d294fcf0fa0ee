#!/usr/bin/env python3
"""Compares `memsizer score rouge`, with --stem and without, and `memsizer score squad` with rouge_score and SQuAD's rules on
any files of lines. Exits 1 at a difference.

    pip install rouge-score==0.1.2 nltk==3.10.4
    python3 tests/metrics/oracle/check_summaries.py build/release/memsizer --hypotheses FILE --references FILE...
"""

import argparse
import json
import pathlib
import subprocess
import sys

from summaries import rouge_figures, squad_figures


def lines_of(path, escaped_newlines):
    lines = pathlib.Path(path).read_bytes().decode().removesuffix("\n").split("\n")
    return [line.replace("\\n", "\n") for line in lines] if escaped_newlines else lines


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--hypotheses", required=True)
    parser.add_argument("--references", nargs="+", required=True)
    arguments = parser.parse_args()

    def check(words, theirs):
        command = [arguments.program, "score", *words, "--json", "--hypotheses", arguments.hypotheses]
        command += ["--references", *arguments.references]
        ours = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
        for name, figure in theirs.items():
            if abs(ours[name] - figure) > 1e-11:
                sys.exit(f"{' '.join(words)} {name}: ours {ours[name]}, theirs {figure}")
            print(f"{' '.join(words)} {name}: {ours[name]}, equal")

    hypotheses = lines_of(arguments.hypotheses, True)
    references = [lines_of(path, True) for path in arguments.references]
    check(["rouge"], rouge_figures(hypotheses, references, False))
    check(["rouge", "--stem"], rouge_figures(hypotheses, references, True))
    references = [lines_of(path, False) for path in arguments.references]
    check(["squad"], squad_figures(lines_of(arguments.hypotheses, False), references))


if __name__ == "__main__":
    main()
