"""What happens in Halmark after the years of which wikitext-tiny tells: events, as entities whose facts a template
tells. Their places, clubs, birds and rulers are the world's; their people are new.

An event's `combination` is who does what, or what is where: the splits share none. Beside what belongs into a summary,
an event has things of the same kind that do not, such as a second town."""

from wikitext_tiny_source.common import DIRECTIONS, FIRST_NAMES, MONTHS, SURNAMES
from wikitext_tiny_source.world import Entity

TOWNS = (
    "Aldermere", "Carrowby", "Estrey", "Fallowbridge", "Gorsedale", "Larkham", "Mossford", "Oakhaven", "Pellwick",
    "Ravensey", "Saltmouth", "Skarrow", "Tanebridge", "Vessary", "Wexcombe", "Yarrowmouth",
)
PORTS = ("Aldermere", "Ravensey", "Saltmouth", "Yarrowmouth")
YEARS = tuple(range(2014, 2030))
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SHIP_NAMES = (
    ("Brave", "Golden", "Merry", "Silver", "Swift", "Western"),
    ("Gull", "Lantern", "Moon", "Swan", "Wave", "Wind"),
)
BRIDGES = {"walkers": "footbridge", "drivers": "road bridge", "trains": "railway bridge"}
DELAYS = {
    "on the promised day": "on time",
    "twelve months after the promised day": "a year late",
    "two winters after the promised day": "two years late",
}
SCORES, DRAWS = ("2-1", "3-1", "3-2", "4-2"), ("0-0", "1-1", "2-2")
NUMBERS = ("ten", "twenty", "thirty", "forty", "fifty", "sixty", "eighty", "ninety")
SHELTERS = ("church", "library", "school", "station", "theatre")
PRIZES = {
    "novel": ("Kestle Prize", "a novel", "tells of", "about"),
    "opera": ("Voss Prize", "an opera", "tells of", "about"),
    "painting": ("Thorley Prize", "a painting", "shows", "of"),
}
SUBJECTS = (
    "a lighthouse", "a lost ship", "a mill", "a wedding", "an old horse", "an orchard", "the moon", "two sisters",
)
FINDERS = {
    "a farmer": "has",
    "a hunter": "has",
    "a shepherd": "has",
    "two children": "have",
    "two walkers": "have",
    "three workers": "have",
}
THINGS = ("bell", "cup", "helmet", "ring", "shield", "sword")
WISHES = {
    "a clean river": "clean the river",
    "a new library": "open a library",
    "a second school": "build a school",
    "better roads": "mend the roads",
    "brighter streets": "light the streets",
    "lower rents": "lower the rents",
    "more trees": "plant trees",
    "Sunday buses": "run buses on Sundays",
}


def two(items, dice):
    """Two different items."""
    first, second = dice.shuffled(list(items))[:2]
    return first, second


def people(count, dice):
    """New people, no two of whom share a name."""
    names = {he: dice.shuffled(names)[:count] for he, names in FIRST_NAMES.items()}
    surnames = dice.shuffled(SURNAMES)
    chosen = []
    for surname in surnames[:count]:
        he = dice.pick(("she", "he"))
        name = f"{names[he][len(chosen)]} {surname}"
        chosen.append(Entity(name=name, surname=surname, he=he, his="her" if he == "she" else "his"))
    return chosen


def launch(world, dice):
    ship, other_ship = (" ".join(name) for name in zip(*(two(names, dice) for names in SHIP_NAMES)))
    port, other_port = two(PORTS, dice)
    island, other_island = two(world.islands, dice)
    return Entity(
        combination=(ship, port),
        form=dice.pick(("ferry", "trawler", "lifeboat")),
        ship=ship,
        other_ship=other_ship,
        port=port,
        other_port=other_port,
        island=island,
        other_island=other_island,
        month=dice.pick(MONTHS),
    )


def bridge(world, dice):
    architect, other = people(2, dice)
    town = world.towns[dice.pick(TOWNS)]
    users, delay = dice.pick(list(BRIDGES)), dice.pick(list(DELAYS))
    neighbours = [one for one in world.where("towns", province=town.province) if one is not town and one.name in TOWNS]
    return Entity(
        combination=(architect.name, town.name),
        architect=architect,
        other=other,
        town=town.name,
        river=town.river.name,
        province=town.province.name,
        other_town=dice.pick(neighbours).name,
        users=users,
        bridge=BRIDGES[users],
        delay=delay,
        late=DELAYS[delay],
    )


def match(world, dice):
    home, away = two(world.clubs.values(), dice)
    winner, loser = dice.pick(((home, away), (away, home)))
    scorer, early = people(2, dice)
    return Entity(
        combination=(scorer.name, winner.name),
        form=dice.pick(("cup", "league")),
        ground=home.ground,
        home=home.name,
        winner=winner.name,
        loser=loser.name,
        scorer=scorer,
        early=early,
        score=dice.pick(SCORES),
        other_score=dice.pick(DRAWS),
    )


def flood(world, dice):
    town, other_town = two(TOWNS, dice)
    number, other_number = two(NUMBERS, dice)
    shelter = dice.pick(SHELTERS)
    return Entity(
        combination=(number, shelter, town),
        form=dice.pick(("rain", "snow", "dam")),
        town=town,
        other_town=other_town,
        river=world.towns[town].river.name,
        number=number,
        other_number=other_number,
        shelter=shelter,
    )


def prize(world, dice):
    winner, other = people(2, dice)
    form = dice.pick(list(PRIZES))
    name, a_form, tells, about = PRIZES[form]
    town, other_town, third_town = dice.shuffled(TOWNS)[:3]
    subject, other_subject = two(SUBJECTS, dice)
    return Entity(
        combination=(winner.name, name),
        form=form,
        winner=winner,
        other=other,
        prize=name,
        a_form=a_form,
        tells=tells,
        about=about,
        town=town,
        other_town=other_town,
        third_town=third_town,
        subject=subject,
        other_subject=other_subject,
    )


def is_new_to(bird, place):
    """Whether the world does not tell that the bird lives at a lake or on an island."""
    told = (bird.home, bird.winter_home)
    return place.name not in told and place.province.name not in told and getattr(place, "bird", None) is not bird


def bird(world, dice):
    kind = dice.pick(list(world.birds.values()))
    place = dice.pick([one for one in [*world.lakes.values(), *world.islands.values()] if is_new_to(kind, one)])
    (watcher,) = people(1, dice)
    year, other_year = sorted(two(YEARS, dice))
    return Entity(
        combination=(kind.name, place.name),
        form=dice.pick(("seen", "nested")),
        a_bird=f"{kind.name_article} {kind.name}",
        home=f"{'on' if kind.home in world.islands else 'in'} {kind.home}",
        place=f"{'on' if place.name in world.islands else 'at'} {place.name}",
        place_name=place.name,
        town=dice.pick(TOWNS),
        watcher=watcher,
        direction=f"the {dice.pick(DIRECTIONS)}",
        year=year,
        other_year=other_year,
    )


def find(world, dice):
    finder, noun = dice.pick(list(FINDERS)), dice.pick(THINGS)
    town, other_town = two(TOWNS, dice)
    monarch, other_monarch = two(world.monarchs, dice)
    return Entity(
        combination=(finder, noun, town),
        finder=finder,
        have=FINDERS[finder],
        noun=noun,
        thing=f"a {noun}",
        town=town,
        other_town=other_town,
        monarch=monarch,
        other_monarch=other_monarch,
    )


def mayor(world, dice):
    winner, other = people(2, dice)
    town, other_town = two(TOWNS, dice)
    wish, other_wish = two(WISHES, dice)
    return Entity(
        combination=(winner.name, town),
        winner=winner,
        other=other,
        town=town,
        other_town=other_town,
        wish=wish,
        promise=WISHES[wish],
        other_wish=other_wish,
    )


KINDS = (launch, bridge, match, flood, prize, bird, find, mayor)


def make_event(kind, world, dice):
    event = kind(world, dice)
    event.template = kind.__name__
    for name, choices in {"year": YEARS, "weekday": WEEKDAYS, "form": (None,)}.items():
        if not hasattr(event, name):
            setattr(event, name, dice.pick(choices))
    return event
