"""The most memory that a process and all it started held at one time."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROC = Path("/proc")
EVERY = 0.5  # seconds between two looks


@contextmanager
def watched(process: int) -> Iterator[list[float]]:
    """Lend a list whose one number becomes the most MB held by a process and its descendants together.

    Memory that several of them share counts once: each is charged its proportional share (PSS). Where the system has no
    /proc the number stays 0.
    """
    most, done = [0.0], threading.Event()

    def watch() -> None:
        while not done.wait(EVERY):
            most[0] = max(most[0], sum(map(held, family(process))))

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def family(process: int) -> set[int]:
    """Return a process and all its descendants, as they are now."""
    children: dict[int, list[int]] = defaultdict(list)
    for path in PROC.glob("[0-9]*/stat"):
        try:
            # The name in brackets may hold anything; the parent stands second after it.
            parent = int(path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[1])
        except (OSError, IndexError):
            continue  # gone meanwhile
        children[parent].append(int(path.parent.name))
    found, waiting = {process}, [process]
    while waiting:
        born = children[waiting.pop()]
        found.update(born)
        waiting += born
    return found


def held(process: int) -> float:
    """Return the MB that one process holds, its share of what it shares with others counted in; 0 when it is gone."""
    try:
        lines = (PROC / str(process) / "smaps_rollup").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024
