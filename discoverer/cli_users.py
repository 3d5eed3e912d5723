"""`discoverer users`: who may sign in, and as what."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import click

from discoverer import console
from discoverer.cli_tokens import sessions_group, token_group
from discoverer.codec import plain
from discoverer.errors import UsageError
from discoverer.identity import Account
from discoverer.identity.demo import DemoUser
from discoverer.identity.machine import refuse_unknown
from discoverer.managing import Managed

Command = Callable[..., Any]
_as_json = click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
_name = click.argument("name")
_LONGEST_LINE = 10_000  # characters of a password that is piped in; what is over is not even read


def users_group(print_json: Callable[[object], None], doored: Command) -> click.Group:
    """Return the group, to be registered by the command line.

    Args:
        print_json: prints plain values.
        doored: turns our errors into one sentence and an exit code.
    """

    @click.group("users")
    def group() -> None:
        """Say who may sign in, and as what; make tokens for programs.

        Run it as the account that owns the file of accounts. A password is asked for, or read from standard input; it
        is never an argument, which every process of the machine could see.

        \b
        Examples:
          discoverer users add "PC 1042" --role call_handler --title "D Unit"
          discoverer users second-factor "PC 1042"
          discoverer users token add Telephony --for "the switch" --scope call --ends 2027-03-31
        """

    for command in (*_making(doored), *_changing(doored), _machine_user(doored), _listing(print_json, doored)):
        group.add_command(command)
    group.add_command(token_group(print_json, doored))
    group.add_command(sessions_group(doored))
    return group


def show_people(people: Iterable[DemoUser], serving: str) -> None:
    """Print the demonstration's people with their passphrases, and how the screen is served.

    Args:
        people: one for each role.
        serving: the command.
    """
    console.say("Nobody reads a record without signing in. These people are invented; their passphrases are new and")
    console.say("shown this once:")
    click.echo()
    for each in people:
        said = f"  {each.account.name:<20}{each.account.role:<16}{each.passphrase:<28}{each.account.title}"
        console.say(said, laid_out=True)
    click.echo()
    console.say(f"Sign in as one of them in a browser: {serving}")


def _making(doored: Command) -> Iterator[click.Command]:
    """Yield 'add' and 'password'."""

    @click.command("add")
    @_name
    @click.option("--role", required=True, help="What they are, a role of the access rules: call_handler, auditor ...")
    @click.option("--title", default="", help="What they are called beside their name.")
    @click.option("--program", is_flag=True, help="A program: no password, tokens alone; a person has none.")
    @click.pass_context
    @doored
    def add(ctx: click.Context, name: str, role: str, title: str, program: bool) -> None:
        """Make an account. The first one makes the file.

        \b
        Example:
          discoverer users add "PC 1042" --role call_handler
        """
        users = Managed(ctx.obj)
        password = "" if program else _password()
        users.identity.refuse_new(name, role, password, title)
        users.record("add", name, role=role)
        account = users.identity.add(name, role, password, title)
        console.say(f"{account.name} may {'come by tokens' if program else 'sign in'} as {account.role}.")

    @click.command("password")
    @_name
    @click.pass_context
    @doored
    def password(ctx: click.Context, name: str) -> None:
        """Give an account a new password; its sessions end, and so do waits after wrong attempts.

        \b
        Example:
          discoverer users password "PC 1042"
        """
        users = Managed(ctx.obj)
        account = users.identity.account(name)
        typed = _password()
        users.record("password", account.name)
        users.identity.set_password(name, typed)
        console.say(f"{account.name} has a new password, and signs in anew.")

    yield from (add, password)


def _password() -> str:
    """Return a password, asked for twice at a terminal, or the first line of standard input.

    Raises:
        UsageError: there is no line to read, or it is not text.
    """
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt="The same again", err=True))
    try:
        line = sys.stdin.readline(_LONGEST_LINE)
    except UnicodeDecodeError:
        raise UsageError("The password on standard input is not UTF-8; send it as UTF-8.") from None
    if not line.rstrip("\r\n"):
        raise UsageError("There is no password on standard input; type it at a terminal, or send it as one line.")
    return line.rstrip("\r\n")


def _changing(doored: Command) -> Iterator[click.Command]:
    """Yield 'role', 'deactivate', 'activate' and 'second-factor'."""

    @click.command("role")
    @_name
    @click.argument("role")
    @click.pass_context
    @doored
    def role(ctx: click.Context, name: str, role: str) -> None:
        """Give an account another role; its sessions end and its tokens are revoked.

        \b
        Example:
          discoverer users role "PC 1042" supervisor
        """
        users = Managed(ctx.obj)
        users.record("role", users.identity.account(name).name, role=role)
        account = users.identity.set_role(name, role)
        console.say(f"{account.name} is {account.role} now, and signs in anew; tokens of the old role are revoked.")

    yield role
    for verb, active, words in (
        ("deactivate", False, "Close an account: nobody signs in as it, its sessions end, its tokens are revoked."),
        ("activate", True, "Open an account again; of the sessions and tokens it had none comes back."),
    ):
        yield _opening(verb, active, words, doored)

    @click.command("second-factor")
    @_name
    @click.option("--off", is_flag=True, help="Ask for no code any more.")
    @click.pass_context
    @doored
    def second(ctx: click.Context, name: str, off: bool) -> None:
        """Ask an account for a code from now on, and print the address for its authenticator app, once.

        Whoever has that address makes the codes: hand it over in person. Asked again, it is another one.

        \b
        Example:
          discoverer users second-factor "PC 1042"
        """
        users = Managed(ctx.obj)
        account = users.identity.account(name)
        users.record("second factor off" if off else "second factor", account.name)
        address = users.identity.set_second_factor(name, not off)
        console.say(f"{account.name} signs in {'without' if off else 'with'} a code from now on.")
        if address:
            click.echo(address)

    yield second


def _machine_user(doored: Command) -> click.Command:
    """Make 'machine-user'."""

    @click.command("machine-user")
    @_name
    @click.argument("user", required=False, default="")
    @click.option("--off", is_flag=True, help="Know them by no account of the machine any more.")
    @click.pass_context
    @doored
    def machine_user(ctx: click.Context, name: str, user: str, off: bool) -> None:
        """Know somebody by USER, their account of this machine, when their commands ask the service over its socket.

        Whoever can act as USER then reads as they do, without a password or a code: name nobody's shared account.

        \b
        Example:
          discoverer users machine-user "PC 1042" pc1042
        """
        if bool(user) == off:
            raise UsageError("Say which account of this machine it is, or --off; the one or the other.")
        if user:
            refuse_unknown(user)
        users = Managed(ctx.obj)
        account = users.identity.account(name)
        users.record("machine user off" if off else "machine user", account.name, user=user or account.machine_user)
        account = users.identity.set_machine_user(name, user)
        console.say(f"{account.name} is known by {f'the account {user}' if user else 'no account'} of this machine.")

    return machine_user


def _opening(verb: str, active: bool, words: str, doored: Command) -> click.Command:
    """Make 'activate' or 'deactivate'."""

    @click.command(verb, help=f'{words}\n\n\b\nExample:\n  discoverer users {verb} "PC 1042"')
    @_name
    @click.pass_context
    @doored
    def command(ctx: click.Context, name: str) -> None:
        users = Managed(ctx.obj)
        users.record(verb, users.identity.account(name).name)
        account = users.identity.set_active(name, active)
        console.say(f"{account.name} is {'open' if account.active else 'closed'}.")

    return command


def _listing(print_json: Callable[[object], None], doored: Command) -> click.Command:
    """Make 'list'."""

    @click.command("list")
    @_as_json
    @click.pass_context
    @doored
    def listing(ctx: click.Context, as_json: bool) -> None:
        """List the accounts, those that are closed too.

        \b
        Example:
          discoverer users list
        """
        accounts = Managed(ctx.obj).identity.accounts()
        if as_json:
            print_json([plain(each) for each in accounts])
            return
        for each in accounts:
            console.say(f"{each.name:<28}{each.role:<16}{_how(each):<24}{each.title}".rstrip(), laid_out=True)

    return listing


def _how(account: Account) -> str:
    """Say how an account is let in."""
    if not account.active:
        return "closed"
    if account.program:
        return "a program, by tokens"
    if account.directory:
        return "by the directory"
    return "password and code" if account.second_factor else "password alone"
