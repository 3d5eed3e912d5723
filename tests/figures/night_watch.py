"""Plays a night forward against a set and watches, over and over, until each step of it can be found."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from discoverer.errors import UsageError
from discoverer.settings import Settings
from fixtures.night import Step, night

MOST_SECONDS = 120.0  # a step that is not found by then is lost
AGAIN = 0.05  # seconds between two looks
MOST_HITS = 25
Asked = dict[str, str]


@dataclass(slots=True)
class Committed:
    """A step of the night.

    Attributes:
        step: what was committed.
        at: float, seconds by the machine's clock, when that was done.
        delay: float, seconds until a search told of it; the time in which its source was away is not counted. -1: never.
        seen: float, seconds by the machine's clock, when a search told of it; infinite: never.
    """

    step: Step
    at: float
    delay: float = -1.0
    seen: float = float("inf")


@dataclass
class Source:
    """The incident database, which may be taken away for a while.

    Attributes:
        path: where it is.
        away: list of (from, until): seconds by the machine's clock.
    """

    path: Path
    away: list[tuple[float, float]] = field(default_factory=list)

    @contextmanager
    def taken_away(self) -> Iterator[None]:
        """Take it away: nobody can open it; whoever has it open goes on writing, as the system itself would."""
        aside, began = self.path.with_name(f"{self.path.name}.away"), time.monotonic()
        self.path.rename(aside)
        try:
            yield
        finally:
            aside.rename(self.path)
            self.away.append((began, time.monotonic()))

    @property
    def is_there(self) -> bool:
        """Whether it can be opened."""
        return self.path.exists()

    def there_between(self, first: float, last: float) -> float:
        """Return how many seconds between two times it was there."""
        gone = (min(last, until) - max(first, since) for since, until in self.away)
        return last - first - sum(each for each in gone if each > 0)


def found(app: App, step: Step) -> bool:
    """Tell whether a search tells of a step as it is: its record is found, or not where it was deleted."""
    try:
        answer = app.search_fields(DEMO_VIEWER, MOST_HITS, **step.query)
    except UsageError:  # the number on a log of the set may be too short to search by: is the record held at all?
        return bool(app.unheld(DEMO_VIEWER, [(step.source, step.ref)])) == (step.what == "deleted")
    refs = {(record.source, record.ref) for hit in answer.hits for record in hit.records}
    return ((step.source, step.ref) in refs) == (step.what != "deleted")


def play(
    folder: Path, settings: Settings, source: Source, *, seed: int, steps: int, pause: float,
    stopped: Callable[[], bool] = lambda: False, log: Path | None = None,
) -> list[Committed]:  # fmt: skip
    """Commit steps one by one, and search after each until it is found.

    Args:
        folder: the set.
        settings: of the index of it.
        source: what the night is written into.
        seed: of the night.
        steps: int >= 0, at most so many.
        pause: float >= 0, seconds between a step that was found and the next.
        stopped: asked before each; once it says so no more are committed.
        log: a file that gets a line of JSON for each step, as soon as it is committed; None: none.
    """
    done: list[Committed] = []
    with App(settings) as app:
        for step in night(folder, seed, steps):
            each = Committed(step, time.monotonic())
            done.append(each)
            if log is not None:
                with log.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"at": each.at, **asdict(step)}) + "\n")
            while time.monotonic() - each.at < MOST_SECONDS + sum(until - since for since, until in source.away):
                if found(app, step):
                    each.seen = time.monotonic()
                    each.delay = source.there_between(each.at, each.seen)
                    break
                time.sleep(AGAIN)
            if stopped():
                break
            threading.Event().wait(pause)
    return done
