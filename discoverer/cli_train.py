"""`discoverer train`: the weights of linking learnt from the live build, as a new version that nothing uses yet."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from discoverer import console
from discoverer.access import DEMO_VIEWER
from discoverer.cli_linking import naming
from discoverer.codec import plain
from discoverer.settings import load
from discoverer.trained import Asked, lines, train
from index.progress import SilentProgress


def train_command(
    print_json: Callable[[object], None],
    doored: Callable[[Callable[..., None]], Callable[..., None]],
    kind_of: type[click.Command],
) -> click.Command:
    """Return the command, to be registered by the command line.

    Args:
        print_json: prints plain values.
        doored: turns our errors into one sentence and an exit code.
        kind_of: the class of every command, whose help ends alike.
    """

    @click.command("train", cls=kind_of)
    @click.option(
        "--truth",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Learn from labelled mentions: the truth.jsonl of a generated set.",
    )
    @click.option("--name", default="", help="What to call the new weights; else the date and a number.")
    @click.option(
        "--viewer",
        default=DEMO_VIEWER.name,
        show_default=True,
        help="Who trains; stands in where there are no accounts.",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print the comparison as JSON.")
    @click.option("--quiet", is_flag=True, help="No progress bar.")
    @click.pass_context
    @doored
    def _train(ctx: click.Context, truth: Path | None, name: str, viewer: str, as_json: bool, quiet: bool) -> None:
        """Learn the weights that people are linked by from the live build, and write them beside the old ones.

        They are compared with those in force, level by level and by whom they would join. Nothing is switched: builds
        use the version that 'linking' in the settings names, and never train. Learns without labels from the index
        itself, and refuses (exit code 9) what rests on too little or has run away.

        \b
        Examples:
          discoverer train
          discoverer train --name spring --viewer "analyst 12"
        """
        settings = load(ctx.obj)
        shown: Any = contextlib.nullcontext(SilentProgress()) if quiet or as_json else console.ShownProgress()
        with naming(ctx.obj), shown as progress:
            report = train(settings, Asked(viewer, truth, name), progress)
        if as_json:
            print_json(plain(report))
            return
        for line in lines(report, ctx.obj):
            click.echo(console.legible(line, laid_out=True))

    return _train
