"""`discoverer brief`: the three forms, giving, and that forgetting a record takes the text of its briefings along."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from discoverer.app import App
from discoverer.settings import load
from fixtures.night_desk import Entry, NightDesk
from tests.conftest import SMALL
from tests.setups import complaint, copy_of, run

NUMBER = ("phone", "07700", "900406")


@pytest.fixture(scope="module")
def config(small: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return settings that read the small set's index, and leave no briefing behind."""
    folder = tmp_path_factory.mktemp("brief")
    text = (SMALL / "discoverer.toml").read_text(encoding="utf-8")
    text = text.replace('"state"', json.dumps(str(small.settings.state_dir)))
    text = text.replace('"sources"', json.dumps(str(SMALL / "sources")))
    (folder / "discoverer.toml").write_text(text, encoding="utf-8")
    yield folder / "discoverer.toml"
    small.settings.briefings_file.unlink(missing_ok=True)


def test_what_is_read_out_stands_first_and_what_must_not_be_said_below(config: Path) -> None:
    done = run(config, "brief", *NUMBER)
    assert done.exit_code == 0, done.stderr
    first, *rest = done.stdout.splitlines()
    assert first.startswith("Hazards: ") and first.endswith("More in the written form.")
    assert rest[0].startswith("(77 words") and any("NOT (radio, terminal, log)" in line for line in rest)
    assert "PARSLEY" not in done.stdout  # her codeword
    assert not load(config).briefings_file.exists()


@pytest.mark.parametrize(
    ("option", "first"), [("--written", "BRIEFING 07700 900406, as at"), ("--log", "Hazards: "), ("--json", "{")]
)
def test_the_other_forms(config: Path, option: str, first: str) -> None:
    done = run(config, "brief", *NUMBER, option)
    assert done.exit_code == 0 and done.stdout.startswith(first) and "PARSLEY" not in done.stdout


def test_json_holds_every_statement_and_where_it_may_be_told(config: Path) -> None:
    told = json.loads(run(config, "brief", *NUMBER, "--json").stdout)
    assert told["given"] is None and told["spoken_words"] == 77 and told["rested_on"]
    assert {each["slot"] for each in told["points"]} >= {"place", "hazards", "suspect", "victim", "history", "gaps"}
    assert all(each["why_not"] for each in told["withheld"])


def test_giving_records_it_and_says_so(config: Path) -> None:
    given = run(config, "brief", *NUMBER, "--log", "--give", "--to", "BE12", "--log-no", "1784-2018-09-03")
    assert "Recorded as number 1: briefed 18/11/2018 02:00 to BE12 by demo." in given.stdout
    edited = json.loads(run(config, "brief", *NUMBER, "--json", "--give", "--text", "MIND THE DOG").stdout)
    assert edited["given"]["edited"] and edited["given"]["number"] == 2
    shown = run(config, "brief", *NUMBER, "--give", "--text", "MIND THE DOG").stdout
    assert shown.startswith("[EDITED by demo, not as made] MIND THE DOG")


REFUSED = [
    pytest.param(("person", "custody:NONE/1#0"), 7, id="nobody of that id"),
    pytest.param(("location", "|1|nowhere test road|b236xx"), 7, id="a place not held"),
    pytest.param((*NUMBER, "--give", "--to", "B" * 41), 2, id="a call sign too long"),
]


@pytest.mark.parametrize(("arguments", "code"), REFUSED)
def test_bad_input_is_one_sentence(config: Path, arguments: tuple[str, ...], code: int) -> None:
    complaint(run(config, "brief", *arguments), code)


def test_a_call_sign_without_giving_is_refused(config: Path) -> None:
    refused = run(config, "brief", *NUMBER, "--to", "BE12")
    assert refused.exit_code == 2 and "add --give" in refused.stderr


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the small set with one more log, that two briefings rest on."""
    folder = shutil.copytree(SMALL, tmp_path_factory.mktemp("forgot") / "set", ignore=shutil.ignore_patterns("state"))
    config = folder / "discoverer.toml"
    config.write_text(config.read_text(encoding="utf-8") + 'linking = "exact"\n', encoding="utf-8")
    desk = NightDesk(folder / "incidents.sqlite")
    who = ("VIC", "QUILLFEATHERBY, ORIOLE", "03/07/1989", "", "F", "07700 900876", "")
    key = desk.open(Entry(desk.now - timedelta(minutes=5), "D1", "P2", ["SHE SAID ZARZUELAPLATZ"], people=[who]))
    (folder / "ref").write_text("/".join(key))
    desk.close()
    assert run(config, "build").exit_code == 0
    for kind, ident in (("event", f"incidents:{'/'.join(key)}"), ("phone", "07700 900876")):
        given = run(config, "brief", kind, ident, "--written", "--give", "--log-no", "-".join(key))
        assert given.exit_code == 0 and "QUILLFEATHERBY" in given.stdout
    return config


def take_away(config: Path) -> str:
    ref = (config.parent / "ref").read_text()
    desk = NightDesk(config.parent / "incidents.sqlite")
    desk.take_away((ref.partition("/")[0], ref.partition("/")[2]))
    desk.close()
    return ref


def kept(config: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(load(config).briefings_file) as connection:
        return connection.execute("SELECT text, ident, log, redacted <> '', length(digest) FROM given").fetchall()


def test_forgetting_a_record_takes_the_text_of_its_briefings_and_proves_it(built: Path, tmp_path: Path) -> None:
    config = copy_of(built, tmp_path / "set")
    ref = take_away(config)
    proved = run(config, "forget", f"incidents:{ref}", "--prove", "--build", "--also", "Quillfeatherby", "--json")
    assert proved.exit_code == 0, proved.output
    before, after = json.loads(proved.stdout)
    assert not any("briefings" in each["file"] for each in (*before["left"], *after["left"], *after["kept"]))
    assert kept(config) == [("", "", "", 1, 64)] * 2
    raw = load(config).briefings_file.read_bytes().upper()
    assert b"QUILLFEATHERBY" not in raw and b"900876" not in raw and ref.encode() not in raw


@pytest.mark.parametrize("how", ["build", "sync"])
def test_what_a_source_deletes_goes_with_the_next_build_or_sync_too(built: Path, tmp_path: Path, how: str) -> None:
    config = copy_of(built, tmp_path / "set")
    take_away(config)
    assert [row[3] for row in kept(config)] == [0, 0]
    assert run(config, how).exit_code == 0
    assert kept(config) == [("", "", "", 1, 64)] * 2


@pytest.mark.parametrize(
    ("log_no", "said"),
    [
        pytest.param("1" * 201, "The log is", id="longer than a log number"),
        pytest.param(
            "1784\u202e-2018", "The log holds a character that cannot be seen", id="a sign that turns a line round"
        ),
    ],
)
def test_a_log_in_hand_that_no_look_could_be_kept_with_is_refused(config: Path, log_no: str, said: str) -> None:
    done = run(config, "brief", *NUMBER, "--log-no", log_no)
    assert said in complaint(done, 2) and not done.stdout
