"""What officers must know at the door: weapons and threats, children, codeword and how to ring, actions asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from datetime import date, datetime, timedelta

from discoverer.clock import iso
from discoverer.held import Held
from discoverer.history.standpoint import PLAIN, Standpoint
from discoverer.inforce import action_words, today
from discoverer.lists import lists, named, window
from discoverer.model import VICTIMS, Nature, Person, Record, RiskAssessment, Role
from discoverer.normalise.ages import read_age
from discoverer.normalise.dates import read_birth_date
from discoverer.parts import Standing, Statement, Topic, Whose
from discoverer.policy.times import local_day, span_of
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
    once: dict[object, Statement] = {}
    since = iso(now - timedelta(days=30 * window("action_months")))
    for each in held:
        found += _weapons(each, since, standpoint)
        found += _actions(each, since)
        for key, one in (*_children(each, now, standpoint), *_agreed(each, standpoint)):
            once.setdefault(key, one)
    return [*found, *once.values()]


def _at(record: Record) -> str:
    """Return when a record is of; '' undated."""
    return record.at.value if record.at else ""


def _day(record: Record) -> str:
    """Word when a record is of."""
    return day(_at(record)) or "undated"


def _lately(record: Record, since: str) -> bool:
    """Tell whether a record may be of this instant or later, so that what it says may hold; undated, it may."""
    at = _at(record)
    return at >= since[: len(at)]


def _weapons(each: Held, since: str, standpoint: Standpoint) -> Iterator[Statement]:
    """Yield weapons, threats to kill and strangulation answered yes in an assessment, and lately coded weapons."""
    record = each.record
    for assessment in record.assessments:
        themes = [
            word for number, word in lists()["themes_weapon"].items() if (int(number), "yes") in assessment.answers
        ]
        if themes and _takes_part(assessment, each.positions):
            yield _answered(each, assessment, themes, standpoint)
    if _lately(record, since):
        for code in record.codes:
            if code.codeset in ("qualifier", "closing", "opening") and code.word.lower() in lists()["weapons"]:
                if code.word.lower() == "violent":
                    continue
                words = f"{code.word.upper()} coded, {_day(record)}, not said whose"
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
    words += f" {_day(record)}"
    whose = standpoint.whose(record, assessment.suspect, each.positions)
    if whose is Whose.LINKED and each.positions is not None:  # a suspect not named is still not the victim
        whose = Whose.OTHER_PARTY
    return _statement(Topic.WEAPON, "answered", words, each, suspect, whose, nature=Nature.ALLEGATION)


def _children(each: Held, now: datetime, standpoint: Standpoint) -> Iterator[tuple[object, Statement]]:
    """Yield the children named in a record, with what makes one of two records the same; the surely grown up left out.

    Children without a name are told apart by their place among those of one record: three of a form are three, and the
    three of the form before it are the same three.
    """
    record = each.record
    victim = next((other for other in record.persons if other.role in VICTIMS), None)
    met: Counter[object] = Counter()
    for person in record.persons:
        if person.role is not Role.CHILD or (each.positions is not None and person.position in each.positions):
            continue
        same = _same_child(person, record, name_of(victim))
        met[same] += 1
        ages = _ages(person, today(now))
        if ages is not None and ages[0] >= GROWN_UP:
            continue
        name = name_of(person) or "name not recorded"
        words = f"CHILD {name}{_age_words(person, ages)}"
        # 'lives there' is at the home of the form, which need not be the door that was hit.
        words += f", with {name_of(victim) or 'a victim not named'}: {person.note}" if person.note and victim else ""
        words += f", {person.note}" if person.note and not victim else ""
        words += f", recorded {_day(record)}"
        position = victim.position if victim else None
        whose = standpoint.whose(record, position, each.positions) if each.positions is None else Whose.LINKED
        statement = _statement(Topic.CHILD, "child", words, each, name, whose, nature=record.nature)
        yield (Topic.CHILD, same, met[same]), statement


def _same_child(person: Person, record: Record, victim: str) -> tuple[str, ...]:
    """Return what two records share when they name one child: name and birth, or whose child of what age it is."""
    born = "".join(person.dobs[:1])
    if person.names:
        return name_of(person).upper(), born
    age = read_age(person.age)
    year = str(int(_at(record)[:4]) - age.low) if age and _at(record) else person.age
    return "", born or year, victim.upper()


def _ages(person: Person, on: date) -> tuple[int, int] | None:
    """Return the youngest and oldest somebody may be on a day, in whole years; None when no date of birth says.

    A year alone, or two dates of birth, leave more than one age: who may be a child is one.
    """
    read = [born for raw in person.dobs if (born := read_birth_date(raw, on)) is not None]
    spans = [span for born in read if (span := span_of(born.value)) is not None]
    if not spans:
        return None
    days = [local_day(end) for span in spans for end in (span.first, span.last)]
    ages = [on.year - born.year - ((on.month, on.day) < (born.month, born.day)) for born in days]
    return max(min(ages), 0), max(ages)


def _age_words(person: Person, ages: tuple[int, int] | None) -> str:
    """Word an age: ', 4', ', 17 or 18', ', aged 3 then' when only the record says."""
    if ages is None:
        return f", aged {person.age} then" if person.age else ""
    return f", {ages[0]}" if ages[0] == ages[1] else f", {ages[0]} or {ages[1]}"


def _agreed(each: Held, standpoint: Standpoint) -> Iterator[tuple[object, Statement]]:
    """Yield the codeword and the way to ring that a victim agreed, and whose it is, on a hit that speaks for them.

    Two victims who use one handset have each their own.
    """
    record = each.record
    who = standpoint.victim_heard(record, each.positions)
    for label, text in record.notes:
        if label == "codeword" and not _may_say_it(each):
            continue
        if label in AGREED and text and standpoint.speaks_for_victim(record, each.positions):
            words = f"{AGREED[label]}: {text}, agreed {_with(who)}{_day(record)}"
            if label == "codeword":
                words += ", never to be broadcast or put in a report"
            kind = label.replace(" ", "_")
            same = standpoint.group_at(record, who.position) if who else None
            statement = _statement(Topic.CONTACT, kind, words, each, name_of(who), Whose.OWN)
            yield (kind, same if same is not None else name_of(who).upper() or text), statement


def _may_say_it(each: Held) -> bool:
    """Tell whether a hit may say a codeword: a victim's own sign is on no child's card."""
    people = each.record.persons
    return each.positions is None or any(one.role in VICTIMS and one.position in each.positions for one in people)


def _with(who: Person | None) -> str:
    """Word whom something was agreed with; '' when not recorded."""
    return f"with {name_of(who)} " if name_of(who) else ""


def _actions(each: Held, since: str) -> Iterator[Statement]:
    """Yield the actions that the running text of a recent record asks for: 'MARKER TREAT AS URGENT'."""
    record = each.record
    if not _lately(record, since):
        return
    for asked in dict.fromkeys(each for text in record.texts for each in named("actions", text.text)):
        words = f"{asked.upper()}, said in its text, {_day(record)}, unverified. {action_words(asked)}"
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
