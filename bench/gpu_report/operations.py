"""Every operation's values and gradients on the device, each operation in a process of its own, all of them twice.

`memsizer gradcheck` compares gradients in double with differences, and values and gradients in float and bfloat16 with double on
the cpu. Its second run must give the same figures to the last bit.
"""
import concurrent.futures
import json
import os

import part


TYPES = ("double", "float", "bfloat16")


def groups(names: list[str]) -> list[str]:
    """What --operation selects: all forms of an operation at once, but each kind of attention by itself."""
    return list(dict.fromkeys(name if name.startswith("attention") else name.split(" ")[0] for name in names))


def check(context: part.Context, operation: str, dtype: str) -> part.Call:
    command = [context.program, "gradcheck", "--operation", operation, "--device", context.device, "--dtype", dtype, "--threads", "1",
               "--json"]
    return part.call(command, context.limit(120))


def checks_of(call: part.Call) -> list[dict] | None:
    """The checks that a call printed, or None if it ended without."""
    try:
        return json.loads(call.output)["checks"]
    except (json.JSONDecodeError, KeyError):
        return None


def add(rows: part.Rows, operation: str, first: part.Call, second: part.Call) -> None:
    checks = checks_of(first)
    if checks is None:
        rows.add(operation, ok=None if first.code is None else False, **first.failure())
        return
    bad = [f"{one['operation']}: {one['status']} at {one.get('place')}, error {one['error']}"
           for one in checks if one["status"] not in ("ok", "not yet")]
    absent = sum(one["status"] == "not yet" for one in checks)
    again = checks_of(second)
    figures = {"cases": len(checks), "without_kernel": absent, "seconds": first.seconds,
               "two_runs_equal": None if again is None else again == checks}
    if bad:
        figures["last_lines"] = "\n".join(bad)
    if again is None:
        figures["second_run"] = second.failure()
    rows.add(operation, ok=bool(checks) and not bad and not absent and again == checks, **figures)


def run(context: part.Context, rows: part.Rows) -> None:
    listed = part.call([context.program, "gradcheck", "--list"], 30)
    if not listed.ok() or not listed.output.strip():
        rows.add("gradcheck --list", ok=False, **listed.failure())
        return
    names = ["softmax"] if context.dry_run else groups(listed.output.splitlines())
    with concurrent.futures.ThreadPoolExecutor(max(1, min(8, (os.cpu_count() or 2) // 2))) as pool:
        runs = [(f"{name}, {dtype}", pool.submit(check, context, name, dtype), pool.submit(check, context, name, dtype))
                for dtype in TYPES for name in names if dtype == "double" or not name.startswith("attention kind")]
        for name, first, second in runs:
            add(rows, name, first.result(), second.result())


part.main(run)
