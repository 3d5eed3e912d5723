"""`fake_1000`: one record of each cluster is held, the others are asked for, by name and by name and date of birth."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.rivals.sets.layout import query, record, write_set

Cluster = list[dict[str, str]]


def name_of(row: dict[str, str]) -> str:
    """Return a person's name as written, empty when neither part is."""
    return " ".join(filter(None, (row["first_name"], row["surname"])))


def asked(clusters: dict[str, Cluster], held: dict[str, dict[str, str]]) -> Iterator[dict[str, Any]]:
    """Yield the queries; one without a name is not asked, and only whole names are asked without a date of birth."""
    for cluster, rows in clusters.items():
        for row in rows:
            text = name_of(row)
            if row is held[cluster] or not text:
                continue
            if row["first_name"] and row["surname"]:
                yield query(f"fake-{row['unique_id']}-n", "name", text, [cluster], "fake")
            if row["dob"]:
                yield query(f"fake-{row['unique_id']}-d", "name_dob", text, [cluster], "fake", dob=row["dob"])


def make(outside: Path, out: Path) -> None:
    """Write the set. The fullest row of a cluster is the one held; its id is the cluster's."""
    clusters: dict[str, Cluster] = defaultdict(list)
    with (outside / "fake_1000" / "fake_1000.csv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            clusters[row["cluster"]].append(row)
    fullness = ("first_name", "surname", "dob")
    held = {key: max(rows, key=lambda row: sum(bool(row[each]) for each in fullness)) for key, rows in clusters.items()}
    records = [record(key, names=[name_of(row)], dob=row["dob"] or None) for key, row in held.items() if name_of(row)]
    known = {each["id"] for each in records}
    write_set(out / "fake_1000", records, (each for each in asked(clusters, held) if each["expected"][0] in known))
