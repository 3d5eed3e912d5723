"""The command line: the only door to click. It reads arguments, calls the App, and prints; nothing else.

Exit codes are those of the error tree (discoverer/errors.py); 0 is an answer, an empty one included.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from click.shell_completion import CompletionItem, get_completion_class

from discoverer import cli_builds, cli_policy, console, demo
from discoverer.access import DEMO_VIEWER
from discoverer.answer import State
from discoverer.app import App
from discoverer.audit import looked_from
from discoverer.cli_access import access_group
from discoverer.cli_audit import audit_group
from discoverer.cli_brief import brief_command
from discoverer.cli_decide import decide_group
from discoverer.cli_doctor import doctor_command
from discoverer.cli_forget import forget_command
from discoverer.cli_linking import evaluate_linking, refuse_beside_linking
from discoverer.cli_lookup import lookup_command
from discoverer.cli_search import search_command
from discoverer.cli_serve import serve_command
from discoverer.cli_show import show_command
from discoverer.cli_sync import sync_command
from discoverer.cli_train import train_command
from discoverer.cli_users import show_people, users_group
from discoverer.codec import plain
from discoverer.errors import DiscovererError, FloorsBroken, NotPermitted, UsageError
from discoverer.evaluation import chart as charts
from discoverer.evaluation import floors as floor_files
from discoverer.evaluation import run as evaluation
from discoverer.evaluation import scoreboard
from discoverer.evaluation.asking import Way
from discoverer.evaluation.labelled import made_of
from discoverer.identity.machine import at_the_machine
from discoverer.local_service import LocalService
from discoverer.settings import DEFAULT_CONFIG, DEMO_CONFIG, Settings, load

F = TypeVar("F", bound=Callable[..., Any])
SOCKET_VARIABLE = "DISCOVERER_SOCKET"
SHELLS = ("bash", "zsh", "fish")
GRANTED = (
    "Where 'discoverer' is not on the path, type .venv/bin/discoverer. The settings file is discoverer.toml in the "
    f"folder one stands in, unless --config before the command names another, such as the demo's: {DEMO_CONFIG}."
)


def _doored(command: F) -> F:
    """Turn our errors into one sentence on standard error and the right exit code."""

    @wraps(command)
    def _run(*args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - passes any command's arguments on
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except DiscovererError as error:
            _complain(error)
        except BrokenPipeError:  # whoever was reading has read enough: click leaves quietly
            raise
        except OSError as error:
            _drop_output()
            _complain(UsageError(f"{error.filename or 'The output'} cannot be written ({error.strerror}); make room."))

    return _run  # type: ignore[return-value]


def _drop_output() -> None:
    """Let go of output that cannot be written, or Python would try again while it ends and print its own complaint."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(error: DiscovererError) -> NoReturn:
    """Print one sentence on standard error and leave with the error's exit code."""
    click.echo(console.legible(f"discoverer: {error.message}"), err=True)
    sys.exit(error.exit_code)


class _Command(click.Command):
    """A command whose help ends with what its examples take for granted."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write it down."""
        del ctx
        _write_granted(formatter)


def _write_granted(formatter: click.HelpFormatter) -> None:
    """Say what an example takes for granted, so that it can be typed where it is not so."""
    formatter.write_paragraph()
    formatter.write_text(GRANTED)


class _Group(click.Group):
    """A group whose commands are listed in the order a newcomer needs them."""

    command_class = _Command

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - as click has it
        """Run a command; --config, which everybody puts last sooner or later, is told its place."""
        try:
            return super().invoke(ctx)
        except click.NoSuchOption as error:
            if error.option_name != "--config" or error.ctx is None:
                raise
            told = f"--config names the settings file for every command; put it before '{error.ctx.info_name}'."
            raise click.UsageError(told, error.ctx) from None

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write down what the examples take for granted."""
        del ctx
        _write_granted(formatter)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return command names in the order they were written."""
        del ctx
        return list(self.commands)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", default=DEFAULT_CONFIG, show_default=True, type=click.Path(dir_okay=False, path_type=Path),
    help="The settings file.",
)  # fmt: skip
@click.option(
    "--socket", envvar=SOCKET_VARIABLE, show_envvar=True, type=click.Path(dir_okay=False, path_type=Path),
    help="Have the service there answer search, show, brief and lookup, by your account of this machine.",
)  # fmt: skip
@click.version_option(package_name="discoverer-control-room", prog_name="discoverer")
@click.pass_context
def main(ctx: click.Context, config: Path, socket: Path | None) -> None:
    """Search a force's separate record systems by telephone number, address or name.

    \b
    Examples, the first two with invented sources, the others with yours:
      discoverer demo
      discoverer --config .demo/discoverer.toml search "07700 900417"
      discoverer build
      discoverer search "07700 900417"
    """
    del socket  # _asked has it of the context
    ctx.obj = config
    came_from = looked_from.set("cli")
    ctx.call_on_close(lambda: looked_from.reset(came_from))


def _app(ctx: click.Context) -> App:
    """Return the App of the settings file asked for; it is closed when the command ends."""
    app = App(load(ctx.obj))
    ctx.call_on_close(app.close)
    return app


def _asked(ctx: click.Context) -> App | LocalService:
    """Return what answers for a command that searches: the service over its socket where one is named, else the App.

    Raises:
        NotPermitted: as `_reading`.
    """
    socket = ctx.find_root().params["socket"] or load(ctx.obj).access.socket
    return LocalService(socket) if socket else _reading(ctx)


def _reading(ctx: click.Context) -> App:
    """Return the App for a command that shows what records say.

    Raises:
        NotPermitted: there are accounts: a command knows nobody's role, so that it reads no record at all.
    """
    app = _app(ctx)
    if app.settings.access.accounts is not None:
        raise NotPermitted(
            "Where people have accounts no command reads records, whoever runs it; sign in to the service instead"
            " ('discoverer serve'), or give a program a token of its own ('discoverer users token add')."
        )
    return app


@main.command("demo")
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), help="A generated set of invented sources.")
@click.option("--accounts", is_flag=True, help="Nobody reads without signing in: one invented person for each role.")
@click.pass_context
@_doored
def demo_command(ctx: click.Context, data: Path | None, accounts: bool) -> None:
    """Build an index of invented sources and search it three ways.

    \b
    Examples:
      discoverer demo
      discoverer demo --accounts
    """
    with console.ShownProgress() as progress:
        app, config = demo.set_up(data, progress, accounts)
    ctx.call_on_close(app.close)
    if accounts:
        show_people(demo.people(app), demo.serving(config))
        return
    for search in demo.searches(data):
        click.echo()
        click.echo(f"$ {demo.command(config, search.text)}")
        answer = app.search(DEMO_VIEWER, search.text)
        console.say(f"  ({search.recorded(answer)})", laid_out=True)
        console.show_answer(answer)
        search.check(answer)
    click.echo()
    click.echo(f"Now search it yourself: {demo.command(config, 'whatever the caller says')}")
    click.echo(f"Or in a browser: {demo.serving(config)}")
    click.echo(f"As each role sees it, one invented user for each: {demo.with_accounts(data)}")


cli_builds.register(main, _app, lambda found: _print_json(found), _doored)


main.add_command(search_command(_asked, lambda found: _print_json(found), _doored, _Command))
main.add_command(show_command(_asked, lambda found: _print_json(found), _doored, _Command))
main.add_command(serve_command(_doored, _Command))
main.add_command(brief_command(_asked, lambda found: _print_json(found), _doored, _Command))
main.add_command(lookup_command(_asked, _doored, _Command))


@main.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
@_doored
def status_command(ctx: click.Context, as_json: bool) -> None:
    """Show the live build, how the last attempt went, every source's state and every setting.

    \b
    Example:
      discoverer status --json
    """
    app = _app(ctx)
    status = app.status(at_the_machine(app.settings))
    if as_json:
        _print_json({"status": plain(status), "settings": _settings(app.settings)})
    else:
        console.show_status(status, _settings(app.settings))


def _settings(settings: Settings) -> dict[str, object]:
    """Return every setting as plain values."""
    return settings.model_dump(mode="json")


@main.command("sources")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
@click.pass_context
@_doored
def sources_command(ctx: click.Context, as_json: bool) -> None:
    """List the sources, their mappings and their state; a mapping's mistakes are all reported at once.

    \b
    Example:
      discoverer sources
    """
    app = _app(ctx)
    sources = app.sources(at_the_machine(app.settings))
    if as_json:
        _print_json([{**plain(each.status), "version": each.version} for each in sources])
    else:
        console.show_sources(sources)


def _complete_source(ctx: click.Context, param: click.Parameter, typed: str) -> list[CompletionItem]:
    """Offer the names of the configured sources."""
    del param
    config = ctx.find_root().params.get("config") or DEFAULT_CONFIG
    try:
        names = load(Path(config)).sources
    except DiscovererError:
        return []
    return [CompletionItem(name) for name in names if name.startswith(typed)]


@main.command("rejects")
@click.argument("source", shell_complete=_complete_source, required=False)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 100_000), help="Rows.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
@click.pass_context
@_doored
def rejects_command(ctx: click.Context, source: str | None, limit: int, as_json: bool) -> None:
    """Show the rows of a source that could not become records, each with its reason.

    \b
    Example:
      discoverer rejects incidents --limit 5
    """
    app = _reading(ctx)
    if source is None:
        raise UsageError(f"Say of which source: {', '.join(app.settings.sources)}.")
    rejects = app.rejects(DEMO_VIEWER, source, limit)
    state = next(each for each in app.status(DEMO_VIEWER).sources if each.name == source)
    if state.state in (State.STALE, State.FAILED):
        console.say(f"{source}: {state.words} What follows are the rejects of its last reading.", stderr=True)
    if as_json:
        for reject in rejects:
            click.echo(json.dumps(plain(reject), ensure_ascii=False))
    elif rejects:
        console.show_rejects(rejects)
    else:
        console.say(f"No row of {source} was rejected.")


main.add_command(decide_group(_reading, lambda found: _print_json(found), _doored))
main.add_command(sync_command(_app, _doored, _Command))
main.add_command(forget_command(_app, lambda found: _print_json(found), _doored, console.ShownProgress, _Command))
main.add_command(audit_group(_doored))
main.add_command(users_group(lambda found: _print_json(found), _doored))
main.add_command(access_group(_app, lambda found: _print_json(found), _doored))
main.add_command(doctor_command(lambda found: _print_json(found), _doored, _Command))


@main.command("evaluate")
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--linking", is_flag=True, help="Measure instead how people are linked, against the truth of the set.")
@click.option(
    "--as",
    "how",
    type=click.Choice([*(way.value for way in Way), "both"]),
    default="both",
    show_default=True,
    help="Ask as named fields, through the one box, or both.",
)
@click.option("--floors", type=click.Path(dir_okay=False, path_type=Path), help="Figures that must not fall (TOML).")
@click.option("--chart", type=click.Path(dir_okay=False, path_type=Path), help="Where to draw the chart (HTML).")
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path),
    help="Where to write the figures; --linking --json FOLDER prints them.",
)
@click.option(
    "--misses", type=click.Path(dir_okay=False, path_type=Path), help="Where to write what was missed (JSONL)."
)
@click.option("--limit-queries", type=click.IntRange(1), help="How many to ask, spread evenly over all.")
@click.option(
    "--state", type=click.Path(file_okay=False, path_type=Path), help="Keep the index here, and use it while it stands."
)
@click.pass_context
@_doored
def evaluate_command(
    ctx: click.Context,
    folder: Path | None,
    linking: bool,
    how: str,
    floors: Path | None,
    chart: Path | None,
    json_file: Path | None,
    misses: Path | None,
    limit_queries: int | None,
    state: Path | None,
) -> None:
    """Ask labelled queries and print how many are answered rightly, by type and by group.

    FOLDER holds queries.jsonl beside records.jsonl, or beside the discoverer.toml of a generated set, whose index is
    kept where that says (FOLDER/state) and used as it stands until it is removed.

    \b
    Examples:
      discoverer evaluate fixtures/small
      discoverer evaluate fixtures/small --as fields --limit-queries 200 --state out/kept
      discoverer evaluate --linking --json fixtures/small
    """
    if linking:
        refuse_beside_linking(ctx)
        evaluate_linking(folder, json_file, state, _print_json)
        return
    if folder is None:
        raise click.UsageError("Missing argument 'FOLDER'.")
    if json_file and json_file.is_dir():
        raise click.BadParameter(f"File '{json_file}' is a directory.", param_hint="'--json'")
    wanted = floor_files.read_floors(floors) if floors else ()
    outputs = [path for path in (json_file, misses, chart) if path]
    if outputs:
        evaluation.refuse_places(outputs, [*made_of(folder), *([floors] if floors else [])])
    ways = tuple(Way) if how == "both" else (Way(how),)
    with console.ShownProgress() as progress:
        runs = evaluation.evaluate(folder, progress, ways=ways, most=limit_queries, state=state)
    boards = [board for board, _ in runs]
    # The files first: whoever reads the table may stop reading, and a file refused must not cost the table.
    refused = evaluation.write_all(
        [
            (json_file, lambda: evaluation.figures(boards)),
            (misses, lambda: evaluation.misses(runs)),
            (chart, lambda: charts.page(boards).encode()),
        ]
    )
    for board in boards:
        for line in (*scoreboard.lines(board), ""):
            click.echo(console.legible(line, laid_out=True))
    click.echo(scoreboard.LEGEND)
    try:
        floor_files.hold(wanted, boards, str(floors))
    except FloorsBroken:  # it decides the exit code, and the files refused are said beside it
        if refused:
            click.echo(console.legible(f"discoverer: {refused}"), err=True)
        raise
    if refused:
        raise UsageError(refused)


main.add_command(train_command(lambda found: _print_json(found), _doored, _Command))
cli_policy.register(main, _doored, _app, _reading)


@main.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
def completion_command(shell: str) -> None:
    """Print the shell completion script.

    \b
    Example:
      eval "$(discoverer completion bash)"
    """
    made = get_completion_class(shell)
    if made is not None:
        click.echo(made(main, {}, "discoverer", "_DISCOVERER_COMPLETE").source())


def _print_json(value: object) -> None:
    """Print one JSON value."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=1))
