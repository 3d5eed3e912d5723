"""A hit as the screen shows it: what comes first, then groups of lines, each line with its links."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from discoverer.answer import Answer, Hit, HitKind, Risk
from discoverer.cards import COMPACT, DIM, LIVE, LOUD, Line, Size, around, ended, event_lines, head, record_line
from discoverer.parts import Standing, Topic, Whose
from discoverer.web.screen.referring import Piece, Referring, shown_at

_RANK = ("high", "medium", "not_assessed", "standard")
_FLAGS = {
    Topic.ORDER: "order",
    Topic.WANTED: "wanted",
    Topic.CUSTODY: "custody",
    Topic.WEAPON: "weapons",
    Topic.CHILD: "children",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a group.

    Attributes:
        pieces: tuple[Piece, ...], its text with links.
        style: LOUD | LIVE | PLAIN | DIM of discoverer/cards.py.
    """

    pieces: tuple[Piece, ...]
    style: str


@dataclass(frozen=True, slots=True)
class Group:
    """Lines under one label.

    Attributes:
        label: str, in capitals, e.g. 'NOW'; never blank.
        items: tuple[Item, ...], at least one.
        style: the loudest of its items.
    """

    label: str
    items: tuple[Item, ...]
    style: str


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One record on a page.

    Attributes:
        pieces: tuple[Piece, ...], the record on one line.
        mention: str, id of the mention of the person in it; '' where nothing can be parted.
    """

    pieces: tuple[Piece, ...]
    mention: str


@dataclass(frozen=True, slots=True)
class CardView:
    """A hit on the screen.

    Attributes:
        number: int >= 1, its place in the list.
        hit: Hit.
        level: str, 'confirmed' ...
        grade: str, the gravest level of risk it tells of: 'high' | 'medium' | 'standard' | 'not_assessed' | ''.
        grade_words: str, in words that never put a victim's level on a suspect, a place or a number.
        headline: tuple[Piece, ...], the risk in words: whose, when, by whom.
        loud: bool, the risk is to be seen first.
        flags: tuple[str, ...], what the list of hits says of it in a word or two each: 'order', 'weapons (other
            party)' ...
        groups: tuple[Group, ...], in the order of the domain guide (5.1).
        records: tuple[RecordRow, ...].
        more: str, how many records there are besides; '' when none.
        why: str, why it matched.
        href, brief, data: str, addresses of its page, its briefing and its JSON.
    """

    number: int
    hit: Hit
    level: str
    grade: str
    grade_words: str
    headline: tuple[Piece, ...]
    loud: bool
    flags: tuple[str, ...]
    groups: tuple[Group, ...]
    records: tuple[RecordRow, ...]
    more: str
    why: str
    href: str
    brief: str
    data: str


def cards_of(answer: Answer) -> tuple[CardView, ...]:
    """Return the cards of an answer, in its order."""
    names = [each.name for each in answer.sources]
    return tuple(card_of(hit, names, number) for number, hit in enumerate(answer.hits, 1))


def card_of(hit: Hit, sources: Sequence[str], number: int = 1, size: Size = COMPACT) -> CardView:
    """Return the card of a hit.

    Args:
        hit: as an answer or `show` gives it.
        sources: names of the sources configured.
        number: its place in the list.
        size: how much of each section is shown.
    """
    refers = Referring(hit, sources)
    lines = list(head(hit, size))
    groups = tuple(_groups(lines, refers))
    shown = hit.records[: size.records]
    left = hit.records_total - len(shown)
    grade = grade_of(hit.risk)
    return CardView(
        number=number,
        hit=hit,
        level=hit.level,
        grade=grade,
        grade_words=_grade_words(hit, grade),
        headline=refers.pieces(hit.risk.headline),
        loud=hit.risk.loud,
        flags=_flags(hit),
        groups=(*groups, *_groups(around(hit, size), refers, "NOTE")),
        records=tuple(RecordRow(refers.pieces(record_line(each)), each.mention) for each in shown),
        more=f"{left:,} more" if left > 0 else "",
        why="; ".join(hit.why),
        href=shown_at(hit.kind.value, hit.id),
        brief=f"/brief/{hit.kind.value}?{urlencode({'id': hit.id})}",
        data=f"/api/v1/{hit.kind.value}?{urlencode({'id': hit.id})}",
    )


def history_of(hit: Hit, sources: Sequence[str]) -> tuple[Group, ...]:
    """Return the dated list of everything that happened, one group an event, then what has ended."""
    refers = Referring(hit, sources)
    told = (tuple(_groups(event_lines(event), refers, "undated")) for event in hit.history)
    left = hit.lapsed_total - len(hit.lapsed)
    more = (Line("", f"and {left:,} more ended", DIM),) if left > 0 else ()
    return (*(group for groups in told for group in groups), *_groups((*ended(hit), *more), refers, "ENDED"))


def grade_of(risk: Risk) -> str:
    """Return the gravest level a risk tells of, whosever it is; 'not_assessed' where nobody was; never a default."""
    told = [each.level for each in (risk.highest, *risk.elsewhere) if each]
    told += [each.assessed.level for each in risk.around] + list(risk.victims_assessed)
    if not told or (risk.state != "assessed" and "high" not in told and "medium" not in told):
        return "not_assessed"
    return min(told, key=lambda level: _RANK.index(level) if level in _RANK else len(_RANK))


def _grade_words(hit: Hit, grade: str) -> str:
    """Say the level a risk tells of, and that it is a victim's: the person's own as a victim, or one they are near."""
    if grade == "not_assessed":
        return "NOT ASSESSED"
    own = hit.kind is HitKind.PERSON and hit.risk.highest is not None and hit.risk.highest.level == grade
    return f"VICTIM AT {grade.upper()} RISK" if own else f"LINKED VICTIM: {grade.upper()}"


def _groups(lines: Iterable[Line], refers: Referring, nameless: str = "RISK") -> Iterator[Group]:
    """Gather lines under their labels; the line of the risk begins a group of its own and is not repeated in it."""
    label, items = "", list[Item]()
    for line in lines:
        begins_risk = not line.label and line.text.startswith("RISK ")
        if (line.label or begins_risk) and items:
            yield _group(label or nameless, items)
            items = []
        if begins_risk:
            label = "RISK"
            continue
        label = line.label or label
        items.append(Item(refers.pieces(line.text), line.style))
    if items:
        yield _group(label or nameless, items)


def _group(label: str, items: Sequence[Item]) -> Group:
    """Make a group as loud as its loudest line."""
    styles = {each.style for each in items}
    style = next((each for each in (LOUD, LIVE) if each in styles), items[0].style)
    return Group(label, tuple(items), style)


def _flags(hit: Hit) -> tuple[str, ...]:
    """Return what the list of hits says of a hit in a word each: its own, or that it is of the other party."""
    live = [each for each in hit.in_force if each.standing is Standing.IN_FORCE and each.whose is not Whose.PREVIOUS]
    told = {topic: {each.whose is Whose.OTHER_PARTY for each in live if each.topic is topic} for topic in _FLAGS}
    flags = [
        _FLAGS[topic] + ("" if False in whose or topic is Topic.CHILD else " (other party)")
        for topic, whose in told.items()
        if whose
    ]
    return (*flags, *(["repeat"] if any(each.kind.startswith("repeat") for each in hit.badges) else []))
