#!/usr/bin/env python3
"""Writes the sample data in questions-tiny/: questions and answers in the layout of OpenOrca, our own work.

    samples/data/make_questions_tiny.py [--output FOLDER]

The records are the same on every run. Most ask for a fact of the country that wikitext-tiny tells of, in one of many
ways; the others ask about a passage that stands in the question. A hash of the id decides the split, as for OpenOrca.
Without its last two digits, the number in an id is that of the fact; ids that begin with "cot" count passages."""

import argparse
import json
from pathlib import Path

from make_wikitext_tiny import SEED as WORLD_SEED
from questions_tiny_source.facts import make_facts
from questions_tiny_source.passages import make_passage
from wikitext_tiny_source.dice import Dice
from wikitext_tiny_source.world import World

SEED = 20261128
WAYS = 11  # records that ask for a fact openly; three more want a yes or no
PASSAGES = 440
FIRST_PASSAGE = 50000
SHORT_PROMPTS = {"year": "Answer with a year.", "name": "Answer with a name.", "word": "Answer with one word."}
GUIDE = "You are a guide in Halmark. Greet the guest first."


def record(prefix, number, system_prompt, question, response):
    return {"id": f"{prefix}.{number}", "system_prompt": system_prompt, "question": question, "response": response}


def instructed(short, sentence, kind, dice):
    """A system prompt that fits a question, and the answer in the form that it asks for."""
    form = dice.pick(("plain", "plain", "plain", "short", "short", "short", "sentence", "sentence", "guide"))
    if form == "sentence":
        return "Answer in one sentence.", sentence
    if form == "guide":
        return GUIDE, f"Welcome! {sentence}"
    return SHORT_PROMPTS.get(kind, "") if form == "short" else "", short


def records_of_fact(number, fact, facts, dice):
    records = []
    for way, question in enumerate(dice.shuffled(fact.questions())[:WAYS]):
        prompt, response = instructed(fact.answer, fact.sentence(), fact.attribute.kind, dice)
        prefix = "niv" if response == fact.answer else "flan"
        records.append(record(prefix, 100 * number + way, prompt, question, response))
    for way, (question, response) in enumerate(doubts(fact, facts, dice), WAYS):
        records.append(record("t0", 100 * number + way, "Answer yes or no.", question, response))
    return records


def doubts(fact, facts, dice):
    """Three questions for yes or no, of four: in two ways for the right answer and for wrong ones."""
    others = sorted({other.answer for other in facts if other.attribute is fact.attribute} - {fact.answer})
    right = [(question, "Yes") for question in fact.doubts(fact.answer)]
    wrong = [(fact.doubts(answer)[way], "No") for way, answer in enumerate(dice.shuffled(others)[:2])]
    return dice.sample(right + wrong, 3)


def records_of_passages(dice):
    records, seen = [], set()
    while len(records) < PASSAGES:
        question, short, sentence, kind = make_passage(dice)
        if question not in seen:
            seen.add(question)
            prompt, response = instructed(short, sentence, kind, dice)
            records.append(record("cot", FIRST_PASSAGE + len(records), prompt, question, response))
    return records


def make_records():
    dice = Dice(SEED)
    facts = make_facts(World(Dice(WORLD_SEED)))
    records = [one for number, fact in enumerate(facts) for one in records_of_fact(number, fact, facts, dice)]
    return dice.shuffled(records + records_of_passages(dice))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=Path(__file__).parent / "questions-tiny")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)

    lines = [json.dumps(one) + "\n" for one in make_records()]
    (folder / "1M-GPT4-Augmented.jsonl").write_text("".join(lines), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
