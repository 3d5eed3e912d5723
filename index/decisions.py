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
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from discoverer.errors import DecisionNotKept, DecisionRefused, DecisionsUnavailable, NotFound
from discoverer.model import Visibility
from discoverer.normalise.text import fold
from index import files

FILE_MODE = 0o600  # reasons name people
PATIENCE = 10.0  # seconds a writer waits for others; each holds the file for milliseconds
LAYOUT = 1
# More decisions than any label will see; the numbers of each begin a range further on.
RANGE = 1_000_000
_SCHEMA = (
    "CREATE TABLE decision (number INTEGER PRIMARY KEY, verdict TEXT NOT NULL, first TEXT NOT NULL,"
    " second TEXT NOT NULL, visibility TEXT NOT NULL)",
    "CREATE TABLE entry (entry INTEGER PRIMARY KEY AUTOINCREMENT, decision INT NOT NULL REFERENCES decision,"
    " act TEXT NOT NULL, at TEXT NOT NULL, viewer TEXT NOT NULL, role TEXT NOT NULL, log TEXT NOT NULL,"
    " reason TEXT NOT NULL)",
    *(
        f"CREATE TRIGGER {table}_{verb} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'entries are kept'); END"
        for table in ("decision", "entry")
        for verb in ("UPDATE", "DELETE")
    ),
    f"PRAGMA user_version = {LAYOUT}",
)

_one_writer = threading.Lock()


class Verdict(StrEnum):
    """What a decision says of two mentions."""

    SAME = "same"
    APART = "apart"


class Act(StrEnum):
    """What one entry does to a decision, and the state it is in from then on."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Entry:
    """One step in the life of a decision.

    Attributes:
        act: what was done.
        at: str, ISO instant.
        viewer, role, log: str, who did it, as what, with which incident log in hand ('' when none).
        reason: str, never blank.
    """

    act: Act
    at: str
    viewer: str
    role: str
    log: str
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision, with everything that was ever done about it.

    Attributes:
        number: int > 0, its own for ever.
        verdict: same or apart.
        first, second: str, the two mention ids 'source:ref#position', as they were named: of two who are told apart
            the second is the one that does not belong, and what fits both stays with the first.
        visibility: label of the more closed of the two when it was proposed: who may not see both may not see it.
        entries: oldest first; the first proposed it.
    """

    number: int
    verdict: Verdict
    first: str
    second: str
    visibility: Visibility
    entries: tuple[Entry, ...]

    @property
    def state(self) -> Act:
        """The last thing that was done."""
        return self.entries[-1].act

    @property
    def stands(self) -> bool:
        """Whether it is proposed or confirmed."""
        return self.state in (Act.PROPOSED, Act.CONFIRMED)

    @property
    def holds(self) -> bool:
        """Whether it is confirmed, and so decides."""
        return self.state is Act.CONFIRMED

    @property
    def pair(self) -> tuple[str, str]:
        """The two mention ids."""
        return self.first, self.second

    @property
    def words(self) -> str:
        """What it says, as a clause."""
        link = "is the same person as" if self.verdict is Verdict.SAME else "is not the same person as"
        return f"{self.first} {link} {self.second}"


class Proposed(NamedTuple):
    """A decision that was asked for.

    Attributes:
        decision: as it stands.
        anew: bool, False when the same viewer had said the very same before, so that nothing was added.
    """

    decision: Decision
    anew: bool


class Decisions:
    """The store; several threads and processes may use it at once."""

    def __init__(self, path: Path) -> None:
        """Take where it is; the file is made by the first decision."""
        self.path = path

    def version(self) -> int:
        """Return the number of the last entry; 0 when nothing was ever decided.

        Raises:
            DecisionsUnavailable: the file cannot be read.
        """
        found = self._read("SELECT coalesce(max(entry), 0) FROM entry")
        return int(str(found[0][0])) if found else 0

    def all(self) -> tuple[Decision, ...]:
        """Return every decision, by number.

        Raises:
            DecisionsUnavailable: the file cannot be read.
        """
        return _decisions(self._read(_EVERYTHING))

    def propose(
        self,
        verdict: Verdict,
        pair: tuple[str, str],
        visibility: Visibility,
        entry: Entry,
        labels: Collection[Visibility],
    ) -> Proposed:
        """Keep what one viewer says of two mentions.

        Args:
            verdict: same or apart.
            pair: two different mention ids; the order in which they are named is kept.
            visibility: of the more closed of the two.
            entry: who says so, when and why.
            labels: of that viewer; decisions with another label are not looked at.

        Raises:
            DecisionRefused: it stands already, or a confirmed decision says otherwise.
            DecisionNotKept: it could not be written.
        """

        def _add(connection: sqlite3.Connection, seen: Sequence[Decision]) -> tuple[int, bool]:
            alike = (each for each in seen if each.stands and each.verdict is verdict)
            twin = next((each for each in alike if set(each.pair) == set(pair)), None)
            if twin is not None:
                _refuse_repeated(twin, entry)
                return twin.number, False
            refuse_contradiction(seen, verdict, pair)
            low, high = visibility.rank * RANGE, (visibility.rank + 1) * RANGE
            number = connection.execute(
                "SELECT coalesce(max(number), ?) + 1 FROM decision WHERE number > ? AND number < ?", (low, low, high)
            ).fetchone()[0]
            row = (number, verdict.value, *pair, visibility.value)
            connection.execute("INSERT INTO decision VALUES (?, ?, ?, ?, ?)", row)
            _insert(connection, number, entry)
            return number, True

        return self._write(_add, labels)

    def settle(self, number: int, entry: Entry, labels: Collection[Visibility]) -> Decision:
        """Confirm, withdraw or reject a decision.

        Args:
            number: of the decision.
            entry: who does what, when and why; not a proposal.
            labels: of that viewer; decisions with another label are not looked at.

        Raises:
            NotFound: there is none of this number with one of these labels.
            DecisionRefused: it may not be done, by this viewer or in this state; the sentence says why.
            DecisionNotKept: it could not be written.
        """

        def _add(connection: sqlite3.Connection, seen: Sequence[Decision]) -> tuple[int, bool]:
            decision = next((each for each in seen if each.number == number), None)
            if decision is None:
                raise no_such_decision(number)
            refuse_act(decision, entry)
            if entry.act is Act.CONFIRMED:
                refuse_contradiction(seen, decision.verdict, decision.pair)
            _insert(connection, number, entry)
            return number, True

        return self._write(_add, labels).decision

    def _read(self, statement: str) -> list[tuple[object, ...]]:
        """Run one statement; [] when nothing was ever decided."""
        try:
            if not self.path.exists():
                return []
            with self._open() as connection:
                return connection.execute(statement).fetchall() if _laid_out(connection) else []
        except (sqlite3.Error, OSError) as error:
            raise DecisionsUnavailable(
                f"{self.path} cannot be read ({error}), so what people decided is not known; mend its permissions or "
                "restore it from its backup."
            ) from error

    def _write(
        self, add: Callable[[sqlite3.Connection, Sequence[Decision]], tuple[int, bool]], labels: Collection[Visibility]
    ) -> Proposed:
        """Let `add` look at the decisions with these labels and add to them, while nobody else writes."""
        try:
            # One thread at a time: closing a file just made would drop the lock that another thread holds on it.
            with _one_writer, self._made() as connection:
                connection.execute("BEGIN IMMEDIATE")
                if not _laid_out(connection):
                    for statement in _SCHEMA:
                        connection.execute(statement)
                seen = [each for each in _decisions(connection.execute(_EVERYTHING)) if each.visibility in labels]
                number, anew = add(connection, seen)
                made = _decisions(connection.execute(_EVERYTHING))
                connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as error:
            raise DecisionNotKept(
                f"The decision was not kept: {self.path} could not be written ({error}); make room or mend its "
                "permissions, then say it again."
            ) from error
        return Proposed(next(each for each in made if each.number == number), anew)

    @contextmanager
    def _made(self) -> Iterator[sqlite3.Connection]:
        """Open the file, made when it is missing."""
        files.make_directory(self.path.parent)
        files.make_file(self.path, FILE_MODE)
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


_EVERYTHING = (
    "SELECT number, verdict, first, second, visibility, act, at, viewer, role, log, reason"
    " FROM entry JOIN decision ON number = decision ORDER BY number, entry"
)


def _laid_out(connection: sqlite3.Connection) -> bool:
    """Tell whether the tables are there; a file in which nothing was ever written holds none.

    Raises:
        sqlite3.DatabaseError: a later version of Discoverer laid it out.
    """
    layout = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if layout > LAYOUT:
        raise sqlite3.DatabaseError(f"it has layout {layout}, and this version reads {LAYOUT}")
    return layout == LAYOUT


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
    for row in rows:
        number, verdict, first, second, label, act, *said = (str(value) for value in row)
        heads[int(number)] = Verdict(verdict), first, second, Visibility(label)
        entries.setdefault(int(number), []).append(Entry(Act(act), *said))
    return tuple(Decision(number, *head, tuple(entries[number])) for number, head in heads.items())


def one_viewer(first: str, second: str) -> bool:
    """Tell whether two viewers' names are one viewer's, however they are spaced, stopped or capitalised: 'PC 1', 'pc1'.

    Loosely, since one officer who writes their name in two ways must not pass for the second who confirms.
    """
    return fold(first).replace(" ", "") == fold(second).replace(" ", "")


def no_such_decision(number: int) -> NotFound:
    """Say that there is no such decision; the same for one that the viewer may not see."""
    return NotFound(f"There is no decision {number} that you may see; 'discoverer decide list' shows those there are.")


def gone_back(path: Path, version: int, known: int) -> DecisionsUnavailable:
    """Say that the store holds less than a build was made with: it was lost or replaced by an older one."""
    return DecisionsUnavailable(
        f"{path} holds {version} entries, and the live build was made with {known}: restore it from its backup; "
        "to go on without what people decided, remove the builds and CURRENT beside it and build again."
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
