"""Keys: the only place that says what is searchable.

A key is '<field>:<value>'. The same functions write the keys of a document and the keys of a query, so the
two cannot disagree. Keys are rare by design (two tokens, a token with a district, a house number with a
street word), because a rare key is answered in microseconds where a common one is not.

| field | value | document |
|---|---|---|
| n1 | one name token, or two neighbouring ones run together | person |
| n2 | two name tokens of one name, in alphabetical order | person |
| ni | an initial and another token of one name | person |
| na | a name token and an area (outward postcode or locality) | person |
| db | a date of birth, as precise as known | person |
| id | an identifier, scheme and canonical form | person |
| a1 | one address word | place |
| a2 | two address words, in alphabetical order | place |
| hs | number of a house or flat (its digits) and an address word | place |
| hp | number of a house or flat (its digits) and postcode | place |
| pc | postcode | place |
| ps | postcode sector | place |
| ph | E.164 number | phone |
| pt | last six digits of a number | phone |
| pb | first six, seven or eight digits of a number | phone |
| pg | digits of a number with one left out | phone |
| rf | a reference or vehicle mark in canonical form, or a log that is named | event |
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import combinations, pairwise

from discoverer.match.doors import MOST_NUMBERS, numbers_of
from discoverer.match.place import plain_words
from discoverer.match.profiles import EventProfile, PersonProfile, PhoneProfile, PlaceProfile, Profile
from discoverer.normalise.addresses import Address
from discoverer.normalise.phones import significant

TAIL = 6
# First digits of a number that are looked up; longer beginnings are held against what these find.
BEGINNINGS = (6, 7, 8)
# A name of more tokens than this is a list of people; its first tokens are the ones asked for.
LONGEST_NAME = 8
LONGEST_ADDRESS = 12


def document_keys(profile: Profile) -> set[str]:
    """Return every key of one document.

    Raises:
        TypeError: not one of the four kinds of profile.
    """
    match profile:
        case PersonProfile():
            return person_keys(profile)
        case PlaceProfile():
            return {key for address in profile.writings for key in place_keys(address)}
        case PhoneProfile():
            return phone_keys(profile.e164)
        case EventProfile():
            return {reference(each) for each in profile.references}
    raise TypeError(f"no keys for {type(profile).__name__}")


def person_keys(person: PersonProfile) -> set[str]:
    """Return the keys of a person: names whole, in pairs, by initial and by area; births; identifiers."""
    keys = {birth(value) for value in person.births}
    keys |= {identifier(value) for value in (*person.identifiers, *person.unverified)}
    for tokens in person.names:
        kept = tokens[:LONGEST_NAME]
        keys |= {name(token) for token in kept}
        keys |= {name(a + b) for a, b in pairwise(kept)}
        keys |= {name_pair(a, b) for a, b in combinations(kept, 2)}
        keys |= {initial(a[0], b) for a in kept for b in kept if a != b}
        keys |= {name_area(token, area) for token in kept for area in person.areas}
    return keys


def place_keys(address: Address) -> set[str]:
    """Return the keys of a place: its words, house number with each, postcode whole and in part."""
    words = plain_words(address)[:LONGEST_ADDRESS]
    keys = {word(each) for each in words}
    keys |= {word_pair(a, b) for a, b in combinations(words, 2)}
    for number in door_numbers(address):
        keys |= {house_word(number, each) for each in words}
        if address.postcode:
            keys.add(house_postcode(number, address.postcode))
    if address.postcode:
        keys.add(postcode(address.postcode))
    if address.sector:
        keys.add(sector(address.sector))
    return keys


def phone_keys(e164: str) -> set[str]:
    """Return the keys of a number: whole, by its end, by its beginning, and with any one digit left out.

    Two numbers one slip apart (a digit wrong, left out, doubled or swapped with its neighbour) share a number with one
    digit left out, so a slip is found by a dozen look-ups (Garbe, "SymSpell", 2012: deletions alone on both sides).
    """
    digits = significant(e164)
    keys = {phone(e164), tail(e164)}
    keys |= {beginning(digits[:size]) for size in BEGINNINGS if len(digits) > size}
    return keys | {gap(each) for each in without_one(digits)}


def without_one(digits: str) -> tuple[str, ...]:
    """Return what is left of a number when any one of its digits is left out, each once."""
    return tuple(dict.fromkeys(digits[:place] + digits[place + 1 :] for place in range(len(digits))))


def house_numbers(address: Address) -> tuple[str, ...]:
    """Return the bare numbers a door may be asked for by: '14' for 14A, both ends of a range."""
    found = [match.group() for part in (address.house, address.house_end) if (match := re.match(r"\d+", part))]
    return tuple(dict.fromkeys(found))


def door_numbers(address: Address) -> tuple[str, ...]:
    """Return the bare numbers a place is known by: the house's first, then the flat's, easily exchanged for it."""
    digits = [match.group() for each in numbers_of(address) if (match := re.match(r"\d+", each))]
    return tuple(dict.fromkeys((*house_numbers(address), *digits)))[:MOST_NUMBERS]


def areas_of(address: Address) -> tuple[str, ...]:
    """Return the areas an address lies in: its outward postcode and its localities, folded."""
    found: Iterable[str] = (address.outward.lower(), *address.localities)
    return tuple(dict.fromkeys(each for each in found if each))


def name(token: str) -> str:
    """Key of one name token."""
    return f"n1:{token}"


def name_pair(first: str, second: str) -> str:
    """Key of two tokens of one name, in either order."""
    return f"n2:{min(first, second)}~{max(first, second)}"


def initial(letter: str, token: str) -> str:
    """Key of an initial beside a token of the same name."""
    return f"ni:{letter}~{token}"


def name_area(token: str, area: str) -> str:
    """Key of a name token in an area."""
    return f"na:{token}~{area}"


def birth(value: str) -> str:
    """Key of a date of birth 'YYYY[-MM[-DD]]'."""
    return f"db:{value}"


def identifier(value: str) -> str:
    """Key of 'scheme:canonical'."""
    return f"id:{value}"


def word(token: str) -> str:
    """Key of one address word."""
    return f"a1:{token}"


def word_pair(first: str, second: str) -> str:
    """Key of two words of one address, in either order."""
    return f"a2:{min(first, second)}~{max(first, second)}"


def house_word(number: str, token: str) -> str:
    """Key of a house number beside an address word."""
    return f"hs:{number}~{token}"


def house_postcode(number: str, code: str) -> str:
    """Key of a house number in a postcode."""
    return f"hp:{number}~{code}"


def postcode(code: str) -> str:
    """Key of a full postcode 'B23 6XX'."""
    return f"pc:{code}"


def sector(code: str) -> str:
    """Key of a postcode sector 'B23 6'."""
    return f"ps:{code}"


def phone(e164: str) -> str:
    """Key of a whole number."""
    return f"ph:{e164}"


def tail(digits: str) -> str:
    """Key of the last six digits of a number."""
    return f"pt:{re.sub(r'[^0-9]', '', digits)[-TAIL:]}"


def beginning(digits: str) -> str:
    """Key of the first six to eight digits of a number, without country code or leading 0; longer ones are cut."""
    return f"pb:{digits[: BEGINNINGS[-1]]}"


def gap(digits: str) -> str:
    """Key of the digits of a number of which one was left out."""
    return f"pg:{digits}"


def named_log(canonical: str) -> str:
    """Return the reference under which records that name a log are found: 'names:2731/2014-09-14'."""
    return f"names:{canonical.removeprefix('log:')}"


def reference(canonical: str) -> str:
    """Key of a reference or vehicle mark in canonical form."""
    return f"rf:{canonical}"
