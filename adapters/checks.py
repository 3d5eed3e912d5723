"""Whether what was read is believable: strict columns before row 1, counts and ratios after the last."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from adapters.base import Adapter, RawRow
from discoverer.errors import CheckFailed, RowRejected, SchemaDrift
from discoverer.labelling import Labelling
from discoverer.model import Record, Reject

NO_RULES = Labelling()

# How much of a value at fault a reject repeats, in characters; the whole row is kept beside it.
LONGEST_VALUE = 10_000

# Different reasons of rejects that are counted; a reason may repeat what a row says, and then there is no end of them.
MOST_REASONS = 100

# What `[checks] fill.<name>` can ask for: the part of all records that must have it.
FILLS: Mapping[str, Callable[[Record], bool]] = {
    "name": lambda record: any(person.names for person in record.persons),
    "dob": lambda record: any(person.dobs for person in record.persons),
    "identifier": lambda record: any(person.identifiers for person in record.persons),
    "person": lambda record: bool(record.persons),
    "address": lambda record: bool(record.locations),
    "phone": lambda record: bool(record.phones),
    "at": lambda record: record.at is not None,
    "text": lambda record: bool(record.texts),
    "assessment": lambda record: bool(record.assessments),
    "reference": lambda record: bool(record.references),
}


@dataclass(frozen=True, slots=True)
class Checks:
    """What a source must look like to be believed.

    Attributes:
        min_rows: int >= 0, fewest records; an empty source is not believable, so 1 unless said otherwise.
        max_rejects: float 0 to 1, largest share of rows that may be rejected.
        fill: Mapping[str, float], least share (0 to 1) of records that have a field, by the names of `FILLS`.
    """

    min_rows: int = 1
    max_rejects: float = 0.01
    fill: Mapping[str, float] = field(default_factory=dict)


@runtime_checkable
class Checked(Protocol):
    """An adapter that says what its source must look like."""

    @property
    def checks(self) -> Checks:
        """The expectations of this source."""


@dataclass(slots=True)
class Tally:
    """Running counts of one reading of one source.

    Attributes:
        records: int, records made.
        rejects: int, rows rejected.
        reasons: Counter[str], of the rejects, by why, of the first MOST_REASONS different ones.
        filled: Counter[str], records that have each field of `FILLS` asked for.
        watched: tuple[str, ...], the fields counted.
    """

    records: int = 0
    rejects: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    filled: Counter[str] = field(default_factory=Counter)
    watched: tuple[str, ...] = ()

    def add(self, record: Record) -> None:
        """Count one record."""
        self.records += 1
        for name in self.watched:
            if FILLS[name](record):
                self.filled[name] += 1

    def reject(self, reason: str) -> None:
        """Count one reject."""
        self.rejects += 1
        if reason in self.reasons or len(self.reasons) < MOST_REASONS:
            self.reasons[reason] += 1

    def take_in(self, other: Tally) -> None:
        """Add what another has counted of other rows."""
        self.records += other.records
        self.rejects += other.rejects
        for reason, count in other.reasons.items():
            if reason in self.reasons or len(self.reasons) < MOST_REASONS:
                self.reasons[reason] += count
        self.filled.update(other.filled)


def checks_of(adapter: Adapter) -> Checks:
    """Return what an adapter expects of its source, or the defaults."""
    return adapter.checks if isinstance(adapter, Checked) else Checks()


def tally_for(adapter: Adapter) -> Tally:
    """Return an empty tally that counts what the adapter's checks ask for."""
    return Tally(watched=tuple(checks_of(adapter).fill))


def to_reject(source: str, row: RawRow, error: RowRejected) -> Reject:
    """Keep a row that could not be used, whole, unless the mapping says it must not be kept."""
    raw = dict(row.values) if error.keep else {}
    return Reject(source, row.where, error.column, error.value[:LONGEST_VALUE], error.reason, raw)


def read(adapter: Adapter, tally: Tally) -> Iterator[Record | Reject]:
    """Read a source from start to end: every row gives its records or one reject, and all are counted.

    A row some of whose records were made before it was rejected yields only the reject. Keys that stand twice
    are for the store to notice (its ref is UNIQUE), so that ten million keys need not be held here.

    Raises:
        SourceUnavailable, SchemaDrift, CheckFailed: as the adapter's `rows`.
    """
    yield from read_rows(adapter, adapter.rows(), tally, NO_RULES)


def read_rows(
    adapter: Adapter, rows: Iterable[RawRow], tally: Tally, labelling: Labelling
) -> Iterator[Record | Reject]:
    """Turn some rows of a source into records and rejects, as `read` does, each record as closed as the rules say."""
    for row in rows:
        try:
            made = list(adapter.records(row))
        except RowRejected as error:
            tally.reject(error.reason)
            yield to_reject(adapter.name, row, error)
            continue
        for record in made:
            tally.add(record)
            yield labelling.closed(record)


def check_ratio(adapter: Adapter, tally: Tally) -> None:
    """Compare a finished reading with what the source must look like.

    Raises:
        CheckFailed: too few rows, too many rejects, or a field too seldom filled; all of them in one sentence.
    """
    checks = checks_of(adapter)
    rows = tally.records + tally.rejects
    problems = []
    if tally.records < checks.min_rows:
        problems.append(f"it gave {tally.records:,} records where at least {checks.min_rows:,} are expected (min_rows)")
    if rows and tally.rejects / rows > checks.max_rejects:
        share = tally.rejects / rows
        problems.append(
            f"{tally.rejects:,} of {rows:,} rows were rejected ({share:.1%}), more than the {checks.max_rejects:.1%} "
            f"allowed (max_rejects){_mostly(tally)}"
        )
    for name, least in checks.fill.items():
        share = tally.filled[name] / tally.records if tally.records else 0.0
        if share < least:
            problems.append(f"{share:.1%} of its records have '{name}' where at least {least:.1%} should (fill.{name})")
    if problems:
        raise CheckFailed(
            adapter.name,
            f"{'; '.join(problems)}. Look at its rejects and its extract, or change [checks] in its mapping.",
        )


def _mostly(tally: Tally) -> str:
    """Say why most rows were rejected: rows of a child file that lost their parent look like bad rows, and are not."""
    return "".join(f", {count:,} of them since {reason}" for reason, count in tally.reasons.most_common(1))


def check_columns(
    source: str, place: str, have: Collection[str], known: Collection[str], needed: Collection[str]
) -> None:
    """Hold the columns a source has against those its mapping speaks of.

    Args:
        source: the source's name.
        place: what holds the columns, for the message, e.g. "table 'log_person'".
        have: the columns that are there.
        known: the columns mapped or ignored by name.
        needed: the columns that must be there.

    Raises:
        SchemaDrift: a column is new or missing; it names every one and what to add.
    """
    new = [name for name in have if name not in known]
    gone = [name for name in needed if name not in have]
    problems = []
    if new:
        problems.append(f"{place} has new {_nouns(new)}: map each, or name it under ignore ({', '.join(_quoted(new))})")
    if gone:
        problems.append(
            f"{place} lacks {_nouns(gone)} that the mapping uses: mend the extract, or take each out of the mapping"
        )
    if problems:
        raise SchemaDrift(source, "; ".join(problems) + ".")


def _nouns(names: list[str]) -> str:
    """Write 'column A' or 'columns A, B'."""
    return f"column{'' if len(names) == 1 else 's'} {', '.join(names)}"


def _quoted(names: list[str]) -> list[str]:
    """Write names as they would stand in a TOML list."""
    return [f'"{name}"' for name in names]
