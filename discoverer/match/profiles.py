"""What is compared: the cleaned values of one person, place or number.

A query is the same class with most fields blank, so the two can never be cleaned differently.
"""

from __future__ import annotations

from dataclasses import dataclass

from discoverer.normalise.addresses import Address


@dataclass(frozen=True, slots=True)
class PersonProfile:
    """The cleaned values of one person (a group of mentions) or of a query for one.

    Attributes:
        names: tuple[tuple[str, ...], ...], distinct names as folded tokens in written order.
        generations: tuple[str, ...], 'snr' or 'jnr' where written.
        births: tuple[str, ...], dates of birth 'YYYY', 'YYYY-MM' or 'YYYY-MM-DD'.
        years: tuple[tuple[int, int], ...], (first, last) birth year that a written age allows.
        identifiers: tuple[str, ...], 'scheme:canonical' of identifiers whose check letter is right.
        unverified: tuple[str, ...], 'scheme:canonical' of those whose check letter is wrong or unknown.
        phones: tuple[str, ...], E.164 numbers held by the person.
        homes: tuple[str, ...], addresses without their area, flats apart ('flat 2|14|hillaires test road').
        areas: tuple[str, ...], outward postcodes and localities ('b23', 'erdington') of their homes or, where a record
            gives them none, of its scene.
        text_only: bool, only ever found in running text.
        sexes: tuple[str, ...], 'man', 'woman', as records say.
    """

    names: tuple[tuple[str, ...], ...] = ()
    generations: tuple[str, ...] = ()
    births: tuple[str, ...] = ()
    years: tuple[tuple[int, int], ...] = ()
    identifiers: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    homes: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    text_only: bool = False
    sexes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceProfile:
    """The cleaned values of one location.

    Attributes:
        address: its parts; flats of one building are different places.
        text_only: bool, only ever found in running text.
        others: tuple[Address, ...], other writings of the same door, with other words: a firm's name, another district.
    """

    address: Address
    text_only: bool = False
    others: tuple[Address, ...] = ()

    @property
    def writings(self) -> tuple[Address, ...]:
        """Every way its address is written."""
        return (self.address, *self.others)


@dataclass(frozen=True, slots=True)
class PhoneProfile:
    """One telephone number.

    Attributes:
        e164: str, '+447700900417'; of what is no whole number its digits as written, without '+'.
        households: int, how many unrelated households hold or used it, to tell a shared number.
        assumed: bool, in every mention its dialling code was taken from the area, or it is no whole number.
        text_only: bool, only ever found in running text.
    """

    e164: str
    households: int = 0
    assumed: bool = False
    text_only: bool = False


@dataclass(frozen=True, slots=True)
class EventProfile:
    """One record, found by its own reference, a vehicle mark or its words.

    Attributes:
        references: tuple[str, ...], canonical references that lead to it.
    """

    references: tuple[str, ...] = ()


Profile = PersonProfile | PlaceProfile | PhoneProfile | EventProfile
