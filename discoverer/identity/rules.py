"""What bounds signing in: from `data/identity.toml`, which experts may change."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from discoverer.normalise.tables import load

_FOLDER = Path(__file__).parent / "data"


@lru_cache(maxsize=1)
def rules() -> dict[str, Any]:
    """Return everything the file says.

    Raises:
        ConfigError: it is missing or is not TOML; or, when it is looked up, a name is not in it.
    """
    return load("identity", _FOLDER)


def number(*path: str) -> int:
    """Return one number by its place: 'passwords', 'least'.

    Raises:
        ConfigError: there is none of that name.
    """
    return _number(rules(), path)


def is_grave(act: str) -> bool:
    """Tell whether the password is asked for again before an act: 'glass', 'review', 'decide'.

    Raises:
        ConfigError: there is none of that name.
    """
    return bool(rules()["grave"][act])


@lru_cache(maxsize=1)
def directory_rules() -> dict[str, Any]:
    """Return what bounds signing in by the force's directory: `data/directory.toml`.

    Raises:
        ConfigError: as `rules`.
    """
    return load("directory", _FOLDER)


def way_of(*path: str) -> int:
    """Return one number of `directory_rules` by its place: 'tokens', 'leeway'.

    Raises:
        ConfigError: there is none of that name.
    """
    return _number(directory_rules(), path)


def _number(table: dict[str, Any], path: tuple[str, ...]) -> int:
    """Return one number of a file by its place."""
    found: Any = table
    for name in path:
        found = found[name]
    return int(found)
