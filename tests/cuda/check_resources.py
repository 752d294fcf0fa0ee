#!/usr/bin/env python3
"""Runs resources.py with a compiler that is pretended, so that each thing that it must find is there once.

usage: check_resources.py
"""
import pathlib
import subprocess
import sys
import tempfile

SCRIPT = pathlib.Path(__file__).resolve().parent / "resources.py"
COMPUTING = f"{sys.executable} -c 'import time\nwhile time.process_time() < 0.2: pass'"
WITH_LESS_TIME = ("-B", "-c", f"import sys; sys.path.insert(0, {str(SCRIPT.parent)!r}); import resources;"
                  " resources.PROCESSOR_SECONDS = 0.1; resources.main()")
NAME = "_ZN8memsizer4cuda11copy_kernelIfEEvPT_l"


def ptxas(registers: int = 20, stack: int = 0, spills: int = 0, shared: int = 1024, gpu: str = "sm_90") -> str:
    """What ptxas says of a kernel."""
    return (f"ptxas info    : Compiling entry function '{NAME}' for '{gpu}'\n"
            f"ptxas info    : Function properties for {NAME}\n"
            f"    {stack} bytes stack frame, {spills} bytes spill stores, {spills} bytes spill loads\n"
            f"ptxas info    : Used {registers} registers, used 1 barriers, {shared} bytes smem\n")


class Workplace:
    def __init__(self, folder: pathlib.Path):
        self.folder, self.table = folder, folder / "table.json"

    def run(self, log: str, version: str = "13.0", code: int = 0, *more: str, busy: bool = False) -> str:
        """What the script says, or nothing if it is content. A busy compiler computes for longer than it may."""
        (self.folder / "log").write_text(log)
        nvcc = self.folder / "nvcc"
        nvcc.write_text(f"#!/bin/sh\n[ \"$1\" != --version ] || {{ echo 'release {version}, V'; exit 0; }}\n"
                        f"cat {self.folder}/log\n{COMPUTING if busy else ''}\nexit {code}\n")
        nvcc.chmod(0o755)
        script = WITH_LESS_TIME if busy else (str(SCRIPT),)
        done = subprocess.run([sys.executable, *script, str(self.table), "object.o", str(nvcc), "-c", "x.cu", *more],
                              capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1) and (done.returncode == 1) == bool(done.stderr), done
        return done.stderr


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        place = Workplace(pathlib.Path(name))
        assert not place.run(ptxas(), "13.0", 0, "--write")
        assert '"copy_kernel<float>": {"registers": 20, "shared": 1024, "blocks": 8}' in place.table.read_text()
        assert not place.run(ptxas())
        assert not place.run(ptxas() + ptxas(registers=99, gpu="sm_80")), "the table is of sm_90"
        assert not place.run(ptxas(registers=19, shared=0)), "fewer are welcome"
        assert not place.run(ptxas(registers=27)), "a few more, and as many blocks, are too"
        for said, log in (("28 registers, 20 expected", ptxas(registers=28)),
                          ("6 blocks a multiprocessor, 8 expected (36 registers", ptxas(registers=36)),
                          ("5 blocks a multiprocessor, 8 expected", ptxas(shared=40000)),
                          ("32 bytes of stack on sm_90", ptxas(stack=32)), ("8 bytes of spilled registers", ptxas(spills=4)),
                          ("8 bytes of spilled registers on sm_80", ptxas() + ptxas(spills=4, gpu="sm_80")),
                          ("32 bytes of stack on sm_80", ptxas(stack=32, gpu="sm_80") + ptxas()),
                          ("C7511", ptxas() + "ptxas info : (C7511) Potential Performance Loss: wgmma.mma_async instructions are"
                           " serialized\n"),
                          ("not in the table", ptxas().replace("copy_kernel", "fill_kernel")),
                          ("ptxas named no kernel", ""), ("ptxas named no kernel of sm_90", ptxas(gpu="sm_80"))):
            assert said in place.run(log), (said, place.run(log))
        assert "processor seconds, 0.1 at most expected" in place.run(ptxas(), busy=True)
        assert "error: no" in place.run("error: no", "13.0", 2)
        assert not place.run(ptxas(registers=90), "13.1"), "the table is of another nvcc"
        assert "spilled" in place.run(ptxas(spills=4), "13.1")


if __name__ == "__main__":
    main()
