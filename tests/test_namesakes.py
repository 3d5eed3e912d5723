"""Two people of one name: whoever is probable by name alone is not where somebody else who bears it is found too."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.model import Person, Role, WrittenId
from tests.cast import log, make_app


def called(name: str, birth: str = "") -> Person:
    return Person(0, Role.OCCUPANT, (name,), (birth,) if birth else ())


NAME = "ORLANDO PEREGRINE THISTLETHWAYTE"
BORN, LATER = "20/06/1968", "30/09/1990"
STRANGERS = [log(str(100 + n), "2014-01-01", persons=(called(f"WREN {chr(65 + n % 26)}L{n}"),)) for n in range(400)]

# what the two records say, what is asked, the levels of the hits that bear the name
CASES = [
    pytest.param([(NAME, BORN), (NAME, LATER)], NAME, ["possible", "possible"], id="born in two years, asked by name"),
    pytest.param([(NAME, BORN)], NAME, ["probable"], id="one bearer"),
    pytest.param([(NAME, BORN), (NAME, BORN)], NAME, ["probable"], id="one person twice"),
    pytest.param([(NAME, BORN), (NAME, "06/20/1968")], NAME, ["probable"], id="day and month swapped"),
    pytest.param([(NAME, BORN), (NAME, "21/06/1968")], NAME, ["probable", "probable"], id="born a digit apart"),
    pytest.param(
        [(NAME, BORN), ("ORLANDO CASPIAN THISTLETHWAYTE", LATER)], NAME, ["probable", "possible"], id="a brother"
    ),
    pytest.param([(NAME, BORN), (NAME, LATER)], f"{NAME} {BORN}", ["probable", "possible"], id="asked by the date too"),
    pytest.param(
        [(NAME, BORN), (NAME, LATER)], f"{NAME} aged 46", ["probable", "possible"], id="asked by the age of one"
    ),
    pytest.param(
        [(NAME, BORN), (NAME, "30/09/1967")], f"{NAME} aged 46", ["possible", "possible"], id="asked by the age of both"
    ),
]


@pytest.mark.parametrize(("held", "typed", "expected"), CASES)
def test_a_name_does_not_say_which_of_two(
    tmp_path: Path, held: list[tuple[str, str]], typed: str, expected: list[str]
) -> None:
    records = [log(str(n), "2014-05-01", persons=(called(name, birth),)) for n, (name, birth) in enumerate(held)]
    with make_app(tmp_path, {"incidents": [*records, *STRANGERS]}, linking="exact") as app:
        hits = [hit for hit in app.search(DEMO_VIEWER, typed).hits if "Orlando" in hit.label.title()]
    assert [hit.level for hit in hits] == expected, [hit.why for hit in hits]
    told = ["another person of this name" in " ".join(hit.why) for hit in hits]
    assert any(told) == (expected == ["possible", "possible"])


def of(**parts: object) -> Person:
    """Make a bearer of the name of whom more is recorded."""
    return replace(called(NAME), **parts)  # type: ignore[arg-type]


FIRST_PNC, SECOND_PNC = "03/9900012C", "2003/0011985X"
PNC, ANOTHER_PNC = ((WrittenId("pnc", number),) for number in (FIRST_PNC, SECOND_PNC))
# what the two records say, whether they cannot be of one person
APART = [
    pytest.param(of(age="58"), of(age="22"), "of another age", id="two ages"),
    pytest.param(of(age="58"), of(age="58"), "", id="one age"),
    pytest.param(of(dobs=(BORN,)), of(age="22"), "of another age", id="a date of birth and another age"),
    pytest.param(of(dobs=(BORN,)), of(age="45"), "", id="a date of birth and the age it gives"),
    pytest.param(of(dobs=(BORN,)), of(), "", id="nothing recorded of the other"),
    pytest.param(of(names=(f"{NAME} SNR",)), of(names=(f"{NAME} JNR",)), "of SNR and JNR", id="father and son"),
    pytest.param(of(names=(f"{NAME} SNR",)), of(), "", id="one of them senior"),
    pytest.param(of(identifiers=PNC), of(identifiers=ANOTHER_PNC), "another number: PNC", id="two PNC numbers"),
    pytest.param(of(identifiers=PNC), of(identifiers=PNC), "", id="one PNC number"),
    pytest.param(of(identifiers=PNC, dobs=(BORN,)), of(identifiers=PNC, dobs=(LATER,)), "", id="one PNC number, two dates"),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "why"), APART)
def test_whatever_tells_two_of_a_name_apart_keeps_both_from_probable(
    tmp_path: Path, first: Person, second: Person, why: str
) -> None:
    records = [log(str(n), "2014-05-01", persons=(person,)) for n, person in enumerate((first, second))]
    with make_app(tmp_path, {"incidents": [*records, *STRANGERS]}, linking="exact") as app:
        hits = [hit for hit in app.search(DEMO_VIEWER, NAME).hits if "Orlando" in hit.label.title()]
    assert hits and all(hit.level == ("possible" if why else "probable") for hit in hits), [hit.why for hit in hits]
    assert all((why in " ".join(hit.why)) if why else ("another person" not in " ".join(hit.why)) for hit in hits)
