"""In custody now, released when: read from custody records; and what `wanted.py` reads them with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from discoverer.clock import age_in_words, iso
from discoverer.held import Held
from discoverer.history.moments import read_moment
from discoverer.history.standpoint import PLAIN, Standpoint
from discoverer.lists import named, window
from discoverer.model import Nature, Person, Record, RecordKind, Role
from discoverer.parts import Standing, Statement, Topic
from discoverer.wording import minute, name_of

LONG_AGO = 365  # days after which a remand or a wanted log without a later word is held to be old


def custody(held: Iterable[Held], now: datetime, standpoint: Standpoint = PLAIN) -> list[Statement]:
    """Return who of a hit's records is in custody now, or was released lately, by their latest custody records.

    Args:
        held: each record of the hit, with the hit's positions in it (None: the whole record).
        now: the instant that counts as now.
        standpoint: how the hit stands to the people of its records.
    """
    arrests: dict[object, list[tuple[Held, Person]]] = {}
    for each, person in people_of(held, {Role.DETAINEE}):
        if each.record.kind is RecordKind.CUSTODY:
            arrests.setdefault(one_of(each, person, standpoint), []).append((each, person))
    made = [said for known in arrests.values() for said in _whereabouts_of(known, now, standpoint)]
    return [each for each in made if each is not None]


def _whereabouts_of(
    arrests: list[tuple[Held, Person]], now: datetime, standpoint: Standpoint
) -> Iterator[Statement | None]:
    """Yield what one person's arrests say: every latest one, a remand that still stands, and undated ones.

    Of two arrests of one day nobody can say which came last, so both are told. A later arrest does not end a remand:
    somebody may be brought out of prison to be arrested.
    """
    latest = max((at_of(each.record) for each, _ in arrests), default="")
    remands = [at_of(each.record) for each, _ in arrests if _is_kept(each.record) and at_of(each.record)]
    year_ago = iso(now - timedelta(days=LONG_AGO))
    for each, person in sorted(arrests, key=lambda pair: at_of(pair[0].record), reverse=True):
        at = at_of(each.record)
        if not at or _as_late(at, latest):
            yield _stay(each, person, now, standpoint)
        elif _is_kept(each.record) and _as_late(at, max(remands)) and at >= year_ago[: len(at)]:
            since = next(other.record for other, _ in arrests if at_of(other.record) == latest)
            yield _stay(each, person, now, standpoint, since)


def _as_late(at: str, latest: str) -> bool:
    """Tell whether an instant may be as late as another, as precisely as both are known."""
    known = min(len(at), len(latest))
    return at[:known] == latest[:known]


def people_of(held: Iterable[Held], roles: Collection[Role]) -> Iterator[tuple[Held, Person]]:
    """Yield the people of some roles: the hit itself, or everybody in the records of a place or number."""
    for each in held:
        for person in each.record.persons:
            if person.role in roles and (each.positions is None or person.position in each.positions):
                yield each, person


def one_of(each: Held, person: Person, standpoint: Standpoint) -> object:
    """Return what makes two mentions one person: the hit itself, the same group, or else the same name."""
    if each.positions is not None:
        return "the hit"
    group = standpoint.group_at(each.record, person.position)
    return group if group is not None else name_of(person).upper()


def at_of(record: Record) -> str:
    """Return when a record is of; '' undated."""
    return record.at.value if record.at else ""


def note_of(record: Record, label: str) -> str:
    """Return the first note of a label; '' when none."""
    return next((text.strip() for name, text in record.notes if name == label and text.strip()), "")


def _is_kept(record: Record) -> bool:
    """Tell whether a disposal keeps somebody in custody."""
    disposal = note_of(record, "disposal")
    return bool(named("held", disposal)) and not named("not_held", disposal)


def _stay(
    each: Held, person: Person, now: datetime, standpoint: Standpoint, since: Record | None = None
) -> Statement | None:
    """Say where an arrest left somebody; None when they left custody long ago, or nothing says.

    Args:
        each: the record of the arrest.
        person: who was arrested.
        now: the instant that counts as now.
        standpoint: how the hit stands to the people of its records.
        since: a later arrest of theirs; None when this is the latest.
    """
    record = each.record
    at, written, disposal = at_of(record), note_of(record, "released"), note_of(record, "disposal")
    left = read_moment(written)
    kind, how = _whereabouts(record, left, now)
    lately = iso(now - timedelta(days=window("released_days")))
    last = left or at
    if last and last < lately[: len(last)] and kind in ("released", "release_unknown"):
        return None
    who = name_of(person) or "name not recorded"
    arrest = f"{who}, arrested {minute(at) or 'undated'}{f', {disposal}' if disposal else ''}"
    arrest += f" ({age_in_words(at, now)} ago)" if at and not (kind == "released" and left) else ""
    noted = f"release noted as '{written}', which cannot be read" if written and not left else "time not recorded"
    gone = f"left the suite {minute(left)}, no release since recorded" if left else "no release recorded"
    said = {
        "released": f"RELEASED {minute(left)} ({age_in_words(left, now)} ago): {arrest}"
        if left
        else f"LEFT CUSTODY, {noted}: {arrest}",
        "remanded": f"REMANDED IN CUSTODY, {gone}: {arrest}",
        "in_custody": f"IN CUSTODY NOW, no release recorded: {arrest}",
        "release_unknown": f"RELEASE NOT RECORDED: {arrest}; not known whether in custody",
    }[kind]
    if since:
        said += (
            f". Arrested again since, {minute(at_of(since))} ({since.source} {since.ref}): check before relying on it"
        )
    return statement_of(Topic.CUSTODY, kind, said, each, person, standpoint, how=how, start=at, end=left)


def _whereabouts(record: Record, left: str, now: datetime) -> tuple[str, Standing]:
    """Tell from an arrest, a release and a disposal where somebody is, and how that stands.

    A remand outweighs the time they left the suite: they left it for court or prison.
    """
    at, disposal = at_of(record), note_of(record, "disposal")
    if _is_kept(record):
        old = not at or at < iso(now - timedelta(days=LONG_AGO))
        return "remanded", Standing.OLD if old else Standing.IN_FORCE
    how = Standing.IN_FORCE if at or left else Standing.OLD
    if left and left <= iso(now)[: len(left)]:
        return "released", how
    written = bool(note_of(record, "released")) and not left
    longest = iso(now - timedelta(hours=window("custody_hours")))
    if at and at >= longest[: len(at)] and not disposal and not written:
        return "in_custody", how
    return "released" if disposal or written else "release_unknown", how


def statement_of(
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
