"""A new version of the weights written beside the old ones, each level with what it rests on; none is ever replaced."""

from __future__ import annotations

import errno
import json
import os
import re
from collections.abc import Sequence
from datetime import date
from itertools import count
from pathlib import Path

from discoverer.errors import UsageError
from discoverer.settings import EXACT, LINKING_NAME
from index import files
from index.linking_model import PREFIX, SHIPPED, Model
from index.training_types import Level, Training

_HEAD = (
    "# Weights for linking mentions into people, in bits, trained from one index: `discoverer train`. Beside each\n"
    "# level: its bits before, the pairs of persons it rests on, and of these the share that are one person ({how}).\n"
    "# No build uses them until the settings name them, and no file of weights is ever written over."
)

# What helps against what keeps a file from being written.
_ADVICE = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), "free some room"),
    **dict.fromkeys((errno.EACCES, errno.EPERM), "mend its permissions"),
    errno.EROFS: "keep the state on a disk that may be written to",
}


def there_is(version: str, trained: Path) -> bool:
    """Tell whether a version exists, trained or as it came with Discoverer."""
    return any(os.path.lexists(folder / f"{PREFIX}{version}.toml") for folder in (trained, SHIPPED))


def version_for(asked: str, today: date, trained: Path) -> str:
    """Return the name of a new version: the one asked for, else the date and the first number that is free.

    Raises:
        UsageError: the one asked for exists, or settings could not name it.
    """
    if not asked:
        return next(name for n in count(1) if not there_is(name := f"{today.isoformat()}-trained-{n}", trained))
    if asked.casefold() == EXACT or not re.fullmatch(LINKING_NAME, asked):
        raise UsageError(
            f"'{asked}' cannot name weights: use at most 100 letters, digits, dots, hyphens and underlines, and not"
            f" '{EXACT}', however it is capitalised."
        )
    if there_is(asked, trained):
        raise _exists(asked)
    return asked


def make_room(trained: Path) -> None:
    """Make the folder of versions trained here, so that a disk which takes none is told of before the work.

    What a training that was killed while it wrote has left there is swept.

    Raises:
        UsageError: it cannot be made, or not be written to.
    """
    _make_folder(trained)
    try:
        files.sweep_new_files(trained)
    except OSError as error:
        raise _not_written(trained, error) from None
    if not os.access(trained, os.W_OK | os.X_OK):
        raise _not_written(trained, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def write_next_version(
    model: Model, training: Training, trained: Path, today: date, notes: Sequence[str] = ()
) -> tuple[str, Path]:
    """Write a version down that nobody has named: where another training took its number meanwhile, under the next.

    Args:
        model: with the bits found, a name made by `version_for` and what it says about itself.
        training: what they rest on.
        trained: the folder of versions trained here; made where it is not there.
        today: what the next name begins with.
        notes: lines of comment on what it changes.

    Returns:
        Its name and the file.

    Raises:
        UsageError: the disk did not take it.
    """
    while (path := _written(model, training, trained, notes)) is None:
        model = model._replace(version=version_for("", today, trained))
    return model.version, path


def write_version(model: Model, training: Training, trained: Path, notes: Sequence[str] = ()) -> Path:
    """Write a version down.

    Args:
        model: with the bits found, its name and what it says about itself.
        training: what they rest on.
        notes: lines of comment on what it changes.
        trained: the folder of versions trained here; made where it is not there.

    Returns:
        The file.

    Raises:
        UsageError: the version exists, or the disk did not take it.
    """
    path = _written(model, training, trained, notes)
    if path is None:
        raise _exists(model.version)
    return path


def _written(model: Model, training: Training, trained: Path, notes: Sequence[str]) -> Path | None:
    """Write a version down; None where one of its name stands there. Raises UsageError: the disk did not take it."""
    path = trained / f"{PREFIX}{model.version}.toml"
    _make_folder(trained)
    try:
        files.write_new_file(path, _laid_out(model, training, notes).encode())
    except FileExistsError:
        return None
    except OSError as error:
        raise _not_written(path, error) from None
    return path


def _make_folder(trained: Path) -> None:
    """Make the folder of versions. Raises UsageError: it cannot be made."""
    try:
        if os.path.lexists(trained) and not trained.is_dir():
            raise UsageError(
                f"{trained} is no folder but a file, or a link that leads to none, so there are no new weights; move it"
                " away."
            )
        files.make_directory(trained)
    except OSError as error:
        raise _not_written(trained, error) from None


def _not_written(path: Path, error: OSError) -> UsageError:
    """Say why nothing could be written, and what to do about just that."""
    advice = _ADVICE.get(error.errno or 0, "mend that, or keep the state elsewhere")
    return UsageError(f"{path} cannot be written ({error.strerror}), so there are no new weights; {advice}.")


def _exists(version: str) -> UsageError:
    return UsageError(
        f"there are linking weights '{version}' already, and none are ever written over; choose another name."
    )


def _laid_out(model: Model, training: Training, notes: Sequence[str]) -> str:
    """Write a model as TOML."""
    joins = ", ".join(f"{bits:g}" if bits % 1 else f"{bits:.1f}" for bits in model.join)
    lines = [
        _HEAD.format(how="as labelled" if training.labelled else "as estimated without labels"),
        *(f"# {note}" for note in notes),
        f"version = {_quoted(model.version)}",
        f"about = {_quoted(model.about)}",
        "",
        "[threshold]        # as they were: training does not touch them",
        f"join = [{joins}]",
        f"keep = {float(model.keep)}",
        f"margin = {float(model.margin)}",
        f"support = {float(model.support)}",
    ]
    for name in dict.fromkeys(level.key[0] for level in training.levels):
        lines += ["", f"[{name}]", *map(_line, (level for level in training.levels if level.key[0] == name))]
    return "\n".join(lines) + "\n"


def _line(level: Level) -> str:
    """Write one level, with what it rests on."""
    value = f"{level.key[1]} = {float(level.new)}"
    share = f", {level.same / level.pairs:.1%} of one person" if level.pairs else ""
    why = f"; {level.why}" if level.why else ""
    return f"{value:<18} # was {level.old:g}; {level.pairs:,} pairs{share}{why}"


def _quoted(words: str) -> str:
    """Write words as a TOML string; what cannot be printed as a blank."""
    return json.dumps("".join(letter if letter.isprintable() else " " for letter in words), ensure_ascii=False)
