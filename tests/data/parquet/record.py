"""Writes the Parquet files of tests/data/parquet_rows.cpp and its neighbours. Needs pyarrow.

    build/arrow/bin/python tests/data/parquet/record.py

Between them the files have what upstream files have: each compression, pages with dictionaries and without, both
versions of pages, strings with 32 and 64 bits of length, optional structs, nulls, and several row groups.

    build/arrow/bin/python tests/data/parquet/record.py FILE...

prints for each file its rows and FNV-1a (64 bit) of the strings of its first column, a zero byte after each, a one for
a null. The tests hold our reader against the lines that this printed for the real files.
"""
import os
import sys

import pyarrow as pa
import pyarrow.parquet as pq

FOLDER = os.path.dirname(os.path.abspath(__file__))


def write(name, columns, **options):
    path = os.path.join(FOLDER, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    fields = {key: value if isinstance(value, pa.Array) else pa.array(value, pa.string()) for key, value in columns}
    pq.write_table(pa.table(list(fields.values()), names=list(fields)), path,
                   **{"store_schema": False, "write_statistics": False, **options})


def translations(*rows):
    return pa.array(rows, pa.struct([("de", pa.string()), ("en", pa.string())]))


def write_all():
    lines = ["", " = Heading = \n", "", " A line with \u00e4 , \u20ac and \U0001d11e . \n", " A line . \n", ""]
    write("wikitext/train-00000-of-00002.parquet", [("text", lines)], compression="snappy")
    write("wikitext/train-00001-of-00002.parquet", [("text", [" Line %d \n" % (i % 7) for i in range(300)])],
          compression="gzip", row_group_size=90, data_page_size=64)
    write("wikitext/test-00000-of-00001.parquet", [("text", ["one", "", "two"])], compression="none",
          use_dictionary=False)

    write("de-en/train-00000-of-00001.parquet",
          [("translation", translations({"de": "Ein Satz.", "en": "A sentence."}, {"de": "", "en": ""},
                                        {"de": "\u00c4hm", "en": " Er "}))], compression="zstd")
    write("de-en/validation-00000-of-00001.parquet",
          [("id", ["0", "1"]), ("translation", translations({"de": "Ja.", "en": "Yes."}, {"de": "Nein.", "en": None}))])
    write("de-en/test-00000-of-00001.parquet",
          [("translation", translations({"de": "Ja.", "en": "Yes."}, None))], data_page_version="2.0")

    write("articles/train-00000-of-00001.parquet",
          [("document", pa.array(["One.\nTwo.", ""], pa.large_string())), ("summary", pa.array(["1", " s"], pa.large_string())),
           ("id", pa.array(["29750031", None], pa.large_string()))], compression="brotli", store_schema=True)
    write("articles/test.parquet", [("summary", ["s"]), ("document", ["d"])], compression="lz4")

    rows = range(200)
    write("questions/1M-GPT4-Augmented.parquet",
          [("id", ["flan.%d" % i for i in rows]),
           ("system_prompt", pa.array([["", None, "You are a teacher."][i % 3] for i in rows]).dictionary_encode()),
           ("question", ["Question %d?" % i for i in rows]), ("response", ["Answer %d." % i for i in rows])],
          compression="snappy", row_group_size=70, data_page_version="2.0", store_schema=True,
          use_dictionary=["system_prompt"], column_encoding={"id": "DELTA_BYTE_ARRAY", "question": "DELTA_LENGTH_BYTE_ARRAY"})

    texts = [None if i % 5 == 4 else "text %d" % (i * i) for i in range(40)]
    for compression in ["none", "snappy"]:
        write("checked_%s.parquet" % compression, [("text", texts)], compression=compression, row_group_size=25,
              write_page_checksum=True, use_dictionary=compression == "snappy")
    write("large.parquet", [("text", ["x" * 12288] * 9000)], compression="zstd",
          use_dictionary=False, compression_level=19)
    write("empty.parquet", [("text", [])])
    write("types.parquet",
          [("number", pa.array([1])), ("bytes", pa.array([b"\xff"])), ("many", pa.array([["a", "b"]])),
           ("not_utf8", pa.array([b"caf\xe9"]).view(pa.string())), ("text", ["x"])])


def fnv1a(parts):
    value = 0xCBF29CE484222325
    for part in parts:
        for byte in part:
            value = (value ^ byte) * 0x100000001B3 % 2**64
    return "%016x" % value


def describe(path):
    column = pq.read_table(path).column(0).combine_chunks()
    if pa.types.is_struct(column.type):
        column = column.field(0)
    values = column.to_pylist()
    parts = ["\x01" if value is None else value + "\0" for value in values]
    print(path, len(values), fnv1a(part.encode() for part in parts))


if len(sys.argv) > 1:
    for argument in sys.argv[1:]:
        describe(argument)
else:
    write_all()
