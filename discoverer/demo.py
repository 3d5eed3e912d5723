"""The demonstration: invented sources, one build, three searches, each by a spelling that was not indexed."""

from __future__ import annotations

import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from discoverer.access_rules import rules_in_force
from discoverer.answer import Answer
from discoverer.app import App
from discoverer.codec import decoder
from discoverer.errors import BuildError, UsageError
from discoverer.identity import Identity
from discoverer.identity.demo import DemoUser, demo_users
from discoverer.settings import DEMO_CONFIG, load
from index.progress import Progress

SMALL_SET = Path(__file__).resolve().parent.parent / "fixtures" / "small"
# The planted person whose history is spread over every source (the inspection report's own failure).
PATTERN = "F19"
ACCOUNTS = "accounts.sqlite"
"""Beside the settings of the demonstration, where people have to sign in."""
KEYS = {"phone": "telephone number", "address": "address", "name": "name"}
_plan = decoder(dict[str, Any])


@dataclass(frozen=True, slots=True)
class DemoSearch:
    """One search of the demonstration.

    Attributes:
        text: str, what is typed.
        about: str, what is asked by.
        expected: tuple[str, ...], 'source:ref' of the planted person's records.
    """

    text: str
    about: str
    expected: tuple[str, ...]

    def recorded(self, answer: Answer) -> str:
        """Say how the first hit is written in its records: otherwise than it was typed."""
        written = dict.fromkeys(record.written for record in answer.hits[0].records) if answer.hits else {}
        return f"by {self.about}; recorded as {', '.join(written)}"

    def check(self, answer: Answer) -> None:
        """Hold the answer against what was planted.

        Raises:
            BuildError: the planted history was not found.
        """
        shown = {f"{record.source}:{record.ref}" for hit in answer.hits for record in hit.records}
        sources = {each.partition(":")[0] for each in shown & set(self.expected)}
        if len(sources) < 3:
            found = ", ".join(sorted(sources)) or "none"
            raise BuildError(
                f"The demonstration found the planted history in {found} only; run 'make test' and report what fails."
            )


def set_up(data: Path | None, progress: Progress, accounts: bool = False) -> tuple[App, Path]:
    """Write a settings file for the invented sources into .demo/ and build their index.

    Args:
        data: a generated set; None: the small one that comes with the code.
        progress: told of each stage.
        accounts: whether people have to sign in.

    Returns:
        (the app, the settings file).

    Raises:
        UsageError: there is no such set, or .demo/ cannot be made here.
    """
    folder = _set(data)
    invented = load(folder / "discoverer.toml")
    config = DEMO_CONFIG
    lines = [
        "# Written by `discoverer demo`: invented people, at an instant of their own.",
        'state_dir = "state"',
        f"sources_dir = {_quoted(str(invented.sources_dir.resolve()))}",
        f"sources = [{', '.join(_quoted(name) for name in invented.sources)}]",
        f"as_at = {invented.instant.isoformat().replace('+00:00', 'Z')}",
    ]
    if accounts:
        lines += ["", "[access]", f"accounts = {_quoted(ACCOUNTS)}"]
    try:
        config.parent.mkdir(exist_ok=True)
        config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{config} cannot be written ({error.strerror}); run the demo in a folder of yours.") from None
    app = App(load(config))
    app.build(progress)
    return app, config


def people(app: App) -> list[DemoUser]:
    """Make the demonstration's people, one for each role, or give them new passphrases.

    Raises:
        AccountsUnavailable: they cannot be written.
    """
    file = app.settings.access.accounts
    if file is None:
        return []
    return demo_users(Identity(file, roles=[each.name for each in rules_in_force(app.settings).role]))


def command(config: Path, text: str) -> str:
    """Return a search as it can be typed here: into a shell, in the folder the demonstration is run in."""
    return shlex.join([*_program(), "--config", str(config), "search", text])


def serving(config: Path) -> str:
    """Return how the screen is served, as it can be typed here."""
    return shlex.join([*_program(), "--config", str(config), "serve"])


def with_accounts(data: Path | None) -> str:
    """Return how the demonstration is made with one invented user for each role, as it can be typed here."""
    return shlex.join([*_program(), "demo", "--accounts", *(["--data", str(data)] if data else [])])


def _program() -> list[str]:
    """Return how the program that runs is called from here: by its name where that finds it, else by where it lies."""
    python = Path(sys.executable)
    script = python.with_name("discoverer")
    found = shutil.which("discoverer")
    if found and script.exists() and Path(found).samefile(script):
        return ["discoverer"]
    return [_from_here(script)] if script.exists() else [_from_here(python), "-m", "discoverer"]


def _from_here(path: Path) -> str:
    """Write a path as short as it can be from the folder one stands in."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def searches(data: Path | None) -> list[DemoSearch]:
    """Return the three searches for the planted person, in the order a call goes.

    Raises:
        UsageError: the set does not say what was planted in it.
    """
    folder = _set(data)
    try:
        planted = _plan((folder / "plan.json").read_bytes())["patterns"][PATTERN]
    except (OSError, ValueError, KeyError):
        message = f"{folder / 'plan.json'} does not say where {PATTERN} was planted; make the set again."
        raise UsageError(message) from None
    return [DemoSearch(planted["queries"][key], words, tuple(planted["expected"])) for key, words in KEYS.items()]


def _set(data: Path | None) -> Path:
    """Return the folder of the set asked for."""
    folder = data or SMALL_SET
    if not (folder / "discoverer.toml").is_file():
        raise UsageError(
            f"There are no invented sources in {folder}; make some with "
            "'python -m fixtures.generate --records 2000 --seed 1 --out DIR' and give --data DIR."
        )
    return folder


def _quoted(text: str) -> str:
    """Write a TOML string."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
