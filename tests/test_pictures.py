"""Timeline and link chart: complete, the same each time, small, legible, and inert whatever a record says."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit
from xml.etree.ElementTree import Element

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from discoverer.access import DEMO_VIEWER
from discoverer.answer import Assessed, Hit, HitKind, Risk
from discoverer.app import App
from discoverer.parts import Event, Tenure
from discoverer.pictures import link_chart as chart
from discoverer.pictures import timeline as line
from discoverer.pictures.link_chart import MOST_NODES, link_chart
from discoverer.pictures.picture import WIDTH, Picture, fitted, link_to, plain, width_of
from discoverer.pictures.timeline import timeline
from tests.cast import make_app
from tests.pictures import (
    NOW,
    SVG,
    elsewhere,
    entry,
    event,
    events,
    hit,
    holder,
    linked_to,
    links,
    mark_boxes,
    may_be,
    overlapping,
    parsed,
    person,
    text_boxes,
)

MOST_TIMELINE, MOST_CHART = 25_000, 15_000
HOSTILE = [
    pytest.param("</script><script>alert(1)</script>", id="script"),
    pytest.param('"\' onload=\'alert(1)" x="', id="quotes"),
    pytest.param("<![CDATA[x]]><!-- & &amp; &#0; -->", id="markup"),
    pytest.param("a\x00b\x08c\x1bd\x7fe\ufffef\r\ng\th", id="control characters"),
    pytest.param("\u202eKHAN\u202c \u2066ASIF\u2069", id="turned round"),
    pytest.param("محمد عاصف خان", id="right to left"),
    pytest.param("x" * 200, id="200 letters without a space"),
    pytest.param("W" * 200, id="200 broad letters"),
    pytest.param("王" * 200, id="200 wide letters"),
    pytest.param("e" + "\u0301" * 200, id="heaped accents"),
    pytest.param("\ud800\udfff", id="halves of characters"),
    pytest.param("javascript:alert(1)", id="an address"),
    pytest.param("", id="nothing"),
    pytest.param(" \u00a0\u200b", id="blanks"),
]


def history(*made: Event) -> Hit:
    return hit(history=made, history_total=len(made))


def hostile(said: str) -> Hit:
    """Make a hit of which every text says the same."""
    one = entry(1, summary=said, outcome=said, conditions=said, grading=said, risk=said, roles=(said,), ref=said)
    other = replace(one, source=said or "x", at="")
    return replace(
        history(event(one, other), event(one, cancelled=said)),
        label=said, id=said, linked=(person(1, label=said, id=said, relations=(said,), relationship=said, danger=(said,)),),
        addresses=(elsewhere(1, label=said, id=said, holder=said, institution=said, caution=said),),
        numbers=(elsewhere(1, "phone", label=said, id=said, ref=said),), holders=(replace(holder(2), label=said, words=said),),
        may_be=(replace(may_be(3), label=said, why=said),),
    )  # fmt: skip


def drawn(subject: Hit) -> tuple[Picture, Picture]:
    return timeline(subject, NOW), link_chart(subject)


def check_inert(picture: Picture) -> None:
    """Hold a picture to what a strict content security policy and a strict reader of XML want."""
    root = parsed(picture)
    picture.svg.encode()
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in {"svg", "title", "desc", "g", "a", "path", "rect", "text"}
        assert set(element.attrib) <= {
            "class", "d", "x", "y", "width", "height", "href", "transform", "viewBox", "role", "aria-label",
        }  # fmt: skip
        assert re.fullmatch(r"[a-z ]+", element.get("class", "a"))
        assert element.get("href", "/show/").startswith("/show/")
    assert len({len(row) for row in picture.rows}) == 1


@pytest.mark.parametrize("said", HOSTILE)
def test_whatever_a_record_says_is_drawn_as_words_and_nothing_else(said: str) -> None:
    for picture in drawn(hostile(said)):
        check_inert(picture)


@settings(max_examples=60, deadline=None)
@given(
    said=st.text(max_size=200),
    other=st.text(st.characters(codec=None, categories=["Cc", "Cf", "Cs", "Mn", "Lo", "Po"]), max_size=60),
)
def test_any_text_at_all_stays_well_formed_and_in_its_place(said: str, other: str) -> None:
    for picture in drawn(hostile(said + other)):
        check_inert(picture)
        assert not overlapping(list(text_boxes(parsed(picture))))


@pytest.mark.parametrize("said", HOSTILE)
def test_no_label_runs_into_another_or_out_of_the_picture(said: str) -> None:
    for picture in drawn(hostile(said)):
        boxes = list(text_boxes(parsed(picture)))
        assert not overlapping(boxes)
        assert all(box.left >= 0 and box.right <= WIDTH for box in boxes)


@pytest.mark.parametrize("many", [0, 1, 2, 12, 60, 400])
@pytest.mark.parametrize("years", [0, 1, 5, 20, 70])
def test_a_timeline_is_legible_for_one_event_and_for_hundreds(many: int, years: int) -> None:
    subject = history(*events(many, years))
    picture = timeline(subject, NOW)
    root = parsed(picture)
    boxes = list(text_boxes(root))
    assert not overlapping(boxes)
    assert not overlapping(mark_boxes(root))
    assert all(box.left >= 0 and box.right <= WIDTH for box in (*boxes, *mark_boxes(root)))
    assert len(picture.svg.encode()) < MOST_TIMELINE


@pytest.mark.parametrize("many", [1, 12, 60, 400])
def test_every_record_is_in_a_mark_and_in_the_table(many: int) -> None:
    picture = timeline(history(*events(many)), NOW)
    marks = [next(iter(mark.iter(f"{SVG}text"))).text or "" for mark in parsed(picture).iter(f"{SVG}a")]
    assert sum(int(text) if text.isdigit() else 1 for text in marks) == many
    assert {row[1].split(" ")[1] for row in picture.rows[1:]} == {f"{n}/2014-09-14" for n in range(many)}
    assert len(picture.rows) == 1 + many


def test_marks_apart_open_their_own_record_in_reading_order() -> None:
    made = [event(entry(n, f"20{n:02}-06-01", source)) for source in ("incidents", "custody") for n in (13, 10, 7)]
    expected = [f"/show/event?id={source}:{n}/2014-09-14" for source in ("custody", "incidents") for n in (7, 10, 13)]
    assert links(timeline(history(*made), NOW)) == expected


def test_marks_together_say_how_many_and_open_the_gravest() -> None:
    made = [
        event(entry(1, "2014-03-01", risk="standard")),
        event(entry(2, "2014-03-02", risk="high")),
        event(entry(3, "2014-03-03")),
    ]
    picture = timeline(history(*made), NOW)
    (mark,) = parsed(picture).iter(f"{SVG}a")
    assert mark.get("href") == "/show/event?id=incidents:2/2014-09-14"
    assert [text.text for text in mark.iter(f"{SVG}text")] == ["3"]
    (said,) = (title.text or "" for title in mark.iter(f"{SVG}title"))
    assert said.startswith("3 records, 01/03/2014 to 03/03/2014: 1 HIGH, 1 STANDARD, 1 no risk recorded; 0 domestic")


def mark_of(subject: Hit) -> Element:
    (mark,) = parsed(timeline(subject, NOW)).iter(f"{SVG}a")
    return mark


def look(subject: Hit) -> tuple[str, str, str]:
    """Return the class, the outline and the letter of the one mark of a history."""
    mark = mark_of(subject)
    outline = list(mark.iter(f"{SVG}path"))[1].get("d") or ""
    return mark.get("class") or "", outline, next(iter(mark.iter(f"{SVG}text"))).text or ""


@pytest.mark.parametrize(
    ("risk", "letter"),
    [("high", "H"), ("medium", "M"), ("standard", "S"), ("not_assessed", "N"), (None, "–"), ("unheard of", "–")],
)
def test_a_letter_tells_the_risk_and_not_assessed_is_never_standard(risk: str | None, letter: str) -> None:
    assert look(history(event(entry(1, risk=risk))))[2] == letter


def test_every_risk_has_a_shape_of_its_own() -> None:
    looks = [look(history(event(entry(1, risk=risk)))) for risk in ("high", "medium", "standard", "not_assessed", None)]
    assert len({outline for _, outline, _ in looks}) == len({letter for _, _, letter in looks}) == len(looks)


@pytest.mark.parametrize(
    ("made", "kind", "letter", "struck"),
    [
        pytest.param(event(entry(1), domestic=True), "p d", "D", False, id="domestic abuse without a risk"),
        pytest.param(event(entry(1, risk="high"), domestic=True), "h d", "H", False, id="domestic abuse, high"),
        pytest.param(event(entry(1, risk="high")), "h", "H", False, id="near miss: high alone"),
        pytest.param(event(entry(1), cancelled="FALSE"), "p", "X", True, id="cancelled"),
        pytest.param(event(entry(1, risk="high"), cancelled="FALSE"), "h", "H", True, id="cancelled hides no risk"),
    ],
)
def test_domestic_abuse_is_filled_and_what_was_cancelled_struck_through(
    made: Event, kind: str, letter: str, struck: bool
) -> None:
    subject = history(made)
    assert (look(subject)[0], look(subject)[2]) == (kind, letter)
    assert any(path.get("class") == "x" for path in mark_of(subject).iter(f"{SVG}path")) is struck


def test_the_table_says_part_risk_grades_domestic_abuse_and_conditions_before_content() -> None:
    assessed = Assessed(
        "high", "A", "B", "Sgt 1", "", "", "incidents", "1/2014-09-14", "", "", grades=("medium", "high")
    )
    made = event(entry(1, risk="high", conditions="POLICE ONLY", roles=("suspect", "detainee")), domestic=True)
    told = timeline(replace(history(made), risk=Risk("assessed", "X", highest=assessed)), NOW).rows[1]
    assert told == (
        "14/09/2014 23:41", "incidents 1/2014-09-14", "POLICE ONLY; concern for safety", "suspect, arrested person",
        "HIGH (graded medium -> high)", "yes",
    )  # fmt: skip


def test_conditions_on_handling_come_before_what_a_mark_says() -> None:
    (said,) = (
        title.text or "" for title in mark_of(history(event(entry(1, conditions="POLICE ONLY")))).iter(f"{SVG}title")
    )
    assert said.startswith("POLICE ONLY. 14/09/2014")


@pytest.mark.parametrize("at", ["", "2014", "2014-09", "2014-09-14", "1931", "2015-02-01"])
def test_an_event_is_drawn_however_little_is_known_of_its_date(at: str) -> None:
    picture = timeline(history(event(entry(1, at)), event(entry(2))), NOW)
    assert not overlapping([*mark_boxes(parsed(picture))])
    assert len(picture.rows) == 3
    assert ("undated" in picture.svg) is (at == "")


def test_the_last_twelve_months_are_marked_and_said() -> None:
    root = parsed(timeline(history(*events(4)), NOW))
    (shade,) = (rect for rect in root.iter(f"{SVG}rect") if rect.get("class") == "lately")
    assert float(shade.get("width", "0")) > 0
    assert "last 12 months" in [text.text for text in root.iter(f"{SVG}text")]


def test_events_that_were_not_read_are_said() -> None:
    picture = timeline(replace(history(*events(3)), history_total=34), NOW)
    assert picture.rows[-1][0] == "and 31 more events"
    assert "31 more events not shown" in picture.title


@pytest.mark.parametrize("many", [0, 1, 5, 8, 20, 100])
def test_a_link_chart_is_legible_and_small(many: int) -> None:
    picture = link_chart(linked_to(many))
    boxes = list(text_boxes(parsed(picture)))
    assert not overlapping(boxes)
    assert all(box.left >= 0 and box.right <= WIDTH for box in boxes)
    assert len(picture.svg.encode()) < MOST_CHART
    assert len(links(picture)) == min(MOST_NODES, 3 * many)
    assert len(picture.rows) == 1 + 3 * many


@pytest.mark.parametrize(
    ("people", "places", "numbers", "shown"),
    [
        pytest.param(30, 0, 0, (16, 0, 0), id="people alone"),
        pytest.param(0, 30, 0, (0, 16, 0), id="places alone"),
        pytest.param(0, 0, 30, (0, 0, 16), id="numbers alone"),
        pytest.param(30, 30, 2, (12, 10, 2), id="few numbers leave their room to places"),
        pytest.param(30, 30, 30, (12, 6, 6), id="many of all"),
    ],
)
def test_the_weightiest_of_each_kind_are_drawn_and_the_rest_counted(
    people: int, places: int, numbers: int, shown: tuple[int, int, int]
) -> None:
    subject = hit(
        linked=tuple(map(person, range(people))), linked_total=people + 31,
        addresses=tuple(map(elsewhere, range(places))), addresses_total=places,
        numbers=tuple(elsewhere(n, "phone") for n in range(numbers)), numbers_total=numbers,
    )  # fmt: skip
    picture = link_chart(subject)
    found = links(picture)
    assert tuple(sum(f"/show/{kind}?" in each for each in found) for kind in ("person", "location", "phone")) == shown
    assert f"and {people - shown[0] + 31:,} more people" in picture.svg
    assert picture.rows[-1][:2] == ("people", "and 31 more")


@pytest.mark.parametrize(
    ("subject", "broken"),
    [
        pytest.param(hit(linked=(person(1),)), False, id="a link in fields"),
        pytest.param(hit(linked=(person(1, relations=(), relationship=""),)), False, id="a link nobody named"),
        pytest.param(hit(linked=(person(1, relations=("named in text with",)),)), True, id="only named in text"),
        pytest.param(hit(linked=(person(1, relations=("child", "named in text with")),)), False, id="in both"),
        pytest.param(hit(addresses=(elsewhere(1, unverified=True),)), True, id="an address in text"),
        pytest.param(hit(addresses=(elsewhere(1),)), False, id="an address in a field"),
        pytest.param(hit(holders=(holder(1, Tenure.PREVIOUS),)), True, id="a previous occupant"),
        pytest.param(hit(holders=(holder(1, Tenure.UNKNOWN),)), True, id="an occupant perhaps"),
        pytest.param(hit(holders=(holder(1),)), False, id="the latest occupant"),
        pytest.param(hit(may_be=(may_be(1),)), True, id="who they may also be"),
    ],
)
def test_what_is_past_or_not_sure_has_a_broken_line_and_a_reason(subject: Hit, broken: bool) -> None:
    picture = link_chart(subject)
    assert any(path.get("class") == "edge q" for path in parsed(picture).iter(f"{SVG}path")) is broken
    assert (picture.rows[1][4] != "as recorded") is broken


def test_somebody_linked_who_lived_there_is_one_node() -> None:
    picture = link_chart(hit(linked=(person(1, relations=("holder",), relationship=""),), holders=(holder(1),)))
    assert links(picture) == ["/show/person?id=custody:BE/1/14%230"]
    assert picture.rows[1][2] == "holder; latest here"


def test_kinds_have_shapes_of_their_own() -> None:
    root = parsed(link_chart(linked_to(1)))
    outlines = [next(iter(node.iter(f"{SVG}path"))).get("d") or "" for node in root.iter(f"{SVG}a")]
    assert len({re.sub(r"[\d. -]", "", outline) for outline in outlines}) == 3


@pytest.mark.parametrize(
    "draw", [pytest.param(lambda h: timeline(h, NOW), id="timeline"), pytest.param(link_chart, id="chart")]
)
def test_the_same_hit_gives_the_same_picture(draw: Callable[[Hit], Picture]) -> None:
    subject = replace(linked_to(20), history=events(60), history_total=60)
    assert draw(subject) == draw(subject)
    assert draw(subject) != draw(replace(subject, label="SOMEBODY ELSE"))


def test_pictures_hold_no_ids_so_that_many_stand_on_one_page() -> None:
    for picture in drawn(replace(linked_to(20), history=events(60))):
        assert not re.search(r"\sid=|url\(|<use", picture.svg)


def test_a_picture_says_what_it_is_and_its_links_are_reached_by_keyboard() -> None:
    for picture in drawn(replace(linked_to(3), history=events(5), history_total=5)):
        root = parsed(picture)
        assert (root.get("role"), root.get("aria-label")) == ("group", picture.title)
        assert [child.tag for child in root][:2] == [f"{SVG}title", f"{SVG}desc"]
        for mark in root.iter(f"{SVG}a"):
            assert mark.get("href")
            assert next(iter(mark)).tag == f"{SVG}title" and next(iter(mark)).text


@pytest.mark.parametrize(
    ("text", "room", "kept"),
    [
        ("KHAN", 100, "KHAN"),
        ("KHAN", 20, "K…"),
        ("", 20, ""),
        ("a\nb", 90, "a b"),
        ("王王王王", 40, "王王…"),
        ("A B C", 25, "A…"),
    ],
)
def test_a_text_is_cut_to_its_room(text: str, room: float, kept: str) -> None:
    assert fitted(text, room) == kept
    assert width_of(fitted(text, room)) <= room


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("O'Neill \u2019", "O'Neill \u2019"), ("Wrzeszczyński", "Wrzeszczyński"), ("e\u0301", "é"), ("a\u202eb", "ab"),
        ("a\x00b", "a b"), ("\ud800x", "x"), ("q\u0323\u0307\u0301\u0301", "q\u0323\u0307"), ("خان", "خان"),
    ],
)  # fmt: skip
def test_letters_of_every_script_stay_and_what_turns_or_breaks_them_goes(text: str, said: str) -> None:
    assert plain(text) == said


@pytest.mark.parametrize(
    ("ident", "address"),
    [
        ("custody:BE/1/14#0", "/show/event?id=custody:BE/1/14%230"),
        ("a&b=c\"<>'", "/show/event?id=a%26b%3Dc%22%3C%3E%27"),
        ("+447700900417", "/show/event?id=%2B447700900417"),
        ("|14|hillaires test road|b236xx", "/show/event?id=%7C14%7Chillaires%20test%20road%7Cb236xx"),
        ("\ud800", "/show/event?id=%3F"),
    ],
)
def test_a_link_holds_its_id_whole(ident: str, address: str) -> None:
    assert link_to("event", ident) == address


def test_limits_leave_room_below_what_a_page_may_weigh() -> None:
    assert line.LARGEST < MOST_TIMELINE and chart.LARGEST < MOST_CHART


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with make_app(tmp_path_factory.mktemp("pictures")) as made:
        yield made


@pytest.mark.parametrize(
    "typed",
    ["shabana bibi", "asif khan", "leanne smith-jones", "07700 900417", "14 hillaires test road", "2731 of 140914"],
)
def test_what_is_found_is_drawn_and_nothing_that_is_kept_back(app: App, typed: str) -> None:
    for found in app.search(DEMO_VIEWER, typed).hits:
        whole = app.show(DEMO_VIEWER, found.kind, found.id, whole=True).hit
        history_drawn, links_drawn = timeline(whole, app.settings.instant), link_chart(whole)
        check_inert(history_drawn)
        check_inert(links_drawn)
        assert len(history_drawn.rows) == 1 + sum(len(each.entries) for each in whole.history)
        people = (
            {each.id for each in whole.linked}
            | {each.id for each in whole.holders}
            | {each.id for each in whole.may_be}
        )
        assert len(links_drawn.rows) == 1 + len(people) + len(whole.addresses) + len(whole.numbers)
        for picture in (history_drawn, links_drawn):
            assert "SAFE TEST" not in f"{picture}".upper() and "900999" not in f"{picture}".replace(" ", "")


@pytest.mark.parametrize("typed", ["shabana bibi", "07700 900417", "14 hillaires test road"])
def test_what_a_picture_links_to_can_be_shown(app: App, typed: str) -> None:
    for found in app.search(DEMO_VIEWER, typed).hits[:3]:
        for href in (*links(timeline(found, app.settings.instant)), *links(link_chart(found))):
            address = urlsplit(href)
            (ident,) = parse_qs(address.query)["id"]
            assert app.show(DEMO_VIEWER, HitKind(address.path.removeprefix("/show/")), ident).hit.id
