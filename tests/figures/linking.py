"""`make figures AREA=linking`: one person, one history - linking, the two figures, the patterns, a long history's speed.

The set linked is generated from a seed that no weight was fitted on, and linked by the weights that come with Discoverer
(`linking` in its settings), which are not the default yet; the exact rules' figures stand beside.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from discoverer.evaluation import linking
from discoverer.settings import LINKING
from index.progress import SilentProgress
from tests.figures import show_speed
from tests.figures.measuring import generated, run, timed_build

PATTERNS = ("F05", "F08", "F09", "F10", "F11", "F12", "F13", "F16")
PERIOD = ("--from", "2018-01-01", "--to", "2018-12-31")


def main(data: Path) -> None:
    """Print every figure of the area."""
    del data
    folder = generated("linking-50k", 50_000)
    settings = folder / "discoverer.toml"
    if "linking =" not in (written := settings.read_text(encoding="utf-8")):
        settings.write_text(f'{written}linking = "{LINKING}"\n', encoding="utf-8")
    print("".join(timed_build(folder / "discoverer.toml")), flush=True)
    for line in linking.lines(linking.measure_linking(folder, SilentProgress())):
        print(line, flush=True)
    config = str(folder / "discoverer.toml")
    counted = [sys.executable, "-m", "discoverer", "--config", config, "policy", "figures", *PERIOD]
    print(subprocess.run(counted, check=True, capture_output=True, text=True).stdout, flush=True)
    for pattern in PATTERNS:
        run(f"pattern {pattern}", sys.executable, "-m", "pytest", "-q", "-k", pattern)
    run("who decides", sys.executable, "-m", "pytest", "-q", "tests/test_decisions.py", "tests/test_resolve.py")
    show_speed.main()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
