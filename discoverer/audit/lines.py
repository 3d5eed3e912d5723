"""What a line of the audit holds: who, as what, from where, when, on which log or for which reason, and what was shown.

A look and what is no look (a sign-in, a refusal) have one shape, so that every line is read alike. Of an answer only
ids are kept (Data Protection Act 2018 s.62: who consulted what, and when); what was typed is personal data itself, and
is sealed where auditors have given a key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from discoverer.access import Viewer
from discoverer.answer import Hit
from discoverer.clock import iso
from discoverer.codec import encode

TYPED = ("asked", "reason")
"""What a person typed: sealed where there is a key."""
SEALED = "sealed"
"""What holds it then, with the name of the key in `key`."""


def line_of(
    moment: datetime,
    viewer: Viewer,
    action: str,
    came_from: str,
    *,
    asked: str = "",
    build: str = "",
    shown: Sequence[Mapping[str, object]] = (),
    masked: Sequence[str] = (),
    about: Mapping[str, object] | None = None,
) -> dict[str, Any]:
    """Return a line as plain values.

    Args:
        moment: when.
        viewer: who, with the log in hand and the reason.
        action: what was done.
        came_from: the host of a request, 'cli' or ''.
        asked: what was typed.
        build: the build that answered.
        shown: what was shown, as `shown_of` says it.
        masked: what was kept from this viewer.
        about: what else there is to know of what is no look; None of a look.
    """
    line: dict[str, Any] = {
        "at": iso(moment),
        "viewer": viewer.name,
        "role": viewer.role,
        "from": came_from,
        "log": viewer.log,
        "reason": viewer.reason,
        "action": action,
        "asked": asked,
        "build": build,
        "shown": list(shown),
        "masked": list(masked),
    }
    return line if about is None else {**line, "about": dict(about)}


def shown_of(hits: Sequence[Hit], mentions: Sequence[str]) -> list[dict[str, object]]:
    """Return what is kept of an answer: of each hit its id, rank, level and records, of a mention named alone its id.

    Args:
        hits: best first.
        mentions: ids of mentions that are named without a hit; each is of one record.
    """
    return [
        *(
            {"id": hit.id, "rank": rank, "level": hit.level, "records": len(hit.records), "refs": _refs(hit)}
            for rank, hit in enumerate(hits, 1)
        ),
        *({"id": ident, "level": "", "records": 1} for ident in mentions),
    ]


def _refs(hit: Hit) -> list[str]:
    """Return the records of a hit, each once: who a hit is changes with the build, a record stays what it is."""
    return list(dict.fromkeys(f"{record.source}:{record.ref}" for record in hit.records))


def sealed(line: Mapping[str, Any], seal: Callable[[bytes], str], key: str) -> dict[str, Any]:
    """Return a line in which what was typed is closed to whoever has not got the secret key.

    Args:
        line: as `line_of` returns it.
        seal: closes bytes, and returns them as text.
        key: the name of the key.
    """
    typed = {name: line[name] for name in TYPED}
    return {**line, **dict.fromkeys(TYPED, ""), SEALED: seal(encode(typed)), "key": key}
