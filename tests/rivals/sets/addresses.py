"""Addresses as several councils mis-record them, with every GP practice of England as filler.

`town_errors`: the invented town and its given mis-recordings. `town_more`: newly made ones of the same town, twice as
dirty and with stray noise. `gp_errors`: mis-recordings of real practices' addresses. Each is asked with and without its
postcode. The mis-recordings are made with PyPI `address-errors` (MIT), whose rates were fitted on six councils.
"""

from __future__ import annotations

import csv
import random
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from address_errors import Controls, Corruptor, Noise, Profile, load_components

from tests.rivals.sets.layout import query, read_lines, record, write_set

SEED = 20_260_311
PRACTICES_ASKED = 1_200
_POSTCODE = re.compile(r"^[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}$")
_NUMBER = re.compile(r"^(\d+[A-Z]?(?:[-/]\d+[A-Z]?)?) +(\D.*)$")
COLUMNS = ("uprn", "subname", "name", "number", "streetname", "locality", "townname", "postcode")
Row = Mapping[str, str]


def in_full(row: Row) -> str:
    """Write an address out of its parts: 'FLAT 2, ROSE HOUSE, 14 ACORN ROAD, NORTHSIDE, EXAMPLETOWN, ZZ1 1BH'."""
    street = " ".join(filter(None, (row["number"], row["streetname"])))
    parts = (row["subname"], row["name"], street, row["locality"], row["townname"], row["postcode"])
    return ", ".join(filter(None, parts))


def fillers(outside: Path) -> list[dict[str, Any]]:
    """Return every GP practice as a record, so that words and numbers are as rare as they really are."""
    return read_lines(outside / "gp_practices" / "records.jsonl")


def asked(rows: Iterable[Row], truth: Mapping[str, Sequence[str]], prefix: str) -> Iterator[dict[str, Any]]:
    """Yield two queries a mis-recording: with its postcode and without.

    Args:
        rows: what address-errors wrote, or its demonstration file.
        truth: the ids of the records that are right for each source address.
        prefix: begins every qid.
    """
    for place, row in enumerate(rows):
        expected = set(truth[row["source_uprn"]])
        for other in filter(None, (row["assigned_uprn"], row["collision_uprn"])):
            expected |= set(truth[other])
        tier = "noise" if row["noise_ops"] else "mechanism" if row["applied_rules"] else "style"
        text, postcode = row["recorded_address"], row["recorded_postcode"]
        if postcode:
            yield query(f"{prefix}-{place}-full", "address", f"{text}, {postcode}", expected, tier)
        yield query(f"{prefix}-{place}", "address_nopc", text, expected, tier)


def town(outside: Path, out: Path) -> None:
    """Write `town_errors` and `town_more`."""
    source = outside / "addresses" / "components.csv"
    with source.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    held = [record(row["uprn"], addresses=[in_full(row)]) for row in rows] + fillers(outside)
    truth = {row["uprn"]: [row["uprn"]] for row in rows}
    with (outside / "addresses" / "demo_tuned.csv").open(encoding="utf-8", newline="") as lines:
        write_set(out / "town_errors", held, asked(csv.DictReader(lines), truth, "town"))
    made: list[Row] = []
    for seed, style in enumerate(Profile.load().styles()):
        controls = Controls(prevalence=3.0, noise=Noise(rate=0.15))
        made += corrupted(source, [row["uprn"] for row in rows], style, SEED + seed, controls)
    random.Random(SEED).shuffle(made)
    write_set(out / "town_more", held, asked(made[: 4 * len(rows)], truth, "more"))


def corrupted(source: Path, ids: Sequence[str], style: str, seed: int, controls: Controls) -> list[Row]:
    """Return one mis-recording of each address named, in one council's house style."""
    known = load_components(str(source))
    maker = Corruptor(Profile.load(), style=style, seed=seed, controls=controls)
    maker.index(known)
    return list(maker.generate(list(ids)))


def parts_of(address: str) -> dict[str, str] | None:
    """Read a practice's address into parts; None when it has no numbered street or no postcode."""
    pieces = [piece.strip() for piece in address.split(",") if piece.strip()]
    if len(pieces) < 3 or not _POSTCODE.match(pieces[-1]):
        return None
    for place, piece in enumerate(pieces[:-2]):
        if numbered := _NUMBER.match(piece):
            after = pieces[place + 1 : -1]
            return {
                "subname": "",
                "name": ", ".join(pieces[:place]),
                "number": numbered[1],
                "streetname": numbered[2],
                "locality": after[0] if len(after) > 2 else "",
                "townname": after[1] if len(after) > 2 else after[0],
                "postcode": pieces[-1],
            }
    return None


def practices(outside: Path, out: Path) -> None:
    """Write `gp_errors`: practices with a numbered street, mis-recorded; same door, same answer."""
    held = fillers(outside)
    doors: dict[tuple[str, ...], list[str]] = defaultdict(list)
    rows: list[dict[str, str]] = []
    for each in held:
        parts = parts_of(each["addresses"][0]) if each["addresses"] else None
        if parts:
            rows.append({"uprn": each["id"], **parts})
            doors[parts["number"], parts["postcode"]].append(each["id"])
    truth = {row["uprn"]: doors[row["number"], row["postcode"]] for row in rows}
    out.mkdir(parents=True, exist_ok=True)
    table = out / "gp_components.csv"
    with table.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.DictWriter(lines, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    chosen = random.Random(SEED).sample([row["uprn"] for row in rows], PRACTICES_ASKED)
    controls = Controls(prevalence=3.0, noise=Noise(rate=0.15))
    write_set(out / "gp_errors", held, asked(corrupted(table, chosen, "", SEED, controls), truth, "gp"))
