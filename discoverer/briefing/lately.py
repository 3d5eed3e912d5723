"""The briefings shown lately, in memory: what changed between reading one and giving it can then be said in words."""

from __future__ import annotations

import threading
from collections import OrderedDict

from discoverer.briefing.parts import Briefing

MOST = 200  # more than are open in one control room at once; of an older one it is only said that something changed


class Lately:
    """The last briefings that were shown; several threads may use it at once."""

    def __init__(self) -> None:
        """Begin with none; a server that is started again has shown none."""
        self._shown: OrderedDict[str, Briefing] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, briefing: Briefing) -> None:
        """Keep a briefing that is being shown, and let go of the oldest."""
        with self._lock:
            self._shown[briefing.fingerprint] = briefing
            self._shown.move_to_end(briefing.fingerprint)
            while len(self._shown) > MOST:
                self._shown.popitem(last=False)

    def find(self, fingerprint: str) -> Briefing | None:
        """Return the briefing shown that bears a fingerprint; None when it is not known any more."""
        with self._lock:
            return self._shown.get(fingerprint)
