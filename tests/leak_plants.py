"""What the leak suite plants among invented open records: items of every label, alone and beside open ones.

Every word of an item that stands alone occurs nowhere else. A twin shares a person, a street, a postcode or a number
with an open one, so that a count, a rarity, an order, a badge or a suggestion could tell of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from adapters.registry import load_adapters
from discoverer import access_rules
from discoverer.model import (
    Location,
    Marker,
    Order,
    Person,
    Phone,
    Record,
    RecordKind,
    Reference,
    RiskAssessment,
    RiskLevel,
    Role,
    Text,
    Visibility,
    WrittenId,
)
from discoverer.settings import AccessSettings, load
from index.masked import without_words
from tests.cast import day

SMALL = Path(__file__).resolve().parent.parent / "fixtures" / "small" / "discoverer.toml"
ACCESS = AccessSettings(rules=Path(access_rules.__file__).parent / "data" / "access.toml")
"""The roles and rules that come with Discoverer, switched on."""
SOURCES = ("incidents", "intelligence", "domestic_abuse", "custody")
OF_EACH_SOURCE = 6
"""Invented open records of each source that the planted ones stand among."""


@dataclass(frozen=True)
class Words:
    """Words of one label's items.

    Attributes:
        label: of the items.
        code: str, two figures that its numbers and ids hold.
        alone: forename, surname, another's name, road, free word, note: nowhere else.
        open: forename, surname and road of the open people whom its twins stand beside.
    """

    label: Visibility
    code: str
    alone: tuple[str, str, str, str, str, str]
    open: tuple[str, str, str]

    @cached_property
    def protects(self) -> bool:
        """Whether places and numbers under it are kept back everywhere, which is the one change meant to be seen."""
        return self.label.value in ("protected", "sealed")


_ALONE = {
    "restricted": ("31", ("Quillan", "Brathwick", "Ormo Tellerby", "Vendrake", "SNORGLIT", "PLIMBERRY")),
    "protected": ("33", ("Zephra", "Korvane", "Dristan Poolhew", "Wexmoor", "GRINDLEP", "TOVEMARSH")),
    "intelligence": ("35", ("Ysolde", "Tarmagh", "Bertrix Gandow", "Quarnley", "FLEXWOBB", "HUMBLEDAX")),
    "sealed": ("37", ("Iphigen", "Moxworth", "Jarvok Nuffoy", "Jostrand", "BRAMPITZ", "KESTOWIN")),
}
_OPEN = {
    "restricted": ("Marlow", "Fennick", "Abberstead"),
    "protected": ("Tamsin", "Orrell", "Cheverdale"),
    "intelligence": ("Rupert", "Haddowe", "Lindenholt"),
    "sealed": ("Philippa", "Garstone", "Mossbrook"),
}
LABELS = tuple(label for label in Visibility if label is not Visibility.OPEN)
ITEMS = tuple(Words(label, *_ALONE[label.value], _OPEN[label.value]) for label in LABELS)


def _log(number: str, at: str, **parts: object) -> Record:
    """Make an incident log."""
    own = Reference("log", f"{number}/{at}", own=True)
    return Record("incidents", (number, at), RecordKind.INCIDENT, day(at), references=(own,), **parts)  # type: ignore[arg-type]


def _dash(ref: str, at: str, level: RiskLevel, *people: Person, **parts: object) -> Record:
    """Make a domestic abuse record: the victim first, then the suspect."""
    assessed = RiskAssessment(level, at=day(at), by="Sgt 1042", victim=0, suspect=1)
    return Record(
        "domestic_abuse", (ref,), RecordKind.DOMESTIC_ABUSE, day(at), persons=people, assessments=(assessed,), **parts  # type: ignore[arg-type]
    )  # fmt: skip


def _custody(ref: str, at: str, who: Person, **parts: object) -> Record:
    """Make a custody record."""
    return Record("custody", (ref,), RecordKind.CUSTODY, day(at), "assault", persons=(who,), **parts)  # type: ignore[arg-type]


def _report(ref: str, at: str, *people: Person, **parts: object) -> Record:
    """Make an intelligence report."""
    return Record("intelligence", (ref,), RecordKind.INTELLIGENCE, day(at), persons=people, **parts)  # type: ignore[arg-type]


def alone(words: Words) -> list[Record]:
    """Return the items of a label that share nothing with anything open."""
    first, last, other, road, free, note = words.alone
    code, label = words.code, words.label
    victim = Person(
        0, Role.VICTIM, (f"{first} {last}".upper(),), (f"1{code[1]}/02/1971",),
        identifiers=(WrittenId("pnc", f"7{code[1]}/44{code}01X"),),
    )  # fmt: skip
    suspect = Person(1, Role.SUSPECT, (other.upper(),), (f"2{code[1]}/05/1969",))
    home = Location(2, Role.HOME, f"{code} {road.upper()} GROVE", f"CV{code[1]} 9{code[0]}Q", holder=0)
    number = Phone(3, Role.OWN, f"07700 9004{code}", holder=0)
    whole = _dash(
        f"DA/{code}/90001", "2018-09-0" + code[1], RiskLevel.HIGH, victim, suspect,
        locations=(home,), phones=(number,), visibility=label, summary=f"threats, {free.lower()}",
        texts=(Text(f"SHE SAID {free} WAS OUTSIDE IN VEHICLE ZQ{code} WVX AND CALLED FROM 07700 9005{code}"),),
        notes=(("codeword", note),),
        markers=(Marker("WE", "weapons", day("2018-05-01"), None, f"{note} BLADE", 1),),
        orders=(Order("bail", day("2018-10-01"), day("2019-01-01"), 1, (f"{first} {last}",), (f"NOT TO ENTER {road} GROVE",)),),
    )  # fmt: skip
    call = _log(
        f"90{code}", "2018-10-1" + code[1], visibility=label, summary="concern for safety",
        phones=(Phone(0, Role.CALLED_FROM, f"07700 9006{code}"),),
        locations=(Location(1, Role.SCENE, f"FLAT 3, {code}0 {road.upper()} GROVE", f"CV{code[1]} 9{code[0]}Q"),),
        texts=(Text(f"CALLER GIVES NAME AS {last.upper()}, SAYS {free} AGAIN"),),
    )  # fmt: skip
    # An open record that holds what fewer may see; it has no free words, which would be closed with it.
    inside = _log(
        f"91{code}", "2018-10-2" + code[1],
        persons=(Person(0, Role.CALLER, (f"{words.open[0]} QUAYLE{code}",)), Person(1, Role.VICTIM, (f"{first} STANWICK",), (f"0{code[1]}/08/1980",), visibility=label)),
        locations=(Location(2, Role.HOME, f"8{code} {road.upper()} TERRACE", f"CV{code[1]} 8{code[0]}Z", holder=1, visibility=label),),
        phones=(Phone(3, Role.OWN, f"07700 9007{code}", holder=1, visibility=label),),
    )  # fmt: skip
    return [whole, call, inside]


def beside(words: Words) -> list[Record]:
    """Return the open people of a label, whom its twins stand beside."""
    first, last, road = words.open
    code = words.code
    named = f"{first} {last}".upper()
    victim = Person(0, Role.VICTIM, (named,), (f"0{code[1]}/03/1990",))
    suspect = Person(1, Role.SUSPECT, (f"GARTH {last}".upper(),), (f"1{code[1]}/04/1988",))
    home = Location(2, Role.HOME, f"12 {road.upper()} ROAD", f"B2{code[1]} 7{code[0]}A", holder=0)
    return [
        _dash(
            f"DA/{code}/10001", "2017-03-01", RiskLevel.STANDARD, victim, suspect,
            locations=(home,), phones=(Phone(3, Role.OWN, f"07700 9001{code}", holder=0),), texts=(Text("ARGUED OVER MONEY"),),
        ),
        _log(
            f"10{code}", "2018-11-01", persons=(replace(victim, identifiers=(WrittenId("pnc", f"6{code[1]}/33{code}02Y"),)),),
            locations=(replace(home, position=1, holder=0),), summary="noise", texts=(Text("NEIGHBOUR RANG, LOUD MUSIC"),),
        ),
        _custody(f"BE/{code}/10", "2018-02-01", Person(0, Role.DETAINEE, (f"GARTH {last}".upper(),), (f"1{code[1]}/04/1988",))),
        _log(f"11{code}", "2018-11-02", persons=(Person(0, Role.CALLER, (f"ODETTE {last}".upper(),), (f"2{code[1]}/09/1959",)),)),
    ]  # fmt: skip


def twins(words: Words) -> list[Record]:
    """Return the items of a label that share a person, a road, a postcode or a number with an open one."""
    first, last, road = words.open
    code, label = words.code, words.label
    garth = Person(0, Role.DETAINEE, (f"GARTH {last}".upper(),), (f"1{code[1]}/04/1988",))
    her = Person(0, Role.VICTIM, (f"{first} {last}".upper(),), (f"0{code[1]}/03/1990",))
    free = words.alone[4]
    tied = (WrittenId("pnc", f"6{code[1]}/33{code}02Y"),)
    # Where a label protects, the very place and number would be kept back, and that is meant to be seen.
    door = "14" if words.protects else "12"
    number = f"07700 9001{int(code) + 1}" if words.protects else f"07700 9001{code}"
    home = Location(2, Role.HOME, f"{door} {road.upper()} ROAD", f"B2{code[1]} 7{code[0]}A", holder=0)
    return [
        _custody(
            f"BE/{code}/80", "2018-11-10", garth, visibility=label,
            orders=(Order("bail", day("2018-11-10"), day("2019-01-01"), 0, (f"{first} {last}",), (f"NOT TO GO NEAR HER {free}",)),),
            markers=(Marker("FI", "firearms", day("2018-11-10"), None, free, 0),),
        ),
        _dash(
            f"DA/{code}/80002", "2018-11-09", RiskLevel.HIGH, her, replace(garth, position=1, role=Role.SUSPECT),
            visibility=label, locations=(home,), phones=(Phone(3, Role.OWN, number, holder=0),), texts=(Text(f"HE SAID {free}"),),
        ),
        _report(
            f"INT/{code}/8", "2018-11-08",
            Person(0, Role.SUBJECT, (f"ODETTE {last}".upper(), f"{first} {last}".upper()), (f"2{code[1]}/09/1959",), identifiers=tied),
            visibility=label, texts=(Text(f"NOISE AND LOUD MUSIC, THE NEIGHBOUR RANG ABOUT {last.upper()}"),),
        ),
        _log(
            f"81{code}", "2018-11-12", visibility=label, summary="noise",
            persons=(Person(0, Role.CALLER, (f"{last}A {first}".upper(),)),),
            locations=(Location(1, Role.SCENE, f"4 {road.upper()} AVENUE", f"B2{code[1]} 7{code[0]}B"),),
        ),
        _log(  # open, but not that she, where and by what number
            f"82{code}", "2018-11-07",
            persons=(Person(1, Role.VICTIM, (f"ODETTE {last}".upper(),), (f"2{code[1]}/09/1959",)), replace(her, role=Role.CALLER, visibility=label)),
            locations=(replace(home, role=Role.SCENE, holder=None, visibility=label),), phones=(Phone(3, Role.CALLED_FROM, number, visibility=label),),
        ),
        *(_log(f"8{n}{code}", f"2018-11-1{n}", visibility=label, persons=(replace(her, role=Role.CALLER),)) for n in (3, 4, 5)),
    ]  # fmt: skip


def background() -> list[Record]:
    """Return invented records of every source that protect no place (see `Words.protects`) and hold no number planted."""
    found: list[Record] = []
    for adapter in load_adapters(load(SMALL)):
        read = (record for row in adapter.rows() for record in adapter.records(row))
        sound = (record for record in read if record.words_visibility.value != "protected" and not _is_planted(record))
        found += [record for _, record in zip(range(OF_EACH_SOURCE), sound, strict=False)]
    return found


def _is_planted(record: Record) -> bool:
    """Tell whether a record holds a number that is planted."""
    said = re.sub(r"[^0-9a-z]", "", repr(record).lower())
    return any(f"900{n}{words.code}" in said for words in ITEMS for n in (1, 4, 5, 6, 7))


def planted() -> list[Record]:
    """Return every item of every label, and the open people beside them."""
    return [record for words in ITEMS for record in (*beside(words), *alone(words), *twins(words))]


def seen_by(records: Iterable[Record], labels: Collection[Visibility]) -> list[Record]:
    """Return the records as far as whoever reads these labels may see them: what an index without the rest is made of."""
    seen: list[Record] = []
    for record in records:
        if record.visibility not in labels:
            continue
        whole = record.words_visibility in labels
        seen.append(record if whole else replace(without_words(record), **_mentions(record, labels)))  # type: ignore[arg-type]
    return seen


def _mentions(record: Record, labels: Collection[Visibility]) -> dict[str, object]:
    """Return the mentions of a record under some labels."""
    return {
        "persons": tuple(each for each in record.persons if each.visibility in labels),
        "locations": tuple(each for each in record.locations if each.visibility in labels),
        "phones": tuple(each for each in record.phones if each.visibility in labels),
    }
