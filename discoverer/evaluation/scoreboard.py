"""Lays a board out as text, one line a group, for a terminal and for what CI keeps of its output."""

from __future__ import annotations

from collections.abc import Iterator

from discoverer.evaluation.asking import Way
from discoverer.evaluation.board import LEAST, Board, Table
from discoverer.evaluation.scores import Cut, Score

_HEADINGS = (
    f"{'n':>7}{'answ.':>7}{'r@1':>7}{'r@5':>7}{'r@10':>7}{'mrr':>7}{'cand.':>7}{'rank.':>7}"
    f"{'wrong':>7}{'<= 95%':>8}{'must not':>9}{'p50 ms':>8}{'p95':>7}{'p99':>7}"
)
_WIDTH = 30
LEGEND = f"""\
n         queries asked; answ.: those among them that something in the index answers
r@k       share of the answerable with a right record among the first k records. At 1 a record that is also acceptable
          (also_ok) is right too; at 5 and 10 only an expected one is, so r@5 and r@10 can be lower than r@1
mrr       mean of 1 / place of the first expected record
cand.     share whose expected record was gathered to be compared; rank.: of these, the share with one in the first 10
wrong     queries with a hit at probable or above that holds no right record; <= 95%: what its share is at most
must not  queries with a record that must not be found in a hit above possible
p50, p95, p99   milliseconds that half, 95 % and 99 % of the searches stay within
< worst   the group of lowest r@10, then r@1, among those with {LEAST} answerable queries or more; none if none misses
pattern   F01 to F19: ways in which police were failed, planted in a generated set (its plan.json says what each is);
          M01 to M13: names that must match, and look-alikes that must not (fixtures/data/lookalikes.toml)
first hit at least LEVEL   were first hits below that level not shown: recall, the share of the answerable whose first
          hit is left and right; wrong, the share of all queries whose first hit is left and holds no right record
The index of a generated set is kept in its folder, in state/, and used as it is until that is removed; the index of
records.jsonl is made anew each time. With --state DIR it is kept in DIR/NAME, and made anew when it is out of date."""
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
            yield _row(group, score) + ("  < worst" if group == table.marked and len(table.scores) > 1 else "")
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
    if not table.marked:
        return f"  {table.kind}: r@10 {three_places(table.mean)} in all, no group of {LEAST} or more misses anything"
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
