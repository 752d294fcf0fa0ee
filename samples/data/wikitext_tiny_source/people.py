"""Completes people and monarchs: families, friends, and what each trade needs."""

from .common import any_of, article, full_name, in_words, names_in_words, other_than, set_facts

PICTURES = {
    "Agnes Thorley": ("orchards", "The Cider Press", "Evening at Wexcombe"),
    "Tobias Wren": ("harbours", "Boats in Fog", "The Return of the Herring Fleet"),
    "Clara Hollin": ("glassworks", "The Furnace", "Three Glassblowers"),
    "Edmund Sallow": ("rivers", "Ice on the Sethe", "The Ferryman"),
}
FLORAS = {
    "Martin Alder": "The Plants of the Coast",
    "Rosalind Tew": "A Flora of Halmark",
    "Gregory Fenn": "Moss and Stone",
}
ORDINALS = ("third", "fifth", "seventh", "ninth", "eleventh", "thirteenth")


def add_pronouns(person):
    she = person.pronoun == "she"
    his, him = ("her", "her") if she else ("his", "him")
    set_facts(person, he=person.pronoun, He=person.pronoun.capitalize(), his=his, His=his.capitalize(), him=him)
    set_facts(person, himself=him + "self", child="daughter" if she else "son")


def complete_person(person, world, dice):
    add_pronouns(person)
    goods = person.birthplace.trade.removesuffix("s") if person.birthplace.trade != "glass" else "glass"
    towns = list(world.towns.values())
    alive = [
        friend
        for friend in world.people.values()
        if abs(friend.born - person.born) < 30 and friend is not person and friend.kind != person.kind
    ]
    set_facts(
        person,
        surname=person.name.split()[-1],
        died=person.born + person.age,
        province=person.birthplace.province,
        father=f"{article(goods)} {goods} " + dice.pick(("merchant", "worker", "dealer")),
        school_town=other_than(person.birthplace, towns, dice),
        mother_town=other_than(person.birthplace, towns, dice),
        mother_age=dice.pick(("four", "six", "nine", "eleven", "fourteen")),
        apprentice_age=dice.pick(("twelve", "thirteen", "fifteen", "sixteen", "seventeen")),
        study_town=person.teacher.birthplace if hasattr(person, "teacher") else world.towns["Aldermere"],
        married=person.born + dice.between(22, 38),
        spouse=full_name(dice, "he" if person.pronoun == "she" else "she"),
        children=dice.pick(("two", "three", "four", "six")),
        friend=any_of(alive, dice),
        death_town=dice.pick([world.towns["Aldermere"], person.birthplace, dice.pick(towns)]),
        pupil=any_of([pupil for pupil in world.people.values() if getattr(pupil, "teacher", None) is person], dice),
        music_age=dice.pick(("five", "six", "seven", "eight", "ten")),
    )
    TRADES[person.kind](person, world, dice)


def complete_painter(person, world, dice):
    subject, first, second = PICTURES[person.name]
    set_facts(
        person,
        subject=subject,
        work_one=first,
        work_one_year=person.born + dice.between(24, 33),
        work_two=second,
        work_two_year=person.born + dice.between(36, 52),
        mountain=dice.pick(list(world.mountains.values())),
        forerunner=getattr(getattr(person, "teacher", None), "teacher", None),
        paintings=dice.between(60, 420),
    )


def complete_composer(person, world, dice):
    operas = sorted(world.where("operas", composer=person), key=lambda opera: opera.year)
    set_facts(
        person,
        opera=operas[-1],
        symphonies=dice.pick(("two", "three", "four", "six")),
        first_year=operas[0].year - dice.between(3, 9),
        second_year=operas[0].year + dice.between(2, 7),
        lake=dice.pick(list(world.lakes.values())),
    )


def complete_engineer(person, world, dice):
    works = [work for group in ("bridges", "lighthouses", "railways") for work in world.where(group, engineer=person)]
    works.sort(key=lambda work: work.year)
    set_facts(
        person,
        works_list=in_words(work.name if work.template != "railway" else f"the {work.name}" for work in works),
        work_one=works[0],
        work_two=works[1],
        years_assistant=dice.pick(("three", "five", "six")),
        river=dice.pick(list(world.rivers.values())),
        ship=world.ships.get(person.name.split()[-1]),
    )


def complete_novelist(person, world, dice):
    novels = world.where("novels", author=person)
    paper = any_of(world.where("newspapers", contributor=person), dice)
    set_facts(person, novel_one=novels[0], novel_two=novels[1], newspaper=paper)


def complete_botanist(person, world, dice):
    plants, birds = world.where("plants", botanist=person), world.where("birds", botanist=person)
    set_facts(
        person,
        species=dice.between(40, 230),
        species_list=in_words(f"the {species.name}" for species in plants + birds[:1]),
        work_one=FLORAS[person.name],
        work_one_year=person.born + dice.between(38, 58),
        flora=dice.between(700, 2100),
        plant_one=plants[0],
        bird=birds[0],
        museum_town=dice.pick(list(world.towns.values())),
    )


def complete_explorer(person, world, dice):
    ship = world.where("ships", captain=person)[0]
    start = ship.year + dice.between(1, 6)
    set_facts(
        person,
        ship=ship,
        voyage_start=start,
        voyage_end=start + dice.between(2, 4),
        master_year=person.born + dice.between(21, 25),
        port=ship.town,
        crew=dice.between(38, 110),
        coast=dice.between(700, 4200),
        capes=dice.pick(("seven", "eleven", "nineteen", "twenty")),
        dead=dice.pick(("five", "nine", "twelve", "seventeen")),
    )


def complete_astronomer(person, world, dice):
    comet = person.born + dice.between(32, 50)
    set_facts(
        person,
        comet_year=comet,
        comet_month=dice.pick(("January", "February", "November", "December")),
        comet_days=dice.between(9, 70),
        comet_period=dice.between(34, 190),
        nebulae=dice.between(8, 60),
        focal=dice.between(2, 7),
        catalogue_year=comet + dice.between(4, 16),
        stars=dice.between(1200, 9000),
        mountain=dice.pick(list(world.mountains.values())),
    )


def complete_admiral(person, world, dice):
    battles = sorted(world.where("battles", admiral=person), key=lambda battle: battle.year)
    set_facts(
        person,
        battle_one=battles[0],
        battle_two=battles[1],
        ship=battles[0].ship,
        navy_age=dice.pick(("eleven", "twelve", "thirteen", "fourteen")),
        captain_year=person.born + dice.between(24, 30),
        prizes=dice.pick(("four", "five", "seven", "nine")),
    )


TRADES = {
    "painter": complete_painter,
    "composer": complete_composer,
    "engineer": complete_engineer,
    "novelist": complete_novelist,
    "botanist": complete_botanist,
    "explorer": complete_explorer,
    "astronomer": complete_astronomer,
    "admiral": complete_admiral,
}


def complete_monarch(monarch, world, dice):
    add_pronouns(monarch)
    line = list(world.monarchs.values())
    place = line.index(monarch)
    castles = world.where("castles", monarch=monarch)
    set_facts(
        monarch,
        surname=monarch.name.split()[0],
        epithet=monarch.name.split(" ", 1)[1],
        ruler_title="queen" if monarch.pronoun == "she" else "king",
        ordinal=ORDINALS[place],
        predecessor=line[place - 1] if place else None,
        successor=line[place + 1] if place + 1 < len(line) else None,
        died=monarch.reign_end,
        age=monarch.reign_end - monarch.born,
        crowned_age=monarch.reign_start - monarch.born,
        castle_town=dice.pick(list(world.towns.values())),
        castle=castles[0],
        law_year=dice.between(monarch.reign_start + 2, monarch.reign_end - 2),
        chartered_list=names_in_words([t for t in world.towns.values() if t.founded < monarch.reign_end], 3, dice),
    )
    if monarch.name == "Rowena the Bold":
        set_facts(monarch, opera=world.operas["Rowena"], ship=world.ships["Queen Rowena"])
