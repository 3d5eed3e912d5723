"""The contract suite: every promise an adapter makes, tried in one call by whoever writes one.

assert check_adapter(load_adapter(Path("sources/outside.toml"))) == []; docs/mapping.md has the whole lines.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from adapters.base import Adapter, RawRow, TracksChanges
from discoverer.clock import parse_iso
from discoverer.codec import encode
from discoverer.errors import DiscovererError, RowRejected, SchemaDrift
from discoverer.model import Location, Person, Phone, Record

# Values put into every column in turn.
HOSTILE: Mapping[str, str | None] = {
    "nothing": None,
    "an empty text": "",
    "blanks": "   ",
    "NUL": "A\x00B",
    "10,000 characters": "x" * 10_000,
    "a wrong code page": "JosÃ© M\x81LLER",
    "emoji": "👩‍👧 SHABS 🚓",
    "line ends": "one\r\ntwo\rthree\u2028four",
    "right to left": "\u202eKHAN\u202c",
    "half a number": "07700 9OO",
    "no date": "31/02/2014 25:61",
}

# What an adapter must not raise for a row, beside RowRejected.
SURPRISES = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    LookupError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
    DiscovererError,
)


def check_adapter(adapter: Adapter, drifted: Sequence[Adapter] = (), sample: int = 200) -> list[str]:
    """Try every promise of the adapter protocol.

    Args:
        adapter: the one to try; its source must hold at least one row that gives a record.
        drifted: adapters of the same mapping on copies of the source with a column added or taken away.
        sample: rows to try, from the start.

    Returns:
        One sentence for each broken promise; empty when all are kept.

    Raises:
        SourceUnavailable, SchemaDrift, CheckFailed: the source itself cannot be read.
    """
    first, second = list(islice(adapter.rows(), sample)), list(islice(adapter.rows(), sample))
    broken = list(_identity(adapter))
    broken += _repeats(first, second)
    broken += _records(adapter, first, second)
    broken += _hostile(adapter, first)
    broken += list(_changes(adapter, first, sample))
    broken += [problem for other in drifted for problem in _drift(other)]
    return broken


def _identity(adapter: Adapter) -> Iterator[str]:
    """Yield what is wrong with what an adapter says of itself."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", adapter.name):
        yield f"the name '{adapter.name}' should be small letters, digits and underlines, a letter first"
    if not adapter.version:
        yield "the version is empty"
    taken = adapter.as_at()
    try:
        parse_iso(taken or "2014-01-01")
    except ValueError:
        yield f"as_at '{taken}' is no ISO 8601 instant"


def _repeats(first: list[RawRow], second: list[RawRow]) -> Iterator[str]:
    """Yield what differs between two readings, and rows that cannot be found again by where they stand."""
    if not first:
        yield "there is no row to try"
    if first != second:
        yield "reading twice does not start with the same rows"
    places = [row.where for row in first]
    if len(set(places)) < len(places) or not all(places):
        yield "two rows stand at the same place, or one stands nowhere, so a row cannot be found again"


def _records(adapter: Adapter, first: list[RawRow], second: list[RawRow]) -> Iterator[str]:
    """Yield what is wrong with the records of the rows as they are."""
    seen: set[tuple[str, ...]] = set()
    made = 0
    for row, again in zip(first, second, strict=False):
        before = copy.deepcopy(row)
        found, problem = _try(adapter, row)
        repeated, _problem = _try(adapter, again)
        if problem:
            yield f"{row.where}: {problem}"
        if found != repeated or row != before:
            yield f"{row.where}: records() is not pure: it gives other records for the same row, or changes the row"
        for record in found:
            made += 1
            if record.key in seen:
                yield f"{row.where}: the key {record.ref} stands twice"
            seen.add(record.key)
            yield from (f"{row.where}: {problem}" for problem in _wrong_with(adapter, record))
    if first and not made:
        yield "no row gives a record"


def _wrong_with(adapter: Adapter, record: Record) -> Iterator[str]:
    """Yield what is inconsistent inside one record."""
    if record.source != adapter.name:
        yield f"its source is '{record.source}', not '{adapter.name}'"
    if not record.key or not all(part.strip() for part in record.key):
        yield "a part of its key is blank"
    places: tuple[Location | Phone, ...] = (*record.locations, *record.phones)
    mentions: tuple[Person | Location | Phone, ...] = (*record.persons, *places)
    positions = [mention.position for mention in mentions]
    if len(set(positions)) < len(positions):
        yield "two mentions have the same position"
    people = {person.position for person in record.persons}
    holders = [place.holder for place in places]
    holders += [part for assessed in record.assessments for part in (assessed.victim, assessed.suspect)]
    holders += [order.subject for order in record.orders] + [marker.subject for marker in record.markers]
    if any(holder is not None and holder not in people for holder in holders):
        yield "something points at a person who is not in it"
    if any(not mention.visibility.contains(record.visibility) for mention in mentions):
        yield "a mention is more open than its record"
    if not record.row:
        yield "it does not say where its row stands"


def _hostile(adapter: Adapter, rows: list[RawRow]) -> Iterator[str]:
    """Yield what goes wrong when awkward values stand in each column, of the row and of its child rows, in turn."""
    for row in rows[:3]:
        for what, values in _spoilt(row):
            spoilt = RawRow(row.where, values, row.fault)
            _found, problem = _try(adapter, spoilt)
            if problem:
                yield f"{row.where} with {what}: {problem}"


def _changes(adapter: Adapter, rows: list[RawRow], sample: int) -> Iterator[str]:
    """Yield what is wrong with what an adapter says changed, in a source where nothing does."""
    if not isinstance(adapter, TracksChanges) or not (mark := adapter.watermark()):
        return
    if len(mark.splitlines()) != 1:
        yield "the watermark is not one line"
    whole = {record.key: row.values for row in rows for record in _try(adapter, row)[0]}
    for change in islice(adapter.changes(mark), sample):
        told = change.row.values if change.row else None
        if change.key in whole and whole[change.key] != told:
            yield f"{'/'.join(change.key)}: changes() gives another row than rows()"
        for record in _try(adapter, change.row)[0] if change.row else ():
            if record.key != change.key:
                yield f"{'/'.join(change.key)}: changes() gives it the row of {'/'.join(record.key)}"


def _spoilt(row: RawRow) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield (what was done to it, the columns) for every way a row is spoilt."""
    yield "no columns at all", {}
    for column, value in row.values.items():
        yield f"no {column}", {name: other for name, other in row.values.items() if name != column}
        for what, text in HOSTILE.items():
            if not isinstance(value, list):
                yield f"{what} in {column}", {**row.values, column: text}
            elif value and isinstance(value[0], Mapping):
                for inner in value[0]:
                    changed = [{**value[0], inner: text}, *value[1:]]
                    yield f"{what} in {column}.{inner}", {**row.values, column: changed}
            else:
                yield f"{what} in {column}", {**row.values, column: [text]}


def _try(adapter: Adapter, row: RawRow) -> tuple[list[Record], str]:
    """Return a row's records, and what is wrong when it gives neither records that can be stored nor RowRejected."""
    try:
        found = list(adapter.records(row))
        for record in found:
            encode(record)
    except RowRejected as error:
        return [], "" if error.reason else "it is rejected without a reason"
    except SURPRISES as error:
        return [], f"{type(error).__name__} ({error}) instead of records or RowRejected"
    return found, ""


def _drift(adapter: Adapter) -> Iterator[str]:
    """Yield that an adapter took a drifted source without noticing."""
    try:
        next(iter(adapter.rows()), None)
    except SchemaDrift:
        return
    yield f"{adapter.name}: a column was added or taken away and the first row came all the same, without SchemaDrift"
