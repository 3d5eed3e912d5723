"""How a labelled set is laid out in files, and which half of it a query belongs to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

Line = Mapping[str, Any]


def record(
    id_: str, *, names: Iterable[str] = (), dob: str | None = None, addresses: Iterable[str] = ()
) -> dict[str, Any]:
    """Return one record in the shape of records.jsonl; `dob` is ISO 8601 or None."""
    return {"id": id_, "names": list(names), "dob": dob, "addresses": list(addresses), "phones": []}


def query(qid: str, type_: str, text: str, expected: Iterable[str], tier: str, **more: object) -> dict[str, Any]:
    """Return one query in the shape of queries.jsonl; `more` holds such keys as dob, also_ok or pattern."""
    return {"qid": qid, "type": type_, "text": text, "expected": sorted(expected), "also_ok": [], "tier": tier, **more}


def half_of(qid: str) -> str:
    """Return 'dev' or 'held': half of the queries are for developing on, half only for judging."""
    return "held" if hashlib.sha256(qid.encode()).digest()[0] % 2 else "dev"


def write_set(folder: Path, records: Iterable[Line], queries: Iterable[Line]) -> None:
    """Write a whole set to `folder`, and its two halves to `<folder>-dev` and `<folder>-held`.

    The halves share every record; each query carries its half under the key `split`.
    """
    kept = [{**each, "split": half_of(each["qid"])} for each in queries]
    lines = list(records)
    chosen = {folder: kept}
    for half in ("dev", "held"):
        chosen[folder.with_name(f"{folder.name}-{half}")] = [each for each in kept if each["split"] == half]
    for place, asked in chosen.items():
        place.mkdir(parents=True, exist_ok=True)
        write_lines(place / "records.jsonl", lines)
        write_lines(place / "queries.jsonl", asked)


def write_lines(path: Path, lines: Iterable[Line]) -> None:
    """Write JSON objects, one a line."""
    with path.open("w", encoding="utf-8") as out:
        for line in lines:
            out.write(json.dumps(line, ensure_ascii=False) + "\n")


def each_line(path: Path) -> Iterator[dict[str, Any]]:
    """Yield JSON objects, one a line."""
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Read JSON objects, one a line."""
    return list(each_line(path))
