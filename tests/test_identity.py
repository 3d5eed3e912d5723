"""Letting people in: who, by what, for how long; and nobody where it is not known."""

from __future__ import annotations

import functools
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import argon2
import pytest

from discoverer.access_rules import read_access
from discoverer.errors import (
    AccountRefused,
    AccountsUnavailable,
    DiscovererError,
    NotFound,
    SignInRefused,
    UsageError,
)
from discoverer.identity import Identity
from discoverer.identity.passwords import Cost, refuse_weak, shipped_cost
from discoverer.identity.rules import number, rules
from tests.identities import CHEAP, HERE, OTHER, WORDS, Clock, app_of, identity_at

ROLES = tuple(each.name for each in read_access().role)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def identity(tmp_path: Path, clock: Clock) -> Identity:
    return identity_at(tmp_path, clock)


def refused(act: Callable[[], object]) -> str:
    """Return the sentence by which somebody was not let in."""
    with pytest.raises(SignInRefused) as caught:
        act()
    return caught.value.message


def test_who_has_the_name_and_the_password_is_let_in_as_what_they_are(identity: Identity) -> None:
    account = identity.session(identity.sign_in("PC 10", WORDS, "", HERE))
    assert account is not None
    assert (account.name, account.role, account.second_factor) == ("PC 10", "call_handler", False)


@pytest.mark.parametrize("name", ["pc 10", " PC.10 ", "Pc10", "PC-10"])
def test_a_name_is_one_accounts_however_it_is_typed(identity: Identity, name: str) -> None:
    account = identity.session(identity.sign_in(name, WORDS, "", HERE))
    assert account is not None and account.name == "PC 10"


@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("pc10", AccountRefused),
        ("PC 1O", AccountRefused),
        ("PC IO", AccountRefused),
        ("P\u0421 11", UsageError),  # Cyrillic
        ("PC 11\0", UsageError),
        ("PC\u200b11", UsageError),
        ("\ud800", UsageError),
        ("", UsageError),
        ("...", UsageError),
        ("x" * 201, UsageError),
    ],
)
def test_no_account_passes_for_another(identity: Identity, name: str, error: type[DiscovererError]) -> None:
    with pytest.raises(error):
        identity.add(name, "call_handler", OTHER)
    assert len(identity.accounts()) == 2


@pytest.mark.parametrize("name", ["PC 11", "PC 100", "O'Neil", "Zo\u00eb Minton"])
def test_a_name_that_is_another_is_taken(identity: Identity, name: str) -> None:
    assert identity.add(name, "rad", WORDS).name == name
    assert identity.sign_in(name, WORDS, "", HERE)


def test_whatever_is_wrong_is_one_sentence(identity: Identity) -> None:
    identity.add("Closed", "rad", WORDS)
    identity.set_active("Closed", False)
    identity.add("Telephony", "call_handler", "")
    identity.add("Coded", "rad", WORDS)
    identity.set_second_factor("Coded", True)
    tries = [
        ("Nobody", WORDS, ""), ("PC 10", OTHER, ""), ("Closed", WORDS, ""), ("Coded", WORDS, ""), ("Telephony", "", ""),
        ("Coded", WORDS, "000000"), ("", "", ""), ("\0", "\ud800", "\u0661"), ("x" * 100_000, "y" * 100_000, "z" * 100_000),
        ("PC 10' OR 1=1 --", WORDS, ""),
    ]  # fmt: skip
    said = {refused(functools.partial(identity.sign_in, *each, "")) for each in tries}
    assert len(said) == 1


def test_an_unknown_name_costs_the_work_of_a_wrong_password(
    identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused(lambda: identity.sign_in("Nobody", OTHER, "", ""))  # the hash of nobody is made once
    identity.add("Closed", "rad", WORDS)
    identity.set_active("Closed", False)
    identity.add("Telephony", "call_handler", "")
    work: list[str] = []
    verify, hash_it = argon2.PasswordHasher.verify, argon2.PasswordHasher.hash

    def _verify(self: argon2.PasswordHasher, against: str, password: bytes) -> bool:
        work.append(f"verify {argon2.extract_parameters(against)}")
        return verify(self, against, password)

    def _hash(self: argon2.PasswordHasher, password: bytes) -> str:
        work.append("hash")
        return hash_it(self, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", _verify)
    monkeypatch.setattr(argon2.PasswordHasher, "hash", _hash)
    done = []
    for name in ("PC 10", "Nobody", "Closed", "Telephony", "x" * 300):
        work.clear()
        refused(functools.partial(identity.sign_in, name, "a wrong password", "", ""))
        done.append(tuple(work))
    assert len(set(done)) == 1 and len(done[0]) == 1


def test_a_new_session_has_a_new_token_and_nothing_given_becomes_one(identity: Identity, tmp_path: Path) -> None:
    first, second = (identity.sign_in("PC 10", WORDS, "", HERE) for _ in range(2))
    assert first != second and len(first) >= 43
    for token in ("", "chosen by somebody else", first[:-1], first + "x", "\ud800", first.upper()):
        assert identity.session(token) is None
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert first.encode() not in held and WORDS.encode() not in held


def test_signing_out_ends_that_session_alone(identity: Identity) -> None:
    first, second = (identity.sign_in("PC 10", WORDS, "", HERE) for _ in range(2))
    identity.sign_out(first)
    identity.sign_out("no session")
    assert identity.session(first) is None and identity.session(second) is not None


CHANGES: dict[str, Callable[[Identity], object]] = {
    "password set": lambda identity: identity.set_password("PC 10", OTHER),
    "password changed": lambda identity: identity.change_password("PC 10", WORDS, OTHER),
    "role": lambda identity: identity.set_role("PC 10", "rad"),
    "closed": lambda identity: identity.set_active("PC 10", False),
    "closed and opened": lambda identity: (identity.set_active("PC 10", False), identity.set_active("PC 10", True)),
    "second factor": lambda identity: identity.set_second_factor("PC 10", True),
    "ended": lambda identity: identity.end_sessions("PC 10"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_session_ends_with_what_it_was_let_in_by(identity: Identity, what: str) -> None:
    token, another = identity.sign_in("PC 10", WORDS, "", HERE), identity.sign_in("Ada Minton", OTHER, "", HERE)
    CHANGES[what](identity)
    assert identity.session(token) is None and not identity.recently_confirmed(token)
    assert identity.session(another) is not None


@pytest.mark.parametrize("role", [*ROLES, "other"])
def test_a_session_ends_idle_and_ends_old(tmp_path: Path, clock: Clock, role: str) -> None:
    identity_at(tmp_path, clock)
    named = "a_role_of_their_own" if role == "other" else role
    identity = Identity(tmp_path / "accounts.sqlite", roles=[named], cost=CHEAP, instant=clock)
    identity.add("Somebody", named, WORDS)
    idle, absolute = (number("sessions", "roles", role, which) for which in ("idle", "absolute"))
    unused = identity.sign_in("Somebody", WORDS, "", HERE)
    clock.later(idle - 1)
    assert identity.session(unused) is not None
    clock.later(idle)
    assert identity.session(unused) is None
    used = identity.sign_in("Somebody", WORDS, "", HERE)
    for _ in range(absolute // (idle - 1)):
        clock.later(idle - 1)
        assert identity.session(used) is not None
    clock.later(absolute % (idle - 1))
    assert identity.session(used) is None


def test_every_role_has_its_limits() -> None:
    assert set(rules()["sessions"]["roles"]) == {*ROLES, "other"}


def test_the_session_that_is_one_too_many_ends_the_oldest(identity: Identity, clock: Clock) -> None:
    tokens = []
    for _ in range(number("sessions", "most") + 1):
        tokens.append(identity.sign_in("PC 10", WORDS, "", HERE))
        clock.later(1)
    assert [identity.session(each) is not None for each in tokens] == [False] + [True] * number("sessions", "most")


def test_a_grave_act_asks_for_the_password_again_after_minutes(identity: Identity, clock: Clock) -> None:
    token = identity.sign_in("PC 10", WORDS, "", HERE)
    clock.later(number("sessions", "confirmed") - 1)
    assert identity.recently_confirmed(token)
    clock.later(1)
    assert not identity.recently_confirmed(token)
    refused(lambda: identity.confirm(token, OTHER, "", HERE))
    refused(lambda: identity.confirm("no session", WORDS, "", HERE))
    assert not identity.recently_confirmed(token)
    identity.confirm(token, WORDS, "", HERE)
    assert identity.recently_confirmed(token) and identity.session(token) is not None


def test_changing_ones_own_password_needs_the_old_one(identity: Identity) -> None:
    refused(lambda: identity.change_password("PC 10", OTHER, "a brand new phrase"))
    refused(lambda: identity.change_password("Nobody", OTHER, "a brand new phrase"))
    identity.change_password("PC 10", WORDS, "a brand new phrase")
    refused(lambda: identity.sign_in("PC 10", WORDS, "", HERE))
    assert identity.sign_in("PC 10", "a brand new phrase", "", HERE)


# Second factor.


def test_a_code_counts_once_and_for_its_time(identity: Identity, clock: Clock) -> None:
    app = app_of(identity.set_second_factor("PC 10", True))
    code = app.at(clock())
    refused(lambda: identity.sign_in("PC 10", WORDS, "", HERE))
    refused(lambda: identity.sign_in("PC 10", OTHER, code, HERE))
    assert identity.sign_in("PC 10", WORDS, f"{code[:3]} {code[3:]}", HERE), "a wrong password does not use it up"
    refused(lambda: identity.sign_in("PC 10", WORDS, code, HERE))


@pytest.mark.parametrize(("steps", "counts"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_of_the_step_beside_counts_too(identity: Identity, clock: Clock, steps: int, counts: bool) -> None:
    code = app_of(identity.set_second_factor("PC 10", True)).at(clock(), counter_offset=steps)
    if counts:
        assert identity.sign_in("PC 10", WORDS, code, HERE)
    else:
        refused(lambda: identity.sign_in("PC 10", WORDS, code, HERE))


def test_a_code_before_one_that_was_used_does_not_count(identity: Identity, clock: Clock) -> None:
    app = app_of(identity.set_second_factor("PC 10", True))
    assert identity.sign_in("PC 10", WORDS, app.at(clock()), HERE)
    refused(lambda: identity.sign_in("PC 10", WORDS, app.at(clock(), counter_offset=-1), HERE))
    assert identity.sign_in("PC 10", WORDS, app.at(clock(), counter_offset=1), HERE)


def test_a_new_secret_makes_the_old_app_worthless_and_off_asks_for_none(identity: Identity, clock: Clock) -> None:
    old = app_of(identity.set_second_factor("PC 10", True))
    new = app_of(identity.set_second_factor("PC 10", True))
    refused(lambda: identity.sign_in("PC 10", WORDS, old.at(clock()), HERE))
    assert identity.sign_in("PC 10", WORDS, new.at(clock()), HERE)
    assert identity.set_second_factor("PC 10", False) == ""
    assert identity.sign_in("PC 10", WORDS, "", HERE)


# Passwords.


@pytest.mark.parametrize(
    ("password", "said"),
    [
        ("short", "at least 12"),
        ("eleven char", "at least 12"),
        ("x" * 201, "at most 200"),
        ("ababababababab", "same few"),
        ("Password Password", "anybody tries"),
        ("passwordpassword123", "anybody tries"),
        ("Correct-Horse battery staple", "anybody tries"),
        ("Ada.Minton 2026", "own name"),
        ("adamintonadaminton", "own name"),
    ],
)
def test_a_password_soon_guessed_is_refused_and_not_repeated(identity: Identity, password: str, said: str) -> None:
    with pytest.raises(AccountRefused, match=said) as caught:
        identity.set_password("Ada Minton", password)
    assert password not in caught.value.message
    assert identity.sign_in("Ada Minton", OTHER, "", HERE), "the old one still counts"


@pytest.mark.parametrize(
    "password", ["twelve chars", "ada minton and three geese", "password for a purple heron", "\u6f22\u5b57 kanji \u0416\u044f twelve", "x1" * 94 + "abcdefghijkl"]
)  # fmt: skip
def test_a_password_that_is_not_is_taken_as_it_is(identity: Identity, password: str) -> None:
    refuse_weak(password, "Ada Minton")
    identity.set_password("Ada Minton", password)
    assert identity.sign_in("Ada Minton", password, "", HERE)
    refused(lambda: identity.sign_in("Ada Minton", password + " ", "", ""))


def test_an_accent_is_the_same_on_every_keyboard(identity: Identity) -> None:
    identity.set_password("PC 10", "caf\u00e9 on the corner")
    assert identity.sign_in("PC 10", "cafe\u0301 on the corner", "", HERE)


def test_a_password_is_hashed_anew_when_the_cost_rises(identity: Identity, tmp_path: Path, clock: Clock) -> None:
    def _cost() -> argon2.Parameters:
        with closing(sqlite3.connect(tmp_path / "accounts.sqlite")) as connection:
            kept = connection.execute("SELECT password FROM account WHERE key = 'pc10'").fetchone()[0]
        return argon2.extract_parameters(kept)

    dearer = Identity(tmp_path / "accounts.sqlite", cost=Cost(16, 2, 1), instant=clock)
    refused(lambda: dearer.sign_in("PC 10", OTHER, "", HERE))
    assert (_cost().memory_cost, _cost().time_cost) == (CHEAP.memory, CHEAP.rounds)
    assert dearer.sign_in("PC 10", WORDS, "", HERE)
    assert (_cost().memory_cost, _cost().time_cost) == (16, 2)
    assert dearer.sign_in("PC 10", WORDS, "", HERE)


def test_the_cost_shipped_is_at_least_what_owasp_asks_for() -> None:
    cost = shipped_cost()
    least = [(47104, 1), (19456, 2), (12288, 3), (9216, 4), (7168, 5)]
    assert any(cost.memory >= memory and cost.rounds >= rounds for memory, rounds in least)


# What may be changed.


UNSEATING: list[Callable[[Identity], object]] = [
    lambda identity: identity.set_role("Ada Minton", "rad"),
    lambda identity: identity.set_active("Ada Minton", False),
]


@pytest.mark.parametrize("act", UNSEATING)
def test_the_last_administrator_stays(identity: Identity, act: Callable[[Identity], object]) -> None:
    with pytest.raises(AccountRefused, match="last administrator"):
        act(identity)
    assert identity.account("Ada Minton").role == "administrator" and identity.account("Ada Minton").active
    identity.add("Ben Tarr", "administrator", WORDS)
    assert identity.set_role("Ada Minton", "auditor").role == "auditor"


def test_there_is_no_role_but_those_there_are(identity: Identity) -> None:
    with pytest.raises(AccountRefused, match="the roles are call_handler"):
        identity.add("New", "god", WORDS)
    with pytest.raises(AccountRefused, match="the roles are call_handler"):
        identity.set_role("PC 10", "god")


NAMED: list[Callable[[Identity], object]] = [
    lambda identity: identity.account("Nobody"),
    lambda identity: identity.set_role("Nobody", "rad"),
    lambda identity: identity.set_active("Nobody", True),
    lambda identity: identity.set_password("Nobody", WORDS),
    lambda identity: identity.set_second_factor("Nobody", True),
    lambda identity: identity.end_sessions("Nobody"),
]


@pytest.mark.parametrize("act", NAMED)
def test_an_account_that_is_not_there_is_not_made(identity: Identity, act: Callable[[Identity], object]) -> None:
    with pytest.raises(NotFound):
        act(identity)
    assert len(identity.accounts()) == 2


# The file.


def test_the_file_is_its_owners_alone(identity: Identity, tmp_path: Path) -> None:
    identity.sign_in("PC 10", WORDS, "", HERE)
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name


def _emptied(file: Path) -> None:
    file.write_bytes(b"")


def _a_folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


def _later(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")


BREAKING: dict[str, Callable[[Path], object]] = {
    "missing": lambda file: file.unlink(),
    "empty": _emptied,
    "no database": lambda file: file.write_bytes(b"not a database, and long enough to be read as one " * 100),
    "cut off": lambda file: file.write_bytes(file.read_bytes()[:5000]),
    "later": _later,
    "others write": lambda file: file.chmod(0o666),
    "group writes": lambda file: file.chmod(0o620),
    "a folder": _a_folder,
}


@pytest.mark.parametrize("how", BREAKING)
def test_a_broken_file_lets_nobody_in(identity: Identity, tmp_path: Path, how: str) -> None:
    session = identity.sign_in("PC 10", WORDS, "", HERE)
    BREAKING[how](tmp_path / "accounts.sqlite")
    acts: list[Callable[[], object]] = [
        lambda: identity.sign_in("PC 10", WORDS, "", HERE),
        lambda: identity.session(session),
        lambda: identity.recently_confirmed(session),
        lambda: identity.accounts(),
        lambda: identity.change_password("PC 10", WORDS, OTHER),
    ]
    for act in acts:
        with pytest.raises(AccountsUnavailable):
            act()


def test_an_account_that_was_closed_in_the_file_itself_is_closed(identity: Identity, tmp_path: Path) -> None:
    session = identity.sign_in("PC 10", WORDS, "", HERE)
    identity.add("A script", "call_handler", "")
    token = identity.add_token("A script", "a script", ["status"], Clock()().date())
    with closing(sqlite3.connect(tmp_path / "accounts.sqlite", isolation_level=None)) as connection:
        connection.execute("UPDATE account SET active = 0 WHERE key IN ('pc10', 'ascript')")
    assert identity.session(session) is None and identity.token(token) is None
    assert not identity.recently_confirmed(session)
    refused(lambda: identity.confirm(session, WORDS, "", HERE))


def test_an_account_that_was_given_the_role_of_the_machine_in_the_file_is_closed(
    identity: Identity, tmp_path: Path
) -> None:
    session = identity.sign_in("PC 10", WORDS, "", HERE)
    with closing(sqlite3.connect(tmp_path / "accounts.sqlite", isolation_level=None)) as connection:
        connection.execute("UPDATE account SET role = 'operator' WHERE key = 'pc10'")
    assert identity.session(session) is None
    refused(lambda: identity.sign_in("PC 10", WORDS, "", HERE))


@pytest.mark.parametrize("what", ["password set", "closed"])
def test_what_changes_while_a_password_is_being_hashed_counts(
    identity: Identity, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    verify = argon2.PasswordHasher.verify

    def _meanwhile(self: argon2.PasswordHasher, against: str, password: bytes) -> bool:
        monkeypatch.undo()
        CHANGES[what](identity)
        return verify(self, against, password)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", _meanwhile)
    refused(lambda: identity.sign_in("PC 10", WORDS, "", HERE))


def test_somebody_is_known_by_their_account_of_the_machine_and_nobody_else(identity: Identity) -> None:
    identity.set_machine_user("PC 10", "daemon")
    found = identity.machine_user("daemon")
    assert found is not None and (found.name, found.machine_user) == ("PC 10", "daemon")
    assert [identity.machine_user(other) for other in ("", "Daemon", "daemon ", "root")] == [None] * 4
    with pytest.raises(AccountRefused, match="PC 10 already"):
        identity.set_machine_user("Ada Minton", "daemon")
    identity.set_active("PC 10", False)
    assert identity.machine_user("daemon") is None
    identity.set_active("PC 10", True)
    identity.set_machine_user("PC 10", "")
    assert identity.machine_user("daemon") is None and identity.machine_user("") is None


def test_a_program_is_known_by_tokens_alone(identity: Identity) -> None:
    identity.add("Telephony", "call_handler", "")
    with pytest.raises(AccountRefused, match="token"):
        identity.set_machine_user("Telephony", "daemon")


@pytest.mark.parametrize("first", ["read", "written"])
def test_a_file_of_the_layout_before_is_brought_up_with_all_that_it_holds(
    identity: Identity, tmp_path: Path, first: str
) -> None:
    session = identity.sign_in("PC 10", WORDS, "", HERE)
    with closing(sqlite3.connect(tmp_path / "accounts.sqlite", isolation_level=None)) as connection:
        connection.execute("DROP INDEX account_machine_user")
        connection.execute("ALTER TABLE account DROP COLUMN machine_user")
        connection.execute("PRAGMA user_version = 1")
    if first == "written":
        identity.set_machine_user("PC 10", "daemon")
    found = identity.session(session)
    assert found is not None and found.machine_user == ("daemon" if first == "written" else "")
