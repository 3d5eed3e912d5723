"""Who the victims of the records kept are, who of them is dead, and how they were assessed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from discoverer.match.profiles import PersonProfile
from discoverer.model import Found, RiskLevel, Role
from discoverer.policy.times import span_of
from discoverer.policy.told import Place, Told
from index.people import MentionRow
from index.profiles import decode
from index.reader import Reader

_Where = tuple[Place, int]


class Named(NamedTuple):
    """A victim as one record names them.

    Attributes:
        person: int | None, who that is; None when they are known by a name alone.
        words: the words of the names written.
        births: dates of birth written.
        assessed: bool, the record holds their risk assessment.
    """

    person: int | None
    words: frozenset[str]
    births: frozenset[str]
    assessed: bool


def one_each(named: Sequence[Named]) -> tuple[frozenset[int], int]:
    """Return who the victims of one event are, and how many more are known by a name alone.

    A log that names SHABANA, and the DASH of the same event that is about Shabana Bibi, name one victim, though alone
    neither would show it: where every word of one name stands in the other, no date of birth speaks against it and
    only one person fits, it is them. Somebody assessed is preferred to the same person thinly written.
    """
    people: dict[int, Named] = {}
    for each in named:
        if each.person is not None:
            before = people.get(each.person, each)
            people[each.person] = Named(
                each.person, before.words | each.words, before.births | each.births, before.assessed or each.assessed
            )
    assessed = [each for each in people.values() if each.assessed]
    same = {each.person for each in people.values() if not each.assessed and _only_one(each, assessed)}
    kept = [each for person, each in people.items() if person not in same]
    thin = {each.words: each for each in named if each.person is None}
    unsure = sum(not _only_one(each, kept) for each in thin.values())
    return frozenset(each.person for each in kept if each.person is not None), unsure


def _only_one(each: Named, others: Sequence[Named]) -> bool:
    """Tell whether exactly one of these people can be the one named."""
    fitting = [
        other
        for other in others
        if each.words
        and (each.words <= other.words or other.words <= each.words)
        and not (each.births and other.births and each.births.isdisjoint(other.births))
    ]
    return len(fitting) == 1


class Victims:
    """The people of the index who are victim in the records kept, as far as a viewer may know them.

    A victim is established when a date of birth, an identifier, a number or a home tells them from others of the name,
    or when another mention is linked to theirs. Somebody known by a name alone may be anybody of that name.

    Attributes:
        dead: persons a record says are dead.
    """

    def __init__(self, reader: Reader, told: Sequence[Told], dead: Iterable[_Where]) -> None:
        """Read the mentions, a batch at a time.

        Args:
            reader: scoped.
            told: the records kept.
            dead: (place, position) of everybody a record says is dead.
        """
        self._assessed = {(each.place, position) for each in told for position, *_ in each.levels}
        self._named: dict[_Where, list[Named]] = defaultdict(list)
        alone = self._read(reader, {each.place for each in told})
        self.dead: set[int] = set()
        self._establish(reader, alone, set(dead))
        self._levels: dict[int, list[tuple[str, int, RiskLevel]]] = defaultdict(list)
        for each in told:
            for position, level, at in each.levels:
                for named in self.at(each.place, position):
                    if named.person is not None:
                        self._levels[named.person].append((at, level.rank, level))

    def _read(self, reader: Reader, wanted: set[Place]) -> dict[int, list[tuple[_Where, Named]]]:
        """Read the victims of the records kept; return those who are known by a name alone, by person."""
        alone: dict[int, list[tuple[_Where, Named]]] = defaultdict(list)
        for row in reader.people_as([Role.VICTIM]):
            where = _where(row)
            if where[0] not in wanted or row.found != Found.FIELD:
                continue
            profile = decode("person", row.value)
            if isinstance(profile, PersonProfile):
                words = frozenset(word for name in profile.names for word in name)
                named = Named(row.grp, words, frozenset(profile.births), where in self._assessed)
                if profile.births or profile.identifiers or profile.phones or profile.homes:
                    self._named[where].append(named)
                else:
                    alone[row.grp].append((where, named))
        return alone

    def _establish(self, reader: Reader, alone: dict[int, list[tuple[_Where, Named]]], dead: set[_Where]) -> None:
        """Take those known by a name alone whom another mention is linked to, and note who is dead."""
        mentions: Counter[int] = Counter()
        for row in reader.people_as(list(Role)):
            if row.grp in alone:
                mentions[row.grp] += 1
            if _where(row) in dead:
                self.dead.add(row.grp)
        for person, places in alone.items():
            for where, named in places:
                self._named[where].append(named if mentions[person] > 1 else named._replace(person=None))

    def at(self, place: Place, position: int) -> Sequence[Named]:
        """Return the victims at a position of a record: two when the field names two, none when it names nobody."""
        return self._named.get((place, position), ())

    def level(self, person: int, now: datetime) -> RiskLevel:
        """Return the level of somebody's latest assessment by now; of two at once, the graver."""
        held = [
            each for each in self._levels.get(person, ()) if (span := span_of(each[0])) is None or span.first <= now
        ]
        return max(held)[2] if held else RiskLevel.NOT_ASSESSED


def _where(row: MentionRow) -> _Where:
    """Return where a mention stands; the second of two people named in one field stands where the field stands."""
    return (row.segment, row.n), row.position if row.holder is None else row.holder
