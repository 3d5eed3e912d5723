"""Searching a hand-written cast: what is found by each key, how sure, and what never is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.answer import Answer, Hit
from discoverer.app import App
from discoverer.errors import LookNotRecorded, UsageError
from discoverer.model import Person, Phone, Role
from tests.cast import log, make_app

HER = "DA/14/05512"
HIS = "BE/2210/14"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with make_app(tmp_path_factory.mktemp("cast") / "state") as app:
        yield app


def ask(app: App, typed: str | dict[str, str]) -> Answer:
    if isinstance(typed, str):
        return app.search(DEMO_VIEWER, typed)
    return app.search_fields(DEMO_VIEWER, 10, **typed)


def refs(hit: Hit) -> set[str]:
    return {record.ref for record in hit.records}


def with_ref(answer: Answer, ref: str, kind: str = "") -> list[Hit]:
    return [hit for hit in answer.hits if ref in refs(hit) and hit.kind.value.startswith(kind)]


FOUND = [
    pytest.param("07700900417", HER, "phone", "confirmed", id="a number as stored"),
    pytest.param("+44 (0)7700 900 417", HER, "phone", "confirmed", id="a number in another shape"),
    pytest.param("O77OO 9OO417", HER, "phone", "confirmed", id="a number with letters for noughts"),
    pytest.param("07700 9oo417", HER, "phone", "confirmed", id="a number with small letters for noughts"),
    pytest.param("07700900417", HER, "person", "possible", id="the person of a number is only possible"),
    pytest.param("07700 900471", HER, "phone", "possible", id="two digits swapped"),
    pytest.param("07700 900418", HER, "phone", "possible", id="one digit wrong"),
    pytest.param({"phone": "07700 9004417"}, HER, "phone", "possible", id="one digit typed twice"),
    pytest.param({"phone": "07700 90417"}, HER, "phone", "possible", id="one digit dropped"),
    pytest.param({"phone": "900417"}, HER, "phone", "possible", id="the last six digits"),
    pytest.param("07700 900655", "2731/2014-09-14", "phone", "", id="a number that stands only in text"),
    pytest.param("shabana bibi 03/07/1989", HER, "person", "probable", id="name and date of birth"),
    pytest.param("bibi shabana 3.7.89", HER, "person", "probable", id="another order, another date shape"),
    pytest.param("shabana bibi 07/03/1989", HER, "person", "probable", id="day and month swapped"),
    pytest.param("shabanna bibi b23", HER, "person", "possible", id="misspelled, with a district"),
    pytest.param("shabana bibi b23 03/07/89", HER, "person", "probable", id="the mixture of the manual"),
    pytest.param({"name": "Shabana Begum", "phone": "07700900417"}, HER, "person", "probable", id="another second name, same number"),
    pytest.param({"name": "Shabana Bibi", "phone": "07700900417"}, HER, "person", "probable", id="name and number"),
    pytest.param("asif khan", HIS, "person", "possible", id="a common name alone"),
    pytest.param("khan asif 07/03/85", HIS, "person", "probable", id="swapped date on custody's record"),
    pytest.param("asif khan 1985", HIS, "person", "possible", id="a name and a year of birth"),
    pytest.param("asif khan washwood heath", HIS, "person", "possible", id="a name and a district"),
    pytest.param("2731", "2731/2014-09-14", "event", "possible", id="a log number alone"),
    pytest.param("03/9900012C", HIS, "person", "confirmed", id="a valid PNC"),
    pytest.param("2003/9900012C", HIS, "person", "confirmed", id="the same PNC in full"),
    pytest.param("flat 2 14 hillaires test road b23 6xx", HER, "location", "confirmed", id="a full address"),
    pytest.param("14 flat 2 hillaires test rd erdington", HER, "location", "probable", id="without the postcode"),
    pytest.param("flt 2, 14 hilaires test rd b23", HER, "location", "probable", id="misspelled, district only"),
    pytest.param("flat 2, 14 hillaires test road, b23 6xx", HER, "person", "possible", id="who lives there"),
    pytest.param("flat 2 16 hillaires test road b23", HER, "location", "possible", id="a wrong house number offers the neighbour"),
    pytest.param("b23 6xx", HER, "location", "possible", id="a postcode alone"),
    pytest.param("2731 of 140914", "2731/2014-09-14", "event", "confirmed", id="a log and its date"),
    pytest.param("log 2731/2014-09-14", "2731/2014-09-14", "event", "confirmed", id="a log as a program writes it"),
    pytest.param("log 2731", "2731/2014-09-14", "event", "possible", id="a log without its date"),
    pytest.param("DA/14/05512", HER, "event", "confirmed", id="another system's reference"),
    pytest.param("text: knife kitchen", "2731/2014-09-14", "event", "possible", id="words of a log"),
    pytest.param("washwood heath mother", "INT/14/0012345", "event", "possible", id="words that nothing else reads"),
    pytest.param("wrzeszczynski zbigniew", "16/2013-05-06", "person", "", id="diacritics left out"),
    pytest.param("leanne jones 12/12/1991", "DA/14/07000", "person", "probable", id="half of a double-barrelled name"),
    pytest.param("shabs", "2731/2014-09-14", "person", "possible", id="a nickname that stands only in text"),
]  # fmt: skip


@pytest.mark.parametrize(("typed", "ref", "kind", "level"), FOUND)
def test_found(app: App, typed: str | dict[str, str], ref: str, kind: str, level: str) -> None:
    hits = with_ref(ask(app, typed), ref, kind)
    assert hits, "not found"
    assert not level or hits[0].level == level, hits[0]
    assert hits[0].why


NEVER_SURE = [
    pytest.param("mohammed ali 1990", "13/2012-01-06", id="the same name, another year of birth"),
    pytest.param("mohammed ali", "12/2012-01-05", id="a name half a community bears"),
    pytest.param({"name": "ryan doyle", "dob": "04/05/2001"}, "18/2013-06-07", id="the other twin"),
    pytest.param({"name": "ronan doyle", "dob": "04/05/2001"}, "17/2013-06-07", id="a twin whose name sounds alike"),
    pytest.param("flat 3, 14 hillaires test road b23 6xx", HER, id="another flat of the building"),
    pytest.param("14a hillaires test road b23 6xx", HER, id="the door beside"),
    pytest.param("14 hillaires test road b23", "16/2013-05-06", id="the same street name in another town"),
    pytest.param("07700 900418", HER, id="a number one digit away"),
    pytest.param("shabana bibi 01/01/1960", HER, id="a contradicting date of birth"),
]


@pytest.mark.parametrize(("typed", "ref"), NEVER_SURE)
def test_never_more_than_possible(app: App, typed: str | dict[str, str], ref: str) -> None:
    assert all(hit.level == "possible" for hit in with_ref(ask(app, typed), ref))


REFUSED = [
    pytest.param("", "is empty", id="nothing"),
    pytest.param(" \t ", "is empty", id="blanks"),
    pytest.param("...", "is empty", id="only stops"),
    pytest.param("UNKNOWN MALE", "placeholders", id="only placeholders"),
    pytest.param("x" * 50_000, "50,000 characters", id="fifty thousand characters"),
    pytest.param("aged 35", "too many people", id="an age alone"),
    pytest.param("text:", "words to look for", id="text: and nothing"),
]


@pytest.mark.parametrize(("typed", "words"), REFUSED)
def test_refused_with_one_sentence(app: App, typed: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        ask(app, typed)


def test_unknown_males_are_nobody(app: App) -> None:
    answer = ask(app, "zbigniew wrzeszczynski")
    assert not with_ref(answer, "14/2013-01-06") and not with_ref(answer, "15/2013-02-06")


def test_no_trace_is_said_with_every_source(app: App) -> None:
    answer = ask(app, "01632 960111")
    assert answer.hits == ()
    assert answer.message.startswith("No trace in the sources searched")
    assert all(name in answer.message for name in ("incidents", "domestic_abuse", "custody", "intelligence"))


def test_the_risk_headline_is_the_victims_with_highest_and_latest(app: App) -> None:
    (hit, *_) = with_ref(ask(app, "shabana bibi 03/07/1989"), HER, "person")
    assert hit.risk.state == "assessed"
    assert hit.risk.highest is not None and hit.risk.highest.level == "high"
    assert hit.risk.headline.startswith("HIGH: SHABANA BIBI as victim of MOHAMMED ASIF KHAN, 03/09/2014, Sgt 1042")
    standard = [record for record in hit.records if record.ref == "DA/13/00100"]
    assert standard[0].risk == "standard" and standard[0].role == "victim"


def test_a_suspects_headline_counts_victims_and_never_bears_a_level(app: App) -> None:
    (hit, *_) = with_ref(ask(app, {"name": "mohammed asif khan", "dob": "07/03/1985"}), HER, "person")
    assert hit.risk.state == "not_assessed"
    assert hit.risk.headline.startswith("as suspect, victims assessed HIGH: 1; this person NOT ASSESSED")


def test_a_number_and_a_place_name_whose_risk_it_is(app: App) -> None:
    for typed in ("07700900417", "flat 2 14 hillaires test road b23 6xx"):
        assert "SHABANA BIBI as victim of" in ask(app, typed).hits[0].risk.headline


def test_not_assessed_is_loud_and_never_standard(app: App) -> None:
    (hit, *_) = with_ref(ask(app, "zbigniew wrzeszczynski"), "16/2013-05-06", "person")
    assert hit.risk.state == "not_assessed" and "NOT ASSESSED" in hit.risk.headline


def test_what_is_in_force_is_shown_with_word_date_and_source_and_what_ended_is_not(app: App) -> None:
    (hit, *_) = with_ref(ask(app, "03/9900012C"), HIS, "person")
    words = " | ".join(hit.now)
    assert "BAIL from 05/09/2014 to 19/12/2014, expires in 33 days" in words and "NOT TO CONTACT SHABANA BIBI" in words
    assert "ENDED LONG AGO" not in words
    assert "WEAPONS" in words and "01/05/2011" in words and "custody BE/2210/14" in words
    assert "marker CO (force list: not defined)" in words


def test_protected_places_and_numbers_are_nowhere(app: App) -> None:
    for typed in ("1 safe test lane cv6 1aa", "07700 900999", "leanne smith-jones", "cv6 1aa"):
        answer = ask(app, typed)
        assert not with_ref(answer, "DA/14/07000", "location") and not with_ref(answer, "DA/14/07000", "phone")
        shown = str(answer.hits)
        assert "SAFE TEST LANE" not in shown and "900999" not in shown


def test_one_search_gathers_every_source(app: App) -> None:
    answer = ask(app, "asif khan 03/07/1985")
    sources = {record.source for hit in answer.hits for record in hit.records}
    assert {"custody", "intelligence"} <= sources


def test_answers_are_the_same_every_time(app: App) -> None:
    assert ask(app, "asif khan") == ask(app, "asif khan")


def test_ids_are_a_mention_a_number_and_an_address(app: App) -> None:
    by_kind = {hit.kind.value: hit.id for hit in ask(app, "07700900417").hits[::-1]}
    assert by_kind["phone"] == "+447700900417"
    assert by_kind["person"].partition("#")[2].isdigit()


def test_a_look_is_written_down_before_it_is_shown(tmp_path: Path) -> None:
    with make_app(tmp_path / "state") as app:
        ask(app, "07700900417")
    (file,) = app.settings.audit_dir.iterdir()
    assert "07700900417" in file.read_text() and "+447700900417" in file.read_text()


def test_no_record_of_the_look_no_answer(tmp_path: Path) -> None:
    with make_app(tmp_path / "state") as app:
        app.settings.audit_dir.write_text("a file stands where the folder should be")
        with pytest.raises(LookNotRecorded, match="no answer"):
            ask(app, "07700900417")


UNNAMED = [
    pytest.param(
        "CALLER GAVE DOB 27/02/77 AND RANG OFF", "name not recorded, born 27/02/77", id="a date of birth alone"
    ),
    pytest.param("LOOKING FOR PNC 03/9900012C NOW", "name not recorded, PNC 03/9900012C", id="an identifier alone"),
    pytest.param("MALE GAVE NAME AS SHABAN KHAN DOB 27/02/77", "SHABAN KHAN", id="a name beside it"),
]


@pytest.mark.parametrize(("text", "label"), UNNAMED)
def test_a_date_is_never_the_name_of_a_person(tmp_path: Path, text: str, label: str) -> None:
    with make_app(tmp_path / "state", {"incidents": [log("41", "2014-01-02", text=text)]}) as app:
        assert label in {hit.label for hit in ask(app, "41 of 020114").hits}


INITIAL = [
    pytest.param("zzzz qqqq", False, id="a first letter, and another name"),
    pytest.param("qqqq akhtar", True, id="a first letter, and the surname"),
    pytest.param("q akhtar", True, id="as recorded"),
    pytest.param("zzzz akhtar", True, id="the surname alone"),
    pytest.param("zzzz qqqq 07700 900881", True, id="a first letter, and the number"),
]


@pytest.mark.parametrize(("typed", "there"), INITIAL)
def test_a_first_letter_beside_another_name_is_nobody(tmp_path: Path, typed: str, *, there: bool) -> None:
    record = log(
        "41", "2014-01-02", persons=(Person(0, Role.CALLER, ("Q Akhtar",)),),
        phones=(Phone(1, Role.OWN, "07700 900881", holder=0),),
    )  # fmt: skip
    with make_app(tmp_path / "state", {"incidents": [record]}) as app:
        answer = ask(app, typed)
    assert any(hit.kind.value == "person" for hit in answer.hits) == there
    assert answer.message.startswith("No trace") != there
