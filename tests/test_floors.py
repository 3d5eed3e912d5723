"""What was reached stays reached: labelled sets are measured on every run, printed, and held to recorded floors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from discoverer.app import App
from discoverer.evaluation import floors, scoreboard
from discoverer.evaluation.labelled import LabelledSet, read_queries
from discoverer.evaluation.run import evaluate, measure
from index.progress import SilentProgress
from tests.conftest import SMALL

FLOORS = Path(__file__).parent / "floors"
OUTSIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
# A labelled set laid beside the project, and how many of its queries are asked here; `make figures` asks all.
SAMPLES = [pytest.param("gp_practices", 580, id="GP practices"), pytest.param("febrl4", 500, id="FEBRL 4")]
Note = Callable[[str, object], None]


def test_the_small_set_is_answered_as_well_as_it_was(small: App, record_property: Note) -> None:
    found = LabelledSet("small", small, read_queries(SMALL / "queries.jsonl"), qualified=True)
    boards = [board for board, _ in measure(found, SilentProgress())]
    record_property("scoreboard", "\n\n".join("\n".join(scoreboard.lines(board)) for board in boards))
    floors.hold(floors.read_floors(FLOORS / "small.toml"), boards, "small")


@pytest.mark.parametrize(("name", "most"), SAMPLES)
def test_a_labelled_set_is_answered_as_well_as_it_was(name: str, most: int, record_property: Note) -> None:
    folder = OUTSIDE / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not laid beside the project")
    boards = [board for board, _ in evaluate(folder, SilentProgress(), most=most)]
    record_property("scoreboard", "\n\n".join("\n".join(scoreboard.lines(board)) for board in boards))
    floors.hold(floors.read_floors(FLOORS / f"{name}.toml"), boards, name)


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in sorted(FLOORS.glob("*.toml"))])
def test_every_floors_file_is_held_to_by_a_test(path: Path) -> None:
    assert floors.read_floors(path)
    assert path.stem in {"small", *(str(sample.values[0]) for sample in SAMPLES)}
