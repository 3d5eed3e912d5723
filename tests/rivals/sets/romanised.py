"""`romanised`: 5,000 people of British and migrant names; 2,000 asked for as another clerk would write them.

Surnames of British people come by rank from PyPI `fusuk` (MIT), pet names from `nicknames` (Apache-2.0), names of other
languages from romanised.toml beside this file, Cyrillic ones romanised by the published schemes of `iuliia` (MIT). Nobody
in it exists. RATES says how often each thing happens to a name that is asked for; a query's `dirt` says what did.
"""

from __future__ import annotations

import json
import pkgutil
import random
import tomllib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import iuliia
from nicknames import NickNamer

from tests.rivals.sets.layout import query, record, write_set

SEED = 20_260_312
PEOPLE, ASKED = 5_000, 2_000
# Half of those asked for are asked with their date of birth, a tenth of which are a little wrong.
DOB_WRONG = 0.1
RATES = {"spelling": 0.7, "typo": 0.25, "drop": 0.15, "reorder": 0.2, "pet name": 0.3, "initial": 0.06, "join": 0.08}
BRITISH, CYRILLIC = 0.4, 0.12  # the shares of the people; the rest is spread over the other languages
MIDDLE = 0.3
SCHEMES = (
    "bgn_pcgn_alt",
    "gost_52535",
    "icao_doc_9303",
    "mvd_310",
    "mosmetro",
    "scientific",
    "wikipedia",
    "ala_lc_alt",
)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Part:
    """One word of a name: every spelling of it, and whether it is a given name."""

    spellings: tuple[str, ...]
    given: bool


@dataclass(frozen=True, slots=True)
class Language:
    """The given and family names of one language; the first of each are the more common."""

    name: str
    given: tuple[tuple[str, ...], ...]
    family: tuple[tuple[str, ...], ...]


def languages() -> list[Language]:
    """Read romanised.toml; Cyrillic names get a spelling per scheme."""
    tables = tomllib.loads((Path(__file__).parent / "romanised.toml").read_text(encoding="utf-8"))
    found = []
    for name, table in tables.items():
        spell = romanise if name == "cyrillic" else spellings
        found.append(Language(name, spell(table["given"]), spell(table["family"])))
    return found


def spellings(text: str) -> tuple[tuple[str, ...], ...]:
    """Read one name a line, its spellings apart by spaces; an underscore is a space within a spelling."""
    return tuple(tuple(each.replace("_", " ") for each in line.split()) for line in text.strip().splitlines())


def romanise(text: str) -> tuple[tuple[str, ...], ...]:
    """Romanise each Cyrillic word by every scheme."""
    schemes = [iuliia.schemas.get(name) for name in SCHEMES]
    return tuple(tuple(dict.fromkeys(each.translate(word) for each in schemes)) for word in text.split())


def british() -> Language:
    """Return the given names of fusuk and its 20,000 most frequent surnames, each spelt one way."""
    given = json.loads(pkgutil.get_data("fusuk", "data/uk_first_names.json") or b"[]")
    family = (pkgutil.get_data("fusuk", "data/uk_last_names.txt") or b"").decode().split("\n")[:20_000]
    return Language("british", tuple((each["name"],) for each in given), tuple((each.strip(),) for each in family))


def by_rank(dice: random.Random, names: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    """Draw a name; how often a name is met falls with its rank, as Zipf's law has it."""
    return names[min(len(names) - 1, int(len(names) ** dice.random()) - 1)]


def person(dice: random.Random, others: list[Language], home: Language) -> tuple[str, list[Part]]:
    """Draw somebody's language and the parts of their name, in order."""
    share = dice.random()
    language = home
    if share >= BRITISH:
        cyrillic = next(each for each in others if each.name == "cyrillic")
        rest = [each for each in others if each is not cyrillic]
        language = cyrillic if share < BRITISH + CYRILLIC else dice.choice(rest)
    given = [dice.choice(language.given)]
    if dice.random() < MIDDLE:
        given.append(dice.choice(language.given))
    parts = [Part(each, given=True) for each in given]
    return language.name, [*parts, Part(by_rank(dice, language.family), given=False)]


def written(dice: random.Random, part: Part) -> str:
    """Choose one spelling of a part."""
    return dice.choice(part.spellings)


def slip(dice: random.Random, word: str) -> str:
    """Drop, double, swap or replace one letter that is not the first."""
    if len(word) < 4:
        return word
    place = dice.randrange(1, len(word) - 1)
    before, letter, after = word[:place], word[place], word[place + 1 :]
    return dice.choice(
        (
            before + after,
            before + letter + letter + after,
            before + after[0] + letter + after[1:],
            before + dice.choice(LETTERS) + after,
        )
    )


class Asking:
    """Writes a held name as somebody else would, and says what happened to it."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.pet_names: Callable[[str], set[str]] = NickNamer().nicknames_of

    def __call__(self, parts: list[Part], held: list[str]) -> tuple[str, list[str]]:
        """Return the name as asked and the kinds of dirt in it."""
        dice, dirt = self.dice, []
        words = list(held)
        for place, part in enumerate(parts):
            others = [each for each in part.spellings if each != held[place]]
            if others and dice.random() < RATES["spelling"]:
                words[place] = dice.choice(others)
                dirt.append("spelling")
            pets = sorted(self.pet_names(held[place].lower())) if part.given else []
            if pets and dice.random() < RATES["pet name"]:
                words[place] = dice.choice(pets).title()
                dirt.append("pet name")
        if len(words) > 2 and dice.random() < 2 * RATES["drop"]:
            del words[dice.randrange(len(words) - 1)]
            dirt.append("drop")
        if dice.random() < RATES["typo"]:
            place = dice.randrange(len(words))
            words[place] = slip(dice, words[place])
            dirt.append("typo")
        elif dice.random() < RATES["initial"] and len(words) > 1:
            words[0] = words[0][0]
            dirt.append("initial")
        if dice.random() < RATES["reorder"]:
            words = [words[-1], *words[:-1]]
            dirt.append("reorder")
        if dice.random() < RATES["join"] and len(words) > 1:
            words = ["".join(words[:2]), *words[2:]] if len(words) > 2 else words
            words = [each.replace("-", "") for each in words]
            dirt.append("join")
        text = " ".join(words)
        return (text.upper() if dice.random() < 0.2 else text), dirt


def wrong_dob(dice: random.Random, dob: str) -> str:
    """Return a date of birth a year off, or with day and month swapped where that is a date."""
    year, month, day = dob.split("-")
    if int(day) <= 12 and dice.random() < 0.5:
        return f"{year}-{day}-{month}"
    return f"{int(year) + dice.choice((-1, 1))}-{month}-{day}"


def make(out: Path) -> None:
    """Write the set."""
    dice = random.Random(SEED)
    home, others = british(), languages()
    people: list[tuple[str, str, list[Part], list[str], str]] = []
    records: list[dict[str, Any]] = []
    alike: dict[str, list[str]] = defaultdict(list)
    for number in range(PEOPLE):
        language, parts = person(dice, others, home)
        held = [written(dice, part) for part in parts]
        dob = f"{dice.randint(1930, 2008)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
        id_ = f"p{number}"
        people.append((id_, language, parts, held, dob))
        records.append(record(id_, names=[" ".join(held)], dob=dob))
        alike[" ".join(held)].append(id_)
    write, queries = Asking(dice), []
    for number, (id_, language, parts, held, dob) in enumerate(dice.sample(people, ASKED)):
        text, dirt = write(parts, held)
        more = {"class": language, "dirt": dirt}
        if number % 2:
            asked_dob = wrong_dob(dice, dob) if dice.random() < DOB_WRONG else dob
            queries.append(query(f"rom-{number}", "name_dob", text, [id_], language, dob=asked_dob, **more))
        else:
            queries.append(query(f"rom-{number}", "name", text, alike[" ".join(held)], language, **more))
    write_set(out / "romanised", records, queries)
