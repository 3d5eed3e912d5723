"""Reads the word lists and code tables of this package; each is a TOML file with a reason beside every entry."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NoReturn

from discoverer.errors import ConfigError
from discoverer.validation import read_toml

_FOLDER = Path(__file__).parent / "data"


class _Table(dict[str, Any]):
    """Values by name, in which a name that is not there is a mistake of the file."""

    def __init__(self, held: dict[str, Any], file: str, place: str) -> None:
        super().__init__({name: _known(value, file, f"{place}.{name}".strip(".")) for name, value in held.items()})
        self.file = file
        self.place = place

    def __missing__(self, name: str) -> NoReturn:
        missing = f"{self.place}.{name}".strip(".")
        raise ConfigError(self.file, [f"'{missing}' is missing; install Discoverer again, or put it back."])


def load(name: str, folder: Path = _FOLDER) -> dict[str, Any]:
    """Return one table as plain values.

    Args:
        name: file name without its ending, e.g. 'name_tokens'.
        folder: where it stands.

    Raises:
        ConfigError: the file is missing, not UTF-8, or not TOML; or, when it is looked up, a name is not in it.
    """
    path = folder / f"{name}.toml"
    return _Table(read_toml(path), str(path), "")


def _known(value: Any, file: str, place: str) -> Any:  # noqa: ANN401 - any value of TOML
    """Return a value in which every table knows its file and its place there."""
    if isinstance(value, dict):
        return _Table(value, file, place)
    if isinstance(value, list):
        return [_known(each, file, place) for each in value]
    return value
