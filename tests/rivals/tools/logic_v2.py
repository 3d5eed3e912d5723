"""nomenklatura's logic-v2, as OpenSanctions matches people, on candidates chosen generously by letters and by its symbols.

Comparing with everybody takes it seconds a query; CANDIDATES people who share most rare letter trigrams, with all who
share one of its own name symbols, did as well: of 50 romanised names 33 at 1 and 39 at 10, exhaustively 32 and 40. nomenklatura keeps analysed names by entity
id, so that every query gets an id of its own.
"""

from __future__ import annotations

import heapq
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence

from followthemoney import model
from followthemoney.proxy import EntityProxy
from nomenklatura.matching import LogicV2
from nomenklatura.matching.logic_v2.names.analysis import entity_names
from nomenklatura.matching.types import ScoringConfig

from tests.rivals.exchange import Asked, Held, answered, arguments, read_asked, read_held, write

CANDIDATES = 250
COMMON = 400  # a symbol on more names than this brings nobody
THRESHOLD = 0.7  # OpenSanctions' own for this algorithm


def person(id_: str, name: str, dob: str) -> EntityProxy:
    """Return a person as followthemoney has them."""
    entity = model.make_entity("Person")
    entity.id = id_
    entity.add("name", name)
    if dob:
        entity.add("birthDate", dob)
    return entity


def trigrams(text: str) -> set[str]:
    """Return the letter trigrams of a name's words, each padded as pg_trgm pads them."""
    return {padded[n : n + 3] for word in text.split() for padded in (f"  {word} ",) for n in range(len(padded) - 2)}


class LogicScan:
    """Everybody held, with the ways to candidates."""

    def __init__(self, values: Sequence[Held]) -> None:
        self.ids = [each.id for each in values]
        self.people = [person(f"held-{place}", each.raw, each.dob) for place, each in enumerate(values)]
        self.letters: dict[str, list[int]] = defaultdict(list)
        self.symbols: dict[object, list[int]] = defaultdict(list)
        self.births: dict[str, list[int]] = defaultdict(list)
        for place, each in enumerate(values):
            for gram in trigrams(each.text):
                self.letters[gram].append(place)
            for symbol in self._symbols(self.people[place]):
                self.symbols[symbol].append(place)
            self.births[each.dob].append(place)
        self.config = ScoringConfig.defaults()

    @staticmethod
    def _symbols(entity: EntityProxy) -> Iterator[object]:
        """Yield what its name analysis knows of somebody's names."""
        for name in entity_names(entity):
            yield from name.symbols

    def candidates(self, query: Asked, entity: EntityProxy) -> set[int]:
        """Return the places of those worth comparing."""
        shared: dict[int, float] = defaultdict(float)
        for gram in trigrams(query.text):
            places = self.letters.get(gram, ())
            for place in places:
                shared[place] += math.log2(1 + len(self.ids) / len(places))
        found = set(heapq.nlargest(CANDIDATES, shared, key=shared.__getitem__))
        for symbol in self._symbols(entity):
            places = self.symbols.get(symbol, [])
            if len(places) <= COMMON:
                found.update(places)
        return found | (set(self.births.get(query.dob, ())) if query.dob else set())

    def ask(self, query: Asked) -> Iterator[tuple[str, float]]:
        """Yield the candidates that score at all."""
        entity = person(f"asked-{query.qid}", query.raw, query.dob)
        for place in self.candidates(query, entity):
            score = LogicV2.compare(entity, self.people[place], self.config).score
            if score > 0:
                yield self.ids[place], score


def main() -> None:
    """Answer the queries of one set."""
    records, queries, folder, _ = arguments()
    scan = LogicScan(read_held(records)["names"])
    write(
        folder,
        answered(read_asked(queries), scan.ask),
        packages=("nomenklatura", "rigour", "followthemoney"),
        note=f"default configuration, about {CANDIDATES} candidates and all who share one of its name symbols",
        threshold=THRESHOLD,
    )


if __name__ == "__main__":
    main()
