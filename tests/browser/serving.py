"""A real `discoverer serve` in a process of its own, and the Chromium that is installed here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2 as httpx
from playwright.sync_api import BrowserContext, ConsoleMessage, Dialog, Page, Request

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
VARIABLE = "DISCOVERER_CHROMIUM"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PATIENCE = 90.0  # seconds after which a server that does not answer never will
_SERVES = re.compile(r"serves at (http://\S+)/ ")
_STATUS = "Failed to load resource: the server responded with a status of"
"""What Chromium notes of every answer of 400 and more; the tests that want none look at the status themselves."""


def chromium() -> str:
    """Return the path of an installed Chromium; '' when there is none."""
    named = os.environ.get(VARIABLE, "")
    found = [named] if named else [shutil.which(each) or "" for each in CHROMIUMS]
    return next(filter(None, found), "")


@dataclass
class Server:
    """A server that runs.

    Attributes:
        url: str, 'http://127.0.0.1:...', without a stroke at its end.
        config: Path, its settings file.
        process: what runs.
    """

    url: str
    config: Path
    process: subprocess.Popen[str]

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.url.rpartition(":")[2])

    def stop(self) -> None:
        """End it, and wait until it has ended."""
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            if self.process.stdout:
                self.process.stdout.close()

    def restarted(self) -> Server:
        """End it and start another at the same address."""
        self.stop()
        return start(self.config, self.port)


def start(config: Path, port: int = 0, workers: int = 1) -> Server:
    """Start a server on any free port, or on this one, and wait until it answers.

    Raises:
        RuntimeError: it ended, or never answered.
    """
    command = [sys.executable, "-m", "discoverer", "--config", str(config), "serve", "--port", str(port)]
    log = config.parent / "serve.log"
    with log.open("a", encoding="utf-8") as complaints:
        process = subprocess.Popen(
            [*command, "--workers", str(workers)], stdout=subprocess.PIPE, stderr=complaints, text=True
        )
    said = process.stdout.readline() if process.stdout else ""
    found = _SERVES.search(said)
    server = Server(found.group(1) if found else "", config, process)
    if found is None:
        server.stop()
        raise RuntimeError(f"It does not serve: {said or log.read_text(encoding='utf-8')[-2000:]}")
    try:
        _wait(server)
    except BaseException:
        server.stop()
        raise
    return server


def _wait(server: Server) -> None:
    """Wait until a server answers."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.process.poll() is None:
        try:
            if httpx.get(f"{server.url}/health/live", timeout=5.0).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"{server.url} never answered.")


@contextmanager
def serving(config: Path, port: int = 0, workers: int = 1) -> Iterator[Server]:
    """Lend a server."""
    server = start(config, port, workers)
    try:
        yield server
    finally:
        server.stop()


@dataclass
class Watch:
    """What a page must never do, gathered while it is used.

    Attributes:
        ours: str, the address of the server.
        trouble: list[str], errors of scripts, reports of the content policy, dialogs, requests to anywhere else.
        requests: list[str], every address asked.
    """

    ours: str
    trouble: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def over(self, context: BrowserContext) -> None:
        """Watch every page of a context, those to be opened too."""
        context.on("page", self._over_page)
        context.on("request", self._on_request)

    def _over_page(self, page: Page) -> None:
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.trouble.append(f"error of a script: {error}"))
        page.on("dialog", self._on_dialog)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_STATUS):
            self.trouble.append(f"console: {message.text}")

    def _on_dialog(self, dialog: Dialog) -> None:
        self.trouble.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _on_request(self, request: Request) -> None:
        self.requests.append(request.url)
        if not request.url.startswith((f"{self.ours}/", "about:")):
            self.trouble.append(f"a request to elsewhere: {request.url[:200]}")
