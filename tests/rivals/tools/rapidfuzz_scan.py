"""An exhaustive rapidfuzz scan: every value of every record compared with the query."""

from __future__ import annotations

from collections.abc import Sequence

import numpy
from rapidfuzz import fuzz, process

from tests.rivals.exchange import (
    MOST,
    Asked,
    Held,
    answered,
    arguments,
    fields_of,
    indexing,
    read_asked,
    read_held,
    write,
)

# Points of a hundred for a date of birth that agrees; half for two of its parts; none taken for one that disagrees.
BIRTH = 15.0
SCORERS = {
    "names": fuzz.token_sort_ratio,
    "addresses": fuzz.token_sort_ratio,
    "phones": fuzz.ratio,
    "texts": fuzz.token_set_ratio,
}


class Scan:
    """One field, held in memory."""

    def __init__(self, field: str, values: Sequence[Held]) -> None:
        self.scorer = SCORERS[field]
        self.ids = [each.id for each in values]
        self.texts = [each.text for each in values]
        self.births = numpy.array([_parts(each.dob) for each in values])

    def ask(self, query: Asked) -> list[tuple[str, float]]:
        """Return the most similar records."""
        if not self.ids:
            return []
        scores = process.cdist([query.text], self.texts, scorer=self.scorer, dtype=numpy.float32)[0]
        if query.dob:
            same = (self.births == numpy.array(_parts(query.dob))).sum(axis=1)
            scores = scores + numpy.select([same == 3, same == 2], [BIRTH, BIRTH / 2], 0.0)
        most = min(4 * MOST, len(scores))
        top = numpy.argpartition(-scores, most - 1)[:most]
        return [(self.ids[place], float(scores[place])) for place in top]


def _parts(dob: str) -> list[int]:
    """Return year, month and day, zeros when there is no date."""
    return [int(part) for part in dob.split("-")] if dob.count("-") == 2 else [0, 0, 0]


def main() -> None:
    """Answer the queries of one set."""
    records, queries, folder, _ = arguments()
    asked = read_asked(queries)
    with indexing() as indexed:
        fields = {field: Scan(field, values) for field, values in read_held(records, fields_of(asked)).items()}
    write(
        folder,
        answered(asked, lambda query: fields[query.field].ask(query)),
        indexed=indexed,
        packages=("rapidfuzz", "numpy"),
        note=f"token_sort_ratio over everything held, a date of birth agreeing +{BIRTH:g}, in part half of it",
        threshold=None,
    )


if __name__ == "__main__":
    main()
