"""What looking a source over before row 1 found: which columns it has."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of the row itself or of one kind of child row.

    Attributes:
        place: str, what holds them, for messages, e.g. "table 'log_person'".
        names: Collection[str], in the order they stand.
        used: Collection[str], those the reader itself looks at, to join rows.
        some_rows: bool, whether a missing column can be told; False where columns show only in rows and there is none.
    """

    place: str
    names: Collection[str]
    used: Collection[str] = ()
    some_rows: bool = True


@dataclass(frozen=True, slots=True)
class Survey:
    """A source looked over.

    Attributes:
        columns: Mapping[str, Columns], by child name, '' for the row itself.
    """

    columns: Mapping[str, Columns] = field(default_factory=dict)
