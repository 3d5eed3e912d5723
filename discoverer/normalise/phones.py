"""Reads telephone numbers as people type them: the only door to phonenumbers.

A number becomes E.164 ('+441214960123'); what cannot become one keeps the reason why. The shapes and the junk are
those of domain.md 6.3; dialling codes and word lists are in data/phones.toml.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from discoverer.normalise.dialling import codes_for, renumbered
from discoverer.normalise.phone_spans import phone_spans
from discoverer.normalise.tables import load
from discoverer.normalise.text import fold

__all__ = [
    "PhoneNumber",
    "find_phones",
    "national",
    "phone_spans",
    "read_beginning",
    "read_phones",
    "read_tail",
    "significant",
]

_TABLE = load("phones")
_WORDS = {word: entry["reason"] for entry in _TABLE["words"] for word in entry["words"]}
_JUNK = {number: entry["reason"] for entry in _TABLE["junk"] for number in entry["numbers"]}
_AS_DIGITS = str.maketrans(dict(_TABLE["letters"]["as_digits"]))
_LETTER = "".join(_TABLE["letters"]["as_digits"])
_LETTERED = re.compile(rf"(?<![^\W\d_])[{_LETTER}]*\d[\d{_LETTER}]*")
_EXTENSION = re.compile(r"(?:\bext(?:n|ension)?\b|\bxtn\b|(?<=[\d\s(])x|#)[\s.:]*(\d{1,10})\b", re.IGNORECASE)
_CODE_SLASH = re.compile(r"(?<![\d/])(?<!\d\s)(0\d{2,4})\s?/\s?(?=\d{3})")
_GROUP_SLASH = re.compile(r"(?<![\d/])(0\d{2,4})[-. ]\s?(\d{3,4})\s?/\s?(?=\d{3,4}(?![\d/]))")  # '0121/496/0123'
_SEPARATOR = re.compile(r"([;,|\n\\]|/|&|\bor\b|\band\b)", re.IGNORECASE)
_RUN = re.compile(r"\+?\s?\(?\+?\d(?:[\s()._\-–—·*]*\d)*")
_TRUNK = re.compile(r"(?<=\d)\s*\(0\)")  # '+33 (0)6': the nought is dialled at home only
_SPREADSHEET = re.compile(r"(?<=\d)\.0+$")
_LONGEST_FIELD = 200  # characters; a longer field is running text and is read as such
_LONGEST_NUMBER = 15  # digits, ITU-T E.164
_SHORTEST_TAIL = 6
_LONGEST_BEGINNING = 9  # digits; ten are the whole number


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """One telephone number read from a field or a text.

    Attributes:
        raw: str, the part of the text it was read from.
        e164: str, '+441214960123'; '' when there is no number, and then `reason` says why.
        extension: str, digits; '' when none.
        assumed: bool, the dialling code was not written but taken from the area.
        reason: str, in words: 'withheld', 'too short', 'placeholder', 'no dialling code' ...; '' for a number.
    """

    raw: str
    e164: str
    extension: str = ""
    assumed: bool = False
    reason: str = ""


def read_phones(raw: str, area: str = "") -> tuple[PhoneNumber, ...]:
    """Read a number field, which may hold several numbers, an abbreviated second ('/124') or no number.

    Args:
        raw: str, as written.
        area: str, the postcode or its beginning that gives a local number its dialling code; '' when not known.

    Returns:
        tuple[PhoneNumber, ...]: at least one item unless `raw` is blank; several readings of one local number when
        its area has several codes.
    """
    if len(raw) > _LONGEST_FIELD:
        return find_phones(raw, area) or (PhoneNumber(raw[:_LONGEST_FIELD], "", reason="no number"),)
    return _read_cached(raw, area)


@lru_cache(maxsize=131_072)
def _read_cached(raw: str, area: str) -> tuple[PhoneNumber, ...]:
    if not raw.strip():
        return ()
    reason = _WORDS.get(fold(raw), "")
    if reason:
        return (PhoneNumber(raw, "", reason=reason),)
    found: list[PhoneNumber] = []
    for digits, plus, extension, written, follows in _pieces(raw):
        second = _abbreviated(found, digits, follows)
        readings = [second] if second else _readings(digits, plus, area)
        found += [PhoneNumber(written, e164, extension, assumed, why) for e164, assumed, why in readings]
    numbers = [number for number in found if number.e164]
    failed = [number for number in found if not number.e164 and (not numbers or _digit_count(number.raw) > 4)]
    return tuple(dict.fromkeys((*numbers, *failed))) or (PhoneNumber(raw, "", reason=_reason_in(raw)),)


def _reason_in(raw: str) -> str:
    """Say why a field without digits holds no number, by the words in it."""
    folded = f" {fold(raw)} "
    return next((reason for word, reason in _WORDS.items() if len(word) > 2 and f" {word} " in folded), "no number")


def _digit_count(text: str) -> int:
    return sum(character.isdigit() for character in text)


def _plain(raw: str) -> str:
    """Write digits of any script, and letters typed for digits, as 0-9; drop a spreadsheet's '.0'."""
    text = raw
    if not text.isascii():
        text = "".join(str(unicodedata.decimal(one, one)) for one in unicodedata.normalize("NFKC", text))
    text = _TRUNK.sub(" ", text)
    text = _LETTERED.sub(lambda found: found.group().translate(_AS_DIGITS), text)
    return _SPREADSHEET.sub("", text.strip())


def _pieces(raw: str) -> Iterator[tuple[str, bool, str, str, bool]]:
    """Cut a field into runs of digits.

    Yields:
        (digits, written with +, extension, the part as written, it follows another number by '/' or 'or').
    """
    text = _GROUP_SLASH.sub(r"\1 \2 ", _CODE_SLASH.sub(r"\1 ", _plain(raw)))
    follows = False
    for part in _SEPARATOR.split(text):
        if _SEPARATOR.fullmatch(part):
            follows = part.lower() in ("/", "or", "&", "and")
            continue
        tail = _EXTENSION.search(part)
        body, extension = (part[: tail.start()], tail.group(1)) if tail else (part, "")
        for run in _RUN.findall(body):
            for digits in _numbers_in(run):
                yield digits, "+" in run, extension, part.strip(), follows


def _numbers_in(run: str) -> list[str]:
    """Return the digits of a run, apart where one number ends and the next begins."""
    groups = re.findall(r"[0-9]+", run)
    whole = "".join(groups)
    if len(whole) <= 12 or "+" in run or not whole.startswith("0") or whole.startswith("00"):
        return [whole] if whole else []
    numbers = [""]
    for group in groups:
        if len(numbers[-1]) >= 10 and (group.startswith("0") or len(numbers[-1]) == 11):
            numbers.append("")
        numbers[-1] += group
    if len(numbers) == 1 and len(whole) == 22:
        return [whole[:11], whole[11:]]
    return numbers


Reading = tuple[str, bool, str]  # (E.164 or '', dialling code assumed, reason)


def _abbreviated(found: list[PhoneNumber], digits: str, follows: bool) -> Reading | None:
    """Read '124' after '07700900123/' as 07700900124: it takes the place of the last digits."""
    before = found[-1].e164 if found and follows else ""
    if not before or not before.startswith("+44"):
        return None
    local = len(digits) in (6, 7, 8) and not before.startswith("+447") and digits[0] not in "01"
    if len(digits) <= 5 or local:
        return before[: -len(digits)] + digits, False, ""
    return None


def _readings(digits: str, plus: bool, area: str) -> list[Reading]:
    """Read one run of digits as United Kingdom, foreign or local number."""
    junk = _junk(digits)
    if junk:
        return [("", False, junk)]
    if digits.startswith("00"):
        digits, plus = digits[2:], True
    if plus and not digits.startswith("0"):
        return [_british(digits[2:].removeprefix("0")) if digits.startswith("44") else _foreign(digits, plus=True)]
    if digits.startswith("0"):
        return [_british(renumbered(digits)[1:])]
    if digits.startswith("44") and 11 <= len(digits) <= 13:
        return [_british(digits[2:].removeprefix("0"))]
    if len(digits) == 10 and (digits[0] in "12" or digits[:2] in _MOBILE):
        return [_british(renumbered("0" + digits)[1:])]  # a spreadsheet dropped the leading 0
    return _local(digits, area) if len(digits) <= 8 else [_foreign(digits, plus=False)]


_MOBILE = frozenset(f"7{second}" for second in "1234579") | {"78", "70"}


def _junk(digits: str) -> str:
    """Return why a run of digits is nobody's number; '' when it may be somebody's."""
    if digits in _JUNK:
        return str(_JUNK[digits])
    return "placeholder" if len(digits) > 4 and len(set(digits.removeprefix("0"))) <= 1 else ""


# Five local digits after a code of four were given out for decades and still stand in records (01204 xxxxx); codes such
# as 0121 and 0113 never had them.
_SHORT_EXCHANGE = re.compile(r"1(?!1|\d1)")


def _british(national_digits: str) -> Reading:
    """Read national digits without the 0: ten of them, or nine where the plan has nine."""
    e164 = f"+44{national_digits}"
    size = len(national_digits)
    if size == 10 and national_digits[0] in "1235789":
        # Not asked of the library: ranges for drama and withdrawn ranges are looked up like any other.
        return e164, False, ""
    if size == 9 and _SHORT_EXCHANGE.match(national_digits):
        return e164, False, ""
    if 7 <= size <= 9 and _is_valid(e164):
        return e164, False, ""
    if size < 10:
        return "", False, "too short"
    return "", False, "too long" if size > 10 else "not a United Kingdom number"


def _foreign(digits: str, *, plus: bool) -> Reading:
    """Read the digits of an international number; one written with its + need only be possible in its country."""
    e164 = f"+{digits}"
    if len(digits) <= _LONGEST_NUMBER and (_is_possible(e164) if plus else _is_valid(e164)):
        return e164, False, ""
    return "", False, "too long" if len(digits) > 13 else "not a number of any country"


def _local(digits: str, area: str) -> list[Reading]:
    """Read a number without its dialling code: one reading for each code its area may have."""
    if len(digits) < 5:
        return [("", False, "too short")]
    codes = codes_for(area, len(digits)) if digits[0] not in "01" else ()
    readings: list[Reading] = [(f"+44{code[1:]}{digits}", True, "") for code in codes]
    return readings or [("", False, "no dialling code")]


@lru_cache(maxsize=65_536)
def _is_valid(e164: str) -> bool:
    """Ask the library whether a number is one in its country's plan."""
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(e164, None))
    except phonenumbers.NumberParseException:
        return False


def _is_possible(e164: str) -> bool:
    """Ask the library whether a number has a length its country uses: ranges come and go, countries' codes do not."""
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(e164, None))
    except phonenumbers.NumberParseException:
        return False


@lru_cache(maxsize=65_536)
def national(e164: str) -> str:
    """Write an E.164 number for a person to read: '07700 900417'; foreign ones as '+48 22 123 45 67'.

    A number kept as written because it is no whole number gets its 0 back; anything else is returned as it is.
    """
    if re.fullmatch(r"\d{9,}", e164):
        return f"0{e164}"
    if re.fullmatch(r"\+44[1-9]\d{8,9}", e164):  # most of all numbers; the library takes five times as long to see it
        number = phonenumbers.PhoneNumber(country_code=44, national_number=int(e164[3:]))
    else:
        try:
            number = phonenumbers.parse(e164, None)
        except phonenumbers.NumberParseException:
            return e164
    shape = phonenumbers.PhoneNumberFormat
    home = number.country_code == phonenumbers.country_code_for_region("GB")
    return str(phonenumbers.format_number(number, shape.NATIONAL if home else shape.INTERNATIONAL))


def read_tail(raw: str) -> str:
    """Return the digits of a number remembered in part, fit to end an E.164 number; '' when fewer than six.

    Args:
        raw: str, e.g. 'ends 900 417', '...900417' or a whole number.

    Returns:
        str of 6 to 15 digits without country code or leading 0; '' also for placeholders.
    """
    runs = [digits for run in _RUN.findall(_plain(raw[:_LONGEST_FIELD])) for digits in _numbers_in(run)]
    longest = max(runs, key=len, default="")
    if _junk(longest):
        return ""
    if len(longest) > 10:
        longest = longest.removeprefix("00").removeprefix("44")
    digits = longest.removeprefix("0") if len(longest) > 8 else longest
    return digits if _SHORTEST_TAIL <= len(digits) <= _LONGEST_NUMBER else ""


def read_beginning(raw: str) -> str:
    """Read a number of which only the beginning is known: '0121 496', '+44 7700 90'.

    Args:
        raw: str, as written, from its dialling code on.

    Returns:
        str of 6 to 9 digits without country code or leading 0; '' where it is no beginning of a United Kingdom number.
    """
    digits = "".join(_RUN.findall(_plain(raw[:_LONGEST_FIELD])))
    digits = re.sub(r"[^0-9]", "", digits)
    start = re.match(r"0044|44(?=\d{6})|0", digits)
    if not start or _junk(digits):
        return ""
    rest = digits[start.end() :].removeprefix("0")
    return rest if _SHORTEST_TAIL <= len(rest) <= _LONGEST_BEGINNING and rest[0] in "1235789" else ""


def find_phones(text: str, area: str = "") -> tuple[PhoneNumber, ...]:
    """Find telephone numbers in running text.

    Args:
        text: str, any length.
        area: str, as for `read_phones`; without it a local number, even after 'TEL', is not found.

    Returns:
        tuple[PhoneNumber, ...], each with an E.164 form, in order; `raw` is the span as written.
    """
    found = [
        PhoneNumber(span, number.e164, number.extension, number.assumed)
        for span in phone_spans(text)
        for number in _read_cached(span, area)
        if number.e164
    ]
    return tuple(dict.fromkeys(found))


def significant(e164: str) -> str:
    """Return the national (significant) digits of a United Kingdom number, all the digits of any other.

    Args:
        e164: str, '+441214960123'.
    """
    return e164.removeprefix("+44") if e164.startswith("+44") else e164.removeprefix("+")
