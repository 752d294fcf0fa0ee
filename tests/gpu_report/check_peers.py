#!/usr/bin/env python3
"""Runs PyTorch's peer of every kernel that `memsizer kernels` times, and a training step of the twin, on the CPU.

usage: check_peers.py PROGRAM
"""
import json
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "bench" / "gpu_report"))

import peers  # noqa: E402
import speed  # noqa: E402

CONFIG = {"layers": 1, "dim": 16, "heads": 2, "slots": 4, "ffn": 32, "vocab": 50, "sequence": 8, "batch": 2, "dropout": 0,
          "activation": "gelu"}


def main() -> None:
    try:
        import torch
    except ImportError:
        print("not run: no PyTorch")
        return
    for dtype in ("float", "bfloat16"):
        done = subprocess.run([sys.argv[1], "kernels", "--device", "emulated", "--dtype", dtype, "--json"], check=True,
                              stdout=subprocess.PIPE)
        for one in json.loads(done.stdout)["kernels"]:
            found = peers.seconds(torch, one["kernel"], one["sizes"], dtype, device="cpu")
            assert isinstance(found, float) and found > 0, (one["kernel"], found)
        for attention in ("transformer", "memsizer"):
            assert speed.peer(torch, CONFIG | {"attention": attention}, dtype, device="cpu") > 0
    assert isinstance(peers.seconds(torch, "no_such_kernel", {}, "float", device="cpu"), str)


if __name__ == "__main__":
    main()
