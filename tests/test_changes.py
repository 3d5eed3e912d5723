"""What changed since a watermark: never a row missed, each as a whole reading gives it, and a restored source said."""

from __future__ import annotations

import pickle
import shutil
import sqlite3
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.base import Row, TracksChanges
from adapters.contract import check_adapter
from adapters.mapping import MappedAdapter
from adapters.registry import load_adapter
from discoverer.clock import LOCAL
from discoverer.errors import ConfigError, SchemaDrift, SourceUnavailable
from tests import tiny_sources as tiny
from tests.conftest import SMALL

MAPPING = """
[source]
name = "visits"
kind = "sqlite"
path = "visits.sqlite"
table = "visit"
key = ["NO", "DAY"]
ignore_tables = ["change"]
[header]
table = "info"
taken = { column = "TAKEN", dates = ["%Y-%m-%d %H:%M:%S"] }
count = "VISITS"
[children.person]
table = "person"
order = ["SEQ"]
[ignore]
columns = ["VERSION", "UPDATED", "GONE"]
[[person]]
each = "person"
name = "NAME"
[[location]]
text = "PLACE"
"""
BY_TABLE = '[changes]\ntable = "change"\norder = "SEQ"\noperation = "OP"\ndeletes = ["D"]\n'
BY_NUMBER = '[changes]\ncolumn = "VERSION"\n'
BY_INSTANT = '[changes]\ncolumn = "UPDATED"\ndates = ["%Y-%m-%d %H:%M:%S"]\n'
WAYS = {"a change table": BY_TABLE, "a number": BY_NUMBER, "an instant": BY_INSTANT}
Key = tuple[str, ...]


class Visits:
    """A database of three visits, that can be written to."""

    def __init__(self, folder: Path, section: str, more: str = "") -> None:
        self.folder, self.path = folder, folder / "visits.sqlite"
        mapping = MAPPING.replace('ignore_tables = ["change"]\n', "") if "table =" in section else MAPPING
        for column in ("VERSION", "UPDATED", "GONE"):
            if f'"{column}"' in section:
                mapping = mapping.replace(f'"{column}", ', "").replace(f', "{column}"', "")
        self.sql(
            "CREATE TABLE info (TAKEN TEXT, VISITS TEXT)",
            "INSERT INTO info VALUES ('2018-10-27 20:00:00', '3')",
            "CREATE TABLE visit (NO INTEGER, DAY TEXT, PLACE TEXT, VERSION INTEGER, UPDATED TEXT, GONE TEXT)",
            "CREATE TABLE person (NO INTEGER, DAY TEXT, SEQ INTEGER, NAME TEXT)",
            "CREATE TABLE change (SEQ INTEGER PRIMARY KEY, NO INTEGER, DAY TEXT, OP TEXT)",
            "CREATE INDEX visit_by_key ON visit (NO, DAY)",
            "CREATE INDEX person_by_key ON person (NO, DAY)",
            "INSERT INTO person VALUES (1, 'MON', 2, 'ASIF'), (1, 'MON', 1, 'SHABS'), (2, 'MON', 1, 'NEIGHBOUR')",
        )
        for number, stamp in ((1, "2018-10-27 10:00:00"), (2, "2018-10-27 15:00:00"), (3, "2018-10-27 19:00:00")):
            self.put(number, f"{number} TEST ROAD", number, stamp)
        self.adapter = tiny.adapter(folder, mapping + section + more)

    def sql(self, *statements: str) -> None:
        """Run statements and commit them."""
        database = sqlite3.connect(self.path)
        database.execute("PRAGMA synchronous = OFF")
        for statement in statements:
            database.execute(statement)
        database.commit()
        database.close()

    def put(self, number: int, place: str, order: int, stamp: str | None) -> None:
        """Write a visit with its number in every order of changes, in place of the one that was there."""
        written = "NULL" if stamp is None else f"'{stamp}'"
        self.sql(
            f"DELETE FROM visit WHERE NO = {number}",
            f"INSERT INTO visit VALUES ({number}, 'MON', '{place}', {order}, {written}, '')",
            f"INSERT OR REPLACE INTO change VALUES ({order}, {number}, 'MON', 'U')",
            "UPDATE info SET VISITS = (SELECT count(*) FROM visit)",
        )

    def remove(self, number: int, order: int) -> None:
        """Delete a visit outright."""
        self.sql(
            f"DELETE FROM visit WHERE NO = {number}",
            f"DELETE FROM person WHERE NO = {number}",
            f"INSERT INTO change VALUES ({order}, {number}, 'MON', 'D')",
            "UPDATE info SET VISITS = (SELECT count(*) FROM visit)",
        )

    def since(self, mark: str) -> dict[Key, Row | None]:
        """Return what changed: the last word on every key."""
        return told(self.adapter, mark)


def told(adapter: TracksChanges, mark: str) -> dict[Key, Row | None]:
    return {change.key: change.row.values if change.row else None for change in adapter.changes(mark)}


def whole(adapter: MappedAdapter) -> dict[Key, Row]:
    """Return every row that gives a record, by its key."""
    return {record.key: row.values for row in adapter.rows() if not row.fault for record in adapter.records(row)}


@pytest.fixture(params=list(WAYS.values()), ids=list(WAYS))
def visits(request: pytest.FixtureRequest, tmp_path: Path) -> Visits:
    return Visits(tmp_path, request.param)


# what is told ----------------------------------------------------------------------------------------------------


def test_a_new_and_a_changed_row_are_told_as_a_whole_reading_gives_them(visits: Visits) -> None:
    mark = visits.adapter.watermark()
    visits.put(4, "4 TEST ROAD", 10, "2018-10-27 21:00:00")
    visits.sql("INSERT INTO person VALUES (4, 'MON', 2, 'SECOND'), (4, 'MON', 1, 'FIRST')")
    visits.put(1, "1 TEST LANE", 11, "2018-10-27 21:00:01")
    found, rows = visits.since(mark), whole(visits.adapter)
    for key in (("4", "MON"), ("1", "MON")):
        assert found[key] == rows[key]
    assert [person["NAME"] for person in found["4", "MON"]["person"]] == ["FIRST", "SECOND"]  # type: ignore[index]
    assert ("2", "MON") not in found, "what did not change, and lies before the overlap, is not read again"


def test_rows_and_where_they_stand_are_those_of_a_whole_reading(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE)
    mark = visits.adapter.watermark()
    visits.sql("INSERT INTO change SELECT 10 + NO, NO, DAY, 'U' FROM visit")
    assert [change.row for change in visits.adapter.changes(mark)] == [
        row for number in ("3", "1", "2") for row in visits.adapter.rows() if row.values["NO"] == number
    ]


def test_nothing_new_is_nothing_but_what_is_read_again(visits: Visits) -> None:
    found = visits.since(visits.adapter.watermark())
    assert set(found) == {("3", "MON")}
    assert all(row == whole(visits.adapter)[key] for key, row in found.items())


def test_the_watermark_is_one_line_and_stays_while_nothing_changes(visits: Visits) -> None:
    mark = visits.adapter.watermark()
    assert len(mark.splitlines()) == 1 and mark == visits.adapter.watermark()
    visits.put(4, "4 TEST ROAD", 10, "2018-10-27 21:00:00")
    assert visits.adapter.watermark() != mark


def test_what_is_committed_after_the_watermark_and_before_the_end_of_a_reading_is_told_again(visits: Visits) -> None:
    mark = visits.adapter.watermark()
    reading = visits.adapter.rows()
    visits.put(4, "4 TEST ROAD", 10, "2018-10-27 21:00:00")
    assert len(list(reading)) >= 3
    assert ("4", "MON") in visits.since(mark)


def test_every_way_keeps_the_promises_of_the_contract(visits: Visits) -> None:
    assert check_adapter(visits.adapter) == []


@pytest.mark.parametrize(
    ("section", "seen"),
    [
        pytest.param(BY_TABLE, True, id="a change table"),
        pytest.param(BY_NUMBER, False, id="a number"),
        pytest.param(BY_INSTANT, False, id="an instant"),
    ],
)
def test_a_deletion_and_a_changed_child_row_are_told_by_a_change_table_alone(
    section: str, seen: bool, tmp_path: Path
) -> None:
    visits = Visits(tmp_path, section)
    assert visits.adapter.tells_deletions is seen
    mark = visits.adapter.watermark()
    visits.remove(2, 10)
    visits.sql(
        "UPDATE person SET NAME = 'SHABANA' WHERE SEQ = 1 AND NO = 1", "INSERT INTO change VALUES (11, 1, 'MON', 'U')"
    )
    found = visits.since(mark)
    assert (("2", "MON") in found, ("1", "MON") in found) == (seen, seen)
    if seen:
        assert found["2", "MON"] is None and found["1", "MON"] == whole(visits.adapter)["1", "MON"]


def test_the_row_as_it_is_counts_and_not_what_an_entry_says(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE)
    mark = visits.adapter.watermark()
    visits.remove(2, 10)
    visits.put(2, "2 TEST ROAD AGAIN", 11, None)
    visits.sql("INSERT INTO change VALUES (12, 1, 'MON', 'D')", "DELETE FROM visit WHERE NO = 3")
    found = visits.since(mark)
    assert found["2", "MON"] is not None, "deleted, and entered again"
    assert found["1", "MON"] is not None, "an entry of a deletion that did not happen"
    assert found["3", "MON"] is None, "an entry of an update, and the row is gone since"


DELETED = 'deleted = { column = "GONE", is = ["Y"] }\n'


@pytest.mark.parametrize("section", WAYS.values(), ids=WAYS)
def test_a_row_marked_as_deleted_is_told_as_deleted_and_is_no_record_at_night(section: str, tmp_path: Path) -> None:
    visits = Visits(tmp_path, section + DELETED)
    assert visits.adapter.tells_deletions
    mark = visits.adapter.watermark()
    visits.put(2, "2 TEST ROAD", 10, "2018-10-27 21:00:00")
    visits.sql("UPDATE visit SET GONE = ' Y ' WHERE NO = 2")
    assert visits.since(mark)["2", "MON"] is None
    assert set(whole(visits.adapter)) == {("1", "MON"), ("3", "MON")}
    visits.sql("UPDATE visit SET GONE = 'N' WHERE NO = 2")
    assert visits.since(mark)["2", "MON"] == whole(visits.adapter)["2", "MON"]


# never skipped ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("section", "order", "stamp", "seen"),
    [
        pytest.param(BY_INSTANT, 4, "2018-10-27 19:00:00", True, id="the same instant as the watermark's"),
        pytest.param(BY_INSTANT, 4, "2018-10-27 17:00:00", True, id="two hours late"),
        pytest.param(BY_INSTANT, 4, "2018-10-27 16:59:59", False, id="later than the overlap"),
        pytest.param(BY_INSTANT + 'overlap = "1d"\n', 4, "2018-10-27 16:59:59", True, id="within an overlap of a day"),
        pytest.param(BY_INSTANT + 'overlap = "30s"\n', 4, "2018-10-27 18:59:30", True, id="within thirty seconds"),
        pytest.param(BY_INSTANT + 'overlap = "30s"\n', 4, "2018-10-27 18:59:29", False, id="thirty-one seconds late"),
        pytest.param(BY_INSTANT, 4, None, True, id="no stamp"),
        pytest.param(BY_INSTANT, 4, "", True, id="a blank stamp"),
        pytest.param(BY_INSTANT, 4, " 2018-10-27 20:00:00", True, id="a blank before the stamp"),
        pytest.param(BY_INSTANT, 4, "not set", True, id="no date at all"),
        pytest.param(BY_INSTANT, 4, "0001-01-01 00:00:00", True, id="a system's way to write no date"),
        pytest.param(BY_INSTANT, 4, "2018-10-28 1:00:00", True, id="a later stamp without its nought"),
        pytest.param(BY_INSTANT, 4, "2018-11-1 01:00:00", True, id="a later day without its nought"),
        pytest.param(BY_INSTANT, 4, "2090-01-01 00:00:00", True, id="a stamp still to come"),
        pytest.param(BY_INSTANT, 4, "9999-12-31 00:00:00", True, id="a system's way to write never"),
        pytest.param(BY_NUMBER, 3, None, True, id="the same number as the watermark's"),
        pytest.param(BY_NUMBER, 2, None, False, id="a lower number"),
        pytest.param(BY_NUMBER + "overlap = 1\n", 2, None, True, id="a lower number within the overlap"),
        pytest.param(BY_TABLE, 0, None, False, id="a lower entry"),
        pytest.param(BY_TABLE + "overlap = 2\n", 0, None, False, id="a lower entry beyond the overlap"),
        pytest.param(BY_TABLE + "overlap = 3\n", 0, None, True, id="a lower entry within the overlap"),
    ],
)
def test_a_row_committed_late_is_told_within_the_overlap(
    section: str, order: int, stamp: str | None, seen: bool, tmp_path: Path
) -> None:
    visits = Visits(tmp_path, section)
    mark = visits.adapter.watermark()
    written = "NULL" if stamp is None else f"'{stamp}'"
    visits.sql(f"INSERT INTO visit VALUES (9, 'MON', '9 TEST ROAD', {order}, {written}, '')")
    if "table" in section:
        visits.sql(f"INSERT INTO change VALUES ({order}, 9, 'MON', 'I')")
    assert (("9", "MON") in visits.since(mark)) is seen


def test_a_row_without_a_number_is_told_each_time(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_NUMBER)
    visits.sql("INSERT INTO visit VALUES (9, 'MON', '9 TEST ROAD', NULL, NULL, '')")
    assert ("9", "MON") in visits.since(visits.adapter.watermark())


FORMATS: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "year first": ("%Y-%m-%d %H:%M:%S", lambda stamp: stamp),
    "year first, no seconds": ("%Y/%m/%d %H:%M", lambda stamp: stamp[:16].replace("-", "/")),
    "run together": ("%Y%m%d%H%M%S", lambda stamp: "".join(filter(str.isdigit, stamp))),
    "day first": ("%d/%m/%Y %H:%M:%S", lambda stamp: f"{stamp[8:10]}/{stamp[5:7]}/{stamp[:4]}{stamp[10:]}"),
    "a month's name": ("%d-%b-%y %H:%M", lambda stamp: f"{stamp[8:10]}-OCT-18{stamp[10:16]}"),
}


@pytest.mark.parametrize("dates", ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S"])
@pytest.mark.parametrize("year", ["2090", "9999"])
def test_a_stamp_still_to_come_does_not_hide_what_is_stamped_now(year: str, dates: str, tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_INSTANT.replace("%Y-%m-%d %H:%M:%S", dates))
    write = FORMATS["day first" if dates.startswith("%d") else "year first"][1]
    for number, stamp in ((1, "2018-10-27 10:00:00"), (3, "2018-10-27 19:00:00"), (8, f"{year}-10-01 00:00:00")):
        visits.put(number, "TEST ROAD", number, write(stamp))
    visits.sql("DELETE FROM visit WHERE NO = 2")
    mark = visits.adapter.watermark()
    assert '"2018-10-27T18:00:00Z"' in mark
    visits.put(9, "9 TEST ROAD", 9, write("2018-10-27 19:30:00"))
    assert set(visits.since(mark)) == {("3", "MON"), ("8", "MON"), ("9", "MON")}


def test_many_stamps_still_to_come_do_not_hide_it_either(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_INSTANT)
    visits.sql(
        "WITH RECURSIVE n(i) AS (VALUES (10) UNION ALL SELECT i + 1 FROM n WHERE i < 300) "
        "INSERT INTO visit SELECT i, 'MON', 'WRONG CLOCK', 1, '2090-01-01 00:00:00', '' FROM n"
    )
    assert '"2018-10-27T18:00:00Z"' in visits.adapter.watermark()


@pytest.mark.parametrize(("dates", "write"), FORMATS.values(), ids=FORMATS)
def test_instants_are_told_whatever_their_format(dates: str, write: Callable[[str], str], tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_INSTANT.replace("%Y-%m-%d %H:%M:%S", dates))
    for number, stamp in ((1, "2018-10-27 10:00:00"), (2, "2018-10-27 15:00:00"), (3, "2018-10-27 19:00:00")):
        visits.sql(f"UPDATE visit SET UPDATED = '{write(stamp)}' WHERE NO = {number}")
    mark = visits.adapter.watermark()
    for number, stamp in ((7, "2018-10-27 17:00:00"), (8, "2018-10-27 16:58:00"), (9, "2018-10-28 01:00:00")):
        visits.sql(f"INSERT INTO visit VALUES ({number}, 'MON', 'X', 0, '{write(stamp)}', '')")
    assert set(visits.since(mark)) == {("3", "MON"), ("7", "MON"), ("9", "MON")}


def test_a_column_of_days_is_read_again_from_the_day_before(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_INSTANT.replace("%Y-%m-%d %H:%M:%S", "%Y-%m-%d"))
    visits.sql("UPDATE visit SET UPDATED = '2018-10-2' || (4 + NO)")
    mark = visits.adapter.watermark()
    visits.put(9, "SAME DAY", 9, "2018-10-27")
    assert set(visits.since(mark)) == {("2", "MON"), ("3", "MON"), ("9", "MON")}


@pytest.mark.parametrize(
    ("before", "after", "seen"),
    [
        pytest.param("2018-10-28 01:59:59", "2018-10-28 01:00:00", True, id="the clock went back an hour"),
        pytest.param("2018-10-28 01:59:59", "2018-10-28 00:00:00", True, id="and the row was an hour late besides"),
        pytest.param("2018-10-28 01:30:00", "2018-10-28 01:30:00", True, id="the same clock time, an hour on"),
        pytest.param("2018-10-28 02:30:00", "2018-10-28 01:30:00", True, id="committed an hour late, after it"),
        pytest.param("2018-03-25 02:30:00", "2018-03-25 00:40:00", True, id="the hour that is skipped in March"),
        pytest.param("2018-10-28 06:00:00", "2018-10-28 01:59:00", False, id="long before"),
    ],
)
def test_the_hour_that_happens_twice_hides_nothing(before: str, after: str, seen: bool, tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_INSTANT)
    visits.sql(
        "UPDATE visit SET UPDATED = '2018-03-01 00:00:00'", f"UPDATE visit SET UPDATED = '{before}' WHERE NO = 1"
    )
    mark = visits.adapter.watermark()
    visits.put(9, "9 TEST ROAD", 9, after)
    assert (("9", "MON") in visits.since(mark)) is seen


def test_an_empty_source_is_told_from_its_start(visits: Visits) -> None:
    visits.sql("DELETE FROM visit", "DELETE FROM change")
    mark = visits.adapter.watermark()
    visits.put(1, "1 TEST ROAD", 5, "1990-01-01 00:00:00")
    visits.put(2, "2 TEST ROAD", 4, "2018-01-01 00:00:00")
    assert set(visits.since(mark)) == {("1", "MON"), ("2", "MON")}


# keys as they are written ----------------------------------------------------------------------------------------


def test_keys_are_told_as_records_have_them(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE)
    mark = visits.adapter.watermark()
    visits.sql(
        "DROP TABLE change",
        "CREATE TABLE change (SEQ INTEGER PRIMARY KEY, NO TEXT, DAY TEXT, OP TEXT)",
        "INSERT INTO change VALUES (3, '3', 'MON', 'U'), (4, '1', 'MON', 'U'), (5, '77', 'MON', 'D')",
        "INSERT INTO change VALUES (6, NULL, 'MON', 'U'), (7, ' ', 'MON', 'U'), (8, CAST(X'E9' AS TEXT), 'MON', 'U')",
    )
    visits.adapter.watermark()
    found = visits.since(mark.replace('"at":3', '"at":null').replace('"at": 3', '"at":null'))
    assert set(found) == {("1", "MON"), ("3", "MON"), ("77", "MON")}, "a key that is blank in part names no record"
    assert found["1", "MON"] == whole(visits.adapter)["1", "MON"] and found["77", "MON"] is None


def test_a_change_table_may_name_the_key_otherwise_and_have_columns_of_its_own(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE + 'on = ["VISIT", "ON_DAY"]\nignore = ["BY_WHOM"]\n')
    visits.sql(
        "DROP TABLE change",
        "CREATE TABLE change (SEQ INTEGER PRIMARY KEY, BY_WHOM TEXT, ON_DAY TEXT, VISIT INTEGER, OP TEXT)",
    )
    mark = visits.adapter.watermark()
    visits.sql("INSERT INTO change VALUES (1, 'C1042', 'MON', 2, 'U'), (2, 'C1042', 'MON', 9, 'D')")
    assert visits.since(mark) == {("2", "MON"): whole(visits.adapter)["2", "MON"], ("9", "MON"): None}
    between = visits.adapter.watermark()
    visits.sql("UPDATE change SET BY_WHOM = 'CORRECTED'")
    assert visits.since(between) == {("9", "MON"): None}, "a column that is ignored is no part of an entry"


def test_keys_that_are_alike_to_the_column_alone_are_told_apart(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE)
    visits.sql(
        "DROP TABLE visit",
        "CREATE TABLE visit (NO INTEGER, DAY TEXT COLLATE NOCASE, PLACE TEXT, VERSION INTEGER, UPDATED TEXT, GONE TEXT)",
        "INSERT INTO visit VALUES (1, 'mon', 'SMALL', 1, '', ''), (1, 'MON', 'LARGE', 1, '', ''), (2, 'mon', 'X', 1, '', '')",
    )
    mark = visits.adapter.watermark()
    visits.sql("INSERT INTO change VALUES (10, 1, 'MON', 'U'), (11, 2, 'MON', 'D')")
    found, rows = visits.since(mark), whole(visits.adapter)
    assert found["1", "MON"] == rows["1", "MON"]
    assert found["2", "MON"] is None


def test_of_a_key_that_stands_twice_the_row_is_told_that_a_whole_reading_gives_first(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE)
    mark = visits.adapter.watermark()
    visits.sql(
        "INSERT INTO visit VALUES (1, 'MON', 'SECOND', 1, '', '')",
        "UPDATE info SET VISITS = '4'",
        "INSERT INTO change VALUES (10, 1, 'MON', 'U')",
    )
    first = next(row.values for row in visits.adapter.rows() if row.values["NO"] == "1")
    assert visits.since(mark)["1", "MON"] == first


def test_bytes_that_are_no_text_are_a_fault_of_their_row_as_in_a_whole_reading(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE)
    mark = visits.adapter.watermark()
    visits.sql(
        "UPDATE visit SET PLACE = CAST(X'466FE9' AS TEXT) WHERE NO = 2",
        "UPDATE person SET NAME = CAST(X'E9' AS TEXT) WHERE NO = 1 AND SEQ = 2",
        "INSERT INTO change VALUES (10, 1, 'MON', 'U'), (11, 2, 'MON', 'U')",
    )
    found = {change.key: change.row for change in visits.adapter.changes(mark)}
    parents = {row.values["NO"]: row for row in visits.adapter.rows() if row.where.startswith("visit")}
    assert found["1", "MON"] == parents["1"] and found["2", "MON"] == parents["2"]
    assert found["2", "MON"] is not None and found["2", "MON"].fault is not None


# one clear sentence ----------------------------------------------------------------------------------------------


def refused(adapter: MappedAdapter, mark: str) -> str:
    with pytest.raises(SourceUnavailable) as caught:
        list(adapter.changes(mark))
    assert caught.value.message.startswith("visits: ") and len(caught.value.message.splitlines()) == 1
    return caught.value.message


def test_a_source_restored_from_a_backup_says_so(visits: Visits) -> None:
    backup = visits.path.read_bytes()
    visits.put(4, "4 TEST ROAD", 100, "2018-10-28 12:00:00")
    mark = visits.adapter.watermark()
    visits.path.write_bytes(backup)
    assert "restored from a backup? Build again." in refused(visits.adapter, mark)


@pytest.mark.parametrize("section", [BY_NUMBER + "overlap = 5\n", BY_INSTANT], ids=["a number", "an instant"])
def test_the_newest_row_deleted_is_no_restored_backup_within_the_overlap(section: str, tmp_path: Path) -> None:
    visits = Visits(tmp_path, section)
    visits.put(4, "4 TEST ROAD", 8, "2018-10-27 20:59:00")
    mark = visits.adapter.watermark()
    visits.remove(4, 200)
    assert ("3", "MON") in visits.since(mark)


def test_a_restored_source_that_grew_past_the_watermark_again_says_so(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE)
    backup = visits.path.read_bytes()
    visits.put(4, "4 TEST ROAD", 4, None)
    mark = visits.adapter.watermark()
    visits.path.write_bytes(backup)
    for number in (5, 6):
        visits.put(number, "ANOTHER", number - 1, None)
    assert "entry 4) lies ahead of table change: was it restored" in refused(visits.adapter, mark)


def test_a_change_table_that_lost_what_was_read_last_says_so_and_older_entries_may_go(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE)
    mark = visits.adapter.watermark()
    visits.put(4, "4 TEST ROAD", 4, None)
    visits.sql("DELETE FROM change WHERE SEQ < 3")
    assert ("4", "MON") in visits.since(mark)
    visits.sql("DELETE FROM change WHERE SEQ < 4")
    assert "table change has lost entry 3" in refused(visits.adapter, mark)


@pytest.mark.parametrize(
    ("taken", "seen"),
    [
        pytest.param("2018-10-27 20:00:00", True, id="the same"),
        pytest.param("2018-10-28 20:00:00", True, id="later"),
        pytest.param("2018-10-27 19:00:00", True, id="an hour earlier: the clock may have gone back"),
        pytest.param("2018-10-26 20:00:00", False, id="a day earlier"),
    ],
)
def test_an_extract_that_was_taken_before_the_last_one_says_so(taken: str, seen: bool, visits: Visits) -> None:
    mark = visits.adapter.watermark()
    visits.sql(f"UPDATE info SET TAKEN = '{taken}'")
    if seen:
        assert visits.since(mark)
    else:
        assert "says it was taken at 2018-10-26T19:00:00Z" in refused(visits.adapter, mark)


@pytest.mark.parametrize(
    ("section", "taken", "seen"),
    [
        pytest.param(BY_TABLE, "2018-10-27 20:00:00", True, id="a change table is known again by its entry"),
        pytest.param(BY_NUMBER, "2018-10-27 20:00:00", False, id="a number, taken at the same time"),
        pytest.param(BY_INSTANT, "2018-10-27 20:00:00", False, id="an instant, taken at the same time"),
        pytest.param(BY_NUMBER, "2018-10-27 20:00:01", True, id="a number, taken later"),
        pytest.param(BY_INSTANT, "2018-10-27 20:00:01", True, id="an instant, taken later"),
    ],
)
def test_another_file_in_its_place_must_be_a_later_one(section: str, taken: str, seen: bool, tmp_path: Path) -> None:
    visits = Visits(tmp_path, section)
    mark = visits.adapter.watermark()
    visits.sql(f"UPDATE info SET TAKEN = '{taken}'")
    shutil.copyfile(visits.path, tmp_path / "other.sqlite")
    (tmp_path / "other.sqlite").replace(visits.path)
    if seen:
        assert ("3", "MON") in visits.since(mark)
    else:
        assert "visits.sqlite is another file than the one last read" in refused(visits.adapter, mark)


@pytest.mark.parametrize(
    "mark",
    ["", "{", "3", "[]", '{"way":1}', '{"way":"table change","at":"soon"}', '{"way":"table change","at":[3]}', "\x00"],
)
def test_what_is_no_watermark_is_said(mark: str, visits: Visits) -> None:
    assert "build again" in refused(visits.adapter, mark)


def test_a_watermark_of_another_way_is_said(visits: Visits, tmp_path: Path) -> None:
    mark = visits.adapter.watermark()
    others = [section for section in WAYS.values() if section not in (tmp_path / "mapping.toml").read_text()]
    for number, section in enumerate(others):
        folder = tmp_path / str(number)
        folder.mkdir()
        assert "its watermark is of" in refused(Visits(folder, section).adapter, mark)


@pytest.mark.parametrize(
    ("section", "at"),
    [
        pytest.param(BY_TABLE, '"at":999999', id="a change table"),
        pytest.param(BY_NUMBER, '"at":999999', id="a number"),
        pytest.param(BY_INSTANT, '"at":"2199-01-01T00:00:00Z"', id="an instant"),
    ],
)
def test_a_watermark_from_the_future_is_said(section: str, at: str, tmp_path: Path) -> None:
    visits = Visits(tmp_path, section)
    mark = visits.adapter.watermark()
    start = mark.index('"at":')
    assert "lies ahead of" in refused(visits.adapter, mark[:start] + at + mark[mark.index(',"entry"') :])


@pytest.mark.parametrize(
    ("section", "statement", "says"),
    [
        pytest.param(BY_NUMBER, "UPDATE visit SET VERSION = 'v3'", "'v3', which is no number", id="no number"),
        pytest.param(BY_INSTANT, "UPDATE visit SET UPDATED = '1/2/18'", "no date written as", id="no date"),
        pytest.param(
            BY_TABLE.replace("SEQ", "OP").replace('operation = "OP"\ndeletes = ["D"]', 'ignore = ["SEQ"]'),
            "UPDATE visit SET GONE = ''",
            "no whole number",
            id="no order",
        ),
    ],
)
def test_a_column_that_tells_nothing_is_said(section: str, statement: str, says: str, tmp_path: Path) -> None:
    visits = Visits(tmp_path, section)
    visits.sql(statement)
    with pytest.raises(SourceUnavailable, match=says):
        visits.adapter.watermark()


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        pytest.param("ALTER TABLE visit ADD COLUMN EXTRA TEXT", "EXTRA", id="a column more"),
        pytest.param("ALTER TABLE person DROP COLUMN NAME", "NAME", id="a column of a child table less"),
        pytest.param("ALTER TABLE change ADD COLUMN BY_WHOM TEXT", "BY_WHOM", id="a column of the change table more"),
        pytest.param("ALTER TABLE change DROP COLUMN OP", "OP", id="a column of the change table less"),
        pytest.param("ALTER TABLE info ADD COLUMN SITE TEXT", "SITE", id="a column of the header more"),
        pytest.param("CREATE TABLE vehicle (X TEXT)", "vehicle is new", id="a table more"),
        pytest.param("DROP TABLE change", "change is missing", id="the change table gone"),
    ],
)
def test_a_changed_system_stops_within_the_day_as_at_night(statement: str, says: str, tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE)
    mark = visits.adapter.watermark()
    visits.sql(statement)
    for attempt in (
        lambda: list(visits.adapter.changes(mark)),
        visits.adapter.watermark,
        lambda: next(visits.adapter.rows()),
    ):
        with pytest.raises(SchemaDrift, match=says):
            attempt()


def test_a_count_that_lags_behind_stops_no_sync(visits: Visits) -> None:
    mark = visits.adapter.watermark()
    visits.put(4, "4 TEST ROAD", 10, "2018-10-27 21:00:00")
    visits.sql("UPDATE info SET VISITS = '3'")
    assert ("4", "MON") in visits.since(mark)


def test_a_database_that_is_gone_or_damaged_is_said(visits: Visits) -> None:
    mark = visits.adapter.watermark()
    visits.path.write_bytes(b"no database at all, and long enough to be looked at as one" * 20)
    assert "cannot be read" in refused(visits.adapter, mark)
    visits.path.unlink()
    assert "is missing" in refused(visits.adapter, mark)


def test_a_source_without_the_section_waits_for_the_night(tmp_path: Path) -> None:
    visits = Visits(tmp_path, "")
    assert isinstance(visits.adapter, TracksChanges)
    assert (visits.adapter.watermark(), visits.adapter.tells_deletions) == ("", False)
    assert "read every night" in refused(visits.adapter, "")


@pytest.mark.parametrize("make", [tiny.people, tiny.reports, tiny.stays, tiny.lines])
def test_a_reader_that_cannot_tell_changes_refuses_the_section(
    make: Callable[[Path], MappedAdapter], tmp_path: Path
) -> None:
    assert make(tmp_path).watermark() == ""
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(mapping.read_text() + BY_NUMBER, encoding="utf-8")
    with pytest.raises(
        ConfigError, match=r"cannot tell what changed; leave \[changes\] out, it is read every night"
    ) as caught:
        load_adapter(mapping)
    assert len(caught.value.problems) == 1


@pytest.mark.parametrize(
    ("section", "says"),
    [
        pytest.param("[changes]\n", "either 'column'", id="neither way"),
        pytest.param(BY_NUMBER + 'table = "change"\norder = "SEQ"\n', "either 'column'", id="both ways"),
        pytest.param(BY_NUMBER + 'order = "SEQ"\n', "'order' belongs to 'table'", id="half of the other"),
        pytest.param(BY_TABLE + 'dates = ["%Y"]\n', "'dates' belongs to 'column'", id="dates of a table"),
        pytest.param('[changes]\ntable = "change"\n', "needs 'order'", id="no order"),
        pytest.param(BY_TABLE.replace('deletes = ["D"]\n', ""), "stand together", id="an operation and no deletes"),
        pytest.param(BY_NUMBER + 'overlap = "2h"\n', "without 'dates'", id="a span of numbers"),
        pytest.param(BY_NUMBER + "overlap = -1\n", "without 'dates'", id="less than nothing"),
        pytest.param(BY_INSTANT + "overlap = 2\n", "with 'dates' write a span", id="a number of instants"),
        pytest.param(BY_INSTANT + 'overlap = "2 hours"\n', "with 'dates' write a span", id="a span in words"),
        pytest.param(BY_INSTANT.replace("%M", "%Q"), "date format", id="a format that is none"),
        pytest.param(BY_NUMBER + "colum = 1\n", "did you mean 'column'", id="an unknown word"),
    ],
)
def test_a_mistake_in_the_section_is_said(section: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        tiny.adapter(tmp_path, MAPPING + section)
    assert says in caught.value.message


# reading beside a system at work ---------------------------------------------------------------------------------


def test_whoever_takes_long_over_a_change_keeps_nobody_from_writing(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE)
    mark = visits.adapter.watermark()
    visits.sql(*(f"INSERT INTO change VALUES ({number}, {number}, 'MON', 'U')" for number in range(10, 400)))
    changes = visits.adapter.changes(mark)
    next(changes)
    database = sqlite3.connect(visits.path, timeout=0)
    database.execute("INSERT INTO visit VALUES (399, 'MON', 'WRITTEN MEANWHILE', 1, '', '')")
    database.commit()
    database.close()
    assert {change.key: change.row for change in changes}["399", "MON"] is not None


def test_a_database_that_somebody_does_not_let_go_of_is_said(visits: Visits, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.readers.sqlite_tables.PATIENCE", 0.1)
    mark = visits.adapter.watermark()
    database = sqlite3.connect(visits.path, isolation_level=None)
    database.execute("BEGIN EXCLUSIVE")
    assert "is being written to, and was not let go of for 0.1 seconds; ask again" in refused(visits.adapter, mark)
    database.execute("ROLLBACK")
    database.close()
    assert visits.since(mark)


def test_another_process_can_be_given_the_adapter(visits: Visits) -> None:
    again: MappedAdapter = pickle.loads(pickle.dumps(visits.adapter))  # noqa: S301 - our own
    assert again.watermark() == visits.adapter.watermark()


def test_a_source_is_never_written_to(visits: Visits) -> None:
    before = visits.path.read_bytes()
    visits.since(visits.adapter.watermark())
    assert visits.path.read_bytes() == before
    assert {path.name for path in visits.folder.iterdir()} == {"visits.sqlite", "mapping.toml"}


def test_what_is_written_ahead_of_the_database_changes_the_stamp_of_the_source(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE)
    visits.sql("PRAGMA journal_mode = WAL")
    before = visits.adapter.stamp()
    database = sqlite3.connect(visits.path)
    database.execute("UPDATE visit SET PLACE = 'X'")
    database.commit()
    assert visits.adapter.stamp() != before
    assert next(visits.adapter.rows()).values["PLACE"] == "X"
    database.close()


def test_a_row_is_looked_up_without_going_through_the_whole_table(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE)
    visits.sql(
        "WITH RECURSIVE n(i) AS (VALUES (10) UNION ALL SELECT i + 1 FROM n WHERE i < 20000) "
        "INSERT INTO visit SELECT i, 'MON', 'TEST ROAD', 1, '', '' FROM n",
        "INSERT INTO person SELECT NO, DAY, 1, 'SOMEBODY' FROM visit WHERE NO >= 10",
        "UPDATE info SET VISITS = (SELECT count(*) FROM visit)",
    )
    mark = visits.adapter.watermark()
    visits.sql("INSERT INTO change VALUES (10, 15000, 'MON', 'U')")
    spent = []
    readings: list[Callable[[], int]] = [lambda: len(visits.since(mark)), lambda: len(list(visits.adapter.rows()))]
    for reading in readings:
        start = time.process_time()
        reading()
        spent.append(time.process_time() - start)
    assert spent[0] < spent[1] / 10


# the incident system of the committed set ------------------------------------------------------------------------


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    return shutil.copytree(SMALL, tmp_path / "set", ignore=shutil.ignore_patterns("state"))


KEY = "LOG_NO = '1388' AND LOG_DATE = '2018-11-12'"
CHILDREN = ("log_person", "log_text", "log_grade", "log_code", "log_link")


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(f"UPDATE log SET GRADE = 'P1' WHERE {KEY}", id="a log changed"),
        pytest.param(f"DELETE FROM log_text WHERE {KEY} AND SEQ = 3", id="a line of text gone"),
        pytest.param(
            f"INSERT INTO log_text SELECT LOG_NO, LOG_DATE, 9, AT, 'C1', 'MORE' FROM log_text WHERE {KEY}", id="lines"
        ),
        pytest.param(f"UPDATE log_person SET NAME = 'G REED' WHERE {KEY}", id="people renamed"),
        pytest.param(f"UPDATE log_grade SET GRADE = 'P1' WHERE {KEY}", id="a grade"),
        pytest.param(f"UPDATE log_code SET CODE = '220' WHERE {KEY}", id="a code"),
        pytest.param("UPDATE log_link SET LINKED = '1/010118'", id="every link"),
        pytest.param(
            f"UPDATE log_text SET LOG_NO = '1340', LOG_DATE = '2018-11-16' WHERE {KEY}", id="lines moved to another"
        ),
        pytest.param(
            "INSERT INTO log (LOG_NO, LOG_DATE, OPENED, OPEN_CODE, GRADE) VALUES ('7', '2018-11-18', '18/11/2018 01:00:00', "
            "'210', 'P1')",
            id="a log more",
        ),
        pytest.param(
            f"DELETE FROM log WHERE {KEY}; " + "; ".join(f"DELETE FROM {table} WHERE {KEY}" for table in CHILDREN),
            id="a log gone",
        ),
        pytest.param(
            "; ".join(f"UPDATE {table} SET LOG_NO = '8888' WHERE {KEY}" for table in ("log", *CHILDREN)),
            id="a log under another number",
        ),
        pytest.param("UPDATE log SET GRADE = 'P2'", id="every log"),
    ],
)
def test_whatever_is_done_to_a_log_is_told(statement: str, logs: Path) -> None:
    adapter = load_adapter(logs / "sources" / "incidents.toml")
    before, mark = whole(adapter), adapter.watermark()
    database = sqlite3.connect(logs / "incidents.sqlite")
    database.executescript(f"BEGIN; {statement}; UPDATE extract_info SET LOGS = (SELECT count(*) FROM log); COMMIT")
    database.close()
    after, found = whole(adapter), told(adapter, mark)
    differing = {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}
    assert differing and differing <= found.keys()
    assert all(found[key] == after.get(key) for key in found)
    assert adapter.tells_deletions


# any order of things ---------------------------------------------------------------------------------------------


class Held:
    """What somebody holds who took the whole source in once, and after that what was said to have changed."""

    def __init__(self, adapter: MappedAdapter) -> None:
        self.adapter, self.mark = adapter, adapter.watermark()
        self.rows: dict[Key, Row] = dict(whole(adapter))

    def sync(self) -> None:
        """Take in what changed, and see that nothing else is held than a whole reading gives."""
        mark = self.adapter.watermark()
        for change in self.adapter.changes(self.mark):
            if change.row is None:
                self.rows.pop(change.key, None)
            else:
                self.rows[change.key] = change.row.values
        self.mark = mark
        assert self.rows == whole(self.adapter)


# Late commits between questions are what could be missed, so they come oftener than the rest.
KINDS = ["put", "remove", "child", "wait", "begin", "begin", "put", "sync", "sync", "commit"]
ACTS = st.lists(st.tuples(st.sampled_from(KINDS), st.integers(1, 5)), min_size=10, max_size=40)
CAREFUL = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@given(ACTS)
@CAREFUL
def test_with_a_change_table_no_order_of_changes_commits_and_questions_misses_a_row(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]]
) -> None:
    visits = Visits(tmp_path_factory.mktemp("any"), BY_TABLE + "overlap = 40\n")
    held, number, begun = Held(visits.adapter), 10, []
    for act, which in [*acts, *[("commit", 1)] * 30, ("sync", 1)]:
        number += 1
        if act == "put":
            visits.put(which, f"PLACE {number}", number, None)
        elif act == "remove":
            visits.remove(which, number)
        elif act == "child":
            visits.sql(
                f"INSERT INTO person SELECT NO, DAY, {number}, 'N{number}' FROM visit WHERE NO = {which}",
                f"INSERT INTO change VALUES ({number}, {which}, 'MON', 'U')",
            )
        elif act == "begin":
            begun.append((which, number))  # its number is taken now, and it is committed after others with a higher one
        elif act == "commit" and begun:
            visits.put(begun[0][0], f"LATE {number}", begun.pop(0)[1], None)
        elif act == "sync":
            held.sync()


@given(ACTS)
@CAREFUL
def test_with_instants_no_order_of_changes_commits_and_questions_misses_a_row(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int]]
) -> None:
    visits = Visits(tmp_path_factory.mktemp("any"), BY_INSTANT + DELETED)
    held, begun = Held(visits.adapter), list[tuple[int, datetime]]()
    clock = datetime(2018, 10, 27, 23, 30, tzinfo=UTC)  # half past midnight of the night on which the clocks go back
    for number, (act, which) in enumerate([*acts, *[("commit", 1)] * 30, ("sync", 1)], 10):
        clock += timedelta(minutes=20 * which if act == "wait" else 1)
        while begun and clock - begun[0][1] > timedelta(minutes=55):
            _put_late(visits, *begun.pop(0), number)
        if act in ("put", "child"):
            visits.put(which, f"PLACE {number}", 100 + number, _local(clock))
        elif act == "remove":
            visits.sql(f"UPDATE visit SET GONE = 'Y', UPDATED = '{_local(clock)}' WHERE NO = {which}")
        elif act == "begin":
            begun.append((which, clock))
        elif act == "commit" and begun:
            _put_late(visits, *begun.pop(0), number)
        elif act == "sync":
            held.sync()


def _put_late(visits: Visits, which: int, stamped: datetime, number: int) -> None:
    """Commit a visit that was stamped before, under a number of its own so that it undoes no later one."""
    visits.put(which + 100 + number, f"LATE {number}", 1000 + number, _local(stamped))


def _local(instant: datetime) -> str:
    return instant.astimezone(LOCAL).strftime("%Y-%m-%d %H:%M:%S")


def test_without_an_overlap_the_same_late_commit_is_missed(tmp_path: Path) -> None:
    visits = Visits(tmp_path, BY_TABLE)
    held = Held(visits.adapter)
    visits.put(4, "4 TEST ROAD", 12, None)
    held.sync()
    visits.put(5, "LATE", 11, None)
    with pytest.raises(AssertionError):
        held.sync()
