"""The briefing: what officers on their way are told, in what order, in how many words, and what is said to be missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER, Viewer
from discoverer.answer import HitKind, SourceStatus, State
from discoverer.app import App
from discoverer.briefing import aloud, speech
from discoverer.briefing.aloud import count_words
from discoverer.briefing.parts import Briefing, Form, Slot
from discoverer.briefing.rules import limit, rules, slots
from discoverer.clock import parse_iso
from discoverer.errors import NotFound
from discoverer.model import GradeChange, Order, Person, Record, RecordKind, RiskLevel, Role
from tests.cast import ASIF, FLAT, SHABANA, SOURCES, dash, day, log, make_app

NOW = parse_iso("2018-11-18T02:00:00Z")


def brief(app: App, kind: str, ident: str, log_no: str = "") -> Briefing:
    return app.briefings.make(replace(DEMO_VIEWER, log=log_no), HitKind(kind), ident)


GOLDEN = [
    pytest.param(
        "person", "custody:WV/131/18#0",
        "Hazards: Suspect marked weapons twelfth of April. Suspect marked violent twenty sixteen. Suspect: Errol Pinnock. "
        "Born twenty-ninth of July nineteen eighty-three. On bail until twenty-seventh of November, protects Joy Hylton. "
        "Wanted on warrant since thirteenth of November. Released from custody thirtieth of October. History: No domestic "
        "abuse events recorded in twelve months. Last thirteenth of November, wanted person or bail. Gaps: Nobody assessed, "
        "no DASH found. More in the written form.",
        id="a suspect wanted on warrant, on bail, never a level of his own",
    ),
    pytest.param(
        "phone", "07700 900406",
        "Hazards: Weapons used, threats to kill, strangulation alleged against suspect, sixteenth of October. Suspect: Dean "
        "Froggatt, ex-boyfriend. Born fifth of December nineteen eighty-seven. Victim: Kerry-Ann Mallett. Codeword agreed, "
        "see log. History: One domestic abuse event recorded in twelve months. Last seventeenth of November, abandoned "
        "call. Repeat phone. High risk to victim from suspect, seventeenth of October, Sergeant two two three one. MARAC "
        "referral seventeenth of October. Ask for: Supervisor. More in the written form.",
        id="a silent call from a high-risk victim's number",
    ),
    pytest.param(
        "location", "flat 2|14|hillaires test road|b236xx",
        "Flat two, fourteen Hillaires Test Road. Hazards: Weapons used, threats to kill, strangulation alleged against "
        "suspect, fourth of September. Suspect marked violent twenty sixteen. Suspect marked weapons twenty fifteen. "
        "Suspect: Mohammed Asif Khan, ex-partner. Born seventh of March nineteen eighty-five. On bail until twenty-third of "
        "November, protects victim. Victim: Shabana Bibi. Codeword agreed, see log. Up to two children recorded. History: "
        "High risk to victim from suspect, fourth of September, Sergeant four four one seven. Ask for: Supervisor. More in "
        "the written form.",
        id="a home, its history spread over four systems",
    ),
    pytest.param(
        "person", "domestic_abuse:DA/18/00142#0",
        "Hazards: Threats to kill alleged against suspect, nineteenth of October. Weapons used, threats to kill, "
        "strangulation alleged against suspect, nineteenth of September. Contact duty inspector before arrival. Treat as "
        "urgent. Suspect: Omar Elmi, husband. Born fifth of May nineteen eighty-nine. Victim: Amina Yusuf. Very frightened. "
        "History: Two domestic abuse events recorded in twelve months. Last seventeenth of November, concern for safety. "
        "High risk to victim from suspect, nineteenth of October, P C five five one two. MARAC referral twentieth of "
        "September. Ask for: Supervisor. More in the written form.",
        id="a refuge resident: never where she is",
    ),
    pytest.param(
        "person", "custody:BE/101/17#0",
        "Person: Grahem Reed. Grahem Reed marked suicidal twenty seventeen. Grahem Reed marked self-harm twenty sixteen. "
        "Self-harm or suicide risk. History: No domestic abuse events recorded in twelve months. Last twelfth of November, "
        "concern for safety. Gaps: Nobody assessed, no DASH found. More in the written form.",
        id="a man at risk, arrested once: neither suspect nor victim",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "ident", "spoken"), GOLDEN)
def test_what_is_said(small: App, kind: str, ident: str, spoken: str) -> None:
    made = brief(small, kind, ident)
    assert made.spoken == spoken
    assert made.spoken_words == count_words(spoken) <= 90


@pytest.mark.parametrize(("kind", "ident"), [case.values[:2] for case in GOLDEN])
def test_every_statement_in_writing_has_its_source_date_role_and_nature(small: App, kind: str, ident: str) -> None:
    made = brief(small, kind, ident)
    resting = [each for each in made.points if each.source]
    assert len(resting) > 3
    for each in resting:
        assert each.nature_words and each.ref, each
        if Form.TERMINAL not in each.withheld_from:
            (line,) = [line for line in made.written.splitlines() if line.startswith(f"- {each.words} [")][:1]
            assert each.source in line and each.ref in line
    for each in made.points:
        assert each.slot in (Slot.GAPS, Slot.ASK, Slot.PLACE) or each.kind in ("count", "more") or each.source, each


@pytest.mark.parametrize(("kind", "ident"), [case.values[:2] for case in GOLDEN])
def test_slots_stand_in_radio_order_in_every_form(small: App, kind: str, ident: str) -> None:
    made = brief(small, kind, ident)
    order = [*slots()]
    assert order == [Slot.PLACE, Slot.HAZARDS, Slot.SUSPECT, Slot.VICTIM, Slot.HISTORY, Slot.GAPS, Slot.ASK]
    places = [order.index(each.slot) for each in made.points]
    assert places == sorted(places)
    said = [made.spoken.find(f"{word}: ") for word in ("Hazards", "Suspect", "Victim", "History", "Gaps", "Ask for")]
    told = [place for place in said if place >= 0]
    assert told == sorted(told)
    titles = [each["title"] for each in rules()["slots"]]
    written = [line for line in made.written.splitlines() if line in titles]
    assert written == [title for title in titles if title in written]


@pytest.fixture(scope="module")
def cast(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    with make_app(tmp_path_factory.mktemp("brief") / "state") as made:
        yield made


def test_the_log_in_hand_gives_place_and_grade_however_it_is_parted(small: App) -> None:
    for log_no in ("1784-2018-09-03", "1784/2018-09-03"):
        made = brief(small, "person", "custody:WV/131/18#0", log_no)
        assert "Hillaires" in made.spoken.partition("Hazards")[0]
        assert any(each.kind == "grade" and each.words.startswith("Graded P1") for each in made.points)
    unknown = brief(small, "person", "custody:WV/131/18#0", "99999-2018-09-03")
    assert unknown.points[0].words == "Location and grade as on the log in hand"


TITLES = [
    pytest.param("person", "custody:WV/131/18#0", "ERROL PINNOCK", id="a person"),
    pytest.param("phone", "07700 900406", "07700 900406", id="a number"),
    pytest.param("event", "incidents:1784/2018-09-03", "of incidents:1784/2018-09-03", id="a record, not its summary"),
]


@pytest.mark.parametrize(("kind", "ident", "title"), TITLES)
def test_the_title_is_what_stands_above_every_form(small: App, kind: str, ident: str, title: str) -> None:
    made = brief(small, kind, ident)
    assert made.title == title
    for form in (made.written, made.plain):
        assert f"BRIEFING {title}, as at " in form


def test_the_title_names_no_place_that_a_record_calls_confidential(tmp_path: Path) -> None:
    hidden = dash(
        "DA/14/1",
        "2014-10-01",
        RiskLevel.HIGH,
        SHABANA,
        ASIF,
        locations=(FLAT,),
        notes=(("address confidential", "Y"),),
    )
    with make_app(tmp_path / "state", {"domestic_abuse": [hidden]}) as app:
        made = brief(app, "location", "flat 2|14|hillaires test road|b236xx")
    assert "HILLAIRES" in made.label and "HILLAIRES" not in made.title + made.written + made.plain


def test_a_suspect_has_no_risk_of_his_own(cast: App) -> None:
    made = brief(cast, "person", "domestic_abuse:DA/14/05512#1")
    for each in made.points:
        if "risk" in each.kind or each.kind == "serial":
            assert "victim" in each.words.lower() and "NOT ASSESSED" not in each.words
    assert "high risk to victim from suspect" in made.spoken.lower()
    assert not any(each.kind == "not assessed" for each in made.points)


def test_not_assessed_is_said_and_is_never_standard(tmp_path: Path) -> None:
    begun = dash("DA/14/1", "2014-10-01", RiskLevel.NOT_ASSESSED, SHABANA, ASIF)
    with make_app(tmp_path / "state", {"domestic_abuse": [begun]}) as app:
        made = brief(app, "person", "domestic_abuse:DA/14/1#0")
    assert "Nobody assessed, no DASH found" in made.spoken and "standard" not in made.spoken.lower()
    assert "NOT ASSESSED" in made.written
    assert any(each.kind == "dash" and each.slot is Slot.ASK for each in made.points)


def test_one_victim_assessed_and_another_not_is_said_of_the_other(tmp_path: Path) -> None:
    other = Person(0, Role.VICTIM, ("LEANNE SMITH",), ("12/12/1991",))
    records = [dash("DA/14/1", "2014-10-01", RiskLevel.HIGH, SHABANA, ASIF), dash("DA/14/2", "2014-10-02", RiskLevel.NOT_ASSESSED, other, ASIF)]  # fmt: skip
    with make_app(tmp_path / "state", {"domestic_abuse": records}) as app:
        made = brief(app, "person", "domestic_abuse:DA/14/1#1")
    assert "Leanne Smith not assessed" in made.spoken and "Nobody assessed" not in made.spoken


def test_a_risk_of_another_record_is_not_laid_on_a_namesake(tmp_path: Path) -> None:
    son = Person(1, Role.SUSPECT, ("MOHAMMED ASIF KHAN",), ("01/01/2001",))
    other = Person(0, Role.VICTIM, ("LEANNE SMITH",), ("12/12/1991",))
    door = replace(FLAT, holder=0)
    records = [
        dash("DA/14/00101", "2014-10-01", RiskLevel.HIGH, SHABANA, ASIF, locations=(door,)),
        dash("DA/14/00102", "2014-10-02", RiskLevel.MEDIUM, other, son, locations=(door,)),
    ]
    with make_app(tmp_path / "state", {"domestic_abuse": records}) as app:
        made = brief(app, "person", "domestic_abuse:DA/14/00101#0")
    for each in made.points:
        if each.kind == "risk" and "Leanne" in each.said:
            assert "from suspect" not in each.said
    assert "High risk to victim from suspect" in made.spoken


BIRTHS = [
    pytest.param(("07/03/1985",), "", id="known"),
    pytest.param((), "Suspect date of birth not known", id="not known"),
    pytest.param(("07/03/1985", "03/07/1985"), "Suspect dates of birth differ", id="two of them"),
]


@pytest.mark.parametrize(("births", "gap"), BIRTHS)
def test_a_date_of_birth_that_is_missing_or_differs_is_a_gap(tmp_path: Path, births: tuple[str, ...], gap: str) -> None:
    form = dash("DA/14/1", "2014-10-01", RiskLevel.HIGH, SHABANA, replace(ASIF, dobs=births))
    with make_app(tmp_path / "state", {"domestic_abuse": [form]}) as app:
        made = brief(app, "person", "domestic_abuse:DA/14/1#0")
    assert gap in made.spoken
    assert ("date of birth" in made.spoken.lower() or "dates of birth" in made.spoken.lower()) is bool(gap)


SUPERVISOR = [
    pytest.param(RiskLevel.HIGH, 1, True, id="high risk"),
    pytest.param(RiskLevel.STANDARD, 2, True, id="twice in a year"),
    pytest.param(RiskLevel.STANDARD, 1, False, id="once, standard"),
]


@pytest.mark.parametrize(("level", "times", "asked"), SUPERVISOR)
def test_a_supervisor_is_asked_for_at_high_risk_or_repeat(
    tmp_path: Path, level: RiskLevel, times: int, asked: bool
) -> None:
    forms = [dash(f"DA/14/0010{n}", f"2014-0{n + 7}-01", level, SHABANA, ASIF) for n in range(times)]
    with make_app(tmp_path / "state", {"domestic_abuse": forms}) as app:
        made = brief(app, "person", "domestic_abuse:DA/14/00100#0")
    assert any(each.kind == "supervisor" for each in made.points) is asked
    assert ("Ask for: Supervisor" in made.spoken) is asked


SOURCES_SAID = [
    pytest.param(State.FAILED, "", "Custody not searched, failed", id="failed"),
    pytest.param(State.FAILED, "2014-11-01T00:00:00Z", "Custody failed, old data only", id="failed, old data"),
    pytest.param(State.NOT_PERMITTED, "", "Custody not searched, not permitted", id="not permitted"),
    pytest.param(State.STALE, "2014-11-01T00:00:00Z", "Custody stale, newer records missing", id="stale"),
    pytest.param(State.ANSWERED, "2014-11-01T00:00:00Z", "", id="answered"),
]


@pytest.mark.parametrize(("state", "as_at", "gap"), SOURCES_SAID)
def test_a_source_that_was_not_searched_is_a_gap(
    cast: App, monkeypatch: pytest.MonkeyPatch, state: State, as_at: str, gap: str
) -> None:
    told = (SourceStatus("custody", state, as_at, 0, "as its state says"),)
    monkeypatch.setattr(App, "_sources", lambda *_: told)
    made = brief(cast, "person", "domestic_abuse:DA/14/05512#0")
    assert gap in made.spoken and any(each.kind == "not searched" for each in made.points) is bool(gap)
    assert ("custody: as its state says" in made.written) is bool(gap)


def test_what_must_be_cut_is_the_least_dangerous_and_that_there_is_more_is_said(small: App) -> None:
    made = brief(small, "person", "intelligence:INT/18/0000153#1")
    assert made.left_out > 0 and made.spoken_words <= 90 and made.spoken.endswith("More in the written form.")
    said = [each for each in made.points if each.may_be_said]
    assert any(each.kind == "weapons" for each in said) and any(each.kind == "marac" for each in said)
    assert "strangulation" in made.spoken and "High risk" in made.spoken and "MARAC" not in made.spoken
    # A tail of statements is cut before any of its head, whatever order they were made in.
    assert speech.spoken([*reversed(made.points)]).text.count("strangulation") == 1


def test_the_last_event_is_told_and_old_dates_have_their_year(tmp_path: Path) -> None:
    old = log("1", "2012-01-05", summary="EARLY burglary", persons=(replace(SHABANA, position=0),))
    with make_app(tmp_path / "state", {"incidents": [old]}) as app:
        made = brief(app, "person", "incidents:1/2012-01-05#0")
    assert "Last fifth of January twenty twelve, burglary" in made.spoken
    assert "No domestic abuse events recorded in twelve months" in made.spoken


def test_an_order_that_ended_is_not_in_force(tmp_path: Path) -> None:
    def arrested(end: str) -> Record:
        bail = Order("bail", day("2014-09-05"), day(end), 0, ("SHABANA BIBI",), ("NOT TO CONTACT SHABANA BIBI",))
        return Record(
            "custody", ("BE/1/14",), RecordKind.CUSTODY, day("2014-09-05"), "assault",
            persons=(Person(0, Role.DETAINEE, ("ASIF KHAN",)),), orders=(bail,),
        )  # fmt: skip

    said = {}
    for end in ("2014-12-19", "2014-10-19"):
        with make_app(tmp_path / end, {"custody": [arrested(end)]}) as app:
            said[end] = brief(app, "person", "custody:BE/1/14#0").spoken
    assert "On bail until nineteenth of December, protects Shabana Bibi" in said["2014-12-19"]
    assert "bail" not in said["2014-10-19"].lower()


def test_a_source_may_have_a_record_of_nothing_but_a_time(tmp_path: Path) -> None:
    with make_app(tmp_path / "state", {"incidents": [log("1", "2014-01-05")]}) as app:
        made = brief(app, "event", "incidents:1/2014-01-05")
    assert made.spoken.startswith("Location as on the log.") and "Nobody assessed" in made.spoken


def test_what_may_not_be_read_is_not_briefed(cast: App) -> None:
    for kind, ident in (
        ("phone", "+447700900999"),
        ("location", "|1|safe test lane|cv61aa"),
        ("person", "custody:X#0"),
    ):
        with pytest.raises(NotFound):
            brief(cast, kind, ident)


LONG = ("ANASTASIA", "BERENGARIA", "CLEMENTINA", "DESDEMONA", "EUPHEMIA", "FREDERICA", "GWENDOLEN", "HENRIETTA", "IPHIGENIA", "JACQUETTA")  # fmt: skip
OTHER = Person(0, Role.VICTIM, (f"{' '.join(LONG)} QUORN",), ("01/02/1990",))
LOWERED = (GradeChange("high", day("2014-10-01"), "PC 1"), GradeChange("medium", day("2014-10-02"), "PC 2"))


def test_a_doubt_is_said_however_long_the_name_before_it(tmp_path: Path) -> None:
    lowered = dash("DA/14/2", "2014-10-02", RiskLevel.MEDIUM, OTHER, ASIF, history=LOWERED)
    named = tuple(
        f"{first} {last}" for first, last in zip(LONG, ("TATTON", "QUORN", "AIKIN", "BRAND") * 3, strict=False)
    )
    bail = Order("bail", day("2014-12-01"), day("2014-12-19"), 0, named)
    arrest = Record(
        "custody", ("BE/1/14",), RecordKind.CUSTODY, day("2014-11-05"), "assault",
        persons=(Person(0, Role.DETAINEE, ("MOHAMMED ASIF KHAN",), ("07/03/1985",)),), orders=(bail,),
    )  # fmt: skip
    records = {
        "domestic_abuse": [dash("DA/14/1", "2014-10-01", RiskLevel.HIGH, SHABANA, ASIF), lowered],
        "custody": [arrest],
    }
    with make_app(tmp_path / "state", records) as app:
        made = brief(app, "person", "domestic_abuse:DA/14/1#1")
    said = {each.kind: each.said for each in made.points if each.ref in ("DA/14/2", "BE/1/14") and each.said}
    assert said["risk"].endswith("downgraded since") and said["order"].endswith("Tatton, not begun")
    assert all(count_words(each) <= limit("longest") for each in said.values())
    assert all(count_words(each) > limit("longest") - 3 for each in (said["risk"], said["order"]))  # each was cut


ALOUD = [
    pytest.param(aloud.said_day("2018-09-03", NOW), "third of September", id="this year"),
    pytest.param(aloud.said_day("2018-09", NOW), "September", id="a month"),
    pytest.param(aloud.said_day("2018-11-17T23:30:00Z", NOW), "seventeenth of November", id="an instant"),
    pytest.param(aloud.said_day("2018-07-31T23:30:00Z", NOW), "first of August", id="an instant, by local time"),
    pytest.param(aloud.said_day("2017-12-03", NOW), "third of December twenty seventeen", id="nearly a year ago"),
    pytest.param(aloud.said_day("1985-03-07"), "seventh of March nineteen eighty-five", id="a birth"),
    pytest.param(aloud.said_day("2005", NOW), "two thousand and five", id="a year"),
    pytest.param(aloud.said_day("2000-01-31", NOW), "thirty-first of January two thousand", id="the year 2000"),
    pytest.param(aloud.said_day("1907", NOW), "nineteen oh seven", id="long ago"),
    pytest.param(aloud.said_day(""), "", id="undated"),
    pytest.param(aloud.officer("SGT 4417"), "Sergeant four four one seven", id="a collar number"),
    pytest.param(aloud.officer("PC 12"), "P C one two", id="a short one digit by digit"),
    pytest.param(aloud.place("Flat 2, 14 Hillaires Test Road B23 6XX"), "Flat two, fourteen Hillaires Test Road", id="a flat"),
    pytest.param(aloud.place("14 HILLAIRES TEST ROAD, FLAT B2"), "fourteen Hillaires Test Road, Flat B two", id="a door that looks like a district"),
    pytest.param(aloud.place("LAYBY ON THE A38"), "Layby On The A three eight", id="a road that looks like one"),
    pytest.param(aloud.place("TEST SERVICES, M6 J4"), "Test Services, M six J four", id="a junction"),
    pytest.param(aloud.place("TEST SERVICES, M6"), "Test Services, M six", id="a motorway after a comma"),
    pytest.param(aloud.place("14 HILLAIRES TEST ROAD, B23"), "fourteen Hillaires Test Road", id="a district after a comma"),
    pytest.param(aloud.place("14 HILLAIRES TEST ROAD, b236xx"), "fourteen Hillaires Test Road", id="a postcode run together"),
    pytest.param(aloud.place("147 SLADE TEST ROAD"), "one four seven Slade Test Road", id="a house number"),
    pytest.param(aloud.name("Mohammed Asif KHAN / Asi"), "Mohammed Asif Khan", id="without an alias"),
    pytest.param(aloud.name("KHAN, ASIF"), "Asif Khan", id="a surname first"),
    pytest.param(aloud.name("McKay"), "McKay", id="as it is written"),
    pytest.param(aloud.number(21), "twenty-one", id="a count"),
    pytest.param(aloud.aloud("07700\u202e 900417\x07"), "zero seven seven zero zero nine zero zero four one seven", id="nothing that turns a line round"),
    pytest.param(str(count_words("twenty-first of May: up/down - ok.")), "7", id="words are counted as they are said"),
]  # fmt: skip


@pytest.mark.parametrize(("said", "expected"), ALOUD)
def test_how_it_is_said_aloud(said: str, expected: str) -> None:
    assert said == expected


def test_the_rules_hold_a_reason_for_every_entry_and_name_real_forms() -> None:
    for name, rule in rules()["withheld"].items():
        assert rule["reason"] and {Form(each) for each in rule["from"]}, name
    for name in ("sexual", "medical", "refuge", "former", "codeword"):
        assert all(rules()["words"][name].values()), name
    assert all(each["reason"] for each in rules()["slots"]) and all(rules()["danger"].values())
    assert limit("words") == 90


def test_every_make_is_a_recorded_look(tmp_path: Path) -> None:
    with make_app(tmp_path / "state", SOURCES) as app:
        app.briefings.make(Viewer("pc 1", "rad", log="2731-2014-09-14"), HitKind.PHONE, "07700 900417")
        lines = [line for path in app.settings.audit_dir.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert '"action":"brief"' in lines[-1] and "make phone 07700 900417" in lines[-1]
    assert '"log":"2731-2014-09-14"' in lines[-1]
