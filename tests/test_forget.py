"""`forget --prove`: where a record stands, that it is gone, and every way in which it may not be."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from adapters.base import RawRow
from discoverer import cli_forget
from discoverer.errors import NotFound, SourceUnavailable, StillHeld, UsageError
from discoverer.model import Person, Phone, Record, Reference, Role, Text, Visibility
from discoverer.settings import load
from fixtures.night_desk import Entry, NightDesk
from index import traces, versions
from index.build import build
from index.forgetting import Before, Forgetting
from tests.cast import log
from tests.conftest import SMALL
from tests.feed import Feed
from tests.setups import complaint, copy_of, run
from tests.test_retention import DAY, Source, one

REF = f"3/{DAY}"
SAID = "SHE SAID ZARZUELAPLATZ, UNCLE PLUMPERNICKLE"


def quill(number: str = "3", *, text: str = SAID, number_of: str = "07700 900876") -> Record:
    return replace(one(number, "Oriole Quillfeatherby", text=text), phones=(Phone(1, Role.OWN, number_of, holder=0),))


@pytest.fixture
def source(tmp_path: Path) -> Source:
    made = Source(tmp_path)
    for record in (one("1"), one("2", "Oriole Tatton"), quill()):
        made.feed.put(record)
    made.build()
    return made


def forgetting(source: Source) -> Forgetting:
    return Forgetting(source.settings, [source.feed])


@pytest.mark.parametrize("named", [f"incidents:{REF}", REF, f"incidents:{REF}#0", f"  {REF} "])
def test_a_record_is_found_where_it_stands_hidden_and_gone_after_the_next_build(source: Source, named: str) -> None:
    source.feed.delete(REF)
    forget = forgetting(source)
    wanted = forget.want(named)
    assert wanted.id == f"incidents:{REF}"
    assert forget.hide(wanted) is Before.FOUND and REF not in source.found()
    before = forget.prove(wanted)
    places = {each.where for each in before.left}
    assert not before.gone
    assert {"table record", "table mention", "table grp", "table doc", "keys of the engine", "the vocabulary"} <= places
    assert "the index of words text_open" in places
    assert all("the next build" in each.must for each in before.left)
    source.build()
    after = forget.prove(wanted)
    assert after.gone and after.left == () and after.kept == ()
    assert after.looked_for == before.looked_for and after.looked_for["a name"] == 1
    assert forget.hide(wanted) is Before.ABSENT


@pytest.mark.parametrize(
    ("record", "kinds"),
    [
        pytest.param(quill(), {"its id", "its key", "its reference", "a name", "a number", "a word"}, id="all its own"),
        pytest.param(
            quill("3", text="SHOUTING HEARD"), {"its id", "its key", "its reference", "a name", "a number", "a word"},
            id="its own words",
        ),
        pytest.param(
            replace(one("3", "Oriole Tatton"), texts=(Text(f"AS {DAY}"),)), {"its id", "its key", "its reference"},
            id="a namesake, of the same number",
        ),
    ],
)  # fmt: skip
def test_only_what_nobody_else_says_is_looked_for(tmp_path: Path, record: Record, kinds: set[str]) -> None:
    source = Source(tmp_path)
    for each in (one("1"), one("2", "Oriole Tatton"), record):
        source.feed.put(each)
    source.build()
    source.feed.delete(REF)
    wanted = forgetting(source).want(REF)
    assert {each.what for each in wanted.needles} == kinds
    assert not {each.text for each in wanted.needles} & {"oriole", "tatton", "700900417"}


def test_a_record_that_cites_another_keeps_it_from_being_proved_by_its_reference(source: Source) -> None:
    source.feed.put(one("5", text=f"SEE LOG {REF}"))
    source.build()
    source.feed.delete(REF)
    wanted = forgetting(source).want(REF)
    assert "its reference" not in {each.what for each in wanted.needles}
    source.build()
    assert forgetting(source).prove(wanted).gone, "the other record stays, and is no trace of this one"


NUMBER, SHORT = "1784/2014-09-14", "1784 of 140914"
FORM = Reference("log", NUMBER)


@pytest.mark.parametrize(
    ("other", "cited_by"),
    [
        pytest.param(one("5", text=f"SEE LOG {SHORT}"), (f"incidents 5/{DAY}",), id="a text, as people quote it"),
        pytest.param(
            replace(one("5"), references=(Reference("linked_log", "1784 140914"),)), (f"incidents 5/{DAY}",),
            id="a log linked to it",
        ),
        pytest.param(replace(one("5"), references=(FORM,)), (f"incidents 5/{DAY}",), id="a field, as its source writes it"),
        pytest.param(
            one("5", text=f"SEE LOG {SHORT}", label=Visibility.RESTRICTED), (), id="one that few may see is not named"
        ),
        pytest.param(one("5", text="SEE LOG 1784 of 150914"), None, id="another day's log"),
        pytest.param(one("5", text="1784 REASONS"), None, id="its number alone"),
    ],
)  # fmt: skip
def test_a_record_that_cites_it_is_named_and_is_no_trace(
    source: Source, other: Record, cited_by: tuple[str, ...] | None
) -> None:
    source.feed.put(quill("1784"))
    source.feed.put(other)
    source.build()
    source.feed.delete(NUMBER)
    forget = forgetting(source)
    wanted = forget.want(f"incidents:{NUMBER}")
    assert wanted.cited_by == (cited_by or ())
    assert ("its reference" in {each.what for each in wanted.needles}) == (cited_by is None)
    source.build()
    assert forget.prove(wanted).gone


@dataclass
class Lagging(Feed):
    """A source whose header counts more rows than there are: it may have lost some, or the count may lag."""

    lags: bool = False

    def rows(self) -> Iterator[RawRow]:
        """Yield the rows, and then complain."""
        yield from super().rows()
        if self.lags:
            raise SourceUnavailable(self.name, "table 'info' says 4 rows and there are 3; fetch it again.")


@pytest.mark.parametrize("tells", [True, False])
def test_a_header_that_lags_refuses_with_the_way_out_and_lets_it_go_once_the_source_told(
    tmp_path: Path, tells: bool
) -> None:
    source = Source(tmp_path)
    source.feed = Lagging("incidents", tells_deletions=tells)
    for record in (one("1"), quill()):
        source.feed.put(record)
    source.build()
    source.feed.delete(REF)
    source.feed.lags = True
    with pytest.raises(SourceUnavailable, match="fetch it again") as caught:
        forgetting(source).want(REF)
    assert ("or run 'discoverer sync'" in caught.value.message) == tells
    assert REF in source.found(), "refused, it stays as it is"
    if tells:
        source.sync()
        forget = forgetting(source)
        assert forget.hide(forget.want(REF)) is Before.HIDDEN


def test_what_a_sync_has_hidden_is_said_to_be_hidden(source: Source) -> None:
    source.feed.delete(REF)
    source.sync()
    forget = forgetting(source)
    assert forget.hide(forget.want(REF)) is Before.HIDDEN
    said = cli_forget.HIDING[Before.HIDDEN]
    assert "hidden already" in said and "no search finds it" in said and "before this either" not in said


def test_a_number_written_otherwise_by_another_is_not_its_alone(source: Source) -> None:
    source.feed.put(quill("5", text="", number_of="07700-900-876"))
    source.build()
    source.feed.delete(REF)
    assert "a number" not in {each.what for each in forgetting(source).want(REF).needles}


def test_a_value_given_that_others_say_too_is_left_out_and_said(source: Source) -> None:
    source.feed.delete(REF)
    wanted = forgetting(source).want(REF, ["Ada Quorn", "plumpernickle", "never said"])
    assert wanted.shared == ("Ada Quorn",)
    assert [each.text for each in wanted.needles if each.what == "a value given"] == ["plumpernickle", "never said"]


def free_page(_: Source, folder: Path) -> Path:
    """Leave rows deleted without being written over."""
    path = folder / "left.sqlite"
    database = sqlite3.connect(path)
    database.execute("PRAGMA secure_delete = OFF")
    database.execute("CREATE TABLE t (x)")
    database.executemany("INSERT INTO t VALUES (?)", [(f"{number} ORIOLE QUILLFEATHERBY",) for number in range(400)])
    database.commit()
    database.execute("DELETE FROM t")
    database.commit()
    database.close()
    assert b"QUILLFEATHERBY" in path.read_bytes()
    return path


def journal(_: Source, folder: Path) -> Path:
    path = folder / "people.sqlite-wal"
    path.write_bytes(b"\0\1ZARZUELAPLATZ\2")
    return path


def over_pages(_: Source, folder: Path) -> Path:
    """Leave a value that the database parts in the middle of the word."""
    path = folder / "long.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE t (x)")
        for before in range(3_900, 4_200):
            database.execute("INSERT INTO t VALUES (?)", ("." * before + "plumpernickle" + "." * 5_000,))
        database.execute("DELETE FROM t WHERE instr(x, 'plumpernickle') NOT BETWEEN 4048 AND 4052")
    with sqlite3.connect(path) as database:
        database.execute("VACUUM")
    database.close()
    return path


def shortened(_: Source, folder: Path) -> Path:
    """Leave a word of which the index of words keeps only what the one before it has not."""
    path = folder / "words.sqlite"
    with sqlite3.connect(path) as database:
        database.execute("CREATE VIRTUAL TABLE t USING fts5(w, content='', detail=none)")
        database.execute("INSERT INTO t (rowid, w) VALUES (1, 'plumpernice plumpernickel plumpernickle')")
    database.close()
    assert b"plumpernickle" not in path.read_bytes()
    return path


def written(coding: str, text: str) -> Callable[[Source, Path], Path]:
    def _write(_: Source, folder: Path) -> Path:
        path = folder / "left.bin"
        path.write_bytes(b"\0" * (traces.CHUNK - 7) + text.encode(coding))  # over the end of what is read at once
        return path

    return _write


def half_build(_: Source, folder: Path) -> Path:
    path = folder / "builds" / "20990101T000000Z-abcdef.part" / "segments"
    path.mkdir(parents=True)
    (path / "x.sqlite").write_bytes(b"quillfeatherby")
    return path / "x.sqlite"


def refused_rows(_: Source, folder: Path) -> Path:
    (folder / "refused").mkdir()
    path = folder / "refused" / "incidents.jsonl"
    path.write_text('{"raw": {"NAME": "Quillfeatherby"}}\n', encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("leave", "where", "must"),
    [
        pytest.param(free_page, "bytes of no row", "by hand", id="a free page"),
        pytest.param(journal, "its bytes", "by hand", id="a journal"),
        pytest.param(over_pages, "table t", "by hand", id="a value over two pages"),
        pytest.param(shortened, "the index of words t", "by hand", id="a shortened word"),
        pytest.param(written("utf-16-le", "Quillfeatherby"), "its bytes", "by hand", id="UTF-16"),
        pytest.param(written("utf-8", "quillFEATHERby"), "its bytes", "by hand", id="UTF-8, over two readings"),
        pytest.param(half_build, "its bytes", "clears away", id="a half build"),
        pytest.param(refused_rows, "its bytes", "that is believed", id="rows refused"),
    ],
)
def test_what_is_left_anywhere_is_found(
    source: Source, leave: Callable[[Source, Path], Path], where: str, must: str
) -> None:
    source.feed.delete(REF)
    forget = forgetting(source)
    wanted = forget.want(REF)
    source.build()
    assert forget.prove(wanted).gone
    path = leave(source, source.state)
    (found,) = forget.prove(wanted).left
    assert (found.file, found.where) == (str(path.relative_to(source.state)), where) and must in found.must


def test_what_moves_on_before_it_is_read_is_found_where_it_stands_then(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a layer does, which is a copy of the one before it."""
    source.feed.delete(REF)
    wanted = forgetting(source).want(REF)
    source.build()
    (source.state / "zz.bin").write_bytes(b"QUILLFEATHERBY")
    read = traces.traces_in

    def meanwhile(path: Path, needles: Sequence[traces.Needle]) -> Iterator[traces.Trace]:
        if (source.state / "zz.bin").exists():
            (source.state / "zz.bin").rename(source.state / "aa.bin")
        return read(path, needles)

    monkeypatch.setattr(traces, "traces_in", meanwhile)
    assert [each.file for each in forgetting(source).prove(wanted).left] == ["aa.bin"]


@pytest.mark.parametrize("engine", ["whoosh", "tantivy"])
def test_keys_are_looked_into_however_an_engine_packs_them(tmp_path: Path, engine: str) -> None:
    if engine == "tantivy":
        pytest.importorskip("tantivy")
    source = Source(tmp_path)
    source.settings = source.settings.model_copy(update={"engine": engine})
    for record in (one("1"), quill()):
        source.feed.put(record)
    source.build()
    build = versions.builds_of(source.state) / versions.current(source.state)
    asked = [traces.needle(text, text) for text in ("quillfeatherby", "700900876", REF, "quillfeatherbx", "700900875")]
    found = {each.what for each in traces.in_engine(build, versions.open_verified(build), asked)}
    assert found == {"quillfeatherby", "700900876", REF}
    found = {each.what for each in traces.in_vocabulary(build, asked)}
    assert found == {"quillfeatherby"}


def test_a_record_its_source_still_holds_is_not_forgotten(source: Source) -> None:
    with pytest.raises(StillHeld, match="still held by its source; delete it there first"):
        forgetting(source).want(REF)
    assert REF in source.found()


def test_a_record_its_source_holds_closed_is_said_to_be_hidden_from_others(source: Source) -> None:
    record = source.feed.held[REF]
    source.feed.put(replace(record, persons=(replace(record.persons[0], visibility=Visibility.PROTECTED),)))
    with pytest.raises(StillHeld, match="as protected: whoever may not see that finds it no more"):
        forgetting(source).want(REF)


def test_a_reference_that_nothing_knows_is_refused(source: Source) -> None:
    for named in (f"incidents:777/{DAY}", f"777/{DAY}", f"elsewhere:{REF}", "", ":"):
        with pytest.raises(NotFound):
            forgetting(source).want(named)


def test_a_reference_of_two_sources_must_say_which(tmp_path: Path) -> None:
    source = Source(tmp_path)
    other = Feed("custody")
    source.feed.put(quill())
    other.put(replace(quill(), source="custody", persons=(Person(0, Role.DETAINEE, ("Ada Quorn",)),)))
    source.settings = source.settings.model_copy(update={"sources": ("incidents", "custody")})
    build(source.settings, [source.feed, other])
    source.feed.delete(REF)
    forget = Forgetting(source.settings, [source.feed, other])
    with pytest.raises(UsageError, match="reference in custody and incidents; write which, as 'custody:3/2014-09-14'"):
        forget.want(REF)
    assert forget.want(f"incidents:{REF}").records[0].source == "incidents"


def test_a_source_that_cannot_say_what_changed_has_a_tombstone_laid_by_hand(source: Source) -> None:
    source.feed.delete(REF)
    source.feed.log.clear()  # its change table knows nothing
    source.feed.log.extend([f"1/{DAY}"] * 3)
    forget = forgetting(source)
    wanted = forget.want(REF)
    assert forget.hide(wanted) is Before.FOUND and REF not in source.found()
    source.sync()
    assert REF not in source.found(), "a sync does not bring it back"


def test_a_record_of_the_day_is_proved_gone_too(source: Source) -> None:
    source.feed.put(log("8", DAY, text="PERIWINKLETON"))
    source.sync()
    source.feed.delete(f"8/{DAY}")
    forget = forgetting(source)
    wanted = forget.want(f"8/{DAY}")
    assert forget.hide(wanted) is Before.FOUND
    left = forget.prove(wanted).left
    assert left and all(each.file.startswith("fresh/") for each in left)
    source.build()
    assert forget.prove(wanted).gone


class Set(NamedTuple):
    """A set that is built, and one log of it."""

    config: Path
    ref: str


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the small set with one more log."""
    folder = shutil.copytree(SMALL, tmp_path_factory.mktemp("forget") / "set", ignore=shutil.ignore_patterns("state"))
    config = folder / "discoverer.toml"
    config.write_text(config.read_text(encoding="utf-8") + 'linking = "exact"\n', encoding="utf-8")
    desk = NightDesk(folder / "incidents.sqlite")
    who = ("VIC", "QUILLFEATHERBY, ORIOLE", "03/07/1989", "", "F", "07700 900876", "")
    key = desk.open(Entry(desk.now - timedelta(minutes=5), "D1", "P2", [SAID], people=[who]))
    (folder / "ref").write_text("/".join(key))
    desk.close()
    assert run(config, "build").exit_code == 0
    return config


@pytest.fixture
def small_set(built: Path, tmp_path: Path) -> Iterator[Set]:
    config = copy_of(built, tmp_path / "set")
    yield Set(config, (config.parent / "ref").read_text())


def delete(made: Set) -> None:
    desk = NightDesk(made.config.parent / "incidents.sqlite")
    number, _, day = made.ref.partition("/")
    desk.take_away((number, day))
    desk.close()


def test_the_command_says_where_it_was_and_that_it_is_gone(small_set: Set) -> None:
    delete(small_set)
    assert run(small_set.config, "search", "oriole quillfeatherby").exit_code == 0  # a look that is kept
    first = run(small_set.config, "forget", f"incidents:{small_set.ref}", "--prove")
    assert "still stands in" in complaint(first, 9) and "run 'discoverer build'" in first.stderr
    assert "it is hidden from now on" in first.stdout and "segments/incidents.sqlite, table record" in first.stdout
    assert "kept by law: audit/" in first.stdout
    assert "QUILLFEATHERBY" not in first.output.upper(), "what it says is not printed"
    both = run(small_set.config, "forget", f"incidents:{small_set.ref}", "--prove", "--build", "--json")
    assert both.exit_code == 0, both.stderr
    proofs: list[dict[str, Any]] = json.loads(both.stdout)
    assert [each["gone"] for each in proofs] == [False, True] and proofs[0]["left"] and not proofs[1]["left"]
    again = run(small_set.config, "forget", f"incidents:{small_set.ref}", "--prove", "--also", "Quillfeatherby")
    assert again.exit_code == 0, again.output
    assert "is gone from every file that need not keep it" in again.stdout and "a value given (1)" in again.stdout


def test_without_proof_it_is_hidden(small_set: Set) -> None:
    delete(small_set)
    hidden = run(small_set.config, "forget", small_set.ref)
    assert hidden.exit_code == 0 and "gone from every file at the next build" in hidden.stdout
    assert small_set.ref not in run(small_set.config, "search", "oriole quillfeatherby").stdout


def test_bad_input_of_the_command_is_one_sentence(small_set: Set) -> None:
    held = complaint(run(small_set.config, "forget", small_set.ref, "--prove"), 2)
    assert held.startswith(f"incidents:{small_set.ref} is still held by its source; delete it there first")
    for named in ("incidents:9999/2031-01-01", "9999/2031-01-01"):
        for _ in range(2):  # asking makes it no better known
            complaint(run(small_set.config, "forget", named, "--prove"), 7)
    assert run(small_set.config, "forget").exit_code == 2


def test_every_forgetting_is_a_look_that_is_kept(small_set: Set) -> None:
    delete(small_set)
    run(small_set.config, "forget", small_set.ref)
    (path,) = load(small_set.config).audit_dir.glob("*.jsonl")
    last = json.loads(path.read_text(encoding="utf-8").splitlines()[-1])
    assert last["action"] == "forget" and last["shown"][0]["id"] == f"incidents:{small_set.ref}"


def test_a_value_stands_in_every_form_it_may_be_written_in() -> None:
    value = traces.needle("a name", "Zoë O'Quill")
    for text in ("ZOË O'QUILL", "zoë o'quill", "zoe oquill", "Zoë O'Quill"):
        for coding in ("utf-8", "utf-16-le", "utf-16-be"):
            assert traces.stands_in(f"x{text}y".encode(coding), value), (text, coding)
    assert traces.stands_in(json.dumps("Zoë O'Quill"), value)
    assert not traces.stands_in("zoe oquil", value) and not traces.stands_in(None, value)
