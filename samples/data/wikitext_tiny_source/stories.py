"""Articles that tell of the same country in other voices: walks, journals, trades, tales and decades."""

from .common import DIRECTIONS, MONTHS, any_of, full_name, in_words, names_in_words, other_than, set_facts
from .world import Entity

SMELLS = {
    "herring": "fish and tar",
    "salt": "brine and smoke",
    "wool": "wet sheep",
    "slate": "dust and cold stone",
    "timber": "resin and fresh planks",
    "paper": "lime and boiled rags",
    "cider": "apples and old casks",
    "apples": "apples",
    "copper": "sulphur",
    "glass": "ash and hot sand",
    "printing": "ink and lamp oil",
    "pottery": "clay and wood fires",
    "cheese": "milk and cellars",
    "clocks": "oil and brass",
    "barley": "malt",
    "cattle": "hay and leather",
    "cloth": "dye and damp cloth",
    "shipbuilding": "tar and sawdust",
}
STEPS = {
    "herring": "The boats leave at dusk and let down their nets before the moon rises . On the quay the fish are cleaned , "
    "laid in barrels with salt and turned every third day . A barrel holds about nine hundred fish .",
    "salt": "Sea water is led into flat basins and left to the sun and the wind . When a crust has formed it is raked into "
    "heaps , washed and boiled once more over a slow fire . The whitest salt is taken from the top .",
    "wool": "The sheep are washed in the river and shorn in June . The wool is sorted by hand , combed , spun in the winter "
    "months and sold at the spring fair . Black wool is kept for stockings .",
    "slate": "The stone is broken from the face with wedges and split along the grain while it is still wet . A good splitter "
    "makes six hundred roof slates a day . What breaks is used for walls .",
    "timber": "The trees are felled in winter , when the sap is low , and drawn over the snow by horses . In spring the logs "
    "float down the river to the saw mills . Oak goes to the shipyards , pine to the builders .",
    "paper": "Rags are sorted , boiled in lime and beaten to a pulp . The pulp is lifted on a wire frame , pressed between "
    "felts and hung up to dry under the roof . Good paper rings when it is shaken .",
    "cider": "The apples lie in the grass for a week , are crushed by a stone wheel and pressed through straw . The juice "
    "works in oak casks until February . Three sorts of apples make the best drink .",
    "copper": "The ore is broken by hammers , washed and roasted in the open air . It is melted three times , and each time "
    "the slag is drawn off . The plates are sold to the shipyards of Aldermere .",
    "glass": "Sand , ash and chalk are melted for two nights . The blower takes a drop on the pipe , turns it and blows with "
    "even breath . The glass must cool slowly , or it breaks when it is first filled .",
    "printing": "The letters are set by hand , line by line , from right to left . Two people work at a press : one inks , the "
    "other pulls the bar . A good pair prints two hundred sheets an hour .",
    "cheese": "The milk is warmed in copper kettles and set with rennet . The curd is cut , pressed in a cloth and salted . "
    "A wheel ripens in the cellar for eight months and is turned each week .",
    "cloth": "The yarn is warped and woven , then beaten in warm water until it is thick . It is stretched on frames in the "
    "field , brushed with thistles and cut . The red of the district comes from a root .",
    "shipbuilding": "The keel is laid first , then the ribs , then the planks , which are bent over steam . The seams are "
    "filled with tow and tar . A ship of forty metres needs two hundred oaks .",
    "pottery": "The clay is dug in autumn and left to freeze . It is kneaded , thrown on the wheel and dried for two weeks . "
    "The kiln burns for three days , and nobody opens it on a Friday .",
}
PROVERBS = (
    "Wet hands , dry bread",
    "The tide asks nobody",
    "Count the sheep in the evening , not in the morning",
    "Who splits in haste splits twice",
    "A full barrel makes no noise",
    "The river pays on Sunday",
    "Good work is seen from behind",
)
DISHES = (
    "smoked eel with beetroot", "barley soup", "mutton with turnips", "herring in oatmeal", "a pie of leeks",
    "pancakes with plum jam", "roast goose", "trout with butter", "bread and hard cheese", "pears in cider",
)
LEGENDS = (
    "a bell that rings under the water",
    "the rider who lost his shadow",
    "a queen who sleeps below the hill",
    "the miller who sold the wind",
    "two brothers who turned to stone",
    "a ship that sails on dry land",
)
ANIMALS = ("heron", "hare", "otter", "fox", "badger", "owl", "pike", "stag", "swan", "wolf")
HEROES = {"shepherd": "he", "weaver": "she", "fisher": "he", "milkmaid": "she", "miller": "he", "goose girl": "she"}
THINGS = ("a copper kettle", "a blind horse", "a bag of salt", "a wooden flute", "a lantern without oil", "a red coat")
GOALS = (
    ("the top of {mountain}", "a door of ice"),
    ("the spring of the {river}", "a well without a bottom"),
    ("the shore of {lake}", "a boat of glass"),
)
GUARDIANS = ("an old king of stone", "a woman with grey eyes", "a giant with a small voice", "a wind in a cloak", "a blind smith")
GIFTS = (
    ("a purse that was never empty", "nobody in {town} has gone hungry in winter"),
    ("a key without a lock", "every door in {town} opens to those who knock twice"),
    ("a silver thread", "the cloth of {town} has never torn"),
    ("a bell of wood", "the people of {town} hear storms a day before they come"),
    ("three white stones", "the {river} has turned aside from the houses of {town}"),
)


def make_stories(world, dice):
    """Every further article, as entities with a template."""
    towns = list(world.towns.values())
    stories = [walk(town, world, dice) for town in towns]
    stories += [trade(name, world, dice) for name in STEPS]
    stories += [journey(world, dice) for _ in range(36)]
    stories += [tale(town, world, dice) for town in towns]
    years = range(1100, 1990, 10)
    return stories + [told for told in (decade(year, world, dice) for year in years) if told is not None]


def walk(town, world, dice):
    province = town.province
    story = Entity(
        template="guide",
        town=town,
        direction=dice.pick(DIRECTIONS),
        bank=dice.pick(("left", "right")),
        month=dice.pick(MONTHS),
        smell=SMELLS[town.trade],
        animal=dice.pick(ANIMALS).capitalize(),
        dish=dice.pick(DISHES),
        guest=dice.pick(list(world.people.values())),
        guest_gift=dice.pick(("drawing", "poem", "silver button", "song", "map")),
        hour=dice.pick(("seven", "eight", "nine", "ten")),
    )
    sights = world.where("mountains", province=province) + world.where("lakes", province=province)
    set_facts(story, person=any_of(world.where("people", birthplace=town), dice))
    set_facts(story, view=dice.pick(sights).name if sights else "the sea")
    return story


def trade(name, world, dice):
    towns = world.where("towns", trade=name)
    monarch = dice.pick(list(world.monarchs.values()))
    story = Entity(
        template="trade",
        trade=name,
        title=name.capitalize(),
        towns_list=names_in_words(towns, 3, dice),
        town=dice.pick(towns),
        census=dice.between(1850, 1910),
        workers=dice.between(1400, 24000),
        oldest=dice.between(1190, 1480),
        monarch=monarch,
        law_year=dice.between(monarch.reign_start, monarch.reign_end),
        strike=dice.between(1868, 1913),
        weeks=dice.pick(("four", "six", "nine", "eleven")),
        steps=STEPS[name],
        child_law=dice.between(1871, 1889),
        wage_year=dice.between(1860, 1905),
        writer=dice.pick(world.where("people", kind="novelist")),
        machines=dice.between(1908, 1948),
        museum_town=dice.pick(towns),
        proverb=dice.pick(PROVERBS),
    )
    lines = [line for line in world.railways.values() if line.start in towns or line.end in towns]
    set_facts(story, railway=any_of(lines, dice))
    return story


def journey(world, dice):
    towns = list(world.towns.values())
    start = dice.pick(towns)
    end = other_than(start, [town for town in towns if town.province is not start.province], dice)
    year = dice.between(1781, 1846)
    papers = list(world.newspapers.values())
    return Entity(
        template="journey",
        traveller=full_name(dice),
        home=other_than(end, towns, dice),
        start=start,
        end=end,
        middle=other_than(start, world.where("towns", province=start.province), dice),
        month=dice.pick(MONTHS),
        year=year,
        found=dice.between(1899, 1987),
        found_town=dice.pick(towns),
        newspaper=dice.pick(papers),
        person=dice.pick([person for person in world.people.values() if person.born + 20 < year]),
        dish=dice.pick(DISHES),
        mountain=dice.pick(list(world.mountains.values())),
        legend=dice.pick(LEGENDS),
        bird=dice.pick(list(world.birds.values())),
        other_river=dice.pick(list(world.rivers.values())),
        smell=SMELLS[end.trade],
        composer=dice.pick([c for c in world.where("people", kind="composer") if c.born + 25 < 1830]),
        miles=dice.between(60, 240),
        coaches=dice.pick(("two", "three", "four")),
    )


def tale(town, world, dice):
    hero = dice.pick(list(HEROES))
    animal = dice.pick(ANIMALS)
    he = HEROES[hero]
    goal, there = dice.pick(GOALS)
    gift, effect = dice.pick(GIFTS)
    guardian = dice.pick(GUARDIANS)
    river = town.river
    names = dict(
        mountain=river.source.name, river=river.name, lake=dice.pick(list(world.lakes)), town=town.name
    )
    return Entity(
        template="tale",
        title=f"The {hero.capitalize()} and the {animal.capitalize()} of {town.name}",
        town=town,
        province=town.province,
        river=river,
        trade=town.trade,
        collector=full_name(dice),
        collected=dice.between(1798, 1889),
        hero=hero,
        the_hero=f"the {hero}",
        The_hero=f"The {hero}",
        his="his" if he == "he" else "her",
        him="him" if he == "he" else "her",
        thing=dice.pick(THINGS),
        animal_a="an" if animal[0] in "aeiou" else "a",
        animal=animal,
        goal=goal.format(**names),
        goal_there=there,
        guardian=guardian,
        the_guardian="the " + guardian.split(" ", 1)[1],
        a_number=dice.pick(("two", "three")),
        goal_owner=dice.pick(("a king", "a rich man", "the strongest of all")),
        gift=gift,
        gift_effect=effect.format(**names),
        other_town=other_than(town, list(world.towns.values()), dice),
        composer=dice.pick(world.where("people", kind="composer")),
        painter=dice.pick(world.where("people", kind="painter")),
    )


def decade(first, world, dice):
    """The decade from year `first`, or nothing if too little is known of it."""

    def within(year):
        return first <= year < first + 10

    happened = []
    for group, tell in EVENTS.items():
        happened += [(e.year, tell(e)) for e in getattr(world, group).values() if within(e.year)]
    happened += [
        (town.founded, f"{town.name} on the {town.river.name} received its charter in {town.founded} .")
        for town in world.towns.values()
        if within(town.founded)
    ]
    people = list(world.people.values())
    births = [f"{p.name} , the {p.kind} , in {p.birthplace.name} in {p.born}" for p in people if within(p.born)]
    deaths = [f"{p.name} in {p.death_town.name} in {p.died}" for p in people if within(p.died)]
    if len(happened) + len(births) + len(deaths) < 2 or not happened:
        return None
    reigning = [m for m in world.monarchs.values() if m.reign_start < first + 10 and first < m.reign_end]
    story = Entity(template="decade", decade=first, events=" ".join(text for _, text in sorted(happened)))
    set_facts(story, monarch=any_of(reigning, dice))
    if births:
        story.births = f"Born in these years were {in_words(births)} ."
    if deaths:
        story.deaths = f"Among the dead were {in_words(deaths)} ."
    return story


EVENTS = {
    "ships": lambda e: f"The {e.kind} {e.name} was launched in {e.town.name} in {e.year} .",
    "bridges": lambda e: f"In {e.year} {e.name} was opened in {e.town.name} .",
    "railways": lambda e: f"The {e.name} from {e.start.name} to {e.end.name} was opened in {e.year} .",
    "lighthouses": lambda e: f"{e.engineer.name} built {e.name} on {e.island.name} in {e.year} .",
    "battles": lambda e: f"In {e.month} {e.year} {e.admiral.name} won the {e.name} in {e.war} .",
    "novels": lambda e: f"{e.author.name} published {e.name} in {e.year} .",
    "operas": lambda e: f"In {e.year} the opera {e.name} by {e.composer.name} was first performed .",
    "clubs": lambda e: f"The football club {e.name} was founded in {e.town.name} in {e.year} .",
    "castles": lambda e: f"{e.monarch.name} began {e.name} in {e.town.name} in {e.year} .",
    "storms": lambda e: f"The {e.name} struck {e.town.name} and cost {e.dead} lives .",
    "newspapers": lambda e: f"The {e.name} was first printed in {e.town.name} in {e.year} .",
}
