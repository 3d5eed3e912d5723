"""`discoverer evaluate --linking`: how people are linked, against the truth of a generated set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from click.core import ParameterSource

from discoverer import console
from discoverer.errors import ConfigError, UsageError
from discoverer.evaluation import linking
from discoverer.evaluation.run import write

# What only the questions of a set know: a gate of floors that never looks would never fail.
_OF_QUESTIONS = {
    "floors": "--floors",
    "chart": "--chart",
    "misses": "--misses",
    "how": "--as",
    "limit_queries": "--limit-queries",
}


def refuse_beside_linking(ctx: click.Context) -> None:
    """Refuse the options that measuring the linking would pass over.

    Raises:
        UsageError: one of them was given.
    """
    given = [
        option
        for name, option in _OF_QUESTIONS.items()
        if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE
    ]
    if given:
        raise UsageError(
            f"--linking does not go with {', '.join(given)}: it asks no query; leave out the one or the other."
        )


@contextmanager
def naming(config: Path) -> Iterator[None]:
    """Name the settings file where a build refuses what it says under 'linking' or 'engine'.

    Raises:
        ConfigError: likewise, with the file.
    """
    try:
        yield
    except ConfigError as error:
        if error.where not in ("linking", "engine"):
            raise
        raise ConfigError(str(config), [f"'{error.where}': {problem}" for problem in error.problems]) from None


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
