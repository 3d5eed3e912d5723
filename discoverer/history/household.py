"""What officers must know at the door: weapons and threats, children, codeword and how to ring, actions asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta

from discoverer.clock import iso
from discoverer.held import Held
from discoverer.history.standpoint import PLAIN, Standpoint
from discoverer.inforce import action_words, today
from discoverer.lists import lists, named, window
from discoverer.model import Nature, Person, Record, RiskAssessment
from discoverer.normalise.dates import read_birth_date
from discoverer.parts import Standing, Statement, Topic, Whose
from discoverer.wording import day, name_of, person_at

# Notes a victim agreed with the police, and how each is read out.
AGREED = {"codeword": "CODEWORD", "safe contact": "SAFE CONTACT"}
GROWN_UP = 18


def household(held: Iterable[Held], now: datetime, standpoint: Standpoint = PLAIN) -> list[Statement]:
    """Return weapons and threats answered, children, codewords and safe contact, and actions that texts ask for.

    Args:
        held: each record of the hit, the most recent first, with the hit's positions in it (None: the whole record).
        now: the instant that counts as now.
        standpoint: how the hit stands to the people of its records.
    """
    found: list[Statement] = []
    children: dict[tuple[str, str], Statement] = {}
    agreed: dict[str, Statement] = {}
    for each in held:
        found += _weapons(each, now, standpoint)
        found += _actions(each, now)
        for key, child in _children(each, now, standpoint):
            children.setdefault(key, child)
        for one in _agreed(each, standpoint):
            agreed.setdefault(one.kind, one)
    return [*found, *children.values(), *agreed.values()]


def _at(record: Record) -> str:
    """Return when a record is of; '' undated."""
    return record.at.value if record.at else ""


def _weapons(each: Held, now: datetime, standpoint: Standpoint) -> Iterator[Statement]:
    """Yield weapons, threats to kill and strangulation answered yes in an assessment, and lately coded weapons."""
    record = each.record
    for assessment in record.assessments:
        themes = [
            word for number, word in lists()["themes_weapon"].items() if (int(number), "yes") in assessment.answers
        ]
        if themes and _takes_part(assessment, each.positions):
            yield _answered(each, assessment, themes, standpoint)
    recent = iso(now - timedelta(days=30 * window("action_months")))
    if _at(record) >= recent:
        for code in record.codes:
            if code.codeset in ("qualifier", "closing", "opening") and code.word.lower() in lists()["weapons"]:
                if code.word.lower() == "violent":
                    continue
                words = f"{code.word.upper()} coded {day(_at(record))}"
                yield _statement(Topic.WEAPON, f"coded {code.word}", words, each, "", Whose.LINKED)
                break


def _takes_part(assessment: RiskAssessment, mine: Collection[int] | None) -> bool:
    """Tell whether the hit is the victim or the suspect of an assessment, or a place or number that holds it whole."""
    return mine is None or assessment.victim in mine or assessment.suspect in mine


def _answered(each: Held, assessment: RiskAssessment, themes: list[str], standpoint: Standpoint) -> Statement:
    """Say which weapons and threats a victim told of, and by whom."""
    record = each.record
    victim = name_of(person_at(record, assessment.victim)) or "victim not named"
    suspect = name_of(person_at(record, assessment.suspect)) or "suspect not named"
    words = f"{', '.join(themes).upper()} by {suspect}, told by {victim} in {assessment.instrument}"
    words += f" {day(_at(record)) or 'undated'}"
    whose = standpoint.whose(record, assessment.suspect, each.positions)
    return _statement(Topic.WEAPON, "answered", words, each, suspect, whose, nature=Nature.ALLEGATION)


def _children(each: Held, now: datetime, standpoint: Standpoint) -> Iterator[tuple[tuple[str, str], Statement]]:
    """Yield the children named in a record, once each by name and birth; one who is grown up now is left out."""
    record = each.record
    for person in record.persons:
        if person.role.value != "child" or (each.positions is not None and person.position in each.positions):
            continue
        age = _age(person, today(now))
        if age is not None and age >= GROWN_UP:
            continue
        name = name_of(person) or "name not recorded"
        words = f"CHILD {name}"
        words += f", {age}" if age is not None else f", aged {person.age} then" if person.age else ""
        words += f", {person.note}" if person.note else ""
        words += f", recorded {day(_at(record)) or 'undated'}"
        victim = next((other.position for other in record.persons if other.role.value == "victim"), None)
        whose = standpoint.whose(record, victim, each.positions) if each.positions is None else Whose.LINKED
        statement = _statement(Topic.CHILD, "child", words, each, name, whose, nature=record.nature)
        yield (name.upper(), "".join(person.dobs[:1])), statement


def _age(person: Person, on: date) -> int | None:
    """Return somebody's age in whole years on a day; None when no date of birth says."""
    read = next((born for raw in person.dobs if (born := read_birth_date(raw, on)) is not None), None)
    if read is None:
        return None
    year, month, of_month = (int(part) for part in f"{read.value}-01-01"[:10].split("-"))
    return on.year - year - ((on.month, on.day) < (month, of_month))


def _agreed(each: Held, standpoint: Standpoint) -> Iterator[Statement]:
    """Yield the codeword and the way to ring that a victim agreed, on a hit that speaks for the victim."""
    record = each.record
    for label, text in record.notes:
        if label in AGREED and text and standpoint.speaks_for_victim(record, each.positions):
            words = f"{AGREED[label]}: {text}, agreed {day(_at(record)) or 'undated'}"
            if label == "codeword":
                words += ", never to be broadcast or put in a report"
            yield _statement(Topic.CONTACT, label.replace(" ", "_"), words, each, "", Whose.OWN)


def _actions(each: Held, now: datetime) -> Iterator[Statement]:
    """Yield the actions that the running text of a recent record asks for: 'MARKER TREAT AS URGENT'."""
    record = each.record
    if _at(record) < iso(now - timedelta(days=30 * window("action_months"))):
        return
    for asked in dict.fromkeys(each for text in record.texts for each in named("actions", text.text)):
        words = f"{asked.upper()}, said in its text {day(_at(record))}, unverified. {action_words(asked)}"
        yield _statement(Topic.ACTION, asked, words, each, "", Whose.LINKED, nature=Nature.INFERRED)


def _statement(
    topic: Topic, kind: str, words: str, each: Held, about: str, whose: Whose, *, nature: Nature | None = None
) -> Statement:
    """Make a statement that rests on one record."""
    record = each.record
    return Statement(
        topic=topic,
        kind=kind,
        standing=Standing.IN_FORCE,
        words=f"{words} ({record.source} {record.ref})",
        about=about,
        whose=whose,
        source=record.source,
        ref=record.ref,
        nature=(nature or record.nature).value,
        start=_at(record),
    )
