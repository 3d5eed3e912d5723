"""What a line of the audit holds: who, as what, from where, when, on which log or for which reason, and what was shown.

A look and what is no look (a sign-in, a refusal) have one shape, so that every line is read alike. Of an answer only
ids are kept (Data Protection Act 2018 s.62: who consulted what, and when); what was typed is personal data itself, and
is sealed where auditors have given a key.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from discoverer.access import Viewer
from discoverer.answer import Hit, HitKind
from discoverer.clock import iso
from discoverer.codec import decoder, encode

TYPED = ("asked", "reason")
"""What a person typed: sealed where there is a key."""
SEALED = "sealed"
"""What holds it then, with the name of the key in `key`."""
# The id of a place or a number is the address or the number itself, which is what was typed to find it.
_SAYS_ITSELF = (HitKind.LOCATION.value, HitKind.PHONE.value)
_typed = decoder(dict[str, Any])


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
    ranked = enumerate(hits, 1)
    whole = [_shown(hit.id, hit.level, len(hit.records), kind=hit.kind, rank=n, refs=_refs(hit)) for n, hit in ranked]
    return [*whole, *(_shown(ident, "", 1) for ident in mentions)]


def _shown(ident: str, level: str, records: int, **more: object) -> dict[str, object]:
    """Return what is kept of one thing that is shown."""
    return {"id": ident, "level": level, "records": records, **more}


def _refs(hit: Hit) -> list[str]:
    """Return the records of a hit, each once: who a hit is changes with the build, a record stays what it is."""
    return list(dict.fromkeys(f"{record.source}:{record.ref}" for record in hit.records))


def sealed(line: Mapping[str, Any], seal: Callable[[bytes], str], key: str) -> dict[str, Any]:
    """Return a line in which what was typed is closed to whoever has not got the secret key.

    With it go the ids of places and numbers, which say what was typed, and a digest of the rest, so that none of it can
    be changed unnoticed by whoever has no key at all.

    Args:
        line: as `line_of` returns it.
        seal: closes bytes, and returns them as text.
        key: the name of the key.
    """
    shown = [{**each, "id": ""} if each.get("kind") in _SAYS_ITSELF else each for each in line["shown"]]
    left_open = {**line, **dict.fromkeys(TYPED, ""), "shown": shown}
    typed = {name: line[name] for name in TYPED}
    within = {**typed, "ids": [each["id"] for each in line["shown"]], "rest": _digest(left_open)}
    return {**left_open, SEALED: seal(encode(within)), "key": key}


def opened(line: Mapping[str, Any], within: bytes) -> dict[str, Any]:
    """Return a sealed line as it was before.

    Args:
        line: as `sealed` returned it.
        within: what its seal held.

    Raises:
        ValueError: that is not what this line was sealed with.
    """
    left_open = {name: value for name, value in line.items() if name not in (SEALED, "key")}
    typed = _typed(within)
    if typed.get("rest") != _digest(left_open):
        raise ValueError("the line was changed after it was sealed, or the seal is that of another")
    put_back = [{**each, "id": ident} for each, ident in zip(left_open["shown"], typed["ids"], strict=True)]
    return {**left_open, **{name: typed[name] for name in TYPED}, "shown": put_back}


def _digest(line: Mapping[str, Any]) -> str:
    """Return a digest of plain values."""
    return hashlib.blake2b(encode(line), digest_size=16).hexdigest()
