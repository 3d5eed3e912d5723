"""The commands about builds: `build`, `builds` and `rollback`."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import click
from click.core import ParameterSource

from discoverer import console
from discoverer.access import DEMO_VIEWER, Viewer
from discoverer.app import App
from discoverer.cli_linking import naming
from discoverer.codec import plain
from discoverer.errors import SourceError, UsageError
from discoverer.identity.machine import at_the_machine
from discoverer.wording import minute
from index.kept import KeptBuild, Standing
from index.manifest import Manifest, SourceState
from index.progress import SilentProgress

_AppOf = Callable[[click.Context], App]
_PrintJson = Callable[[object], None]
_Doored = Callable[[Callable[..., None]], Callable[..., Any]]


def register(main: click.Group, app_of: _AppOf, print_json: _PrintJson, doored: _Doored) -> None:
    """Put the commands under the command line.

    Args:
        main: the command line.
        app_of: the App of the settings file asked for.
        print_json: prints plain values.
        doored: turns our errors into one sentence and an exit code.
    """
    _put_build(main, app_of, print_json, doored)
    _put_builds(main, app_of, print_json, doored)
    _put_rollback(main, app_of, doored)


def _put_build(main: click.Group, app_of: _AppOf, print_json: _PrintJson, doored: _Doored) -> None:
    """Put `build`."""

    @main.command("build")
    @click.option("--json", "as_json", is_flag=True, help="Print the manifest as JSON.")
    @click.option("--quiet", is_flag=True, help="No progress bar.")
    @click.option("--anew", is_flag=True, help="Begin anew, though a build was stopped that could go on.")
    @click.option("--publish", metavar="ID", help="Build nothing: publish this kept build, held back or older.")
    @click.option("--reason", default="", help="Why it is published; kept in the history. Only with --publish.")
    @click.option(
        "--viewer", "name", default=DEMO_VIEWER.name, show_default=True, help="Who publishes it; kept with the reason."
    )
    @click.pass_context
    @doored
    def build_command(
        ctx: click.Context, as_json: bool, quiet: bool, anew: bool, publish: str | None, reason: str, name: str
    ) -> None:
        """Read every source into a new index and publish it; the old one serves until then.

        A build that was stopped in the last six hours goes on after the last stage it finished.

        A source that cannot be read keeps what was read of it before, is marked stale, and makes the exit code 4.

        A finished build is audited against the live one. Outside its bounds it is held back with exit code 10, and the
        live one goes on serving: 'discoverer builds' says why, and --publish makes it live all the same. What it lacks
        then counts as deleted at its source: builds that hold that are removed, and rollback cannot go to them.

        \b
        Examples:
          discoverer --config discoverer.toml build
          discoverer build --publish 20181118T020000Z-3fa9c1 --reason "the force weeded its old forms"
        """
        if publish is None and reason:
            raise UsageError("--reason says why a kept build is published; name the build with --publish.")
        app = app_of(ctx)
        if publish is not None:
            viewer = _publisher(app, name, named=ctx.get_parameter_source("name") is ParameterSource.COMMANDLINE)
            before = {each.build for each in app.builds.kept(viewer)}
            manifest = app.builds.publish(viewer, publish, reason)
            _report_removed(before, app.builds.kept(viewer), manifest.build)
        else:
            shown = contextlib.nullcontext(SilentProgress()) if quiet or as_json else console.ShownProgress()
            with naming(ctx.obj), shown as progress:
                manifest = app.build(progress, resume=not anew, going_on=_say_going_on)
        if as_json:
            print_json(plain(manifest))
        else:
            console.show_build(manifest)
        _report_missing(manifest)


def _publisher(app: App, name: str, *, named: bool) -> Viewer:
    """Return who publishes: where people have accounts whoever is at the machine, and nobody in another's name.

    Raises:
        UsageError: somebody is named all the same.
    """
    viewer = at_the_machine(app.settings)
    if app.settings.access.accounts is None:
        return replace(viewer, name=name)
    if named:
        raise UsageError(f"Where people have accounts it is you who publish ({viewer.name}); leave out --viewer.")
    return viewer


def _say_going_on(begun: str) -> None:
    """Say on standard error that no new build is begun."""
    click.echo(f"Going on with the build begun {minute(begun)}, which was stopped (--anew begins anew).", err=True)


def _report_removed(before: set[str], kept: Sequence[KeptBuild], live: str) -> None:
    """Say on standard error which builds went with a publication, and what there is to go back to."""
    removed = sorted(before - {each.build for each in kept})
    if removed:
        older = [each.build for each in kept if each.standing is Standing.SUPERSEDED and each.build < live]
        then = f"goes to build {older[0]}" if older else "has nothing to go to now"
        click.echo(
            f"Removed, since they hold records that build {live} does not hold: {', '.join(removed)}; rollback {then}.",
            err=True,
        )


def _report_missing(manifest: Manifest) -> None:
    """Say on standard error what the published build could not read anew, and leave as for a source that failed."""
    missing = [entry for entry in manifest.segments if entry.state is not SourceState.FRESH]
    for entry in missing:
        serving = "what was read of it before is searched" if entry.file else "nothing of it is searched"
        click.echo(console.legible(f"discoverer: {entry.reason.rstrip('. ')}; until then {serving}."), err=True)
    if missing:
        sys.exit(SourceError.exit_code)


def _put_builds(main: click.Group, app_of: _AppOf, print_json: _PrintJson, doored: _Doored) -> None:
    """Put `builds`."""

    @main.command("builds")
    @click.option("--json", "as_json", is_flag=True, help="Print as JSON, every finding of every audit with it.")
    @click.pass_context
    @doored
    def builds_command(ctx: click.Context, as_json: bool) -> None:
        """List the builds that are kept, the newest first: how each stands and why, and its sources.

        \b
        Example:
          discoverer builds
        """
        app = app_of(ctx)
        kept = app.builds.kept(at_the_machine(app.settings))
        if as_json:
            print_json([plain(each) for each in kept])
        elif kept:
            console.show_builds(kept)
        else:
            console.say("No build is kept yet; run 'discoverer build'.")


def _put_rollback(main: click.Group, app_of: _AppOf, doored: _Doored) -> None:
    """Put `rollback`."""

    @main.command("rollback")
    @click.pass_context
    @doored
    def rollback_command(ctx: click.Context) -> None:
        """Make the build before the live one the live one; when the live one cannot be told, the newest that is sound.

        A build that was held back is passed over; 'discoverer build --publish ID' is for it.

        \b
        Example:
          discoverer rollback
        """
        app = app_of(ctx)
        manifest = app.rollback(at_the_machine(app.settings))
        console.say(f"Build {manifest.build} is live now; it was made {minute(manifest.made_at)}.")
