"""Turns a template and an entity's facts into an article in the WikiText format.

A template has a sentence a line. "= " and "== " begin headings, a blank line ends a paragraph, "@name" puts in another
template. "? " marks a sentence that is left out now and then. [a|b] is one of its parts, chosen at random, and may be
nested. {name} is a fact; a sentence that names a fact which the entity does not have is left out."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
INNERMOST_CHOICE = re.compile(r"\[([^\[\]]*)\]")
KEEP_OPTIONAL = 0.85


class Writer:
    def __init__(self, dice):
        self._dice = dice

    def article(self, kind, facts):
        """The article's lines, each " text \\n" as in WikiText. A section without a sentence is left out."""
        sections = []
        for line in template_lines(kind):
            if line.startswith("="):
                marks, title = line.split(" ", 1)
                marks = " ".join(marks)
                sections.append((f" {marks} {tokenize(title.format(**vars(facts)))} {marks} \n", [[]]))
            elif not line:
                sections[-1][1].append([])
            elif sentence := self._sentence(line, facts):
                sections[-1][1][-1].append(sentence)
        lines = []
        for heading, paragraphs in sections:
            texts = [f" {tokenize(' '.join(sentences))} \n" for sentences in paragraphs if sentences]
            if texts:
                lines += [" \n", heading, " \n", *texts]
        return lines

    def _sentence(self, line, facts):
        if line.startswith("? "):
            if not self._dice.chance(KEEP_OPTIONAL):
                return None
            line = line[2:]
        while match := INNERMOST_CHOICE.search(line):
            line = line[: match.start()] + self._dice.pick(match[1].split("|")) + line[match.end() :]
        try:
            text = line.format(**vars(facts))
        except (AttributeError, KeyError):
            return None
        return text[0].upper() + text[1:]


def template_lines(kind):
    for line in (TEMPLATES / f"{kind}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("@"):
            yield from template_lines(line[1:])
        else:
            yield line


def tokenize(text):
    """WikiText's tokens: punctuation stands apart, "@-@" joins, "@,@" and "@.@" stand inside numbers."""
    text = re.sub(r"(\d),(?=\d{3})", r"\1 @,@ ", text)
    text = re.sub(r"(\d)\.(\d)", r"\1 @.@ \2", text)
    text = re.sub(r"(\w)-(\w)", r"\1 @-@ \2", text)
    text = re.sub(r"'s\b", " 's", text)
    text = re.sub(r"s' ", "s ' ", text)
    text = re.sub(r"([,;.?!])(?=\s|$)", r" \1", text)
    return re.sub(r" +", " ", text).strip()
