"""Where officers go and how it is graded: of the place or record asked for, or of the log in hand."""

from __future__ import annotations

from collections.abc import Iterator

from discoverer.answer import HitKind
from discoverer.briefing import aloud
from discoverer.briefing.cited import Key
from discoverer.briefing.opened import Opened
from discoverer.briefing.parts import Point, Slot
from discoverer.briefing.rules import limit, names_any, rules
from discoverer.briefing.telling import Teller, replaced
from discoverer.history.elsewhere import confidential
from discoverer.model import Nature, Record, Role
from discoverer.parts import Topic
from index.people import MentionRow

PROTECTED = "protected place"
_ASKED_WHERE = ("refuge", "location protected")


def log_key(opened: Opened, log: str) -> Key | None:
    """Return the record of the log in hand, however its number and date are parted; None when it is not held.

    Args:
        opened: the hit.
        log: as given, '2731-2014-09-14' or '2731/2014-09-14'.
    """
    ref = log.strip().replace("-", "/", 1) if "/" not in log else log.strip()
    if not ref:
        return None
    sources = (each.name for each in opened.shown.sources)
    return next(((source, ref) for source in sources if opened.reader.place_of(source, ref) is not None), None)


def where(teller: Teller, opened: Opened, log: str) -> Iterator[Point]:
    """Yield where officers go, and how urgent it was graded."""
    hit = opened.shown.hit
    if hit.kind is HitKind.LOCATION:
        key = (hit.records[0].source, hit.records[0].ref) if hit.records else ("", "")
        rows = opened.reader.members(opened.found.group, limit("place_mentions"))
        yield _place(teller, opened, key, hit.label, rows)
        return
    mine = (hit.records[0].source, hit.records[0].ref) if hit.records else None
    own = mine if hit.kind is HitKind.EVENT else log_key(opened, log)
    record = teller.cited.records.get(own) if own else None
    if own is None or record is None:
        yield teller.point(Slot.PLACE, "place", "Location and grade as on the log in hand")
        return
    yield from _of_record(teller, opened, own, record)
    grade = _grade(record)
    if grade:
        yield teller.point(
            Slot.PLACE, "grade", f"Graded {grade} ({own[0]} {own[1]})", f"graded {grade}", key=own,
            at=record.at.value if record.at else "", nature=record.nature.value,
        )  # fmt: skip


def _of_record(teller: Teller, opened: Opened, own: Key, record: Record) -> Iterator[Point]:
    """Yield the place of a record: of a log its scene, and of nothing else."""
    stands = opened.reader.place_of(*own)
    rows = [row for row in opened.reader.everyone_in([stands] if stands else []) if row.kind == "location"]
    scenes = [row for row in rows if row.role == Role.SCENE.value and row.found == "field"]
    if not scenes:
        yield teller.point(Slot.PLACE, "place", "Location as on the log", _not_found())
        return
    # Not this log alone: any record may call the place confidential, or say whose it is.
    rows = opened.reader.members(scenes[0].grp, limit("place_mentions"))
    yield _place(teller, opened, own, scenes[0].label, rows)


def _place(teller: Teller, opened: Opened, key: Key, label: str, rows: list[MentionRow]) -> Point:
    """Tell a place, unless any record protects it or calls it confidential, or says that it is a refuge's."""
    record = teller.cited.records.get(key)
    made = teller.point(
        Slot.PLACE, "place", label, aloud.place(label), key=key, about=label,
        at=record.at.value if record and record.at else "", nature=(record.nature if record else Nature.FACT).value,
        role="location",
    )  # fmt: skip
    return replaced(made, PROTECTED) if _is_closed(opened, label, rows) or made.why_not else made


def _is_closed(opened: Opened, label: str, rows: list[MentionRow]) -> bool:
    """Tell whether a place must not be named."""
    reader = opened.reader
    if reader.kept_back({row.grp for row in rows}) or names_any("refuge", label):
        return True
    records = reader.records((row.segment, row.n) for row in rows)
    if any(row.holder is not None and row.holder in confidential(records[row.segment, row.n]) for row in rows):
        return True
    asked = (each for each in opened.shown.hit.in_force if each.topic is Topic.ACTION)
    return any(each.kind in _ASKED_WHERE for each in asked)


def _grade(record: Record) -> str:
    """Return how urgent a log was graded last; '' when it was not."""
    given = [change.grade for change in record.grades if change.grade]
    coded = [code.word or code.code for code in record.codes if code.codeset == "grade"]
    return (given or coded or [""])[-1]


def _not_found() -> str:
    """Return what is said where the place is not known here."""
    return str(rules()["spoken"]["not_found"]).rstrip(".")
