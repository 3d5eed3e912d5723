"""Bad input, end to end: one sentence that says what to do, the right exit code, nothing lost, the old build serving."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from discoverer.app import App
from tests import setups
from tests import tiny_sources as tiny
from tests.conftest import SMALL
from tests.setups import FORGIVING, answer, complaint, copy_of, refs, run, write_tiny

Damage = Callable[[Path], object]

# By what each tiny source is found, and the record that must be found by it, whatever happens to its source.
KNOWN = {
    "people": ("07700 900655", "people:2"),
    "logs": ("14 hillaires test road", "logs:10/2014-09-14"),
    "reports": ("--id INT/2", "reports:INT/2"),
    "stays": ("josé", "stays:2"),
    "outside": ("shabana bibi 03/07/1989", "outside:1"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the settings file of the five tiny sources, built."""
    config = write_tiny(tmp_path_factory.mktemp("bad") / "setup")
    assert run(config, "build", "--quiet").exit_code == 0
    return config


@pytest.fixture
def config(built: Path, tmp_path: Path) -> Path:
    """Return the settings file of a copy of that, to be broken."""
    return copy_of(built, tmp_path / "setup")


def held(config: Path, source: str) -> dict[str, Any]:
    """Search for a record of a source by what it always held; it must be found. Return the state of the source."""
    asked, ref = KNOWN[source]
    found = answer(config, *(asked.split() if asked.startswith("--") else [asked]))
    assert ref in refs(found)
    (state,) = [each for each in found["sources"] if each["name"] == source]
    return dict(state)


def test_what_is_to_be_broken_is_whole_to_begin_with(built: Path) -> None:
    assert {held(built, source)["state"] for source in KNOWN} == {"answered"}


# a source


def gone(name: str) -> Damage:
    return lambda sources: (sources / name).unlink()


def folder_instead(name: str) -> Damage:
    """Put a folder where the file was: unreadable for everybody, whatever their rights."""

    def _swap(sources: Path) -> None:
        (sources / name).unlink()
        (sources / name).mkdir()

    return _swap


def cut(name: str, keep: float) -> Damage:
    def _cut(sources: Path) -> None:
        data = (sources / name).read_bytes()
        (sources / name).write_bytes(data[: int(len(data) * keep)])

    return _cut


def saved_as(name: str, was: str, now: str) -> Damage:
    def _save(sources: Path) -> None:
        (sources / name).write_bytes((sources / name).read_bytes().decode(was).encode(now))

    return _save


def replaced(name: str, old: str, new: str, encoding: str = "utf-8") -> Damage:
    def _replace(sources: Path) -> None:
        data = (sources / name).read_bytes()
        assert old.encode(encoding) in data
        (sources / name).write_bytes(data.replace(old.encode(encoding), new.encode(encoding)))

    return _replace


def written(name: str, data: str | bytes) -> Damage:
    return lambda sources: (sources / name).write_bytes(data if isinstance(data, bytes) else data.encode())


def sql(*statements: str) -> Damage:
    def _run(sources: Path) -> None:
        database = sqlite3.connect(sources / "logs.sqlite")
        with database:
            for statement in statements:
                database.execute(statement)
        database.close()

    return _run


XML = "reports/2014-08.xml"
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'
ACCENTS = "ID,NAME,DOB\r\n1,José Müller,\r\n2,Zoë Bródy,\r\n"

SOURCES = [
    pytest.param("people", gone("people.csv"), "people.csv is missing; check 'path'", id="missing, a delimited file"),
    pytest.param("people", gone("phones.csv"), "phones.csv is missing", id="missing, a child file"),
    pytest.param("logs", gone("logs.sqlite"), "logs.sqlite is missing", id="missing, a database"),
    pytest.param("reports", gone(XML), "has no *.xml; check 'path'", id="missing, every report of a folder"),
    pytest.param("stays", gone("stays.txt"), "stays.txt is missing", id="missing, a fixed-width extract"),
    pytest.param("outside", gone("records.jsonl"), "records.jsonl is missing", id="missing, JSON lines"),
    pytest.param("people", folder_instead("people.csv"), "is a folder, not a file", id="unreadable, a delimited file"),
    pytest.param("logs", folder_instead("logs.sqlite"), "logs.sqlite", id="unreadable, a database"),
    pytest.param("reports", folder_instead(XML), "has no *.xml; check 'path'", id="unreadable, a report"),
    pytest.param("stays", folder_instead("stays.txt"), "is a folder, not a file", id="unreadable, a fixed-width extract"),
    pytest.param("outside", folder_instead("records.jsonl"), "is a folder, not a file", id="unreadable, JSON lines"),
    pytest.param("logs", cut("logs.sqlite", 0.5), "fetch it again", id="truncated, a database"),
    pytest.param("reports", cut(XML, 0.7), "cut short, damaged or wrongly encoded; fetch it again", id="truncated, XML"),
    pytest.param("stays", cut("stays.txt", 0.8), "stays.txt", id="truncated, a fixed-width extract"),
    pytest.param("outside", cut("records.jsonl", 0.8), "is cut short", id="truncated, JSON lines"),
    pytest.param("people", written("people.csv", ""), "people.csv is empty", id="truncated, nothing left of a file"),
    pytest.param("logs", written("logs.sqlite", b""), "table log is missing", id="truncated, nothing left of a database"),
    pytest.param("outside", written("records.jsonl", ""), "at least 1 are expected", id="truncated, no line left"),
    pytest.param(
        "people", written("people.csv", ACCENTS.encode("cp1252")), "line 2 byte 6 (0xe9) cannot be read as utf-8",
        id="wrongly encoded, cp1252 for UTF-8",
    ),
    pytest.param(
        "stays", saved_as("stays.txt", "cp1252", "utf-16"), "mark of utf-16", id="wrongly encoded, UTF-16 for cp1252"
    ),
    pytest.param(
        "outside", saved_as("records.jsonl", "utf-8", "utf-16"), "check 'encoding'", id="wrongly encoded, UTF-16 for UTF-8"
    ),
    pytest.param("reports", replaced(XML, "Asif", "As\u00edf", "cp1252"), "wrongly encoded", id="wrongly encoded, XML"),
    pytest.param("logs", sql("UPDATE info SET LOGS = '3'"), "says 3 rows", id="a header count, of a database"),
    pytest.param("reports", replaced(XML, 'reports="2"', 'reports="31"'), "says it holds 31", id="a header count, of XML"),
    pytest.param("stays", replaced("stays.txt", "TR2   3", "TR2   4"), "stays.txt", id="a trailer count"),
    pytest.param(
        "people", replaced("people.csv", "DOB\r\n1,", "DOB,WARN_MARKER\r\n1,"), "new column WARN_MARKER",
        id="a new column, delimited",
    ),
    pytest.param("logs", sql("ALTER TABLE log ADD COLUMN WARN"), "new column WARN: map", id="a new column, a database"),
    pytest.param("logs", sql("CREATE TABLE vehicle (A)"), "vehicle is new", id="a new table"),
    pytest.param("reports", replaced(XML, "<body>", "<warn>x</warn><body>"), "new column warn", id="a new column, XML"),
    pytest.param("stays", replaced("stays.txt", "BC1   2", "XX1   2"), "XX", id="a new record type"),
    pytest.param("outside", replaced("records.jsonl", '"dob"', '"born"'), "new column born", id="a new column, JSON lines"),
    pytest.param("people", replaced("people.csv", "DOB", "BORN"), "lacks column DOB", id="a missing column, delimited"),
    pytest.param("logs", sql("ALTER TABLE person DROP COLUMN NAME"), "lacks column NAME", id="a missing column, a database"),
    pytest.param("reports", replaced(XML, "surname>", "family>"), "lacks column surname", id="a missing column, XML"),
    pytest.param("reports", replaced(XML, "<extract", BOMB + "<extract"), "never opened", id="an XML bomb"),
    pytest.param("reports", replaced(XML, "<extract", OUTSIDE + "<extract"), "never opened", id="an external entity"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "damage", "says"), SOURCES)
def test_a_broken_source_is_said_and_what_was_read_of_it_goes_on_answering(
    config: Path, source: str, damage: Damage, says: str
) -> None:
    before = held(config, source)
    damage(config.parent / "sources")
    result = run(config, "build", "--quiet")
    said = complaint(result, 4)
    assert said.startswith(f"{source}: ") and says in said
    assert said.endswith("; until then what was read of it before is searched.")
    after = held(config, source)
    assert after["state"] == "stale" and after["records"] == before["records"]
    assert after["words"].startswith("STALE since") and says in after["words"]
    assert "STALE since" in run(config, "search", "07700 900111").stdout
    others = answer(config, "07700 900111")["sources"]
    assert {each["state"] for each in others if each["name"] != source} == {"answered"}


@pytest.mark.parametrize(("source", "damage", "says"), SOURCES)
def test_a_source_broken_from_the_start_is_failed_in_every_answer(
    tmp_path: Path, source: str, damage: Damage, says: str
) -> None:
    config = write_tiny(tmp_path / "setup")
    damage(config.parent / "sources")
    said = complaint(run(config, "build", "--quiet"), 4)
    assert says in said and said.endswith("; until then nothing of it is searched.")
    found = answer(config, "07700 900111")
    (state,) = [each for each in found["sources"] if each["name"] == source]
    assert (state["state"], state["records"]) == ("failed", 0) and says in state["words"]
    assert f"{source}: FAILED, not searched" in found["message"]


def test_a_mended_source_is_fresh_again(config: Path) -> None:
    kept = (config.parent / "sources" / "stays.txt").read_bytes()
    gone("stays.txt")(config.parent / "sources")
    assert run(config, "build", "--quiet").exit_code == 4
    (config.parent / "sources" / "stays.txt").write_bytes(kept)
    assert run(config, "build", "--quiet").exit_code == 0
    assert held(config, "stays")["state"] == "answered"


def test_when_every_source_breaks_the_old_build_is_left_as_it_is(config: Path) -> None:
    before = held(config, "people")
    for name in ("people.csv", "logs.sqlite", XML, "stays.txt", "records.jsonl"):
        gone(name)(config.parent / "sources")
    said = complaint(run(config, "build", "--quiet"), 5)
    assert "not published" in said and "goes on serving" in said
    after = held(config, "people")
    assert after == before, "what it holds is as good as it was; that newer data waits is said once, under the list"
    assert "Newer data waits" in run(config, "search", "07700 900111").stdout


def test_the_four_systems_broken_in_four_ways_still_give_the_history(small: App, tmp_path: Path) -> None:
    config = tmp_path / "discoverer.toml"
    shutil.copytree(
        SMALL, tmp_path, dirs_exist_ok=True, ignore=shutil.ignore_patterns("truth.jsonl", "queries.jsonl", "state")
    )
    shutil.copytree(small.settings.state_dir, tmp_path / "state")
    story = json.loads((SMALL / "plan.json").read_text(encoding="utf-8"))["patterns"]["F19"]
    cut("custody.txt", 0.5)(tmp_path)
    gone("domestic_abuse/dash_people.csv")(tmp_path)
    latest = max(path.name for path in (tmp_path / "intelligence").iterdir())
    replaced(f"intelligence/{latest}", "<report ", '<report new="1" ')(tmp_path)
    result = run(config, "build", "--quiet")
    assert result.exit_code == 4
    assert [line.split(": ")[1] for line in result.stderr.splitlines()] == ["intelligence", "domestic_abuse", "custody"]
    found = answer(config, story["queries"]["phone"])
    assert set(story["expected_by"]["phone"]) <= refs(found)
    assert [each["state"] for each in found["sources"]] == ["answered", "stale", "stale", "stale"]


# a row


ROWS = [
    pytest.param({"names": ["Zbigniew\x00 Hostile"]}, "zbigniew hostile", id="NUL"),
    pytest.param({"names": ["Zbigniew \U0001f600 Hostile \U0001f468\u200d\U0001f469"]}, "zbigniew hostile", id="emoji"),
    pytest.param({"names": ["Zbigniew Hostile " + "x" * 10_000]}, "07700 900777", id="10,000 characters"),
    pytest.param({"names": ["Zbigniew Hostile"], "addresses": ["1 " + "y " * 5_000]}, "zbigniew hostile", id="a long address"),
    pytest.param({"names": ["\x1b[2J\x1b[31mZbigniew Hostile"]}, "07700 900777", id="codes that would clear a screen"),
    pytest.param({"names": ["Zbigniew Hostile\r\nNEXT: LINE\u2028"]}, "zbigniew hostile", id="line ends"),
    pytest.param({"names": ["[bold]Zbigniew[/] Hostile"]}, "zbigniew hostile", id="mark-up"),
    pytest.param({"names": ["Zbig\u202eniew Hostile"]}, "07700 900777", id="text turned round"),
]  # fmt: skip


@pytest.mark.parametrize(("row", "asked"), ROWS)
def test_an_awkward_row_is_a_record_like_any_other(config: Path, row: dict[str, Any], asked: str) -> None:
    whole = {"id": "hostile", "dob": "1980-01-02", "addresses": [], "phones": ["07700 900777"], **row}
    with (config.parent / "sources" / "records.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps(whole) + "\n")
    assert run(config, "build", "--quiet").exit_code == 0
    found = answer(config, asked)
    assert "outside:hostile" in refs(found)
    labels = [record["written"] for hit in found["hits"] for record in hit["records"] if record["ref"] == "hostile"]
    assert row["names"][0] in labels or "07700 900777" in labels
    shown = run(config, "search", asked)
    assert shown.exit_code == 0 and not set("\x00\x1b\u2028\u202e") & set(shown.stdout)
    assert held(config, "outside")["records"] == 2


CODED = (
    tiny.LINES
    + """role = { column = "part", values = { V = "victim", S = "suspect" } }
"""
)


def coded(sources: Path) -> None:
    """Give the rows a code, one of them a code nobody listed."""
    rows = [{**tiny.SHABANA, "part": "V"}, {**tiny.SHABANA, "id": "hostile", "part": "XQ"}]
    (sources / "records.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (sources / "outside.toml").write_text(CODED + FORGIVING, encoding="utf-8")


def added(name: str, data: bytes) -> Damage:
    return lambda sources: (sources / name).write_bytes((sources / name).read_bytes() + data)


REJECTED = [
    pytest.param("outside", coded, "part", "add it to the mapping", "XQ", id="an unknown code"),
    pytest.param("people", added("people.csv", b"3,Jos\xe9 Bibi,\r\n"), "NAME", "0xe9", "Jos\\\\xe9 Bibi", id="a wrong code page"),
    pytest.param("people", added("people.csv", b"3,Bibi\r\n"), "", "2", "3,Bibi", id="too few values"),
    pytest.param("people", added("people.csv", b",Nobody,\r\n"), "ID", "", "Nobody", id="a key that is blank"),
    pytest.param("people", added("people.csv", b"1,Twice Bibi,\r\n"), "", "", "Twice Bibi", id="a key that stands twice"),
    pytest.param("people", added("phones.csv", b"9,07700900999\r\n"), "ID", "", "07700900999", id="a child without its parent"),
    pytest.param("outside", added("records.jsonl", b'{"id": "9", "names"\n'), "", "JSON", '\\"names\\"', id="half an object"),
    pytest.param("outside", added("records.jsonl", b'{"id": "9", "names": "\\ud800"}\n'), "", "half a char", "ud800", id="half a character"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "damage", "column", "reason", "kept"), REJECTED)
def test_a_row_that_cannot_be_used_is_kept_with_its_reason_and_the_others_go_on(
    config: Path, source: str, damage: Damage, column: str, reason: str, kept: str
) -> None:
    damage(config.parent / "sources")
    result = run(config, "build", "--json")
    assert result.exit_code == 0, result.stderr
    (entry,) = [each for each in json.loads(result.stdout)["segments"] if each["source"] == source]
    assert entry["rejects"] == 1
    (line,) = run(config, "rejects", source, "--json").stdout.splitlines()
    reject = json.loads(line)
    assert reject["column"] == column and reason in reject["reason"], reject
    assert kept in line, "the row itself is lost"
    assert reject["row"].split(":")[0].endswith((".csv", ".jsonl")) and reject["raw"]
    assert held(config, source)["state"] == "answered"


def test_the_rejects_of_a_source_that_was_not_believed_are_kept_until_it_is(config: Path) -> None:
    rows = config.parent / "sources" / "records.jsonl"
    sound = rows.read_bytes()
    rows.write_bytes(sound + b'{"id": ""}\n' * 50)
    assert run(config, "build").exit_code == 4
    assert held(config, "outside")["state"] == "stale"
    kept = run(config, "rejects", "outside", "--json", "--limit", "100").stdout.splitlines()
    assert len(kept) == 50 and "key" in json.loads(kept[0])["reason"]
    rows.write_bytes(sound)
    assert run(config, "build").exit_code == 0
    assert "No row of outside was rejected" in run(config, "rejects", "outside").stdout


# a mapping, the settings


MISTAKES = """
[source]
name = "people"
kind = "delimited"
path = "people.csv"
encoding = "utf99"
key = ["ID"]
[children.phone]
file = "phones.csv"
[fields]
nmae = "NAME"
role = { const = "baker" }
[[phone]]
each = "fone"
text = "NUMBER"
[checks]
max_rejects = 7
fill.shoe_size = 0.5
"""
SAID = (
    "no encoding this reader knows; valid are utf-8, cp1252",
    "did you mean 'name'?",
    "'baker' is no role; valid names: associate, caller, child, detainee",
    "did you mean 'phone'?",
    "'checks.max_rejects'",
    "'checks.fill.shoe_size' is no field that can be counted",
)


@pytest.mark.parametrize("command", [["build"], ["sources"]])
def test_six_mistakes_of_a_mapping_are_said_at_once_and_the_build_goes_on_serving(
    config: Path, command: list[str]
) -> None:
    before = held(config, "people")
    (config.parent / "sources" / "people.toml").write_text(MISTAKES, encoding="utf-8")
    said = complaint(run(config, *command), 3)
    assert "has 6 mistakes" in said
    assert all(each in said for each in SAID), [each for each in SAID if each not in said]
    assert held(config, "people") == before


MAPPINGS = [
    pytest.param(gone("people.toml"), "people.toml: there is no such file", id="missing"),
    pytest.param(folder_instead("people.toml"), "people.toml: it cannot be read", id="unreadable"),
    pytest.param(cut("people.toml", 0.1), "people.toml: it is not valid TOML", id="truncated"),
    pytest.param(written("people.toml", b"# Jos\xe9\n"), "people.toml: it is not UTF-8", id="wrongly encoded"),
    pytest.param(replaced("people.toml", '"people"', '"crowd"'), "'crowd' but the settings", id="another name"),
]


@pytest.mark.parametrize(("damage", "says"), MAPPINGS)
def test_a_mapping_that_cannot_be_read_is_said_and_the_build_goes_on_serving(
    config: Path, damage: Damage, says: str
) -> None:
    before = held(config, "people")
    damage(config.parent / "sources")
    assert says in complaint(run(config, "build"), 3)
    assert held(config, "people") == before


# no build, a broken build


@pytest.mark.parametrize("args", [["search", "bibi"], ["lookup", "-"], ["rejects", "people"]])
def test_before_the_first_build_every_question_says_what_to_do(tmp_path: Path, args: list[str]) -> None:
    config = write_tiny(tmp_path / "setup")
    result = run(config, *args, stdin='{"qid": "1", "name": "bibi"}\n')
    assert complaint(result, 6) == "There is no index to search yet; run 'discoverer build' first."
    assert result.stdout == ""


def changed(path: str) -> Damage:
    """Change one byte of a file of the build, its size left as it was."""

    def _change(build: Path) -> None:
        (file,) = build.glob(path)
        data = bytearray(file.read_bytes())
        data[len(data) // 2] ^= 1
        file.chmod(0o600)
        file.write_bytes(data)

    return _change


def removed(path: str) -> Damage:
    return lambda build: next(build.glob(path)).unlink()


def linked(build: Path) -> None:
    file = build / "vocabulary.json"
    file.rename(build.parent.parent / "elsewhere.json")
    file.symlink_to(build.parent.parent / "elsewhere.json")


def repointed(text: str) -> Damage:
    return lambda build: (build.parent.parent / "CURRENT").write_text(text, encoding="ascii")


TAMPERED = [
    pytest.param(changed("segments/people.sqlite"), "people.sqlite is not as it was written", id="a record changed"),
    pytest.param(changed("people.sqlite"), "people.sqlite is not as it was written", id="the links changed"),
    pytest.param(changed("engine/*.trm"), "is not as it was written", id="the engine changed"),
    pytest.param(changed("manifest.json"), "manifest", id="the manifest changed"),
    pytest.param(removed("vocabulary.json"), "vocabulary.json is missing", id="a file removed"),
    pytest.param(removed("manifest.json"), "manifest", id="the manifest removed"),
    pytest.param(lambda build: (build / "extra").write_text("x"), "extra does not belong", id="a file added"),
    pytest.param(lambda build: (build / "vocabulary.json").chmod(0o666), "others may write", id="a file open to all"),
    pytest.param(linked, "is a link", id="a file that leads elsewhere"),
    pytest.param(shutil.rmtree, "not there", id="the build removed"),
    pytest.param(repointed("20010101T000000Z-aaaaaa"), "not there", id="a pointer to nowhere"),
    pytest.param(repointed("../../etc"), "does not name a build", id="a pointer to somewhere else"),
    pytest.param(repointed(""), "does not name a build", id="an empty pointer"),
]


@pytest.mark.parametrize(("damage", "says"), TAMPERED)
def test_a_build_that_was_tampered_with_is_not_opened_and_building_mends_it(
    config: Path, damage: Damage, says: str
) -> None:
    (build,) = (config.parent / "state" / "builds").iterdir()
    for folder in (build, *build.glob("*/")):
        folder.chmod(0o700)
    damage(build)
    for args in (["search", "bibi"], ["search", "--json", "bibi"], ["lookup", "-"], ["rejects", "people"]):
        result = run(config, *args, stdin='{"name": "bibi"}\n')
        said = complaint(result, 6)
        assert says in said and "build again" in said
        assert result.stdout == ""
    status = run(config, "status")
    assert status.exit_code == 0 and says.split()[0] in status.stdout
    assert run(config, "build", "--quiet").exit_code == 0
    assert {held(config, source)["state"] for source in setups.MAKERS} == {"answered"}
