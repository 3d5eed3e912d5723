"""Making, confirming and undoing decisions about who is who: what is refused, and what is said back.

A viewer decides only about mentions they may read; one they may not read and one that is not there are told apart by
nothing that is said. Every step is written into the audit before it is taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from discoverer.access import Viewer, readable_name
from discoverer.access_masks import REPEATED, Hidden
from discoverer.clock import iso, now
from discoverer.decided import Decided, View, profile_of
from discoverer.errors import DecisionRefused, NotFound, UsageError
from discoverer.match.profiles import PersonProfile
from discoverer.model import Visibility, most_closed
from discoverer.normalise.text import fold
from discoverer.typed import holds_half, refuse_unreadable
from discoverer.wording import role_words
from index.decisions import (
    Act,
    Decision,
    Entry,
    Verdict,
    in_the_way,
    no_such_decision,
    refuse_act,
    refuse_contradiction,
)
from index.people import MentionRow
from index.reader import Index, Reader, Scope
from index.sights import still

LONGEST_REASON = 1_000
LONGEST_LOG = 200
LONGEST_TYPED = 10_000  # of an id, before it is looked at

Record = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a step.

    Attributes:
        decision: as it stands now.
        words: str, one or two sentences to read back.
    """

    decision: Decision
    words: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One decision, as a list shows it.

    Attributes:
        decision: with its whole history.
        now: 'one person' | 'two people', how its mentions are shown; 'waiting' when one of them is in no source now or
            somebody else stands in its place.
        words: str, what it says, each of the two by name, part and record, with the id.
    """

    decision: Decision
    now: str
    words: str


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one viewer decides, over one build.

    Attributes:
        decided: the decisions.
        index: the build, as it was built.
        viewer: who decides.
        scope: what they may read.
        record: writes a step into the audit; raises LookNotRecorded.
    """

    decided: Decided
    index: Index
    viewer: Viewer
    scope: Scope
    record: Record

    def propose(self, verdict: Verdict, idents: tuple[str, str], reason: str) -> Outcome:
        """Say that two mentions are, or are not, one person.

        Raises:
            UsageError: the reason or a name is blank or too long.
            NotFound: an id names nobody whom the viewer may read.
            DecisionRefused: it says nothing, stands already, or a confirmed decision says otherwise.
            DecisionNotKept: it could not be written.
        """
        entry = self._entry(Act.PROPOSED, reason)
        for ident in idents:
            refuse_unreadable(ident, "An id", LONGEST_TYPED, "")
        view, rows = self._named(idents)
        first, second = (rows[ident] for ident in idents)
        if first.m == second.m:
            raise DecisionRefused(f"{idents[0]} and {idents[1]} are one mention; name two.")
        _refuse_bridge(view, verdict, first, second)
        self.record(f"{verdict} {idents[0]} {idents[1]}: {entry.reason}")
        label = most_closed(Visibility(first.visibility), Visibility(second.visibility))
        seen = profile_of(first), profile_of(second)
        decision, anew = self.decided.store.propose(verdict, idents, label, entry, seen, self._bearing)
        if not anew:
            return Outcome(
                self._as_shown(decision), f"You have said so already: decision {decision.number} is {decision.state}."
            )
        words = f"Decision {decision.number}: {_says(decision, rows)}. {_so_far(view, verdict, first, second)}"
        return Outcome(self._as_shown(decision), f"{words} Recorded as said by {entry.viewer}.")

    def settle(self, act: Act, number: int, reason: str) -> Outcome:
        """Confirm, withdraw or reject a decision.

        Raises:
            UsageError: the reason or a name is blank or too long.
            NotFound: there is none of this number that the viewer may see.
            DecisionRefused: it may not be done, by this viewer or in this state.
            DecisionNotKept: it could not be written.
        """
        entry = self._entry(act, reason)
        view = self.decided.over(self.index, self.scope)
        listed = next((each for each in self._listed(view) if each.decision.number == number), None)
        if listed is None:
            raise no_such_decision(number)
        refuse_act(listed.decision, entry)
        if act is Act.CONFIRMED:
            self._refuse_confirming(view, listed.decision)
        self.record(f"{act} {number}: {entry.reason}")
        made = self.decided.store.settle(number, entry, self.scope.labels, self._bearing)
        view = self.decided.over(self.index, self.scope)
        rows = Reader(view.index, self.scope).people_named(made.pair)
        words = f"Decision {number} ({_says(made, rows)}) is {made.state} by {entry.viewer}."
        stands = _together(rows, made) if self._bearing([made]) else "waiting"
        against = _otherwise(view, made.verdict, {row.m for row in rows.values()}) if act is Act.CONFIRMED else ""
        return Outcome(self._as_shown(made), f"{words} {_effect(listed.now, stands)}{against}")

    def listed(self) -> tuple[Listed, ...]:
        """Return every decision that the viewer may see, by number, those undone too.

        Raises:
            UsageError: the viewer has no name.
            DecisionsUnavailable: they cannot be read.
        """
        readable_name(self.viewer.name, "decides")
        found = self._listed(self.decided.over(self.index, self.scope))
        return tuple(replace(each, decision=self._as_shown(each.decision)) for each in found)

    def _as_shown(self, decision: Decision) -> Decision:
        """Return a decision as the viewer may see it: who was seen and why may be kept back."""
        masked = self.scope.masked
        if masked is None:
            return decision
        seen = (None, None) if masked.covers(*REPEATED) else decision.seen
        words = masked.covers(Hidden.WORDS)
        entries = tuple(replace(each, reason="") if words else each for each in decision.entries)
        return replace(decision, seen=seen, entries=entries)

    def _listed(self, view: View) -> tuple[Listed, ...]:
        """Return every decision that the viewer may see, as its mentions stand in a view."""
        mine = [each for each in self.decided.store.all() if each.visibility in self.scope.labels]
        idents = {ident for each in mine for ident in each.pair}
        seen = Reader(view.index, self.scope).people_named(idents)
        bearing = {each.number for each in self._bearing(mine)}
        return tuple(
            Listed(each, _together(seen, each) if each.number in bearing else "waiting", _says(each, seen))
            for each in mine
            if each.number in bearing or not self._hidden(each)
        )

    def _bearing(self, decisions: Sequence[Decision]) -> list[Decision]:
        """Return those decisions that bear on what the viewer sees."""
        return self.decided.bearing(self.index, self.scope, decisions)

    def _hidden(self, decision: Decision) -> bool:
        """Tell whether a decision waits for a mention that is out of scope, or may be: then nobody is told of it.

        Where somebody else stands in a place now, who stood there may stand elsewhere in that record, out of scope.
        """
        everybody = Reader(self.index, Scope(frozenset(Visibility)))
        mine = Reader(self.index, self.scope)
        for ident, then in zip(decision.pair, decision.seen, strict=True):
            for row in everybody.people_named([ident]).values():
                if Visibility(row.visibility) not in mine.labels:
                    return True
                place = {(row.segment, row.n)}
                closed = len(mine.in_records(place, "person")) < len(everybody.in_records(place, "person"))
                if closed and not (then is not None and still(then, profile_of(row))):
                    return True
        return False

    def _entry(self, act: Act, reason: str) -> Entry:
        """Make the entry of a step taken now."""
        name = readable_name(self.viewer.name, "decides")
        said, log = _typed("reason", reason, LONGEST_REASON), _typed("log number", self.viewer.log, LONGEST_LOG)
        if not fold(said):
            raise UsageError("A decision needs a reason; say how you know, for whoever has to confirm it.")
        return Entry(act, iso(now()), name, self.viewer.role, log, said)

    def _named(self, idents: tuple[str, str]) -> tuple[View, dict[str, MentionRow]]:
        """Return the build as decided, and the mentions of two ids."""
        view = self.decided.over(self.index, self.scope)
        reader = Reader(view.index, self.scope)
        rows = reader.people_named(idents)
        records = reader.records((row.segment, row.n) for row in rows.values())
        for ident in idents:
            row = rows.get(ident)
            if row is None or (row.segment, row.n) not in records:
                raise NotFound(
                    f"'{ident}' is the id of nobody you may read; copy an id 'source:reference#position' from a hit."
                )
        return view, rows

    def _refuse_confirming(self, view: View, decision: Decision) -> None:
        """Refuse to confirm what other confirmed decisions rule out, as people stand together in a view."""
        refuse_contradiction((each.decision for each in view.placed), decision.verdict, decision.pair)
        placed = next((each for each in view.placed if each.decision.number == decision.number), None)
        if placed is not None:
            _refuse_bridge(view, decision.verdict, placed.first, placed.second)
        elif all(ident in Reader(self.index, self.scope).people_named(decision.pair) for ident in decision.pair):
            raise DecisionRefused(
                f"Decision {decision.number} does not fit who stands in the two places now; look at both again and "
                "make a new decision."
            )


def _typed(what: str, text: str, longest: int) -> str:
    """Return typed words a space apart.

    Args:
        what: 'reason' etc., for the message.
        text: as typed.
        longest: int > 0, characters.

    Raises:
        UsageError: they are too long, or hold half of a character, which nothing can keep or show.
    """
    said = " ".join(text.split())
    refuse_unreadable(said, f"The {what}", longest, "")
    if holds_half(said):
        raise UsageError(f"The {what} holds half of a character, which nothing can keep; type it again.")
    return said


def _together(seen: Mapping[str, MentionRow], decision: Decision) -> str:
    """Say how two mentions that are there stand to each other."""
    return "one person" if seen[decision.first].grp == seen[decision.second].grp else "two people"


def _refuse_bridge(view: View, verdict: Verdict, first: MentionRow, second: MentionRow) -> None:
    """Refuse to join two people of whom a confirmed decision says that they are two."""
    if verdict is not Verdict.SAME:
        return
    ends = {first.grp, second.grp}
    for each in view.placed:
        bars = each.decision.holds and each.decision.verdict is Verdict.APART
        if bars and {each.first.grp, each.second.grp} == ends:
            raise in_the_way(each.decision)


def _so_far(view: View, verdict: Verdict, first: MentionRow, second: MentionRow) -> str:
    """Say what a proposal does for now, and what already stands so or says otherwise."""
    together = first.grp == second.grp
    if verdict is Verdict.APART and not together:
        stands = "They are shown as two people already; it is kept as a bar to joining them"
    elif verdict is Verdict.SAME and together:
        stands = "They are shown as one person already; it is kept so that they stay joined"
    else:
        stands = "It is shown at once"
    words = f"{stands}, and takes effect when a second, different viewer confirms it."
    return words + _otherwise(view, verdict, {first.m, second.m})


def _otherwise(view: View, verdict: Verdict, pair: set[int]) -> str:
    """Name the decisions that stand and say the opposite of the same two mentions."""
    against = [
        each.decision
        for each in view.placed
        if {each.first.m, each.second.m} == pair and each.decision.verdict is not verdict
    ]
    return "".join(f" Decision {each.number} by {each.entries[0].viewer} says otherwise." for each in against)


def _says(decision: Decision, rows: Mapping[str, MentionRow]) -> str:
    """Say what a decision says of whom: by name, part and record, since an id alone tells nobody who is meant."""
    ends = zip(decision.pair, decision.seen, strict=True)
    first, second = (_called(ident, then, rows.get(ident)) for ident, then in ends)
    return f"{first} is {'' if decision.verdict is Verdict.SAME else 'not '}the same person as {second}"


def _called(ident: str, then: PersonProfile | None, row: MentionRow | None) -> str:
    """Name one mention: who, as what, in which record, and its id; nobody but whom it was decided about is named."""
    if row is None:
        return f"somebody in no source now [{ident}]"
    if then is None or not still(then, profile_of(row)):
        return f"whoever stood there then [{ident}]"
    source, _, ref = ident.rpartition("#")[0].partition(":")
    return f"{row.label or 'name not recorded'} ({role_words(row.role)}, {source} {ref}) [{ident}]"


def _effect(before: str, after: str) -> str:
    """Say what a step changed in how two mentions are shown."""
    if after == "waiting":
        why = "One of the two is in no source now, or somebody else stands in its place"
        return f"{why}, so it waits until it is there again."
    if before == after:
        return f"They are shown as {after}, as before."
    return f"They are shown as {after} now."
