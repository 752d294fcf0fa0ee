"""Runs a command as a process of its own and measures it.

As a script it is the small process that starts the command: the system counts the peak memory of a process as at least
that of the one that starts it, and a benchmark that holds a text is large.
"""
import collections
import json
import os
import subprocess
import sys
import tempfile
import time

Measured = collections.namedtuple("Measured", "seconds wall peak_mb")  # seconds of processor time, user and system

# For tokenizers written in Rust, and for OpenBLAS, whose threads spin when a program starts.
ONE_THREAD = {"RAYON_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "OPENBLAS_NUM_THREADS": "1"}


def run(command):
    """A command's figures as a dictionary, or its `status` and `error`."""
    ran = subprocess.run([sys.executable, __file__, *map(str, command)], stdout=subprocess.PIPE,
                         env={**os.environ, **ONE_THREAD}, check=True)
    return json.loads(ran.stdout)


def measure(command):
    """What a command took. Exits with the command's error if it fails."""
    result = run(command)
    if "error" in result:
        sys.exit(f"{command[0]} ended with {result['status']}: {result['error']}")
    return Measured(**result)


def try_to_measure(command):
    """What a command took; None if it fails."""
    result = run(command)
    return None if "error" in result else Measured(**result)


def main():
    with tempfile.TemporaryFile() as errors:
        start = time.perf_counter()
        process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=errors)
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        errors.seek(0)
        result = {"seconds": usage.ru_utime + usage.ru_stime, "wall": wall, "peak_mb": usage.ru_maxrss * 1024 / 1e6}
        if status != 0:
            result = {"status": os.waitstatus_to_exitcode(status), "error": errors.read().decode(errors="replace")}
        print(json.dumps(result))


if __name__ == "__main__":
    main()
