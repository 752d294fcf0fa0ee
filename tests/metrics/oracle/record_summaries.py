"""Records summaries.json beside itself: figures of ROUGE and SQuAD for texts of our own making, and hashes of stems and of
normal forms. With the folder of the real data sets it records summaries_data.json too, which has figures alone.

    pip install rouge-score==0.1.2 nltk==3.10.4
    python3 tests/metrics/oracle/record_summaries.py [FOLDER OF THE REAL DATA]

The texts of systems/sample_* are what the models of scripts/demo wrote for the first 100 test examples, and the references
of these, by `evaluate --limit 100 --hypotheses FILE --references FILE`.
"""

import json
import pathlib
import random
import re
import sys
import unicodedata

from nltk.stem import porter

from summaries import normal_answer, rouge_figures, rouge_scores, squad_figures, squad_scores

FOLDER = pathlib.Path(__file__).resolve().parent
ROOT = FOLDER.parents[2]

# A hypothesis and two references.
EDGES = [
    ("", "", ""),
    ("", "a line", "another line"),
    ("a line", "", ""),
    ("the", "a", "!"),
    ("...", "!", "..."),
    ("\n\n", "\n", ""),
    ("one", "one", "two"),
    ("One, two; THREE.", "one two three", "three two one"),
    ("the cat sat on the mat", "the cat was sitting on the mat", "on the mat sat the cat"),
    ("the the the the", "the cat the", "the"),
    ("a b a b a", "b a b", "a a b b"),
    ("police killed the gunman", "police kill the gunman", "the gunman kill police"),
    ("w1 w2 w6 w7 w8\nw1 w3 w8 w9 w5", "w1 w2 w3 w4 w5", "w1 w2 w3\nw4 w5"),
    ("b c a\na b c", "a b c\nc b a", "a b\n\nc"),
    ("x a b\na x b\na b x", "a b\na b", "x x x\na\nb b"),
    ("\nfirst sentence .\n\nsecond one .\n", "second one .\nfirst sentence .", "first sentence . second one ."),
    ("one\r\ntwo\u2028three\u0085four", "one\ntwo three four", "one two\nthree four"),
    ("caf\u00e9 na\u00efve \u00c9COLE", "caf na ve cole", "cafe naive ecole"),
    ("\u0130stanbul I\u0131 \u212aelvin \u017fharp \uff21\uff22", "i stanbul i kelvin harp", "istanbul ii kelvin sharp ab"),
    ("\u4f60\u597d \u4e16\u754c", "\u4f60\u597d \u4e16\u754c", "hello"),
    ("don't well-known 1,000.50 U.S. e-mail", "dont wellknown 100050 us email", "don t well known 1 000 50 u s e mail"),
    ("under_score a_b __ _a_", "underscore ab a", "under score a b"),
    ("The Beatles' (second) album", "beatles second album", "a second album of the Beatles"),
    ("an answer a day", "answer day", "the answer an day"),
    ("another theatre than", "other atre n", "then a than"),
    ("a\u0301 the\u0301 \u00e0 th\u00e9", "\u0301 \u0301 \u00e0 th\u00e9", "a the"),
    ("a-the an,a", "athe ana", "the a"),
    ("the\u00a0the\u3000a\u200ba", "\u200b", ""),
    ("42 4 2", "42", "4 2 42"),
    ("\u03a3\u0391\u03a3 the \u03a3", "\u03c3\u03b1\u03c2 \u03c3", "\u03c3\u03b1\u03c3 \u03c3"),
    ("\u201cthe\u201d \u2013 \u00aban\u00bb", "\u201c \u201d \u2013 \u00ab \u00bb", "the an"),
    ("skies dying news innings proceeded succeed", "sky die new inning proceed succeeds", "skis dye news inn"),
    ("runs running ran runner", "run run ran run", "running runner run"),
    ("as is his has does dies flies", "a i hi ha doe die fly", "as is his has do die fli"),
    ("conditionally hopefully geology possibly enjoy flying", "condition hope geologi possible enjoyed fly", "x"),
    ("A C\\new folder", "A C\nnew folder", "A C ew folder"),
]  # fmt: skip

WORDS = "the a an of in cat cats dog dogs sat sitting sits on mat ran running runs quickly quick 7 7.5 it's The Cat".split()


def random_text(dice, most):
    """Sentences of a few words from a small vocabulary, so that many words are in common."""
    sentences = [" ".join(dice.choices(WORDS, k=dice.randrange(12))) for _ in range(dice.randint(1, most))]
    return dice.choice(["\n", " .\n", " . "]).join(sentences)


def random_segments(count):
    dice = random.Random(2004)
    return [tuple(random_text(dice, 4) for _ in range(3)) for _ in range(count)]


def articles():
    return (ROOT / "samples/data/wikitext-tiny/wiki.train.tokens").read_text()


def summaries(count):
    """Paragraphs of the sample text, a sentence a line, as references; and two systems that leave out, double and exchange
    sentences and words."""
    paragraphs = [line.strip() for line in articles().split("\n") if line.count(" . ") > 2 and " = " not in line]
    dice = random.Random(2015)
    references, systems = [], ([], [])
    for paragraph in paragraphs[:count]:
        sentences = paragraph.split(" . ")
        references.append("\n".join(sentences))
        for system, faults in zip(systems, (0.3, 0.2)):
            chosen = dice.sample(sentences, min(3, len(sentences)))
            words = [[w for w in s.split() if dice.random() > faults] for s in chosen]
            system.append("\n".join(" ".join(s) for s in words))
    return list(systems), [references]


def lines_of(path):
    return [line.replace("\\n", "\n") for line in path.read_text().removesuffix("\n").split("\n")]


def corpora():
    first, *references = zip(*EDGES)
    yield "edges", [list(first)], [list(lines) for lines in references]
    yield "edges, one reference", [list(first)], [list(references[0])]
    hypotheses, *references = zip(*random_segments(150))
    yield "random", [list(hypotheses)], [list(lines) for lines in references]
    yield "articles", *summaries(60)
    scored = ROOT / "samples/data/scored"
    yield "summaries", [lines_of(scored / "summaries.txt")], [lines_of(scored / "summary_references.txt")]
    answers = [lines_of(scored / name) for name in ("answer_references.txt", "answer_references_2.txt")]
    yield "answers", [lines_of(scored / "answers.txt")], answers
    for kind in ("summaries", "answers"):
        systems = [lines_of(FOLDER / f"systems/sample_{kind}_{model}.txt") for model in ("transformer", "memsizer")]
        yield f"{kind} of models", systems, [lines_of(FOLDER / f"systems/sample_{kind}_references.txt")]


def all_figures(hypotheses, references):
    return {
        "rouge": rouge_figures(hypotheses, references, False),
        "rouge_stem": rouge_figures(hypotheses, references, True),
        "squad": squad_figures(hypotheses, references),
    }


def fnv1a_of_texts(texts):
    """FNV-1a (64 bit) of the texts in UTF-8, each ended by a newline."""
    value = 0xCBF29CE484222325
    for text in texts:
        for byte in text.encode() + b"\n":
            value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"


ENDINGS = """s ss es ies ied sses y ly ll lly eed ed ing e ational tional enci anci izer abli bli alli entli eli ousli ization
ation ator alism iveness fulness ousness aliti iviti biliti fulli logi icate ative alize iciti ical ful ness al ance ence er
ic able ible ant ement ment ent ion sion tion ou ism ate iti ous ive ize at bl iz ogy yy ying 1 12""".split() + [""]
BEGINNINGS = ["", "t", "a", "hop", "tann", "fizz", "sky", "troubl", "adopt", "yy"]


def stems():
    """The words of the sample text, each with each ending; and short beginnings with two endings. The test makes the same."""
    words = sorted(set(re.findall("[a-z]+", articles().lower())))[::12]
    stem = porter.PorterStemmer().stem
    made = [word + ending for word in words for ending in ENDINGS]
    made += [word + one + two for word in BEGINNINGS for one in ENDINGS for two in ENDINGS]
    irregular = "sky skies dying lying tying news innings inning outings outing cannings canning howe proceed exceed succeed"
    made += irregular.split()
    return {"words": words, "beginnings": BEGINNINGS, "endings": ENDINGS, "irregular": irregular.split(), "made": len(made),
            "hash": fnv1a_of_texts(map(stem, made))}  # fmt: skip


def normal_forms():
    """Of each character beside articles; of characters that all Unicodes since 14 treat alike."""
    points = [c for c in range(0x3000) if unicodedata.category(chr(c)) != "Cn" and c != 0xA]
    lines = (f"a{chr(c)} {chr(c)}the an{chr(c)}b A{chr(c)}A" for c in points)
    runs = []
    for c in points:
        if runs and runs[-1][1] == c:
            runs[-1][1] += 1
        else:
            runs.append([c, c + 1])
    return {"runs": runs, "hash": fnv1a_of_texts(map(normal_answer, lines))}


def record_data(data):
    """XSum: the first three sentences of an article as its summary."""
    articles = [json.loads(line) for line in (data / "xsum/test.jsonl").read_text().split("\n")[:200]]
    hypotheses = ["\n".join(article["document"].split("\n")[:3]) for article in articles]
    figures = all_figures(hypotheses, [[article["summary"] for article in articles]])
    (FOLDER / "summaries_data.json").write_text(json.dumps(figures) + "\n")


def main():
    recorded = []
    for name, systems, references in corpora():
        corpus = {"name": name, "systems": systems, "references": references}
        corpus["figures"] = [all_figures(hypotheses, references) for hypotheses in systems]
        if "articles" not in name:
            segments = list(zip(systems[0], *references))
            corpus["segments"] = [
                {"rouge": [rouge_scores(h, rest[:1], stem) for stem in (False, True)], "squad": squad_scores(h, rest[:1])}
                for h, *rest in segments
            ]
        recorded.append(json.dumps(corpus))
    text = f'{{"stems": {json.dumps(stems())},\n"normal forms": {json.dumps(normal_forms())},\n"corpora": [\n'
    (FOLDER / "summaries.json").write_text(text + ",\n".join(recorded) + "\n]}\n")
    if len(sys.argv) > 1:
        record_data(pathlib.Path(sys.argv[1]))


if __name__ == "__main__":
    main()
