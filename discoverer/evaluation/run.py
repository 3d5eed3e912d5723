"""Measures one labelled folder: opened, every query asked both ways, the boards and where they are written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
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


def refuse_places(outputs: Sequence[Path], own: Sequence[Path]) -> None:
    """Refuse to write figures over what they are taken from, or twice to one place; links are followed.

    Args:
        outputs: where figures will be written.
        own: files and folders that must stay as they are.

    Raises:
        UsageError: naming the first place at fault.
    """
    kept = [path.resolve() for path in own if path.exists()]
    seen: set[Path] = set()
    for output in outputs:
        place = output.resolve()
        if any(each in (place, *place.parents) or (place.exists() and place.samefile(each)) for each in kept):
            raise UsageError(f"{output} is part of what is measured; choose another place to write to.")
        if place in seen:
            raise UsageError(f"{output} is named for two outputs; give each its own place.")
        seen.add(place)


def write_all(wanted: Sequence[tuple[Path | None, Callable[[], bytes]]]) -> str:
    """Write every file asked for, whatever becomes of the others; return what was refused in words, '' for nothing."""
    refused = []
    for path, made in wanted:
        if path is not None:
            try:
                write(path, made())
            except UsageError as error:
                refused.append(error.message)
    return " ".join(refused)


def figures(boards: Sequence[Board]) -> bytes:
    """Return boards as JSON for programs."""
    return encode([asdict(each) for each in boards])


def misses(runs: Sequence[Run]) -> bytes:
    """Return every query that was answered less than perfectly, one JSON object a line, for whoever improves matching.

    Each says what was missed ('at 1', 'at 10'), whether retrieval gathered a right record, and what was shown instead.
    """
    lines = (_miss(board.way, outcome) for board, outcomes in runs for outcome in outcomes)
    return b"".join(encode(line) + b"\n" for line in lines if line["faults"])


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
    """Write a file of figures whole, or leave what stood there; a pipe or device is written to as it is.

    Raises:
        UsageError: it cannot be written.
    """
    place = path.resolve()
    plain_file = place.is_file() or not place.exists()
    aside = place.with_name(f".{place.name}.part") if plain_file else place
    try:
        try:
            aside.write_bytes(data)
            if plain_file:
                aside.replace(place)
        finally:
            if plain_file:
                aside.unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{path} cannot be written ({error.strerror}); choose another place.") from None
