"""However changes, syncs and builds follow on each other, the index holds what the sources hold."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from discoverer.codec import encode
from discoverer.model import Location, Person, Phone, Record, Role, Visibility
from discoverer.settings import Settings
from index.build import build
from index.live import LiveIndex
from index.reader import Reader
from index.sync import Syncer
from tests.cast import AS_AT, log
from tests.feed import EVERYTHING, Feed, held_in, persons_in
from tests.tiny_index import WIDE_BOUNDS

NAMES = ("SHABANA BIBI", "MOHAMMED ASIF KHAN", "Leanne Smith-Jones", "Ryan Doyle", "ZOFIA NOWAK")
BIRTHS = ("03/07/1989", "07/03/1985", "")
PLACES = ("FLAT 2, 14 HILLAIRES TEST ROAD, ERDINGTON", "1 SAFE TEST LANE", "14 HILLAIRES TEST ROAD, ERDINGTON")
PHONES = ("07700900417", "07700 900655", "0121 496 0123")
TEXTS = ("", "SHOUTING HEARD, KNIFE SEEN", "ON BAIL. CALL 07700 900655", "Zofia Nowak at 1 SAFE TEST LANE")
LABELS = st.sampled_from((Visibility.OPEN, Visibility.OPEN, Visibility.RESTRICTED, Visibility.PROTECTED))

records = st.builds(
    lambda number, name, birth, place, phone, text, label: log(
        str(number), "2014-09-14", text=text, visibility=label,
        persons=(Person(0, Role.VICTIM, (name,), (birth,) if birth else ()),),
        locations=(Location(1, Role.HOME, place, "B23 6XX", holder=0),),
        phones=(Phone(2, Role.OWN, phone, holder=0),),
    ),
    st.integers(1, 8), st.sampled_from(NAMES), st.sampled_from(BIRTHS), st.sampled_from(PLACES),
    st.sampled_from(PHONES), st.sampled_from(TEXTS), LABELS,
)  # fmt: skip


class Interleaved(RuleBasedStateMachine):
    """A source, and an index that is built and synced now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="interleaved-"))
        self.feed = Feed("incidents")
        self.feed.put(log("99", "2014-09-01", persons=(Person(0, Role.VICTIM, (NAMES[0],), (BIRTHS[0],)),)))
        self.settings = Settings(
            state_dir=self.folder / "state", sources_dir=self.folder, sources=("incidents",), workers=1,
            as_at=datetime.fromisoformat(AS_AT), bounds=WIDE_BOUNDS,
        )  # fmt: skip
        self.syncer = Syncer(self.settings, [self.feed])
        self.live = LiveIndex(self.settings.state_dir)
        self.build()

    @rule(record=records)
    def put(self, record: Record) -> None:
        """Write a record, or write it again."""
        self.feed.put(record)

    @rule(number=st.integers(1, 8))
    def delete(self, number: int) -> None:
        """Take one away."""
        ref = f"{number}/2014-09-14"
        if ref in self.feed.held:
            self.feed.delete(ref)

    @rule()
    def sync(self) -> None:
        """Take changes in."""
        self.syncer.once()

    @rule()
    def build(self) -> None:
        """Build, as every night."""
        build(self.settings, [self.feed])

    @rule(record=records)
    def put_while_it_is_down(self, record: Record) -> None:
        """Write a record while the source cannot be asked."""
        self.feed.put(record)
        self.feed.down = "the line is cut"
        self.syncer.once()
        self.feed.down = ""

    @rule(record=records)
    def put_while_a_build_runs(self, record: Record) -> None:
        """Write a record once the source has been read."""
        inner = self.feed.rows

        def rows() -> object:
            yield from inner()
            self.feed.put(record)

        self.feed.rows = rows  # type: ignore[assignment,method-assign]
        build(self.settings, [self.feed])
        self.feed.rows = inner  # type: ignore[method-assign]

    @invariant()
    def holds_nothing_else(self) -> None:
        """Whatever was done last, the index holds nothing that the source never held."""
        with self.live.reading() as index:
            records = Reader(index, EVERYTHING).every_record()
            assert {encode(replace(record, row="")) for _, record in records} <= self.feed.written

    def teardown(self) -> None:
        """After a last sync the index holds what the source holds, as if it had just been built."""
        try:
            self.syncer.once()
            with self.live.reading() as index:
                came_in, persons = held_in(index), persons_in(index)
            anew = self.settings.model_copy(update={"state_dir": self.folder / "anew"})
            build(anew, [self.feed])
            rebuilt = LiveIndex(anew.state_dir)
            with rebuilt.reading() as index:
                assert came_in == held_in(index)
                assert set().union(*persons, set()) == set().union(*persons_in(index), set())
            rebuilt.close()
        finally:
            self.syncer.close()
            self.live.close()
            shutil.rmtree(self.folder)


def _run(examples: int) -> None:
    run_state_machine_as_test(
        Interleaved,
        settings=settings(
            max_examples=examples, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )


def test_the_index_holds_what_the_sources_hold() -> None:
    _run(25)


@pytest.mark.slow
def test_two_thousand_interleavings_leave_the_index_as_the_sources() -> None:
    _run(2_000)
