"""What is suggested while somebody types: streets and towns of places in scope, never a person, door or number."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discoverer.access import DEMO_VIEWER, scope_of
from discoverer.app import App
from discoverer.errors import UsageError
from discoverer.model import Location, Person, Record, Role, Visibility
from discoverer.streets import Street, told_apart
from discoverer.suggesting import MOST, Reading, Suggesting
from index.live import LiveIndex
from index.reader import Scope
from index.sync import Syncer
from tests.cast import INCIDENTS, log, make_app
from tests.test_sync import feed_app

PROTECTED = Visibility.PROTECTED
RESTRICTED = Visibility.RESTRICTED
_numbers = iter(range(1000, 10_000))


def at(text: str, postcode: str = "", seen_by: Visibility = Visibility.OPEN, *, hidden: bool = False) -> Record:
    """Make a record of one place, its mention or all of it seen by some."""
    home = Location(1, Role.HOME, text, postcode, holder=0, visibility=seen_by)
    who = Person(0, Role.VICTIM, ("BERYL TATTON",), ("03/07/1989",))
    made = log(str(next(_numbers)), "2014-01-02", persons=(who,), locations=(home,))
    return replace(made, visibility=PROTECTED) if hidden else made


STREETS = [
    at("14 HILLAIRES TEST ROAD, ERDINGTON", "B23 6XX"),
    at("16 Hillaires Test Rd", "B23 6XX"),
    at("3 HILLAIRES TEST ROAD, WEDNESBURY", "WS10 9QQ"),
    at("22 HILLCREST TEST AVENUE, ERDINGTON", "B23 7QQ"),
    at("5 CHURCHDOWN TEST LANE, KINGS NORTON"),
    at("9 MCALLISTER TEST CLOSE, SOLIHULL", "B91 3QQ"),
    at("1 SAFE TEST LANE", "CV6 1AA", PROTECTED),
    at("7 HIDDENHAM TEST WAY, TIPTON", "DY4 8QQ", hidden=True),
    at("2 KNOWLEDGE TEST GROVE", "B28 1QQ", RESTRICTED),
    at("2 KNOWLEDGE TEST GROVE", "B29 1QQ"),
    at("C/O MANDY LANE, ERDINGTON"),
    at("C/O CANDY LANE 14, ERDINGTON"),
    at("MANDIE LANE, ERDINGTON"),
    at("OPPOSITE 14 BESIDER TEST ROAD, ERDINGTON"),
    at("6 SAID SHE WOULD GO HOMEWARD TO HER MOTHERS ROAD, ERDINGTON"),
    at("4 MR ASIF KHAN TEST ROAD, ERDINGTON"),
    at("8 0121 4960000 TEST ROAD, ERDINGTON"),
    log("77", "2014-03-03", text="HE LIVES AT 12 RUMOURED TEST STREET, B24 9QQ"),
    *INCIDENTS,
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with make_app(tmp_path_factory.mktemp("streets"), {"incidents": STREETS}) as made:
        yield made


def labels(app: App, typed: str) -> list[str]:
    return [each.label for each in app.reading(DEMO_VIEWER, typed).suggestions]


def texts(app: App, typed: str) -> list[str]:
    return [each.text for each in app.reading(DEMO_VIEWER, typed).suggestions]


GROVE, OPEN_GROVE = "Knowledge Test Grove, B28", "Knowledge Test Grove, B29"
B23, WS10, CREST = "Hillaires Test Road, B23", "Hillaires Test Road, WS10", "Hillcrest Test Avenue, B23"


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        pytest.param("hillai", [B23, WS10], id="a beginning"),
        pytest.param("hil", [B23, WS10, CREST], id="three letters"),
        pytest.param("hi", [], id="near miss: two letters of a name"),
        pytest.param("14 hi te", [], id="near miss: two letters each"),
        pytest.param("hillaires", [B23, WS10], id="a whole word"),
        pytest.param("HILLAIRES TEST RD", [B23, WS10], id="an abbreviated type"),
        pytest.param("hillaires ro", [B23, WS10], id="a type begun"),
        pytest.param("hillai te", [B23, WS10], id="two words begun"),
        pytest.param("hillaires avenue", [], id="near miss: another type"),
        pytest.param("hilaires", [B23, WS10], id="a letter left out"),
        pytest.param("hillayres", [B23, WS10], id="a letter wrong"),
        pytest.param("hilair", [B23, WS10], id="a slip in a beginning"),
        pytest.param("ilair", [], id="near miss: two slips"),
        pytest.param("macallister", ["Mcallister Test Close, B91"], id="spelt as it sounds"),
        pytest.param("hillai b23", [B23], id="a district after it"),
        pytest.param("b23 hillai", [B23], id="a district before it"),
        pytest.param("hillai b2", [B23], id="a district begun"),
        pytest.param("hillai b24", [], id="near miss: another district"),
        pytest.param("hillai b23 6xx", [B23], id="a whole postcode"),
        pytest.param("hillai wednes", [WS10], id="a town begun"),
        pytest.param("churchd", ["Churchdown Test Lane, Kings Norton"], id="a street without a district"),
        pytest.param("kings nor", ["Kings Norton"], id="a town of two words"),
        pytest.param("erding", ["Erdington"], id="a town, not every street in it"),
        pytest.param("road", [], id="near miss: a type alone"),
        pytest.param("test ro", [B23, WS10], id="words of the name in any place"),
        pytest.param("knowled", [GROVE, OPEN_GROVE], id="what the viewer may see beside open records"),
        pytest.param("safe", [], id="a protected place"),
        pytest.param("1 safe test lane", [], id="a protected place typed whole"),
        pytest.param("safe test lane", [], id="nor is another street's end"),
        pytest.param("hiddenh", [], id="a place of a protected record"),
        pytest.param("tipto", [], id="a town of a protected record alone"),
        pytest.param("mandy", [], id="somebody written to"),
        pytest.param("candy", [], id="somebody written to at a number"),
        pytest.param("homeward", [], id="a sentence"),
        pytest.param("besider", [], id="what is beside a street's house may stand in another"),
        pytest.param("mandie", [], id="a street without any number may be somebody"),
        pytest.param("asif", [], id="a title says somebody"),
        pytest.param("shabana", [], id="a person"),
        pytest.param("beryl tatt", [], id="whoever lives there"),
        pytest.param("0121 496", [], id="a number"),
        pytest.param("rumour", [], id="what is only said in a text"),
        pytest.param("unheard of", [], id="nothing held"),
        pytest.param("", [], id="nothing typed"),
        pytest.param(" \t\n", [], id="blanks"),
        pytest.param("14", [], id="a house number alone"),
        pytest.param("14 Hillaires Test Road, B23", [], id="what is typed whole is not suggested again"),
    ],
)  # fmt: skip
def test_streets_and_towns_are_suggested_by_their_beginning_and_with_a_slip(
    app: App, typed: str, offered: list[str]
) -> None:
    assert labels(app, typed) == offered


@pytest.mark.parametrize(
    ("typed", "completed"),
    [
        ("14 hillai", "14 Hillaires Test Road, B23"),
        ("14a hillai", "14a Hillaires Test Road, B23"),
        ("flat 2, 14 hillai", "flat 2, 14 Hillaires Test Road, B23"),
        ("Flat A 14 Hillaires T", "Flat A 14 Hillaires Test Road, B23"),
        ("asif khan hillai", "asif khan Hillaires Test Road, B23"),
        ("asif khan, 14 hillai", "asif khan, 14 Hillaires Test Road, B23"),
        ("14 hillai b23 6xx", "14 Hillaires Test Road, B23 6XX"),
        ("b23 hillai", "b23 Hillaires Test Road"),
        ("07700 900417 hillai", "07700 900417 Hillaires Test Road, B23"),
        ("asif khan kings n", "asif khan Kings Norton"),
    ],
)
def test_a_suggestion_completes_what_is_typed_and_keeps_the_rest(app: App, typed: str, completed: str) -> None:
    assert texts(app, typed)[0] == completed


@pytest.mark.parametrize("typed", ["14 hillai", "asif khan hillai", "flat 2, 14 hillai", "hilair"])
def test_what_a_suggestion_puts_into_the_box_is_found_there(app: App, typed: str) -> None:
    for each in app.reading(DEMO_VIEWER, typed).suggestions:
        found = app.search(DEMO_VIEWER, each.text).hits
        assert any("HILLAIRES TEST R" in hit.label.upper() for hit in found if hit.kind.value == "location")


@pytest.mark.parametrize(
    "typed", ["07700 900417", "asif khan 03/07/1985", "shabana hillaires", "14 hillaires test road"]
)
def test_it_is_read_as_a_search_reads_it_and_tells_of_nobody_in_the_index(app: App, typed: str) -> None:
    reading = app.reading(DEMO_VIEWER, typed)
    searched = app.search(DEMO_VIEWER, typed).read_as
    assert reading.read_as == tuple(each for each in searched if "nobody bears it" not in each) != ()
    assert reading.problem == ""


@pytest.mark.parametrize("typed", ["hillaires " * 5_000, "unknown", "aged 30", "x\ud800y" * 1_000, "text:"])
def test_what_a_search_refuses_is_a_problem_in_the_same_words(app: App, typed: str) -> None:
    with pytest.raises(UsageError) as refused:
        app.search(DEMO_VIEWER, typed)
    assert app.reading(DEMO_VIEWER, typed) == Reading((), (), refused.value.message)


def test_no_more_than_a_few_are_suggested_of_many(tmp_path: Path) -> None:
    many = [at(f"1 COMMONGATE{chr(97 + n)} TEST ROAD", "B23 6XX") for n in range(26)]
    with make_app(tmp_path, {"incidents": many}) as app:
        assert len(labels(app, "commong")) == MOST


def test_no_look_is_recorded(app: App) -> None:
    written = app.settings.audit_dir
    before = {path: path.read_bytes() for path in written.rglob("*") if path.is_file()} if written.exists() else {}
    app.reading(DEMO_VIEWER, "14 hillai")
    after = {path: path.read_bytes() for path in written.rglob("*") if path.is_file()} if written.exists() else {}
    assert after == before


SEEN = [
    at("14 HILLAIRES TEST ROAD", "B23 6XX"),
    at("3 HILLCREST TEST ROAD", "B23 6XX"),
    at("3 HILLDOWN TEST ROAD", "B24 6XX"),
]
HIDDEN = [
    pytest.param([at("1 HILLABY TEST ROAD", "B23 6XX", hidden=True)], id="a street of a protected record"),
    pytest.param([at("1 HILLABY TEST ROAD", "B23 6XX", PROTECTED)], id="a protected place of an open record"),
    pytest.param(
        [at(f"{n} HILLDOWN TEST ROAD", "B24 6XX", hidden=True) for n in range(50, 60)], id="more doors of an open street"
    ),
    pytest.param([at("1 HILLAIRES TEST ROAD", "B42 6XX", hidden=True)], id="an open street in another district"),
    pytest.param([at("1 HILLAIRE TEST ROAD", "B23 6XX", hidden=True)], id="a spelling of an open street"),
]  # fmt: skip


@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("first", [pytest.param(True, id="read first"), pytest.param(False, id="read last")])
def test_a_protected_place_is_not_suggested_and_changes_no_order(
    tmp_path: Path, hidden: list[Record], first: bool
) -> None:
    asked = ["hil", "hill", "14 hilla", "hillaby", "hilaires", "hillaire", "test b23", "hillai b42"]
    beside = [*hidden, *SEEN] if first else [*SEEN, *hidden]
    found = []
    for name, records in (("without", SEEN), ("with", beside)):
        with make_app(tmp_path / name, {"incidents": records}) as app:
            found.append([app.reading(DEMO_VIEWER, typed) for typed in asked])
    assert found[0] == found[1]
    assert any(reading.suggestions for reading in found[0])


def test_a_street_known_by_a_protected_door_alone_is_not_suggested_though_an_open_record_holds_it(
    tmp_path: Path,
) -> None:
    both = [at("1 SAFE TEST LANE", "CV6 1AA"), at("1 SAFE TEST LANE", "CV6 1AA", PROTECTED), *SEEN]
    with make_app(tmp_path, {"incidents": both}) as app:
        assert labels(app, "safe") == []
        assert labels(app, "hillai") == ["Hillaires Test Road, B23"]


def street(name: str, outward: str = "B23", towns: tuple[str, ...] = (), kind: str = "road") -> Street:
    return Street(tuple(name.split()), kind, outward, towns)


RIGHT, SLIPPED = street("thornfold test"), street("thornfeld test")
BY_TOWN = street("thornfold test", "", ("erdington",))


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        pytest.param({RIGHT: 4, SLIPPED: 1}, [RIGHT], id="a clerk's slip beside the street"),
        pytest.param({RIGHT: 1, SLIPPED: 1}, [SLIPPED, RIGHT], id="near miss: nothing tells which is the slip"),
        pytest.param(
            {RIGHT: 4, street("thornfeld test", "B24"): 1},
            [RIGHT, street("thornfeld test", "B24")],
            id="near miss: of another district",
        ),
        pytest.param(
            {RIGHT: 4, street("thornfeld test", kind="lane"): 1},
            [street("thornfeld test", kind="lane"), RIGHT],
            id="near miss: of another type",
        ),
        pytest.param({street("park"): 9, street("bark"): 1}, [street("bark"), street("park")], id="near miss: short"),
        pytest.param(
            {street("thornfold test", towns=("erdington",)): 1, BY_TOWN: 5},
            [street("thornfold test", towns=("erdington",))],
            id="a street with its town alone, of which the district is known",
        ),
        pytest.param({RIGHT: 1, BY_TOWN: 1}, [RIGHT, BY_TOWN], id="near miss: it may be another town's"),
        pytest.param({RIGHT: 1, street("thornfold test", ""): 5}, [RIGHT], id="a street without any area"),
        pytest.param({Street(("tipton",), "", "", ()): 1}, [Street(("tipton",), "", "", ())], id="a town"),
    ],
)
def test_a_street_is_offered_once_an_area_and_not_with_its_slips(found: dict[Street, int], kept: list[Street]) -> None:
    assert sorted(told_apart(found)) == sorted(kept)


def test_one_who_may_see_less_is_suggested_less_though_another_asked_before(app: App) -> None:
    suggesting, on = Suggesting(), date(2014, 11, 16)
    scopes = [scope_of(DEMO_VIEWER), Scope(frozenset({Visibility.OPEN})), Scope(frozenset(Visibility))]
    live = LiveIndex(app.settings.state_dir)
    with live.reading() as index:
        found = [
            [
                [each.label for each in suggesting.read(index, scope, typed, on, app.weights).suggestions]
                for typed in ("knowled", "safe", "hillcr")
            ]
            for scope in scopes
        ]
    live.close()
    assert found == [
        [[GROVE, OPEN_GROVE], [], [CREST]],
        [[OPEN_GROVE], [], [CREST]],
        [[GROVE, OPEN_GROVE], [], [CREST]],
    ]


@pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
def test_a_street_that_came_in_during_the_day_is_suggested_and_one_that_went_is_not(
    tmp_path: Path, engine: Literal["whoosh", "tantivy"]
) -> None:
    gone = at("3 HILLDOWN TEST ROAD", "B24 6XX")
    feed, given_settings = feed_app(tmp_path / "state", [SEEN[0], gone], engine)
    with Syncer(given_settings, [feed]) as syncer, App(given_settings) as app:
        assert labels(app, "hil") == ["Hillaires Test Road, B23", "Hilldown Test Road, B24"]
        feed.put(SEEN[1])
        feed.put(at("7 HILLHIDDEN TEST ROAD", "B24 6XX", hidden=True))
        feed.delete(gone.ref)
        syncer.once()
        assert labels(app, "hil") == ["Hillaires Test Road, B23", "Hillcrest Test Road, B23"]


@pytest.mark.parametrize("many", [8])
def test_many_may_type_at_once(app: App, many: int) -> None:
    typed = ["hil", "14 hillai", "hilaires", "churchd", "erding", "safe"] * 4
    expected = [app.reading(DEMO_VIEWER, each) for each in typed]
    with ThreadPoolExecutor(many) as pool:
        assert list(pool.map(lambda each: app.reading(DEMO_VIEWER, each), typed)) == expected


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    typed=st.text(max_size=60)
    | st.lists(
        st.sampled_from(
            ["14", "hil", "hillai", "2", "b23", ",", ".", "test", "rd", "flat", "'", "’", "é", "王", "6xx", "1st"]
        )
    ).map(" ".join)
)
def test_whatever_is_typed_gives_a_reading_that_completes_it(app: App, typed: str) -> None:
    reading = app.reading(DEMO_VIEWER, typed)
    assert len(reading.suggestions) <= MOST
    assert len({each.text for each in reading.suggestions}) == len(reading.suggestions)
    held = {B23, WS10, CREST, "Churchdown Test Lane, Kings Norton", "Mcallister Test Close, B91", GROVE, OPEN_GROVE}
    assert {each.label for each in reading.suggestions} <= held | {
        "Erdington",
        "Wednesbury",
        "Kings Norton",
        "Solihull",
        "Birmingham",
    }
