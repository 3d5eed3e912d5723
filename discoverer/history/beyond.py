"""What lies one step beyond a hit's own records: the homes, orders and assessments of the people linked to it.

Read once for a whole answer: the third place where the danger is (failure pattern F10), the order that stands in the
other party's record (F5), the victim who is HIGH on another card.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from discoverer.answer import Assessed
from discoverer.held import Held
from discoverer.history.assessed import gravest_of
from discoverer.history.custody import custody, wanted
from discoverer.history.elsewhere import confidential, door
from discoverer.history.linked import Other
from discoverer.history.material import Place, Subject, held_of, stands_at
from discoverer.inforce import bound_by, order_statement
from discoverer.model import SOUGHT, VICTIMS, Record
from discoverer.normalise.names import read_names
from discoverer.normalise.text import words as words_of
from discoverer.parts import Standing, Statement, Whose
from discoverer.wording import role_words
from index.people import MentionRow
from index.reader import Reader

# Of each linked person, the most recent records read for homes; those that weigh are all read, for orders and risk.
RECENT = 12


@dataclass(slots=True)
class Beyond:
    """The records of the people linked to the hits of one answer.

    Attributes:
        rows: person -> their mentions.
        records: place -> Record, of those that weigh, and of custody and wanted logs of suspects.
        contacts: place -> the homes and numbers held by anybody there.
    """

    rows: dict[int, list[MentionRow]] = field(default_factory=lambda: defaultdict(list))
    records: dict[Place, Record] = field(default_factory=dict)
    contacts: dict[Place, list[MentionRow]] = field(default_factory=lambda: defaultdict(list))


def read(reader: Reader, groups: Mapping[int, bool], known: Mapping[Place, Record]) -> Beyond:
    """Read what lies beyond.

    Args:
        reader: scoped.
        groups: person -> whether the records that weigh are wanted too, of parties; or only homes and numbers.
        known: records read already.
    """
    beyond = Beyond()
    wanted_records: set[Place] = set()
    places: set[Place] = set()
    for row in reader.of_groups(list(groups), RECENT):
        beyond.rows[row.grp].append(row)
        places.add((row.segment, row.n))
        # A victim's record is read whatever for: it may call her address confidential.
        if row.role in VICTIMS or (groups[row.grp] and (row.weighty or row.role in SOUGHT)):
            wanted_records.add((row.segment, row.n))
    beyond.records = {place: known[place] for place in wanted_records if place in known}
    beyond.records.update(reader.records(wanted_records - known.keys()))
    for row in reader.everyone_in(places):
        if row.kind != "person" and row.holder is not None and row.found == "field":
            beyond.contacts[row.segment, row.n].append(row)
    return beyond


def homes(beyond: Beyond, met: Sequence[Other]) -> list[tuple[str, MentionRow]]:
    """Return the homes and numbers of linked people in records of their own: (whose, mention)."""
    found = []
    for other in met:
        label = max(other.rows, key=lambda row: len(row.label)).label
        roles = ", ".join(role_words(role) for role in other.roles)
        whose = f"{label} ({roles})" if roles else label
        found += [(whose, contact) for contact in _contacts(beyond, other.group)]
    return found


def _contacts(beyond: Beyond, group: int) -> Iterator[MentionRow]:
    """Yield the homes and numbers somebody holds, but those of a record that calls them confidential."""
    for row in beyond.rows.get(group, ()):
        record = beyond.records.get((row.segment, row.n))
        hidden = confidential(record) if record else ()
        for contact in beyond.contacts.get((row.segment, row.n), ()):
            if contact.holder == stands_at(row) and contact.holder not in hidden:
                yield contact


def later_home(beyond: Beyond, group: int, doors: Collection[str]) -> str:
    """Return when somebody was last recorded at a home that is none of these doors, in scope; '' when never."""
    homes_of = (contact for contact in _contacts(beyond, group) if contact.kind == "location")
    return max((contact.at for contact in homes_of if door(contact) not in ("", *doors)), default="")


def assessed(beyond: Beyond, met: Iterable[Other], own: Collection[Place], now: datetime) -> tuple[Assessed, ...]:
    """Return the gravest assessment of each victim met, in records that are not the hit's own, the gravest first."""
    found = []
    for other in met:
        if {*other.roles} & VICTIMS:
            rows = [row for row in beyond.rows.get(other.group, ()) if (row.segment, row.n) not in own]
            found += gravest_of(rows, beyond.records, now)
    order = ("high", "medium", "standard")
    return tuple(sorted(found, key=lambda each: (order.index(each.level), tuple(-ord(char) for char in each.at))))


def of_the_other_party(beyond: Beyond, met: Iterable[Other], subject: Subject, now: datetime) -> list[Statement]:
    """Return the orders on suspects of a victim that name her, and who of them is wanted or in custody now.

    Args:
        beyond: what was read.
        met: the people linked to the victim.
        subject: the victim.
        now: the instant that counts as now.
    """
    own = {(held.record.source, held.record.ref) for held in subject.held}
    names = [set(name.tokens) for row in subject.rows for part in row.label.split(" / ") for name in read_names(part)]
    found: list[Statement] = []
    for other in met:
        if "suspect of this victim" not in other.relations:
            continue
        held = held_of(beyond.rows.get(other.group, ()), beyond.records, whole=False)
        fresh = [each for each in held if (each.record.source, each.record.ref) not in own]
        found += [each for each in _orders(fresh, now) if _names_her(each, names)]
        found += [*wanted(held, now), *custody(held, now)]
    return [_other_party(each) for each in found if each.standing is not Standing.ENDED]


def _orders(held: Iterable[Held], now: datetime) -> list[Statement]:
    """Return the orders that bind somebody."""
    return [
        order_statement(each.record, order, each.positions, now)
        for each in held
        for order in each.record.orders
        if each.positions is not None and bound_by(each.record, order.subject) in (None, *each.positions)
    ]


def _names_her(order: Statement, names: Sequence[set[str]]) -> bool:
    """Tell whether an order names somebody by at least two of the words of her name, in one phrase of it.

    Clerks leave a middle name out or put one in; two people protected who have a word of hers each are not her.
    """
    said = [set(words_of(phrase)) for phrase in (*order.protects, *order.conditions)]
    return any(_alike(name, phrase) for name in names for phrase in said)


def _alike(name: set[str], phrase: set[str]) -> bool:
    """Tell whether a phrase holds two words of a name, an initial as one of them only in the whole name."""
    whole = len(name) > 1 and name <= phrase
    return whole or sum(len(word) > 1 for word in name & phrase) > 1


def _other_party(each: Statement) -> Statement:
    """Mark a statement as one about the other party."""
    return replace(each, whose=Whose.OTHER_PARTY)
