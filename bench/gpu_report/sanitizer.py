"""NVIDIA's compute-sanitizer over two training steps of the smallest models, and over all operations at small sizes."""
import concurrent.futures
import re
import shutil

import part

TOOLS = ("memcheck", "racecheck", "initcheck", "synccheck")
TYPES = ("float", "bfloat16", "double")
PLACES = ("/usr/local/cuda/bin/compute-sanitizer",)


def find() -> str | None:
    found = shutil.which("compute-sanitizer")
    return found or next((place for place in PLACES if shutil.which(place)), None)


def prefix(sanitizer: str, tool: str) -> tuple[str, ...]:
    return (sanitizer, "--tool", tool, "--error-exitcode", "99", "--print-limit", "5")


def train(context: part.Context, sanitizer: str, tool: str, architecture: str, dtype: str) -> part.Call:
    return part.train(context, f"sanitizer-{tool}-{architecture}-{dtype}", device="cuda", steps=2, architecture=architecture,
                      settings=["sequence=33", "batch=3", "warmup=1", "dropout=0.1", f"dtype={dtype}"],
                      prefix=prefix(sanitizer, tool), limit=100)


def check(context: part.Context, sanitizer: str, tool: str, dtype: str) -> part.Call:
    """All operations, and so all kernels, at small sizes."""
    command = [*prefix(sanitizer, tool), context.program, "gradcheck", "--device", "cuda", "--dtype", dtype, "--largest-size", "33"]
    return part.call(command, context.limit(100))


def add(rows: part.Rows, title: str, call: part.Call) -> None:
    """Adds a row with what the sanitizer counted, and its first findings."""
    text = call.output + call.errors
    summary = re.findall(r"(?:ERROR|RACECHECK) SUMMARY: [^\n]*", text)
    figures = {"summary": summary[-1] if summary else None, "seconds": call.seconds}
    if not call.ok() or not summary:
        findings = [line for line in text.splitlines() if line.startswith("=========")]
        figures |= call.failure() | {"findings": "\n".join(findings[1:14])}
    rows.add(title, ok=call.verdict() and bool(summary), **figures)


def run(context: part.Context, rows: part.Rows) -> None:
    sanitizer = find()
    if context.device != "cuda" or sanitizer is None:
        rows.add("compute-sanitizer", note="not run: no GPU" if context.device != "cuda" else "not run: it is not installed")
        return
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        calls = []
        for tool in TOOLS:
            for architecture in ("transformer", "memsizer"):
                for dtype in ("float", "bfloat16"):
                    title = f"{tool}: two steps of {architecture}, {dtype}"
                    calls.append((title, pool.submit(train, context, sanitizer, tool, architecture, dtype)))
        for tool in TOOLS:
            for dtype in TYPES:
                title = f"{tool}: all operations, {dtype}"
                calls.append((title, pool.submit(check, context, sanitizer, tool, dtype)))
        for title, future in calls:
            add(rows, title, future.result())


part.main(run)
