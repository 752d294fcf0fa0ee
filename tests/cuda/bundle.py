#!/usr/bin/env python3
"""Configures the build of scripts/gpu_bundle, and looks at its commands without running them, since the build takes ten minutes.

usage: bundle.py CONFIGURE_COMMAND...

The script fails if the kernels are not compiled for Ampere and for Hopper, or may spill registers; if an object is for this
machine's processor alone; or if the program is linked with a shared library that a bare machine may lack.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

KERNELS, PROGRAM = "CMakeFiles/memsizer_cuda.dir/kernels/cuda_table.cu.o", "memsizer"
OF_KERNELS = (*(rf"arch=compute_{gpu},code=\S*\bsm_{gpu}\b" for gpu in ("80", "90a")), "-Werror all-warnings", "-warn-spills",
              "-warn-lmem-usage")
PROCESSOR = "-march=x86-64-v3"
OF_LINKING = ("-static-libstdc\\+\\+", "-static-libgcc")
ARCHIVES = ("libmemsizer_cuda.a", "libz.a", "libzstd.a", "libutf8proc.a")
OF_EVERY_MACHINE = ("-ldl", "-lrt", "-lpthread", "-lm")  # glibc's
OF_CUDA = ("-lcudart_static", "-lcudadevrt")  # archives without their file's name


def variables(ninja: str, output: str) -> dict[str, str]:
    """Those of the statement that builds this file, such as FLAGS."""
    statement = re.search(rf"^build {re.escape(output)}: .*\n((?:  .*\n)+)", ninja, re.MULTILINE)
    return dict(re.findall(r"^  (\w+) = (.*)$", statement[1] if statement else "", re.MULTILINE))


def faults(ninja: str) -> list[str]:
    kernels, program = variables(ninja, KERNELS), variables(ninja, PROGRAM)
    found = [f"the kernels are compiled without {flag}" for flag in OF_KERNELS if not re.search(flag, kernels.get("FLAGS", ""))]
    found += [f"the program is linked without {flag}" for flag in OF_LINKING
              if not re.search(flag, program.get("LINK_FLAGS", ""))]
    libraries = program.get("LINK_LIBRARIES", "").split()
    found += [f"the program is linked without {name}" for name in ARCHIVES
              if name not in {library.rsplit("/", 1)[-1] for library in libraries}]
    found += [f"the program is linked with {library}" for library in libraries
              if not library.endswith(".a") and library not in (*OF_EVERY_MACHINE, *OF_CUDA)]
    if (processors := {*re.findall(r"-march=\S+", ninja)}) != {PROCESSOR}:
        found.append(f"objects are compiled with {sorted(processors)}, {PROCESSOR} alone expected")
    return found


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([*sys.argv[1:], "-B", folder], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        if done.returncode != 0:
            sys.exit(done.stdout)
        if found := faults(pathlib.Path(folder, "build.ninja").read_text()):
            sys.exit("\n".join(found))
    print("configured for Ampere and Hopper, linked with archives")


if __name__ == "__main__":
    main()
