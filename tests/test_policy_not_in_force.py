"""A policy that cannot be read, or is not in force today, takes its badges away and never the search."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from discoverer.model import Person, Phone, RiskLevel, Role
from discoverer.policy.chosen import period_notes
from discoverer.policy.rules import SHIPPED, read_policies
from discoverer.settings import LINKING
from tests import cast
from tests.setups import answer, complaint, run, write_settings

TEXT = SHIPPED.read_text(encoding="utf-8")
NUMBER = "07700 900417"
TODAY = "16/11/2014"
HER = Person(0, Role.VICTIM, ("Shabana Bibi",), ("03/07/1989",))
HIM = Person(1, Role.SUSPECT, ("Asif Khan",), ("07/03/1985",))
OWN = (Phone(2, Role.OWN, NUMBER, holder=0),)
REPEATED = {
    "domestic_abuse": [
        cast.dash("DA/14/1", "2014-05-01", RiskLevel.HIGH, HER, HIM, phones=OWN),
        cast.dash("DA/14/2", "2014-09-01", RiskLevel.HIGH, HER, HIM, phones=OWN),
    ]
}


def set_up(folder: Path, text: str | None, name: str = "b1.toml") -> Path:
    """Build the cast, with a policy of this text in the settings; None: the file is not there."""
    cast.make_app(folder / "state", REPEATED)
    if text is not None:
        (folder / name).write_text(text, encoding="utf-8")
    return write_settings(folder, REPEATED, policy=f'"{name}"')


def begins(day: str, ends: str = "") -> str:
    """Return the shipped policy with other days."""
    until = f"\neffective_to = {ends}" if ends else ""
    return TEXT.replace("effective_from = 2008-01-01", f"effective_from = {day}{until}")


FAULTY = [
    pytest.param(TEXT.replace("threshold = 2", "threshold = 1"), "5 mistakes in ", "them", id="mistakes"),
    pytest.param(TEXT.replace("\nowner =", "\n# "), "1 mistake in ", "it", id="one"),
    pytest.param("policy = [", "1 mistake in ", "it", id="no TOML"),
    pytest.param(None, "1 mistake in ", "it", id="no file"),
]


@pytest.mark.parametrize(("text", "count", "what"), FAULTY)
def test_a_faulty_policy_takes_its_badges_away_and_not_the_search(
    tmp_path: Path, text: str | None, count: str, what: str
) -> None:
    config = set_up(tmp_path, text)
    place = tmp_path.resolve() / "b1.toml"
    says = f"POLICY not read: {count}{place}; 'discoverer policy check {place}' explains {what}; no badge is given"
    found = answer(config, NUMBER)
    assert found["hits"] and found["policy_note"].startswith(says)
    assert not any(hit["badges"] for hit in found["hits"])
    for args in (["search", NUMBER], ["show", "phone", "+447700900417"], ["status"]):
        shown = run(config, *args)
        assert shown.exit_code == 0 and "POLICY not read" in shown.stdout, args
    (line,) = run(config, "lookup", "-", stdin=json.dumps({"qid": "1", "phone": NUMBER})).stdout.splitlines()
    assert json.loads(line)["policy_note"] == found["policy_note"]
    for args in (["policy", "list"], ["policy", "figures", "--from", "2014-01-01", "--to", "2014-12-31"]):
        assert "mistake" in complaint(run(config, *args), 3)


def test_a_build_goes_on_without_a_policy(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "outside.toml").write_text(
        '[source]\nname = "outside"\nkind = "jsonl"\npath = "records.jsonl"\nkey = ["id"]\n[fields]\nphone = "phones"\n',
        encoding="utf-8",
    )
    (tmp_path / "sources" / "records.jsonl").write_text('{"id": "1", "phones": ["07700900417"]}\n', encoding="utf-8")
    config = write_settings(tmp_path, ["outside"], policy='"nowhere.toml"')
    assert run(config, "build", "--quiet").exit_code == 0
    assert answer(config, NUMBER)["hits"]


DAYS = [
    pytest.param(begins("2030-01-01"), "begins on 01/01/2030 (b1.toml)", id="not begun"),
    pytest.param(begins("2008-01-01", "2013-12-31"), "ended on 31/12/2013 (b1.toml)", id="ended"),
    pytest.param(begins("2008-01-01", "2014-11-16"), "", id="its last day"),
    pytest.param(begins("2014-11-16"), "", id="its first day"),
]


@pytest.mark.parametrize(("text", "says"), DAYS)
def test_no_badge_is_given_by_a_policy_that_is_not_in_force(tmp_path: Path, text: str, says: str) -> None:
    config = set_up(tmp_path, text)
    found = answer(config, NUMBER)
    assert bool(says) == found["policy_note"].startswith(f"POLICY not in force on {TODAY}: ")
    assert says in found["policy_note"]
    assert any(hit["badges"] for hit in found["hits"]) != bool(says)
    assert found["policy_note"] in " ".join(run(config, "search", NUMBER).stdout.split())


def test_status_says_which_policy_and_which_linking_answer(tmp_path: Path) -> None:
    cast.make_app(tmp_path / "state")
    shown = run(write_settings(tmp_path, cast.SOURCES), "status").stdout
    assert "built in (wmp-da-repeat-vulnerable@1)" in shown and "None" not in shown.split("policy")[-1]
    assert f"People of the live build linked by {LINKING}\n" in shown
    shown = run(write_settings(tmp_path, cast.SOURCES, linking='"exact"'), "status").stdout
    assert f"linked by {LINKING}; the settings say exact, which the next build takes" in shown


END = date(2018, 11, 18)
PERIODS = [
    pytest.param(("2018-07-01", "2018-10-31"), "2", ["version 2, in force from 01/06/2018"], id="all of it in force"),
    pytest.param(
        ("2017-06-01", "2018-10-31"), "2",
        ["version 2, in force", "From 01/06/2017 to 31/05/2018 version 1 was in force; --policy-version 1"],
        id="another was in force first",
    ),
    pytest.param(
        ("2018-07-01", "2018-10-31"), "1",
        ["version 1, in force from 01/01/2008 to 31/05/2018", "From 01/07/2018 to 31/10/2018 version 2 was"],
        id="the old answer, made again",
    ),
    pytest.param(("2007-07-01", "2008-06-30"), "1", ["version 1", "Before 01/01/2008 no version"], id="before any"),
    pytest.param(
        ("2018-07-01", "2018-12-31"), "2",
        ["version 2", "The data end on 18/11/2018: the last 43 days of the period hold no calls yet."],
        id="past the end of the data",
    ),
    pytest.param(("2018-07-01", "2018-11-18"), "2", ["version 2"], id="to the end of the data"),
    pytest.param(("2018-11-20", "2018-11-20"), "2", ["version 2", "the last 1 day of"], id="all of it after the data"),
]  # fmt: skip


@pytest.mark.parametrize(("period", "version", "says"), PERIODS)
def test_figures_say_which_version_counted_and_where_the_data_end(
    tmp_path: Path, period: tuple[str, str], version: str, says: list[str]
) -> None:
    (tmp_path / "a.toml").write_text(begins("2008-01-01", "2018-05-31"), encoding="utf-8")
    second = begins("2018-06-01").replace('version = "1"', 'version = "2"', 1)
    (tmp_path / "b.toml").write_text(second, encoding="utf-8")
    policies = read_policies(tmp_path)
    first, last = (date.fromisoformat(day) for day in period)
    notes = period_notes(policies, policies.version(version), (first, last), END)
    assert len(notes) == len(says) and all(said in note for said, note in zip(says, notes, strict=True))


def test_the_command_says_so(tmp_path: Path) -> None:
    config = set_up(tmp_path, TEXT)
    asked = ("policy", "figures", "--from", "2014-01-01", "--to", "2014-12-31")
    assert "The data end on 16/11/2014: the last 45 days" in " ".join(run(config, *asked).stdout.split())
    assert len(json.loads(run(config, *asked, "--json").stdout)["notes"]) == 2
