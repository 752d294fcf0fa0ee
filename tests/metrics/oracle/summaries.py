"""Figures of ROUGE from the package rouge_score, and of SQuAD by the rules of the official script of version 1.1."""

import collections
import re
import string

from rouge_score import rouge_scorer

ROUGES = ["rouge1", "rouge2", "rougeL", "rougeLsum"]
SCORERS = {stem: rouge_scorer.RougeScorer(ROUGES, use_stemmer=stem) for stem in (False, True)}


def mean(values):
    return 100 * sum(values) / len(values)


def rouge_scores(hypothesis, references, stem):
    """For each ROUGE: precision, recall, F1 of the best reference."""
    scores = SCORERS[stem].score_multi(references, hypothesis)
    return {name: [float(part) for part in scores[name]] for name in ROUGES}


def rouge_figures(hypotheses, references, stem):
    """Means of F1, times 100. References: a list of lines for each file."""
    segments = [rouge_scores(line, list(rest), stem) for line, *rest in zip(hypotheses, *references)]
    return {name: mean([scores[name][2] for scores in segments]) for name in ROUGES}


def normal_answer(text):
    """The official script's normalize_answer."""
    text = "".join(c for c in text.lower() if c not in string.punctuation)
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", text).split())


def squad_f1(prediction, truth):
    ours, theirs = normal_answer(prediction).split(), normal_answer(truth).split()
    same = sum((collections.Counter(ours) & collections.Counter(theirs)).values())
    if same == 0:
        return 0
    precision, recall = same / len(ours), same / len(theirs)
    return (2 * precision * recall) / (precision + recall)


def squad_scores(hypothesis, references):
    exact = max(normal_answer(hypothesis) == normal_answer(reference) for reference in references)
    return [float(exact), max(squad_f1(hypothesis, reference) for reference in references)]


def squad_figures(hypotheses, references):
    segments = [squad_scores(line, rest) for line, *rest in zip(hypotheses, *references)]
    return {"exact_match": mean([scores[0] for scores in segments]), "f1": mean([scores[1] for scores in segments])}
