"""Records that cite another by its reference: that reference in them is theirs, and no trace of the one they cite.

Citations are read as the index reads them: '1784 030918' on a form and 'log 1784 of 030918' in a text make it hold
'1784/2018-09-03', which no byte of the form says.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from discoverer.model import Record, Visibility
from index.mentions import clean
from index.needles import holding, others, says
from index.traces import needle, stands_in


def citing(state_dir: Path, source: str, ref: str, on: date) -> dict[str, bool]:
    """Return the records held that cite one, by id in words ('custody BE/152/18'), each with whether all may see it.

    Args:
        state_dir: where builds and layers are.
        source: of the record that is cited.
        ref: its reference.
        on: the day that counts as today.

    Raises:
        sqlite3.Error: what is held cannot be read.
    """
    wanted = needle("its reference", ref)
    # Whoever cites it writes the number that tells it from others somehow, without the noughts before it perhaps.
    number = next(iter(re.findall("[0-9]+", ref)), ref).lstrip("0").encode("utf-8", "surrogatepass").lower()
    found: dict[str, bool] = {}
    for path in holding(state_dir):
        for body, record in others(path, source, ref):
            made = record() if number in body.lower() else None
            if made and (says(body, wanted) or any(stands_in(each, wanted) for each in _references(made, on))):
                name = f"{made.source} {made.ref}"
                found[name] = found.get(name, True) and made.words_visibility is Visibility.OPEN
    return dict(sorted(found.items()))


def _references(record: Record, on: date) -> tuple[str, ...]:
    """Return the references under which the index holds a record."""
    references = clean(record, frozenset(), on)[1]
    return (*references.own, *references.said)
