"""Labelled sets from outside the project, where they are laid beside it."""

from __future__ import annotations

from pathlib import Path

from discoverer.evaluation.asking import Way
from discoverer.evaluation.run import evaluate
from index.progress import SilentProgress
from tests.figures.measuring import print_board


def folders(data: Path) -> list[Path]:
    """Return every folder under `data` that has both records and queries; say so when there is none."""
    found = [queries.parent for queries in sorted(data.glob("*/queries.jsonl"))]
    found = [folder for folder in found if (folder / "records.jsonl").is_file()]
    if not found:
        print(f"No labelled sets in {data}; nothing measured.")
    return found


def main(data: Path) -> None:
    """Measure every set under `data` by named options."""
    for folder in folders(data):
        for board, _ in evaluate(folder, SilentProgress(), ways=(Way.FIELDS,)):
            print_board(board)
