"""Mistakes that lie between the parts of a mapping, found in every part that can be read by itself."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from adapters.checks import FILLS
from adapters.expressions import UP, Expression
from adapters.vocabulary import (
    FRAME,
    NUMBER_ROLES,
    PERSON_ROLES,
    PLACE_ROLES,
    FieldsSpec,
    IgnoreSpec,
    LocationSpec,
    MappingSpec,
    PersonSpec,
    PhoneSpec,
    Section,
    TextSpec,
    columns_used,
)
from discoverer.errors import ConfigError
from discoverer.model import RiskLevel, Visibility
from discoverer.validation import Spec, check

# Words of the vocabulary whose values must come out as one of a closed list.
CLOSED: Mapping[str, tuple[str, ...]] = {
    "visibility": tuple(Visibility),
    "contact_visibility": tuple(Visibility),
    "level": tuple(RiskLevel),
}
# The word `role` means something else in each of these.
ROLES: Mapping[type[Spec], tuple[str, ...]] = {
    FieldsSpec: PERSON_ROLES,
    PersonSpec: PERSON_ROLES,
    LocationSpec: PLACE_ROLES,
    PhoneSpec: NUMBER_ROLES,
}


def cross_problems(shape: type[MappingSpec], data: Mapping[str, Any]) -> list[str]:
    """Find the mistakes that lie between parts of a mapping, in whatever parts can be read by themselves."""
    children = {name: child for name, child in _table(data, "children").items() if isinstance(child, dict)}
    lists = {name: codes for name, codes in _table(data, "lists").items() if isinstance(codes, dict)}
    parts = list(_parts(shape, data))
    problems = _ignored_and_mapped(data, children, parts)
    for place, part in parts:
        problems += _section_problems(place, part, children)
        closed = {**CLOSED, "role": ROLES.get(type(part), ())}
        for name, expression in _expressions(part):
            wrong = _list_problems(name, expression, lists, closed.get(name, ()))
            problems += [f"'{place}.{name}': {text}" for text in wrong]
    unknown = [name for name in _table(_table(data, "checks"), "fill") if name not in FILLS]
    problems += [f"'checks.fill.{name}' is no field that can be counted{near(name, FILLS)}." for name in unknown]
    if not any(name in data for name in ("fields", "person", "location", "phone", "text")):
        problems.append("nothing is mapped: add [fields], or sections such as [[person]], [[location]] or [[phone]].")
    return problems


def near(name: str, valid: Iterable[str]) -> str:
    """Return the end of a sentence that lists the valid names, the nearest first."""
    names = sorted(valid)
    if not names:
        return "; there are none"
    close = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean '{close[0]}'?" if close else ";"
    return f"{hint} valid names: {', '.join(names)}"


def _table(data: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a table of a mapping, empty when it is missing or no table."""
    value = data.get(name)
    return value if isinstance(value, dict) else {}


def _parts(shape: type[MappingSpec], data: Mapping[str, Any]) -> Iterator[tuple[str, Spec]]:
    """Yield (place, section) for every section that is sound by itself."""
    for name, value in data.items():
        field = shape.model_fields.get(name)
        if field is None or name in FRAME:
            continue
        for kind in (field.annotation, *getattr(field.annotation, "__args__", ())):
            if isinstance(kind, type) and issubclass(kind, Spec):
                items = value if isinstance(value, list) else [value]
                for number, item in enumerate(items):
                    place = f"{name}.{number}" if isinstance(value, list) else name
                    part = _sound(kind, item)
                    if part is not None:
                        yield place, part


def _sound(kind: type[Spec], item: Any) -> Spec | None:  # noqa: ANN401 - whatever stands in the file
    """Return a section without the words that are mistakes by themselves; None when too little is left of it."""
    if not isinstance(item, dict):
        return None
    try:
        return check(kind, item, "")
    except ConfigError as error:
        wrong = {found[1] for problem in error.problems if (found := re.match(r"'([^'.]+)", problem))}
    try:
        return check(kind, {name: value for name, value in item.items() if name not in wrong}, "")
    except ConfigError:
        return None


def _ignored_and_mapped(
    data: Mapping[str, Any], children: Mapping[str, Any], parts: list[tuple[str, Spec]]
) -> list[str]:
    """Find columns named twice under ignore, or both ignored and mapped."""
    key = _table(data, "source").get("key")
    used = {("", str(column)) for column in key} if isinstance(key, list) else set()
    for _place, part in parts:
        if not isinstance(part, IgnoreSpec):
            used.update(columns_used(part))
    problems = [f"'source.key' names {name} twice." for name in _twice(key)]
    ignored = {"": _table(data, "ignore").get("columns")}
    ignored |= {name: child.get("ignore") for name, child in children.items()}
    for scope, columns in ignored.items():
        place = f"children.{scope}.ignore" if scope else "ignore.columns"
        problems += [f"'{place}' names {name} twice." for name in _twice(columns)]
        for column in dict.fromkeys(columns if isinstance(columns, list) else ()):
            if (scope, column) in used:
                problems.append(f"'{place}': {column} is both mapped and ignored; take it out of one of the two.")
    return problems


def _twice(names: Any) -> list[str]:  # noqa: ANN401 - whatever stands in the file
    """Return the names that stand twice in a list."""
    counts = Counter(names if isinstance(names, list) else ())
    return [str(name) for name, count in counts.items() if count > 1]


def _section_problems(place: str, part: Spec, children: Mapping[str, Any]) -> list[str]:
    """Find sections of child rows that do not exist, inside this section too, and '../' where there is no parent."""
    problems = []
    for name, section in _sections(part, place):
        if section.each and section.each not in children:
            problems.append(
                f"'{name}.each': '{section.each}' is no child of this source{near(section.each, children)}."
            )
    if not isinstance(part, TextSpec) and not any(section.each for _name, section in _sections(part, place)):
        up = [name for _word, expression in _expressions(part) for name in expression.columns() if name.startswith(UP)]
        if up:
            problems.append(f"'{place}': '{up[0]}' reaches for a parent row, but the section has no 'each'.")
    return problems


def _sections(part: Spec, place: str) -> Iterator[tuple[str, Section]]:
    """Yield (place in the file, section) for every section in a part, itself included."""
    if isinstance(part, Section):
        yield place, part
    for name in type(part).model_fields:
        value = getattr(part, name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Section):
                yield from _sections(inner, f"{place}.{name}")


def _expressions(part: Spec) -> Iterator[tuple[str, Expression]]:
    """Yield (name, expression) for every value of a section and of the sections inside it."""
    for name in type(part).model_fields:
        value = getattr(part, name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Expression):
                yield name, inner
            elif isinstance(inner, Section):
                yield from _expressions(inner)


def _list_problems(
    name: str, expression: Expression, lists: Mapping[str, Any], closed: tuple[str, ...]
) -> Iterator[str]:
    """Find names of lists that do not exist, and values outside the closed list a word must come from, () for none."""
    for codes in (expression.values, expression.words):
        if isinstance(codes, str) and codes not in lists:
            yield f"'{codes}' is no table in [lists]{near(codes, lists)}."
    for part in expression.parts():
        yield from _list_problems(name, part, lists, closed)
    if closed and not expression.parts():
        table = lists.get(expression.values, {}) if isinstance(expression.values, str) else expression.values
        given = [*(table or {}).values(), *([expression.const] if expression.const is not None else [])]
        for word in dict.fromkeys(given):
            if word not in closed:
                yield f"'{word}' is no {name}{near(str(word), closed)}."
