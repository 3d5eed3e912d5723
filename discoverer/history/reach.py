"""Orders in somebody else's record that reach a hit all the same: they name it, or their record tells of its event.

The bail of a suspect stands in his custody record, which often shares no more with the victim's than its crime number
(failure pattern F5). How it reaches a hit is said: to name it, and only to share an event with it, is not the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from discoverer.history.beyond import Beyond
from discoverer.history.custody import custody
from discoverer.history.linked import Other
from discoverer.history.material import Material, Place, Subject, held_of
from discoverer.history.wanted import wanted
from discoverer.inforce import bound_by, order_statement
from discoverer.lists import window
from discoverer.model import SUSPECTS, VICTIMS, Record
from discoverer.normalise.names import read_names
from discoverer.normalise.text import words as words_of
from discoverer.parts import Standing, Statement, Whose
from discoverer.policy.traces import numbers_of
from discoverer.wording import day
from index import keys
from index.people import MentionRow
from index.reader import Reader

# Records that bear one number; a number on more of them is no number of one event.
MOST_BEARERS = 20
# Words between two names; and, from the first forename, how many stand before the surname that both have.
_AND = frozenset({"and", "or", "nor"})
SHARED_SURNAME = 2


class Shared(NamedTuple):
    """A record of others that tells of an event of a hit.

    Attributes:
        record: it holds an order.
        number: str, what both bear, in words: 'crime number 20be123456a14'.
        own: Record, the hit's.
    """

    record: Record
    number: str
    own: Record


def read(reader: Reader, subjects: Iterable[Subject], material: Material, schemes: Sequence[str]) -> list[list[Shared]]:
    """Return, for each hit, the records of others that hold an order and tell of an event it is a party of.

    Args:
        reader: scoped.
        subjects: the hits; places and numbers are parties of nothing.
        material: their records.
        schemes: of the references that name another record's own number.
    """
    borne = [_borne(subject, schemes) for subject in subjects]
    sought = {reference for numbers in borne for number in numbers for reference in _forms(number)}
    found = (reader.look_up(keys.reference(each), MOST_BEARERS + 1) for each in sorted(sought))
    docs = reader.docs({number for each in found if each.total <= MOST_BEARERS for number in each.ids})
    places = [(doc.segment, doc.n) for doc in docs if doc.segment is not None and doc.n is not None]
    known = {place: material.records[place] for place in places if place in material.records}
    known |= reader.records(place for place in places if place not in known)
    numbers = {place: _numbers(record, schemes) for place, record in known.items() if record.orders}
    return [_sharing(subject, mine, known, numbers) for subject, mine in zip(subjects, borne, strict=True)]


def _sharing(
    subject: Subject,
    borne: Mapping[str, Record],
    known: Mapping[Place, Record],
    numbers: Mapping[Place, Collection[str]],
) -> list[Shared]:
    """Return the records of others that bear a number of a hit's."""
    own = {(record.source, record.ref) for record, _ in subject.held}
    return [
        Shared(known[place], _said(shared[0]), borne[shared[0]])
        for place, theirs in sorted(numbers.items())
        if (known[place].source, known[place].ref) not in own
        if (shared := [number for number in borne if number in theirs])
    ]


def _borne(subject: Subject, schemes: Sequence[str]) -> dict[str, Record]:
    """Return the numbers of the events a hit is a party of, the most recent first, each with its record."""
    if subject.found.kind.value not in ("person", "event"):
        return {}
    numbers: dict[str, Record] = {}
    for record, positions in subject.held:
        people = [each for each in record.persons if positions is None or each.position in positions]
        if record.references and any(each.role in VICTIMS | SUSPECTS for each in people):
            for number in _numbers(record, schemes):
                numbers.setdefault(number, record)
        if len(numbers) >= window("shared_numbers"):
            break
    return numbers


def _numbers(record: Record, schemes: Sequence[str]) -> dict[str, None]:
    """Return the numbers by which a record tells of an event: its crime's, its own, and those of records it names."""
    found = numbers_of(record, schemes)
    return dict.fromkeys((*(f"crime ref:{each}" for each in found.crimes), *found.own, *found.named))


def _forms(number: str) -> Iterator[str]:
    """Yield the references under which a record that bears a number is found."""
    canonical = number.partition(" ")[2]
    yield canonical
    if canonical.startswith("log:"):  # one that cites a log holds it as it was written
        count, _, on = canonical.removeprefix("log:").partition("/")
        year, month, date = on.split("-")
        yield f"ref:{count}{date}{month}{year[2:]}"
        yield f"ref:{count}{date}{month}{year}"
        yield f"ref:{count}{year}{month}{date}"


def _said(number: str) -> str:
    """Write a number for a person to read."""
    scheme, _, canonical = number.partition(" ")
    words = {"crime": "crime number", "log": "log", "dash": "DASH", "custody": "custody number"}.get(scheme, scheme)
    return f"{words} {canonical.partition(':')[2].upper()}"


def orders(
    subject: Subject,
    met: Iterable[Other],
    beyond: Beyond,
    shared: Iterable[Shared],
    now: datetime,
    material: Material,
) -> list[Statement]:
    """Return the orders of others that reach a hit, and who of a victim's suspects is wanted or in custody now.

    Args:
        subject: the hit.
        met: the people linked to it.
        beyond: their records.
        shared: records that tell of its events.
        now: the instant that counts as now.
        material: the records of the hit.
    """
    own = {(held.record.source, held.record.ref) for held in subject.held}
    found: list[Statement] = []
    for other in met:
        if other.relations.keys() & {"suspect of this victim", "victim of this suspect"}:
            held = held_of(beyond.rows.get(other.group, ()), beyond.records, whole=False)
            fresh = [each for each in held if (each.record.source, each.record.ref) not in own]
            named = (_naming(subject, each.record, each.positions or (), other, now) for each in fresh)
            theirs = [statement for each in named for statement in each]
            if "suspect of this victim" in other.relations:
                theirs += [_other_party(each) for each in (*wanted(fresh, now), *custody(fresh, now))]
            party = _party(other, material)
            found += [replace(each, party=party) for each in theirs]
    told = {_order_of(each) for each in found}
    by_event = [each for one in shared for each in _by_event(subject, one, now)]
    found += [each for each in by_event if _order_of(each) not in told]
    return [each for each in found if each.standing is not Standing.ENDED]


def _party(other: Other, material: Material) -> str:
    """Say which party of the hit somebody is, of what record and when: 'suspect of this victim, domestic_abuse ...'."""
    latest = max(other.rows, key=lambda row: row.at)
    record = material.records[latest.segment, latest.n]
    relation = next(each for each in ("suspect of this victim", "victim of this suspect") if each in other.relations)
    return f"{relation}, {record.source} {record.ref} {day(latest.at) or 'undated'}"


def _naming(
    subject: Subject, record: Record, theirs: Collection[int], other: Other, now: datetime
) -> Iterator[Statement]:
    """Yield the orders in a record of the other party that name the hit: that protect a victim, or bind a suspect."""
    names = names_of_rows(subject.rows) if record.orders else []
    for order in record.orders:
        made, bound = order_statement(record, order, theirs, now), bound_by(record, order.subject)
        said: list[str] = []
        if "suspect of this victim" in other.relations and bound in (None, *theirs):
            said += [*made.protects, *made.conditions]
        if "victim of this suspect" in other.relations and (bound is None or bound not in theirs):
            said += [*made.conditions, made.about]
        if says(said, names):
            yield replace(_other_party(made), reach="it names this person")


def _by_event(subject: Subject, shared: Shared, now: datetime) -> Iterator[Statement]:
    """Yield the orders of a record that tells of the hit's event, said to reach it by that and whether they name it."""
    positions = next(held.positions for held in subject.held if held.record is shared.own)
    mine = [each for each in shared.own.persons if positions is not None and each.position in positions]
    whose = Whose.OTHER_PARTY if any(each.role in VICTIMS for each in mine) else Whose.LINKED
    hit = "this event" if positions is None else "this person"
    for order in shared.record.orders:
        made = order_statement(shared.record, order, None, now)
        reach = f"reaches {hit} by {shared.number}, as {shared.own.source} {shared.own.ref}"
        if positions is not None:
            named = says((*made.protects, *made.conditions, made.about), names_of_rows(subject.rows))
            reach += ", and names them" if named else ", and does not name them"
        party = f"{shared.own.source} {shared.own.ref} {day(shared.own.at.value if shared.own.at else '') or 'undated'}"
        yield replace(made, words=f"{made.words}; {reach}", reach=reach, whose=whose, party=party)


def names_of_rows(rows: Iterable[MentionRow]) -> list[set[str]]:
    """Return the words of each name of somebody's mentions that has at least two."""
    labels = dict.fromkeys(part for row in rows for part in row.label.split(" / "))
    found = (set(name.tokens) for label in labels for name in read_names(label))
    return [words for words in found if len(words) > 1]


def says(texts: Iterable[str], names: Iterable[set[str]]) -> bool:
    """Tell whether one phrase of some texts names somebody by one of these names, by at least two words of it.

    Clerks leave a middle name out or put one in; two people protected who have a word of hers each are not her.
    """
    said = [words_of(phrase) for phrase in texts]
    return any(_alike(name, phrase) for name in names for phrase in said)


def _alike(name: set[str], phrase: Sequence[str]) -> bool:
    """Tell whether two words of a name stand together in a phrase, an initial as one of them only in the whole name."""
    whole = len(name) > 1 and name <= set(phrase)
    places = [place for place, word in enumerate(phrase) if word in name and (whole or len(word) > 1)]
    pairs = ((first, second) for first in places for second in places if first < second)
    return any(phrase[a] != phrase[b] and _together(phrase[a + 1 : b], name) for a, b in pairs)


def _together(between: Sequence[str], name: set[str]) -> bool:
    """Tell whether two words are of one name, by what stands between: a middle name; or 'HOLLY AND IAN' MANYFOLD."""
    if between and between[0] in _AND:
        return len(between) == SHARED_SURNAME
    return _AND.isdisjoint(between) and sum(word not in name for word in between) <= 1


def _order_of(each: Statement) -> tuple[str, ...]:
    """Return what makes two statements one order."""
    return each.source, each.ref, each.kind, each.start, each.end, *each.conditions


def _other_party(each: Statement) -> Statement:
    """Mark a statement as one about the other party."""
    return replace(each, whose=Whose.OTHER_PARTY)
