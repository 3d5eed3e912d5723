"""Possible links read from a build: both ends and what a link rests on are in scope, and no person is linked to itself."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

from discoverer.model import Location, Person, Record, Role, Visibility
from discoverer.settings import LINKING
from index.live import LiveIndex
from index.reader import PossibleLink, Reader, Scope
from tests.cast import log, make_app

HOME = "14 HILLAIRES TEST ROAD, ERDINGTON, B23 6XX"
OPEN, RESTRICTED = Visibility.OPEN, Visibility.RESTRICTED


def one(number: str, dob: str = "", seen_by: Visibility = OPEN, name: str = "TYRONE QUILLFEATHER") -> Record:
    who = Person(0, Role.VICTIM, (name,), (dob,) if dob else ())
    home = Location(1, Role.HOME, HOME, holder=0)
    return replace(log(number, "2014-01-02"), persons=(who,), locations=(home,), visibility=seen_by)


def possible(folder: Path, records: list[Record], labels: set[Visibility]) -> dict[str, list[PossibleLink]]:
    """Return, for each record's person as those labels see it, whom it may also be."""
    with (
        make_app(folder, {"incidents": records}, linking=LINKING) as app,
        closing(LiveIndex(app.settings.state_dir)) as live,
        live.reading() as index,
    ):
        assert index.manifest.linking == app.settings.linking
        reader = Reader(index, Scope(frozenset(labels)))
        rows = [row for row, _ in reader.people_in_fields()]
        refs = {place: record.ref for place, record in reader.records((row.segment, row.n) for row in rows).items()}
        return {refs[row.segment, row.n]: reader.possible_links(row.grp) for row in rows}


def test_who_may_be_father_or_son_is_shown_beside_both(tmp_path: Path) -> None:
    records = [one("1", "11/02/1958"), one("2", "03/07/1985"), one("3")]
    found = possible(tmp_path, records, {OPEN, RESTRICTED})
    silent = next(links for ref, links in found.items() if ref.startswith("3"))
    assert len(silent) == 2 and all("same home" in each.why and each.mine.grp != each.other.grp for each in silent)
    assert all(links for links in found.values())


def test_nothing_closed_is_shown_to_those_who_do_not_see_it(tmp_path: Path) -> None:
    records = [one("1", "11/02/1958"), one("2", "03/07/1985", RESTRICTED), one("3", seen_by=RESTRICTED)]
    assert any(possible(tmp_path / "all", records, {OPEN, RESTRICTED}).values())
    assert not any(possible(tmp_path / "open", records, {OPEN}).values())
