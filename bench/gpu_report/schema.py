"""The form of results.json: what scripts/gpu_report says of a run, of a part, and in the rows of each part. ROWS has the
parts in their order."""
import math

FORMAT = 3
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
                 **dict.fromkeys(("first_loss_cpu", "first_loss", "last_loss_cpu", "last_loss"), (*NUMBER, NONE)),
                 "hash_of_first": (str, NONE), "hash": (str, NONE)},
    "speed": {**RATES, "pytorch": PEER},
    "products": {"unit": str, "shape": str, "own": NUMBER, "cublaslt": NUMBER, "own_to_cublaslt": NUMBER, "table": (str, NONE),
                 "of_ceiling": PEER},
    "kernels": {**RATES, "pytorch": PEER, "ceiling": str, "of_ceiling": PEER},
    "sanitizer": {"summary": (str, NONE), "findings": str},
    "compiled": {**RATES, "pytorch_compiled": PEER},
    "generation": {"unit": str, "ours": NUMBER, "cpu": (*NUMBER, NONE)},
}
# What a row that is right must have measured, one of these.
MEASURED = {"operations": ("cases",), "training": ("largest_relative_difference", "hash"), "speed": ("ours",),
            "sanitizer": ("summary",), "generation": ("ours",)}
NO_FIGURES = ("name", "ok", "unit", "seconds")
PART = {"part": str, "status": str, "seconds": NUMBER, "exit": (int, NONE), "last_lines": list, "reason": str, "rows": list}
REPORT = {"format": int, "date": str, "device": str, "dry_run": bool, "minutes": NUMBER, "commit": (str, NONE), "parts": list}
WORDS = {"status": ("done", "failed", "cut off", "skipped"), "device": ("cuda", "emulated"), "format": (FORMAT,)}


def has_type(value, types) -> bool:
    """Whether a value is of one of these types. True is no number here, nor is what is not finite."""
    types = types if isinstance(types, tuple) else (types,)
    if isinstance(value, bool):
        return bool in types
    return isinstance(value, types) and not (isinstance(value, float) and not math.isfinite(value))


def differences(place: str, found, form: dict, needed: tuple) -> list[str]:
    """What the form does not know, or knows in another type, and what it needs and does not find."""
    if not isinstance(found, dict):
        return [f"{place}: {found!r} is no object"]
    wrong = [f"{place}: {name} is missing" for name in needed if name not in found]
    wrong += [f"{place}: {name}: not in the form" for name in found if name not in form]
    wrong += [f"{place}: {name}: {value!r} is of another type" for name, value in found.items()
              if name in form and not has_type(value, form[name])]
    wrong += [f"{place}: {name}: {found[name]!r} is none of {words}" for name, words in WORDS.items()
              if name in found and found[name] not in words]
    if isinstance(found.get("second_run"), dict):
        wrong += differences(f"{place}, second_run", found["second_run"], FAILURE, ())
    lines = found.get("last_lines")
    if isinstance(lines, list) and not all(isinstance(line, str) for line in lines):
        wrong.append(f"{place}: last_lines: {lines!r} are no texts")
    return wrong


def row_problems(part: str, row) -> list[str]:
    place = f"{part}, {row.get('name') if isinstance(row, dict) else '?'}"
    wrong = differences(place, row, EVERY_ROW | ROWS[part], ("name", "ok"))
    if wrong:
        return wrong
    if row["ok"] and part in MEASURED and all(row.get(name) is None for name in MEASURED[part]):
        return [f"{place}: it is right without any of {', '.join(MEASURED[part])}"]
    figures = [value for name, value in row.items() if name not in NO_FIGURES]
    if row["ok"] is False and not figures or row["ok"] is None and all(value is None for value in figures):
        return [f"{place}: it has no figure"]
    return []


def part_problems(part, earlier: list) -> list[str]:
    if not isinstance(part, dict):
        return [f"{part!r}: a part is an object"]
    name = part.get("part")
    if not isinstance(name, str) or name not in ROWS:
        return [f"{name!r}: no such part"]
    state = ("reason",) if part.get("status") == "skipped" else ("seconds", "exit", "last_lines")
    wrong = differences(name, part, PART, ("part", "status", "rows", *state))
    if name in earlier:
        wrong.append(f"{name}: it stands there twice")
    rows = part.get("rows")
    for row in rows if isinstance(rows, list) else ():
        wrong += row_problems(name, row)
    return wrong


def problems(report) -> list[str]:
    """What is wrong with the contents of results.json; empty if they have their form."""
    wrong = differences("report", report, REPORT, tuple(REPORT))
    parts = report.get("parts") if isinstance(report, dict) else None
    if parts == []:
        wrong.append("report: it has no part")
    names: list = []
    for part in parts if isinstance(parts, list) else ():
        wrong += part_problems(part, names)
        names.append(part.get("part") if isinstance(part, dict) else None)
    return wrong
