#!/usr/bin/env python3
"""Compiles a kernel for each word of PTX, and looks for the words' instructions.

usage: words.py OUTPUT COMPILER...

COMPILER is nvcc with its options and the source. The script fails if nvcc or ptxas refuses a word, or if nvcc has made other
instructions of it, such as four loads of a load of 16 bytes.
"""
import pathlib
import re
import subprocess
import sys

# In each kernel, how often an instruction must be there. Vectors lie in global and in shared memory.
INSTRUCTIONS = {
    "vectors": {r"ld\.global(\.nc)?\.v4\.": 2, r"st\.global\.v4\.": 2, r"ld\.shared\.v4\.": 1, r"st\.shared\.v4\.": 1},
    "pairs": {r"ld\.global(\.nc)?\.[bu]32 ": 1, r"cvt\.rn\.bf16x2\.f32 ": 1, r"st\.global\.[bu]32 ": 1},
    "named_barriers": {r"bar(rier)?\.arrive ": 1, r"bar(rier)?\.sync ": 1},
    "fragments": {r"cp\.async\.cg\.shared\.global ": 1, r"cp\.async\.commit_group": 1, r"cp\.async\.wait_group": 1,
                  r"ldmatrix\.sync\.aligned\.m8n8\.x4\.shared": 1, r"ldmatrix\.sync\.aligned\.m8n8\.x4\.trans\.shared": 1,
                  r"mma\.sync\.aligned\.m16n8k16": 1},
}


def main() -> None:
    output, *compiler = sys.argv[1:]
    for kind in ("-cubin", "-ptx"):  # ptxas takes the words, and nvcc's PTX has their instructions
        subprocess.run([*compiler, kind, "-o", output], check=True)
    text = pathlib.Path(output).read_text()
    wrong = []
    for kernel, instructions in INSTRUCTIONS.items():
        body = re.search(rf"\.entry \w*{kernel}\w*\(.*?^}}", text, re.DOTALL | re.MULTILINE)
        for pattern, count in instructions.items():
            found = len(re.findall(pattern, body[0])) if body else 0
            if found != count:
                wrong.append(f"{kernel}: {found} of {pattern}, {count} expected")
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{sum(map(len, INSTRUCTIONS.values()))} instructions as expected")


if __name__ == "__main__":
    main()
