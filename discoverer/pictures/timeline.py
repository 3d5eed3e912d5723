"""A history over the years: one lane a source, each record a mark whose shape and letter tell how grave it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from discoverer.answer import Hit
from discoverer.clock import LOCAL
from discoverer.parts import Entry, Event
from discoverer.pictures.picture import WIDTH, Element, Picture, add, drawing, fitted, link_to, plain, width_of, written
from discoverer.wording import day, minute, number_of, role_words

LARGEST = 24_000
"""Bytes of the SVG at most: what lies close together is drawn as one mark until it fits."""
HEADER = ("date", "source and reference", "what", "part played", "risk recorded for its victim", "domestic abuse")
_LEFT, _RIGHT, _TOP, _LANE = 132, 20, 30, 36
_SLOTS = (28, 34, 42, 56, 84, 140, 280, 800)  # CSS pixels between two marks of a lane; the first leaves 24 to each
_STEPS = (1, 2, 5, 10, 20, 50, 100, 500)
_YEAR_ROOM = 44
_LEGEND = 48
_SUMMARY = 240.0  # CSS pixels of a summary in the words of a mark
_ABOUT = (
    "One lane for each source, years from left to right. Each mark opens a record; shape and letter tell the risk "
    "recorded there for its victim, a filled mark domestic abuse. The table holds the same, record by record."
)


class Look(NamedTuple):
    """How a record of one severity is drawn and said.

    Attributes:
        kind: str, its class in the style sheet.
        letter: str, what stands in its mark.
        path: str, its outline round the origin.
        words: str.
        rank: int, the gravest the highest.
    """

    kind: str
    letter: str
    path: str
    words: str
    rank: int


LOOKS = {
    "high": Look("h", "H", "M-5-12H5L12-5V5L5 12H-5L-12 5V-5Z", "HIGH", 4),
    "not_assessed": Look("n", "N", "M0-13L13 0L0 13L-13 0Z", "NOT ASSESSED", 2),
    "medium": Look("m", "M", "M-11-11H11V11H-11Z", "MEDIUM", 3),
    "standard": Look("s", "S", "M-12 0a12 12 0 1 1 24 0a12 12 0 1 1-24 0Z", "STANDARD", 1),
}
_NO_RISK = Look("p", "–", "M-13-8H13V8H-13Z", "no risk recorded", 0)
_LEGEND_WORDS = (
    (LOOKS["high"], "high"),
    (LOOKS["medium"], "medium"),
    (LOOKS["standard"], "standard"),
    (LOOKS["not_assessed"], "not assessed"),
    (_NO_RISK, "no risk recorded"),
)


class Dot(NamedTuple):
    """One record of an event, and where it stands.

    Attributes:
        x: float, CSS pixels from the left.
        at: str, ISO; '' undated.
        entry, event: what it is of.
    """

    x: float
    at: str
    entry: Entry
    event: Event

    @property
    def look(self) -> Look:
        """How grave it is."""
        return LOOKS.get(self.entry.risk or "", _NO_RISK)

    @property
    def grave(self) -> tuple[int, bool, str]:
        """Return what puts it before others: risk, domestic abuse, then the latest."""
        return self.look.rank, self.event.domestic, self.at


class Scale(NamedTuple):
    """How days stand along the axis.

    Attributes:
        first, last: date, at the ends of the axis.
        left: float, CSS pixels from the left of `first`.
    """

    first: date
    last: date
    left: float

    def x(self, at: date) -> float:
        """Return where a day stands, in CSS pixels from the left."""
        share = (at - self.first).days / max(1, (self.last - self.first).days)
        return self.left + share * (WIDTH - _RIGHT - self.left)


def timeline(hit: Hit, now: datetime) -> Picture:
    """Draw the history of a hit over the years.

    Args:
        hit: with the history to be drawn, all of it where it was asked for whole.
        now: the instant that counts as now.

    Returns:
        The picture; its rows hold every record of the history, the most recent first.
    """
    shown = [(entry, event) for event in hit.history for entry in event.entries]
    said = f"{number_of(len(shown), 'record')} of {number_of(len(hit.history), 'event')}"
    more = hit.history_total - len(hit.history)
    title = f"Timeline of {plain(hit.label) or hit.id}: {said}" + (
        f", {more:,} more events not shown" if more > 0 else ""
    )
    svg = ""
    for slot in _SLOTS:
        svg = written(_drawn(shown, now.astimezone(LOCAL).date(), title, slot))
        if len(svg.encode()) <= LARGEST:
            break
    return Picture(svg, title, (HEADER, *_rows(hit), *_unread(more)))


def _rows(hit: Hit) -> Iterable[tuple[str, ...]]:
    """Yield one row a record, as the history has them: the most recent event first."""
    grades = _grades(hit)
    for event in hit.history:
        for entry in event.entries:
            yield (
                minute(entry.at) or "undated",
                f"{entry.source} {entry.ref}",
                "; ".join(part for part in (entry.conditions, entry.summary, entry.outcome, entry.grading) if part),
                _part(entry),
                " ".join(part for part in (_risk(entry), grades.get((entry.source, entry.ref), "")) if part),
                _domestic(event),
            )


def _unread(more: int) -> Iterable[tuple[str, ...]]:
    """Yield a row that says how many events are not in the history given."""
    if more > 0:
        yield (f"and {more:,} more events", *[""] * (len(HEADER) - 1))


def _grades(hit: Hit) -> dict[tuple[str, str], str]:
    """Return the grades an assessment went through, of the records it stands in."""
    assessed = [each for each in (hit.risk.highest, hit.risk.latest, *hit.risk.elsewhere) if each is not None]
    return {
        (each.source, each.ref): f"(graded {' -> '.join(each.grades)})" for each in assessed if len(each.grades) > 1
    }


def _part(entry: Entry) -> str:
    """Say the part the hit plays in a record."""
    if entry.found == "text":
        return "named in its text, unverified"
    return ", ".join(role_words(role) for role in entry.roles) or "role not recorded"


def _risk(entry: Entry) -> str:
    """Say the risk a record holds."""
    return LOOKS[entry.risk].words if entry.risk in LOOKS else (entry.risk or "").replace("_", " ").upper()


def _domestic(event: Event) -> str:
    """Say whether an event counts as domestic abuse."""
    if event.cancelled:
        return f"cancelled: closed with {event.cancelled}"
    return "yes" if event.domestic else "no"


def _drawn(shown: Sequence[tuple[Entry, Event]], today: date, title: str, slot: int) -> Element:
    """Draw the picture with marks at least `slot` pixels apart."""
    dated = [_date_of(entry.at or event.at) for entry, event in shown if entry.at or event.at]
    undated = len(dated) < len(shown)
    scale = _scale(dated, today, undated=undated)
    lanes: dict[str, list[Dot]] = {}
    for entry, event in shown:
        at = entry.at or event.at
        x = scale.x(_date_of(at)) if at else _LEFT + slot / 2
        lanes.setdefault(entry.source, []).append(Dot(x, at, entry, event))
    bottom = _TOP + _LANE * max(1, len(lanes))
    svg = drawing(bottom + 26 + _LEGEND, title, _ABOUT)
    _ground(svg, scale, today, bottom, undated=undated)
    for order, source in enumerate(sorted(lanes)):
        y = _TOP + _LANE * order + _LANE / 2
        add(svg, "path", kind="lane", d=f"M{_LEFT} {y:g}H{WIDTH - _RIGHT}")
        add(svg, "text", fitted(source.replace("_", " "), _LEFT - 12), x=4, y=y + 4)
        for cluster in _clusters(lanes[source], slot):
            _mark(svg, cluster, y)
    if not shown:
        add(svg, "text", "no record to show", x=_LEFT + 4, y=_TOP + _LANE / 2 + 4)
    _legend(svg, bottom + 26)
    return svg


def _date_of(at: str) -> date:
    """Return the local day of an ISO instant or of a date known in part, whose first day it is."""
    if len(at) > 10:
        return datetime.strptime(minute(at)[:10], "%d/%m/%Y").date()  # noqa: DTZ007 - a day, not an instant
    return date.fromisoformat((at + "-01-01")[:10])


def _scale(dated: Sequence[date], today: date, *, undated: bool) -> Scale:
    """Return the scale from the year of the first record, two years back at least, to today or the last record."""
    first = min([*dated, today.replace(year=today.year - 1, month=1, day=1)])
    return Scale(first.replace(month=1, day=1), max([*dated, today]), _LEFT + (76 if undated else 14))


def _clusters(dots: Iterable[Dot], slot: int) -> list[list[Dot]]:
    """Put the records of a lane together that would overlap, from left to right."""
    clusters: list[list[Dot]] = []
    for dot in sorted(dots, key=lambda each: (each.x, each.at, each.entry.ref)):
        if clusters and dot.x - clusters[-1][0].x < slot:
            clusters[-1].append(dot)
        else:
            clusters.append([dot])
    return clusters


def _ground(svg: Element, scale: Scale, today: date, bottom: int, *, undated: bool) -> None:
    """Draw what lies under the marks: the last twelve months, and the years."""
    end, begin = scale.x(today), scale.x(max(scale.first, today - timedelta(days=365)))
    add(svg, "rect", kind="lately", x=begin, y=_TOP - 6, width=end - begin, height=bottom - _TOP + 6)
    add(svg, "text", "last 12 months", kind="end", x=end, y=_TOP - 12)
    if undated:
        add(svg, "text", "undated", x=_LEFT, y=bottom + 16)
    per_year = scale.x(scale.first + timedelta(days=365)) - scale.left
    step = next((each for each in _STEPS if each * per_year >= _YEAR_ROOM), _STEPS[-1])
    for year in range(scale.first.year, scale.last.year + 1):
        x = scale.x(date(year, 1, 1))
        if (year - scale.first.year) % step == 0 and x + _YEAR_ROOM <= WIDTH:
            add(svg, "path", kind="year", d=f"M{x:.1f} {_TOP - 6}V{bottom + 18}")
            add(svg, "text", str(year), x=x + 4, y=bottom + 16)


def _mark(svg: Element, cluster: Sequence[Dot], y: float) -> None:
    """Draw the mark of one record, or of several close together, which opens the gravest of them."""
    gravest = max(cluster, key=lambda each: each.grave)
    entry, event, look = gravest.entry, gravest.event, gravest.look
    x = min(cluster[0].x, WIDTH - 14)
    link = add(svg, "a", href=link_to("event", f"{entry.source}:{entry.ref}"), transform=f"translate({x:.1f} {y:g})")
    link.set("class", f"{look.kind} d" if event.domestic else look.kind)
    add(link, "title", _words(gravest) if len(cluster) == 1 else _words_of(cluster, gravest))
    add(link, "path", kind="t", d="M-13-14H13V14H-13Z")
    add(link, "path", d=look.path)
    add(link, "text", str(len(cluster)) if len(cluster) > 1 else _letter(gravest), y=4)
    if len(cluster) == 1 and event.cancelled:
        add(link, "path", kind="x", d="M-13 13L13-13")


def _letter(dot: Dot) -> str:
    """Return the letter in a mark: of its risk; without one X where it was cancelled and D where it is domestic."""
    if dot.look is not _NO_RISK:
        return dot.look.letter
    return "X" if dot.event.cancelled else "D" if dot.event.domestic else _NO_RISK.letter


def _words(dot: Dot) -> str:
    """Say one record, the conditions on its handling first."""
    entry, event = dot.entry, dot.event
    domestic = (
        "domestic abuse" if event.domestic else f"cancelled, closed with {event.cancelled}" if event.cancelled else ""
    )
    said = (
        f"{entry.conditions}. " if entry.conditions else "",
        f"{day(dot.at) or 'undated'}, {entry.source} {entry.ref}: {fitted(entry.summary, _SUMMARY) or 'no summary'}",
    )
    risk = f"risk {dot.look.words}" if dot.look is not _NO_RISK else ""
    return "; ".join(part for part in ("".join(said), _part(entry), risk, domestic) if part)


def _words_of(cluster: Sequence[Dot], gravest: Dot) -> str:
    """Say several records in one mark: how many of what, and which it opens."""
    dated = [dot.at for dot in cluster if dot.at]
    ends = [day(dated[0]), day(dated[-1])] if dated else ["undated"]
    counts = Counter(dot.look for dot in cluster)
    looks = ", ".join(f"{counts[look]} {look.words}" for look in sorted(counts, key=lambda look: -look.rank))
    domestic = sum(dot.event.domestic for dot in cluster)
    opens = f"opens the gravest, {day(gravest.at) or 'undated'}, {gravest.entry.source} {gravest.entry.ref}"
    return f"{len(cluster)} records, {' to '.join(dict.fromkeys(ends))}: {looks}; {domestic} domestic abuse; {opens}"


def _legend(svg: Element, top: int) -> None:
    """Draw what shapes, letters and filling mean."""
    x = 18.0
    for look, words in _LEGEND_WORDS:
        group = add(svg, "g", kind=look.kind, transform=f"translate({x:g} {top + 14})")
        add(group, "path", d=look.path)
        add(group, "text", look.letter, y=4)
        add(svg, "text", words, x=x + 18, y=top + 18)
        x += 52 + width_of(words)
    add(svg, "text", "risk of the record's victim", kind="dim", x=x, y=top + 18)
    words = (
        "filled: domestic abuse (D without a risk); struck through: cancelled (X); a number: so many, as the gravest"
    )
    add(svg, "text", words, kind="dim", x=4, y=top + 42)
