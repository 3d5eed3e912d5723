"""Finds in running text what is never in a field: names, numbers, addresses, births, identifiers, vehicles, other logs.

Everything is given as written, so that a person can see it in its place; reading it is left to the module of its kind.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from discoverer.normalise.dates import birth_date_spans
from discoverer.normalise.identifiers import find_identifiers
from discoverer.normalise.name_spans import name_spans
from discoverer.normalise.phones import phone_spans
from discoverer.normalise.place_spans import address_spans
from discoverer.normalise.text import distinct

_LOG = re.compile(
    r"\b(?=[lic\d])(?<!/)(?:(?:log|inc|incident|cad)s?\.?\s?(?:no\.?\s?|num\s?)?\d{1,5}(?:\s?/\s?|\s?-\s?|\s+of\s+|\s+)"
    r"(?:\d{6}|\d{1,2}/\d{1,2}/\d{2,4})|\d{1,5}/\d{6})(?![\w/])",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(r"[\s,(]{0,3}$")


@dataclass(frozen=True, slots=True)
class Extracted:
    """What one text holds, as written, in order, each once.

    Attributes:
        names: tuple[str, ...], e.g. ('SHABANA', 'Asif KHAN').
        phones: tuple[str, ...], spans for `read_phones`; a local number may need the area.
        addresses: tuple[tuple[str, str], ...], (address, postcode), either '' when the other stands alone.
        birth_dates: tuple[str, ...], without their cue.
        identifiers: tuple[tuple[str, str], ...], (scheme, raw) of PNC, CRO and arrest numbers.
        vehicles: tuple[str, ...], marks.
        log_refs: tuple[str, ...], e.g. ('LOG 88/020914',).
    """

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    addresses: tuple[tuple[str, str], ...] = ()
    birth_dates: tuple[str, ...] = ()
    identifiers: tuple[tuple[str, str], ...] = ()
    vehicles: tuple[str, ...] = ()
    log_refs: tuple[str, ...] = ()


def extract(text: str, known: frozenset[str] = frozenset()) -> Extracted:
    """Find what a text mentions.

    Args:
        text: str, any length; all in capitals or in mixed case.
        known: folded tokens known to be names, from the fields of all sources.

    Returns:
        Extracted; empty tuples where there is nothing.
    """
    digits = any(map(str.isdigit, text))
    places = address_spans(text) if digits else []
    found = find_identifiers(text) if digits else ()
    names = name_spans(text, known, [(start, end) for start, end, _, _ in places])
    return Extracted(
        names=distinct(tuple(text[start:end] for start, end in names)),
        phones=distinct(tuple(phone_spans(text))) if digits else (),
        addresses=tuple(dict.fromkeys((written, code) for _, _, written, code in places)),
        birth_dates=_births(text, names) if digits else (),
        identifiers=tuple(dict.fromkeys((each.scheme, each.raw) for each in found if each.scheme != "vrm")),
        vehicles=distinct(tuple(each.raw for each in found if each.scheme == "vrm" and _apart(each.raw, places))),
        log_refs=distinct(tuple(_LOG.findall(text))) if digits else (),
    )


def _apart(mark: str, places: list[tuple[int, int, str, str]]) -> bool:
    """Tell whether a mark is no part of an address ('VEHICLE RK 83 TEST ROAD' names a keeper's house)."""
    number = mark.split(" ")[-1]
    return len(mark) > 5 or not any(written.startswith(number) for _, _, written, _ in places)


def _births(text: str, names: list[tuple[int, int]]) -> tuple[str, ...]:
    """Return dates of birth: those after a cue, and full dates just after a name."""
    cued = birth_date_spans(text, cued=True)
    ends = [end for _, end in names]
    loose = [
        span
        for span in (birth_date_spans(text) if ends else ())
        if span not in cued and any(end <= span[0] and _AFTER_NAME.match(text[end : span[0]]) for end in ends)
    ]
    return distinct(tuple(text[start:end] for start, end in sorted((*cued, *loose))))
