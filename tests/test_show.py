"""`show`: one person, place, number or record by its id, which may be that of any of its mentions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.answer import HitKind
from discoverer.app import App
from discoverer.errors import NotFound
from discoverer.model import Location, Person, Phone, Record, RiskLevel, Role, Text, Visibility
from index.reader import Reader, Scope
from tests.cast import SOURCES, dash, log, make_app
from tests.setups import complaint, run


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with make_app(tmp_path_factory.mktemp("show") / "state") as made:
        yield made


SHABANA = ("domestic_abuse:DA/13/00100#0", "domestic_abuse:DA/14/05512#0")


@pytest.mark.parametrize("ident", SHABANA)
def test_every_mention_is_an_address_of_the_person_who_holds_it(app: App, ident: str) -> None:
    shown = app.show(DEMO_VIEWER, HitKind.PERSON, ident)
    assert shown.hit.label == "SHABANA BIBI" and shown.hit.id == SHABANA[0]
    assert {each.ref for each in shown.hit.records} == {"DA/14/05512", "DA/13/00100"}


NAMED = [
    pytest.param(HitKind.PHONE, "+447700900417", "07700 900417", id="a number"),
    pytest.param(HitKind.PHONE, "07700 900417", "07700 900417", id="a number as people write it"),
    pytest.param(HitKind.PHONE, "incidents:88/2014-09-02#0", "07700 900417", id="a mention of a number"),
    pytest.param(HitKind.EVENT, "incidents:88/2014-09-02", "incidents 88/2014-09-02: abandoned call", id="a record"),
    pytest.param(HitKind.EVENT, "incidents:88/2014-09-02#0", "incidents 88/2014-09-02: abandoned call", id="a mention's record"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "ident", "label"), NAMED)
def test_what_an_id_names(app: App, kind: HitKind, ident: str, label: str) -> None:
    assert app.show(DEMO_VIEWER, kind, ident).hit.label == label


def test_every_id_of_an_answer_shows_what_it_names(app: App) -> None:
    for typed in ("07700 900417", "flat 2, 14 hillaires test road b23 6xx", "shabana bibi", "2731 of 140914"):
        for hit in app.search(DEMO_VIEWER, typed).hits:
            shown = app.show(DEMO_VIEWER, hit.kind, hit.id)
            assert (shown.hit.id, shown.hit.label) == (hit.id, hit.label)
            for ident in (*(each.id for each in hit.linked), *(each.id for each in hit.holders)):
                assert app.show(DEMO_VIEWER, HitKind.PERSON, ident).hit.kind is HitKind.PERSON
            for place in (*hit.addresses, *hit.numbers):
                assert app.show(DEMO_VIEWER, HitKind(place.kind), place.id).hit.records


UNKNOWN = [
    pytest.param(HitKind.PERSON, "incidents:88/2014-09-02#0", id="a mention of another kind"),
    pytest.param(HitKind.PERSON, "custody:NONE/1#0", id="no such record"),
    pytest.param(HitKind.PERSON, "domestic_abuse:DA/14/05512#99", id="no such position"),
    pytest.param(HitKind.PERSON, "domestic_abuse:DA/14/05512#x", id="a position that is none"),
    pytest.param(HitKind.PERSON, "domestic_abuse:DA/14/05512#00", id="a position that is written otherwise"),
    pytest.param(HitKind.PERSON, "domestic_abuse:DA/14/05512#", id="no position"),
    pytest.param(HitKind.PERSON, f"domestic_abuse:DA/14/05512#{'9' * 1500}", id="a position of many digits"),
    pytest.param(HitKind.PERSON, "domestic_abuse:DA/14/05512#\u0660", id="a position in other digits"),
    pytest.param(HitKind.LOCATION, "half a \ud83d character", id="half a character"),
    pytest.param(HitKind.PERSON, "", id="nothing"),
    pytest.param(HitKind.PHONE, "07700 900111", id="a number not held"),
    pytest.param(HitKind.PHONE, "+447700900999", id="a protected number"),
    pytest.param(HitKind.PHONE, "domestic_abuse:DA/14/07000#3", id="a mention out of scope"),
    pytest.param(HitKind.LOCATION, "|1|safe test lane|cv61aa", id="a protected place"),
    pytest.param(HitKind.EVENT, "incidents:99999/2014-09-02", id="no such event"),
]


@pytest.mark.parametrize(("kind", "ident"), UNKNOWN)
def test_an_id_that_names_nothing_in_scope_is_not_found_and_says_what_one_looks_like(
    app: App, kind: HitKind, ident: str
) -> None:
    with pytest.raises(NotFound) as raised:
        app.show(DEMO_VIEWER, kind, ident)
    assert raised.value.message.startswith(f"There is no {kind.value} '{ident}'")
    assert raised.value.message.count(". ") == 0


def test_a_part_held_by_links_out_of_scope_is_shown_alone(tmp_path: Path) -> None:
    def mention(number: str, label: Visibility, phone: str = "", born: str = "") -> Record:
        who = Person(0, Role.VICTIM, ("PIETRA QUILL",), (born,) if born else (), visibility=label)
        phones = (Phone(1, Role.OWN, phone, holder=0, visibility=label),) if phone else ()
        return log(number, "2014-01-02", persons=(who,), phones=phones)

    records = [
        mention("1", Visibility.OPEN, phone="07700900001"),
        mention("2", Visibility.PROTECTED, phone="07700900001", born="03/04/1977"),
        mention("3", Visibility.OPEN, born="03/04/1977"),
    ]
    with make_app(tmp_path / "state", {"incidents": records}) as apart:
        for number in ("1", "3"):
            hit = apart.show(DEMO_VIEWER, HitKind.PERSON, f"incidents:{number}/2014-01-02#0").hit
            assert [each.ref for each in hit.records] == [f"{number}/2014-01-02"]
        with pytest.raises(NotFound):
            apart.show(DEMO_VIEWER, HitKind.PERSON, "incidents:2/2014-01-02#0")


def test_links_through_a_label_between_those_of_a_scope_hold_nobody_together_in_it(tmp_path: Path) -> None:
    def mention(number: str, label: Visibility, *more: Phone, born: str = "") -> Record:
        who = Person(0, Role.VICTIM, ("PIETRA QUILL",), (born,) if born else (), visibility=label)
        return log(number, "2014-01-02", persons=(who,), phones=tuple(replace(each, visibility=label) for each in more))

    number, born = Phone(1, Role.OWN, "07700900001", holder=0), "03/04/1977"
    records = [
        mention("1", Visibility.OPEN, number), mention("2", Visibility.RESTRICTED, number, born=born),
        mention("3", Visibility.OPEN, born=born),
    ]  # fmt: skip
    parts = {}
    with make_app(tmp_path / "state", {"incidents": records}) as app, app._live.reading() as index:
        for name, labels in (("gap", {Visibility.OPEN, Visibility.PROTECTED}), ("whole", set(Visibility))):
            reader = Reader(index, Scope(frozenset(labels)))
            rows = reader.people_named([f"incidents:{number}/2014-01-02#0" for number in "13"]).values()
            parts[name] = [len(reader.components(group)) for group in {row.grp for row in rows}]
    assert parts == {"gap": [2], "whole": [1]}


def test_a_look_is_recorded_before_anything_is_shown(tmp_path: Path) -> None:
    with make_app(tmp_path / "state") as looked:
        looked.show(DEMO_VIEWER, HitKind.PERSON, SHABANA[0])
        lines = [line for path in looked.settings.audit_dir.glob("*.jsonl") for line in path.read_text().splitlines()]
    entry = json.loads(lines[-1])
    assert (entry["action"], entry["asked"]) == ("show", f"person {SHABANA[0]}")
    assert [each["id"] for each in entry["shown"]] == [SHABANA[0]]


# the command line


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("show-cli")
    with make_app(folder / "state") as made:
        state = made.settings.state_dir
    names = ", ".join(f'"{name}"' for name in SOURCES)
    lines = [f'state_dir = "{state}"', f"sources = [{names}]", "as_at = 2014-11-16T02:00:00Z"]
    path = folder / "discoverer.toml"
    path.write_text("\n".join(lines) + '\nsources_dir = "state"\n', encoding="utf-8")
    return path


def test_show_prints_the_whole_of_a_person_and_of_a_record(config: Path) -> None:
    person = run(config, "show", "person", SHABANA[0])
    assert person.exit_code == 0, person.stderr
    assert "RISK HIGH: SHABANA BIBI as victim of MOHAMMED ASIF KHAN" in person.stdout
    assert "suspect of this victim" in person.stdout and "FLAT 2, 14 HILLAIRES TEST ROAD" in person.stdout
    record = run(config, "show", "event", "incidents:2731/2014-09-14")
    assert record.exit_code == 0 and "KNIFE IN THE KITCHEN" in record.stdout
    assert "called from" in record.stdout.lower()


def test_show_json_has_the_hit_and_the_record_whole(config: Path) -> None:
    found: dict[str, Any] = json.loads(run(config, "show", "--json", "event", "incidents:2731/2014-09-14").stdout)
    assert found["hit"]["kind"] == "event" and found["record"]["texts"][0]["text"].startswith("INFT GIVES NAME")
    assert [each["name"] for each in found["sources"]] == list(SOURCES)
    assert json.loads(run(config, "show", "--json", "phone", "07700", "900417").stdout)["record"] is None


def test_show_refuses_an_unknown_id_in_one_sentence(config: Path) -> None:
    said = complaint(run(config, "show", "person", "custody:NONE/1#0"), 7)
    assert said.startswith("There is no person 'custody:NONE/1#0'")


def test_the_record_shown_says_nothing_out_of_scope(tmp_path: Path) -> None:
    hidden = Location(1, Role.HOME, "9 SECRET TEST LANE", "CV6 1AA", holder=0, visibility=Visibility.PROTECTED)
    who = Person(0, Role.VICTIM, ("ODETTE HIDE",), ("05/06/1982",))
    record = replace(
        log("7", "2014-03-02", persons=(who,)), locations=(hidden,), texts=(Text("NOW AT 9 SECRET TEST LANE"),)
    )
    with make_app(tmp_path / "state", {"incidents": [record]}) as app:
        for kind, ident in ((HitKind.EVENT, "incidents:7/2014-03-02"), (HitKind.PERSON, "incidents:7/2014-03-02#0")):
            assert "SECRET" not in str(app.show(DEMO_VIEWER, kind, ident, whole=True)).upper()


UNREADABLE = [
    pytest.param(("show", "location", "caf\udce9"), "The id holds bytes that are not UTF-8", id="bytes in an id"),
    pytest.param(("show", "person", f"custody:BE/2210/14#{'9' * 5000}"), "The id is 5,019 characters long", id="a long id"),
    pytest.param(("search", "caf\udce9"), "The query holds bytes that are not UTF-8", id="bytes in a query"),
    pytest.param(("search", "--name", "caf\udce9"), "The query holds bytes that are not UTF-8", id="bytes in a name"),
    pytest.param(("decide", "apart", *SHABANA, "--reason", "caf\udce9"), "The reason holds bytes that are not UTF-8", id="bytes in a reason"),
    pytest.param(("decide", "apart", *SHABANA, "--reason", "x", "--viewer", "\udce9"), "The name of whoever decides holds bytes", id="bytes in a viewer"),
    pytest.param(("decide", "apart", *SHABANA, "--reason", "x", "--log", "\udce9"), "The log number holds bytes", id="bytes in a log"),
    pytest.param(("decide", "apart", SHABANA[0], "caf\udce9#0", "--reason", "x"), "An id holds bytes", id="bytes in an id of two"),
    pytest.param(("decide", "apart", SHABANA[0], "9" * 10_001, "--reason", "x"), "An id is 10,001 characters long", id="a long id of two"),
]  # fmt: skip


@pytest.mark.parametrize(("args", "sentence"), UNREADABLE)
def test_what_is_no_text_is_refused_in_one_sentence_before_anything_is_written(
    config: Path, args: tuple[str, ...], sentence: str
) -> None:
    looks = [path.read_bytes() for path in (config.parent / "state" / "audit").glob("*.jsonl")]
    assert complaint(run(config, *args), 2).startswith(sentence)
    assert [path.read_bytes() for path in (config.parent / "state" / "audit").glob("*.jsonl")] == looks


def test_what_is_text_in_another_script_is_no_mistake(config: Path) -> None:
    assert run(config, "search", "caf\u00e9").exit_code == 0
    assert complaint(run(config, "show", "location", "caf\u00e9"), 7).startswith("There is no location 'caf\u00e9'")


# a long history


def a_long_story(count: int) -> list[Record]:
    """Make so many logs of one victim and one suspect at one door."""
    her = Person(0, Role.VICTIM, ("HOLLY MANYFOLD",), ("01/02/1980",))
    him = Person(1, Role.SUSPECT, ("CARL BRANDRETH",), ("03/04/1978",))
    door = Location(3, Role.HOME, "5 MANYFOLD TEST ROAD, ERDINGTON", "B23 6XX", holder=0)
    phone = Phone(4, Role.OWN, "07700 900417", holder=0)
    return [
        log(
            str(n), f"20{n // 300:02d}-{n // 25 % 12 + 1:02d}-{n % 25 + 1:02d}", persons=(her, him), locations=(door,),
            phones=(phone,), text="EX PARTNER BACK AT THE DOOR",
        )
        for n in range(count)
    ]  # fmt: skip


def quickest(work: Callable[[], object], times: int = 5) -> float:
    """Return the shortest of several runs, in seconds."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return min(took)


def test_a_person_of_many_records_is_shown_in_a_time_bound_by_what_is_shown(tmp_path: Path) -> None:
    ident = "incidents:0/2000-01-01#0"
    took = {}
    for count in (250, 2_000):
        with make_app(tmp_path / str(count), {"incidents": a_long_story(count)}) as app:
            shown = app.show(DEMO_VIEWER, HitKind.PERSON, ident).hit
            assert shown.records_total == count
            took[count] = quickest(lambda: app.show(DEMO_VIEWER, HitKind.PERSON, ident))
    assert took[2_000] < took[250] * 3


def test_all_shows_every_event(tmp_path: Path) -> None:
    form = dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, *a_long_story(1)[0].persons)
    with make_app(tmp_path / "state", {"incidents": a_long_story(300), "domestic_abuse": [form]}) as app:
        ident = "incidents:0/2000-01-01#0"
        some = app.show(DEMO_VIEWER, HitKind.PERSON, ident).hit
        every = app.show(DEMO_VIEWER, HitKind.PERSON, ident, whole=True).hit
    assert len(some.history) < some.history_total <= every.history_total
    assert len(every.history) == every.history_total and sum(len(event.entries) for event in every.history) == 301
