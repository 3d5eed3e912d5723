"""For auditors: every line of the days asked for, opened where there is the key, and whatever cannot be read said."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from discoverer.audit.lines import SEALED, opened
from discoverer.audit.sealing import Opener
from discoverer.codec import decoder
from discoverer.errors import LooksUnreadable
from index import files
from index.decisions import one_viewer

_DAY_FILE = re.compile(r"looks-(\d{4}-\d{2}-\d{2})\.jsonl")
_line = decoder(dict[str, Any])
_NEEDED = ("at", "viewer", "action")


@dataclass(frozen=True, slots=True)
class Recorded:
    """One line that was read.

    Attributes:
        file: str, name of the day's file.
        number: int >= 1, of the line.
        values: as lines.py writes them; `asked` and `reason` are '' where they are sealed.
        sealed_with: str, name of the key that would open it; '' when nothing is closed.
    """

    file: str
    number: int
    values: dict[str, Any]
    sealed_with: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is there and cannot be read.

    Attributes:
        file: str, name of the day's file.
        number: int >= 1, of the line.
        size: int > 0, its bytes.
        why: str, what is wrong with it.
    """

    file: str
    number: int
    size: int
    why: str


def read_looks(
    folder: Path, first: date | None = None, last: date | None = None, viewer: str = "", opener: Opener | None = None
) -> Iterator[Recorded | Unreadable]:
    """Yield the lines of the days asked for, the oldest first; lines that cannot be read whoever they were of.

    Args:
        folder: the audit folder.
        first: day (UTC) to begin with; None: the first there is.
        last: day to end with, included; None: the last.
        viewer: only this viewer's, however the name is spaced and capitalised; '' everybody's.
        opener: the secret keys; None: what is sealed stays so.

    Raises:
        LooksUnreadable: the folder or a file cannot be read at all.
    """
    try:
        for path in _days(folder, first, last):
            for found in _lines_of(path, opener):
                if not viewer or isinstance(found, Unreadable) or one_viewer(viewer, found.values["viewer"]):
                    yield found
    except OSError as error:
        where = error.filename or folder
        raise LooksUnreadable(
            f"{where} cannot be read ({error.strerror}), so that what was looked at is not known; mend its permissions."
        ) from None


def _days(folder: Path, first: date | None, last: date | None) -> list[Path]:
    """Return the files of the days, the oldest first. Raises OSError."""
    found = []
    for path in folder.iterdir() if folder.exists() else ():
        named = _DAY_FILE.fullmatch(path.name)
        if named and (str(first or "") <= named[1]) and (last is None or named[1] <= str(last)):
            found.append(path)
    return sorted(found)


def _lines_of(path: Path, opener: Opener | None) -> Iterator[Recorded | Unreadable]:
    """Yield the lines of one file that were whole when it was begun with. Raises OSError."""
    left = files.settled_size(path)
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not left:  # written since
                return
            line = line[:left]  # a torn end may have been ended by the next since
            left -= len(line)
            yield _read(path.name, number, line, opener)


def _read(file: str, number: int, line: bytes, opener: Opener | None) -> Recorded | Unreadable:
    """Read one line."""
    try:
        values = _line(line)
        if not line.endswith(b"\n") or not all(isinstance(values.get(name), str) for name in _NEEDED):
            raise ValueError
    except ValueError:
        why = "torn or not a look; whoever is killed while writing leaves such a line, and gave no answer"
        return Unreadable(file, number, len(line), why)
    key = values.get("key")
    if SEALED not in values:
        return Recorded(file, number, values)
    if not isinstance(key, str) or not isinstance(values[SEALED], str):
        return Unreadable(file, number, len(line), "sealed, and does not say with which key")
    if opener is None or not opener.has(key):
        return Recorded(file, number, values, key)
    try:
        return Recorded(file, number, opened(values, opener.open(key, values[SEALED])))
    except ValueError as error:
        return Unreadable(file, number, len(line), str(error))
