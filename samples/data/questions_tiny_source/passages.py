"""Short passages, and questions that they answer. Their people and deeds are new, so that only reading helps."""

from wikitext_tiny_source.common import FIRST_NAMES, SURNAMES

TOWNS = ("Aldermere", "Larkham", "Oakhaven", "Pellwick", "Ravensey", "Skarrow", "Vessary", "Wexcombe")
YEARS = range(2015, 2025)
DEEDS = (
    ("bought", "a mill"), ("built", "a boat"), ("found", "a ring"), ("lost", "a horse"), ("opened", "a shop"),
    ("painted", "a door"), ("planted", "a garden"), ("repaired", "a clock"), ("sold", "a house"), ("wrote", "a play"),
)  # fmt: skip
PARTICIPLES = {"wrote": "written"}
# For each kind of answer: two questions, and the answer in a sentence.
ASKED = {
    "who": ("Who {did} {it}?", "Which person {did} {it}?", "{who} {did} {it}."),
    "where": ("Where was {it} {done}?", "In which town was {it} {done}?", "{it} was {done} in {where}."),
    "when": ("When was {it} {done}?", "In which year was {it} {done}?", "{it} was {done} in {when}."),
    "what": ("What was {done} by {who}?", "What is it that {who} {did}?", "{who} {did} {what}."),
}
PROMPT_KIND = {"who": "name", "where": "name", "when": "year"}


def make_passage(dice):
    """A question with its passage, the short answer, the answer in a sentence, and the kind of the answer."""
    deeds = [dict(zip(("did", "what"), deed)) for deed in dice.shuffled(DEEDS)[: 1 if dice.chance(0.5) else 2]]
    surnames, towns, years = dice.shuffled(SURNAMES), dice.shuffled(TOWNS), dice.shuffled(YEARS)
    for number, deed in enumerate(deeds):
        deed["who"] = f"{dice.pick(FIRST_NAMES[dice.pick(('she', 'he'))])} {surnames[number]}"
        deed["where"], deed["when"] = towns[number], years[number]
        deed["done"] = PARTICIPLES.get(deed["did"], deed["did"])
        deed["it"] = f"the {deed['what'].split()[1]}"
    told = " ".join("{who} {did} {what} in {where} in {when}.".format(**deed) for deed in deeds)
    asked = dice.pick(list(ASKED))
    *questions, sentence = ASKED[asked]
    deed = dice.pick(deeds)
    question = f"{told} {dice.pick(questions).format(**deed)}"
    sentence = sentence.format(**deed)
    return question, str(deed[asked]), sentence[0].upper() + sentence[1:], PROMPT_KIND.get(asked)
