"""What a mapping of a fixed-width extract can say: record types, layouts, header and trailer."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Literal

from adapters.expressions import Moment
from adapters.readers.lines import known_encoding
from adapters.vocabulary import ChildSpec, MappingSpec, SourceSpec
from discoverer.validation import Field, Spec, field_validator

# Column name to its first and last character, counted from 1.
Layout = Mapping[str, tuple[int, int]]


def checked_layout(value: Layout) -> Layout:
    """Return a layout whose columns run forward and do not overlap.

    Raises:
        ValueError: they do not; every mistake is named.
    """
    problems = [f"{name} runs from {first} to {last}" for name, (first, last) in value.items() if not 0 < first <= last]
    spans = sorted((first, last, name) for name, (first, last) in value.items())
    for (_first, last, name), (start, _last, other) in pairwise(spans):
        if start <= last:
            problems.append(f"{name} and {other} overlap")
    if problems:
        raise ValueError("; ".join(problems))
    return value


class FixedSource(SourceSpec):
    """[source] of a fixed-width extract.

    Attributes:
        encoding: of the file.
        type_width: characters at the start of a line that say its record type.
        type: the record type of a parent.
        layout: its columns.
        ignore_types: other record types, decided against by name.
        trimmed: the system takes the blanks off the ends of lines, so a short line is whole.
    """

    kind: Literal["fixed"]
    encoding: str = "utf-8"
    type_width: int = Field(default=2, ge=1, le=20)
    type: str
    layout: Layout
    ignore_types: tuple[str, ...] = ()
    trimmed: bool = False

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        """Refuse an encoding that does not exist."""
        return known_encoding(value)

    @field_validator("layout")
    @classmethod
    def _sound(cls, value: Layout) -> Layout:
        """Refuse a layout that cannot be cut."""
        return checked_layout(value)


class FixedChild(ChildSpec):
    """[children.<name>] of a fixed-width extract.

    Attributes:
        type: its record type; such lines follow the line of their parent.
        layout: its columns.
        on: its columns that repeat the parent's key, in the key's order; empty: named as the key is.
    """

    type: str
    layout: Layout
    on: tuple[str, ...] = ()

    @field_validator("layout")
    @classmethod
    def _sound(cls, value: Layout) -> Layout:
        """Refuse a layout that cannot be cut."""
        return checked_layout(value)


class EndSpec(Spec):
    """[header] or [trailer]: the first or last line.

    Attributes:
        type: its record type.
        layout: its columns.
        taken: when the extract was taken.
        counts: record type to the column that says how many lines of that type there are.
        ignore: its columns decided against by name.
    """

    type: str
    layout: Layout
    taken: Moment | None = None
    counts: Mapping[str, str] = Field(default_factory=dict)
    ignore: tuple[str, ...] = ()

    @field_validator("layout")
    @classmethod
    def _sound(cls, value: Layout) -> Layout:
        """Refuse a layout that cannot be cut."""
        return checked_layout(value)


class FixedMapping(MappingSpec):
    """A mapping of a fixed-width extract."""

    source: FixedSource
    children: Mapping[str, FixedChild] = Field(default_factory=dict)
    header: EndSpec | None = None
    trailer: EndSpec | None = None
