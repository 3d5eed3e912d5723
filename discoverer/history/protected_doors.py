"""Orders that protect a door or those who live behind it, though they bind somebody who has moved out.

What stood against a tenant of yesterday is not today's; but an occupation order is made to put somebody out of a home
and keep them out, so that it stands at this door exactly because they no longer live there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from discoverer.normalise.addresses import read_address
from discoverer.normalise.names import read_names
from discoverer.normalise.text import words as words_of
from discoverer.parts import Statement, Topic, Whose

OCCUPATION = "occupation"


def at_this_door(each: Statement, doors: Collection[str], residents: Sequence[str]) -> Statement:
    """Return a statement as the place's own, where it is an order on a previous occupant that protects the place.

    Args:
        each: any statement.
        doors: the place as written, without its area.
        residents: names of those who live there, or may, as written.
    """
    if each.topic is not Topic.ORDER or each.whose is not Whose.PREVIOUS:
        return each
    named = [address.without_area for place in each.places if (address := read_address(place, ""))]
    said = set(words_of(" ".join((*each.protects, *each.conditions))))
    names = [set(name.tokens) for written in residents for part in written.split(" / ") for name in read_names(part)]
    keeps_out = any(door and door in doors for door in named) or (each.kind == OCCUPATION and not named)
    protects = any(len(name) > 1 and name <= said for name in names)
    return replace(each, whose=Whose.PLACE) if keeps_out or protects else each
