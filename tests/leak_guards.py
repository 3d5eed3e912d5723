"""Every guard that keeps what a viewer may not see out of answers, and how each is taken away to see it missed.

Two suites must notice: the doors (tests/leaks.py), and, for a read that others guard a second time, that read itself:
`reads` asks every way of reading an index directly for what is out of scope, by numbers that no door is ever given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

from discoverer.access_rules import Role as AccessRole
from discoverer.app import App
from discoverer.briefing.store import Store
from discoverer.decided import Decided
from discoverer.model import Record, Role, Visibility
from discoverer.permitted import Permitted
from discoverer.suggesting import Suggesting
from index.keys import document_keys
from index.people import People
from index.profiles import decode
from index.reader import Index, Reader, Scope
from index.store import Segment
from tests.leak_plants import ITEMS, planted
from tests.leaks import Probe, SetUp, Suite

ALL = tuple(Visibility)
Patch = Callable[[], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Guard:
    """One guard.

    Attributes:
        name: str, where it stands and what it keeps out.
        without: takes it away.
    """

    name: str
    without: Patch


def _wide(owner: type, method: str, place: int) -> Patch:
    """Return what lets one method read every label, whatever labels it is given as its argument of this place."""
    read = getattr(owner, method)

    def everything(self: object, *given: object, **named: object) -> object:
        asked = list(given)
        if place < len(asked):
            asked[place] = ALL
        return read(self, *asked, **named)

    return lambda: patch.object(owner, method, everything)


def _instead(owner: type, method: str, other: Callable[..., object]) -> Patch:
    """Return what puts another method in the place of one."""
    return lambda: patch.object(owner, method, other)


def _every_record_at(self: Reader, wanted: Collection[tuple[int, int]]) -> dict[tuple[int, int], Record]:
    """Read records, whatever their label."""
    return {
        (segment, n): self._seen(record)
        for segment, n in dict.fromkeys(wanted)
        for record in self._index.segments[segment].get([n]).values()
    }


def _each_record(self: Reader) -> Iterator[tuple[tuple[int, int], Record]]:
    """Read every record, whatever its label."""
    for order, segment in self._index.segments.items():
        yield from (((order, n), self._seen(record)) for n, record in segment.records())


def _group_of(self: Reader, kind: str, ident: str) -> int | None:
    """Find a place or number, whether or not any mention of it is in scope."""
    return self._index.people.group_of(kind, ident)


def _place_of(self: Reader, source: str, ref: str) -> tuple[int, int] | None:
    """Find a record, whatever its label."""
    for order, segment in self._index.segments.items():
        if segment.info.source == source and (n := segment.number_of(ref)) is not None:
            return order, n
    return None


_init, _vocabulary = Reader.__init__, Index.vocabulary


def _looking_up_all(self: Reader, index: Index, scope: Scope) -> None:
    """Make a reader that looks keys up under every label."""
    _init(self, index, scope)
    self._ordered = sorted(ALL)


class _OneOfField(dict[tuple[str, frozenset[Visibility]], Any]):
    """Vocabularies kept by their field alone: those of whoever asked first."""

    def __contains__(self, key: object) -> bool:
        return super().__contains__((key[0], frozenset()))  # type: ignore[index]

    def __getitem__(self, key: tuple[str, frozenset[Visibility]]) -> Any:  # noqa: ANN401
        return super().__getitem__((key[0], frozenset()))

    def __setitem__(self, key: tuple[str, frozenset[Visibility]], value: object) -> None:
        super().__setitem__((key[0], frozenset()), value)


def _shared_vocabulary(self: Index, field: str, labels: frozenset[Visibility]) -> object:
    """Keep one vocabulary for everybody, and let whoever reads everything ask first."""
    if not isinstance(self._vocabularies, _OneOfField):
        self._vocabularies = _OneOfField()
        _vocabulary(self, field, frozenset(ALL))
    return _vocabulary(self, field, labels)


_under, _last = Suggesting._under, Store.last


def _shared_streets(self: Suggesting, index: Index, reader: Reader, looked_up: tuple[tuple[str, int], ...]) -> object:
    """Keep the streets under some keys for everybody, and let whoever reads everything ask first."""
    del reader
    return _under(self, index, Reader(index, Scope(frozenset(ALL))), looked_up)


def _last_of_all(self: Store, subjects: Sequence[str], labels: Collection[str]) -> object:
    """Return the last briefing, whatever it rests on."""
    del labels
    return _last(self, subjects, [label.value for label in ALL])


def _scoped(owner: type, method: str, place: int) -> Patch:
    """Return what lets one method read everything, whatever scope it is given as its argument of this place."""
    read = getattr(owner, method)

    def everything(self: object, *given: object) -> object:
        asked = list(given)
        asked[place] = Scope(frozenset(ALL))
        return read(self, *asked)

    return _instead(owner, method, everything)


_READERS = (
    ("docs", 1), ("members", 1), ("weighty_members", 1), ("earliest", 1), ("places_of", 1), ("parts_of", 1), ("in_records", 2),
    ("contacts_in", 1), ("people_as", 1), ("of_groups", 1), ("links_among", 1), ("links", 0), ("people_in_fields", 0),
    ("possible_links", 1), ("mentions_numbered", 1),
)  # fmt: skip
"""The methods of People that read under labels, and the place of the labels among their arguments."""

GUARDS = (
    Guard("role: what it reads", lambda: patch.object(AccessRole, "labels", frozenset(ALL))),
    # What a role may *do* is no guard of what it reads: without it nothing more is shown (tests/test_permitted.py holds it).
    Guard("permitted: what a viewer may read of a build", _instead(Permitted, "scope", lambda self, viewer, manifest: Scope(frozenset(ALL)))),
    *(Guard(f"people.{name}: mentions, documents and links by label", _wide(People, name, place)) for name, place in _READERS),
    Guard("reader: keys looked up by label", _instead(Reader, "__init__", _looking_up_all)),
    Guard("index: vocabulary by label", _wide(Index, "vocabulary", 1)),
    Guard("index: vocabularies kept apart by label", _instead(Index, "vocabulary", _shared_vocabulary)),
    Guard("reader.records: records by label", _instead(Reader, "records", _every_record_at)),
    Guard("reader.every_record: records by label", _instead(Reader, "every_record", _each_record)),
    Guard("reader: mentions and free words of a record", _instead(Reader, "_seen", lambda self, record: record)),
    Guard("reader.group_of: a place or number nobody in scope has", _instead(Reader, "group_of", _group_of)),
    Guard("reader.place_of: a record out of scope", _instead(Reader, "place_of", _place_of)),
    Guard("store: free words by label", _wide(Segment, "search_text", 1)),
    Guard("reader.kept_back: what a record protects is nobody's other address", _instead(Reader, "kept_back", lambda self, groups: set())),
    Guard("decided: what people decided, by label", _scoped(Decided, "over", 1)),
    Guard("suggesting: streets by label", _scoped(Suggesting, "read", 1)),
    Guard("suggesting: streets kept apart by label", _instead(Suggesting, "_under", _shared_streets)),
    Guard("briefings: the last one given that rests on nothing out of scope", _instead(Store, "last", _last_of_all)),
)  # fmt: skip


@contextmanager
def reopened(made: SetUp) -> Iterator[SetUp]:
    """Lend the same set-up opened anew: nothing is kept of what was read before, nor after."""
    with App(made.app.settings) as app:
        yield replace(made, app=app)


def reads(index: Index, labels: frozenset[Visibility]) -> list[str]:
    """Ask every way of reading an index for what is out of scope; return those that gave any of it.

    Args:
        index: with everything in it.
        labels: in scope.
    """
    seen = Reader(index, Scope(labels))
    people, hidden = index.people, _Hidden.of(index, labels)
    places, groups, numbers = hidden.places, hidden.groups, hidden.numbers
    both = sorted({*groups, *hidden.beside})
    rows: dict[str, Callable[[], object]] = {
        "docs": lambda: [doc.d for doc in seen.docs(hidden.docs)],
        "look_up": lambda: [key for key, d in hidden.keys if d in seen.look_up(key, 1_000).ids],
        "kept_back": lambda: sorted(hidden.protected - seen.kept_back(hidden.protected)),
        "members": lambda: [row.m for group in both for row in seen.members(group, 1_000) if row.m in numbers],
        "weighty_members": lambda: [row.m for group in both for row in people.weighty_members(group, labels) if row.m in numbers],
        "earliest": lambda: [row.m for group in both for row in people.earliest(group, labels, None) if row.m in numbers],
        "places_of": lambda: [m for group in both for m, _, _ in people.places_of(group, labels) if m in numbers],
        "parts_of": lambda: [m for group in both for m, _, _ in people.parts_of(group, labels) if m in numbers],
        "in_records": lambda: [row.m for row in seen.in_records(places, "person") if row.m in numbers],
        "everyone_in": lambda: [row.m for row in seen.everyone_in(places) if row.m in numbers],
        "contacts_in": lambda: [row.m for row in seen.contacts_in(places) if row.m in numbers],
        "people_as": lambda: [row.m for row in seen.people_as(tuple(Role)) if row.m in numbers],
        "of_groups": lambda: [row.m for row in seen.of_groups(both, 100) if row.m in numbers],
        "links_among": lambda: [each for each in people.links_among(hidden.everybody, labels) if numbers & {*each[:2]}],
        "links": lambda: [each for each in seen.links() if numbers & {*each[:2]}],
        "people_in_fields": lambda: [row.m for row, _ in seen.people_in_fields() if row.m in numbers],
        "possible_links": lambda: [each for each in people.possible_links(hidden.everybody, labels) if numbers & {*each[:2]}],
        "mentions_numbered": lambda: [row.m for row in people.mentions_numbered(numbers, labels)],
        "names": lambda: [word for word in hidden.words if word in seen.names],
        "records": lambda: list(seen.records(hidden.closed)),
        "every_record": lambda: [place for place, _ in seen.every_record() if place in hidden.closed],
        "words of records": lambda: [place for place, record in seen.records(places).items() if hidden.tells(record)],
        "place_of": lambda: [ref for source, ref in hidden.refs if seen.place_of(source, ref)],
        "group_of": lambda: [ident for kind, ident in hidden.idents if seen.group_of(kind, ident) is not None],
        "search_text": lambda: [word for word in hidden.words if seen.search_text((word,), 10)[1]],
    }  # fmt: skip
    return [name for name, read in rows.items() if read()]


@dataclass(frozen=True)
class _Hidden:
    """What of the planted items is out of a scope, by the numbers of an index.

    Attributes:
        places: of every planted record that has anything out of scope.
        closed: of those that are out of scope as a whole.
        numbers, everybody: of mentions out of scope; of every mention of the index.
        groups, beside: of those mentions; groups that have mentions in scope too.
        docs, keys: of documents out of scope; their keys, each with its document.
        protected: groups of places and numbers that a label protects, in scope or not.
        refs, idents: by which the outside would know closed records, and places and numbers out of scope.
        words: that only what is out of scope says.
    """

    places: frozenset[tuple[int, int]]
    closed: frozenset[tuple[int, int]]
    numbers: frozenset[int]
    everybody: Sequence[int]
    groups: frozenset[int]
    beside: frozenset[int]
    docs: frozenset[int]
    keys: Sequence[tuple[str, int]]
    protected: frozenset[int]
    refs: Sequence[tuple[str, str]]
    idents: Sequence[tuple[str, str]]
    words: Sequence[str]

    @classmethod
    def of(cls, index: Index, labels: frozenset[Visibility]) -> _Hidden:
        """Read it from the tables themselves, past every guard."""
        whole = Reader(index, Scope(frozenset(ALL)))
        closed, places, refs = set(), set(), []
        for record in planted():
            if (place := _place_of(whole, record.source, record.ref)) is None:
                raise AssertionError(record.ref)
            if record.words_visibility not in labels:
                places.add(place)
            if record.visibility not in labels:
                closed.add(place)
                refs.append((record.source, record.ref))
        rows = index.people._rows("SELECT m, grp, visibility, kind FROM mention")
        out = [row for row in rows if Visibility(str(row[2])) not in labels]
        seen = {int(str(row[1])) for row in rows if Visibility(str(row[2])) in labels}
        groups = {int(str(row[1])) for row in out}
        alone = {int(str(row[1])): str(row[3]) for row in out if row[1] not in seen and row[3] != "person"}
        names = index.people.idents(alone)
        docs = [
            row
            for row in index.people._rows("SELECT d, visibility, kind, profile FROM doc")
            if Visibility(str(row[1])) not in labels
        ]
        profiles = [(int(str(row[0])), decode(str(row[2]), row[3])) for row in docs]  # type: ignore[arg-type]
        protects = {each.label for each in ITEMS if each.protects}
        return cls(
            frozenset(places),
            frozenset(closed),
            frozenset(int(str(row[0])) for row in out),
            [int(str(row[0])) for row in rows],
            frozenset(groups),
            frozenset(groups & seen),
            frozenset(d for d, _ in profiles),
            [(key, d) for d, profile in profiles for key in document_keys(profile)],
            frozenset(int(str(row[1])) for row in rows if Visibility(str(row[2])) in protects and row[3] != "person"),
            refs,
            [(kind, names[group]) for group, kind in alone.items()],
            [
                each.lower()
                for words in ITEMS
                if words.label not in labels
                for each in (*words.alone[:2], words.alone[4])
            ],
        )

    def tells(self, record: Record) -> bool:
        """Tell whether a record says any of it."""
        said = repr(record).lower()
        return any(word in said for word in self.words)


FOCUS = tuple(
    probe
    for words in ITEMS
    if words.code in ("33", "35")
    for mine, name, street in (words.open,)
    for her in (f"domestic_abuse:DA/{words.code}/10001#0",)
    for probe in (
        Probe("search", (f"{name}a {mine[:3]}",)),
        Probe("search", (words.alone[1],)),
        Probe("search", (f"{mine} {name}",)),
        Probe("reading", (street[:6],)),
        Probe("reading", (words.alone[3],)),
        Probe("show", ("event", f"custody:BE/{words.code}/80")),
        Probe("show", ("event", f"incidents:91{words.code}/2018-10-2{words.code[1]}")),
        Probe("show all", ("phone", f"+447700900{7}{words.code}")),
        Probe("show", ("person", her)),
        Probe("brief", ("person", her)),
        Probe("since", ("person", her)),
        Probe("decide", (her, f"domestic_abuse:DA/{words.code}/90001#0")),
        Probe("decisions", ()),
        Probe("figures", ("2018-01-01", "2018-11-17")),
    )
)
"""What is asked first where a guard is taken away: of each door what tells most."""


def noticed(suite: Suite, guard: Guard, role: str = "call_handler") -> str:
    """Take one guard away; return who notices: 'door', 'read' (by itself alone), or '' for nobody."""
    labels = suite.scopes[role]
    for probe in FOCUS:
        suite.expected(role, probe)
    with guard.without(), reopened(suite.whole) as made:
        open_now = replace(suite, whole=made)
        try:
            if open_now.run(((role, probe) for probe in FOCUS), most=1).leaks:
                return "door"
        except (KeyError, ValueError):  # what is read past one guard falls over at the next: no answer is no leak
            return "door"
        with made.index() as index:
            return "read" if reads(index, labels) else ""
