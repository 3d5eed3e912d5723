"""Wanted, in custody now, released when: read from custody records, warrants and incident codes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from discoverer.clock import age_in_words, iso
from discoverer.held import Held
from discoverer.history.moments import read_moment
from discoverer.history.standpoint import PLAIN, Standpoint
from discoverer.lists import lines_naming, named, window
from discoverer.model import SOUGHT, Nature, Person, Record, RecordKind, Role
from discoverer.parts import Standing, Statement, Topic
from discoverer.policy.traces import trace
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
    for each, person in _people(held, {Role.DETAINEE}):
        if each.record.kind is RecordKind.CUSTODY:
            arrests.setdefault(_who(each, person, standpoint), []).append((each, person))
    made = [said for known in arrests.values() for said in _whereabouts_of(known, now, standpoint)]
    return [each for each in made if each is not None]


def _whereabouts_of(
    arrests: list[tuple[Held, Person]], now: datetime, standpoint: Standpoint
) -> Iterator[Statement | None]:
    """Yield what one person's arrests say: every latest one, a remand that still stands, and undated ones.

    Of two arrests of one day nobody can say which came last, so both are told. A later arrest does not end a remand:
    somebody may be brought out of prison to be arrested.
    """
    latest = max((_at(each.record) for each, _ in arrests), default="")
    remands = [_at(each.record) for each, _ in arrests if _is_kept(each.record) and _at(each.record)]
    year_ago = iso(now - timedelta(days=LONG_AGO))
    for each, person in sorted(arrests, key=lambda pair: _at(pair[0].record), reverse=True):
        at = _at(each.record)
        if not at or _as_late(at, latest):
            yield _stay(each, person, now, standpoint)
        elif _is_kept(each.record) and _as_late(at, max(remands)) and at >= year_ago[: len(at)]:
            since = next(other.record for other, _ in arrests if _at(other.record) == latest)
            yield _stay(each, person, now, standpoint, since)


def _as_late(at: str, latest: str) -> bool:
    """Tell whether an instant may be as late as another, as precisely as both are known."""
    known = min(len(at), len(latest))
    return at[:known] == latest[:known]


def wanted(held: Iterable[Held], now: datetime, standpoint: Standpoint = PLAIN) -> list[Statement]:
    """Return who is wanted by an incident's code, and whether they were arrested since. Arguments as for `custody`."""
    known = list(held)
    arrests: dict[object, list[Record]] = {}
    for each, person in _people(known, {Role.DETAINEE}):
        arrests.setdefault(_who(each, person, standpoint), []).append(each.record)
    found = []
    for each, person in _people(known, SOUGHT - {Role.DETAINEE}):
        code = next((code for code in each.record.codes if _seeks(code.word)), None)
        if code is not None:
            since = [
                record for record in arrests.get(_who(each, person, standpoint), []) if _at(record) > _at(each.record)
            ]
            found.append(_wanted(each, person, code.word, since, now, standpoint))
    return found


def _seeks(text: str) -> bool:
    """Tell whether words say that somebody is wanted; a search warrant is for a place."""
    return bool(named("wanted", text)) and not named("not_wanted", text)


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


def _is_kept(record: Record) -> bool:
    """Tell whether a disposal keeps somebody in custody."""
    disposal = _note(record, "disposal")
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
    at, written, disposal = _at(record), _note(record, "released"), _note(record, "disposal")
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
        said += f". Arrested again since, {minute(_at(since))} ({since.source} {since.ref}): check before relying on it"
    return _statement(Topic.CUSTODY, kind, said, each, person, standpoint, how=how, start=at, end=left)


def _whereabouts(record: Record, left: str, now: datetime) -> tuple[str, Standing]:
    """Tell from an arrest, a release and a disposal where somebody is, and how that stands.

    A remand outweighs the time they left the suite: they left it for court or prison.
    """
    at, disposal = _at(record), _note(record, "disposal")
    if _is_kept(record):
        old = not at or at < iso(now - timedelta(days=LONG_AGO))
        return "remanded", Standing.OLD if old else Standing.IN_FORCE
    how = Standing.IN_FORCE if at or left else Standing.OLD
    if left and left <= iso(now)[: len(left)]:
        return "released", how
    written = bool(_note(record, "released")) and not left
    longest = iso(now - timedelta(hours=window("custody_hours")))
    if at and at >= longest[: len(at)] and not disposal and not written:
        return "in_custody", how
    return "released" if disposal or written else "release_unknown", how


def _wanted(
    each: Held, person: Person, word: str, since: list[Record], now: datetime, standpoint: Standpoint
) -> Statement:
    """Say that somebody is wanted, why, and whether an arrest is recorded since."""
    record = each.record
    at, who = _at(record), name_of(person) or "name not recorded"
    reasons = lines_naming("warrant", (text.text for text in record.texts))
    warrant = any(_seeks(line) for line in reasons)
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
