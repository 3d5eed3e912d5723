"""`discoverer audit`: the auditors' keys, and what was looked at."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from discoverer import console
from discoverer.audit import record_look, set_up
from discoverer.audit.reading import Recorded, Unreadable, read_looks
from discoverer.audit.sealing import Opener, make_keys
from discoverer.codec import encode
from discoverer.errors import LooksUnreadable, UsageError
from discoverer.identity.machine import operator
from discoverer.settings import Settings, load

_DAY = click.DateTime(["%Y-%m-%d"])


def audit_group(doored: Callable[[Callable[..., None]], Callable[..., None]]) -> click.Group:
    """Return the group, to be registered by the command line.

    Args:
        doored: turns our errors into one sentence and an exit code.
    """

    @click.group("audit")
    def group() -> None:
        """Read what was looked at, by whom and why; make the keys that close what was typed to all but auditors.

        \b
        Examples:
          discoverer audit keys --out keys
          discoverer audit read --from 2018-09-03 --viewer demo
        """

    group.add_command(_keys(doored))
    group.add_command(_read(doored))
    return group


def _keys(doored: Callable[[Callable[..., None]], Callable[..., None]]) -> click.Command:
    """Return the command that makes keys."""

    @click.command("keys")
    @click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="The folder for both.")
    @doored
    def keys(out: Path) -> None:
        """Make a pair of keys: one that seals, for the service, and one that opens, for the auditors alone.

        Nothing that stands there is replaced: what was sealed with a key is lost without its other half.

        \b
        Example:
          discoverer audit keys --out keys
        """
        public, secret, name = make_keys(out)
        console.say(f"Key {name} is made. Name {public} as audit_key under [access] in the settings.")
        console.say(
            f"Take {secret} away from this machine, to two places that the auditors alone open: whoever has it reads"
            " what was typed, and without it nobody does."
        )

    return keys


def _read(doored: Callable[[Callable[..., None]], Callable[..., None]]) -> click.Command:
    """Return the command that reads."""

    @click.command("read")
    @click.option("--from", "first", type=_DAY, metavar="DAY", help="The first day, as 2018-09-03 (UTC).")
    @click.option("--to", "last", type=_DAY, metavar="DAY", help="The last day, included.")
    @click.option("--viewer", default="", help="Only what this viewer looked at.")
    @click.option(
        "--key",
        "secrets",
        multiple=True,
        type=click.Path(dir_okay=False, path_type=Path),
        help="The auditors' secret key, which opens what was typed; again for an older one.",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
    @click.pass_context
    @doored
    def read(
        ctx: click.Context,
        first: datetime | None,
        last: datetime | None,
        viewer: str,
        secrets: tuple[Path, ...],
        as_json: bool,
    ) -> None:
        """Print every look of the days asked for, the oldest first. Reading is a look itself, and is recorded.

        A line that cannot be read is said where it stands, and the exit code is 6; the others are printed.

        \b
        Example:
          discoverer audit read --from 2018-09-03 --viewer demo
        """
        begins, ends = first and first.date(), last and last.date()
        if begins and ends and ends < begins:
            raise UsageError(f"--to {ends} is before --from {begins}; swap the two days.")
        settings, opener = load(ctx.obj), Opener(secrets)
        _record(settings, begins, ends, viewer)
        bad = 0
        for found in read_looks(settings.audit_dir, begins, ends, viewer, opener):
            bad += isinstance(found, Unreadable)
            if as_json:
                click.echo(encode(_values(found)))
            else:
                console.say(_words(found))
        if bad:
            raise LooksUnreadable(
                f"{bad} line{'' if bad == 1 else 's'} of {settings.audit_dir} cannot be read, as said above; the others"
                " are printed."
            )

    return read


def _record(settings: Settings, first: date | None, last: date | None, viewer: str) -> None:
    """Record the reading, by the account of this machine that reads. Raises ConfigError, LookNotRecorded."""
    set_up(settings)
    asked = f"{first or 'the first day'} to {last or 'the last'}, {viewer or 'everybody'}"
    record_look(settings.audit_dir, replace(operator(), role="auditor"), "audit", asked, (), "")


def _values(found: Recorded | Unreadable) -> dict[str, Any]:
    """Return a line as plain values, with where it stands."""
    at = {"file": found.file, "line": found.number}
    if isinstance(found, Unreadable):
        return {**at, "unreadable": found.why, "bytes": found.size}
    return {**found.values, **at, "sealed_with": found.sealed_with}


def _words(found: Recorded | Unreadable) -> str:
    """Return a line in words."""
    if isinstance(found, Unreadable):
        return f"{found.file} line {found.number} CANNOT BE READ ({found.size:,} bytes): {found.why}"
    values = found.values
    typed = f" (sealed with key {found.sealed_with})" if found.sealed_with else f" '{values.get('asked', '')}'"
    shown = [str(each.get("id", "")) for each in values.get("shown", ())]
    masked = [str(each) for each in values.get("masked", ())]
    about = values.get("about")
    said = [
        f"{values['at']} {values['viewer']}, {values.get('role', '')}",
        *(f"{name} {values[name]}" for name in ("from", "log", "reason", "glass") if values.get(name)),
        values["action"] + (typed if about is None or found.sealed_with else ""),
    ]
    if about is not None:
        return "; ".join([*said, *(f"{name} {value}" for name, value in dict(about).items())])
    said.append(f"shown {len(shown)}: {' '.join(shown)}" if shown else "shown nothing")
    return "; ".join([*said, *([f"masked {', '.join(masked)}"] if masked else [])])
