"""Asking the service over its socket: what does not answer, or not whole, is an error, and a long file goes in parts."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from discoverer import local_service
from discoverer.access import DEMO_VIEWER
from discoverer.errors import DiscovererError, ServiceRefused, ServiceUnavailable
from discoverer.local_service import LocalService
from tests.setups import complaint, run, write_settings

HEAD = b"HTTP/1.1 200 OK\r\n"
WHOLE = b"Content-Length: 2\r\n\r\n{}"


@contextmanager
def answering(folder: Path, *answers: bytes) -> Iterator[tuple[Path, list[bytes]]]:
    """Answer at a socket each who connects with bytes, whatever they ask; lend its path and what was asked."""
    path, asked = folder / "asked", []
    with socket.socket(socket.AF_UNIX) as there:
        there.bind(str(path))
        there.listen()

        def _answer() -> None:
            for each in answers:
                line, _ = there.accept()
                with line:
                    asked.append(_request(line))
                    line.sendall(each)

        thread = threading.Thread(target=_answer, daemon=True)
        thread.start()
        yield path, asked
        thread.join(timeout=60)


def _request(line: socket.socket) -> bytes:
    """Read one request: its head, and as much of a body as that says."""
    read = line.makefile("rb")
    head = b"".join(iter(read.readline, b"\r\n"))
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]
    return head + b"\n" + read.read(int(length or 0))


def refusal(status: int, kind: str) -> bytes:
    """Return a refusal as the service writes it."""
    body = json.dumps({"type": f"urn:discoverer:problem:{kind}", "detail": "Said there."}).encode()
    return f"HTTP/1.1 {status} No\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"nothing of the sort\r\n\r\n",
        HEAD,
        HEAD + b"Content-Length: 20\r\n\r\n{}",
        HEAD + WHOLE,
        HEAD + b"Content-Length: 4\r\n\r\nnone",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
    ],
)
def test_what_is_no_whole_answer_is_an_error_and_never_an_empty_one(tmp_path: Path, answer: bytes) -> None:
    with answering(tmp_path, answer) as (path, _):
        told = complaint(run(None, "--socket", str(path), "search", "07700 900417", "--json"), 6)
    assert str(path) in told


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (400, "usage-error", 2),
        (401, "not-signed-in", 11),
        (403, "not-permitted", 11),
        (404, "not-found", 7),
        (414, "too-long", 2),
        (429, "too-busy", 1),
        (500, "unexpected-error", 1),
        (503, "look-not-recorded", 8),
        (503, "index-unavailable", 6),
        (503, "of-a-later-version", 6),
    ],
)
def test_a_refusal_is_said_as_it_came_and_leaves_with_the_code_it_has_here(
    tmp_path: Path, status: int, kind: str, code: int
) -> None:
    with answering(tmp_path, refusal(status, kind)) as (path, _):
        told = complaint(run(None, "--socket", str(path), "show", "phone", "07700 900417"), code)
    assert told == "Said there."


def test_a_refusal_that_says_nothing_is_told_by_its_status(tmp_path: Path) -> None:
    with (
        answering(tmp_path, b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno") as (path, _),
        pytest.raises(ServiceRefused, match="500"),
    ):
        LocalService(path).search(DEMO_VIEWER, "x", 5)


@pytest.mark.parametrize("left", [True, False], ids=["it died", "it never was"])
def test_a_service_that_is_not_there_is_said_and_who_starts_it(tmp_path: Path, left: bool) -> None:
    config = write_settings(tmp_path, ["people"])
    text = f'{config.read_text(encoding="utf-8")}[access]\naccounts = "a.sqlite"\nsocket = "asked"\n'
    config.write_text(text, encoding="utf-8")
    if left:
        with socket.socket(socket.AF_UNIX) as there:
            there.bind(str(tmp_path / "asked"))
    for command in (("search", "x"), ("show", "phone", "x"), ("brief", "phone", "x"), ("lookup", str(config))):
        assert "discoverer serve" in complaint(run(config, *command), 6)


def lines(*qids: int) -> bytes:
    """Return a whole answer of many look-ups."""
    body = b"".join(b'{"qid": %d}\n' % qid for qid in qids)
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


def test_a_long_file_goes_in_parts_whose_lines_keep_their_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_service, "PART", 24)
    asked_for = ['{"text": "first"}\n', "\n", '{"text": "third"}\n', '{"text": "fourth"}']
    with answering(tmp_path, lines(1, 3), lines(4)) as (path, asked):
        got = list(LocalService(path).lookup(DEMO_VIEWER, asked_for, 7))
    assert got == ['{"qid": 1}', '{"qid": 3}', '{"qid": 4}']
    assert all(b"limit=7" in each for each in asked)
    assert asked[0].endswith("".join(asked_for[:3]).encode())
    assert asked[1].endswith(b"\n" * 3 + asked_for[3].encode())


@pytest.mark.parametrize("answer", [lines(1), lines(), HEAD + b"Content-Length: 9\r\n\r\n{}\n{}"])
def test_an_answer_with_fewer_lines_than_were_asked_is_an_error(tmp_path: Path, answer: bytes) -> None:
    with answering(tmp_path, answer) as (path, _), pytest.raises(ServiceUnavailable, match="broke off"):
        list(LocalService(path).lookup(DEMO_VIEWER, ['{"text": "a"}\n', '{"text": "b"}'], 5))


@pytest.mark.parametrize("asked_for", [[], ["\n", "  \n"]])
def test_where_nothing_is_asked_nobody_is_asked(tmp_path: Path, asked_for: list[str]) -> None:
    assert list(LocalService(tmp_path / "none").lookup(DEMO_VIEWER, asked_for, 5)) == []


def test_half_of_a_character_is_refused_before_anybody_is_asked(tmp_path: Path) -> None:
    with pytest.raises(DiscovererError, match="half of a character"):
        LocalService(tmp_path / "none").search(DEMO_VIEWER, "a\ud800b", 5)
