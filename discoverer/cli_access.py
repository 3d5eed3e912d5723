"""`discoverer access`: what each role reads and may do, all mistakes of a file of rules, and why a record is closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from discoverer import console
from discoverer.access import reason_kept
from discoverer.access_rules import SHIPPED, AccessRules, read_access
from discoverer.app import App
from discoverer.codec import plain
from discoverer.explaining import Explained
from discoverer.identity.machine import at_the_machine
from discoverer.settings import load
from discoverer.wording import number_of

Command = Callable[..., Any]


def access_group(
    app_of: Callable[[click.Context], App], print_json: Callable[[object], None], doored: Command
) -> click.Group:
    """Make the group of commands.

    Args:
        app_of: opens the App of the settings asked for.
        print_json: prints one value.
        doored: turns our errors into a sentence and an exit code.
    """

    @click.group("access")
    def access() -> None:
        """Say who may read and do what, and why.

        \b
        Examples:
          discoverer access roles
          discoverer access explain call_handler "incidents:1784/2018-09-03"
        """

    _put_roles(access, print_json, doored)
    _put_check(access, doored)
    _put_explain(access, app_of, print_json, doored)
    return access


def _put_roles(access: click.Group, print_json: Callable[[object], None], doored: Command) -> None:
    """Put the command that lists the roles."""

    @access.command("roles")
    @click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
    @click.pass_context
    @doored
    def roles_command(ctx: click.Context, as_json: bool) -> None:
        """List what each role in force reads and may do, and the rules that close records.

        \b
        Example:
          discoverer access roles
        """
        settings = load(ctx.obj)
        rules = read_access(settings.access.rules)
        if as_json:
            print_json({"switched_on": settings.access.is_on, **rules.model_dump(mode="json")})
            return
        for line in _listed(rules, switched_on=settings.access.is_on):
            console.say(line, laid_out=True)


def _listed(rules: AccessRules, *, switched_on: bool) -> Iterator[str]:
    """Yield the roles and rules in lines."""
    yield f"{rules.name}, {'in force' if switched_on else 'NOT in force: the settings have no [access]'}"
    for role in rules.role:
        yield f"{role.name:<15}{role.title}; reason {role.reason}"
        yield f"{'':<15}reads {', '.join(role.reads) or 'no records'}"
        yield f"{'':<15}may {', '.join(role.may) or 'nothing'}"
        if role.glass:
            opens, minutes = ", ".join(role.glass), role.glass_minutes
            yield f"{'':<15}may break the glass: reads {opens} too, for {minutes} minutes, reviewed by a supervisor"
    yield "reason auto: the log in hand is the reason; required: nothing is shown without a log or a reason."
    for rule in rules.rule:
        yield f"rule {rule.id}: {rule.said}; {rule.why}"
    for stub in rules.stub:
        yield f"stub {stub.id}: {', '.join(stub.roles)} are told of what they do not read: {stub.words}; {stub.why}"
    for mask in rules.mask:
        lifted = "lifted for a reason, one at a time" if mask.reveal == "reason" else "never lifted"
        yield f"mask {mask.id}: {', '.join(mask.hides)} not shown to {', '.join(mask.roles)}, {lifted}; {mask.why}"


def _put_check(access: click.Group, doored: Command) -> None:
    """Put the command that checks a file."""

    @access.command("check")
    @click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.pass_context
    @doored
    def check_command(ctx: click.Context, file: Path | None) -> None:
        """Tell every mistake of a file of roles and rules at once; without FILE, of the one in force.

        \b
        Example:
          discoverer access check access.toml
        """
        place = file or load(ctx.obj).access.rules or SHIPPED
        rules = read_access(place)
        named = (("role", rules.role), ("rule", rules.rule), ("mask", rules.mask), ("stub", rules.stub))
        console.say(f"{place} is sound: {rules.name}, {', '.join(number_of(len(each), what) for what, each in named)}.")


def _put_explain(
    access: click.Group, app_of: Callable[[click.Context], App], print_json: Callable[[object], None], doored: Command
) -> None:
    """Put the command that explains a record."""

    @access.command("explain")
    @click.argument("role")
    @click.argument("record")
    @click.option("--reason", default="", help="Why you ask; kept with the look.")
    @click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
    @click.pass_context
    @doored
    def explain_command(ctx: click.Context, role: str, record: str, reason: str, as_json: bool) -> None:
        """Say whether ROLE reads RECORD ('source:ref'), and which rule gave it which label. The look is recorded.

        For auditors and whoever keeps the accounts: it tells that a record is there, and nothing of what it says.

        \b
        Example:
          discoverer access explain call_handler "incidents:1784/2018-09-03"
        """
        with app_of(ctx) as app:
            viewer = replace(at_the_machine(app.settings), reason=reason_kept(reason))
            found = app.explaining.explain(viewer, role, record)
        if as_json:
            print_json(plain(found))
            return
        for line in _explained(found):
            console.say(line, laid_out=True)


def _explained(found: Explained) -> Iterator[str]:
    """Yield an explanation in lines."""
    reads = "READS" if found.is_read else "DOES NOT READ"
    yield f"{found.title} ({found.role}) {reads} {found.record}: it is {found.label}"
    yield f"  reads {', '.join(found.reads) or 'no records'}: {found.why}"
    for given in found.given:
        yield f"  {given.label}, by {given.rule}: {given.why}"
    yield f"  free words {found.words}: {_read(found.words_read)}"
    yield from (f"  not shown, by {mask}: {', '.join(hides)}" for mask, hides in found.masks)
    for part in found.parts:
        yield f"  {part.what}: {part.label}, {_read(part.reads)}"


def _read(reads: bool) -> str:
    """Say whether something is read."""
    return "read" if reads else "not read"
