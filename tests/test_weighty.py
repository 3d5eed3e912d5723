"""What weighs is read however many newer records there are, and what was not read is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from discoverer import cards
from discoverer.access import DEMO_VIEWER
from discoverer.answer import Hit, HitKind
from discoverer.errors import IndexUnavailable
from discoverer.history import assessed, elsewhere, household
from discoverer.lists import lists
from discoverer.model import Code, Order, Person, Record, RecordKind, RiskLevel, Role, Text, Visibility
from index import people
from index.weighty import weighs_for
from tests.cast import by_source, dash, day, log, make_app

# The clock of the cast: 16/11/2014 02:00.
HER = Person(0, Role.VICTIM, ("HOLLY MANYFOLD",), ("01/02/1980",))
HIM = Person(1, Role.SUSPECT, ("CARL BRANDRETH",), ("03/04/1978",))
ASKED = "holly manyfold 01/02/1980"
HELD = replace(HIM, position=0, role=Role.DETAINEE)
WANTED = (Code("closing", "245", "wanted person or bail"),)


def asked(
    folder: Path, records: Sequence[Record], *, typed: str = ASKED, shown: bool = False, whole: bool = False
) -> Hit:
    """Search for a person, and show them whole where that is wanted."""
    with make_app(folder, by_source(records)) as app:
        hit = next(hit for hit in app.search(DEMO_VIEWER, typed).hits if hit.kind is HitKind.PERSON)
        return app.show(DEMO_VIEWER, HitKind.PERSON, hit.id, whole=whole).hit if shown else hit


def routine(count: int, who: Person = HER) -> list[Record]:
    """Make so many logs of late that say nothing."""
    return [log(str(n + 100), f"2014-11-{n % 14 + 1:02}", persons=(who,)) for n in range(count)]


def said(hit: Hit) -> set[str]:
    """Return what is said of a hit, by kind."""
    return {each.kind for each in hit.in_force} | {each.kind for each in hit.risk.referrals}


CHILD = Person(3, Role.CHILD, ("KIM MANYFOLD",), ("01/01/2010",))
WEIGHTY = [
    pytest.param(log("1", "2013-01-01", persons=(HER,), notes=(("codeword", "BLUEBELL"),)), "codeword", id="codeword"),
    pytest.param(log("1", "2013-01-01", persons=(HER,), notes=(("safe contact", "text"),)), "safe_contact", id="safe contact"),
    pytest.param(log("1", "2013-01-01", persons=(HER,), notes=(("MARAC referred", "02/01/2013"),)), "MARAC", id="MARAC"),
    pytest.param(log("1", "2013-01-01", persons=(HER,), notes=(("IDVA referred", "02/01/2013"),)), "IDVA", id="IDVA"),
    pytest.param(log("1", "2013-01-01", persons=(HER, CHILD)), "child", id="a child"),
    pytest.param(
        Record("custody", ("C/1",), RecordKind.CUSTODY, day("2014-10-01"), persons=(replace(HER, role=Role.DETAINEE),), notes=(("disposal", "REMANDED"),)),
        "remanded", id="in custody",
    ),
    pytest.param(log("1", "2014-10-01", persons=(replace(HER, role=Role.SUSPECT),), codes=WANTED), "wanted", id="wanted"),
    pytest.param(log("1", "2014-10-01", persons=(HER,), codes=(Code("qualifier", "FA", "firearms"),)), "coded firearms", id="firearms"),
    pytest.param(log("1", "2014-10-01", persons=(HER,), text="MARKER TREAT AS URGENT"), "treat as urgent", id="an action asked for"),
]  # fmt: skip


@pytest.mark.parametrize("shown", [False, True], ids=["search", "show"])
@pytest.mark.parametrize(("record", "kind"), WEIGHTY)
def test_what_weighs_is_said_however_many_newer_records_there_are(
    tmp_path: Path, record: Record, kind: str, shown: bool
) -> None:
    assert kind in said(asked(tmp_path, [record, *routine(205)], shown=shown))


LIGHT = [
    pytest.param(log("1", "2013-01-01", persons=(HER, HIM)), id="a log"),
    pytest.param(log("1", "2013-01-01", persons=(HER,), notes=(("result", "codeword not asked"),)), id="another note"),
    pytest.param(log("1", "2013-01-01", persons=(HER,), notes=(("codeword", ""),)), id="a blank codeword"),
    pytest.param(log("1", "2013-01-01", persons=(HER,), codes=(Code("closing", "220", "domestic incident"),)), id="another code"),
    pytest.param(log("1", "2013-01-01", persons=(HER,), text="IT IS URGENT"), id="other words"),
]  # fmt: skip


@pytest.mark.parametrize("record", LIGHT)
def test_a_routine_record_does_not_weigh(record: Record) -> None:
    assert not weighs_for(record)


def test_what_weighs_is_no_more_open_than_what_makes_it_weigh() -> None:
    hidden = replace(CHILD, visibility=Visibility.PROTECTED)
    noted = log("1", "2013-01-01", persons=(HER, hidden), notes=(("codeword", "BLUEBELL"),))
    assert weighs_for(noted) == set(Visibility.PROTECTED.above)
    assert weighs_for(replace(noted, persons=(HER,))) == set(Visibility.OPEN.above)
    assert weighs_for(dash("DA/1", "2013-01-01", RiskLevel.HIGH, HER, hidden)) == set(Visibility.OPEN.above)


def test_who_may_not_see_why_a_record_weighs_reads_it_by_its_date_alone(tmp_path: Path) -> None:
    old = log("1", "2013-01-01", persons=(HER, replace(CHILD, visibility=Visibility.PROTECTED)), text="WITH A CHILD")
    refs = {record.ref for record in asked(tmp_path, [old, *routine(205)], shown=True, whole=True).records}
    assert old.ref in refs
    assert asked(tmp_path / "cut", [old, *routine(205)]).records_read == 200


def test_every_note_that_the_history_reads_weighs() -> None:
    read = {*household.AGREED, assessed.MARAC, assessed.MEETING, assessed.IDVA, elsewhere.CONFIDENTIAL}
    assert read == set(lists()["weighty_notes"])


def test_what_was_not_read_is_said_and_the_totals_are_of_everything(tmp_path: Path) -> None:
    old = dash("DA/13/1", "2013-01-01", RiskLevel.HIGH, HER, HIM)
    records = [old, *routine(206)]
    hit = asked(tmp_path / "some", records, shown=True)
    assert (hit.records_total, hit.records_read, hit.people_read) == (207, 201, 201)
    assert hit.roles == ("victim 207",)
    page = [line.text for line in cards.page(hit)]
    assert (
        "50 of 201 events shown, told by 201 of 207 records: the latest and the weightiest; --all shows the rest"
        in page
    )
    assert "people, places and numbers are those of 201 of 207 records" in page
    whole = asked(tmp_path / "all", records, shown=True, whole=True)
    assert (whole.records_read, whole.people_read, whole.history_total) == (207, 207, 207)
    assert not any("--all" in line.text or "are those of" in line.text for line in cards.page(whole))


# the other party


def test_the_other_partys_order_and_warrant_are_read_behind_any_number_of_later_records(tmp_path: Path) -> None:
    order = Order("restraining", day("2013-01-01"), None, 0, ("HOLLY MANYFOLD",), ("NOT TO CONTACT HOLLY MANYFOLD",))
    other = replace(order, protects=("BERYL TATTON",), conditions=("NOT TO CONTACT BERYL TATTON",))
    arrests = [
        Record("custody", (f"C/{n}",), RecordKind.CUSTODY, day(f"2013-{n % 9 + 2:02}-{n % 27 + 1:02}"), persons=(HELD,))
        for n in range(40)
    ]
    bound = replace(arrests[0], key=("C/99",), at=day("2013-01-01"), orders=(order, other))
    warrant = log("77", "2014-10-01", persons=(replace(HIM, position=0),), codes=WANTED)
    seen = [
        log(str(n), f"2014-11-{n % 14 + 1:02}", persons=(replace(HIM, position=0, role=Role.WITNESS),))
        for n in range(20)
    ]
    met = dash("DA/14/1", "2014-09-01", RiskLevel.HIGH, HER, HIM)
    hit = asked(tmp_path, [met, bound, *arrests, warrant, *seen])
    assert [(each.kind, each.ref) for each in hit.in_force] == [("restraining", "C/99"), ("wanted", "77/2014-10-01")]


def test_no_suspect_is_left_unread_where_many_people_are_met(tmp_path: Path) -> None:
    names = ["ALDERTON", "BINGLEY", "CORBIN", "DRAKELOW", "EVERSHAM", "FAULK", "GRIMLEY", "HARBORNE", "ILCHESTER", "JESMOND", "KETTER", "LOXTON", "MARL"]  # fmt: skip
    born = [f"{n + 1:02}/02/1970" for n in range(len(names))]
    suspects = [Person(1, Role.SUSPECT, (f"DEAN {name}",), (dob,)) for name, dob in zip(names, born, strict=True)]
    forms = [
        dash(f"DA/14/{n}", f"2014-09-{n + 1:02}", RiskLevel.STANDARD, HER, suspect)
        for n, suspect in enumerate(suspects)
    ]
    held = replace(suspects[0], position=0, role=Role.DETAINEE)
    arrest = Record("custody", ("C/1",), RecordKind.CUSTODY, day("2014-11-15"), persons=(held,))
    assert [each.kind for each in asked(tmp_path, [*forms, arrest]).in_force] == ["in_custody"]


def test_a_text_that_asks_for_an_action_weighs_by_its_words_alone() -> None:
    record = log("1", "2014-10-01", persons=(HER,))
    assert weighs_for(replace(record, texts=(Text("PLEASE CONTACT DUTY INSPECTOR FIRST"),))) == set(
        Visibility.OPEN.above
    )


# a build of another version


def test_an_index_laid_out_by_another_version_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with make_app(tmp_path / "state") as app, monkeypatch.context() as later:
        later.setattr(people, "LAYOUT", people.LAYOUT + 1)
        message = app.status(DEMO_VIEWER).problem
        with pytest.raises(IndexUnavailable) as raised:
            app.search(DEMO_VIEWER, ASKED)
        assert raised.value.message == message
    assert "run 'discoverer build'" in message and message.count(". ") == 0
    with make_app(tmp_path / "again") as app:
        assert app.status(DEMO_VIEWER).problem == ""
