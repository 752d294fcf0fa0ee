#!/usr/bin/env python3
"""Every figure of the section "What was seen" of docs/gpu.md stands in a file of docs/gpu.

usage: check_figures.py
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?(?:e-?\d+)?(?![\w.]*\d)")
WORDS = re.compile(r"\[[^]]*\]\([^)]*\)|\d{4}-\d{2}-\d{2}|[Hh]\d+|bfloat16|float32|`[^`]*`")  # names and places, no figures


def numbers_of(value) -> set[float]:
    """All numbers of a value that was read from JSON, those in its texts too."""
    if isinstance(value, dict):
        return set().union(*(numbers_of(one) for one in (*value.keys(), *value.values())))
    if isinstance(value, list):
        return set().union(*map(numbers_of, value))
    if isinstance(value, str):
        return set(map(float, NUMBER.findall(WORDS.sub("", value))))
    return {float(value)} if isinstance(value, (int, float)) and not isinstance(value, bool) else set()


def figures_without_source(document: str, known: set[float]) -> list[str]:
    """The figures of a document's last section that are not known."""
    _, _, seen = document.partition("## What was seen\n")
    if not seen:
        sys.exit("docs/gpu.md has no section \"What was seen\"")
    return [figure for figure in NUMBER.findall(WORDS.sub("", seen)) if float(figure) not in known]


def main() -> None:
    assert figures_without_source("## What was seen\n2 and 3.5 on an H200, bfloat16", {2.0}) == ["3.5"]
    known = set().union(*(numbers_of(json.loads(path.read_text())) for path in (ROOT / "docs" / "gpu").glob("*.json")))
    wrong = figures_without_source((ROOT / "docs" / "gpu.md").read_text(), known)
    if wrong:
        sys.exit(f"docs/gpu.md: in no file of docs/gpu: {', '.join(wrong)}")


if __name__ == "__main__":
    main()
