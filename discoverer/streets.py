"""The streets and towns that the places of an index stand in, by a word of theirs: never a door, never who lives there.

They are read through the reader of whoever asks. A place that some record protects is left out altogether, as it is
wherever places are offered (`Reader.kept_back`), and so is what is known from running text alone: it may be anything.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from discoverer.match.profiles import PlaceProfile
from discoverer.match.similarity import one_slip
from discoverer.normalise.address_words import is_place
from discoverer.normalise.addresses import Address
from discoverer.normalise.names import is_title
from index.profiles import decode
from index.reader import Reader

# Words of a street's name at most: what is longer is a sentence somebody typed into an address.
LONGEST = 4
# Letters from which on a street may be another's misspelt, and how many times as many places the other has then.
SLIP_LETTERS = 6
CLEARLY_MORE = 2
_CARE_OF = re.compile(r"\bc\W?o\b|\bcare\s+of\b", re.IGNORECASE)
_NO_NAME = re.compile(r"\d(?!\d*(?:st|nd|rd|th)$)")  # a figure, but not that of 3rd Avenue


class Street(NamedTuple):
    """A street in one area, or a town or district.

    Attributes:
        name: tuple[str, ...], folded words, without the type: ('hillaires', 'test'); of a town all of them.
        kind: str, 'road'; '' for a town.
        outward: str, 'B23'; '' when not known, and for a town.
        towns: tuple[str, ...], the towns and districts it was written in, the nearest first; () for a town.
    """

    name: tuple[str, ...]
    kind: str
    outward: str
    towns: tuple[str, ...]

    @property
    def is_town(self) -> bool:
        """Whether it is a town or district."""
        return not self.kind

    @property
    def words(self) -> tuple[str, ...]:
        """Every word it may be asked for by: of its name, its type and its towns."""
        return (*self.name, *filter(None, (self.kind,)), *(word for town in self.towns for word in town.split()))

    @property
    def label(self) -> str:
        """How it is offered: 'Hillaires Test Road, B23', 'Hillaires Test Road, Erdington', 'Erdington'."""
        area = self.outward or (self.towns[0].title() if self.towns else "")
        written = " ".join((*self.name, self.kind)).strip().title()
        return f"{written}, {area}" if area else written


def streets_under(reader: Reader, keys: Iterable[tuple[str, int]]) -> Counter[Street]:
    """Return the streets and towns of the places in scope under some keys, and how many places stand in each.

    Args:
        reader: scoped.
        keys: (key, places read of it at most).
    """
    numbers = {number for key, most in keys for number in reader.look_up(key, most).ids}
    docs = [doc for doc in reader.docs(numbers) if doc.kind == "location" and doc.grp is not None]
    back = reader.kept_back({doc.grp for doc in docs if doc.grp is not None})
    found: Counter[Street] = Counter()
    for doc in docs:
        profile = decode(doc.kind, doc.profile)
        if doc.grp not in back and isinstance(profile, PlaceProfile) and not profile.text_only:
            found.update({street for address in profile.writings for street in _streets_of(address)})
    return found


def _streets_of(address: Address) -> Iterator[Street]:
    """Yield the street of an address and the towns it stands in, where they are surely that.

    'Mandy Lane, Erdington' may be somebody: a street has a house number, and is not where somebody is written to.
    """
    towns = tuple(town for town in address.localities if is_place(town))
    yield from (Street(tuple(town.split()), "", "", ()) for town in towns)
    if address.beside or not (address.house and address.street and address.street_type):
        return
    if len(address.street) > LONGEST or _CARE_OF.search(address.raw):
        return
    if not any(_NO_NAME.search(word) or is_title(word) for word in address.street):
        yield Street(address.street, address.street_type, address.outward, towns)


def told_apart(found: Mapping[Street, int]) -> list[Street]:
    """Return each street once an area: by its postcode district, by its town only where no district is known for it.

    The same street is written with a district, with a town, with neither, and with slips; the lesser writings of one
    that is known better would only fill the list.

    Args:
        found: street -> places that stand in it.
    """
    towns_of: dict[tuple[tuple[str, ...], str], set[str]] = {}
    places: dict[tuple[str, str], dict[Street, int]] = {}
    for street in sorted(found, key=lambda each: (not each.outward, -len(each.towns), each)):
        known = towns_of.setdefault((street.name, street.kind), set())
        lesser = not street.outward and (known if not street.towns else known & set(street.towns))
        if lesser and not street.is_town:
            continue
        known.update(street.towns or {street.outward} - {""})
        area = places.setdefault((street.kind, street.outward or " ".join(street.towns[:1])), {})
        first = next((each for each in area if each.name == street.name), street)
        area[first] = area.get(first, 0) + found[street]
    return [street for area in places.values() for street in area if not _is_slip(street, area)]


def _is_slip(street: Street, area: Mapping[Street, int]) -> bool:
    """Tell whether a street of an area is another's misspelt: one slip from it, and borne by fewer places by far."""
    name = " ".join(street.name)
    return len(name) >= SLIP_LETTERS and any(
        most >= CLEARLY_MORE * area[street] and other is not street and one_slip(name, " ".join(other.name))
        for other, most in area.items()
    )
