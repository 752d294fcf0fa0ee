"""Records data.json beside itself: counts and hashes of the ids that Hugging Face's tokenizers give on real data,
none of which is in the project, and of the merges that its trainer learns.

python3 tests/text/oracle/record_data.py DATA        DATA: a folder laid out as MEMSIZER_DATA
"""

import json
import pathlib
import sys

from hugging_face import byte_level, encode_lines, fnv1a, hash_lines, train
from tokenizers import models


def lines_of(path):
    return path.read_bytes().decode().removesuffix("\n").split("\n")


def lines_of_xsum(path):
    """The lines of every document and every summary."""
    records = [json.loads(line) for line in path.read_text().splitlines()]
    return [line for record in records for key in ("document", "summary") for line in record[key].split("\n")]


def record(tokenizer, texts):
    ids = encode_lines(tokenizer, texts)
    return {"lines": len(texts), "ids": sum(map(len, ids)), "hash": f"{hash_lines(ids):016x}"}


def hash_merges(tokenizer):
    merges = json.loads(tokenizer.to_str())["model"]["merges"]
    spelled = "".join(f"{left} {right}\n" for left, right in merges)
    return {"merges": len(merges), "hash": f"{fnv1a(map(ord, spelled)):016x}"}


def main(data):
    vocabulary, merges = models.BPE.read_file(str(data / "gpt2-bpe/encoder.json"), str(data / "gpt2-bpe/vocab.bpe"))
    gpt2 = byte_level(models.BPE(vocab=vocabulary, merges=merges))
    files = sorted(path for folder in ("wikitext-2", "multi30k", "wmt/newstest", "wmt/newstest-sgm") for path in (data / folder).iterdir())
    lines = {str(path.relative_to(data)): record(gpt2, lines_of(path)) for path in files}
    for path in (data / "xsum/test.jsonl", data / "xsum/train.jsonl"):
        lines[str(path.relative_to(data))] = record(gpt2, lines_of_xsum(path))

    whole, trained = {}, {}
    for name in ("wikitext-2/wiki.valid.tokens", "wikitext-2/wiki.test.tokens"):
        whole[name] = record(gpt2, [(data / name).read_bytes().decode()])
    for name in ("wikitext-2/wiki.train.tokens", "multi30k/train.de"):
        tokenizer = train([(data / name).read_bytes().decode()], 8192)
        trained[name] = {"vocab_size": 8192} | hash_merges(tokenizer)

    sections = {"lines": lines, "whole": whole, "trained": trained}
    rows = [
        f"{json.dumps(section)}: {{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in entries.items()) + "\n}"
        for section, entries in sections.items()
    ]
    pathlib.Path(__file__).with_name("data.json").write_text("{\n" + ",\n".join(rows) + "\n}\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
