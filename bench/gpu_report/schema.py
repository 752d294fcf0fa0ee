"""The form of results.json: what scripts/gpu_report says of a run, of a part, and in the rows of each part."""

NUMBER, NONE = (int, float), type(None)
FAILURE = {"exit": (int, str), "last_lines": str}
EVERY_ROW = {"name": str, "ok": (bool, NONE), **FAILURE, "note": str, "seconds": NUMBER}
# A peer's figure is a text where the peer did not run, which says why.
PEER = (*NUMBER, str)
GPU = ("card", "driver_version", "clocks.sm", "clocks.max.sm", "clocks.mem", "power.limit", "memory.total", "ecc.mode.current")
RATES = {"unit": str, "ours": (*NUMBER, NONE), "ratio": NUMBER}
ROWS = {
    "machine": {"system": str, "processors": int, "python": str, "version": str, "gpu": str, "ceiling": str,
                "gigabytes_per_second": NUMBER, "teraflops": NUMBER, **{field: str for field in GPU}},
    "operations": {"cases": int, "without_kernel": int, "two_runs_equal": (bool, NONE), "second_run": dict},
    "training": {"steps": int, "largest_relative_difference": (*NUMBER, NONE), "bound": NUMBER,
                 "first": (list, str, NONE), "last": list, "other": (str, NONE)},
    "speed": {**RATES, "pytorch": PEER},
    "products": {"unit": str, "shape": str, "own": NUMBER, "cublaslt": NUMBER, "own_to_cublaslt": NUMBER, "table": (str, NONE),
                 "of_ceiling": PEER},
    "kernels": {**RATES, "pytorch": PEER, "ceiling": str, "of_ceiling": PEER},
    "sanitizer": {"summary": (str, NONE), "findings": str},
    "compiled": {**RATES, "pytorch_compiled": PEER},
    "generation": {"unit": str, "ours": NUMBER, "cpu": (*NUMBER, NONE)},
}
PART = {"part": str, "status": str, "seconds": NUMBER, "exit": (int, NONE), "last_lines": list, "reason": str, "rows": list}
REPORT = {"format": int, "date": str, "device": str, "dry_run": bool, "minutes": NUMBER, "commit": (str, NONE), "parts": list}


def differences(place: str, found: dict, form: dict, needed: tuple) -> list[str]:
    """What the form does not know, or knows in another type, and what it needs and does not find."""
    wrong = [f"{place}: {name} is missing" for name in needed if name not in found]
    wrong += [f"{place}: {name}: not in the form" for name in found if name not in form]
    return wrong + [f"{place}: {name}: {value!r} is of another type" for name, value in found.items()
                    if name in form and not isinstance(value, form[name])]


def problems(report: dict) -> list[str]:
    """What is wrong with the contents of results.json; empty if they have their form."""
    wrong = differences("report", report, REPORT, tuple(REPORT))
    for part in report.get("parts", ()):
        name = part.get("part", "?")
        if name not in ROWS:
            wrong.append(f"{name}: no such part")
            continue
        state = ("reason",) if part.get("status") == "skipped" else ("seconds", "exit", "last_lines")
        wrong += differences(name, part, PART, ("part", "status", "rows", *state))
        for row in part.get("rows", ()):
            wrong += differences(f"{name}, {row.get('name')}", row, EVERY_ROW | ROWS[name], ("name", "ok"))
    return wrong
