"""Programs' tokens: for what they say, up to their day, shown once, and taken back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from discoverer.errors import AccountRefused, DiscovererError, NotFound, UsageError
from discoverer.identity import SCOPES, Identity
from discoverer.identity.rules import number
from tests.identities import HERE, WORDS, Clock, identity_at

TODAY = date(2026, 11, 20)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def identity(tmp_path: Path, clock: Clock) -> Identity:
    made = identity_at(tmp_path, clock)
    made.add("Telephony", "call_handler", "")
    return made


def test_a_token_is_its_accounts_for_its_scopes(identity: Identity) -> None:
    found = identity.token(identity.add_token("telephony", "the switch", ["search", "call"], TOMORROW))
    assert found is not None
    account, scopes = found
    assert (account.name, account.role, account.program) == ("Telephony", "call_handler", True)
    assert scopes == {"search", "call"}


def test_a_token_is_no_session_and_a_session_no_token(identity: Identity) -> None:
    token = identity.add_token("Telephony", "the switch", SCOPES, TOMORROW)
    session = identity.sign_in("PC 10", WORDS, "", HERE)
    assert identity.session(token) is None and identity.token(session) is None
    assert not identity.recently_confirmed(token)
    for wrong in ("", "discoverer_", token[:-1], token + "x", token.swapcase(), "\ud800"):
        assert identity.token(wrong) is None


def test_it_is_shown_once(identity: Identity, tmp_path: Path) -> None:
    token = identity.add_token("Telephony", "the switch", SCOPES, TOMORROW)
    assert token.startswith("discoverer_") and len(token) >= 43
    assert token.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert token not in repr(identity.tokens())


def test_it_counts_to_the_end_of_its_day(identity: Identity, clock: Clock) -> None:
    token = identity.add_token("Telephony", "the switch", SCOPES, TODAY)
    assert [each.ends for each in identity.tokens()] == [TODAY]
    clock.moment = datetime(2026, 11, 20, 23, 59, 59, tzinfo=UTC)
    assert identity.token(token) is not None
    clock.later(1)
    assert identity.token(token) is None


def test_the_day_is_that_of_the_clock_on_the_wall(identity: Identity, clock: Clock) -> None:
    clock.moment = datetime(2027, 7, 1, 12, tzinfo=UTC)
    token = identity.add_token("Telephony", "the switch", SCOPES, date(2027, 7, 1))
    clock.moment = datetime(2027, 7, 1, 22, 59, 59, tzinfo=UTC)
    assert identity.token(token) is not None
    clock.later(1)
    assert identity.token(token) is None and identity.tokens()[0].ends == date(2027, 7, 1)


TAKING: dict[str, Callable[[Identity], object]] = {
    "revoked": lambda identity: identity.revoke_token(1),
    "closed": lambda identity: identity.set_active("Telephony", False),
    "closed and opened": lambda identity: (
        identity.set_active("Telephony", False), identity.set_active("Telephony", True),
    ),
    "another role": lambda identity: identity.set_role("Telephony", "rad"),
}  # fmt: skip


@pytest.mark.parametrize("how", TAKING)
def test_it_is_taken_back_for_good(identity: Identity, how: str) -> None:
    token = identity.add_token("Telephony", "the switch", SCOPES, TOMORROW)
    identity.add("A script", "administrator", "")
    other = identity.add_token("A script", "a script", ["status"], TOMORROW)
    TAKING[how](identity)
    assert identity.token(token) is None and identity.tokens()[0].revoked
    assert identity.token(other) is not None and not identity.tokens()[1].revoked


@pytest.mark.parametrize(
    ("account", "name", "scopes", "ends", "error"),
    [
        ("Nobody", "x", ["search"], TOMORROW, NotFound),
        ("PC 10", "x", ["search"], TOMORROW, AccountRefused),
        ("Ada Minton", "x", ["status"], TOMORROW, AccountRefused),
        ("Telephony", "", ["search"], TOMORROW, UsageError),
        ("Telephony", "x\0", ["search"], TOMORROW, UsageError),
        ("Telephony", "x", [], TOMORROW, AccountRefused),
        ("Telephony", "x", ["everything"], TOMORROW, AccountRefused),
        ("Telephony", "x", ["search", "*"], TOMORROW, AccountRefused),
        ("Telephony", "x", ["search"], TODAY - timedelta(days=1), AccountRefused),
        ("Telephony", "x", ["search"], TODAY + timedelta(days=number("tokens", "longest_days") + 1), AccountRefused),
    ],
)
def test_none_is_made_without_bounds(
    identity: Identity, account: str, name: str, scopes: list[str], ends: date, error: type[DiscovererError]
) -> None:
    with pytest.raises(error):
        identity.add_token(account, name, scopes, ends)
    assert identity.tokens() == []


def test_a_closed_account_gets_none_and_none_is_taken_back_that_is_not_there(identity: Identity) -> None:
    identity.set_active("Telephony", False)
    with pytest.raises(AccountRefused, match="closed"):
        identity.add_token("Telephony", "x", ["search"], TOMORROW)
    with pytest.raises(NotFound):
        identity.revoke_token(1)


def test_a_programs_account_has_neither_password_nor_code(identity: Identity) -> None:
    with pytest.raises(AccountRefused, match="program's account"):
        identity.set_password("Telephony", WORDS)
    with pytest.raises(AccountRefused, match="program's account"):
        identity.set_second_factor("Telephony", True)


def test_a_persons_account_gets_none_and_one_that_an_earlier_version_made_counts_for_nothing(
    identity: Identity, tmp_path: Path
) -> None:
    with pytest.raises(AccountRefused, match="PC 10 is a person's account, and tokens are for programs alone"):
        identity.add_token("PC 10", "a script", ["status"], TOMORROW)
    token = identity.add_token("Telephony", "the switch", ["search"], TOMORROW)
    with closing(sqlite3.connect(tmp_path / "accounts.sqlite", isolation_level=None)) as connection:
        connection.execute("UPDATE token SET account = 'pc10'")
        assert identity.token(token) is None
        connection.execute("UPDATE token SET account = 'telephony'")
    assert identity.token(token) is not None
