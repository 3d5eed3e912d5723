"""`discoverer evaluate --linking`: how people are linked, against the truth of a generated set."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from discoverer import console
from discoverer.evaluation import linking
from discoverer.evaluation.run import write


def evaluate_linking(
    folder: Path | None, json_file: Path | None, state: Path | None, print_json: Callable[[object], None]
) -> None:
    """Measure how the people of a generated set are linked: a table, JSON after a bare --json, or a file of it.

    Args:
        folder: the set; None where it stands after --json.
        json_file: where to write the figures; the set itself after a bare --json.
        state: where to keep the index.
        print_json: prints one value.

    Raises:
        click.UsageError: no set is named.
    """
    asked = folder or (json_file if json_file and json_file.is_dir() else None)
    if asked is None:
        raise click.UsageError("Missing argument 'FOLDER'.")
    with console.ShownProgress() as progress:
        figures = linking.measure_linking(asked, progress, state)
    if folder and json_file:
        write(json_file, linking.as_json(figures))
    elif json_file:
        print_json(figures)
        return
    for line in linking.lines(figures):
        click.echo(console.legible(line, laid_out=True))
