"""The leak suite: whatever is asked at whatever door, an answer is as if what the viewer may not see were not there.

The oracle is another index: the same sources without the records and mentions that the viewer may not read. Both are
asked the same, and must answer the same, byte for byte but for what no two builds share (their names, when they were
made). That catches counts, rarities, orders, badges and suggestions, whatever they come from. Besides, no planted word
may stand in an answer that is not in what was typed.

What the oracle leaves out, on purpose: how many records a source holds in all (`SourceStatus.records`), which is how
people see that a source was loaded; and the sizes of a build's files in `status`. Neither says anything of a record.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from typing import Any
from unittest.mock import patch

from starlette.testclient import TestClient

from discoverer.access import Viewer, scope_of
from discoverer.answer import HitKind
from discoverer.app import DEFAULT_LIMIT, App
from discoverer.codec import encode, plain
from discoverer.errors import DiscovererError, UsageError
from discoverer.model import Visibility
from discoverer.query import Query, read_box
from discoverer.settings import LINKING, Settings
from discoverer.web import service as web_service
from discoverer.web.screen.pages import screen
from discoverer.web.viewers import viewer_of
from index.build import build
from index.decisions import Act, Decisions, Verdict
from index.mask_key import KEY_FILE
from index.reader import Index
from tests import web
from tests.cast import Cast, by_source
from tests.leak_plants import ACCESS, ITEMS, SOURCES, Words, background, planted, seen_by

NOW = datetime(2018, 11, 18, 2, tzinfo=UTC)
ROLES = ("call_handler", "rad", "supervisor", "da_specialist", "intelligence", "analyst")
WITHOUT_CONTENT = ("auditor", "administrator")
SEED = 20_141_116
NO_DECISION = "99"
ABSENT = "90990"
"""A number that nothing planted bears."""


def viewer(role: str, name: str = "Robin Tester") -> Viewer:
    """Return one of a role, with a log in hand and a reason, so that no role lacks either."""
    return Viewer(name, role, "4417-2018-11-17", "dip sample")


def labels_of(role: str) -> frozenset[Visibility]:
    """Return what a role reads."""
    return scope_of(viewer(role)).labels


@dataclass(frozen=True)
class SetUp:
    """One Discoverer over planted sources.

    Attributes:
        app: it.
        page: a client of its service; whoever asks is `asker`.
        asker: list of one, who asks over the web.
        build: str, its build's name.
    """

    app: App
    page: TestClient
    asker: list[Viewer]
    build: str

    @contextmanager
    def index(self) -> Iterator[Index]:
        """Lend the live index itself."""
        with self.app.everything() as (reader, _):
            yield reader._index


class Dated(Cast):
    """A source taken when everything is asked."""

    def as_at(self) -> str:
        """Return when it was taken."""
        return "2018-11-18T01:00:00Z"


def set_up(folder: Path, labels: frozenset[Visibility] = frozenset(Visibility), linking: str = LINKING) -> SetUp:
    """Build the background, and of what is planted as much as these labels read; decide and brief on it alike."""
    records = by_source(seen_by([*background(), *planted()], labels))
    settings = Settings(
        access=ACCESS, state_dir=folder, sources_dir=folder, sources=SOURCES, as_at=NOW, linking=linking, workers=1
    )
    manifest = build(settings, [Dated(name, records[name]) for name in SOURCES])
    (folder / KEY_FILE).write_bytes(b"k" * 32)  # one key, so that pseudonyms of two set-ups can be compared
    app, asker = App(settings), [viewer("call_handler")]
    service = web_service.create(app, screen=screen(app))
    service.dependency_overrides[viewer_of] = lambda: asker[0]
    page = TestClient(service, base_url=web.HOME, raise_server_exceptions=False)
    made = SetUp(app, page, asker, manifest.build)
    _decide_and_brief(made, labels)
    return made


def _decide_and_brief(made: SetUp, labels: frozenset[Visibility]) -> None:
    """Let those who read all a role reads decide on, and brief of, the people of each label that are there."""
    for words in ITEMS:
        role = _reading(words.label)
        if role is None or not labels_of(role) <= labels:
            continue
        code = words.code
        mine, twin = f"domestic_abuse:DA/{code}/10001#0", f"domestic_abuse:DA/{code}/80002#0"
        proposed = made.app.decide(viewer(role, "Pat Sayer"), Verdict.SAME, (mine, twin), "seen together")
        made.app.settle(viewer(role, "Kim Seconder"), Act.CONFIRMED, proposed.decision.number, "so it is")
        apart = f"incidents:11{code}/2018-11-02#0", f"intelligence:INT/{code}/8#0"
        made.app.decide(viewer(role, "Pat Sayer"), Verdict.APART, apart, "not her")
        briefing = made.app.briefings.make(viewer(role), HitKind.PERSON, mine)
        text, shown = briefing.plain, briefing.fingerprint
        made.app.briefings.give(viewer(role), HitKind.PERSON, mine, text, shown=shown, as_at=briefing.as_at)


def _reading(label: Visibility) -> str | None:
    """Return the role that reads a label and may decide and brief, and reads the least beside it; None when none does."""
    able = [role for role in ("supervisor", "intelligence", "da_specialist") if label in labels_of(role)]
    return min(able, key=lambda role: len(labels_of(role)), default=None)


@dataclass(frozen=True)
class Probe:
    """One thing asked at one door.

    Attributes:
        door: str, a key of DOORS.
        asked: tuple[str, ...], what is asked, as the door takes it.
    """

    door: str
    asked: tuple[str, ...]


Door = Callable[[SetUp, Viewer, Sequence[str]], object]


def _lookup(made: SetUp, who: Viewer, asked: Sequence[str]) -> object:
    """Look one up by the batch."""
    return [
        each.message if isinstance(each, DiscovererError) else each for each in made.app.lookup(who, [_query(asked[0])])
    ]


def _query(text: str) -> Callable[[datetime], Query]:
    """Return what reads a query."""
    return lambda now: read_box(text, now.date())


def _figures(made: SetUp, who: Viewer, asked: Sequence[str]) -> object:
    """Count a period."""
    return made.app.figures(who, date.fromisoformat(asked[0]), date.fromisoformat(asked[1]))


def _status(made: SetUp, who: Viewer, asked: Sequence[str]) -> object:
    """Ask for the state of the service; of the build only what is no size."""
    del asked
    status = made.app.status(who)
    return [status.problem, status.policy, status.sources, status.layer]


def _got(made: SetUp, who: Viewer, asked: Sequence[str]) -> object:
    """Ask for a page or an answer of the API."""
    made.asker[0] = who
    made.page.cookies.clear()  # nobody's seat: what was asked from one before stands on its pages
    path, *given = asked
    answer = made.page.get(path, params=dict(zip(given[::2], given[1::2], strict=True)))
    return [answer.status_code, answer.text, answer.headers.get("link", "")]


def _posted(made: SetUp, who: Viewer, asked: Sequence[str]) -> object:
    """Look one up over the API."""
    made.asker[0] = who
    answer = made.page.post("/api/v1/lookup", content=encode({"qid": "1", "text": asked[0]}))
    return [answer.status_code, answer.text]


def _decided(made: SetUp, who: Viewer, asked: Sequence[str]) -> object:
    """Decide on two mentions, up to where it would be written."""
    with patch.object(Decisions, "propose", side_effect=UsageError("It would be written.")):
        return made.app.decide(who, Verdict.SAME, (asked[0], asked[1]), "seen together")


def _settled(made: SetUp, who: Viewer, asked: Sequence[str]) -> object:
    """Withdraw a decision by its number, up to where it would be written; the number itself is left out."""
    with patch.object(Decisions, "settle", side_effect=UsageError("It would be written.")):
        try:
            return made.app.settle(who, Act.WITHDRAWN, int(asked[0]), "not so")
        except DiscovererError as error:
            return ["refused", type(error).__name__, error.message.replace(asked[0], "N")]


def _shown(made: SetUp, who: Viewer, asked: Sequence[str], *, whole: bool = False) -> object:
    """Show one by its id."""
    return made.app.show(who, HitKind(asked[0]), asked[1], whole=whole)


DOORS: dict[str, Door] = {
    "search": lambda made, who, asked: made.app.search(who, asked[0]),
    "search, one hit": lambda made, who, asked: made.app.search(who, asked[0], 1),
    "fields": lambda made, who, asked: made.app.search_fields(who, DEFAULT_LIMIT, **{asked[0]: asked[1]}),
    "reading": lambda made, who, asked: made.app.reading(who, asked[0]),
    "lookup": _lookup,
    "show": _shown,
    "show all": partial(_shown, whole=True),
    "brief": lambda made, who, asked: made.app.briefings.make(who, HitKind(asked[0]), asked[1]),
    "since": lambda made, who, asked: made.app.briefings.since(who, HitKind(asked[0]), asked[1]),
    "decide": _decided,
    "settle": _settled,
    "decisions": lambda made, who, asked: made.app.decisions(who),
    "unheld": lambda made, who, asked: made.app.unheld(who, [(asked[0], asked[1])]),
    "figures": _figures,
    "rejects": lambda made, who, asked: made.app.rejects(who, asked[0], 10),
    "status": _status,
    "web": _got,
    "web lookup": _posted,
}
"""Every way of asking; the command line and the pages say what these answer and read nothing else."""


def ask(made: SetUp, who: Viewer, probe: Probe) -> str:
    """Ask at a door; return the answer, or the refusal, without what no two builds share."""
    try:
        answer = plain(DOORS[probe.door](made, who, probe.asked))
    except DiscovererError as error:
        answer = ["refused", type(error).__name__, error.message]
    text = encode(_uncounted(answer)).decode()
    return _shared(text, made.build)


def _uncounted(answer: Any) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Leave out how many records a source holds in all."""
    if isinstance(answer, dict):
        source = {"state", "as_at", "records", "words"} <= answer.keys()
        return {key: 0 if source and key == "records" else _uncounted(value) for key, value in answer.items()}
    return [_uncounted(each) for each in answer] if isinstance(answer, list) else answer


_SOURCES_HELD = re.compile(r'("as_at\\?":\\?"[^"]*"\\?,\\?"records\\?":)\d+|(<td>)[\d,]+(</td>)')
_ASIDE = (
    # The clock of today, in a decision or an attempt: what is planted is years old.
    (re.compile(r"20(2[4-9]|[3-9]\d)-\d\d-\d\dT[\d:.]+(Z|\+00:00)?"), "NOW"),
    (re.compile(r"\d\d/\d\d/20(2[4-9]|[3-9]\d)( \d\d:\d\d(:\d\d)?)?"), "NOW"),
    # A call's number counts the calls of every seat.
    (re.compile(r'(data-call=\\*"|call=|[Cc]all |name=\\*"call\\*" value=\\*")\d+'), r"\1N"),
    # A decision's and a briefing's number count what others did, too.
    (re.compile(r"([Dd]ecision|[Bb]riefing) \d+"), r"\1 N"),
    (re.compile(r'(\\?"number\\?":)\d+'), r"\1N"),
    # Each request has a name of its own; what was given is sealed with a key of its own.
    (re.compile(r'(\\?"instance\\?":\\?"|Request )[0-9a-f]{32}'), r"\1ID"),
    (re.compile(r'(\\?"digest\\?":\\?")[0-9a-f]+'), r"\1D"),
)


def _shared(text: str, name: str) -> str:
    """Leave out what no two builds share."""
    text = _SOURCES_HELD.sub(lambda found: "".join(part or "" for part in found.groups()), text.replace(name, "BUILD"))
    for pattern, instead in _ASIDE:
        text = pattern.sub(instead, text)
    return text


@lru_cache
def secrets_of(label: Visibility) -> tuple[str, ...]:
    """Return, folded, the words and numbers that only items of a label hold."""
    (words,) = (each for each in ITEMS if each.label is label)
    first, last, other, road, free, note = words.alone
    code = words.code
    numbers = [f"9004{code}", f"9005{code}", f"9006{code}", f"9007{code}"]
    refs = [f"DA/{code}/9", f"DA/{code}/8", f"BE/{code}/8", f"INT/{code}/8", f"90{code}/2018", f"81{code}/2018"]
    return tuple(each.lower() for each in (first, last, *other.split(), road, free, note, *numbers, *refs))


@dataclass
class Found:
    """What a run of the suite found.

    Attributes:
        probes: int, answers compared.
        leaks: (role, probe, what is wrong), each a leak.
        doors: how often each was asked.
    """

    probes: int = 0
    leaks: list[tuple[str, Probe, str]] = field(default_factory=list)
    doors: dict[str, int] = field(default_factory=dict)


@dataclass
class Suite:
    """The index with everything in it, and one without what a role may not see for each set of labels.

    Attributes:
        folder: where they are built.
        whole: the index with everything.
        scopes: what each role reads, kept: a guard that is removed later may be that very answer.
    """

    folder: Path
    whole: SetUp
    scopes: dict[str, frozenset[Visibility]] = field(default_factory=lambda: {role: labels_of(role) for role in ROLES})
    _without: dict[frozenset[Visibility], SetUp] = field(default_factory=dict)
    _known: dict[tuple[str, Probe], str] = field(default_factory=dict)

    def without(self, labels: frozenset[Visibility]) -> SetUp:
        """Return the index of what these labels read and nothing else."""
        if labels not in self._without:
            self._without[labels] = set_up(self.folder / "-".join(sorted(labels)), labels)
        return self._without[labels]

    def expected(self, role: str, probe: Probe) -> str:
        """Return the answer of the index without; asked once, so that a guard removed later spoils none of them."""
        asked = Probe("settle", (NO_DECISION,)) if probe.door == "settle" else probe
        if (role, asked) not in self._known:
            self._known[role, asked] = ask(self.without(self.scopes[role]), viewer(role), asked)
        return self._known[role, asked]

    def wrong(self, role: str, probe: Probe) -> str:
        """Return what is wrong with the answer a role gets; '' when nothing is."""
        if probe.door == "settle" and self._is_theirs(role, int(probe.asked[0])):
            return ""
        expected = self.expected(role, probe)
        got = ask(self.whole, viewer(role), probe)
        typed = " ".join(probe.asked).lower()
        hidden = chain.from_iterable(map(secrets_of, frozenset(each.label for each in ITEMS) - self.scopes[role]))
        told = [word for word in hidden if word in got.lower() and word not in typed]
        if told:
            return f"it says {told[0]!r}"
        return "" if got == expected else f"it differs: {_difference(got, expected)}"

    def run(self, asked: Iterable[tuple[str, Probe]], most: int | None = None) -> Found:
        """Ask everything; stop after so many leaks."""
        found = Found()
        for role, probe in asked:
            found.probes += 1
            found.doors[probe.door] = found.doors.get(probe.door, 0) + 1
            if said := self.wrong(role, probe):
                found.leaks.append((role, probe, said))
                if most is not None and len(found.leaks) >= most:
                    break
        return found

    def _is_theirs(self, role: str, number: int) -> bool:
        """Tell whether a decision is one that a role may see; the others must be as if they had never been made."""
        made = self.whole.app._decided.store.all()
        return any(each.number == number and each.visibility in self.scopes[role] for each in made)


def _difference(got: str, expected: str) -> str:
    """Show where two answers part."""
    at = next(
        (n for n, (one, other) in enumerate(zip(got, expected, strict=False)) if one != other),
        min(len(got), len(expected)),
    )
    start = max(0, at - 60)
    return f"...{got[start : at + 60]!r} rather than ...{expected[start : at + 60]!r}"


def _texts(words: Words) -> list[str]:
    """Return what may be typed to find the items of a label, whole."""
    first, last, other, road, free, note = words.alone
    mine, name, street = words.open
    code, born = words.code, f"1{words.code[1]}/02/1971"
    return [
        f"{first} {last}", f"{last} {first} {born}", other, free, note, f"{road} grove", f"{code} {road} grove CV{code[1]} 9{code[0]}Q",
        f"CV{code[1]} 8{code[0]}Z", f"07700 9004{code}", f"+447700900{code}4", f"9005{code}", f"07700 9006{code}", f"07700 9007{code}",
        f"PNC 7{code[1]}/44{code}01X", f"90{code} of 1{code[1]}1018", f"ZQ{code} WVX", f"DA/{code}/90001", f"{first} stanwick", f"8{code} {road} terrace",
        f"{mine} {name}", f"{name} {mine} 0{code[1]}/03/1990", f"garth {name} 1{code[1]}/04/1988", f"odette {name}", f"{name}a {mine}",
        f"12 {street} road", f"14 {street} road B2{code[1]} 7{code[0]}A", f"{street} avenue", f"B2{code[1]} 7{code[0]}B",
        f"07700 9001{code}", f"07700 9001{int(code) + 1}", f"PNC 6{code[1]}/33{code}02Y", "noise loud music neighbour", f"BE/{code}/80", f"INT/{code}/8",
        f"{mine[:-1]}x {name}", f"{first[:-1]}x {last}", f"quayle{code}",
    ]  # fmt: skip


def _fields(words: Words) -> list[tuple[str, str]]:
    """Return what may be typed into the fields."""
    first, last, other, road, _, _ = words.alone
    mine, name, street = words.open
    code = words.code
    return [
        ("name", f"{first} {last}"), ("name", other), ("name", f"{mine} {name}"), ("name", f"garth {name}"), ("dob", f"1{code[1]}/02/1971"),
        ("dob", f"0{code[1]}/03/1990"), ("phone", f"077009004{code}"), ("phone", f"077009001{code}"), ("address", f"{code} {road} grove"),
        ("address", f"12 {street} road"), ("address", f"CV{code[1]} 9{code[0]}Q"), ("id", f"7{code[1]}/44{code}01X"), ("id", f"6{code[1]}/33{code}02Y"),
        ("id", f"DA/{code}/90001"),
    ]  # fmt: skip


def _prefixes(text: str) -> list[str]:
    """Return every prefix of what may be typed, the whole last."""
    return [text[:end] for end in range(1, len(text) + 1) if text[end - 1] != " "]


def ids_of(made: SetUp) -> list[tuple[str, str]]:
    """Return (kind, id) of everything planted in an index: records, mentions, people, places and numbers."""
    found: dict[tuple[str, str], None] = {}
    with made.app.everything() as (reader, _):
        for record in planted():
            place = reader.place_of(record.source, record.ref)
            assert place is not None, record.ref
            whole = f"{record.source}:{record.ref}"
            found["event", whole] = None
            rows = reader.everyone_in([place])
            for row in rows:
                found[row.kind, f"{whole}#{row.position}"] = None
                found["event", f"{whole}#{row.position}"] = None
            names = reader.idents({row.grp for row in rows})
            found |= {(row.kind, names[row.grp]): None for row in rows}
    return list(found)


def _of_words(words: Words) -> Iterator[Probe]:
    """Yield what is asked about one label's items by typing."""
    for text in _texts(words):
        for typed in _prefixes(text):
            yield Probe("search", (typed,))
            yield Probe("reading", (typed,))
            yield Probe("search, one hit", (typed,))
        for typed in dict.fromkeys((text, text.upper(), text[1:])):
            yield Probe("lookup", (typed,))
            yield Probe("web lookup", (typed,))
            yield Probe("web", ("/api/v1/search", "q", typed))
            yield Probe("web", ("/api/v1/reading", "q", typed))
            yield Probe("web", ("/search", "q", typed))
        yield Probe("web", ("/beside", "a", text, "b", words.open[1]))
    for name, text in _fields(words):
        for typed in _prefixes(text):
            yield Probe("fields", ("ident" if name == "id" else name, typed))
        yield Probe("web", ("/api/v1/search", name, text))
    yield Probe("web", ("/call", "cli", f"077009004{words.code}"))
    yield Probe("web", ("/api/v1/call", "cli", f"077009004{words.code}"))


def _of_ids(ids: Iterable[tuple[str, str]]) -> Iterator[Probe]:
    """Yield what is asked by ids that only somebody who may read them is given."""
    kinds = tuple(kind.value for kind in HitKind)
    for kind, ident in ids:
        for door in ("show", "show all", "brief", "since"):
            yield Probe(door, (kind, ident))
        for other in kinds:
            if other != kind:
                yield Probe("show", (other, ident))
        yield Probe("search", (ident,))
        yield Probe("reading", (ident,))
        yield Probe("web", (f"/api/v1/{kind}", "id", ident))
        yield Probe("web", (f"/api/v1/{kind}", "id", ident, "limit", "1"))
        yield Probe("web", ("/api/v1/briefing", "kind", kind, "id", ident))
        yield Probe("web", (f"/show/{kind}", "id", ident))
        yield Probe("web", (f"/show/{kind}", "id", ident, "all", "true"))
        yield Probe("web", ("/brief", "kind", kind, "id", ident))
        source, _, ref = ident.partition(":")
        if source in SOURCES:
            yield Probe("unheld", (source, ref))


def _acts() -> Iterator[Probe]:
    """Yield what is asked about decisions, and what counts all."""
    for words in ITEMS:
        code = words.code
        mine, hidden = f"domestic_abuse:DA/{code}/10001#0", f"domestic_abuse:DA/{code}/90001#0"
        inside, nobody = f"incidents:91{code}/2018-10-2{code[1]}#1", f"domestic_abuse:DA/{ABSENT}#0"
        for pair in (
            (mine, hidden),
            (hidden, mine),
            (hidden, nobody),
            (mine, nobody),
            (mine, inside),
            (inside, hidden),
        ):
            yield Probe("decide", pair)
    yield from (Probe("settle", (str(number),)) for number in (*range(1, 2 * len(ITEMS) + 1), int(NO_DECISION)))
    yield Probe("decisions", ())
    yield Probe("status", ())
    yield from (Probe("rejects", (source,)) for source in (*SOURCES, "nowhere"))
    for first, last in (
        ("2018-01-01", "2018-11-17"),
        ("2018-11-01", "2018-11-17"),
        ("2018-09-01", "2018-09-30"),
        ("2017-01-01", "2017-12-31"),
    ):
        yield Probe("figures", (first, last))
    yield from (Probe("web", (path,)) for path in ("/", "/status", "/search", "/keys"))


def every_probe(made: SetUp) -> list[Probe]:
    """Return everything that is asked for each role, none twice; what may decide something comes last."""
    typed = chain.from_iterable(map(_of_words, ITEMS))
    return list(dict.fromkeys(chain(typed, _of_ids(ids_of(made)), _acts())))


def sample(probes: Sequence[Probe], most: int, roles: Sequence[str] = ROLES) -> list[tuple[str, Probe]]:
    """Return some probes of every door for every role, chosen once and for ever."""
    chosen = random.Random(SEED)
    doors: dict[str, list[Probe]] = {}
    for probe in probes:
        doors.setdefault(probe.door, []).append(probe)
    each = max(1, most // (len(roles) * len(doors)))
    return [
        (role, probe)
        for role in roles
        for found in doors.values()
        for probe in (found if len(found) <= each else chosen.sample(found, each))
    ]
