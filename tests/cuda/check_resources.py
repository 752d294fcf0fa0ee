#!/usr/bin/env python3
"""Runs resources.py with a compiler that is pretended, so that each thing that it must find is there once.

usage: check_resources.py
"""
import pathlib
import subprocess
import sys
import tempfile

SCRIPT = pathlib.Path(__file__).resolve().parent / "resources.py"
NAME = "_ZN8memsizer4cuda11copy_kernelIfEEvPT_l"


def ptxas(registers: int = 20, stack: int = 0, spills: int = 0, shared: int = 1024) -> str:
    """What ptxas says of a kernel."""
    return (f"ptxas info    : Compiling entry function '{NAME}' for 'sm_90'\n"
            f"ptxas info    : Function properties for {NAME}\n"
            f"    {stack} bytes stack frame, {spills} bytes spill stores, {spills} bytes spill loads\n"
            f"ptxas info    : Used {registers} registers, used 1 barriers, {shared} bytes smem\n")


class Workplace:
    def __init__(self, folder: pathlib.Path):
        self.folder, self.table = folder, folder / "table.json"

    def run(self, log: str, version: str = "13.0", code: int = 0, *more: str) -> str:
        """What the script says, or nothing if it is content."""
        (self.folder / "log").write_text(log)
        nvcc = self.folder / "nvcc"
        nvcc.write_text(f"#!/bin/sh\n[ \"$1\" != --version ] || {{ echo 'release {version}, V'; exit 0; }}\n"
                        f"cat {self.folder}/log\nexit {code}\n")
        nvcc.chmod(0o755)
        done = subprocess.run([sys.executable, str(SCRIPT), str(self.table), "object.o", str(nvcc), "-c", "x.cu", *more],
                              capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1) and (done.returncode == 1) == bool(done.stderr), done
        return done.stderr


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Workplace(pathlib.Path(name))
        assert not place.run(ptxas(), "13.0", 0, "--write")
        assert '"copy_kernel<float>": {"registers": 20, "shared": 1024, "blocks": 8, "stack": 0' in place.table.read_text()
        assert not place.run(ptxas())
        assert not place.run(ptxas(registers=19, shared=0)), "fewer are welcome"
        assert not place.run(ptxas(registers=27)), "a few more, and as many blocks, are too"
        for said, log in (("28 registers, 20 expected", ptxas(registers=28)),
                          ("6 blocks a multiprocessor, 8 expected (36 registers", ptxas(registers=36)),
                          ("5 blocks a multiprocessor, 8 expected", ptxas(shared=40000)),
                          ("32 bytes of stack, 0 expected", ptxas(stack=32)), ("8 bytes of spilled registers", ptxas(spills=4)),
                          ("C7511", ptxas() + "ptxas info : (C7511) Potential Performance Loss: wgmma.mma_async instructions are"
                           " serialized\n"),
                          ("not in the table", ptxas().replace("copy_kernel", "fill_kernel")),
                          ("ptxas named no kernel", "")):
            assert said in place.run(log), (said, place.run(log))
        assert "error: no" in place.run("error: no", "13.0", 2)
        assert not place.run(ptxas(registers=90), "13.1"), "the table is of another nvcc"
        assert "spilled" in place.run(ptxas(spills=4), "13.1")


if __name__ == "__main__":
    main()
