"""Scoring a telephone number: exact or not, shared or not, certain or assumed."""

from __future__ import annotations

import math

from discoverer.match.evidence import Evidence, Level, Scored
from discoverer.match.profiles import PhoneProfile
from discoverer.match.weights import Weights
from discoverer.normalise.phones import national


def score_phone(held: PhoneProfile, weights: Weights, *, exact: bool) -> Scored:
    """Judge a number found whole, or one slip away from the one asked for.

    Confirmed only when it agrees whole, stands in a field, needs no assumed dialling code and is not shared.
    """
    table = weights.phone
    spoken = national(held.e164)
    if not exact:
        words = f"one digit wrong, dropped, doubled or swapped: {spoken}"
        return Scored(table["slip"], (Evidence("phone", "slip", table["slip"], words),), Level.POSSIBLE)
    evidence = [Evidence("phone", "same", table["same"], f"number {spoken} agrees")]
    level = Level.CONFIRMED
    if held.holders > table["shared_from"]:
        words = f"shared number: held by {held.holders} different people"
        evidence.append(Evidence("phone", "shared", -math.log2(held.holders), words))
        level = Level.PROBABLE
    if held.assumed:
        evidence.append(Evidence("phone", "assumed", table["unverified"], "dialling code assumed from the area"))
        level = Level.PROBABLE
    if held.text_only:
        evidence.append(Evidence("phone", "text", table["unverified"], "found only in text, unverified"))
        level = Level.POSSIBLE
    return Scored(sum(each.bits for each in evidence), tuple(evidence), level)


def score_tail(held: PhoneProfile, digits: str, weights: Weights) -> Scored:
    """Judge a number by its last digits: all those given agree, or only the last six."""
    agreed = digits if held.e164.endswith(digits.lstrip("0")) else digits[-6:]
    bits = len(agreed) * math.log2(10) - weights.phone["tail_prior"]
    words = f"number ends in {agreed}" + ("" if agreed == digits else f", not {digits}")
    return Scored(bits, (Evidence("phone", "tail", bits, words),), Level.POSSIBLE)
