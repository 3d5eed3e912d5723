"""`make bench TIER=50k`: generate, build, search; print build rate, memory and latency per query type."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from discoverer.app import App
from discoverer.settings import load
from tests.figures.measuring import print_tallies, read_queries, tally, timed_build

TIERS = {"2k": 2_000, "50k": 50_000, "1m": 1_000_000, "10m": 10_000_000}
SEED = 20_141_116


def main(tier: str) -> None:
    """Run one tier; the set is generated once and kept in out/."""
    if tier not in TIERS:
        sys.exit(f"There is no tier '{tier}'; choose one of {', '.join(TIERS)}.")
    folder = Path("out") / f"bench-{tier}"
    if not (folder / "plan.json").exists():
        command = ["-m", "fixtures.generate", "--records", str(TIERS[tier]), "--seed", str(SEED), "--out", str(folder)]
        subprocess.run([sys.executable, *command], check=True)
    print("".join(timed_build(folder / "discoverer.toml")))
    app = App(load(folder / "discoverer.toml"))
    queries = read_queries(folder / "queries.jsonl")
    tally(app, queries[:20], qualified=True)  # the first search loads the vocabulary; a service is warm
    print_tallies(f"{tier}: named options, in-process", tally(app, queries, qualified=True))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "50k")
