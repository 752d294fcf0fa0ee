"""Says a sentence in German: the verb is second in a main clause, first in a question and last in a subordinate
clause; articles and adjectives agree with their noun in gender, number and case."""

from .meaning import Thing

# The endings of dieser, by case: masculine, feminine, neuter, plural. Adjectives without an article have them too.
STRONG = {
    "nominative": ("er", "e", "es", "e"),
    "accusative": ("en", "e", "es", "e"),
    "dative": ("em", "er", "em", "en"),
}
DEFINITE = {
    "nominative": ("der", "die", "das", "die"),
    "accusative": ("den", "die", "das", "die"),
    "dative": ("dem", "der", "dem", "den"),
}
CONTRACTIONS = {"in dem": "im", "in das": "ins"}
BE = {"1s": "bin", "2s": "bist", "3s": "ist", "1p": "sind", "3p": "sind"}
HAVE = {"1s": "habe", "2s": "hast", "3s": "hat", "1p": "haben", "3p": "haben"}


def column(thing):
    return 3 if thing.plural else "mfn".index(thing.noun.gender[0])


def determiner_and_ending(thing, case):
    """The article, and the ending of an adjective after it."""
    gender = column(thing)
    strong = STRONG[case][gender]
    if thing.determiner == "a" and thing.plural:
        return "einig" + strong, strong
    stays_bare = strong != "e" and (case, gender) in (("nominative", 0), ("nominative", 2), ("accusative", 2))
    weak = "e" if not thing.plural and (case == "nominative" or (case == "accusative" and gender != 0)) else "en"
    if thing.determiner in ("the", "this"):
        return (DEFINITE[case][gender] if thing.determiner == "the" else "dies" + strong), weak
    stem = {"a": "ein", "my": "mein", "no": "kein"}[thing.determiner]
    return (stem, strong) if stays_bare else (stem + strong, weak)


def noun_form(thing, case):
    noun = thing.noun
    if thing.plural:
        return noun.de_plural + ("n" if case == "dative" and not noun.de_plural.endswith("n") else "")
    return noun.de + ("n" if noun.is_weak and case != "nominative" else "")


def phrase(thing, case):
    """A noun with its article and adjective, or a pronoun, without a relative clause."""
    if not isinstance(thing, Thing):
        return getattr(thing, case)
    article, ending = determiner_and_ending(thing, case)
    adjective = [thing.adjective.de + ending] if thing.adjective else []
    return " ".join([article, *adjective, noun_form(thing, case)])


def with_preposition(preposition, thing, case):
    words = f"{preposition} {phrase(thing, case)}"
    for long, short in CONTRACTIONS.items():
        if words.startswith(long + " "):
            return short + words[len(long) :]
    return words


def subject_phrase(subject):
    words = phrase(subject, "nominative")
    if not isinstance(subject, Thing) or not subject.relative:
        return words
    pronoun = DEFINITE["nominative"][column(subject)]
    return f"{words}, {verb_last(subject.relative, pronoun, subject.person)},"


def finite_form(verb, person):
    forms = {"1s": verb.first, "2s": verb.second, "3s": verb.third}
    return forms.get(person, verb.infinitive.split("+")[-1])


def verb_forms(clause, person):
    """The finite verb, what stands at the end of a main clause, and the whole at the end of a subordinate one."""
    if clause.state:
        return BE[person], clause.state.de, f"{clause.state.de} {BE[person]}"
    verb = clause.verb
    particle = verb.infinitive.split("+")[0] if "+" in verb.infinitive else ""
    if clause.tense == "present":
        finite = finite_form(verb, person)
        return finite, particle, particle + finite
    if clause.tense == "modal":
        finite, rest = finite_form(clause.modal, person), verb.infinitive.replace("+", "")
    else:
        finite = (HAVE if verb.auxiliary == "haben" else BE)[person]
        rest = particle + verb.participle
    return finite, rest, f"{rest} {finite}"


def middle(clause, with_time=True):
    """What stands between the verb's parts: pronouns, then time, objects, "nicht", companion and place."""
    case = "dative" if clause.verb and clause.verb.frame == "dat" else "accusative"
    objects = [(clause.receiver, "dative"), (clause.object, case)]
    words = [phrase(one, kind) for one, kind in objects if one and not isinstance(one, Thing)]
    if clause.time and with_time:
        words.append(clause.time.de)
    words += [phrase(one, kind) for one, kind in objects if isinstance(one, Thing)]
    if clause.negated:
        words.append("nicht")
    if clause.companion:
        words.append(with_preposition("mit", clause.companion, "dative"))
    if clause.place:
        reached = clause.verb.frame == "into"
        words.append(with_preposition("in", clause.place, "accusative" if reached else "dative"))
    return words


def join(*words):
    return " ".join(word for word in words if word)


def verb_second(clause, first=None, with_time=True):
    """A main clause. `first` stands before the verb instead of the subject."""
    finite, end, _ = verb_forms(clause, clause.subject.person)
    subject = subject_phrase(clause.subject)
    before = [first, finite, subject] if first else [subject, finite]
    return join(*before, *middle(clause, with_time), end)


def verb_first(clause):
    finite, end, _ = verb_forms(clause, clause.subject.person)
    return join(finite, subject_phrase(clause.subject), *middle(clause), end)


def verb_last(clause, subject=None, person=None):
    """A subordinate clause, also a relative one, in which a pronoun is the subject."""
    _, _, end = verb_forms(clause, person or clause.subject.person)
    return join(subject or subject_phrase(clause.subject), *middle(clause), end)


def say(sentence):
    main, second, link = sentence.main, sentence.second, sentence.link
    if sentence.form == "statement":
        text = verb_second(main)
    elif sentence.form == "time first":
        text = verb_second(main, first=main.time.de, with_time=False)
    elif sentence.form == "question":
        return finish(verb_first(main), "?")
    elif sentence.form == "thought":
        thinks = finite_form(link, sentence.thinker.person)
        text = f"{phrase(sentence.thinker, 'nominative')} {thinks}, dass {verb_last(main)}"
    elif sentence.form == "reason after":
        text = f"{verb_second(main)}, {link.de} {verb_last(second)}"
    elif sentence.form == "reason first":
        text = verb_second(main, first=f"{link.de} {verb_last(second)},")
    else:
        text = f"{verb_second(main)}, {link.de} {verb_second(second)}"
    return finish(text, ".")


def finish(text, mark):
    return text[0].upper() + text[1:] + mark
