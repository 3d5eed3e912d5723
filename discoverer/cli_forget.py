"""`discoverer forget`: hide a record that its source has deleted, and prove that nothing of it is left."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from typing import Any

import click

from adapters.registry import load_adapters
from discoverer import console
from discoverer.app import App
from discoverer.audit import record_look
from discoverer.codec import plain
from discoverer.errors import DiscovererError, NotGone, StillHeld
from discoverer.identity.machine import at_the_machine
from discoverer.wording import number_of
from index import versions
from index.forgetting import Before, Forgetting, Wanted
from index.progress import Progress
from index.proving import Found, Proof

Command = Callable[..., Any]
HIDING = {
    Before.FOUND: "it is hidden from now on, and gone from every file at the next build.",
    Before.HIDDEN: "it is hidden already, by a sync or an earlier forget: no search finds it, and it is gone from"
    " every file at the next build.",
    Before.ABSENT: "it was not found by any search before this either.",
}
MOST_NAMED = 5  # records that cite the one forgotten, by name


def forget_command(
    app_of: Callable[[click.Context], App],
    print_json: Callable[[object], None],
    doored: Command,
    progress: Callable[[], AbstractContextManager[Progress]],
    command_class: type[click.Command],
) -> click.Command:
    """Make the command.

    Args:
        app_of: opens the App of the settings asked for.
        print_json: prints one value.
        doored: turns our errors into a sentence and an exit code.
        progress: makes what a build tells how far it is.
        command_class: of all commands.
    """

    @click.command("forget", cls=command_class)
    @click.argument("ref")
    @click.option("--prove", is_flag=True, help="Look through every file of the state, and say where it still stands.")
    @click.option(
        "--build", "build_now", is_flag=True, help="Build in between, so that one run shows it there and gone."
    )
    @click.option("--also", multiple=True, help="A value to look for besides, such as a name; may be given again.")
    @click.option("--json", "as_json", is_flag=True, help="Print what was found as JSON.")
    @click.pass_context
    @doored
    def command(
        ctx: click.Context, ref: str, prove: bool, build_now: bool, also: tuple[str, ...], as_json: bool
    ) -> None:
        """Hide a record that its source has deleted, and prove that nothing of it is left.

        REF is 'source:ref', or a reference that only one source has. A record that its source still holds is not
        forgotten: the next build would bring it back. Hidden here, it is gone from every file at the next build. The
        exit code of --prove is 0 when it is gone from every file but those kept by law (who looked at what, what people
        decided), else 9. Once no file holds the record, it is looked for by its reference and the values of --also
        alone: --build does all of it in one run, while its words are known.

        \b
        Examples:
          discoverer forget "incidents:1784/2018-09-03"
          discoverer forget "incidents:1784/2018-09-03" --prove --build
          discoverer forget "incidents:1784/2018-09-03" --prove --also "Shabana Bibi"
        """
        app = app_of(ctx)
        wanted, before = _hide(app, ref, also)
        if not as_json:
            click.echo(console.legible(f"{wanted.id}: its source does not hold it; {HIDING[before]}"))
        if not (prove or build_now):
            return
        proofs = _prove(app, wanted, progress if build_now else None)
        if as_json:
            beside = {"shared": wanted.shared, "cited_by": wanted.cited_by}
            print_json([{**plain(each), "gone": each.gone, **beside} for each in proofs])
        else:
            _show_all(wanted, proofs)
        if not proofs[-1].gone:
            raise NotGone(_not_gone(proofs[-1]))

    return command


def _hide(app: App, ref: str, also: tuple[str, ...]) -> tuple[Wanted, Before]:
    """Hide a record, once the look is recorded; return it, and how it stood before."""
    settings = app.settings
    forgetting = Forgetting(settings, load_adapters(settings))

    def look(shown: str) -> None:
        build = versions.current_or_none(settings.state_dir)
        viewer = at_the_machine(settings)
        record_look(settings.audit_dir, viewer, "forget", ref, (), build, mentions=[shown] if shown else [])

    try:
        wanted = forgetting.want(ref, also)
    except StillHeld as held:
        look(held.record)
        raise
    except DiscovererError:
        look("")
        raise
    look(wanted.id)
    before = forgetting.hide(wanted)
    app.briefings.forget(wanted.source, wanted.ref)
    return wanted, before


def _prove(
    app: App, wanted: Wanted, progress: Callable[[], AbstractContextManager[Progress]] | None
) -> tuple[Proof, ...]:
    """Look through every file; where a build is to be made in between, before and after it."""
    forgetting = Forgetting(app.settings, load_adapters(app.settings))
    before = forgetting.prove(wanted)
    if progress is None:
        return (before,)
    with progress() as shown:
        app.build(shown)
    return before, forgetting.prove(wanted)


def _cited(wanted: Wanted) -> str:
    """Say which records cite it."""
    count, named = len(wanted.cited_by), ", ".join(wanted.cited_by[:MOST_NAMED])
    more = f" and {count - MOST_NAMED:,} more" if count > MOST_NAMED else ""
    return (
        f"Its reference also stands in {number_of(count, 'record')} that cite{'s' if count == 1 else ''} it ({named}"
        f"{more}); that is theirs, not a trace."
    )


def _show_all(wanted: Wanted, proofs: Iterable[Proof]) -> None:
    """Print what was not looked for, and why, and what looking through every file has shown."""
    if wanted.shared:
        click.echo(console.legible(f"Not looked for, since other records say it too: {'; '.join(wanted.shared)}."))
    if wanted.cited_by:
        click.echo(console.legible(_cited(wanted)))
    for each in proofs:
        _show(each)


def _show(proof: Proof) -> None:
    """Print what looking through every file has shown."""
    values = ", ".join(f"{what} ({count})" for what, count in proof.looked_for.items())
    click.echo(console.legible(f"Looked through {proof.files:,} files and every engine for: {values}."))
    for each in proof.left:
        click.echo(console.legible(f"  {_place(each)}; goes with {each.must}"))
    for each in proof.kept:
        click.echo(console.legible(f"  kept by law: {_place(each)}"))
    if proof.gone:
        click.echo(console.legible(f"{proof.ref} is gone from every file that need not keep it."))


def _place(found: Found) -> str:
    """Say where something was found."""
    return f"{found.file}, {found.where}: {', '.join(found.what)}"


def _not_gone(proof: Proof) -> str:
    """Say that a record is not gone, and what must happen."""
    places = len({each.file for each in proof.left})
    by_hand = [each.file for each in proof.left if "by hand" in each.must]
    then = f" and look at {', '.join(sorted(set(by_hand)))}" if by_hand else ""
    return (
        f"{proof.ref} still stands in {places} file{'' if places == 1 else 's'}; run 'discoverer build'{then}, then ask"
        " again."
    )
