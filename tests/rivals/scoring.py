"""Scores every tool alike, Discoverer among them, by the metrics of discoverer.evaluation."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from discoverer.evaluation.asking import Outcome, Shown
from discoverer.evaluation.labelled import Labelled
from discoverer.evaluation.scores import score
from discoverer.match.evidence import Level


@dataclass(frozen=True, slots=True)
class Row:
    """How one tool did on the queries of one type of one set.

    Attributes:
        n, answerable: int >= 0, queries asked, and those that something held answers.
        r1, r10, mrr: float 0 to 1, recall at 1 and 10 and mean reciprocal rank; None when nothing is answerable.
        p50_ms, p95_ms: float >= 0.
        absent: int >= 0, queries that nothing held answers.
        claimed: int 0 to absent, those of them with a hit over the tool's own usual threshold; None when it has none.
    """

    n: int
    answerable: int
    r1: float | None
    r10: float | None
    mrr: float | None
    p50_ms: float
    p95_ms: float
    absent: int
    claimed: int | None


def outcomes_of(folder: Path, queries: Iterable[Labelled]) -> tuple[list[Outcome], dict[str, Any]]:
    """Read what a rival wrote, as outcomes in the order of the queries, and what it says of itself.

    Raises:
        ValueError: a query has no result, or one that stands twice; a rival that stopped half-way scores nothing.
    """
    about: dict[str, Any] = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    lines = [json.loads(line) for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    results = {line["qid"]: line for line in lines}
    asked = list(queries)
    if len(results) != len(lines) or results.keys() != {query.qid for query in asked}:
        raise ValueError(f"{len(lines)} results, {len(results)} of them distinct, for {len(asked)} queries")
    threshold = about["threshold"]
    found = []
    for query in asked:
        line = results[query.qid]
        shown = tuple(Shown(_level(bits, threshold), bits, (id_,)) for id_, bits in line["hits"])
        found.append(Outcome(query, shown, gathered=True, seconds=line["seconds"]))
    return found, about


def _level(score_: float, threshold: float | None) -> str:
    """Return 'probable' for a score at which the tool's users take something for a match."""
    return (Level.PROBABLE if threshold is not None and score_ >= threshold else Level.POSSIBLE).value


def rows(outcomes: Sequence[Outcome], *, has_threshold: bool) -> dict[str, Row]:
    """Measure outcomes by query type, sorted."""
    by_type: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        by_type.setdefault(outcome.query.type, []).append(outcome)
    return {type_: _row(each, has_threshold) for type_, each in sorted(by_type.items())}


def _row(outcomes: Sequence[Outcome], has_threshold: bool) -> Row:
    """Measure the outcomes of one type."""
    found = score(outcomes)
    absent = [each for each in outcomes if not each.query.expected]
    claimed = sum(any(hit.level != Level.POSSIBLE for hit in each.shown) for each in absent)
    return Row(
        n=found.n,
        answerable=found.answerable,
        r1=found.r1,
        r10=found.r10,
        mrr=found.mrr,
        p50_ms=found.p50_ms,
        p95_ms=found.p95_ms,
        absent=len(absent),
        claimed=claimed if has_threshold else None,
    )


def as_json(measured: Mapping[str, Row]) -> dict[str, dict[str, Any]]:
    """Return rows as plain values."""
    return {type_: asdict(row) for type_, row in measured.items()}
