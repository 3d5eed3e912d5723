"""Why a victim is vulnerable, clause by clause of the policy."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from discoverer.model import Marker, Person, Record, Role
from discoverer.normalise.text import fold
from discoverer.policy.clauses import Vulnerable, VulnerableVictim
from discoverer.policy.counting import Key, Level, latest_run
from discoverer.policy.parts import age_at, parts
from discoverer.policy.times import span_of, window_start
from discoverer.policy.weighed import Weighed


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


def reasons(weighed: Weighed, now: datetime) -> Iterator[Reason]:
    """Yield every clause of vulnerable_victim that holds of a person, in the order of the policy.

    Args:
        weighed: what the person has a part in, and the policy asked; what possible links add is only possible.
        now: the instant that counts as now.
    """
    terms = weighed.policy.terms.vulnerable_victim
    if terms is None:
        return
    told = list(_telling(weighed, terms, now))
    for clause in terms.any_of:
        if clause.events:
            yield from _targeted(clause, weighed, now)
            continue
        found: list[_Found] = [
            (each.at, each.key, surely and each.certain) for each in told for surely in each.says(clause)
        ]
        if found:
            yield _reason(clause, found)


def _reason(clause: Vulnerable, found: Sequence[_Found]) -> Reason:
    """Return a clause with what supports it: what is certain, or else all that is possible."""
    certain = [each for each in found if each[2]]
    level = Level.CERTAIN if certain else Level.POSSIBLE
    support = sorted(certain or found, key=lambda each: each[0], reverse=True)
    return Reason(clause.id, clause.words, level, tuple(dict.fromkeys(key for _, key, _ in support)), support[0][0])


def _targeted(clause: Vulnerable, weighed: Weighed, now: datetime) -> Iterator[Reason]:
    """Yield a clause of so many events within the window of repeat_victim."""
    repeat = weighed.policy.terms.repeat_victim
    found = latest_run(weighed.distinct(repeat), repeat.length, clause.events, now)
    if found is None:
        return
    level, count = found
    counted = count.certain if level is Level.CERTAIN else (*count.certain, *count.possible)
    records = [key for event in sorted(counted, key=lambda each: each.at, reverse=True) for key in event.records]
    yield Reason(clause.id, clause.words, level, tuple(dict.fromkeys(records)), count.anchor.at)


@dataclass(frozen=True, slots=True)
class _Told:
    """What one record says of a person: the marks on them, and what befell them as a victim lately.

    Attributes:
        record: the record.   at: str, ISO; '' undated.
        positions: where the person stands in it.
        victims: their mentions as its victim, where it is recent enough; () else.
        sure: bool, one of those is surely theirs.
        certain: bool, no possible link leads to it.
        domestic: how surely the occurrence it is of is domestic abuse.
        now: the instant that counts as now.
    """

    record: Record
    at: str
    positions: frozenset[int]
    victims: tuple[Person, ...]
    sure: bool
    certain: bool
    domestic: Level | None
    now: datetime

    @property
    def key(self) -> Key:
        """Its id: (source, ref)."""
        return self.record.source, self.record.ref

    def says(self, clause: Vulnerable) -> Iterator[bool]:
        """Yield whether it is certain, for each thing the record says that a clause asks."""
        if any(_marked(marker, clause, self.positions, self.now) for marker in self.record.markers):
            yield True
        if self.victims:
            for certain in self.victim_says(clause):
                yield certain and self.sure

    def victim_says(self, clause: Vulnerable) -> Iterator[bool]:
        """Yield whether it is certain, for each thing the record says of its victim that a clause asks."""
        record = self.record
        for person in self.victims:
            yield from _age_says(clause, person, record)
            yield from _answers_say(clause, person, record)
        words = {_short(word) for word in clause.qualifiers}
        if any(code.codeset == "qualifier" and {_short(code.code), _short(code.word)} & words for code in record.codes):
            yield False
        if any(label in clause.labels and _says(clause.notes, text) for label, text in record.notes):
            yield True
        child = clause.child_named and any(person.role is Role.CHILD for person in record.persons)
        if child and self.domestic is not None:
            yield self.domestic is Level.CERTAIN


def _telling(weighed: Weighed, terms: VulnerableVictim, now: datetime) -> Iterator[_Told]:
    """Yield every record that can say anything of a person: it marks them, or they are its victim within the window."""
    since = window_start(now, terms.length)
    for occurrence, certain in weighed.all:
        for held in occurrence.held:
            record = held.record
            at = record.at.value if record.at else ""
            recent = _recent(at, since, now)
            if not (recent or record.markers):
                continue
            mine = [(mention, sure) for mention, sure in parts(weighed.subject, held) if isinstance(mention, Person)]
            victims = [(person, sure) for person, sure in mine if recent and person.role in terms.roles]
            yield _Told(
                record=record,
                at=at,
                positions=frozenset(person.position for person, _ in mine),
                victims=tuple(person for person, _ in victims),
                sure=any(surely for _, surely in victims),
                certain=certain,
                domestic=weighed.levels[id(occurrence)],
                now=now,
            )


def _recent(at: str, since: datetime, now: datetime) -> bool:
    """Tell whether an instant lies in the window that ends now; an undated record may."""
    span = span_of(at)
    return span is None or (span.last >= since and span.first <= now)


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


def _marked(marker: Marker, clause: Vulnerable, positions: Collection[int], now: datetime) -> bool:
    """Tell whether a marker on somebody, not lapsed, is one that a clause asks for."""
    if marker.subject not in positions or not _says(clause.markers, marker.word):
        return False
    ends = span_of(marker.ends.value) if marker.ends else None
    begins = span_of(marker.marked.value) if marker.marked else None
    return (ends is None or ends.last >= now) and (begins is None or begins.first <= now)


def _says(phrases: Sequence[str], text: str) -> bool:
    """Tell whether a text is, folded, one of these phrases or begins with one."""
    folded = f"{fold(text)} "
    return any(folded.startswith(f"{_short(phrase)} ") for phrase in phrases)


@lru_cache(maxsize=4_096)
def _short(text: str) -> str:
    """Return a code, or a phrase of a policy, folded: there are some hundreds of them."""
    return fold(text)
