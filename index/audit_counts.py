"""A build's counts held against what was read and against the build that is live: what is missing, and from where."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from discoverer.model import Record, Visibility
from index import filled
from index.audit_report import Finding
from index.bounds import Bound, Bounds
from index.manifest import Manifest, SegmentEntry, SourceState
from index.store import Segment

COUNTS = ("mentions", "persons", "locations", "phones", "links", "documents")
LINKED = ("persons", "links")
"""Counts that other weights change rightly."""
NAMED = 3  # records named in a report as examples
LOOKED_AT = 100  # records among which examples are sought that everybody may know of
MOST_NEW = 2_000  # new records that are looked at for what they say, and of all that they are held against


class Ledger:
    """What the audit has found so far.

    Attributes:
        checks: int, how much was held against a bound.
        findings: what was outside it.
        remarks: what could not be compared, or explains a change.
    """

    def __init__(self) -> None:
        self.checks = 0
        self.findings: list[Finding] = []
        self.remarks: list[str] = []

    def hold(self, bad: bool, source: str, measure: str, cause: str) -> None:
        """Count one check, and note the cause when it is bad."""
        self.checks += 1
        if bad:
            self.findings.append(Finding(source, measure, cause))


def reconcile(ledger: Ledger, manifest: Manifest) -> None:
    """Hold a build against what was read for it: every row accounted for, and its records to be found."""
    for entry in manifest.segments:
        if entry.state is not SourceState.FRESH:
            ledger.remarks.append(f"{entry.source} was not read anew: {_reason(entry)}")
            continue
        least = entry.rows - entry.silent  # a row gives a record, a reject, or is counted as silent
        ledger.hold(
            entry.records + entry.rejects < least,
            entry.source,
            "rows",
            f"{entry.source} gave {least:,} rows that say something, and only {entry.records:,} records and"
            f" {entry.rejects:,} rejects of them are kept",
        )
    if "documents" in manifest.counts:
        held = sum(entry.records for entry in manifest.segments)
        nothing = f"it holds {held:,} records, and nothing that a search could find"
        ledger.hold(bool(held) and not manifest.counts["documents"], "", "documents", nothing)


def compare(ledger: Ledger, new: tuple[Path, Manifest], old: tuple[Path, Manifest], bounds: Bounds) -> None:
    """Hold a build against the one that is live, source by source and as a whole.

    Args:
        ledger: what is found goes here.
        new: folder and manifest of it.
        old: the same of the one that is live.
        bounds: how much may change.

    Raises:
        IndexUnavailable: a segment cannot be opened.
    """
    for before in old[1].segments:
        if before.file:
            _compare_source(ledger, new, old, before, bounds)
    _compare_wholes(ledger, new[1], old[1], bounds)


def _compare_source(
    ledger: Ledger, new: tuple[Path, Manifest], old: tuple[Path, Manifest], before: SegmentEntry, bounds: Bounds
) -> None:
    """Hold one source against what it held."""
    name, entry = before.source, new[1].segment(before.source)
    if entry is None:
        ledger.remarks.append(f"{name} is not in the settings any more, and no longer in the build")
        return
    if not entry.file:
        ledger.hold(
            bounds.lost.is_passed(before.records, before.records),
            name,
            "lost",
            f"{name} holds nothing, where build {old[1].build} held {before.records:,} records: {_reason(entry)}",
        )
        return
    if entry.adapter_version != before.adapter_version:
        ledger.remarks.append(f"{name} is read by another mapping than before, which may explain what has changed")
    with ExitStack() as opened:
        ours = opened.enter_context(Segment(new[0] / entry.file))
        theirs = opened.enter_context(Segment(old[0] / before.file))
        lost, some = theirs.apart_from(ours.path, LOOKED_AT)
        open_ones = [record.ref for record in theirs.get([n for n, _ in some]).values() if is_nameable(record)]
        _records_lost(ledger, entry, before, (lost, open_ones), (old[1].build, bounds.lost))
        total, gained = ours.apart_from(theirs.path, MOST_NEW)
        _records_new(ledger, entry, before, total, bounds.grown)
        added = _Said.by(ours, [n for n, _ in gained], bounds.new.measures)
        whole = _Said.by(theirs, _spread(before.records, MOST_NEW), bounds.new.measures)
        _said_by_new(ledger, before, added, whole, bounds)
    _rows_refused(ledger, entry, before, bounds)
    _said_less(ledger, entry, before, added if total == added.records else _Said(), bounds)


def _records_lost(
    ledger: Ledger,
    entry: SegmentEntry,
    before: SegmentEntry,
    gone: tuple[int, Sequence[str]],
    against: tuple[str, Bound],
) -> None:
    """Hold a source against the records it held."""
    (lost, open_ones), (build, bound) = gone, against
    change, whose = "", f"of those that build {build} holds"
    if before.records > entry.records:
        share = _share(before.records - entry.records, before.records)
        change, whose = f", {share} fewer than the {before.records:,} of build {build}", "of those"
    ledger.hold(
        bound.is_passed(lost, before.records),
        entry.source,
        "lost",
        f"{entry.source} holds {entry.records:,} records{change}: {lost:,} {whose} are gone"
        f" ({_share(lost, before.records)}; at most {bound.share:.1%} may go at once){examples(open_ones)}",
    )


def _records_new(ledger: Ledger, entry: SegmentEntry, before: SegmentEntry, gained: int, bound: Bound) -> None:
    """Hold a source against how many records it did not hold."""
    ledger.hold(
        bound.is_passed(gained, before.records),
        entry.source,
        "grown",
        f"{entry.source} holds {gained:,} records that it did not hold, where it held {before.records:,} in all"
        f" ({_share(gained, before.records)} more; at most {bound.share:.1%} may come at once)",
    )


def _rows_refused(ledger: Ledger, entry: SegmentEntry, before: SegmentEntry, bounds: Bounds) -> None:
    """Hold the rows of a source that became no record against those before."""
    for measure, words, bound, now, then in (
        ("rejected", "were rejected ('discoverer rejects' says why)", bounds.rejected, entry.rejects, before.rejects),
        ("silent", "gave neither a record nor a reject", bounds.silent, entry.silent, before.silent),
    ):
        expected = then * entry.rows / before.rows if before.rows else 0.0
        ledger.hold(
            bound.is_passed(now - expected, entry.rows),
            entry.source,
            measure,
            f"{now:,} of {entry.rows:,} rows of {entry.source} {words}, where {then:,} of {before.rows:,} did before",
        )


@dataclass(frozen=True, slots=True)
class _Said:
    """What some records say.

    Attributes:
        records: int >= 0, how many there are.
        times: measure -> how often they say it.
        saying: measure -> how many of them do.
    """

    records: int = 0
    times: Counter[str] = field(default_factory=Counter)
    saying: Counter[str] = field(default_factory=Counter)

    @staticmethod
    def by(segment: Segment, numbers: Sequence[int], measures: Sequence[str]) -> _Said:
        """Look at some records of a segment."""
        times: Counter[str] = Counter()
        saying: Counter[str] = Counter()
        for record in segment.get(numbers).values():
            said = {measure: filled.MEASURES[measure](record) for measure in measures}
            times.update(said)
            saying.update(measure for measure, count in said.items() if count)
        return _Said(len(numbers), times, saying)


def _spread(records: int, most: int) -> list[int]:
    """Return the numbers of so many records at most of a segment, evenly spread."""
    return list(range(1, records + 1, max(1, -(-records // most))))


def _said_less(ledger: Ledger, entry: SegmentEntry, before: SegmentEntry, new: _Said, bounds: Bounds) -> None:
    """Hold what the records of a source say against what they said: each thing as often, record for record.

    What new records are held to by themselves is left out of it: of a small source they would weigh too much.
    """
    for measure, then in sorted(before.filled.items()):
        apart = new if measure in bounds.new.measures else _Said()
        now, records = entry.filled.get(measure, 0) - apart.times[measure], entry.records - apart.records
        bound, whose = bounds.filled_of(measure), " that are not new" if apart.records else ""
        expected = then * records / before.records if before.records else 0.0
        ledger.hold(
            bound.is_passed(expected - now, expected),
            entry.source,
            "filled",
            f"the {records:,} records of {entry.source}{whose} say {now:,} {measure}, where {expected:,.0f} were to be"
            f" expected by what they said before ({_share(expected - now, expected)} fewer; at most"
            f" {bound.share:.1%} may be missing): look whether a column has moved or changed its meaning",
        )


def _said_by_new(ledger: Ledger, before: SegmentEntry, new: _Said, whole: _Said, bounds: Bounds) -> None:
    """Hold how many new records say something against how many of all did, where chance does not explain it."""
    for measure in bounds.new.measures:
        part = whole.saying[measure] / whole.records if whole.records else 0.0
        ledger.hold(
            bounds.new.is_passed(new.saying[measure], new.records, part),
            before.source,
            "new",
            f"{new.saying[measure]:,} of {new.records:,} new records of {before.source} have {measure}, where"
            f" {part * new.records:,.0f} were to be expected: look whether a column has moved or changed its meaning",
        )


def _compare_wholes(ledger: Ledger, new: Manifest, old: Manifest, bounds: Bounds) -> None:
    """Hold the counts of whole builds against each other, where both hold the same sources."""
    if [entry.source for entry in new.segments if entry.file] != [entry.source for entry in old.segments if entry.file]:
        ledger.remarks.append(f"it holds other sources than build {old.build}, so that whole counts were not compared")
        return
    skipped = LINKED if new.linking != old.linking else ()
    if skipped:
        ledger.remarks.append(f"people are linked by {new.linking}, those of build {old.build} by {old.linking}")
    for name in COUNTS:
        now, then = new.counts.get(name), old.counts.get(name)
        if now is None or then is None or name in skipped:
            continue
        for measure, change, bound, words in (
            ("fewer", then - now, bounds.fewer, "fewer"),
            ("more", now - then, bounds.more, "more"),
        ):
            ledger.hold(
                bound.is_passed(change, then),
                "",
                measure,
                f"it has {now:,} {name}, {_share(change, then)} {words} than the {then:,} of build {old.build}"
                f" (at most {bound.share:.1%})",
            )


def _reason(entry: SegmentEntry) -> str:
    """Return why a source was not read, without its name before it."""
    return entry.reason.removeprefix(f"{entry.source}: ")


def is_nameable(record: Record) -> bool:
    """Tell whether a report may name a record: reports are read by everybody, whatever they may read else."""
    return record.words_visibility is Visibility.OPEN


def examples(refs: Sequence[str]) -> str:
    """Name the first of some records, to be put after a cause; '' when none may be named."""
    return f", such as {', '.join(sorted(refs)[:NAMED])}" if refs else ""


def _share(part: float, whole: float) -> str:
    """Write a part of a whole as people say it."""
    return f"{part / whole:.1%}" if whole else "all of them new"
