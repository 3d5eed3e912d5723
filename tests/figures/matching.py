"""`make figures AREA=matching`: how well labelled queries are answered, every target with what was asked and got.

The whole of every labelled set laid beside the project, and 50,000 generated records with 10,000 queries, asked both
ways; then the hand-written cases. The targets stand in tests/figures/targets/, one file a set. The figures, the misses
and a chart of each set are left in out/matching/.
"""

from __future__ import annotations

import sys
from pathlib import Path

from discoverer.evaluation import chart
from discoverer.evaluation.floors import judge, read_floors
from discoverer.evaluation.run import evaluate, figures, misses, write
from index.progress import SilentProgress
from tests.figures import outside
from tests.figures.measuring import OUT, generated, print_board, run, timed_build

TARGETS = Path(__file__).parent / "targets"
RECORDS, QUERIES = 50_000, 10_000
GENERATED = "matching-50k"


def measure(folder: Path, name: str) -> list[str]:
    """Measure one set both ways, print its boards; return a line for each target."""
    runs = evaluate(folder, SilentProgress())
    boards = [board for board, _ in runs]
    for board in boards:
        print_board(board)
    (OUT / "matching").mkdir(parents=True, exist_ok=True)
    write(OUT / "matching" / f"{name}.json", figures(boards))
    write(OUT / "matching" / f"{name}.misses.jsonl", misses(runs))
    (OUT / "matching" / f"{name}.html").write_text(chart.page(boards), encoding="utf-8")
    targets = TARGETS / f"{name}.toml"
    if not targets.is_file():
        return []
    judged = judge(read_floors(targets), boards)
    return [f"{'ok         ' if each.holds else 'FALLS SHORT'} {each.words}" for each in judged]


def main(data: Path) -> None:
    """Print every figure of the area, and every target at the end."""
    said = [line for folder in outside.folders(data) for line in measure(folder, folder.name)]
    folder = generated(GENERATED, RECORDS, QUERIES)
    print("\n" + "".join(timed_build(folder / "discoverer.toml")))
    said += measure(folder, GENERATED)
    print("\nhand-written cases:")
    cases = run("gold set", sys.executable, "-m", "pytest", "-q", "tests/test_gold.py")
    said.append(
        f"{'ok         ' if cases else 'FALLS SHORT'} every hand-written case passes or is listed as a known miss"
    )
    print("", *said, sep="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
