#!/usr/bin/env python3
"""Compiles the CUDA kernels, and compares what each needs of a multiprocessor with the committed table.

usage: resources.py TABLE OUTPUT COMPILER... [--write]

COMPILER is nvcc with its options, up to the source. The script fails if nvcc or ptxas warns, if ptxas serialises an instruction or
ignores a wish for registers, if a kernel spills registers, and, with the table's nvcc, if a kernel is new or gone, has a stack that the
table does not have, or needs eight registers more or so much that fewer blocks of 256 threads fit. --write replaces the table.
"""
import json
import pathlib
import re
import subprocess
import sys

REGISTERS, THREADS, SHARED = 65536, 2048, 227 * 1024  # of a multiprocessor of sm_90
BLOCK = 256
MORE_REGISTERS = 8  # than in the table
# What ptxas only mentions: it ignores setmaxnreg, serialises wgmma, or puts waits and arrivals of its own between them.
SERIALISED = re.compile(r".*\bC75(?:08|11|17|19)\b.*")


def blocks(registers: int, shared: int) -> int:
    """How many blocks of 256 threads fit: a warp gets registers in portions of 256, a block 1 KiB of shared memory for itself."""
    of_warp = -(-registers * 32 // 256) * 256
    return min(THREADS // BLOCK, REGISTERS // (of_warp * BLOCK // 32), SHARED // (shared + 1024))


def short_name(name: str) -> str:
    """`softmax_kernel<float, true>` of a demangled signature."""
    name = name.removeprefix("void ").replace("memsizer::cuda::", "").replace("memsizer::", "")
    depth = 0
    for place, letter in enumerate(name):
        depth += (letter == "<") - (letter == ">")
        if letter == "(" and depth == 0:
            return name[:place]
    return name


def demangled(names: list[str]) -> list[str]:
    filtered = subprocess.run(["c++filt"], input="\n".join(names), check=True, stdout=subprocess.PIPE, text=True).stdout
    return [short_name(name) for name in filtered.splitlines()]


def resources(log: str) -> dict[str, dict[str, int]]:
    """What ptxas -v says of each kernel."""
    pattern = re.compile(r"Compiling entry function '(\w+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill"
                         r" loads.*?Used (\d+) registers([^\n]*)", re.DOTALL)
    found = pattern.findall(log)
    table = {}
    for name, (_, stack, stores, loads, registers, rest) in zip(demangled([one[0] for one in found]), found):
        smem = re.search(r"(\d+) bytes smem", rest)
        shared = int(smem[1]) if smem else 0
        table[name] = {"registers": int(registers), "shared": shared, "blocks": blocks(int(registers), shared), "stack": int(stack),
                       "spills": int(stores) + int(loads)}
    return dict(sorted(table.items()))


def differences(table: dict, known: dict) -> list[str]:
    found = [f"{name}: not in the table" for name in table if name not in known]
    found += [f"{name}: in the table, and there is no such kernel" for name in known if name not in table]
    for name in table.keys() & known.keys():
        own, before = table[name], known[name]
        if own["stack"] > before["stack"]:
            found.append(f"{name}: {own['stack']} bytes of stack, {before['stack']} expected")
        if own["blocks"] < before["blocks"]:
            found.append(f"{name}: {own['blocks']} blocks a multiprocessor, {before['blocks']} expected ({own['registers']} registers"
                         f" and {own['shared']} bytes of shared memory, {before['registers']} and {before['shared']} before)")
        elif own["registers"] >= before["registers"] + MORE_REGISTERS:
            found.append(f"{name}: {own['registers']} registers, {before['registers']} expected")
    return sorted(found)


def main() -> None:
    write = "--write" in sys.argv
    table_file, output, *compiler = (word for word in sys.argv[1:] if word != "--write")
    nvcc = next(word for word in compiler if word.endswith("nvcc"))
    version = re.search(r"release ([\d.]+)", subprocess.run([nvcc, "--version"], check=True, stdout=subprocess.PIPE,
                                                            text=True).stdout)[1]
    done = subprocess.run([*compiler, "-Xptxas", "-v", "-o", output], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        sys.exit(done.stdout)
    if serialised := SERIALISED.findall(done.stdout):
        sys.exit("\n".join(serialised))
    table = resources(done.stdout)
    spilled = [f"{name}: {one['spills']} bytes of spilled registers" for name, one in table.items() if one["spills"] > 0]
    if not table or spilled:
        sys.exit("\n".join(spilled) or "ptxas named no kernel")
    path = pathlib.Path(table_file)
    if write:
        rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in table.items())
        path.write_text(f'{{\n "nvcc": "{version}",\n "kernels": {{\n{rows}\n }}\n}}\n')
        return
    known = json.loads(path.read_text())
    if known["nvcc"] != version:
        print(f"{len(table)} kernels without spills; the table is of nvcc {known['nvcc']}, this is {version}")
        return
    wrong = differences(table, known["kernels"])
    if wrong:
        sys.exit("\n".join([*wrong, f"If this is meant: {' '.join(sys.argv)} --write"]))
    print(f"{len(table)} kernels as in the table")


if __name__ == "__main__":
    main()
