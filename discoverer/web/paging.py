"""Long lists of one hit, a part at a time: the same shape with shorter lists, and where the parts beside it are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.datastructures import URL

from discoverer.answer import Hit, Shown

LISTS = ("records", "history", "lapsed", "addresses", "numbers", "linked", "holders", "may_be")
"""What of a hit can be long. Each has a total beside it, of how many there are in all."""


def part_of(shown: Shown, offset: int, limit: int) -> Shown:
    """Return what was asked for with that part of each long list.

    Args:
        shown: whole.
        offset: int >= 0, entries of each list passed over.
        limit: int >= 1, entries of each list that follow.
    """
    parts: dict[str, Any] = {name: getattr(shown.hit, name)[offset : offset + limit] for name in LISTS}
    return replace(shown, hit=replace(shown.hit, **parts))


def links(url: URL, hit: Hit, offset: int, limit: int) -> str:
    """Return the Link header: the first part, the one before and the one after, where there are such; '' for none.

    Args:
        url: as it was asked.
        hit: whole.
        offset: int >= 0, where the part that is answered begins.
        limit: int >= 1, how long it is.
    """
    longest = max(len(getattr(hit, name)) for name in LISTS)
    places = {"first": 0} if offset else {}
    if offset:
        places["prev"] = max(0, offset - limit)
    if offset + limit < longest:
        places["next"] = offset + limit
        places["last"] = (longest - 1) // limit * limit
    return ", ".join(f'<{_at(url, place, limit)}>; rel="{name}"' for name, place in places.items())


def _at(url: URL, offset: int, limit: int) -> str:
    """Return where a part is, on this server."""
    there = url.include_query_params(offset=offset, limit=limit)
    return f"{there.path}?{there.query}"
