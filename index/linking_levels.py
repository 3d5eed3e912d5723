"""What two persons so far are compared by: the levels of every comparison, as conditions on their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from index.linking_facts import AGE_SLACK
from index.linking_rows import BANDS, NAME_KINDS, TOKEN_BANDS


class Shared(NamedTuple):
    """Holds where the two share a value of any of these (column of one, column of the other)."""

    columns: tuple[tuple[str, str], ...]


class Spans(NamedTuple):
    """Holds where the years that one allows come within so many of those that the other allows."""

    slack: int


class Absent(NamedTuple):
    """Holds where one of the two has no value in any of these columns."""

    columns: tuple[str, ...]


class Level(NamedTuple):
    """One level of a comparison.

    Attributes:
        name: as the model names it.
        condition: None: it takes what is left.
        bits: its weight.
        words: what a reader is told; '' for what goes without saying.
    """

    name: str
    condition: Shared | Spans | None
    bits: float
    words: str


class Comparison(NamedTuple):
    """One comparison: the first level that holds counts.

    Attributes:
        name: as the model names it.
        absent: where it says nothing; None: never.
        unless: a comparison by these columns takes its place where both have values.
        levels: the last takes what is left.
    """

    name: str
    absent: Absent | None
    unless: str
    levels: tuple[Level, ...]


def _same(column: str) -> Shared:
    return Shared(((column, column),))


def _initial(band: int) -> Shared:
    initial, whole = f"initial_{band}", f"whole_{band}"
    return Shared(((initial, whole), (whole, initial), (initial, initial)))


_KIND_WORDS = {
    "full": "same name",
    "part": "two names agree",
    "slip": "name a letter apart",
    "heard": "another form of the name, or heard alike",
    "initial": "a name and an initial agree",
    "token": "one name agrees",
}
_RARE = {0: ", very rare here", 1: ", rare here"}
_RANGE = range(len(BANDS) + 1)
_NAMES: dict[str, tuple[Shared | Spans | None, str]] = {
    f"{kind}_{band}": (_same(f"{kind}_{band}"), _KIND_WORDS[kind] + _RARE.get(band, ""))
    for kind in NAME_KINDS
    for band in _RANGE
}
_NAMES |= {f"initial_{band}": (_initial(band), _KIND_WORDS["initial"]) for band in range(len(TOKEN_BANDS) + 1)}
_NAMES |= {f"token_{band}": (_same(f"token_{band}"), _KIND_WORDS["token"]) for band in range(len(TOKEN_BANDS) + 1)}
_NAMES |= {"none": (None, "no name agrees")}

# Comparison -> (columns without which it says nothing, columns that take its place, level -> (condition, words)).
_COMPARISONS: dict[str, tuple[tuple[str, ...], str, dict[str, tuple[Shared | Spans | None, str]]]] = {
    "name": ((), "", _NAMES),
    "birth": (
        ("births",),
        "",
        {
            "same": (_same("births"), "same date of birth"),
            "slip": (_same("birth_slips"), "date of birth one slip apart"),
            "differs": (None, "another date of birth"),
        },
    ),
    "age": (
        ("low",),
        "births",
        {
            "fits": (Spans(0), "age fits"),
            "near": (Spans(AGE_SLACK), "age nearly fits"),
            "differs": (None, "age does not fit"),
        },
    ),
    "identifier": (
        ("identifiers",),
        "",
        {"same": (_same("identifiers"), "same identifier"), "differs": (None, "other identifiers")},
    ),
    "phone": (("phones",), "", {"same": (_same("phones"), "same phone"), "differs": (None, "")}),
    "place": (
        ("places", "areas"),
        "",
        {
            "home": (_same("homes"), "same home"),
            "scene": (_same("places"), "at the same address"),
            "building": (_same("buildings"), "same building"),
            "area": (_same("areas"), "same area"),
            "elsewhere": (None, ""),
        },
    ),
    "company": (("company",), "", {"same": (_same("company"), "recorded with the same person"), "differs": (None, "")}),
}
# Comparison -> the names of its levels: what a file of weights must hold.
COMPARED = {name: tuple(levels) for name, (_, _, levels) in _COMPARISONS.items()}
# The levels of each comparison that must not change places, the weightiest first: what agrees better never argues for
# less. No name in common, beside them, never argues for more than any name.
ORDERS: tuple[tuple[tuple[str, str], ...], ...] = (
    *(tuple(("name", f"{kind}_{band}") for band in _RANGE) for kind in NAME_KINDS),
    *(tuple(("name", f"{kind}_{band}") for band in range(len(TOKEN_BANDS) + 1)) for kind in ("initial", "token")),
    *(tuple((name, level) for level in levels) for name, levels in COMPARED.items() if name != "name"),
)
NO_NAME = ("name", "none")
# Columns that list values.
LISTED = (
    *(f"{kind}_{band}" for kind in NAME_KINDS for band in _RANGE),
    *(f"{kind}_{band}" for kind in ("token", "whole", "initial") for band in range(len(TOKEN_BANDS) + 1)),
    "births", "birth_slips", "identifiers", "phones", "homes", "places", "buildings", "areas", "company",
)  # fmt: skip


def compared(weights: Mapping[str, Mapping[str, float]]) -> tuple[Comparison, ...]:
    """Return every comparison with the bits of a model; where any of several levels may hold, the weightiest first.

    Args:
        weights: comparison -> level -> bits, for all of COMPARED.
    """
    found = []
    for name, (needed, unless, levels) in _COMPARISONS.items():
        made = [Level(level, condition, weights[name][level], words) for level, (condition, words) in levels.items()]
        if name == "name":
            made.sort(key=lambda level: (level.condition is None, -level.bits))
        found.append(Comparison(name, Absent(needed) if needed else None, unless, tuple(made)))
    return tuple(found)
