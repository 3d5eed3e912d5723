"""`discoverer search`: one search over every source."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from discoverer import bulk, console
from discoverer.access import Viewer, asking
from discoverer.answer import Answer
from discoverer.app import DEFAULT_LIMIT, MOST_HITS, App
from discoverer.errors import UsageError
from discoverer.local_service import LocalService

F = TypeVar("F", bound=Callable[..., Any])
AskedOf = Callable[[click.Context], App | LocalService]


def why_asked(command: F) -> F:
    """Give a command the options that say why it looks: what is recorded beside the look, and what some roles need."""
    log = click.option("--log-no", default="", metavar="LOG", help="The log in hand, the reason for the look.")
    reason = click.option("--reason", default="", help="Any other reason for the look.")
    return log(reason(command))


def search_command(
    asked_of: AskedOf,
    print_json: Callable[[object], None],
    doored: Callable[[Callable[..., None]], Callable[..., None]],
    kind_of: type[click.Command],
) -> click.Command:
    """Return the command, to be registered by the command line.

    Args:
        asked_of: what answers: the App of the settings file asked for, or the service over its socket.
        print_json: prints plain values.
        doored: turns our errors into one sentence and an exit code.
        kind_of: the class of every command, whose help ends alike.
    """

    @click.command("search", cls=kind_of)
    @click.argument("text", nargs=-1)
    @click.option("--phone", default="", help="A telephone number, or its last six or more digits.")
    @click.option("--name", default="", help="A name, in any order.")
    @click.option("--dob", default="", help="A date of birth, whole or in part, or an age.")
    @click.option("--address", default="", help="An address, whole or in part.")
    @click.option("--id", "ident", default="", help="A PNC, CRO, log number or other reference.")
    @click.option("--limit", default=DEFAULT_LIMIT, show_default=True, type=click.IntRange(1, MOST_HITS), help="Hits.")
    @why_asked
    @click.option("--json", "as_json", is_flag=True, help="Print the answer as JSON.")
    @click.pass_context
    @doored
    def search(
        ctx: click.Context,
        /,
        text: tuple[str, ...],
        limit: int,
        log_no: str,
        reason: str,
        as_json: bool,
        **fields: str,
    ) -> None:
        """Search every source by whatever the caller gives.

        \b
        Examples:
          discoverer search 07700 900417
          discoverer search "flat 2, 14 hillaires test rd b23"
          discoverer search shabana bibi b23 03/07/89
          discoverer search "1784 of 030918"
          discoverer search "text: knife kitchen"
          discoverer search --name "asif khan" --dob 07/03/85
        """
        answer = _answer(lambda: asked_of(ctx), asking(log_no, reason), " ".join(text), limit, fields)
        if as_json:
            print_json(bulk.answer_json(answer))
        else:
            console.show_answer(answer)

    return search


def _answer(
    asked: Callable[[], App | LocalService], viewer: Viewer, typed: str, limit: int, fields: dict[str, str]
) -> Answer:
    """Return the answer to what was typed, or to what the options name.

    Raises:
        UsageError: both were given.
        DiscovererError: as the search says.
    """
    if not any(fields.values()):
        return asked().search(viewer, typed, limit)
    if typed:
        raise UsageError("Give either words to search for or named options, not both.")
    return asked().search_fields(viewer, limit, **fields)
