"""The history of a hit: roles and natures apart, who else, where else, who lived there when, what is in force."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from discoverer import cards
from discoverer.access import DEMO_VIEWER
from discoverer.answer import Hit, HitKind
from discoverer.cards import DIM, card, page
from discoverer.clock import parse_iso
from discoverer.held import Held
from discoverer.history.wanted import wanted
from discoverer.model import (
    Code,
    GradeChange,
    Instant,
    Location,
    Marker,
    Nature,
    Order,
    Person,
    Phone,
    Record,
    RecordKind,
    Reference,
    RiskLevel,
    Role,
    Text,
    Visibility,
)
from discoverer.parts import Standing, Tenure, Topic, Whose
from discoverer.policy.times import read_day
from tests.cast import by_source, dash, day, log, make_app

# The clock of the cast: 16/11/2014 02:00.
HER = Person(0, Role.VICTIM, ("HOLLY MANYFOLD",), ("01/02/1980",))
HIM = Person(1, Role.SUSPECT, ("CARL BRANDRETH",), ("03/04/1978",))
ASKED = "holly manyfold 01/02/1980"
HIS = "carl brandreth 03/04/1978"
DOOR = "5 MANYFOLD TEST ROAD, ERDINGTON"
NUMBER = "07700 900417"


def hits(folder: Path, records: Sequence[Record], typed: str) -> tuple[Hit, ...]:
    """Ask one thing of some records, each in the source it names."""
    with make_app(folder, by_source(records)) as app:
        return app.search(DEMO_VIEWER, typed).hits


def ask(folder: Path, records: Sequence[Record], typed: str, kind: str = "person") -> Hit:
    """Return the first hit of a kind."""
    return next(hit for hit in hits(folder, records, typed) if hit.kind.value == kind)


def person(name: str, dob: str = "", role: Role = Role.OCCUPANT, position: int = 0) -> Person:
    return Person(position, role, (name,), (dob,) if dob else ())


def home(text: str = DOOR, postcode: str = "B23 6XX", holder: int | None = 0, position: int = 5) -> Location:
    return Location(position, Role.HOME, text, postcode, holder=holder)


def own(number: str = NUMBER, holder: int | None = 0, position: int = 8) -> Phone:
    return Phone(position, Role.OWN, number, holder=holder)


def arrest(ref: str, date: str, who: Person, *, markers: Sequence[Marker] = (), **parts: object) -> Record:
    """Make a custody record."""
    made = Record("custody", (ref,), RecordKind.CUSTODY, day(date), "arrested", persons=(who,), markers=tuple(markers))
    return replace(made, **parts)  # type: ignore[arg-type]


def detainee(name: str = "CARL BRANDRETH", dob: str = "03/04/1978") -> Person:
    return Person(0, Role.DETAINEE, (name,), (dob,))


# entries


def test_one_person_keeps_every_role_and_every_record_its_nature(tmp_path: Path) -> None:
    accused = Person(0, Role.SUSPECT, HER.names, HER.dobs)
    both = log(
        "1", "2014-05-01", persons=(accused, replace(HER, position=3, role=Role.CALLER), replace(HIM, role=Role.VICTIM))
    )
    form = dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM, nature=Nature.ASSESSMENT)
    hit = ask(tmp_path, [replace(both, nature=Nature.ALLEGATION), form], ASKED)
    assert set(hit.roles) == {"victim 1", "suspect 1", "caller 1"}
    entries = {entry.ref: entry for event in hit.history for entry in event.entries}
    assert set(entries["1/2014-05-01"].roles) == {"suspect", "caller"}
    assert entries["1/2014-05-01"].nature_words == "allegation"
    assert entries["DA/14/1"].roles == ("victim",) and entries["DA/14/1"].nature_words == "officer's assessment"


def test_a_counter_allegation_shows_each_as_victim_and_as_suspect(tmp_path: Path) -> None:
    forms = [
        dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM),
        dash("DA/14/2", "2014-06-02", RiskLevel.STANDARD, replace(HIM, position=0, role=Role.VICTIM), replace(HER, position=1, role=Role.SUSPECT)),
    ]  # fmt: skip
    for typed, level, other in ((ASKED, "high", "standard"), (HIS, "standard", "high")):
        hit = ask(tmp_path / typed[:4], forms, typed)
        assert hit.risk.highest is not None and hit.risk.highest.level == level
        assert hit.risk.victims_assessed == {other: 1}
        assert set(hit.roles) == {"victim 1", "suspect 1"}
        (them,) = hit.linked
        assert set(them.relations) == {"victim of this suspect", "suspect of this victim"}


GRADINGS = [
    pytest.param("5x5x5", "untested source", "cannot be judged", "untested source, cannot be judged (5x5x5), 2 years old", id="5x5x5"),
    pytest.param("3x5x2", "reliable", "known indirectly", "reliable, known indirectly (3x5x2), 2 years old", id="3x5x2"),
    pytest.param("5x5x5", "", "cannot be judged", "source graded X (not defined), cannot be judged (5x5x5), 2 years old", id="a code the list does not define"),
]  # fmt: skip


@pytest.mark.parametrize(("scheme", "source", "information", "said"), GRADINGS)
def test_intelligence_is_graded_in_words_of_its_own_scheme(
    tmp_path: Path, scheme: str, source: str, information: str, said: str
) -> None:
    report = Record(
        "intelligence", ("INT/12/1",), RecordKind.INTELLIGENCE, day("2012-08-29"), nature=Nature.INTELLIGENCE,
        persons=(replace(HER, role=Role.SUBJECT),), notes=(("conditions", "NOT TO BE SHOWN TO SUBJECT"),),
        codes=(
            Code("evaluation_source", "X", source, scheme), Code("evaluation_information", "4", information, scheme),
            Code("handling", "5", "conditions apply", scheme),
        ),
    )  # fmt: skip
    (event,) = ask(tmp_path, [report], ASKED).history
    assert event.entries[0].grading == said
    assert event.entries[0].conditions == "handling: conditions apply; conditions: NOT TO BE SHOWN TO SUBJECT"


def test_duplicates_and_cited_records_are_one_event_and_say_why(tmp_path: Path) -> None:
    scene = Location(3, Role.SCENE, DOOR, "B23 6XX")

    def at(time: str) -> Instant:
        return Instant(f"2014-05-01T{time}Z", time)

    first = replace(log("1", "2014-05-01", persons=(HER,), locations=(scene,)), at=at("20:00:00"))
    second = replace(log("2", "2014-05-01", persons=(HER,), locations=(scene,)), at=at("20:20:00"))
    later = replace(log("3", "2014-05-01", persons=(HER,), locations=(scene,)), at=at("23:50:00"))
    form = replace(
        dash("DA/14/1", "2014-05-02", RiskLevel.HIGH, HER, HIM), references=(Reference("log", "1/2014-05-01"),)
    )
    hit = ask(tmp_path, [first, second, later, form], ASKED)
    told = [{entry.ref for entry in event.entries} for event in hit.history]
    assert {"1/2014-05-01", "2/2014-05-01"} <= told[1] and told[0] == {"3/2014-05-01"}
    assert any("one place within" in words for words in hit.history[1].joined_by)


def test_an_event_names_the_rule_that_made_it_domestic_abuse_and_the_flag_that_differs(tmp_path: Path) -> None:
    flagged = arrest(
        "BE/1/14", "2014-05-01", detainee(), codes=(Code("da_flag", "N", "not domestic abuse"),),
        notes=(("offence", "BREACH OF NON MOLESTATION ORDER"),),
    )  # fmt: skip
    (event,) = ask(tmp_path, [flagged], HIS).history
    assert event.domestic and event.reasons[0].ref == "BE/1/14" and event.reasons[0].rule
    assert "N" in event.flag and "flag N" in event.disagreement
    plain = arrest("BE/2/14", "2014-05-01", detainee(), notes=(("offence", "THEFT FROM SHOP"),))
    (other,) = ask(tmp_path / "plain", [plain], HIS).history
    assert not other.domestic and not other.disagreement


def test_the_undated_stand_last_and_a_lowered_grade_is_said(tmp_path: Path) -> None:
    undated = replace(log("9", "2014-01-01", persons=(HER,)), at=None)
    lowered = replace(
        log("1", "2013-05-01", persons=(HER,)), grades=(GradeChange("P1 immediate"), GradeChange("P3 routine"))
    )
    raised = replace(
        log("2", "2013-05-02", persons=(HER,)), grades=(GradeChange("P3 routine"), GradeChange("P1 immediate"))
    )
    hit = ask(tmp_path, [undated, lowered, raised], ASKED)
    assert [event.entries[0].ref for event in hit.history] == ["2/2013-05-02", "1/2013-05-01", "9/2014-01-01"]
    assert hit.history[1].entries[0].grades == "graded P1 immediate, then P3 routine: LOWERED"
    assert hit.history[0].entries[0].grades == "graded P3 routine, then P1 immediate"


# other addresses and numbers


def test_a_moved_victims_addresses_are_listed_by_date(tmp_path: Path) -> None:
    old = log("1", "2010-05-01", persons=(HER,), locations=(home(),))
    new = log("2", "2014-05-01", persons=(HER,), locations=(home("9 NEW TEST ROAD, CHELMSLEY WOOD", "B37 7XX"),))
    hit = ask(tmp_path, [old, new], ASKED)
    assert [(each.label, each.last, each.holder) for each in hit.addresses] == [
        ("9 NEW TEST ROAD, CHELMSLEY WOOD B37 7XX", "2014-05-01", ""), (f"{DOOR} B23 6XX", "2010-05-01", ""),
    ]  # fmt: skip
    assert "last linked 4 years ago" in hit.addresses[1].words


def test_the_third_place_of_an_associate_is_one_hop_away(tmp_path: Path) -> None:
    mother = person("SANDRA MANYFOLD", "08/08/1957", Role.CALLER, 4)
    shared = log("1", "2014-05-01", persons=(HER, mother))
    alone = log(
        "2",
        "2012-05-01",
        persons=(replace(mother, position=0),),
        locations=(home("130 MUM TEST ROAD, OLDBURY", "B69 3PX"),),
    )
    hit = ask(tmp_path, [shared, alone], ASKED)
    (mums,) = hit.addresses
    assert (
        mums.label.startswith("130 MUM TEST ROAD") and "SANDRA MANYFOLD" in mums.holder and mums.ref == "2/2012-05-01"
    )


def test_every_other_address_and_number_says_where_it_stands_and_how_many_more_there_are(tmp_path: Path) -> None:
    mother = person("SANDRA MANYFOLD", "08/08/1957", Role.CALLER, 4)
    alone = replace(mother, position=0)
    homes = [
        log(str(n), f"2013-{n // 2 + 1:02}-{n + 1:02}", persons=(alone,), locations=(home(f"{n} MUM TEST ROAD, OLDBURY", "B69 3PX"),))
        for n in range(9)
    ]  # fmt: skip
    rung = [
        log(str(n), f"2012-01-{n - 590}", persons=(alone,), phones=(own(f"07700 900{n}"),)) for n in range(600, 602)
    ]
    mine = [
        log(str(n), f"2014-01-{n:02}", persons=(HER,), locations=(home(f"{n} OWN TEST ROAD, OLDBURY", "B69 3PX"),))
        for n in range(10, 16)
    ]
    hit = ask(tmp_path, [log("99", "2014-05-01", persons=(HER, mother)), *homes, *rung, *mine], ASKED)
    assert [each.words for each in (*hit.addresses, *hit.numbers) if not each.source] == []
    assert (len(hit.addresses), hit.addresses_total) == (12, 15) and (len(hit.numbers), hit.numbers_total) == (2, 2)
    assert any(line.text == "and 12 more" for line in card(hit))


def test_holders_and_what_has_ended_are_counted_where_they_are_cut(tmp_path: Path) -> None:
    surnames = "ASHDOWN BECKFORD CRAYTHORNE DUNMORE ELLERBY FOXCOTE GRIMSHAW HOLLOWAY INGLEBY JERVIS KETTLEWELL LUDLOW MARSTON NETHERBY OAKSHOTT"
    records = [
        log(str(n), f"2014-{n // 5 + 1:02}-01", persons=(person(f"WREN {surname}", f"{n + 1:02}/02/19{50 + 2 * n}"),), phones=(own(),))
        for n, surname in enumerate(surnames.split())
    ]  # fmt: skip
    hit = ask(tmp_path / "held", records, NUMBER, "phone")
    assert (len(hit.holders), hit.holders_total) == (12, 15)
    assert any(line.text == "and 11 more" for line in card(hit))
    past = [Order("bail", day("2013-01-01"), day("2013-02-01"), 0, (), (f"TERM {n}",)) for n in range(30)]
    with make_app(tmp_path / "ended", {"custody": [arrest("BE/1/13", "2013-01-01", detainee(), orders=past)]}) as app:
        some, every = (
            app.show(DEMO_VIEWER, HitKind.PERSON, "custody:BE/1/13#0", whole=all_).hit for all_ in (False, True)
        )
    assert (len(some.lapsed), some.lapsed_total, len(every.lapsed)) == (25, 30, 30)
    assert any(line.text == "and 5 more ended; --all shows them" for line in page(some))
    assert not any("more ended" in line.text for line in page(every))


PROTECTED = Visibility.PROTECTED
SAFE = "1 SAFE TEST LANE, COVENTRY"
LEAKS = [
    pytest.param(
        [replace(dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM), locations=(replace(home(SAFE, "CV6 1AA"), visibility=PROTECTED),))],
        id="a protected home",
    ),
    pytest.param(
        [
            replace(dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM), locations=(replace(home(SAFE, "CV6 1AA"), visibility=PROTECTED),)),
            log("1", "2014-07-01", persons=(HER,), locations=(home(SAFE, "CV6 1AA"),)),
        ],
        id="the same home left open by another record",
    ),
    pytest.param(
        [
            replace(dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM), locations=(replace(home(SAFE, "CV6 1AA"), visibility=PROTECTED),)),
            log("1", "2014-07-01", persons=(HER,), locations=(home("1 SAFE TEST LANE", ""),)),
        ],
        id="the same home left open by another record, without its area",
    ),
    pytest.param(
        [
            replace(
                dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM), locations=(home(SAFE, "CV6 1AA"),),
                notes=(("address confidential", "yes"),),
            )
        ],
        id="a record that calls it confidential without protecting it",
    ),
    pytest.param(
        [
            dash("DA/14/1", "2014-03-01", RiskLevel.HIGH, HER, HIM, locations=(home(SAFE, "CV6 1AA"),)),
            dash("DA/14/2", "2014-06-01", RiskLevel.HIGH, HER, HIM, locations=(home(SAFE, "CV6 1AA"),), notes=(("address confidential", "yes"),)),
        ],
        id="the same home in an older record that says nothing of it",
    ),
    pytest.param(
        [
            dash("DA/14/1", "2014-03-01", RiskLevel.HIGH, HER, HIM, locations=(home(SAFE, "CV6 1AA"),)),
            log("2", "2014-06-01", persons=(HER,), locations=(home("1 SAFE TEST LANE", ""),), notes=(("address confidential", "yes"),)),
        ],
        id="called confidential in a record of hers alone, without its area",
    ),
]  # fmt: skip


@pytest.mark.parametrize("typed", [ASKED, HIS])
@pytest.mark.parametrize("records", LEAKS)
def test_a_protected_address_is_nobodys_other_address(tmp_path: Path, records: list[Record], typed: str) -> None:
    for hit in hits(tmp_path, records, typed):
        if hit.kind.value == "person":
            assert "SAFE TEST" not in str((hit.addresses, hit.numbers, hit.linked, hit.in_force)).upper()


NEAR_A_PROTECTED_DOOR = [
    pytest.param("3 SAFE TEST LANE", "CV6 1AA", True, id="next door"),
    pytest.param("1 SAFE TEST LANE", "B23 6XX", True, id="the door of that name of another postcode"),
    pytest.param("FLAT 2, 1 SAFE TEST LANE", "CV6 1AA", True, id="a flat of the house"),
    pytest.param("1 SAFE TEST LANE, COVENTRY", "", False, id="the door itself, its town for its postcode"),
    pytest.param("1 SAFE TEST LN", "", False, id="the door itself, abbreviated and without its area"),
]


@pytest.mark.parametrize(("text", "postcode", "listed"), NEAR_A_PROTECTED_DOOR)
def test_only_the_protected_door_is_kept_back_however_little_of_it_is_written(
    tmp_path: Path, text: str, postcode: str, listed: bool
) -> None:
    other = log(
        "1", "2014-06-01", locations=(replace(home("1 SAFE TEST LANE", "CV6 1AA", holder=None), visibility=PROTECTED),)
    )
    hers = log("2", "2014-07-01", persons=(HER,), locations=(home(text, postcode),))
    hit = ask(tmp_path, [other, hers], ASKED)
    assert (len(hit.addresses), hit.addresses_total) == ((1, 1) if listed else (0, 0))


def test_an_open_home_is_listed_where_a_protected_one_is_not(tmp_path: Path) -> None:
    form = replace(dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM), locations=(home(SAFE, "CV6 1AA"),))
    assert [each.label for each in ask(tmp_path, [form], ASKED).addresses] == [f"{SAFE} CV6 1AA"]


def test_a_confidential_home_keeps_back_itself_alone(tmp_path: Path) -> None:
    records = [
        dash("DA/14/1", "2014-03-01", RiskLevel.HIGH, HER, HIM, locations=(home(),)),
        dash("DA/14/2", "2014-06-01", RiskLevel.HIGH, HER, HIM, locations=(home(SAFE, "CV6 1AA"), home("9 HIS TEST ROAD", "B23 7XX", 1, 6)), notes=(("address confidential", "yes"),)),
    ]  # fmt: skip
    labels = {each.label for each in ask(tmp_path, records, HIS).addresses}
    assert labels == {f"{DOOR} B23 6XX", "9 HIS TEST ROAD B23 7XX"}


def test_no_address_is_reached_through_a_number_and_none_that_leads_nowhere_is_listed(tmp_path: Path) -> None:
    records = [
        log("1", "2014-05-01", persons=(HER,), locations=(home(),), phones=(own(),)),
        log("2", "2014-06-01", persons=(HER,), locations=(home("NFA", ""), home("ADDRESS WITHHELD", "", position=6))),
    ]
    phone = ask(tmp_path, records, NUMBER, "phone")
    assert phone.addresses == ()
    her = ask(tmp_path / "her", records, ASKED)
    assert [each.label for each in her.addresses] == [f"{DOOR} B23 6XX"]


def test_a_victims_own_number_comes_with_how_to_ring_it(tmp_path: Path) -> None:
    form = replace(dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM), phones=(own(), own("07700 900655", 1, 9)))
    without = ask(tmp_path / "without", [form], ASKED)
    told = replace(form, notes=(("safe contact", "Text first"), ("codeword", "MAPLE")))
    agreed = ask(tmp_path / "agreed", [told], ASKED)
    assert "do not ring a victim back unasked" in without.numbers[0].caution
    assert agreed.numbers[0].caution.startswith("SAFE CONTACT: Text first")
    assert [each.caution for each in agreed.numbers[1:]] == [""]
    phone = ask(tmp_path / "phone", [told], NUMBER, "phone")
    for hit in (agreed, phone):
        assert any("CODEWORD: MAPLE" in each.words for each in hit.in_force)
    for typed, kind in ((HIS, "person"), ("07700 900655", "phone")):
        his = ask(tmp_path / f"his-{kind}", [told], typed, kind)
        assert "MAPLE" not in str(his) and "Text first" not in str(his)


def test_a_codeword_is_on_no_childs_card_and_is_not_called_no_note_at_all(tmp_path: Path) -> None:
    child = Person(4, Role.CHILD, ("ALIYAH KHAN",), ("10/02/2010",))
    form = dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM)
    told = replace(form, persons=(HER, HIM, child), phones=(own(),), notes=(("codeword", "MAPLE"),))
    theirs = ask(tmp_path / "child", [told], "aliyah khan 10/02/2010")
    assert "MAPLE" not in str(theirs)
    hers = ask(tmp_path / "her", [told], ASKED)
    assert any("CODEWORD: MAPLE" in each.words for each in hers.in_force)
    (number,) = hers.numbers
    assert "no safe-contact note held" not in number.caution and "MAPLE" not in number.caution
    assert "do not ring a victim back unasked" in number.caution


# who held a number, who lived at a place


def test_a_recycled_number_has_its_holders_by_date(tmp_path: Path) -> None:
    before = log("1", "2009-05-01", persons=(person("EDGAR WRAY", "02/03/1950"),), phones=(own(),))
    after = log("2", "2012-09-16", persons=(HER,), phones=(own(),))
    hit = ask(tmp_path, [before, after], NUMBER, "phone")
    assert [(each.label, each.tenure) for each in hit.holders] == [
        ("HOLLY MANYFOLD", Tenure.CURRENT), ("EDGAR WRAY", Tenure.PREVIOUS),
    ]  # fmt: skip
    assert "given anew" in hit.holders_note
    assert hit.last_linked == "last linked 2 years ago (16/09/2012)"


def test_a_shared_handset_has_both_as_holders_now(tmp_path: Path) -> None:
    other = person("GEORGE QUORN", "01/01/1979")
    records = [
        log("1", "2013-05-01", persons=(HER,), phones=(own(),)),
        log("2", "2013-08-01", persons=(other,), phones=(own(),)),
        log("3", "2013-11-01", persons=(HER,), phones=(own(),)),
    ]
    hit = ask(tmp_path, records, NUMBER, "phone")
    assert {each.label: each.tenure for each in hit.holders} == {
        "HOLLY MANYFOLD": Tenure.CURRENT, "GEORGE QUORN": Tenure.CURRENT,
    }  # fmt: skip
    assert "shared" in hit.holders_note and "given anew" not in hit.holders_note


def test_one_holder_in_two_spellings_shares_with_nobody(tmp_path: Path) -> None:
    records = [
        log("1", "2010-05-01", persons=(person("MAREK WROBLEWSKI", "02/02/1974"),), phones=(own(),)),
        log("2", "2013-05-01", persons=(person("MAREK WROBLEWSKY", "02/02/1974"),), phones=(own(),)),
    ]
    hit = ask(tmp_path, records, NUMBER, "phone")
    assert hit.holders_note == "" and not any(each.tenure is Tenure.PREVIOUS for each in hit.holders)


WEAPONS = Marker("WE", "weapons", day("2012-05-01"), None, "knife", 0)
OLD_TENANT = arrest(
    "BE/1/12", "2012-05-01", detainee("EDGAR WRAY", "02/03/1950"), markers=[WEAPONS], locations=(home(),)
)
NEW_TENANT = log("2", "2014-05-01", persons=(replace(HER, role=Role.OCCUPANT),), locations=(home(),))
TENANCIES = [
    pytest.param(
        [OLD_TENANT, NEW_TENANT], Tenure.PREVIOUS, Whose.PREVIOUS, id="another household took the place over",
    ),
    pytest.param(
        [
            OLD_TENANT,
            log("3", "2013-01-01", persons=(person("EDGAR WRAY", "02/03/1950"),), locations=(home("9 NEW TEST ROAD", "B37 7XX"),)),
        ],
        Tenure.PREVIOUS, Whose.PREVIOUS, id="he is recorded elsewhere since",
    ),
    pytest.param(
        [replace(OLD_TENANT, at=day("2014-03-01")), NEW_TENANT], Tenure.UNKNOWN, Whose.UNKNOWN,
        id="another household since, but he was recorded lately",
    ),
    pytest.param(
        [replace(OLD_TENANT, at=day("2014-03-01"))], Tenure.CURRENT, Whose.CURRENT, id="nobody since, and lately",
    ),
    pytest.param([OLD_TENANT], Tenure.UNKNOWN, Whose.UNKNOWN, id="nobody since, and long ago"),
    pytest.param(
        [
            OLD_TENANT,
            log("4", "2014-05-01", persons=(person("MARY WRAY", "01/01/1951"),), locations=(home(),)),
        ],
        Tenure.UNKNOWN, Whose.UNKNOWN, id="only his own family since",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("records", "tenure", "whose"), TENANCIES)
def test_todays_tenant_is_not_given_yesterdays_markers(
    tmp_path: Path, records: list[Record], tenure: Tenure, whose: Whose
) -> None:
    hit = ask(tmp_path, records, f"{DOOR} B23 6XX", "location")
    wray = next(each for each in hit.holders if each.label == "EDGAR WRAY")
    assert wray.tenure is tenure, wray.words
    (marker,) = [each for each in hit.in_force if each.kind == "weapons"]
    assert marker.whose is whose
    assert (marker.words in hit.now) is (whose is not Whose.PREVIOUS)


HANDSETS = [
    pytest.param("2008-01-01", Whose.PREVIOUS, id="an earlier holder, years before"),
    pytest.param("2014-09-20", Whose.LINKED, id="two who share it"),
]


@pytest.mark.parametrize(("at", "whose"), HANDSETS)
def test_an_earlier_holders_markers_stand_apart_on_a_number(tmp_path: Path, at: str, whose: Whose) -> None:
    weapon = Marker("WE", "weapons", day("2014-01-01"), None, "", 0)
    records = [
        arrest("BE/1/08", at, detainee(), phones=(own(),), markers=[weapon]),
        log("1", "2014-09-10", persons=(replace(HER, role=Role.CALLER),), phones=(own(),)),
        log("2", "2014-10-01", persons=(replace(HER, role=Role.CALLER),), phones=(own(),)),
    ]
    hit = ask(tmp_path, records, NUMBER, "phone")
    (marker,) = [each for each in hit.in_force if each.topic is Topic.WEAPON]
    assert marker.whose is whose and (marker.words in hit.now) is (whose is Whose.LINKED)
    lines = list(cards.card(hit))
    assert any(line.label == "BEFORE" and "earlier holder: WEAPONS" in line.text for line in lines) is (
        whose is Whose.PREVIOUS
    )


FORMER = dash("DA/08/1", "2008-09-03", RiskLevel.HIGH, HER, HIM, locations=(home(),))
HER_NEXT = log(
    "3", "2012-09-03", persons=(replace(HER, role=Role.CALLER),), locations=(home("9 OTHER TEST ROAD", "B23 7XX"),)
)
TENANT = person("WENDY NEWCOME", "05/05/1990", Role.VICTIM)
OF_NOW = dash("DA/14/1", "2014-09-03", RiskLevel.MEDIUM, TENANT, HIM, locations=(home(),))
HEADED = [
    pytest.param([FORMER, HER_NEXT], None, ["high"], "NOT ASSESSED", id="she has moved: apart, and not at the head"),
    pytest.param([FORMER], "high", [], "HIGH", id="nobody knows of a move"),
    pytest.param(
        [FORMER, HER_NEXT, OF_NOW], "medium", ["high"], "MEDIUM: WENDY NEWCOME", id="the tenant of today first"
    ),
]


@pytest.mark.parametrize(("records", "level", "previous", "begins"), HEADED)
def test_the_risk_of_one_who_moved_does_not_head_the_address(
    tmp_path: Path, records: list[Record], level: str | None, previous: list[str], begins: str
) -> None:
    risk = ask(tmp_path, records, DOOR, "location").risk
    assert (risk.highest.level if risk.highest else None) == level and risk.headline.startswith(begins)
    assert [each.level for each in risk.previous] == previous
    assert ("OF SOMEBODY HERE BEFORE, recorded elsewhere or replaced since: HIGH" in risk.headline) is bool(previous)


HERS, ROOM = ("HOLLY MANYFOLD",), ("NOT TO ENTER 5 MANYFOLD TEST ROAD",)
PUT_OUT = [
    pytest.param(Order("occupation", None, day("2015-10-01"), 1), True, id="an occupation order, no more said"),
    pytest.param(Order("bail", None, day("2015-10-01"), 1, (), ROOM), True, id="bail that keeps him from this door"),
    pytest.param(Order("restraining", None, None, 1, HERS), True, id="an order that protects her who lives here"),
    pytest.param(Order("bail", None, day("2015-10-01"), 1, ("MARIA ELSEWHERE",)), False, id="bail that protects somebody elsewhere"),
    pytest.param(Order("bail", None, day("2015-10-01"), 1, (), ("NOT TO ENTER 6 MANYFOLD TEST ROAD",)), False, id="bail that keeps him from next door"),
    pytest.param(Order("occupation", None, None, 1, (), ("NOT TO ENTER 9 OTHER TEST ROAD",)), False, id="an occupation order of another home"),
    pytest.param(Order("occupation", None, day("2014-10-30"), 1), False, id="an occupation order that has ended"),
]  # fmt: skip


@pytest.mark.parametrize(("order", "stands"), PUT_OUT)
def test_an_order_stands_at_the_door_it_protects_though_he_moved_out(
    tmp_path: Path, order: Order, stands: bool
) -> None:
    records = [
        log("1", "2012-01-01", persons=(replace(HER, role=Role.OCCUPANT), replace(HIM, role=Role.OCCUPANT)), locations=(home(), home(holder=1, position=6))),
        log("2", "2014-10-01", persons=(HER, HIM), locations=(home(),), orders=(order,)),
        arrest("BE/1/14", "2014-10-10", detainee(), locations=(home("9 OTHER TEST ROAD, ERDINGTON", "B23 7XX"),)),
    ]  # fmt: skip
    hit = ask(tmp_path, records, DOOR, "location")
    assert {each.label: each.tenure for each in hit.holders}["CARL BRANDRETH"] is Tenure.PREVIOUS
    assert any(order.kind.upper() in words for words in hit.now) is stands


def test_the_occupants_of_a_hostel_are_not_inferred(tmp_path: Path) -> None:
    there = home("14 HOSTEL TEST STREET HOSTEL, ERDINGTON", "B23 6XX")
    hit = ask(tmp_path, [replace(NEW_TENANT, locations=(there,))], "14 hostel test street hostel b23 6xx", "location")
    assert "institution (hostel)" in hit.holders_note and hit.holders[0].tenure is Tenure.UNKNOWN


# what is in force


def statement(hit: Hit, topic: Topic) -> tuple[str, Standing, str]:
    """Return kind, standing and words of the one statement of a topic."""
    (found,) = [each for each in (*hit.in_force, *hit.lapsed) if each.topic is topic]
    return found.kind, found.standing, found.words


EXPIRIES = [
    pytest.param("2014-11-16", "expires today", Standing.IN_FORCE, id="today"),
    pytest.param("2014-11-17", "expires tomorrow", Standing.IN_FORCE, id="tomorrow"),
    pytest.param("2014-11-18", "expires in 2 days", Standing.IN_FORCE, id="in two days"),
    pytest.param("2014-11-15", "", Standing.ENDED, id="yesterday"),
]


@pytest.mark.parametrize("typed", [ASKED, HIS])
@pytest.mark.parametrize(("end", "expires", "standing"), EXPIRIES)
def test_an_order_reaches_either_party_and_says_when_it_ends(
    tmp_path: Path, end: str, expires: str, standing: Standing, typed: str
) -> None:
    order = Order("non_molestation", day("2014-01-01"), day(end), 1, ("HOLLY MANYFOLD",), (), "Test Family Court")
    hit = ask(tmp_path, [replace(dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM), orders=(order,))], typed)
    (found,) = [each for each in (*hit.in_force, *hit.lapsed) if each.topic is Topic.ORDER]
    assert (found.expires, found.standing, found.protects) == (expires, standing, ("HOLLY MANYFOLD",))
    assert any("NON MOLESTATION" in words for words in hit.now) is (standing is Standing.IN_FORCE)
    assert found.whose is (Whose.OWN if typed == HIS else Whose.OTHER_PARTY)


def test_bail_in_a_record_of_the_suspect_alone_reaches_the_victim_it_names(tmp_path: Path) -> None:
    bail = Order(
        "bail",
        day("2014-11-01"),
        day("2014-12-01"),
        0,
        (),
        ("NOT TO CONTACT HOLLY MANYFOLD OR ENTER", "NOT TO ENTER MANYFOLD TEST ROAD"),
    )
    other = Order("bail", day("2014-11-01"), day("2014-12-01"), 0, (), ("NOT TO CONTACT BERYL TATTON",))
    records = [
        dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM),
        arrest("BE/1/14", "2014-10-31", detainee(), orders=(bail, other)),
    ]  # fmt: skip
    hit = ask(tmp_path, records, ASKED)
    (found,) = [each for each in hit.in_force if each.topic is Topic.ORDER]
    assert found.whose is Whose.OTHER_PARTY and found.ref == "BE/1/14"
    assert "HOLLY MANYFOLD" in found.protects[0] and found.places == ("MANYFOLD TEST ROAD",)


RELEASED, DISPOSAL = "released", "disposal"
CUSTODIES = [
    pytest.param("2014-11-15", [], "in_custody", "IN CUSTODY NOW", id="arrested yesterday, nothing since"),
    pytest.param("2014-11-10", [(RELEASED, "11/11/2014 09:30"), (DISPOSAL, "BAILED")], "released", "RELEASED 11/11/2014 09:30 (4 days ago)", id="released"),
    pytest.param("2014-11-10", [(DISPOSAL, "REMANDED")], "remanded", "REMANDED IN CUSTODY", id="remanded"),
    pytest.param("2014-11-10", [(DISPOSAL, "REMANDED ON BAIL")], "released", "LEFT CUSTODY", id="remanded on bail is out"),
    pytest.param("2014-11-01", [], "release_unknown", "not known whether in custody", id="longer ago than anybody is held"),
    pytest.param("2014-11-12", [], "in_custody", "IN CUSTODY NOW", id="on the day that may be within 96 hours"),
    pytest.param("2014-11-10", [(RELEASED, "11/11/2014 09:30"), (DISPOSAL, "REMANDED IN CUSTODY TO COURT")], "remanded", "REMANDED IN CUSTODY, left the suite 11/11/2014 09:30", id="remanded and driven to prison"),
    pytest.param("2014-11-10", [(RELEASED, "11/11/2014 09:30"), (DISPOSAL, "REMANDED ON BAIL")], "released", "RELEASED 11/11/2014 09:30", id="remanded on bail and left"),
    pytest.param("2014-11-14", [(RELEASED, "15/11/2014 14:05:00")], "released", "RELEASED 15/11/2014 14:05", id="released to the second"),
    pytest.param("2014-11-14", [(RELEASED, "2014-11-15 14:05")], "released", "RELEASED 15/11/2014 14:05", id="released, the year first"),
    pytest.param("2014-11-14", [(RELEASED, "15.11.14 1405")], "released", "RELEASED 15/11/2014 14:05", id="released, by hand"),
    pytest.param("2014-11-14", [(RELEASED, "15/11/2014")], "released", "RELEASED 15/11/2014 (1 day ago)", id="released, the day only"),
    pytest.param("2014-11-14", [(RELEASED, "17/11/2014 09:30")], "in_custody", "IN CUSTODY NOW", id="a release yet to come"),
    pytest.param("2014-11-14", [(RELEASED, "TO COURT VAN")], "released", "release noted as 'TO COURT VAN', which cannot be read", id="a release nobody can read"),
    pytest.param("", [], "release_unknown", "RELEASE NOT RECORDED: CARL BRANDRETH, arrested undated", id="an arrest without a date"),
]  # fmt: skip


@pytest.mark.parametrize(("date", "notes", "kind", "said"), CUSTODIES)
def test_in_custody_now_and_released_when(
    tmp_path: Path, date: str, notes: list[tuple[str, str]], kind: str, said: str
) -> None:
    earlier = arrest("BE/0/12", "2012-01-01", detainee(), notes=((DISPOSAL, "REMANDED"),))
    last = replace(arrest("BE/1/14", date, detainee(), notes=tuple(notes)), at=day(date) if date else None)
    hit = ask(tmp_path, [earlier, last] if date else [last], HIS)
    found, _, words = statement(hit, Topic.CUSTODY)
    assert found == kind and said in words and "BE/1/14" in words


REMAND, BAIL, NFA = ((DISPOSAL, "REMANDED IN CUSTODY"),), ((DISPOSAL, "BAILED"),), ((DISPOSAL, "NFA"),)
ARRESTS = [
    pytest.param([("2014-11-15", BAIL), ("2014-11-15", REMAND)], {"released", "remanded"}, id="bailed and remanded on one day: both"),
    pytest.param([("2014-11-15", REMAND), ("2014-11-15T10:00:00Z", BAIL)], {"released", "remanded"}, id="one of them with its hour: both"),
    pytest.param([("2014-11-15T09:00:00Z", BAIL), ("2014-11-15T18:00:00Z", REMAND)], {"remanded"}, id="by the hour the later alone"),
    pytest.param([("2014-10-01", REMAND), ("2014-11-10", NFA)], {"released", "remanded"}, id="a remand outlives a later arrest"),
    pytest.param([("2014-10-01", REMAND), ("2014-11-10", REMAND)], {"remanded"}, id="the latest remand alone"),
    pytest.param([("2013-10-01", REMAND), ("2014-11-10", NFA)], {"released"}, id="a remand of over a year ago does not"),
    pytest.param([("2014-10-01", BAIL), ("2014-11-10", NFA)], {"released"}, id="earlier bail does not"),
    pytest.param([("", REMAND), ("2014-11-10", NFA)], {"released", "remanded"}, id="an undated remand is told beside"),
]  # fmt: skip


@pytest.mark.parametrize(("stays", "kinds"), ARRESTS)
def test_no_arrest_hides_another_that_may_still_hold(
    tmp_path: Path, stays: list[tuple[str, tuple[tuple[str, str], ...]]], kinds: set[str]
) -> None:
    records = [
        replace(arrest(f"BE/{n}/14", at, detainee(), notes=notes), at=Instant(at, at) if at else None)
        for n, (at, notes) in enumerate(stays)
    ]
    found = [each for each in ask(tmp_path, records, HIS).in_force if each.topic is Topic.CUSTODY]
    assert sorted(each.kind for each in found) == sorted(kinds)


def test_a_remand_says_that_an_arrest_came_after_it(tmp_path: Path) -> None:
    records = [
        arrest("BE/0/14", "2014-10-01", detainee(), notes=REMAND),
        arrest("BE/1/14", "2014-11-10", detainee(), notes=NFA),
    ]
    (kept,) = [each.words for each in ask(tmp_path, records, HIS).in_force if each.kind == "remanded"]
    assert "Arrested again since, 10/11/2014 (custody BE/1/14): check before relying on it" in kept


def test_a_release_of_long_ago_is_no_news(tmp_path: Path) -> None:
    old = arrest("BE/1/13", "2013-01-01", detainee(), notes=((RELEASED, "02/01/2013 09:30"), (DISPOSAL, "BAILED")))
    assert not [each for each in ask(tmp_path, [old], HIS).in_force if each.topic is Topic.CUSTODY]


WANTED_LOG = replace(
    log("5", "2014-11-10", persons=(replace(HIM, position=0),), text="COURT ADVISE WARRANT ISSUED"),
    codes=(Code("closing", "245", "wanted person or bail"),),
)


CODED_WANTED = [
    ("wanted person or bail", True), ("Wanted on warrant", True), ("Warrant not executed", True), ("Search warrant", False),
    ("Police attendance not wanted", False), ("No warrant outstanding", False), ("Arrested without warrant", False),
    ("No longer wanted", False), ("Warrant executed", False), ("Warrant cancelled", False), ("Unwanted visitor", False),
]  # fmt: skip


@pytest.mark.parametrize(("word", "told"), CODED_WANTED)
def test_only_words_that_seek_somebody_make_them_wanted(tmp_path: Path, word: str, told: bool) -> None:
    record = replace(WANTED_LOG, codes=(Code("closing", "245", word),), texts=())
    assert any("WANTED" in words for words in ask(tmp_path, [record], HIS).now) is told


def test_a_warrant_is_outstanding_until_an_arrest_is_recorded(tmp_path: Path) -> None:
    kind, standing, words = statement(ask(tmp_path / "out", [WANTED_LOG], HIS), Topic.WANTED)
    assert (kind, standing) == ("warrant", Standing.IN_FORCE)
    assert "WARRANT ISSUED" in words and "No arrest recorded since" in words


ARRESTS = [
    pytest.param({}, Standing.OLD, "not said whether for this: check before relying on it", id="for whatever it was"),
    pytest.param({"notes": (("offence", "THEFT FROM SHOP"),)}, Standing.OLD, "not said whether for this", id="for something else"),
    pytest.param({"notes": (("offence", "ASSAULT. NO WARRANT OUTSTANDING"),)}, Standing.OLD, "not said whether for this", id="for a crime, no warrant being out"),
    pytest.param({"references": (Reference("log", "6/2014-11-10"),)}, Standing.OLD, "not said whether for this", id="from another log"),
    pytest.param({"notes": (("offence", "WARRANT - FAIL TO APPEAR"),)}, Standing.ENDED, "for this", id="on a warrant"),
    pytest.param({"references": (Reference("log", "5 of 101114"),)}, Standing.ENDED, "for this", id="from the log that sought him"),
]  # fmt: skip


@pytest.mark.parametrize(("parts", "standing", "said"), ARRESTS)
def test_only_an_arrest_for_it_ends_a_warrant(
    tmp_path: Path, parts: dict[str, object], standing: Standing, said: str
) -> None:
    hit = ask(tmp_path, [WANTED_LOG, arrest("BE/1/14", "2014-11-12", detainee(), **parts)], HIS)  # type: ignore[arg-type]
    _, found, words = statement(hit, Topic.WANTED)
    assert found is standing and said in words
    assert "Arrested since, 12/11/2014 (custody BE/1/14)" in words
    assert any("WANTED" in words for words in hit.now) is (standing is not Standing.ENDED)
    assert any(line.label == "WANTED" for line in card(hit)) is (standing is not Standing.ENDED)


def said_of_him(text: str = "", date: str = "2014-11-12", **parts: object) -> Record:
    """Make a log that names him and nobody else."""
    return replace(log("6", date, persons=(replace(HIM, position=0),), text=text), **parts)  # type: ignore[arg-type]


LIFTED_BY = (Code("closing", "246", "No longer wanted"),)
CITES_IT = (Reference("linked_log", "5 of 101114"),)
BESIDE = "But a later record says: '{}', incidents 6/2014-11-12 12/11/2014; check PNC"
OF_HIM, OF_ANY, BY_CODE = (
    BESIDE.format(said) for said in ("HE IS NO LONGER WANTED", "NO LONGER WANTED", "No longer wanted")
)
ANOTHER = Person(1, Role.SUSPECT, ("DEAN OAKSHOTT",), ("09/09/1970",))
A_WITNESS = replace(HIM, position=0, role=Role.WITNESS)
LIFTED = [
    pytest.param([], [said_of_him("HE IS NO LONGER WANTED")], Standing.IN_FORCE, OF_HIM, id="free text lifts nothing"),
    pytest.param([], [said_of_him("NO LONGER WANTED", references=CITES_IT)], Standing.IN_FORCE, OF_ANY, id="nor does one that cites the log"),
    pytest.param([], [said_of_him(codes=LIFTED_BY)], Standing.IN_FORCE, BY_CODE, id="a code of another matter"),
    pytest.param([], [said_of_him(codes=LIFTED_BY, references=CITES_IT)], Standing.ENDED, "ENDED, coded 'No longer wanted' 12/11/2014 by incidents 6/2014-11-12, which cites it", id="a code of a log that cites it"),
    pytest.param([], [said_of_him(codes=LIFTED_BY, references=(Reference("linked_log", "4 of 101114"),))], Standing.IN_FORCE, BY_CODE, id="a code of a log that cites another"),
    pytest.param([], [said_of_him(codes=LIFTED_BY, references=CITES_IT, source="intelligence")], Standing.IN_FORCE, "But a later record says", id="a code of another source"),
    pytest.param([], [said_of_him("NO LONGER WANTED", "2014-11-09")], Standing.IN_FORCE, "No arrest recorded since", id="said before he was sought"),
    pytest.param([], [said_of_him("WARRANT NOT EXECUTED")], Standing.IN_FORCE, "No arrest recorded since", id="it says the contrary"),
    pytest.param([Code("opening", "245", "wanted person"), Code("closing", "246", "Warrant executed")], [], Standing.ENDED, "ENDED, coded 'Warrant executed' 10/11/2014 by its own closing code", id="closed as executed"),
    pytest.param([Code("opening", "246", "No longer wanted"), Code("closing", "245", "wanted person")], [], Standing.IN_FORCE, "No arrest recorded since", id="opened as lifted, closed as wanted"),
    pytest.param([Code("opening", "245", "wanted person"), Code("closing", "9", "police attendance not wanted")], [], Standing.IN_FORCE, "No arrest recorded since", id="what is not wanted is no person"),
    pytest.param([Code("opening", "245", "wanted person"), Code("closing", "9", "person not wanted")], [], Standing.ENDED, "ENDED, coded 'person not wanted'", id="the person is not wanted"),
    pytest.param([], [said_of_him("NO LONGER WANTED", persons=(A_WITNESS,))], Standing.IN_FORCE, "No arrest recorded since", id="said where he is a witness"),
    pytest.param([], [said_of_him("DEAN NO LONGER WANTED", persons=(A_WITNESS,), references=CITES_IT)], Standing.IN_FORCE, BESIDE.format("DEAN NO LONGER WANTED"), id="of another, of a log that cites it: quoted whole"),
    pytest.param([], [said_of_him(codes=LIFTED_BY, references=CITES_IT, persons=(A_WITNESS, ANOTHER))], Standing.IN_FORCE, BY_CODE, id="a log that seeks another ends nothing of his"),
    pytest.param([], [said_of_him(codes=LIFTED_BY, references=CITES_IT, persons=(replace(HIM, position=0), ANOTHER))], Standing.OLD, "of more than one sought: may hold no longer, check PNC", id="a code of a log that seeks two"),
]  # fmt: skip


@pytest.mark.parametrize(("codes", "more", "standing", "said"), LIFTED)
def test_only_its_source_ends_that_somebody_is_wanted_and_words_are_told_beside(
    tmp_path: Path, codes: list[Code], more: list[Record], standing: Standing, said: str
) -> None:
    sought = replace(WANTED_LOG, codes=tuple(codes)) if codes else WANTED_LOG
    hit = ask(tmp_path, [sought, *more], HIS)
    _, found, words = statement(hit, Topic.WANTED)
    assert found is standing and said in words
    assert ("check PNC" in words) is ("says" in said or "may hold" in said)
    assert any("WANTED" in each for each in hit.now) is (standing is not Standing.ENDED)


def test_a_log_says_of_itself_in_words_that_it_is_over_and_a_place_hears_only_of_him(tmp_path: Path) -> None:
    own = replace(WANTED_LOG, texts=(Text("WARRANT ISSUED"), Text("NOW NO LONGER WANTED")))
    _, how, words = statement(ask(tmp_path / "own", [own], HIS), Topic.WANTED)
    assert how is Standing.IN_FORCE and "But its own text says: 'NOW NO LONGER WANTED'; check PNC" in words
    there = replace(WANTED_LOG, locations=(home(),))
    other = log("6", "2014-11-12", persons=(person("BERYL TATTON"),), text="SON NO LONGER WANTED", locations=(home(),))
    his = replace(said_of_him("NO LONGER WANTED"), locations=(home(),))
    for name, beside, told in (("other", other, False), ("his", his, True)):
        at_home = ask(tmp_path / name, [there, beside], f"{DOOR} B23 6XX", "location")
        assert (OF_ANY in statement(at_home, Topic.WANTED)[2]) is told


def test_a_code_that_says_nobodys_weapon_pushes_no_marker_out_of_sight(tmp_path: Path) -> None:
    coded = replace(
        log("7", "2014-11-10", persons=(replace(HIM, position=0),)), codes=(Code("qualifier", "WE", "weapons"),)
    )
    marked = arrest(
        "BE/1/14", "2014-01-01", detainee(), markers=[Marker("WE", "weapons", day("2013-05-01"), None, "", 0)]
    )
    said = [each.words for each in ask(tmp_path, [coded, marked], HIS).in_force if each.topic is Topic.WEAPON]
    assert ["coded" in words for words in said] == [False, True]


WITH_ANOTHER = replace(WANTED_LOG, persons=(replace(HIM, position=0), ANOTHER))


def test_of_two_sought_by_one_record_a_closing_code_does_not_say_which(tmp_path: Path) -> None:
    codes = (Code("opening", "245", "wanted person"), *LIFTED_BY)
    for name, people, expected in (
        ("two", WITH_ANOTHER.persons, Standing.OLD),
        ("one twice", (WITH_ANOTHER.persons[0], replace(HIM, position=1)), Standing.ENDED),
        ("a victim", (WITH_ANOTHER.persons[0], replace(ANOTHER, role=Role.VICTIM)), Standing.ENDED),
    ):
        sought = replace(WANTED_LOG, persons=people, codes=codes)
        _, found, words = statement(ask(tmp_path / name, [sought], HIS), Topic.WANTED)
        assert found is expected, (name, words)
        assert ("may hold no longer" in words) is (expected is Standing.OLD)


def test_on_a_places_card_only_a_log_that_seeks_the_very_person_ends_it(tmp_path: Path) -> None:
    there = replace(WANTED_LOG, locations=(home(),))
    for name, who, expected in (
        ("another", replace(ANOTHER, position=0), Standing.IN_FORCE),
        ("nameless", Person(0, Role.SUSPECT, ()), Standing.IN_FORCE),
        ("him", replace(HIM, position=0), Standing.ENDED),
    ):
        over = said_of_him(codes=LIFTED_BY, references=CITES_IT, persons=(who,), locations=(home(),))
        at_home = ask(tmp_path / name, [there, over], f"{DOOR} B23 6XX", "location")
        (found,) = [each for each in (*at_home.in_force, *at_home.lapsed) if each.ref == WANTED_LOG.ref]
        assert found.standing is expected, (name, found.words)


LATELY = [
    pytest.param("2014-11-12", True, id="this week"),
    pytest.param("2014-08-20", True, id="within three months"),
    pytest.param("2014-08-10", False, id="longer ago"),
]


@pytest.mark.parametrize(("ended", "told"), LATELY)
def test_a_warrant_that_ended_lately_is_still_on_the_card_as_ended(tmp_path: Path, ended: str, told: bool) -> None:
    sought = replace(log("5", "2014-08-01", persons=(replace(HIM, position=0),)), codes=WANTED_LOG.codes)
    over = said_of_him(date=ended, codes=LIFTED_BY, references=(Reference("linked_log", "5 of 010814"),))
    lines = list(card(ask(tmp_path, [sought, over], HIS)))
    said = [line for line in lines if line.label == "ENDED"]
    assert [line.text.startswith("ENDED: WANTED: CARL BRANDRETH") for line in said] == ([True] if told else [])
    assert all("by incidents 6/" in line.text and line.style == DIM for line in said)
    assert not any(line.label == "WANTED" for line in lines)


FORGED = [
    pytest.param({"codes": (Code("closing", "245", "wanted person'. ENDED, coded 'x"),)}, id="in a code"),
    pytest.param({"texts": (Text("WARRANT'. ENDED, coded 'no longer wanted' 11/11/2014"),)}, id="in a text"),
]


@pytest.mark.parametrize("parts", FORGED)
def test_words_of_a_source_are_quoted_and_end_no_quotation(tmp_path: Path, parts: dict[str, object]) -> None:
    record = replace(WANTED_LOG, **parts)  # type: ignore[arg-type]
    _, found, words = statement(ask(tmp_path, [record], HIS), Topic.WANTED)
    assert found is Standing.IN_FORCE
    assert "ENDED" in words and not any("ENDED" in ours for ours in words.split("'")[::2])


NAMES = [
    pytest.param("MALIK, TAHIR", "MALIK, TAHIR", id="the surname first"),
    pytest.param("MR. J. O'NEILL-SMITH", "MR. J. O'NEILL-SMITH", id="a title and an initial"),
    pytest.param("CARL. ENDED, coded 'no longer wanted'", "'CARL. ENDED, coded ’no longer wanted’'", id="a sentence"),
]


@pytest.mark.parametrize(("written", "said"), NAMES)
def test_a_name_that_is_no_name_is_quoted(written: str, said: str) -> None:
    record = replace(WANTED_LOG, persons=(Person(0, Role.SUSPECT, (written,)),))
    (found,) = wanted([Held(record, frozenset({0}))], parse_iso("2014-11-16T02:00:00Z"))
    assert found.words.startswith(f"WANTED ON WARRANT: {said}, coded"), found.words


def test_what_a_record_out_of_scope_says_of_a_warrant_is_not_told(tmp_path: Path) -> None:
    hidden = said_of_him("NO LONGER WANTED", visibility=Visibility.PROTECTED)
    told = statement(ask(tmp_path / "with", [WANTED_LOG, hidden], HIS), Topic.WANTED)
    assert told == statement(ask(tmp_path / "without", [WANTED_LOG], HIS), Topic.WANTED)


WARRANT = log(
    "9", "2014-10-01", persons=(replace(HIM, position=0),), orders=(Order("warrant", day("2014-11-01"), None, 0),)
)
SERVED = [
    pytest.param([], Standing.IN_FORCE, "WARRANT OUTSTANDING", id="nobody came"),
    pytest.param([arrest("BE/1/14", "2014-11-12", detainee(), notes=(("offence", "WARRANT"),))], Standing.ENDED, "for this", id="an arrest on it"),
    pytest.param([arrest("BE/1/14", "2014-11-12", detainee(), notes=(("offence", "THEFT"),))], Standing.OLD, "not said whether for this", id="an arrest for something else"),
    pytest.param([arrest("BE/1/14", "2014-10-12", detainee(), notes=(("offence", "WARRANT"),))], Standing.IN_FORCE, "OUTSTANDING", id="an arrest before it"),
    pytest.param([said_of_him("WARRANT CANCELLED")], Standing.IN_FORCE, "a later record says: 'WARRANT CANCELLED'", id="words lift nothing"),
]  # fmt: skip


@pytest.mark.parametrize(("more", "standing", "said"), SERVED)
def test_a_warrant_among_the_orders_ends_by_its_date_or_by_an_arrest_for_it(
    tmp_path: Path, more: list[Record], standing: Standing, said: str
) -> None:
    _, found, words = statement(ask(tmp_path / "open", [WARRANT, *more], HIS), Topic.WANTED)
    assert found is standing and said in words
    ended = replace(WARRANT, orders=(Order("warrant", day("2014-11-01"), day("2014-11-13"), 0),))
    assert statement(ask(tmp_path / "ended", [ended, *more], HIS), Topic.WANTED)[1] is Standing.ENDED


def test_an_arrest_before_a_warrant_says_nothing_of_it(tmp_path: Path) -> None:
    before = arrest("BE/1/14", "2014-11-09", detainee(), notes=(("offence", "WARRANT"),))
    _, standing, words = statement(ask(tmp_path, [WANTED_LOG, before], HIS), Topic.WANTED)
    assert standing is Standing.IN_FORCE and "No arrest recorded since" in words


MARKERS = [
    pytest.param(Marker("WE", "weapons", day("2013-05-01"), None, "", 0), Topic.WEAPON, Standing.IN_FORCE, "WEAPONS", id="live"),
    pytest.param(Marker("WE", "weapons", day("2004-05-01"), None, "", 0), Topic.WEAPON, Standing.OLD, "over 5 years old: may no longer hold", id="open-ended and old"),
    pytest.param(Marker("WE", "weapons", day("2004-05-01"), day("2015-01-01"), "", 0), Topic.WEAPON, Standing.IN_FORCE, "to 01/01/2015", id="old with an end to come"),
    pytest.param(Marker("SU", "suicidal", day("2012-05-01"), day("2013-05-01"), "", 0), Topic.MARKER, Standing.ENDED, "EXPIRED 01/05/2013", id="expired"),
    pytest.param(Marker("CO", "", day("2013-05-01"), None, "", 0), Topic.MARKER, Standing.IN_FORCE, "marker CO (force list: not defined)", id="a code nobody defined"),
    pytest.param(Marker("TU", "treat as urgent", day("2014-05-01"), None, "", 0), Topic.ACTION, Standing.IN_FORCE, "tell the duty inspector before the grade is lowered", id="what is to be done"),
]  # fmt: skip


@pytest.mark.parametrize(("marker", "topic", "standing", "said"), MARKERS)
def test_a_marker_is_word_date_source_and_standing(
    tmp_path: Path, marker: Marker, topic: Topic, standing: Standing, said: str
) -> None:
    hit = ask(tmp_path, [arrest("BE/1/10", "2010-05-01", detainee(), markers=[marker])], HIS)
    _, found, words = statement(hit, topic)
    assert found is standing and said in words and "custody BE/1/10" in words
    assert bool(hit.now) is (standing is not Standing.ENDED)


CHILDREN = [
    pytest.param("10/02/2010", "CHILD ALIYAH KHAN, 4, with HOLLY MANYFOLD: present, lives there", id="four now"),
    pytest.param("10/02/1994", "", id="grown up since"),
    pytest.param("", "CHILD ALIYAH KHAN, with HOLLY MANYFOLD: present, lives there", id="no date of birth"),
]


@pytest.mark.parametrize(("dob", "said"), CHILDREN)
def test_children_of_the_household_with_their_age_now(tmp_path: Path, dob: str, said: str) -> None:
    child = Person(4, Role.CHILD, ("ALIYAH KHAN",), (dob,) if dob else (), note="present, lives there")
    form = dash("DA/09/1", "2009-06-01", RiskLevel.HIGH, HER, HIM)
    hit = ask(tmp_path, [replace(form, persons=(HER, HIM, child))], ASKED)
    found = [each.words for each in hit.in_force if each.topic is Topic.CHILD]
    assert [words.startswith(said) for words in found] == ([True] if said else [])


# risk beside its own


def test_a_downgrade_is_shown_with_every_grade_before_it(tmp_path: Path) -> None:
    grades = (
        GradeChange("high", day("2014-05-30"), "PC 1"), GradeChange("medium", day("2014-06-01"), "Sgt 2", "suspect remanded"),
    )  # fmt: skip
    hit = ask(tmp_path, [dash("DA/14/1", "2014-06-01", RiskLevel.MEDIUM, HER, HIM, history=grades)], ASKED)
    assert hit.risk.highest is not None and hit.risk.highest.downgraded
    assert hit.risk.highest.grades == (
        "HIGH, 30/05/2014, PC 1", "DOWNGRADED to MEDIUM, 01/06/2014, Sgt 2, suspect remanded",
    )  # fmt: skip
    assert "DOWNGRADED from HIGH" in hit.risk.headline


def test_instrument_ticks_and_the_gravest_themes_are_said(tmp_path: Path) -> None:
    form = dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM)
    answered = replace(form.assessments[0], answers=((1, "yes"), (18, "yes"), (6, "yes"), (16, "no")), ticks=3)
    hit = ask(tmp_path, [replace(form, assessments=(answered,))], ASKED)
    assert hit.risk.highest is not None
    assert (hit.risk.highest.instrument, hit.risk.highest.ticks) == ("DASH", 3)
    assert hit.risk.highest.themes == ("strangulation", "separated or trying to separate")
    assert any("STRANGULATION by CARL BRANDRETH" in words for words in hit.now)


def test_a_marac_flag_travels_with_the_person(tmp_path: Path) -> None:
    notes = (("MARAC referred", "05/06/2014"), ("MARAC date", "15/06/2014"), ("IDVA referred", "06/06/2014"))
    hit = ask(tmp_path, [dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM, notes=notes)], ASKED)
    assert [(each.kind, each.referred, each.meeting) for each in hit.risk.referrals] == [
        ("IDVA", "2014-06-06", ""), ("MARAC", "2014-06-05", "2014-06-15"),
    ]  # fmt: skip


WRITTEN = [
    pytest.param("05/06/2014", "2014-06-05", id="as the form writes it"),
    pytest.param("5.6.14", "2014-06-05", id="short"),
    pytest.param("2014-06-05", "2014-06-05", id="year first"),
    pytest.param("on 05/06/2014 by PC 1", "2014-06-05", id="within words"),
    pytest.param("31/06/2014", "", id="no such day"),
    pytest.param("yes", "", id="no day"),
]


@pytest.mark.parametrize(("written", "referred"), WRITTEN)
def test_the_card_reads_a_referral_as_the_policy_does(tmp_path: Path, written: str, referred: str) -> None:
    form = dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM, notes=(("MARAC referred", written),))
    (found,) = ask(tmp_path, [form], ASKED).risk.referrals
    day_read = read_day(written)
    assert found.referred == referred == (day_read.isoformat() if day_read else "")
    assert ("05/06/2014, 5 months ago" in found.words) if referred else (written in found.words)


def test_an_events_card_says_that_its_victim_is_high_elsewhere(tmp_path: Path) -> None:
    records = [dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM), log("7", "2014-06-01", persons=(HER,))]
    hit = ask(tmp_path, records, "7 of 010614", "event")
    assert hit.risk.state == "not_assessed" and hit.risk.highest is None
    assert hit.risk.headline.startswith("VICTIM HERE ASSESSED HIGH: HOLLY MANYFOLD as victim of CARL BRANDRETH")
    assert "see domestic_abuse DA/14/1" in hit.risk.headline
    alone = ask(tmp_path / "alone", records[1:], "7 of 010614", "event")
    assert alone.risk.headline.startswith("NOT ASSESSED")


def test_a_neighbour_is_told_of_the_victim_assessed_in_another_record(tmp_path: Path) -> None:
    neighbour = person("BERYL TATTON", "02/02/1960", Role.CALLER, 3)
    records = [
        dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM),
        log("7", "2014-07-01", persons=(HER, neighbour)),
    ]
    hit = ask(tmp_path, records, "beryl tatton 02/02/1960")
    assert hit.risk.headline.startswith("NAMED WITH A VICTIM ASSESSED HIGH: HOLLY MANYFOLD")
    assert "see domestic_abuse DA/14/1; this person NOT ASSESSED" in hit.risk.headline
    assert hit.risk.elsewhere[0].level == "high"


NEXT_DOOR = "7 MANYFOLD TEST ROAD, ERDINGTON"
MOVED_HERE = log("9", "2014-10-01", persons=(HER,), locations=(home(NEXT_DOOR),))
ELSEWHERE = [
    pytest.param("07700900417", "phone", [], "VICTIM IN ITS RECORDS ASSESSED HIGH: HOLLY", id="her number"),
    pytest.param(f"{DOOR} B23 6XX", "location", [], "VICTIM IN ITS RECORDS ASSESSED HIGH: HOLLY", id="her home"),
    pytest.param(f"{DOOR} B23 6XX", "location", [MOVED_HERE], "NOT ASSESSED", id="the home she has left"),
    pytest.param("07700900418", "phone", [], "NOT ASSESSED", id="a number of somebody else in her log"),
]


@pytest.mark.parametrize(("typed", "kind", "more", "begins"), ELSEWHERE)
def test_a_place_and_a_number_begin_with_the_victim_assessed_in_a_record_that_holds_neither(
    tmp_path: Path, typed: str, kind: str, more: list[Record], begins: str
) -> None:
    other = log("8", "2014-07-02", persons=(person("BERYL TATTON", "02/02/1960"),), phones=(own("07700 900418"),))
    hers = log("7", "2014-07-01", persons=(HER,), locations=(home(),), phones=(own(),))
    form = dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM)
    hit = ask(tmp_path / "open", [form, hers, other, *more], typed, kind)
    assert hit.risk.state == "not_assessed" and hit.risk.headline.startswith(begins)
    hidden = replace(form, visibility=Visibility.PROTECTED)
    alone = ask(tmp_path / "hidden", [hidden, hers, other, *more], typed, kind)
    assert alone.risk.headline.startswith("NOT ASSESSED") and "HIGH" not in alone.risk.headline


CRIME = Reference("crime", "20BE/123456A/14")
DOM = Code("closing", "220", "domestic incident")
MISSING = [
    pytest.param((CRIME,), "EX PARTNER KICKED THE DOOR", "mandatory", id="a crime between former partners"),
    pytest.param((), "EX PARTNER SHOUTING", "discretionary", id="no crime"),
    pytest.param((CRIME,), "BROTHER KICKED THE DOOR", "discretionary", id="a crime of the family"),
    pytest.param(
        (CRIME, Reference("dash", "DA/14/00009")), "EX PARTNER KICKED THE DOOR", "", id="it names a form that is held"
    ),
    pytest.param(
        (CRIME, Reference("dash", "DA/14/77777")),
        "EX PARTNER KICKED THE DOOR",
        "mandatory",
        id="it names a form nobody holds",
    ),
    pytest.param(
        (CRIME, Reference("dash", "N/A")), "EX PARTNER KICKED THE DOOR", "mandatory", id="a filler for a form"
    ),
    pytest.param(
        (CRIME, Reference("dash", "00/000")), "EX PARTNER KICKED THE DOOR", "mandatory", id="noughts for a form"
    ),
]


@pytest.mark.parametrize(("references", "text", "duty"), MISSING)
def test_what_was_never_assessed_is_split_by_whether_it_had_to_be(
    tmp_path: Path, references: tuple[Reference, ...], text: str, duty: str
) -> None:
    record = replace(log("7", "2014-06-01", persons=(HER, HIM), text=text), codes=(DOM,))
    other = person("MARIA ELSEWHERE", "01/01/1960", Role.VICTIM)
    form = dash("DA/14/00009", "2014-06-02", RiskLevel.HIGH, HER if duty == "" else other, HIM)
    hit = ask(tmp_path, [replace(record, references=(*record.references, *references)), form], ASKED)
    assert [each.duty for each in hit.risk.missing] == ([duty] if duty else [])
    assert ("MANDATORY AND MISSING" in hit.risk.headline) is (duty == "mandatory")
    assert hit.risk.headline.startswith("NOT ASSESSED") is bool(duty)
    named = any(reference.raw == "DA/14/77777" for reference in references)
    assert (
        any("it names DA/14/77777, which this history does not hold" in each.words for each in hit.risk.missing)
        is named
    )


def test_an_event_closed_as_no_domestic_is_neither_called_one_nor_owed_a_form(tmp_path: Path) -> None:
    record = replace(log("7", "2014-06-01", persons=(HER, HIM)), codes=(Code("opening", "220", "domestic incident"),))
    closed = replace(record, notes=(("result", "NOT A DOMESTIC"),))
    for folder, asked, domestic in (("one", record, True), ("none", closed, False)):
        hit = ask(tmp_path / folder, [asked], ASKED)
        (event,) = hit.history
        assert event.domestic is bool(hit.risk.missing) is domestic and event.reasons
        assert ("NOT A DOMESTIC" in event.cancelled) is not domestic


def test_an_arrest_without_a_crime_number_is_of_a_crime_on_the_card_as_in_the_figures(tmp_path: Path) -> None:
    ex = replace(HIM, role=Role.DETAINEE, note="ex-partner")
    record = replace(arrest("BE/1/14", "2014-06-01", ex), persons=(HER, ex), codes=(Code("da_flag", "Y"),))
    hit = ask(tmp_path, [record], ASKED)
    assert [each.duty for each in hit.risk.missing] == ["mandatory"]


NO_REFERRALS = [("N", 0), ("No", 0), ("no - threshold not met", 0), ("N/A", 0), ("Not referred", 0), ("Y", 1), ("NORTH MARAC", 1), ("referred, not yet heard", 1), ("NOT HEARD YET, 05/06/2014", 1)]  # fmt: skip


@pytest.mark.parametrize(("written", "told"), NO_REFERRALS)
def test_a_no_is_no_referral(tmp_path: Path, written: str, told: int) -> None:
    form = dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM, notes=(("MARAC referred", written),))
    assert len(ask(tmp_path, [form], ASKED).risk.referrals) == told


def test_a_suspects_card_shows_every_victim_with_the_id_that_shows_her(tmp_path: Path) -> None:
    other = person("TRACEY GOODWIN", "09/09/1977", Role.VICTIM)
    records = [
        dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM, codes=(Code("relationship", "EX-PARTNER", "intimate_ex"),)),
        dash("DA/12/1", "2012-06-01", RiskLevel.MEDIUM, other, HIM),
    ]  # fmt: skip
    hit = ask(tmp_path, records, HIS)
    assert [(each.label, each.risk, each.id) for each in hit.linked] == [
        ("HOLLY MANYFOLD", "high", "domestic_abuse:DA/14/1#0"), ("TRACEY GOODWIN", "medium", "domestic_abuse:DA/12/1#0"),
    ]  # fmt: skip
    assert all(each.relations == ("victim of this suspect",) for each in hit.linked)
    assert hit.linked[0].relationship == "EX-PARTNER (intimate_ex)"


def test_an_action_asked_for_in_a_recent_log_is_said_and_one_of_long_ago_is_not(tmp_path: Path) -> None:
    for date, there in (("2014-11-15", True), ("2010-11-15", False)):
        records = [replace(log("7", date, persons=(HER,)), texts=(Text("MARKER TREAT AS URGENT"),))]
        hit = ask(tmp_path / date, records, ASKED)
        assert any(each.topic is Topic.ACTION and each.nature == "inferred" for each in hit.in_force) is there


BOUND = ("bail", day("2014-11-01"), day("2014-12-01"), 0)
NAMINGS = [
    pytest.param("SHABANA KAUSAR BIBI", Order(*BOUND, ("SHABANA BIBI",)), True, id="without her middle name"),
    pytest.param("SHABANA BIBI", Order(*BOUND, ("SHABANA KAUSAR BIBI",)), True, id="with a middle name more"),
    pytest.param("SHABANA KAUSAR BIBI", Order(*BOUND, (), ("NOT TO CONTACT SHABANA BIBI",)), True, id="in a condition"),
    pytest.param("SHABANA KAUSAR BIBI", Order(*BOUND, ("AMINA BIBI",)), False, id="one word of hers"),
    pytest.param("SHABANA KAUSAR BIBI", Order(*BOUND, ("SHABANA KHAN", "AMINA BIBI")), False, id="one word of hers each"),
    pytest.param("SHABANA K BIBI", Order(*BOUND, ("AMINA K BIBI",)), False, id="one word and an initial"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "order", "reaches"), NAMINGS)
def test_an_order_that_names_her_by_two_words_reaches_her(
    tmp_path: Path, name: str, order: Order, reaches: bool
) -> None:
    her = Person(0, Role.VICTIM, (name,), ("03/07/1989",))
    records = [
        dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, her, HIM),
        arrest("BE/1/14", "2014-10-31", detainee(), orders=(order,), notes=((DISPOSAL, "BAILED"),)),
    ]
    hit = ask(tmp_path, records, f"{name} 03/07/1989")
    assert [each.ref for each in hit.in_force if each.topic is Topic.ORDER] == (["BE/1/14"] if reaches else [])


@pytest.mark.parametrize("role", [Role.SUSPECT, Role.SUBJECT])
def test_whoever_is_wanted_is_so_on_the_victims_card_in_whichever_part(tmp_path: Path, role: Role) -> None:
    sought = replace(WANTED_LOG, persons=(replace(HIM, position=0, role=role),))
    hit = ask(tmp_path, [dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM), sought], ASKED)
    kind, _, words = statement(hit, Topic.WANTED)
    assert kind == "warrant" and "CARL BRANDRETH" in words


def test_a_warrant_that_an_arrest_may_have_ended_stays_on_the_victims_card(tmp_path: Path) -> None:
    records = [dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM), WANTED_LOG]
    since = arrest("BE/1/14", "2014-11-12", detainee())
    assert statement(ask(tmp_path, [*records, since], ASKED), Topic.WANTED)[1] is Standing.OLD
    on_it = replace(since, notes=(("offence", "WARRANT - FAIL TO APPEAR"),))
    hit = ask(tmp_path / "ended", [*records, on_it], ASKED)
    assert not any(each.topic is Topic.WANTED for each in hit.in_force)


def test_the_subject_of_a_report_that_names_a_victim_is_not_called_her_suspect(tmp_path: Path) -> None:
    report = Record(
        "intelligence", ("INT/14/1",), RecordKind.INTELLIGENCE, day("2014-08-29"), nature=Nature.INTELLIGENCE,
        persons=(replace(HIM, role=Role.SUBJECT), HER),
    )  # fmt: skip
    (him,) = ask(tmp_path, [report], ASKED).linked
    assert him.relations == ("named with",)
