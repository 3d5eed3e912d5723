"""Who held a number or lived at a place: the households of one door, and many holders of one number."""

from __future__ import annotations

import time
from itertools import permutations

import pytest

from discoverer.answer import HitKind
from discoverer.clock import parse_iso
from discoverer.found import Found
from discoverer.history.material import Subject
from discoverer.history.tenures import Stay, institution, judge_holders
from discoverer.match.evidence import Level, Scored
from discoverer.parts import Tenure
from index.people import MentionRow

NOW = parse_iso("2014-11-16T02:00:00Z")
DOOR = Subject(Found(HitKind.LOCATION, 0, None, Scored(0.0, (), Level.CONFIRMED), 0, ""), (), (), ())


def stay(group: int, label: str, *dates: str, record: int | None = None) -> Stay:
    """Make somebody recorded on some dates, each in a record of its own unless one is named."""
    places = [group * 100 + n if record is None else record for n in range(len(dates))]
    rows = [
        MentionRow(place, 0, place, 0, "person", "occupant", "field", "open", None, at, label, 0, 0, group, b"")
        for place, at in zip(places, dates, strict=True)
    ]
    return Stay(group, rows)


HOUSEHOLDS = [
    pytest.param(["2012-01-01", "2014-01-01"], True, id="two years to the day"),
    pytest.param(["2012-01-01", "2014-01-02"], False, id="two years and a day"),
    pytest.param(["2012-01-01", "2014-12-31"], False, id="the last day of the third year"),
    pytest.param(["2012-12-31", "2014-01-01"], True, id="three years by name, thirteen months long"),
    pytest.param(["2012", "2014-12-31"], True, id="a year alone may be its last day"),
    pytest.param(["", "2014-01-01"], False, id="one undated"),
    pytest.param(["2005-01-01", "2012-06-01", "2014-01-01"], True, id="an older one before the last six"),
]  # fmt: skip


@pytest.mark.parametrize(("dates", "shared"), HOUSEHOLDS)
def test_six_households_within_two_years_are_a_house_of_many_lets(dates: list[str], shared: bool) -> None:
    between = ["2013-05-01", "2013-06-01", "2013-07-01", "2013-08-01"]
    found = [stay(n, f"ANN {chr(65 + n)}LDER", at) for n, at in enumerate([*dates, *between])]
    assert bool(institution(DOOR, found)) is shared


def test_five_households_and_a_relation_are_none() -> None:
    found = [stay(n, f"ANN {chr(65 + n)}LDER", f"2013-0{n + 1}-01") for n in range(5)]
    assert institution(DOOR, [*found, stay(9, "BOB ALDER", "2013-08-01")]) == ""


HOLDERS = [
    stay(1, "HOLLY MANYFOLD", "2013-05-01", "2013-11-01"),
    stay(2, "GEORGE QUORN", "2013-08-01"),
    stay(3, "GEORG QUORN", "2013-08-15"),
    stay(4, "EDGAR WRAY", "2009-05-01"),
    stay(5, "IDA YEW", ""),
    stay(6, "FAY ASH", "", record=100),
]
JUDGED = {
    "HOLLY MANYFOLD": (
        Tenure.CURRENT,
        "shares it: 3 other holders in the same time",
    ),  # both Quorns, and her record with Ash
    "GEORGE QUORN": (Tenure.CURRENT, "shares it: 1 other holder in the same time"),
    "GEORG QUORN": (Tenure.CURRENT, "shares it: 1 other holder in the same time"),
    "EDGAR WRAY": (Tenure.PREVIOUS, "earlier holder: long silent"),
    "IDA YEW": (Tenure.UNKNOWN, "not known: undated"),
    "FAY ASH": (Tenure.UNKNOWN, "not known: undated"),
}


@pytest.mark.parametrize("order", list(permutations(range(6)))[::97])
def test_every_holder_is_judged_by_all_others_in_whatever_order(order: tuple[int, ...]) -> None:
    found = [Stay(HOLDERS[place].group, HOLDERS[place].rows) for place in order]
    words = judge_holders(found, NOW)
    for each in found:
        tenure, why = JUDGED[each.rows[0].label]
        assert each.tenure is tenure and each.why.startswith(why), each.why
    assert "given anew" in words and "shared" in words


def test_the_time_to_judge_grows_with_the_holders_and_not_with_their_pairs() -> None:
    took = {}
    for count in (250, 2_000):
        many = [stay(n, f"N{n}X S{n}X", f"2013-{n % 12 + 1:02}-{n % 28 + 1:02}") for n in range(count)]
        runs = []
        for _ in range(3):
            began = time.perf_counter()
            judge_holders(many, NOW)
            runs.append(time.perf_counter() - began)
        took[count] = min(runs)
    assert took[2_000] < took[250] * 24  # eight times the holders, sixty-four times their pairs
