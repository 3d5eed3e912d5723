"""Identifiers one slip away are offered as "did you mean", never as found; logs lead to the records that name them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.answer import Hit
from discoverer.app import App
from discoverer.model import Location, Person, Phone, Record, Role, Visibility, WrittenId
from tests.cast import log, make_app


def holder(number: int, scheme: str, raw: str, seen_by: Visibility = Visibility.OPEN) -> Record:
    name = f"HOLDER NAME{chr(97 + number)}"
    person = Person(0, Role.SUSPECT, (name,), identifiers=(WrittenId(scheme, raw),), visibility=seen_by)
    return log(str(number), "2014-01-02", persons=(person,))


SHARED = "0121 496 0222"


def guest(number: int, *identifiers: WrittenId) -> Record:
    """One of a hostel's guests, who all give its number as theirs."""
    person = Person(0, Role.SUSPECT, (f"GUEST SURNAME{chr(97 + number)}",), identifiers=identifiers)
    return log(str(number), "2014-01-02", persons=(person,), phones=(Phone(1, Role.OWN, SHARED, holder=0),))


HOME = Location(0, Role.SCENE, "7 Test Road, Dudley, DY2 7XC")
RECORDS = [
    holder(1, "pnc", "2011/9900601P"),
    holder(2, "cro", "990306/14K"),
    holder(3, "asn", "11/20DY/01/9900468Q"),
    holder(4, "pnc", "2008/9900458A"),
    holder(5, "pnc", "2012/9900642Z", Visibility.PROTECTED),
    guest(6, WrittenId("pnc", "2009/9900511L")),
    *(guest(50 + number) for number in range(7)),
    log("7786", "2015-04-09"),
    log("31", "2016-01-02", text="PREVIOUS LOG 7786 OF 09/04/15"),
    log("32", "2016-01-03", text="PREVIOUS LOG 7768 OF 09/04/15"),
    log("33", "2016-01-04", phones=(Phone(1, Role.CALLED_FROM, "960 052"),), locations=(HOME,)),
    log("34", "2016-01-05", phones=(Phone(1, Role.CALLED_FROM, "01632 960 0733"),)),
    log("35", "2016-01-06", phones=(Phone(1, Role.CALLED_FROM, "496 0318"),)),
]


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with make_app(tmp_path_factory.mktemp("meant") / "state", {"incidents": RECORDS}) as app:
        yield app


def of_record(app: App, ref: str, **asked: str) -> list[Hit]:
    hits = app.search_fields(DEMO_VIEWER, 20, **asked).hits
    return [hit for hit in hits if any(record.ref == ref for record in hit.records)]


MEANT = [
    pytest.param("2011/9900601P", "1/2014-01-02", "confirmed", "agrees", id="the very number"),
    pytest.param("2011/9900607P", "1/2014-01-02", "possible", "did you mean PNC 2011/9900601P", id="one digit wrong"),
    pytest.param("2011/9900610P", "1/2014-01-02", "possible", "did you mean", id="two digits swapped"),
    pytest.param("11/9900601A", "1/2014-01-02", "possible", "did you mean", id="another check letter"),
    pytest.param("990306/14Z", "2/2014-01-02", "possible", "did you mean CRO 990306/14K", id="a CRO number"),
    pytest.param("11/20DY/01/9900468A", "3/2014-01-02", "possible", "did you mean ASN", id="an arrest number"),
    pytest.param(
        "2008/9900458N", "4/2014-01-02", "possible", "recorded as PNC 2008/9900458A", id="the record is wrong"
    ),
]


@pytest.mark.parametrize(("typed", "ref", "level", "words"), MEANT)
def test_holders_of_a_near_identifier(app: App, typed: str, ref: str, level: str, words: str) -> None:
    (hit,) = of_record(app, ref, ident=typed)
    assert hit.level == level
    assert words in " ".join(hit.why)


NOT_MEANT = [
    pytest.param("2011/9900677P", "1/2014-01-02", id="two digits wrong"),
    pytest.param("2012/9900624Z", "5/2014-01-02", id="a holder out of scope"),
]


@pytest.mark.parametrize(("typed", "ref"), NOT_MEANT)
def test_nobody_else_is_meant(app: App, typed: str, ref: str) -> None:
    assert not of_record(app, ref, ident=typed)


def test_a_shared_number_counts_no_more_beside_a_misread_identifier_than_beside_the_right_one(app: App) -> None:
    def score(**asked: str) -> float:
        (person,) = [hit for hit in of_record(app, "6/2014-01-02", **asked) if hit.kind.value == "person"]
        return person.score

    right, misread = "2009/9900511L", "2009/9900517L"
    beside_right = score(ident=right, phone=SHARED) - score(ident=right)
    beside_misread = score(ident=misread, phone=SHARED) - score(ident=misread)
    assert beside_misread == pytest.approx(beside_right, abs=0.2)


def test_a_log_leads_to_the_records_that_name_it(app: App) -> None:
    hits = app.search(DEMO_VIEWER, "log 7786 of 9 april 2015").hits
    found = {hit.records[0].ref: hit.level for hit in hits}
    assert found == {"7786/2015-04-09": "confirmed", "31/2016-01-02": "possible"}


KEPT = [
    pytest.param("01384 960052", "33/2016-01-04", "probable", id="a local number takes the code of its record's place"),
    pytest.param("960052", "33/2016-01-04", "possible", id="and is found by its end"),
    pytest.param("01632 960073", "34/2016-01-05", "possible", id="a number with one digit too many is kept as written"),
    pytest.param("0121 496 0318", "35/2016-01-06", "possible", id="a local number of an unknown place is kept too"),
    pytest.param("4960318", "35/2016-01-06", "possible", id="without a code on either side"),
]


@pytest.mark.parametrize(("typed", "ref", "level"), KEPT)
def test_numbers_that_are_not_whole_are_kept(app: App, typed: str, ref: str, level: str) -> None:
    assert [hit.level for hit in of_record(app, ref, phone=typed) if hit.kind.value == "phone"] == [level]


def test_the_code_of_a_number_is_not_taken_from_a_place_that_fewer_may_see(tmp_path: Path) -> None:
    hidden = Location(0, Role.HOME, "7 Test Road, Dudley, DY2 7XC", visibility=Visibility.PROTECTED)
    record = log("36", "2016-01-07", phones=(Phone(1, Role.CALLED_FROM, "960 052"),), locations=(hidden,))
    with make_app(tmp_path / "state", {"incidents": [record]}) as app:
        (hit,) = of_record(app, "36/2016-01-07", phone="960052")
    assert hit.id == "960052"
