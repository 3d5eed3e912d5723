"""Measures one labelled folder: opened, every query asked both ways, the boards and where they are written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from discoverer.codec import encode
from discoverer.errors import UsageError
from discoverer.evaluation.asking import Outcome, Way, ask
from discoverer.evaluation.board import Board, board
from discoverer.evaluation.labelled import Labelled, LabelledSet, opened
from discoverer.evaluation.scores import found_at, is_wrong, shows_forbidden
from index.progress import Progress

BOTH = (Way.FIELDS, Way.BOX)


Run = tuple[Board, list[Outcome]]


def evaluate(
    folder: Path,
    progress: Progress,
    *,
    ways: Sequence[Way] = BOTH,
    most: int | None = None,
    state: Path | None = None,
) -> list[Run]:
    """Measure a labelled folder; for each way of asking the board, and the outcomes it was made of.

    Args:
        folder: see labelled.opened, whose errors are raised here too.
        progress: told of the build and of every query.
        ways: in which ways to ask.
        most: int >= 1, how many queries to ask, spread evenly over the file; None: all.
        state: where the index is kept; None: see labelled.opened.
    """
    with opened(folder, progress, state) as found:
        return list(measure(found, progress, ways=ways, most=most))


def measure(
    found: LabelledSet, progress: Progress, *, ways: Sequence[Way] = BOTH, most: int | None = None
) -> Iterator[Run]:
    """Measure an open labelled set, as `evaluate` does."""
    queries = spread(found.queries, most)
    for way in ways:
        total = sum(way is Way.BOX or bool(query.fields) for query in found.queries)
        outcomes = ask(found, queries, way, progress)
        yield board(found.name, way, outcomes, total), outcomes


def spread(queries: Sequence[Labelled], most: int | None) -> Sequence[Labelled]:
    """Return at most so many queries, spread evenly over all of them; always the same ones."""
    if most is None or most >= len(queries):
        return queries
    return [queries[place * len(queries) // most] for place in range(most)]


def write_json(boards: Sequence[Board], path: Path) -> None:
    """Write boards as JSON for programs. Raises UsageError when the disk does not take them."""
    write(path, encode([asdict(each) for each in boards]))


def write_misses(runs: Sequence[Run], path: Path) -> None:
    """Write every query that was answered less than perfectly, one JSON object a line, for whoever improves matching.

    Each says what was missed ('at 1', 'at 10'), whether retrieval gathered a right record, and what was shown instead.
    Raises UsageError when the disk does not take them.
    """
    lines = (_miss(board.way, outcome) for board, outcomes in runs for outcome in outcomes)
    write(path, b"".join(encode(line) + b"\n" for line in lines if line["faults"]))


def _miss(way: Way, outcome: Outcome) -> dict[str, object]:
    """Say what was wrong with one answer; no faults when nothing was."""
    query = outcome.query
    faults = {
        "refused": bool(outcome.refused),
        "at 1": bool(query.expected) and not found_at(outcome, 1),
        "at 10": bool(query.expected) and not found_at(outcome, 10),
        "not gathered": bool(query.expected) and not outcome.gathered,
        "wrong": is_wrong(outcome),
        "must not": shows_forbidden(outcome),
    }
    return {
        "qid": query.qid,
        "way": way.value,
        "type": query.type,
        "faults": [name for name, met in faults.items() if met],
        "asked": dict(query.fields) if way is Way.FIELDS else query.box,
        "expected": sorted(query.expected),
        "refused": outcome.refused,
        "shown": [
            {"level": hit.level, "bits": hit.bits, "label": hit.label, "records": hit.records[:5]}
            for hit in outcome.shown
        ],
    }


def write(path: Path, data: bytes) -> None:
    """Write a file of figures.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        path.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}); choose another place.") from None
