"""Answers in JSON, and whether they are still those that whoever asks has: ETag and If-None-Match.

The tag is made of what an answer says (so of build, layer, decisions, policy and query), but for what only the clock
changes: the instant that counts as now and the age of each source. The answer is made and its look recorded
either way, since to say "as you have it" shows it.
"""

from __future__ import annotations

import hashlib
import re
from typing import Any

from fastapi import Request
from starlette.responses import Response

from discoverer.answer import State
from discoverer.codec import encode, plain

_TAG_LENGTH = 32
# Now, and what repeats the sources in words, with the age of each, where nothing was found.
_CLOCKS = frozenset({"as_at", "message"})
_AGE = re.compile(r"\b(?:under an hour|[\d,]+ (?:s|hours?|days?|months?|years?)) (?:old|ago)\b")


def answered(request: Request, value: object, headers: dict[str, str] | None = None) -> Response:
    """Return a value as JSON, or 304 when it is what whoever asks says they have.

    Args:
        request: may carry If-None-Match.
        value: of plain values and dataclasses, as `--json` prints it.
        headers: besides.
    """
    tag = tag_of(plain(value))
    sent = {**(headers or {}), "ETag": tag}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=sent)
    return Response(encode(value), headers=sent, media_type="application/json")


def tag_of(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    """Return the weak tag of what an answer says."""
    said = hashlib.sha256(encode(_timeless(value))).hexdigest()[:_TAG_LENGTH]
    return f'W/"{said}"'


def _timeless(value: Any) -> Any:  # noqa: ANN401 - as above
    """Return an answer without what only the clock changes."""
    if not isinstance(value, dict):
        return value
    kept = {key: each for key, each in value.items() if key not in _CLOCKS}
    if isinstance(kept.get("status"), dict):
        kept["status"] = _timeless(kept["status"])
    if "sources" in kept:
        kept["sources"] = [_timeless_source(each) for each in kept["sources"]]
    return kept


def _timeless_source(source: dict[str, Any]) -> dict[str, Any]:
    """Return the state of a source without its age.

    One that is asked every few seconds is as at another moment every time; what somebody has is then no less right, and
    says itself up to when it is.
    """
    during_the_day = source["lag"] is not None and source["state"] == State.ANSWERED
    if during_the_day:
        return {key: source[key] for key in ("name", "state", "records")}
    return {**source, "words": _AGE.sub("", source["words"])}


def _has(given: str, tag: str) -> bool:
    """Tell whether a tag is among those of If-None-Match, weak or strong."""
    bare = tag.removeprefix("W/")
    return any(each.strip().removeprefix("W/") in (bare, "*") for each in given.split(",") if each.strip())
