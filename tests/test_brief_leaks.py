"""Nothing that must not be broadcast is in a form that is, whatever record says it; and what is near it still is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.answer import HitKind
from discoverer.briefing import making
from discoverer.briefing.parts import Briefing, Slot
from discoverer.history.material import SHOW
from discoverer.model import (
    Code,
    GradeChange,
    Location,
    Marker,
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
from discoverer.parts import Standing, Statement, Topic, Whose
from tests.cast import ASIF, FLAT, SHABANA, by_source, dash, day, log, make_app

VICTIM, SUSPECT = "domestic_abuse:DA/14/00001#0", "domestic_abuse:DA/14/00001#1"
FORM = dash("DA/14/00001", "2014-09-03", RiskLevel.HIGH, SHABANA, ASIF)
DETAINED = Person(0, Role.DETAINEE, ("MOHAMMED ASIF KHAN",), ("07/03/1985",))
ARREST = Record("custody", ("BE/1/14",), RecordKind.CUSTODY, day("2014-09-05"), "arrested for COMMON ASSAULT", persons=(DETAINED,))  # fmt: skip


def made(folder: Path, records: Sequence[Record], ident: str = VICTIM, kind: HitKind = HitKind.PERSON) -> Briefing:
    with make_app(folder, by_source(records)) as app:
        return app.briefings.make(DEMO_VIEWER, kind, ident)


def marked(word: str, note: str = "", code: str = "XX") -> list[Record]:
    return [FORM, replace(ARREST, markers=(Marker(code, word, day("2014-05-01"), None, note, 0),))]


def bailed(*conditions: str) -> Record:
    return replace(ARREST, orders=(Order("bail", day("2014-09-05"), day("2014-12-19"), 0, (), conditions),))


def noted(*notes: tuple[str, str], **parts: object) -> Record:
    return replace(FORM, notes=notes, **parts)  # type: ignore[arg-type]


# Records, words that must not be there, and in which forms: r(adio), t(erminal), l(og); then what is told all the same.
NEVER = [
    pytest.param(marked("sex offender"), "sex offend", "rl", "Marker on record", id="a marker that tells of a sexual offence"),
    pytest.param([FORM, replace(ARREST, summary="arrested for RAPE OF A FEMALE")], "rape", "rl", "Suspect: Mohammed Asif Khan", id="an offence arrested for"),
    pytest.param([log("1", "2014-10-01", summary="sexual assault by touching", persons=(SHABANA,)), FORM], "sexual", "rl", "Event on record", id="what the last call was"),
    pytest.param(marked("suicidal", "OVERDOSE IN CELL, HEP C"), "overdose", "rl", "marked suicidal", id="how he tried to kill himself"),
    pytest.param([noted(("codeword", "MAPLE"))], "maple", "rtl", "Codeword agreed, see log", id="a codeword"),
    pytest.param([noted(("codeword", "MAPLE")), *marked("weapons", "KNIFE. HER SIGN IS MAPLE")[1:]], "maple", "rtl", "weapons", id="a codeword said again in a note"),
    pytest.param(marked("weapons", "CODE WORD IS TANGO"), "tango", "rtl", "marked weapons", id="a codeword in a note alone"),
    pytest.param([noted(("safe contact", "RING HER SISTER AFTER SIX")), ARREST], "sister", "rl", "Victim: Shabana Bibi", id="how she may be rung"),
    pytest.param(marked("refuge", "HAVEN TEST LODGE"), "haven", "rtl", "Name no address on the air", id="a marker that says refuge"),
    pytest.param(marked("violent", "FORMERLY A WOMAN, GRC HELD"), "grc", "rtl", "marked violent", id="a certificate"),
    pytest.param([replace(FORM, phones=(Phone(3, Role.OWN, "07700 900417", holder=0),))], "900417", "rl", "Shabana Bibi", id="her number"),
]  # fmt: skip


@pytest.mark.parametrize("ident", [pytest.param(VICTIM, id="hers"), pytest.param(SUSPECT, id="his")])
@pytest.mark.parametrize(("records", "word", "forms", "told"), NEVER)
def test_what_must_not_stand_in_a_form_does_not(
    tmp_path: Path, records: list[Record], word: str, forms: str, told: str, ident: str
) -> None:
    briefing = made(tmp_path, records, ident)
    texts = {"r": briefing.spoken, "t": briefing.written, "l": briefing.plain}
    for form, text in texts.items():
        if form in forms:
            assert word not in text.lower(), form
    if ident == (VICTIM if "Victim" in told or "Event" in told else ident):
        assert told.lower() in briefing.spoken.lower()
    if forms != "rtl" and word != "900417" and ident == (SUSPECT if told.startswith("Suspect") else VICTIM):
        assert word in briefing.written.lower()  # a near miss: it is on the terminal, so that the record was read
    assert word not in " ".join(each.said for each in briefing.points if each.may_be_said).lower()


PLAIN = [
    pytest.param(marked("violent", "ASSAULTED POLICE"), "ASSAULTED POLICE", id="a note that gives nothing away"),
    pytest.param([FORM, bailed("NOT TO ENTER 9 OTHER TEST ROAD B23 6YY")], "9 OTHER TEST ROAD", id="a place nobody protects"),
    pytest.param([noted(("codeword", "MAPLE")), bailed("NOT TO ENTER 3 MAPLETREE TEST ROAD")], "3 MAPLETREE TEST ROAD", id="a road that only begins like the codeword"),
]  # fmt: skip


@pytest.mark.parametrize(("records", "words"), PLAIN)
def test_what_gives_nothing_away_stays_in_writing(tmp_path: Path, records: list[Record], words: str) -> None:
    briefing = made(tmp_path, records)
    assert words in briefing.written and words in briefing.plain


SAFE = Location(2, Role.HOME, "1 SAFE TEST LANE, COVENTRY", "CV6 1AA", holder=0)
PROTECTED = replace(SAFE, visibility=Visibility.PROTECTED)
HOMES = [
    pytest.param([replace(FORM, locations=(PROTECTED,))], id="in its own field"),
    pytest.param(
        [replace(FORM, locations=(PROTECTED,)), log("1", "2014-10-01", persons=(SHABANA,), locations=(replace(SAFE, holder=0),))],
        id="in an open record of hers too",
    ),
    pytest.param(
        [replace(FORM, locations=(PROTECTED,)), replace(bailed("NOT TO ENTER 1 SAFE TEST LANE COVENTRY CV6 1AA"), locations=(Location(1, Role.OTHER, "1 SAFE TEST LANE, COVENTRY", "CV6 1AA"),))],
        id="in the conditions of his bail",
    ),
    pytest.param([noted(("address confidential", "yes"), locations=(SAFE,))], id="called confidential by its own record"),
    pytest.param([replace(FORM, locations=(FLAT,)), log("1", "2014-10-01", persons=(SHABANA,), locations=(replace(SAFE, position=1),))], id="her new one, that nobody protects"),
]  # fmt: skip


@pytest.mark.parametrize("ident", [pytest.param(VICTIM, id="hers"), pytest.param(SUSPECT, id="his")])
@pytest.mark.parametrize("records", HOMES)
def test_where_a_victim_is_stands_in_no_form(tmp_path: Path, records: list[Record], ident: str) -> None:
    briefing = made(tmp_path, records, ident)
    for text in (briefing.spoken, briefing.written, briefing.plain):
        assert "safe test" not in text.lower()


def test_a_place_that_is_protected_elsewhere_is_not_named_when_officers_go_there(tmp_path: Path) -> None:
    call = log("1", "2014-10-01", locations=(Location(0, Role.SCENE, "1 SAFE TEST LANE, COVENTRY", "CV6 1AA"),))
    open_form = replace(FORM, locations=(SAFE,))
    for records, named in (([call, replace(FORM, locations=(PROTECTED,))], False), ([call, open_form], True)):
        briefing = made(tmp_path / str(named), records, "incidents:1/2014-10-01", HitKind.EVENT)
        assert ("Safe Test" in briefing.spoken) is named
        assert ("SAFE TEST" in briefing.written) is named
        assert ("do not broadcast it" in briefing.spoken) is not named


HAVEN = Location(0, Role.SCENE, "1 SAFE TEST LANE, COVENTRY", "CV6 1AA")
SCENES = [
    pytest.param([noted(("address confidential", "yes"), locations=(SAFE,))], False, id="called confidential by another record"),
    pytest.param([noted(("address confidential", ""), locations=(SAFE,))], True, id="known to another record"),
]  # fmt: skip


@pytest.mark.parametrize("ident", [pytest.param("incidents:1/2014-10-01", id="the log"), pytest.param(SUSPECT, id="his, with it in hand")])  # fmt: skip
@pytest.mark.parametrize(("records", "named"), SCENES)
def test_a_scene_is_named_unless_any_record_calls_it_confidential(
    tmp_path: Path, records: list[Record], named: bool, ident: str
) -> None:
    call = log("1", "2014-10-01", locations=(HAVEN,))
    kind = HitKind.PERSON if "#" in ident else HitKind.EVENT
    with make_app(tmp_path, by_source([call, *records])) as app:
        briefing = app.briefings.make(replace(DEMO_VIEWER, log="1-2014-10-01"), kind, ident)
    for text in (briefing.spoken, briefing.written, briefing.plain, briefing.title):
        assert "safe test" not in text.lower() or named
    assert ("Safe Test" in briefing.spoken) is named


WHOSE = [
    pytest.param(SUSPECT, 0, Slot.VICTIM, id="hers, on his card"),
    pytest.param(SUSPECT, 1, Slot.SUSPECT, id="his, on his card"),
    pytest.param(VICTIM, 0, Slot.VICTIM, id="hers, on her card"),
    pytest.param(VICTIM, 1, Slot.SUSPECT, id="his, on her card"),
]


@pytest.mark.parametrize(("ident", "subject", "slot"), WHOSE)
def test_a_marker_is_told_under_whom_it_is_of(tmp_path: Path, ident: str, subject: int, slot: Slot) -> None:
    briefing = made(
        tmp_path, [replace(FORM, markers=(Marker("SU", "suicidal", day("2014-05-01"), None, "", subject),))], ident
    )
    assert [each.slot for each in briefing.points if each.kind == "marker"] == [slot]


OF_OTHERS = [
    pytest.param(Topic.MARKER, "SHABANA BIBI", (), Slot.VICTIM, id="the victim's"),
    pytest.param(Topic.MARKER, "MOHAMMED ASIF KHAN", (), Slot.SUSPECT, id="his own, in a record of hers"),
    pytest.param(Topic.MARKER, "ZED QUORN", (), Slot.VICTIM, id="of one whom no record calls either"),
    pytest.param(Topic.ORDER, "", ("SHABANA BIBI",), Slot.SUSPECT, id="an order that protects her"),
]


@pytest.mark.parametrize(("topic", "about", "protects", "slot"), OF_OTHERS)
def test_what_is_of_the_other_party_is_told_under_them(
    tmp_path: Path, topic: Topic, about: str, protects: tuple[str, ...], slot: Slot
) -> None:
    said = Statement(
        topic=topic, kind="suicidal", standing=Standing.IN_FORCE, words=f"OF {about}", about=about,
        whose=Whose.OTHER_PARTY, source="domestic_abuse", ref="DA/14/00001", nature="fact", start="2014-05-01",
        end="", protects=protects,
    )  # fmt: skip
    with (
        make_app(tmp_path, by_source([FORM])) as app,
        app._opened(DEMO_VIEWER, HitKind.PERSON, SUSPECT, SHOW) as real,
    ):
        hit = replace(real.shown.hit, in_force=(said,))
        briefing = making.make(replace(real, shown=replace(real.shown, hit=hit)), "").briefing
    assert [each.slot for each in briefing.points if each.kind == topic.value] == [slot]


def report(handling: str = "", action: str = "", information: str = "known directly", conditions: str = "") -> Record:
    codes = (
        Code("evaluation_source", "2", "untested source", "3x5x2"), Code("evaluation_information", "A", information, "3x5x2"),
        Code("handling", "H", handling), Code("action", "A", action),
    )  # fmt: skip
    return Record(
        "intelligence", ("INT/14/1",), RecordKind.INTELLIGENCE, day("2014-10-09"), "intelligence 3x5x2",
        persons=(replace(SHABANA, names=("SHABANA BIBI", "TIGERLILY")), Person(1, Role.SUSPECT, ("MOHAMMED ASIF KHAN",), ("07/03/1985",))),
        codes=codes, texts=(Text("HIS BROTHER-IN-LAW SAYS HE KEEPS A GUN"),),
        notes=(("conditions", conditions),) if conditions else (),
    )  # fmt: skip


HANDLED = [
    pytest.param(report("lawful sharing permitted"), True, id="may be shared"),
    pytest.param(report("lawful sharing permitted", "overt use"), True, id="may be used openly"),
    pytest.param(report("police and law enforcement in the United Kingdom"), True, id="for the police"),
    pytest.param(report("lawful sharing permitted", "covert use"), False, id="covert use"),
    pytest.param(report("sharing permitted with conditions"), False, id="under conditions"),
    pytest.param(report("lawful sharing permitted", conditions="NOT TO BE ACTED ON"), False, id="conditions beside it"),
    pytest.param(report("originating force only"), False, id="for its force alone"),
    pytest.param(report(""), False, id="without a handling code"),
    pytest.param(report("lawful sharing permitted", information="suspected false"), False, id="suspected false"),
]  # fmt: skip


@pytest.mark.parametrize(("told", "shared"), HANDLED)
def test_intelligence_is_told_of_only_as_its_handling_allows_and_its_text_never(
    tmp_path: Path, told: Record, shared: bool
) -> None:
    briefing = made(tmp_path, [FORM, told])
    for text in (briefing.spoken, briefing.written, briefing.plain):
        assert "BROTHER" not in text.upper() and "GUN" not in text.upper()
        assert "TIGERLILY" not in text.upper()
        assert ("INT/14/1" in text or "ntelligence held" in text) is shared
    assert any(each.ref == "INT/14/1" and each.withheld_from for each in briefing.points) is not shared
    listed = [each for each in briefing.withheld if (each.ref, each.kind) == ("INT/14/1", "intelligence")]
    assert len(listed) == (not shared) and all(len(each.withheld_from) == 3 and each.why_not for each in listed)


HIDDEN = [
    pytest.param(replace(log("9", "2014-11-01", summary="domestic incident", persons=(SHABANA,)), visibility=Visibility.PROTECTED), id="a call"),
    pytest.param(replace(dash("DA/14/9", "2014-11-01", RiskLevel.MEDIUM, SHABANA, Person(1, Role.SUSPECT, ("ZED QUORN",))), visibility=Visibility.PROTECTED), id="another suspect"),
    pytest.param(replace(ARREST, markers=(Marker("FI", "firearms", day("2014-05-01"), None, "", 0),), visibility=Visibility.PROTECTED), id="firearms"),
]  # fmt: skip


@pytest.mark.parametrize("hidden", HIDDEN)
def test_a_briefing_is_the_same_with_and_without_what_its_viewer_may_not_see(tmp_path: Path, hidden: Record) -> None:
    # Others' records, so that both have every source.
    seen = [FORM, log("1", "2014-10-01", persons=(SHABANA,)), replace(ARREST, key=("BE/2/14",), persons=(Person(0, Role.DETAINEE, ("ALAN QUORN",)),))]  # fmt: skip
    made_of = [
        replace(made(tmp_path / name, records), build="", as_at="", sources=())
        for name, records in (("without", seen), ("with", [*seen, hidden]))
    ]
    assert made_of[0] == made_of[1]


def test_a_reason_of_a_grade_and_a_secret_of_a_form_are_not_told(tmp_path: Path) -> None:
    changes = (
        GradeChange("medium", day("2014-09-02")),
        GradeChange("high", day("2014-09-03"), "Sgt 1042", "RAPE DISCLOSED"),
    )
    form = dash(
        "DA/14/00001", "2014-09-03", RiskLevel.HIGH, SHABANA, ASIF, history=changes, texts=(Text("HE RAPED HER"),)
    )
    briefing = made(tmp_path, [form])
    for text in (briefing.spoken, briefing.written, briefing.plain):
        assert "rape" not in text.lower()
