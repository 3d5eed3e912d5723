"""Reads PNC, CRO and arrest numbers and vehicle marks, and verifies their check letters (domain.md 1.6).

An identifier is never dropped: one with a wrong check letter keeps its canonical form, is not `valid`, and can be asked
for repairs. The column it stands in is a hint only: clerks put CRO numbers into PNC fields and the other way round.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from discoverer.normalise.tables import load
from discoverer.normalise.text import fold
from discoverer.normalise.vehicles import find_marks, is_mark, read_mark

_TABLE = load("identifiers")
_ALPHABET = str(_TABLE["check"]["alphabet"])
_LAST_OF_THIS_CENTURY = int(_TABLE["years"]["last_of_this_century"])
_PLACEHOLDERS = frozenset(_TABLE["placeholders"]["words"])
_DUMMIES = frozenset(entry["canonical"] for entry in _TABLE["dummy"] if "canonical" in entry)
_NOBODYS_SERIALS = frozenset(entry["serial"] for entry in _TABLE["dummy"] if "serial" in entry)
_LONGEST = 40  # characters; a longer value is no identifier and is kept as it is
_FIVE_DIGITS_FROM = 65  # year of SF numbers, NPCC dictionary
_SLIPS = str.maketrans("OIL", "011")

_PNC = re.compile(r"(\d{2}|\d{4})/(\d{1,7})([A-Z])")
_PNC_RUN = re.compile(r"(\d{3,11})([A-Z])")
_CRO = re.compile(r"(\d{1,6})/(\d{2})([A-Z])")
_CRO_RUN = re.compile(r"(\d{1,6})(\d{2})([A-Z])")
_SF = re.compile(r"SF(\d{2})/?(\d{1,6})([A-Z])")
_ASN = re.compile(r"(\d{2})/?([A-Z\d]?[A-Z\d]{2})/?([A-Z\d]{2})/?([A-Z\d]{2})/?(\d{1,11})([A-Z])")
_ASN_RUN = re.compile(r"(\d{2})([A-Z\d]{2,3})([A-Z\d]{2})([A-Z\d]{2})(\d{11})([A-Z])")


@dataclass(frozen=True, slots=True)
class Identifier:
    """One identifier.

    Attributes:
        scheme: 'pnc' | 'cro' | 'asn' | 'vrm' | 'nominal' | 'other': what it is by its shape, or what its column is for.
        raw: str, as written.
        canonical: str, one form for all writings: '1979/0123456T', '054321/12X', 'SF83/50058Z', '1320BE0100000012345D',
            'BD51SMR'; for other schemes the letters and digits in capitals.
        valid: bool, its check letter is right (for a vehicle: it has the shape of a mark); dummies never are.
    """

    scheme: str
    raw: str
    canonical: str
    valid: bool


def read_identifier(raw: str, scheme: str = "") -> Identifier | None:
    """Read one identifier.

    Args:
        raw: str, as written; case and spaces do not matter.
        scheme: str, what its column is for; '' to work it out. A shape that fits only another scheme wins.

    Returns:
        Identifier; None only for a blank or a placeholder such as 'NOT ENTERED'.
    """
    return _read_cached(raw, scheme) if len(raw) <= _LONGEST else _unshaped(raw, scheme)


@lru_cache(maxsize=65_536)
def _read_cached(raw: str, scheme: str) -> Identifier | None:
    text = re.sub(r"[\s.]", "", unicodedata.normalize("NFKC", raw)).upper().replace("\\", "/").replace("-", "/")
    candidates = list(_candidates(raw, text, scheme))
    if not candidates:
        return _unshaped(raw, scheme)
    # The check letter decides; then the column; then the order of the candidates.
    return min(candidates, key=lambda found: (not found.valid, bool(scheme) and found.scheme != scheme))


def _unshaped(raw: str, scheme: str) -> Identifier | None:
    """Keep what has no shape of its own: letters and digits in capitals, not valid."""
    folded = fold(raw)
    if not folded or folded in _PLACEHOLDERS:
        return None
    return Identifier(scheme or "other", raw, folded.replace(" ", "").upper(), valid=False)


def _candidates(raw: str, text: str, scheme: str) -> Iterator[Identifier]:
    """Yield every reading of a compact text, the likelier first."""
    if scheme == "vrm":
        if is_mark(text.replace("/", "")):
            yield Identifier("vrm", raw, read_mark(text.replace("/", "")), valid=True)
        return
    digits = text[:-1].translate(_SLIPS) + text[-1:]
    yield from _pnc(raw, digits)
    yield from _cro(raw, digits if not text.startswith("SF") else text, slash_needed=scheme not in ("", "cro"))
    yield from _asn(raw, text)
    if not scheme and "/" not in text and is_mark(text):
        yield Identifier("vrm", raw, read_mark(text), valid=True)


def _letter(number: str) -> str:
    """Return the check letter of a number given as digits."""
    return _ALPHABET[int(number) % len(_ALPHABET)]


def _century(year: str) -> str:
    """Return a year of two or four digits as four."""
    if len(year) == 4:
        return year
    return f"20{year}" if int(year) <= _LAST_OF_THIS_CENTURY else f"19{year}"


def _pnc(raw: str, text: str) -> Iterator[Identifier]:
    """Yield PNC readings. Without a slash the length decides, and where it cannot, the check letter."""
    if found := _PNC.fullmatch(text):
        yield _made_pnc(raw, found[1], found[2], found[3])
    elif found := _PNC_RUN.fullmatch(text):
        run, letter = found[1], found[2]
        if len(run) <= 9:
            yield _made_pnc(raw, run[:2], run[2:], letter)
        if len(run) >= 5 and run[:2] in ("19", "20"):
            yield _made_pnc(raw, run[:4], run[4:], letter)


def _made_pnc(raw: str, year: str, serial: str, letter: str) -> Identifier:
    whole = _century(year)
    valid = _letter(whole[2:] + serial.zfill(7)) == letter and whole[:2] in ("19", "20")
    return _checked(Identifier("pnc", raw, f"{whole}/{serial.zfill(7)}{letter}", valid), serial)


def _cro(raw: str, text: str, *, slash_needed: bool) -> Iterator[Identifier]:
    """Yield CRO readings, standard and SF (no fingerprints)."""
    if found := _SF.fullmatch(text):
        year, serial, letter = found.groups()
        # The NPCC pads the serial to five digits (six before 1965), the Ministry of Justice not at all: any will do.
        numbers = [year + str(int(serial)), f"{year}{int(serial):05d}"]
        numbers += [f"{year}{int(serial):06d}"] if int(year) < _FIVE_DIGITS_FROM else []
        valid = letter in {_letter(number) for number in numbers}
        yield _checked(Identifier("cro", raw, f"SF{year}/{int(serial)}{letter}", valid), serial)
    elif found := _CRO.fullmatch(text) or (None if slash_needed else _CRO_RUN.fullmatch(text)):
        serial, year, letter = found.groups()
        valid = _letter(year + serial.zfill(6)) == letter
        yield _checked(Identifier("cro", raw, f"{serial.zfill(6)}/{year}{letter}", valid), serial)


def _asn(raw: str, text: str) -> Iterator[Identifier]:
    """Yield arrest/summons readings, in full (20 characters, 21 with a top-level code) or as displayed."""
    found = _ASN_RUN.fullmatch(text) or (_ASN.fullmatch(text) if text.count("/") >= 2 else None)
    if not found:
        return
    year, force, unit, system, serial, letter = found.groups()
    digits = "".join(part for part in (force[-2:], system) if part.isdigit())
    valid = _letter(digits + year + serial.zfill(11)) == letter
    canonical = f"{year}{force}{unit}{system}{serial.zfill(11)}{letter}"
    yield _checked(Identifier("asn", raw, canonical, valid), serial)


def _checked(found: Identifier, serial: str) -> Identifier:
    """Take validity away from a dummy."""
    if found.canonical in _DUMMIES or int(serial) in _NOBODYS_SERIALS:
        return replace(found, valid=False)
    return found


def repair(identifier: Identifier) -> tuple[Identifier, ...]:
    """Return the identifiers one slip away whose check letter is right, for "did you mean".

    Args:
        identifier: one that is not valid.

    Returns:
        tuple[Identifier, ...], the right check letter first, then one digit changed or two swapped; () for a valid one
        and for schemes without a check letter.
    """
    return () if identifier.valid else tuple(found for found in _one_slip_away(identifier) if found.valid)


def misspellings(identifier: Identifier) -> tuple[Identifier, ...]:
    """Return the identifiers one slip away whose check letter is wrong: how a clerk may have written a valid one.

    Args:
        identifier: one that is valid.

    Returns:
        tuple[Identifier, ...]; () for one that is not valid and for schemes without a check letter.
    """
    return tuple(found for found in _one_slip_away(identifier) if not found.valid) if identifier.valid else ()


def _one_slip_away(identifier: Identifier) -> Iterator[Identifier]:
    """Yield identifiers with another check letter, with one digit changed, and with two neighbouring digits swapped."""
    if identifier.scheme not in ("pnc", "cro", "asn"):
        return
    written = identifier.canonical
    first = 2 if identifier.scheme in ("pnc", "asn") else 0  # the century is not in doubt, nor an arrest's year
    places = [place for place in range(len(written) - 2, first - 1, -1) if written[place].isdigit()]
    tries = [written[:-1] + letter for letter in _ALPHABET]
    tries += [written[:place] + digit + written[place + 1 :] for place in places for digit in "0123456789"]
    tries += [
        written[:place] + written[place + 1] + written[place] + written[place + 2 :]
        for place in places
        if written[place + 1].isdigit()
    ]
    for each in dict.fromkeys(tries):
        found = read_identifier(each, identifier.scheme) if each != written else None
        if found and found.scheme == identifier.scheme:
            yield found


_IN_TEXT = re.compile(
    r"(?<![\w/])(?=[\dS])(?:\d{2}/[A-Z\d]{4,5}/[A-Z\d]{2}/\d{1,11}[A-Z]|\d{2}[A-Z\d]{6,7}\d{11}[A-Z]|SF\d{2}/\d{1,6}[A-Z]"
    r"|\d{1,6}/\d{1,7}[A-Z]|\d{8,11}[A-Z])(?![\w/])",
    re.IGNORECASE,
)
_CUES = {
    scheme: re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, _TABLE['cues'][scheme]))})[\s:.\-]{{0,3}}$", re.IGNORECASE)
    for scheme in ("pnc", "cro", "asn")
}
# Blanks inside an identifier: only after a cue, and only taken when its check letter is right.
_SPACED = re.compile(
    r"(?<!\w)(?P<scheme>pnc|cro|asn)\b(?:\s*(?:no|num|number|id))?[\s.:\-]{0,3}"
    r"(?P<id>(?:SF)?\d[A-Z\d]*(?:\s?[/\s.\-]\s?[A-Z\d]+){1,5})(?!\w)",
    re.IGNORECASE,
)
_LONGEST_CUE = 16  # characters before an identifier in which its cue stands
_SHORTEST_UNCUED = 3  # digits of a serial; '14/2B' is a flat, '79/123456T' an identifier


def find_identifiers(text: str) -> tuple[Identifier, ...]:
    """Find PNC, CRO and arrest numbers and vehicle marks in running text.

    A short form, or one without its slash, is taken only after a cue ('PNC') or when its check letter is right.

    Args:
        text: str, any length.

    Returns:
        tuple[Identifier, ...], in order; `raw` is the span as written, without its cue.
    """
    found = [*_named(text)]
    named = {start + at for start, each in found for at in range(len(each.raw))}
    bare = ((match.start(), _in_text(match)) for match in _IN_TEXT.finditer(text) if match.start() not in named)
    found += [(start, each) for start, each in bare if each]
    found += [(start, Identifier("vrm", raw, mark, valid=True)) for start, raw, mark in find_marks(text)]
    return tuple(identifier for _, identifier in sorted(found, key=lambda pair: pair[0]))


def _named(text: str) -> Iterator[tuple[int, Identifier]]:
    """Yield identifiers written with blanks after a word that says what they are: 'PNC 03 / 9900345p'."""
    for match in _SPACED.finditer(text):
        for end in reversed([*(gap.start() for gap in re.finditer(r"\s", match["id"])), len(match["id"])][1:]):
            written, scheme = match["id"][:end], match["scheme"].lower()
            read = (read_identifier(each, scheme) for each in (written, re.sub(r"\s+", "/", written)))
            found = next((each for each in read if each and each.valid and each.scheme in _CUES), None)
            if found:
                yield match.start("id"), replace(found, raw=written)
                break


def _in_text(match: re.Match[str]) -> Identifier | None:
    """Read one span of running text, if it is worth it."""
    written, before = match.group(), match.string[max(0, match.start() - _LONGEST_CUE) : match.start()]
    scheme = next((name for name, cue in _CUES.items() if cue.search(before)), "")
    found = read_identifier(written, scheme)
    if found is None or found.scheme not in ("pnc", "cro", "asn"):
        return None
    long_enough = "/" in written and max(map(len, re.findall(r"\d+", written))) >= _SHORTEST_UNCUED
    return found if scheme or long_enough or (found.valid and len(written) >= 9) else None
