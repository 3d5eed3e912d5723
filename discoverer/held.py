"""A record as one hit holds it."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from discoverer.model import Record


class Held(NamedTuple):
    """A record with the part a hit plays in it.

    Attributes:
        record: as far as it is in scope.
        positions: Collection[int] | None, the hit's mention positions in it; None: the record as a whole, as a
            place, a number or the event itself holds it.
    """

    record: Record
    positions: Collection[int] | None
