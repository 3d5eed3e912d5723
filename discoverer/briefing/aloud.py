"""How things are said aloud: days as 'third of September', numbers digit by digit, names without their aliases."""

from __future__ import annotations

import re
from datetime import datetime

from discoverer.briefing.rules import limit
from discoverer.wording import local_time

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_DAYS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth", "twenty-first", "twenty-second", "twenty-third", "twenty-fourth", "twenty-fifth", "twenty-sixth",
    "twenty-seventh", "twenty-eighth", "twenty-ninth", "thirtieth", "thirty-first",
)  # fmt: skip
_SMALL = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DIGITS = re.compile(r"\d+")
_GAPS = re.compile(r"[\s\-–—/]+")
# A postcode, or its first half alone after a comma: 'FLAT B2' ends in a door, 'OFF THE A38' in a road and 'M6, J4' in a
# junction, and what a road or a junction may be called is said rather than taken for a district.
_POSTCODE = re.compile(
    r",?\s*\b[A-Z]{1,2}\d[A-Z\d]?\s*\d[A-Z]{2}\s*$|,\s*(?![AJM]\d)[A-Z]{1,2}\d[A-Z\d]?\s*$", re.IGNORECASE
)
_RANKS = {"SGT": "Sergeant", "INSP": "Inspector", "PS": "Sergeant", "PC": "P C", "DC": "D C", "DS": "D S"}
_DAY_LENGTH, _MONTH_LENGTH = 10, 7


def count_words(text: str) -> int:
    """Count the words one says: those a hyphen or a stroke joins are two."""
    return sum(any(char.isalnum() for char in part) for part in _GAPS.split(text))


def number(value: int) -> str:
    """Say a count below a hundred in words, a greater one digit by digit."""
    if 0 <= value < len(_SMALL):
        return _SMALL[value]
    if 0 <= value < 100:
        return _TENS[value // 10] + (f"-{_SMALL[value % 10]}" if value % 10 else "")
    return digits(str(abs(value)))


def digits(text: str) -> str:
    """Say digits one by one; whatever writing they are in."""
    return " ".join(_SMALL[int(char)] for char in text)


def year(value: int) -> str:
    """Say a year as people do: 'twenty eighteen', 'two thousand and five', 'nineteen eighty-five'."""
    if 2000 <= value < 2010:
        return "two thousand" + (f" and {_SMALL[value - 2000]}" if value > 2000 else "")
    century, rest = divmod(value, 100)
    if not 10 <= century < 100:
        return digits(str(value))
    said = number(rest) if rest >= 10 else f"oh {_SMALL[rest]}" if rest else "hundred"
    return f"{number(century)} {said}"


def said_day(value: str, now: datetime | None = None) -> str:
    """Say an ISO date or instant, as precisely as it is known: 'third of September'; '' when undated.

    Args:
        value: ISO 8601, or ''.
        now: the instant that counts as now; the year is left out of what is less than a year old, and of nothing else.
            None: always with its year, as a date of birth.
    """
    if not value:
        return ""
    if len(value) > _DAY_LENGTH:
        value = local_time(value).date().isoformat()
    years, _, rest = value.partition("-")
    months, _, days = rest.partition("-")
    parts = [f"{_DAYS[int(days) - 1]} of"] if days else []
    parts += [_MONTHS[int(months) - 1]] if months else []
    if now is None or not months or not _this_year(int(years), int(months), now):
        parts.append(year(int(years)))
    return " ".join(parts)


def _this_year(years: int, months: int, now: datetime) -> bool:
    """Tell whether a month is so near that its year goes without saying."""
    ago = (now.year - years) * 12 + now.month - months
    return abs(ago) <= limit("same_year_months")


def aloud(text: str) -> str:
    """Return a text as it is said: no sign that cannot be said, small numbers as words, others digit by digit."""
    shown = "".join(char if char.isprintable() else " " for char in text)
    said = _DIGITS.sub(lambda match: f" {_said_number(match.group())} ", shown)
    return re.sub(r"\s+([,.;:])", r"\1", " ".join(said.split()))


def _said_number(written: str) -> str:
    """Say a number that stands in a text: '14' as fourteen, '417' and '04' digit by digit."""
    plain = written if len(written) < 3 else ""
    small = int(plain) if plain and not plain.startswith("0") else 0
    return _SMALL[small] if 0 < small < len(_SMALL) else digits(written)


def name(label: str) -> str:
    """Say a name: the first of those written, in ordinary letters; '' when there is none."""
    first = label.split(" / ")[0].strip()
    last, comma, given = first.partition(",")
    first = f"{given.strip()} {last}" if comma and given.strip() and "," not in given else first
    return aloud(" ".join(_ordinary(word) for word in first.split()))


def officer(label: str) -> str:
    """Say who set something: 'SGT 4417' as 'Sergeant four four one seven'."""
    words = [_RANKS.get(word.upper().strip("."), word) for word in label.split()]
    # A collar number is said digit by digit, however small.
    return " ".join(digits(word) if word.isdecimal() else aloud(word) for word in words)


def place(label: str) -> str:
    """Say an address without its postcode, which takes five words and is on the terminal."""
    return aloud(" ".join(_ordinary(word) for word in _POSTCODE.sub("", label).split()))


def _ordinary(word: str) -> str:
    """Write a word in capitals as one begins and goes on; leave one that is not: 'McKay' is right as it is."""
    return word if not word.isupper() or len(word) < 2 else "-".join(part.capitalize() for part in word.split("-"))


def shortened(text: str, most: int) -> str:
    """Cut a text to so many words."""
    kept: list[str] = []
    for word in text.split():
        if count_words(" ".join((*kept, word))) > most:
            break
        kept.append(word)
    if len(kept) < len(text.split()) and kept[-1:] == ["and"]:  # whoever else there is was cut
        kept.pop()
    return " ".join(kept).rstrip(",;:")
