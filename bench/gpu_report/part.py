"""What the parts of scripts/gpu_report share: the context of a run, rows of results, and calls of the program.

A part is a script of this folder. scripts/gpu_report starts it with two files: the context, which it reads, and the rows,
which it writes anew after each row, so that a part that is cut off leaves what it has. The part's stdin ends when
scripts/gpu_report does.
"""
import dataclasses
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time


CUT_OFF = 3  # the exit code of a part whose time is over


class OutOfTime(Exception):
    """The part has no time left for another call."""


@dataclasses.dataclass
class Context:
    program: str
    data: str  # a folder with wiki.train.tokens
    scratch: str  # a folder for runs of models
    rows: str  # the folder with the rows of the parts before
    device: str  # "cuda" or "emulated"
    dry_run: bool  # smallest shapes
    deadline: float  # seconds since the epoch; the part is killed then

    def limit(self, most: float = 1e9) -> float:
        """The seconds that a call may take: `most`, or what is left."""
        left = self.deadline - time.time() - 0.5
        if left < 0.5:
            raise OutOfTime
        return min(most, left)

    def folder(self, name: str) -> pathlib.Path:
        return pathlib.Path(self.scratch) / name


class Rows:
    """The rows of a part: dictionaries with a name, ok (True, False, or None where nothing was judged) and figures."""

    def __init__(self, path: str):
        self.path = pathlib.Path(path)
        self.rows: list[dict] = []
        self.write()

    def add(self, name: str, ok: bool | None = None, **figures) -> None:
        self.rows.append({"name": name, "ok": ok, **figures})
        self.write()

    def write(self) -> None:
        write_whole(self.path, json.dumps(self.rows))


@dataclasses.dataclass
class Call:
    code: int | None  # None: it was stopped at its limit
    output: str
    errors: str
    seconds: float

    def ok(self) -> bool:
        return self.code == 0

    def verdict(self) -> bool | None:
        """None for a call that was stopped: it is not known how it would have ended."""
        return None if self.code is None else self.ok()

    def tail(self, lines: int = 3) -> str:
        """The end of what was written, without progress that a terminal would overwrite."""
        text = (self.errors.strip() or self.output.strip()).replace("\r", "\n")
        return "\n".join(text.splitlines()[-lines:])[-600:]

    def failure(self) -> dict:
        return {"exit": "stopped at its limit" if self.code is None else self.code, "last_lines": self.tail()}


def write_whole(path: pathlib.Path, text: str) -> None:
    """Replaces the file at once, so that whoever reads it never sees half of it."""
    beside = path.with_name(path.name + ".new")
    beside.write_text(text)
    beside.replace(path)


def call(command: list[str], limit: float) -> Call:
    start = time.monotonic()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=limit, check=False)
        code, output, errors = done.returncode, done.stdout, done.stderr
    except subprocess.TimeoutExpired as stopped:
        code, output, errors = None, stopped.stdout or b"", stopped.stderr or b""
    except OSError as error:
        code, output, errors = 127, b"", str(error).encode()
    seconds = time.monotonic() - start
    return Call(code, output.decode(errors="replace"), errors.decode(errors="replace"), round(seconds, 3))


def train(context: Context, name: str, *, device: str, steps: int, settings: list[str], architecture: str = "transformer",
          preset: str = "micro", options: tuple[str, ...] = (), prefix: tuple[str, ...] = (), limit: float = 1e9) -> Call:
    """Trains a language model into the folder `name`."""
    command = [*prefix, context.program, "train", "--data", context.data, "--output", str(context.folder(name)), "--preset",
               preset, "--architecture", architecture, "--steps", str(steps), "--device", device, *options]
    for setting in ("log_every=1", "validate_every=1000000", "validate_examples=1", "keep=100", *settings):
        command += ["--set", setting]
    return call(command, context.limit(limit))


def metrics(context: Context, name: str) -> list[dict]:
    """The logged steps of a run."""
    path = context.folder(name) / "metrics.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [line for line in map(json.loads, lines) if "loss" in line]


def checkpoint_hash(context: Context, name: str, step: int) -> str | None:
    """One hash of the weights and the optimiser's state, or None if there is no such checkpoint."""
    folder = context.folder(name) / "checkpoints" / f"step-{step}"
    if not (folder / "model.safetensors").exists():
        return None
    whole = hashlib.sha256()
    for file in sorted(folder.glob("*.safetensors")):
        whole.update(file.read_bytes())
    return whole.hexdigest()[:16]


def rows_of(context: Context, name: str) -> list[dict]:
    """The rows of a part that ran before, as far as it came."""
    path = pathlib.Path(context.rows) / rows_name(name)
    return json.loads(path.read_text()) if path.exists() else []


def rows_name(name: str) -> str:
    """The file of a part's rows."""
    return f"{name}.rows.json"


def ceilings(context: Context) -> dict[str, float]:
    """What the card reached in the part `machine`: "copy" in GB/s, and "product, TYPE" in TFLOP/s."""
    return {row["ceiling"]: row.get("gigabytes_per_second") or row["teraflops"]
            for row in rows_of(context, "machine") if "ceiling" in row}


def rounded(value: float) -> float:
    """The first four digits of a rate or a ratio, however small it is."""
    return float(f"{value:.4g}")


def end_with_report() -> None:
    """Waits for the end of stdin, and ends this part with all that it has started."""
    os.read(0, 1)
    os.killpg(0, signal.SIGKILL)


def main(run) -> None:
    """Runs a part: `run(context, rows)`."""
    if os.getsid(0) == os.getpid():  # as scripts/gpu_report starts it; a part that is run by hand shares its group with others
        threading.Thread(target=end_with_report, daemon=True).start()
    context = Context(**json.loads(pathlib.Path(sys.argv[1]).read_text()))
    os.makedirs(context.scratch, exist_ok=True)
    try:
        run(context, Rows(sys.argv[2]))
    except OutOfTime:
        sys.exit(CUT_OFF)
