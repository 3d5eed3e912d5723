"""Wanted, in custody now, released when: read from custody records, warrants and incident codes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from discoverer.clock import age_in_words, iso, to_utc
from discoverer.held import Held
from discoverer.history.standpoint import PLAIN, Standpoint
from discoverer.lists import lines_naming, named, window
from discoverer.model import SOUGHT, Nature, Person, Record, RecordKind, Role
from discoverer.parts import Standing, Statement, Topic
from discoverer.policy.traces import trace
from discoverer.wording import minute, name_of

LONG_AGO = 365  # days after which a remand or a wanted log without a later word is held to be old
_RELEASED = "%d/%m/%Y %H:%M"


def custody(held: Iterable[Held], now: datetime, standpoint: Standpoint = PLAIN) -> list[Statement]:
    """Return who of a hit's records is in custody now, or was released lately, by their latest custody record.

    Args:
        held: each record of the hit, with the hit's positions in it (None: the whole record).
        now: the instant that counts as now.
        standpoint: how the hit stands to the people of its records.
    """
    latest: dict[object, tuple[Held, Person]] = {}
    for each, person in _people(held, {Role.DETAINEE}):
        if each.record.kind is not RecordKind.CUSTODY:
            continue
        who = _who(each, person, standpoint)
        if who not in latest or _at(each.record) > _at(latest[who][0].record):
            latest[who] = (each, person)
    made = (_stay(each, person, now, standpoint) for each, person in latest.values())
    return [each for each in made if each is not None]


def wanted(held: Iterable[Held], now: datetime, standpoint: Standpoint = PLAIN) -> list[Statement]:
    """Return who is wanted by an incident's code, and whether they were arrested since. Arguments as for `custody`."""
    known = list(held)
    arrests: dict[object, list[Record]] = {}
    for each, person in _people(known, {Role.DETAINEE}):
        arrests.setdefault(_who(each, person, standpoint), []).append(each.record)
    found = []
    for each, person in _people(known, SOUGHT - {Role.DETAINEE}):
        code = next((code for code in each.record.codes if named("wanted", code.word)), None)
        if code is not None:
            since = [
                record for record in arrests.get(_who(each, person, standpoint), []) if _at(record) > _at(each.record)
            ]
            found.append(_wanted(each, person, code.word, since, now, standpoint))
    return found


def _people(held: Iterable[Held], roles: Collection[Role]) -> Iterator[tuple[Held, Person]]:
    """Yield the people of some roles: the hit itself, or everybody in the records of a place or number."""
    for each in held:
        for person in each.record.persons:
            if person.role in roles and (each.positions is None or person.position in each.positions):
                yield each, person


def _who(each: Held, person: Person, standpoint: Standpoint) -> object:
    """Return what makes two mentions one person: the hit itself, the same group, or else the same name."""
    if each.positions is not None:
        return "the hit"
    group = standpoint.group_at(each.record, person.position)
    return group if group is not None else name_of(person).upper()


def _at(record: Record) -> str:
    """Return when a record is of; '' undated."""
    return record.at.value if record.at else ""


def _note(record: Record, label: str) -> str:
    """Return the first note of a label; '' when none."""
    return next((text.strip() for name, text in record.notes if name == label and text.strip()), "")


def released_at(record: Record) -> str:
    """Return the ISO instant a custody record says the person left; '' when it does not, or not readably."""
    try:
        local = datetime.strptime(_note(record, "released"), _RELEASED)  # noqa: DTZ007 - a wall clock, made UTC below
    except ValueError:
        return ""
    return iso(to_utc(local)[0])


def _stay(each: Held, person: Person, now: datetime, standpoint: Standpoint) -> Statement | None:
    """Say where the latest arrest left somebody; None when they left custody long ago, or nothing says."""
    record = each.record
    at, left, disposal = _at(record), released_at(record), _note(record, "disposal")
    who = name_of(person) or "name not recorded"
    arrest = f"{who}, arrested {minute(at) or 'undated'}{f', {disposal}' if disposal else ''}"
    lately = iso(now - timedelta(days=window("released_days")))
    kind, how = _whereabouts(at, left, disposal, now)
    if (kind == "released" and (left or at) < lately) or (kind == "release_unknown" and at < lately):
        return None
    age = f" ({age_in_words(at, now)} ago)" if at else ""
    said = {
        "released": f"RELEASED {minute(left)} ({age_in_words(left, now)} ago): {arrest}"
        if left
        else f"LEFT CUSTODY, time not recorded: {arrest}{age}",
        "remanded": f"REMANDED IN CUSTODY, no release recorded: {arrest}{age}",
        "in_custody": f"IN CUSTODY NOW, no release recorded: {arrest}{age}",
        "release_unknown": f"RELEASE NOT RECORDED: {arrest}{age}; not known whether in custody",
    }[kind]
    return _statement(Topic.CUSTODY, kind, said, each, person, standpoint, how=how, start=at, end=left)


def _whereabouts(at: str, left: str, disposal: str, now: datetime) -> tuple[str, Standing]:
    """Tell from an arrest, a release and a disposal where somebody is, and how that stands."""
    kept = bool(named("held", disposal)) and not named("not_held", disposal)
    if left and left <= iso(now):
        return "released", Standing.IN_FORCE
    if kept:
        old = at < iso(now - timedelta(days=LONG_AGO))
        return "remanded", Standing.OLD if old else Standing.IN_FORCE
    if at >= iso(now - timedelta(hours=window("custody_hours"))) and not disposal:
        return "in_custody", Standing.IN_FORCE
    return "released" if disposal else "release_unknown", Standing.IN_FORCE


def _wanted(
    each: Held, person: Person, word: str, since: list[Record], now: datetime, standpoint: Standpoint
) -> Statement:
    """Say that somebody is wanted, why, and whether an arrest is recorded since."""
    record = each.record
    at, who = _at(record), name_of(person) or "name not recorded"
    reasons = lines_naming("warrant", (text.text for text in record.texts))
    warrant = any(named("wanted", line) for line in reasons)
    words = f"{'WANTED ON WARRANT' if warrant else 'WANTED'}: {who}, coded '{word}' {minute(at) or 'undated'}"
    words += f" ({age_in_words(at, now)} ago)" if at else ""
    words += f": {'; '.join(reasons)}" if reasons else ""
    ended = [arrest for arrest in since if _ends(arrest, record)]
    words += _arrested(ended, since)
    old = bool(since) or at < iso(now - timedelta(days=LONG_AGO))
    how = Standing.ENDED if ended else Standing.OLD if old else Standing.IN_FORCE
    return _statement(
        Topic.WANTED, "warrant" if warrant else "wanted", words, each, person, standpoint,
        how=how, start=at, conditions=reasons,
    )  # fmt: skip


def _ends(arrest: Record, sought: Record) -> bool:
    """Tell whether an arrest says that it is the one somebody was wanted for: it cites the log, or names the warrant.

    An arrest for something else leaves a warrant as it was.
    """
    schemes = [each.scheme for each in sought.references if each.own]
    cited = set(trace(sought, schemes).own) & set(trace(arrest, schemes).named)
    return bool(cited) or bool(named("arrested_on", _note(arrest, "offence")))


def _arrested(ended: list[Record], since: list[Record]) -> str:
    """Say what arrests since mean for a warrant."""
    if not since:
        return ". No arrest recorded since"
    latest = max(ended or since, key=_at)
    words = f"Arrested since, {minute(_at(latest))} ({latest.source} {latest.ref})"
    if ended:
        return f". {words}, for this"
    return f". {words}, not said whether for this: check before relying on it"


def _statement(
    topic: Topic, kind: str, words: str, each: Held, person: Person, standpoint: Standpoint,
    *, how: Standing = Standing.IN_FORCE, start: str = "", end: str = "", conditions: tuple[str, ...] = (),
) -> Statement:  # fmt: skip
    """Make a statement about a person of a record."""
    record = each.record
    return Statement(
        topic=topic,
        kind=kind,
        standing=how,
        words=f"{words} ({record.source} {record.ref})",
        about=name_of(person),
        whose=standpoint.whose(record, person.position, each.positions),
        source=record.source,
        ref=record.ref,
        nature=(Nature.FACT if topic is Topic.CUSTODY else record.nature).value,
        start=start,
        end=end,
        conditions=conditions,
    )
