"""Work shared out to other processes in batches, its results in the order of the batches.

Processes are started when the first batches have shown that there is much to do: what takes a second is done here. Few
batches are under way at any time, so memory does not grow with the work.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from functools import lru_cache
from itertools import islice
from multiprocessing.connection import wait
from pathlib import Path
from tempfile import NamedTemporaryFile, _TemporaryFileWrapper
from types import TracebackType
from typing import Any, TypeVar

from discoverer.errors import BuildError, WorkerDied
from index.stage_clock import peak_of_all_time
from index.uncollected import never_collected

S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R")

Work = Callable[[S, T], R]
"""A function at the top of a module, since its name is what is sent: (what all batches share, one batch) -> result."""

Done = tuple[R, int, int]
"""A result, who did it, and the MiB of memory they have held at most."""

# Batches done here before anybody is hired: to start a process takes as long as some of them.
ALONE = 12
# Batches under way for each process: one being done, one waiting.
AHEAD = 2


class Crew:
    """Processes that work for one builder, started when first needed and stopped with it."""

    def __init__(self, size: int = 1, folder: Path | None = None, alone: int = ALONE) -> None:
        """Hire nobody yet.

        Args:
            size: how many processes; 1 or fewer: everything is done here.
            folder: where what all batches need is left for them meanwhile, names of people among it: the builder's own,
                cleared away with it; None: the system's for such files.
            alone: batches of each piece of work that are done here first.
        """
        self.size, self._folder, self._alone = size, folder, alone
        self._pool: ProcessPoolExecutor | None = None
        self._peaks: dict[int, int] = {}

    @property
    def memory(self) -> int:
        """MiB that its processes have held at most, together."""
        return sum(self._peaks.values())

    def __enter__(self) -> Crew:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Send everybody home; what is under way is dropped."""
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def run(self, work: Work[S, T, R], shared: S, batches: Iterable[T]) -> Iterator[R]:
        """Yield the result of each batch, in order.

        Args:
            work: what to do with a batch.
            shared: what all batches need; sent to each process once. It is not changed by the work.
            batches: taken a few at a time.

        Raises:
            WorkerDied: a process died.
            Exception: whatever the work raises, at the batch that raised it.
        """
        waiting = iter(batches)
        for batch in waiting if self.size < 2 else islice(waiting, self._alone):
            yield work(shared, batch)
        first = next(waiting, None)
        if first is not None:
            yield from self._shared_out(work, shared, first, waiting)

    def _shared_out(self, work: Work[S, T, R], shared: S, first: T, others: Iterator[T]) -> Iterator[R]:
        """Yield the results of batches that processes work on."""
        with self._written(shared) as file:
            under_way: deque[Future[Done[R]]] = deque()
            try:
                yield from self._results(under_way, work, Path(file.name), first, others)
            except BrokenProcessPool as error:
                self._pool = None
                raise WorkerDied(
                    "a process that worked for the builder died, most often because memory ran out; give the machine"
                    " more memory or set workers = 1, then build again: it goes on after the last finished stage"
                ) from error
            finally:
                for each in under_way:
                    each.cancel()

    @contextmanager
    def _written(self, shared: object) -> Iterator[_TemporaryFileWrapper[bytes]]:
        """Leave what all batches need where everybody can read it, for as long as the work takes."""
        try:
            with NamedTemporaryFile(prefix="shared-", dir=self._folder, delete=False) as file:
                pickle.dump(shared, file, pickle.HIGHEST_PROTOCOL)
            self._hired()
        except OSError as error:
            raise BuildError(
                f"the work could not be shared out ({error}); free some room, or set workers = 1"
            ) from error
        try:
            yield file
        finally:
            Path(file.name).unlink(missing_ok=True)

    def _results(
        self, under_way: deque[Future[Done[R]]], work: Work[S, T, R], shared: Path, first: T, others: Iterator[T]
    ) -> Iterator[R]:
        """Keep everybody busy and yield results in order; where the batches break off, those before the break first."""
        pool = self._hired()
        under_way.append(pool.submit(_do, work, shared, first))
        broken: Exception | None = None
        while True:
            try:
                batch = next(others)
            except StopIteration:
                break
            except Exception as error:  # noqa: BLE001 - raised below, once all before it is given
                broken = error
                break
            under_way.append(pool.submit(_do, work, shared, batch))
            if len(under_way) >= self.size * AHEAD:
                yield self._result(under_way.popleft())
        while under_way:
            yield self._result(under_way.popleft())
        if broken is not None:
            raise broken

    def _result(self, done: Future[Done[R]]) -> R:
        """Wait for a batch and take note of what memory it took."""
        result, worker, peak = done.result()
        self._peaks[worker] = peak
        return result

    def _hired(self) -> ProcessPoolExecutor:
        """Return the processes. They are started afresh: a copy of this one would copy its threads' locks too."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(self.size, multiprocessing.get_context("spawn"), _begin)
        return self._pool


def _begin() -> None:
    """Let a worker end with its builder, however that ends: a killed one cannot say so."""
    never_collected()
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _do(work: Work[Any, T, R], shared: Path, batch: T) -> Done[R]:
    """Do one batch in a worker."""
    return work(_held(shared), batch), os.getpid(), peak_of_all_time()


@lru_cache(maxsize=1)
def _held(shared: Path) -> Any:  # noqa: ANN401 - whatever the builder put into it
    """Read what all batches of one piece of work share."""
    return pickle.loads(shared.read_bytes())  # noqa: S301 - the builder of this very process wrote it


def most_workers() -> int:
    """Return how many processes this one may run on at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
