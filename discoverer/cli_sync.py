"""`discoverer sync`: take in what changed at the sources since the build, once or again and again."""

from __future__ import annotations

import contextlib
import functools
import re
import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import click

from adapters.registry import load_adapters
from discoverer import console
from discoverer.app import App
from discoverer.clock import iso, now
from discoverer.codec import encode
from discoverer.errors import DiscovererError, SourceError
from discoverer.wording import local_time, moment
from index.layer_file import number_of
from index.sync import Syncer
from index.sync_state import SourceSync, Synced

Command = Callable[..., Any]
_SPAN = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(s|m|h)?")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0}
LEAST, MOST = 0.1, 86_400.0  # seconds between two times of asking


class Span(click.ParamType[float]):
    """A time to wait, as '5s', '2m' or '1h'."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        """Return seconds."""
        if isinstance(value, float):
            return value
        match = _SPAN.fullmatch(str(value).strip())
        seconds = float(match.group(1)) * _SECONDS[match.group(2) or "s"] if match else 0.0
        if not LEAST <= seconds <= MOST:
            self.fail(f"'{value}' is no time to wait; write for example 5s, 2m or 1h.", param, ctx)
        return seconds


def sync_command(
    app_of: Callable[[click.Context], App], doored: Command, command_class: type[click.Command]
) -> click.Command:
    """Make the command.

    Args:
        app_of: opens the App of the settings asked for.
        doored: turns our errors into a sentence and an exit code.
        command_class: of all commands.
    """

    @click.command("sync", cls=command_class)
    @click.option("--every", type=Span(), help="Ask again and again, so long after each time: 5s, 2m.")
    @click.option("--json", "as_json", is_flag=True, help="Print how far each source is taken in as JSON, one a line.")
    @click.pass_context
    @doored
    def command(ctx: click.Context, every: float | None, as_json: bool) -> None:
        """Take in what changed at the sources since the build, so that it is found within seconds.

        A source that cannot tell what changed says so and waits for the next build. One that cannot be asked leaves
        the others as they are, and makes the exit code 4. Stopped by Ctrl-C, --every leaves with 0.

        \b
        Example:
          discoverer sync --every 5s
        """
        app = app_of(ctx)
        write = _print_line if as_json else _Shown().show

        def show(synced: Synced) -> None:
            app.briefings.tidy()  # what a source has deleted goes from the briefings given, too
            write(synced)

        if every:
            _again_and_again(lambda: Syncer(app.settings, load_adapters(app.settings)), every, show)
            return
        with Syncer(app.settings, load_adapters(app.settings)) as syncer:
            synced = syncer.once()
        show(synced)
        if any(each.tells and each.reason for each in synced.sources):
            sys.exit(SourceError.exit_code)

    return command


def _again_and_again(begin: Callable[[], Syncer], every: float, show: Callable[[Synced], None]) -> None:
    """Ask until told to stop; what goes wrong is said, and tried again. Only what is new is printed.

    Mappings are read again for every build: what it was made by, what changes since is taken in by.
    """
    stopped = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stopped.set())
    shown, build = None, ""
    syncer: Syncer | None = None
    while not stopped.is_set():
        try:
            syncer = syncer or begin()
            synced = syncer.once()
            if build and synced.build != build:
                syncer.close()
                syncer = begin()
                synced = syncer.once()
            build = synced.build
            told = [(each.source, each.taken, each.reason) for each in synced.sources]
            if (build, told) != shown:
                _say(functools.partial(show, synced))
                shown = build, told
        except DiscovererError as error:
            _say(functools.partial(click.echo, console.legible(f"discoverer: {error.message}"), err=True))
        stopped.wait(every)
    if syncer is not None:
        syncer.close()


def _say(say: Callable[[], None]) -> None:
    """Say something, unless a full disk does not take it: calls that come in must be found all the same."""
    try:
        say()
    except BrokenPipeError:  # whoever was reading has read enough
        raise
    except OSError:
        with contextlib.suppress(OSError):
            click.echo("discoverer: what was to be said could not be written; make room.", err=True)


def _print_line(synced: Synced) -> None:
    """Print all of it as JSON, in one line."""
    click.echo(encode(synced).decode("utf-8"))


class _Shown:
    """Prints how far each source is taken in: all of them once, and from then on what is new."""

    def __init__(self) -> None:
        """Begin with nothing shown."""
        self._build, self._told = "", dict[str, tuple[int, str]]()

    def show(self, synced: Synced) -> None:
        """Print one line for every source of which there is anything new, under the build and the time of day."""
        if synced.build != self._build:
            self._build, self._told = synced.build, {}
        layer = f", layer {number_of(synced.layer)}" if synced.layer else ""
        click.echo(f"{local_time(iso(now())):%H:%M:%S} Build {synced.build}{layer}")
        for each in synced.sources:
            if self._told.get(each.source) != (each.taken, each.reason):
                click.echo(console.legible(f"  {each.source}: {_words(each)}"))
            self._told[each.source] = (each.taken, each.reason)


def _words(each: SourceSync) -> str:
    """Say how far a source is taken in."""
    if not each.tells:
        return each.reason or "cannot tell what changed; it is read by the next build"
    upto = f"all there was at {moment(each.as_at)}" if each.as_at else "nothing since the build"
    changes = f"{each.taken:,} change{'' if each.taken == 1 else 's'} since the build"
    return f"{upto}, {changes}" + (f"; NOT asked now: {each.reason}" if each.reason else "")
