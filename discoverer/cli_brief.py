"""`discoverer brief`: what officers on their way are told of a person, place, number or record."""

from __future__ import annotations

from collections.abc import Callable

import click

from discoverer import console
from discoverer.access import Viewer, asking
from discoverer.answer import HitKind
from discoverer.app import App
from discoverer.briefing.parts import Briefing, Given
from discoverer.briefing.writing import marked_as_edited
from discoverer.cli_search import AskedOf
from discoverer.codec import plain
from discoverer.errors import NotPermitted
from discoverer.local_service import LocalService


def brief_command(
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

    @click.command("brief", cls=kind_of)
    @click.argument("kind", type=click.Choice([kind.value for kind in HitKind]))
    @click.argument("ident", metavar="ID", nargs=-1, required=True)
    @click.option("--written", "form", flag_value="written", help="The longer form, for the terminal in the car.")
    @click.option("--log", "form", flag_value="log", help="Plain text to paste into the log.")
    @click.option("--json", "form", flag_value="json", help="Print everything as JSON.")
    @click.option("--log-no", default="", metavar="LOG", help="The log in hand, whose place and grade are told.")
    @click.option("--reason", default="", help="Any other reason for the look.")
    @click.option("--give", is_flag=True, help="Record that this form was given, as it is printed.")
    @click.option("--to", default="", metavar="CALLSIGN", help="To whom it was given.")
    @click.option("--text", default="", help="What was given, where it is not as made; kept as edited.")
    @click.pass_context
    @doored
    def brief(
        ctx: click.Context,
        kind: str,
        ident: tuple[str, ...],
        form: str | None,
        log_no: str,
        reason: str,
        give: bool,
        to: str,
        text: str,
    ) -> None:
        """Brief officers on their way: what is dangerous, who, how often, what is not known, what to ask for.

        Without an option it prints what is read out, at most 90 words, and what must not be said with the reason.
        Nothing counts as given until --give says so.

        \b
        Examples:
          discoverer brief phone 07700 900417
          discoverer brief person "custody:BE/152/18#0" --written
          discoverer brief event incidents:1784/2018-09-03 --log --give --to BE12
        """
        if (to or text) and not give:
            raise click.UsageError("--to and --text say what was given and to whom; add --give.")
        viewer = asking(log_no, reason)
        made, said, given = _brief(asked_of(ctx), viewer, (HitKind(kind), " ".join(ident)), form or "", give, to, text)
        if form == "json":
            print_json({**plain(made), "given": plain(given)})
        else:
            _show(made, marked_as_edited(said, viewer.name) if given and given.edited else said, form or "", given)

    return brief


def _brief(
    asked: App | LocalService, viewer: Viewer, named: tuple[HitKind, str], form: str, give: bool, to: str, text: str
) -> tuple[Briefing, str, Given | None]:
    """Make a briefing, and give it where it is to be given; return it, the text of this form, and what was recorded."""
    if isinstance(asked, LocalService):
        if give:
            raise NotPermitted("Over the socket of the service nothing is given; sign in to it and give it there.")
        made = asked.brief(viewer, *named)
    else:
        made = asked.briefings.make(viewer, *named)
    said = text or {"written": made.written, "log": made.plain}.get(form, made.spoken)
    if isinstance(asked, LocalService) or not give:
        return made, said, None
    shown, as_at = made.fingerprint, made.as_at
    given = asked.briefings.give(viewer, *named, said, shown=shown, as_at=as_at, edited=bool(text), to=to)
    return made, said, given


def _show(made: Briefing, said: str, form: str, given: Given | None) -> None:
    """Print one form; beside what is said aloud, what must not be."""
    for line in said.splitlines():
        click.echo(console.legible(line))
    if not form:
        click.echo(console.legible(f"({made.spoken_words} words; {made.left_out} more that may be said)"))
        for each in made.withheld:
            where = ", ".join(form.value for form in each.withheld_from) or "said without it"
            click.echo(console.legible(f"  NOT ({where}) {each.kind}: {each.why_not} {_cited(each.source, each.ref)}"))
    for change in made.since:
        click.echo(console.legible(f"SINCE LAST BRIEFED: {change}"))
    if given is not None:
        click.echo(console.legible(f"Recorded as number {given.number}: {given.words}."))


def _cited(source: str, ref: str) -> str:
    """Cite a record, if any."""
    return f"({source} {ref})" if source else ""
