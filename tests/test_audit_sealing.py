"""What was typed is sealed with the auditors' key: whoever writes cannot read it back, and no line is ever left open."""

from __future__ import annotations

import base64
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.access import DEMO_VIEWER, Viewer
from discoverer.app import App
from discoverer.audit import record_event, record_look, set_up
from discoverer.audit.reading import Recorded, Unreadable, read_looks
from discoverer.audit.sealing import Opener, make_keys, read_seal
from discoverer.errors import ConfigError, UsageError
from discoverer.settings import AccessSettings, Settings
from tests.cast import make_app
from tests.setups import complaint, copy_of, run, write_tiny
from tests.test_audit import looks
from tests.web import client

TYPED = "07700 900417"
REASON = "checking on a neighbour"
ASKED_BY = Viewer("PC 2207", "call_handler", log="2731/140914", reason=REASON)


def sealing(settings: Settings, key: Path) -> Settings:
    """Return settings that name a key."""
    return settings.model_copy(update={"access": AccessSettings(audit_key=key)})


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return a public and a secret key."""
    public, secret, _ = make_keys(tmp_path_factory.mktemp("keys"))
    return public, secret


@pytest.fixture(scope="module")
def app(keys: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> App:
    """Return an app whose looks are sealed, after a search by number and one by name."""
    made = make_app(tmp_path_factory.mktemp("sealed") / "state")
    sealed = App(sealing(made.settings, keys[0]))
    made.close()
    assert sealed.search(ASKED_BY, TYPED).hits and sealed.search(ASKED_BY, "asif khan").hits
    sealed.close()
    return sealed


def found(app: App, *secrets: Path) -> list[dict[str, Any]]:
    """Return the lines that read as they should."""
    lines = list(read_looks(app.settings.audit_dir, opener=Opener(secrets)))
    assert all(isinstance(each, Recorded) for each in lines), lines
    return [each.values for each in lines if isinstance(each, Recorded)]


def test_nothing_typed_can_be_read_without_the_secret_key(app: App) -> None:
    written = "".join(path.read_text(encoding="utf-8") for path in app.settings.audit_dir.iterdir())
    for typed in (TYPED, "447700900417", "7700900417", REASON, "asif", "khan"):
        assert typed not in written
        assert base64.b64encode(typed.encode()).decode().rstrip("=")[:-1] not in written
    assert "PC 2207" in written and "2731/140914" in written, "who looked, and on which log, is not what is sealed"
    by_number, by_name = looks(app.settings.audit_dir)
    assert {each["id"] for each in by_number["shown"] if each["kind"] == "phone"} == {""}
    assert all(each["id"] for each in by_name["shown"] if each["kind"] == "person"), "a record's own id says nothing"


def test_the_secret_key_opens_all_of_it(app: App, keys: tuple[Path, Path]) -> None:
    by_number, by_name = found(app, keys[1])
    assert (by_number["asked"], by_number["reason"], by_name["asked"]) == (TYPED, REASON, "asif khan")
    assert "+447700900417" in {each["id"] for each in by_number["shown"]}
    assert "sealed" not in by_number and "key" not in by_number


def test_another_key_opens_nothing_and_says_which_is_needed(app: App, tmp_path: Path) -> None:
    _, other, name = make_keys(tmp_path)
    for line in read_looks(app.settings.audit_dir, opener=Opener([other])):
        assert isinstance(line, Recorded)
        assert (line.values["asked"], line.values["reason"]) == ("", "") and line.sealed_with not in ("", name)


def test_after_a_change_of_keys_both_open_their_own(app: App, keys: tuple[Path, Path], tmp_path: Path) -> None:
    public, secret, _ = make_keys(tmp_path / "new")
    for number, key in enumerate((keys[0], public)):
        set_up(sealing(app.settings.model_copy(update={"state_dir": tmp_path}), key))
        record_look(tmp_path / "audit", ASKED_BY, "search", f"asked {number}", (), "B")
    both = list(read_looks(tmp_path / "audit", opener=Opener([keys[1], secret])))
    assert [each.values["asked"] for each in both if isinstance(each, Recorded)] == ["asked 0", "asked 1"]


def test_the_reason_of_an_event_is_sealed_too(app: App, keys: tuple[Path, Path], tmp_path: Path) -> None:
    set_up(sealing(app.settings.model_copy(update={"state_dir": tmp_path}), keys[0]))
    record_event(tmp_path / "audit", ASKED_BY, "break-glass", minutes=15)
    (line,) = looks(tmp_path / "audit")
    assert REASON not in json.dumps(line) and line["about"] == {"minutes": 15}
    (read,) = read_looks(tmp_path / "audit", opener=Opener([keys[1]]))
    assert isinstance(read, Recorded) and read.values["reason"] == REASON


@given(asked=st.text(st.characters(codec=None, categories=None), max_size=200))
def test_whatever_was_typed_is_opened_as_it_was(
    asked: str, keys: tuple[Path, Path], app: App, tmp_path_factory: pytest.TempPathFactory
) -> None:
    state = tmp_path_factory.mktemp("any")
    set_up(sealing(app.settings.model_copy(update={"state_dir": state}), keys[0]))
    record_look(state / "audit", DEMO_VIEWER, "search", asked, (), "B")
    (read,) = read_looks(state / "audit", opener=Opener([keys[1]]))
    assert isinstance(read, Recorded) and read.values["asked"] == asked


def test_its_length_tells_little_of_what_was_typed(app: App, keys: tuple[Path, Path]) -> None:
    seal = read_seal(keys[0])
    lengths = [len(seal.close(b"x" * count)) for count in range(64)]
    assert len(set(lengths)) == 1 < len({*lengths, len(seal.close(b"x" * 64))})
    assert seal.close(b"x") != seal.close(b"x"), "the same words asked twice are not seen to be"


def swapped(lines: list[dict[str, Any]]) -> None:
    lines[0]["sealed"], lines[1]["sealed"] = lines[1]["sealed"], lines[0]["sealed"]


def somebody_else(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        line["viewer"] = "PC 2208"


def at_another_time(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        line["at"] = "2014-09-14T22:41:08Z"


def one_shown_less(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        line["shown"].pop()


def cut(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        line["sealed"] = line["sealed"][:-8]


def no_longer_text(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        line["sealed"] = "?" + line["sealed"][1:]


def no_key_named(lines: list[dict[str, Any]]) -> None:
    for line in lines:
        del line["key"]


def nothing(_: list[dict[str, Any]]) -> None:
    pass


HARM = [swapped, somebody_else, at_another_time, one_shown_less, cut, no_longer_text, no_key_named]


@pytest.mark.parametrize(("harm", "read"), [(nothing, Recorded), *((harm, Unreadable) for harm in HARM)])
def test_a_sealed_line_that_was_changed_is_said_to_be(
    app: App, keys: tuple[Path, Path], tmp_path: Path, harm: Callable[[list[dict[str, Any]]], None], read: type
) -> None:
    (file,) = app.settings.audit_dir.iterdir()
    lines = looks(app.settings.audit_dir)
    harm(lines)
    (tmp_path / file.name).write_text("".join(f"{json.dumps(line)}\n" for line in lines), encoding="utf-8")
    assert [type(each) for each in read_looks(tmp_path, opener=Opener([keys[1]]))] == [read, read]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(None, "No such file or directory", id="missing"),
        pytest.param(b"", "it is no file that begins with 'discoverer-audit-public'", id="empty"),
        pytest.param(b"\xff\xfe", "it is no file that begins with", id="no text"),
        pytest.param(b"discoverer-audit-public", "holds one key", id="no key"),
        pytest.param(b"discoverer-audit-public AAAA\n", "not 32 bytes long", id="short"),
        pytest.param(b"discoverer-audit-public ????\n", "not 32 bytes long", id="no base64"),
        pytest.param(b"discoverer-audit-public " + base64.b64encode(bytes(32)) + b" x", "holds one key", id="more"),
        pytest.param(b"discoverer-audit-secret " + base64.b64encode(bytes(32)), "it is the SECRET key", id="secret"),
    ],
)
def test_without_a_sound_public_key_nothing_starts(app: App, tmp_path: Path, content: bytes | None, says: str) -> None:
    if content is not None:
        (tmp_path / "audit.pub").write_bytes(content)
    with pytest.raises(ConfigError, match=f"the auditors' public key cannot be used .*{says}"):
        App(sealing(app.settings, tmp_path / "audit.pub"))


def test_no_door_starts_or_writes_a_line_without_the_key_its_settings_name(tmp_path: Path) -> None:
    config = write_tiny(tmp_path)
    with config.open("a", encoding="utf-8") as settings:
        settings.write('[access]\naudit_key = "audit.pub"\n')
    for command in (["search", TYPED], ["serve", "--port", "0"], ["audit", "read"], ["build"], ["decide", "list"]):
        assert "audit.pub has 1 mistake" in complaint(run(config, *command), 3)
    assert not (tmp_path / "state" / "audit").exists()


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory, keys: tuple[Path, Path]) -> Path:
    """Return a set-up that is built, and whose looks are sealed."""
    config = write_tiny(tmp_path_factory.mktemp("tiny"))
    assert run(config, "build").exit_code == 0
    with config.open("a", encoding="utf-8") as settings:
        settings.write(f'[access]\naudit_key = "{keys[0]}"\n')
    return config


WORDS = "shabana"
DOORS = {
    "search": ["search", WORDS],
    "lookup": ["lookup", "-"],
    "rejects": ["rejects", "people"],
    "decide": ["decide", "list"],
    "forget": ["forget", "people:none"],
    "audit": ["audit", "read"],
}


@pytest.mark.parametrize("door", DOORS)
def test_every_door_of_the_command_line_seals(tiny: Path, tmp_path: Path, door: str) -> None:
    config = copy_of(tiny, tmp_path)
    run(config, *DOORS[door], stdin=json.dumps({"name": WORDS}))
    lines = looks(tmp_path / "state" / "audit")
    assert lines and all(line["sealed"] and line["asked"] == line["reason"] == "" for line in lines)
    assert {line["action"] for line in lines} == {door} and {line["from"] for line in lines} == {"cli"}


def test_the_service_seals_and_says_where_a_look_comes_from(app: App, keys: tuple[Path, Path], tmp_path: Path) -> None:
    made = make_app(tmp_path / "state")
    with App(sealing(made.settings, keys[0])) as sealed, client(sealed) as http:
        assert http.get("/api/v1/search", params={"q": TYPED}).json()["hits"]
    made.close()
    (line,) = looks(made.settings.audit_dir)
    assert line["sealed"] and line["asked"] == "" and line["from"] == "testclient"


def test_the_pair_is_for_whom_it_is_meant_and_is_never_replaced(tmp_path: Path) -> None:
    public, secret, _ = make_keys(tmp_path / "keys")
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    before = (public.read_bytes(), secret.read_bytes())
    for gone in (None, public, secret):
        if gone is not None:
            gone.unlink()
        with pytest.raises(UsageError, match="it exists, and what it has sealed needs it"):
            make_keys(tmp_path / "keys")
        if gone is not None:
            gone.write_bytes(before[gone == secret])
    assert (public.read_bytes(), secret.read_bytes()) == before


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        pytest.param(lambda secret: secret.chmod(0o640), "others may read it: chmod 600", id="too open"),
        pytest.param(lambda secret: secret.unlink(), "No such file", id="missing"),
        pytest.param(lambda secret: secret.write_text("no key"), "it is no file that begins with", id="no key"),
    ],
)
def test_a_secret_key_that_cannot_be_used_is_said(tmp_path: Path, harm: Callable[[Path], object], says: str) -> None:
    _, secret, _ = make_keys(tmp_path)
    harm(secret)
    with pytest.raises(UsageError, match=says):
        Opener([secret])
