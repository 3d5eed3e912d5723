"""Reads the word lists and code tables of this package; each is a TOML file with a reason beside every entry."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "data"


def load(name: str) -> dict[str, Any]:
    """Return one table as plain values.

    Args:
        name: file name without its ending, e.g. 'name_tokens'.

    Raises:
        OSError, tomllib.TOMLDecodeError: the installed package is damaged; reinstall it.
    """
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
