"""The metrics: what is made of many outcomes, each defined once.

Recall at k is the share of answerable queries with a right record among the first k distinct records, in hit order and
then record order. At 1 a record that is also acceptable is right; at more only an expected one is, so a group whose
queries have many acceptable records may score lower at 5 than at 1.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from discoverer.evaluation.asking import Outcome
from discoverer.match.evidence import Level

CONFIDENCE = 0.95
_HALVINGS = 60  # of the interval 0 to 1: past the precision of a float


@dataclass(frozen=True, slots=True)
class Score:
    """The metrics of one group of queries.

    Attributes:
        n: int >= 0, queries asked.
        answerable: int 0 to n, those that something in the index answers.
        r1, r5, r10: float 0 to 1, recall at 1, 5 and 10; None when nothing is answerable.
        mrr: float 0 to 1, mean of 1 / rank of the first expected record among those shown, 0 where none is.
        candidates: float 0 to 1, share of the answerable queries whose expected record retrieval gathered.
        ranking: float 0 to 1, of those gathered, the share with an expected record among the first 10.
        wrong: int 0 to n, queries with a hit at probable or above that holds no expected or acceptable record.
        wrong_bound: float 0 to 1, one-sided 95 % upper bound of the share that is wrong.
        must_not: int 0 to n, queries with a record that must not be found in a hit above possible.
        refused: int 0 to n, queries that could not be read.
        p50_ms, p95_ms, p99_ms: float >= 0, percentiles of the time one took.
    """

    n: int
    answerable: int
    r1: float | None
    r5: float | None
    r10: float | None
    mrr: float | None
    candidates: float | None
    ranking: float | None
    wrong: int
    wrong_bound: float
    must_not: int
    refused: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


def score(outcomes: Sequence[Outcome]) -> Score:
    """Measure a group of outcomes."""
    answerable = [each for each in outcomes if each.query.expected]
    gathered = [each for each in answerable if each.gathered]
    wrong = sum(map(is_wrong, outcomes))
    times = [each.seconds * 1000 for each in outcomes]
    return Score(
        n=len(outcomes),
        answerable=len(answerable),
        r1=_share([found_at(each, 1) for each in answerable]),
        r5=_share([found_at(each, 5) for each in answerable]),
        r10=_share([found_at(each, 10) for each in answerable]),
        mrr=_share([reciprocal_rank(each) for each in answerable]),
        candidates=_share([each.gathered for each in answerable]),
        ranking=_share([found_at(each, 10) for each in gathered]),
        wrong=wrong,
        wrong_bound=upper_bound(wrong, len(outcomes)),
        must_not=sum(map(shows_forbidden, outcomes)),
        refused=sum(bool(each.refused) for each in outcomes),
        p50_ms=percentile(times, 50),
        p95_ms=percentile(times, 95),
        p99_ms=percentile(times, 99),
    )


def _share(values: Sequence[float]) -> float | None:
    """Return the mean of some values, None when there are none."""
    return sum(values) / len(values) if values else None


def found_at(outcome: Outcome, k: int) -> bool:
    """Tell whether a right record is among the first k distinct ones; at 1 an acceptable one is right too."""
    right = outcome.query.expected | outcome.query.also_ok if k == 1 else outcome.query.expected
    return any(record in right for record in outcome.records[:k])


def reciprocal_rank(outcome: Outcome) -> float:
    """Return 1 / rank of the first expected record shown; 0 when none is."""
    ranks = (rank for rank, record in enumerate(outcome.records, 1) if record in outcome.query.expected)
    return 1 / next(ranks, math.inf)


def is_wrong(outcome: Outcome) -> bool:
    """Tell whether any hit at probable or above holds no expected or acceptable record."""
    right = outcome.query.expected | outcome.query.also_ok
    return any(hit.level != Level.POSSIBLE and right.isdisjoint(hit.records) for hit in outcome.shown)


def shows_forbidden(outcome: Outcome) -> bool:
    """Tell whether a record that must not be found stands in a hit above possible."""
    return any(
        hit.level != Level.POSSIBLE and not outcome.query.must_not.isdisjoint(hit.records) for hit in outcome.shown
    )


def percentile(values: Sequence[float], part: int) -> float:
    """Return a percentile (int 1 to 99) of some values; 0 when there are none."""
    if len(values) < 2:
        return values[0] if values else 0.0
    return statistics.quantiles(values, n=100, method="inclusive")[part - 1]


def upper_bound(wrong: int, n: int) -> float:
    """Return the one-sided upper confidence bound of a share (Clopper and Pearson 1934, exact).

    It is the largest share under which as few as `wrong` of n would still come about with probability 1 - CONFIDENCE.

    Args:
        wrong: int 0 to n.
        n: int >= 0; of nothing nothing is known, so the bound is 1.
    """
    if wrong >= n:
        return 1.0
    low, high = wrong / n, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if _at_most(wrong, n, middle) > 1 - CONFIDENCE:
            low = middle
        else:
            high = middle
    return high


def _at_most(wrong: int, n: int, share: float) -> float:
    """Return the probability of `wrong` or fewer of n, each being wrong with probability `share`, 0 < share < 1."""
    if share >= 1.0:
        return 0.0
    hit, miss = math.log(share) if share > 0 else -math.inf, math.log1p(-share)
    ways = (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1) for k in range(wrong + 1))
    return sum(math.exp(way + (k * hit if k else 0.0) + (n - k) * miss) for k, way in enumerate(ways))


@dataclass(frozen=True, slots=True)
class Cut:
    """What would be left if first hits below something were not shown.

    Attributes:
        label: str, what they are held to, e.g. '12 bits' or 'probable'.
        recall: float 0 to 1, share of answerable queries whose first hit is left and right.
        wrong: float 0 to 1, share of all queries whose first hit is left and holds no right record.
    """

    label: str
    recall: float
    wrong: float


def by_bits(outcomes: Sequence[Outcome], steps: int = 20) -> list[Cut]:
    """Raise the least score of a first hit step by step, from the lowest seen to past the highest."""
    seen = [each.shown[0].bits for each in outcomes if each.shown]
    if not seen:
        return []
    low, high = math.floor(min(seen)), math.floor(max(seen)) + 1
    width = max(1, math.ceil((high - low) / steps))
    return [
        _cut(outcomes, f"{least} bits", [bool(each.shown) and each.shown[0].bits >= least for each in outcomes])
        for least in range(low, high + width, width)
    ]


def by_level(outcomes: Sequence[Outcome]) -> list[Cut]:
    """Show first hits of the surest level only, then of the next as well, and so on."""
    levels = [level.value for level in Level]
    return [
        _cut(outcomes, level, [bool(each.shown) and each.shown[0].level in levels[: place + 1] for each in outcomes])
        for place, level in enumerate(levels)
    ]


def _cut(outcomes: Sequence[Outcome], label: str, kept: Sequence[bool]) -> Cut:
    """Measure the first hits that are kept."""
    right = wrong = 0
    for each, keep in zip(outcomes, kept, strict=True):
        if keep and (each.query.expected | each.query.also_ok).isdisjoint(each.shown[0].records):
            wrong += 1
        elif keep:
            right += bool(each.query.expected)
    answerable = sum(bool(each.query.expected) for each in outcomes)
    return Cut(label, right / max(1, answerable), wrong / max(1, len(outcomes)))
