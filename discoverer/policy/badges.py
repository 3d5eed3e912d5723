"""Badges: never a bare yes, always which policy, which clause, which records, and how sure.

A certain badge rests only on events that are certain and on a person who is established. What a possible link, words
alone, or a missing date adds makes it 'possible'.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import lru_cache

from discoverer.policy.clauses import CodeEnhanced, MaracRepeat, Repeat
from discoverer.policy.counting import Count, Happening, Key, Level, distinct, latest_run
from discoverer.policy.events import keys_of
from discoverer.policy.namesakes import victims_together
from discoverer.policy.occurrences import Occurrence
from discoverer.policy.parts import Party, PartyOf, Subject, suspects, written_party
from discoverer.policy.rules import Policy
from discoverer.policy.times import Span, local_day, read_day, span_of_day, window_start
from discoverer.policy.vulnerable import reasons
from discoverer.policy.weighed import Event, Weighed
from discoverer.wording import day, number_of

OTHER_PARTY = "the other party is known by name alone"
OTHER_OF_NAME = "the other party may be somebody else of that name"


@dataclass(frozen=True, slots=True)
class Badge:
    """One thing a policy says of a person, place or number.

    Attributes:
        kind: 'repeat_victim' | 'repeat_pair' | 'repeat_location' | 'repeat_phone' | 'repeat_number' | 'escalation' |
            'marac_repeat' | 'vulnerable_victim' | 'code_enhanced'.
        words: str, for a person to read.
        policy, version: str, which policy says so.
        clause: str, the clause that fired: its definition, or the id of a clause of vulnerable_victim.
        level: 'certain' | 'possible'.
        records: (source, ref) of the records that support it, the most recent event's first.
        at: str, ISO, when the event that decided it happened; '' undated.
    """

    kind: str
    words: str
    policy: str
    version: str
    clause: str
    level: Level
    records: tuple[Key, ...]
    at: str


def badges(
    subject: Subject,
    occurrences: Sequence[Occurrence],
    possible_occurrences: Sequence[Occurrence],
    policy: Policy,
    now: datetime,
    party_of: PartyOf = written_party,
) -> tuple[Badge, ...]:
    """Return what a policy says of a subject, in the order of its clauses.

    Args:
        subject: a person, place or number, with its positions.
        occurrences: those the subject surely has a part in.
        possible_occurrences: those that only possible links add.
        policy: the version asked; it need not be the one in force now.
        now: the instant that counts as now; what happened after it is ignored.
        party_of: identifies a suspect across records; by default what is written.
    """
    case = _Case(Weighed(subject, occurrences, possible_occurrences, policy), now)
    terms = policy.terms
    if subject.kind == "location":
        return case.repeat("repeat_location", terms.repeat_location)
    if subject.kind == "phone":
        return (*case.repeat("repeat_phone", terms.repeat_phone), *case.number(terms.repeat_number, party_of))
    return (
        *case.repeat("repeat_victim", terms.repeat_victim),
        *case.pairs(terms.repeat_pair, party_of),
        *case.repeat("escalation", terms.escalation),
        *case.marac(terms.marac_repeat, party_of),
        *case.vulnerable(),
        *case.enhanced(terms.code_enhanced),
    )


@lru_cache(maxsize=64)
def _counting(clause: MaracRepeat) -> Repeat:
    """Return the clause that counts the events a MARAC referral is held against; to check one takes long."""
    return Repeat(
        definition=clause.definition, words=clause.words, window=clause.window, threshold=2, roles=clause.roles
    )


@lru_cache(maxsize=64)
def _crimes(clause: CodeEnhanced) -> Repeat:
    """Return the clause that counts the crimes somebody may be a victim of."""
    return Repeat(
        definition=clause.definition, words=clause.words, window=clause.window, threshold=2, roles=clause.roles,
        count="crime",
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Case:
    """One subject, asked about under one policy."""

    weighed: Weighed
    now: datetime

    @property
    def subject(self) -> Subject:
        """Whose badges are asked for."""
        return self.weighed.subject

    @property
    def policy(self) -> Policy:
        """The version asked."""
        return self.weighed.policy

    def badge(self, kind: str, words: str, clause: str, level: Level, records: tuple[Key, ...], at: str) -> Badge:
        """Make a badge of this policy."""
        terms = self.policy.terms
        shown = words if level is Level.CERTAIN else f"POSSIBLE {words}"
        return Badge(kind, shown, terms.id, terms.version, clause, level, tuple(dict.fromkeys(records)), at)

    def repeat(self, kind: str, clause: Repeat | None) -> tuple[Badge, ...]:
        """Return the badge of so many events in a window, if there are."""
        if clause is None:
            return ()
        return self.run(kind, clause, self.weighed.distinct(clause), "")

    def run(self, kind: str, clause: Repeat, events: Sequence[Happening], by: str) -> tuple[Badge, ...]:
        """Return the badge of events that reach a threshold, if they do.

        Args:
            kind: of the badge.
            clause: how many events in which window.
            events: those of one night as one, as `distinct` returns them.
            by: what else to say of them, '' for nothing.
        """
        found = latest_run(events, clause.length, clause.threshold, self.now)
        if found is None:
            return ()
        level, count = found
        counted = _counted(level, count)
        records = tuple(key for event in counted for key in event.records)
        words = f"{clause.words}: {_counted_words(counted, clause, count.anchor.at)}{by}{_doubts(level, counted)}"
        return (self.badge(kind, words, clause.definition, level, records, count.anchor.at),)

    def number(self, clause: Repeat | None, party_of: PartyOf) -> tuple[Badge, ...]:
        """Return the badge of events with a number and, of their victims, that of the surest who repeats, by name."""
        if clause is None:
            return ()
        repeat = self.policy.terms.repeat_victim
        found = victims_together(self.weighed.events(clause), party_of, self.policy)
        each = [
            badge
            for one in found
            for badge in self.run("repeat_victim", repeat, distinct(one.events, repeat), _of(one.names))
        ]
        each.sort(key=lambda badge: badge.level is not Level.CERTAIN)
        return (*self.repeat("repeat_number", clause), *each[:1])

    def pairs(self, clause: Repeat | None, party_of: PartyOf) -> tuple[Badge, ...]:
        """Return a badge for each suspect of repeated events, by name."""
        if clause is None:
            return ()
        found: list[Badge] = []
        for party, events in _by_party(self.weighed.events(clause), self.subject, party_of):
            found += self.run("repeat_pair", clause, distinct(events, clause), f", by {party.name}")
        return tuple(found)

    def marac(self, clause: MaracRepeat | None, party_of: PartyOf) -> tuple[Badge, ...]:
        """Return a badge for each suspect of a new event within the window of the last MARAC referral."""
        if clause is None:
            return ()
        events = self.weighed.events(_counting(clause))
        referrals = [
            (span_of_day(referred), each.occurrence)
            for each in events
            for referred in _referred(each.occurrence, clause)
        ]
        found: list[Badge] = []
        for party, own in _by_party(events, self.subject, party_of):
            mine = {event.records for event in own}
            theirs = [(span, each) for span, each in referrals if keys_of(each) in mine]
            found += self.marac_pair(clause, party, own, theirs)
        return tuple(found)

    def marac_pair(
        self,
        clause: MaracRepeat,
        party: Party,
        events: Sequence[Happening],
        referrals: Sequence[tuple[Span, Occurrence]],
    ) -> tuple[Badge, ...]:
        """Return the badge of the latest event of one pair after a referral, a certain one before a possible one."""
        since = window_start(self.now, clause.length)
        made: list[Badge] = []
        for event in sorted(events, key=lambda each: each.at, reverse=True):
            span = event.span
            if span is None or span.last < since or span.first > self.now:
                continue
            before = [
                (referred, each)
                for referred, each in referrals
                if referred.last < span.first and keys_of(each) != event.records
            ]
            if not before or max(referred.first for referred, _ in before) < window_start(span.last, clause.length):
                continue
            referred, each = max(before, key=lambda pair: pair[0].first)
            doubts = tuple(dict.fromkeys((*event.doubts, *_doubts_of(events, each))))
            level = Level.POSSIBLE if doubts else Level.CERTAIN
            words = f"{clause.words}: new event {day(event.at)} by {party.name}, after the referral of "
            words += day(local_day(referred.first).isoformat())
            words += f" ({'; '.join(doubts)})" if doubts else ""
            made.append(
                self.badge("marac_repeat", words, clause.definition, level, (*event.records, *keys_of(each)), event.at)
            )
        made.sort(key=lambda badge: badge.level is not Level.CERTAIN)
        return tuple(made[:1])

    def vulnerable(self) -> tuple[Badge, ...]:
        """Return a badge for each clause of vulnerable_victim that says so."""
        return tuple(
            self.badge(
                "vulnerable_victim", f"VULNERABLE VICTIM: {each.words}", each.clause, each.level, each.records, each.at
            )
            for each in reasons(self.weighed, self.now)
        )

    def enhanced(self, clause: CodeEnhanced | None) -> tuple[Badge, ...]:
        """Return the badge of the victim of a domestic abuse crime, if they are one."""
        if clause is None:
            return ()
        found = latest_run(self.weighed.happenings(_crimes(clause)), clause.length, 1, self.now)
        if found is None:
            return ()
        level, count = found
        words = (
            f"{clause.words}: victim of a domestic abuse crime, {day(count.anchor.at)}{_doubts(level, (count.anchor,))}"
        )
        return (self.badge("code_enhanced", words, clause.definition, level, count.anchor.records, count.anchor.at),)


def _counted(level: Level, count: Count) -> tuple[Happening, ...]:
    """Return the events a badge rests on, the most recent first, undated last."""
    events = count.certain if level is Level.CERTAIN else (*count.certain, *count.possible)
    return tuple(sorted(events, key=lambda each: each.at, reverse=True))


def _counted_words(counted: Sequence[Happening], clause: Repeat, at: str) -> str:
    """Word a count: '3 domestic abuse events in 12 months to 03/09/2018'."""
    what = "domestic abuse crime" if clause.count == "crime" else "domestic abuse event"
    if clause.calls:
        what = "domestic abuse, silent or abandoned call"
    return f"{number_of(len(counted), what)} in {clause.length.words} to {day(at)}"


def _doubts(level: Level, counted: Sequence[Happening]) -> str:
    """Word why a badge is only possible."""
    if level is Level.CERTAIN:
        return ""
    said = dict.fromkeys(doubt for event in counted for doubt in (event.doubts or (() if event.at else ("undated",))))
    return f" ({'; '.join(said) or 'dates are not exact'})"


def _of(names: Sequence[str]) -> str:
    """Word whose events they are: ', of A', ', of A if B, C and D are the same person'."""
    first, *others = names
    if not others:
        return f", of {first}"
    listed = " and ".join(part for part in (", ".join(others[:-1]), others[-1]) if part)
    return f", of {first} if {listed} {'is' if len(others) == 1 else 'are'} the same person"


def _by_party(events: Sequence[Event], subject: Subject, party_of: PartyOf) -> list[tuple[Party, list[Happening]]]:
    """Return, for each suspect of a victim's events, the events they are named in; a name alone is doubtful."""
    named: dict[str, Party] = {}
    sure: dict[str, list[Happening]] = defaultdict(list)
    loose: dict[str, list[Happening]] = defaultdict(list)
    for each in events:
        event = each.happening
        parties = {
            party.key: party
            for record, person in suspects(each.occurrence, subject)
            if (party := party_of(record, person)).key
        }
        certain = {party.loose for party in parties.values() if party.sure}
        for party in parties.values():
            if party.sure:
                named.setdefault(party.key, party)
                sure[party.key].append(event)
            elif party.loose not in certain:
                loose[party.loose].append(_doubted(event, OTHER_PARTY))
                named.setdefault(f"name {party.loose}", party)
    known = {party.loose for party in named.values() if party.sure}
    return [
        (party, [*sure.get(key, ()), *loose.get(party.loose, ()), *_of_the_name(key, named, sure)])
        for key, party in named.items()
        if party.sure or party.loose not in known
    ]


def _of_the_name(key: str, named: Mapping[str, Party], sure: Mapping[str, list[Happening]]) -> list[Happening]:
    """Return, as doubtful, the events of others of a suspect's name who may be the same man: no date of birth says no.

    They stand with those whose date of birth is known or, when nobody's is, with the first, so that each is said once.
    """
    party = named[key]
    same = [other for other, each in named.items() if each.sure and each.loose == party.loose]
    first = next((other for other in same if not named[other].open), same[0] if same else "")
    if not party.sure or (party.open and key != first):
        return []
    mine = {event.records for event in sure[key]}
    others = [event for other in same if other != key and named[other].open for event in sure[other]]
    return [_doubted(event, OTHER_OF_NAME) for event in others if event.records not in mine]


def _doubted(event: Happening, doubt: str) -> Happening:
    """Return an event with one doubt more."""
    return replace(event, doubts=(*event.doubts, doubt))


def _doubts_of(events: Sequence[Happening], occurrence: Occurrence) -> tuple[str, ...]:
    """Return why the event a referral was made for is only possible."""
    return next((event.doubts for event in events if event.records == keys_of(occurrence)), ())


def _referred(occurrence: Occurrence, clause: MaracRepeat) -> list[date]:
    """Return the days of MARAC referrals an occurrence's records note."""
    return [
        referred
        for held in occurrence.held
        for label, text in held.record.notes
        if label in clause.labels and (referred := read_day(text))
    ]
