#!/usr/bin/env python3
"""Runs the parts of the report that compare with PyTorch as on a GPU: our program computes on the emulated device, PyTorch on
the CPU, torch.compile included. Each peer must have a time, and each row the form of the report.

usage: check_peers.py PROGRAM
"""
import importlib
import json
import pathlib
import struct
import sys
import sysconfig
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "bench" / "gpu_report"))

import part  # noqa: E402
import peers  # noqa: E402
import programs  # noqa: E402
import schema  # noqa: E402
import speed  # noqa: E402

# PyTorch compiles for the CPU with a C++ compiler and the headers of Python.
COMPILES = pathlib.Path(sysconfig.get_path("include"), "Python.h").exists()


def rows_of(name: str, context: part.Context) -> list[dict]:
    """Runs a part, and returns its rows, whose form is checked."""
    rows = part.Rows(str(pathlib.Path(context.rows) / part.rows_name(name)))
    importlib.import_module(name).run(context, rows)
    for row in rows.rows:
        wrong = schema.differences(f"{name}, {row['name']}", row, schema.EVERY_ROW | schema.ROWS[name], ("name", "ok"))
        assert not wrong and row["ok"] is not False, (wrong, row)
    return rows.rows


def check_parts(context: part.Context) -> None:
    machine = rows_of("machine", context)
    ceilings = part.ceilings(context)
    assert set(ceilings) == {"copy", "product, bfloat16", "product, float"} and all(ceilings.values()), machine
    compared = [(row, "pytorch") for name in ("speed", "kernels") for row in rows_of(name, context)]
    if COMPILES:
        compared += [(row, "pytorch_compiled") for row in rows_of("compiled", context)]
    for row, peer in compared:
        assert not isinstance(row[peer], str) and row[peer] > 0 and row["ratio"] > 0, row
        assert not isinstance(row.get("of_ceiling"), str), row


def check_backward(torch) -> None:
    """A peer of a backward computes the gradients of all that ours computes."""
    sizes = {"rows": 4, "columns": 6, "batch": 2, "time": 5, "heads": 2, "head_dim": 8, "slots": 3, "dim": 8}
    maker = peers.Maker(torch, "float")
    for kernel, count in (("layer_norm", 3), ("cross_entropy", 1), ("embedding", 1), ("attention", 3), ("causal_scan", 3)):
        gradients = getattr(maker, f"{kernel}_backward")(sizes)()
        assert len(gradients) == count and all(one.isfinite().all() for one in gradients), (kernel, gradients)


def check_failures(torch) -> None:
    assert isinstance(peers.seconds(torch, "no_such_kernel", {}, "float"), str)
    assert "KeyError" in speed.peer_rate(torch, {}, "float")


def check_weights(torch, scratch: pathlib.Path) -> None:
    """What the twin reads of a file, a tensor without elements too."""
    header = json.dumps({"empty": {"dtype": "F32", "shape": [0, 3], "data_offsets": [0, 0]},
                         "two": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]},
                         "end": {"dtype": "I64", "shape": [0], "data_offsets": [8, 8]}}).encode()
    path = scratch / "weights.safetensors"
    path.write_bytes(struct.pack("<Q", len(header)) + header + struct.pack("<2f", 0.5, -2))
    read = peers.twin().read_safetensors(path)
    assert read["two"].tolist() == [[0.5], [-2.0]], read
    assert read["empty"].shape == (0, 3) and read["end"].shape == (0,) and read["end"].dtype == torch.int64, read


def main() -> None:
    _, reason = peers.load("cuda")
    if reason and "finds no GPU" not in reason:  # then there is no PyTorch
        print(reason)
        return
    import torch
    # The parts read these two at each call.
    peers.DEVICE, peers.load = "cpu", lambda _: (torch, "")
    torch.cuda.get_device_name = lambda: "none"
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        program = programs.as_on_a_gpu(scratch, sys.argv[1])
        check_parts(part.Context(program, str(ROOT / "samples" / "data" / "wikitext-tiny"), str(scratch / "runs"), name, "cuda",
                                 True, time.time() + 380))
        check_weights(torch, scratch)
    check_backward(torch)
    check_failures(torch)


if __name__ == "__main__":
    main()
