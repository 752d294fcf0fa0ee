#!/usr/bin/env python3
"""Links the whole program with the CUDA device, and starts it: its first GPU's kernels are right, or it says that there is no GPU.

usage: program.py PROGRAM BUILD_COMMAND...
"""
import json
import subprocess
import sys


def main() -> None:
    program, *build = sys.argv[1:]
    subprocess.run(build, check=True)
    done = subprocess.run([program, "gradcheck", "--operation", "softmax", "--device", "cuda", "--json"], capture_output=True,
                          text=True, check=False)
    if "no GPU that the NVIDIA driver can use" in done.stderr and done.returncode == 2:
        print("linked; not run: no GPU")
        return
    checks = json.loads(done.stdout)
    if done.returncode != 0 or checks["passed"] < 1 or checks["failed"] > 0:
        sys.exit(done.stdout + done.stderr)
    print("linked, and right on the GPU")


if __name__ == "__main__":
    main()
