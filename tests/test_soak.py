"""A soak of some seconds: what `make soak` does for ten minutes, on a small set."""

from __future__ import annotations

from pathlib import Path

import pytest

from fixtures.generate import ask, generate
from fixtures.night import Step
from tests.figures.night_watch import Committed
from tests.figures.soak import SEED, History, soak


def test_nothing_is_lost_mixed_or_refused_while_everything_goes_on_at_once(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    generate(ask(500, SEED, None, None, "2018-11-18T02:00:00Z", ()), folder)
    found = soak(folder, 20)
    assert (found.failed, found.mixed, found.lost) == ([], [], [])
    assert (found.builds, found.killed) == (2, 1)
    assert found.searches and found.stale and found.syncs and all(each.delay >= 0 for each in found.steps)


def step(what: str, ref: str, at: float) -> Committed:
    return Committed(Step("incidents", ref, what, {}, "", ""), at, 1.0, at + 1.0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("refs", "began", "said"),
    [
        pytest.param(["a"], 5.0, "", id="before it was gone"),
        pytest.param(["a", "b"], 5.0, "", id="both there for a while"),
        pytest.param(["b", "other"], 50.0, "", id="one of the set"),
        pytest.param(["a", "c"], 5.0, "c was written when incidents:a was gone", id="never there together"),
        pytest.param(["a"], 35.0, "seen after it had been seen to be gone", id="gone back to"),
    ],
)
def test_an_answer_of_two_moments_is_told(refs: list[str], began: float, said: str) -> None:
    steps = [step("new", "a", 1), step("new", "b", 2), step("deleted", "a", 30), step("new", "c", 40)]
    found = History(steps).wrong_with([f"incidents:{ref}" for ref in refs], began)
    assert (said in found) and bool(said) == bool(found)
