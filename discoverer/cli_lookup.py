"""`discoverer lookup`: many searches, one JSON query a line in, one JSON result a line out."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TextIO

import click

from discoverer import bulk
from discoverer.access import Viewer, asking
from discoverer.app import DEFAULT_LIMIT, MOST_HITS, App
from discoverer.cli_search import AskedOf, why_asked
from discoverer.codec import encode
from discoverer.errors import DiscovererError, UsageError
from discoverer.local_service import LocalService


def lookup_command(
    asked_of: AskedOf, doored: Callable[[Callable[..., None]], Callable[..., None]], kind_of: type[click.Command]
) -> click.Command:
    """Return the command, to be registered by the command line.

    Args:
        asked_of: what answers: the App of the settings file asked for, or the service over its socket.
        doored: turns our errors into one sentence and an exit code.
        kind_of: the class of every command, whose help ends alike.
    """

    @click.command("lookup", cls=kind_of)
    @click.argument("queries", type=click.File(encoding="utf-8-sig", errors="surrogateescape"))
    @click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Where to; else printed.")
    @click.option("--limit", default=DEFAULT_LIMIT, show_default=True, type=click.IntRange(1, MOST_HITS), help="Hits.")
    @why_asked
    @click.pass_context
    @doored
    def lookup(ctx: click.Context, queries: TextIO, output: Path | None, limit: int, log_no: str, reason: str) -> None:
        """Run many searches: one JSON query a line in, one JSON result a line out.

        A line that cannot be read or asked is answered in its place by {"qid": ..., "error": ...}, the number of the
        line where it has no qid; the others go on and the exit code is 0. Blank lines are passed over.

        \b
        Example (a query line: {"qid": "1", "phone": "07700 900417"}):
          discoverer lookup queries.jsonl -o results.jsonl
        """
        viewer, asked = asking(log_no, reason), asked_of(ctx)
        if output is None:
            _look_up(asked, viewer, queries, sys.stdout, limit)
            return
        # Beside, then renamed: the results may replace the queries, and a run cut short leaves neither half written.
        # A pipe or device is written to as it is.
        plain_file = output.is_file() or not output.exists()
        target = output.with_name(f".{output.name}.part") if plain_file else output
        try:
            with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
                _look_up(asked, viewer, queries, out, limit)
            if plain_file:
                target.replace(output)
        except OSError as error:
            raise UsageError(f"{output} cannot be written ({error.strerror}); choose another place.") from None
        finally:
            if plain_file:
                target.unlink(missing_ok=True)

    return lookup


def _look_up(asked: App | LocalService, viewer: Viewer, queries: Iterable[str], out: TextIO, limit: int) -> None:
    """Answer every query line in turn."""
    if isinstance(asked, LocalService):
        lines = asked.lookup(viewer, queries, limit)
    else:
        lines = _answered(asked, viewer, queries, limit)
    for line in lines:
        out.write(line + "\n")
    out.flush()


def _answered(app: App, viewer: Viewer, queries: Iterable[str], limit: int) -> Iterator[str]:
    """Yield the line of each answer of an App."""
    read = list(bulk.read_lines(queries))
    answers = app.lookup(viewer, (reading for _, reading in read), limit)
    for (qid, _), answer in zip(read, answers, strict=True):
        line = bulk.error_json(qid, answer) if isinstance(answer, DiscovererError) else bulk.result_json(qid, answer)
        yield encode(line).decode()
