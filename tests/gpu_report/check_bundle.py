#!/usr/bin/env python3
"""Lays out a bundle as scripts/gpu_bundle does, and runs a part of its report there: it has all files that it needs.

usage: check_bundle.py PROGRAM
"""
import importlib.machinery
import importlib.util
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def gpu_bundle():
    """The script as a module."""
    loader = importlib.machinery.SourceFileLoader("gpu_bundle", str(ROOT / "scripts" / "gpu_bundle"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("gpu_bundle", loader))
    loader.exec_module(module)
    return module


def main() -> None:
    bundle = gpu_bundle()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name) / "bundle"
        bundle.copy_files(pathlib.Path(sys.argv[1]), folder)
        parts = "machine,speed,kernels,compiled"
        environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
        subprocess.run([str(folder / "gpu_report"), "--dry-run", "--minutes", "2", "--parts", parts, "--output", f"{name}/report"],
                       check=True, cwd=name, env=environment)
        done = {part["part"]: part for part in json.loads(pathlib.Path(name, "report", "results.json").read_text())["parts"]}
        assert all(done[part]["status"] == "done" for part in parts.split(",")), done
        assert all(row["ok"] is not False for part in done.values() for row in part["rows"]), done
    for line, foreign in (("\tlibstdc++.so.6 => /lib/libstdc++.so.6 (0x0)", ["libstdc++.so.6"]),
                          ("\tlibc.so.6 => /lib/libc.so.6 (0x0)", []), ("\t/lib64/ld-linux-x86-64.so.2 (0x0)", []),
                          ("\tlibcudart.so.13 => not found", ["libcudart.so.13"])):
        bundle.output_of = lambda *_, line=line: line
        assert bundle.foreign_libraries(pathlib.Path("program")) == foreign, line


if __name__ == "__main__":
    main()
