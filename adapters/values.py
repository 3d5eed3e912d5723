"""Expressions of a mapping to functions, made once: (row, parent row) -> text, texts, instant or word.

Every function is total over what a reader can yield, or raises RowRejected; a missing column is a blank one
here, since the reader has already been held against the mapping.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from adapters.base import Row
from adapters.expressions import UP, Expression, Moment, Several, When
from adapters.instants import compile_formats, wall_clock
from discoverer.errors import RowRejected
from discoverer.model import Instant, Visibility, most_closed

TextOf = Callable[[Row, Row], str]
TextsOf = Callable[[Row, Row], tuple[str, ...]]
InstantOf = Callable[[Row, Row], Instant | None]
Holds = Callable[[Row, Row], bool]
W = TypeVar("W", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Context:
    """What every expression of one mapping shares.

    Attributes:
        nulls: values that count as blank in this source.
        lists: named tables of codes.
    """

    nulls: Collection[str]
    lists: Mapping[str, Mapping[str, str]]

    def table(self, spec: Any) -> Mapping[str, str] | None:  # noqa: ANN401 - a table, its name or None, as checked
        """Return a table of codes given in place or by name."""
        return self.lists[spec] if isinstance(spec, str) else spec


def compile_text(spec: Expression | None, context: Context) -> TextOf:
    """Return a function giving one text; always '' for no expression."""
    if spec is None:
        return _blank
    inner = _source(spec, context)
    values, words = context.table(spec.values), context.table(spec.words)
    name = _name(spec)
    if spec.dates:
        inner = _rewrite(inner, spec, name)
    if values is not None:
        inner = _listed(inner, values, name)
    if words is not None:
        inner = _explained(inner, words)
    return inner if spec.when is None else _guarded(inner, compile_when(spec.when))


def compile_texts(spec: Several | None, context: Context) -> TextsOf:
    """Return a function giving several texts, blanks left out, each once; always () for no expression."""
    if spec is None:
        return _none
    if spec.all:
        return _each(tuple(compile_texts(part, context) for part in spec.all), spec, context)
    if spec.column and not spec.split and spec.when is None and not spec.dates:
        if spec.values is None and spec.words is None:
            return _column_texts(spec.column, context.nulls)
        single = spec.model_copy(update={"column": "value"})
        return _apply(_column_texts(spec.column, context.nulls), compile_text(single, context), spec.column)
    one = compile_text(spec, context)
    separator = spec.split
    if separator:
        return lambda row, up: tuple(part for part in map(str.strip, one(row, up).split(separator)) if part)

    def texts(row: Row, up: Row) -> tuple[str, ...]:
        value = one(row, up)
        return (value,) if value else ()

    return texts


def compile_moment(spec: Moment | None, context: Context) -> InstantOf:
    """Return a function giving an instant; None for a blank; RowRejected for a date no format reads."""
    if spec is None:
        return _never
    bare = spec.model_copy(update={"dates": ()})
    text, read, name = compile_text(bare, context), compile_formats(spec.dates), _name(spec)
    formats = ", ".join(spec.dates) or "ISO 8601"

    def moment(row: Row, up: Row) -> Instant | None:
        value = text(row, up)
        if not value:
            return None
        found = read(value)
        if found is None:
            raise RowRejected(name, value, f"it is no date written as {formats}; mend it or add its format to 'dates'")
        return found

    return moment


def compile_when(spec: When | None) -> Holds:
    """Return a function telling whether a condition holds; always for no condition."""
    if spec is None:
        return _always
    column, up_row = spec.column.removeprefix(UP), spec.column.startswith(UP)
    wanted, holds = frozenset(spec.is_ or spec.is_not), bool(spec.is_)

    def condition(row: Row, up: Row) -> bool:
        value = (up if up_row else row).get(column)
        return ((value.strip() if isinstance(value, str) else "") in wanted) is holds

    return condition


def compile_word(spec: Expression | None, closed: Iterable[W], default: W, context: Context) -> Callable[[Row, Row], W]:
    """Return a function giving one of a closed list of words; the default when blank or no expression."""
    if spec is None:
        return lambda _row, _up: default
    text, name = compile_text(spec, context), _name(spec)
    members = {str(member): member for member in closed}

    def word(row: Row, up: Row) -> W:
        value = text(row, up)
        if not value:
            return default
        found = members.get(value)
        if found is None:
            raise RowRejected(name, value, f"it is none of {', '.join(members)}; map it with 'values'")
        return found

    return word


def compile_visibility(spec: Several | None, context: Context) -> Callable[[Row, Row], Visibility]:
    """Return a function giving the most closed of several visibilities; open for no expression."""
    if spec is None:
        return lambda _row, _up: Visibility.OPEN
    parts = spec.all or (spec,)
    words = [compile_word(part, Visibility, Visibility.OPEN, context) for part in parts]
    return lambda row, up: most_closed(*(word(row, up) for word in words))


def shown_columns(*specs: Expression | None, each: str) -> str:
    """Return the raw columns behind some expressions, as provenance: 'SURNAME,FORENAMES', 'person.NAME'."""
    names: dict[str, None] = {}
    for spec in specs:
        for name in spec.columns() if spec else ():
            bare = name.removeprefix(UP)
            names[bare if bare != name or not each else each if name == "." else f"{each}.{name}"] = None
    return ",".join(names)


def _blank(_row: Row, _up: Row) -> str:
    """Give the text of no expression."""
    return ""


def _none(_row: Row, _up: Row) -> tuple[str, ...]:
    """Give the texts of no expression."""
    return ()


def _never(_row: Row, _up: Row) -> None:
    """Give the instant of no expression."""


def _always(_row: Row, _up: Row) -> bool:
    """Give the condition of no expression."""
    return True


def _name(spec: Expression) -> str:
    """Name an expression's columns, for a message."""
    return ",".join(dict.fromkeys(spec.columns()))


def _source(spec: Expression, context: Context) -> TextOf:
    """Return a function giving the text of a column, of several, or a fixed one, before anything is done to it."""
    if spec.column:
        return _column_text(spec.column, context.nulls)
    if spec.join:
        parts, separator = [compile_text(part, context) for part in spec.join], spec.sep
        return lambda row, up: separator.join([text for part in parts if (text := part(row, up))])
    if spec.first:
        choices = [compile_text(part, context) for part in spec.first]
        return lambda row, up: next((text for choice in choices if (text := choice(row, up))), "")
    fixed = spec.const or ""
    return lambda _row, _up: fixed


def _column_text(column: str, nulls: Collection[str]) -> TextOf:
    """Return a function giving the one text of a column."""

    def text(row: Row, _up: Row) -> str:
        value = row.get(name)
        if not value:
            return ""
        if value.__class__ is not str:
            raise RowRejected(name, str(value), "it holds several values or rows where one text is wanted")
        if value.isspace() or (nulls and value.strip() in nulls):
            return ""
        found: str = value
        return found

    name = column.removeprefix(UP)
    if column.startswith(UP):
        return lambda _row, up: text(up, up)
    return text


def _column_texts(column: str, nulls: Collection[str]) -> TextsOf:
    """Return a function giving every text of a column."""
    one = _column_text(column, nulls)
    name, is_up = column.removeprefix(UP), column.startswith(UP)

    def texts(row: Row, up: Row) -> tuple[str, ...]:
        value = (up if is_up else row).get(name)
        if not value:
            return ()
        if isinstance(value, str):
            text = one(row, up)
            return (text,) if text else ()
        if not isinstance(value, list) or not all(isinstance(item, str | None) for item in value):
            raise RowRejected(name, str(value), "it holds rows where texts are wanted; give it a section with 'each'")
        kept = (item for item in value if item and not item.isspace() and item.strip() not in nulls)
        return tuple(dict.fromkeys(kept))

    return texts


def _each(parts: tuple[TextsOf, ...], spec: Several, context: Context) -> TextsOf:
    """Gather the texts of a list, then apply the list's own codes, if it has any."""

    def gather(row: Row, up: Row) -> tuple[str, ...]:
        found: tuple[str, ...] = ()
        for part in parts:
            found += part(row, up)
        return tuple(dict.fromkeys(found)) if len(found) > 1 else found

    if spec.values is None and spec.words is None and spec.when is None:
        return gather
    single = Expression(column="value", values=spec.values, words=spec.words)
    applied = _apply(gather, compile_text(single, context), _name(spec))
    holds = compile_when(spec.when)
    return lambda row, up: applied(row, up) if holds(row, up) else ()


def _apply(texts: TextsOf, change: TextOf, name: str) -> TextsOf:
    """Apply a change of one text (held in a column 'value') to each of several."""

    def changed(row: Row, up: Row) -> tuple[str, ...]:
        try:
            made = [change({"value": text}, {}) for text in texts(row, up)]
        except RowRejected as error:
            raise RowRejected(name, error.value, error.reason) from None
        return tuple(dict.fromkeys(text for text in made if text))

    return changed


def _rewrite(inner: TextOf, spec: Expression, name: str) -> TextOf:
    """Write a date again, as ISO 8601 (leaving what cannot be read as it was) or in another format (rejecting)."""
    read, shape = compile_formats(spec.dates), spec.as_

    def rewritten(row: Row, up: Row) -> str:
        text = inner(row, up)
        found = read(text) if text else None
        if found is None:
            if text and shape:
                raise RowRejected(name, text, f"it is no date written as {', '.join(spec.dates)}")
            return text
        return _reshape(wall_clock(found), shape) if shape else wall_clock(found)

    return rewritten


def _reshape(value: str, shape: str) -> str:
    """Write an ISO date or local time by another format; parts it does not have are left out."""
    parts = {"%Y": value[:4], "%y": value[2:4], "%m": value[5:7], "%d": value[8:10], "%H": value[11:13]}
    parts |= {"%M": value[14:16], "%S": value[17:19]}
    for directive, text in parts.items():
        shape = shape.replace(directive, text)
    return shape


def _listed(inner: TextOf, values: Mapping[str, str], name: str) -> TextOf:
    """Return a function that turns a code into its meaning and rejects one not listed."""
    blank = values.get("")
    shown = ", ".join(repr(code) for code in list(values)[:20])

    def listed(row: Row, up: Row) -> str:
        text = inner(row, up)
        if not text:
            if blank is None:
                raise RowRejected(name, "", f"it is blank, and '' is not among the codes listed ({shown})")
            return blank
        found = values.get(text.strip())
        if found is None:
            raise RowRejected(name, text, f"the code is not among those listed ({shown}); add it to the mapping")
        return found

    return listed


def _explained(inner: TextOf, words: Mapping[str, str]) -> TextOf:
    """Return a function that turns a code into its meaning, '' for one not listed."""
    return lambda row, up: words.get(inner(row, up).strip(), "")


def _guarded(inner: TextOf, holds: Holds) -> TextOf:
    """Return a function that is blank where a condition does not hold."""
    return lambda row, up: inner(row, up) if holds(row, up) else ""
