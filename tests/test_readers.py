"""Readers: what each format becomes, and every way a file can be wrong."""

from __future__ import annotations

import contextlib
import csv
import io
import os
import sqlite3
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import HOSTILE, check_adapter
from adapters.mapping import MappedAdapter
from discoverer.errors import CheckFailed, SchemaDrift, SourceError, SourceUnavailable
from tests import tiny_sources as tiny

Make = Callable[[Path], MappedAdapter]

EVERY_FORMAT = [
    pytest.param(tiny.people, id="delimited"),
    pytest.param(tiny.logs, id="sqlite"),
    pytest.param(tiny.reports, id="xml"),
    pytest.param(tiny.stays, id="fixed"),
    pytest.param(tiny.lines, id="jsonl"),
]


@pytest.mark.parametrize("make", EVERY_FORMAT)
def test_every_reader_keeps_every_promise(make: Make, tmp_path: Path) -> None:
    assert check_adapter(make(tmp_path)) == []


def test_child_rows_in_any_order_find_their_parent(tmp_path: Path) -> None:
    shabana, asif = tiny.believed(tiny.people(tmp_path))
    assert [phone.text for phone in shabana.phones] == ["07700900417", "07700900418"]
    assert [phone.text for phone in asif.phones] == ["07700900655"]
    assert shabana.row == "people.csv:2 phones.csv:3,4"


def test_tables_are_merged_by_key_and_children_come_in_their_order(tmp_path: Path) -> None:
    made = {record.ref: record for record in tiny.believed(tiny.logs(tmp_path))}
    assert set(made) == {"9/2014-09-14", "10/2014-09-14"}
    assert [person.names for person in made["10/2014-09-14"].persons] == [("SHABS",), ("ASIF",)]
    assert made["10/2014-09-14"].row == "log:2 person:2,1"


def test_lines_of_a_condition_are_joined_and_conditions_kept_apart(tmp_path: Path) -> None:
    asif, jose = tiny.believed(tiny.stays(tmp_path))
    assert asif.orders[0].conditions == ("NOT TO CONTACT", "CURFEW")
    assert asif.row == "stays.txt:2-5"
    assert jose.persons[0].names == ("JOSÉ",)


def test_attributes_paths_and_repeated_elements_become_columns_and_rows(tmp_path: Path) -> None:
    twice = "<subject><surname>KHAN</surname><forenames>Asif</forenames><aka>ASI</aka><aka>AZ</aka></subject>"
    body = tiny.REPORT.format(urn="INT/1").replace("</report>", f"{twice}</report>")
    (report,) = tiny.believed(tiny.reports(tmp_path, body))
    assert [person.names for person in report.persons] == [("Asif KHAN",), ("Asif KHAN", "ASI", "AZ")]
    assert report.codes[0].code == "B"


def test_lists_in_json_are_several_values_and_numbers_stay_as_written(tmp_path: Path) -> None:
    row = {**tiny.SHABANA, "id": 1070, "phones": [1214960123, None]}
    (record,) = tiny.believed(tiny.lines(tmp_path, row))
    assert record.key == ("1070",)
    assert record.persons[0].names == ("Shabana Bibi", "Shabs")
    assert [phone.text for phone in record.phones] == ["1214960123"]


@pytest.mark.parametrize(
    ("make", "taken"),
    [
        pytest.param(tiny.logs, "2014-11-16T02:00:00Z", id="a header table"),
        pytest.param(tiny.reports, "2014-11-15T23:40:00Z", id="an attribute of the root"),
        pytest.param(tiny.stays, "2014-11-16T01:00:00Z", id="a header line"),
        pytest.param(tiny.people, "", id="delimited files do not say"),
    ],
)
def test_a_source_says_when_it_was_taken(make: Make, taken: str, tmp_path: Path) -> None:
    assert make(tmp_path).as_at() == taken


def _gone(make: Make, name: str) -> Make:
    def without(folder: Path) -> MappedAdapter:
        made = make(folder)
        target = folder / name
        if target.is_dir():
            for path in target.iterdir():
                path.unlink()
        else:
            target.unlink()
        return made

    return without


def _cut(make: Make, name: str, keep: float) -> Make:
    def shortened(folder: Path) -> MappedAdapter:
        made = make(folder)
        path = folder / name
        os.truncate(path, int(path.stat().st_size * keep))
        return made

    return shortened


def _big_database(folder: Path) -> MappedAdapter:
    rows = ", ".join(f"('{number}', '2014-09-15', '{'x' * 400}')" for number in range(200))
    return tiny.logs(folder, f"INSERT INTO log VALUES {rows}", said="202")


STRANGE_NAMES = "".join(f"{number},José Núñez,\r\n" for number in range(3, 9))
BOMB = (
    '<!DOCTYPE b [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
OUTSIDE = '<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("make", "says"),
    [
        pytest.param(_gone(tiny.people, "people.csv"), "people.csv is missing", id="no parent file"),
        pytest.param(_gone(tiny.people, "phones.csv"), "phones.csv is missing", id="no child file"),
        pytest.param(_gone(tiny.logs, "logs.sqlite"), "is missing", id="no database"),
        pytest.param(_gone(tiny.reports, "reports"), "has no *.xml", id="an empty folder"),
        pytest.param(_gone(tiny.stays, "stays.txt"), "stays.txt is missing", id="no extract"),
        pytest.param(_gone(tiny.lines, "records.jsonl"), "records.jsonl is missing", id="no JSON lines"),
        pytest.param(lambda folder: tiny.people(folder, ""), "is empty", id="a file of nothing"),
        pytest.param(
            lambda folder: tiny.people(folder, "ID,NAME,DOB\r\n1,A,\r\n2,As"),
            "line 3 is cut short",
            id="rows cut short",
        ),
        pytest.param(
            lambda folder: tiny.people(folder, 'ID,NAME,DOB\r\n1,"A,\r\n2,B,\r\n'), "never closed", id="an open quote"
        ),
        pytest.param(_cut(_big_database, "logs.sqlite", 0.5), "fetch it again", id="a database cut short"),
        pytest.param(_cut(tiny.reports, "reports/2014-08.xml", 0.7), "not well-formed", id="XML cut short"),
        pytest.param(lambda folder: tiny.stays(folder, tiny.STAY_LINES[:-1]), "does not end with", id="no trailer"),
        pytest.param(lambda folder: tiny.stays(folder, tiny.STAY_LINES[1:]), "does not begin with", id="no header"),
        pytest.param(
            lambda folder: tiny.lines(folder, tiny.SHABANA, '{"id": "2", "na'),
            "is cut short",
            id="a line of JSON cut short",
        ),
        pytest.param(
            lambda folder: tiny.people(folder, ("ID,NAME,DOB\r\n" + STRANGE_NAMES).encode("cp1252")),
            "line 2 byte 6 (0xe9) cannot be read as utf-8: 6 of its 6 lines",
            id="code page 1252 said to be UTF-8",
        ),
        pytest.param(
            lambda folder: tiny.people(folder, ("ID,NAME,DOB\r\n" + STRANGE_NAMES).encode(), encoding="cp1252"),
            "line 2 byte 6 (0xc3) is written as UTF-8",
            id="UTF-8 said to be code page 1252",
        ),
        pytest.param(
            lambda folder: tiny.people(folder, "ID,NAME,DOB\r\n1,A,\r\n".encode("utf-16")),
            "mark of utf-16",
            id="UTF-16",
        ),
        pytest.param(
            lambda folder: tiny.people(folder, b"\xef\xbb\xbfID,NAME,DOB\r\n1,A,\r\n", encoding="cp1252"),
            "mark of utf-8",
            id="a UTF-8 mark on a file said to be code page 1252",
        ),
        pytest.param(lambda folder: tiny.reports(folder, head=BOMB), "never opened", id="an XML bomb"),
        pytest.param(lambda folder: tiny.reports(folder, head=OUTSIDE), "never opened", id="an external entity"),
        pytest.param(
            lambda folder: tiny.reports(folder, "<report urn='1'>" + "<a>" * 5000 + "</a>" * 5000 + "</report>"),
            "levels deep",
            id="elements without end",
        ),
    ],
)
def test_a_source_that_cannot_be_read_stops_with_one_sentence(make: Make, says: str, tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=r"\.$") as caught:
        tiny.read_all(make(tmp_path))
    assert says in caught.value.message
    assert "\n" not in caught.value.message


def test_a_folder_a_text_file_and_a_device_are_no_database(tmp_path: Path) -> None:
    made = tiny.logs(tmp_path)
    (tmp_path / "logs.sqlite").write_text("this is no database, but it is long enough to be taken for one " * 30)
    with pytest.raises(SourceUnavailable, match="not a database"):
        tiny.read_all(made)
    (tmp_path / "logs.sqlite").unlink()
    (tmp_path / "logs.sqlite").mkdir()
    with pytest.raises(SourceUnavailable, match="a folder"):
        made.as_at()


@pytest.mark.parametrize(
    ("make", "says"),
    [
        pytest.param(
            lambda folder: tiny.people(folder, "ID,NAME,DOB,WARN\r\n1,A,,X\r\n"),
            '("WARN")',
            id="a new delimited column",
        ),
        pytest.param(lambda folder: tiny.people(folder, "ID,NAME\r\n1,A\r\n"), "lacks column DOB", id="a lost column"),
        pytest.param(
            lambda folder: tiny.people(folder, phones="ID,NUMBER,KIND\r\n"),
            "phones.csv has new",
            id="a new child column",
        ),
        pytest.param(
            lambda folder: tiny.people(folder, "ID,NAME,DOB,DOB\r\n"),
            "names a column twice",
            id="a column that stands twice",
        ),
        pytest.param(
            lambda folder: tiny.logs(folder, "ALTER TABLE log ADD COLUMN WARN TEXT"),
            "WARN",
            id="a new column of a table",
        ),
        pytest.param(
            lambda folder: tiny.logs(folder, "ALTER TABLE person RENAME COLUMN NAME TO FULL_NAME"),
            "lacks column NAME",
            id="a renamed column of a child table",
        ),
        pytest.param(
            lambda folder: tiny.logs(folder, "ALTER TABLE info ADD COLUMN SYSTEM TEXT"),
            "SYSTEM",
            id="a new header column",
        ),
        pytest.param(lambda folder: tiny.logs(folder, "CREATE TABLE vehicle (A)"), "vehicle is new", id="a new table"),
        pytest.param(lambda folder: tiny.logs(folder, "DROP TABLE person"), "person is missing", id="a lost table"),
        pytest.param(
            lambda folder: tiny.reports(folder, tiny.REPORT.format(urn="1").replace("<body>", "<warn>x</warn><body>")),
            '("warn")',
            id="a new element",
        ),
        pytest.param(
            lambda folder: tiny.reports(folder, tiny.REPORT.format(urn="1").replace("<grade ", '<grade era="9" ')),
            "grade/@era",
            id="a new attribute",
        ),
        pytest.param(
            lambda folder: tiny.reports(folder, tiny.REPORT.format(urn="1").replace("surname>", "family>")),
            "element subject has new column family",
            id="a renamed element of a child",
        ),
        pytest.param(
            lambda folder: tiny.reports(folder, more=' system="X"'), "@system", id="a new attribute of the root"
        ),
        pytest.param(
            lambda folder: tiny.reports(folder, "<summary/>"), "summary beside report", id="another kind of row"
        ),
        pytest.param(
            lambda folder: tiny.stays(folder, [line + "X" if line[:2] == "CR" else line for line in tiny.STAY_LINES]),
            "new columns at characters 17 to 17",
            id="longer lines",
        ),
        pytest.param(
            lambda folder: tiny.stays(folder, [line[:9] if line[:2] == "CR" else line for line in tiny.STAY_LINES]),
            "lacks columns name",
            id="shorter lines",
        ),
        pytest.param(
            lambda folder: tiny.stays(folder, [*tiny.STAY_LINES[:-1], "WM1   VI", tiny.STAY_LINES[-1]]),
            "new record type WM",
            id="a new record type",
        ),
        pytest.param(
            lambda folder: tiny.lines(folder, {**tiny.SHABANA, "nick": "X"}), '("nick")', id="a new JSON name"
        ),
        pytest.param(
            lambda folder: tiny.lines(folder, {name: value for name, value in tiny.SHABANA.items() if name != "dob"}),
            "lacks column dob",
            id="a JSON name in no line",
        ),
    ],
)
def test_a_new_or_lost_column_stops_the_source_before_row_one(make: Make, says: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaDrift) as caught:
        next(iter(make(tmp_path).rows()))
    assert says in caught.value.message


def test_a_file_nobody_mapped_stops_a_folder(tmp_path: Path) -> None:
    made = tiny.reports(tmp_path)
    (tmp_path / "reports" / "2014-09.csv").write_text("x")
    with pytest.raises(SchemaDrift, match=r"2014-09\.csv"):
        next(iter(made.rows()))


@pytest.mark.parametrize(
    ("make", "says"),
    [
        pytest.param(lambda folder: tiny.logs(folder, said="3"), "says 3 rows", id="a header table"),
        pytest.param(lambda folder: tiny.reports(folder, said=31), "says it holds 31", id="an attribute of the root"),
        pytest.param(
            lambda folder: tiny.stays(folder, [*tiny.STAY_LINES[:-1], "TR2   4   "]),
            "says it holds '4'",
            id="a trailer",
        ),
        pytest.param(
            lambda folder: tiny.stays(folder, [*tiny.STAY_LINES[:-1], "TR2       "]),
            "says it holds ''",
            id="a blank count",
        ),
    ],
)
def test_a_count_that_differs_fails_the_source(make: Make, says: str, tmp_path: Path) -> None:
    with pytest.raises(CheckFailed) as caught:
        tiny.read_all(make(tmp_path))
    assert says in caught.value.message


@pytest.mark.parametrize(
    ("make", "where", "column", "says"),
    [
        pytest.param(
            lambda folder: tiny.people(folder, b"ID,NAME,DOB\r\n1,Jos\x81,\r\n2,B\xe9,\r\n", encoding="cp1252"),
            "people.csv:2 phones.csv:3,4",
            "NAME",
            "byte 0x81",
            id="a byte that code page 1252 does not define",
        ),
        pytest.param(
            lambda folder: tiny.people(folder, "ID,NAME,DOB\r\n3,A,,X\r\n1,A,\r\n2,B,\r\n"),
            "people.csv:2",
            "",
            "4 values where the header names 3",
            id="too many values",
        ),
        pytest.param(
            lambda folder: tiny.people(folder, 'ID,NAME,DOB\r\n3,"A"x,\r\n1,A,\r\n2,B,\r\n'),
            "people.csv:2",
            "",
            "not well quoted",
            id="a stray quote",
        ),
        pytest.param(
            lambda folder: tiny.people(folder, phones="ID,NUMBER\r\n7,07700900417\r\n"),
            "phones.csv:2",
            "ID",
            "no row of people.csv",
            id="a child row without its parent",
        ),
        pytest.param(
            lambda folder: tiny.logs(folder, "INSERT INTO person VALUES ('99', '2014-09-14', 1, 'LOST')"),
            "person:4",
            "NO,DAY",
            "no row of log",
            id="a row of a child table without its parent",
        ),
        pytest.param(
            lambda folder: tiny.logs(folder, "UPDATE log SET PLACE = CAST(x'4a6f73e9' AS TEXT) WHERE NO = '9'"),
            "log:1 person:3",
            "PLACE",
            "not UTF-8",
            id="a value of a table that is not UTF-8",
        ),
        pytest.param(
            lambda folder: tiny.logs(
                folder, "UPDATE log SET NO = '' WHERE NO = '9'", "DELETE FROM person WHERE NO = '9'"
            ),
            "log:1",
            "NO",
            "part of the key and is blank",
            id="a blank key",
        ),
        pytest.param(
            lambda folder: tiny.stays(folder, [*tiny.STAY_LINES[:3], "BC9   1STRAY    ", *tiny.STAY_LINES[4:]]),
            "stays.txt:4",
            "no",
            "does not follow",
            id="a line of another's key",
        ),
        pytest.param(
            lambda folder: tiny.stays(folder, [*tiny.STAY_LINES[:3], "BC1   1CO", *tiny.STAY_LINES[4:]]),
            "stays.txt:4",
            "",
            "9 characters where record type BC has 16",
            id="a line cut short",
        ),
        pytest.param(
            lambda folder: tiny.lines(folder, tiny.SHABANA, "{not json}\n"),
            "records.jsonl:2",
            "",
            "cannot be read as a JSON object",
            id="a malformed line",
        ),
        pytest.param(
            lambda folder: tiny.lines(folder, tiny.SHABANA, '{"id": "2", "id": "3"}\n'),
            "records.jsonl:2",
            "",
            "stands twice",
            id="a JSON name that stands twice",
        ),
        pytest.param(
            lambda folder: tiny.lines(folder, tiny.SHABANA, '{"id": "2", "names": ["\\ud83d"]}\n'),
            "records.jsonl:2",
            "",
            "half a character",
            id="half a character",
        ),
        pytest.param(
            lambda folder: tiny.lines(folder, tiny.SHABANA, "[" * 100_000 + "\n"),
            "records.jsonl:2",
            "",
            "cannot be read",
            id="brackets without end",
        ),
    ],
)
def test_one_bad_row_is_a_reject_and_the_others_are_records(
    make: Make, where: str, column: str, says: str, tmp_path: Path
) -> None:
    records, rejects, tally = tiny.read_all(make(tmp_path))
    (reject,) = rejects
    assert (reject.row, reject.column) == (where, column)
    assert says in reject.reason
    assert reject.raw
    assert records and tally.rejects == 1


@pytest.mark.parametrize(
    "text", [pytest.param(text, id=name) for name, text in HOSTILE.items() if text and text.strip()]
)
def test_awkward_text_is_kept_as_it_is_through_every_format(text: str, tmp_path: Path) -> None:
    one_line = " ".join(text.split())
    (person,) = tiny.believed(tiny.people(tmp_path, f'ID,NAME,DOB\r\n1,"{text}",\r\n', phones="ID,NUMBER\r\n"))
    assert person.persons[0].names == (text,)
    (line,) = tiny.believed(tiny.lines(tmp_path, {**tiny.SHABANA, "names": text}))
    assert line.persons[0].names == (text,)
    made = tiny.logs(tmp_path)
    with sqlite3.connect(tmp_path / "logs.sqlite") as database:
        database.execute("UPDATE log SET PLACE = ?", (text,))
    database.close()
    assert {record.locations[0].text for record in tiny.believed(made)} == {text}
    if "\x00" not in text:
        escaped = one_line.replace("&", "&amp;")
        (report,) = tiny.believed(
            tiny.reports(tmp_path, tiny.REPORT.format(urn="1").replace("Asif KHAN known", escaped))
        )
        assert report.texts[0].text == f"{one_line} as ASI"


def test_a_byte_order_mark_is_no_part_of_the_first_column(tmp_path: Path) -> None:
    made = tiny.people(tmp_path, b"\xef\xbb\xbfID,NAME,DOB\r\n1,A,\r\n", "ID,NUMBER\r\n")
    assert tiny.believed(made)[0].key == ("1",)


def test_short_lines_are_whole_where_the_system_trims_them(tmp_path: Path) -> None:
    trimmed = tiny.STAYS.replace('type = "CR"\n', 'type = "CR"\ntrimmed = true\n', 1)
    made = tiny.stays(tmp_path, [line.rstrip() for line in tiny.STAY_LINES], trimmed)
    assert [record.persons[0].names[0] for record in tiny.believed(made)] == ["ASIF KHAN", "JOSÉ"]


def test_a_file_that_always_ends_with_a_line_end_and_does_not_is_cut_short(tmp_path: Path) -> None:
    parents = "ID,NAME,DOB\r\n1,A,03/07/19"
    assert tiny.believed(tiny.people(tmp_path, parents, "ID,NUMBER\r\n"))
    mapping = tiny.PEOPLE.format(encoding="utf-8").replace("key =", "final_newline = true\nkey =")
    with pytest.raises(SourceUnavailable, match="no line end"):
        tiny.read_all(tiny.adapter(tmp_path, mapping))


def test_a_file_that_grows_while_it_is_read_is_not_believed(tmp_path: Path) -> None:
    rows = "ID,NAME,DOB\r\n" + "".join(f"{number},A,\r\n" for number in range(5000))
    made = tiny.people(tmp_path, rows, "ID,NUMBER\r\n").rows()
    next(made)
    with (tmp_path / "people.csv").open("a") as file:
        file.write("9999,LATE,\r\n")
    with pytest.raises(SourceUnavailable, match="changed while it was read"):
        list(made)


def test_a_source_is_never_written_to(tmp_path: Path) -> None:
    made = tiny.logs(tmp_path)
    before = (tmp_path / "logs.sqlite").read_bytes()
    tiny.believed(made)
    assert (tmp_path / "logs.sqlite").read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["logs.sqlite", "mapping.toml"]


def test_every_failure_says_which_source(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"^people: ") as caught:
        tiny.read_all(tiny.people(tmp_path, ""))
    assert caught.value.source == "people"
    assert caught.value.exit_code == 4


ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=1, max_size=8))
@settings(max_examples=150, deadline=None)
def test_whatever_a_spreadsheet_writes_comes_back_as_it_was(pairs: list[tuple[str, str]]) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow(("ID", "NAME", "DOB"))
    writer.writerows((str(number), name, dob) for number, (name, dob) in enumerate(pairs))
    with tempfile.TemporaryDirectory() as folder:
        made = tiny.people(Path(folder), out.getvalue(), "ID,NUMBER\r\n")
        assert [(row.values["NAME"], row.values["DOB"]) for row in made.rows()] == pairs


@given(
    st.lists(st.fixed_dictionaries({"names": st.lists(ANY_TEXT, max_size=3), "dob": ANY_TEXT}), min_size=1, max_size=8)
)
@settings(max_examples=100, deadline=None)
def test_whatever_json_holds_comes_back_as_it_was(rows: list[dict[str, Any]]) -> None:
    given_rows = [{**tiny.SHABANA, **row, "id": str(number)} for number, row in enumerate(rows)]
    with tempfile.TemporaryDirectory() as folder:
        made = tiny.lines(Path(folder), *given_rows)
        assert [(row.values["names"], row.values["dob"]) for row in made.rows()] == [
            (row["names"], row["dob"]) for row in rows
        ]


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_bytes_of_any_kind_give_rows_rejects_or_one_sentence(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sources = [tiny.people(folder), tiny.stays(folder), tiny.lines(folder), tiny.reports(folder), tiny.logs(folder)]
        for path in (folder / "people.csv", folder / "stays.txt", folder / "records.jsonl", folder / "logs.sqlite"):
            path.write_bytes(data)
        (folder / "reports" / "2014-08.xml").write_bytes(data)
        for source in sources:
            with contextlib.suppress(SourceError):
                tiny.read_all(source)
