"""How long a look takes to be on the disk: one sync for all who wait, one for each as before, and sealed.

Called by `make figures AREA=access`; `python -m tests.figures.access_looks [FOLDER]` prints it alone, on the disk of FOLDER.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from discoverer.access import Viewer
from discoverer.answer import Hit
from discoverer.app import App
from discoverer.audit import record_look, set_up
from discoverer.audit.lines import line_of, shown_of
from discoverer.audit.sealing import make_keys
from discoverer.audit.writer import FOLDER_MODE
from discoverer.clock import now, seconds
from discoverer.codec import encode
from discoverer.evaluation.scores import percentile
from discoverer.settings import AccessSettings
from index import files
from tests.cast import make_app
from tests.figures.measuring import OUT

THREADS = (1, 4, 16)
LOOKS = 96  # by all threads together, in each round
ROUNDS = 24  # the ways take turns, so that what else the machine does weighs on all alike
BARE = 300  # bytes of a line for each hit, about
ASKED = 5.0  # milliseconds at the 95th percentile, on a quiet machine
TYPED = "asif khan"
VIEWER = Viewer("PC 2207", "call_handler", log="2731/140914", reason="call in hand")
Way = Callable[[Path, tuple[Hit, ...]], None]


def grouped(folder: Path, hits: tuple[Hit, ...]) -> None:
    """Record a look as it is done."""
    record_look(folder, VIEWER, "search", TYPED, hits, "B")


def one_by_one(folder: Path, hits: tuple[Hit, ...]) -> None:
    """Record the same line with a sync of its own, as it was done before."""
    moment = now()
    line = encode(line_of(moment, VIEWER, "search", "", asked=TYPED, build="B", shown=shown_of(hits, ())))
    files.make_directory(folder, FOLDER_MODE)
    files.append_line(folder / f"looks-{moment:%Y-%m-%d}.jsonl", line, files.PRIVATE_MODE)


def disk_alone(descriptor: int) -> Way:
    """Return what adds as much to an open file and syncs it, and does nothing else: what the disk itself takes."""

    def write(folder: Path, hits: tuple[Hit, ...]) -> None:
        del folder
        os.write(descriptor, bytes(BARE * (1 + len(hits))))
        os.fsync(descriptor)

    return write


def timed(way: Way, folder: Path, hits: tuple[Hit, ...], threads: int) -> list[float]:
    """Return how long each look of one round took, in milliseconds; the threads begin together and never pause."""
    together = Barrier(threads)

    def looks() -> list[float]:
        together.wait()
        took = []
        for _ in range(LOOKS // threads):
            began = seconds()
            way(folder, hits)
            took.append((seconds() - began) * 1000)
        return took

    with ThreadPoolExecutor(threads) as pool:
        return [each for done in [pool.submit(looks) for _ in range(threads)] for each in done.result()]


def measured(app: App, place: Path) -> Iterator[tuple[int, str, list[float]]]:
    """Yield, for each number of threads and each way, how long looks took."""
    hits = app.search(VIEWER, TYPED).hits
    public, _, _ = make_keys(place / "keys")
    sealed = app.settings.model_copy(update={"state_dir": place / "sealed", "access": AccessSettings(audit_key=public)})
    set_up(sealed)
    bare = os.open(place / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    ways: dict[str, tuple[Way, Path]] = {
        "one sync each": (one_by_one, place / "each" / "audit"),
        "the disk alone": (disk_alone(bare), place),
        "grouped": (grouped, place / "grouped" / "audit"),
        "grouped, sealed": (grouped, sealed.audit_dir),
    }
    for threads in THREADS:
        took: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(ROUNDS):
            for name, (way, folder) in ways.items():
                took[name] += timed(way, folder, hits, threads)
        yield from ((threads, name, each) for name, each in took.items())
    os.close(bare)


def looks_figures(where: Path = OUT) -> bool:
    """Print p50, p95 and p99 of a look by 1, 4 and 16 threads; return whether every p95 of a grouped look is as asked.

    Args:
        where: a folder on the disk to be measured; made when missing.
    """
    where.mkdir(parents=True, exist_ok=True)
    met = True
    print(
        f"looks on the disk of {where.resolve()}: {LOOKS * ROUNDS:,} of each kind; at p95 beside one sync each; asked: <= {ASKED:.0f} ms"
    )
    with tempfile.TemporaryDirectory(dir=where) as folder, make_app(Path(folder) / "state") as app:
        before: dict[int, float] = {}
        for threads, name, took in measured(app, Path(folder)):
            middle, most, worst = (percentile(took, part) for part in (50, 95, 99))
            before.setdefault(threads, most)
            print(
                f"  {threads:>2} thread{'' if threads == 1 else 's'} {name:<16} p50 {middle:6.2f}  p95 {most:6.2f}"
                f"  p99 {worst:6.2f} ms  ({most / before[threads]:.2f} at p95)",
                flush=True,
            )
            met = met and (not name.startswith("grouped") or most <= ASKED)
    print(f"  p95 <= {ASKED:.0f} ms of every grouped way: {'met' if met else 'NOT MET'}")
    return met


if __name__ == "__main__":
    looks_figures(*(Path(each) for each in sys.argv[1:2]))
