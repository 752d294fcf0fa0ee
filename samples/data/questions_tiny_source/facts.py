"""What one can ask about Halmark: attributes of the world's entities, and the ways to ask for them."""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Attribute:
    """Something that each entity of a group has. In the texts, X is the entity and Y the answer; "|" stands between
    ways to say the same."""

    group: str  # of the world
    name: str  # of the entity's attribute, such as "engineer"
    kind: str  # of the answer: year, name or word
    asked: str  # questions
    clause: str  # what one asks somebody to tell
    sentence: str  # the answer in a sentence
    doubt: str  # a question for yes or no


ATTRIBUTES = (
    Attribute(
        "towns", "province", "name",
        "In which province is X?|In what province does X lie?|Which province does X belong to?|Where in Halmark is X?",
        "which province X is in|to which province X belongs",
        "X is in Y.", "Is X in Y?",
    ),
    Attribute(
        "towns", "trade", "word",
        "What is X known for?|What do the people of X live by?|What is the main trade of X?|Which trade is X known for?",
        "what X is known for|what the people of X live by",
        "X is known for its Y.", "Is X known for its Y?",
    ),
    Attribute(
        "provinces", "capital", "name",
        "What is the capital of X?|Which town is the capital of X?|From which town is X governed?|What is X's capital?",
        "what the capital of X is|which town is the capital of X",
        "the capital of X is Y.", "Is Y the capital of X?",
    ),
    Attribute(
        "bridges", "engineer", "name",
        "Who designed X?|By whom was X designed?|Who was the engineer of X?|Whose work is X?",
        "who designed X|who the engineer of X was",
        "X was designed by Y.", "Was X designed by Y?",
    ),
    Attribute(
        "bridges", "year", "year",
        "When was X opened?|In which year was X opened?|What year did X open?|Since when has X stood?",
        "when X was opened|in which year X was opened",
        "X was opened in Y.", "Was X opened in Y?",
    ),
    Attribute(
        "lighthouses", "engineer", "name",
        "Who built X?|By whom was X built?|Who was the engineer of X?|Whose work is X?",
        "who built X|who the engineer of X was",
        "X was built by Y.", "Was X built by Y?",
    ),
    Attribute(
        "lighthouses", "year", "year",
        "When was X built?|In which year was X built?|What year was X built?|Since when has X stood?",
        "when X was built|in which year X was built",
        "X was built in Y.", "Was X built in Y?",
    ),
    Attribute(
        "ships", "town", "name",
        "Where was X built?|In which town was X built?|Which town built X?|Where was X launched?",
        "where X was built|which town built X",
        "X was built in Y.", "Was X built in Y?",
    ),
    Attribute(
        "ships", "year", "year",
        "When was X launched?|In which year was X launched?|What year was X launched?|When was the launch of X?",
        "when X was launched|in which year X was launched",
        "X was launched in Y.", "Was X launched in Y?",
    ),
    Attribute(
        "novels", "author", "name",
        "Who wrote X?|By whom is X?|Who is the author of X?|Whose book is X?",
        "who wrote X|who the author of X is",
        "X was written by Y.", "Was X written by Y?",
    ),
    Attribute(
        "operas", "composer", "name",
        "Who composed the opera X?|By whom is the opera X?|Who is the composer of the opera X?|Whose opera is X?",
        "who composed the opera X|who the composer of the opera X is",
        "the opera X was composed by Y.", "Was the opera X composed by Y?",
    ),
    Attribute(
        "clubs", "nickname", "name",
        "What are X called?|What is the nickname of X?|Under what name are X known?|What do people call X?",
        "what X are called|what the nickname of X is",
        "X are called Y.", "Are X called Y?",
    ),
    Attribute(
        "clubs", "colour", "word",
        "What colour do X wear?|Which colour do X play in?|In what colour do X play?|What is the colour of X?",
        "what colour X wear|which colour X play in",
        "X play in Y.", "Do X play in Y?",
    ),
    Attribute(
        "battles", "admiral", "name",
        "Who won X?|Who led the fleet at X?|Who was the admiral at X?|Whose victory was X?",
        "who won X|who the admiral at X was",
        "X was won by Y.", "Was X won by Y?",
    ),
    Attribute(
        "battles", "year", "year",
        "When was X fought?|In which year was X fought?|What year was X?|When did X take place?",
        "when X was fought|in which year X took place",
        "X was fought in Y.", "Was X fought in Y?",
    ),
    Attribute(
        "castles", "monarch", "name",
        "Which ruler built X?|Under whom was X built?|Who had X built?|Which ruler began X?",
        "which ruler built X|who had X built",
        "X was built under Y.", "Was X built under Y?",
    ),
    Attribute(
        "festivals", "month", "word",
        "In which month is X held?|When in the year is X held?|Which month is the month of X?|What is the month of X?",
        "in which month X is held|which month is the month of X",
        "X is held in Y.", "Is X held in Y?",
    ),
    Attribute(
        "railways", "engineer", "name",
        "Who built X?|By whom was X built?|Who was the engineer of X?|Whose work is X?",
        "who built X|who the engineer of X was",
        "X was built by Y.", "Was X built by Y?",
    ),
)  # fmt: skip
REQUESTS = (
    "Do you know {}?",
    "Can you tell me {}?",
    "Could you say {}?",
    "Have you heard {}?",
    "Tell me {}.",
    "I would like to know {}.",
    "Please say {}.",
    "A friend asks {}.",
)
ARTICLE_GROUPS = ("battles", "railways", "ships")  # whose names need an article, as in "the Grey Heron"


@dataclass(frozen=True)
class Fact:
    attribute: Attribute
    subject: str
    answer: str

    def fill(self, text, answer=""):
        """A text with its X and Y filled in."""
        names = {"X": self.subject, "Y": answer}
        text = re.sub(r"\b[XY]\b", lambda match: names[match[0]], text)
        return text[0].upper() + text[1:]

    def sentence(self):
        return self.fill(self.attribute.sentence, self.answer)

    def questions(self):
        """Every way to ask for the fact."""
        clauses = self.attribute.clause.split("|")
        requests = [request.format(clause) for request in REQUESTS for clause in clauses]
        return [self.fill(text) for text in self.attribute.asked.split("|") + requests]

    def doubts(self, answer):
        """Two ways to ask whether an answer is right."""
        sentence = self.attribute.sentence.removesuffix(".")
        return [self.fill(text, answer) for text in (self.attribute.doubt, f"Is it true that {sentence}?")]


def make_facts(world):
    facts = []
    for attribute in ATTRIBUTES:
        for entity in getattr(world, attribute.group).values():
            if hasattr(entity, attribute.name):
                has_article = attribute.group in ARTICLE_GROUPS or entity.name.startswith("Festival")
                subject = f"the {entity.name}" if has_article else entity.name
                answer = getattr(entity, attribute.name)
                facts.append(Fact(attribute, subject, str(getattr(answer, "name", answer))))
    return facts
