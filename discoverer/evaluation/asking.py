"""Asks every labelled query and keeps what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from discoverer.access import DEMO_VIEWER
from discoverer.answer import Hit
from discoverer.bulk import FIELDS
from discoverer.errors import DiscovererError
from discoverer.evaluation.labelled import Labelled, LabelledSet
from discoverer.query import Query, read_box, read_fields
from index.progress import Progress

# Asked before the clock counts: the first search loads the vocabulary, and a service is warm.
WARM_UP = 20


class Way(StrEnum):
    """The two ways one query is asked."""

    FIELDS = "fields"
    BOX = "box"


@dataclass(frozen=True, slots=True)
class Shown:
    """One hit, as far as it is measured.

    Attributes:
        level: 'confirmed' | 'probable' | 'possible'.
        bits: float, match weight.
        records: tuple[str, ...], ids as the queries write them, in the order shown.
        label: str, what it is, for a person to read.
    """

    level: str
    bits: float
    records: tuple[str, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one query.

    Attributes:
        query: Labelled.
        shown: tuple[Shown, ...], best first.
        gathered: bool, whether retrieval brought an expected record to be compared, wherever it ranked.
        seconds: float >= 0, how long it took.
        refused: str, why it was not answered; '' when it was.
    """

    query: Labelled
    shown: tuple[Shown, ...]
    gathered: bool
    seconds: float
    refused: str = ""

    @property
    def records(self) -> list[str]:
        """Distinct records in hit order, then record order."""
        return list(dict.fromkeys(record for hit in self.shown for record in hit.records))


def ask(found: LabelledSet, queries: Sequence[Labelled], way: Way, progress: Progress) -> list[Outcome]:
    """Ask queries one way; those that cannot be asked that way are left out.

    Raises:
        IndexUnavailable, LookNotRecorded: nothing can be answered any more.
    """
    asked = [query for query in queries if way is Way.BOX or query.fields]
    for query in asked[:WARM_UP]:
        _ask_one(found, query, way)
    progress.stage(f"asking {found.name} as {way.value}", len(asked))
    return list(_asked(found, asked, way, progress))


def _asked(found: LabelledSet, queries: Sequence[Labelled], way: Way, progress: Progress) -> Iterator[Outcome]:
    """Ask each query in turn."""
    for query in queries:
        yield _ask_one(found, query, way)
        progress.advance()


def _ask_one(found: LabelledSet, query: Labelled, way: Way) -> Outcome:
    """Ask one query."""
    trial = found.app.trial(DEMO_VIEWER, _reading(query, way), map(found.record_of, query.expected))
    if isinstance(trial.answer, DiscovererError):
        return Outcome(query, (), False, trial.seconds, trial.answer.message)
    shown = tuple(_shown(found, hit) for hit in trial.answer.hits)
    return Outcome(query, shown, trial.gathered, trial.seconds)


def _shown(found: LabelledSet, hit: Hit) -> Shown:
    """Return what is measured of one hit."""
    records = tuple(found.ident_of(record.source, record.ref) for record in hit.records)
    return Shown(hit.level, hit.score, records, hit.label)


def _reading(query: Labelled, way: Way) -> Callable[[datetime], Query]:
    """Return how a query is read, given the instant that counts as now."""
    if way is Way.BOX:
        return lambda now: read_box(query.box, now.date())
    return lambda now: read_fields(now.date(), **{FIELDS[key]: value for key, value in query.fields.items()})
