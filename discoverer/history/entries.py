"""One record as an entry of a history: the parts the subject plays in it, and what kind of statement it makes.

Data Protection Act 2018, s.38: the roles of a person in a record are kept apart, and so are facts, allegations,
officers' assessments, intelligence and what the system inferred (domain guide 4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from discoverer.history.grading import conditions, grading
from discoverer.lists import lists
from discoverer.model import Nature, Record
from discoverer.parts import Entry
from discoverer.risk import record_risk
from discoverer.wording import minute, role_words
from index.people import MentionRow

NATURE_WORDS = {
    Nature.FACT: "fact recorded",
    Nature.ALLEGATION: "allegation",
    Nature.ASSESSMENT: "officer's assessment",
    Nature.INTELLIGENCE: "intelligence",
    Nature.INFERRED: "inferred by the system from text, unverified",
}
# Notes that say how an event ended, in the order they are looked for.
OUTCOMES = ("result", "disposal")


def entry_of(record: Record, rows: Sequence[MentionRow], now: datetime) -> Entry:
    """Make the entry of one record.

    Args:
        record: as far as it is in scope.
        rows: the subject's mentions there; none: the record itself.
        now: the instant that counts as now.
    """
    roles = tuple(dict.fromkeys(row.role for row in rows))
    said = bool(rows) and all(row.found == "text" for row in rows)
    nature = Nature.INFERRED if said else record.nature
    at = record.at.value if record.at else ""
    graded, changes, outcome, risk = grading(record, now), _grades(record), _outcome(record), record_risk(record)
    found = "text" if said else "field"
    parts = [minute(at) or "undated", _roles(rows, found), record.summary or record.kind.value.replace("_", " ")]
    parts += [words for words in (changes, outcome, graded) if words]
    return Entry(
        at=at,
        source=record.source,
        ref=record.ref,
        kind=record.kind.value,
        summary=record.summary,
        roles=roles,
        nature=nature.value,
        nature_words=NATURE_WORDS[nature],
        grading=graded,
        conditions=conditions(record),
        grades=changes,
        outcome=outcome,
        risk=risk,
        found=found,
        written=rows[0].label if rows else record.summary,
        words=f"{'; '.join(part for part in parts if part)} [{NATURE_WORDS[nature]}] ({record.source} {record.ref})",
    )


def _roles(rows: Sequence[MentionRow], found: str) -> str:
    """Word the parts a subject plays: 'as victim and caller' of a person, 'called from' of a number."""
    if found == "text":
        return "named in its text"
    said = " and ".join(dict.fromkeys(role_words(row.role) for row in rows if row.role != "unknown"))
    return f"as {said}" if said and rows[0].kind == "person" else said


def _outcome(record: Record) -> str:
    """Return how an event ended, as written."""
    notes = dict(reversed(record.notes))
    return next((notes[label] for label in OUTCOMES if notes.get(label)), "")


def _grades(record: Record) -> str:
    """Word the response grades of a log where they changed, a lowering loud; '' otherwise."""
    given = [change.grade for change in record.grades if change.grade]
    kept = [grade for order, grade in enumerate(given) if order == 0 or grade != given[order - 1]]
    if len(kept) < 2:
        return ""
    ranks = [lists()["grades"].get(grade) for grade in kept]
    lowered = ranks[0] is not None and ranks[-1] is not None and ranks[-1] > ranks[0]
    return f"graded {', then '.join(kept)}{': LOWERED' if lowered else ''}"
