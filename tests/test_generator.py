"""The invented sources: same bytes every time, dirt at its rates, nobody real, and every failure pattern planted."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import sqlite3
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures import generate as generator
from fixtures.custody import LAYOUTS, condition_lines, fixed
from fixtures.dice import Dice
from fixtures.dirt import mistype, spellings
from fixtures.lists import default_rates, table
from fixtures.name_queries import KINDS
from fixtures.names import CLASSES
from fixtures.numbers import CHECK_LETTERS, Phones, arrest_number, check_letter, short_pnc
from fixtures.plan import Order, order_of
from fixtures.same_name import bears, borne, folded, ways_to_ask
from fixtures.timeline import Timeline

ROOT = Path(__file__).parent.parent
SMALL = ROOT / "fixtures" / "small"
# found by the telephone, the address and the name alone, each spelled otherwise than recorded
BY_EACH_KEY = ("F01", "F02", "F03", "F04", "F07", "F15", "F17", "F19")
NAMED = {"name", "name_dob", "mixture"}
DRAMA = re.compile(r"07700900\d{3}|01214960\d{3}|01632960\d{3}")
PLACEHOLDERS = {"00000000000", "07000000000", "01234567890"}


@pytest.fixture(scope="module")
def medium(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a set large enough to measure rates on."""
    out = tmp_path_factory.mktemp("medium") / "set"
    order = Order(6000, 11, 600, order_of(plan(SMALL)).as_at, default_rates(), drama=True)
    generator.generate(order, out, workers=2)
    return out


def plan(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "plan.json").read_text(encoding="utf-8"))
    return found


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def rows(folder: Path, table: str) -> list[sqlite3.Row]:
    database = sqlite3.connect(folder / "incidents.sqlite")
    database.row_factory = sqlite3.Row
    try:
        return database.execute(f"SELECT * FROM {table}").fetchall()
    finally:
        database.close()


def forms(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "domestic_abuse" / f"{name}.csv").open(encoding="cp1252", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def custody(folder: Path, kind: str) -> list[dict[str, str]]:
    text = (folder / "custody.txt").read_bytes().decode("cp1252")
    columns = LAYOUTS[kind].items()
    return [
        {name: line[first - 1 : last].strip() for name, (first, last) in columns}
        for line in text.split("\r\n")
        if line.startswith(kind)
    ]


def reports(folder: Path) -> Iterator[ET.Element]:
    for path in sorted((folder / "intelligence").glob("*.xml")):
        tree = ET.parse(path).getroot()  # noqa: S314 - our own file
        assert int(tree.attrib["reports"]) == len(tree.findall("report"))
        yield from tree.findall("report")


def contents(folder: Path) -> dict[str, bytes | str]:
    """Return every file of a set; the database as its SQL dump."""
    found: dict[str, bytes | str] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and "state" not in path.relative_to(folder).parts:
            found[str(path.relative_to(folder))] = path.read_bytes()
    database = sqlite3.connect(folder / "incidents.sqlite")
    found["incidents.sqlite"] = "\n".join(database.iterdump())
    database.close()
    return found


def records(folder: Path) -> set[str]:
    refs = {f"incidents:{row['LOG_NO']}/{row['LOG_DATE']}" for row in rows(folder, "log")}
    refs |= {f"domestic_abuse:{row['DASH_REF']}" for row in forms(folder, "dash_forms")}
    refs |= {f"custody:{row['custody_no']}" for row in custody(folder, "CR")}
    return refs | {f"intelligence:{report.attrib['urn']}" for report in reports(folder)}


# the same bytes -----------------------------------------------------------------------------------------------------


def test_neither_hash_seed_nor_workers_change_a_byte(tmp_path: Path) -> None:
    for seed, workers in (("1", "1"), ("4242", "2")):
        command = [sys.executable, "-m", "fixtures.generate", "--records", "1500", "--seed", "3"]
        command += ["--out", str(tmp_path / seed), "--workers", workers]
        subprocess.run(command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, check=True, capture_output=True)
    assert contents(tmp_path / "1") == contents(tmp_path / "4242")


def test_the_committed_set_is_made_again_byte_for_byte(tmp_path: Path) -> None:
    generator.generate(order_of(plan(SMALL)), tmp_path / "small", workers=1)
    made, committed = contents(tmp_path / "small"), contents(SMALL)
    assert sorted(made) == sorted(committed)
    differing = [name for name in made if made[name] != committed[name]]
    assert not differing, "run: python -m fixtures.generate --like fixtures/small/plan.json --out fixtures/small"


def test_another_seed_gives_other_people(tmp_path: Path) -> None:
    order = order_of(plan(SMALL))
    for seed in (1, 2):
        generator.generate(Order(400, seed, 20, order.as_at, order.rates, drama=True), tmp_path / str(seed), workers=1)
    first, second = ({line["written"] for line in lines(tmp_path / str(seed) / "truth.jsonl")} for seed in (1, 2))
    assert len(first & second) < len(first | second) / 2


@pytest.mark.parametrize("asked", [200, 400, 1003])
def test_the_number_of_records_is_exact(tmp_path: Path, asked: int) -> None:
    order = Order(asked, 5, 10, order_of(plan(SMALL)).as_at, default_rates(), drama=True)
    made = generator.generate(order, tmp_path / "set", workers=1)["records"]
    assert isinstance(made, dict)
    assert sum(made.values()) == asked == len(records(tmp_path / "set"))


# nobody real --------------------------------------------------------------------------------------------------------


def test_every_committed_number_is_of_a_drama_range() -> None:
    for path in sorted(SMALL.rglob("*")):
        if path.suffix in {".txt", ".csv", ".xml", ".jsonl", ".json"}:
            text = path.read_bytes().decode("cp1252" if path.suffix in {".txt", ".csv"} else "utf-8")
            check_numbers(text, path.name)
    database = sqlite3.connect(SMALL / "incidents.sqlite")
    check_numbers("\n".join(database.iterdump()), "incidents.sqlite")
    database.close()


def check_numbers(text: str, where: str) -> None:
    for match in re.finditer(r"(?<![\d/A-Z])(?:\+44 ?(?:\(0\))?|0044|\(?0)[\d ()-]{8,14}\d(?!\d)", text):
        digits = re.sub(r"\D", "", match.group().replace("(0)", ""))
        digits = re.sub(r"^(0044|44)", "0", digits)
        if digits[:1] == "0" and 10 <= len(digits) <= 11 and digits[1] in "12378" and not is_date(match.group(), where):
            assert digits in PLACEHOLDERS or DRAMA.match(digits), f"{where}: {match.group()!r}"


def is_date(text: str, where: str) -> bool:
    """Tell whether digits are dates and times run together, as the fixed-width extract has them."""
    return where == "custody.txt" and bool(re.fullmatch(r"\d{4}(19|20)\d\d[\d ]*", text))


def test_identifiers_that_pass_their_check_are_of_the_range_for_invented_people() -> None:
    text = "\n".join(contents_as_text(SMALL))
    found = 0
    for year, serial, letter in re.findall(r"\b(\d{2}|\d{4})/?(\d{7})([A-Z])\b", text):
        if check_letter(f"{int(year) % 100:02d}{serial}") == letter:
            found += 1
            assert int(serial) >= 9_900_000
    for serial, year, letter in re.findall(r"\b(\d{1,6})/(\d{2})([A-Z])\b", text):
        if check_letter(f"{year}{int(serial):06d}") == letter:
            found += 1
            assert int(serial) >= 990_000
    for year, force, system, serial, letter in re.findall(
        r"\b(\d{2})/(\d{2})[A-Z]{2}/(\d{2})/(\d{1,11})([A-Z])\b", text
    ):
        if check_letter(f"{force}{system}{year}{int(serial):011d}") == letter:
            found += 1
            assert int(serial) >= 9_900_000
    assert found > 100


def contents_as_text(folder: Path) -> Iterator[str]:
    for name, value in contents(folder).items():
        yield (
            value if isinstance(value, str) else value.decode("cp1252" if name.endswith((".csv", ".txt")) else "utf-8")
        )


def test_no_vehicle_mark_was_ever_issued() -> None:
    text = "\n".join(contents_as_text(SMALL))
    marks = re.findall(r"\b[A-Z]{2}(\d\d) [A-Z]{3}\b", text)
    assert len(marks) > 50
    assert all(77 <= int(age) <= 99 for age in marks)


# check letters: the test vectors of domain.md 1.6
@pytest.mark.parametrize(
    ("digits", "letter"),
    [
        pytest.param("790123456", "T", id="PNC 1979/0123456T"),
        pytest.param("990004321", "C", id="PNC 1999/0004321C"),
        pytest.param("030011985", "X", id="PNC 2003/0011985X"),
        pytest.param("12054321", "X", id="CRO 054321/12X"),
        pytest.param("21265416", "G", id="CRO 265416/21G"),
    ],
)
def test_check_letter(digits: str, letter: str) -> None:
    assert check_letter(digits) == letter
    assert len(set(CHECK_LETTERS)) == 23


def test_arrest_numbers_and_short_forms_follow_the_vectors() -> None:
    assert arrest_number(2013, 12345) == "13/20BE/01/12345D"
    assert short_pnc("2003/0011985X") == "03/11985X"


@pytest.mark.parametrize("drama", [True, False])
def test_blocks_never_share_a_number(drama: bool) -> None:
    seen: list[str] = []
    for block in range(5):
        phones = Phones(block, 5, drama)
        seen += [phones.mobile() for _ in range(150)] + [phones.landline("0121") for _ in range(50)]
    assert len(seen) == len(set(seen))
    if drama:
        assert all(DRAMA.fullmatch(number) for number in seen)


# dirt ---------------------------------------------------------------------------------------------------------------


def test_every_rate_comes_up_as_often_as_it_is_set(medium: Path) -> None:
    untried = {"share_intelligence", "share_custody", "share_domestic_abuse", "people_per_record", "log_duplicate"}
    untried |= {"custody_of_domestic", "query_phone", "query_address", "query_name", "query_identifier"}
    for name, rate in plan(medium)["rates"].items():
        if name in untried:
            continue
        tried, wanted = rate["tried"], rate["set"]
        assert tried > 5, f"{name} is never tried"
        spread = (tried * wanted * (1 - wanted)) ** 0.5
        assert abs(rate["came_up"] - tried * wanted) <= 5 * spread + 2, name


def test_the_commonest_dirt_can_be_counted_in_the_files_themselves(medium: Path) -> None:
    people = rows(medium, "log_person")
    named = [row for row in people if row["PHONE"] or row["ADDRESS"] or row["DOB"] or row["AGE"]]
    assert 0.5 < sum(not row["DOB"] for row in named) / len(named) < 0.7
    logs = rows(medium, "log")
    assert 0.3 < sum(not row["POSTCODE"] for row in logs) / len(logs) < 0.6  # missing, in a street, or locality only
    domestic = {(row["LOG_NO"], row["LOG_DATE"]) for row in rows(medium, "log_code") if row["CODE"] == "DOM"}
    assert len(domestic) > len(forms(medium, "dash_forms"))
    arrests = custody(medium, "CR")
    assert Counter(row["da_flag"] for row in arrests)["Y"] > 20


@pytest.mark.parametrize("rate", ["name_typo", "phone_missing", "house_error"])
def test_a_rate_of_nought_switches_its_dirt_off(tmp_path: Path, rate: str) -> None:
    order = order_of(plan(SMALL))
    rates = {**order.rates, rate: 0.0}
    generator.generate(Order(700, 2, 10, order.as_at, rates, drama=True), tmp_path / "set", workers=1)
    dirt = {kind.split(":")[0] for line in lines(tmp_path / "set" / "truth.jsonl") for kind in line.get("dirt", ())}
    assert rate not in dirt
    assert "name_variant" in dirt


def test_a_third_of_the_variant_pairs_are_of_kinds_few_lists_hold() -> None:
    kinds = Counter(kind for pairs in spellings().values() for _, kind in pairs)
    assert sum(kinds.values()) - kinds["common"] - kinds["nickname"] >= sum(kinds.values()) / 3
    assert set(kinds) == set(KINDS)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=12), st.integers(0, 999))
def test_a_slip_changes_a_word_by_one_or_two_letters(word: str, seed: int) -> None:
    slipped, kind = mistype(Dice(str(seed), {}), word)
    assert kind
    assert abs(len(slipped) - len(word)) <= 1
    assert slipped != word or kind in {"beside", "heard"}


# everything that should be there ------------------------------------------------------------------------------------


def test_the_committed_set_has_each_awkward_thing() -> None:
    truth = lines(SMALL / "truth.jsonl")
    dirt = Counter(kind.split(":")[0] for line in truth for kind in line.get("dirt", ()))
    for kind in (
        "name_placeholder",
        "name_two_in_one",
        "name_truncated",
        "name_weak_dropped",
        "dob_swapped",
        "flat_lost",
    ):
        assert dirt[kind], kind
    assert any("twin_of" in line for line in truth)
    assert any("parent_of" in line for line in truth)
    assert any(line["visibility"] == "protected" for line in truth)
    owners: dict[str, set[str]] = defaultdict(set)
    for line in truth:
        if line["kind"] == "phone" and line.get("number") and "person" in line:
            owners[line["number"]].add(line["household"])
    assert sum(len(households) > 1 for households in owners.values()) >= 5  # recycled and shared
    roles: dict[str, set[str]] = defaultdict(set)
    for line in truth:
        if "person" in line:
            roles[line["person"]].add(line["role"])
    assert any({"victim", "suspect"} <= role for role in roles.values())  # counter-allegation
    assert any(row["SOURCE"] == "AGENCY" and row["CLI"] for row in rows(SMALL, "log"))  # switchboards
    assert any("HOSTEL" in row["LOCATION"] for row in rows(SMALL, "log"))
    assert {report.attrib["form"] for report in reports(SMALL)} == {"5x5x5", "3x5x2"}
    classes = Counter(line.get("class") for line in truth)
    assert {"english", "south_asian_muslim", "sikh", "hindu", "somali", "polish", "irish", "caribbean"} <= set(classes)


def test_control_counts_are_those_of_the_files(medium: Path) -> None:
    head = custody(medium, "HD")[0]
    tail = custody(medium, "TR")[0]
    assert int(head["count"]) == int(tail["CR"]) == len(custody(medium, "CR"))
    assert {kind: int(tail[kind]) for kind in ("AL", "WM", "BC")} == {
        kind: len(custody(medium, kind)) for kind in ("AL", "WM", "BC")
    }
    assert int(rows(medium, "extract_info")[0]["LOGS"]) == len(rows(medium, "log"))
    assert plan(medium)["records"] == Counter(record.split(":")[0] for record in records(medium))


def test_truth_covers_each_mention(medium: Path) -> None:
    told: dict[tuple[str, str], set[str]] = defaultdict(set)
    for line in lines(medium / "truth.jsonl"):
        told[f"{line['source']}:{line['ref']}", line["kind"]].add(line["written"])
    for row in rows(medium, "log_person"):
        ref = f"incidents:{row['LOG_NO']}/{row['LOG_DATE']}"
        assert row["NAME"] in told[ref, "person"]
        assert not row["PHONE"] or row["PHONE"] in told[ref, "phone"]
        assert not row["ADDRESS"] or row["ADDRESS"] in told[ref, "location"]
    for row in rows(medium, "log"):
        ref = f"incidents:{row['LOG_NO']}/{row['LOG_DATE']}"
        assert all(not row[name] or row[name] in told[ref, "phone"] for name in ("CLI", "CALLBACK"))
    for form in forms(medium, "dash_people"):
        ref = f"domestic_abuse:{form['DASH_REF']}"
        assert f"{form['FORENAMES']} {form['SURNAME']}".strip() in told[ref, "person"]
        assert not form["TEL_MOBILE"] or form["TEL_MOBILE"] in told[ref, "phone"]
    for arrest in custody(medium, "CR"):
        ref = f"custody:{arrest['custody_no']}"
        assert f"{arrest['forenames']} {arrest['surname']}".strip() in told[ref, "person"]
    for report in reports(medium):
        for subject in report.findall("subject"):
            name = f"{subject.findtext('forenames')} {subject.findtext('surname')}".strip()
            assert name in told[f"intelligence:{report.attrib['urn']}", "person"]


def test_a_protected_place_is_named_nowhere_in_the_open(medium: Path) -> None:
    seen: dict[str, set[str]] = defaultdict(set)
    for folder in (medium, SMALL):
        for line in lines(folder / "truth.jsonl"):
            if line["kind"] == "location":
                seen[line["place"]].add(line["visibility"])
    protected = [visibilities for visibilities in seen.values() if "protected" in visibilities]
    assert protected
    assert all(visibilities == {"protected"} for visibilities in protected)


# queries ------------------------------------------------------------------------------------------------------------


def test_queries_name_records_that_exist_and_that_anybody_may_see(medium: Path) -> None:
    held, queries = records(medium), lines(medium / "queries.jsonl")
    assert len({query["qid"] for query in queries}) == len(queries)
    unseen = {
        f"{line['source']}:{line['ref']}"
        for line in lines(medium / "truth.jsonl")
        if line["visibility"] == "restricted"
    }
    for query in queries:
        assert set(query["expected"] + query["also_ok"] + query["must_not"]) <= held
        assert not set(query["expected"]) & (set(query["must_not"]) | unseen)
        assert bool(query["expected"]) == (query["tier"] not in {"absent", "protected"} and query["qid"] not in HIDDEN)


def test_the_refuge_is_never_a_right_answer() -> None:
    story = plan(SMALL)["patterns"]["F16"]
    found = {query["qid"]: query for query in lines(SMALL / "queries.jsonl") if query["pattern"] == "F16"}
    for qid in HIDDEN:
        assert found[qid]["expected"] == []
        assert found[qid]["must_not"] == [story["records"]["refuge_form"]]
    assert story["records"]["refuge_form"] in found["F16-name"]["expected"]


HIDDEN = {"F16-address", "F16-phone"}  # the refuge: to find it would give it away


def test_queries_are_mixed_as_asked(medium: Path) -> None:
    queries = [query for query in lines(medium / "queries.jsonl") if query["tier"] != "planted"]
    kinds = Counter(query["type"].split("_")[0].replace("mixture", "name") for query in queries)
    for kind, share in (("phone", 0.32), ("address", 0.28), ("name", 0.30), ("identifier", 0.05), ("text", 0.05)):
        assert abs(kinds[kind] / len(queries) - share) < 0.07, kind
    assert 0.04 < sum(not query["expected"] for query in queries) / len(queries) < 0.16
    dirty = Counter(
        query["tier"] for query in queries if query["tier"] in {"clean", "dirty"} and query["type"] != "text"
    )
    assert 0.32 < dirty["dirty"] / sum(dirty.values()) < 0.48


def test_asking_more_changes_no_record(tmp_path: Path) -> None:
    order = order_of(plan(SMALL))
    for count in (5, 90):
        generator.generate(Order(500, 4, count, order.as_at, order.rates, drama=True), tmp_path / str(count), workers=1)
    few, many = contents(tmp_path / "5"), contents(tmp_path / "90")
    assert {name for name in few if few[name] != many[name]} == {"queries.jsonl", "plan.json"}


def test_no_two_questions_are_alike_where_there_is_a_choice(medium: Path) -> None:
    asked = Counter((query["type"], query["text"]) for query in lines(medium / "queries.jsonl"))
    again = {asked_twice for asked_twice, count in asked.items() if count > 1 and asked_twice[0] != "text"}
    assert len(again) <= len(asked) / 100


def test_every_naming_class_is_asked_for(medium: Path) -> None:
    named = [query for query in lines(medium / "queries.jsonl") if query["type"] in NAMED and query["expected"]]
    asked = Counter(query["class"] for query in named)
    assert set(asked) == set(CLASSES)
    assert min(asked.values()) >= len(named) / 100, asked
    assert asked["english"] < len(named) / 2


def test_a_pair_is_a_spelling_held_and_one_asked_that_no_right_record_has(medium: Path) -> None:
    written = writings(medium, "person")
    kinds: Counter[str] = Counter()
    for query in lines(medium / "queries.jsonl"):
        for held, asked in query["pairs"]:
            kinds[query["dirt"][0].partition(":")[2]] += 1
            assert asked.casefold() in query["text"].casefold()
            assert held != asked
            if "name" in query:
                name = set(map(folded, query["name"].split()))
                texts = (text for ref in query["expected"] for text in written[ref])
                assert not any(name <= set(map(folded, text.split())) for text in texts)
    assert set(KINDS) <= set(kinds)


def writings(folder: Path, kind: str) -> dict[str, set[str]]:
    """Return record -> everything written in it of a kind."""
    found: dict[str, set[str]] = defaultdict(set)
    for line in lines(folder / "truth.jsonl"):
        if line["kind"] == kind:
            found[f"{line['source']}:{line['ref']}"].add(line["written"])
    return found


def test_whoever_bears_the_name_asked_is_no_wrong_answer(medium: Path) -> None:
    bearers: dict[frozenset[str], set[str]] = defaultdict(set)
    for record, texts in writings(medium, "person").items():
        for text in texts:
            bearers[frozenset(map(folded, text.replace(",", " ").split()))].add(record)
    shared = 0
    for query in lines(medium / "queries.jsonl"):
        if "name" in query and query["pattern"] != "M13":
            same = bearers[frozenset(map(folded, query["name"].split()))]
            told_apart = query["must_not"] if query["type"] == "name_dob" or query["must_not"] else []
            assert same <= {*query["expected"], *query["also_ok"], *told_apart}, query["qid"]
            shared += len(same) > 1
    assert shared > 50


def test_whatever_holds_the_digits_asked_is_no_wrong_answer(medium: Path) -> None:
    held = [(record, re.sub(r"\D", "", text)) for record, texts in writings(medium, "phone").items() for text in texts]
    for query in lines(medium / "queries.jsonl"):
        if query["type"] == "phone" and query["text"].isdigit() and query["tier"] != "protected":
            right = {*query["expected"], *query["also_ok"]}
            assert {record for record, digits in held if digits.endswith(query["text"])} <= right, query["qid"]


def test_a_name_with_a_date_of_birth_asks_for_that_person_alone(medium: Path) -> None:
    born: dict[str, set[str]] = defaultdict(set)
    for line in lines(medium / "truth.jsonl"):
        if "born" in line and line["kind"] == "person":
            born[f"{line['source']}:{line['ref']}"].add(line["born"])
    kept_apart = 0
    for query in lines(medium / "queries.jsonl"):
        if query["type"] == "name_dob" and "dob_swapped" not in query["dirt"] and query["pattern"] == "":
            day, month, year = query["dob"].split("/")
            assert all(f"{year}-{month}-{day}" in born[record] for record in query["expected"] + query["also_ok"])
            kept_apart += bool(query["must_not"])
    assert kept_apart > 5


# people who look alike ----------------------------------------------------------------------------------------------

LOOKALIKES = {query["qid"]: query for query in lines(SMALL / "queries.jsonl") if query["pattern"][:1] == "M"}
ROWS = [
    pytest.param(case, number, asked, id=f"{case['id']}-{number} {asked['name']}: {case['what']}")
    for case in table("lookalikes")["case"]
    for number, asked in enumerate(case["asked"], 1)
]


@pytest.mark.parametrize(("case", "number", "asked"), ROWS)
def test_people_who_look_alike_are_planted_and_asked_for(
    case: dict[str, Any], number: int, asked: dict[str, Any]
) -> None:
    query = LOOKALIKES[f"{case['id']}-{number}"]
    assert query["name"] == asked["name"]
    assert len(query["expected"]) >= len(asked.get("expected", ()))
    assert len(query["must_not"]) >= len(asked.get("never", ()))
    assert bool(query["must_not"]) >= ("unknown" in case)


@pytest.mark.parametrize(
    ("asked", "called", "same"),
    [
        pytest.param("Asif Khan", "KHAN, MOHAMMED ASIF", True, id="other order, and a token more"),
        pytest.param("Sukhwinder Gill", "Sukhvinder Kaur Gill", True, id="one sound written two ways"),
        pytest.param("Gosia Kowalska", "Małgorzata Kowalski", True, id="pet name and the other sex's ending"),
        pytest.param("Siu-Ming Wong", "WONG SIU MING", True, id="a given name in two pieces"),
        pytest.param("Mc Donagh Anne", "Ann McDonagh", True, id="a surname in one piece"),
        pytest.param("Leanne Smith-Jones", "Leanne Jones", True, id="one half of a double surname"),
        pytest.param("J Smith", "John Smith", True, id="an initial"),
        pytest.param("Harpreet Kaur Gill", "Harpreet Gill", True, id="without the token that says little"),
        pytest.param("Asif Khan", "Aslam Khan", False, id="another given name"),
        pytest.param("Syed Ali", "Saeed Ali", False, id="two names that only look alike"),
        pytest.param("J Smith", "Peter Smith", False, id="another initial"),
        pytest.param("Shabana Bibi", "Shabana Begum", False, id="only a token that says little differs"),
        pytest.param("Harpreet Gill", "Harpreet Kaur", False, id="the clan's name is missing"),
    ],
)
def test_who_bears_a_name(asked: str, called: str, same: bool) -> None:
    assert any(bears(borne(called), way) for way in ways_to_ask(asked, {"Kaur", "Singh"})) is same


# planted stories ----------------------------------------------------------------------------------------------------


def test_every_failure_pattern_is_planted() -> None:
    assert sorted(plan(SMALL)["patterns"]) == [f"F{number:02d}" for number in range(1, 20)]


@pytest.mark.parametrize("pattern", sorted(plan(SMALL)["patterns"]))
def test_planted_records_stand_in_the_files(pattern: str) -> None:
    story = plan(SMALL)["patterns"][pattern]
    held = records(SMALL)
    assert set(story["records"].values()) <= held
    assert set(story["expected"]) <= held
    assert {record.split(":")[0] for record in story["records"].values()} >= set(story["must_show"]["sources"])


@pytest.mark.parametrize("pattern", BY_EACH_KEY)
@pytest.mark.parametrize("key", ["phone", "address", "name"])
def test_each_key_alone_leads_to_the_story_through_another_spelling(pattern: str, key: str) -> None:
    story = plan(SMALL)["patterns"][pattern]
    assert set(story["expected"]) <= set(story["expected_by"][key])
    typed = story["queries"][key].casefold()
    refs = set(story["records"].values())
    for line in lines(SMALL / "truth.jsonl"):
        if f"{line['source']}:{line['ref']}" in refs:
            assert typed != line["written"].casefold()


def test_one_persons_history_is_spread_over_all_four_systems() -> None:
    found = {record.split(":")[0] for record in plan(SMALL)["patterns"]["F19"]["expected"]}
    assert found == {"incidents", "intelligence", "domestic_abuse", "custody"}


# bad orders ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "says"),
    [
        pytest.param(["--records", "20"], "--records must be at least", id="too few records"),
        pytest.param(["--records", "60000", "--phones", "drama"], "use --phones full", id="too few drama numbers"),
        pytest.param(["--rate", "typos=0.1"], "There is no rate 'typos'", id="a rate nobody knows"),
        pytest.param(["--rate", "name_typo=often"], "write it as name_typo=0.05", id="a rate that is no number"),
        pytest.param(["--rate", "name_typo=7"], "Rates go from 0 to 1", id="a rate over one"),
        pytest.param(["--rate", "share_custody=0.9"], "leave some for logs", id="no logs left"),
        pytest.param(["--queries", "-3"], "give nought or more", id="fewer than no queries"),
        pytest.param(["--as-at", "yesterday"], "is no instant", id="an instant nobody can read"),
    ],
)
def test_a_bad_order_gets_one_sentence(tmp_path: Path, options: list[str], says: str) -> None:
    result = CliRunner().invoke(generator.main, ["--out", str(tmp_path / "set"), *options])
    assert result.exit_code == 1
    assert says in result.output
    assert not (tmp_path / "set").exists()


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "mine.toml").write_text("x = 1\n")
    result = CliRunner().invoke(generator.main, ["--out", str(tmp_path), "--records", "300"])
    assert result.exit_code == 1
    assert "no generated set" in result.output
    assert (tmp_path / "sources" / "mine.toml").exists()


# parts --------------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 9), st.integers(0, 3000))
def test_slots_are_dealt_out_whole_and_number_each_day_upwards(blocks: int, slots: int) -> None:
    timeline = Timeline(order_of(plan(SMALL)).local, slots, blocks)
    dealt = [timeline.of_block(block, Dice(str(block), {})) for block in range(blocks)]
    assert [len(mine) for mine in dealt] == [timeline.count_of_block(block) for block in range(blocks)]
    everything = sorted((slot.day, slot.base, slot.second) for mine in dealt for slot in mine)
    assert len({(day, base) for day, base, _ in everything}) == len(everything) == slots
    by_day: dict[int, list[int]] = defaultdict(list)
    for day, _, second in everything:
        by_day[day].append(second)
    assert all(seconds == sorted(seconds) for seconds in by_day.values())
    assert all(base % 4 == 0 and 0 <= day < timeline.days for day, base, _ in everything)


@given(st.text(alphabet="ABC DEF", max_size=300))
def test_a_bail_condition_breaks_into_at_most_four_lines_of_fifty(text: str) -> None:
    broken = condition_lines(text)
    assert len(broken) <= 4
    assert all(len(line) <= 50 for line in broken)


def test_a_fixed_width_line_cuts_what_is_too_long() -> None:
    line = fixed("AL", {"custody_no": "BE/2210/14", "surname": "X" * 60, "type": "A"})
    assert line == f"ALBE/2210/14    A{'X' * 35}{' ' * 43}\r\n"


def test_the_generator_and_the_matcher_import_nothing_from_each_other() -> None:
    for folder, barred in (
        ("fixtures", {"discoverer", "index", "adapters"}),
        ("discoverer", {"fixtures"}),
        ("index", {"fixtures"}),
    ):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom):
                    names = [node.module or ""]
                assert not {name.split(".")[0] for name in names} & barred, path


@pytest.mark.parametrize("folder", ["medium", "small"])
def test_every_date_of_birth_in_custody_fits_its_eight_columns(folder: str, medium: Path) -> None:
    rows = custody(medium if folder == "medium" else SMALL, "CR")
    dates = [row["dob"] for row in rows if row["dob"]]
    assert dates and all(re.fullmatch(r"\d{8}", each) for each in dates)
