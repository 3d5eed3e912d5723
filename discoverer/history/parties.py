"""Who the other party of an event is: the person linked, in scope; the name as written only where no more is known.

Two spellings of one suspect are one; two men of one name are two.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from discoverer.held import Held
from discoverer.history.material import Material, Place
from discoverer.match.profiles import PersonProfile
from discoverer.model import SUSPECTS, Person, Record, Role
from discoverer.policy.parts import Party, written_party
from index.people import MentionRow
from index.profiles import decode
from index.reader import Reader

# Mentions read of each of them to learn whether more than a name is known of them.
ENOUGH = 4
_FULL_DATE = 10
PARTIES = SUSPECTS | {Role.VICTIM}


def unread(held: Iterable[Held], material: Material) -> set[Place]:
    """Return the records that name a victim or suspect, and whose people were not read yet."""
    return {
        where
        for record, _ in held
        if (where := material.places[record.source, record.ref]) not in material.mentions
        if any(person.role in PARTIES for person in record.persons)
    }


class Parties:
    """Tells the victims and suspects of an answer's records apart as they are linked."""

    def __init__(self, reader: Reader, material: Material, held: Iterable[Held]) -> None:
        """Read what is known of the victims and suspects in some records.

        Args:
            reader: scoped.
            material: with everybody who stands in those records.
            held: the records, of what is surely and of whoever is possibly asked about.
        """
        self._material = material
        groups = set(_parties(held, material))
        rows: dict[int, list[MentionRow]] = defaultdict(list)
        for row in reader.of_groups(groups, ENOUGH) if groups else []:
            rows[row.grp].append(row)
        self._known = {group: _known(found) for group, found in rows.items()}
        self._met: dict[tuple[str, str, int], Party] = {}

    def party_of(self, record: Record, person: Person) -> Party:
        """Identify somebody: by the person linked, or by what is written where that is a name alone."""
        where = (record.source, record.ref, person.position)
        if where not in self._met:  # every clause of the policy asks for the same people
            self._met[where] = self._identified(record, person)
        return self._met[where]

    def _identified(self, record: Record, person: Person) -> Party:
        """Identify somebody met for the first time."""
        written = written_party(record, person)
        group = self._material.group_at(record, person.position)
        known = self._known.get(group) if group is not None else None
        if known is None or not known[0]:
            return written
        return Party(f"person {group}", written.name, True, written.loose, known[1])


def _parties(held: Iterable[Held], material: Material) -> Iterable[int]:
    """Yield the victims and suspects of some records."""
    for record, _ in held:
        for person in record.persons:
            if person.role in PARTIES and (group := material.group_at(record, person.position)) is not None:
                yield group


def _known(rows: Collection[MentionRow]) -> tuple[bool, frozenset[str]]:
    """Tell whether more than a name is known of somebody, and which full dates of birth are."""
    profiles = [value for row in rows if isinstance(value := decode("person", row.value), PersonProfile)]
    births = frozenset(birth for each in profiles for birth in each.births if len(birth) == _FULL_DATE)
    more = any(each.births or each.identifiers or each.phones or each.homes for each in profiles)
    return more or len(rows) > 1, births
