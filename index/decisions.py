"""What people have decided about who is who: kept outside builds, never changed, never deleted.

A decision says that two mentions are, or are not, one person. One viewer proposes it; it holds once a second, different
viewer confirms it, and until somebody withdraws or rejects it: doing takes two people, undoing takes one. Every step is
an entry of its own with who, when and why; the database itself refuses to change or remove one.

One SQLite file with full syncing: an entry that was acknowledged is on the disk, one that was not is not there at all,
and any number of processes may write. Decisions are numbered apart by visibility label, so that a gap in the numbers
tells nobody of one they may not see.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypeVar

from discoverer.errors import DecisionNotKept, DecisionRefused, DecisionsUnavailable, NotFound
from discoverer.match.profiles import PersonProfile
from discoverer.model import Visibility
from discoverer.normalise.text import fold
from index import files
from index.decision_types import Act, Decision, Entry, Proposed, Verdict
from index.layouts import layout_of
from index.noted import note, noted_file, read_noted
from index.sights import read_sight, sight_of

__all__ = [
    "LAYOUT",
    "RANGE",
    "Act",
    "Decision",
    "Decisions",
    "Entry",
    "Proposed",
    "Verdict",
    "in_the_way",
    "no_such_decision",
    "one_viewer",
    "refuse_act",
    "refuse_contradiction",
    "same_viewer_key",
]

PATIENCE = 10.0  # seconds a writer waits for others; each holds the file for milliseconds


def _kept(table: str) -> tuple[str, ...]:
    """Write what keeps the rows of a table from being changed or removed."""
    return tuple(
        f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'entries are kept'); END"
        for verb in ("UPDATE", "DELETE")
    )


# More decisions than any label will see; the numbers of each begin a range further on.
RANGE = 1_000_000
# Statements of each layout, that of the one before taken for granted: an older file is brought up by its next writer.
_LAYOUTS = (
    (
        "CREATE TABLE decision (number INTEGER PRIMARY KEY, verdict TEXT NOT NULL, first TEXT NOT NULL,"
        " second TEXT NOT NULL, visibility TEXT NOT NULL)",
        "CREATE TABLE entry (entry INTEGER PRIMARY KEY AUTOINCREMENT, decision INT NOT NULL REFERENCES decision,"
        " act TEXT NOT NULL, at TEXT NOT NULL, viewer TEXT NOT NULL, role TEXT NOT NULL, log TEXT NOT NULL,"
        " reason TEXT NOT NULL)",
        *_kept("decision"),
        *_kept("entry"),
    ),
    (
        # Who stood in the two places; decisions made before this was kept wait until they are made anew.
        "CREATE TABLE sight (decision INTEGER PRIMARY KEY REFERENCES decision, first TEXT NOT NULL,"
        " second TEXT NOT NULL)",
        *_kept("sight"),
    ),
)
LAYOUT = len(_LAYOUTS)

_one_writer = threading.Lock()


T = TypeVar("T")
Bearing = Callable[[Sequence[Decision]], Sequence[Decision]]


def _all(decisions: Sequence[Decision]) -> Sequence[Decision]:
    """Let every decision count."""
    return decisions


class Decisions:
    """The store; several threads and processes may use it at once."""

    def __init__(self, path: Path) -> None:
        """Take where it is; the file is made by the first decision."""
        self.path = path

    def version(self, built_with: int = 0) -> int:
        """Return the number of the last entry; 0 when nothing was ever decided.

        Args:
            built_with: int >= 0, the last entry that the live build knew of.

        Raises:
            DecisionsUnavailable: the file cannot be read, or holds less than it did once.
        """
        noted = self._noted()  # first: an entry made meanwhile is then noted later than it is found, and never missed
        version = self._read(lambda _: _LAST, lambda rows: max((int(str(row[0])) for row in rows), default=0))
        if version < max(noted, built_with):
            raise _gone_back(self.path, version, noted, built_with)
        return version

    def all(self) -> tuple[Decision, ...]:
        """Return every decision, by number.

        Raises:
            DecisionsUnavailable: the file cannot be read.
        """
        return self._read(_everything, _decisions)

    def propose(
        self,
        verdict: Verdict,
        pair: tuple[str, str],
        visibility: Visibility,
        entry: Entry,
        seen: tuple[PersonProfile, PersonProfile],
        bearing: Bearing = _all,
    ) -> Proposed:
        """Keep what one viewer says of two mentions.

        Args:
            verdict: same or apart.
            pair: two different mention ids; the order in which they are named is kept.
            visibility: of the more closed of the two.
            entry: who says so, when and why.
            seen: who stands in the two places now.
            bearing: picks those decisions that bear on this viewer's answers; no other is looked at, or named.

        Raises:
            DecisionRefused: it stands already, or a confirmed decision says otherwise.
            DecisionNotKept: it could not be written.
        """

        def _add(connection: sqlite3.Connection, made: Sequence[Decision]) -> tuple[int, bool]:
            mine = bearing([each for each in made if each.stands])
            alike = (each for each in mine if each.verdict is verdict)
            twin = next((each for each in alike if set(each.pair) == set(pair)), None)
            if twin is not None:
                _refuse_repeated(twin, entry)
                return twin.number, False
            refuse_contradiction(mine, verdict, pair)
            low, high = visibility.rank * RANGE, (visibility.rank + 1) * RANGE
            number = connection.execute(
                "SELECT coalesce(max(number), ?) + 1 FROM decision WHERE number > ? AND number < ?", (low, low, high)
            ).fetchone()[0]
            row = (number, verdict.value, *pair, visibility.value)
            connection.execute("INSERT INTO decision VALUES (?, ?, ?, ?, ?)", row)
            connection.execute("INSERT INTO sight VALUES (?, ?, ?)", (number, *map(sight_of, seen)))
            _insert(connection, number, entry)
            return number, True

        return self._write(_add)

    def settle(self, number: int, entry: Entry, labels: Collection[Visibility], bearing: Bearing = _all) -> Decision:
        """Confirm, withdraw or reject a decision.

        Args:
            number: of the decision.
            entry: who does what, when and why; not a proposal.
            labels: of that viewer; a decision with another label is none of theirs.
            bearing: picks those decisions that bear on this viewer's answers; no other keeps one from being confirmed.

        Raises:
            NotFound: there is none of this number with one of these labels.
            DecisionRefused: it may not be done, by this viewer or in this state; the sentence says why.
            DecisionNotKept: it could not be written.
        """

        def _add(connection: sqlite3.Connection, made: Sequence[Decision]) -> tuple[int, bool]:
            decision = next((each for each in made if each.number == number), None)
            if decision is None or decision.visibility not in labels:
                raise no_such_decision(number)
            refuse_act(decision, entry)
            if entry.act is Act.CONFIRMED:
                mine = bearing([each for each in made if each.holds])
                refuse_contradiction(mine, decision.verdict, decision.pair)
            _insert(connection, number, entry)
            return number, True

        return self._write(_add).decision

    def _noted(self) -> int:
        """Return the last entry that was noted to be on the disk."""
        try:
            return read_noted(self.path)
        except (OSError, ValueError) as error:
            raise DecisionsUnavailable(
                f"{noted_file(self.path)} cannot be read ({error}), so whether decisions are missing is not known; "
                "mend its permissions, or remove it if no decision is missing."
            ) from error

    def _read(self, statement: Callable[[int], str], made_of: Callable[[Iterable[Sequence[object]]], T]) -> T:
        """Run the statement for the file's layout and make something of its rows, none when nothing was decided."""
        try:
            if not self.path.exists():
                return made_of(())
            with self._open() as connection:
                layout = layout_of(connection, LAYOUT)
                return made_of(connection.execute(statement(layout)).fetchall() if layout else ())
        except (sqlite3.Error, OSError) as error:
            raise DecisionsUnavailable(
                f"{self.path} cannot be read ({error}), so what people decided is not known; mend its permissions or "
                "restore it from its backup."
            ) from error

    def _write(self, add: Callable[[sqlite3.Connection, Sequence[Decision]], tuple[int, bool]]) -> Proposed:
        """Let `add` look at the decisions and add to them, while nobody else writes."""
        try:
            # One thread at a time: closing a file just made would drop the lock that another thread holds on it.
            with _one_writer, self._made() as connection:
                connection.execute("BEGIN IMMEDIATE")
                for layout, statements in enumerate(
                    _LAYOUTS[layout_of(connection, LAYOUT) :], layout_of(connection, LAYOUT) + 1
                ):
                    for statement in (*statements, f"PRAGMA user_version = {layout}"):
                        connection.execute(statement)
                last, noted = connection.execute(_LAST).fetchone()[0], self._noted()
                if last < noted:  # numbers begun anew would hide what is missing
                    raise _gone_back(self.path, last, noted, 0)
                number, anew = add(connection, _decisions(connection.execute(_everything(LAYOUT))))
                made = _decisions(connection.execute(_everything(LAYOUT)))
                last = connection.execute(_LAST).fetchone()[0]
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise DecisionNotKept(
                f"The decision was not kept: {self.path} could not be written ({error}); make room or mend its "
                "permissions, then say it again."
            ) from error
        if anew:
            self._note(last, number)
        return Proposed(next(each for each in made if each.number == number), anew)

    def _note(self, entry: int, number: int) -> None:
        """Note beside the file that an entry is in it."""
        try:
            note(self.path, entry)
        except OSError as error:
            raise DecisionNotKept(
                f"Decision {number} is kept, but {noted_file(self.path)}, by which its loss would be seen, could not "
                f"be written ({error.strerror}); make room or mend its permissions before anything more is decided."
            ) from error

    @contextmanager
    def _made(self) -> Iterator[sqlite3.Connection]:
        """Open the file, made when it is missing."""
        files.make_directory(self.path.parent)
        files.make_file(self.path, files.private_mode(self.path.parent))  # reasons name people
        with self._open() as connection:
            yield connection

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file; what a killed writer left half done is taken back by whoever opens it next.

        Leaving without a commit (an error, a refusal) takes back what was begun.
        """
        uri = f"{self.path.resolve().as_uri()}?mode=rw"
        with closing(sqlite3.connect(uri, uri=True, timeout=PATIENCE, isolation_level=None)) as connection:
            # EXTRA syncs the folder too when the journal goes, so that power loss cannot bring it back.
            connection.execute("PRAGMA synchronous = EXTRA")
            yield connection


_LAST = "SELECT coalesce(max(entry), 0) FROM entry"


def _everything(layout: int) -> str:
    """Write the statement that reads every entry with its decision and who was seen."""
    seen, joined = "'', ''", ""
    if layout == LAYOUT:
        seen = "coalesce(sight.first, ''), coalesce(sight.second, '')"
        joined = "LEFT JOIN sight ON sight.decision = number"
    return (
        f"SELECT number, verdict, decision.first, decision.second, visibility, {seen}, act, at, viewer, role, log,"
        f" reason FROM entry JOIN decision ON number = entry.decision {joined} ORDER BY number, entry"
    )


def _insert(connection: sqlite3.Connection, number: int, entry: Entry) -> None:
    """Add an entry to a decision."""
    row = (number, entry.act.value, entry.at, entry.viewer, entry.role, entry.log, entry.reason)
    connection.execute(
        "INSERT INTO entry (decision, act, at, viewer, role, log, reason) VALUES (?, ?, ?, ?, ?, ?, ?)", row
    )


def _decisions(rows: Iterable[Sequence[object]]) -> tuple[Decision, ...]:
    """Make decisions of joined rows, each with its entries."""
    entries: dict[int, list[Entry]] = {}
    heads: dict[int, tuple[Verdict, str, str, Visibility]] = {}
    seen: dict[int, tuple[PersonProfile | None, PersonProfile | None]] = {}
    for row in rows:
        number, verdict, first, second, label, one, other, act, *said = (str(value) for value in row)
        try:
            heads[int(number)] = Verdict(verdict), first, second, Visibility(label)
            seen[int(number)] = (read_sight(one) if one else None, read_sight(other) if other else None)
            entries.setdefault(int(number), []).append(Entry(Act(act), *said))
        except ValueError as error:
            raise sqlite3.DatabaseError(f"decision {number} is not as this version writes one: {error}") from None
    return tuple(Decision(number, *head, tuple(entries[number]), seen[number]) for number, head in heads.items())


def same_viewer_key(name: str) -> str:
    """Return what is left of a viewer's name when its case, accents, spaces, stops and unseen marks do not matter.

    Two names with one key are one viewer's, 'PC 1' and 'pc.1'; a name with none ('') is no name.
    """
    return fold(name).replace(" ", "")


def one_viewer(first: str, second: str) -> bool:
    """Tell whether two viewers' names are one viewer's, however they are spaced, stopped or capitalised: 'PC 1', 'pc1'.

    Loosely, since one officer who writes their name in two ways must not pass for the second who confirms.
    """
    return same_viewer_key(first) == same_viewer_key(second)


def no_such_decision(number: int) -> NotFound:
    """Say that there is no such decision; the same for one that the viewer may not see."""
    return NotFound(f"There is no decision {number} that you may see; 'discoverer decide list' shows those there are.")


def _gone_back(path: Path, version: int, noted: int, built_with: int) -> DecisionsUnavailable:
    """Say that the store holds less than it did once: it was lost, or replaced by an older one.

    How many entries there are is not said: whoever searches may not see all of them.
    """
    known = "the live build was made with" if built_with > version else "were made"
    more = [noted_file(path).name] if noted > version else []
    more += ["the builds", "CURRENT"] if built_with > version else []
    return DecisionsUnavailable(
        f"{path} holds fewer entries than {known}: restore it from its backup; to go on without what people "
        f"decided, remove {' and '.join(more)} beside it and build again."
    )


def _refuse_repeated(standing: Decision, entry: Entry) -> None:
    """Refuse to say again what somebody else has said: that is a confirmation."""
    if any(one_viewer(each.viewer, entry.viewer) for each in standing.entries):
        return
    if standing.holds:
        raise DecisionRefused(f"Decision {standing.number} says so already and is confirmed; there is nothing to add.")
    raise DecisionRefused(
        f"Decision {standing.number} by {standing.entries[0].viewer} says so already; confirm that one instead."
    )


def refuse_act(decision: Decision, entry: Entry) -> None:
    """Refuse what may not be done to a decision.

    Raises:
        DecisionRefused: the viewer may not, or the decision is in no state for it.
    """
    name, behind = f"Decision {decision.number}", [each.viewer for each in decision.entries]
    mine = any(one_viewer(each, entry.viewer) for each in behind)
    if not decision.stands:
        last = decision.entries[-1]
        raise DecisionRefused(f"{name} was {last.act.value} by {last.viewer}; make a new decision instead.")
    if entry.act is Act.CONFIRMED and decision.holds:
        raise DecisionRefused(f"{name} is confirmed already, by {decision.entries[-1].viewer}.")
    if entry.act is Act.CONFIRMED and mine:
        raise DecisionRefused(f"{name} is your own; a second, different viewer has to confirm it.")
    if entry.act is Act.WITHDRAWN and not mine:
        raise DecisionRefused(
            f"{name} is not yours to withdraw, but {' and '.join(behind)} said it; reject it instead."
        )
    if entry.act is Act.REJECTED and mine:
        raise DecisionRefused(f"{name} is your own; withdraw it instead.")


def refuse_contradiction(decisions: Iterable[Decision], verdict: Verdict, pair: tuple[str, str]) -> None:
    """Refuse what confirmed decisions rule out, alone or by a chain of them.

    Raises:
        DecisionRefused: naming the decision in the way.
    """
    holding = [each for each in decisions if each.holds]
    one = _said_to_be_one([each.pair for each in holding if each.verdict is Verdict.SAME])
    ends = {one.get(end, end) for end in pair}
    for each in holding:
        theirs = {one.get(end, end) for end in each.pair}
        if verdict is Verdict.APART and len(ends) == 1 and each.verdict is Verdict.SAME and theirs == ends:
            raise DecisionRefused(
                f"Decision {each.number} holds them to be one person ({each.words}); withdraw or reject that one first."
            )
        if verdict is Verdict.SAME and each.verdict is Verdict.APART and theirs == ends:
            raise in_the_way(each)


def in_the_way(bar: Decision) -> DecisionRefused:
    """Say that two mentions cannot be one person because a confirmed decision keeps people apart."""
    return DecisionRefused(
        f"That would join what decision {bar.number} keeps apart ({bar.words}); withdraw or reject that one first, or "
        "name the mention that stands with the wrong person and part it from them."
    )


def _said_to_be_one(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return mention id -> the name of the set that chains of 'same' put it in."""
    sets: dict[str, set[str]] = {}
    for first, second in pairs:
        whole = sets.get(first, {first}) | sets.get(second, {second})
        sets.update(dict.fromkeys(whole, whole))
    return {each: min(whole) for each, whole in sets.items()}
