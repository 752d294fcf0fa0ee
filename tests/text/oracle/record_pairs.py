"""Records what Python's unicodedata makes of pairs and triples of the characters that normal forms join: pairs.json.

A normal form joins two characters or exchanges them. `first` are the characters that begin such a pair (every one that
stands first in a decomposition), `second` those that may follow (every one that stands second), and both have two
characters of every combining class and the borders of all ranges of Hangul. The hash is of the normal forms of all pairs,
in order, each ended by a newline; `hangul` in all triples likewise.

python3 tests/text/oracle/record_pairs.py
"""

import itertools
import json
import pathlib
import unicodedata

# Both sides of each border: leading consonants, vowels, final consonants, syllables without and with a final one.
HANGUL = [0x10FF, 0x1100, 0x1112, 0x1113, 0x115F, 0x1160, 0x1161, 0x1175, 0x1176, 0x11A6, 0x11A7, 0x11A8, 0x11A9, 0x11C2,
          0x11C3, 0xA960, 0xABFF, 0xAC00, 0xAC01, 0xAC1B, 0xAC1C, 0xAC1D, 0xC790, 0xC791, 0xD788, 0xD7A3, 0xD7A4, 0xD7B0,
          0xD7CB]  # fmt: skip
PLAIN = [0x20, 0x41, 0x4E00, 0x10FFFF]


def decompositions():
    for point in range(0x110000):
        parts = unicodedata.decomposition(chr(point))
        if parts and not parts.startswith("<"):
            yield [int(part, 16) for part in parts.split()]


def two_of_each_class():
    by_class = {}
    for point in range(0x110000):
        by_class.setdefault(unicodedata.combining(chr(point)), []).append(point)
    return [point for number, points in by_class.items() if number for point in points[:2]]


def hash_of(texts, form):
    value = 0xCBF29CE484222325
    for text in texts:
        for character in unicodedata.normalize(form, text) + "\n":
            for shift in (0, 8, 16, 24):
                value = ((value ^ (ord(character) >> shift & 0xFF)) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


def main():
    parts = list(decompositions())
    others = HANGUL + PLAIN + two_of_each_class()
    first = sorted({pair[0] for pair in parts if len(pair) == 2} | set(others))
    second = sorted({pair[1] for pair in parts if len(pair) == 2} | set(others))
    pairs = [chr(a) + chr(b) for a, b in itertools.product(first, second)]
    triples = ["".join(map(chr, three)) for three in itertools.product(HANGUL + [0x301], repeat=3)]
    members = {"unicode": unicodedata.unidata_version, "first": first, "second": second, "hangul": HANGUL + [0x301]}
    for form in ("NFC", "NFKC"):
        members[f"{form.lower()} of pairs"] = hash_of(pairs, form)
        members[f"{form.lower()} of triples"] = hash_of(triples, form)
    lines = ",\n".join(f"{json.dumps(key)}: {json.dumps(value)}" for key, value in members.items())
    (pathlib.Path(__file__).parent / "pairs.json").write_text("{\n" + lines + "\n}\n")


if __name__ == "__main__":
    main()
