"""Whether a place in a record is still that of whom people decided about."""

from __future__ import annotations

import pytest

from discoverer.match.profiles import PersonProfile
from index.sights import read_sight, sight_of, still

OWEN = ("owen", "pike")
BORN = "1950-02-01"


def of(*names: tuple[str, ...], **more: tuple[str, ...]) -> PersonProfile:
    return PersonProfile(names=names, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("then", "now", "expected"),
    [
        pytest.param(of(OWEN), of(OWEN), True, id="the same"),
        pytest.param(of(OWEN), of(("pike", "owen")), True, id="in another order"),
        pytest.param(of(OWEN), of(OWEN, births=(BORN,)), True, id="a birth added"),
        pytest.param(of(OWEN, births=(BORN,)), of(OWEN), True, id="a birth lost"),
        pytest.param(of(OWEN, births=("1950",)), of(OWEN, births=(BORN,)), True, id="a birth told in full"),
        pytest.param(of(OWEN, births=(BORN,)), of(OWEN, births=("1950-01-02",)), True, id="day and month swapped"),
        pytest.param(of(OWEN, homes=("a",)), of(OWEN, homes=("b",), phones=("+447700900001",)), True, id="moved house"),
        pytest.param(of(("ray", "doyle"), OWEN), of(OWEN), True, id="one of two names left"),
        pytest.param(of(OWEN, births=(BORN,)), of(("owen", "lee", "pike"), births=(BORN,)), True, id="a name added"),
        pytest.param(
            of(OWEN, births=(BORN,), identifiers=("pnc:1",)), of(("ray", "doyle"), births=(BORN,), identifiers=("pnc:1",)),
            True, id="another name, the same number and birth",
        ),
        pytest.param(of(births=(BORN,)), of(births=(BORN,)), True, id="unnamed, one birth"),
        pytest.param(of(unverified=("pnc:7",)), of(unverified=("pnc:7",)), True, id="unnamed, one number"),
        pytest.param(of(OWEN), of(("ann", "one")), False, id="a stranger"),
        pytest.param(of(OWEN), of(("owain", "pyke")), False, id="a likely stranger"),
        pytest.param(of(OWEN), of(("owen", "lee", "pike")), False, id="a father of more names"),
        pytest.param(of(("pike",), births=(BORN,)), of(OWEN, births=(BORN,)), False, id="a twin, then surname only"),
        pytest.param(of(OWEN, births=(BORN,)), of(("ray", "pike"), births=(BORN,)), False, id="twins"),
        pytest.param(of(OWEN, births=(BORN,)), of(OWEN, births=("1986-02-01",)), False, id="father and son"),
        pytest.param(of(OWEN, births=("1950",)), of(OWEN, births=("1986-02-01",)), False, id="father and son, by year"),
        pytest.param(of(OWEN, generations=("snr",)), of(OWEN, generations=("jnr",)), False, id="senior and junior"),
        pytest.param(of(OWEN, identifiers=("pnc:1",)), of(OWEN, identifiers=("pnc:2",)), False, id="two numbers"),
        pytest.param(
            of(OWEN, identifiers=("pnc:1",)), of(("ray", "doyle"), identifiers=("pnc:1",)), False, id="a borrowed number"
        ),
        pytest.param(of(births=(BORN,)), of(OWEN, births=(BORN,)), False, id="a name where there was none"),
        pytest.param(of(births=("1950",)), of(births=("1951",)), False, id="unnamed, two years"),
        pytest.param(of(unverified=("pnc:7",)), of(unverified=("pnc:8",)), False, id="unnamed, two numbers"),
    ],
)  # fmt: skip
def test_who_stands_in_a_place_is_known_again_only_when_plainly_the_same(
    then: PersonProfile, now: PersonProfile, expected: bool
) -> None:
    assert still(read_sight(sight_of(then)), now) is expected


def test_what_is_kept_says_nothing_of_where_they_live_or_ring_from() -> None:
    seen = of(OWEN, births=(BORN,), homes=("14|hillaires test road",), phones=("+447700900001",), areas=("b23",))
    assert read_sight(sight_of(seen)) == of(OWEN, births=(BORN,))
