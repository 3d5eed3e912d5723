"""People whom the force lists, such as its own officers and staff: which records name any of them.

Whoever works for the force finds themselves, a colleague or a neighbour in its records, and hundreds have been
disciplined for looking. A rule may close what names somebody of a list (domain guide 4.4: police staff as victims or
suspects). The list is the force's own file, read by the builder alone: it says who is on it and where they live.
"""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from discoverer.clock import now
from discoverer.errors import ConfigError
from discoverer.model import Record
from discoverer.normalise.addresses import Address, read_address
from discoverer.normalise.dates import read_birth_date
from discoverer.normalise.identifiers import find_identifiers, read_identifier
from discoverer.normalise.names import read_names
from discoverer.normalise.phones import find_phones, read_phones
from discoverer.normalise.sounds import sound
from discoverer.validation import Field, Phrase, Spec, check, field_validator, model_validator, read_toml

MODE = 0o077
"""Whoever but its owner may do anything with the file: nobody."""


class Entry(Spec):
    """One person of a list.

    Attributes:
        list: str, the list they are on, one of the file's `lists`.
        names: as people write them, forename first, every one they are known by; it is the surname that tells.
        born: str, in any writing; '' when not known.
        numbers, addresses, identifiers: in any writing.
        why: str, in one line; never what is protected.
    """

    list: str
    names: tuple[str, ...] = ()
    born: str = ""
    numbers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    why: Phrase

    @model_validator(mode="after")
    def _can_be_told(self) -> Entry:
        """Refuse whoever nothing could be told by, and what cannot be read: it would close nothing, unnoticed."""
        unread = [f"the number '{each}'" for each in self.numbers if not _numbers(each)]
        unread += [f"the address '{each}'" for each in self.addresses if not _door(read_address(each))]
        unread += [f"the identifier '{each}'" for each in self.identifiers if not _identifier(each)]
        unread += [f"the date of birth '{self.born}'"] if self.born and not _births(self.born) else []
        if unread:
            raise ValueError(f"{' and '.join(unread)} cannot be read, so nothing could be told by it; write it in full")
        by_name = bool(self.names) and bool(self.born or self.addresses)
        if not (by_name or self.numbers or self.identifiers):
            raise ValueError(
                "give a number, an identifier, or names with a date of birth or an address; by less nobody can be told"
            )
        return self


class _File(Spec):
    """The file.

    Attributes:
        lists: the names of its lists; one may be empty.
        person: everybody on them.
    """

    lists: tuple[str, ...] = Field(min_length=1)
    person: tuple[Entry, ...] = ()

    @field_validator("lists")
    @classmethod
    def _plain(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if odd := [each for each in value if not each.replace("-", "").isalnum() or not each.islower()]:
            raise ValueError(f"'{odd[0]}' is no name of a list; use small letters, figures and '-'")
        return value

    @model_validator(mode="after")
    def _on_known_lists(self) -> _File:
        if unknown := sorted({each.list for each in self.person} - set(self.lists)):
            raise ValueError(f"somebody is on '{unknown[0]}', and the lists are {', '.join(self.lists)}")
        return self


@dataclass(frozen=True, slots=True)
class _Known:
    """One person as records are held against them."""

    surnames: frozenset[str]
    births: frozenset[str]
    doors: frozenset[str]


def _by_value(found: Iterable[tuple[str, Entry]]) -> dict[str, frozenset[str]]:
    """Return value -> the lists on which somebody has it."""
    lists: dict[str, frozenset[str]] = {}
    for value, entry in found:
        lists[value] = lists.get(value, frozenset()) | {entry.list}
    return lists


class Listed:
    """Everybody on the lists, as records are held against them; can be given to other processes.

    Attributes:
        lists: the names of the lists.
        digest: str, a hash that changes when anybody does.
    """

    def __init__(self, lists: Iterable[str] = (), people: Iterable[Entry] = ()) -> None:
        """Take them."""
        self.lists = frozenset(lists)
        entries = tuple(people)
        self.digest = hashlib.sha256(repr((sorted(self.lists), entries)).encode()).hexdigest()[:16]
        self._numbers = _by_value(
            (number, each) for each in entries for raw in each.numbers for number in _numbers(raw)
        )
        self._identifiers = _by_value((_identifier(raw), each) for each in entries for raw in each.identifiers)
        self._known = [(each.list, _known_of(each)) for each in entries if each.names]

    def naming(self, record: Record) -> frozenset[str]:
        """Return the lists of which a record names somebody.

        By a number or identifier, in running text too; or by a surname with a date of birth or an address of it.
        """
        nobody = frozenset[str]()
        found = {name for each in self._numbers_in(record) for name in self._numbers.get(each, nobody)}
        found |= {name for each in self._identifiers_in(record) for name in self._identifiers.get(each, nobody)}
        doors = {door for place in record.locations if (door := _door(read_address(place.text, place.postcode)))}
        people = [(_heard(person.names), _births(*person.dobs)) for person in record.persons]
        for name, known in self._known:
            at_home = not doors.isdisjoint(known.doors)
            if name not in found and any(
                heard & known.surnames and (at_home or births & known.births) for heard, births in people
            ):
                found.add(name)
        return frozenset(found)

    def _numbers_in(self, record: Record) -> Iterable[str]:
        """Return the numbers of a record; its texts are read where there are numbers to find."""
        yield from (number for phone in record.phones for number in _numbers(phone.text, phone.area))
        if self._numbers:
            yield from (each.e164 for text in _texts(record) for each in find_phones(text) if each.e164)

    def _identifiers_in(self, record: Record) -> Iterable[str]:
        """Return the identifiers of a record; its texts are read where there are some to find."""
        if self._identifiers:
            yield from (_identifier(each.raw) for person in record.persons for each in person.identifiers)
            yield from (_identifier(each.raw) for each in record.references)
            yield from (each.canonical for text in _texts(record) for each in find_identifiers(text))


NOBODY = Listed()
"""No file, or one with nobody."""


def read_listed(path: Path | None) -> Listed:
    """Read the file; None: there is none.

    Raises:
        ConfigError: it is not there, others than its owner may get at it, or it has mistakes; with all of them.
    """
    if path is None:
        return NOBODY
    found = check(_File, read_toml(path), str(path))
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & MODE:
        closing = f"it says who is listed, and others than its owner may get at it (mode {mode:03o}); chmod 600 it."
        raise ConfigError(str(path), [closing])
    return Listed(found.lists, found.person)


def _known_of(entry: Entry) -> _Known:
    """Return a person as records are held against them."""
    doors = {_door(read_address(each)) for each in entry.addresses}
    return _Known(_heard(entry.names, surnames=True), _births(entry.born), frozenset(doors - {""}))


def _heard(names: Iterable[str], *, surnames: bool = False) -> frozenset[str]:
    """Return the words of names, or their last alone, as they sound: a slip of the pen must not open a record."""
    read = (name.tokens for raw in names for name in read_names(raw))
    tokens = (token for each in read for token in (each[-1:] if surnames else each) if len(token) > 1)
    return frozenset(sound(token) or token for token in tokens)


def _texts(record: Record) -> Iterable[str]:
    """Return everything of a record that somebody wrote in their own words."""
    yield record.summary
    yield from (text.text for text in record.texts)
    yield from (text for _, text in record.notes)
    yield from (text for order in record.orders for text in (*order.conditions, *order.protects))
    yield from (marker.note for marker in record.markers)


def _births(*written: str) -> frozenset[str]:
    """Return whole dates of birth, those with day and month exchanged too."""
    read = (each for raw in written if (each := read_birth_date(raw, now().date())) is not None)
    days = (day for each in read for day in (each.value, each.swapped))
    return frozenset(day for day in days if len(day) == len("YYYY-MM-DD"))


def _door(address: Address | None) -> str:
    """Return a door without its area, which is often left out; '' when it is none."""
    return address.without_area if address else ""


def _numbers(raw: str, area: str = "") -> list[str]:
    """Return the whole numbers in a field."""
    return [each.e164 for each in read_phones(raw, area) if each.e164]


def _identifier(raw: str) -> str:
    """Return a valid identifier in its one form; '' for what is none."""
    found = read_identifier(raw)
    return found.canonical if found and found.valid else ""
