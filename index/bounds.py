"""What a build may differ by from the live one before it is held back: a data file, with a reason per entry."""

from __future__ import annotations

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


class NewBound(Bound):
    """How much less records that are new may say.

    Attributes:
        measures: of what; names of index/filled.py.
    """

    measures: tuple[str, ...]

    @field_validator("measures")
    @classmethod
    def _are_measured(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        _refuse_unmeasured(value)
        return value


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
        new: how much less records that are new may say than all did.
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
