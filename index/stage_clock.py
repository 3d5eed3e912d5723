"""What each stage of a build took: time, rows and memory."""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from discoverer.clock import seconds
from index.progress import Progress

_STATUS, _RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
# What Linux is told to forget how much memory a process held at most (proc(5), clear_refs).
_FORGET_PEAK = "5"
_MIB = 1024


@dataclass(frozen=True, slots=True)
class Spent:
    """What a stage took.

    Attributes:
        seconds: float >= 0; a stage met twice is added up.
        rows: int >= 0, of what it goes through: records, groups, documents; 0 where it counts nothing.
        peak: int >= 0, MiB of memory that the builder and those who work for it held at most.
    """

    seconds: float = 0.0
    rows: int = 0
    peak: int = 0

    def with_more(self, other: Spent) -> Spent:
        """Return what both took together."""
        took = round(self.seconds + other.seconds, 3)
        return Spent(took, self.rows + other.rows, max(self.peak, other.peak))


@dataclass(slots=True)
class StageClock:
    """A progress that passes everything on and notes what each stage took.

    Attributes:
        inner: who watches.
        others: returns the memory, in MiB, that those who work for this process hold.
        took: dict[str, Spent], by stage.
    """

    inner: Progress
    others: Callable[[], int] = lambda: 0
    took: dict[str, Spent] = field(default_factory=dict)
    _name: str = ""
    _since: float = 0.0
    _rows: int = 0

    def stage(self, name: str, total: int | None) -> None:
        """End the stage before, and begin one."""
        self.stop()
        _forget_peak()
        self._name, self._since, self._rows = name, seconds(), 0
        self.inner.stage(name, total)

    def advance(self, steps: int = 1) -> None:
        """Pass steps on."""
        self._rows += steps
        self.inner.advance(steps)

    def stop(self) -> None:
        """End the present stage."""
        if self._name:
            spent = Spent(round(seconds() - self._since, 3), self._rows, _peak() + self.others())
            self.took[self._name] = self.took.get(self._name, Spent()).with_more(spent)
        self._name = ""


def peak_of_all_time() -> int:
    """Return the memory, in MiB, that this process has held at most."""
    held = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return held // (_MIB * _MIB) if sys.platform == "darwin" else held // _MIB


def _peak() -> int:
    """Return the memory, in MiB, held at most since it was last forgotten; where that cannot be told, of all time."""
    try:
        lines = _STATUS.read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return peak_of_all_time()
    held = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(next(held, "0")) // _MIB


def _forget_peak() -> None:
    """Let the peak be counted from now on, where the system can."""
    try:
        _RESET.write_text(_FORGET_PEAK, encoding="ascii")
    except OSError:
        return
