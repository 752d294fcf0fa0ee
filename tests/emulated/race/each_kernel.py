#!/usr/bin/env python3
"""Adds up what the suites of test_race have launched: each kernel has met twenty schedules in one of them.

usage: each_kernel.py TABLE TEST_RACE FOLDER

The kernels are those of TABLE, kernels/resources.json, and those that are compiled into TEST_RACE, so that a new one counts
before nvcc has seen it. FOLDER has a file for each suite, with a line for each kernel: the number of its schedules, and its symbol.
"""
import json
import pathlib
import re
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "cuda"))
from resources import demangled

SCHEDULES = 20


def output_of(*command: str) -> list[str]:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines()


def suites(program: str) -> set[str]:
    return {line.split("/")[0] for line in output_of(program, "--list_for_ctest")}


def compiled_kernels(program: str) -> set[str]:
    symbols = [line.split()[-1] for line in output_of("nm", "--defined-only", program)]
    functions = demangled([symbol for symbol in symbols if symbol.startswith("_ZN8memsizer8emulated")])
    return {name for name in functions if re.match(r"\w+_kernel(<|$)", name)}


def schedules_met(files: list[pathlib.Path]) -> dict[str, int]:
    """For each kernel, with how many schedules it has run in the suite that has run it with most."""
    rows = [line.split() for file in files for line in file.read_text().splitlines()]
    met = {}
    for name, (count, _) in zip(demangled([symbol for _, symbol in rows]), rows):
        met[name] = max(met.get(name, 0), int(count))
    return met


def main() -> None:
    table, program, folder = sys.argv[1:]
    files = [pathlib.Path(folder, suite) for suite in sorted(suites(program))]
    if missing := [file.name for file in files if not file.exists()]:
        sys.exit(f"these suites of test_race have not run: {', '.join(missing)}")
    kernels = {*json.loads(pathlib.Path(table).read_text())["kernels"], *compiled_kernels(program)}
    met = schedules_met(files)
    wrong = [f"{name}: {met.get(name, 0)} schedules, {SCHEDULES} expected" for name in sorted(kernels)
             if met.get(name, 0) < SCHEDULES]
    if wrong or not kernels:
        sys.exit("\n".join(wrong) or "no kernels")
    print(f"{len(kernels)} kernels, each under at least {SCHEDULES} schedules")


if __name__ == "__main__":
    main()
