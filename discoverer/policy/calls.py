"""Calls from one number, each by itself: of two silent calls in a night nobody coded either as domestic abuse (F4)."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from discoverer.model import Record, RecordKind
from discoverer.normalise.text import fold
from discoverer.policy.occurrences import Occurrence


def calls_of(occurrence: Occurrence) -> Iterator[tuple[Record, Occurrence]]:
    """Yield every log of an occurrence as an occurrence of its own, with what the whole says of domestic abuse."""
    for held in occurrence.held:
        record = held.record
        if record.kind is RecordKind.INCIDENT:
            yield record, Occurrence(record.at.value if record.at else "", (held,), occurrence.signs, ())


def says_one_of(record: Record, phrases: Collection[str]) -> bool:
    """Tell whether a log's codes, summary or text say one of these phrases, in any case."""
    said = (*(code.word for code in record.codes), record.summary, *(text.text for text in record.texts))
    folded = [f" {fold(each)} " for each in said if each]
    return any(f" {fold(phrase)} " in each for each in folded for phrase in phrases)
