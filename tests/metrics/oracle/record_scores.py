"""Records scores.json beside itself: figures of sacreBLEU for texts of our own making.

    pip install sacrebleu==2.6.0 regex==2026.11.19 numpy==2.4.6
    python3 tests/metrics/oracle/record_scores.py
"""

import json
import pathlib
import random

from sacre import FOLDER, bootstrap_figures, fnv1a_of_texts, score_figures, tokenized

ROOT = FOLDER.parents[2]

# Lines with what each tokenizer treats in a way of its own: a hypothesis and two references.
EDGES = [
    ("", "", ""),
    ("", "a line", "another line"),
    ("a line", "", ""),
    (" \t\u00a0\u3000 ", "a", " "),
    ("a", "a", "b"),
    ("a b", "a b", "b a"),
    ("a b c", "a b c d", "a b"),
    ("the the the the the the the", "the cat is on the mat", "there is a cat on the mat"),
    ("It costs 1,000.50 dollars, or 3.5 %.", "It costs 1,000.50 dollars or 3.5 per cent.", "That is $1,000.50."),
    ("In 2005.", "In 2005 .", "In 2005"),
    ("In 2005. ", "In 2005.\u2003", "In 2005.\u0085"),
    ("a 3-D film, 5-6 e-mails - well", "a 3 -D film, 5 - 6 e-mails -- well", "a 3-D film"),
    (".,.,", "a.,b,.c", "1.,2,.3"),
    ("&quot;A &amp; B&quot; &lt;b&gt; &amp;lt; &apos;", "\"A & B\" <b> &lt; '", "\"A & B\" < b >"),
    ("<skipped>one <skip>ped>", "one <skip>ped>", "one"),
    ("\u201eStra\u00dfe\u201c \u2013 \u00abrue\u00bb \u2026 \u00bfqu\u00e9?", "\"Stra\u00dfe\" - \u00abrue\u00bb... \u00bfqu\u00e9?", "Strasse"),
    ("5\u20ac 5 \u20ac \u00a35 2\u00d72=4 \u00b13 \u00b0C", "5 \u20ac 5\u20ac \u00a3 5 2 \u00d7 2 = 4", "\u00b13\u00b0C"),
    ("\u0663\u066b\u0661\u0664 \u0661\u060c\u0662 1\u00bd\u2044\u00bc \u2167.\u2167", "\u0663\u066b\u0661\u0664 1\u060c2", "1\u00bd\u2044\u00bc"),
    ("\u4f60\u597d\uff0c\u4e16\u754c\u3002\u7b2c\uff13\uff0e\uff15\u7ae0", "\u4f60\u597d \u4e16\u754c\u3002", "\u4f60\u597d\uff0c\u4e16\u754c\uff01"),
    ("line\u0085next \u2028 para\u2029graph", "line next para graph", "line\u0085next"),
    ("carriage\rreturn\r", "carriage return", "carriage\r return"),
    ("\x1cfile\x1dgroup\x1erecord\x1funit\x0bv\x0cf", "file group record unit v f", "file\x1cgroup"),
    ("zero\u200bwidth \u180e mongol \ufeffbom \u00adsoft", "zero width mongol bom soft", "zero\u200bwidth"),
    ("\ufefffirst word", "first word", "\ufeff first word"),
    ("\u03a3\u0391\u03a3 \u039f\u0394\u039f\u03a3. \u03a3' \u03a3\u0391\u03a3\u0301 A\u03a3-A A\u03a3:A \u1d1b\u03a3",
     "\u03c3\u03b1\u03c2 \u03bf\u03b4\u03bf\u03c2. \u03c3' \u03c3\u03b1\u03c2\u0301", "\u03c3\u03b1\u03c3 \u03bf\u03b4\u03bf\u03c3."),
    ("\u0130stanbul I\u0307 \u1e9eS \u01c5 K\u212a \u00c5\u212b", "i\u0307stanbul i\u0307 \u00dfs \u01c6 kk \u00e5\u00e5", "istanbul"),
    ("e\u0301 \u00e9 n\u0303", "\u00e9 e\u0301 \u00f1", "e n"),
    ("\U0001F600 ok \U0001F468\u200d\U0001F469 \U0001F1E9\U0001F1EA", "\U0001F600ok \U0001F468 \U0001F1E9\U0001F1EA", "ok"),
    ("\U00011DE1,\U00011DE2 \u20c1 \U00010D41.\U00010D42", "\U00011DE1 , \U00011DE2", "\u20c1"),
    ("U.S. e.g., Mr. O'Neill's \"x\"(y)[z]{w}~`^_|\\/", "U.S. , e.g. Mr. O' Neill 's \" x \" ( y )", "U. S."),
    ("Lower CASE and Upper case", "lower case AND upper CASE", "Lower CASE and upper"),
    ("one two three four five six seven eight nine ten", "one two three four five six seven eight nine", "ten nine eight"),
]  # fmt: skip

POOL = list("aAbB09 .,-'\"&;:!?()/<>") + [" "] * 8 + list(
    "\u00a0\u0085\u2003\u3000\u00e4\u00df\u0301\u03a3\u0130\u0416\u4f60\u0661\u00bd\u2167\u066b\u060c\u201c\u2013\u00ab\u20ac\u00d7\uff0c\U0001F600\u200b"
)


def random_lines(count):
    """Pairs of a line of random characters and the same line with some exchanged."""
    dice = random.Random(10)
    pairs = []
    for _ in range(count):
        line = [dice.choice(POOL) for _ in range(dice.choice([1, 2, 4, 8, 16, 32]))]
        other = [dice.choice(POOL) if dice.random() < 0.2 else c for c in line]
        pairs.append(("".join(line), "".join(other)))
    return pairs


def translated(line, dice, faults):
    """A sentence as a system could give it: words left out, doubled, exchanged with the next one or replaced."""
    words = line.split()
    for _ in range(sum(dice.random() < faults for _ in words)):
        at = dice.randrange(len(words))
        kind = dice.randrange(4)
        if kind == 0 and len(words) > 1:
            del words[at]
        elif kind == 1:
            words.insert(at, words[at])
        elif kind == 2 and at + 1 < len(words):
            words[at], words[at + 1] = words[at + 1], words[at]
        else:
            words[at] = dice.choice(["the", "of", "Haus", "a", "was", "near"])
    return " ".join(words)


def articles(count):
    """Sentences of the sample text as references, and two systems, of which the second makes a few faults less."""
    text = (ROOT / "samples/data/wikitext-tiny/wiki.train.tokens").read_text()
    references = [line.strip() for line in text.split("\n") if 40 < len(line) < 160 and " = " not in line][:count]
    dice = random.Random(2016)
    return [[translated(line, dice, faults) for line in references] for faults in (0.25, 0.24)], [references]


def lines_of(path):
    return path.read_text().removesuffix("\n").split("\n")


def corpora():
    first, *references = zip(*EDGES)
    yield "edges", [list(first)], [list(lines) for lines in references]
    yield "edges, one reference", [list(first)], [list(references[0])]
    for number, edge in enumerate(EDGES, 1):
        yield f"edge {number}", [[edge[0]]], [[line] for line in edge[1:]]
    yield "empty lines", [["", "", ""]], [["", "a", ""]]
    hypotheses, references = zip(*random_lines(60))
    yield "random", [list(hypotheses)], [list(references)]
    scored = ROOT / "samples/data/scored"
    yield "scored", [lines_of(scored / "first.txt"), lines_of(scored / "second.txt")], [lines_of(scored / "references.txt")]
    yield "articles", *articles(80)


def main():
    recorded = []
    for name, systems, references in corpora():
        corpus = {"name": name, "systems": systems, "references": references}
        corpus["figures"] = [score_figures(hypotheses, references) for hypotheses in systems]
        if len(systems) > 1:
            corpus["paired_bs"] = bootstrap_figures(systems, references)
        recorded.append(corpus)
    # No number, punctuation or symbol lies beyond.
    everywhere = [f"a{chr(c)}1{chr(c)}b {chr(c)}." for c in range(0x20000) if not 0xD800 <= c < 0xE000 and c != 0xA]
    hashes = {name: fnv1a_of_texts(tokenized(name, everywhere)) for name in ("13a", "intl")}
    # Letters that all Unicodes since 14 treat alike, each alone and around a capital sigma.
    cased = [*range(0x590), *range(0x10A0, 0x1100), *range(0x1E00, 0x2190), *range(0x2460, 0x2500), *range(0xFF00, 0xFFF0),
             *range(0x10400, 0x10450), *range(0x1D400, 0x1D800)]  # fmt: skip
    contexts = ("{}", "A\u03a3{}", "{}\u03a3", "A{}\u03a3", "A\u03a3{}B")
    lower = fnv1a_of_texts(context.format(chr(c)).lower() for c in cased for context in contexts)
    rows = ",\n".join(json.dumps(corpus) for corpus in recorded)
    text = f'{{"tokens of every character": {json.dumps(hashes)},\n"lower case": "{lower}",\n"corpora": [\n{rows}\n]}}\n'
    (FOLDER / "scores.json").write_text(text)


if __name__ == "__main__":
    main()
