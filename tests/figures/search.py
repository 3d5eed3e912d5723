"""`make figures AREA=search`: what the first piece of work promised, each line printed with how it was measured."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from tests.figures import bench, outside


def run(title: str, *command: str) -> None:
    """Run one command, print what it says last and how long it took."""
    start = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    last = (done.stdout or done.stderr).strip().splitlines()[-1:]
    outcome = "ok" if done.returncode == 0 else f"FAILED ({done.returncode})"
    print(f"{title}: {outcome} in {time.perf_counter() - start:.0f} s: {' '.join(last)}", flush=True)


def main(data: Path) -> None:
    """Print every figure of the area."""
    python = sys.executable
    run("demonstration", python, "-m", "discoverer", "demo")
    for pattern in ("F01", "F02", "F03", "F04", "F07", "F15", "F17", "F19"):
        run(f"pattern {pattern}", python, "-m", "pytest", "-q", "-k", pattern)
    run("killed builders", python, "-m", "pytest", "-q", "tests/test_kills.py")
    outside.main(data)
    bench.main("50k")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
