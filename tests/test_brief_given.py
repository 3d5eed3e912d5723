"""Briefings given: the exact text, what it rested on, what changed since, and what goes when a record must."""

from __future__ import annotations

import json
import sqlite3
import stat
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER, Viewer
from discoverer.answer import HitKind
from discoverer.app import App
from discoverer.briefing.parts import Given, Since
from discoverer.briefing.rested import digest
from discoverer.clock import parse_iso
from discoverer.errors import BriefingChanged, BriefingNotKept, BriefingsUnavailable, DiscovererError, UsageError
from discoverer.model import GradeChange, Marker, Order, Person, Record, RecordKind, RiskLevel, Role, Visibility
from discoverer.settings import Settings
from index.build import build
from index.decisions import Verdict
from tests.cast import AS_AT, ASIF, SHABANA, Cast, by_source, dash, day, log

VICTIM = "domestic_abuse:DA/14/00001#0"
FORM = dash("DA/14/00001", "2014-09-03", RiskLevel.HIGH, SHABANA, ASIF)
ARREST = Record(
    "custody", ("BE/1/14",), RecordKind.CUSTODY, day("2014-09-05"), "arrested for COMMON ASSAULT",
    persons=(Person(0, Role.DETAINEE, ("MOHAMMED ASIF KHAN",), ("07/03/1985",)),),
)  # fmt: skip
BAIL = Order("bail", day("2014-09-05"), day("2014-12-19"), 0, ("SHABANA BIBI",), ("NOT TO CONTACT SHABANA BIBI",))


def published(state: Path, records: Sequence[Record], as_at: str = AS_AT) -> App:
    """Build these records into a state that may have builds already, and open it."""
    # Others' records, so that a source which lost one is believed.
    others = [log(str(n), "2013-03-01", persons=(Person(0, Role.VICTIM, (f"{name} TATTON",)),)) for n, name in enumerate(("ALAN", "BERYL", "CYRIL", "DORA", "EDGAR", "FLORA", "GERALD", "HILDA", "IVOR", "JOAN"), 500)]  # fmt: skip
    sources: dict[str, list[Record]] = {"domestic_abuse": [], "custody": [], **by_source([*records, *others])}
    settings = Settings(state_dir=state, sources_dir=state, sources=tuple(sources), as_at=datetime.fromisoformat(as_at))
    build(settings, [Cast(name, found) for name, found in sources.items()])
    return App(settings)


def since(app: App, viewer: Viewer = DEMO_VIEWER) -> Since:
    return app.briefings.since(viewer, HitKind.PERSON, VICTIM)


def give(
    app: App, text: str = "", ident: str = VICTIM, *, viewer: Viewer = DEMO_VIEWER, edited: bool = False, to: str = ""
) -> Given:
    """Make a briefing and give it at once, as it was made or as `text`."""
    kind = HitKind.PERSON if "#" in ident else HitKind.EVENT
    made = app.briefings.make(viewer, kind, ident)
    return app.briefings.give(
        viewer, kind, ident, text or made.spoken, shown=made.fingerprint, as_at=made.as_at, edited=edited, to=to
    )


def rows(app: App, table: str = "given") -> list[dict[str, object]]:
    with sqlite3.connect(app.settings.briefings_file) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]


def test_what_was_given_is_kept_exactly_with_who_when_to_whom_and_what_it_rested_on(tmp_path: Path) -> None:
    with published(tmp_path, [FORM, ARREST]) as app:
        made = app.briefings.make(DEMO_VIEWER, HitKind.PERSON, VICTIM)
        viewer = Viewer("pc 7", "rad", log="1-2014-11-16")
        given = give(app, made.spoken, viewer=viewer, to=" BE12 ")
        (row,) = rows(app)
        rested = rows(app, "rested")
        mode = stat.S_IMODE(app.settings.briefings_file.stat().st_mode)
    assert (given.number, given.by, given.to, given.log, given.edited) == (1, "pc 7", "BE12", "1-2014-11-16", False)
    assert given.at == "2014-11-16T02:00:00Z" and given.build == made.build
    assert (row["text"], row["original"], row["fingerprint"]) == (made.spoken, "", made.fingerprint)
    assert {(each["source"], each["ref"]) for each in rested} >= {("domestic_abuse", "DA/14/00001")}
    assert {each["said"] for each in rested} == {each.said for each in made.rested_on}
    assert mode == 0o600


FORMS = [
    pytest.param("spoken", "", False, False, id="as it was made"),
    pytest.param("written", "", False, False, id="the written form as it was made"),
    pytest.param("plain", "", False, False, id="the text for the log as it was made"),
    pytest.param("spoken", " Mind the dog.", False, True, id="changed, though nobody says so"),
    pytest.param("written", " Mind the dog.", True, True, id="the written form changed"),
    pytest.param("spoken", "", True, True, id="said to be edited"),
]


@pytest.mark.parametrize(("form", "added", "said", "edited"), FORMS)
def test_edited_text_is_marked_and_the_one_that_was_made_is_kept(
    tmp_path: Path, form: str, added: str, said: bool, edited: bool
) -> None:
    with published(tmp_path, [FORM]) as app:
        made = str(getattr(app.briefings.make(DEMO_VIEWER, HitKind.PERSON, VICTIM), form))
        given = give(app, made + added, edited=said)
        (row,) = rows(app)
    assert given.edited is edited and ("edited" in given.words) is edited
    assert row["original"] == (made if added else "") and row["text"] == (made + added).strip()


NOT_GIVEN = [
    pytest.param("   ", "", id="nothing"),
    pytest.param("x" * 20_001, "", id="too long"),
    pytest.param("half \ud83d", "", id="half a character"),
    pytest.param("fine", "B" * 41, id="a call sign that is none"),
]


@pytest.mark.parametrize(("text", "to"), NOT_GIVEN)
def test_what_cannot_be_given_is_refused_in_a_sentence(tmp_path: Path, text: str, to: str) -> None:
    with published(tmp_path, [FORM]) as app:
        with pytest.raises(UsageError) as raised:
            app.briefings.give(DEMO_VIEWER, HitKind.PERSON, VICTIM, text, shown="", as_at=AS_AT, to=to)
        assert raised.value.message and not app.settings.briefings_file.exists()


def test_never_briefed_is_said_so_and_nothing_changed_too(tmp_path: Path) -> None:
    with published(tmp_path, [FORM]) as app:
        assert since(app) == Since(None, (), False, "Never briefed.")
        give(app)
        told = since(app)
    assert told.last is not None and (told.changes, told.flag) == ((), False)
    assert told.words.startswith("Nothing changed since it was briefed 16/11/2014 02:00")


def graded(level: RiskLevel, *history: str) -> Record:
    changes = tuple(GradeChange(each, day("2014-09-03")) for each in history)
    return dash("DA/14/00001", "2014-09-03", level, SHABANA, ASIF, history=changes)


CALL = log("9", "2014-11-15", summary="domestic incident", persons=(SHABANA,))
CHANGED = [
    pytest.param([FORM], [FORM, CALL], "New record: incidents 9/2014-11-15, 15/11/2014, domestic incident.", id="a new record"),
    pytest.param([graded(RiskLevel.STANDARD)], [FORM], "Risk RAISED from STANDARD to HIGH (domestic_abuse DA/14/00001).", id="raised"),
    pytest.param([FORM], [graded(RiskLevel.MEDIUM)], "Risk LOWERED from HIGH to MEDIUM (domestic_abuse DA/14/00001).", id="lowered"),
    pytest.param([FORM, ARREST], [FORM, replace(ARREST, orders=(BAIL,))], "Now in force: BAIL from 05/09/2014 to 19/12/2014", id="an order started"),
    pytest.param([FORM, replace(ARREST, orders=(BAIL,))], [FORM, replace(ARREST, orders=(replace(BAIL, end=day("2014-11-01")),))], "No longer in force, ended 01/11/2014: order: bail, from 05/09/2014 (custody BE/1/14).", id="an order ended"),
    pytest.param([FORM, ARREST], [FORM, replace(ARREST, markers=(Marker("WE", "weapons", day("2014-05-01"), None, "", 0),))], "Now in force: WEAPONS MOHAMMED ASIF KHAN", id="a marker set"),
    pytest.param([FORM, CALL], [FORM, replace(CALL, summary="concern for safety")], "A record it rested on was changed: incidents 9/2014-11-15, 15/11/2014.", id="a record rewritten"),
    pytest.param([FORM, CALL], [FORM], "A record it rested on is no longer held (incidents 9/2014-11-15).", id="a record withdrawn, its text not removed yet"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "sentence"), CHANGED)
def test_what_changed_since_it_was_briefed_is_said(
    tmp_path: Path, before: list[Record], after: list[Record], sentence: str
) -> None:
    with published(tmp_path, before) as app:
        give(app)
    with published(tmp_path, after) as app:
        told = since(app)
        made = app.briefings.make(DEMO_VIEWER, HitKind.PERSON, VICTIM)
    assert told.flag and any(each.startswith(sentence) for each in told.changes), told.changes
    assert told.words.startswith("CHANGED since it was briefed") and made.since == told.changes


def changed(folder: Path, before: list[Record], after: list[Record]) -> str:
    """Give a briefing of some records, and say what changed by others."""
    with published(folder, before) as app:
        give(app)
    with published(folder, after) as app:
        return " ".join(since(app).changes)


def call_of(what: str) -> Record:
    return log("9", "2014-11-15", summary=what, persons=(SHABANA,))


UNTOLD = [
    pytest.param(call_of("rape by her uncle"), "rape", "New record: incidents 9/2014-11-15, 15/11/2014.", id="a sexual offence"),
    pytest.param(call_of("taken to a refuge"), "refuge", "New record: incidents 9/2014-11-15, 15/11/2014.", id="where she is"),
    pytest.param(call_of("password is MAPLE"), "maple", "New record: incidents 9/2014-11-15, 15/11/2014.", id="a codeword"),
    pytest.param(replace(ARREST, markers=(Marker("SX", "sex offender", day("2014-05-01"), None, "", 0),)), "sex offend", "Now in force: marker, from 01/05/2014 (custody BE/1/14).", id="a marker of a sexual offence"),
    pytest.param(replace(ARREST, markers=(Marker("TG", "transgender", day("2014-05-01"), None, "", 0),)), "transgender", "Now in force: marker, from 01/05/2014 (custody BE/1/14).", id="a marker of a former gender"),
    pytest.param(Record("intelligence", ("INT/14/1",), RecordKind.INTELLIGENCE, day("2014-10-09"), persons=(SHABANA, ASIF), markers=(Marker("FI", "firearms", day("2014-05-01"), None, "", 1),)), "firearm", "Now in force: weapons or violence, from 01/05/2014 (intelligence INT/14/1).", id="a marker of a report that must not be passed on"),
    pytest.param(replace(ARREST, markers=(Marker("VI", "violent", day("2014-05-01"), None, "", 0),)), "refuge", "Now in force: VIOLENT MOHAMMED ASIF KHAN", id="a near miss: a marker that may be told"),
    pytest.param(call_of("domestic incident"), "refuge", "15/11/2014, domestic incident.", id="a near miss: a summary that may be told"),
]  # fmt: skip


@pytest.mark.parametrize(("new", "word", "sentence"), UNTOLD)
def test_what_changed_tells_nothing_that_the_briefing_withholds(
    tmp_path: Path, new: Record, word: str, sentence: str
) -> None:
    told = changed(tmp_path / "begun", [FORM], [FORM, new])
    assert word not in told.lower() and sentence in told, told
    # Nor once it has ended.
    ended = changed(tmp_path / "ended", [FORM, new], [FORM, replace(new, markers=())])
    assert word not in ended.lower(), ended


OLD_CALL = log("2", "2009-01-05", summary="theft", persons=(SHABANA,))
OLD_FORM = dash("DA/09/00009", "2009-01-05", RiskLevel.HIGH, SHABANA, Person(1, Role.SUSPECT, ("ZED QUORN",)))
UNDATED = replace(OLD_CALL, at=None)
LATE = [
    pytest.param(OLD_CALL, False, id="an old call, which may not have been read then"),
    pytest.param(OLD_FORM, True, id="an old assessment"),
    pytest.param(UNDATED, True, id="a call without a date"),
]


@pytest.mark.parametrize(("late", "told"), LATE)
def test_what_is_grave_is_new_however_old_it_is(tmp_path: Path, late: Record, told: bool) -> None:
    with published(tmp_path, [FORM]) as app:
        give(app)
        with sqlite3.connect(app.settings.briefings_file) as connection:
            connection.execute("UPDATE given SET cut = 1")
    with published(tmp_path, [FORM, late]) as app:
        found = [each for each in since(app).changes if each.startswith("New record")]
    assert bool(found) is told, found


NOT_CHANGED = [
    pytest.param([FORM, ARREST], [FORM, ARREST, log("8", "2014-11-15", persons=(Person(0, Role.VICTIM, ("ZOFIA NOWAK",)),))], id="somebody else's record"),
    pytest.param([FORM], [replace(FORM, row="elsewhere.csv:9")], id="the same words on another line of their source"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after"), NOT_CHANGED)
def test_what_is_not_hers_or_not_said_is_no_change(tmp_path: Path, before: list[Record], after: list[Record]) -> None:
    with published(tmp_path, before) as app:
        give(app)
    with published(tmp_path, after) as app:
        assert since(app).changes == ()


def test_a_briefing_is_found_again_by_any_of_her_mentions(tmp_path: Path) -> None:
    with published(tmp_path, [FORM]) as app:
        give(app)
    earlier = log("1", "2013-01-05", persons=(SHABANA,))
    with published(tmp_path, [FORM, earlier]) as app:  # her id is now that of the earlier record
        told = app.briefings.since(DEMO_VIEWER, HitKind.PERSON, "incidents:1/2013-01-05#0")
    assert told.last is not None and "New record: incidents 1/2013-01-05, 05/01/2013." in told.changes


def test_a_second_briefing_is_what_is_compared_with(tmp_path: Path) -> None:
    with published(tmp_path, [FORM]) as app:
        give(app)
    with published(tmp_path, [FORM, CALL]) as app:
        give(app)
        told = since(app)
    assert told.last is not None and (told.last.number, told.changes) == (2, ())


def test_a_briefing_that_rests_on_what_a_viewer_may_not_see_is_not_theirs_to_know_of(tmp_path: Path) -> None:
    with published(tmp_path, [FORM]) as app:
        give(app)
        with sqlite3.connect(app.settings.briefings_file) as connection:
            connection.execute("UPDATE rested SET label = ?", (Visibility.PROTECTED.value,))
        assert since(app).last is None


def test_a_deleted_record_takes_the_text_with_it_and_leaves_fingerprints(tmp_path: Path) -> None:
    with published(tmp_path, [FORM, CALL]) as app:
        give(app, "SHE LIVES AT THE YELLOW DOOR", to="BE12")
        give(app, "NINE OF THE FIFTEENTH", "incidents:9/2014-11-15")
    with published(tmp_path, [FORM]) as app:
        assert app.briefings.tidy() == 2
        assert app.briefings.tidy() == 0
        told, raw = since(app), app.settings.briefings_file.read_bytes()
    for gone in (b"YELLOW", b"9/2014-11-15", b"NINE OF"):
        assert gone not in raw
    assert told.last is not None and told.last.redacted and told.last.to == "BE12" and len(told.last.digest) == 64
    assert "A record it rested on was deleted by its source." in told.changes


def test_a_source_that_failed_has_deleted_nothing(tmp_path: Path) -> None:
    with published(tmp_path, [FORM, CALL]) as app:
        give(app, "STAYS")
        settings = app.settings
    without = Settings(**{**settings.model_dump(), "state_dir": tmp_path / "anew"})
    build(without, [Cast("domestic_abuse", [FORM]), Cast("custody", [])])  # incidents is in no build there
    settings.briefings_file.rename(without.briefings_file)
    with App(without) as app:
        assert app.briefings.tidy() == 0 and rows(app)[0]["text"] == "STAYS"


def test_going_back_to_an_older_build_deletes_nothing_of_what_was_briefed_since(tmp_path: Path) -> None:
    published(tmp_path, [FORM]).close()
    with published(tmp_path, [FORM, CALL]) as app:
        give(app, "STAYS")
        app.rollback(DEMO_VIEWER)
        assert app.briefings.tidy() == 0 and rows(app)[0]["text"] == "STAYS"
    with published(tmp_path, [FORM]) as app:  # a near miss: a newer build without it is believed
        assert app.briefings.tidy() == 1 and rows(app)[0]["text"] == ""


def test_a_layer_that_cannot_be_opened_deletes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with published(tmp_path, [FORM, CALL]) as app:
        give(app, "STAYS")
    with published(tmp_path, [FORM]) as app:
        damaged = tmp_path / "damaged.layer"
        damaged.write_bytes(b"no layer")
        monkeypatch.setattr("index.layer_file.in_force", lambda *_: damaged)
        assert app.briefings.tidy() == 0 and rows(app)[0]["text"] == "STAYS"


def test_fingerprints_are_made_with_a_key_of_this_set_up(tmp_path: Path) -> None:
    with published(tmp_path, [FORM]) as app:
        given = give(app, "SAID")
        key = app.settings.state_dir / "briefings.key"
        kept = {str(each["digest"]) for table in ("given", "subject", "rested") for each in rows(app, table)}
        plain = {digest(text.encode()) for text in ("SAID", f"person|{VICTIM}", "domestic_abuse:DA/14/00001")}
        assert given.digest in kept and kept.isdisjoint(plain)
        assert stat.S_IMODE(key.stat().st_mode) == 0o600 and len(key.read_bytes()) == 32
        key.unlink()
        with App(app.settings) as again, pytest.raises(BriefingsUnavailable, match="restore it and the key beside it"):
            since(again)


def test_a_file_of_the_first_layout_is_given_keyed_fingerprints_and_found_again(tmp_path: Path) -> None:
    with published(tmp_path, [FORM]) as app:
        give(app, "SAID")
        (app.settings.state_dir / "briefings.key").unlink()
        with sqlite3.connect(app.settings.briefings_file) as connection:
            connection.execute("DROP INDEX rested_record")
            connection.execute("DELETE FROM subject")
            connection.execute("INSERT INTO subject VALUES (1, ?)", (digest(f"person|{VICTIM}".encode()),))
            connection.execute("PRAGMA user_version = 1")
        with App(app.settings) as again:
            assert since(again).last is not None and "Nothing changed" in since(again).words
            assert [each["digest"] for each in rows(again, "subject")] != [digest(f"person|{VICTIM}".encode())]


def test_a_decision_that_joins_two_keeps_both_briefings_findable(tmp_path: Path) -> None:
    other = log("3", "2014-02-02", persons=(Person(0, Role.VICTIM, ("SHABS BEGUM",)),))
    with published(tmp_path, [FORM, other]) as app:
        give(app, "OF SHABS", "incidents:3/2014-02-02#0")
        app.decide(Viewer("pc 1", "rad"), Verdict.SAME, (VICTIM, "incidents:3/2014-02-02#0"), "one woman")
        assert app.briefings.since(DEMO_VIEWER, HitKind.PERSON, "incidents:3/2014-02-02#0").last is not None


def test_a_file_that_cannot_be_read_or_written_is_said_and_nothing_passes_for_given(tmp_path: Path) -> None:
    with published(tmp_path, [FORM]) as app:
        shown = app.briefings.make(DEMO_VIEWER, HitKind.PERSON, VICTIM)
        app.settings.briefings_file.write_bytes(b"this is no database at all, whatever it is called" * 40)
        with pytest.raises(BriefingsUnavailable, match="what was briefed before is not known"):
            since(app)
        (told,) = app.briefings.make(DEMO_VIEWER, HitKind.PERSON, VICTIM).since  # whoever is on their way is told
        assert "what was briefed before is not known" in told
        with pytest.raises(BriefingNotKept, match="was not kept"):
            app.briefings.give(DEMO_VIEWER, HitKind.PERSON, VICTIM, "SAID", shown=shown.fingerprint, as_at=shown.as_at)


def test_many_may_give_at_once_and_each_is_kept_once(tmp_path: Path) -> None:
    with published(tmp_path, [FORM]) as app, ThreadPoolExecutor(6) as pool:
        numbers = [given.number for given in pool.map(lambda n: give(app, f"TEXT {n}"), range(18))]
        assert sorted(numbers) == [*range(1, 19)]
        assert {row["text"] for row in rows(app)} == {f"TEXT {n}" for n in range(18)}


def test_every_way_is_a_recorded_look(tmp_path: Path) -> None:
    with published(tmp_path, [FORM]) as app:
        give(app, "SAID")
        since(app)
        lines = [line for path in app.settings.audit_dir.glob("*.jsonl") for line in path.read_text().splitlines()]
    assert len(lines) == 3
    for how, line in zip(("make", "give", "since"), lines, strict=True):
        assert '"action":"brief"' in line and f'"asked":"{how} person {VICTIM}"' in line
        # The suspect is read as a hit of his own and told of: that was a look at him, too.
        assert [each["id"] for each in json.loads(line)["shown"]] == [VICTIM, VICTIM.replace("#0", "#1")]


BETWEEN = [
    pytest.param([FORM, ARREST], [FORM, replace(ARREST, orders=(BAIL,))], "Now in force: BAIL from 05/09/2014", id="an order"),
    pytest.param([FORM], [FORM, log("9", "2014-11-15", persons=(SHABANA,))], "New record: incidents 9/2014-11-15", id="a record"),
]  # fmt: skip


@pytest.mark.parametrize("asked_again", [False, True], ids=["the same process", "a server started again"])
@pytest.mark.parametrize(("before", "after", "sentence"), BETWEEN)
def test_what_came_in_after_it_was_shown_is_said_and_nothing_is_recorded(
    tmp_path: Path, before: list[Record], after: list[Record], sentence: str, asked_again: bool
) -> None:
    with published(tmp_path, before) as app:
        made = app.briefings.make(DEMO_VIEWER, HitKind.PERSON, VICTIM)
        with published(tmp_path, after) as newer, pytest.raises(BriefingChanged) as raised:
            asked = newer if asked_again else app
            asked.briefings.give(
                DEMO_VIEWER, HitKind.PERSON, VICTIM, made.spoken, shown=made.fingerprint, as_at=made.as_at
            )
        assert not app.settings.briefings_file.exists() and raised.value.http_status == 409
        assert asked_again or sentence in raised.value.message
        assert raised.value.message.startswith("NOT recorded as given") and raised.value.changes
        give(app)  # read again, it is given


SHOWN_WHEN = [
    pytest.param("", UsageError, id="not said"),
    pytest.param("yesterday", UsageError, id="no instant"),
    pytest.param("2014-11-16T02:00:01Z", UsageError, id="still to come"),
    pytest.param("2014-11-15T13:59:59Z", BriefingChanged, id="longer ago than a shift"),
]


@pytest.mark.parametrize(("as_at", "error"), SHOWN_WHEN)
def test_a_briefing_that_was_shown_at_no_time_or_too_long_ago_is_not_given(
    tmp_path: Path, as_at: str, error: type[DiscovererError]
) -> None:
    with published(tmp_path, [FORM]) as app:
        made = app.briefings.make(DEMO_VIEWER, HitKind.PERSON, VICTIM)
        with pytest.raises(error) as raised:
            app.briefings.give(DEMO_VIEWER, HitKind.PERSON, VICTIM, "SAID", shown=made.fingerprint, as_at=as_at)
        assert raised.value.message and not app.settings.briefings_file.exists()


@pytest.mark.parametrize("form", ["spoken", "written", "plain"])
def test_a_briefing_given_hours_after_it_was_shown_is_as_made_though_every_age_in_it_moved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    with published(tmp_path, [FORM]) as fixed, App(fixed.settings.model_copy(update={"as_at": None})) as app:
        monkeypatch.setattr("discoverer.settings.now", lambda: parse_iso("2014-11-16T02:00:00Z"))
        made = app.briefings.make(DEMO_VIEWER, HitKind.PERSON, VICTIM)
        monkeypatch.setattr("discoverer.settings.now", lambda: parse_iso("2014-11-16T11:30:00Z"))
        again = app.briefings.make(DEMO_VIEWER, HitKind.PERSON, VICTIM)
        given = app.briefings.give(
            DEMO_VIEWER, HitKind.PERSON, VICTIM, getattr(made, form), shown=made.fingerprint, as_at=made.as_at
        )
        (row,) = rows(app)
    assert (given.edited, given.at, row["original"]) == (False, "2014-11-16T11:30:00Z", "")
    assert form == "spoken" or getattr(again, form) != getattr(made, form)
