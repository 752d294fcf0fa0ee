"""Completes provinces, mountains, lakes, rivers, towns and islands."""

from .common import DIRECTIONS, SURNAMES, any_of, full_name, names_in_words, other_than, set_facts

ORIGINS = {
    "glacier": "a glacier of the last ice age",
    "landslide": "a landslide that closed the valley",
    "old river bend": "the Ald , which left an old bend behind",
    "spring": "a group of springs at its northern end",
    "crater": "rain that filled an old crater",
}
RANKS = {
    1: "the highest mountain of the country",
    2: "the second highest mountain of the country",
    3: "the third highest mountain of the country",
}
WINTER = {"cold": -6, "dry": -1, "mild": 3, "warm": 5, "wet": 4}
RAIN = {"cold": 900, "dry": 520, "mild": 740, "warm": 680, "wet": 1350}


def complete_province(province, world, dice):
    mountains = sorted(world.where("mountains", province=province), key=lambda mountain: -mountain.height)
    set_facts(
        province,
        area=dice.between(3000, 14000),
        population=dice.between(120000, 610000),
        mountain=mountains[0] if mountains else None,
        rivers_list=names_in_words(world.where("rivers", province=province), 3, dice),
        lake=any_of(world.where("lakes", province=province), dice),
        islands_list=names_in_words(world.where("islands", province=province), 3, dice),
        towns_list=names_in_words(world.where("towns", province=province), 4, dice),
        castle=any_of(world.where("castles", province=province), dice),
        railway=any_of([line for line in world.railways.values() if line.start.province is province], dice),
        newspaper=any_of([paper for paper in world.newspapers.values() if paper.town.province is province], dice),
        club=any_of([club for club in world.clubs.values() if club.town.province is province], dice),
        bird=any_of(world.where("birds", home=province.name), dice),
        monarch=dice.pick(list(world.monarchs.values())),
        snow_days=dice.between(12, 130),
        council=dice.pick(("seven", "nine", "twelve", "twenty", "thirty")),
    )


def complete_mountain(mountain, world, dice):
    heights = sorted((other.height for other in world.mountains.values()), reverse=True)
    rank = heights.index(mountain.height) + 1
    set_facts(
        mountain,
        rank_text=RANKS.get(rank, f"one of the {len(heights)} mountains that the guides of the country describe"),
        survey_year=dice.between(1841, 1869),
        rock=dice.pick(("granite", "limestone", "sandstone", "basalt", "slate")),
        age=dice.between(12, 340),
        face=dice.pick(DIRECTIONS) + "ern",
        wall=dice.between(120, 700),
        melt_year=dice.between(1931, 1998),
        river=any_of(world.where("rivers", source=mountain), dice),
        ascent=dice.between(1760, 1850),
        climber=full_name(dice),
        town=any_of(world.where("towns", province=mountain.province), dice),
        hours=dice.between(3, 9),
        hut=mountain.height - dice.between(180, 420),
        painter=dice.pick(world.where("people", kind="painter")),
        tree_line=min(mountain.height - 100, dice.between(1300, 1700)),
        bird=any_of(world.where("birds", home=mountain.province.name), dice),
        plant=any_of(world.where("plants", home=mountain.province.name), dice),
        last_animal=dice.between(1790, 1890),
    )


def complete_lake(lake, world, dice):
    set_facts(
        lake,
        width=dice.between(1, 5),
        origin_text=ORIGINS[lake.origin],
        height=dice.between(14, 640),
        river=any_of([river for river in world.rivers.values() if river.mouth == lake.name], dice),
        ice_days=dice.between(20, 110),
        town=any_of(world.where("towns", province=lake.province), dice),
        islets=dice.pick(("two", "three", "four", "five", "seven")),
        left_year=dice.between(1890, 1960),
        boats=dice.between(6, 60),
        bird=any_of(list(world.birds.values()), dice),
        composer=dice.pick(world.where("people", kind="composer")),
    )
    lake.visit_year = lake.composer.born + dice.between(25, 55)


def complete_river(river, world, dice):
    towns = world.where("towns", river=river)
    set_facts(
        river,
        basin=river.length * dice.between(14, 30),
        source_height=max(200, river.source.height - dice.between(150, 500)),
        direction=dice.pick(DIRECTIONS) + "ern",
        towns_list=names_in_words(towns, 5, dice),
        tributaries_list=names_in_words([r for r in world.rivers.values() if r.mouth == f"the {river.name}"], 3, dice),
        width=dice.between(20, 400),
        discharge=dice.between(4, 190),
        bridge=any_of(world.where("bridges", river=river), dice),
        head_town=any_of(towns, dice),
        storm=any_of([storm for storm in world.storms.values() if storm.town.river is river], dice),
        storm_bridges=dice.pick(("two", "three", "five")),
        otter_year=dice.between(1985, 2011),
        bird=any_of(world.where("birds", home=river.province.name), dice),
        plant=any_of(world.where("plants", home=river.province.name), dice),
    )


def complete_town(town, world, dice):
    province, capital = town.province, town.province.capital is town
    population = dice.between(30000, 90000) if capital else dice.between(2400, 26000)
    set_facts(
        town,
        population=population * (3 if town.name == "Aldermere" else 1),
        population_1850=population // dice.between(3, 6),
        province_governed=province if capital else None,
        bank=dice.pick(("left", "right", DIRECTIONS[0] + "ern", DIRECTIONS[2] + "ern")),
        neighbour=other_than(town, world.where("towns", province=province), dice),
        distance=dice.between(6, 38),
        direction=dice.pick(DIRECTIONS),
        fire_year=dice.between(max(town.founded + 40, 1400), 1790),
        hall_year=dice.between(1780, 1890),
        works_year=dice.between(max(town.founded + 60, 1690), 1830),
        works_family=dice.pick(SURNAMES),
        workers=population // dice.between(9, 20),
        market_day=dice.pick(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")),
        height=dice.between(3, 60) if river_meets_sea(town) else dice.between(60, 480),
        january=degrees(WINTER[province.climate] + dice.between(-1, 1)),
        july=16 + WINTER[province.climate] // 3 + dice.between(0, 2),
        rain=RAIN[province.climate] + 10 * dice.between(-6, 6),
        people_list=names_in_words(world.where("people", birthplace=town), 3, dice),
        railway=any_of([line for line in world.railways.values() if town in (line.start, line.end)], dice),
        battle=any_of(world.where("battles", place=town.name), dice),
        festival=any_of(world.where("festivals", place=town.name), dice),
        monarch=dice.pick(list(world.monarchs.values())),
    )
    for fact, group in TOWN_SIGHTS.items():
        set_facts(town, **{fact: any_of(world.where(group, town=town), dice)})


TOWN_SIGHTS = {
    "bridge": "bridges",
    "castle": "castles",
    "storm": "storms",
    "newspaper": "newspapers",
    "club": "clubs",
    "opera": "operas",
    "novel": "novels",
}


def degrees(temperature):
    return f"− {-temperature}" if temperature < 0 else str(temperature)


def river_meets_sea(town):
    return town.river.mouth == "the Sorrel Sea"


def complete_island(island, world, dice):
    ports = [town for town in world.towns.values() if town.trade in ("herring", "salt", "shipbuilding")]
    set_facts(
        island,
        population=island.area * dice.between(4, 22),
        tourism=dice.between(1895, 1965),
        distance=dice.between(4, 60),
        port=any_of([town for town in ports if town.province is island.province] or ports, dice),
        face=dice.pick(DIRECTIONS) + "ern",
        bird=any_of(world.where("birds", home=island.name), dice),
        pairs=dice.between(300, 9000),
        sold=dice.between(1290, 1580),
        battle=any_of(world.where("battles", place=island.name), dice),
        explorer=any_of(world.where("people", kind="explorer"), dice),
        school=dice.between(1860, 1925),
        pupils=dice.between(4, 90),
        lighthouse=any_of(world.where("lighthouses", island=island), dice),
        keeper_left=dice.between(1968, 1994),
    )
