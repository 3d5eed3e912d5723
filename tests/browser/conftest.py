"""Shared set-ups: a Chromium for these tests alone, a server over the small set, pages that are watched."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from discoverer.errors import SourceError
from tests.browser.serving import FLAGS, VARIABLE, Server, Watch, chromium, serving
from tests.setups import copy_of

SMALL = Path(__file__).resolve().parents[2] / "fixtures" / "small"
PATIENCE = 20_000  # milliseconds after which what was waited for never comes; the machine may be busy
SEATED = {"width": 1440, "height": 900}
Opened = Callable[..., Page]

expect.set_options(timeout=PATIENCE)


def built_once(factory: pytest.TempPathFactory, name: str, write: Callable[[Path], Path]) -> Path:
    """Return the settings file of a built set for this process alone; it is built once for all those of a test run.

    Args:
        factory: of the temporary folders.
        name: what the set is called.
        write: writes it into a folder that is not there yet, and returns its settings file.
    """
    base = factory.getbasetemp()
    folder = (base.parent if base.name.startswith("popen-") else base) / f"browser-{name}"
    done = folder.with_suffix(".built")
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            config = write(folder)
            command = [sys.executable, "-m", "discoverer", "--config", str(config), "build"]
            built = subprocess.run(command, check=False, capture_output=True, text=True)
            if built.returncode not in (0, SourceError.exit_code):  # a source that failed is what some of them want
                raise RuntimeError(built.stderr)
            done.write_text(config.name, encoding="utf-8")
    return copy_of(folder / done.read_text(encoding="utf-8"), factory.mktemp("served") / name)


def copied_small(folder: Path) -> Path:
    """Copy the small set; return its settings file."""
    shutil.copytree(SMALL, folder, ignore=shutil.ignore_patterns("state*"))
    return folder / "discoverer.toml"


@pytest.fixture(scope="session")
def small_config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the settings file of a copy of the small set, built, for this process alone."""
    return built_once(tmp_path_factory, "small", copied_small)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Lend a Chromium; it ends with the tests of this folder, as others may want an event loop."""
    path = chromium()
    if not path:
        pytest.skip(f"no Chromium is installed: apt-get install chromium, or name one in {VARIABLE}")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def served(small_config: Path) -> Iterator[Server]:
    """Lend a server over the small set; whoever changes the index or the sources starts one of their own."""
    with serving(small_config) as server:
        yield server


@pytest.fixture
def opened(browser: Browser) -> Iterator[Opened]:
    """Lend what opens an address of a server in a seat of its own: a browser that holds nothing yet.

    At the end nothing may have gone wrong on any page: no error, no dialog, no request to elsewhere.
    """
    kept: list[tuple[BrowserContext, Watch]] = []

    def open_at(server: Server, path: str = "/", *, theme: str = "", **more: Any) -> Page:  # noqa: ANN401 - of new_context
        context = browser.new_context(base_url=server.url, **{"viewport": SEATED, **more})
        if theme:
            context.add_cookies([{"name": "theme", "value": theme, "url": server.url}])
        context.set_default_timeout(PATIENCE)
        watch = Watch(server.url)
        watch.over(context)
        kept.append((context, watch))
        page = context.new_page()
        page.goto(path)
        return page

    yield open_at
    for context, _ in kept:
        context.close()
    assert not [each for _, watch in kept for each in watch.trouble]


@pytest.fixture
def seat(opened: Opened, served: Server) -> Callable[..., Page]:
    """Lend what opens an address of the small set's server in a seat of its own."""
    return lambda path="/", **more: opened(served, path, **more)


def only_suggesting(page: Page) -> None:
    """Never answer a search on a pause from now on: found people close the list of suggestions, soon or late."""
    page.route("**/search?part=results*", lambda route: None)
