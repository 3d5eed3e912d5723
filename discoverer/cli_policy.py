"""The commands about policy: check, list, show, and the two figures. It reads arguments, calls the App, and prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from adapters.registry import note_labels
from discoverer import console
from discoverer.access import DEMO_VIEWER
from discoverer.answer import FiguresAnswer
from discoverer.app import App
from discoverer.clock import now
from discoverer.codec import plain
from discoverer.errors import ConfigError, DiscovererError
from discoverer.identity.machine import at_the_machine
from discoverer.policy.doubts import doubts
from discoverer.policy.figures import Levels, Share
from discoverer.policy.rules import Policies, Policy, read_policies
from discoverer.policy.times import local_day
from discoverer.settings import load
from discoverer.wording import day, minute, number_of

_Command = Callable[..., None]
_Doored = Callable[[_Command], _Command]
_AppOf = Callable[[click.Context], App]
_DAY = click.DateTime(["%Y-%m-%d"])


def register(main: click.Group, doored: _Doored, app_of: _AppOf, reading: _AppOf) -> None:
    """Put the policy commands under the command line.

    Args:
        main: the command line.
        doored: turns our errors into one sentence and an exit code.
        app_of: the App of the settings file asked for.
        reading: the same, for what shows what records say.
    """

    @main.group("policy")
    def policy_group() -> None:
        """Say who is a repeat or vulnerable victim, by which policy, and count them.

        \b
        Examples:
          discoverer policy list
          discoverer policy figures --from 2018-01-01 --to 2018-12-31
        """

    _put_check(policy_group, doored)
    _put_list(policy_group, doored, app_of)
    _put_show(policy_group, doored, app_of)
    _put_figures(policy_group, doored, reading)


def _put_check(policy_group: click.Group, doored: _Doored) -> None:
    """Put the command that checks a file."""

    @policy_group.command("check")
    @click.argument("file", type=click.Path(exists=True, path_type=Path))
    @click.pass_context
    @doored
    def check_command(ctx: click.Context, file: Path) -> None:
        """Explain every mistake of a policy file (or a folder of them) at once, and warn of what looks mistyped.

        Mistakes: exit code 3. Warnings alone: the file can be used as it is, exit code 0.

        \b
        Example:
          discoverer policy check policy.toml
        """
        try:
            policies = read_policies(file)
        except ConfigError as error:
            if len(error.problems) == 1:
                raise
            _mistakes(file, error)
            sys.exit(error.exit_code)
        console.say(f"{file} is sound: {number_of(len(policies.versions), 'version')}.")
        for line in _listed(policies):
            console.say(line, laid_out=True)
        today, labels = _known(ctx.obj)
        warned = doubts(policies, today, labels)
        for line in warned:
            console.say(f"WARNING {line}")
        if warned:
            console.say(f"{number_of(len(warned), 'warning')}: none stops it from being used; mend what was not meant.")


def _mistakes(file: Path, error: ConfigError) -> None:
    """Print the mistakes of a policy, one a line."""
    head = f"discoverer: {file} has {number_of(len(error.problems), 'mistake')}:"
    click.echo(console.legible(head), err=True)
    for number, problem in enumerate(error.problems, 1):
        click.echo(f"  {console.legible(f'({number}) {problem}')}", err=True)


def _known(config: Path) -> tuple[date, tuple[str, ...]]:
    """Return the day that counts as today and the labels of notes; a policy can be checked without any settings."""
    try:
        settings = load(config)
        return local_day(settings.instant), note_labels(settings)
    except DiscovererError:
        return local_day(now()), ()


def _put_list(policy_group: click.Group, doored: _Doored, app_of: _AppOf) -> None:
    """Put the command that lists the versions."""

    @policy_group.command("list")
    @click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
    @click.pass_context
    @doored
    def list_command(ctx: click.Context, as_json: bool) -> None:
        """List every version of the policy, and when it is in force.

        \b
        Example:
          discoverer policy list
        """
        app = app_of(ctx)
        policies = app.policies(at_the_machine(app.settings))
        if as_json:
            _print([_described(policy) for policy in policies.versions])
            return
        for line in _listed(policies):
            console.say(line, laid_out=True)


def _put_show(policy_group: click.Group, doored: _Doored, app_of: _AppOf) -> None:
    """Put the command that shows one version."""

    @policy_group.command("show")
    @click.option("--policy-version", "version", default="", help="Which version; else the one in force now.")
    @click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
    @click.pass_context
    @doored
    def show_command(ctx: click.Context, version: str, as_json: bool) -> None:
        """Show one version of the policy, clause by clause.

        \b
        Example:
          discoverer policy show --policy-version 1
        """
        app = app_of(ctx)
        policy = app.policy(at_the_machine(app.settings), version)
        terms = policy.terms.model_dump(mode="json", exclude_none=True)
        if as_json:
            _print(terms)
            return
        for line in _lines(terms, ""):
            console.say(line, laid_out=True)


def _put_figures(policy_group: click.Group, doored: _Doored, app_of: _AppOf) -> None:
    """Put the command that counts the figures."""

    @policy_group.command("figures")
    @click.option("--from", "first", type=_DAY, required=True, help="The first day, e.g. 2018-01-01.")
    @click.option("--to", "last", type=_DAY, required=True, help="The last day, included.")
    @click.option("--policy-version", "version", default="", help="Which version; else the one in force now.")
    @click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
    @click.pass_context
    @doored
    def figures_command(ctx: click.Context, first: datetime, last: datetime, version: str, as_json: bool) -> None:
        """Count domestic abuse calls from repeat victims, and victims by level of risk now.

        \b
        Example:
          discoverer policy figures --from 2018-01-01 --to 2018-12-31
        """
        answered = app_of(ctx).figures(DEMO_VIEWER, first.date(), last.date(), version)
        if as_json:
            _print(plain(answered))
            return
        for line in _figures(answered):
            console.say(line, laid_out=True)


def _print(value: object) -> None:
    """Print one JSON value."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _described(policy: Policy) -> dict[str, object]:
    """Describe a version in a list."""
    terms = policy.terms
    return {
        "policy": terms.id,
        "version": terms.version,
        "title": terms.title,
        "owner": terms.owner,
        "effective_from": terms.effective_from.isoformat(),
        "effective_to": terms.effective_to.isoformat() if terms.effective_to else "",
    }


def _listed(policies: Policies) -> Iterator[str]:
    """Word each version of a policy."""
    for policy in policies.versions:
        terms = policy.terms
        until = f"to {_day(terms.effective_to)}" if terms.effective_to else "until another takes over"
        yield f"{policy.name}  from {_day(terms.effective_from)} {until}: {terms.title} ({terms.owner})"


def _day(value: date) -> str:
    """Write a day as people do."""
    return day(value.isoformat())


def _lines(value: Any, indent: str) -> Iterator[str]:  # noqa: ANN401 - any value of TOML
    """Write nested values as indented lines."""
    for name, inner in value.items():
        if isinstance(inner, dict):
            yield f"{indent}{name}"
            yield from _lines(inner, indent + "  ")
        elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
            yield f"{indent}{name}"
            for each in inner:
                yield from _lines(_said(each), indent + "  - ")
        elif inner not in ("", [], 0, False):
            yield f"{indent}{name}: {', '.join(map(str, inner)) if isinstance(inner, list) else inner}"


def _said(clause: dict[str, Any]) -> dict[str, Any]:
    """Return a clause on one line: its id, then what it asks."""
    asked = [f"{name} {value}" for name, value in clause.items() if name not in ("id", "words") and value]
    return {clause.get("id", ""): f"{clause.get('words', '')} ({'; '.join(asked)})"}


def _figures(answered: FiguresAnswer) -> Iterator[str]:
    """Word both figures, with all that makes them reproducible."""
    first, last = answered.period
    yield f"{answered.title}: policy {answered.policy}@{answered.version} ({answered.owner})"
    yield f"Build {answered.build}, as at {minute(answered.as_at)}"
    yield ""
    yield f"1. Domestic abuse calls from repeat victims, {day(first)} to {day(last)}"
    yield from (f"  {note}" for note in answered.notes)
    yield from _share(answered.share)
    yield ""
    yield "2. Victims by the level of their latest risk assessment, now"
    for levels in (answered.recent, answered.ever):
        yield from _levels(levels)
    yield ""
    yield "Sources asked"
    for source in answered.sources:
        yield f"  {source.name}: {source.words}; {number_of(source.records, 'record')}"
    yield answered.scope


def _share(share: Share) -> Iterator[str]:
    """Word the first figure."""
    of = f"{share.numerator:,} of {share.denominator:,}"
    yield f"  {of} = {share.share:.1%}" if share.share is not None else f"  {of}: no call to count in the period"
    yield f"  {share.words}; calls about one event are one call ({number_of(share.logs, 'log')})"
    yield f"  a repeat only if what is doubtful is so: {share.possible:,} more"
    yield from _excluded(share.excluded, "calls")


def _levels(levels: Levels) -> Iterator[str]:
    """Word the second figure."""
    yield f"  {levels.victims:,} distinct people, {levels.words}"
    yield f"    HIGH {levels.high:,}   MEDIUM {levels.medium:,}   STANDARD {levels.standard:,}"
    yield f"    NOT ASSESSED {levels.not_assessed:,}, of whom"
    yield f"      mandatory and missing (a crime by a partner or former partner): {levels.mandatory_and_missing:,}"
    yield f"      mandatory by the words of a log alone: {levels.mandatory_by_words:,}"
    yield f"      discretionary (no crime, or by a family member): {levels.discretionary:,}"
    yield f"      a crime, and not recorded by whom: {levels.relationship_not_recorded:,}"
    yield f"      every event has a DASH, which names somebody else: {levels.dash_names_another:,}"
    yield from _excluded(levels.excluded, "people")


def _excluded(excluded: dict[str, int], what: str) -> Iterator[str]:
    """Word what was left out, each with its reason."""
    yield f"    {what} left out: {sum(excluded.values()):,}"
    for why, count in excluded.items():
        yield f"      {count:,}  {why}"
