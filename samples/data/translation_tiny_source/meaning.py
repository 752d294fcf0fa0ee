"""What a sentence means, apart from any language. german.py and english.py say it."""

from dataclasses import dataclass, replace
from typing import Optional, Union

from .words import Adjective, Modal, Noun, Phrase, Pronoun, Thinking, Verb


@dataclass(frozen=True)
class Thing:
    """A noun with its determiner ("the", "a", "this", "my", "no") and what describes it."""

    noun: Noun
    determiner: str
    plural: bool = False
    adjective: Optional[Adjective] = None
    relative: Optional["Clause"] = None  # a clause of which this is the subject

    @property
    def person(self):
        return "3p" if self.plural else "3s"


@dataclass(frozen=True)
class Clause:
    """One statement. `tense`: present, perfect, past or modal. A state, such as "is old", has no verb."""

    subject: Union[Thing, Pronoun, None]  # None in a relative clause
    verb: Optional[Verb] = None
    tense: str = "present"
    modal: Optional[Modal] = None
    state: Optional[Adjective] = None
    object: Union[Thing, Pronoun, None] = None  # in the case that the verb wants
    receiver: Union[Thing, Pronoun, None] = None  # to whom something is given
    place: Optional[Thing] = None
    companion: Optional[Thing] = None
    time: Optional[Phrase] = None
    negated: bool = False

    def combination(self):
        """The words whose meeting is held out: who does what, and to whom or where."""
        last = self.object or self.place
        return (name_of(self.subject), self.verb.en if self.verb else self.state.en, name_of(last))


@dataclass(frozen=True)
class Sentence:
    """`form`: statement, time first, question, thought ("S knows that ..."), or one of two clauses: reason after,
    reason first, and."""

    form: str
    main: Clause
    second: Optional[Clause] = None
    link: Union[Thinking, Phrase, None] = None
    thinker: Union[Thing, Pronoun, None] = None

    def clauses(self):
        """All clauses, each with its subject, also the relative ones."""
        found = [clause for clause in (self.main, self.second) if clause]
        subjects = [clause.subject for clause in found if isinstance(clause.subject, Thing) and clause.subject.relative]
        return found + [replace(subject.relative, subject=subject) for subject in subjects]


def name_of(thing):
    return thing.noun.en if isinstance(thing, Thing) else thing.en if thing else ""
