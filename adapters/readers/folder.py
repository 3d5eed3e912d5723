"""Folders of files: every file in one is mapped, ignored by name, or stops the source."""

from __future__ import annotations

from collections.abc import Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from discoverer.errors import SchemaDrift, SourceUnavailable


def files_of(source: str, folder: Path) -> list[Path]:
    """Return the files of a folder in the order of their names; hidden ones (.name) do not count.

    Raises:
        SourceUnavailable: it is missing, no folder or unreadable.
    """
    try:
        return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        raise SourceUnavailable(source, f"{folder} is not a folder; check 'path' in its mapping.") from None
    except OSError as error:
        raise SourceUnavailable(source, f"{folder} cannot be read ({error.strerror}); check its permissions.") from None


def check_files(source: str, folder: Path, known: Sequence[str]) -> None:
    """Hold the files of a folder against the names (or patterns such as '*.xml') its mapping speaks of.

    Raises:
        SchemaDrift: there is a file nobody mapped or ignored.
        SourceUnavailable: the folder cannot be read.
    """
    names = [path.name for path in files_of(source, folder)]
    new = [name for name in names if not any(fnmatchcase(name, pattern) for pattern in known)]
    if new:
        quoted = ", ".join(f'"{name}"' for name in new)
        noun = "file" if len(new) == 1 else "files"
        raise SchemaDrift(
            source,
            f"folder {folder.name} has new {noun} {', '.join(new)}: map each, or name it in ignore_files ({quoted}).",
        )
