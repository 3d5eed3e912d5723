"""Tiny sources of every format, written into a temporary folder, for the tests of readers and mappings."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from adapters.base import Adapter
from adapters.checks import Tally, check_ratio, read, tally_for
from adapters.mapping import MappedAdapter
from adapters.registry import load_adapter
from discoverer.model import Record, Reject

PEOPLE = """
[source]
name = "people"
kind = "delimited"
path = "people.csv"
encoding = "{encoding}"
key = ["ID"]
[children.phone]
file = "phones.csv"
[fields]
name = "NAME"
dob = "DOB"
[[phone]]
each = "phone"
text = "NUMBER"
"""

LOGS = """
[source]
name = "logs"
kind = "sqlite"
path = "logs.sqlite"
table = "log"
key = ["NO", "DAY"]
[header]
table = "info"
taken = { column = "TAKEN", dates = ["%Y-%m-%d %H:%M:%S"] }
count = "LOGS"
[children.person]
table = "person"
order = ["SEQ"]
[[person]]
each = "person"
name = "NAME"
[[location]]
text = "PLACE"
"""

REPORTS = """
[source]
name = "reports"
kind = "xml"
path = "reports"
row = "report"
key = ["@urn"]
[header]
taken = { column = "@taken", dates = ["%Y-%m-%dT%H:%M:%S"] }
count = "@reports"
[children.subject]
element = "subject"
optional = ["aka"]
[[person]]
each = "subject"
name = { join = ["forenames", "surname"] }
alias = "aka"
[[text]]
text = "body"
[[code]]
codeset = "source"
code = "grade/@source"
"""

STAYS = """
[source]
name = "stays"
kind = "fixed"
path = "stays.txt"
encoding = "cp1252"
key = ["no"]
type = "CR"
[source.layout]
no = [3, 6]
name = [7, 16]
[header]
type = "HD"
layout = { taken = [3, 16] }
taken = { column = "taken", dates = ["%Y%m%d%H%M%S"] }
[trailer]
type = "TR"
layout = { CR = [3, 6], BC = [7, 10] }
counts = { CR = "CR", BC = "BC" }
[children.bail]
type = "BC"
layout = { no = [3, 6], condition = [7, 7], text = [8, 16] }
[[person]]
name = "name"
[[order]]
kind = { const = "bail" }
conditions = { each = "bail", group = "condition", text = "text" }
"""

LINES = """
[source]
name = "outside"
kind = "jsonl"
path = "records.jsonl"
key = ["id"]
[fields]
name = "names"
dob = "dob"
address = "addresses"
phone = "phones"
"""


def adapter(folder: Path, mapping: str) -> MappedAdapter:
    """Write a mapping beside its source and load it."""
    path = folder / "mapping.toml"
    path.write_text(mapping, encoding="utf-8")
    return load_adapter(path)


def read_all(source: Adapter) -> tuple[list[Record], list[Reject], Tally]:
    """Read a source to its end."""
    tally = tally_for(source)
    found = list(read(source, tally))
    records = [item for item in found if isinstance(item, Record)]
    return records, [item for item in found if isinstance(item, Reject)], tally


def believed(source: Adapter) -> list[Record]:
    """Read a source to its end and hold it against its checks."""
    records, _rejects, tally = read_all(source)
    check_ratio(source, tally)
    return records


def people(
    folder: Path,
    parents: str | bytes = "ID,NAME,DOB\r\n1,Shabana Bibi,03/07/1989\r\n2,Asif Khan,\r\n",
    phones: str | bytes = "ID,NUMBER\r\n2,07700900655\r\n1,07700900417\r\n1,07700900418\r\n",
    encoding: str = "utf-8",
) -> MappedAdapter:
    """Write two delimited files; the child file is in another order than its parents."""
    for name, text in (("people.csv", parents), ("phones.csv", phones)):
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return adapter(folder, PEOPLE.format(encoding=encoding))


def logs(folder: Path, *statements: str, said: str = "2") -> MappedAdapter:
    """Write a database of two logs and three people, then run more statements on it."""
    path = folder / "logs.sqlite"
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        database.executescript(
            f"""
            CREATE TABLE info (TAKEN TEXT, LOGS TEXT);
            INSERT INTO info VALUES ('2014-11-16 02:00:00', '{said}');
            CREATE TABLE log (NO TEXT, DAY TEXT, PLACE TEXT);
            INSERT INTO log VALUES ('9', '2014-09-14', 'O/S SHELL GARAGE'), ('10', '2014-09-14', '14 HILLAIRES TEST RD');
            CREATE TABLE person (NO TEXT, DAY TEXT, SEQ INTEGER, NAME TEXT);
            INSERT INTO person VALUES ('10', '2014-09-14', 2, 'ASIF'), ('10', '2014-09-14', 1, 'SHABS'),
                ('9', '2014-09-14', 1, 'NEIGHBOUR');
            """
        )
        for statement in statements:
            database.execute(statement)
    database.close()
    return adapter(folder, LOGS)


REPORT = (
    '<report urn="{urn}"><body>Asif KHAN known as ASI</body><grade source="B"/>'
    "<subject><surname>KHAN</surname><forenames>Asif</forenames></subject></report>"
)


def reports(folder: Path, *bodies: str, said: int | None = None, head: str = "", more: str = "") -> MappedAdapter:
    """Write a folder with one file of reports."""
    (folder / "reports").mkdir(exist_ok=True)
    inner = "".join(bodies or (REPORT.format(urn="INT/1"), REPORT.format(urn="INT/2")))
    count = inner.count("<report ") if said is None else said
    text = f'{head}<extract taken="2014-11-15T23:40:00" reports="{count}"{more}>{inner}</extract>'
    (folder / "reports" / "2014-08.xml").write_text(text, encoding="utf-8")
    return adapter(folder, REPORTS)


STAY_LINES = (
    "HD20141116010000",
    "CR1   ASIF KHAN ",
    "BC1   1NOT TO   ",
    "BC1   1CONTACT  ",
    "BC1   2CURFEW   ",
    "CR2   JOSÉ      ",
    "TR2   3   ",
)


def stays(
    folder: Path, lines: Sequence[str] = STAY_LINES, mapping: str = STAYS, encoding: str = "cp1252"
) -> MappedAdapter:
    """Write a fixed-width extract."""
    (folder / "stays.txt").write_bytes("".join(f"{line}\r\n" for line in lines).encode(encoding))
    return adapter(folder, mapping)


SHABANA: Mapping[str, Any] = {
    "id": "1",
    "names": ["Shabana Bibi", "Shabs"],
    "dob": "1989-07-03",
    "addresses": ["14 Hillaires Test Road"],
    "phones": ["07700900417"],
}


def lines(folder: Path, *rows: Mapping[str, Any] | str, mapping: str = LINES) -> MappedAdapter:
    """Write JSON lines; a text stands as it is."""
    text = "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows or (SHABANA,))
    (folder / "records.jsonl").write_text(text, encoding="utf-8")
    return adapter(folder, mapping)
