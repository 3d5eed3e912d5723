"""The numbers a mistyped, misheard or half-remembered number may be: held numbers one or two slips away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from discoverer.candidates.pool import LIST_LIMIT
from index import keys
from index.reader import Reader

_DIGITS = "0123456789"


def one_slip_away(reader: Reader, digits: str, country: str) -> set[int]:
    """Find numbers with one digit wrong, left out, added or swapped with its neighbour; the number itself too.

    Args:
        reader: scoped.
        digits: asked for, without country code or leading 0.
        country: '+44' where the digits are a United Kingdom number, else '+'.
    """
    shorter = keys.without_one(digits)
    gaps = [keys.gap(each) for each in (digits, *shorter)]
    return _documents(reader, [*gaps, *(keys.phone(country + each) for each in shorter)])


def two_slips_away(reader: Reader, digits: str) -> set[int]:
    """Find numbers of the same length with two digits wrong, or one wrong and two neighbours swapped."""
    wanted = (keys.gap(each) for variant in _one_slip(digits) for each in keys.without_one(variant))
    return _documents(reader, dict.fromkeys(wanted))


def _one_slip(digits: str) -> Iterator[str]:
    """Yield a number with one digit after the first replaced, or two neighbours swapped.

    The first digit tells a mobile from a landline and is hardly ever wrong; the second slip may still be there.
    """
    for place in range(1, len(digits)):
        for other in _DIGITS:
            if other != digits[place]:
                yield digits[:place] + other + digits[place + 1 :]
    for place in range(len(digits) - 1):
        yield digits[:place] + digits[place + 1] + digits[place] + digits[place + 2 :]


def same_run(reader: Reader, digits: str) -> set[int]:
    """Find numbers that agree but for their last two digits."""
    return set(reader.look_up(keys.beginning(digits[:-2]), LIST_LIMIT).ids) if len(digits) == 10 else set()


def same_end(reader: Reader, digits: str) -> set[int]:
    """Find numbers whose last six digits agree: another dialling code, or none given."""
    return set(reader.look_up(keys.tail(digits), LIST_LIMIT).ids)


def _documents(reader: Reader, wanted: Iterable[str]) -> set[int]:
    """Return the documents of any of these keys."""
    return {number for key in wanted for number in reader.look_up(key, LIST_LIMIT).ids}
