"""What weighs: records that are always read in a history, however many newer ones a person, place or number has.

A history lists the most recent records. What says who is in danger, wanted or in custody, what a victim agreed with the
police or what is asked of whoever answers must not fall behind a list of routine logs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from discoverer.lists import lists, named
from discoverer.model import Record, RecordKind, Role, Visibility


def weighs_for(record: Record) -> frozenset[Visibility]:
    """Return the labels whose readers may know that a record weighs; none when it does not.

    An assessment, an order, a marker, an arrest, a child, a code that says wanted or names a weapon, a note such as a
    codeword or a referral to MARAC, and words of a text that ask for an action weigh.
    """
    return frozenset(label for reason in _reasons(record) for label in reason.above)


def as_mask(labels: Iterable[Visibility]) -> int:
    """Return labels as a number to keep: bit n stands for the label of rank n; 0 for none."""
    return sum(1 << label.rank for label in set(labels))


def _reasons(record: Record) -> Iterator[Visibility]:
    """Yield the label of each thing that makes a record weigh."""
    if record.assessments or record.orders or record.markers or record.kind is RecordKind.CUSTODY:
        yield record.visibility
    if any(named("wanted", code.word) or code.word.lower() in lists()["weapons"] for code in record.codes):
        yield record.visibility
    yield from (person.visibility for person in record.persons if person.role is Role.CHILD)
    if _asks(record):
        yield record.words_visibility


def _asks(record: Record) -> bool:
    """Tell whether a record's free words hold a note that must be read, or ask for an action."""
    agreed = any(text and label in lists()["weighty_notes"] for label, text in record.notes)
    return agreed or any(named("actions", text.text) for text in record.texts)
