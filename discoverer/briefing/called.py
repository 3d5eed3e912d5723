"""How people are called aloud: 'suspect' and 'victim' where there is one of each, by name where there are more.

A name takes three words of ninety each time it is said, and 'Khan' may be both of them.
"""

from __future__ import annotations

from discoverer.answer import Hit
from discoverer.briefing import aloud
from discoverer.briefing.cited import Key
from discoverer.briefing.people import SUSPECT, VICTIM, People, Somebody
from discoverer.normalise.text import fold


class Called:
    """What the people of one briefing are called."""

    def __init__(self, people: People) -> None:
        """Take who they are; somebody who is both suspect and victim is called by name."""
        suspects = {each.hit.id for each in people.suspects}
        harmed = [each for each in people.victims if each.part == VICTIM]
        victims = {each.hit.id for each in harmed}
        self._alone: dict[str, str] = {}
        self._known: list[tuple[str, list[set[str]], set[Key]]] = []
        if len(suspects) == 1 and not people.more_suspects and not suspects & victims:
            self._call(people.suspects[0], SUSPECT)
        if len(victims) == 1 and not people.more_victims and not suspects & victims:
            self._call(harmed[0], VICTIM)

    def _call(self, each: Somebody, word: str) -> None:
        """Note by what names somebody is known."""
        self._alone[each.hit.id] = word
        records = {(record.source, record.ref) for record in each.hit.records}
        self._known.append((word, _names(each.hit), records))

    def by_id(self, hit: Hit) -> str:
        """Return what somebody is called."""
        return self._alone.get(hit.id) or aloud.name(hit.label)

    def by_name(self, written: str, key: Key | None = None) -> str:
        """Return what somebody is called whom a record names so: of nobody told of, or of both, that name.

        Args:
            written: as the record writes it.
            key: the record, where it must be one of theirs: father and son bear one name. None: an order, which
                names whom it protects and is told only where it reaches them.
        """
        tokens = set(fold(written.split(" / ")[0]).split())
        found = {
            word
            for word, names, records in self._known
            if any(tokens == name for name in names) and (key is None or key in records)
        }
        return found.pop() if len(found) == 1 and len(tokens) > 1 else aloud.name(written)


def _names(hit: Hit) -> list[set[str]]:
    """Return every name that a hit's records write, as the words of each."""
    written = [hit.label, *(record.written for record in hit.records if record.found == "field")]
    return [set(fold(part).split()) for each in dict.fromkeys(written) for part in each.split(" / ")]
