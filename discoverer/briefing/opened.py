"""What a briefing is made from: what a viewer may read of one hit, and the reader by which more of it is read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime

from discoverer.access import Viewer
from discoverer.answer import HitKind, Shown
from discoverer.found import Found
from discoverer.history.material import Depth
from discoverer.policy.rules import Policy
from index.reader import Reader


@dataclass(frozen=True, slots=True)
class Opened:
    """One hit, open for reading.

    Attributes:
        reader: scoped to whoever asked; good only while it is lent.
        found: what the id names.
        shown: as `show` tells it.
        policy: in force.
        now: the instant that counts as now.
    """

    reader: Reader
    found: Found
    shown: Shown
    policy: Policy
    now: datetime


Opening = Callable[[Viewer, HitKind, str, Depth], AbstractContextManager[Opened]]
"""Lends what a viewer may read of what an id names. Raises NotFound, IndexUnavailable."""
