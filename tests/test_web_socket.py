"""The service's socket: who connects is known by the kernel's word alone, whatever they send, and reaches the API alone."""

from __future__ import annotations

import json
import os
import pwd
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from discoverer.app import App
from discoverer.errors import UsageError
from discoverer.identity import Identity
from discoverer.web.local_socket import listening
from tests.conftest import SMALL
from tests.gated import gated_at, settings_file
from tests.setups import complaint, run, write_settings
from tests.web import looks, serving

HANDLER, AUDITOR, NOBODY = "daemon", "bin", "games"
SEARCH = "/api/v1/search?q=07700+900417"
PAGES = ("/", "/search?q=x", "/sign-in", "/health/live", "/static/screen.css", "/nowhere")
FORGED = (
    {"X-Forwarded-For": "192.0.2.1", "X-Forwarded-User": HANDLER, "Forwarded": "for=192.0.2.1"},
    {"Authorization": "Bearer discoverer_x"},
    {"Cookie": "discoverer=x; __Host-discoverer=x"},
    {"Authorization": "Bearer x", "Cookie": "discoverer=x", "X-Remote-User": HANDLER, "Remote-User": HANDLER},
)
# The interpreter may lie where others cannot look: all is imported as root, then a child becomes somebody else and asks.
ASK = """
import http.client, json, os, socket, sys
path, uid, asks = sys.argv[1], int(sys.argv[2]), json.loads(sys.argv[3])
"x".encode("idna"); "x".encode("latin-1")
os.setgroups([]); os.setgid(uid); os.setuid(uid)
for method, target, headers in asks:
    line = http.client.HTTPConnection("localhost", timeout=60)
    line.sock = socket.socket(socket.AF_UNIX)
    line.sock.connect(path)
    line.request(method, target, None, headers)
    told = line.getresponse()
    print(json.dumps([told.status, told.read().decode()]), flush=True)
"""
others = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")


@pytest.fixture
def folder() -> Iterator[Path]:
    """Lend a folder that every account of the machine can look into."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def ask(path: Path, user: str, *asks: tuple[str, str, dict[str, str]]) -> list[tuple[int, str]]:
    """Ask as an account of the machine; return of each its status and what was answered."""
    command = [sys.executable, "-c", ASK, str(path), str(pwd.getpwnam(user).pw_uid), json.dumps(asks)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def search(path: Path, user: str, headers: dict[str, str] | None = None) -> tuple[int, Any]:
    """Search as an account of the machine."""
    ((status, told),) = ask(path, user, ("GET", SEARCH, headers or {}))
    return status, json.loads(told)


@others
def test_who_connects_is_who_the_kernel_says(small_closed: App, folder: Path) -> None:
    gated = gated_at(small_closed, folder)
    gated.accounts.set_machine_user("Test call handler", HANDLER)
    gated.accounts.set_machine_user("Test auditor", AUDITOR)
    path = folder / "asked"
    with serving(settings_file(gated.app, folder, SMALL), "--socket", str(path)) as made:
        made.wait_for("/health/live", 200)
        before = len(looks(gated.app))
        status, found = search(path, HANDLER)
        assert status == 200 and found["hits"], (found, made.process.poll())
        (look,) = looks(gated.app)[before:]
        assert (look["viewer"], look["from"]) == ("Test call handler", f"cli {HANDLER}")
        assert search(path, AUDITOR)[0] == 403
        for user in (NOBODY, "root"):
            status, told = search(path, user)
            assert status == 401 and user in told["detail"] and "machine-user" in told["detail"]
        for forged in FORGED:
            assert [search(path, user, forged)[0] for user in (HANDLER, NOBODY)] == [200, 401]
        assert [status for status, _ in ask(path, HANDLER, *(("GET", page, {}) for page in PAGES))] == [403] * len(
            PAGES
        )
        assert ask(path, HANDLER, ("POST", "/sign-in", {}), ("GET", SEARCH, {"Host": "evil.test"}))[0][0] == 403
        with ThreadPoolExecutor(2) as both:
            assert list(both.map(lambda user: search(path, user)[0], (HANDLER, AUDITOR))) == [200, 403]
        Identity(folder / "accounts.sqlite").set_active("Test call handler", False)
        assert search(path, HANDLER)[0] == 401
        assert made.stop()[0] == 0
    assert not path.exists()


def test_a_socket_left_by_a_service_that_died_is_replaced_and_a_live_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "asked"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    with listening(path):
        assert path.stat().st_mode & 0o777 == 0o666
        with pytest.raises(UsageError, match="already"), listening(path):
            pass
    assert not path.exists()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        with pytest.raises(UsageError, match="already"), listening(path):
            pass
    assert path.exists()


def test_what_is_no_socket_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "asked").write_text("mine")
    with pytest.raises(UsageError, match="no socket"), listening(tmp_path / "asked"):
        pass
    assert (tmp_path / "asked").read_text() == "mine"


@pytest.mark.parametrize("mode", [0o777, 0o775, 0o1777])
def test_it_stands_in_no_folder_that_others_may_write(tmp_path: Path, mode: int) -> None:
    tmp_path.chmod(mode)
    with pytest.raises(UsageError, match="Others may write"), listening(tmp_path / "asked"):
        pass
    assert not (tmp_path / "asked").exists()


def test_a_socket_is_for_those_who_have_accounts(tmp_path: Path) -> None:
    config = write_settings(tmp_path, ["people"])
    told = complaint(run(config, "serve", "--port", "0", "--socket", str(tmp_path / "asked")), 2)
    assert "accounts" in told and not (tmp_path / "asked").exists()
