"""Who may look, and what they may see: refused before anything is read, and closed records show in nothing."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.base import Adapter
from discoverer.access import DEMO_VIEWER, SERVICE, Viewer
from discoverer.access_rules import SHIPPED, read_access
from discoverer.answer import Answer, HitKind, State
from discoverer.app import App
from discoverer.briefing.desk import Briefings
from discoverer.codec import plain
from discoverer.errors import IndexUnavailable, NotFound, NotPermitted
from discoverer.explaining import Explaining
from discoverer.glass_desk import GlassDesk
from discoverer.labelling import Labelling
from discoverer.model import Code, Location, Person, Phone, Record, RecordKind, Role, Text, Visibility, most_closed
from discoverer.permitted import CLOSED_REASON
from discoverer.publishing import Publishing
from discoverer.settings import EXACT, AccessSettings, Settings
from discoverer.states import last_attempt
from index import attempts, audit_report
from index.attempts import Outcome
from index.audit_report import Finding, Report
from index.build import build
from index.live import LiveIndex
from index.mask_key import KEY_FILE
from index.reader import Reader, Scope
from index.sync import Syncer
from tests.cast import AS_AT, day, log
from tests.feed import Feed
from tests.web import looks

SAFE = '[[rule]]\nid = "safe"\nwhen = { sensitivity = "safe" }\nlabel = "protected"\nwhy = "Safe addresses."\n'
CLOSED = '[[rule]]\nid = "reports"\nwhen = { source = "intelligence" }\nlabel = "intelligence"\nwhy = "All of it."\n'
ADA = ("03/07/1989",)
C, S = Code("handling", "C"), Code("sensitivity", "SAFE")


ADDRESSES = {
    "1": "1 WINDLASS TEST ROAD",
    "2": "22 QUARTERMAIN TEST ROAD",
    "3": "33 OXBOW TEST ROAD",
    "4": "44 FERRIER TEST ROAD",
}


def _report(number: str, *codes: Code) -> Record:
    """Make an intelligence report of somebody, with a number, an address and words of its own."""
    person = Person(0, Role.SUBJECT, ("Ada Quorn", f"Zarzuela{number}platz"), ADA)
    home = Location(1, Role.HOME, f"{ADDRESSES[number]}, ERDINGTON", "B23 6XX", holder=0)
    phone = Phone(2, Role.OWN, f"0770090010{number}", holder=0)
    return Record(
        "intelligence", (number,), RecordKind.INTELLIGENCE, day("2014-03-01"), persons=(person,), codes=codes,
        locations=(home,), phones=(phone,), texts=(Text(f"CROSSBOW{number} IN THE SHED"),),
    )  # fmt: skip


INCIDENTS = [
    log("1", "2014-01-01", persons=(Person(0, Role.VICTIM, ("Ada Quorn",), ADA),)),
    log("2", "2014-01-02", persons=(Person(0, Role.VICTIM, ("Beryl Tatton",), ("01/02/1970",)),)),
]
REPORTS = [_report("1"), _report("2", C), _report("3", S), _report("4", C, S)]
LABELS = {
    "1": Visibility.OPEN, "2": Visibility.INTELLIGENCE, "3": Visibility.PROTECTED, "4": Visibility.SEALED,
}  # fmt: skip


class SetUp:
    """Two sources, rules and an index of them."""

    def __init__(self, folder: Path, rules: str | None = SAFE, reports: Sequence[Record] = REPORTS) -> None:
        self.folder, self.feeds = folder, {"incidents": Feed("incidents"), "intelligence": Feed("intelligence")}
        for record in (*INCIDENTS, *reports):
            self.feeds[record.source].put(record)
        self.rules = folder / "access.toml"
        self.write(rules)
        self.settings = Settings(
            state_dir=folder / "state", sources_dir=folder, sources=tuple(self.feeds), workers=1, linking=EXACT,
            as_at=datetime.fromisoformat(AS_AT),
            access=AccessSettings() if rules is None else AccessSettings(rules=self.rules),
        )  # fmt: skip

    def write(self, rules: str | None) -> None:
        """Write the rules: those shipped and more, or none but these."""
        text = SHIPPED.read_text(encoding="utf-8")
        self.rules.parent.mkdir(parents=True, exist_ok=True)
        self.rules.write_text(text + (rules or ""), encoding="utf-8")

    @property
    def adapters(self) -> list[Adapter]:
        """One a source."""
        return list(self.feeds.values())

    def build(self) -> None:
        """Build the index."""
        build(self.settings, self.adapters)
        (self.settings.state_dir / KEY_FILE).write_bytes(b"k" * 32)  # so that pseudonyms of two can be compared

    def app(self) -> App:
        """Return an app with the rules as they are now."""
        return App(self.settings)

    def labels(self) -> dict[str, Visibility]:
        """Return the label of every report, as the index holds it by now."""
        live = LiveIndex(self.settings.state_dir)
        with live.reading() as index:
            records = [record for _, record in Reader(index, Scope(frozenset(Visibility))).every_record()]
        live.close()
        return {each.ref: each.visibility for each in records if each.source == "intelligence"}


def viewer(role: str, reason: str = "why") -> Viewer:
    return Viewer("somebody", role, reason=reason)


def sees_the_third(app: App, role: str) -> bool:
    """Tell whether a role finds the third report by its number."""
    found = app.search(viewer(role), "07700900103").hits
    return any((each.source, each.ref) == ("intelligence", "3") for hit in found for each in hit.records)


READERS = [each.name for each in read_access().role if each.reads]
ASKED = [
    "ada quorn", "ada quorn 03/07/1989", "zarzuela2platz", "zarzuela3platx", "zarzuela4platz", "07700900102", "07700900103",
    "07700900104", "22 quartermain test road", "33 oxbow test rd", "44 ferrier test road b23 6xx", "crossbow2", "crossbow4",
    "intelligence:2", "b23 6xx",
]  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    made = SetUp(tmp_path_factory.mktemp("whole"))
    made.build()
    with made.app() as app:
        yield app


@pytest.fixture(scope="module")
def lesser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], App]]:
    """Return what makes an app over an index that never had what a role does not read."""
    made: dict[frozenset[Visibility], App] = {}

    def _without(role: str) -> App:
        named = read_access().role_named(role)
        assert named is not None
        if named.labels not in made:
            kept = [each for each in REPORTS if LABELS[each.ref] in named.labels]
            setup = SetUp(tmp_path_factory.mktemp("lesser"), reports=kept)
            setup.build()
            made[named.labels] = setup.app()
        return made[named.labels]

    yield _without
    for app in made.values():
        app.close()


def _comparable(found: Answer) -> Answer:
    """Leave out of an answer what tells builds apart, and how many records each source holds."""
    return replace(found, build="", as_at="", sources=(), message=found.message.partition(".")[0])


@pytest.mark.parametrize("role", READERS)
def test_what_a_role_does_not_read_is_as_if_it_were_not_there(
    role: str, whole: App, lesser: Callable[[str], App]
) -> None:
    without, who = lesser(role), viewer(role)
    for asked in ASKED:
        assert _comparable(whole.search(who, asked)) == _comparable(without.search(who, asked)), asked
        assert plain(whole.reading(who, asked)) == plain(without.reading(who, asked)), asked
        for hit in whole.search(who, asked).hits:
            one, other = (app.show(who, hit.kind, hit.id, whole=True) for app in (whole, without))
            assert replace(one, build="", as_at="", sources=()) == replace(other, build="", as_at="", sources=())


@pytest.mark.parametrize("role", READERS)
@pytest.mark.parametrize("number", LABELS)
def test_a_role_is_shown_just_what_it_reads(role: str, number: str, whole: App) -> None:
    named = read_access().role_named(role)
    assert named is not None
    reads = LABELS[number] in named.labels
    found = {
        (each.source, each.ref)
        for hit in whole.search(viewer(role), f"zarzuela{number}platz").hits
        for each in hit.records
    }
    assert (("intelligence", number) in found) is reads
    asked = (HitKind.PERSON, f"intelligence:{number}#0"), (HitKind.EVENT, f"intelligence:{number}")
    for kind, ident in asked:
        if reads:
            assert whole.show(viewer(role), kind, ident).hit
        else:
            with pytest.raises(NotFound):
                whole.show(viewer(role), kind, ident)


_TELLS_NOTHING = ("end", "waiting_for")
"""Of the glass: whoever's role may not break it ends what is none, and is told of none."""


def _takes_a_viewer() -> Iterator[Any]:
    """Yield every public method that takes a viewer, of whatever a door calls."""
    doors = (
        (App, ""),
        (Publishing, "builds"),
        (Briefings, "briefings"),
        (Explaining, "explaining"),
        (GlassDesk, "glass"),
    )
    for kind, part in doors:
        for name, method in inspect.getmembers(kind, inspect.isfunction):
            if name in _TELLS_NOTHING or name.startswith("_"):
                continue
            if "viewer" in inspect.signature(method).parameters:
                yield pytest.param(part, name, id=f"{kind.__name__}.{name}")


@pytest.mark.parametrize(("part", "name"), list(_takes_a_viewer()))
def test_every_method_refuses_who_may_nothing_before_it_looks_at_what_is_asked(
    part: str, name: str, tmp_path: Path
) -> None:
    app = SetUp(tmp_path).app()  # nothing is built: whatever would be read first would fail otherwise
    method = getattr(getattr(app, part) if part else app, name)
    needed = {
        each.name: None
        for each in inspect.signature(method).parameters.values()
        if each.default is each.empty and each.kind is not each.VAR_KEYWORD and each.name != "viewer"
    }
    with pytest.raises(NotPermitted, match="There is no role 'nobody'"):
        method(viewer("nobody"), **needed)


def test_who_tried_what_their_role_may_not_stands_in_the_record(tmp_path: Path) -> None:
    app = SetUp(tmp_path).app()
    with pytest.raises(NotPermitted):
        app.search(viewer("auditor"), "07700 900417")
    (line,) = looks(app)
    assert (line["action"], line["role"], line["about"], line["asked"]) == ("refused", "auditor", {"act": "search"}, "")


def test_there_is_something_to_refuse() -> None:
    assert len(list(_takes_a_viewer())) >= 20


@pytest.mark.parametrize("asked", ["ada quorn", "zarzuela2platz", "nobody at all", "", "\x00"])
@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_a_role_without_content_is_refused_alike_whatever_is_asked(role: str, asked: str, whole: App) -> None:
    with pytest.raises(NotPermitted) as refused:
        whole.search(viewer(role), asked)
    title = read_access().role_named(role)
    assert title is not None
    assert refused.value.message == f"{title.title}: this role may not search; ask somebody whose role may."
    assert whole.status(viewer(role)).manifest is not None


def test_a_role_that_must_say_why_is_not_answered_before(whole: App) -> None:
    with pytest.raises(NotPermitted, match="give the log in hand or the reason"):
        whole.search(viewer("analyst", reason=""), "ada quorn")
    assert whole.search(viewer("analyst"), "ada quorn").hits


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Make an app over an index of which one source is closed as a whole."""
    made = SetUp(tmp_path_factory.mktemp("closed"), rules=SAFE + CLOSED)
    made.build()
    with made.app() as app:
        yield app


@pytest.mark.parametrize("asked", ["ada quorn", "zarzuela1platz", "nobody at all", "07700900101"])
def test_a_source_closed_as_a_whole_says_so_in_every_answer(asked: str, closed: App) -> None:
    found = closed.search(viewer("call_handler"), asked)
    (source,) = [each for each in found.sources if each.name == "intelligence"]
    assert (source.state, source.records, source.as_at) == (State.NOT_PERMITTED, 0, "")
    assert source.words == "NOT PERMITTED, not searched: your role does not read this source"
    assert not any(each.source == "intelligence" for hit in found.hits for each in hit.records)
    if not found.hits:
        assert f"intelligence: {source.words}" in found.message
    others = closed.search(viewer("intelligence"), asked).sources
    assert [each.state for each in others] == [State.ANSWERED, State.ANSWERED]


def test_nothing_else_tells_of_a_closed_source_either(closed: App) -> None:
    who = viewer("supervisor")
    status = closed.status(who)
    assert [each.state for each in status.sources] == [State.ANSWERED, State.NOT_PERMITTED]
    assert status.manifest is not None and [each.source for each in status.manifest.segments] == ["incidents"]
    with pytest.raises(NotPermitted, match="does not read this source"):
        closed.rejects(who, "intelligence", 10)
    made = closed.briefings.make(who, HitKind.PERSON, "incidents:1/2014-01-01#0")
    assert "not searched, not permitted" in made.spoken and "failed" not in made.spoken
    assert [each.state for each in closed.status(viewer("administrator")).sources] == [State.ANSWERED, State.ANSWERED]


@pytest.mark.parametrize(
    ("outcome", "fell_short", "reason"),
    [
        (Outcome.FAILED, "intelligence", "intelligence: its table has 7 columns"),
        (Outcome.HELD, "intelligence", "intelligence lost a tenth of its rows"),
        (Outcome.FAILED, "incidents", "incidents: its table has 7 columns"),
    ],
)
def test_how_the_last_build_went_tells_nothing_of_a_closed_source(
    tmp_path: Path, outcome: Outcome, fell_short: str, reason: str
) -> None:
    made = SetUp(tmp_path, rules=SAFE + CLOSED)
    made.build()
    attempt = attempts.begin(made.settings.state_dir, "29991231T010000Z-aaaaaa")
    sources = {"incidents": "fresh", "intelligence": "fresh"} | {fell_short: reason}
    report = Report(attempt.build, AS_AT, "", 9, (Finding(fell_short, "records.fewer", "20 fewer"),))
    audit_report.write(made.settings.state_dir, report)
    attempts.end(made.settings.state_dir, attempt, outcome, reason, sources)
    with made.app() as app:
        told = [_said_of_it(app, viewer(role)) for role in ("supervisor", "intelligence")]
    assert "7 columns" in told[1] or "tenth" in told[1]
    assert f"({fell_short})" in told[1]
    if fell_short == "intelligence":
        assert "columns" not in told[0] and "tenth" not in told[0] and "intelligence" not in told[0]
        assert "Newer data waits" in told[0] and CLOSED_REASON in told[0]
    else:
        assert "(incidents)" in told[0] and "7 columns" in told[0]


def _said_of_it(app: App, who: Viewer) -> str:
    """Return all that is said of the last build."""
    status = app.status(who)
    assert status.attempt is not None
    words = [each.words for each in status.sources if each.state is not State.NOT_PERMITTED]
    waits = {app.waiting(who), app.search(who, "ada quorn").waiting, app.search(who, "nobody at all").waiting}
    assert len(waits) == 1
    return " ".join([*waits, *words, last_attempt(status.attempt)])


def test_the_service_itself_asks_for_the_state_of_every_source_and_for_nothing_else(closed: App, whole: App) -> None:
    assert [each.state for each in closed.status(SERVICE).sources] == [State.ANSWERED, State.ANSWERED]
    assert whole.status(SERVICE).manifest is not None
    for asked in (lambda: closed.search(SERVICE, "ada quorn"), lambda: closed.sources(SERVICE)):
        with pytest.raises(NotPermitted):
            asked()


def test_without_a_section_on_access_all_is_as_it_was(tmp_path: Path) -> None:
    made = SetUp(tmp_path, rules=None)
    made.build()
    assert set(made.labels().values()) == {Visibility.OPEN}
    with made.app() as app:
        for who in (DEMO_VIEWER, Viewer("PC 1", "whatever")):
            assert app.search(who, "zarzuela2platz").hits and list(app.lookup(who, ())) == []
            assert app.rejects(who, "incidents", 10) == []


# What the rules say of records

ROWS = [
    pytest.param("", (C,), Visibility.INTELLIGENCE, id="C"),
    pytest.param("", (Code("handling", " c "),), Visibility.INTELLIGENCE, id="in small letters"),
    pytest.param("", (Code("handling", "P"),), Visibility.OPEN, id="P"),
    pytest.param("", (Code("grade", "C"),), Visibility.OPEN, id="another list's C"),
    pytest.param("", (Code("handling", "CC"),), Visibility.OPEN, id="a code that begins alike"),
    pytest.param(SAFE, (S,), Visibility.PROTECTED, id="safe"),
    pytest.param(SAFE, (Code("sensitivity", "7", "safe"),), Visibility.PROTECTED, id="by its word"),
    pytest.param(SAFE, (S, C), Visibility.SEALED, id="both"),
    pytest.param(CLOSED, (), Visibility.INTELLIGENCE, id="the source"),
    pytest.param(CLOSED.replace('"intelligence" }', '"custody" }'), (), Visibility.OPEN, id="another source"),
    pytest.param(
        '[[rule]]\nid = "k"\nwhen = { source = "intelligence", kind = "custody" }\nlabel = "protected"\nwhy = "K."\n',
        (), Visibility.OPEN, id="the source, of another kind",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("rules", "codes", "label"), ROWS)
@pytest.mark.parametrize("before", list(Visibility))
def test_a_rule_closes_a_record_and_all_it_mentions_and_opens_nothing(
    rules: str, codes: tuple[Code, ...], label: Visibility, before: Visibility, tmp_path: Path
) -> None:
    file = tmp_path / "access.toml"
    file.write_text(SHIPPED.read_text(encoding="utf-8") + rules, encoding="utf-8")
    record = _report("1")
    homes = (replace(record.locations[0], visibility=before),)
    record = replace(record, codes=codes, locations=homes)
    found = Labelling(read_access(file).rule).closed(record)
    assert found.visibility is label
    assert found.locations[0].visibility is most_closed(before, label)
    assert {found.persons[0].visibility, found.phones[0].visibility} == {label}
    assert (
        replace(found, visibility=record.visibility, persons=record.persons, locations=homes, phones=record.phones)
        == record
    )


# When rules change


def test_whoever_would_see_more_than_the_rules_allow_is_not_answered_until_the_next_build(tmp_path: Path) -> None:
    made = SetUp(tmp_path, rules="")
    made.build()
    made.write(SAFE)
    with made.app() as app:
        for role in ("call_handler", "intelligence"):
            with pytest.raises(IndexUnavailable, match="access rules have changed"):
                app.search(viewer(role), "beryl tatton")
            with pytest.raises(IndexUnavailable, match="access rules have changed"):
                app.reading(viewer(role), "beryl")
        assert sees_the_third(app, "da_specialist")
        assert "Whoever does not read protected is not answered" in app.status(viewer("administrator")).problem
    made.build()
    with made.app() as app:
        assert app.search(viewer("call_handler"), "beryl tatton").hits
        assert not sees_the_third(app, "call_handler")
        assert app.status(viewer("administrator")).problem == ""


def test_a_build_that_is_closed_further_than_the_rules_is_searched_and_status_says_so(tmp_path: Path) -> None:
    made = SetUp(tmp_path, rules=SAFE)
    made.build()
    made.write("")
    with made.app() as app:
        assert app.search(viewer("call_handler"), "beryl tatton").hits
        assert not sees_the_third(app, "call_handler")
        assert "rules have changed" in app.status(viewer("administrator")).problem


def test_what_is_carried_from_an_older_build_is_closed_as_the_rules_say_now(tmp_path: Path) -> None:
    made = SetUp(tmp_path, rules="")
    made.build()
    assert made.labels()["3"] is Visibility.OPEN
    made.write(SAFE)
    made.feeds["intelligence"].down = "it is down."
    made.build()
    assert made.labels() == LABELS
    with made.app() as app:
        assert not sees_the_third(app, "call_handler") and sees_the_third(app, "da_specialist")
        assert [each.state for each in app.status(viewer("rad")).sources] == [State.ANSWERED, State.STALE]


def test_what_changes_in_the_day_is_closed_by_the_same_rules(tmp_path: Path) -> None:
    made = SetUp(tmp_path, reports=REPORTS[:1])
    made.build()
    for each in REPORTS[1:]:
        made.feeds["intelligence"].put(each)
    with Syncer(made.settings, made.adapters) as syncer:
        syncer.once()
        assert made.labels() == LABELS
        made.write("")
    made.feeds["intelligence"].put(replace(REPORTS[2], summary="seen again"))
    with Syncer(made.settings, made.adapters) as syncer:
        told = syncer.once().source("intelligence")
    assert told is not None and "access rules have changed since the build" in told.reason
    assert made.labels() == LABELS


# Why

EXPLAINED = [
    ("call_handler", "intelligence:1", True, "open", ["mapping"]),
    ("call_handler", "intelligence:2", False, "intelligence", ["c-handled"]),
    ("intelligence", "intelligence:2#0", True, "intelligence", ["c-handled"]),
    ("da_specialist", "intelligence:3", True, "protected", ["safe"]),
    ("intelligence", "intelligence:4", False, "sealed", ["c-handled", "safe", "mapping"]),
    ("auditor", "intelligence:1", False, "open", ["mapping"]),
]


@pytest.mark.parametrize(("role", "record", "reads", "label", "rules"), EXPLAINED)
def test_it_is_explained_which_rule_closed_a_record(
    role: str, record: str, reads: bool, label: str, rules: list[str], whole: App
) -> None:
    found = whole.explaining.explain(viewer("auditor"), role, record)
    assert (found.is_read, found.label, [each.rule for each in found.given]) == (reads, label, rules)
    assert {each.reads for each in found.parts} == {reads}
    assert "quorn" not in repr(found).lower() and "windlass" not in repr(found).lower()
    last = (whole.settings.audit_dir / sorted(each.name for each in whole.settings.audit_dir.iterdir())[-1]).read_text()
    assert f'"action":"explain","asked":"{role} {found.record}"' in last.splitlines()[-1]


@pytest.mark.parametrize("record", ["intelligence:2", "intelligence:99", ""])
@pytest.mark.parametrize("role", ["rad", "supervisor", "intelligence"])
def test_who_keeps_neither_audit_nor_accounts_is_told_of_no_record(role: str, record: str, whole: App) -> None:
    with pytest.raises(NotPermitted, match="may not manage accounts"):
        whole.explaining.explain(viewer(role), "call_handler", record)


@pytest.mark.parametrize(
    ("role", "record", "says"),
    [
        ("nobody", "intelligence:1", "There is no role 'nobody'; the roles are call_handler, "),
        ("auditor", "intelligence:99", "holds no record 'intelligence:99'"),
        ("auditor", "", "holds no record ''"),
    ],
)
def test_what_is_not_there_is_said(role: str, record: str, says: str, whole: App) -> None:
    with pytest.raises(NotFound, match=says):
        whole.explaining.explain(viewer("administrator"), role, record)
