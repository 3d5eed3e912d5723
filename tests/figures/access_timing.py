"""How long an answer takes must not tell what is denied from what is absent.

People are invented, and by the toss of a coin each is in the index, protected, or in nothing at all: the two kinds
differ in nothing else. A pair is one of each, looked up a few times in turn in random order, as whoever attacks by
the clock would. Three classifiers are then asked which is which, each trained on the other half of the pairs.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from discoverer.access import Viewer
from discoverer.answer import HitKind
from discoverer.app import App
from discoverer.errors import NotFound
from discoverer.model import Location, Person, Phone, Record, RecordKind, Reference, Role, Text, Visibility
from discoverer.settings import EXACT, Settings
from index.build import build
from tests.cast import Cast, by_source, day
from tests.leak_plants import ACCESS, SOURCES, background

Floats = NDArray[np.float64]
PAIRS = 2_000
TIMES = 3
"""Look-ups of each of a pair."""
PEOPLE = 240
"""Invented people, half of them denied."""
RESAMPLED = 500
SEED = 20_141_116
_SIDES: tuple[Literal["left"], Literal["right"]] = ("left", "right")
DELAY = 0.001
"""Seconds of the planted difference."""
HANDLER = Viewer("Robin Tester", "call_handler", "4417-2018-11-17", "dip sample")
# Like no name or road that anybody bears: what is found by its sound or a slip costs time that says nothing of either.
_SYLLABLES = (
    "xqu",
    "zvo",
    "wyx",
    "qaz",
    "jyv",
    "vuq",
    "kxo",
    "zzy",
    "pxi",
    "gwz",
    "yqo",
    "jxu",
    "bvy",
    "fqi",
    "hzw",
    "mxj",
)


@dataclass(frozen=True)
class Someone:
    """One invented person, whom one protected record tells of, or none.

    Attributes:
        number: int, of them.
        name, word: str, nowhere else.
        denied: bool, in the index, out of scope; else in no record.
    """

    number: int
    name: str
    word: str
    denied: bool

    @property
    def ref(self) -> str:
        """Their record's, or what it would be."""
        return f"DA/99/{self.number:05}"

    @property
    def phone(self) -> str:
        """Their number; of the numbers kept for drama, and none of the background's."""
        return f"0118 496 0{self.number:03}"

    def record(self) -> Record:
        """Return the record that tells of them."""
        return Record(
            "domestic_abuse", (self.ref,), RecordKind.DOMESTIC_ABUSE, day("2018-06-01"),
            persons=(Person(0, Role.VICTIM, (self.name,)),), phones=(Phone(1, Role.OWN, self.phone, holder=0),),
            locations=(Location(2, Role.HOME, f"{self.number} {self.word} GROVE", holder=0),), texts=(Text(f"SHE SAID {self.word}"),),
            references=(Reference("dash", self.ref, own=True),), visibility=Visibility.PROTECTED,
        )  # fmt: skip


def people(dice: random.Random) -> list[Someone]:
    """Invent people; a coin says who of them is in the index."""
    words = {"".join(dice.choices(_SYLLABLES, k=3)) for _ in range(6 * PEOPLE)}
    made = iter(dice.sample(sorted(words), 3 * PEOPLE))
    denied = set(dice.sample(range(PEOPLE), PEOPLE // 2))
    return [
        Someone(number, f"{next(made)} {next(made)}".upper(), next(made).upper(), number in denied)
        for number in range(PEOPLE)
    ]


def opened(folder: Path, everyone: Sequence[Someone]) -> App:
    """Build the background and whoever is denied; return an app that answers about it."""
    records = by_source([*background(), *(each.record() for each in everyone if each.denied)])
    now = datetime(2018, 11, 18, 2, tzinfo=UTC)
    settings = Settings(
        access=ACCESS, state_dir=folder, sources_dir=folder, sources=SOURCES, as_at=now, linking=EXACT, workers=1
    )
    build(settings, [Cast(name, records[name]) for name in SOURCES])
    return App(settings)


Look = Callable[[App, Someone], object]
SEARCHES: tuple[Look, ...] = (
    lambda app, who: app.search(HANDLER, who.phone),
    lambda app, who: app.search(HANDLER, who.name),
    lambda app, who: app.search(HANDLER, f"{who.number} {who.word} grove"),
    lambda app, who: app.search(HANDLER, who.word),
    lambda app, who: app.search(HANDLER, who.ref),
)
SHOWS: tuple[Look, ...] = (
    lambda app, who: app.show(HANDLER, HitKind.EVENT, f"domestic_abuse:{who.ref}"),
    lambda app, who: app.show(HANDLER, HitKind.PERSON, f"domestic_abuse:{who.ref}#0"),
    lambda app, who: app.show(HANDLER, HitKind.PHONE, who.phone),
    lambda app, who: app.show(HANDLER, HitKind.PHONE, "+44" + who.phone.replace(" ", "")[1:]),
)


def timed(app: App, looks: Sequence[Look], everyone: Sequence[Someone], pairs: int, delay: float = 0.0) -> Floats:
    """Look pairs up in turn, in random order.

    Args:
        app: what answers.
        looks: ways of looking up; one of them for a pair.
        everyone: denied and absent.
        pairs: int, how many.
        delay: seconds that each denied look-up waits besides.

    Returns:
        Seconds, by pair, kind (0 denied, 1 absent) and time.
    """
    dice = random.Random(SEED)
    kinds = [[each for each in everyone if each.denied is denied] for denied in (True, False)]
    found = np.empty((pairs, 2, TIMES))
    for look in looks:  # what is read for the first time is no matter of anybody's
        for those in kinds:
            _seconds(app, look, those[0], 0.0)
    for pair in range(pairs):
        look, both = dice.choice(looks), [dice.choice(kind) for kind in kinds]
        for turn in range(TIMES):
            order = [0, 1] if dice.random() < 0.5 else [1, 0]
            for kind in order:
                found[pair, kind, turn] = _seconds(app, look, both[kind], delay if kind == 0 else 0.0)
    return found


def _seconds(app: App, look: Look, who: Someone, delay: float) -> float:
    """Time one look-up, with what is planted besides."""
    began = time.perf_counter()
    with suppress(NotFound):
        look(app, who)
    answered = time.perf_counter()
    while time.perf_counter() - answered < delay:
        pass
    return time.perf_counter() - began


def _single(seconds: Floats) -> Floats:
    """Judge by one look-up alone."""
    return seconds[:, :, :1]


def _median(seconds: Floats) -> Floats:
    """Judge by the median of a few look-ups of the same."""
    return np.median(seconds, axis=2, keepdims=True)


def _together(seconds: Floats) -> Floats:
    """Judge by all of them: the fastest, the median and the slowest, and each against those of what stood beside it."""
    logs = np.log(np.sort(seconds, axis=2))
    return np.concatenate([logs, logs - logs[:, ::-1]], axis=2)


CLASSIFIERS: dict[str, Callable[[Floats], Floats]] = {"single": _single, "median": _median, "logistic": _together}


@dataclass(frozen=True)
class Told:
    """How well a classifier tells denied from absent.

    Attributes:
        classifier: str, a key of CLASSIFIERS.
        auc: float 0 to 1; 0.5 is a coin.
        low, high: bounds that 95 % of resamples lie above, below.
    """

    classifier: str
    auc: float
    low: float
    high: float


def told(seconds: Floats) -> list[Told]:
    """Ask each classifier, trained on one half of the pairs, about the other half."""
    return [_told(name, features(seconds)) for name, features in CLASSIFIERS.items()]


def _told(name: str, features: Floats) -> Told:
    """Cross-fit a logistic regression, and resample the pairs."""
    half = np.arange(len(features)) % 2 == 0
    scores = np.empty(features.shape[:2])
    for mine in (half, ~half):
        scores[mine] = _ranked(_fitted(features[~mine], features[mine]))
    dice = np.random.default_rng(SEED)
    drawn = [auc(scores[dice.integers(0, len(scores), len(scores))]) for _ in range(RESAMPLED)]
    return Told(name, auc(scores), float(np.percentile(drawn, 5)), float(np.percentile(drawn, 95)))


def _fitted(known: Floats, asked: Floats) -> Floats:
    """Fit on known pairs by Newton's steps with a little ridge; return the scores of others."""
    flat = known.reshape(-1, known.shape[2])
    middle, spread = np.median(flat, axis=0), flat.std(axis=0) + 1e-12

    def _design(values: Floats) -> Floats:
        scaled = np.clip((values.reshape(-1, values.shape[2]) - middle) / spread, -5, 5)
        return np.hstack([scaled, np.ones((len(scaled), 1))])

    x, y = _design(known), np.tile([1.0, 0.0], len(known))
    weights = np.zeros(x.shape[1])
    for _ in range(25):
        p = 1 / (1 + np.exp(-x @ weights))
        hessian = (x * (p * (1 - p))[:, None]).T @ x + np.eye(len(weights))
        weights += np.linalg.solve(hessian, x.T @ (y - p) - weights)
    found: Floats = (_design(asked) @ weights).reshape(asked.shape[:2])
    return found


def _ranked(scores: Floats) -> Floats:
    """Return scores as ranks from 0 to 1, so that those of two fits can stand together."""
    flat = scores.ravel()
    return (flat.argsort().argsort() / len(flat)).reshape(scores.shape)


def auc(scores: Floats) -> float:
    """Return how often one that is denied scores above one that is absent; a tie is half."""
    absent = np.sort(scores[:, 1])
    below, upto = (np.searchsorted(absent, scores[:, 0], side) for side in _SIDES)
    return float((below.sum() + upto.sum()) / 2 / len(absent) / len(scores))
