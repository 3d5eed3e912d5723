"""Where people have accounts, whoever is at the machine handles builds and rules in their own name, and reads nothing."""

from __future__ import annotations

import json
import os
import pwd
from pathlib import Path

import pytest

from discoverer.access_rules import SHIPPED
from tests.setups import answer, complaint, copy_of, refs, run, write_tiny
from tests.test_audit import looks

ACCOUNT = pwd.getpwuid(os.getuid()).pw_name


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a set-up without accounts, built twice."""
    made = write_tiny(tmp_path_factory.mktemp("operator"))
    for _ in range(2):
        assert run(made, "build", "--quiet").exit_code == 0
    return made


@pytest.fixture
def alone(twice: Path, tmp_path: Path) -> Path:
    """Return a copy of it."""
    return copy_of(twice, tmp_path)


@pytest.fixture
def shared(alone: Path) -> Path:
    """Return a copy of it where people have accounts."""
    with alone.open("a", encoding="utf-8") as more:
        more.write('\n[access]\naccounts = "accounts.sqlite"\n')
    given = ("users", "add", "Ada Minton", "--role", "administrator")
    assert run(alone, *given, stdin="the kettle is on again").exit_code == 0
    return alone


def history(config: Path) -> str:
    """Return what is written of every build and attempt, but for the builds themselves."""
    state = config.parent / "state"
    return "\n".join(each.read_text(encoding="utf-8") for each in sorted(state.glob("*.jsonl")))


def ids_of(config: Path) -> list[str]:
    """Return the builds that are kept, the newest first."""
    return [each["build"] for each in json.loads(run(config, "builds", "--json").stdout)]


def test_who_is_at_the_machine_goes_back_and_publishes_in_their_own_name(shared: Path) -> None:
    newest, older = ids_of(shared)
    assert run(shared, "rollback").exit_code == 0
    assert json.loads(run(shared, "status", "--json").stdout)["status"]["manifest"]["build"] == older
    assert f"asked for by {ACCOUNT}" in history(shared)
    assert run(shared, "build", "--publish", newest, "--reason", "it was sound").exit_code == 0
    assert f"by {ACCOUNT}: it was sound" in history(shared) and "by demo" not in history(shared)


def test_nobody_publishes_in_the_name_of_another(shared: Path) -> None:
    older, before = ids_of(shared)[1], history(shared)
    for name in ("Ada Minton", "demo"):
        said = complaint(run(shared, "build", "--publish", older, "--reason", "x", "--viewer", name), 2)
        assert ACCOUNT in said and "leave out --viewer" in said
    assert history(shared) == before


def test_without_accounts_it_stays_the_demos_viewer_or_whoever_is_named(alone: Path) -> None:
    newest = ids_of(alone)[0]
    assert run(alone, "rollback").exit_code == 0
    given = ("build", "--publish", newest, "--reason", "it was sound", "--viewer", "PC 1")
    assert run(alone, *given).exit_code == 0
    assert "asked for by demo" in history(alone) and "by PC 1: it was sound" in history(alone)


@pytest.mark.parametrize("command", [("builds",), ("status",), ("sources",), ("policy", "list")], ids=" ".join)
def test_what_shows_no_record_is_answered(shared: Path, command: tuple[str, ...]) -> None:
    assert run(shared, *command).exit_code == 0


def test_a_record_is_explained_to_whoever_is_at_the_machine_and_the_look_is_theirs(twice: Path, shared: Path) -> None:
    record = sorted(refs(answer(twice, "07700900417")))[0]
    told = run(shared, "access", "explain", "auditor", record, "--reason", "asked by the auditors")
    assert told.exit_code == 0 and f"DOES NOT READ {record}" in told.stdout
    last = looks(shared.parent / "state" / "audit")[-1]
    assert (last["action"], last["viewer"], last["role"]) == ("explain", ACCOUNT, "operator")
    assert last["reason"] == "asked by the auditors"


def test_the_role_of_the_machine_is_no_role_of_an_account(shared: Path) -> None:
    said = complaint(run(shared, "users", "add", "PC 1", "--role", "operator", stdin="four walls and a roof"), 2)
    assert "'operator' is no role" in said
    assert "no role" in complaint(run(shared, "access", "explain", "operator", "people:1"), 7)


def test_training_learns_from_what_records_say_and_stays_refused(shared: Path) -> None:
    assert "may not train" in complaint(run(shared, "train", "--quiet"), 11)


def test_a_record_that_is_forgotten_is_so_in_their_own_name(shared: Path) -> None:
    assert run(shared, "forget", "people:none").exit_code != 11
    last = looks(shared.parent / "state" / "audit")[-1]
    assert (last["action"], last["viewer"], last["role"]) == ("forget", ACCOUNT, "operator")


@pytest.mark.parametrize("rules", [True, False], ids=["rules", "no rules"])
@pytest.mark.parametrize("name", ["demo", "PC 1"])
def test_without_accounts_whoever_is_named_decides_and_trains_with_rules_or_none(
    alone: Path, name: str, rules: bool
) -> None:
    if rules:
        text = SHIPPED.read_text(encoding="utf-8").partition("[[rule]]")[0]
        (alone.parent / "access.toml").write_text(text, encoding="utf-8")
        with alone.open("a", encoding="utf-8") as more:
            more.write('\n[access]\nrules = "access.toml"\n')
    wrong = ("decide", "same", "people:none#0", "people:none#1", "--reason", "x", "--viewer", name)
    for command in (wrong, ("decide", "confirm", "9", "--reason", "x", "--viewer", name)):
        assert "no role" not in complaint(run(alone, *command), 7)
    trained = run(alone, "train", "--quiet", "--viewer", name)
    assert trained.exit_code == 9, trained.stderr


def test_with_accounts_whoever_is_named_trains_no_more_than_before(shared: Path) -> None:
    assert run(shared, "train", "--quiet", "--viewer", "PC 1").exit_code == 11
