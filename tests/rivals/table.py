"""Lays results out: Discoverer beside every rival, set by set and type by type, and where Discoverer is behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from discoverer.evaluation.scores import found_at
from tests.rivals.contest import DISCOVERER, Result
from tests.rivals.scoring import Row

# Recall where a rival need only be equalled; below it, it must be beaten.
GOOD = 0.99
MEASURES = ("r1", "r10")
HEADINGS = ("set", "type", "tool", "n", "r@1", "r@10", "mrr", "p50 ms", "p95 ms", "absent, claimed")


@dataclass(frozen=True, slots=True)
class Standing:
    """How Discoverer stands on one measure of one type of one set.

    Attributes:
        set, type, measure: str.
        ours, theirs: float 0 to 1, Discoverer's recall and the best rival's.
        best: str, that rival.
    """

    set: str
    type: str
    measure: str
    ours: float
    theirs: float
    best: str

    @property
    def behind(self) -> bool:
        """Whether the best rival is ahead."""
        return self.ours < self.theirs

    def __str__(self) -> str:
        verdict = "BEHIND" if self.behind else "ahead" if self.ours > self.theirs else "equal"
        if verdict == "equal" and self.ours < GOOD:
            verdict = f"equal, below {GOOD}"
        where = f"{self.set} {self.type} {self.measure.replace('r', 'r@')}"
        return f"{where:<36} {share(self.ours)}  best rival {share(self.theirs)} ({self.best}): {verdict}"


def share(value: float | None) -> str:
    """Write a share to three places, rounded down: 0.9996 is not 1."""
    return "-" if value is None else f"{int(value * 1000 + 1e-9) / 1000:.3f}"


def standings(name: str, results: Sequence[Result]) -> Iterator[Standing]:
    """Yield how Discoverer stands on one set; types that no rival answered are left out."""
    by_tool = {result.tool: result.rows for result in results}
    for type_, ours in by_tool[DISCOVERER].items():
        for measure in MEASURES:
            mine: float | None = getattr(ours, measure)
            theirs = {
                tool: value
                for tool, measured in by_tool.items()
                if tool != DISCOVERER and type_ in measured
                if (value := getattr(measured[type_], measure)) is not None
            }
            if mine is not None and theirs:
                best = max(theirs, key=theirs.__getitem__)
                yield Standing(name, type_, measure, mine, theirs[best], best)


def cells(name: str, type_: str, tool: str, row: Row) -> tuple[str, ...]:
    """Return one row of the table as texts."""
    claimed = "-" if not row.absent else f"{'no threshold' if row.claimed is None else row.claimed} of {row.absent}"
    shares = (share(row.r1), share(row.r10), share(row.mrr))
    return (name, type_, tool, f"{row.n:,}", *shares, f"{row.p50_ms:.1f}", f"{row.p95_ms:.1f}", claimed)


def table(name: str, results: Sequence[Result]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of one set: type by type, Discoverer first and then the rivals by recall at 1."""
    types = sorted({type_ for result in results for type_ in result.rows})
    for type_ in types:
        rows = {result.tool: result.rows[type_] for result in results if type_ in result.rows}
        for tool in sorted(rows, key=lambda tool: (tool != DISCOVERER, -(rows[tool].r1 or 0.0))):
            yield cells(name, type_, tool, rows[tool])


def failures(results: Sequence[Result]) -> Iterator[str]:
    """Yield a line for each tool that failed; it has no recall at all, which is not a recall of nought."""
    for result in results:
        if result.failed:
            yield f"{result.tool} FAILED: {result.failed}"


def as_text(rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    """Lay rows out for a terminal, headings first."""
    widths = (16, 13, 20, 6, 7, 7, 7, 8, 8, 16)
    for row in (HEADINGS, *rows):
        left = "".join(f"{text:<{width}}" for text, width in zip(row[:3], widths[:3], strict=True))
        yield left + "".join(f"{text:>{width}}" for text, width in zip(row[3:], widths[3:], strict=True))


def as_markdown(rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    """Lay rows out as a Markdown table."""
    yield f"| {' | '.join(HEADINGS)} |"
    yield "|---|---|---" + "|---:" * (len(HEADINGS) - 3) + "|"
    for row in rows:
        text = f"**{row[2]}**" if row[2] == DISCOVERER else row[2]
        yield f"| {' | '.join((*row[:2], text, *row[3:]))} |"


def examples(standing: Standing, results: Sequence[Result], most: int) -> Iterator[str]:
    """Yield queries that the best rival answers rightly at 1 and Discoverer does not."""
    mine = {each.query.qid: each for result in results if result.tool == DISCOVERER for each in result.outcomes}
    theirs = [each for result in results if result.tool == standing.best for each in result.outcomes]
    shown = 0
    for each in theirs:
        ours = mine.get(each.query.qid)
        if ours is None or each.query.type != standing.type or not each.query.expected or shown >= most:
            continue
        if found_at(each, 1) and not found_at(ours, 1):
            first = ours.shown[0].label if ours.shown else "nothing"
            asked = " ".join(ours.query.fields.values())
            place = next((n for n, id_ in enumerate(ours.records, 1) if id_ in each.query.expected), 0)
            wanted = ", ".join(sorted(each.query.expected)[:3])
            at = f"at {place}" if place else "not found"
            yield f"{each.query.qid}: asked '{asked}'; wanted {wanted}, {at}; ours first '{first}'"
            shown += 1
