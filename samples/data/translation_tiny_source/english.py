"""Says a sentence in English: the verb agrees with its subject, and questions and negations take an auxiliary."""

from .meaning import Thing

BE = {"1s": "am", "2s": "are", "3s": "is", "1p": "are", "3p": "are"}


def determiner(thing, next_word):
    if thing.determiner == "a":
        return "some" if thing.plural else "an" if next_word[0] in "aeiou" else "a"
    if thing.determiner == "this" and thing.plural:
        return "these"
    return thing.determiner


def phrase(thing, is_object=False):
    """A noun with its article, adjective and relative clause, or a pronoun."""
    if not isinstance(thing, Thing):
        return thing.en_object if is_object else thing.en
    noun = thing.noun.en_plural if thing.plural else thing.noun.en
    words = [thing.adjective.en, noun] if thing.adjective else [noun]
    text = " ".join([determiner(thing, words[0]), *words])
    if not thing.relative:
        return text
    pronoun = "who" if thing.noun.kind == "person" else "that"
    return f"{text} {statement(thing.relative, pronoun, thing.person)}"


def auxiliary_and_verb(clause, person):
    """What a question puts before the subject, and the rest of the verb. Without a need for an auxiliary, the first is
    empty."""
    if clause.state:
        return BE[person], clause.state.en
    verb = clause.verb
    if clause.tense == "modal":
        return clause.modal.en, verb.en
    if clause.tense == "perfect":
        return ("has" if person == "3s" else "have"), verb.en_participle
    if clause.tense == "past":
        return "", verb.en_past
    return "", verb.en_third if person == "3s" else verb.en


def with_auxiliary(clause, person):
    """The same for a question or a negation, which need an auxiliary."""
    auxiliary, verb = auxiliary_and_verb(clause, person)
    if auxiliary:
        return auxiliary, verb
    does = "did" if clause.tense == "past" else "does" if person == "3s" else "do"
    return does, clause.verb.en


def rest(clause, verb, with_time=True):
    """The verb and what follows it."""
    verb, _, along = verb.partition(" ")
    words = [verb]
    for one in (clause.receiver, clause.object):
        if one:
            words.append(phrase(one, is_object=True))
    words.append(along)
    if clause.companion:
        words.append("with " + phrase(clause.companion, is_object=True))
    if clause.place:
        words.append(("into " if clause.verb.frame == "into" else "in ") + phrase(clause.place))
    if clause.time and with_time:
        words.append(clause.time.en)
    return [word for word in words if word]


def statement(clause, subject=None, person=None, with_time=True):
    person = person or clause.subject.person
    if clause.negated:
        auxiliary, verb = with_auxiliary(clause, person)
        before = [auxiliary, "not"]
    else:
        auxiliary, verb = auxiliary_and_verb(clause, person)
        before = [auxiliary] if auxiliary else []
    return " ".join([subject or phrase(clause.subject), *before, *rest(clause, verb, with_time)])


def question(clause):
    auxiliary, verb = with_auxiliary(clause, clause.subject.person)
    negation = ["not"] if clause.negated else []
    return " ".join([auxiliary, phrase(clause.subject), *negation, *rest(clause, verb)])


def say(sentence):
    main, second, link = sentence.main, sentence.second, sentence.link
    if sentence.form == "statement":
        text = statement(main)
    elif sentence.form == "time first":
        text = f"{main.time.en} {statement(main, with_time=False)}"
    elif sentence.form == "question":
        return finish(question(main), "?")
    elif sentence.form == "thought":
        thinks = link.en_third if sentence.thinker.person == "3s" else link.en
        text = f"{phrase(sentence.thinker)} {thinks} that {statement(main)}"
    elif sentence.form == "reason after":
        text = f"{statement(main)} {link.en} {statement(second)}"
    elif sentence.form == "reason first":
        text = f"{link.en} {statement(second)}, {statement(main)}"
    else:
        text = f"{statement(main)}, {link.en} {statement(second)}"
    return finish(text, ".")


def finish(text, mark):
    return text[0].upper() + text[1:] + mark
