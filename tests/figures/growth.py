"""The chart of growth, drawn from the benchmark's own files: `python -m tests.figures.growth`.

Only tiers that have been run are in it, each with the machine it was run on. Nothing is said by colour alone: engines
differ in their dashes and marks and are named at the end of their lines.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

from tests.figures.machine import in_words

RESULTS = Path(__file__).parent / "results"
LEAST = 50_000  # records of the smallest tier drawn
_WIDE, _HIGH = 300, 190  # pixels of one plot
_LEFT, _TOP, _RIGHT, _BELOW = 64, 44, 96, 46
_ACROSS = 2
_STYLES = {"whoosh": ("#0b5394", "", "circle"), "tantivy": ("#a61c00", "7 4", "square")}
_OTHER = ("#38761d", "2 4", "circle")


@dataclass(frozen=True, slots=True)
class Plot:
    """One measure against the number of records.

    Attributes:
        title: str, with its unit.
        value: finds the measure in what a result file tells of one engine.
    """

    title: str
    value: Callable[[Mapping[str, Any]], float]


PLOTS = (
    Plot("build with linking: records a second", lambda each: float(each["build"]["result"]["records_a_second"])),
    Plot("build: peak memory, GB", lambda each: float(each["build"]["result"]["peak_mb"]) / 1024),
    Plot("index: bytes a record", lambda each: float(each["build"]["result"]["bytes_a_record"])),
    Plot("search alone, all types: p50, ms", lambda each: float(each["search"]["result"]["single"]["all"]["p50_ms"])),
    Plot("search alone, all types: p95, ms", lambda each: float(each["search"]["result"]["single"]["all"]["p95_ms"])),
    Plot(
        "10 searches a second, open loop: p95, ms",
        lambda each: float(each["search"]["result"]["open_loop"]["types"]["all"]["p95_ms"]),
    ),
)


def read(folder: Path) -> list[dict[str, Any]]:
    """Read the results that are there, the smallest first."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.json")]
    return sorted((each for each in found if each["records"] >= LEAST), key=lambda each: int(each["records"]))


def chart(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the chart as one SVG document; with no results it says so."""
    rows = math.ceil(len(PLOTS) / _ACROSS)
    notes = list(dict.fromkeys(_note(each) for each in results)) or ["No tier of 50,000 records or more has been run."]
    wide = _ACROSS * (_LEFT + _WIDE + _RIGHT)
    high = rows * (_TOP + _HIGH + _BELOW) + 18 * len(notes) + 16
    drawn = "".join(
        f'<g transform="translate({place % _ACROSS * (_LEFT + _WIDE + _RIGHT) + _LEFT},'
        f'{place // _ACROSS * (_TOP + _HIGH + _BELOW) + _TOP})">{_plot(plot, results)}</g>'
        for place, plot in enumerate(PLOTS)
    )
    under = "".join(
        f'<text x="{_LEFT}" y="{rows * (_TOP + _HIGH + _BELOW) + 18 * (line + 1)}">{escape(note)}</text>'
        for line, note in enumerate(notes)
    )
    label = "How build and search grow with the number of source records; the tables beside this file have the figures"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" role="img" '
        f'aria-label="{escape(label)}"><style>text{{font:12px system-ui,sans-serif;fill:#111}}.t{{font-weight:700}}</style>'
        f'<rect width="{wide}" height="{high}" fill="#fff"/>{drawn}{under}</svg>\n'
    )


def _note(told: Mapping[str, Any]) -> str:
    """Say when a tier was run, and on what."""
    dates = sorted(each["search"]["date"][:10] for each in told["engines"] if each["search"])
    return f"{told['records']:,} records: {', '.join(dict.fromkeys(dates))}; {in_words(told['machine'])}"


def _lines(plot: Plot, results: Iterable[Mapping[str, Any]]) -> dict[str, list[tuple[int, float]]]:
    """Return engine -> points of one plot."""
    found: dict[str, list[tuple[int, float]]] = {}
    for told in results:
        for each in told["engines"]:
            if each["build"] and each["search"]:
                found.setdefault(each["engine"], []).append((told["records"], plot.value(each)))
    return found


def _plot(plot: Plot, results: Sequence[Mapping[str, Any]]) -> str:
    """Draw one plot: records on a logarithmic axis, the measure on one that begins at nought."""
    lines = _lines(plot, results)
    top = _round_up(max((value for points in lines.values() for _, value in points), default=1.0))
    sizes = sorted({size for points in lines.values() for size, _ in points})

    def across(size: float) -> float:
        span = math.log(sizes[-1] / sizes[0]) if len(sizes) > 1 else 1.0
        return _WIDE * math.log(size / sizes[0]) / span if len(sizes) > 1 else _WIDE / 2

    def up(value: float) -> float:
        return _HIGH - _HIGH * value / top

    frame = f'<text class="t" x="0" y="-14">{escape(plot.title)}</text>'
    for part in range(5):
        value = top * part / 4
        frame += f'<line x1="0" x2="{_WIDE}" y1="{up(value):.1f}" y2="{up(value):.1f}" stroke="#ccc"/>'
        frame += f'<text x="-8" y="{up(value) + 4:.1f}" text-anchor="end">{value:,.4g}</text>'
    for size in sizes:
        frame += f'<text x="{across(size):.1f}" y="{_HIGH + 18}" text-anchor="middle">{_short(size)}</text>'
    placed = [[(across(size), up(value)) for size, value in points] for points in lines.values()]
    ends = _apart([points[-1][1] for points in placed])
    drawn = (_line(*each) for each in zip(lines, placed, ends, strict=True))
    return f'{frame}<text x="{_WIDE}" y="{_HIGH + 34}" text-anchor="end">source records</text>{"".join(drawn)}'


def _line(engine: str, points: Sequence[tuple[float, float]], name_at: float) -> str:
    """Draw one engine's line, its marks and its name."""
    colour, dashes, mark = _STYLES.get(engine, _OTHER)
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    marks = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>'
        if mark == "circle"
        else f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8" fill="{colour}"/>'
        for x, y in points
    )
    return (
        f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dashes}"/>{marks}'
        f'<text x="{points[-1][0] + 10:.1f}" y="{name_at + 4:.1f}">{escape(engine)}</text>'
    )


def _apart(heights: Sequence[float], least: float = 14.0) -> list[float]:
    """Move names that would lie over each other apart, the upper one staying where it is."""
    found = dict.fromkeys(range(len(heights)), 0.0)
    last = -math.inf
    for place in sorted(found, key=lambda place: heights[place]):
        last = found[place] = max(heights[place], last + least)
    return list(found.values())


def _round_up(value: float) -> float:
    """Return a number that divides into four neat steps and is not below `value`."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 6, 8, 10) if step * power >= value)


def _short(size: int) -> str:
    """Write a number of records shortly: 50k, 1m."""
    return f"{size // 1_000_000}m" if size >= 1_000_000 else f"{size // 1_000}k"


if __name__ == "__main__":
    (RESULTS / "growth.svg").write_text(chart(read(RESULTS)), encoding="utf-8")
