"""A source that is down on the night after something of it was suppressed: what is carried of it is held to the list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from adapters.base import RawRow
from adapters.registry import load_adapter
from adapters.suppressed import NOTHING, Suppressed
from discoverer.model import Person, Record, Reject, Role
from discoverer.settings import Settings
from index import traces
from index.build import build
from index.live import LiveIndex
from index.manifest import SourceState
from index.reader import Reader
from index.sync import Syncer
from tests.cast import Cast, log
from tests.feed import EVERYTHING, Feed
from tests.test_suppressed import LINES_WITH_MORE, PNC
from tests.tiny_sources import SHABANA, lines

NAME = "Zenobia Quillfeather"
HIDDEN = {**SHABANA, "id": "hidden-7", "names": [NAME], "words": "WANTED, PNC 79/123456T, SEE FILE"}
STAYS = {**SHABANA, "id": "stays-1", "words": "PNC 79/123457U, AND SEE hidden-7"}
LISTS = [
    pytest.param(Suppressed(frozenset(["hidden-7"])), id="by its record"),
    pytest.param(Suppressed(frozenset(), frozenset([PNC])), id="by an identifier in running text"),
]


def _settings(folder: Path, *sources: str) -> Settings:
    return Settings(state_dir=folder / "state", sources_dir=folder, sources=sources, workers=1)


def _refs(settings: Settings) -> set[str]:
    live = LiveIndex(settings.state_dir)
    with live.reading() as index:
        found = {record.ref for _, record in Reader(index, EVERYTHING).every_record()}
    live.close()
    return found


def _held(settings: Settings) -> list[Path]:
    """Return the files, of builds or of layers, that say the name."""
    needle = [traces.needle("the name", NAME)]
    return [path for path in traces.every_file(settings.state_dir) if any(traces.traces_in(path, needle))]


@pytest.mark.parametrize("suppressed", [pytest.param(NOTHING, id="nothing"), *LISTS])
def test_a_build_holds_what_it_carries_to_the_list(tmp_path: Path, suppressed: Suppressed) -> None:
    lines(tmp_path, STAYS, HIDDEN, HIDDEN, mapping=LINES_WITH_MORE)  # its key twice: a reject says it too
    other, settings = Cast("incidents", [log("1", "2014-01-02")]), _settings(tmp_path, "outside", "incidents")
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(mapping.read_text(encoding="utf-8") + "[checks]\nmax_rejects = 0.5\n", encoding="utf-8")
    before = build(settings, [load_adapter(mapping), other]).segments[0]
    assert (before.rows, before.records, before.rejects) == (3, 2, 1) and _held(settings)
    (tmp_path / "records.jsonl").unlink()
    for _ in range(2):  # carried, and carried again
        entry = build(settings, [load_adapter(mapping, suppressed), other]).segments[0]
        assert entry.state is SourceState.STALE
        if suppressed:
            assert (entry.rows, entry.records, entry.rejects) == (1, 1, 0)
            assert entry.filled["people named"] == 1
            assert _refs(settings) == {"stays-1", "1/2014-01-02"}
            assert not _held(settings)
        else:
            assert (entry.rows, entry.records, entry.rejects) == (3, 2, 1)
            assert _refs(settings) == {"stays-1", "hidden-7", "1/2014-01-02"}


@dataclass
class Listed(Feed):
    """A feed of which something is suppressed."""

    suppressed: Suppressed = NOTHING

    def records(self, row: RawRow) -> Iterator[Record]:
        """Return the record of a row, unless it is withheld."""
        return iter(()) if self.withholds(row) else super().records(row)

    def withholds(self, row: RawRow) -> bool:
        """Tell whether a row is suppressed."""
        return self.withholds_kept(self.held[row.values["REF"]])

    def withholds_kept(self, kept: Record | Reject) -> bool:
        """Tell it of a record."""
        return self.suppressed.covers_kept(kept, ["REF"])


WHO = (Person(0, Role.VICTIM, (NAME,)),)
CAME_IN = log("7", "2014-01-03", text="WANTED, PNC 79/123456T, SEE FILE", persons=WHO)
LIKE_IT = log("8", "2014-01-03", text="PNC 79/123457U, AND SEE 7/2014-01-03")
LISTS_OF_FEED = [
    pytest.param(Suppressed(frozenset([CAME_IN.ref])), id="by its record"),
    pytest.param(Suppressed(frozenset(), frozenset([PNC])), id="by an identifier in running text"),
]


def _fed(folder: Path, suppressed: Suppressed) -> tuple[Feed, Listed, Cast, Settings]:
    """Build a feed and another source; return the feed as it was, and as the list of the next night has it."""
    feed, other = Feed("incidents"), Cast("custody", [replace(log("BE", "1"), source="custody")])
    feed.put(log("1", "2014-01-02"))
    settings = _settings(folder, "incidents", "custody")
    build(settings, [feed, other])
    listed = Listed("incidents", feed.held, feed.log, version="v1-listed", suppressed=suppressed)
    return feed, listed, other, settings


@pytest.mark.parametrize("suppressed", LISTS_OF_FEED)
def test_what_a_sync_took_in_is_held_to_the_list_when_it_is_carried(tmp_path: Path, suppressed: Suppressed) -> None:
    feed, listed, other, settings = _fed(tmp_path, suppressed)
    feed.put(CAME_IN)
    feed.put(LIKE_IT)
    with Syncer(settings, [feed, other]) as syncer:
        syncer.once()
    assert CAME_IN.ref in _refs(settings)
    listed.down = "the line is cut"
    build(settings, [listed, other])
    assert _refs(settings) == {"1/2014-01-02", LIKE_IT.ref, "BE/1"}
    assert not _held(settings)


@pytest.mark.parametrize("suppressed", LISTS_OF_FEED)
def test_what_a_sync_took_in_while_a_build_ran_is_not_taken_over_by_its_layer(
    tmp_path: Path, suppressed: Suppressed, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, listed, other, settings = _fed(tmp_path, suppressed)
    rows = listed.rows

    def rows_and_more() -> Iterator[RawRow]:
        yield from rows()
        feed.put(CAME_IN)
        feed.put(LIKE_IT)
        with Syncer(settings, [feed, other]) as syncer:
            syncer.once()  # into the build that is live still, by whoever has the list of yesterday
        listed.down = "the line is cut"

    monkeypatch.setattr(listed, "rows", rows_and_more)
    build(settings, [listed, other])
    assert _refs(settings) == {"1/2014-01-02", LIKE_IT.ref, "BE/1"}
    assert not _held(settings)
