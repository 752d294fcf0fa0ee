#!/usr/bin/env python3
"""Runs scripts/gpu_report on the emulated device, whole, cut off, and as on a GPU, and checks what it writes.

usage: check_dry_run.py SCRIPT PROGRAM
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest.mock

ROOT = pathlib.Path(sys.argv[1]).resolve().parent.parent
sys.path.insert(0, str(ROOT / "bench" / "gpu_report"))

import kernels  # noqa: E402
import part as parts_of_report  # noqa: E402
import peers  # noqa: E402
import products  # noqa: E402
import report_text  # noqa: E402
import schema  # noqa: E402
from programs import as_on_a_gpu, script  # noqa: E402

PARTS = list(schema.ROWS)


def report(folder: pathlib.Path, program: str, minutes: str, *more: str, expected: int = 0,
           environment: dict | None = None) -> dict[str, dict]:
    """Runs the script and returns its parts by name. The exit code, and the form of what it wrote, are checked."""
    options = ["--program", program, "--output", str(folder), "--minutes", minutes, *more]
    done = subprocess.run([sys.executable, sys.argv[1], "--dry-run", *options], check=False,
                          env={**os.environ, **(environment or {})})
    assert done.returncode == expected, (done.returncode, expected)
    results = json.loads((folder / "results.json").read_text())
    assert not schema.problems(results), "\n".join(schema.problems(results))
    parts = results["parts"]
    assert [part["part"] for part in parts] == PARTS, parts
    text = (folder / "report.md").read_text()
    for part in parts:
        assert part["status"] in ("done", "failed", "cut off", "skipped"), part
        assert f"## {part['part'].capitalize()}" in text, text
        for row in part["rows"]:
            assert f"| {row['name']} |" in text, row
    return {part["part"]: part for part in parts}


def rows_of(part: dict) -> dict[str, dict]:
    return {row["name"]: row for row in part["rows"]}


def check_whole(scratch: pathlib.Path) -> None:
    parts = report(scratch / "whole", sys.argv[2], "5")
    assert all(part["status"] == "done" for part in parts.values()), parts
    wrong = [row for part in parts.values() for row in part["rows"] if row["ok"] is False]
    assert not wrong, json.dumps(wrong, indent=1)
    for name, figure in (("speed", "pytorch"), ("kernels", "pytorch"), ("compiled", "pytorch_compiled")):
        assert all(row[figure] == "not run: no GPU" for row in parts[name]["rows"]), parts[name]
    assert {row["ceiling"] for row in parts["kernels"]["rows"]} >= {"copy", "product, bfloat16", "product, float"}
    for row in parts["kernels"]["rows"]:
        kernel = row["name"].split(",")[0]
        assert row["ours"] > 0 and row["of_ceiling"] == "not run: no ceiling", row
        assert callable(getattr(peers.Maker, kernel, None)), f"{kernel} has no peer in bench/gpu_report/peers.py"
    compared = {row["name"] for row in parts["compiled"]["rows"]} - {row["name"] for row in parts["speed"]["rows"]}
    assert not compared, compared
    check_training(list(rows_of(parts["training"]).values()))


def check_training(rows: list[dict]) -> None:
    """Each number and each hash has a column of its own."""
    losses, hashes = ("first_loss_cpu", "first_loss", "last_loss_cpu", "last_loss"), ("hash_of_first", "hash")
    compared, equal = ([row for row in rows if kind in row["name"]] for kind in ("losses", "the same bits"))
    assert len(compared) == len(equal) == 4, rows
    for row in compared:
        values = [row[name] for name in losses]
        assert all(isinstance(value, float) for value in values), row
        assert max(values[:2]) - min(values[:2]) < row["bound"] * values[0] and values[2] < values[0], row
    assert all(row["hash"] == row["hash_of_first"] and len(row["hash"]) == 16 for row in equal), equal


def check_cut_off(scratch: pathlib.Path) -> None:
    """A program that hangs: the part is stopped with the row that it has, and no time is left for the others."""
    start = time.monotonic()
    parts = report(scratch / "cut_off", script(scratch, "hanging", "exec sleep 100"), "0.05")
    assert time.monotonic() - start < 20, "three seconds were allowed"
    assert parts["machine"]["status"] == "cut off" and parts["machine"]["rows"], parts["machine"]
    assert all(part["status"] == "skipped" for name, part in parts.items() if name != "machine"), parts


def check_failure(scratch: pathlib.Path) -> None:
    """A program that ends with an error is a result, and no part fails of it."""
    parts = report(scratch / "failure", script(scratch, "broken", "echo broken >&2; exit 7"), "1", expected=1)
    for name in ("operations", "training", "speed", "products", "kernels", "generation"):
        rows = parts[name]["rows"]
        assert parts[name]["status"] == "done" and rows, parts[name]
        assert all(row["ok"] is False and row["exit"] == 7 and row["last_lines"] == "broken" for row in rows), rows


def check_as_on_a_gpu(scratch: pathlib.Path) -> None:
    """What the parts do on a GPU alone, with a program that computes on the emulated device, and with the driver's and the
    sanitizer's programs pretended."""
    tools = scratch / "tools"
    tools.mkdir()
    script(tools, "nvidia-smi", "echo 'A card, 580.1, 1980 MHz, 1980 MHz, 3201 MHz, 700 W, 143771 MiB, Enabled'")
    script(tools, "compute-sanitizer", "echo '========= ERROR SUMMARY: 2 errors'; [ $2 != racecheck ] || exit 99")
    program = as_on_a_gpu(tools, sys.argv[2])
    parts = report(scratch / "gpu", program, "3", "--device", "cuda", "--parts", "machine,products,kernels,sanitizer,compiled",
                   expected=1, environment={"PATH": f"{tools}:{os.environ['PATH']}"})
    assert all(part["status"] == "done" for part in parts.values() if part["status"] != "skipped"), parts
    card = rows_of(parts["machine"])["GPU"]
    assert card["card"] == "A card" and card["ecc.mode.current"] == "Enabled", card
    assert rows_of(parts["products"])["products by cuBLASLt"]["exit"] == 2, parts["products"]
    sanitized = rows_of(parts["sanitizer"])
    assert sanitized["memcheck: all operations, float"]["ok"] and len(sanitized) == 28, sanitized
    wrong = sanitized["racecheck: two steps of memsizer, bfloat16"]
    assert wrong["ok"] is False and wrong["summary"] == "ERROR SUMMARY: 2 errors", wrong


class Card:
    """Stands for PyTorch with a GPU, in what the parts call themselves."""

    class cuda:
        waits = 0

        @staticmethod
        def empty_cache() -> None:
            raise RuntimeError("the GPU's context is broken")

        @classmethod
        def synchronize(cls) -> None:
            cls.waits += 1


def check_ratios(scratch: pathlib.Path) -> None:
    """What is computed from a peer's time and from a ceiling."""
    rows = parts_of_report.Rows(str(scratch / "ratios.json"))
    ceilings = {"copy": 4000.0, "product, bfloat16": 800.0}
    moves = {"kernel": "copy", "dtype": "float", "sizes": {"rows": 2}, "seconds": 0.5, "gigabytes_per_second": 3000.0,
             "teraflops": None}
    peers.seconds = lambda *_: 0.25
    kernels.add(rows, moves, ceilings, kernels.peer(Card, "", moves))
    kernels.add(rows, moves | {"teraflops": 200.0, "dtype": "bfloat16"}, ceilings, kernels.peer(None, "not run: why", moves))
    kernels.add(rows, moves | {"teraflops": 20.0, "dtype": "double"}, ceilings, {})
    peers.seconds = lambda *_: "RuntimeError: no"
    kernels.add(rows, moves, {}, kernels.peer(Card, "", moves))
    own = {"rows": 1, "columns": 2, "inner": 3, "seconds": 2.0, "teraflops": 200.0}
    products.add(rows, ("bfloat16", "float", "tn", "large"), own, own | {"seconds": 1.0, "teraflops": 400.0}, ceilings)
    slow = own | {"teraflops": 1.23456e-5}
    products.add(rows, ("float", "float", "nn", "small"), slow, slow | {"seconds": 3000.0}, {"product, float": 700.0})
    assert rows.rows.pop() == {"name": "float, nn, small", "ok": None, "unit": "TFLOP/s", "shape": "1 x 2 x 3", "own": 1.235e-5,
                               "cublaslt": 1.235e-5, "own_to_cublaslt": 1500.0, "table": None, "of_ceiling": 1.764e-8}
    keys = ("pytorch", "ratio", "of_ceiling", "own_to_cublaslt", "table")
    found = [tuple(row.get(key) for key in keys) for row in rows.rows]
    expected = [(6000.0, 0.5, 0.75, None, None), ("not run: why", None, 0.25, None, None),
                (None, None, "not run: no ceiling", None, None), ("RuntimeError: no", None, "not run: no ceiling", None, None),
                (None, None, 0.25, 0.5, "{ElementType::bfloat16, ElementType::float32, true, false, ProductSize::large},")]
    assert found == expected, found


def check_times() -> None:
    """A short call is timed in groups, a long one alone, and the GPU is waited for after each group."""
    now, calls = 0.0, 0

    def body() -> None:
        nonlocal now, calls
        now, calls = now + seconds, calls + 1

    with unittest.mock.patch.object(peers.time, "perf_counter", lambda: now):
        for seconds, group in ((2**-20, 1000), (2**-10, 10), (2**-2, 1)):
            Card.cuda.waits, calls = 0, 0
            assert peers.seconds_of(Card, body) == seconds and calls == 2 + 5 * group, (seconds, calls)
            assert Card.cuda.waits == 1 + 2 + 5, Card.cuda.waits


def check_cells() -> None:
    for value, text in ((True, "yes"), (None, ""), (1234567, "1,234,567"), (1.23456e-5, "1.235e-05"), ("a|b\nc", "a\\|b<br>c"),
                        ({"exit": 7, "last_lines": "a\nb"}, "exit: 7<br>last_lines: a<br>b")):
        assert report_text.cell(value) == text, (value, report_text.cell(value))


def main() -> None:
    check_cells()
    check_times()
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        check_ratios(scratch)
        check_whole(scratch)
        check_cut_off(scratch)
        check_failure(scratch)
        check_as_on_a_gpu(scratch)


if __name__ == "__main__":
    main()
