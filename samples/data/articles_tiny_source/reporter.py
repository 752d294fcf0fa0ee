"""Turns an event into an article and its summary.

A template has paragraphs. Each is a way to tell the event, a sentence a line; the last one is the summary. A line that
begins with a word and a colon, such as "ferry: ", is for events of this form alone. [a|b] is one of its parts, chosen
at random. {name} is a fact of the event."""

import re
from pathlib import Path

from wikitext_tiny_source.writer import INNERMOST_CHOICE

TEMPLATES = Path(__file__).parent / "templates"
FORM = re.compile(r"(\w+): ")


def report(event, dice):
    """The document of an event, a sentence a line, and its summary, which is one sentence."""
    *ways, summary = (TEMPLATES / f"{event.template}.txt").read_text(encoding="utf-8").split("\n\n")
    (summary,) = sentences(summary, event, dice)
    return "\n".join(sentences(dice.pick(ways), event, dice)), summary


def sentences(paragraph, event, dice):
    lines = []
    for line in paragraph.splitlines():
        form = FORM.match(line)
        if form is None or form[1] == event.form:
            lines.append(sentence(line[form.end() if form else 0 :], event, dice))
    return lines


def sentence(line, event, dice):
    while match := INNERMOST_CHOICE.search(line):
        line = line[: match.start()] + dice.pick(match[1].split("|")) + line[match.end() :]
    text = line.format(**vars(event))
    return text[0].upper() + text[1:]
