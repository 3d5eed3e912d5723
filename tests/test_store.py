"""The record store: what goes in comes out, nothing is lost, and no label gives another away."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discoverer.errors import BuildError, IndexUnavailable
from discoverer.model import (
    GradeChange,
    Instant,
    Location,
    Person,
    Phone,
    Record,
    RecordKind,
    Reject,
    RiskAssessment,
    RiskLevel,
    Role,
    Text,
    Visibility,
)
from index.store import BATCH, Segment, SegmentInfo, SegmentWriter, few_lengths

EVERYTHING = tuple(Visibility)
Make = Callable[..., Segment]


def record(
    key: str, text: str = "", at: str = "", visibility: Visibility = Visibility.OPEN, summary: str = ""
) -> Record:
    return Record(
        source="logs",
        key=tuple(key.split("/")),
        kind=RecordKind.INCIDENT,
        at=Instant(at, at) if at else None,
        summary=summary,
        texts=(Text(text),) if text else (),
        visibility=visibility,
        row=f"log {key}",
    )


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Return a function that writes records (and rejects) into a segment and opens it."""
    made = 0

    def write(records: Sequence[Record], rejects: Sequence[Reject] = ()) -> Segment:
        nonlocal made
        made += 1
        writer = SegmentWriter(tmp_path / f"{made}.sqlite", "logs", "v1")
        for one in records:
            writer.add(one)
        for refused in rejects:
            writer.reject(refused)
        writer.close("2014-11-15T23:40:00Z", "2014-11-16T02:00:00Z")
        return Segment(tmp_path / f"{made}.sqlite")

    return write


FULL = Record(
    source="logs",
    key=("2731", "2014-09-14"),
    kind=RecordKind.INCIDENT,
    at=Instant("2014-09-14T22:41:08Z", "14/09/2014 23:41:08"),
    summary="P1 concern for safety",
    persons=(Person(0, Role.VICTIM, ("Shabana BIBI", "Shabs"), ("03/07/1989",), note="ex-partner"),),
    locations=(Location(1, Role.HOME, "Flat 2, 14 Hillaires Test Rd", "B23 6XX", holder=0),),
    phones=(Phone(2, Role.OWN, "07700 900417", holder=0, visibility=Visibility.PROTECTED),),
    assessments=(RiskAssessment(RiskLevel.HIGH, victim=0, answers=((1, "yes"),), history=(GradeChange("medium"),)),),
    notes=(("codeword", "MAPLE"),),
    row="log:17",
)


@pytest.mark.parametrize(
    "kept",
    [
        pytest.param(FULL, id="a full record comes back as it was"),
        pytest.param(record("a/b/c"), id="a key of several columns"),
        pytest.param(record("1", "half a character \ud83d here"), id="a lone surrogate in the text"),
        pytest.param(record("\udc80", "x"), id="a lone surrogate in the key"),
        pytest.param(record("nul\x00key", "a\x00b"), id="NUL in key and text"),
        pytest.param(record("1", "\U0001f6a8" * 10_000), id="10,000 emoji"),
        pytest.param(record(""), id="an empty key is the adapter's business, not lost here"),
        pytest.param(record("1", "x", "2014-09"), id="a date known to the month"),
    ],
)
def test_a_record_comes_back_as_it_was_given(make: Make, kept: Record) -> None:
    with make([kept]) as segment:
        assert list(segment.records()) == [(1, kept)]
        assert segment.number_of(kept.ref) == 1
        assert segment.get([1]) == {1: kept}


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.text(max_size=5), st.text(max_size=40)), max_size=12))
def test_every_row_is_either_a_record_or_a_reject(make: Make, rows: list[tuple[str, str]]) -> None:
    given = [record(key, text) for key, text in rows]
    with make(given) as segment:
        kept = [one for _, one in segment.records()]
        assert len(kept) + len(segment.rejects()) == len(given)
        assert [n for n, _ in segment.records()] == list(range(1, segment.count + 1))
        assert {one.ref for one in kept} == {one.ref for one in given}
        for number, one in segment.records():
            assert segment.number_of(one.ref) == number


def test_two_keys_that_are_cited_alike_are_one_and_the_later_is_rejected(make: Make) -> None:
    with make([replace(record("x"), key=("a/b", "c")), replace(record("x"), key=("a", "b/c"))]) as segment:
        assert [one.key for _, one in segment.records()] == [("a/b", "c")]
        (refused,) = segment.rejects()
        assert refused.value == "a/b/c" and "widen its key" in refused.reason


@pytest.mark.parametrize("apart", [pytest.param(1, id="side by side"), pytest.param(BATCH + 5, id="batches apart")])
def test_a_key_that_stands_twice_keeps_the_first_and_rejects_the_later(make: Make, apart: int) -> None:
    rows = [record("twice", "first"), *(record(str(number)) for number in range(1, apart)), record("twice", "second")]
    with make(rows) as segment:
        assert segment.count == apart
        assert [n for n, _ in segment.records()] == list(range(1, apart + 1))
        (refused,) = segment.rejects()
        assert "the key stands twice" in refused.reason
        assert refused.row == "log twice"
        assert "second" in str(refused.raw), "the later row is kept whole"
        assert segment.info.rejects == 1


def test_rejects_come_back_whole_and_in_order(make: Make) -> None:
    refused = [Reject("logs", f"log:{n}", "DOB", "31/02/1999", "no such day", {"DOB": "\ud800"}) for n in range(3)]
    with make([], refused) as segment:
        assert segment.rejects() == refused
        assert segment.rejects(2) == refused[:2]


def test_the_info_counts_what_is_there(make: Make) -> None:
    with make([record("1"), record("2")], [Reject("logs", "3", "", "", "why")]) as segment:
        size = segment.path.stat().st_size
        assert segment.info == SegmentInfo("logs", "v1", "2014-11-15T23:40:00Z", "2014-11-16T02:00:00Z", 2, 1, size)


def test_a_ref_or_number_that_names_nothing_finds_nothing(make: Make) -> None:
    with make([record("1")]) as segment:
        assert segment.number_of("2") is None
        assert segment.get([2, 99]) == {}
        assert segment.get([]) == {}


def test_more_numbers_than_a_batch_are_all_found(make: Make) -> None:
    with make([record(str(number)) for number in range(2 * BATCH + 3)]) as segment:
        assert len(segment.get(range(1, 2 * BATCH + 4))) == 2 * BATCH + 3


LOGS = (
    record("1", "CALLER STATES EX PARTNER OUTSIDE O'NEILL", "2014-09-01"),
    record("2", "Ex-partner has left; café quiet", "2014-09-03"),
    record("3", "partner of the caller", "2014-09-02", Visibility.RESTRICTED),
    record("4", "EX PARTNER, NO DATE"),
    record("5", "ex partner at the refuge", "2014-09-04", Visibility.PROTECTED),
    record("6", summary="P1 concern for safety", at="2012"),
)


@pytest.mark.parametrize(
    ("asked", "labels", "expected"),
    [
        pytest.param(["partner"], EVERYTHING, [5, 2, 3, 1, 4], id="most recent first, undated last"),
        pytest.param(["ex", "partner"], [Visibility.OPEN], [2, 1, 4], id="every word, open records only"),
        pytest.param(["EX-PARTNER"], [Visibility.OPEN], [2, 1, 4], id="folded as the text was"),
        pytest.param(["refuge"], [Visibility.OPEN, Visibility.RESTRICTED], [], id="a protected word is not there"),
        pytest.param(["refuge"], [Visibility.PROTECTED], [5], id="the protected label alone"),
        pytest.param(["oneill"], EVERYTHING, [1], id="an apostrophe does not matter"),
        pytest.param(["CAFE"], EVERYTHING, [2], id="an accent does not matter"),
        pytest.param(["part"], EVERYTHING, [], id="part of a word is not a word"),
        pytest.param(["concern", "safety"], EVERYTHING, [6], id="the summary is searched too"),
        pytest.param([], EVERYTHING, [], id="no words"),
        pytest.param(["...", "\x00"], EVERYTHING, [], id="no words left after folding"),
        pytest.param(["partner"], [], [], id="no labels"),
        pytest.param(['partner" OR "refuge'], [Visibility.OPEN], [], id="a quotation mark is no operator"),
        pytest.param(["NOT", "partner"], EVERYTHING, [], id="NOT is a word like any other"),
        pytest.param(["partner"] * 20_000, [Visibility.RESTRICTED], [3], id="one word 20,000 times"),
        pytest.param([f"w{n}" for n in range(10_000)], EVERYTHING, [], id="10,000 words"),
    ],
)
def test_text_is_found_by_its_words(
    make: Make, asked: list[str], labels: list[Visibility], expected: list[int]
) -> None:
    with make(LOGS) as segment:
        assert segment.search_text(asked, labels, 10) == (expected, len(expected))
        assert segment.search_text(asked, labels, 2) == (expected[:2], len(expected)), "the count is of all"


def test_many_threads_read_one_segment_at_once(make: Make) -> None:
    with make([record(str(number), f"word{number % 7}") for number in range(500)]) as segment:
        wrong: list[object] = []

        def read(word: int) -> None:
            for _ in range(20):
                numbers, total = segment.search_text([f"word{word}"], EVERYTHING, 500)
                found = segment.get(numbers)
                if len(found) != total or any(one.texts[0].text != f"word{word}" for one in found.values()):
                    wrong.append((word, total))

        threads = [threading.Thread(target=read, args=[word]) for word in range(7)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong


def test_a_segment_cannot_be_written_through_a_reader(make: Make) -> None:
    with make([record("1")]) as segment:
        before = segment.path.read_bytes()
        with pytest.raises(IndexUnavailable, match="cannot be read"), segment._connection() as connection:
            connection.execute("DELETE FROM record")
        assert segment.path.read_bytes() == before


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(None, "cannot be read", id="missing"),
        pytest.param(b"not a database at all, only some words" * 200, "cannot be read", id="not a database"),
        pytest.param(b"", "cannot be read", id="empty"),
    ],
)
def test_a_file_that_is_no_segment_says_so(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "logs.sqlite"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(IndexUnavailable, match=sentence):
        Segment(path)


def test_a_segment_that_was_never_finished_is_not_opened(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "half.sqlite", "logs", "v1")
    writer.add(record("1"))
    writer.settle()
    writer._database.close()
    with pytest.raises(IndexUnavailable, match="never finished"):
        Segment(tmp_path / "half.sqlite")


def test_a_record_that_is_no_longer_readable_says_so(make: Make, tmp_path: Path) -> None:
    with make([record("1")]) as segment:
        damaged = tmp_path / "damaged.sqlite"
        damaged.write_bytes(segment.path.read_bytes().replace(b'"key":["1"]', b'"key":[ 1 ]'))
    with Segment(damaged) as segment, pytest.raises(IndexUnavailable, match="cannot be read"):
        segment.get([1])


def test_a_segment_is_written_once(make: Make) -> None:
    with make([]) as segment, pytest.raises(BuildError, match="exists already"):
        SegmentWriter(segment.path, "logs", "v1")


def test_an_abandoned_segment_leaves_nothing(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path / "half.sqlite", "logs", "v1")
    writer.add(record("1"))
    writer.abandon()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("many", "wanted"), [(0, 0), (1, 1), (2, 2), (3, 4), (5, 8), (8, 8), (1_000, 1_024)])
def test_lists_have_few_lengths_and_the_values_they_had(many: int, wanted: int) -> None:
    found = few_lengths(range(many))
    assert len(found) == wanted and list(dict.fromkeys(found)) == list(range(many))
