"""What is shown of hits with many records, many people, parts out of scope, and words that say too much."""

from __future__ import annotations

from pathlib import Path

from discoverer.access import DEMO_VIEWER
from discoverer.model import (
    Instant,
    Location,
    Order,
    Person,
    Phone,
    Record,
    RecordKind,
    RiskLevel,
    Role,
    Text,
    Visibility,
)
from tests.cast import dash, day, log, make_app

DOOR = "5 MANYFOLD TEST ROAD, ERDINGTON"
HOLLY = Person(0, Role.VICTIM, ("HOLLY MANYFOLD",), ("01/02/1980",))


def old_and_grave() -> Record:
    return dash(
        "DA/01/1", "2001-01-01", RiskLevel.HIGH, HOLLY, Person(1, Role.SUSPECT, ("CARL BRAND",)),
        locations=(Location(2, Role.HOME, DOOR, "B23 6XX", holder=0),),
    )  # fmt: skip


def many_logs(count: int) -> list[Record]:
    return [
        log(
            str(n), f"20{10 + n // 300:02d}-{n % 12 + 1:02d}-{n % 28 + 1:02d}", persons=(HOLLY,),
            locations=(Location(1, Role.HOME, DOOR, "B23 6XX", holder=0),),
        )
        for n in range(1, count + 1)
    ]  # fmt: skip


def test_an_old_grave_assessment_is_shown_however_many_records_came_after(tmp_path: Path) -> None:
    sources = {"incidents": many_logs(260), "domestic_abuse": [old_and_grave()]}
    with make_app(tmp_path / "state", sources) as app:
        for typed in (f"{DOOR} B23 6XX", "holly manyfold 01/02/1980"):
            hit = app.search(DEMO_VIEWER, typed).hits[0]
            assert hit.risk.highest is not None and hit.risk.highest.level == "high"
            assert hit.records_total == 261 and len(hit.records) == 200


def test_words_are_found_in_every_source_the_most_recent_first(tmp_path: Path) -> None:
    sources = {
        name: [
            Record(name, (f"{n}",), at=Instant(f"20{n:02d}-{month}", ""), texts=(Text("GREEN BICYCLE"),))
            for n in range(1, 13)
        ]
        for name, month in (("incidents", "01"), ("custody", "02"), ("intelligence", "03"))
    }
    with make_app(tmp_path / "state", sources) as app:
        answer = app.search(DEMO_VIEWER, "text: green bicycle")
    assert [hit.records[0].at for hit in answer.hits] == sorted(
        (hit.records[0].at for hit in answer.hits), reverse=True
    )
    assert {hit.records[0].source for hit in answer.hits} == set(sources)
    assert answer.truncated is not None and answer.truncated.about == 36


def test_a_cap_on_the_people_of_a_log_is_said(tmp_path: Path) -> None:
    crowd = tuple(Person(n, Role.WITNESS, (f"WITNESS{chr(97 + n)} SURNAME{chr(97 + n)}",)) for n in range(20))
    with make_app(tmp_path / "state", {"incidents": [log("7", "2014-03-02", persons=crowd)]}) as app:
        answer = app.search(DEMO_VIEWER, "7 of 020314", 100)
    assert answer.truncated is not None and answer.truncated.about == 20


def test_a_person_held_together_by_a_link_out_of_scope_is_shown_as_two(tmp_path: Path) -> None:
    def mention(number: str, label: Visibility, phone: str = "", born: str = "") -> Record:
        person = Person(0, Role.VICTIM, ("PIETRA QUILL",), (born,) if born else (), visibility=label)
        phones = (Phone(1, Role.OWN, phone, holder=0, visibility=label),) if phone else ()
        return log(number, "2014-01-02", persons=(person,), phones=phones)

    records = [
        mention("1", Visibility.OPEN, phone="07700900001"),
        mention("2", Visibility.PROTECTED, phone="07700900001", born="03/04/1977"),
        mention("3", Visibility.OPEN, born="03/04/1977"),
    ]
    with make_app(tmp_path / "state", {"incidents": records}) as app:
        hits = [hit for hit in app.search(DEMO_VIEWER, "pietra quill").hits if hit.kind.value == "person"]
    assert sorted(hit.records[0].ref for hit in hits) == ["1/2014-01-02", "3/2014-01-02"]
    assert all(hit.records_total == 1 for hit in hits)
    assert len({hit.id for hit in hits}) == 2


def test_the_words_of_a_record_that_holds_a_protected_home_say_nothing(tmp_path: Path) -> None:
    hidden = Location(1, Role.HOME, "9 SECRET TEST LANE", "CV6 1AA", holder=0, visibility=Visibility.PROTECTED)
    record = Record(
        "custody", ("BE/1/14",), RecordKind.CUSTODY, day("2014-09-05"), "moved to 9 Secret Test Lane",
        persons=(Person(0, Role.VICTIM, ("ODETTE HIDE",), ("05/06/1982",)),), locations=(hidden,),
        orders=(Order("bail", day("2014-09-05"), None, 0, ("ODETTE HIDE, 9 SECRET TEST LANE",), ("NOT TO ENTER 9 SECRET TEST LANE",)),),
        texts=(Text("NOW AT 9 SECRET TEST LANE CV6 1AA"),), notes=(("new address", "9 SECRET TEST LANE"),),
    )  # fmt: skip
    with make_app(tmp_path / "state", {"custody": [record]}) as app:
        for typed in ("odette hide 05/06/1982", "BE/1/14", "text: secret lane", "9 secret test lane", "cv6 1aa"):
            assert "SECRET" not in str(app.search(DEMO_VIEWER, typed).hits).upper()
        hit = app.search(DEMO_VIEWER, "odette hide 05/06/1982").hits[0]
        assert hit.now == ("BAIL from 05/09/2014, no end recorded, on ODETTE HIDE (custody BE/1/14)",)


def test_a_person_never_stands_before_the_place_they_are_reached_through_and_the_difference_is_said(
    tmp_path: Path,
) -> None:
    with make_app(tmp_path / "state") as app:
        answer = app.search(DEMO_VIEWER, "16 hillaires test road b23 6xx")
        kinds = [hit.kind.value for hit in answer.hits]
        assert kinds[0] == "location"
        (her, *_) = [hit for hit in answer.hits if hit.kind.value == "person" and "SHABANA" in hit.label]
        assert "14, not 16" in " ".join(her.why)


def test_the_second_of_two_people_named_in_one_field_has_the_risk_of_the_field(tmp_path: Path) -> None:
    both = Person(0, Role.VICTIM, ("Ryan & Ronan Marl",), ("04/05/2001",))
    form = dash("DA/14/9", "2014-09-03", RiskLevel.HIGH, both, Person(1, Role.SUSPECT, ("CARL BRAND",)))
    with make_app(tmp_path / "state", {"domestic_abuse": [form]}) as app:
        for typed in ("ryan marl", "ronan marl"):
            hit = next(hit for hit in app.search(DEMO_VIEWER, typed).hits if hit.kind.value == "person")
            assert hit.risk.highest is not None and hit.risk.highest.level == "high", typed


def test_protected_holders_of_a_number_are_not_counted(tmp_path: Path) -> None:
    def holder(number: int, label: Visibility) -> Record:
        person = Person(0, Role.VICTIM, (f"HOLDER{chr(97 + number)} NAME{chr(97 + number)}",), visibility=label)
        phone = Phone(1, Role.OWN, "07700 900003", holder=0, visibility=label)
        return log(str(number), "2014-01-02", persons=(person,), phones=(phone,))

    open_ones = [holder(number, Visibility.OPEN) for number in range(1, 8)]
    hidden = [holder(number, Visibility.PROTECTED) for number in range(8, 20)]
    with make_app(tmp_path / "state", {"incidents": open_ones}) as app:
        without = app.search(DEMO_VIEWER, "07700 900003").hits[0]
    with make_app(tmp_path / "other", {"incidents": [*open_ones, *hidden]}) as app:
        beside = app.search(DEMO_VIEWER, "07700 900003").hits[0]
    assert (without.level, without.score, without.why, without.records_total) == (
        beside.level, beside.score, beside.why, beside.records_total
    )  # fmt: skip
