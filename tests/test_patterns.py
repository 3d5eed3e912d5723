"""The documented failure patterns (domain guide 5.6): the history is found by each key alone.

Every story is planted in the small set under its number, recorded one way and asked for another. Run one with
`pytest -k F07`.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.answer import Answer
from discoverer.app import App
from discoverer.bulk import FIELDS
from tests.conftest import SMALL

PATTERNS = ("F01", "F02", "F03", "F04", "F07", "F15", "F17", "F19")
KEYS = {"phone": "phone", "address": "address", "name": "name", "identifier": "id"}
# A nickname fits many: the person asked for stands first, and every mention of her within this many hits.
LIMIT = 25
PLANTED = json.loads((SMALL / "plan.json").read_text(encoding="utf-8"))["patterns"]
CASES = [
    pytest.param(pattern, key, id=f"{pattern} by {key}") for pattern in PATTERNS for key in PLANTED[pattern]["queries"]
]


def refs(answer: Answer) -> set[str]:
    return {f"{record.source}:{record.ref}" for hit in answer.hits for record in hit.records}


@pytest.mark.parametrize("door", ["box", "options"])
@pytest.mark.parametrize(("pattern", "key"), CASES)
def test_the_history_is_found_by_each_key_alone(small: App, pattern: str, key: str, door: str) -> None:
    story = PLANTED[pattern]
    typed = story["queries"][key]
    if door == "box":
        answer = small.search(DEMO_VIEWER, typed, LIMIT)
    else:
        answer = small.search_fields(DEMO_VIEWER, LIMIT, **{FIELDS[KEYS[key]]: typed})
    wanted = set(story["expected_by"][key])
    assert wanted <= refs(answer), f"{story['what']}: not found {sorted(wanted - refs(answer))}"
    first = {f"{record.source}:{record.ref}" for record in answer.hits[0].records}
    assert first & wanted, "the first hit is not the one asked for"
    _shows(answer, wanted, story["must_show"])


def _shows(answer: Answer, wanted: set[str], must_show: dict[str, Any]) -> None:
    """Check that the risk stands on a hit that holds the history."""
    hits = [hit for hit in answer.hits if any(f"{each.source}:{each.ref}" in wanted for each in hit.records)]
    levels = {hit.risk.highest.level for hit in hits if hit.risk.highest}
    if must_show.get("risk") in ("high", "medium", "standard") and any("domestic_abuse" in ref for ref in wanted):
        assert must_show["risk"] in levels
    if must_show.get("risk") == "not_assessed":
        assert not levels and all("NOT ASSESSED" in hit.risk.headline for hit in hits)
