"""Draws boards as one page: bars of recall by group, curves of recall and wrong by threshold, and every figure twice.

The page needs no network and runs no script. Nothing is said by colour alone: the worst bar is hatched and named, the
two curves differ in dashes and in their labels, and each picture has its table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from discoverer.evaluation.board import Board, Table
from discoverer.evaluation.scoreboard import three_places, title
from discoverer.evaluation.scores import Cut, Score

_CHARTED = ("type", "class", "pattern", "spelling")
_BAR, _GAP, _LEFT, _WIDE, _RIGHT = 16, 6, 250, 420, 240  # pixels
_PLOT_WIDE, _PLOT_HIGH, _MARGIN = 520, 220, 44
_STYLE = """
body{font:15px/1.45 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111;background:#fff}
table{border-collapse:collapse;margin:.5rem 0 1.5rem}td,th{padding:.15rem .6rem;text-align:right;
border-bottom:1px solid #ccc}th:first-child{text-align:left}tbody th{font-weight:400}tr.worst *{font-weight:700}
svg{display:block;max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#111}
"""
# One hatching for every picture of the page.
_HATCHING = (
    '<svg width="0" height="0" aria-hidden="true"><defs>'
    '<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#fff"/><line x1="0" y1="0" x2="0" y2="6" stroke="#111" stroke-width="4"/>'
    "</pattern></defs></svg>"
)


def page(boards: Sequence[Board]) -> str:
    """Return the whole page of some boards as HTML."""
    name = ", ".join(dict.fromkeys(board.name for board in boards))
    body = "".join(_board(board) for board in boards)
    return (
        f'<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>Recall: {escape(name)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>Recall: {escape(name)}</h1>{_HATCHING}{body}</body></html>\n"
    )


def _board(board: Board) -> str:
    """Draw one board."""
    parts = [f"<h2>{escape(title(board))}</h2>"]
    for table in board.tables:
        parts.append(f"<h3>Recall by {escape(table.kind)}</h3>")
        if table.kind in _CHARTED:
            parts.append(_bars(table))
        parts.append(_figures(table))
    parts.append("<h3>As the least score of the first hit rises</h3>")
    if len(board.cuts) > 1:
        parts.append(_curves(board.cuts))
    parts += [_cuts("least score", board.cuts), "<h3>By level of the first hit</h3>", _cuts("level", board.levels)]
    return "".join(parts)


def _bars(table: Table) -> str:
    """Draw recall at 10 as bars, with recall at 1 as a mark on each."""
    rows = [(group, score) for group, score in table.scores.items() if score.r10 is not None]
    high = len(rows) * (_BAR + _GAP) + 20
    drawn = "".join(_bar(group, score, place, group == table.marked) for place, (group, score) in enumerate(rows))
    label = (
        f"Bars of recall at 10 by {table.kind}; an upright stroke marks recall at 1; the table below has the figures"
    )
    return _svg(_LEFT + _WIDE + _RIGHT, high, label, drawn)


def _bar(group: str, score: Score, place: int, worst: bool) -> str:
    """Draw one bar."""
    top = place * (_BAR + _GAP) + 4
    middle = top + _BAR - 4
    r10, r1 = score.r10 or 0.0, score.r1 or 0.0
    fill = "url(#hatch)" if worst else "#5b7fa6"
    words = f"{three_places(r10)} (at 1: {three_places(r1)}){' WORST' if worst else ''}"
    return (
        f'<text x="{_LEFT - 8}" y="{middle}" text-anchor="end">{escape(group)}, n {score.n:,}</text>'
        f'<rect x="{_LEFT}" y="{top}" width="{r10 * _WIDE:.1f}" height="{_BAR}" fill="{fill}" stroke="#111"/>'
        f'<line x1="{_LEFT + r1 * _WIDE:.1f}" x2="{_LEFT + r1 * _WIDE:.1f}" y1="{top - 2}" y2="{top + _BAR + 2}"'
        ' stroke="#111" stroke-width="3"/>'
        f'<text x="{_LEFT + _WIDE + 8}" y="{middle}">{words}</text>'
    )


def _curves(cuts: Sequence[Cut]) -> str:
    """Draw recall (whole line) and wrong (dashed) against the least score."""
    across = _PLOT_WIDE / (len(cuts) - 1)
    frame = f'<rect x="{_MARGIN}" y="10" width="{_PLOT_WIDE}" height="{_PLOT_HIGH}" fill="none" stroke="#888"/>'
    marks = "".join(
        f'<text x="{_MARGIN - 6}" y="{_down(share) + 4:.1f}" text-anchor="end">{share:.1f}</text>'
        for share in (0.0, 0.5, 1.0)
    )
    every = max(1, len(cuts) // 5)
    under = f'y="{_PLOT_HIGH + 28}" text-anchor="middle"'
    marks += "".join(
        f'<text x="{_MARGIN + place * across:.1f}" {under}>{escape(cut.label)}</text>'
        for place, cut in enumerate(cuts)
        if place % every == 0
    )
    lines = _line("recall", [cut.recall for cut in cuts], across, "")
    lines += _line("wrong", [cut.wrong for cut in cuts], across, "6 4")
    label = "Recall, whole line, and wrong first hits, dashed line, against the least score; the table has the figures"
    return _svg(_MARGIN + _PLOT_WIDE + 40, _PLOT_HIGH + 40, label, frame + marks + lines)


def _line(name: str, shares: Sequence[float], across: float, dashes: str) -> str:
    """Draw one curve with its name at its beginning, where recall and wrong stand far apart."""
    points = " ".join(f"{_MARGIN + place * across:.1f},{_down(share):.1f}" for place, share in enumerate(shares))
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    beside = _down(shares[0]) + (18 if name == "recall" else -6)
    return (
        f'<polyline points="{points}" fill="none" stroke="#111" stroke-width="2"{dashed}/>'
        f'<text x="{_MARGIN + 8}" y="{beside:.1f}">{name}</text>'
    )


def _down(share: float) -> float:
    """Return how far down the plot a share stands."""
    return 10 + (1 - share) * _PLOT_HIGH


def _svg(wide: int, high: int, label: str, drawn: str) -> str:
    """Wrap a picture with what it says in words."""
    return f'<svg viewBox="0 0 {wide} {high}" width="{wide}" role="img" aria-label="{escape(label)}">{drawn}</svg>'


def _figures(table: Table) -> str:
    """Write the figures of a table."""
    headings = ("group", "n", "r@1", "r@5", "r@10", "MRR", "candidates", "wrong", "at most, 95 %", "must not", "p95 ms")
    rows = (
        (group == table.marked, [
            group + (" (worst)" if group == table.marked else ""), f"{score.n:,}",
            *map(three_places, (score.r1, score.r5, score.r10, score.mrr, score.candidates)),
            str(score.wrong), f"{score.wrong_bound:.4f}", str(score.must_not), f"{score.p95_ms:.1f}",
        ])
        for group, score in table.scores.items()
    )  # fmt: skip
    return _html_table(headings, rows)


def _cuts(what: str, cuts: Sequence[Cut]) -> str:
    """Write the figures of a curve."""
    return _html_table(
        (what, "recall", "wrong"), ((False, [c.label, three_places(c.recall), f"{c.wrong:.4f}"]) for c in cuts)
    )


def _html_table(headings: Sequence[str], rows: Iterable[tuple[bool, Sequence[str]]]) -> str:
    """Write a table; a row may be marked as the worst."""
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    body = "".join(
        f'<tr{" class=worst" if worst else ""}><th scope="row">{escape(cells[0])}</th>'
        f"{''.join(f'<td>{escape(cell)}</td>' for cell in cells[1:])}</tr>"
        for worst, cells in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
