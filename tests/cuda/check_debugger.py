#!/usr/bin/env python3
"""Every line of a kernel that docs/emulated_device.md shows in the debugger is that line of the kernel's file.

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


def main() -> None:
    if wrong := wrong_lines((ROOT / "docs" / "emulated_device.md").read_text()):
        sys.exit("docs/emulated_device.md:\n" + "\n".join(wrong))


if __name__ == "__main__":
    main()
