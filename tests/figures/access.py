"""`make figures AREA=access`: who may look and what they may see - every target with what was asked and what was got.

The leak suite, whole; every guard taken away in turn; whether the clock tells what is denied from what is absent, with
and without a planted millisecond; how long a look takes; and the kills.

python -m tests.figures.access [--every N] [--pairs N]     one probe in N of the suite; so many pairs
"""

from __future__ import annotations

import importlib
import importlib.util
import random
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.figures.access_timing import DELAY, PAIRS, SEARCHES, SEED, SHOWS, TIMES, Look, opened, people, timed, told
from tests.figures.freshness import Row, line
from tests.figures.measuring import run
from tests.leak_guards import GUARDS, noticed
from tests.leaks import ROLES, Suite, every_probe, set_up

TARGETS = Path(__file__).parent / "targets" / "access.toml"
LOOKS = "tests.figures.access_looks"


def leaked(folder: Path, every: int) -> Iterator[Row]:
    """Ask everything of the leak suite, and take every guard away."""
    suite = Suite(folder, set_up(folder / "whole"))
    probes = every_probe(suite.whole)[::every]
    found = suite.run((role, probe) for role in ROLES for probe in probes)
    for leak in found.leaks[:20]:
        print("LEAK", *leak, flush=True)
    how = f"{len(ROLES)} roles, {len(probes):,} questions at {len(found.doors)} doors"
    yield "probes", found.probes, how
    yield "leaks", len(found.leaks), "compared with an index without what the role may not see, byte for byte"
    missed = [guard.name for guard in GUARDS if not noticed(suite, guard)]
    yield (
        "guards_unnoticed",
        len(missed),
        f"of {len(GUARDS)} guards, each taken away by itself: {missed or 'all noticed'}",
    )


def clocked(folder: Path, pairs: int) -> Iterator[Row]:
    """Try to tell denied from absent by the clock."""
    everyone = people(random.Random(SEED))
    kinds: dict[str, tuple[Look, ...]] = {"show": SHOWS, "search": SEARCHES}
    with opened(folder, everyone) as app:
        for name, looks in kinds.items():
            for delay in (0.0, DELAY):
                found = told(timed(app, looks, everyone, pairs, delay))
                each = ", ".join(f"{one.classifier} {one.auc:.3f} ({one.low:.3f}-{one.high:.3f})" for one in found)
                how = f"{pairs:,} pairs, {TIMES} look-ups of each, the audit synced to {folder}: {each}"
                if delay:
                    yield f"auc_{name}_planted", max(one.low for one in found), f"{delay * 1_000:g} ms planted: {how}"
                else:
                    yield f"auc_{name}", max(one.high for one in found), how


def main(every: int = 1, pairs: int = PAIRS) -> int:
    """Measure everything and print one table; return 0 when every bar is held, else 1."""
    with tempfile.TemporaryDirectory() as place:
        rows = [*clocked(Path(place) / "clocked", pairs), *leaked(Path(place) / "leaks", every)]
    asked_of = {each["figure"]: each for each in tomllib.loads(TARGETS.read_text(encoding="utf-8"))["target"]}
    lines = [line(row, asked_of) for row in rows]
    print(f"{'':<12}{'figure':<20}{'asked':<10}{'got':<10}how")
    print(*lines, sep="\n", flush=True)
    held = not any(each.startswith("FALLS SHORT") for each in lines)
    if importlib.util.find_spec(LOOKS) is not None:
        importlib.import_module(LOOKS).looks_figures()
    else:
        print("how long a look takes: not measured, there is no tests/figures/access_looks.py", flush=True)
    killed = run("killed", sys.executable, "-m", "pytest", "-q", "-m", "slow or not slow", "tests/test_audit_kills.py")
    return 0 if held and killed else 1


def option(name: str, otherwise: int) -> int:
    """Return the number that stands after an option on the command line."""
    return int(sys.argv[sys.argv.index(name) + 1]) if name in sys.argv else otherwise


if __name__ == "__main__":
    sys.exit(main(option("--every", 1), option("--pairs", PAIRS)))
