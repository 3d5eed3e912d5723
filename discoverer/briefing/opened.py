"""What a briefing is made from: what a viewer may read of one hit, and the reader by which more of it is read."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

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


class Opening(Protocol):
    """Lends what a viewer may read of what an id names."""

    def __call__(
        self, viewer: Viewer, kind: HitKind, ident: str, depth: Depth, at: datetime | None = None
    ) -> AbstractContextManager[Opened]:
        """Open it.

        Args:
            viewer: who asks.
            kind: what the id must name.
            ident: as `show` takes it.
            depth: how much is read.
            at: the instant that counts as now; None: the present one.

        Raises:
            NotFound: it names nothing that this viewer may read.
            IndexUnavailable: there is nothing to read.
        """
        ...
