"""Scoring a telephone number: whole, in part or a slip away; shared or not; certain or assumed."""

from __future__ import annotations

import math
from itertools import pairwise, takewhile

from discoverer.match.evidence import Evidence, Level, Scored
from discoverer.match.profiles import PhoneProfile
from discoverer.match.weights import Weights
from discoverer.normalise.phones import national
from discoverer.normalise.tables import load

_CONFUSABLE = frozenset(pair for entry in load("phones")["confusable"] for pair in entry["pairs"])
# Digits of a number that are its owner's own: numbers alike but for these are often lines of one switchboard.
RUN = 2
# Digits of a local number, at most: what agrees in these may differ in its dialling code alone.
END = 6
# First digit of mobile numbers, without their 0.
MOBILE = "7"

SLIP_WORDS = {
    "swapped": "two neighbouring digits swapped",
    "doubled": "one digit typed twice or one of a pair left out",
    "left_out": "one digit left out",
    "added": "one digit too many",
    "confused": "one digit differs, easily taken for the other",
    "wrong": "one digit differs",
    "run": "the same but for its last two digits, as lines of one switchboard are",
    "code": "its last digits agree, its dialling code differs or is not known",
    "two": "two slips away",
}

# What lies further off than one slip.
FURTHER = frozenset({"run", "code", "two"})


def score_phone(held: PhoneProfile, weights: Weights) -> Scored:
    """Judge a number found whole.

    Confirmed only when it stands in a field, needs no assumed dialling code and is not shared.
    """
    table = weights.phone
    evidence = [Evidence("phone", "same", table["same"], f"number {national(held.e164)} agrees")]
    level = Level.CONFIRMED
    if held.households > table["shared_from"]:
        words = f"shared number: used by {held.households} unrelated households"
        evidence.append(Evidence("phone", "shared", -math.log2(held.households), words))
        level = Level.PROBABLE
    if held.assumed:
        evidence.append(Evidence("phone", "assumed", table["unverified"], "dialling code assumed from the area"))
        level = Level.PROBABLE
    if held.text_only:
        evidence.append(Evidence("phone", "text", table["unverified"], "found only in text, unverified"))
        level = Level.POSSIBLE
    return Scored(sum(each.bits for each in evidence), tuple(evidence), level)


def slip(asked: str, held: str) -> str:
    """Name what lies between the number asked for and one that is held.

    Args:
        asked: digits without country code or leading 0.
        held: digits of the held number, likewise; not the same ones.

    Returns:
        A key of SLIP_WORDS; '' where more lies between them than any of these.
    """
    if len(asked) == len(held):
        return _digits_differ(asked, held)
    longer, shorter = (asked, held) if len(asked) > len(held) else (held, asked)
    for place, digit in enumerate(longer):
        if longer[:place] + longer[place + 1 :] == shorter:
            if digit in longer[max(0, place - 1) : place] + longer[place + 1 : place + 2]:
                return "doubled"
            return "added" if longer is asked else "left_out"
    return "code" if len(shorter) >= END and longer.endswith(shorter) else ""


def _digits_differ(asked: str, held: str) -> str:
    """Name what lies between two numbers of one length."""
    places = [place for place, pair in enumerate(zip(asked, held, strict=True)) if pair[0] != pair[1]]
    if len(places) == 1:
        pair = "".join(sorted((asked[places[0]], held[places[0]])))
        return "confused" if pair in _CONFUSABLE else "wrong"
    first, last = places[0], places[-1]
    swaps = sum(
        (asked[place], asked[after]) == (held[after], held[place])
        for place, after in pairwise(places)
        if after == place + 1
    )
    if swaps == 1 and len(places) == 2:
        return "swapped"
    if first >= len(asked) - RUN and not asked.startswith(MOBILE):
        return "run"
    if last < len(asked) - END:
        return "code"
    shifted = any(asked[:place] + asked[place + 1 :] in _gaps(held) for place in range(len(asked)))
    return "two" if len(places) - swaps == 2 or shifted else ""


def _gaps(digits: str) -> set[str]:
    """Return a number with each of its digits left out."""
    return {digits[:place] + digits[place + 1 :] for place in range(len(digits))}


def score_near(held: PhoneProfile, kind: str, alike: int, weights: Weights) -> Scored:
    """Judge a number that is not quite the one asked for: possible, never more.

    Args:
        held: the number.
        kind: what `slip` called it.
        alike: int >= 1, how many held numbers lie as near; said, since any of them may be meant.
        weights: in force.
    """
    among = f" (one of {alike} held numbers near it)" if alike > 1 else ""
    words = f"{SLIP_WORDS[kind]}: {national(held.e164)}{among}"
    bits = weights.phone[kind]
    return Scored(bits, (Evidence("phone", kind, bits, words),), Level.POSSIBLE)


def score_tail(held: PhoneProfile, digits: str, weights: Weights) -> Scored:
    """Judge a number by its last digits: all those given agree, or only the last of them."""
    pairs = zip(reversed(digits), reversed(held.e164), strict=False)
    count = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    agreed = digits[len(digits) - count :]
    bits = len(agreed) * math.log2(10) - weights.phone["tail_prior"]
    words = f"number ends in {agreed}" + ("" if agreed == digits else f", not {digits}")
    return Scored(bits, (Evidence("phone", "tail", bits, words),), Level.POSSIBLE)


def score_beginning(digits: str, weights: Weights) -> Scored:
    """Judge a number by its first digits, all of which agree."""
    bits = len(digits) * math.log2(10) - weights.phone["beginning_prior"]
    return Scored(bits, (Evidence("phone", "beginning", bits, f"number begins with 0{digits}"),), Level.POSSIBLE)
