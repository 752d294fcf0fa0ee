"""What the scripts beside this file share: figures of sacreBLEU, in the form in which the tests read them.

pip install sacrebleu==2.6.0 regex==2026.11.19 numpy==2.4.6
"""

import logging
import pathlib

from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.significance import PairedTest

FOLDER = pathlib.Path(__file__).resolve().parent
TOKENIZERS = ("13a", "none", "char", "intl")
logging.disable(logging.CRITICAL)


def bleu_figures(hypotheses, references, tokenize, lowercase):
    metric = BLEU(tokenize=tokenize, lowercase=lowercase, force=True)
    score = metric.corpus_score(hypotheses, references)
    return {
        "tokenize": tokenize,
        "lowercase": lowercase,
        "bleu": score.score,
        "precisions": score.precisions,
        "brevity_penalty": score.bp,
        "words": [score.sys_len, score.ref_len],
        "signature": str(metric.get_signature()),
    }


def chrf_figures(hypotheses, references, lowercase):
    metric = CHRF(lowercase=lowercase)
    score = metric.corpus_score(hypotheses, references)
    return {"lowercase": lowercase, "chrf": score.score, "signature": str(metric.get_signature())}


def score_figures(hypotheses, references, tokenizers=TOKENIZERS):
    cases = (False, True)
    return {
        "bleu": [bleu_figures(hypotheses, references, name, case) for name in tokenizers for case in cases],
        "chrf": [chrf_figures(hypotheses, references, case) for case in cases],
    }


def bootstrap_figures(systems, references):
    """For each metric, a row for each system; the first is the baseline."""
    named = [(f"system {i}", hypotheses) for i, hypotheses in enumerate(systems)]
    metrics = {"bleu": BLEU(force=True), "chrf": CHRF()}
    signatures, scores = PairedTest(named, metrics, references, test_type="bs")()
    figures = {}
    for name, key in (("bleu", "BLEU"), ("chrf", "chrF2")):
        rows = [{"mean": float(row.mean), "half_width": float(row.ci), "p_value": row.p_value} for row in scores[key]]
        figures[name] = {"signature": str(signatures[key]), "systems": rows}
    return figures


def tokenized(tokenizer, lines):
    metric = BLEU(tokenize=tokenizer)
    for line in lines:
        yield " ".join(metric._preprocess_segment(line).split())


def fnv1a_of_texts(texts):
    """FNV-1a (64 bit) of the texts in UTF-8, each ended by a newline."""
    value = 0xCBF29CE484222325
    for text in texts:
        for byte in text.encode() + b"\n":
            value = ((value ^ byte) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return f"{value:016x}"
