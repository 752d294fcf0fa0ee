"""Programs that take the place of others."""
import pathlib


def script(folder: pathlib.Path, name: str, body: str) -> str:
    """A program of the shell."""
    path = folder / name
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return str(path)


def as_on_a_gpu(folder: pathlib.Path, program: str) -> str:
    """A program that computes on the emulated device where it is asked for a GPU."""
    return script(folder, "memsizer", "for word; do shift; [ $word != cuda ] || word=emulated; set -- \"$@\" \"$word\"; done\n"
                  f"exec {program} \"$@\"")
