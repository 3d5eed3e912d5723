"""Who asks, and what they may read. One invented viewer to begin with; roles arrive with access control."""

from __future__ import annotations

from dataclasses import dataclass

from discoverer.model import Visibility
from index.reader import Scope


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking.

    Attributes:
        name: str, how they are known.
        role: str, e.g. 'call_handler'.
        log: str, the incident log in hand, which is the reason for the look; '' when none.
        reason: str, any other reason; '' when none.
    """

    name: str
    role: str
    log: str = ""
    reason: str = ""


DEMO_VIEWER = Viewer("demo", "call_handler")


def scope_of(viewer: Viewer) -> Scope:
    """Return what a viewer may read: until roles arrive, everything but protected places and people."""
    del viewer
    return Scope(frozenset({Visibility.OPEN, Visibility.RESTRICTED}))
