"""The weights in force: named, dated, versioned, read once from data/weights.toml."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from discoverer.validation import Spec, check, read_toml

Table = dict[str, float]


class Weights(Spec):
    """Match weights in bits (log2 odds), or shares of a token's rarity; the file gives each its reason.

    Attributes:
        version: str, date of the set.
        about: str, where its values come from.
        token, name, birth, identifier, held, place, phone, event, reached, level: tables of the file.
    """

    version: str
    about: str
    token: Table
    name: Table
    birth: Table
    identifier: Table
    held: Table
    place: Table
    phone: Table
    event: Table
    reached: Table
    level: Table


@cache
def load(path: Path = Path(__file__).parent / "data" / "weights.toml") -> Weights:
    """Read a set of weights.

    Raises:
        ConfigError: the file is missing or malformed.
    """
    return check(Weights, read_toml(path), path.name)
