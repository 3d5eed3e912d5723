"""A source asked what changed: whatever its adapter does wrong is this source's alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from adapters.base import Adapter, Change, TracksChanges
from adapters.checks import read_rows, tally_for
from discoverer.errors import SourceUnavailable
from discoverer.model import Record, Reject
from index.reading import FAULTS


class Asked(NamedTuple):
    """What a row is now.

    Attributes:
        ref: its reference, as its key gives it.
        records: those it makes; none when it is gone or cannot be used.
        rejects: why it cannot be used.
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


def changed_rows(adapter: Adapter, since: str) -> Iterator[Asked]:
    """Yield what changed at a source since a watermark.

    Args:
        adapter: one that tracks changes.
        since: the watermark.

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
            found = _made(adapter, change)
        except (*FAULTS, OSError) as error:
            raise _fell_over(adapter, error) from error
        yield found


def _made(adapter: Adapter, change: Change) -> Asked:
    """Make the records of a row as it is now."""
    made = list(read_rows(adapter, [change.row], tally_for(adapter))) if change.row is not None else []
    return Asked(
        "/".join(change.key),
        [each for each in made if isinstance(each, Record)],
        [each for each in made if isinstance(each, Reject)],
    )


def _fell_over(adapter: object, error: Exception) -> SourceUnavailable:
    """Say that an adapter itself is at fault."""
    name = str(getattr(adapter, "name", "source"))
    return SourceUnavailable(name, f"it could not be asked what changed ({type(error).__name__}: {error}).")
