"""`make figures AREA=search`: what the first piece of work promised, each line printed with how it was measured."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.figures import bench, outside
from tests.figures.measuring import run


def main(data: Path) -> None:
    """Print every figure of the area."""
    python = sys.executable
    run("demonstration", python, "-m", "discoverer", "demo")
    for pattern in ("F01", "F02", "F03", "F04", "F07", "F15", "F17", "F19"):
        run(f"pattern {pattern}", python, "-m", "pytest", "-q", "-k", pattern)
    run("killed builders", python, "-m", "pytest", "-q", "tests/test_kills.py")
    outside.main(data)
    bench.show("50k", rivals=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
