"""`discoverer access` on the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from discoverer.access_rules import SHIPPED, read_access
from tests.setups import run, write_tiny


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    made = write_tiny(tmp_path_factory.mktemp("access"))
    assert run(made, "build").exit_code == 0
    yield made


def test_every_role_is_listed_with_what_it_reads_and_may_do(config: Path) -> None:
    told = run(config, "access", "roles").stdout
    assert "may break the glass: reads protected too, for 15 minutes, reviewed by a supervisor" in told
    assert "reason auto: the log in hand is the reason" in told
    assert told.startswith("control-room@1, NOT in force")
    assert "mask analysts-pseudonyms: names" in " ".join(told.split())
    for role in read_access().role:
        assert f"{role.title}; reason {role.reason}" in told
        assert f"may {', '.join(role.may)}" in told
    found = json.loads(run(config, "access", "roles", "--json").stdout)
    assert not found["switched_on"] and [each["name"] for each in found["role"]] == [e.name for e in read_access().role]


def test_all_mistakes_of_a_file_are_told_at_once(config: Path, tmp_path: Path) -> None:
    assert (
        run(config, "access", "check").stdout.split()
        == f"{SHIPPED} is sound: control-room@1, 8 roles, 3 rules, 2 masks, 0 stubs.".split()
    )
    faulty = tmp_path / "access.toml"
    faulty.write_text('id = "x"\nversion = "1"\n[[role]]\nname = "Bad Name"\nmay = ["fly"]\n', encoding="utf-8")
    result = run(config, "access", "check", str(faulty))
    assert result.exit_code == 3
    assert all(each in result.stderr for each in ("role.0.name", "role.0.may.0", "'role.0.reads' is missing"))


def test_a_record_is_explained(config: Path) -> None:
    ref = json.loads(run(config, "search", "--json", "07700900417").stdout)["hits"][0]["records"][0]
    record = f"{ref['source']}:{ref['ref']}"
    told = run(config, "access", "explain", "auditor", record).stdout
    assert told.startswith(f"Auditor (professional standards) (auditor) DOES NOT READ {record}: it is open")
    found = json.loads(run(config, "access", "explain", "rad", record, "--json").stdout)
    assert (found["is_read"], found["label"]) == (True, "open")
    masked = run(config, "access", "explain", "analyst", record).stdout
    assert "not shown, by analysts-pseudonyms: names" in masked
    missing = run(config, "access", "explain", "rad", "outside:none")
    assert (missing.exit_code, "holds no record 'outside:none'" in missing.stderr) == (7, True)


def test_rules_in_the_settings_are_in_force(config: Path, tmp_path: Path) -> None:
    for name in ("sources", "state"):
        (tmp_path / name).symlink_to(config.parent / name)
    (tmp_path / "access.toml").write_text(SHIPPED.read_text(encoding="utf-8"), encoding="utf-8")
    own = tmp_path / "discoverer.toml"
    own.write_text(config.read_text(encoding="utf-8") + '\n[access]\nrules = "access.toml"\n', encoding="utf-8")
    assert run(own, "access", "roles").stdout.startswith("control-room@1, in force")
    refused = run(own, "search", "07700900417")
    assert refused.exit_code == 6 and "access rules have changed" in refused.stderr
