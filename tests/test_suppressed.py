"""What is suppressed is never loaded, wherever a row says it, and leaves no trace; what is only like it is loaded."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from adapters.base import Fault, RawRow
from adapters.mapping import MappedAdapter
from adapters.registry import load_adapter, load_adapters, load_mappings
from adapters.suppressed import NOTHING, Suppressed, read
from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from discoverer.errors import ConfigError, IndexUnavailable
from discoverer.settings import Settings, load
from index import traces
from index.build import build
from index.manifest import SegmentEntry
from index.progress import SilentProgress
from tests.conftest import SMALL
from tests.tiny_sources import LINES, SHABANA, lines, read_all

PNC, CRO, ARREST, MARK = "1979/0123456T", "054321/12X", "1320BE0100000012345D", "BD51SMR"
LINES_WITH_MORE = LINES + '[[text]]\ntext = "words"\n'


def _row(**values: object) -> RawRow:
    return RawRow("1", values)


def _suppressed(*identifiers: str, refs: tuple[str, ...] = ()) -> Suppressed:
    return Suppressed(frozenset(refs), frozenset(identifiers))


@pytest.mark.parametrize(
    ("identifier", "said"),
    [
        (PNC, "79/123456T"),
        (PNC, "1979/0123456T"),
        (PNC, "79 123456 t"),
        (PNC, "79/O123456T"),
        (PNC, "SUBJECT PNC 79/123456T WANTED"),
        (PNC, "pnc no. 79 / 123456 t, see file"),
        (CRO, "54321/12X"),
        (CRO, "CRO 054321/12x"),
        (ARREST, "13/20BE/01/12345D"),
        (ARREST, "arrested, 13/20BE/01/12345D"),
        (MARK, "bd51 smr"),
        (MARK, "drives a blue Corsa BD51SMR"),
        (PNC, "SUBJECT 1979-0123456T NOW AT"),
        (PNC, "PNC 1979-0123456T"),
        (PNC, "seen, 1979 0123456T, there"),
        (PNC, "PNC\\1979\\0123456T"),
        (PNC, "PNCID1979/0123456T"),
        (PNC, "1979\uff0f0123456T"),
        (PNC, "1979\u20130123456T"),
        (PNC, "1979/01\u200b23456T"),
        (PNC, "1979_0123456-T"),
        (PNC, "1979/O12 3456\u00a0T"),
        (PNC, "pnc_1979/0123456T_a"),
        (PNC, "1979/0123456T/1980/0000001X"),
        (PNC, "https://pnc.test/nominal?id=1979%2F0123456T"),
        (PNC, "1979&#47;0123456T"),
        (PNC, "1979/\n0123456T"),
        ("1979/0000012A", "1979-0000012A"),
        (CRO, "no 54321-12X."),
        ("SF83/50058Z", "sf 83 - 50058 z"),
        (ARREST, "13-20BE-01-12345D"),
        (ARREST, "1320BE01 00000012345D"),
        ("1320BE0100000000005D", "13-20BE-01-5D"),
        (MARK, "BD51-SMR"),
    ],
)
@pytest.mark.parametrize("shape", ["a column", "several values", "a child row", "a row that cannot be read"])
def test_whoever_has_the_identifier_is_found_wherever_a_row_says_it(identifier: str, said: str, shape: str) -> None:
    rows = {
        "a column": _row(id="1", words=said),
        "several values": _row(id="1", words=["x", said]),
        "a child row": _row(id="1", people=[{"name": "Ada Quorn", "no": said}]),
        "a row that cannot be read": RawRow("1", {}, Fault("", said, "it is no JSON")),
    }
    assert _suppressed(identifier).covers(rows[shape], ["id"])


@pytest.mark.parametrize(
    ("identifier", "said"),
    [
        (PNC, "80/123456Q"),  # the same serial of another year
        (PNC, "79/123456A"),  # a wrong check letter: it is nobody's number
        (PNC, "79/123457U"),
        (PNC, "123456"),
        (PNC, "2079/0123456T"),
        (PNC, "79/1234567T"),
        (PNC, "79/123456"),
        ("1979/0000001T", "79, 1 Test Road"),
        (CRO, "154321/12X"),
        (MARK, "XBD51SMRS"),
        (CRO, "54321/13Y"),
        (MARK, "BD51SMT"),
        (MARK, "BD51 SM"),
        (PNC, ""),
    ],
)
def test_what_is_only_like_it_is_not(identifier: str, said: str) -> None:
    assert not _suppressed(identifier).covers(_row(id="1", words=said, none=None, number=7), ["id"])


@pytest.mark.parametrize(
    ("values", "covered"),
    [
        ({"no": "2731", "day": "2014-09-14"}, True),
        ({"no": "2731", "day": "2014-09-15"}, False),
        ({"no": "27", "day": "31/2014-09-14"}, False),
        ({"no": "2731/2014-09-14"}, False),
        ({"no": "1", "day": "2014-09-14", "words": "see 2731/2014-09-14"}, False),
    ],
)
def test_a_record_is_suppressed_by_its_own_key(values: dict[str, str], covered: bool) -> None:
    assert _suppressed(refs=("2731/2014-09-14",)).covers(RawRow("1", values), ["no", "day"]) is covered


@pytest.mark.parametrize(
    ("said", "covered"),
    [("2731/2014-09-14 half a row", True), ('{"no": "2731", "day": "2014-09-14"', True), ("2731 half a row", False)],
)
def test_of_a_row_that_cannot_be_read_a_reference_anywhere_is_enough(said: str, covered: bool) -> None:
    row = RawRow("1", {}, Fault("", said, "it is no JSON"))
    assert _suppressed(refs=("2731/2014-09-14",)).covers(row, ["no", "day"]) is covered


def _adapter(folder: Path, *rows: dict[str, Any] | str, suppressed: Suppressed) -> MappedAdapter:
    lines(folder, *rows, mapping=LINES_WITH_MORE)
    return load_adapter(folder / "mapping.toml", suppressed)


def test_it_is_neither_a_record_nor_a_reject_and_in_no_count(tmp_path: Path) -> None:
    other = {**SHABANA, "id": "2", "names": ["Beryl Tatton"], "words": ""}
    hidden = {**SHABANA, "id": "1", "words": "PNC 79/123456T"}
    torn = '{"id": "3", "words": "PNC 79/123456T"\n'
    adapter = _adapter(tmp_path, hidden, other, torn, suppressed=_suppressed(PNC))
    records, rejects, tally = read_all(adapter)
    assert [record.ref for record in records] == ["2"]
    assert not rejects
    assert (tally.records, tally.rejects) == (1, 0)


def test_without_it_all_three_are_read(tmp_path: Path) -> None:
    hidden = {**SHABANA, "id": "1", "words": "PNC 79/123456T"}
    adapter = _adapter(tmp_path, hidden, '{"id": "3"\n', suppressed=NOTHING)
    records, rejects, _ = read_all(adapter)
    assert (len(records), len(rejects)) == (1, 1)


def test_it_goes_with_the_adapter_to_another_process_and_changes_its_version(tmp_path: Path) -> None:
    hidden = {**SHABANA, "id": "1", "words": "PNC 79/123456T"}
    adapter = _adapter(tmp_path, hidden, suppressed=_suppressed(PNC))
    made, (spec, reader, digest, place, suppressed) = adapter.__reduce__()
    assert not read_all(made(spec, reader, digest, place, suppressed))[0]
    assert len({adapter.version, load_adapter(tmp_path / "mapping.toml").version}) == 2


def _list(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "suppressed.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


GOOD = '[[suppressed]]\nrecord = "custody:ND/1/14"\nwhy = "asked for by the duty superintendent"\n'


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        (GOOD, 0o640, "chmod 600 it"),
        (GOOD, 0o602, "chmod 600 it"),
        (GOOD.replace("custody", "firearms"), 0o600, "there is no source 'firearms'"),
        (GOOD.replace("custody:", ""), 0o600, "is no record"),
        ('[[suppressed]]\nidentifier = "79/123456A"\nwhy = "x"\n', 0o600, "check letter"),
        ('[[suppressed]]\nwhy = "x"\n', 0o600, "either a record or an identifier"),
        (GOOD + 'identifier = "79/123456T"\n', 0o600, "either a record or an identifier"),
        (GOOD.replace("why", "because"), 0o600, "why"),
    ],
)
def test_a_list_with_mistakes_is_refused_whole(tmp_path: Path, text: str, mode: int, said: str) -> None:
    with pytest.raises(ConfigError) as refused:
        read(_list(tmp_path, text, mode), ["custody"])
    assert said in refused.value.message


def test_a_list_that_is_not_there_stops_the_builder(tmp_path: Path) -> None:
    with pytest.raises(ConfigError):
        read(tmp_path / "gone.toml", ["custody"])


def test_each_source_is_given_its_own_records_and_every_identifier(tmp_path: Path) -> None:
    path = _list(tmp_path, GOOD + '[[suppressed]]\nidentifier = "79/123456T"\nwhy = "x"\n')
    found = read(path, ["custody", "incidents"])
    assert found == {"custody": _suppressed(PNC, refs=("ND/1/14",)), "incidents": _suppressed(PNC)}
    assert read(None, ["custody"]) == {"custody": NOTHING}


def test_a_build_forgets_what_is_suppressed_since_in_every_file_and_every_build_it_could_go_back_to(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "small"
    shutil.copytree(SMALL, folder, ignore=shutil.ignore_patterns("state*"))
    config = folder / "discoverer.toml"
    with App(load(config)) as app:
        app.build(SilentProgress())
        (named,) = [
            record.ref
            for hit in app.search(DEMO_VIEWER, "01/9999970X").hits
            for record in hit.records
            if record.source == "custody"
        ][:1]
    _list(folder, f'[[suppressed]]\nrecord = "custody:{named}"\nwhy = "a test"\n')
    config.write_text('suppressed = "suppressed.toml"\n' + config.read_text(encoding="utf-8"), encoding="utf-8")
    settings = load(config)
    with App(settings) as app:
        app.build(SilentProgress())
        found = app.search(DEMO_VIEWER, "01/9999970X")
        assert all(record.ref != named for hit in found.hits for record in hit.records)
        with pytest.raises(IndexUnavailable):
            app.rollback(DEMO_VIEWER)
        reference = [traces.needle("the reference", named)]
        held = [
            path for path in traces.every_file(settings.state_dir / "builds") if any(traces.traces_in(path, reference))
        ]
        assert not held
        assert app.sources(DEMO_VIEWER)  # whoever serves needs no list
    assert [each.name for each in load_mappings(settings)] == [each.name for each in load_adapters(settings)]


MANY = 200


def _night(folder: Path, *refs: str) -> SegmentEntry:
    """Build a source of many rows, of which these are suppressed."""
    adapter = load_adapter(folder / "mapping.toml", _suppressed(refs=refs))
    settings = Settings(state_dir=folder / "state", sources_dir=folder, sources=("outside",), workers=1)
    return build(settings, [adapter]).segments[0]


def test_rows_that_are_suppressed_are_in_no_count_and_hold_no_build_back(tmp_path: Path) -> None:
    lines(tmp_path, *({**SHABANA, "id": str(n)} for n in range(MANY)), mapping=LINES)
    before = _night(tmp_path)
    assert (before.rows, before.silent, before.records) == (MANY, 0, MANY)
    hidden = [str(n) for n in range(MANY, MANY + 20)]  # 10 % of its rows, which the bound of silent ones would not let
    lines(tmp_path, *({**SHABANA, "id": str(n)} for n in range(MANY + 20)), mapping=LINES)
    entry = _night(tmp_path, *hidden)
    assert (entry.rows, entry.silent, entry.records, entry.rejects) == (MANY, 0, MANY, 0)
    assert entry.filled == before.filled
