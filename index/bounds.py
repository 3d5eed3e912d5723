"""What a build may differ by from the live one before it is held back: a data file, with a reason per entry."""

from __future__ import annotations

import math
from pathlib import Path

from discoverer.validation import Field, Phrase, Spec, check, field_validator, read_toml
from index.filled import MEASURES

SHIPPED = Path(__file__).parent / "data" / "audit.toml"
ANY = "any"
"""The bound of every measure that has none of its own."""


class Bound(Spec):
    """How much something may change.

    Attributes:
        share: float >= 0, the part of what there was.
        least: int >= 1, changes smaller than this are never past it.
        reason: why so much.
    """

    share: float = Field(ge=0)
    least: int = Field(ge=1, strict=True)
    reason: Phrase

    def is_passed(self, amount: float, of: float) -> bool:
        """Tell whether a change of `amount` in what was `of` is too much."""
        return amount >= self.least and amount > self.share * of


class NewBound(Spec):
    """How much less records that are new may say.

    They are few, and a quiet night is no fault: what is missing must be more than chance could explain, were `share` of
    it really missing.

    Attributes:
        share: float 0 to 1, the part of what all say that may be missing.
        chance: float > 0 and < 1, how likely so few may at least be by chance alone.
        measures: of what; names of index/filled.py.
        reason: why so much.
    """

    share: float = Field(ge=0, le=1)
    chance: float = Field(gt=0, lt=1)
    measures: tuple[str, ...]
    reason: Phrase

    @field_validator("measures")
    @classmethod
    def _are_measured(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        _refuse_unmeasured(value)
        return value

    def is_passed(self, said: int, of: int, expected: float) -> bool:
        """Tell whether so few new records say something.

        Args:
            said: int >= 0, how many do.
            of: int >= said, how many there are.
            expected: float 0 to 1, the part of all records that do.
        """
        return at_most(said, of, (1 - self.share) * expected) < self.chance


def at_most(count: int, of: int, each: float) -> float:
    """Return how likely it is that at most `count` `of` so many do what `each` does with this chance (binomial).

    Args:
        count: int >= 0.
        of: int >= 0.
        each: float 0 to 1.
    """
    if count >= of or each <= 0:
        return 1.0
    if each >= 1:
        return 0.0
    whole = math.lgamma(of + 1)
    return math.fsum(
        math.exp(
            whole - math.lgamma(k + 1) - math.lgamma(of - k + 1) + k * math.log(each) + (of - k) * math.log1p(-each)
        )
        for k in range(count + 1)
    )


class Probes(Spec):
    """How searches are tried.

    Attributes:
        per_source: int 1 to 1,000, records of each source that are asked for.
        first: int 1 to 100, among so many hits a record must stand to count as found.
        reason: why so many.
        lost, weaker: how many may be found no more, or less surely, of those of one source asked for in one way.
    """

    per_source: int = Field(ge=1, le=1_000, strict=True)
    first: int = Field(ge=1, le=100, strict=True)
    reason: Phrase
    lost: Bound
    weaker: Bound


class Bounds(Spec):
    """Every bound.

    Attributes:
        lost: records of the last build that a source does not hold any more.
        grown: records that it did not hold.
        rejected, silent: rows rejected, or giving nothing, more than before, of all rows.
        filled: measure -> how much less often records may say it; 'any' for those not named.
        new: how many fewer of the records that are new may say something.
        fewer, more: how the counts of a whole build may fall and rise.
        probes: searches tried.
    """

    lost: Bound
    grown: Bound
    rejected: Bound
    silent: Bound
    filled: dict[str, Bound]
    new: NewBound
    fewer: Bound
    more: Bound
    probes: Probes

    @field_validator("filled")
    @classmethod
    def _are_measured(cls, value: dict[str, Bound]) -> dict[str, Bound]:
        _refuse_unmeasured(value.keys() - {ANY})
        if ANY not in value:
            raise ValueError(f"'{ANY}' is missing; add it, for everything that is not named")
        return value

    def filled_of(self, measure: str) -> Bound:
        """Return the bound of one measure."""
        return self.filled.get(measure, self.filled[ANY])


def _refuse_unmeasured(names: tuple[str, ...] | set[str]) -> None:
    """Refuse names of which nothing is counted. Raises ValueError."""
    unknown = sorted(set(names) - MEASURES.keys())
    if unknown:
        raise ValueError(f"'{unknown[0]}' is not counted; valid names: {', '.join(MEASURES)}")


def read_bounds(path: Path | None = None) -> Bounds:
    """Read the bounds.

    Args:
        path: a force's own file; None: the one that comes with Discoverer.

    Raises:
        ConfigError: it is not there, or has mistakes; with every mistake at once.
    """
    place = path or SHIPPED
    return check(Bounds, read_toml(place), str(place))
