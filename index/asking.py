"""A source asked what changed: whatever its adapter does wrong is this source's alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from adapters.base import Adapter, Change, TracksChanges
from adapters.checks import read_rows, tally_for
from discoverer.errors import SourceUnavailable
from discoverer.labelling import Labelling
from discoverer.model import Record, Reject
from index.reading import FAULTS
from index.store import twice


class Asked(NamedTuple):
    """What a row is now.

    Attributes:
        ref: its reference, as its key gives it.
        records: those it makes; none when it is gone or cannot be used.
        rejects: why it, or what was read with it, cannot be used.
    """

    ref: str
    records: Sequence[Record]
    rejects: Sequence[Reject]


def stands_at(adapter: Adapter) -> tuple[str, str]:
    """Return where a source stands now, and the instant it says it was taken at ('' when it does not say).

    Raises:
        SourceError: it cannot be asked, or its adapter fell over.
    """
    if not isinstance(adapter, TracksChanges):
        return "", ""
    try:
        return adapter.watermark(), adapter.as_at()
    except (*FAULTS, OSError) as error:
        raise _fell_over(adapter, error) from error


def changed_rows(adapter: Adapter, since: str, labelling: Labelling) -> Iterator[Asked]:
    """Yield what changed at a source since a watermark.

    Args:
        adapter: one that tracks changes.
        since: the watermark.
        labelling: the rules that close records further than their mapping does.

    Raises:
        SourceError: it cannot be asked, or its adapter fell over; what was yielded before stands.
    """
    if not isinstance(adapter, TracksChanges):
        return
    try:
        changes = iter(adapter.changes(since))
    except (*FAULTS, OSError) as error:
        raise _fell_over(adapter, error) from error
    while True:
        try:
            change = next(changes, None)
            if change is None:
                return
            found = _made(adapter, change, labelling)
        except (*FAULTS, OSError) as error:
            raise _fell_over(adapter, error) from error
        yield found


def _made(adapter: Adapter, change: Change, labelling: Labelling) -> Asked:
    """Make the records of a row as it is now; of a key that stands twice the first, as a build does."""
    records: dict[str, Record] = {}
    rejects: list[Reject] = []
    rows = [*([change.row] if change.row is not None else []), *change.beside]
    for each in read_rows(adapter, rows, tally_for(adapter), labelling):
        if isinstance(each, Reject):
            rejects.append(each)
        elif each.ref in records:
            rejects.append(twice(each, records[each.ref].row))
        else:
            records[each.ref] = each
    return Asked("/".join(change.key), list(records.values()), rejects)


def _fell_over(adapter: object, error: Exception) -> SourceUnavailable:
    """Say that an adapter itself is at fault."""
    name = str(getattr(adapter, "name", "source"))
    return SourceUnavailable(name, f"it could not be asked what changed ({type(error).__name__}: {error}).")
