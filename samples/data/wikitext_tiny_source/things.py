"""Completes what people built, fought, wrote and named: ships to newspapers, birds and plants."""

from .common import MONTHS, any_of, article, full_name, other_than, set_facts

ENEMIES = {
    "the Corsair War": "the corsairs of the southern coast",
    "the War of the Two Crowns": "the fleet of the second crown",
    "the Blockade War": "the fleet of the blockade",
}
USES = {
    "salve": "as a salve for burns",
    "dye": "to dye wool",
    "tea": "as a tea against coughs",
    "thatch": "to thatch roofs",
    "salad": "as a salad in early spring",
    "packing": "to pack glass and pottery",
}
SAILING_GUNS = {"frigate": 36, "brig": 14, "ship of the line": 74, "sloop": 18}


def complete_ship(ship, world, dice):
    captain = getattr(ship, "captain", None)
    explorer = captain if captain and captain.kind == "explorer" else None
    battles = world.where("battles", ship=ship)
    set_facts(
        ship,
        article=article(ship.kind),
        explorer=explorer,
        voyage_start=explorer.voyage_start if explorer else None,
        voyage_end=explorer.voyage_end if explorer else None,
        missing=explorer.dead if explorer else None,
        battle=battles[0] if battles else None,
        killed=dice.between(5, 60),
        keel_year=ship.year - dice.between(1, 3),
        timber_province=dice.pick(list(world.provinces.values())),
        length=dice.between(28, 74),
        beam=dice.between(7, 15),
        masts=dice.pick(("two", "three")),
        crew=dice.between(40, 480),
        guns=SAILING_GUNS.get(ship.kind),
        foundry_town=world.towns["Copperhill"],
        end=ship.year + dice.between(32, 60),
        end_town=dice.pick([town for town in world.towns.values() if town.river.mouth == "the Sorrel Sea"]),
        refit_year=ship.year + dice.between(9, 20),
    )
    if "steamer" in ship.kind:
        island = dice.pick(list(world.islands.values()))
        set_facts(ship, horsepower=dice.between(90, 400), coal=dice.between(6, 24), island=island)
        set_facts(ship, ferry_years=dice.between(12, 30))


def complete_bridge(bridge, world, dice):
    years = dice.between(2, 7)
    set_facts(
        bridge,
        article=article(bridge.kind),
        province=bridge.town.province,
        where=f"in {bridge.town.name}",
        length=dice.between(60, 540),
        width=dice.between(5, 12),
        spans=dice.pick(("three", "five", "seven", "nine")),
        span=dice.between(12, 58),
        height=dice.between(6, 47),
        years=years,
        begun=bridge.year - years,
        cost=1000 * dice.between(30, 900),
        killed=dice.pick(("two", "four", "seven", "eleven")),
        storm=any_of([s for s in world.storms.values() if s.town.river is bridge.river and s.year > bridge.year], dice),
        toll_end=dice.between(bridge.year + 20, max(bridge.year + 21, 1910)),
        repair=dice.between(1921, 1988),
        next_town=other_than(bridge.town, world.where("towns", province=bridge.town.province), dice),
    )
    painters = [p for p in world.where("people", kind="painter") if p.died > bridge.year + 5]
    painter = any_of(painters, dice)
    set_facts(bridge, painter=painter, paint_year=max(bridge.year + 2, painter.born + 25))


def complete_railway(railway, world, dice):
    begun = railway.year - dice.between(3, 8)
    set_facts(
        railway,
        where=f"in {railway.start.province.name}",
        summit=dice.between(90, 720),
        stations=dice.between(5, 17),
        tunnels=dice.between(1, 9),
        viaducts=dice.between(2, 12),
        tunnel_length=dice.between(300, 2900),
        begun=begun,
        asked=begun - dice.between(2, 9),
        hours=dice.pick(("two", "three", "nearly four")),
        accident=railway.year + dice.between(5, 40),
        killed=dice.pick(("three", "six", "nine", "fourteen")),
        electrified=dice.between(1927, 1971),
        passengers=1000 * dice.between(80, 1900),
        bridge=any_of([b for b in world.bridges.values() if b.town in (railway.start, railway.end)], dice),
    )


def complete_lighthouse(lighthouse, world, dice):
    set_facts(
        lighthouse,
        province=lighthouse.island.province,
        where=f"on {lighthouse.island.name}",
        range=dice.between(18, 46),
        wreck=lighthouse.year - dice.between(3, 12),
        dead=dice.between(9, 71),
        years=dice.pick(("two", "three", "four")),
        stone_town=world.towns[dice.pick(("Gorsedale", "Ulverton"))],
        clock_town=world.towns["Thistlecombe"],
        electric=dice.between(1908, 1939),
        flashes=dice.pick(("two", "three", "four")),
        seconds=dice.pick(("ten", "fifteen", "twenty", "thirty")),
        keeper_left=dice.between(1968, 1994),
    )


def complete_battle(battle, world, dice):
    admiral = battle.admiral
    own, enemy = dice.between(9, 30), dice.between(12, 38)
    ports = [town for town in world.towns.values() if town.trade in ("herring", "salt", "shipbuilding")]
    pupil = any_of([p for p in world.people.values() if getattr(p, "teacher", None) is admiral], dice)
    pupil_serves = pupil is not None and 12 <= battle.year - pupil.born <= 30
    set_facts(
        battle,
        month=dice.pick(MONTHS),
        enemy=ENEMIES[battle.war],
        admiral_age=battle.year - admiral.born,
        own_ships=own,
        enemy_ships=enemy,
        prizes=dice.between(3, 6),
        sunk=dice.between(1, 5),
        own_dead=dice.between(60, 420),
        enemy_dead=dice.between(300, 1900),
        port=dice.pick(ports),
        pupil=pupil if pupil_serves else None,
        monument=world.towns["Aldermere"],
    )
    battle.enemy_upper = battle.enemy[0].upper() + battle.enemy[1:]


def complete_novel(novel, world, dice):
    papers = [paper for paper in world.newspapers.values() if paper.year < novel.year]
    set_facts(
        novel,
        province=novel.town.province,
        river=novel.town.river,
        town_trade=novel.town.trade,
        other_town=other_than(novel.town, list(world.towns.values()), dice),
        newspaper=any_of(papers, dice),
        later_year=novel.year + dice.between(10, 30),
        editions=dice.pick(("six", "eleven", "fourteen", "twenty")),
    )


def complete_opera(opera, world, dice):
    set_facts(
        opera,
        province=opera.town.province,
        acts=dice.pick(("three", "four", "five")),
        begun=opera.year - dice.between(2, 6),
        librettist=full_name(dice, "he"),
        other_town=other_than(opera.town, list(world.towns.values()), dice),
        horns=dice.pick(("four", "six", "eight")),
        nights=dice.between(14, 90),
        singer=full_name(dice, "she"),
        singer_town=dice.pick(list(world.towns.values())),
        singer_years=dice.pick(("six", "nine", "eleven")),
        revived=dice.between(1922, 1955),
        recorded=dice.between(1958, 1999),
    )


def complete_bird(bird, world, dice):
    incubation = dice.between(12, 30)
    set_facts(
        bird,
        article=article(bird.kind),
        name_article=article(bird.name),
        name_upper=bird.name[0].upper() + bird.name[1:],
        described=bird.botanist.born + dice.between(26, 50),
        weight=bird.size * bird.size * dice.between(6, 11) // 50,
        winter_home=dice.pick([place for place in world.provinces if place != bird.home]),
        nest_month=dice.pick(("March", "April", "May")),
        eggs=dice.pick(("two", "three", "four", "five")),
        hatch=incubation,
        fledge=incubation + dice.between(2, 14),
        pairs=dice.between(400, 60000),
        count_year=dice.between(1982, 2012),
        protected=dice.between(1909, 1978),
    )


def complete_plant(plant, world, dice):
    home = world.provinces[plant.home]
    set_facts(
        plant,
        article=article(plant.kind),
        name_upper=plant.name[0].upper() + plant.name[1:],
        home=home,
        described=plant.botanist.born + dice.between(26, 50),
        town=any_of(world.where("towns", province=home), dice),
        limit=100 * dice.between(3, 16),
        other=other_than(plant, list(world.plants.values()), dice),
        use_text=USES[plant.use],
        protected=dice.between(1919, 1988),
    )
    set_facts(plant.botanist, work_two_year=plant.described if plant.botanist.plant_one is plant else None)


def complete_club(club, world, dice):
    set_facts(
        club,
        trade=club.town.trade,
        capacity=100 * dice.between(18, 240),
        fee=dice.pick(("two", "three", "four", "six")),
        joined=club.year + dice.between(4, 12),
        title=club.year + dice.between(18, 45),
        score=dice.pick(("1 – 0", "2 – 1", "3 – 2", "4 – 1")),
        rival=other_than(club, list(world.clubs.values()), dice),
        trainer=full_name(dice, "he"),
        down=dice.between(1951, 1979),
        lost=dice.pick(("seven", "nine", "eleven")),
        cup=dice.between(1925, 1949),
        crowd=100 * dice.between(90, 420),
        ground_year=club.year + dice.between(6, 28),
    )


def complete_castle(castle, world, dice):
    painter = any_of(world.where("people", kind="painter"), dice)
    set_facts(
        castle,
        other_town=other_than(castle.town, world.where("towns", province=castle.province), dice),
        years=dice.between(6, 24),
        siege=dice.between(castle.year + 30, castle.year + 140),
        garrison=dice.between(40, 300),
        weeks=dice.pick(("five", "nine", "eleven", "seventeen")),
        besiegers=dice.pick(("the dukes of the north", "an army of mercenaries", "the pretender")),
        trade=castle.town.trade,
        fire=dice.between(castle.year + 150, max(castle.year + 160, 1840)),
        walls=dice.pick(("two", "three", "four")),
        well=dice.between(18, 70),
        floors=dice.pick(("three", "four", "five")),
        height=dice.between(16, 38),
        museum=dice.between(1921, 1969),
        visitors=1000 * dice.between(11, 240),
        painter=painter,
        paint_year=painter.born + dice.between(24, 50),
        opera=dice.pick(list(world.operas.values())),
    )


def complete_festival(festival, world, dice):
    past = [monarch for monarch in world.monarchs.values() if monarch.reign_end > festival.year]
    monarch = past[0] if past else None
    composer = dice.pick(world.where("people", kind="composer"))
    set_facts(
        festival,
        article="a",
        town=world.towns.get(festival.place) or world.islands[festival.place],
        monarch=monarch,
        monarch_year=max(festival.year, monarch.reign_start) + 1 if monarch else None,
        hour=dice.pick(("five", "six", "seven")),
        crowd=1000 * dice.between(2, 30),
        composer=composer,
        march_year=composer.born + dice.between(30, 50),
    )


def complete_storm(storm, world, dice):
    engineers = [e for e in world.where("people", kind="engineer") if e.born + 25 <= storm.year <= e.died - 5]
    river = storm.town.river
    set_facts(
        storm,
        river=river,
        rise=dice.between(3, 9),
        houses=dice.between(22, 310),
        mills=dice.between(2, 9),
        bridge=any_of([b for b in world.bridges.values() if b.river is river and b.year < storm.year], dice),
        relief=1000 * dice.between(9, 90),
        other_town=other_than(storm.town, list(world.towns.values()), dice),
        engineer=any_of(engineers, dice),
        wall=dice.between(3, 8),
        wall_year=storm.year + dice.between(2, 7),
        newspaper=any_of([paper for paper in world.newspapers.values() if paper.year < storm.year], dice),
    )


def complete_newspaper(paper, world, dice):
    battles = [battle for battle in world.battles.values() if battle.year > paper.year]
    set_facts(
        paper,
        copies=100 * dice.between(30, 900),
        founder=full_name(dice, "he"),
        other_town=other_than(paper.town, list(world.towns.values()), dice),
        trade=paper.town.trade,
        closed=paper.year + dice.between(6, 25),
        closed_months=dice.pick(("two", "three", "five", "eight")),
        photo=dice.between(1889, 1912),
        rival=other_than(paper, list(world.newspapers.values()), dice),
        battle=any_of(battles, dice),
    )
