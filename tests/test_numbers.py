"""Telephone numbers: the slips between two of them, what is offered beside the very number, who shares one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.answer import Hit
from discoverer.app import App
from discoverer.match.phone import SLIP_WORDS, slip
from discoverer.match.profiles import PersonProfile
from discoverer.match.weights import load
from discoverer.model import Person, Phone, Record, Role
from index.households import MOST_FAMILIES, households
from tests.cast import log, make_app

SLIPS = [
    pytest.param("7700900471", "7700900417", "swapped", id="neighbours swapped"),
    pytest.param("77009004417", "7700900417", "doubled", id="one digit typed twice"),
    pytest.param("770090417", "7700900417", "doubled", id="one of a pair left out"),
    pytest.param("77009417", "770090417", "left_out", id="a digit left out"),
    pytest.param("77009800417", "7700900417", "added", id="a digit too many"),
    pytest.param("7700900414", "7700900417", "confused", id="the key above"),
    pytest.param("7705900417", "7709900417", "confused", id="five heard for nine"),
    pytest.param("7700900411", "7700900417", "confused", id="a seven written like a one"),
    pytest.param("7700900412", "7700900417", "wrong", id="any other digit"),
    pytest.param("1214960123", "1214960188", "run", id="two lines of one switchboard"),
    pytest.param("7700900123", "7700900188", "two", id="mobiles have no switchboard"),
    pytest.param("1902960123", "1922960123", "wrong", id="one digit of the code"),
    pytest.param("1384960123", "1902960123", "code", id="another dialling code"),
    pytest.param("7700800471", "7700900417", "two", id="one wrong and two swapped"),
    pytest.param("1179709500", "1179708950", "two", id="one left out and another added"),
    pytest.param("1214960318", "4960318", "code", id="no dialling code"),
    pytest.param("7700911456", "7700900417", "", id="too far off"),
    pytest.param("7700900", "7700900417", "", id="another length"),
]


@pytest.mark.parametrize(("asked", "held", "kind"), SLIPS)
def test_names_the_slip(asked: str, held: str, kind: str) -> None:
    assert slip(asked, held) == kind


def test_every_slip_has_its_weight_and_none_outweighs_the_number_itself() -> None:
    table = load().phone
    assert all(table[kind] < table["same"] for kind in SLIP_WORDS)


FAMILIES = [
    pytest.param([("ann marl", "h1"), ("ben marl", "h1"), ("cy marl", "")], 1, id="a family on one landline"),
    pytest.param([("ann marl", "h1"), ("zed quill", "h1")], 1, id="a couple of two names"),
    pytest.param([("ann marl", "h1"), ("ben marl", "h2")], 1, id="one family name in two homes"),
    pytest.param([("ann marl", "h1"), ("zed quill", "h2")], 2, id="two names, two homes"),
    pytest.param([("ann marl", ""), ("zed quill", "")], 2, id="two names, no home known"),
    pytest.param([("rani kaur", ""), ("jas kaur", "")], 2, id="a name half a community bears joins nobody"),
    pytest.param([("rani kaur", "h1"), ("jas kaur", "h1")], 1, id="but one home does"),
    pytest.param(
        [(f"guest surname{chr(97 + n)}", "hostel") for n in range(MOST_FAMILIES + 1)], MOST_FAMILIES + 1,
        id="a hostel is the home of many families",
    ),
    pytest.param([], 0, id="nobody"),
]  # fmt: skip


@pytest.mark.parametrize(("people", "count"), FAMILIES)
def test_counts_unrelated_households(people: list[tuple[str, str]], count: int) -> None:
    profiles = [PersonProfile(names=(tuple(name.split()),), homes=(home,) if home else ()) for name, home in people]
    assert households(profiles) == count


def caller(number: int, phone: str, name: str) -> Record:
    return log(
        str(number), "2014-01-02",
        persons=(Person(0, Role.CALLER, (name,)),), phones=(Phone(1, Role.OWN, phone, holder=0),),
    )  # fmt: skip


def phones(app: App, typed: str) -> list[Hit]:
    found = app.search_fields(DEMO_VIEWER, 40, phone=typed).hits
    return [hit for hit in found if hit.kind.value == "phone"]


HELD = {
    "07700 900417": "the one asked for",
    "07700 900471": "swapped",
    "07700 900414": "confused",
    "07700 900412": "wrong",
    "07700 900413": "wrong",
    "07700 901417": "confused",
    "01632 960417": "another",
}


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    records = [caller(n, phone, f"SOLO NAME{chr(97 + n)}") for n, phone in enumerate(HELD)]
    records += [caller(20 + n, "0121 496 0001", f"PAT FAMILYNAME {chr(97 + n)}ONE MARL") for n in range(8)]
    guests = (
        "AVA BREWSTER",
        "BEN COLLINGE",
        "CAZ DUNMORE",
        "DOT ELLERBY",
        "EVE FOXCOTE",
        "FAY GRIMSHAW",
        "GUS HOLLOWAY",
        "HAL INGLEBY",
    )
    records += [caller(40 + n, "0121 496 0222", guest) for n, guest in enumerate(guests)]
    with make_app(tmp_path_factory.mktemp("numbers") / "state", {"incidents": records}) as app:
        yield app


def test_the_very_number_comes_first_and_a_few_near_ones_may_follow(held: App) -> None:
    first, *near = phones(held, "07700 900417")
    assert (first.id, first.level) == ("+447700900417", "confirmed")
    assert 0 < len(near) <= 3 and near[0].id == "+447700900471"
    assert all(hit.level == "possible" for hit in near)


def test_the_likelier_slip_comes_first_and_all_are_said(held: App) -> None:
    found = phones(held, "07700 900411")
    assert found[0].id == "+447700900417" and "easily taken" in found[0].why[0]
    assert all(hit.level == "possible" for hit in found)
    assert "held numbers near it" in found[0].why[0]


WHERE = [
    pytest.param("01632 961418", "+441632960417", id="two slips, when nothing is nearer"),
    pytest.param("0121 960 417", "+441632960417", id="the same last digits under another code"),
    pytest.param("07700 9004", "+447700900417", id="its beginning"),
    pytest.param("0121 496 02", "+441214960222", id="its beginning, with the code"),
    pytest.param("960417", "+441632960417", id="its end"),
]


@pytest.mark.parametrize(("typed", "number"), WHERE)
def test_found_as_possible(held: App, typed: str, number: str) -> None:
    found = {hit.id: hit.level for hit in phones(held, typed)}
    assert found.get(number) == "possible"


BOX = [
    pytest.param("phone starts 07700 9004", "+447700900417", True, id="starts"),
    pytest.param("number beginning with 0121 496 02", "+441214960222", True, id="beginning with"),
    pytest.param("tel ending 960417", "+441632960417", True, id="ending"),
    pytest.param("starts 960417", "+441632960417", False, id="an end is no beginning"),
]


@pytest.mark.parametrize(("typed", "number", "there"), BOX)
def test_the_box_reads_parts_of_numbers(held: App, typed: str, number: str, *, there: bool) -> None:
    assert (number in {hit.id for hit in held.search(DEMO_VIEWER, typed).hits}) == there


def test_the_end_that_agrees_further_comes_first(tmp_path: Path) -> None:
    records = [caller(1, "0121 496 0017", "ANN MARL"), caller(2, "01632 960017", "ZED QUILL")]
    with make_app(tmp_path / "state", {"incidents": records}) as app:
        found = phones(app, "4960017")
    assert [hit.id for hit in found] == ["+441214960017", "+441632960017"]
    assert found[1].why == ("number ends in 960017, not 4960017",)


def test_a_mobile_two_digits_off_is_no_trace(held: App) -> None:
    assert phones(held, "07700 988417") == []


def test_a_number_of_one_family_is_theirs_and_one_of_many_is_said_to_be_shared(held: App) -> None:
    (family, *_), (hostel, *_) = phones(held, "0121 496 0001"), phones(held, "0121 496 0222")
    assert (family.level, hostel.level) == ("confirmed", "probable")
    assert "used by 8 unrelated households" in " ".join(hostel.why) and "shared" not in " ".join(family.why)
    assert hostel.score < family.score


def test_people_reached_through_a_near_number_are_told_how(tmp_path: Path) -> None:
    with make_app(tmp_path / "state", {"incidents": [caller(1, "07700 900417", "ANN MARL")]}) as app:
        (person,) = [hit for hit in app.search(DEMO_VIEWER, "07700 900471").hits if hit.kind.value == "person"]
    assert person.level == "possible"
    assert "swapped" in " ".join(person.why)


# a number typed, and numbers near it: other people's unless it was misheard


def two_callers(folder: Path) -> App:
    """Make a set-up of two numbers one digit apart, of one person each."""
    records = [caller(1, "0121 496 0123", "ANN MARL"), caller(2, "0121 496 0124", "ZED QUILL")]
    return make_app(folder / "state", {"incidents": records})


UNHELD = [
    pytest.param("0121 496 0125", ("0121 496 0125",), 2, id="one digit from two that are"),
    pytest.param("01632 960111", ("01632 960111",), 0, id="nothing near it"),
    pytest.param("ann marl 0121 496 0125", ("0121 496 0125",), 2, id="beside a name that is held"),
    pytest.param("961123", ("a number ending in 961123",), 0, id="an end that no number has"),
    pytest.param("0121 490", ("a number beginning with or ending in 0121490",), 0, id="a beginning that none has"),
    pytest.param("starts 0121 490", ("a number beginning with 0121490",), 0, id="a beginning, said to be one"),
    pytest.param("0121 496 0123", (), 1, id="the number that is held"),
    pytest.param("496 0124", (), 0, id="an end that is held"),
    pytest.param("0121 496 01", (), 0, id="a beginning that is held"),
    pytest.param("ann marl", (), 0, id="no number at all"),
]


@pytest.mark.parametrize(("typed", "missing", "near"), UNHELD)
def test_a_number_that_no_source_holds_is_said_to_be_in_none(
    tmp_path: Path, typed: str, missing: tuple[str, ...], near: int
) -> None:
    with two_callers(tmp_path) as app:
        answer = app.search(DEMO_VIEWER, typed)
    assert answer.no_trace_of == missing
    aside = [hit.instead_of for hit in answer.hits if hit.kind.value == "phone" and hit.instead_of]
    assert len(aside) == near and len(set(aside)) <= 1


def test_what_belongs_to_the_number_typed_comes_before_every_number_near_it(tmp_path: Path) -> None:
    with two_callers(tmp_path) as app:
        found = [(hit.kind.value, hit.label, hit.instead_of) for hit in app.search(DEMO_VIEWER, "01214960123").hits]
    assert found == [
        ("phone", "0121 496 0123", ""), ("person", "ANN MARL", ""), ("phone", "0121 496 0124", "0121 496 0123"),
    ]  # fmt: skip


def test_the_people_of_numbers_near_the_one_typed_follow_them_all(tmp_path: Path) -> None:
    with two_callers(tmp_path) as app:
        found = app.search(DEMO_VIEWER, "01214960125").hits
        named = app.search(DEMO_VIEWER, "zed quill 01214960125").hits
    assert [hit.kind.value for hit in found] == ["phone", "phone", "person", "person"]
    assert all(hit.instead_of == "0121 496 0125" for hit in found)
    assert [hit.slip for hit in found] == ["confused", "wrong", "", ""]
    # Whoever bears the name typed is no stranger.
    assert (named[0].label, named[0].instead_of) == ("ZED QUILL", "")


@pytest.mark.parametrize(
    ("limit", "hits", "too"), [(40, 3, ()), (3, 3, ()), (2, 2, ("0121 496 0124",)), (1, 1, ("0121 496 0124",))]
)
def test_numbers_near_it_that_the_limit_leaves_out_are_listed_still(
    tmp_path: Path, limit: int, hits: int, too: tuple[str, ...]
) -> None:
    with two_callers(tmp_path) as app:
        answer = app.search(DEMO_VIEWER, "01214960123", limit)
    assert (len(answer.hits), answer.near_too) == (hits, too)
