#!/usr/bin/env python3
"""Every line of a kernel that docs/emulated_device.md shows in the debugger is that line of the kernel's file, and
every place that a fault names there is in the kernel.

usage: check_debugger.py
"""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def wrong_lines(document: str) -> list[str]:
    """Lines as gdb shows them, with spaces after the number, in the file of the breakpoint before them."""
    wrong, shown, file = [], 0, None
    for line in document.splitlines():
        if found := re.search(r"\(gdb\) t?break ([\w.]+):(\d+)", line):
            file = (ROOT / "kernels" / found[1]).read_text().splitlines()
        elif (found := re.fullmatch(r"    (\d+)    (.+)", line)) and file:
            shown += 1
            number, code = int(found[1]), found[2].strip()
            if number > len(file) or file[number - 1].strip() != code:
                wrong.append(line)
    return wrong if shown else ["no line is shown"]


def wrong_faults(document: str) -> list[str]:
    """Places of faults, such as "at __syncthreads at barriers.cuh:31", that are not there in the fault's kernel."""
    wrong, shown = [], 0
    for fault in re.finditer(r"kernel (\w+), block [^`]*?at (__\w+)\s+at\s+([\w.]+):(\d+)", document):
        shown += 1
        kernel, call, name, number = fault.groups()
        text = next((ROOT / "tests" / "emulated").rglob(name)).read_text()
        body = text.split(f" {kernel}(", 1)[-1].split("__global__", 1)[0]
        first = text[: text.index(body)].count("\n") + 1
        lines = body.splitlines()
        if not (first <= int(number) < first + len(lines) and call in lines[int(number) - first]):
            wrong.append(f"{call} at {name}:{number}")
    return wrong if shown else ["no fault is shown"]


def main() -> None:
    document = (ROOT / "docs" / "emulated_device.md").read_text()
    if wrong := wrong_lines(document) + wrong_faults(document):
        sys.exit("docs/emulated_device.md:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
