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
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from starlette.testclient import TestClient

from discoverer import console
from discoverer.access import Viewer
from discoverer.answer import HitKind
from discoverer.app import App
from discoverer.codec import encode
from discoverer.errors import UsageError
from discoverer.identity import Identity
from discoverer.web.binding import Tls
from discoverer.web.local_socket import listening
from tests.certificates import NAME, self_signed
from tests.conftest import SMALL
from tests.gated import Gated, gated_at, name_of, settings_file, sign_in
from tests.setups import complaint, run, write_settings
from tests.web import Serving, looks, serving

HANDLER, AUDITOR, SUPERVISOR, NOBODY = "daemon", "bin", "sys", "games"
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
ROOT = Path(__file__).resolve().parent.parent
others = pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
others_read = pytest.mark.skipif(
    not all(each.stat().st_mode & 0o001 for each in (ROOT / "discoverer").parents),
    reason="other accounts of this machine cannot read this clone",
)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Lend a folder that every account of the machine can look into."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@dataclass(frozen=True)
class Socketed:
    """A service with a socket, that runs.

    Attributes:
        path: of its socket.
        gated: its accounts and index, in this process.
        config: its settings file.
        made: the service itself: over TLS on the network.
    """

    path: Path
    gated: Gated
    config: Path
    made: Serving


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """Make a certificate: what comes over the network is over TLS, and what comes over the socket is not."""
    return self_signed(tmp_path_factory.mktemp("tls"))


@pytest.fixture(scope="module")
def served(small_closed: App, tls: Tls, folder: Path) -> Iterator[Socketed]:
    """Run a service as an installation does, with three people known by their account of the machine."""
    gated = gated_at(small_closed, folder)
    gated.accounts.set_machine_user(name_of("call_handler"), HANDLER)
    gated.accounts.set_machine_user(name_of("auditor"), AUDITOR)
    gated.accounts.set_machine_user(name_of("supervisor"), SUPERVISOR)
    config, path = settings_file(gated.app, folder, SMALL), folder / "asked"
    config.write_text(f"{config.read_text(encoding='utf-8')}socket = {json.dumps(str(path))}\n", encoding="utf-8")
    named = ("--tls-cert", str(tls.certificate), "--tls-key", str(tls.key), "--name", NAME)
    with serving(config, "--head-seconds", "1", *named) as made:
        yield Socketed(path, gated, config, made)
        assert made.stop()[0] == 0
        assert not path.exists()


def ask(path: Path, user: str, *asks: tuple[str, str, dict[str, str]]) -> list[tuple[int, str]]:
    """Ask as an account of the machine; return of each its status and what was answered."""
    command = [sys.executable, "-c", ASK, str(path), str(pwd.getpwnam(user).pw_uid), json.dumps(asks)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def search(path: Path, user: str, *headers: dict[str, str]) -> list[tuple[int, Any]]:
    """Search as an account of the machine, once with each of these headers."""
    asks = [("GET", SEARCH, each) for each in headers or ({},)]
    return [(status, json.loads(told)) for status, told in ask(path, user, *asks)]


@contextmanager
def acting_as(user: str) -> Iterator[None]:
    """Act as an account of the machine: what it may not read, this process may not either, and the kernel tells so."""
    number, groups, (uid, gid) = pwd.getpwnam(user).pw_uid, os.getgroups(), (os.geteuid(), os.getegid())
    os.setgroups([])
    os.setegid(number)
    os.seteuid(number)
    try:
        yield
    finally:
        os.seteuid(uid)
        os.setegid(gid)
        os.setgroups(groups)


def commands(user: str, *commands: tuple[str, ...]) -> list[Result]:
    """Run commands as an account of the machine; the clone must be readable by it, the interpreter is loaded already."""
    "x".encode("idna")
    b"x".decode("utf-8-sig")
    with acting_as(user):
        return [run(None, *command) for command in commands]


def said(value: object) -> Any:  # noqa: ANN401 - whatever JSON can hold
    """Return what an answer of this process is as JSON, read back."""
    return json.loads(encode(value))


@others
def test_who_connects_is_who_the_kernel_says(served: Socketed) -> None:
    before = len(looks(served.gated.app))
    ((status, found),) = search(served.path, HANDLER)
    assert status == 200 and found["hits"]
    (look,) = looks(served.gated.app)[before:]
    assert (look["viewer"], look["role"], look["from"]) == ("Test call handler", "call_handler", f"cli {HANDLER}")
    with ThreadPoolExecutor(2) as both:
        found = list(both.map(lambda user: search(served.path, user, *[{}] * 3), (HANDLER, AUDITOR)))
    assert [[status for status, _ in each] for each in found] == [[200] * 3, [403] * 3]
    for user in (NOBODY, "root"):
        ((status, told),) = search(served.path, user)
        assert status == 401 and user in told["detail"] and "machine-user" in told["detail"]


@others
def test_nothing_that_is_sent_makes_anybody_somebody_else(served: Socketed) -> None:
    by_form = TestClient(served.gated.service, base_url="https://localhost", follow_redirects=False)
    sign_in(by_form, name_of("call_handler"))
    sound = "; ".join(f"{name}={value}" for name, value in by_form.cookies.items())
    token = served.gated.token("call_handler", "a test", ["search"], served.gated.clock().date() + timedelta(days=30))
    forged = (*FORGED, {"Cookie": sound}, {"Authorization": f"Bearer {token}"})
    assert {status for status, _ in search(served.path, HANDLER, *forged)} == {200}
    assert {status for status, _ in search(served.path, NOBODY, *forged)} == {401}
    assert {status for status, _ in search(served.path, AUDITOR, *forged)} == {403}
    assert search(served.path, HANDLER, {"Host": "evil.test"})[0][0] == 421


@others
def test_it_reaches_the_api_alone(served: Socketed) -> None:
    asks: list[tuple[str, str, dict[str, str]]] = [("GET", page, {}) for page in PAGES]
    asks += [("POST", "/sign-in", {}), ("POST", "/decide", {})]
    assert [status for status, _ in ask(served.path, HANDLER, *asks)] == [403] * len(asks)


@others
def test_whoever_connected_asks_whoever_they_become_after(served: Socketed) -> None:
    for user, answered in ((NOBODY, b"401"), (HANDLER, b"200")):
        with socket.socket(socket.AF_UNIX) as line:
            with acting_as(user):
                line.connect(str(served.path))
            line.sendall(f"GET {SEARCH} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            assert line.makefile("rb").readline().split()[1] == answered


@pytest.mark.parametrize(
    "sent", [b"", b"GET /", b"\x16\x03\x01\x02", b"\x00" * 4096, b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 50]
)
def test_whoever_sends_no_head_is_hung_up_on(served: Socketed, sent: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.settimeout(60)
        line.connect(str(served.path))
        line.sendall(sent)
        answer = line.makefile("rb").read()
    assert answer[:12] in (b"", b"HTTP/1.1 400")


@others
def test_an_account_that_is_closed_or_taken_from_them_lets_nobody_in(served: Socketed) -> None:
    accounts, name = Identity(served.gated.accounts.file.path), name_of("call_handler")
    accounts.set_active(name, False)
    try:
        assert search(served.path, HANDLER)[0][0] == 401
        accounts.set_active(name, True)
        accounts.set_machine_user(name, "")
        assert search(served.path, HANDLER)[0][0] == 401
    finally:
        accounts.set_active(name, True)
        accounts.set_machine_user(name, HANDLER)
    assert search(served.path, HANDLER)[0][0] == 200


# -- the commands of those who may not read the index


@others
@others_read
def test_commands_print_over_the_socket_what_the_service_answers(
    served: Socketed, capsys: pytest.CaptureFixture[str]
) -> None:
    viewer, app = Viewer(name_of("call_handler"), "call_handler", log="2731-2014-09-14"), served.gated.app
    answer = app.search(viewer, "07700 900417")
    person = next(hit.id for hit in answer.hits if hit.kind is HitKind.PERSON)
    shown, made = (
        app.show(viewer, HitKind.PERSON, person, whole=True),
        app.briefings.make(viewer, HitKind.PERSON, person),
    )
    queries = served.path.with_name("queries.jsonl")
    queries.write_text('{"qid": "a", "phone": "07700 900417"}\n\nnothing\n', encoding="utf-8")
    asked = ("--config", str(served.config))
    by_variable = ("--socket", str(served.path))
    log = ("--log-no", "2731-2014-09-14")
    before = len(looks(app))
    told = commands(
        HANDLER,
        (*asked, "search", "07700 900417", *log),
        (*asked, "search", "--phone", "07700 900417", "--json", *log),
        (*by_variable, "search", "07700 900417", "--json", *log),
        (*asked, "show", "person", person, "--all", *log),
        (*asked, "show", "person", person, "--all", "--json", *log),
        (*asked, "brief", "person", person, "--json", "--log-no", "2731-2014-09-14"),
    )
    assert [each.exit_code for each in told] == [0] * len(told), [each.stderr for each in told]
    seen = looks(app)[before:]
    assert {(each["viewer"], each["from"]) for each in seen} == {(viewer.name, f"cli {HANDLER}")}
    assert {each["log"] for each in seen} == {viewer.log}
    assert json.loads(told[2].stdout) == said(answer)
    assert json.loads(told[1].stdout)["hits"] == said(app.search_fields(viewer, phone="07700 900417"))["hits"]
    assert json.loads(told[4].stdout) == said(shown)
    assert json.loads(told[5].stdout) == {**said(made), "given": None}
    ((found,), (refused,)) = (commands(user, (*asked, "lookup", str(queries), *log)) for user in (SUPERVISOR, HANDLER))
    first, third = map(json.loads, found.stdout.splitlines())
    as_supervisor = app.search_fields(Viewer(name_of("supervisor"), "supervisor"), phone="07700 900417")
    assert first["hits"] == said(as_supervisor)["hits"] and third["qid"] == "line 3" and third["error"]
    assert [json.loads(line).keys() for line in refused.stdout.splitlines()] == [{"qid", "error"}] * 2
    capsys.readouterr()
    console.show_answer(answer)
    assert told[0].stdout == capsys.readouterr().out
    console.show_one(shown)
    assert told[3].stdout == capsys.readouterr().out


@others
@others_read
def test_commands_say_over_the_socket_what_is_refused_and_leave_as_they_would_here(served: Socketed) -> None:
    asked = ("--config", str(served.config))
    told = commands(
        HANDLER,
        (*asked, "search"),
        (*asked, "show", "event", "incidents:0/1900-01-01"),
        (*asked, "search", "x" * 3000),
        (*asked, "brief", "phone", "07700 900417", "--give"),
        (*asked, "rejects", "incidents"),
    )
    assert [each.exit_code for each in told] == [2, 7, 2, 11, 11]
    told += commands(AUDITOR, (*asked, "search", "07700 900417"))
    told += commands(NOBODY, (*asked, "search", "07700 900417", "--json"))
    assert [each.exit_code for each in told[-2:]] == [11, 11] and "machine-user" in told[-1].stderr
    for each in told:
        assert each.stdout == "" and each.stderr.startswith("discoverer: ") and each.stderr.count("\n") == 1


# -- the socket itself


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
