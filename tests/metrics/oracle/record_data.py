"""Records data.json beside itself: figures of sacreBLEU on real data, none of which is in the project. The systems are
two ways to spoil the references and, of Multi30k, the translations in systems/, 300 lines each, which two models of
bench/translation_sweep.py wrote.

python3 tests/metrics/oracle/record_data.py DATA        DATA: a folder laid out as MEMSIZER_DATA
"""

import json
import pathlib
import sys

from sacre import FOLDER, bootstrap_figures, score_figures

LINES = 300  # the first of each file
SPOILED = ("wmt/newstest/newstest2013.deu", "wmt/newstest/newstest2013.eng")
TRANSLATED = ("multi30k/test_2016_flickr.de", ("multi30k_dim_256.de", "multi30k_slots_2.de"))


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


def corpora(data):
    """For each corpus the file of its references, these, the files of the systems if there are any, and the systems."""
    for name in SPOILED:
        references = lines_of(data / name)[:LINES]
        faults = (without_every_fifth, with_neighbours_exchanged)
        yield name, references, [], [[fault(line) for line in references] for fault in faults]
    name, files = TRANSLATED
    yield name, lines_of(data / name)[:LINES], files, [lines_of(FOLDER / "systems" / file) for file in files]


def main(data):
    rows = []
    for name, references, files, systems in corpora(data):
        figures = [score_figures(hypotheses, [references], ("13a", "intl")) for hypotheses in systems]
        bootstrap = bootstrap_figures(systems, [references])
        rows.append(json.dumps({"file": name, "systems": files, "figures": figures, "paired_bs": bootstrap}))
    (FOLDER / "data.json").write_text("[\n" + ",\n".join(rows) + "\n]\n")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
