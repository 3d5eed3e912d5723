"""Every look is written down before its answer is shown; if it cannot be written, there is no answer.

To begin with, one append-only file of JSON lines per day, synced line by line. What was typed is personal
data itself and stays in this protected folder; of the answer only ids are kept (Data Protection Act 2018
s.62: who consulted what, and when).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path

from discoverer.access import Viewer
from discoverer.answer import Hit
from discoverer.clock import iso, now
from discoverer.codec import encode
from discoverer.errors import LookNotRecorded
from index import files

# What was typed is personal data: only the server reads it back.
FILE_MODE = 0o600
FOLDER_MODE = 0o700
on_look: ContextVar[Callable[[str, int], None] | None] = ContextVar("on_look", default=None)
"""Told of each look once it is recorded, by whatever way it came: its action, and how many hits were shown."""


def record_look(
    folder: Path,
    viewer: Viewer,
    action: str,
    asked: str,
    hits: Sequence[Hit],
    build: str,
    *,
    mentions: Sequence[str] = (),
) -> None:
    """Append one look, synced to the disk.

    Args:
        folder: the audit folder; made (for its owner only) when missing.
        viewer: who asked.
        action: 'search' | 'lookup' | 'show' | 'evaluate' | 'figures' | 'rejects' | 'decide' | 'train' | 'brief'
            | 'explain'.
        asked: what was typed.
        hits: what will be shown.
        build: the build that answered.
        mentions: ids of mentions that will be named alone, without a hit; each is of one record.

    Raises:
        LookNotRecorded: the line could not be written; the answer must not be shown.
    """
    moment = now()
    line = encode(
        {
            "at": iso(moment),
            "viewer": viewer.name,
            "role": viewer.role,
            "log": viewer.log,
            "reason": viewer.reason,
            "action": action,
            "asked": asked,
            "build": build,
            "shown": [
                *({"id": hit.id, "level": hit.level, "records": len(hit.records)} for hit in hits),
                *({"id": ident, "level": "", "records": 1} for ident in mentions),
            ],
        }
    )
    try:
        files.make_directory(folder, FOLDER_MODE)
        files.append_line(folder / _file_name(moment), line, FILE_MODE)
    except OSError as error:
        message = (
            f"The look could not be recorded in {folder} ({error.strerror}), so there is no answer; "
            "make room or mend its permissions."
        )
        raise LookNotRecorded(message) from None
    if (told := on_look.get()) is not None:
        told(action, len(hits))


def _file_name(moment: datetime) -> str:
    """Name the day's file."""
    return f"looks-{moment:%Y-%m-%d}.jsonl"
