"""What everybody calls who shows something: write the look down first."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from discoverer.access import Viewer
from discoverer.answer import Hit
from discoverer.audit.lines import line_of, sealed, shown_of
from discoverer.audit.sealing import Seal, read_seal
from discoverer.audit.writer import writer_of
from discoverer.clock import now
from discoverer.codec import encode
from discoverer.errors import LookNotRecorded
from discoverer.settings import Settings

on_look: ContextVar[Callable[[str, int], None] | None] = ContextVar("on_look", default=None)
"""Told of each look once it is recorded, by whatever way it came: its action, and how many hits were shown."""
looked_from: ContextVar[str] = ContextVar("looked_from", default="")
"""Where a look comes from: the host of a request, 'cli', or '' where nobody said."""

_seals: dict[Path, Seal] = {}


def set_up(settings: Settings) -> None:
    """Seal what is typed from now on where the settings name a key; a folder that was sealed stays so in this process.

    Raises:
        ConfigError: the key is missing or malformed: no line may be written unsealed then.
    """
    if settings.access.audit_key is not None:
        _seals[settings.audit_dir.absolute()] = read_seal(settings.access.audit_key)


def record_look(
    folder: Path,
    viewer: Viewer,
    action: str,
    asked: str,
    hits: Sequence[Hit],
    build: str,
    *,
    mentions: Sequence[str] = (),
    masked: Sequence[str] = (),
) -> None:
    """Write one look down; it is on the disk when this returns.

    Args:
        folder: the audit folder; made (for its owner only) when missing.
        viewer: who asked.
        action: 'search' | 'lookup' | 'show' | 'reveal' | 'evaluate' | 'figures' | 'rejects' | 'decide' | 'train' |
            'brief' | 'forget' | 'audit' | 'explain'.
        asked: what was typed.
        hits: what will be shown, best first.
        build: the build that answered.
        mentions: ids of mentions that will be named alone, without a hit; each is of one record.
        masked: what is kept from this viewer of what will be shown, by field or source, never a value.

    Raises:
        LookNotRecorded: the line is not known to be on the disk; the answer must not be shown.
    """
    shown = shown_of(hits, mentions)
    _record(folder, viewer, action, {"asked": asked, "build": build, "shown": shown, "masked": masked})
    if (told := on_look.get()) is not None:
        told(action, len(hits))


def record_event(folder: Path, viewer: Viewer, what: str, **plain: str | int | bool) -> None:
    """Write down what is no look: a sign-in, a refusal by role, a break-glass, a change of an account.

    Args:
        folder: the audit folder.
        viewer: who did it, or tried to.
        what: 'sign-in' | 'sign-out' | 'sign-in failed' | 'refused' | 'break-glass' | 'account' ...
        plain: what else there is to know, such as the name of the account; it is not sealed, so nothing that was typed
            about anybody.

    Raises:
        LookNotRecorded: the line is not known to be on the disk; what it tells of must not happen.
    """
    _record(folder, viewer, what, {"about": plain})


def _record(folder: Path, viewer: Viewer, action: str, more: Mapping[str, Any]) -> None:
    """Write a line down, sealed where this process has a key for the folder. Raises LookNotRecorded."""
    moment, home = now(), folder.absolute()
    line = line_of(moment, viewer, action, looked_from.get(), **more)
    if (seal := _seals.get(home)) is not None:
        line = sealed(line, seal.close, seal.name)
    try:
        writer_of(home).append(f"looks-{moment:%Y-%m-%d}.jsonl", encode(line))
    except OSError as error:
        message = (
            f"The look could not be recorded in {folder} ({error.strerror}), so there is no answer; "
            "make room or mend its permissions."
        )
        raise LookNotRecorded(message) from None
