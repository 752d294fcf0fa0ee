"""What scripts that train with our program read of its runs, and the results that they keep beside them."""
import json
import os
import subprocess


def write_json(path, value):
    """Writes a file so that a stop at any moment leaves the old one or the new."""
    part = path.with_suffix(".part")
    part.write_text(json.dumps(value, indent=2) + "\n")
    os.replace(part, path)


def kept(path, make):
    """The result in a file. If there is no file yet, makes the result and keeps it there."""
    if not path.exists():
        write_json(path, make())
    return json.loads(path.read_text())


def read_latest(run):
    """The name of the latest checkpoint; empty if there is none yet."""
    return (run / "latest").read_text().strip() if (run / "latest").exists() else ""


def state_of(run, checkpoint):
    return json.loads((run / "checkpoints" / checkpoint / "state.json").read_text())


def scores_of(program, run, data, *options):
    """The figures of `evaluate` on the test split."""
    ran = subprocess.run([program, "evaluate", run, "--data", data, "--split", "test", "--json", *options], check=True,
                         stdout=subprocess.PIPE)  # fmt: skip
    return json.loads(ran.stdout)


def set_options(settings):
    """The words of the command line for settings such as "slots=4"."""
    return [word for setting in settings for word in ("--set", setting)]
