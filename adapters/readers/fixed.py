"""Fixed-width extracts: record types by their first columns, children after their parent, counts in the trailer.

The whole file is looked over before row 1, because only its end says whether it is whole. Blanks around a value
are the layout's, not the value's, and are taken off; nothing else is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.base import Fault, RawRow
from adapters.checks import check_columns
from adapters.readers.fixed_layout import FixedMapping, Layout
from adapters.readers.lines import Lines, shown
from adapters.survey import Columns, Survey
from adapters.values import Context, compile_moment
from adapters.vocabulary import MappingSpec
from discoverer.errors import CheckFailed, RowRejected, SchemaDrift, SourceUnavailable


@dataclass(slots=True)
class _Look:
    """What looking the file over found."""

    counts: Counter[str] = field(default_factory=Counter)
    lengths: dict[str, Counter[int]] = field(default_factory=dict)
    first: str = ""
    last: str = ""
    header: str = ""
    trailer: str = ""


@dataclass(slots=True)
class _Group:
    """A parent line with the child lines met so far."""

    numbers: list[int]
    values: dict[str, Any]
    key: tuple[str, ...]


class FixedReader:
    """Reads the file of one mapping."""

    def __init__(self, spec: MappingSpec, base: Path) -> None:
        if not isinstance(spec, FixedMapping):
            raise TypeError("a fixed-width reader takes a mapping of a fixed-width extract")
        self._spec, self._source, self._path = spec, spec.source, base / spec.source.path
        self._layouts: dict[str, Layout] = {self._source.type: self._source.layout}
        self._layouts |= {child.type: child.layout for child in spec.children.values()}
        self._names = {child.type: name for name, child in spec.children.items()}
        self._cuts = {kind: _cuts(layout) for kind, layout in self._layouts.items()}
        self._skipped = {part.type for part in (spec.header, spec.trailer) if part} | {*spec.source.ignore_types}

    def taken(self) -> str:
        """Return when the header or trailer says the extract was taken (ISO 8601, UTC), '' when neither does.

        Raises:
            SourceUnavailable: the file or the date cannot be read.
        """
        for part in (self._spec.header, self._spec.trailer):
            if part and part.taken:
                look = self._look()
                row = _values(look.header if part is self._spec.header else look.trailer, _cuts(part.layout))
                try:
                    moment = compile_moment(part.taken, Context((), {}))(row, row)
                except RowRejected as error:
                    raise SourceUnavailable(self._source.name, f"line {part.type}: {error.message}.") from None
                return moment.value if moment else ""
        return ""

    def survey(self) -> Survey:
        """Look the whole file over.

        Raises:
            SourceUnavailable: missing, wrongly encoded, or cut short (no header or trailer).
            SchemaDrift: a record type is new, or its lines are longer or shorter than the layout.
            CheckFailed: the header or trailer counts other lines than there are.
        """
        self._lines().check_encoding()
        look = self._look()
        self._check_types(look)
        self._check_lengths(look)
        self._check_counts(look)
        columns = {"": Columns(f"record type {self._source.type}", tuple(self._source.layout))}
        for name, child in self._spec.children.items():
            used = child.on or self._source.key
            columns[name] = Columns(f"record type {child.type}", tuple(child.layout), used=used)
        return Survey(columns)

    def rows(self) -> Iterator[RawRow]:
        """Yield the parents in file order, each with its child rows; a bad child line is a reject of its own.

        Raises:
            SourceUnavailable: the file cannot be read to its end.
        """
        lines, group = self._lines(), None
        for text in lines:
            bad, number, line = lines.bad, lines.number, text.rstrip("\r\n")
            lines.begin()
            kind = line[: self._source.type_width]
            if kind in self._skipped or not line.strip("\x1a "):
                continue
            reason = self._line_problem(kind, line)
            if bad or reason:
                fault = lines.fault("", line) if bad else Fault("", line, reason)
                yield RawRow(f"{self._path.name}:{number}", {"line": shown(line)}, fault)
                if kind == self._source.type:
                    yield from self._finished(group)
                    group = None
                continue
            values = _values(line, self._cuts[kind])
            if kind == self._source.type:
                yield from self._finished(group)
                group = _Group([number], values, tuple(values[column] for column in self._source.key))
            else:
                yield from self._joined(group, kind, number, values)
        yield from self._finished(group)

    def _joined(self, group: _Group | None, kind: str, number: int, values: dict[str, Any]) -> Iterator[RawRow]:
        """Put a child line under its parent, or yield it with a fault when it follows another's."""
        name = self._names[kind]
        on = self._spec.children[name].on or self._source.key
        key = tuple(values[column] for column in on)
        if group is None or key != group.key:
            fault = Fault(
                ",".join(on), "/".join(key), f"it does not follow a readable {self._source.type} line of its key"
            )
            yield RawRow(f"{self._path.name}:{number}", values, fault)
            return
        group.numbers.append(number)
        group.values.setdefault(name, []).append(values)

    def _finished(self, group: _Group | None) -> Iterator[RawRow]:
        """Yield the row of a group, if there is one."""
        if group is not None:
            yield RawRow(f"{self._path.name}:{_ranges(group.numbers)}", group.values)

    def _line_problem(self, kind: str, line: str) -> str:
        """Say what is wrong with the type or length of a line; '' when nothing is."""
        layout = self._layouts.get(kind)
        if layout is None:
            return f"its record type '{kind}' is not in the mapping"
        end = _end(layout)
        if len(line) == end or (self._source.trimmed and len(line) < end):
            return ""
        return f"it has {len(line)} characters where record type {kind} has {end}; it is cut short or shifted"

    def _look(self) -> _Look:
        """Read the file once to learn its types, lengths, counts and ends."""
        look, width = _Look(), self._source.type_width
        header, trailer = self._spec.header, self._spec.trailer
        lines = self._lines()
        for text in lines:
            lines.begin()
            line = text.rstrip("\r\n")
            if not line.strip("\x1a "):
                continue
            kind = line[:width]
            look.first = look.first or kind
            look.last = kind
            look.counts[kind] += 1
            look.lengths.setdefault(kind, Counter())[len(line)] += 1
            if header and kind == header.type:
                look.header = line
            if trailer and kind == trailer.type:
                look.trailer = line
        self._check_ends(look)
        return look

    def _check_ends(self, look: _Look) -> None:
        """Refuse a file that does not begin and end as the mapping says: it was cut short."""
        header, trailer, name = self._spec.header, self._spec.trailer, self._path.name
        if header and (look.first != header.type or look.counts[header.type] != 1):
            raise SourceUnavailable(
                self._source.name, f"{name} does not begin with one {header.type} line; fetch it again."
            )
        if trailer and (look.last != trailer.type or look.counts[trailer.type] != 1):
            raise SourceUnavailable(
                self._source.name, f"{name} does not end with one {trailer.type} line: it is cut short; fetch it again."
            )

    def _check_types(self, look: _Look) -> None:
        """Refuse new record types; what is no code at all (a damaged line) is left to be rejected by itself.

        Raises:
            SchemaDrift: a record type is new.
        """
        new = sorted(set(look.counts) - set(self._layouts) - self._skipped)
        codes = [kind for kind in new if kind.isalnum() and kind.isupper()]
        if codes:
            noun = "type" if len(codes) == 1 else "types"
            raise SchemaDrift(
                self._source.name,
                f"{self._path.name} has new record {noun} {', '.join(codes)}: map each as a child, or name it in "
                "ignore_types.",
            )

    def _check_lengths(self, look: _Look) -> None:
        """Refuse a file whose lines are mostly of another length than their layout."""
        for part in (self._spec.header, self._spec.trailer):
            if part:
                used = [*(part.taken.columns() if part.taken else ()), *part.counts.values()]
                check_columns(self._source.name, f"line {part.type}", list(part.layout), [*used, *part.ignore], used)
        for kind, lengths in look.lengths.items():
            end = _end(self._layouts[kind]) if kind in self._layouts else 0
            usual = lengths.most_common(1)[0][0]
            if end and usual > end:
                raise SchemaDrift(
                    self._source.name,
                    f"record type {kind} has new columns at characters {end + 1} to {usual}: add them to its layout.",
                )
            if end and usual < end and not self._source.trimmed:
                gone = [name for name, (_first, last) in self._layouts[kind].items() if last > usual]
                raise SchemaDrift(
                    self._source.name,
                    f"record type {kind} ends at character {usual} and lacks columns {', '.join(gone)}: mend the "
                    "extract or the layout (or set trimmed = true, if the system takes blanks off the ends of lines).",
                )

    def _check_counts(self, look: _Look) -> None:
        """Hold the counts that header and trailer state against the lines that are there."""
        for part, line in ((self._spec.header, look.header), (self._spec.trailer, look.trailer)):
            row = _values(line, _cuts(part.layout)) if part else {}
            for kind, column in part.counts.items() if part else ():
                said = row[column]
                if not said.isdigit() or int(said) != look.counts[kind]:
                    raise CheckFailed(
                        self._source.name,
                        f"line {line[: self._source.type_width]} of {self._path.name} says it holds '{said}' lines of "
                        f"{kind} and it holds {look.counts[kind]}; fetch it again.",
                    )

    def _lines(self) -> Lines:
        """Open the file for reading by line."""
        return Lines(self._source.name, self._path, self._source.encoding)


def _end(layout: Layout) -> int:
    """Return the last character of a layout: how long its lines are."""
    return max(last for _first, last in layout.values())


def _cuts(layout: Layout) -> list[tuple[str, slice]]:
    """Return the column names of a layout with the slice of the line each takes."""
    return [(name, slice(first - 1, last)) for name, (first, last) in layout.items()]


def _values(line: str, cuts: list[tuple[str, slice]]) -> dict[str, Any]:
    """Cut a line into its columns, without the blanks that fill them up."""
    return {name: line[cut].strip() for name, cut in cuts}


def _ranges(numbers: list[int]) -> str:
    """Write line numbers shortly: '2-5', '2,4' or '2-3,6'."""
    parts: list[list[int]] = []
    for number in numbers:
        if parts and number == parts[-1][1] + 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)
