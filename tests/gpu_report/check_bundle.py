#!/usr/bin/env python3
"""Makes bundles as scripts/gpu_bundle does, but without the build, and runs a report there: a bundle has all files that it needs, a
damaged one is refused, and what is no bundle is kept.

usage: check_bundle.py PROGRAM
"""
import contextlib
import importlib.machinery
import importlib.util
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest.mock

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
ENVIRONMENT = {key: value for key, value in os.environ.items() if key not in ("PYTHONPATH", "PYTHONDONTWRITEBYTECODE")}


def gpu_bundle():
    """The script as a module, which takes the program of this test for the one that it would build."""
    loader = importlib.machinery.SourceFileLoader("gpu_bundle", str(ROOT / "scripts" / "gpu_bundle"))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("gpu_bundle", loader))
    loader.exec_module(module)
    module.build = unittest.mock.Mock(return_value=pathlib.Path(sys.argv[1]).resolve())
    module.foreign_libraries_of_program, module.foreign_libraries = module.foreign_libraries, lambda _: []
    module.compiler_version = lambda: "release 0"
    return module


def make(bundle, folder: pathlib.Path) -> tuple[object, str]:
    """Runs the script: its exit code or last words, and what it wrote to stderr."""
    errors, code = io.StringIO(), None
    with unittest.mock.patch.object(sys, "argv", ["gpu_bundle", "--output", str(folder)]), contextlib.redirect_stderr(errors):
        try:
            bundle.main()
        except SystemExit as end:
            code = end.code
    return code, errors.getvalue()


def report(folder: pathlib.Path, output: pathlib.Path, *more: str) -> subprocess.CompletedProcess:
    return subprocess.run([str(folder / "gpu_report"), "--dry-run", "--minutes", "2", "--output", str(output), *more], check=False,
                          cwd=output.parent, env=ENVIRONMENT, stderr=subprocess.PIPE, text=True)


def contents(folder: pathlib.Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def check_report(folder: pathlib.Path, scratch: pathlib.Path) -> None:
    parts = "machine,speed,kernels,compiled"
    done = report(folder, scratch / "report", "--parts", parts)
    assert done.returncode == 0, done
    results = json.loads((scratch / "report" / "results.json").read_text())
    done = {part["part"]: part for part in results["parts"]}
    assert all(done[part]["status"] == "done" for part in parts.split(",")), done
    assert all(row["ok"] is not False for part in done.values() for row in part["rows"]), done
    assert results["commit"] == json.loads((folder / "manifest.json").read_text())["commit"], results


def check_damage(folder: pathlib.Path, scratch: pathlib.Path) -> None:
    """A file that is not what the manifest says, and a manifest that says nothing, are found before the first part."""
    def damaged(name: str, change) -> None:
        copy = scratch / "damaged"
        shutil.copytree(folder, copy)
        change(copy / name)
        done = report(copy, scratch / "unmade")
        assert done.returncode == 2 and done.stderr.startswith(f"gpu_report: {name}"), (name, done)
        assert len(done.stderr.splitlines()) == 1 and not (scratch / "unmade").exists(), done
        shutil.rmtree(copy)

    for name in ("memsizer", "bench/gpu_report/part.py", "samples/data/wikitext-tiny/wiki.train.tokens"):
        damaged(name, lambda path: path.write_bytes(path.read_bytes()[:-1] + b"\1"))
        damaged(name, pathlib.Path.unlink)
    for text in ("{", "", "[]", "{}", '{"commit": "1", "sha256": 7}', "[" * 100_000):
        damaged("manifest.json", lambda path, text=text: path.write_text(text))
    damaged("manifest.json", lambda path: path.write_bytes(b"\xff"))
    damaged("manifest.json", pathlib.Path.unlink)
    damaged("bench", shutil.rmtree)


def refuse_new(path: pathlib.Path, target: pathlib.Path) -> None:
    """Stands for Path.rename, and cannot put the new bundle into its place."""
    if path.name == "new":
        raise OSError("no rename")
    os.rename(path, target)


def check_replacement(bundle, folder: pathlib.Path) -> None:
    """An earlier bundle is replaced if the new one is whole, and kept if not; nothing is left beside it."""
    earlier = contents(folder)
    beside = sorted(folder.parent.iterdir())
    with unittest.mock.patch.object(bundle, "build", side_effect=subprocess.CalledProcessError(1, "cmake")):
        code, _ = make(bundle, folder)
        assert "cmake" in str(code), code
    with unittest.mock.patch.object(bundle, "LIMIT", 1000):
        code, _ = make(bundle, folder)
        assert "more than" in str(code), code
    with unittest.mock.patch.object(bundle, "write_manifest", side_effect=OSError("no space")):
        assert make(bundle, folder)[0] == "gpu_bundle: no space"
    with unittest.mock.patch.object(pathlib.Path, "rename", refuse_new):
        assert make(bundle, folder)[0] == "gpu_bundle: no rename"
    assert contents(folder) == earlier and sorted(folder.parent.iterdir()) == beside
    with unittest.mock.patch.object(bundle, "make", lambda *_: (folder / "mine").write_text("kept")):
        assert "holds mine" in make(bundle, folder)[0]
    (folder / "mine").unlink()  # which is still there
    with unittest.mock.patch.object(bundle, "commit", lambda: "another"):
        assert make(bundle, folder) == (None, "")
    now = contents(folder)
    bytecode = [name for name in earlier if name.endswith(".pyc")]  # of the report that ran there
    assert bytecode and not set(bytecode) & set(now) and len(now) == len(earlier) - len(bytecode), (earlier.keys(), now.keys())
    assert json.loads(now["manifest.json"])["commit"] == "another" and sorted(folder.parent.iterdir()) == beside


def check_kept(bundle, folder: pathlib.Path, scratch: pathlib.Path) -> None:
    """What is no bundle is refused before the build, and stays as it is."""
    bundle.build.reset_mock()

    def kept(place: pathlib.Path, said: str) -> None:
        before = contents(scratch)
        code, errors = make(bundle, place)
        assert code == 2 and len(errors.splitlines()) == 1 and said in errors, (place, code, errors)
        assert contents(scratch) == before and not bundle.build.called, place

    web = scratch / "web"
    web.mkdir()
    for text in ('{"name": "web"}', '{"commit": "", "nvcc": ""}', '{"commit": "", "nvcc": "", "sha256": 1}', "[]", "{"):
        (web / "manifest.json").write_text(text)
        kept(web, "holds manifest.json, which is no file of a bundle")
    (folder / "notes").mkdir()
    (folder / "notes" / "mine.txt").write_text("kept")
    kept(folder, "holds notes/mine.txt")
    (folder / "notes" / "mine.txt").unlink()
    (folder / "notes" / "link").symlink_to(web, target_is_directory=True)
    kept(folder, "holds notes/link")
    (scratch / "file").write_text("kept")
    for place in (scratch / "file", scratch / "file" / "below", scratch / "file" / "further" / "below"):
        kept(place, f"{place} is no folder, or lies below a file")
    kept(pathlib.Path("/proc/gpu_bundle"), "cannot be written")


def check_commit(bundle, scratch: pathlib.Path) -> None:
    """Sources that lie in a folder of another repository have not its commit."""
    outer = scratch / "outer"
    (outer / "sources").mkdir(parents=True)
    git = ("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-C", str(outer))
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "commit", "--quiet", "--allow-empty", "--message", "one"], check=True)
    for root, expected in ((outer, 40), (outer / "sources", len("unknown"))):
        with unittest.mock.patch.object(bundle, "ROOT", root.resolve()):
            assert len(bundle.commit()) == expected, (root, bundle.commit())


def check_libraries(bundle) -> None:
    for line, foreign in (("\tlibstdc++.so.6 => /lib/libstdc++.so.6 (0x0)", ["libstdc++.so.6"]),
                          ("\tlibc.so.6 => /lib/libc.so.6 (0x0)", []), ("\t/lib64/ld-linux-x86-64.so.2 (0x0)", []),
                          ("\tlibcudart.so.13 => not found", ["libcudart.so.13"])):
        with unittest.mock.patch.object(bundle, "output_of", lambda *_, line=line: line):
            assert bundle.foreign_libraries_of_program(pathlib.Path("program")) == foreign, line


def main() -> None:
    bundle = gpu_bundle()
    check_libraries(bundle)
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name).resolve()
        folder = scratch / "some" / "bundle"
        assert make(bundle, folder) == (None, "")
        check_report(folder, scratch)
        check_damage(folder, scratch)
        check_replacement(bundle, folder)
        check_kept(bundle, folder, scratch)
        if shutil.which("git"):
            check_commit(bundle, scratch)


if __name__ == "__main__":
    main()
