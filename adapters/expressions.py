"""Values of a mapping: where one text, several texts or one instant come from, and on what condition."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from adapters.instants import valid_formats
from discoverer.validation import Field, Spec, field_validator, model_validator

# What begins a column of the parent row in a section that applies to child rows.
UP = "../"


class When(Spec):
    """A condition: the column's text, blanks trimmed, is (or is not) one of a list; '' is a blank column."""

    column: str
    is_: tuple[str, ...] = Field(default=(), alias="is")
    is_not: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_list(self) -> When:
        """Refuse a condition without a list, or with both."""
        if bool(self.is_) == bool(self.is_not):
            raise ValueError("a condition has either 'is' or 'is_not', a list of texts")
        return self

    def columns(self) -> Iterator[str]:
        """Yield the column it looks at."""
        yield self.column


class Expression(Spec):
    """Where one value comes from: a column's name, or a table with one of column, join, first or const.

    Attributes:
        column: the raw column.
        join, sep: several expressions, those that are not blank, with `sep` between.
        first: several expressions, the first that is not blank.
        const: this text.
        dates: formats a date is written in; a text is rewritten as local ISO 8601 (or `as`), an instant read by them.
        as_ ('as'): the format to rewrite a date in.
        values: code = value, or the name of one in [lists]; an unlisted code rejects the row.
        words: the same, but an unlisted code gives ''.
        when: a condition; the value is blank when it does not hold.
    """

    column: str = ""
    join: tuple[Expression, ...] = ()
    sep: str = " "
    first: tuple[Expression, ...] = ()
    const: str | None = None
    dates: tuple[str, ...] = ()
    as_: str = Field(default="", alias="as")
    values: Any = None
    words: Any = None
    when: When | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, data: Any) -> Any:  # noqa: ANN401 - whatever stands in the file
        """Read a bare text as a column's name and a list as several values."""
        if isinstance(data, str):
            return {"column": data}
        if isinstance(data, list):
            if "all" not in cls.model_fields:
                raise ValueError("a list gives several values and this takes one; use join or first")
            return {"all": data}
        return data

    @field_validator("values", "words")
    @classmethod
    def _codes(cls, value: Any) -> Any:  # noqa: ANN401 - whatever stands in the file
        """Hold a table of codes against its form."""
        if isinstance(value, str) or (
            isinstance(value, Mapping) and value and all(isinstance(word, str) for word in value.values())
        ):
            return value
        raise ValueError('write a table such as { V = "victim" }, or the name of one in [lists]')

    @field_validator("dates")
    @classmethod
    def _formats(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        """Refuse formats that cannot be read, all at once."""
        return valid_formats(value)

    @model_validator(mode="after")
    def _one_source(self) -> Expression:
        """Refuse a value that comes from nowhere or from two places."""
        named = [bool(self.column), bool(self.join), bool(self.first), self.const is not None, bool(self.several())]
        if sum(named) != 1:
            raise ValueError("a value comes from exactly one of: a column's name, column, join, first, const")
        if self.as_ and not self.dates:
            raise ValueError("'as' needs 'dates', the formats to read")
        if set(re.findall("%.?", self.as_)) - {"%d", "%m", "%Y", "%y", "%H", "%M", "%S"}:
            raise ValueError("'as' may hold %d, %m, %Y, %y, %H, %M and %S")
        return self

    def several(self) -> tuple[Several, ...]:
        """Return the expressions of a list; none for a single value."""
        return ()

    def parts(self) -> tuple[Expression, ...]:
        """Return the expressions inside this one."""
        return (*self.join, *self.first, *self.several())

    def columns(self) -> Iterator[str]:
        """Yield every column it looks at."""
        if self.column:
            yield self.column
        if self.when:
            yield self.when.column
        for part in self.parts():
            yield from part.columns()


class Several(Expression):
    """Where several values come from: an expression, or a list of them.

    Attributes:
        all: the expressions of a list; each may give several values itself.
        split: what stands between several values in one text.
    """

    all: tuple[Several, ...] = ()
    split: str = ""

    def several(self) -> tuple[Several, ...]:
        """Return the expressions of the list."""
        return self.all


class Moment(Expression):
    """Where an instant or date comes from; `dates` are its formats, ISO 8601 when none are given."""
