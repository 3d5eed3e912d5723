"""`discoverer show`: one person, place, number or record, whole."""

from __future__ import annotations

from collections.abc import Callable

import click

from discoverer import console
from discoverer.access import asking
from discoverer.answer import HitKind
from discoverer.cli_search import AskedOf, why_asked
from discoverer.codec import plain


def show_command(
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

    @click.command("show", cls=kind_of)
    @click.argument("kind", type=click.Choice([kind.value for kind in HitKind]))
    @click.argument("ident", metavar="ID", nargs=-1, required=True)
    @click.option("--all", "whole", is_flag=True, help="Every event and link, not the most recent alone.")
    @click.option("--reveal", is_flag=True, help="What is kept back from your role too, for the log or reason given.")
    @why_asked
    @click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
    @click.pass_context
    @doored
    def show(
        ctx: click.Context,
        kind: str,
        ident: tuple[str, ...],
        whole: bool,
        reveal: bool,
        log_no: str,
        reason: str,
        as_json: bool,
    ) -> None:
        """Show one person, place, number or record by its id: history, what is in force, who else is linked.

        A search gives the ids, and so does every link of what is shown.

        \b
        Examples:
          discoverer show phone 07700 900417
          discoverer show person "custody:BE/152/18#0"
          discoverer show location "flat 2|14|hillaires test road|b236xx"
          discoverer show event incidents:1784/2018-09-03
          discoverer show person "custody:BE/152/18#0" --reveal --reason "case review 14"
        """
        viewer = asking(log_no, reason)
        shown = asked_of(ctx).show(viewer, HitKind(kind), " ".join(ident), whole=whole, reveal=reveal)
        if as_json:
            print_json(plain(shown))
        else:
            console.show_one(shown)

    return show
