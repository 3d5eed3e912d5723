"""How good it is to take newcomers for whom they are at once, beside the nightly linking of everything.

The last logs of a generated set are held back, the rest is built, and they are taken in some at a time. Then everything
is built, and of every person mention that came in it is counted with whom the sync put it, and with whom the build does.

python -m tests.figures.attach FOLDER [HELD] [AT_A_TIME]
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import sys
import tempfile
from collections import defaultdict
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from adapters.registry import load_adapters
from discoverer.model import Found, Visibility
from discoverer.settings import load
from index.build import build
from index.linking_types import JOIN
from index.live import LiveIndex
from index.reader import Index, Reader, Scope
from index.sync import Syncer
from tests.held_back import Source

HELD, AT_A_TIME = 300, 10
SOURCE = "incidents"
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Attached:
    """With whom newcomers were put.

    Attributes:
        newcomers: int, person mentions that came in by sync.
        pairs: int, pairs of a newcomer and a mention known before that the build puts together.
        found: int, those of them that the sync put together too.
        wrong: int, pairs that only the sync put together.
        parted: int, those of them whose known mention the build itself takes away from the person it was of, with whom it
            puts the newcomer too.
        true: int, those of `wrong` whose records both name one real person.
        joins, right: int, newcomers put with anybody known, and those of them whom the build puts with one of these too.
        possible: int, pairs not found whose newcomer is shown as possibly that person.
        missed: the pairs not found, by ids of mentions.
        untrue: the pairs only the sync put together.
    """

    newcomers: int
    pairs: int
    found: int
    wrong: int
    parted: int
    true: int
    joins: int
    right: int
    possible: int
    missed: tuple[Pair, ...]
    untrue: tuple[Pair, ...]

    @property
    def recall(self) -> float:
        """Share of the build's pairs that the sync found, 0 to 1."""
        return self.found / self.pairs if self.pairs else 1.0

    @property
    def precision(self) -> float:
        """Share of the sync's pairs that the build finds too, 0 to 1."""
        made = self.found + self.wrong
        return self.found / made if made else 1.0

    @property
    def precision_of_joins(self) -> float:
        """Share of the newcomers put with somebody known whom the build puts with one of these too, 0 to 1."""
        return self.right / self.joins if self.joins else 1.0

    @property
    def words(self) -> str:
        """How it was come by."""
        return (
            f"{self.newcomers} newcomers, {self.pairs:,} pairs with known mentions in the build; {self.possible} of"
            f" {len(self.missed)} missed are shown as possible; of {self.wrong} that the build does not make, {self.parted}"
            f" are of persons it parts itself, and of {self.true} both records name one real person; {self.right} of"
            f" {self.joins} newcomers put with somebody known are with one of these in the build too"
        )


def measure(folder: Path, held: int = HELD, at_a_time: int = AT_A_TIME) -> Attached:
    """Measure a generated set; it is left as it is."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        copied = shutil.copytree(folder, Path(scratch) / "set", ignore=shutil.ignore_patterns("state*"))
        with closing(sqlite3.connect(copied / "incidents.sqlite")) as database:
            last = database.execute("SELECT LOG_NO, LOG_DATE FROM log ORDER BY rowid DESC LIMIT ?", [held]).fetchall()
        waiting = [f"{SOURCE}:{number}/{day}" for number, day in last]
        source = Source(copied / "incidents.sqlite", waiting)
        settings = load(copied / "discoverer.toml")
        adapters = load_adapters(settings)
        build(settings, adapters)
        with Syncer(settings, adapters) as syncer:
            for start in range(0, len(waiting), at_a_time):
                for each in waiting[start : start + at_a_time]:
                    source.commit(each)
                syncer.once()
        live = LiveIndex(settings.state_dir)
        with live.reading() as index:
            came_in, possible = _persons(index), _possible(index)
        build(settings, adapters)
        with live.reading() as index:
            built = _persons(index)
        live.close()
    return _compared(came_in, built, possible, set(waiting), _named(folder / "truth.jsonl"))


def _persons(index: Index) -> dict[str, int]:
    """Return the person of every mention in a field, by id."""
    return {ident: group for ident, group, _ in _mentions(index)}


def _mentions(index: Index) -> list[tuple[str, int, int]]:
    """Return (id, person, number) of every person mention in a field."""
    reader = Reader(index, Scope(frozenset(Visibility)))
    ref = {place: f"{record.source}:{record.ref}" for place, record in reader.every_record()}
    return [
        (f"{ref[row.segment, row.n]}#{row.position}", row.grp, row.m)
        for row in reader.everyone_in(set(ref))
        if row.kind == "person" and row.found == Found.FIELD.value
    ]


def _possible(index: Index) -> set[tuple[str, int]]:
    """Return (id of a mention, person it may be)."""
    person = {m: group for _, group, m in _mentions(index)}
    ident = {m: each for each, _, m in _mentions(index)}
    links = index.people._rows("SELECT first, second, level FROM link")
    found: set[tuple[str, int]] = set()
    for first, second, level in links:
        if level == JOIN:
            continue
        for one, other in ((int(str(first)), int(str(second))), (int(str(second)), int(str(first)))):
            if one in ident and other in person:
                found.add((ident[one], person[other]))
    return found


def _named(truth: Path) -> dict[str, set[str]]:
    """Return the real persons that the fields of every record name."""
    found: dict[str, set[str]] = defaultdict(set)
    with truth.open(encoding="utf-8") as file:
        for line in map(json.loads, file):
            if line["kind"] == "person" and line["where"] == "field" and line.get("person"):
                found[f"{line['source']}:{line['ref']}"].add(line["person"])
    return found


def _compared(
    came_in: dict[str, int],
    built: dict[str, int],
    possible: set[tuple[str, int]],
    held: set[str],
    named: dict[str, set[str]],
) -> Attached:
    """Count the pairs of one newcomer and one mention known before."""
    new = {ident for ident in built if ident.rpartition("#")[0] in held}
    by_sync, by_build = _pairs(came_in, new), _pairs(built, new)
    missed, untrue = by_build - by_sync, by_sync - by_build
    joins = {one for one, _ in by_sync}
    right = {one for one, _ in by_sync & by_build}
    return Attached(
        newcomers=len(new),
        pairs=len(by_build),
        found=len(by_build & by_sync),
        wrong=len(untrue),
        parted=sum(one in right for one, _ in untrue),
        true=sum(not named[_record(one)].isdisjoint(named[_record(other)]) for one, other in untrue),
        joins=len(joins),
        right=len(right),
        possible=sum((one, came_in.get(other, 0)) in possible for one, other in missed),
        missed=tuple(sorted(missed)),
        untrue=tuple(sorted(untrue)),
    )


def _record(ident: str) -> str:
    """Return the record of a mention."""
    return ident.rpartition("#")[0]


def _pairs(persons: dict[str, int], new: set[str]) -> set[Pair]:
    """Return (newcomer, known) of one person."""
    members: dict[int, list[str]] = defaultdict(list)
    for ident, group in persons.items():
        members[group].append(ident)
    return {
        (one, other) for group in members.values() for one in group if one in new for other in group if other not in new
    }


def main() -> None:
    """Measure one set and print what is missed."""
    found = measure(Path(sys.argv[1]), *map(int, sys.argv[2:]))
    print(f"recall {found.recall:.4f}, precision {found.precision:.4f}: {found.words}")
    for name, pairs in (("missed", found.missed), ("only by sync", found.untrue)):
        for one, other in pairs:
            print(f"{name}: {one} {other}")


if __name__ == "__main__":
    main()
