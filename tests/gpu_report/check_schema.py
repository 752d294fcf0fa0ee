#!/usr/bin/env python3
"""What bench/gpu_report/schema.py refuses in results.json.

usage: check_schema.py
"""
import copy
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench" / "gpu_report"))

import schema  # noqa: E402

DONE = {"status": "done", "seconds": 1.5, "exit": 0, "last_lines": []}
REPORT = {"format": schema.FORMAT, "date": "2026-11-30", "device": "cuda", "dry_run": False, "minutes": 9, "commit": None, "parts": [
    {"part": "speed", **DONE, "rows": [{"name": "small", "ok": True, "unit": "tokens/s", "ours": 5, "seconds": 2}]},
    {"part": "compiled", "status": "skipped", "reason": "3 seconds were left", "rows": []}]}
# What is put where, and what is said of it.
FAULTS = (
    (("format",), 99, "format: 99 is none of (3,)"), (("format",), True, "another type"), (("minutes",), True, "another type"),
    (("minutes",), float("nan"), "another type"), (("device",), "tpu", "'tpu' is none of"), (("parts",), [], "has no part"),
    (("parts",), {}, "another type"), (("parts", 0), "speed", "a part is an object"), (("parts", 0), None, "a part is an object"),
    (("parts", 0, "part"), [], "no such part"), (("parts", 1, "part"), "speed", "stands there twice"),
    (("parts", 0, "status"), "banana", "'banana' is none of"), (("parts", 0, "seconds"), float("inf"), "another type"),
    (("parts", 0, "last_lines"), [1], "are no texts"), (("parts", 0, "rows"), 7, "another type"),
    (("parts", 0, "rows", 0), 7, "no object"), (("parts", 0, "rows", 0), [], "no object"),
    (("parts", 0, "rows", 0, "ours"), float("nan"), "another type"), (("parts", 0, "rows", 0, "ours"), True, "another type"),
    (("parts", 0, "rows", 0, "ours"), None, "right without any of ours"), (("parts", 0, "rows", 0, "bananas"), 1, "not in the form"),
    (("parts", 0, "rows", 0), {"name": "small", "ok": True}, "right without any of ours"),
    (("parts", 0, "rows", 0), {"name": "small", "ok": False, "seconds": 2}, "has no figure"),
    (("parts", 0, "rows", 0), {"name": "small", "ok": None, "ours": None}, "has no figure"),
    (("parts", 0), {"part": "operations", **DONE, "rows": [
        {"name": "softmax", "ok": False, "cases": 1, "second_run": {"exit": True}}]}, "second_run: exit: True"),
)


def main() -> None:
    assert not schema.problems(REPORT), schema.problems(REPORT)
    for place, value, said in FAULTS:
        report = copy.deepcopy(REPORT)
        inside = report
        for key in place[:-1]:
            inside = inside[key]
        inside[place[-1]] = value
        found = schema.problems(report)
        assert any(said in problem for problem in found), (place, value, found)
        assert schema.problems(json.loads(json.dumps(report))) == found, (place, value)
    for report in (None, [], "report", 7):
        assert "no object" in schema.problems(report)[0], report


if __name__ == "__main__":
    main()
