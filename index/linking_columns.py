"""What mentions say as columns of numbers, from which the rows of persons so far are put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from index.linking_gathered import (
    Gathered,
    areas_of,
    births_of,
    company_of,
    homes_of,
    identifiers_of,
    names_of,
    phones_of,
    scenes_of,
    spans_of,
)
from index.linking_numbers import Numbers, either_way
from index.linking_ragged import Ints, Mask, Ragged, bounds_of, chained, empty, numbered
from index.linking_spelt import Names
from index.linking_types import Candidate

# How many bits the number of a value, and of an area, may take.
VALUE_BITS, AREA_BITS = 29, 20
_VALUES: dict[str, Callable[[Candidate], Sequence[Any]]] = {
    "identifiers": identifiers_of,
    "phones": phones_of,
    "homes": homes_of,
    "scenes": scenes_of,
    "births": births_of,
    "company": company_of,
}


class Members(NamedTuple):
    """Which mentions persons so far are made of.

    Attributes:
        roots: the component of each.
        mentions: the places of its mentions among all that were taken in.
        fresh: whether it is to be compared with all, or with those that are only.
    """

    roots: Ints
    mentions: Ragged
    fresh: Mask

    def taken(self, places: Ints) -> Members:
        """Return some of them."""
        return Members(self.roots[places], self.mentions.taken(places), self.fresh[places])

    def followed_by(self, others: Members) -> Members:
        """Return these, and others behind them."""
        return Members(
            np.concatenate((self.roots, others.roots)),
            chained(self.mentions, others.mentions),
            np.concatenate((self.fresh, others.fresh)),
        )


class Said:
    """What every mention says, each value as a number.

    Attributes:
        names: the names, taken apart.
        area_values: for the number of an area its number among all values; 0 has none.
        either_way: for every value the number of it as a date with day and month in order of size; 0: it is no date.
        slips: for every value, as a date, the numbers of its forms that meet those of a date one slip away.
        buildings: for every value, as a place, the number of it without its flat; 0: it is no place.
    """

    def __init__(self) -> None:
        self.names = Names()
        self.area_values = np.zeros(1, np.int64)
        self.either_way = self.buildings = np.zeros(1, np.int64)
        self.slips = empty(1)
        self._values = Numbers[str](VALUE_BITS)
        self._areas = Numbers[str](AREA_BITS)
        self._columns: dict[str, Ragged] = {column: empty() for column in ("names", "areas", *_VALUES)}
        self._low = self._high = np.empty(0, np.int64)
        self._spans = empty()

    def add(self, mentions: Sequence[Candidate]) -> None:
        """Take in mentions: their columns are written behind those taken in before."""
        areas = [areas_of(each) for each in mentions]
        self._extend("areas", numbered(areas, self._areas.__getitem__))
        known = len(self.area_values) - 1
        new = [self._values[area] for area in list(self._areas)[known:]]
        self.area_values = np.concatenate((self.area_values, np.array(new, np.int64)))
        for column, of in _VALUES.items():
            self._extend(column, numbered([of(each) for each in mentions], self._values.__getitem__))
        self._extend("names", numbered([names_of(each) for each in mentions], self.names.numbers.__getitem__))
        self.names.take_apart()
        self._add_spans([spans_of(each) for each in mentions])
        self._work_out(mentions)

    def _extend(self, column: str, more: Ragged) -> None:
        self._columns[column] = chained(self._columns[column], more)

    def _add_spans(self, spans: Sequence[Sequence[tuple[int, int]]]) -> None:
        flat = np.array([span for each in spans for span in each], np.int64).reshape(-1, 2)
        self._low, self._high = np.concatenate((self._low, flat[:, 0])), np.concatenate((self._high, flat[:, 1]))
        bounds = bounds_of(np.fromiter(map(len, spans), np.int64, count=len(spans)))
        places = np.arange(len(self._low) - len(flat), len(self._low))
        self._spans = chained(self._spans, Ragged(places, bounds))

    def _work_out(self, mentions: Iterable[Candidate]) -> None:
        """Work out what dates and places say beside themselves, for those met now for the first time."""
        known = len(self.either_way)
        births = dict.fromkeys(birth for each in mentions for birth in births_of(each))
        places = dict.fromkeys(place for each in mentions for place in (*homes_of(each), *scenes_of(each)))
        dates = {at: birth.replace("-", "") for birth in births if (at := self._values[birth]) >= known}
        swapped = {at: self._values[either_way(digits)] for at, digits in dates.items()}
        slips = {
            at: [self._values[f"{digits[:place]}.{digits[place + 1 :]}"] for place in range(3, 8)]
            for at, digits in dates.items()
        }
        beside = {at: self._values[place.partition("|")[2]] for place in places if (at := self._values[place]) >= known}
        size = len(self._values) + 1
        self.either_way = _extended(self.either_way, size, swapped)
        self.buildings = _extended(self.buildings, size, beside)
        more = numbered([[*slips[at], swapped[at]] if at in slips else () for at in range(known, size)], int)
        self.slips = chained(self.slips, more)

    def of(self, column: str, members: Members) -> Ragged:
        """Return a column of persons so far, each value once.

        Args:
            column: 'names' (their numbers less one), 'areas' (numbers of areas), 'identifiers', 'phones', 'homes',
                'scenes', 'births', 'company'.
            members: the persons.
        """
        found = self._columns[column].through(members.mentions).distinct()
        return found.mapped(found.values - 1) if column == "names" else found

    def years(self, members: Members) -> tuple[Ints, Ints, Mask]:
        """Return the (first, last) birth year that all spans of each person allow, or that lie between them.

        Returns:
            (first, last, whether nothing is known).
        """
        spans = self._spans.through(members.mentions)
        nothing = spans.lengths == 0
        low, high = np.zeros(spans.rows, np.int64), np.zeros(spans.rows, np.int64)
        if len(spans.values):
            starts = spans.bounds[:-1][~nothing]
            low[~nothing] = np.maximum.reduceat(self._low[spans.values], starts)
            high[~nothing] = np.minimum.reduceat(self._high[spans.values], starts)
        return np.minimum(low, high), np.maximum(low, high), nothing

    def telling(self, tells: Callable[[str], bool]) -> Mask:
        """Return for the number of every area whether sharing it says anything."""
        return np.fromiter((False, *map(tells, self._areas)), np.bool_, count=len(self._areas) + 1)


def _extended(held: Ints, size: int, more: Mapping[int, int]) -> Ints:
    """Return a column made longer, with what is known of some of the new places; 0 for the rest."""
    found = np.zeros(size, np.int64)
    found[: len(held)] = held
    if more:
        found[np.fromiter(more, np.int64, count=len(more))] = np.fromiter(more.values(), np.int64, count=len(more))
    return found


def members_of(gathered: Mapping[int, Gathered], place: Mapping[int, int]) -> Members:
    """Return persons as the places of their mentions.

    Args:
        gathered: component -> its mentions.
        place: a mention's number -> its place among all that were taken in.
    """
    persons, size = gathered.values(), len(gathered)
    bounds = bounds_of(np.fromiter((len(one.members) for one in persons), np.int64, count=size))
    places = (place[member.number] for one in persons for member in one.members)
    return Members(
        np.fromiter(gathered, np.int64, count=size),
        Ragged(np.fromiter(places, np.int64, count=int(bounds[-1])), bounds),
        np.fromiter((one.fresh for one in persons), np.bool_, count=size),
    )
