"""Checked settings and mappings: the only door to pydantic, and its faults in plain sentences.

A `Spec` refuses unknown words. `check` reports every mistake of a file at once, each with the valid names,
so that an analyst mends a file in one go.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
    field_validator,
    model_validator,
)

from discoverer.errors import ConfigError

__all__ = ["Field", "Phrase", "Spec", "check", "field_validator", "model_validator", "read_toml", "spec_of"]

# Faults whose own words mean little to whoever writes the file.
_PLAIN = {
    "string_type": 'must stand in quotes, as "1" does',
    "too_short": "must hold at least {min_length} value",
    "date_type": "must be a day such as 2018-06-01, without quotes",
    "date_from_datetime_parsing": "is no day there is; write one such as 2018-06-01, without quotes",
    "date_from_datetime_inexact": "must be a day such as 2018-06-01, without quotes",
    "date_parsing": "is no day there is; write one such as 2018-06-01, without quotes",
    "string_pattern_mismatch": "holds a letter or sign it may not; it must fit {pattern}",
}

S = TypeVar("S", bound="Spec")


def _says_something(value: str) -> str:
    """Refuse words of which nothing is left to compare. Raises ValueError."""
    if not any(letter.isalnum() for letter in value):
        raise ValueError(
            f"'{value}' holds no letter and no digit, so nothing could ever match it; write words, or leave it out"
        )
    return value


# Words to be read or compared: with a letter or a digit among them.
Phrase = Annotated[str, AfterValidator(_says_something)]


class Spec(BaseModel):
    """A frozen, strict set of named values read from a file; an unknown name is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def spec_of(name: str, kinds: Mapping[str, Any]) -> type[Spec]:
    """Return a `Spec` of many names, all of them needed.

    Args:
        name: of the class.
        kinds: name -> its type, bounds included.
    """
    needed: dict[str, Any] = {key: (kind, ...) for key, kind in kinds.items()}
    return create_model(name, __base__=Spec, **needed)


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: it is missing, unreadable, not UTF-8 or not TOML; the sentence says which.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(str(path), ["there is no such file; check the path."]) from None
    except OSError as error:
        raise ConfigError(str(path), [f"it cannot be read ({error.strerror}); check its permissions."]) from None
    except UnicodeDecodeError:
        raise ConfigError(str(path), ["it is not UTF-8; save it as UTF-8."]) from None
    except RecursionError:
        problem = "it nests tables or lists too deeply to be read; write them less deep."
        raise ConfigError(str(path), [problem]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(str(path), [f"it is not valid TOML ({error}); mend that line."]) from None


def check(spec: type[S], data: dict[str, Any], where: str) -> S:
    """Turn plain data into a `Spec`.

    Args:
        spec: the class of values wanted.
        data: what the file held.
        where: the file's name, for the message.

    Raises:
        ConfigError: with every mistake at once.
    """
    try:
        return spec.model_validate(data)
    except ValidationError as error:
        problems = [sentence(spec, dict(fault)) for fault in _first_causes(error.errors())]
        raise ConfigError(where, problems) from None


def _first_causes(faults: Sequence[Any]) -> list[Any]:
    """Leave out that a list is too short where that is only because its values are refused, each by itself."""
    places = [fault["loc"] for fault in faults]
    return [
        fault
        for fault in faults
        if fault["type"] != "too_short"
        or not any(place[: len(fault["loc"])] == fault["loc"] and place != fault["loc"] for place in places)
    ]


def sentence(spec: type[BaseModel], fault: dict[str, Any]) -> str:
    """Turn one pydantic fault into a sentence that names the place, the mistake and the valid names."""
    place = ".".join(str(part) for part in fault["loc"])
    kind = fault["type"]
    if kind == "extra_forbidden":
        return f"'{place}' is not a known name{_suggest(spec, fault['loc'])}."
    if kind == "missing":
        return f"'{place}' is missing; add it."
    if told := _PLAIN.get(kind):
        return f"'{place}': {told.format(**fault.get('ctx', {}))}."
    text = str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
    return f"'{place}': {text[:1].lower()}{text[1:]}." if place else f"{text}."


def _suggest(spec: type[BaseModel], place: tuple[Any, ...]) -> str:
    """List the names valid where an unknown one stood, the nearest first."""
    current: Any = spec
    for part in place[:-1]:
        current = _inside(current, part)
    names = _names(current)
    if not names:
        return ""
    near = difflib.get_close_matches(str(place[-1]), names, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ";"
    return f"{hint} valid names: {', '.join(names)}"


def _inside(current: Any, part: Any) -> Any:  # noqa: ANN401 - walks type hints of any shape
    """Step from a model class into the type of one of its fields, looking through lists and unions."""
    if isinstance(part, int):
        return current
    if isinstance(current, type) and issubclass(current, BaseModel):
        for name, field in current.model_fields.items():
            if part in (name, field.alias):
                return _model_in(field.annotation)
    return current


def _model_in(hint: Any) -> Any:  # noqa: ANN401 - walks type hints of any shape
    """Find the model class somewhere inside a type hint, if there is one."""
    if isinstance(hint, type) and issubclass(hint, BaseModel):
        return hint
    for argument in getattr(hint, "__args__", ()):
        found = _model_in(argument)
        if found is not None:
            return found
    return None


def _names(current: Any) -> list[str]:  # noqa: ANN401 - walks type hints of any shape
    """Return the field names (their aliases where they have one) a model class knows."""
    if isinstance(current, type) and issubclass(current, BaseModel):
        return sorted(field.alias or name for name, field in current.model_fields.items())
    return []
