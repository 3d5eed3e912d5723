"""How often the records of a source say what: counted when they are read, so that two nights can be compared.

A name that has moved to another column, and is read no more, leaves every record standing; only these counts tell.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping

from discoverer.model import SUSPECTS, VICTIMS, Record, RiskLevel

MEASURES: Mapping[str, Callable[[Record], int]] = {
    "dates": lambda record: int(record.at is not None),
    "people named": lambda record: sum(bool(person.names) for person in record.persons),
    "dates of birth": lambda record: sum(bool(person.dobs) for person in record.persons),
    "identifiers": lambda record: sum(bool(person.identifiers) for person in record.persons),
    "victims": lambda record: sum(person.role in VICTIMS for person in record.persons),
    "suspects": lambda record: sum(person.role in SUSPECTS for person in record.persons),
    "addresses": lambda record: len(record.locations),
    "telephone numbers": lambda record: len(record.phones),
    "assessments": lambda record: len(record.assessments),
    "risk levels": lambda record: sum(each.level is not RiskLevel.NOT_ASSESSED for each in record.assessments),
    "high risk levels": lambda record: sum(each.level is RiskLevel.HIGH for each in record.assessments),
    "orders": lambda record: len(record.orders),
    "markers": lambda record: len(record.markers),
    "references": lambda record: len(record.references),
    "running texts": lambda record: len(record.texts),
}
"""What is counted of every record, by the name it is known by in a manifest and in index/data/audit.toml."""


def count(record: Record, into: Counter[str]) -> None:
    """Add what one record says."""
    for name, measure in MEASURES.items():
        if times := measure(record):
            into[name] += times
