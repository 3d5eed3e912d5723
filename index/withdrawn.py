"""Builds that were gone back from: whoever goes back again passes them over, until a person publishes one by name."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from index.attempts import Entry, Event

_BY_HAND = (Event.ROLLED_BACK, Event.CHOSEN)
PUBLISH = "'discoverer build --publish ID --reason WHY' makes one live"


def withdrawn(history: Sequence[Entry], kept: Collection[str]) -> dict[str, Entry]:
    """Return which builds were gone back from, each with the line of history that says by whom and why.

    A build that stood between the one gone back from and the one gone back to was passed over by whoever decided, and
    counts as gone back from too.

    Args:
        history: of builds, oldest first.
        kept: ids of the builds that are kept.
    """
    live, found = "", dict[str, Entry]()
    for entry in history:
        if entry.event in _BY_HAND:
            found.update({build: entry for build in kept if entry.build < build <= live})
        if entry.event in (*_BY_HAND, Event.PUBLISHED):
            found.pop(entry.build, None)
            live = entry.build
    return found


def why_none(live: str, history: Sequence[Entry], kept: Collection[str], held: Collection[str]) -> str:
    """Say why there is no build to go back to, and what a person can do.

    Args:
        live: id of the live build; '' when none can be told.
        history: of builds, oldest first.
        kept: ids of the builds that are kept.
        held: ids of those held back.
    """
    others = [build for build in kept if build != live and build not in held]
    passed = withdrawn(history, kept)
    if any(build > live for build in others if live and build not in passed):
        return f"the builds kept are newer; {PUBLISH}, and 'discoverer builds' lists them."
    if any(build in passed for build in others):
        return f"those kept were gone back from; {PUBLISH} all the same, and 'discoverer builds' says why they were."
    removed = [entry for entry in history if entry.event is Event.REMOVED]
    if others:
        return "those before it cannot be read, or hold records that have since been deleted; build again."
    if removed and removed[-1].reason:
        return "those before it held records that have since been deleted or closed; mend the source, then build again."
    if removed:
        return "those before it were removed; raise keep_builds to keep more from now on."
    return "no other is kept; mend the source, then build again."
