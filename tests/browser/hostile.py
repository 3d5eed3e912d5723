"""A copy of the small set with markup and script in every field of every source: one field a record, each in its turn."""

from __future__ import annotations

import csv
import re
import shutil
import sqlite3
import tomllib
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree  # what is read here was written by our own generator

from tests.browser.conftest import SMALL
from tests.tiny_index import WIDE_BOUNDS

MARK = "evil.test"
"""Stands in everything hostile, so that a page tells whether it shows any."""
ATTACK = f"\"'><script>alert(1)</script><img src=//{MARK}/x onerror=alert(2)>"
ENCODING = "cp1252"


def write(folder: Path) -> Path:
    """Copy the small set, make it hostile, and return its settings file; rows that are refused stop no source."""
    shutil.copytree(SMALL, folder, ignore=shutil.ignore_patterns("state*"))
    _database(folder / "incidents.sqlite")
    _delimited(sorted((folder / "domestic_abuse").glob("*.csv")))
    for path in sorted((folder / "intelligence").glob("*.xml")):
        _xml(path)
    _fixed(folder / "custody.txt", folder / "sources" / "custody.toml")
    for mapping in (folder / "sources").glob("*.toml"):
        text = re.sub(r"(?m)^max_\w+ *=.*$", "", mapping.read_text(encoding="utf-8"))
        head = "" if "[checks]" in text else "\n[checks]"
        text = f"{text}{head}\nmax_rejects = 0.9\n" if head else text.replace("[checks]", "[checks]\nmax_rejects = 0.9")
        mapping.write_text(text, encoding="utf-8")
    config = folder / "discoverer.toml"
    config.write_text(f'{config.read_text(encoding="utf-8")}bounds = "{WIDE_BOUNDS}"\n', encoding="utf-8")
    return config


def _database(path: Path) -> None:
    """Spoil one column of one table a log, the keys aside: their rows would be nobody's."""
    with sqlite3.connect(path) as base:
        tables = [name for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        fields = [
            (table, row[1])
            for table in tables
            if table.startswith("log") and table != "log_change"
            for row in base.execute(f"PRAGMA table_info({table})")
            if row[1] not in ("LOG_NO", "LOG_DATE", "SEQ")
        ]
        for number, key in enumerate(base.execute("SELECT LOG_NO, LOG_DATE FROM log ORDER BY rowid").fetchall()):
            table, column = fields[number % len(fields)]
            changed = f"UPDATE {table} SET {column} = coalesce({column}, '') || ? WHERE LOG_NO = ? AND LOG_DATE = ?"
            base.execute(changed, (ATTACK, *key))
    base.close()


def _delimited(paths: Sequence[Path]) -> None:
    """Spoil one column of one file a form, the reference and the order aside."""
    tables = {}
    for path in paths:
        with path.open(encoding=ENCODING, newline="") as file:
            tables[path] = list(csv.reader(file, delimiter=";"))
    fields = [
        (path, place)
        for path, (head, *_) in tables.items()
        for place, name in enumerate(head)
        if name not in ("DASH_REF", "SEQ")
    ]
    keys = sorted({row[0] for _, *rows in tables.values() for row in rows})
    spoilt = {key: fields[number % len(fields)] for number, key in enumerate(keys)}
    for path, (_, *rows) in tables.items():
        for row in rows:
            at, place = spoilt[row[0]]
            if at == path:
                row[place] += ATTACK
        with path.open("w", encoding=ENCODING, newline="") as file:
            csv.writer(file, delimiter=";").writerows(tables[path])


def _xml(path: Path) -> None:
    """Spoil one element or attribute a report."""
    tree = ElementTree.parse(path)  # noqa: S314 - our own, see above
    for number, report in enumerate(tree.getroot().iter("report"), int(path.stem.replace("-", ""))):
        fields = [(each, "") for each in report.iter() if not len(each) and not each.attrib]
        fields += [(each, name) for each in report.iter() for name in each.attrib if name != "urn"]
        node, name = fields[number % len(fields)]
        if name:
            node.set(name, f"{node.get(name)}{ATTACK}")
        else:
            node.text = f"{node.text or ''}{ATTACK}"
    tree.write(path, encoding="utf-8", xml_declaration=True)


def _fixed(path: Path, mapping: Path) -> None:
    """Spoil one field of every second line, as far as it fits, those that tie lines together aside."""
    told = tomllib.loads(mapping.read_text(encoding="utf-8"))
    layouts = {told["source"]["type"]: told["source"]["layout"]}
    layouts |= {child["type"]: child["layout"] for child in told["children"].values()}
    lines = path.read_bytes().decode(ENCODING).splitlines(keepends=True)
    for number, line in enumerate(lines):
        layout = layouts.get(line[:2], {})
        free = [span for name, span in layout.items() if name not in ("custody_no", "line", "type")]
        if free and number % 2:
            first, last = free[number // 2 % len(free)]
            attack = ATTACK[: last - first + 1].ljust(last - first + 1)
            lines[number] = line[: first - 1] + attack + line[last:]
    path.write_bytes("".join(lines).encode(ENCODING))
