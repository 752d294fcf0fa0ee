"""The words of both languages with the forms that the rules in german.py and english.py cannot derive. Columns are
split at "|"."""

from dataclasses import dataclass

# English singular | plural | German singular | plural | gender | kind. "w" after the gender: the noun is weak, so its
# accusative and dative end in -n.
NOUNS = """
man|men|Mann|Männer|m|person
woman|women|Frau|Frauen|f|person
child|children|Kind|Kinder|n|person
boy|boys|Junge|Jungen|mw|person
girl|girls|Mädchen|Mädchen|n|person
teacher|teachers|Lehrer|Lehrer|m|person
doctor|doctors|Ärztin|Ärztinnen|f|person
neighbour|neighbours|Nachbarin|Nachbarinnen|f|person
farmer|farmers|Bauer|Bauern|mw|person
guest|guests|Gast|Gäste|m|person
dog|dogs|Hund|Hunde|m|animal
cat|cats|Katze|Katzen|f|animal
horse|horses|Pferd|Pferde|n|animal
bird|birds|Vogel|Vögel|m|animal
book|books|Buch|Bücher|n|text
letter|letters|Brief|Briefe|m|text
newspaper|newspapers|Zeitung|Zeitungen|f|text
apple|apples|Apfel|Äpfel|m|thing
flower|flowers|Blume|Blumen|f|thing
picture|pictures|Bild|Bilder|n|thing
lamp|lamps|Lampe|Lampen|f|thing
chair|chairs|Stuhl|Stühle|m|thing
boat|boats|Boot|Boote|n|thing
key|keys|Schlüssel|Schlüssel|m|thing
garden|gardens|Garten|Gärten|m|place
house|houses|Haus|Häuser|n|place
forest|forests|Wald|Wälder|m|place
kitchen|kitchens|Küche|Küchen|f|place
school|schools|Schule|Schulen|f|place
village|villages|Dorf|Dörfer|n|place
"""

# English | German | kinds of nouns that it may describe.
ADJECTIVES = """
old|alt|person animal text thing place
small|klein|person animal text thing place
big|groß|animal thing place
beautiful|schön|person animal text thing place
young|jung|person animal
new|neu|text thing place
red|rot|thing
black|schwarz|animal thing
friendly|freundlich|person
quiet|ruhig|person animal place
"""

# English infinitive | third person | past | participle | German infinitive | first, second, third person singular |
# participle | auxiliary of the perfect | what follows | kinds of nouns in it. A particle that separates stands before
# "+". What follows: "acc" and "dat" an object in that case, "give" a person in the dative and a thing in the
# accusative, "into" a place that is reached, "at" nothing or the place where it happens.
VERBS = """
see|sees|saw|seen|sehen|sehe|siehst|sieht|gesehen|haben|acc|person animal thing
find|finds|found|found|finden|finde|findest|findet|gefunden|haben|acc|animal text thing
buy|buys|bought|bought|kaufen|kaufe|kaufst|kauft|gekauft|haben|acc|text thing
read|reads|read|read|lesen|lese|liest|liest|gelesen|haben|acc|text
write|writes|wrote|written|schreiben|schreibe|schreibst|schreibt|geschrieben|haben|acc|text
paint|paints|painted|painted|malen|male|malst|malt|gemalt|haben|acc|animal thing place
carry|carries|carried|carried|tragen|trage|trägst|trägt|getragen|haben|acc|animal thing
visit|visits|visited|visited|besuchen|besuche|besuchst|besucht|besucht|haben|acc|person place
call|calls|called|called|an+rufen|rufe|rufst|ruft|gerufen|haben|acc|person
bring along|brings along|brought along|brought along|mit+bringen|bringe|bringst|bringt|gebracht|haben|acc|animal thing
help|helps|helped|helped|helfen|helfe|hilfst|hilft|geholfen|haben|dat|person animal
thank|thanks|thanked|thanked|danken|danke|dankst|dankt|gedankt|haben|dat|person
follow|follows|followed|followed|folgen|folge|folgst|folgt|gefolgt|sein|dat|person animal
give|gives|gave|given|geben|gebe|gibst|gibt|gegeben|haben|give|text thing
show|shows|showed|shown|zeigen|zeige|zeigst|zeigt|gezeigt|haben|give|animal text thing
send|sends|sent|sent|schicken|schicke|schickst|schickt|geschickt|haben|give|text thing
go|goes|went|gone|gehen|gehe|gehst|geht|gegangen|sein|into|place
run|runs|ran|run|laufen|laufe|läufst|läuft|gelaufen|sein|into|place
come|comes|came|come|kommen|komme|kommst|kommt|gekommen|sein|into|place
sleep|sleeps|slept|slept|schlafen|schlafe|schläfst|schläft|geschlafen|haben|at|place
work|works|worked|worked|arbeiten|arbeite|arbeitest|arbeitet|gearbeitet|haben|at|place
play|plays|played|played|spielen|spiele|spielst|spielt|gespielt|haben|at|place
sing|sings|sang|sung|singen|singe|singst|singt|gesungen|haben|at|place
"""

# Verbs of which animals may be the subject too.
ANIMALS_DO = ("see", "find", "follow", "run", "come", "sleep", "play", "carry")

# English third person | other persons | German infinitive | first, second, third person singular: with a clause.
THINKING = """
knows|know|wissen|weiß|weißt|weiß
says|say|sagen|sage|sagst|sagt
believes|believe|glauben|glaube|glaubst|glaubt
hopes|hope|hoffen|hoffe|hoffst|hofft
"""

# English | German infinitive | first, second, third person singular.
MODALS = """
can|können|kann|kannst|kann
must|müssen|muss|musst|muss
should|sollen|soll|sollst|soll
may|dürfen|darf|darfst|darf
"""

# English subject | object | German nominative | accusative | dative | person and number.
PRONOUNS = """
I|me|ich|mich|mir|1s
you|you|du|dich|dir|2s
we|us|wir|uns|uns|1p
he|him|er|ihn|ihm|3s
she|her|sie|sie|ihr|3s
they|them|sie|sie|ihnen|3p
"""

# English | German, with the present; with the past.
NOW = """
today|heute
now|jetzt
often|oft
in the morning|am Morgen
in the evening|am Abend
"""
THEN = """
yesterday|gestern
last week|letzte Woche
"""

# English | German, before a clause whose verb is last.
CONJUNCTIONS = """
because|weil
when|wenn
although|obwohl
while|während
"""


@dataclass(frozen=True)
class Noun:
    en: str
    en_plural: str
    de: str
    de_plural: str
    gender: str
    kind: str

    @property
    def is_weak(self):
        return self.gender.endswith("w")


@dataclass(frozen=True)
class Adjective:
    en: str
    de: str
    kinds: str


@dataclass(frozen=True)
class Verb:
    en: str
    en_third: str
    en_past: str
    en_participle: str
    infinitive: str
    first: str
    second: str
    third: str
    participle: str
    auxiliary: str
    frame: str
    kinds: str


@dataclass(frozen=True)
class Thinking:
    en_third: str
    en: str
    infinitive: str
    first: str
    second: str
    third: str


@dataclass(frozen=True)
class Modal:
    en: str
    infinitive: str
    first: str
    second: str
    third: str


@dataclass(frozen=True)
class Pronoun:
    en: str
    en_object: str
    nominative: str
    accusative: str
    dative: str
    person: str


@dataclass(frozen=True)
class Phrase:
    en: str
    de: str


def rows(table, form):
    return [form(*line.split("|")) for line in table.strip().split("\n")]


NOUNS = rows(NOUNS, Noun)
ADJECTIVES = rows(ADJECTIVES, Adjective)
VERBS = rows(VERBS, Verb)
THINKING = rows(THINKING, Thinking)
MODALS = rows(MODALS, Modal)
PRONOUNS = rows(PRONOUNS, Pronoun)
NOW, THEN, CONJUNCTIONS = (rows(table, Phrase) for table in (NOW, THEN, CONJUNCTIONS))
