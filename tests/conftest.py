"""Shared set-ups. `small` is the committed set of invented sources, built once for a test run."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from discoverer.app import App
from discoverer.settings import load
from index.progress import SilentProgress

SMALL = Path(__file__).resolve().parent.parent / "fixtures" / "small"


@pytest.fixture(scope="session")
def small_plan() -> dict[str, Any]:
    """Return what was planted in the small set."""
    plan: dict[str, Any] = json.loads((SMALL / "plan.json").read_text(encoding="utf-8"))
    return plan


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Lend an app that searches the small set."""
    settings = load(SMALL / "discoverer.toml")
    with App(settings.model_copy(update={"state_dir": tmp_path_factory.mktemp("small") / "state"})) as app:
        app.build(SilentProgress())
        yield app


@pytest.fixture(scope="session")
def small_closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Lend an app that searches the small set where there are accounts: built by the rules that are in force then."""
    settings = load(SMALL / "discoverer.toml")
    state = tmp_path_factory.mktemp("closed") / "state"
    access = settings.access.model_copy(update={"accounts": state.parent / "accounts.sqlite"})
    with App(settings.model_copy(update={"state_dir": state, "access": access})) as app:
        app.build(SilentProgress())
        yield app


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the scoreboards that tests noted, those of other processes too, so that every run shows how good it is."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    for report in reports:
        for name, text in report.user_properties:
            if name == "scoreboard":
                terminalreporter.write_sep("-", report.nodeid)
                terminalreporter.write_line(text)
