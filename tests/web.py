"""A client of the service that stands in this process, and the service itself as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx2 as httpx
from starlette.testclient import TestClient

from discoverer.app import App
from discoverer.web import service
from discoverer.web.service import Screen

ROOT = Path(__file__).resolve().parent.parent
HOME = "http://127.0.0.1"
PROBLEM = "application/problem+json"
Told = TypeVar("Told")
STARTS_IN = 60.0  # seconds; far more than it takes, so that only one that never starts fails


def client(app: App, screen: Screen | None = None) -> TestClient:
    """Return a client of the service; an error nobody foresaw is answered, as it is in a process."""
    return TestClient(service.create(app, screen=screen), base_url=HOME, raise_server_exceptions=False)


def to_its_end(asked: Coroutine[Any, Any, Told]) -> Told:
    """Run a coroutine in a thread of its own; what drives a browser in this one can leave its event loop running."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, asked).result()


def looks(app: App) -> list[dict[str, Any]]:
    """Return every look recorded so far, the oldest first."""
    days = [path.read_text(encoding="utf-8") for path in sorted(app.settings.audit_dir.glob("*.jsonl"))]
    return [json.loads(line) for day in days for line in day.splitlines()]


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """Hold that an answer is a problem in the one shape; return it."""
    assert (response.status_code, response.headers["content-type"]) == (status, PROBLEM), response.text[:300]
    found: dict[str, Any] = response.json()
    assert set(found) == {"type", "title", "status", "detail", "instance"}
    assert found["status"] == status
    assert found["instance"] == response.headers["x-request-id"]
    assert found["detail"].endswith(".")
    return found


@dataclass(frozen=True)
class Serving:
    """A service that runs.

    Attributes:
        process: it.
        address: str, 'http://127.0.0.1:40123'.
    """

    process: subprocess.Popen[str]
    address: str

    def stop(self, by: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Stop it; return how it ended and what it wrote to its log."""
        self.process.send_signal(by)
        _, written = self.process.communicate(timeout=STARTS_IN)
        return self.process.returncode, written

    def wait_for(self, path: str, status: int) -> httpx.Response:
        """Ask until an answer has a status."""
        ends = time.monotonic() + STARTS_IN
        while time.monotonic() < ends:
            answer = httpx.get(f"{self.address}{path}", timeout=STARTS_IN)
            if answer.status_code == status:
                return answer
            time.sleep(0.1)
        raise AssertionError(f"{path} never answered {status}, but {answer.status_code}: {answer.text}")


@contextmanager
def serving(config: Path, *options: str) -> Iterator[Serving]:
    """Run `discoverer serve` on a free port of its own choice."""
    command = [sys.executable, "-m", "discoverer", "--config", str(config), "serve", "--port", "0", *options]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = re.search(r"https?://\S+?(?=/ )", said)
        assert found, said or process.communicate(timeout=5)[1]
        yield Serving(process, found[0])
    finally:
        if process.poll() is None:
            process.kill()
        if process.stderr is not None and not process.stderr.closed:
            process.communicate(timeout=STARTS_IN)
