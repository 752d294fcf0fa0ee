#!/usr/bin/env python3
"""Compiles the CUDA kernels, and compares what each needs of a multiprocessor with the committed table.

usage: resources.py TABLE OUTPUT COMPILER... [--write]

COMPILER is nvcc with its options, up to the source. The script fails if nvcc takes more than 480 processor seconds or warns, if
ptxas serialises an instruction or ignores a wish for registers, if a kernel spills registers or has a stack on any GPU that is
compiled for, and, with the table's nvcc, if on sm_90 a kernel is new or gone, or needs eight registers more or so much that fewer
blocks of 256 threads fit. --write replaces the table.
"""
import json
import pathlib
import re
import resource
import subprocess
import sys

GPU = "sm_90"  # the table's
REGISTERS, THREADS, SHARED = 65536, 2048, 227 * 1024  # of one of its multiprocessors
BLOCK = 256
MORE_REGISTERS = 8  # than in the table
PROCESSOR_SECONDS = 480  # of nvcc: 4 minutes on 2 cores
# What ptxas only mentions: it ignores setmaxnreg, serialises wgmma, or puts waits and arrivals of its own between them.
SERIALISED = re.compile(r".*\bC75(?:08|11|17|19)\b.*")


def blocks(registers: int, shared: int) -> int:
    """How many blocks of 256 threads fit: a warp gets registers in portions of 256, a block 1 KiB of shared memory for itself."""
    of_warp = -(-registers * 32 // 256) * 256
    return min(THREADS // BLOCK, REGISTERS // (of_warp * BLOCK // 32), SHARED // (shared + 1024))


def short_name(name: str) -> str:
    """`softmax_kernel<float, true>` of a demangled signature."""
    name = name.removeprefix("void ").replace("memsizer::cuda::", "").replace("memsizer::emulated::", "").replace("memsizer::", "")
    depth = 0
    for place, letter in enumerate(name):
        depth += (letter == "<") - (letter == ">")
        if letter == "(" and depth == 0:
            return name[:place]
    return name


def demangled(names: list[str]) -> list[str]:
    filtered = subprocess.run(["c++filt"], input="\n".join(names), check=True, stdout=subprocess.PIPE, text=True).stdout
    return [short_name(name) for name in filtered.splitlines()]


def resources(log: str) -> dict[str, dict[str, dict[str, int]]]:
    """What ptxas -v says of each kernel, for each GPU."""
    pattern = re.compile(r"Compiling entry function '(\w+)' for '(\w+)'.*?(\d+) bytes stack frame, (\d+) bytes spill stores,"
                         r" (\d+) bytes spill loads.*?Used (\d+) registers([^\n]*)", re.DOTALL)
    found = pattern.findall(log)
    tables = {}
    for name, (_, gpu, stack, stores, loads, registers, rest) in sorted(zip(demangled([one[0] for one in found]), found)):
        smem = re.search(r"(\d+) bytes smem", rest)
        tables.setdefault(gpu, {})[name] = {"registers": int(registers), "shared": int(smem[1]) if smem else 0,
                                            "stack": int(stack), "spills": int(stores) + int(loads)}
    return tables


def in_memory(tables: dict) -> list[str]:
    """The kernels that keep something in memory that belongs into registers."""
    return [f"{name}: {one[what]} bytes of {meaning} on {gpu}" for gpu, table in tables.items() for name, one in table.items()
            for what, meaning in (("spills", "spilled registers"), ("stack", "stack")) if one[what] > 0]


def rows(table: dict) -> dict[str, dict[str, int]]:
    """The committed table's rows."""
    return {name: {"registers": one["registers"], "shared": one["shared"], "blocks": blocks(one["registers"], one["shared"])}
            for name, one in table.items()}


def differences(table: dict, known: dict) -> list[str]:
    found = [f"{name}: not in the table" for name in table if name not in known]
    found += [f"{name}: in the table, and there is no such kernel" for name in known if name not in table]
    for name in table.keys() & known.keys():
        own, before = table[name], known[name]
        if own["blocks"] < before["blocks"]:
            found.append(f"{name}: {own['blocks']} blocks a multiprocessor, {before['blocks']} expected ({own['registers']} registers"
                         f" and {own['shared']} bytes of shared memory, {before['registers']} and {before['shared']} before)")
        elif own["registers"] >= before["registers"] + MORE_REGISTERS:
            found.append(f"{name}: {own['registers']} registers, {before['registers']} expected")
    return sorted(found)


def compiled(compiler: list[str], output: str) -> tuple[str, float]:
    """What nvcc and ptxas say, and the processor seconds that they take: few, if ccache has the object."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run([*compiler, "-Xptxas", "-v", "-o", output], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        sys.exit(done.stdout)
    return done.stdout, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def check(log: str, seconds: float) -> dict:
    """Ends the script if something is wrong whatever the table says. Returns the rows of sm_90."""
    tables = resources(log)
    wrong = SERIALISED.findall(log) + in_memory(tables)
    if GPU not in tables:
        wrong.append(f"ptxas named no kernel of {GPU}")
    if seconds > PROCESSOR_SECONDS:
        wrong.append(f"compiling took {seconds:.1f} processor seconds, {PROCESSOR_SECONDS} at most expected")
    if wrong:
        sys.exit("\n".join(wrong))
    return rows(tables[GPU])


def main() -> None:
    write = "--write" in sys.argv
    table_file, output, *compiler = (word for word in sys.argv[1:] if word != "--write")
    nvcc = next(word for word in compiler if word.endswith("nvcc"))
    version = re.search(r"release ([\d.]+)", subprocess.run([nvcc, "--version"], check=True, stdout=subprocess.PIPE,
                                                            text=True).stdout)[1]
    log, seconds = compiled(compiler, output)
    print(f"compiled in {seconds:.1f} processor seconds", flush=True)
    table = check(log, seconds)
    path = pathlib.Path(table_file)
    if write:
        lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(one)}" for name, one in table.items())
        path.write_text(f'{{\n "nvcc": "{version}",\n "kernels": {{\n{lines}\n }}\n}}\n')
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
