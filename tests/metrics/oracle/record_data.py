"""Records data.json beside itself: figures of sacreBLEU on real data, none of which is in the project.

python3 tests/metrics/oracle/record_data.py DATA        DATA: a folder laid out as MEMSIZER_DATA
"""

import json
import pathlib
import sys

from sacre import FOLDER, bootstrap_figures, score_figures

LINES = 300  # the first of each file
FILES = ("wmt/newstest/newstest2013.deu", "wmt/newstest/newstest2013.eng")


def lines_of(path):
    return path.read_bytes().decode().removesuffix("\n").split("\n")


def without_every_fifth(line):
    return " ".join(word for i, word in enumerate(line.split(" ")) if i % 5 != 4)


def with_neighbours_exchanged(line):
    """The third and fourth word of each six change places."""
    words = line.split(" ")
    for i in range(2, len(words) - 1, 6):
        words[i], words[i + 1] = words[i + 1], words[i]
    return " ".join(words)


def main(data):
    rows = []
    for name in FILES:
        references = lines_of(data / name)[:LINES]
        systems = [[fault(line) for line in references] for fault in (without_every_fifth, with_neighbours_exchanged)]
        figures = [score_figures(hypotheses, [references], ("13a", "intl")) for hypotheses in systems]
        corpus = {"file": name, "figures": figures, "paired_bs": bootstrap_figures(systems, [references])}
        rows.append(json.dumps(corpus))
    (FOLDER / "data.json").write_text("[\n" + ",\n".join(rows) + "\n]\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
