"""`make bench TIER=50k`: generate, build, search; print build rate, memory and latency per query type."""

from __future__ import annotations

import sys

from discoverer.evaluation.asking import Way
from discoverer.evaluation.run import evaluate
from index.progress import SilentProgress
from tests.figures.measuring import generated, print_board, timed_build

TIERS = {"2k": 2_000, "50k": 50_000, "1m": 1_000_000, "10m": 10_000_000}


def main(tier: str) -> None:
    """Run one tier; the set is generated once and kept in out/."""
    if tier not in TIERS:
        sys.exit(f"There is no tier '{tier}'; choose one of {', '.join(TIERS)}.")
    folder = generated(f"bench-{tier}", TIERS[tier])
    print("".join(timed_build(folder / "discoverer.toml")))
    for board, _ in evaluate(folder, SilentProgress(), ways=tuple(Way)):
        print_board(board)


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "50k")
