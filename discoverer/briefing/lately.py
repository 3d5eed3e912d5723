"""What the briefings shown lately rest on, in memory: what changed between reading one and giving it can be told."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import NamedTuple

from discoverer.briefing.parts import Briefing, Rested

MOST = 200  # more than are open in one control room at once; of an older one it is only said that something changed


class Basis(NamedTuple):
    """What a briefing rests on; no words of it are kept.

    Attributes:
        rested, cut: as of `Briefing`.
    """

    rested: tuple[Rested, ...]
    cut: bool


class Lately:
    """The last briefings that were shown; several threads may use it at once."""

    def __init__(self) -> None:
        """Begin with none; a server that is started again has shown none."""
        self._shown: OrderedDict[str, Basis] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, briefing: Briefing) -> None:
        """Keep what a briefing that is being shown rests on, and let go of the oldest."""
        with self._lock:
            self._shown[briefing.fingerprint] = Basis(briefing.rested_on, briefing.cut)
            self._shown.move_to_end(briefing.fingerprint)
            while len(self._shown) > MOST:
                self._shown.popitem(last=False)

    def find(self, fingerprint: str) -> Basis | None:
        """Return what the briefing with a fingerprint rests on; None when it is not known any more."""
        with self._lock:
            return self._shown.get(fingerprint)
