#!/usr/bin/env python3
"""Trains byte-pair encoding with our program and with every peer that is installed, in turns. Prints seconds, MB/s, peak memory
and ratios, and whether Hugging Face's merges equal ours.

usage: bench/train_bpe.py --program build/release/memsizer [--vocab-size 32000] [--rounds 3] FILE...

The peers are the PyPI packages tokenizers (Hugging Face), youtokentome (which needs cython and wheel, and is installed with
--no-build-isolation), rustbpe and gigatoken; a package that cannot be imported is left out. The files are plain text in
UTF-8, or lines of JSON (.jsonl), whose strings are taken but for "id". They are joined to one text.

Each training is a process of its own, on one thread. Seconds are its processor time, user and system: other work on the
machine changes it little. What a process takes for its imports alone is measured too and subtracted. The tools take turns,
and the table shows medians over the rounds.

YouTokenToMe splits at white space and works on characters, and rustbpe has GPT-4's split rule, so they learn other
vocabularies. Hugging Face reads its files line by line, so it never sees two line ends in a row, and a few merges differ for
that. So one more training, which is not timed, gives it the text as a whole. The script exits 1 if its merges differ from
ours then. gigatoken has GPT-2's split rule and Hugging Face's order of equally frequent pairs; the script tells how many of
our merges it has.
"""
import argparse
import importlib.util
import json
import pathlib
import statistics
import sys
import tempfile

import measured_command

HUGGING_FACE = """
import sys
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
alphabet = pre_tokenizers.ByteLevel.alphabet()
tokenizer = Tokenizer(models.BPE())
tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
def trainer(size):
    return trainers.BpeTrainer(vocab_size=size, special_tokens=["<pad>", "<s>", "</s>"], show_progress=False,
                               initial_alphabet=alphabet)
"""
HUGGING_FACE_WHOLE = HUGGING_FACE + """
def train(text, size, output):
    tokenizer.train_from_iterator([open(text, encoding="utf-8", newline="").read()], trainer(size))
    tokenizer.save(output)
"""
PEERS = {
    "Hugging Face": ("tokenizers", HUGGING_FACE + """
def train(text, size, output):
    tokenizer.train([text], trainer(size))
    tokenizer.save(output)
"""),
    "YouTokenToMe": ("youtokentome", """
import sys
import youtokentome
def train(text, size, output):
    youtokentome.BPE.train(data=text, model=output, vocab_size=size, n_threads=1)
"""),
    "rustbpe": ("rustbpe", """
import sys
import rustbpe
def train(text, size, output):
    rustbpe.Tokenizer().train_from_iterator(open(text, encoding="utf-8", newline=""), size)
"""),
    "gigatoken": ("gigatoken", """
import sys
import gigatoken
def train(text, size, output):
    vocabulary, merges = gigatoken.train_bpe(text, size, ["<pad>", "<s>", "</s>"])
    with open(output, "w") as file:
        file.writelines(f"{left.hex()} {right.hex()}\\n" for left, right in merges)
"""),
}
CALL = "\nif len(sys.argv) > 1: train(sys.argv[1], int(sys.argv[2]), sys.argv[3])\n"


def plain_text(path):
    """Yields the text of a file in parts, as bytes."""
    with open(path, "rb") as file:
        if path.suffix != ".jsonl":
            yield from iter(lambda: file.read(1 << 20), b"")
            return
        for line in file:
            for key, value in json.loads(line).items():
                if isinstance(value, str) and key != "id":
                    yield value.encode() + b"\n"


def commands(arguments, text, scratch):
    """By name: the command that trains, and the one that only starts."""
    size = str(arguments.vocab_size)
    ours = [arguments.program, "tokenizer", "train", "--threads", "1", "--input", str(text), "--vocab-size", size,
            "--output", str(scratch / "ours.json")]
    if not pathlib.Path(arguments.program).is_file():
        raise SystemExit(f"--program {arguments.program}: there is no such file")
    found = {"ours": (ours, [arguments.program, "--version"])}
    for name, (package, code) in PEERS.items():
        if importlib.util.find_spec(package) is None:
            print(f"{name}: the package {package} is not installed")
            continue
        start = [sys.executable, "-c", code + CALL]
        found[name] = (start + [str(text), size, str(scratch / f"{package}.out")], start)
    return found


def measure(found, rounds):
    """By name: the seconds and the peak memory of each round. The tools take turns."""
    results = {name: [] for name in found}
    for _ in range(rounds):
        for name, (train, start) in found.items():
            nothing, training = measured_command.measure(start), measured_command.measure(train)
            results[name].append((training.seconds - nothing.seconds, training.peak_mb))
    return results


def print_table(results, megabytes):
    medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in results.items()}
    ours = medians["ours"][0]
    print(f"{'':14}{'seconds':>9}{'least':>8}{'most':>8}{'MB/s':>8}{'peak MB':>9}{'to ours':>9}")
    for name, (seconds, memory) in medians.items():
        all_seconds = [row[0] for row in results[name]]
        print(f"{name:14}{seconds:9.2f}{min(all_seconds):8.2f}{max(all_seconds):8.2f}{megabytes / seconds:8.1f}{memory:9.0f}"
              f"{seconds / ours:9.2f}")


def read_merges(path):
    merges = json.loads(path.read_text(encoding="utf-8"))["model"]["merges"]
    return [tuple(merge.split(" ")) if isinstance(merge, str) else tuple(merge) for merge in merges]


def spell(token):
    """Bytes as tokenizer.json spells them: those that are no printable characters stand from U+0100 on."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return "".join(chr(byte if byte in printable else 256 + others.index(byte)) for byte in token)


def compare_with_gigatoken(scratch):
    ours = read_merges(scratch / "ours.json")
    lines = (scratch / "gigatoken.out").read_text().splitlines()
    theirs = [tuple(spell(bytes.fromhex(token)) for token in line.split(" ")) for line in lines]
    print(f"of our {len(ours)} merges gigatoken has {len(set(ours) & set(theirs))}, "
          f"{'in the same order' if ours == theirs else 'not all in the same order'}")


def merges_are_equal(arguments, text, scratch):
    """Prints how many of our merges are Hugging Face's too: of its timed training, and of one on the text as a whole."""
    lines, whole = scratch / "tokenizers.out", scratch / "whole.out"
    measured_command.measure([sys.executable, "-c", HUGGING_FACE_WHOLE + CALL, str(text), str(arguments.vocab_size), str(whole)])
    ours, by_lines, as_whole = (read_merges(path) for path in (scratch / "ours.json", lines, whole))
    print(f"of our {len(ours)} merges Hugging Face has {len(set(ours) & set(by_lines))} from its lines, and from the text as a "
          f"whole {len(set(ours) & set(as_whole))}, {'in the same order' if ours == as_whole else 'not all in the same order'}")
    return ours == as_whole


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--vocab-size", type=int, default=32000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("files", nargs="+", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        scratch = pathlib.Path(name)
        text = scratch / "text.txt"
        with open(text, "wb") as file:
            for path in arguments.files:
                file.writelines(plain_text(path))
        megabytes = text.stat().st_size / 1e6
        print(f"{megabytes:.1f} MB, {arguments.vocab_size} tokens, one thread, processor time, medians of {arguments.rounds} rounds")
        found = commands(arguments, text, scratch)
        print_table(measure(found, arguments.rounds), megabytes)
        if "gigatoken" in found:
            compare_with_gigatoken(scratch)
        if "Hugging Face" in found and not merges_are_equal(arguments, text, scratch):
            sys.exit("Hugging Face's merges differ from ours")


if __name__ == "__main__":
    main()
