"""`make figures AREA=freshness`: never a gap - every target with what was asked, what was got, and how.

A night is played forward while a build runs, for both engines, and timed from each commit until a search tells of it.
Newcomers are attached by sync and compared with whom a build puts them with. Then the soak, kills and interleavings.

python -m tests.figures.freshness [DATA] [--minutes 10]
"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from discoverer.evaluation.scores import percentile
from discoverer.settings import load
from fixtures.night_player import SOURCE
from tests.figures import attach
from tests.figures.measuring import generated, run
from tests.figures.night_watch import Source, play
from tests.figures.soak import RECORDS, SEED, Soaked, built, command, soak, syncing

TARGETS = Path(__file__).parent / "targets" / "freshness.toml"
ENGINES = ("whoosh", "tantivy")
STEPS = 20
ATTACHED = 10_000  # source records of the set newcomers are attached on
MINUTES = 10.0
PATTERNS = ("F06", "F14", "F18")
Row = tuple[str, float, str]


@contextmanager
def building(config: Path) -> Iterator[list[int]]:
    """Build again and again, each time in a process of its own; yields the exit codes so far."""
    stop, codes = Event(), list[int]()

    def again() -> None:
        while not stop.is_set():
            codes.append(subprocess.run(command(config, "build"), capture_output=True, check=False).returncode)

    worker = Thread(target=again)
    worker.start()
    try:
        yield codes
    finally:
        stop.set()
        worker.join()


def delays(engine: str) -> Iterator[Row]:
    """Time from commit to first found while builds run."""
    with (
        built(generated("soak", RECORDS), engine) as config,
        syncing(config, config.parent.with_name("synced")),
        building(config) as codes,
    ):
        source = Source(config.with_name(f"{SOURCE}.sqlite"))
        steps = play(config.parent, load(config), source, seed=SEED, steps=STEPS, pause=0.5)
    found = sorted(each.delay if each.delay >= 0 else float("inf") for each in steps)
    how = f"{engine}: {len(steps)} steps of a night, while {len(codes)} builds ran (exit codes {sorted(set(codes))})"
    yield "worst_delay", found[-1], f"{how}, median {percentile(found, 50):.2f}"


def attached() -> Iterator[Row]:
    """Compare the persons of newcomers with those of a build."""
    found = attach.measure(generated("attach-10k", ATTACHED))
    how = f"last {attach.HELD} logs of {ATTACHED:,} records, {attach.AT_A_TIME} a sync"
    yield "attached_recall", found.recall, f"{how}: {found.words}"
    yield "attached_precision", found.precision, f"{how}, by pairs with the mentions of the persons joined"
    yield "attached_to_whom", found.precision_of_joins, f"{how}, by newcomers: joined to whom the build joins them"


def soaked(found: Soaked) -> Iterator[Row]:
    """Read the figures of a soak."""
    print(*found.lines(), sep="\n", flush=True)
    how = f"soak of {found.seconds:.0f} s, {found.searches:,} searches, {len(found.steps)} steps, {found.syncs} syncs"
    yield "failed", len(found.failed), how
    yield "mixed", len(found.mixed), how
    yield "lost", len(found.lost), how
    yield "builds_published", found.builds, how
    yield "builders_killed", found.killed, how


def targets() -> Mapping[str, Mapping[str, Any]]:
    """Return the targets by figure."""
    return {each["figure"]: each for each in tomllib.loads(TARGETS.read_text(encoding="utf-8"))["target"]}


def line(row: Row, asked_of: Mapping[str, Mapping[str, Any]]) -> str:
    """Lay one figure out beside its target."""
    figure, got, how = row
    target = asked_of[figure]
    least, bound = "least" in target, target.get("least", target.get("most"))
    holds = got >= bound if least else got <= bound
    asked = f"{'>=' if least else '<='} {bound:g}"
    return f"{'ok' if holds else 'FALLS SHORT':<12}{figure:<20}{asked:<10}{got:<10.4g}{how}"


def main(minutes: float = MINUTES) -> None:
    """Measure everything and print one table."""
    rows = [row for engine in ENGINES for row in delays(engine)]
    rows += attached()
    rows += soaked(soak(generated("soak", RECORDS), minutes * 60))
    print(f"{'':<12}{'figure':<20}{'asked':<10}{'got':<10}how")
    print(*(line(row, targets()) for row in rows), sep="\n", flush=True)
    python = sys.executable
    for pattern in PATTERNS:
        run(f"pattern {pattern}", python, "-m", "pytest", "-q", "-k", pattern)
    run("killed", python, "-m", "pytest", "-q", "tests/test_kills.py", "tests/test_kills_fresh.py")
    run("interleaved", python, "-m", "pytest", "-q", "tests/test_sync_interleaved.py")


if __name__ == "__main__":
    main(float(sys.argv[sys.argv.index("--minutes") + 1]) if "--minutes" in sys.argv else MINUTES)
