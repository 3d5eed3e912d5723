"""`discoverer users token` and `users sessions`: what programs come by, and who is signed in now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import click

from discoverer import console
from discoverer.codec import plain
from discoverer.identity import SCOPES
from discoverer.managing import Managed

Command = Callable[..., Any]


def token_group(print_json: Callable[[object], None], doored: Command) -> click.Group:
    """Make 'token add', 'token list' and 'token revoke'.

    Args:
        print_json: prints plain values.
        doored: turns our errors into one sentence and an exit code.
    """

    @click.group("token")
    def group() -> None:
        """Make, list and revoke tokens for programs such as telephony.

        \b
        Example:
          discoverer users token add Telephony --for "the switch" --scope call --ends 2027-03-31
        """

    for command in (_adding(doored), _listing(print_json, doored), _revoking(doored)):
        group.add_command(command)
    return group


def _adding(doored: Command) -> click.Command:
    """Make 'token add'."""

    @click.command("add")
    @click.argument("name")
    @click.option("--for", "purpose", required=True, help="What it is for, as it is listed.")
    @click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES), help="Again for more.")
    @click.option(
        "--ends", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DAY", help="The last day it counts."
    )
    @click.pass_context
    @doored
    def add(ctx: click.Context, name: str, purpose: str, scopes: tuple[str, ...], ends: datetime) -> None:
        """Make a token for a program's account (`users add --program`), and print it, once; a person has none.

        \b
        Example:
          discoverer users token add Telephony --for "the switch" --scope call --ends 2027-03-31
        """
        users = Managed(ctx.obj)
        account = users.identity.refuse_token(name)
        said = {"scopes": " ".join(scopes), "ends": ends.date().isoformat()}
        users.record("token add", account.name, **said)
        token = users.identity.add_token(name, purpose, scopes, ends.date())
        console.say(f"A token of {account.name} for {', '.join(scopes)}, up to {ends.date()}; it is shown this once:")
        click.echo(token)

    return add


def _listing(print_json: Callable[[object], None], doored: Command) -> click.Command:
    """Make 'token list'."""

    @click.command("list")
    @click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
    @click.pass_context
    @doored
    def listing(ctx: click.Context, as_json: bool) -> None:
        """List the tokens, without what is secret of them.

        \b
        Example:
          discoverer users token list
        """
        tokens = Managed(ctx.obj).identity.tokens()
        if as_json:
            print_json([plain(each) for each in tokens])
            return
        for each in tokens:
            state = "revoked" if each.revoked else f"up to {each.ends}"
            said = f"{each.number:<5}{each.account:<28}{each.name:<24}{state:<20}{' '.join(sorted(each.scopes))}"
            console.say(said, laid_out=True)

    return listing


def _revoking(doored: Command) -> click.Command:
    """Make 'token revoke'."""

    @click.command("revoke")
    @click.argument("number", type=click.IntRange(1))
    @click.pass_context
    @doored
    def revoke(ctx: click.Context, number: int) -> None:
        """Let a token count no more.

        \b
        Example:
          discoverer users token revoke 1
        """
        users = Managed(ctx.obj)
        users.record("token revoke", f"token {number}")
        users.identity.revoke_token(number)
        console.say(f"Token {number} counts no more.")

    return revoke


def sessions_group(doored: Command) -> click.Group:
    """Make 'sessions end'.

    Args:
        doored: turns our errors into one sentence and an exit code.
    """

    @click.group("sessions")
    def group() -> None:
        """End sessions.

        \b
        Example:
          discoverer users sessions end "PC 1042"
        """

    @group.command("end")
    @click.argument("name")
    @click.pass_context
    @doored
    def end(ctx: click.Context, name: str) -> None:
        """End every session of an account, on every desk.

        \b
        Example:
          discoverer users sessions end "PC 1042"
        """
        users = Managed(ctx.obj)
        account = users.identity.account(name)
        users.record("sessions end", account.name)
        count = users.identity.end_sessions(name)
        console.say(f"{count} session{'' if count == 1 else 's'} of {account.name} ended.")

    return group
