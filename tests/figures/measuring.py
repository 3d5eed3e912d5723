"""What every figure needs: a set generated where it is missing or old, a build timed, a part of the figures run."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from discoverer.evaluation import scoreboard
from discoverer.evaluation.board import Board

ROOT = Path(__file__).resolve().parents[2]
OUT = Path("out")
SEED = 20_141_116


def generated(name: str, records: int, queries: int | None = None) -> Path:
    """Return the folder of a generated set in out/, made where it is missing or older than the generator."""
    folder = OUT / name
    plan = folder / "plan.json"
    made = plan.stat().st_mtime if plan.exists() else 0.0
    sources = [*ROOT.glob("fixtures/*.py"), *ROOT.glob("fixtures/data/*.toml")]
    if any(path.stat().st_mtime > made for path in sources):
        plan.unlink(missing_ok=True)  # a set half written is no set
        command = ["-m", "fixtures.generate", "--records", str(records), "--seed", str(SEED), "--out", str(folder)]
        asked = [] if queries is None else ["--queries", str(queries)]
        subprocess.run([sys.executable, *command, *asked], check=True)
    return folder


def timed_build(config: Path) -> Iterator[str]:
    """Build in a process of its own; yield lines that say how fast and how large."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    start = time.perf_counter()
    command = [sys.executable, "-m", "discoverer", "--config", str(config), "build", "--json"]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    took = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    manifest = json.loads(done.stdout)
    records = sum(entry["records"] for entry in manifest["segments"])
    size = sum(entry["size"] for entry in manifest["files"])
    yield f"build: {records:,} records in {took:.1f} s ({records / took:,.0f} a second), "
    yield f"processor {usage.ru_utime - before:.1f} s, peak memory {usage.ru_maxrss / 1024:,.0f} MB, "
    yield f"index {size / records:,.0f} bytes a record"
    for stage, spent in manifest["stages"].items():
        yield f"\n  {stage}: {spent['seconds']:.1f} s, {spent['peak']:,} MB"


def run(title: str, *command: str) -> bool:
    """Run one command, print what it says last and how long it took; return whether it went well."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    last = (done.stdout or done.stderr).strip().splitlines()[-1:]
    outcome = "ok" if done.returncode == 0 else f"FAILED ({done.returncode})"
    print(f"{title}: {outcome} in {time.perf_counter() - start:.0f} s: {' '.join(last)}", flush=True)
    return done.returncode == 0


def print_board(board: Board) -> None:
    """Print a board."""
    print("", *scoreboard.lines(board), sep="\n", flush=True)
