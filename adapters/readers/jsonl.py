"""JSON lines: one object a line; lists of texts are several values, lists of objects are child rows.

An object inside an object is columns with a path: {"home": {"town": "X"}} is the column 'home/town'. Numbers stay
as they were written.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from adapters.base import Fault, RawRow
from adapters.readers.lines import Lines, known_encoding, shown
from adapters.survey import Columns, Survey
from adapters.vocabulary import ChildSpec, MappingSpec, SourceSpec
from discoverer.errors import SourceUnavailable
from discoverer.validation import Field, field_validator

# Levels of objects and lists in one line; deeper is not a record.
DEEPEST = 20


class JsonSource(SourceSpec):
    """[source] of JSON lines."""

    kind: Literal["jsonl"]
    encoding: str = "utf-8"

    @field_validator("encoding")
    @classmethod
    def _known(cls, value: str) -> str:
        """Refuse an encoding that does not exist."""
        return known_encoding(value)


class JsonChild(ChildSpec):
    """[children.<name>] of JSON lines: the column `field` holds a list of objects."""

    field: str


class JsonMapping(MappingSpec):
    """A mapping of JSON lines."""

    source: JsonSource
    children: Mapping[str, JsonChild] = Field(default_factory=dict)


class JsonReader:
    """Reads the file of one mapping."""

    def __init__(self, spec: MappingSpec, base: Path) -> None:
        if not isinstance(spec, JsonMapping):
            raise TypeError("a JSON lines reader takes a mapping of JSON lines")
        self._source, self._path = spec.source, base / spec.source.path
        self._children = {child.field: name for name, child in spec.children.items()}

    def taken(self) -> str:
        """Return '': JSON lines do not say when they were taken."""
        return ""

    def survey(self) -> Survey:
        """Read every line once for the columns it has.

        Raises:
            SourceUnavailable: missing, wrongly encoded or cut short.
        """
        self._lines().check_encoding()
        names: dict[str, dict[str, None]] = {"": {}, **{name: {} for name in self._children.values()}}
        rows = dict.fromkeys(names, 0)
        for row in self.rows():
            if row.fault:
                continue
            rows[""] += 1
            names[""].update(dict.fromkeys(row.values.keys() - names.keys()))
            for child in self._children.values():
                for values in row.values.get(child, ()):
                    rows[child] += 1
                    names[child].update(dict.fromkeys(values))
        places = {"": f"file {self._path.name}", **{name: f"'{field}'" for field, name in self._children.items()}}
        return Survey(
            {scope: Columns(places[scope], sorted(found), some_rows=rows[scope] > 0) for scope, found in names.items()}
        )

    def rows(self) -> Iterator[RawRow]:
        """Yield a row for every line that is not blank.

        Raises:
            SourceUnavailable: the last line is cut short.
        """
        lines = self._lines()
        for text in lines:
            where = f"{self._path.name}:{lines.number}"
            if lines.bad:
                yield RawRow(where, {"line": shown(text)}, lines.fault("", text))
            elif not text.isspace():
                yield self._row(where, text)
            lines.begin()

    def _row(self, where: str, text: str) -> RawRow:
        """Read one line, with the fault that kept it from being read."""
        try:
            value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str, object_pairs_hook=_object)
            if not isinstance(value, dict):
                raise ValueError("it is no object")
            return RawRow(where, self._flat(value))
        except (ValueError, RecursionError) as error:
            if not text.endswith("\n") and isinstance(error, json.JSONDecodeError):
                raise SourceUnavailable(
                    self._source.name, f"{where} is cut short: the last line is no whole object; fetch it again."
                ) from None
            return RawRow(where, {"line": text}, Fault("", text, f"it cannot be read as a JSON object ({error})"))

    def _flat(self, value: dict[str, Any]) -> dict[str, Any]:
        """Return the columns and child rows of one object."""
        row: dict[str, Any] = {}
        for name, item in value.items():
            child = self._children.get(name)
            if child is not None:
                if not isinstance(item, list | None) or not all(isinstance(part, dict) for part in item or ()):
                    raise ValueError(f"'{name}' should be a list of objects")
                row[child] = [_columns(part) for part in item or ()]
            elif item.__class__ is str and item.isascii():
                row[name] = item
            else:
                _put(row, name, item, 1)
        return row

    def _lines(self) -> Lines:
        """Open the file for reading by line."""
        return Lines(self._source.name, self._path, self._source.encoding)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Make an object of its members.

    Raises:
        ValueError: a name stands twice, so one value would be lost.
    """
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return made


def _columns(value: dict[str, Any]) -> dict[str, Any]:
    """Flatten an object into columns with a path."""
    row: dict[str, Any] = {}
    for name, item in value.items():
        _put(row, name, item, 1)
    return row


def _put(row: dict[str, Any], name: str, item: Any, depth: int) -> None:  # noqa: ANN401 - whatever JSON holds
    """Put a value into a row: text, several texts, or the members of an object under paths.

    Raises:
        ValueError: it nests too deeply, is a list of other than texts, or a path stands twice.
    """
    if depth > DEEPEST:
        raise ValueError(f"it nests more than {DEEPEST} levels")
    if name in row:
        raise ValueError(f"the column '{name}' stands twice")
    if isinstance(item, dict):
        for inner, part in item.items():
            _put(row, f"{name}/{inner}", part, depth + 1)
    elif isinstance(item, list):
        if any(isinstance(part, dict | list) for part in item):
            raise ValueError(f"'{name}' is a list of objects; declare it as a child of the mapping")
        row[name] = [text for part in item if (text := _scalar(part)) is not None]
    else:
        row[name] = _scalar(item)


def _scalar(item: Any) -> str | None:  # noqa: ANN401 - whatever JSON holds
    """Return a single value as text: true and false as JSON writes them.

    Raises:
        ValueError: it holds half a character (a lone surrogate), which no file can store.
    """
    if item is None:
        return None
    text = str(item).lower() if isinstance(item, bool) else str(item)
    if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
        raise ValueError("it holds half a character (a lone surrogate)")
    return text
