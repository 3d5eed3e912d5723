"""Telephone numbers found: whole, by their first or last digits, or a slip away."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from discoverer.answer import HitKind
from discoverer.candidates.numbers import one_slip_away, same_end, same_run, two_slips_away
from discoverer.candidates.pool import LIST_LIMIT
from discoverer.found import Found, found_of, grouped, order
from discoverer.match.phone import FURTHER, MOBILE, score_beginning, score_near, score_phone, score_tail, slip
from discoverer.match.profiles import PhoneProfile
from discoverer.match.weights import Weights
from discoverer.normalise.phones import national, significant
from discoverer.query import Query
from index import keys
from index.people import DocRow
from index.profiles import decode, merge
from index.reader import Reader

# Numbers a slip away that are offered: a few after the very number, more when that is not held.
NEAR_BESIDE_EXACT = 3
NEAR_ALONE = 10
# Numbers further off than one slip are offered only where they are this few; more lie there by chance alone.
FEW = 5
# Digits of a number of which one was left out or typed twice; a United Kingdom number has ten, a few have nine.
NEARLY_WHOLE = range(9, 12)


class Numbers(NamedTuple):
    """The numbers found.

    Attributes:
        found: list[Found], each number once.
        about: int, how many fit in all where a list was cut, else 0.
        missing: tuple[str, ...], what was typed and no number in scope holds, as people say it.
    """

    found: list[Found]
    about: int
    missing: tuple[str, ...]


def find_numbers(reader: Reader, query: Query, weights: Weights) -> Numbers:
    """Find numbers: whole, by their first or last digits, or a slip away."""
    found: dict[int, Found] = {}
    about = 0
    missing: list[str] = []
    for e164 in query.phones:
        exact = _exact(reader, e164, weights)
        near, total = _near(reader, significant(e164), weights, whole=e164, beside=bool(exact))
        about = max(about, total)
        missing += [] if exact else [national(e164)]
        found = {**_aside(near, national(e164)), **found, **exact}
    for digits in query.tails:
        ending, near, total = _ended(reader, digits, weights)
        about = max(about, total)
        whole = any(not each.instead_of for each in ending.values())
        either = digits.lstrip("0") in query.beginnings
        held = whole or (either and _begins(reader, digits))
        missing += [] if held else [f"a number {'beginning with or ' if either else ''}ending in {digits}"]
        found = {**ending, **found, **near}
    for digits in query.beginnings:
        begun, total = _begun(reader, digits, weights)
        about = max(about, total)
        other = any(digits == tail.lstrip("0") for tail in query.tails)  # may be an end too, and that has been said
        missing += [] if begun or other else [f"a number beginning with 0{digits}"]
        found = {**begun, **found}
    return Numbers(list(found.values()), about, tuple(dict.fromkeys(missing)))


def _aside(near: Mapping[int, Found], typed: str) -> dict[int, Found]:
    """Mark numbers as not the one typed."""
    return {group: replace(each, instead_of=typed) for group, each in near.items()}


def _begins(reader: Reader, digits: str) -> bool:
    """Tell whether any number begins with what was read as the end of one."""
    return reader.look_up(keys.beginning(digits.lstrip("0")), 1).total > 0


def _ended(reader: Reader, digits: str, weights: Weights) -> tuple[dict[int, Found], dict[int, Found], int]:
    """Find numbers by their last digits: (those alike at the end, those a slip away, how many where a list was cut)."""
    near, total = _near(reader, digits, weights) if len(digits) in NEARLY_WHOLE else ({}, 0)
    listed = reader.look_up(keys.tail(digits), LIST_LIMIT)
    ending: dict[int, Found] = {}
    for group, docs in grouped(reader.docs(listed.ids)).items():
        number = _phone(docs)
        typed = "" if number.e164.endswith(digits) else digits
        scored = score_tail(number, digits, weights)
        ending[group] = replace(found_of(HitKind.PHONE, group, docs, scored), instead_of=typed)
    return ending, _aside(near, digits), max(total, listed.total if listed.total > len(listed.ids) else 0)


def _exact(reader: Reader, e164: str, weights: Weights) -> dict[int, Found]:
    """Find the very number."""
    held = grouped(reader.docs(reader.look_up(keys.phone(e164), LIST_LIMIT).ids))
    return {
        group: found_of(HitKind.PHONE, group, docs, score_phone(_phone(docs), weights)) for group, docs in held.items()
    }


def _near(
    reader: Reader, digits: str, weights: Weights, *, whole: str = "", beside: bool = False
) -> tuple[dict[int, Found], int]:
    """Find the held numbers nearest to one asked for, the likeliest slip first.

    Args:
        reader: scoped.
        digits: asked for, without country code or leading 0.
        weights: in force.
        whole: the number in E.164 form where it could be read, else ''.
        beside: the very number is held, so near ones may only follow it.

    Returns:
        (the nearest; how many there are in all where they are the answer and a cap cut them, else 0).
    """
    country = "+44" if not whole or whole.startswith("+44") else "+"
    judged = _judged(reader, one_slip_away(reader, digits, country) | same_run(reader, digits), digits)
    one_away = any(kind not in FURTHER for _, kind in judged.values())
    if not one_away and not beside:
        further = same_end(reader, digits) if whole else set()
        # Organisations hold many lines, a mobile is one: two of its digits differ by chance alone.
        further |= set() if digits.startswith(MOBILE) else two_slips_away(reader, digits)
        far = _judged(reader, further, digits)
        judged |= far if len(far) <= FEW else {}
    near = [
        found_of(HitKind.PHONE, group, docs, score_near(_phone(docs), kind, len(judged), weights))
        for group, (docs, kind) in judged.items()
    ]
    most = NEAR_BESIDE_EXACT if beside else NEAR_ALONE
    cut = len(near) if len(near) > most and not beside else 0
    return {each.group: each for each in sorted(near, key=order)[:most]}, cut


def _judged(reader: Reader, numbers: Collection[int], digits: str) -> dict[int, tuple[list[DocRow], str]]:
    """Name the slip between the number asked for and each candidate: group -> (its documents, the slip)."""
    judged: dict[int, tuple[list[DocRow], str]] = {}
    for group, docs in grouped(reader.docs(numbers)).items():
        held = significant(_phone(docs).e164)
        if held != digits and (kind := slip(digits, held)):
            judged[group] = docs, kind
    return judged


def _begun(reader: Reader, digits: str, weights: Weights) -> tuple[dict[int, Found], int]:
    """Find the numbers that begin with some digits; how many there are in all where the list was cut, else 0."""
    listed = reader.look_up(keys.beginning(digits), LIST_LIMIT)
    begun = {
        group: found_of(HitKind.PHONE, group, docs, score_beginning(digits, weights))
        for group, docs in grouped(reader.docs(listed.ids)).items()
        if significant(_phone(docs).e164).startswith(digits)
    }
    return begun, listed.total if listed.total > len(listed.ids) else 0


def _phone(docs: Sequence[DocRow]) -> PhoneProfile:
    """Return the profile of a number."""
    profile = merge([decode(doc.kind, doc.profile) for doc in docs])
    if not isinstance(profile, PhoneProfile):
        raise TypeError("not a number")
    return profile
