"""`discoverer serve` as a process of its own: started, asked, stopped, started again."""

from __future__ import annotations

import json
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest

from discoverer.app import App
from discoverer.web.binding import loopback
from tests.conftest import SMALL
from tests.setups import run, write_tiny
from tests.web import PROBLEM, STARTS_IN, Serving, serving

NUMBER = "07700 900417"


@pytest.fixture(scope="module")
def config(small: App, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a settings file of the small set's index."""
    folder = tmp_path_factory.mktemp("serve")
    text = (SMALL / "discoverer.toml").read_text(encoding="utf-8")
    text = text.replace('"state"', json.dumps(str(small.settings.state_dir))).replace(
        '"sources"', json.dumps(str(SMALL / "sources"))
    )
    (folder / "discoverer.toml").write_text(text, encoding="utf-8")
    return folder / "discoverer.toml"


@pytest.fixture(scope="module")
def served(config: Path) -> Iterator[Serving]:
    with serving(config) as made:
        made.wait_for("/health/ready", 200)
        yield made


def test_it_answers_programs_and_people(served: Serving) -> None:
    answer = httpx.get(f"{served.address}/api/v1/search", params={"q": NUMBER}, timeout=STARTS_IN)
    assert answer.json()["hits"]
    assert "server" not in answer.headers
    page = httpx.get(f"{served.address}/", timeout=STARTS_IN)
    assert page.status_code == 200 and page.headers["content-type"].startswith("text/html")
    lost = httpx.get(f"{served.address}/nowhere", timeout=STARTS_IN)
    assert lost.status_code == 404 and lost.headers["content-type"].startswith("text/html")


def _raw(served: Serving, sent: bytes) -> bytes:
    """Send bytes as they are; return what comes back."""
    host, _, port = served.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=STARTS_IN) as line:
        line.sendall(sent)
        parts = []
        while part := line.recv(65_536):
            parts.append(part)
    return b"".join(parts)


HOST = b"Host: 127.0.0.1\r\nConnection: close\r\n"


@pytest.mark.parametrize(("sent", "status"), [
    (b"GET /health/live HTTP/1.1\r\n" + HOST + b"\r\n", 200),
    (b"GET /health/live HTTP/1.1\r\nHost: evil.test\r\nConnection: close\r\n\r\n", 421),
    (b"GET /api/v1/search?q=" + b"x" * 50_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    (b"GET /api/v1/search?q=" + b"%F0%9F%98%80" * 2_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 400),
    (b"GET /static/../../../../etc/passwd HTTP/1.1\r\n" + HOST + b"\r\n", 404),
    (b"GET /static/%2e%2e/%2e%2e/pages.py HTTP/1.1\r\n" + HOST + b"\r\n", 404),
    (b"POST /theme HTTP/1.1\r\n" + HOST + b"Content-Length: 70000\r\n\r\n" + b"x" * 70_000, 413),
    (b"POST /theme HTTP/1.1\r\n" + HOST + b"Origin: http://evil.test\r\nContent-Length: 0\r\n\r\n", 403),
    (b"GET /health/live HTTP/1.1\r\n" + HOST + b"X-Request-ID: a\xffb\r\nCookie: " + b"c" * 30_000 + b"\r\n\r\n", 200),
    (b"GET http://evil.test/health/live HTTP/1.1\r\n" + HOST + b"\r\n", 404),
    (b"GET / HTTP/1.1\r\n" + HOST + HOST + b"\r\n", 400),
    (b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    (b"nonsense\r\n\r\n", 400),
])  # fmt: skip
def test_whatever_is_sent_is_answered(served: Serving, sent: bytes, status: int) -> None:
    came = _raw(served, sent)
    assert came.startswith(f"HTTP/1.1 {status} ".encode()), came[:300]
    assert b"root:" not in came and b"Traceback" not in came
    assert httpx.get(f"{served.address}/health/live", timeout=STARTS_IN).status_code == 200


def test_a_place_that_is_taken_is_said(served: Serving, config: Path) -> None:
    port = served.address.rpartition(":")[2]
    said = run(config, "serve", "--port", port)
    assert said.exit_code == 2
    assert said.stderr.count("\n") == 1 and port in said.stderr and "--port" in said.stderr


@pytest.mark.parametrize("host", [
    "0.0.0.0",  # noqa: S104 - it is refused
    "::", "192.168.1.7", "10.0.0.1", "discoverer.test", "", "127.0.0.1.evil.test", "::ffff:10.0.0.1",
])  # fmt: skip
def test_it_serves_nobody_beyond_this_machine(host: str) -> None:
    said = run(None, "serve", "--host", host)
    assert said.exit_code == 2
    assert said.stderr.count("\n") == 1 and "127.0.0.1" in said.stderr and "access control" in said.stderr


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "127.0.0.1"),
        ("127.8.8.8", "127.8.8.8"),
        ("::1", "::1"),
        ("[::1]", "::1"),
    ],
)
def test_this_machine_has_several_names(host: str, address: str) -> None:
    assert loopback(host) == address


@pytest.mark.parametrize("text", ["", "state_dir = 3", "nonsense"])
def test_faulty_settings_are_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "discoverer.toml").write_text(text, encoding="utf-8")
    for config in (tmp_path / "discoverer.toml", tmp_path / "none.toml"):
        said = run(config, "serve", "--port", "0")
        assert (said.exit_code, said.stdout) == (3, "")
        assert said.stderr.startswith("discoverer: ") and said.stderr.count("\n") == 1


def test_it_starts_without_an_index_and_answers_once_there_is_one(tmp_path: Path) -> None:
    config = write_tiny(tmp_path)
    with serving(config) as made:
        made.wait_for("/health/live", 200)
        for path in ("/health/ready", "/api/v1/search?q=smith"):
            answer = httpx.get(f"{made.address}{path}", timeout=STARTS_IN)
            assert (answer.status_code, answer.headers["content-type"]) == (503, PROBLEM)
            assert "discoverer build" in answer.json()["detail"]
        page = httpx.get(f"{made.address}/search?q=smith", timeout=STARTS_IN)
        assert page.status_code == 503 and "discoverer build" in page.text
        assert run(config, "build").exit_code == 0
        made.wait_for("/health/ready", 200)
        assert httpx.get(f"{made.address}/api/v1/search?q=smith", timeout=STARTS_IN).status_code == 200
        before = httpx.get(f"{made.address}/health/ready", timeout=STARTS_IN).json()["build"]
        assert run(config, "build").exit_code == 0
        after = httpx.get(f"{made.address}/health/ready", timeout=STARTS_IN).json()["build"]
        assert after > before
        code, _ = made.stop()
        assert code == 0


QUERIES = 40


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_when_it_is_stopped_is_finished_and_it_starts_again(config: Path, by: signal.Signals) -> None:
    sent = "".join(json.dumps({"qid": number, "text": NUMBER}) + "\n" for number in range(QUERIES))
    lines: list[str] = []
    begun = threading.Event()

    def _ask(address: str) -> None:
        with httpx.stream("POST", f"{address}/api/v1/lookup", content=sent, timeout=STARTS_IN) as answer:
            for line in answer.iter_lines():
                lines.append(line)
                begun.set()

    with serving(config) as made:
        made.wait_for("/health/ready", 200)
        asking = threading.Thread(target=_ask, args=(made.address,))
        asking.start()
        assert begun.wait(STARTS_IN)
        in_the_middle = len(lines)
        code, written = made.stop(by)
        asking.join(STARTS_IN)
        port = made.address.rpartition(":")[2]
    assert in_the_middle < QUERIES, "it was not stopped in the middle"
    assert [json.loads(line)["qid"] for line in lines] == list(range(QUERIES))
    assert code == 0 and "Traceback" not in written
    with serving(config, "--port", port) as again:
        assert again.address.endswith(f":{port}")
        again.wait_for("/health/ready", 200)


def test_several_workers_count_together_and_end_together(config: Path) -> None:
    asked = 12
    with serving(config, "--workers", "2") as made:
        made.wait_for("/health/ready", 200)
        for _ in range(asked):
            assert (
                httpx.get(f"{made.address}/api/v1/search", params={"q": NUMBER}, timeout=STARTS_IN).status_code == 200
            )
        found = _counted(made, asked)
        code, written = made.stop()
    assert found == asked
    assert code == 0 and "Traceback" not in written
    workers = set(re.findall(r"Started server process \[(\d+)\]", written))
    assert len(workers) == 2 == len(set(re.findall(r"Finished server process \[(\d+)\]", written)))


def test_a_worker_that_is_slow_to_begin_is_waited_for(
    config: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = "import sys, time\nif any('spawn_main' in each for each in sys.orig_argv):\n    time.sleep(7)\n"
    (tmp_path / "sitecustomize.py").write_text(slow, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with serving(config, "--workers", "2") as made:
        made.wait_for("/health/live", 200)
        code, written = made.stop()
    assert code == 0
    assert "died" not in written


def test_workers_do_not_outlive_the_process_that_started_them(config: Path) -> None:
    with serving(config, "--workers", "2") as made:
        made.wait_for("/health/live", 200)
        made.process.kill()
        made.process.wait(STARTS_IN)
        ends = time.monotonic() + STARTS_IN
        while time.monotonic() < ends:
            try:
                httpx.get(f"{made.address}/health/live", timeout=STARTS_IN)
            except httpx.TransportError:
                return
            time.sleep(0.2)
    raise AssertionError("somebody still serves there")


def _counted(made: Serving, wanted: float) -> float:
    """Return how many searches were counted, once those under way are counted too."""
    found = 0.0
    for _ in range(50):
        text = httpx.get(f"{made.address}/metrics", timeout=STARTS_IN).text
        line = re.search(r'discoverer_requests_total\{[^}]*route="/api/v1/search"[^}]*\} (\S+)', text)
        found = float(line[1]) if line else 0.0
        if found == wanted:
            break
        time.sleep(0.1)
    return found


def test_the_log_tells_of_requests_and_not_of_what_was_asked(config: Path) -> None:
    with serving(config) as made:
        made.wait_for("/health/ready", 200)
        ident = httpx.get(f"{made.address}/api/v1/search", params={"q": NUMBER}, timeout=STARTS_IN).headers[
            "x-request-id"
        ]
        _, written = made.stop()
    assert re.search(rf"GET /api/v1/search 200 \d+ ms \[{ident}\]", written)
    assert "900417" not in written
