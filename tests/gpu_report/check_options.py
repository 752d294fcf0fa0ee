#!/usr/bin/env python3
"""The options that scripts/gpu_report refuses, its exit codes, and what it leaves in its folder.

usage: check_options.py SCRIPT PROGRAM
"""
import collections.abc
import contextlib
import fcntl
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import programs

sys.path.insert(0, str(pathlib.Path(sys.argv[1]).resolve().parent.parent / "bench" / "gpu_report"))

import schema  # noqa: E402

KEPT = ["report.md", "results.json"]


def command(program: str, folder: pathlib.Path, *more: str) -> list[str]:
    return [sys.executable, sys.argv[1], "--program", program, "--output", str(folder), *more]


def run(expected: int, *arguments, environment: dict | None = None) -> str:
    """Runs the script, which must end with the expected exit code, and returns its errors."""
    done = subprocess.run(command(*arguments), capture_output=True, text=True, check=False,
                          env={**os.environ, **(environment or {})})
    assert done.returncode == expected and "Traceback" not in done.stderr, (arguments, done)
    return done.stderr


def parts_of(folder: pathlib.Path) -> dict[str, dict]:
    assert sorted(path.name for path in folder.iterdir()) == KEPT, list(folder.iterdir())
    return {part["part"]: part for part in json.loads((folder / "results.json").read_text())["parts"]}


def check_refused_options(scratch: pathlib.Path) -> None:
    program, folder, file = sys.argv[2], scratch / "refused", scratch / "file"
    file.write_text("kept")
    for minutes in ("0", "-1", "nan", "inf", "nine"):
        assert f"a number above 0 expected, got '{minutes}'" in run(2, program, folder, "--dry-run", "--minutes", minutes)
    assert "--parts: 'train'? There are machine, operations" in run(2, program, folder, "--dry-run", "--parts", "machine, train")
    assert "there is no" in run(2, str(scratch / "absent"), folder, "--dry-run")
    assert not folder.exists()
    for place in (file, file / "below"):
        assert f"--output: {place} is no folder" in run(2, program, place, "--dry-run")
    assert "cannot be written" in run(2, program, pathlib.Path("/proc/gpu_report"), "--dry-run")
    assert file.read_text() == "kept"


def check_device(scratch: pathlib.Path) -> None:
    """A program without the device is asked once; one that fails in another way has its parts run."""
    calls = scratch / "calls"
    without = programs.script(scratch, "without", f"echo \"$@\" >> {calls}; echo 'memsizer: no GPU here' >&2; exit 2")
    said = run(2, without, scratch / "unmade")
    assert said.startswith(f"gpu_report: {without}: no GPU here; ") and len(said.splitlines()) == 1, said
    assert len(calls.read_text().splitlines()) == 1 and "--device cuda" in calls.read_text(), calls.read_text()
    assert not (scratch / "unmade").exists()
    broken = programs.script(scratch, "crashing", "echo crashed >&2; exit 7")
    run(1, broken, scratch / "crashing_report", "--dry-run", "--device", "cuda", "--parts", "operations")
    assert parts_of(scratch / "crashing_report")["operations"]["rows"][0]["exit"] == 7


def check_parts(scratch: pathlib.Path) -> None:
    """Spaces after the commas; a GPU without its driver's program."""
    program = programs.as_on_a_gpu(scratch, sys.argv[2])
    run(0, program, scratch / "some", "--dry-run", "--device", "cuda", "--parts", " machine, generation",
        environment={"PATH": str(scratch)})
    parts = parts_of(scratch / "some")
    assert [name for name, part in parts.items() if part["status"] == "done"] == ["machine", "generation"], parts
    card = next(row for row in parts["machine"]["rows"] if row["name"] == "GPU")
    assert card == {"name": "GPU", "ok": None, "note": "not run: no nvidia-smi"}, card


def check_without_cublaslt(scratch: pathlib.Path) -> None:
    """A library that is not installed is no failure."""
    other = programs.as_on_a_gpu(scratch, sys.argv[2])
    said = "memsizer: cuBLASLt cannot be used: it is absent"
    program = programs.script(scratch, "bare", f"case \"$*\" in *cublaslt*) echo '{said}' >&2; exit 2;; esac\n"
                              f"exec {other} \"$@\"")
    run(0, program, scratch / "bare_report", "--dry-run", "--device", "cuda", "--parts", "products")
    rows = parts_of(scratch / "bare_report")["products"]["rows"]
    assert rows[-1] == {"name": "cuBLASLt", "ok": None, "note": f"not run: {said}"}, rows[-1]
    assert len(rows) == 14 and all(row["own"] > 0 for row in rows[:-1]), rows


def check_failed_part(scratch: pathlib.Path) -> None:
    """A part that fails itself, here of a program that prints no JSON."""
    run(1, programs.script(scratch, "silent", "exit 0"), scratch / "failed", "--dry-run", "--parts", "products")
    products = parts_of(scratch / "failed")["products"]
    assert products["status"] == "failed" and not products["rows"], products


@contextlib.contextmanager
def report_that_waits(scratch: pathlib.Path, folder: pathlib.Path) -> collections.abc.Iterator[subprocess.Popen]:
    """A report whose program was started, and does not end. With the report its program must end."""
    started = scratch / f"started_{folder.name}"
    program = programs.script(scratch, "waiting", f"echo $$ > {started}.new; mv {started}.new {started}; exec sleep 100")
    with subprocess.Popen(command(program, folder, "--dry-run", "--parts", "machine,operations"), stderr=subprocess.PIPE,
                          text=True) as process:
        limit = time.monotonic() + 60
        while not started.exists() and time.monotonic() < limit:
            time.sleep(0.05)
        yield process
    for _ in range(100):  # the kernel may take a moment to end it
        if not is_alive(int(started.read_text())):
            break
        time.sleep(0.05)
    assert not is_alive(int(started.read_text()))


def check_signal(scratch: pathlib.Path) -> None:
    """SIGTERM and SIGINT end the part that runs and what it started, and the rows that it has are written."""
    for number in (signal.SIGTERM, signal.SIGINT):
        folder = scratch / f"stopped_{number}"
        with report_that_waits(scratch, folder) as process:
            process.send_signal(number)
            assert process.wait(60) == 128 + number and not process.stderr.read()
        parts = parts_of(folder)
        assert list(parts) == ["machine"] and parts["machine"]["status"] == "cut off", parts
        assert [row["name"] for row in parts["machine"]["rows"]] == ["system"], parts
        assert "| system |" in (folder / "report.md").read_text()


def check_second_report(scratch: pathlib.Path) -> None:
    """A report that was killed leaves no process, and its folder is removed by the next report, which has its own figures."""
    folder = scratch / "twice"
    with report_that_waits(scratch, folder) as process:
        process.kill()
    left = [path.name for path in folder.iterdir() if path.name not in KEPT]
    assert len(left) == 1 and left[0].startswith("scratch-"), left
    other = folder / "scratch-mine"
    other.mkdir()
    (other / "notes").write_text("kept")
    held = folder / "scratch-held"  # as that of another report which runs
    held.mkdir()
    with (held / "gpu_report.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        run(0, sys.argv[2], folder, "--dry-run", "--parts", "speed")
    for kept in (other / "notes", held / "gpu_report.lock"):
        kept.unlink()
        kept.parent.rmdir()
    earlier = parts_of(folder)["speed"]["rows"]
    assert len(earlier) == 8 and all(row["ok"] and row["ours"] > 0 for row in earlier), earlier
    run(1, "/bin/true", folder, "--dry-run", "--parts", "speed")
    rows = parts_of(folder)["speed"]["rows"]
    assert len(rows) == 8 and all(row["ours"] is None and row["note"] == "the program logged no rate" for row in rows), rows


def check_nothing_measured(scratch: pathlib.Path) -> None:
    """A program that ends well and says nothing has no row right."""
    tools = scratch / "tools"
    tools.mkdir()
    programs.script(tools, "compute-sanitizer", "exit 0")
    environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
    run(1, "/bin/true", scratch / "nothing", "--dry-run", "--device", "cuda", environment=environment)
    run(1, "/bin/true", scratch / "nothing_whole", "--parts", "operations", environment=environment)
    empty = programs.script(scratch, "empty", "echo '{\"checks\": []}'")
    run(1, empty, scratch / "nothing_checked", "--dry-run", "--parts", "operations")
    for name in ("nothing", "nothing_whole", "nothing_checked"):
        assert not schema.problems(json.loads((scratch / name / "results.json").read_text())), name
        parts = parts_of(scratch / name)
        assert not any(row["ok"] for part in parts.values() for row in part["rows"]), parts
        assert all(any(row["ok"] is False for row in part["rows"]) for name, part in parts.items()
                   if name in ("operations", "training", "speed", "sanitizer", "generation") and part["status"] == "done"), parts


def is_alive(process: int) -> bool:
    """Whether it runs; an ended process whose parent does not ask for it does not."""
    status = pathlib.Path(f"/proc/{process}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        check_refused_options(scratch)
        check_device(scratch)
        check_parts(scratch)
        check_without_cublaslt(scratch)
        check_failed_part(scratch)
        check_signal(scratch)
        check_second_report(scratch)
        check_nothing_measured(scratch)


if __name__ == "__main__":
    main()
