"""Small records for tests of policy: everyone in them is invented. Victims stand at 0, suspects at 1."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from discoverer.clock import parse_iso
from discoverer.held import Held
from discoverer.model import (
    Code,
    Instant,
    Location,
    Person,
    Record,
    RecordKind,
    Reference,
    RiskAssessment,
    RiskLevel,
    Role,
    Text,
)
from discoverer.policy.rules import Policy, read_policies

SHIPPED: Policy = read_policies().version("1")
NOW = parse_iso("2018-11-18T02:00:00Z")
SHABANA = ("SHABANA BIBI", "03/07/1989")
ASIF = ("ASIF KHAN", "07/03/1985")
DOMESTIC = Code("closing", "220", "domestic incident")
NUISANCE = Code("closing", "301", "nuisance")


def instant(value: str) -> Instant | None:
    """Return a moment; None for ''."""
    return Instant(value, value) if value else None


def person(position: int, role: Role, who: Sequence[str], **parts: object) -> Person:
    """Make somebody, from a name and, if known, a date of birth."""
    return Person(position, role, tuple(who[:1]), tuple(who[1:2]), **parts)  # type: ignore[arg-type]


def log(
    number: str,
    at: str,
    *codes: Code,
    victim: Sequence[str] = SHABANA,
    suspect: Sequence[str] = (),
    text: str = "",
    door: str = "",
    crime: str = "",
    linked: str = "",
    more: Sequence[Reference] = (),
    **parts: object,
) -> Record:
    """Make a log of the day of `at`."""
    day = at[:10] or "2018-01-01"
    persons = [person(0, Role.VICTIM, victim)] if victim else []
    persons += [person(1, Role.SUSPECT, suspect)] if suspect else []
    references = [Reference("log", f"{number}/{day}", own=True), *more]
    references += [Reference("crime", crime)] if crime else []
    references += [Reference("linked_log", linked)] if linked else []
    given: dict[str, object] = {"persons": tuple(persons), "references": tuple(references), "codes": codes}
    if text:
        given["texts"] = (Text(text),)
    if door:
        given["locations"] = (Location(5, Role.SCENE, door),)
    return Record("incidents", (number, day), RecordKind.INCIDENT, instant(at), **(given | parts))  # type: ignore[arg-type]


def dash(
    ref: str,
    at: str,
    level: RiskLevel = RiskLevel.MEDIUM,
    *,
    victim: Sequence[str] = SHABANA,
    suspect: Sequence[str] = ASIF,
    crime: str = "",
    of_log: str = "",
    more: Sequence[Reference] = (),
    relationship: str = "EX-PARTNER",
    answers: tuple[tuple[int, str], ...] = (),
    **parts: object,
) -> Record:
    """Make a domestic abuse record."""
    references = [Reference("dash", ref, own=True), *more]
    references += [Reference("crime", crime)] if crime else []
    references += [Reference("log", of_log)] if of_log else []
    given: dict[str, object] = {
        "persons": (person(0, Role.VICTIM, victim), person(1, Role.SUSPECT, suspect, note=relationship)),
        "assessments": (RiskAssessment(level, at=instant(at), by="Sgt 1042", victim=0, suspect=1, answers=answers),),
        "references": tuple(references),
        "codes": (Code("relationship", relationship, ""),),
    }
    return Record("domestic_abuse", (ref,), RecordKind.DOMESTIC_ABUSE, instant(at), **(given | parts))  # type: ignore[arg-type]


def custody(
    ref: str,
    at: str,
    *,
    flag: str = "",
    offence: str = "COMMON ASSAULT",
    crime: str = "",
    of_log: str = "",
    **parts: object,
) -> Record:
    """Make a custody record."""
    references = [Reference("custody", ref, own=True)]
    references += [Reference("crime", crime)] if crime else []
    references += [Reference("log", of_log)] if of_log else []
    given: dict[str, object] = {
        "persons": (person(0, Role.DETAINEE, ASIF),),
        "references": tuple(references),
        "codes": (Code("da_flag", flag),) if flag else (),
        "notes": (("offence", offence),),
    }
    return Record("custody", (ref,), RecordKind.CUSTODY, instant(at), **(given | parts))  # type: ignore[arg-type]


def held(*records: Record, at: int | None = 0) -> list[Held]:
    """Hold records, the subject at one position of each (None: the record as a whole)."""
    return [Held(record, None if at is None else (at,)) for record in records]


def moment(value: str) -> datetime:
    """Return an instant."""
    return parse_iso(value)
