"""Searches asked of two builds: which records are asked for, and whether they are still found as well as they were.

The records are chosen from the live build, evenly spread, the same ones whenever it is asked; records that their source
gives no more are left out. How a record is asked for, and by which search, stands in discoverer/replay.py.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from index.audit_counts import Ledger, examples, is_nameable
from index.bounds import Bound, Probes
from index.reader import Index


@dataclass(frozen=True, slots=True)
class Chosen:
    """A record to be asked for.

    Attributes:
        source: str.
        ref: str, its raw key columns joined with '/'.
        nameable: bool, whether a report may name it.
    """

    source: str
    ref: str
    nameable: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """One search, asked of both builds.

    Attributes:
        record: Chosen, that was asked for.
        by: str, in which way, in words: 'telephone number'.
        before: int, how sure the best hit that holds it was, 1 the surest; 0 when it was not among the first.
        after: int, the same of the new build.
    """

    record: Chosen
    by: str
    before: int
    after: int


Replay = Callable[[Index, Index, Sequence[Chosen], int], Sequence[Asked]]
"""Asks for records in the new build (the first) and in the live one (the second), among so many first hits."""


def choose(new: Index, old: Index, per_source: int) -> list[Chosen]:
    """Choose records of the live build that the new one holds too, at most so many of each source."""
    theirs = {segment.info.source: segment for segment in new.segments.values()}
    chosen = []
    for segment in old.segments.values():
        other = theirs.get(segment.info.source)
        count = segment.info.records
        if other is None or not count:
            continue
        spread = sorted({1 + place * count // per_source for place in range(per_source)})
        for _, record in sorted(segment.get(spread).items()):
            if other.number_of(record.ref) is not None:
                chosen.append(Chosen(segment.info.source, record.ref, is_nameable(record)))
    return chosen


def judge(ledger: Ledger, asked: Sequence[Asked], build: str, bounds: Probes) -> None:
    """Hold the answers of the new build against those of the live one.

    Args:
        ledger: what is found goes here.
        asked: every search.
        build: the live one's id.
        bounds: how many may differ.
    """
    groups: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for each in asked:
        if each.before:
            groups[each.record.source, each.by].append(each)
    for (source, by), those in sorted(groups.items()):
        lost = [each for each in those if not each.after]
        weaker = [each for each in those if each.after > each.before]
        for measure, found, bound, words in (
            ("probes.lost", lost, bounds.lost, f"not found any more among the first {bounds.first}"),
            ("probes.weaker", weaker, bounds.weaker, "found less surely"),
        ):
            cause = f"{len(found)} of {len(those)} records of {source} that build {build} finds by {by} are {words}"
            _hold(ledger, found, len(those), (source, measure, cause), bound)


def _hold(ledger: Ledger, found: Sequence[Asked], of: int, what: tuple[str, str, str], bound: Bound) -> None:
    """Note one kind of difference, with the records it was seen in."""
    source, measure, cause = what
    open_ones = [each.record.ref for each in found if each.record.nameable]
    ledger.hold(bound.is_passed(len(found), of), source, measure, f"{cause}{examples(open_ones)}")
