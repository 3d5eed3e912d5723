"""The [changes] section of a mapping: how a source tells, within the day, which of its rows are new, changed or gone.

Two ways, for any reader that can ask its source for some rows of a table: a column of the parent table that only
grows, or a change table that the source writes an entry into with every change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from adapters.expressions import When
from adapters.instants import valid_formats
from discoverer.validation import Spec, field_validator, model_validator

# What is read again of a source that stamps its rows with a local time, unless its mapping says otherwise: an hour for
# the clock that goes back in October, and an hour for rows that are committed after others with a later stamp.
DEFAULT_SPAN = timedelta(hours=2)
SPAN = re.compile(r"(\d{1,5})([smhd])", re.ASCII)
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}

# The words of each of the two ways.
OF_COLUMN = ("column", "dates")
OF_TABLE = ("table", "order", "on", "operation", "deletes", "ignore")


class ChangesSpec(Spec):
    """[changes]: a `column` of the parent table, or a `table` of changes.

    Attributes:
        column: a number that only grows, or with `dates` an instant; a changed row has a later one than before.
        dates: the formats of the instant; none: the column holds numbers.
        table: the change table.
        order: its column of whole numbers that only grow, a later entry having a higher one.
        on: its columns that hold the row's key, in the key's order; empty: named as the key is.
        operation, deletes: its column that says what was done, and what stands there for a deletion; without them the
            table is taken not to have an entry for every deletion.
        ignore: its other columns, decided against by name.
        overlap: how far before the watermark it is read again: a span such as '2h' for instants, else a number of rows
            or entries; None: two hours, or none.
        deleted: a condition on the parent row under which it counts as deleted, though it stands there still.
    """

    column: str = ""
    dates: tuple[str, ...] = ()
    table: str = ""
    order: str = ""
    on: tuple[str, ...] = ()
    operation: str = ""
    deletes: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    overlap: int | str | None = None
    deleted: When | None = None

    @field_validator("dates")
    @classmethod
    def _formats(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse formats that cannot be read, all at once."""
        return valid_formats(value)

    @model_validator(mode="after")
    def _one_way(self) -> ChangesSpec:
        """Refuse both ways at once, neither, and half of one."""
        if bool(self.column) == bool(self.table):
            raise ValueError("'changes' has either 'column', of the parent table, or 'table', a change table")
        strange = [name for name in (OF_TABLE if self.column else OF_COLUMN) if getattr(self, name)]
        if strange:
            here, there = ("column", "table") if self.column else ("table", "column")
            raise ValueError(f"'{strange[0]}' belongs to '{there}' of 'changes', which has '{here}'; take one out")
        if self.table and not self.order:
            raise ValueError("'changes' needs 'order', the column of its table whose numbers only grow")
        if bool(self.operation) != bool(self.deletes):
            raise ValueError("'operation' and 'deletes' of 'changes' stand together")
        return self

    @model_validator(mode="after")
    def _readable_overlap(self) -> ChangesSpec:
        """Refuse an overlap that is of the other kind, or none."""
        if self.dates and self.overlap is not None and not SPAN.fullmatch(str(self.overlap)):
            raise ValueError(f"'overlap' is {self.overlap!r}; with 'dates' write a span such as '2h', '90m' or '1d'")
        if not self.dates and self.overlap is not None and not (isinstance(self.overlap, int) and self.overlap >= 0):
            raise ValueError(f"'overlap' is {self.overlap!r}; without 'dates' write how many rows, such as 100")
        return self

    @property
    def tells_deletions(self) -> bool:
        """Whether what is deleted at the source is told."""
        return bool(self.deletes) or self.deleted is not None

    @property
    def span(self) -> timedelta:
        """How far back instants are read again."""
        found = SPAN.fullmatch(str(self.overlap))
        return timedelta(**{UNITS[found[2]]: int(found[1])}) if found else DEFAULT_SPAN

    @property
    def rows(self) -> int:
        """How many rows or entries are read again, >= 0."""
        return self.overlap if isinstance(self.overlap, int) else 0

    def of_parent(self) -> Iterator[str]:
        """Yield the columns of the parent table that it looks at."""
        if self.column:
            yield self.column
        if self.deleted:
            yield self.deleted.column
