"""`discoverer users`: what each command does, refuses and records; and that no command reads where people have accounts."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from discoverer.access_rules import read_access
from discoverer.clock import now
from discoverer.demo import with_accounts
from discoverer.identity import Identity
from discoverer.identity.demo import PEOPLE, demo_users, new_passphrase
from discoverer.settings import load
from tests.identities import CHEAP, HERE, OTHER, WORDS, app_of
from tests.setups import complaint, run, write_settings

DAY = (now() + timedelta(days=30)).date().isoformat()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return settings that name a file of accounts, with an administrator and a call handler in it."""
    written = write_settings(tmp_path, ["people"])
    with written.open("a") as more:
        more.write('[access]\naccounts = "accounts.sqlite"\n')
    assert run(written, "users", "add", "Ada Minton", "--role", "administrator", stdin=OTHER).exit_code == 0
    assert (
        run(
            written, "users", "add", "PC 10", "--role", "call_handler", "--title", "D Unit", stdin=f"{WORDS}\n"
        ).exit_code
        == 0
    )
    return written


def identity_of(config: Path) -> Identity:
    return Identity(config.parent / "accounts.sqlite", cost=CHEAP)


def recorded(config: Path) -> list[dict[str, Any]]:
    """Return what is in the record of looks."""
    files = sorted((config.parent / "state" / "audit").glob("looks-*.jsonl"))
    return [json.loads(line) for file in files for line in file.read_text().splitlines()]


def test_an_account_that_was_made_can_sign_in_as_what_it_is(config: Path) -> None:
    account = identity_of(config).session(identity_of(config).sign_in("pc 10", WORDS, "", HERE))
    assert account is not None and (account.role, account.title) == ("call_handler", "D Unit")


def test_the_list_says_how_each_is_let_in_and_nothing_secret(config: Path) -> None:
    run(config, "users", "second-factor", "Ada Minton")
    run(config, "users", "add", "Telephony", "--role", "call_handler", "--program")
    run(config, "users", "deactivate", "PC 10")
    listed = run(config, "users", "list").stdout
    assert re.search(r"Ada Minton +administrator +password and code", listed)
    assert re.search(r"PC 10 +call_handler +closed +D Unit", listed)
    assert re.search(r"Telephony +call_handler +a program, by tokens", listed)
    found = json.loads(run(config, "users", "list", "--json").stdout)
    assert [each["name"] for each in found] == ["Ada Minton", "PC 10", "Telephony"]
    assert found[0].keys() == {
        "name",
        "role",
        "title",
        "active",
        "second_factor",
        "program",
        "directory",
        "machine_user",
    }


@pytest.mark.parametrize(
    ("command", "change"),
    [
        (("role", "PC 10", "rad"), "role"),
        (("deactivate", "PC 10"), "deactivate"),
        (("activate", "PC 10"), "activate"),
        (("password", "PC 10"), "password"),
        (("second-factor", "PC 10"), "second factor"),
        (("second-factor", "PC 10", "--off"), "second factor off"),
        (("machine-user", "PC 10", "daemon"), "machine user"),
        (("machine-user", "PC 10", "--off"), "machine user off"),
        (("sessions", "end", "PC 10"), "sessions end"),
    ],
)
def test_every_change_is_recorded_by_whom_and_without_what_is_secret(
    config: Path, command: tuple[str, ...], change: str
) -> None:
    result = run(config, "users", *command, stdin="a brand new phrase\n")
    assert result.exit_code == 0, result.stderr
    last = recorded(config)[-1]
    assert (last["action"], last["about"]["change"], last["about"]["account"]) == ("account", change, "PC 10")
    assert last["role"] == "operator" and last["viewer"]
    held = json.dumps(recorded(config))
    secrets = [line for line in result.stdout.splitlines() if line.startswith(("otpauth:", "discoverer_"))]
    assert not any(each in held for each in (WORDS, OTHER, "a brand new phrase", *secrets))


def test_a_change_that_cannot_be_recorded_is_not_made(config: Path) -> None:
    audit = config.parent / "state" / "audit"
    audit.rename(audit.with_name("away"))
    audit.write_text("a file in its place")
    assert run(config, "users", "deactivate", "PC 10").exit_code == 8
    assert run(config, "users", "add", "New", "--role", "rad", stdin=WORDS).exit_code == 8
    assert [(each.name, each.active) for each in identity_of(config).accounts()] == [
        ("Ada Minton", True),
        ("PC 10", True),
    ]


def test_the_address_of_a_second_factor_is_that_of_the_codes_asked_for(config: Path) -> None:
    result = run(config, "users", "second-factor", "PC 10")
    (address,) = [line for line in result.stdout.splitlines() if line.startswith("otpauth:")]
    assert "issuer=Discoverer" in address and "PC%2010" in address
    assert identity_of(config).sign_in("PC 10", WORDS, app_of(address).now(), HERE)


def test_a_token_is_printed_once_listed_and_revoked(config: Path) -> None:
    run(config, "users", "add", "Telephony", "--role", "call_handler", "--program")
    made = run(config, "users", "token", "add", "telephony", "--for", "the switch", "--scope", "call", "--ends", DAY)
    (token,) = [line for line in made.stdout.splitlines() if line.startswith("discoverer_")]
    last = recorded(config)[-1]
    assert (last["about"]["change"], last["about"]["account"], last["role"]) == ("token add", "Telephony", "operator")
    assert token not in json.dumps(recorded(config))
    past = run(config, "users", "token", "add", "Telephony", "--for", "x", "--scope", "call", "--ends", "2001-01-01")
    assert "today at the earliest" in complaint(past, 2)
    found = identity_of(config).token(token)
    assert found is not None and found[1] == {"call"}
    listed = run(config, "users", "token", "list").stdout
    assert re.search(rf"1 +Telephony +the switch +up to {DAY} +call", listed) and token not in listed
    (plain,) = json.loads(run(config, "users", "token", "list", "--json").stdout)
    assert (plain["name"], plain["ends"], plain["revoked"]) == ("the switch", DAY, False)
    assert run(config, "users", "token", "revoke", "1").exit_code == 0
    assert identity_of(config).token(token) is None
    assert "revoked" in run(config, "users", "token", "list").stdout


@pytest.mark.parametrize(
    ("command", "typed", "code", "said"),
    [
        (("add", "New", "--role", "god"), WORDS, 2, "the roles are call_handler"),
        (("add", "pc.10", "--role", "rad"), WORDS, 2, "can pass for"),
        (("add", "New", "--role", "rad"), "short", 2, "at least 12"),
        (("add", "New", "--role", "rad"), "", 2, "no password on standard input"),
        (("add", "New", "--role", "rad"), b"\xff\xfe twelve chars", 2, "not UTF-8"),
        (("password", "Nobody"), WORDS, 7, "no account of that name"),
        (("password", "PC 10"), "passwordpassword", 2, "anybody tries"),
        (("role", "Ada Minton", "rad"), "", 2, "last administrator"),
        (("deactivate", "Ada Minton"), "", 2, "last administrator"),
        (("role", "Nobody", "rad"), "", 7, "no account of that name"),
        (
            ("token", "add", "PC 10", "--for", "x", "--scope", "call", "--ends", DAY),
            "",
            2,
            "tokens are for programs alone",
        ),
        (("token", "revoke", "7"), "", 7, "no token 7"),
        (("sessions", "end", "Nobody"), "", 7, "no account of that name"),
    ],
)
def test_what_may_not_be_is_said_in_one_sentence(
    config: Path, command: tuple[str, ...], typed: str | bytes, code: int, said: str
) -> None:
    assert said in complaint(run(config, "users", *command, stdin=typed), code)
    assert len(identity_of(config).accounts()) == 2


def test_a_password_is_no_argument(config: Path) -> None:
    for command in (
        ("add", "New", WORDS, "--role", "rad"),
        ("password", "PC 10", WORDS),
        ("add", "New", "--password", WORDS),
    ):
        assert run(config, "users", *command, stdin=WORDS).exit_code == 2


def test_without_a_file_of_accounts_in_the_settings_it_says_what_to_write(tmp_path: Path) -> None:
    config = write_settings(tmp_path, ["people"])
    said = complaint(run(config, "users", "list"), 2)
    assert "accounts = " in said and "[access]" in said


def test_a_file_that_is_missing_is_no_empty_list(config: Path) -> None:
    (config.parent / "accounts.sqlite").unlink()
    assert "nobody can be let in" in complaint(run(config, "users", "list"), 6)


READING = (
    ("search", "smith"),
    ("show", "person", "people:1#0"),
    ("lookup", "-"),
    ("brief", "person", "people:1#0"),
    ("rejects", "people"),
    ("decide", "list"),
    ("decide", "same", "a", "b", "--reason", "x"),
    ("decide", "confirm", "1", "--reason", "x"),
    ("policy", "figures", "--from", "2014-01-01", "--to", "2014-02-01"),
)


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_no_command_reads_where_people_have_accounts(config: Path, command: tuple[str, ...]) -> None:
    before = len(recorded(config))
    assert "sign in to the service" in complaint(run(config, *command, stdin=""), 11)
    assert len(recorded(config)) == before


@pytest.mark.parametrize("command", READING, ids=" ".join)
def test_and_where_they_have_none_nothing_is_changed(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = run(write_settings(tmp_path, ["people"]), *command, stdin="")
    assert result.exit_code != 11 and "sign in" not in result.stderr


@pytest.mark.parametrize("command", [("search", "--help"), ("doctor",), ("builds",)], ids=" ".join)
def test_what_reads_nothing_stays(config: Path, command: tuple[str, ...]) -> None:
    assert run(config, *command).exit_code != 11


# The demonstration's people.


def test_the_demonstration_has_one_person_a_role_each_of_whom_can_sign_in(tmp_path: Path) -> None:
    identity = Identity(tmp_path / "accounts.sqlite", cost=CHEAP)
    people = demo_users(identity)
    assert [each.account.role for each in people] == list(PEOPLE) == list(identity.roles)
    for each in people:
        account = identity.session(identity.sign_in(each.account.name, each.passphrase, "", HERE))
        assert account is not None and account.role == each.account.role
    again = demo_users(identity)
    assert {each.passphrase for each in again}.isdisjoint(each.passphrase for each in people)
    assert len(identity.accounts()) == len(PEOPLE)
    assert identity.sign_in(again[0].account.name, again[0].passphrase, "", HERE)


def test_a_title_of_the_demonstration_says_what_the_role_is() -> None:
    title_of = {each.name: each.title for each in read_access().role}
    assert title_of["rad"].startswith(PEOPLE["rad"][1]) and PEOPLE["rad"][1] == "Resource allocation and dispatch"


def test_a_passphrase_is_another_each_time_and_can_be_typed() -> None:
    made = {new_passphrase() for _ in range(50)}
    assert len(made) == 50 and all(re.fullmatch(r"([a-z]{4}-){4}[a-z]{4}", each) for each in made)


@pytest.mark.slow
def test_the_demo_with_accounts_prints_them_and_reads_nothing_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    shown = run(None, "demo", "--accounts").stdout
    settings = load(Path(".demo/discoverer.toml"))
    assert settings.access.accounts == tmp_path / ".demo" / "accounts.sqlite"
    assert settings.access.accounts.stat().st_mode & 0o777 == 0o600
    identity = Identity(settings.access.accounts)
    for role, (name, _) in PEOPLE.items():
        (line,) = [each for each in shown.splitlines() if name in each]
        assert role in line
        (phrase,) = re.findall(r"(?:[a-z]{4}-){4}[a-z]{4}", line)
        assert identity.sign_in(name, phrase, "", HERE)
    assert run(Path(".demo/discoverer.toml"), "search", "smith").exit_code == 11
    assert run(None, "demo").exit_code == 0
    assert run(Path(".demo/discoverer.toml"), "search", "smith").exit_code == 0


def test_the_demo_says_how_it_is_seen_as_each_role() -> None:
    assert with_accounts(None).endswith("demo --accounts")
    assert with_accounts(Path("a b")).endswith("demo --accounts --data 'a b'")
