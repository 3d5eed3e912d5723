"""An open loop: searches arrive by a clock whether or not those before them are done, as callers do.

Latency counts from when a search should have begun. A loop that waits for each answer before it asks the next slows down
with what it measures and never sees the queue that forms (co-ordinated omission).
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import NamedTuple, TypeVar

from discoverer.clock import seconds

T = TypeVar("T")


class Timed(NamedTuple):
    """When one search began and ended.

    Attributes:
        place: int, which search it was.
        late: float >= 0, seconds between when it should have begun and when it did.
        latency: float > 0, seconds between when it should have begun and its answer.
    """

    place: int
    late: float
    latency: float


def arrivals(count: int, rate: float, seed: int) -> list[float]:
    """Return when so many searches arrive, in seconds from the start: a Poisson process of `rate` a second."""
    dice = random.Random(seed)
    return list(accumulate(dice.expovariate(rate) for _ in range(count)))


def run(
    work: Sequence[T],
    ask: Callable[[T], object],
    *,
    due: Sequence[float],
    threads: int,
    stopped: Callable[[], bool] = lambda: False,
) -> list[Timed]:
    """Ask everything in order, each when it is due or, where all threads are busy then, as soon as one is free.

    Args:
        work: what is asked.
        ask: asks one; called from several threads.
        due: seconds from the start, ascending, one for each.
        threads: int >= 1, how many are asked at a time at most.
        stopped: asked before each; once it says so no more are begun.

    Returns:
        One for each search that was begun, in the order of `work`.

    Raises:
        Exception: what `ask` raised first; the searches begun by then are waited for and no more are begun.
    """
    found: list[Timed] = []
    failed: list[Exception] = []
    places = iter(range(len(work)))
    lock = threading.Lock()
    pause = threading.Event()  # set when one has failed, so that no thread sleeps on
    start = seconds()

    def serve() -> None:
        while not pause.is_set():
            with lock:
                place = next(places, None)
            if place is None or stopped():
                return
            if pause.wait(max(0.0, start + due[place] - seconds())):
                return
            began = seconds()
            try:
                ask(work[place])
            except Exception as error:  # noqa: BLE001 - raised below, in the thread that waits
                failed.append(error)
                pause.set()
                return
            found.append(Timed(place, began - start - due[place], seconds() - start - due[place]))

    workers = [threading.Thread(target=serve) for _ in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    if failed:
        raise failed[0]
    return sorted(found)
