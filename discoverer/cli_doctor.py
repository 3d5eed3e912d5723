"""`discoverer doctor`: what to mend before this installation is trusted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from discoverer import console
from discoverer.codec import plain
from discoverer.doctor import Health, examine
from discoverer.errors import NotSound
from discoverer.settings import load


def doctor_command(
    print_json: Callable[[object], None],
    doored: Callable[[Callable[..., None]], Callable[..., None]],
    kind_of: type[click.Command],
) -> click.Command:
    """Return the command, to be registered by the command line.

    Args:
        print_json: prints plain values.
        doored: turns our errors into one sentence and an exit code.
        kind_of: the class of every command, whose help ends alike.
    """

    @click.command("doctor", cls=kind_of)
    @click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
    @click.pass_context
    @doored
    def doctor(ctx: click.Context, as_json: bool) -> None:
        """Look whether owners, modes, the disk, the index and the settings are as they must be.

        Run it as the account that serves. It changes nothing, and leaves with 3 where something is bad.

        \b
        Example:
          discoverer doctor
        """
        config: Path = ctx.obj
        found = list(examine(config, load(config)))
        if as_json:
            print_json([plain(each) for each in found])
        else:
            for each in found:
                mend = f"; {each.mend}" if each.mend else ""
                console.say(f"{each.health.value:<5}{each.what:<18}{each.found}{mend}", laid_out=True)
        bad = [each for each in found if each.health is Health.BAD]
        if bad:
            raise NotSound(len(bad))

    return doctor
