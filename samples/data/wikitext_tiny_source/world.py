"""The country as objects: each row of tables.py becomes an entity, whose attributes are the facts that templates name.
Entities refer to each other, so that an article and its neighbours tell the same story."""

from . import people, places, tables, things

# Each group of entities has a table, a template (for people: the kind of person), a function that completes an
# entity, and the names of the table's columns. Groups are completed in this order.
GROUPS = {
    "provinces": (tables.PROVINCES, "province", places.complete_province, "name capital economy climate range"),
    "mountains": (tables.MOUNTAINS, "mountain", places.complete_mountain, "name range province height"),
    "lakes": (tables.LAKES, "lake", places.complete_lake, "name province origin length depth"),
    "rivers": (tables.RIVERS, "river", places.complete_river, "name province source mouth length"),
    "towns": (tables.TOWNS, "town", places.complete_town, "name province river trade founded"),
    "islands": (tables.ISLANDS, "island", places.complete_island, "name province trade area height"),
    "people": (tables.PEOPLE, None, people.complete_person, "name pronoun kind born age birthplace teacher"),
    "monarchs": (tables.MONARCHS, "monarch", people.complete_monarch, "name pronoun born reign_start reign_end house"),
    "ships": (tables.SHIPS, "ship", things.complete_ship, "name kind town year captain"),
    "bridges": (tables.BRIDGES, "bridge", things.complete_bridge, "name river town kind year engineer"),
    "railways": (tables.RAILWAYS, "railway", things.complete_railway, "name start end year length engineer"),
    "lighthouses": (tables.LIGHTHOUSES, "lighthouse", things.complete_lighthouse, "name island year height engineer"),
    "battles": (tables.BATTLES, "battle", things.complete_battle, "name place year admiral ship war waters"),
    "novels": (tables.NOVELS, "novel", things.complete_novel, "name author year town plot"),
    "operas": (tables.OPERAS, "opera", things.complete_opera, "name composer year town plot"),
    "birds": (tables.BIRDS, "bird", things.complete_bird, "name kind size home food colour botanist"),
    "plants": (tables.PLANTS, "plant", things.complete_plant, "name kind size home colour month use botanist"),
    "clubs": (tables.CLUBS, "club", things.complete_club, "name town year nickname colour ground"),
    "castles": (tables.CASTLES, "castle", things.complete_castle, "name town year monarch province"),
    "festivals": (tables.FESTIVALS, "festival", things.complete_festival, "name place month custom year"),
    "storms": (tables.STORMS, "storm", things.complete_storm, "name year month town province dead"),
    "newspapers": (tables.NEWSPAPERS, "newspaper", things.complete_newspaper, "name town year rhythm contributor"),
}

# The columns that name another entity, and the group of that entity.
LINKS = {
    "province": "provinces",
    "capital": "towns",
    "town": "towns",
    "birthplace": "towns",
    "start": "towns",
    "end": "towns",
    "river": "rivers",
    "source": "mountains",
    "island": "islands",
    "ship": "ships",
    "teacher": "people",
    "captain": "people",
    "engineer": "people",
    "admiral": "people",
    "author": "people",
    "composer": "people",
    "botanist": "people",
    "contributor": "people",
    "monarch": "monarchs",
}


class Entity:
    """Facts as attributes; `template` names the article that tells them."""

    def __init__(self, **facts):
        vars(self).update(facts)


class World:
    """All entities, in groups (world.towns, world.people, ...) from name to entity."""

    def __init__(self, dice):
        for group, (table, template, _, columns) in GROUPS.items():
            setattr(self, group, read_table(table, template, columns.split()))
        for entity in self.everything():
            self._link(entity)
        for group, (_, _, complete, _) in GROUPS.items():
            for entity in getattr(self, group).values():
                complete(entity, self, dice)

    def everything(self):
        return [entity for group in GROUPS for entity in getattr(self, group).values()]

    def where(self, group, **wanted):
        """The entities of a group whose attributes are those wanted."""
        return [
            entity
            for entity in getattr(self, group).values()
            if all(getattr(entity, name, None) == value for name, value in wanted.items())
        ]

    def _link(self, entity):
        for column, group in LINKS.items():
            name = getattr(entity, column, None)
            if name is not None:
                setattr(entity, column, getattr(self, group)[name])


def read_table(table, template, columns):
    group = {}
    for line in table.strip().splitlines():
        cells = [int(cell) if cell.isdigit() else cell for cell in line.split("|")]
        facts = {name: cell for name, cell in zip(columns, cells, strict=True) if cell != "-"}
        group[facts["name"]] = Entity(template=template or facts["kind"], **facts)
    return group
