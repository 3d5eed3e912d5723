"""Who and what stands round a hit: it in the middle, people on the left, places and numbers on the right.

Nothing is laid out by chance or by forces: the same hit gives the same picture, so that a reader finds things again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Sized
from dataclasses import dataclass, replace

from discoverer.answer import Hit
from discoverer.history.elsewhere import NOT_SAID
from discoverer.parts import Elsewhere, Holder, Linked, MayBe, Tenure
from discoverer.pictures.picture import WIDTH, Element, Picture, add, drawing, fitted, link_to, plain, written
from discoverer.wording import day, role_words, span_words

MOST_NODES = 24
LARGEST = 14_500
"""Bytes of the SVG at most: the weightiest are drawn, as many as go in."""
HEADER = ("kind", "who or what", "relation", "recorded", "sure", "what to know", "records")
_KINDS = {"person": "people", "location": "places", "phone": "numbers"}
_SHORTER = {"number given for calling back": "call-back number", "place of the event": "event there"}
_SIDE = 16  # nodes in one column at most
_PITCH, _TALL, _BROAD = 42, 34, 236  # CSS pixels from node to node, of a node up and down, and across
_GAP = 164  # CSS pixels beside a node in which its relation stands
_CENTRE = 116  # CSS pixels of the hit's own node across
_TOP = 12
_ABOUT = (
    "The one looked at in the middle; people (round ends) on the left, places (square) and numbers (pointed) on the "
    "right, each with how they are linked; a broken line where that is past or not sure. The table holds the same."
)


@dataclass(frozen=True, slots=True)
class Node:
    """Somebody or something linked to a hit.

    Attributes:
        kind: 'person' | 'location' | 'phone'.
        id: str, as `show` takes it.
        label: str, as written.
        relations: tuple[str, ...], how it is linked, in words.
        recorded: str, when.
        last: str, the day of the last record; '' undated.
        doubt: str, why the link is not sure or is past; '' when neither.
        notes: tuple[str, ...], what to know of it: risk, danger, caution.
        reason: str, why it is thought to be so; '' where the records say it.
        records: str, where it stands.
    """

    kind: str
    id: str
    label: str
    relations: tuple[str, ...]
    recorded: str = ""
    last: str = ""
    doubt: str = ""
    notes: tuple[str, ...] = ()
    reason: str = ""
    records: str = ""

    @property
    def is_person(self) -> bool:
        """Whether it is somebody; what is known of them is read first then."""
        return self.kind == "person"

    @property
    def row(self) -> tuple[str, ...]:
        """The same as a row of the table."""
        sure = self.doubt or "as recorded"
        return (
            {"location": "place", "phone": "number"}.get(self.kind, self.kind),
            self.label,
            "; ".join(self.relations),
            self.recorded,
            sure,
            "; ".join(part for part in (*self.notes, self.reason) if part),
            self.records,
        )


def link_chart(hit: Hit) -> Picture:
    """Draw who and what is linked to a hit.

    Args:
        hit: any; with all its links where they were asked for whole.

    Returns:
        The picture; its rows hold every link of the hit, those too that are not drawn.
    """
    nodes = nodes_of(hit)
    unread = _unread(hit)
    counted = ", ".join(
        f"{words}: {sum(each.kind == kind for each in nodes) + unread[kind]:,}" for kind, words in _KINDS.items()
    )
    title = plain(f"Links of {plain(hit.label) or hit.id}; {counted}")
    svg = ""
    for most in range(MOST_NODES, 0, -2):
        svg = written(_drawn(hit, _drawn_of(nodes, most), nodes, unread, title))
        if len(svg.encode()) <= LARGEST:
            break
    rows = (HEADER, *(each.row for each in nodes), *_rest_rows(unread))
    return Picture(svg, title, rows)


def nodes_of(hit: Hit) -> list[Node]:
    """Return everybody and everything linked to a hit, people first, the weightiest link of each kind first."""
    people: dict[str, Node] = {}
    for each in (*map(_of_linked, hit.linked), *map(_of_holder, hit.holders), *map(_of_may_be, hit.may_be)):
        known = people.get(each.id)
        people[each.id] = _both(known, each) if known else each
    return [*people.values(), *map(_of_elsewhere, (*hit.addresses, *hit.numbers))]


def _both(one: Node, other: Node) -> Node:
    """Put two links to the same person together; it is sure when either is."""
    return replace(
        one,
        relations=tuple(dict.fromkeys((*one.relations, *other.relations))),
        recorded=one.recorded or other.recorded,
        last=one.last or other.last,
        doubt=one.doubt and other.doubt,
        notes=tuple(dict.fromkeys((*one.notes, *other.notes))),
        reason=one.reason or other.reason,
        records=", ".join(dict.fromkeys(each for each in (one.records, other.records) if each)),
    )


def _of_linked(each: Linked) -> Node:
    """Return the node of somebody in the records of the hit."""
    more = each.records_total - len(each.records)
    return Node(
        "person",
        each.id,
        each.label,
        relations=(*each.relations, *filter(None, (each.relationship,))) or ("linked",),
        recorded=span_words(each.first, each.last),
        last=day(each.last),
        doubt="only named in running text" if set(each.relations) == {"named in text with"} else "",
        notes=(*_risk(each.risk), *each.danger),
        records=", ".join(each.records) + (f" and {more:,} more" if more > 0 else ""),
    )


def _of_holder(each: Holder) -> Node:
    """Return the node of somebody who lived at the place, or held the number, that is the hit."""
    doubt = {Tenure.PREVIOUS: "previous", Tenure.UNKNOWN: "not known whether still"}
    relation = {Tenure.PREVIOUS: "previously here", Tenure.CURRENT: "latest here"}
    return Node(
        "person",
        each.id,
        each.label,
        relations=(relation.get(each.tenure, "recorded here"),),
        recorded=span_words(each.first, each.last),
        last=day(each.last),
        doubt=doubt.get(each.tenure, ""),
        reason=each.words,
        records=f"{each.source}:{each.ref}",
    )


def _of_may_be(each: MayBe) -> Node:
    """Return the node of somebody a person may also be."""
    return Node(
        "person",
        each.id,
        each.label,
        relations=("may be the same",),
        doubt="not joined",
        notes=(*_risk(each.risk), *each.danger),
        reason=each.why,
        records=", ".join(each.records),
    )


def _risk(level: str) -> tuple[str, ...]:
    """Say how gravely somebody was assessed; it is said of a victim alone."""
    return (f"{level.upper()} as victim",) if level else ()


def _of_elsewhere(each: Elsewhere) -> Node:
    """Return the node of an address or number."""
    whose = each.holder if each.holder in ("", NOT_SAID) else f"of {each.holder}"
    roles = [role_words(role) for role in each.roles] or ["role not recorded"]
    return Node(
        each.kind,
        each.id,
        each.label,
        relations=(*roles, *filter(None, (whose,))),
        recorded=span_words(each.first, each.last),
        last=day(each.last),
        doubt="only named in running text" if each.unverified else "",
        notes=tuple(part for part in (each.institution and f"institution ({each.institution})", each.caution) if part),
        records=f"{each.source}:{each.ref}",
    )


def _unread(hit: Hit) -> dict[str, int]:
    """Return how many links of each kind there are that the hit does not hold."""
    listed: tuple[tuple[str, Sized, int], ...] = (
        ("person", hit.linked, hit.linked_total),
        ("person", hit.holders, hit.holders_total),
        ("person", hit.may_be, hit.may_be_total),
        ("location", hit.addresses, hit.addresses_total),
        ("phone", hit.numbers, hit.numbers_total),
    )
    unread = dict.fromkeys(_KINDS, 0)
    for kind, held, total in listed:
        unread[kind] += max(0, total - len(held))
    return unread


def _rest_rows(unread: dict[str, int]) -> Iterator[tuple[str, ...]]:
    """Yield a row for what the hit does not hold, by kind."""
    for kind, words in _KINDS.items():
        if unread[kind] > 0:
            yield (words, f"and {unread[kind]:,} more", *[""] * (len(HEADER) - 2))


def _drawn_of(nodes: Sequence[Node], most: int) -> list[Node]:
    """Choose whom to draw: half of the places for people, the rest for places and numbers, what is left for either."""
    kinds = {kind: [each for each in nodes if each.kind == kind] for kind in _KINDS}
    people, places, numbers = map(len, kinds.values())
    people = min(people, _SIDE, max(most // 2, most - places - numbers))
    beside = min(_SIDE, most - people)
    places = min(places, max((beside + 1) // 2, beside - numbers))
    kept = {"person": people, "location": places, "phone": beside - places}
    return [each for kind, all_of_it in kinds.items() for each in all_of_it[: kept[kind]]]


def _drawn(hit: Hit, shown: Sequence[Node], nodes: Sequence[Node], unread: dict[str, int], title: str) -> Element:
    """Draw the hit and the nodes chosen."""
    left = [each for each in shown if each.is_person]
    right = [each for each in shown if not each.is_person]
    tall = _PITCH * max(3, len(left), len(right))
    svg = drawing(_TOP + tall + 30, title, _ABOUT)
    middle = _TOP + tall / 2
    for column, is_left in ((left, True), (right, False)):
        first = middle - _PITCH * len(column) / 2
        for order, node in enumerate(column):
            _node(svg, node, first + _PITCH * order + _PITCH / 2, middle, is_left=is_left)
    _hit(svg, hit, middle)
    over = {kind: unread[kind] + sum(each.kind == kind for each in nodes) for kind in _KINDS}
    for each in shown:
        over[each.kind] -= 1
    foot = _TOP + tall + 20
    if over["person"] > 0:
        add(svg, "text", f"and {over['person']:,} more people", x=4, y=foot)
    rest = [f"{over[kind]:,} more {_KINDS[kind]}" for kind in ("location", "phone") if over[kind] > 0]
    if rest:
        add(svg, "text", f"and {' and '.join(rest)}", kind="end", x=WIDTH - 4, y=foot)
    if not nodes:
        add(svg, "text", "nobody and nothing linked", x=4, y=middle)
    return svg


def _hit(svg: Element, hit: Hit, middle: float) -> None:
    """Draw the hit itself, over the ends of the lines to it."""
    left = (WIDTH - _CENTRE) / 2
    group = add(svg, "g", kind="hit")
    add(group, "rect", x=left, y=middle - 30, width=_CENTRE, height=60)
    lines = _in_lines(plain(hit.label) or hit.id, _CENTRE - 14, 3)
    for order, line in enumerate(lines):
        add(group, "text", line, kind="mid", x=WIDTH / 2, y=middle + 5 + 16 * (order - (len(lines) - 1) / 2))


def _in_lines(text: str, room: float, most: int) -> list[str]:
    """Cut a text into lines at its spaces, the last with what is left of it as far as there is room."""
    lines: list[str] = []
    rest = text.split()
    while rest and len(lines) < most - 1:
        size = len(rest)
        while size > 1 and fitted(" ".join(rest[:size]), room) != " ".join(rest[:size]):
            size -= 1
        lines.append(fitted(" ".join(rest[:size]), room))
        rest = rest[size:]
    return [*lines, fitted(" ".join(rest), room)] if rest else lines


def _node(svg: Element, node: Node, y: float, middle: float, *, is_left: bool) -> None:
    """Draw a node, its line and the relation above that; the node is the link, and says all of it."""
    near, far = (_BROAD + 4.0, _BROAD + 4.0 + _GAP) if is_left else (WIDTH - _BROAD - 4.0, WIDTH - _BROAD - 4.0 - _GAP)
    end = (WIDTH - _CENTRE) / 2 if is_left else (WIDTH + _CENTRE) / 2
    line = f"M{near:g} {y + 7:g}H{far:g}L{end:g} {middle:g}"
    add(svg, "path", kind="edge q" if node.doubt else "edge", d=line)
    relation = fitted(_shortly(node), _GAP - 7)
    add(svg, "text", relation, x=near + 6 if is_left else far + 6, y=y + 2)
    link = add(svg, "a", href=link_to(node.kind, node.id), kind=node.kind)
    add(link, "title", "; ".join(_said(node)))
    x = 4.0 if is_left else WIDTH - _BROAD - 4.0
    add(link, "path", d=_outline(node.kind, x, y - _TALL / 2))
    add(link, "text", fitted(node.label, _BROAD - 30) or "no name", x=x + 12, y=y - 3)
    last = node.last and f"last {node.last}"
    known = (*node.notes, last) if node.is_person else (last, *node.notes)
    under = fitted("; ".join(part for part in known if part), _BROAD - 26)
    if under:
        add(link, "text", under, kind="loud" if under.startswith("HIGH") else "dim", x=x + 12, y=y + 12)


def _shortly(node: Node) -> str:
    """Say how a node is linked in few words: the weightiest relation, and how many more there are."""
    first = _SHORTER.get(node.relations[0], node.relations[0])
    return f"{first} +{len(node.relations) - 1}" if len(node.relations) > 1 else first


def _said(node: Node) -> Iterable[str]:
    """Yield a node in a few words for whoever hears it; the table says the rest."""
    parts = (node.label, " and ".join(node.relations), node.doubt, *node.notes)
    return (fitted(part, 300) for part in parts if part)


def _outline(kind: str, x: float, y: float) -> str:
    """Return the outline of a node: round ends for a person, square ones for a place, pointed ones for a number."""
    flat, half = _BROAD - 34, _TALL / 2
    if kind == "person":
        ends = f"a{half:g} {half:g} 0 0 1"
        return f"M{x + half:g} {y:g}h{flat:g}{ends} 0 {_TALL:g}h-{flat:g}{ends} 0-{_TALL:g}Z"
    if kind == "phone":
        return f"M{x + 12:g} {y:g}h{_BROAD - 24:g}l12 {half:g}-12 {half:g}h-{_BROAD - 24:g}l-12-{half:g}Z"
    return f"M{x:g} {y:g}h{_BROAD:g}v{_TALL:g}h-{_BROAD:g}Z"
