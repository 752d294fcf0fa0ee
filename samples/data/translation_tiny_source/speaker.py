"""Thinks of sentences by chance."""

from dataclasses import replace

from .meaning import Clause, Sentence, Thing
from .words import ADJECTIVES, ANIMALS_DO, CONJUNCTIONS, MODALS, NOUNS, NOW, PRONOUNS, THEN, THINKING, VERBS, Phrase

DETERMINERS = ("the", "the", "the", "a", "a", "this", "my", "no")
AND = (Phrase("and", "und"), Phrase("but", "aber"))
FORMS = ("statement",) * 6 + ("time first",) * 4 + ("question",) * 3 + ("thought",) * 3
FORMS += ("reason after",) * 3 + ("reason first",) * 2 + ("and",)


class Speaker:
    def __init__(self, dice):
        self.dice = dice

    def thing(self, kinds, determiners=DETERMINERS):
        noun = self.dice.pick([noun for noun in NOUNS if noun.kind in kinds])
        adjectives = [adjective for adjective in ADJECTIVES if noun.kind in adjective.kinds.split()]
        adjective = self.dice.pick(adjectives) if self.dice.chance(0.35) else None
        return Thing(noun, self.dice.pick(determiners), self.dice.chance(0.3), adjective)

    def subject(self, verb=None):
        kinds = ("person", "animal") if verb is None or verb.en in ANIMALS_DO else ("person",)
        if self.dice.chance(0.2):
            return self.dice.pick(PRONOUNS)
        return self.thing(kinds)

    def receiver(self, subject):
        """Someone else than the subject; a pronoun only beside a noun, so that nobody meets himself."""
        if isinstance(subject, Thing) and self.dice.chance(0.25):
            return self.dice.pick(PRONOUNS)
        return self.thing(("person",))

    def other(self, kinds, subject):
        """A thing with another noun than the subject's."""
        while True:
            thing = self.thing(kinds)
            if not isinstance(subject, Thing) or thing.noun is not subject.noun:
                return thing

    def state(self):
        """A clause such as "the book is old"."""
        thing = self.thing(("person", "animal", "text", "thing", "place"), ("the", "this", "my"))
        fitting = [one for one in ADJECTIVES if thing.noun.kind in one.kinds.split() and one != thing.adjective]
        return Clause(thing, state=self.dice.pick(fitting))

    def clause(self, subject=None, time="maybe"):
        """A clause, of which `subject` is the subject if given: then it is relative. `time`: never, maybe, always."""
        if subject is None and time == "never" and self.dice.chance(0.15):
            return self.state()
        verbs = [verb for verb in VERBS if subject is None or subject.noun.kind != "animal" or verb.en in ANIMALS_DO]
        verb = self.dice.pick(verbs)
        who = subject or self.subject(verb)
        tense, when = self.tense(time)
        parts = {"modal": self.dice.pick(MODALS) if tense == "modal" else None, "time": when}
        parts.update(self.complements(verb, who))
        denies = any(isinstance(one, Thing) and one.determiner == "no" for one in (who, *parts.values()))
        negated = tense != "modal" and not denies and self.dice.chance(0.1)
        return Clause(None if subject else who, verb, tense, negated=negated, **parts)

    def tense(self, time):
        """A tense, and a time that fits it. The past always has one, the perfect never."""
        tense = self.dice.pick(("present", "present", "present", "perfect", "modal", "past"))
        if tense == "past" and time != "never":
            return tense, self.dice.pick(THEN)
        if time == "always":
            return "modal" if tense == "modal" else "present", self.dice.pick(NOW)
        if tense in ("past", "perfect"):
            return "perfect", None
        return tense, self.dice.pick(NOW) if time == "maybe" and self.dice.chance(0.25) else None

    def complements(self, verb, who):
        """What follows the verb: at most one thing in it is denied with "no"."""
        kinds = verb.kinds.split()
        no_denial = ("the", "the", "a", "this", "my")
        if verb.frame == "give":
            return {"receiver": self.without_no(self.receiver(who)), "object": self.without_no(self.thing(kinds))}
        if verb.frame == "dat" or verb.en in ("see", "visit", "call"):
            if isinstance(who, Thing) and self.dice.chance(0.2):
                return {"object": self.dice.pick(PRONOUNS)}
        if verb.frame in ("acc", "dat"):
            thing = self.other(kinds, who)
            denied = isinstance(who, Thing) and who.determiner == "no"
            return {"object": self.without_no(thing) if denied else thing}
        found = {}
        if verb.frame == "into" or self.dice.chance(0.6):
            found["place"] = self.thing(kinds, no_denial)
        if self.dice.chance(0.25):
            found["companion"] = self.without_no(self.other(("person", "animal"), who))
        return found

    @staticmethod
    def without_no(thing):
        if isinstance(thing, Thing) and thing.determiner == "no":
            return replace(thing, determiner="the")
        return thing

    def with_relative(self, clause):
        """The clause, whose subject has at times a clause of its own."""
        subject = clause.subject
        is_alive = isinstance(subject, Thing) and subject.noun.kind in ("person", "animal")
        if not is_alive or subject.determiner == "no" or not self.dice.chance(0.2):
            return clause
        plain = replace(subject, adjective=None)
        return replace(clause, subject=replace(plain, relative=self.clause(subject=plain, time="never")))

    def sentence(self):
        form = self.dice.pick(FORMS)
        if form == "statement":
            return Sentence(form, self.with_relative(self.clause(time="never" if self.dice.chance(0.5) else "maybe")))
        if form == "time first":
            return Sentence(form, self.clause(time="always"))
        if form == "question":
            return Sentence(form, self.clause())
        if form == "thought":
            thinker = self.without_no(self.thing(("person",))) if self.dice.chance(0.7) else self.dice.pick(PRONOUNS)
            return Sentence(form, self.clause(), link=self.dice.pick(THINKING), thinker=thinker)
        link = self.dice.pick(AND if form == "and" else CONJUNCTIONS)
        return Sentence(form, self.clause(time="never"), self.clause(), link)
