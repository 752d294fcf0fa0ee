#!/usr/bin/env python3
"""Runs scripts/gpu_report on the emulated device, whole and cut off, and checks what it writes.

usage: check_dry_run.py SCRIPT PROGRAM
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

PARTS = ["machine", "operations", "training", "speed", "sanitizer", "generation"]
MISSING = "has no kernel for this yet"  # what the program says of a device that lacks one


def report(folder: pathlib.Path, *options: str) -> dict:
    """Runs the script and returns its results, of which the form is checked."""
    script, program = sys.argv[1:]
    subprocess.run([sys.executable, script, "--dry-run", "--program", program, "--output", str(folder), *options], check=True)
    results = json.loads((folder / "results.json").read_text())
    assert [part["part"] for part in results["parts"]] == PARTS, results
    text = (folder / "report.md").read_text()
    for part in results["parts"]:
        assert part["status"] in ("done", "failed", "cut off", "skipped"), part
        assert f"## {part['part'].capitalize()}" in text, text
        for row in part["rows"]:
            assert row["ok"] in (True, False, None) and f"| {row['name']} |" in text, row
    return results


def check_whole(folder: pathlib.Path) -> None:
    parts = report(folder, "--minutes", "2")["parts"]
    assert all(part["status"] == "done" for part in parts), parts
    wrong = [row for part in parts for row in part["rows"]
             if row["ok"] is False and MISSING not in row.get("last_lines", "")]
    assert not wrong, json.dumps(wrong, indent=1)


def check_cut_off(folder: pathlib.Path) -> None:
    start = time.monotonic()
    parts = report(folder, "--minutes", "0.05")["parts"]
    assert parts[-1]["status"] == "skipped", parts
    assert time.monotonic() - start < 20, "three seconds were allowed"


def check_failure(folder: pathlib.Path) -> None:
    """A program that ends with an error is a result, and no part fails of it."""
    bad = folder / "program"
    folder.mkdir()
    bad.write_text("#!/bin/sh\necho broken >&2\nexit 7\n")
    bad.chmod(0o755)
    sys.argv[2] = str(bad)
    parts = {part["part"]: part for part in report(folder, "--minutes", "1")["parts"]}
    for name in ("operations", "training", "speed", "generation"):
        rows = parts[name]["rows"]
        assert parts[name]["status"] == "done" and rows, parts[name]
        assert all(row["ok"] is False and row["exit"] == 7 and row["last_lines"] == "broken" for row in rows), rows


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        check_whole(scratch / "whole")
        check_cut_off(scratch / "cut_off")
        check_failure(scratch / "failure")


if __name__ == "__main__":
    main()
