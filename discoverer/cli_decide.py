"""`discoverer decide`: say who is who, confirm it, undo it, list it.

Without accounts, --viewer stands in for them: it says who decides, so that a second, different viewer can confirm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from discoverer import console
from discoverer.access import DEMO_VIEWER, NOT_RECORDED, Viewer
from discoverer.app import App
from discoverer.codec import plain
from discoverer.deciding import Listed
from index.decisions import Act, Decision, Verdict, one_viewer

Command = Callable[..., Any]
SETTLING = {
    "confirm": (Act.CONFIRMED, "Confirm what another viewer proposed: it takes effect at once, and in every build."),
    "withdraw": (Act.WITHDRAWN, "Take back what you proposed or confirmed: it has no effect any more."),
    "reject": (Act.REJECTED, "Reject what others proposed or confirmed: it has no effect any more."),
}
_EXAMPLE = "\n\n\b\nExample:\n  discoverer decide {}"
_reason = click.option("--reason", required=True, help="How you know; kept with the decision.")
_viewer = click.option(
    "--viewer",
    "name",
    default=DEMO_VIEWER.name,
    show_default=True,
    help="Who decides; stands in where there are no accounts.",
)
_log = click.option("--log", default="", help="The incident log in hand.")


class _Number(click.IntRange):
    """The number of a decision."""

    def __init__(self) -> None:
        super().__init__(1)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401
        """Read a whole number of 1 or more, or say what one is."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            said = f"'{value}' is not the number of a decision; 'discoverer decide list' shows them: 1, 2 ..."
            raise click.BadParameter(said, ctx, param) from None


def decide_group(
    app_of: Callable[[click.Context], App], print_json: Callable[[object], None], doored: Command
) -> click.Group:
    """Make the group of commands.

    Args:
        app_of: opens the App of the settings asked for.
        print_json: prints one value.
        doored: turns our errors into a sentence and an exit code.
    """

    @click.group("decide")
    def _group() -> None:
        """Say that two mentions are, or are not, one person; a second, different viewer confirms it.

        An ID is that of a person or of any mention, as hits give it; a person's id is that of its earliest mention. To
        part two people shown as one, name the id of the person first and then a mention that does not belong: what
        plainly goes with that mention goes with it, and everything else stays where it is.

        \b
        Examples:
          discoverer decide apart "custody:BE/2210/14#0" "domestic_abuse:DA/14/05512#1" --reason "father and son"
          discoverer decide confirm 1 --viewer "Sgt 1042" --reason "I know both"
          discoverer decide list
        """

    for verdict, words in ((Verdict.SAME, "are one person"), (Verdict.APART, "are two people")):
        _group.add_command(_proposing(verdict, words, app_of, doored))
    for name, (act, words) in SETTLING.items():
        _group.add_command(_settling(name, act, words, app_of, doored))
    _group.add_command(_listing(app_of, print_json, doored))
    return _group


def _proposing(verdict: Verdict, words: str, app_of: Callable[[click.Context], App], doored: Command) -> click.Command:
    """Make 'decide same' or 'decide apart'."""
    said = f"Say that two mentions {words}: shown at once, in force once confirmed."
    example = f'{verdict.value} "custody:BE/2210/14#0" "domestic_abuse:DA/14/05512#1" --reason "known to both officers"'

    @click.command(verdict.value, help=said + _EXAMPLE.format(example))
    @click.argument("first", metavar="ID")
    @click.argument("second", metavar="ID")
    @_reason
    @_viewer
    @_log
    @click.pass_context
    @doored
    def _command(ctx: click.Context, first: str, second: str, reason: str, name: str, log: str) -> None:
        _say(ctx, app_of(ctx).decide(_who(name, log), verdict, (first, second), reason).words)

    return _command


def _settling(
    name: str, act: Act, words: str, app_of: Callable[[click.Context], App], doored: Command
) -> click.Command:
    """Make 'decide confirm', 'decide withdraw' or 'decide reject'."""
    example = f'{name} 1 --viewer "Sgt 1042" --reason "I know both"'

    @click.command(name, help=words + _EXAMPLE.format(example))
    @click.argument("number", type=_Number())
    @_reason
    @_viewer
    @_log
    @click.pass_context
    @doored
    def _command(ctx: click.Context, number: int, reason: str, name: str, log: str) -> None:
        _say(ctx, app_of(ctx).settle(_who(name, log), act, number, reason).words)

    return _command


def _listing(
    app_of: Callable[[click.Context], App], print_json: Callable[[object], None], doored: Command
) -> click.Command:
    """Make 'decide list'."""
    said = "List the decisions that stand, those that wait too: a mention is in no source now, or names somebody else."

    @click.command("list", help=said + _EXAMPLE.format("list --all"))
    @click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
    @click.option("--all", "undone_too", is_flag=True, help="Those withdrawn and rejected too.")
    @click.option("--viewer", "name", default="", help="Only those that this viewer proposed, confirmed or undid.")
    @click.pass_context
    @doored
    def _command(ctx: click.Context, as_json: bool, undone_too: bool, name: str) -> None:
        found = [
            each
            for each in app_of(ctx).decisions(DEMO_VIEWER)
            if (undone_too or each.decision.stands) and (not name or _took_part(name, each.decision))
        ]
        if as_json:
            print_json([_as_json(each) for each in found])
        elif found:
            console.show_decisions(found)
        else:
            console.say(f"No decision{f' of {name}' if name else ''} stands.")

    return _command


def _took_part(name: str, decision: Decision) -> bool:
    """Tell whether a viewer took any step about a decision."""
    return any(one_viewer(name, entry.viewer) for entry in decision.entries)


def _say(ctx: click.Context, words: str) -> None:
    """Print what became of a step; say so when nobody was named, since it then stands in another's name for ever."""
    console.say(words)
    if ctx.get_parameter_source("name") is not ParameterSource.COMMANDLINE:
        console.say(f"Nobody was named with --viewer, so it stands as decided by '{DEMO_VIEWER.name}'.")


def _who(name: str, log: str) -> Viewer:
    """Return the viewer of a name; what they are is not known without accounts."""
    role = DEMO_VIEWER.role if name == DEMO_VIEWER.name else NOT_RECORDED
    return replace(DEMO_VIEWER, name=name, role=role, log=log)


def _as_json(listed: Listed) -> dict[str, object]:
    """Return a decision as plain values."""
    decision: dict[str, object] = plain(listed.decision)
    del decision["seen"]  # who stood there may not be there for this viewer any more
    return {**decision, "state": listed.decision.state.value, "now": listed.now, "words": listed.words}
