"""Records data.json beside itself: counts and hashes of the ids that Hugging Face's tokenizers give on real data,
none of which is in the project, and of the merges that its trainer learns. tiktoken must give the same ids.

pip install tokenizers==0.23.3 tiktoken==0.14.0 pyarrow
python3 tests/text/oracle/record_data.py DATA        DATA: a folder laid out as MEMSIZER_DATA
"""

import json
import pathlib
import sys

from check_gpt2 import read_gpt2
from hugging_face import encode_lines, fnv1a, hash_lines, train
from pyarrow import parquet

TEXTS_OF_RECORDS = ("document", "summary", "system_prompt", "question", "response")


def lines_of(path):
    return path.read_bytes().decode().removesuffix("\n").split("\n")


def lines_of_records(path):
    """The lines of every text of every record."""
    records = [json.loads(line) for line in lines_of(path)]
    return [line for record in records for key in TEXTS_OF_RECORDS if key in record for line in record[key].split("\n")]


def texts_of_parquet(path):
    """The strings of each row, column by column."""
    table = parquet.read_table(path).flatten()
    return [text for row in zip(*(column.to_pylist() for column in table.columns)) for text in row if text is not None]


def lines_of_every_character():
    """Short ones, since a test reads them; check_gpt2.py has each character in more places."""
    return [f"a{c} {c}1" for c in map(chr, range(0x110000)) if c != "\n" and not "\ud800" <= c <= "\udfff"]


def texts_of(path):
    by_ending = {".jsonl": lines_of_records, ".parquet": texts_of_parquet}
    return by_ending.get(path.suffix, lines_of)(path)


def record(gpt2, texts):
    hugging_face, tiktoken = gpt2
    ids = encode_lines(hugging_face, texts)
    if any(tiktoken.encode_ordinary(text) != expected for text, expected in zip(texts, ids)):
        sys.exit("Hugging Face and tiktoken differ")
    return {"lines": len(texts), "ids": sum(map(len, ids)), "hash": f"{hash_lines(ids):016x}"}


def hash_merges(tokenizer):
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    spelled = "".join(f"{left} {right}\n" for left, right in merges)
    return {"merges": len(merges), "hash": f"{fnv1a(map(ord, spelled)):016x}"}


def main(data):
    gpt2 = read_gpt2(data / "gpt2-bpe")
    files = {str(path.relative_to(data)): path for path in sorted(data.glob("*/**/*")) if path.is_file()}
    lines = {name: record(gpt2, texts_of(path)) for name, path in files.items() if path.suffix != ".parquet"}
    parquet_files = {name: record(gpt2, texts_of(path)) for name, path in files.items() if path.suffix == ".parquet"}
    whole = {name: record(gpt2, [path.read_bytes().decode()]) for name, path in files.items() if path.suffix != ".parquet"}
    trained = {}
    for name in ("wikitext-2/wiki.train.tokens", "multi30k/train.de"):
        tokenizer = train([(data / name).read_bytes().decode()], 8192)
        trained[name] = {"vocab_size": 8192} | hash_merges(tokenizer)

    characters = {"every character": record(gpt2, lines_of_every_character())}
    sections = {"lines": lines, "parquet": parquet_files, "whole": whole, "characters": characters, "trained": trained}
    rows = [
        f"{json.dumps(section)}: {{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in entries.items()) + "\n}"
        for section, entries in sections.items()
    ]
    pathlib.Path(__file__).with_name("data.json").write_text("{\n" + ",\n".join(rows) + "\n}\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
