"""Why a victim is vulnerable, clause by clause of the policy."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from discoverer.held import Held
from discoverer.model import Marker, Person, Record, Role
from discoverer.normalise.text import fold
from discoverer.policy.clauses import Vulnerable
from discoverer.policy.counting import Key, Level, distinct, latest_run
from discoverer.policy.events import domestic_level, happenings
from discoverer.policy.occurrences import Occurrence
from discoverer.policy.parts import Subject, age_at, parts
from discoverer.policy.rules import Policy
from discoverer.policy.times import span_of, window_start


@dataclass(frozen=True, slots=True)
class Reason:
    """One clause that says a victim is vulnerable.

    Attributes:
        clause: str, its id.
        words: str, what it says.
        level: how sure.
        records: (source, ref) that support it, the most recent first.
        at: str, ISO, of the most recent; '' undated.
    """

    clause: str
    words: str
    level: Level
    records: tuple[Key, ...]
    at: str


_Found = tuple[str, Key, bool]  # when, which record, whether that is certain


def reasons(
    subject: Subject, sure: Sequence[Occurrence], possible: Sequence[Occurrence], policy: Policy, now: datetime
) -> Iterator[Reason]:
    """Yield every clause of vulnerable_victim that holds of a person, in the order of the policy.

    Args:
        subject: a person.
        sure: occurrences the person surely has a part in.
        possible: those that only possible links add; what they say is only possible.
        policy: the version asked.
        now: the instant that counts as now.
    """
    terms = policy.terms.vulnerable_victim
    if terms is None:
        return
    unsure = possible if policy.terms.edges.identity_unsure == "possible" else ()
    since = window_start(now, terms.length)
    for clause in terms.any_of:
        if clause.events:
            yield from _targeted(clause, subject, sure, unsure, policy, now)
            continue
        found: list[_Found] = []
        for occurrence, certain in (*((each, True) for each in sure), *((each, False) for each in unsure)):
            told = _Told(subject, occurrence, frozenset(terms.roles), policy, since, now)
            found += [(at, key, surely and certain) for at, key, surely in told.says(clause)]
        if found:
            yield _reason(clause, found)


def _reason(clause: Vulnerable, found: Sequence[_Found]) -> Reason:
    """Return a clause with what supports it: what is certain, or else all that is possible."""
    certain = [each for each in found if each[2]]
    level = Level.CERTAIN if certain else Level.POSSIBLE
    support = sorted(certain or found, key=lambda each: each[0], reverse=True)
    return Reason(clause.id, clause.words, level, tuple(dict.fromkeys(key for _, key, _ in support)), support[0][0])


def _targeted(
    clause: Vulnerable,
    subject: Subject,
    sure: Sequence[Occurrence],
    possible: Sequence[Occurrence],
    policy: Policy,
    now: datetime,
) -> Iterator[Reason]:
    """Yield a clause of so many events within the window of repeat_victim."""
    repeat = policy.terms.repeat_victim
    events = distinct(happenings(subject, sure, possible, repeat, policy), repeat)
    found = latest_run(events, repeat.length, clause.events, now)
    if found is None:
        return
    level, count = found
    counted = count.certain if level is Level.CERTAIN else (*count.certain, *count.possible)
    records = [key for event in sorted(counted, key=lambda each: each.at, reverse=True) for key in event.records]
    yield Reason(clause.id, clause.words, level, tuple(dict.fromkeys(records)), count.anchor.at)


@dataclass(frozen=True, slots=True)
class _Told:
    """What one occurrence says of a person under the clauses."""

    subject: Subject
    occurrence: Occurrence
    roles: frozenset[Role]
    policy: Policy
    since: datetime
    now: datetime

    def says(self, clause: Vulnerable) -> Iterator[_Found]:
        """Yield each record that says what a clause asks."""
        for held in self.occurrence.held:
            record = held.record
            key, at = (record.source, record.ref), record.at.value if record.at else ""
            mine = [(mention, sure) for mention, sure in parts(self.subject, held) if isinstance(mention, Person)]
            positions = {person.position for person, _ in mine}
            if any(_marked(marker, clause, positions, self.now) for marker in record.markers):
                yield at, key, True
            victims = [(person, sure) for person, sure in mine if person.role in self.roles]
            if victims and self.recent(at):
                sure = any(surely for _, surely in victims)
                for certain in self.victim_says(clause, held, [person for person, _ in victims]):
                    yield at, key, certain and sure

    def recent(self, at: str) -> bool:
        """Tell whether an instant lies in the window that ends now; an undated record may."""
        span = span_of(at)
        return span is None or (span.last >= self.since and span.first <= self.now)

    def victim_says(self, clause: Vulnerable, held: Held, victims: Sequence[Person]) -> Iterator[bool]:
        """Yield whether it is certain, for each thing a record says of its victim that a clause asks."""
        record = held.record
        for person in victims:
            yield from _age_says(clause, person, record)
            yield from _answers_say(clause, person, record)
        words = {fold(word) for word in clause.qualifiers}
        if any(code.codeset == "qualifier" and {fold(code.code), fold(code.word)} & words for code in record.codes):
            yield False
        if any(label in clause.labels and _says(clause.notes, text) for label, text in record.notes):
            yield True
        if clause.child_named and any(person.role is Role.CHILD for person in record.persons):
            level = domestic_level(self.occurrence, self.policy)
            if level is not None:
                yield level is Level.CERTAIN


def _age_says(clause: Vulnerable, person: Person, record: Record) -> Iterator[bool]:
    """Yield whether somebody is surely, or only possibly, of the ages a clause asks."""
    age = age_at(person, record) if clause.age_below or clause.age_from else None
    if age is None:
        return
    low, high = clause.age_from, clause.age_below or 1000
    if low <= age.low and age.high < high:
        yield True
    elif age.low < high and age.high >= low:
        yield False


def _answers_say(clause: Vulnerable, person: Person, record: Record) -> Iterator[bool]:
    """Yield for each DASH about somebody in which a question of a clause was answered yes."""
    for assessment in record.assessments:
        if assessment.victim == person.position and any(
            number in clause.answers and answer == "yes" for number, answer in assessment.answers
        ):
            yield True


def _marked(marker: Marker, clause: Vulnerable, positions: set[int], now: datetime) -> bool:
    """Tell whether a marker on somebody, not lapsed, is one that a clause asks for."""
    if marker.subject not in positions or not _says(clause.markers, marker.word):
        return False
    ends = span_of(marker.ends.value) if marker.ends else None
    begins = span_of(marker.marked.value) if marker.marked else None
    return (ends is None or ends.last >= now) and (begins is None or begins.first <= now)


def _says(phrases: Sequence[str], text: str) -> bool:
    """Tell whether a text is, folded, one of these phrases or begins with one."""
    folded = f"{fold(text)} "
    return any(folded.startswith(f"{fold(phrase)} ") for phrase in phrases)
