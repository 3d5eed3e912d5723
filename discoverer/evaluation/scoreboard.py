"""Lays a board out as text, one line a group, for a terminal and for what CI keeps of its output."""

from __future__ import annotations

from collections.abc import Iterator

from discoverer.evaluation.asking import Way
from discoverer.evaluation.board import Board, Table
from discoverer.evaluation.scores import Cut, Score

_HEADINGS = (
    f"{'n':>7}{'answ.':>7}{'r@1':>7}{'r@5':>7}{'r@10':>7}{'mrr':>7}{'cand.':>7}{'rank.':>7}"
    f"{'wrong':>7}{'<= 95%':>8}{'must not':>9}{'p50 ms':>8}{'p95':>7}{'p99':>7}"
)
_WIDTH = 30
LEGEND = (
    "n asked, answ. answerable; r@k a right record among the first k; cand. retrieval gathered one, rank. of those "
    "the share ranked among ten; wrong: a hit at probable or above without a right record, <= 95% the upper bound of "
    "its share; must not: a forbidden record in a hit above possible."
)
_HOW = {Way.FIELDS: "as named fields", Way.BOX: "through the one box"}


def title(board: Board) -> str:
    """Say what was asked and how."""
    asked = f"{board.asked:,} queries" if board.asked == board.total else f"{board.asked:,} of {board.total:,} queries"
    return f"{board.name}, {_HOW[board.way]}: {asked}"


def lines(board: Board) -> Iterator[str]:
    """Yield the lines of a board."""
    yield title(board)
    for table in board.tables:
        yield f"{table.kind:<{_WIDTH}}{_HEADINGS}"
        for group, score in table.scores.items():
            yield _row(group, score) + ("  < worst" if group == table.worst and len(table.scores) > 1 else "")
        if table.worst:
            yield summary(table)
    yield f"{'first hit at least':<{_WIDTH}}{'recall':>8}{'wrong':>8}"
    yield from map(_cut, board.levels)
    refused = board.tables[0].scores["all"].refused if board.tables else 0
    if refused:
        were = "query was" if refused == 1 else "queries were"
        yield f"{refused:,} {were} refused as unreadable and count as not found."


def summary(table: Table) -> str:
    """Set the worst group of a kind beside the mean."""
    worst = table.scores[table.worst]
    return (
        f"  {table.kind}: r@10 {three_places(table.mean)} in all, {three_places(worst.r10)} in the worst, {table.worst}"
    )


def _row(name: str, score: Score) -> str:
    """Lay out one group."""
    shares = (score.r1, score.r5, score.r10, score.mrr, score.candidates, score.ranking)
    return (
        f"{name[: _WIDTH - 1]:<{_WIDTH}}{score.n:>7,}{score.answerable:>7,}"
        + "".join(f"{three_places(share):>7}" for share in shares)
        + f"{score.wrong:>7,}{score.wrong_bound:>8.4f}{score.must_not:>9,}"
        + f"{score.p50_ms:>8.1f}{score.p95_ms:>7.1f}{score.p99_ms:>7.1f}"
    )


def three_places(value: float | None) -> str:
    """Write a share to three places, rounded down: 0.9996 is not 1."""
    return "-" if value is None else f"{int(value * 1000 + 1e-9) / 1000:.3f}"


def _cut(cut: Cut) -> str:
    """Lay out what is left at one level."""
    return f"  {cut.label:<{_WIDTH - 2}}{three_places(cut.recall):>8}{cut.wrong:>8.4f}"
