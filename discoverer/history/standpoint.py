"""How a hit stands to the people of a record: itself, the other party, a tenant of today or of yesterday."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from discoverer.model import VICTIMS, Person, Record, Role
from discoverer.parts import Tenure, Whose
from discoverer.wording import person_at

_OCCUPANT = {Tenure.CURRENT: Whose.CURRENT, Tenure.PREVIOUS: Whose.PREVIOUS, Tenure.UNKNOWN: Whose.UNKNOWN}
_OF_THE_VICTIM = VICTIMS | {Role.CHILD}


def _nobody(record: Record, position: int | None) -> int | None:
    """Return nobody: without an index no mention has a group."""
    del record, position
    return None


@dataclass(frozen=True, slots=True)
class Standpoint:
    """Where a hit looks at its records from.

    Attributes:
        group_at: (record, position) -> the person who stands there, None when nobody known does.
        tenures: person -> whether they live at the place that was hit; of a number, its earlier holders alone; {} for a
            person.
        holders: (source, ref) -> positions of those who hold the number that was hit in that record.
    """

    group_at: Callable[[Record, int | None], int | None] = _nobody
    tenures: Mapping[int, Tenure] = field(default_factory=dict)
    holders: Mapping[tuple[str, str], Collection[int | None]] = field(default_factory=dict)

    def whose(self, record: Record, position: int | None, mine: Collection[int] | None) -> Whose:
        """Say how the hit stands to whoever is at a position of a record.

        Args:
            record: it stands in.
            position: of the person or place a statement is about; None: not recorded, and nobody's own.
            mine: the hit's own positions; None: a place, number or event, which holds the record whole.
        """
        if mine is not None:
            if position is None:
                return Whose.LINKED
            return Whose.OWN if position in mine else Whose.OTHER_PARTY
        if position is None or person_at(record, position) is None:
            return Whose.PLACE
        tenure = self.tenures.get(self.group_at(record, position) or -1)
        return _OCCUPANT[tenure] if tenure else Whose.LINKED

    def speaks_for_victim(self, record: Record, mine: Collection[int] | None) -> bool:
        """Tell whether what a victim agreed with the police (a codeword, how to ring) may be shown on this hit.

        It may on the victim and on a number that is theirs or was rung from; never on the suspect or his number, nor on
        a place, where anybody may answer.
        """
        if mine is not None:
            return any(person.position in mine and person.role in _OF_THE_VICTIM for person in record.persons)
        holders = self.holders.get((record.source, record.ref), ())
        people = (person_at(record, position) for position in holders)
        return any(person is None or person.role in _OF_THE_VICTIM for person in people)

    def victim_heard(self, record: Record, mine: Collection[int] | None) -> Person | None:
        """Return the victim with whom a record says something was agreed: the hit or holder itself, else the first."""
        victims = [person for person in record.persons if person.role in VICTIMS]
        here = self.holders.get((record.source, record.ref), ()) if mine is None else mine
        return next((person for person in victims if person.position in here), victims[0] if victims else None)


PLAIN = Standpoint()
