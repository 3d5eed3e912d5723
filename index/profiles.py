"""From the mentions of one group to the one profile that is compared and indexed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from discoverer.codec import decoder
from discoverer.match.profiles import EventProfile, PersonProfile, PhoneProfile, PlaceProfile, Profile
from discoverer.normalise.addresses import Address

# Past this a person's distinct names, homes and areas are noise (a nominal shared by a whole hostel).
MOST_VALUES = 32
# Past this the writings of one address are misspellings of each other.
MOST_WRITINGS = 8

DECODERS: dict[str, Callable[[bytes | str], Profile]] = {
    "person": decoder(PersonProfile),
    "location": decoder(PlaceProfile),
    "phone": decoder(PhoneProfile),
    "event": decoder(EventProfile),
}


def decode(kind: str, data: bytes) -> Profile:
    """Read an encoded profile back.

    Args:
        kind: 'person' | 'location' | 'phone' | 'event'.
        data: what discoverer.codec.encode wrote.
    """
    return DECODERS[kind](data)


def merge(values: Sequence[Profile]) -> Profile:
    """Make one profile of a group's mentions, each value once, in the order given; at least one value."""
    first = values[0]
    if isinstance(first, PersonProfile):
        return _merge_people([value for value in values if isinstance(value, PersonProfile)])
    if isinstance(first, PlaceProfile):
        return _merge_places([value for value in values if isinstance(value, PlaceProfile)])
    if isinstance(first, PhoneProfile):
        alike = [value for value in values if isinstance(value, PhoneProfile)]
        text_only = all(value.text_only for value in alike)
        assumed = all(value.assumed for value in alike)
        return replace(first, text_only=text_only, assumed=assumed, households=sum(value.households for value in alike))
    return first


def _merge_places(places: Sequence[PlaceProfile]) -> PlaceProfile:
    """Gather the ways one door is written: one of each set of words, since any of them may be asked for."""
    writings: dict[tuple[tuple[str, ...], str], Address] = {}
    for place in places:
        for address in place.writings:
            writings.setdefault((address.words, address.postcode or address.outward), address)
    first, *others = [*writings.values()][:MOST_WRITINGS]
    return PlaceProfile(first, all(place.text_only for place in places), tuple(others))


def _merge_people(people: Sequence[PersonProfile]) -> PersonProfile:
    """Gather what several mentions of one person say."""
    births = _gather(person.births for person in people)
    return PersonProfile(
        names=_gather(person.names for person in people),
        generations=_gather(person.generations for person in people),
        births=births,
        years=() if births else _gather(person.years for person in people),
        identifiers=_gather(person.identifiers for person in people),
        unverified=_gather(person.unverified for person in people),
        phones=_gather(person.phones for person in people),
        homes=_gather(person.homes for person in people),
        areas=_gather(person.areas for person in people),
        text_only=all(person.text_only for person in people),
        sexes=_gather(person.sexes for person in people),
    )


def _gather(values: Iterable[tuple]) -> tuple:  # type: ignore[type-arg]  # any tuple, the same kind out
    """Return distinct items in order, at most MOST_VALUES."""
    return tuple(dict.fromkeys(item for value in values for item in value))[:MOST_VALUES]
