"""`discoverer doctor` where people have accounts: who may touch the file, who manages it, who comes in by what."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
from pathlib import Path

import pytest

from discoverer.identity import Identity
from tests.identities import CHEAP, OTHER, WORDS
from tests.setups import run, write_settings


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """Return settings with accounts as they must be: an administrator and a call handler, each asked for a code."""
    written = write_settings(tmp_path, ["people"])
    with written.open("a") as more:
        more.write('[access]\naccounts = "accounts.sqlite"\n')
    identity = identity_of(written)
    for name, role, password in (("Ada Minton", "administrator", OTHER), ("PC 10", "call_handler", WORDS)):
        identity.add(name, role, password)
        identity.set_second_factor(name, True)
    identity.add("Telephony", "call_handler", "")
    return written


def identity_of(config: Path) -> Identity:
    return Identity(config.parent / "accounts.sqlite", cost=CHEAP)


def listed(config: Path) -> list[dict[str, str]]:
    """Return everything that was looked at."""
    found: list[dict[str, str]] = json.loads(run(config, "doctor", "--json").stdout)
    return found


def findings(config: Path) -> list[tuple[str, str, str, str]]:
    """Return (what, health, found, mend) of what is about accounts and not as it should be."""
    mine = [each for each in listed(config) if each["what"].startswith(("accounts", "second factor"))]
    return [(each["what"], each["health"], each["found"], each["mend"]) for each in mine if each["health"] != "ok"]


def test_accounts_as_they_must_be_have_nothing_to_mend(config: Path) -> None:
    assert findings(config) == []
    assert "everybody who signs in is asked for a code too" in run(config, "doctor").stdout


def test_without_accounts_nothing_is_said_of_them(tmp_path: Path) -> None:
    assert "accounts" not in {each["what"] for each in listed(write_settings(tmp_path, ["people"]))}


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_may_read_is_found_and_mended_by_what_it_says(config: Path, mode: int) -> None:
    (config.parent / "accounts.sqlite").chmod(mode)
    ((_, health, _, mend),) = findings(config)
    assert health == "bad"
    subprocess.run(shlex.split(mend), check=True)
    assert findings(config) == []


@pytest.mark.parametrize("mode", [0o660, 0o606])
def test_a_file_that_others_may_write_is_found(config: Path, mode: int) -> None:
    (config.parent / "accounts.sqlite").chmod(mode)
    assert {health for _, health, *_ in findings(config)} == {"bad"}
    assert run(config, "doctor").exit_code == 3


def test_a_file_that_is_missing_or_broken_is_found(config: Path) -> None:
    file = config.parent / "accounts.sqlite"
    file.write_bytes(b"no database" * 1000)
    assert [(what, health) for what, health, *_ in findings(config)] == [("accounts", "bad")]
    file.unlink()
    ((_, health, found, _),) = findings(config)
    assert health == "bad" and "nobody is let in" in found


def test_a_file_of_another_user_is_found(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    assert any("belongs to user" in found for what, _, found, _ in findings(config) if what == "accounts")


def test_whoever_comes_in_by_a_password_alone_is_named(config: Path) -> None:
    identity_of(config).set_second_factor("PC 10", False)
    ((what, health, found, _),) = findings(config)
    assert (what, health) == ("second factor", "warn") and found.endswith(" PC 10")
    for number in range(20, 28):
        identity_of(config).add(f"PC {number}", "rad", WORDS)
    assert findings(config)[0][2].endswith("and 4 more")


def test_accounts_without_an_administrator_or_with_an_unknown_role_are_found(config: Path) -> None:
    file = config.parent / "accounts.sqlite"
    file.unlink()
    made = Identity(file, roles=["a_role_of_before"], cost=CHEAP)
    made.add("PC 10", "a_role_of_before", WORDS)
    made.set_second_factor("PC 10", True)
    found = [(health, words) for _, health, words, _ in findings(config)]
    assert [health for health, _ in found] == ["bad", "warn"]
    assert "administrator" in found[0][1] and found[1][1].endswith(": PC 10")
