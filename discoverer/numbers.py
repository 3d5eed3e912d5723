"""Telephone numbers found: whole, by their last digits, or one slip away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from discoverer.answer import HitKind
from discoverer.candidates.pool import LIST_LIMIT
from discoverer.found import Found, found_of, grouped
from discoverer.match.phone import score_phone, score_tail
from discoverer.match.profiles import PhoneProfile
from discoverer.match.weights import Weights
from discoverer.normalise.phones import near_numbers, slipped_numbers
from discoverer.query import Query
from index import keys
from index.people import DocRow
from index.profiles import decode, merge
from index.reader import Reader


def find_numbers(reader: Reader, query: Query, weights: Weights) -> tuple[list[Found], int]:
    """Find numbers: whole, by their last digits, or one slip away when the whole number is not held."""
    found: dict[int, Found] = {}
    about = 0
    for e164 in query.phones:
        exact = reader.look_up(keys.phone(e164), LIST_LIMIT).ids
        numbers = exact or _held_numbers(reader, slipped_numbers(e164))
        for group, docs in grouped(reader.docs(numbers)).items():
            found.setdefault(group, _phone_found(group, docs, weights, exact=bool(exact)))
    for digits in query.tails:
        meant = _held_numbers(reader, near_numbers(digits))
        for group, docs in grouped(reader.docs(meant)).items():
            found.setdefault(group, _phone_found(group, docs, weights, exact=False))
        ending = reader.look_up(keys.tail(digits), LIST_LIMIT)
        about = max(about, ending.total if ending.total > len(ending.ids) else 0)
        for group, alike in grouped(reader.docs(ending.ids)).items():
            scored = score_tail(_phone_profile(alike), digits, weights)
            found.setdefault(group, found_of(HitKind.PHONE, group, alike, scored))
    return list(found.values()), about


def _held_numbers(reader: Reader, numbers: Iterable[str]) -> list[int]:
    """Return the documents of those numbers that are held."""
    return [number for e164 in numbers for number in reader.look_up(keys.phone(e164), 1).ids]


def _phone_profile(docs: Sequence[DocRow]) -> PhoneProfile:
    """Return the profile of a number."""
    profile = merge([decode(doc.kind, doc.profile) for doc in docs])
    if not isinstance(profile, PhoneProfile):
        raise TypeError("not a number")
    return profile


def _phone_found(group: int, docs: Sequence[DocRow], weights: Weights, *, exact: bool) -> Found:
    """Judge a number found whole, or one slip away."""
    return found_of(HitKind.PHONE, group, docs, score_phone(_phone_profile(docs), weights, exact=exact))
