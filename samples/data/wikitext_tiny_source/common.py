"""What the modules that complete entities share: names in passing, lists in words, absent facts."""

DIRECTIONS = ("north", "east", "south", "west")
MONTHS = ("March", "April", "May", "June", "July", "August", "September", "October")
SURNAMES = ("Abbot", "Birch", "Crane", "Dunn", "Eddow", "Frost", "Garrick", "Holt", "Ives", "Kemp", "Lorne", "Moss")
FIRST_NAMES = {
    "she": ("Anna", "Cecily", "Dorothea", "Flora", "Harriet", "Jane", "Lucy", "Winifred"),
    "he": ("Bertram", "Ernest", "Gideon", "Ivo", "Laurence", "Matthew", "Rupert", "Thomas"),
}


def full_name(dice, pronoun=None):
    return f"{dice.pick(FIRST_NAMES[pronoun or dice.pick(('she', 'he'))])} {dice.pick(SURNAMES)}"


def article(words):
    return "an" if words[0].lower() in "aeiou" else "a"


def in_words(names):
    names = list(names)
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]


def names_in_words(entities, most, dice):
    """The names of up to `most` of the entities in words, or None if there are none."""
    chosen = dice.sample(entities, most)
    return in_words(entity.name for entity in chosen) if chosen else None


def any_of(entities, dice):
    return dice.pick(entities) if entities else None


def other_than(entity, entities, dice):
    return dice.pick([other for other in entities if other is not entity])


def set_facts(entity, **facts):
    """Sets the facts that are known: None is an absent fact."""
    for name, value in facts.items():
        if value is not None:
            setattr(entity, name, value)
