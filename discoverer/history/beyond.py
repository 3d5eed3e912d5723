"""What lies one step beyond a hit's own records: the homes, orders and assessments of the people linked to it.

Read once for a whole answer: the third place where the danger is (failure pattern F10), the order that stands in the
other party's record (F5), the victim who is HIGH on another card.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from discoverer.answer import Assessed
from discoverer.history.assessed import gravest_of
from discoverer.history.elsewhere import closed_by, confidential, door
from discoverer.history.linked import Other
from discoverer.history.material import Material, Place, stands_at
from discoverer.model import SOUGHT, VICTIMS, Record
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


def read(reader: Reader, groups: Mapping[int, bool], material: Material) -> Beyond:
    """Read what lies beyond.

    Args:
        reader: scoped.
        groups: person -> whether the records that weigh are wanted too, of parties; or only homes and numbers.
        material: records and mentions read already.
    """
    beyond, known = Beyond(), material.records
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
    for place in places & material.mentions.keys():
        contacts = [row for row in material.mentions[place] if _is_contact(row)]
        if contacts:
            beyond.contacts[place] = contacts
    for row in reader.contacts_in(places - material.mentions.keys()):
        beyond.contacts[row.segment, row.n].append(row)
    return beyond


def _is_contact(row: MentionRow) -> bool:
    """Tell whether a mention is a place or number that a field says is somebody's (as `Reader.contacts_in`)."""
    return row.kind != "person" and row.found == "field" and row.holder is not None


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


def closed(beyond: Beyond) -> set[tuple[str, str]]:
    """Return the homes and numbers that any record of the people linked calls confidential."""
    return {
        key for place, record in beyond.records.items() for key in closed_by(record, beyond.contacts.get(place, ()))
    }


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
