"""Whose own a telephone number is: a landline or a shared handset does not say which of a family is meant."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from index.guards import Name, names_agree
from index.linking_gathered import Gathered

# Here a mobile phone's number begins so; others ring in a house, or are a firm's (0300, 0808): National Telephone
# Numbering Plan, Ofcom. Another country's may be either, and is taken for a mobile phone's.
HERE, MOBILE = "+44", "+447"


class Phones:
    """Who has which number in this index."""

    def __init__(self, rows: Iterable[Gathered]) -> None:
        """Note whose names stand beside each number.

        Args:
            rows: what the mentions of each component say.
        """
        self._names: dict[str, dict[Name, None]] = defaultdict(dict)
        for row in rows:
            for member in row.members:
                for phone in member.profile.phones:
                    self._names[phone].update(dict.fromkeys(member.profile.names))

    def is_own(self, phone: str) -> bool:
        """Tell whether a number is one person's own: nobody of another name has it, and it is not that of a house."""
        if phone.startswith(HERE) and not phone.startswith(MOBILE):
            return False
        names = list(self._names[phone])
        return all(names_agree([one], [other]) for at, one in enumerate(names) for other in names[:at])
