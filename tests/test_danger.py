"""A line that names somebody else says how dangerous they are, with date and source, and only of what is in scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from discoverer import cards
from discoverer.access import DEMO_VIEWER, Viewer
from discoverer.answer import Hit, HitKind
from discoverer.model import (
    Code,
    Marker,
    Order,
    Person,
    Record,
    RecordKind,
    RiskLevel,
    Role,
    Visibility,
)
from index.decisions import Act, Verdict
from tests.cast import by_source, dash, day, log, make_app

# The clock of the cast: 16/11/2014 02:00.
HER = Person(0, Role.VICTIM, ("HOLLY MANYFOLD",), ("01/02/1980",))
HIM = Person(1, Role.SUSPECT, ("CARL BRANDRETH",), ("03/04/1978",))
HE = Person(0, Role.DETAINEE, HIM.names, HIM.dobs)
FORM = dash("DA/14/1", "2014-06-01", RiskLevel.HIGH, HER, HIM)
WANTED = replace(
    log("5", "2014-11-10", persons=(replace(HIM, position=0),)), codes=(Code("closing", "245", "wanted person"),)
)
FOR_TWO = replace(
    WANTED, persons=(*WANTED.persons, Person(1, Role.SUSPECT, ("DEAN OAKSHOTT",))),
    codes=(Code("opening", "245", "wanted person"), Code("closing", "246", "no longer wanted")),
)  # fmt: skip
BAIL = Order("bail", day("2014-11-01"), day("2014-11-20"), 0, (), ("NOT TO CONTACT HOLLY MANYFOLD",))


def arrest(date: str = "2014-11-01", **parts: object) -> Record:
    """Make a custody record of him, who has left custody."""
    made = Record(
        "custody", ("BE/1/14",), RecordKind.CUSTODY, day(date), persons=(HE,), notes=(("disposal", "BAILED"),)
    )
    return replace(made, **parts)  # type: ignore[arg-type]


def marked(word: str, ends: str = "") -> Record:
    return arrest("2014-01-01", markers=(Marker("XX", word, day("2014-01-01"), day(ends) if ends else None, "", 0),))


def hits(folder: Path, records: Sequence[Record], typed: str) -> tuple[Hit, ...]:
    with make_app(folder, by_source(records)) as app:
        return app.search(DEMO_VIEWER, typed).hits


def him(folder: Path, records: Sequence[Record]) -> tuple[str, ...]:
    """Return what her card says of him where it names him, which is what it prints there."""
    hit = next(hit for hit in hits(folder, records, "holly manyfold 01/02/1980") if hit.kind is HitKind.PERSON)
    (other,) = [each for each in hit.linked if "suspect of this victim" in each.relations]
    printed = [line.text for line in cards.card(hit) if line.text.startswith("CARL BRANDRETH: ")]
    assert printed == ([f"CARL BRANDRETH: {'; '.join(other.danger)}"] if other.danger else [])
    return other.danger


DANGERS = [
    pytest.param(WANTED, ("WANTED since 10/11/2014 (incidents 5/2014-11-10)",), id="wanted"),
    pytest.param(arrest("2014-11-15", notes=()), ("IN CUSTODY since 15/11/2014 (custody BE/1/14)",), id="in custody"),
    pytest.param(arrest(orders=(BAIL,)), ("BAIL to 20/11/2014, names this person (custody BE/1/14)",), id="bail that names her"),
    pytest.param(arrest(orders=(replace(BAIL, conditions=("CURFEW",)),)), ("BAIL to 20/11/2014 (custody BE/1/14)",), id="bail that does not"),
    pytest.param(arrest(orders=(replace(BAIL, end=day("2014-11-10")),)), (), id="bail that has ended"),
    pytest.param(marked("firearms"), ("FIREARMS, marked 01/01/2014 (custody BE/1/14)",), id="marked for firearms"),
    pytest.param(marked("violent"), ("VIOLENT, marked 01/01/2014 (custody BE/1/14)",), id="marked as violent"),
    pytest.param(marked("firearms", "2014-06-01"), (), id="a marker that has lapsed"),
    pytest.param(marked("drugs"), (), id="a marker of no weapon"),
    pytest.param(arrest(), (), id="an arrest that is over"),
    pytest.param(replace(marked("firearms"), persons=(replace(HE, dobs=("09/09/1950",)),)), (), id="a namesake's marker"),
    pytest.param(replace(marked("firearms"), visibility=Visibility.PROTECTED), (), id="out of scope"),
    pytest.param(replace(WANTED, visibility=Visibility.PROTECTED), (), id="wanted, out of scope"),
    pytest.param(FOR_TWO, ("WANTED since 10/11/2014, an end recorded of one of those sought: check (incidents 5/2014-11-10)",), id="wanted with another, one code that ends it"),
    pytest.param(replace(FOR_TWO, persons=WANTED.persons), (), id="wanted alone, a code that ends it"),
]  # fmt: skip


@pytest.mark.parametrize(("record", "said"), DANGERS)
def test_the_line_that_names_the_other_party_says_how_dangerous_they_are(
    tmp_path: Path, record: Record, said: tuple[str, ...]
) -> None:
    assert him(tmp_path, [FORM, record]) == said


def test_what_is_out_of_scope_changes_nothing_that_is_said(tmp_path: Path) -> None:
    seen = [FORM, marked("firearms"), WANTED]
    hidden = replace(arrest("2014-11-15", notes=(), orders=(BAIL,)), key=("BE/2/14",), visibility=Visibility.PROTECTED)
    assert him(tmp_path / "with", [*seen, hidden]) == him(tmp_path / "without", seen)


def test_the_gravest_comes_first_and_the_rest_are_counted(tmp_path: Path) -> None:
    words = ("weapons", "firearms", "explosives", "violent")
    markers = tuple(Marker("XX", word, day("2014-01-01"), None, "", 0) for word in words)
    said = him(tmp_path, [FORM, WANTED, arrest(markers=markers, orders=(BAIL,))])
    assert [each.split()[0].strip(",") for each in said] == ["WANTED", "BAIL", "WEAPONS", "FIREARMS", "and"]
    assert said[-1] == "and 2 more"


SAID = [
    pytest.param(Verdict.SAME, False, True, id="said to be one"),
    pytest.param(Verdict.APART, True, True, id="confirmed to be two"),
    pytest.param(Verdict.SAME, True, False, id="confirmed to be one: it is all on one card"),
]


@pytest.mark.parametrize(("verdict", "confirmed", "told"), SAID)
def test_what_people_say_of_two_brings_the_danger_of_the_other(
    tmp_path: Path, verdict: Verdict, confirmed: bool, told: bool
) -> None:
    caller = log("9", "2014-11-15", persons=(Person(0, Role.CALLER, ("SHABS MANYFOLD",)),))
    records = {"domestic_abuse": [FORM], "incidents": [caller, WANTED]}
    with make_app(tmp_path, records) as app:
        pair = ("incidents:9/2014-11-15#0", "domestic_abuse:DA/14/1#0")
        app.decide(DEMO_VIEWER, verdict, pair, "says so")
        if confirmed:
            app.settle(Viewer("second", "sergeant"), Act.CONFIRMED, 1, "heard her")
        hit = app.show(DEMO_VIEWER, HitKind.PERSON, pair[0]).hit
    (said,) = hit.decisions
    printed = [line for line in cards.card(hit) if line.text.startswith("THE OTHER: ")]
    assert bool(said.danger) is bool(printed) is told
    if told:
        assert said.danger[0].startswith("HIGH: HOLLY MANYFOLD as victim of CARL BRANDRETH, 01/06/2014, Sgt 1042")
        assert printed[0].style == cards.LOUD and hit.risk.state == "not_assessed"


def test_the_danger_of_one_out_of_scope_is_never_told_beside_a_decision(tmp_path: Path) -> None:
    plain = log("8", "2014-06-02", persons=(HER,))
    caller = log("9", "2014-11-15", persons=(Person(0, Role.CALLER, ("SHABS MANYFOLD",)),))
    with make_app(
        tmp_path, {"domestic_abuse": [replace(FORM, visibility=Visibility.PROTECTED)], "incidents": [plain, caller]}
    ) as app:
        pair = ("incidents:9/2014-11-15#0", "incidents:8/2014-06-02#0")
        app.decide(DEMO_VIEWER, Verdict.SAME, pair, "says so")
        (said,) = app.show(DEMO_VIEWER, HitKind.PERSON, pair[0]).hit.decisions
    assert said.danger == ()
