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

PARTS = ["machine", "operations", "training", "speed", "products", "sanitizer", "generation"]


def report(folder: pathlib.Path, program: str, minutes: str) -> dict[str, dict]:
    """Runs the script and returns its parts by name. The form of what it wrote is checked."""
    options = ["--program", program, "--output", str(folder), "--minutes", minutes]
    subprocess.run([sys.executable, sys.argv[1], "--dry-run", *options], check=True)
    parts = json.loads((folder / "results.json").read_text())["parts"]
    assert [part["part"] for part in parts] == PARTS, parts
    text = (folder / "report.md").read_text()
    for part in parts:
        assert part["status"] in ("done", "failed", "cut off", "skipped"), part
        assert f"## {part['part'].capitalize()}" in text, text
        for row in part["rows"]:
            assert row["ok"] in (True, False, None) and f"| {row['name']} |" in text, row
    return {part["part"]: part for part in parts}


def shell_program(folder: pathlib.Path, body: str) -> str:
    """A program that takes the place of ours."""
    path = folder / f"program-{len(list(folder.iterdir()))}"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def check_whole(scratch: pathlib.Path) -> None:
    parts = report(scratch / "whole", sys.argv[2], "4")
    assert all(part["status"] == "done" for part in parts.values()), parts
    wrong = [row for part in parts.values() for row in part["rows"] if row["ok"] is False]
    assert not wrong, json.dumps(wrong, indent=1)


def check_cut_off(scratch: pathlib.Path) -> None:
    """A program that hangs: the part is stopped with the row that it has, and no time is left for the others."""
    hanging = shell_program(scratch, "exec sleep 100")
    start = time.monotonic()
    parts = report(scratch / "cut_off", hanging, "0.05")
    assert time.monotonic() - start < 20, "three seconds were allowed"
    assert parts["machine"]["status"] == "cut off" and parts["machine"]["rows"], parts["machine"]
    assert all(part["status"] == "skipped" for name, part in parts.items() if name != "machine"), parts


def check_failure(scratch: pathlib.Path) -> None:
    """A program that ends with an error is a result, and no part fails of it."""
    parts = report(scratch / "failure", shell_program(scratch, "echo broken >&2; exit 7"), "1")
    for name in ("operations", "training", "speed", "products", "generation"):
        rows = parts[name]["rows"]
        assert parts[name]["status"] == "done" and rows, parts[name]
        assert all(row["ok"] is False and row["exit"] == 7 and row["last_lines"] == "broken" for row in rows), rows


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        check_whole(scratch)
        check_cut_off(scratch)
        check_failure(scratch)


if __name__ == "__main__":
    main()
