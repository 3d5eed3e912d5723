"""The clock tells nobody what is denied from what is absent; and what is asked of it would find a difference."""

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np
import pytest

from discoverer.addressed import STEP, refused_evenly
from discoverer.errors import NotFound
from tests.figures.access_timing import DELAY, SEED, SHOWS, TIMES, auc, opened, people, timed, told


def invented(difference: float, pairs: int = 1_000) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Return seconds of look-ups like real ones, those denied longer by so much."""
    dice = np.random.default_rng(SEED)
    seconds = dice.lognormal(np.log(0.004), 0.12, (pairs, 2, TIMES)) * dice.lognormal(0, 0.3, (pairs, 1, 1))
    seconds[:, 0] += difference
    return seconds


def test_what_does_not_differ_is_not_told_apart() -> None:
    assert max(each.high for each in told(invented(0.0))) <= 0.55


@pytest.mark.parametrize("difference", [pytest.param(DELAY, id="longer"), pytest.param(-DELAY, id="shorter")])
def test_a_planted_millisecond_is_told_either_way(difference: float) -> None:
    assert max(each.low for each in told(invented(difference))) > 0.75


@pytest.mark.parametrize(
    ("scores", "share"),
    [
        pytest.param([[2.0, 1.0], [4.0, 3.0], [9.0, 0.0]], 8 / 9, id="most above"),
        pytest.param([[1.0, 1.0], [1.0, 1.0]], 0.5, id="ties"),
        pytest.param([[0.0, 1.0], [0.0, 2.0]], 0.0, id="below"),
    ],
)
def test_the_area_is_the_share_of_pairs_in_order(scores: list[list[float]], share: float) -> None:
    assert auc(np.array(scores)) == pytest.approx(share)


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_a_refusal_comes_at_the_end_of_a_step_however_long_it_took(steps: int) -> None:
    began = time.perf_counter()
    with pytest.raises(NotFound), refused_evenly():
        time.sleep(steps * STEP)
        raise NotFound("There is none.")
    assert time.perf_counter() - began >= (steps + 1) * STEP


def test_what_is_found_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("discoverer.addressed.wait", lambda length: pytest.fail(f"waited {length}"))
    with refused_evenly():
        pass


@pytest.mark.slow
def test_the_clock_does_not_tell_a_denied_id_from_an_absent_one(tmp_path: Path) -> None:
    everyone = people(random.Random(SEED))
    with opened(tmp_path, everyone) as app:
        assert max(each.high for each in told(timed(app, SHOWS, everyone, 2_000))) <= 0.55
        assert max(each.low for each in told(timed(app, SHOWS, everyone, 500, DELAY))) > 0.75
