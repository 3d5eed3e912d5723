"""`generated`: the committed invented set of four sources, exported as records.jsonl through their mappings.

A record stands on one line for each person it names and one for its places and numbers, so that a date of birth stays
with its person. What stands only in running text comes from the generator's truth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from adapters.registry import load_adapters
from discoverer.errors import RowRejected
from discoverer.model import Location, Phone, Record, Visibility
from discoverer.settings import load
from tests.rivals.sets.layout import each_line, record, write_lines

FIXTURES = Path("fixtures/small")
# What every rival can be asked; log references, mixtures and words of text are not in the shape they share.
TYPES = ("address", "address_nopc", "name", "name_dob", "phone")
Mention = TypeVar("Mention", Location, Phone)
_BRITISH_DATE = re.compile(r"^(\d{2})/(\d{2})/(\d{4})$")


def iso(written: str) -> str | None:
    """Return dd/mm/yyyy as ISO 8601, anything else but nothing as it is."""
    return _BRITISH_DATE.sub(r"\3-\2-\1", written) or None


def lines_of(held: Record) -> Iterator[dict[str, Any]]:
    """Yield the lines of one record."""
    id_ = f"{held.source}:{'/'.join(held.key)}"
    for person in held.persons:
        if person.names and person.visibility is Visibility.OPEN:
            yield record(id_, names=person.names, dob=iso(person.dobs[0]) if person.dobs else None)
    places = [", ".join(filter(None, (place.text, place.postcode))) for place in seen(held.locations)]
    numbers = [phone.text for phone in seen(held.phones)]
    yield {**record(id_, addresses=filter(None, places)), "phones": [*filter(None, numbers)]}


def seen(mentions: Iterable[Mention]) -> list[Mention]:
    """Leave out what is protected: no search shows it."""
    return [each for each in mentions if each.visibility is Visibility.OPEN]


def from_text(truth: Path) -> Iterator[dict[str, Any]]:
    """Yield a line for each mention that stands only in running text."""
    for line in each_line(truth):
        id_ = f"{line['source']}:{line['ref']}"
        if line["where"] != "text" or line["visibility"] != "open":
            continue
        if line["kind"] == "person":
            yield record(id_, names=[line["written"]])
        elif line["kind"] == "location":
            yield record(id_, addresses=[line["written"]])
        elif line["kind"] == "phone":
            yield {**record(id_), "phones": [line["written"]]}


def lines_from(original: Path, known: set[str]) -> Iterator[dict[str, Any]]:
    """Yield the lines of every record of a generated set, and note in `known` whose they are."""
    for adapter in load_adapters(load(original / "discoverer.toml")):
        for row in adapter.rows():
            if row.fault is None:
                with suppress(RowRejected):
                    for held in adapter.records(row):
                        lines = list(lines_of(held))
                        known.update(line["id"] for line in lines)
                        yield from lines
    for line in from_text(original / "truth.jsonl"):
        known.add(line["id"])
        yield line


def export(original: Path, folder: Path, wanted: Callable[[dict[str, Any]], bool]) -> None:
    """Write records.jsonl and queries.jsonl of a generated set, record by record, since it may be of any size.

    Args:
        original: the generator's folder.
        folder: where to write.
        wanted: tells of a query whether it is to be asked.
    """
    folder.mkdir(parents=True, exist_ok=True)
    known: set[str] = set()
    write_lines(folder / "records.jsonl", lines_from(original, known))
    queries = [
        {**each, "text": each.get(each["type"].split("_")[0]) or each["text"]}
        for each in each_line(original / "queries.jsonl")
        if wanted(each) and known.issuperset(each["expected"])
    ]
    write_lines(folder / "queries.jsonl", queries)


def make(out: Path) -> None:
    """Write the set from the committed folder."""
    export(FIXTURES, out / "generated", lambda query: query["type"] in TYPES)
