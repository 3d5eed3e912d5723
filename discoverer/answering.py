"""The words and lists of an answer that its hits do not hold: who people said somebody is, caps that bit, no trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from discoverer.answer import Hit, HitKind, Said, SourceStatus, Truncated
from discoverer.decided import View
from discoverer.found import Found
from discoverer.history.danger import of_people
from discoverer.policy.chosen import Chosen
from discoverer.query import Query
from discoverer.search import Results
from index.reader import Reader

MOST_MEMBERS = 100
"""How many mentions of a person are looked at for what is dangerous about the other of a decision."""


def with_said(
    view: View, reader: Reader, found: Sequence[Found], hits: Sequence[Hit], chosen: Chosen, now: datetime
) -> tuple[Hit, ...]:
    """Add to each person what people have said of who they are; give no badge by a policy that is not in force."""
    said = [_said(view, reader, each, now) if each.kind is HitKind.PERSON else () for each in found]
    return tuple(
        replace(hit, decisions=decisions, badges=() if chosen.note else hit.badges)
        for decisions, hit in zip(said, hits, strict=True)
    )


def _said(view: View, reader: Reader, found: Found, now: datetime) -> tuple[Said, ...]:
    """Return what people have said of a person, each with the danger of the other of whom they said it."""
    said = view.said(found.group, found.only)
    others = view.others(found.group) if said else {}
    dangers = of_people(reader, {*others.values()}, now, reader.members(found.group, MOST_MEMBERS)) if others else {}
    told = (dangers.get(others.get(each.number, -1), ()) for each in said)
    return tuple(replace(each, danger=danger) for each, danger in zip(said, told, strict=True))


def truncated(query: Query, results: Results, hits: tuple[Hit, ...]) -> Truncated | None:
    """Say that a cap bit, if one did."""
    about = max(results.about, len(results.found))
    if about <= len(hits):
        return None
    person = query.person
    asked = {
        "a name": bool(person.names),
        "a date of birth": bool(person.births),
        "an area": bool(person.areas or query.addresses),
        "a telephone number": bool(query.phones),
    }
    wanted = [what for what, given in asked.items() if not given]
    words = f"about {about:,} fit; showing {len(hits)}."
    words += f" Add {' or '.join(wanted)}." if wanted else ""
    return Truncated(len(hits), about, words)


def no_trace(sources: tuple[SourceStatus, ...]) -> str:
    """Word an empty answer: never 'no history'."""
    listed = "; ".join(f"{each.name}: {each.words}" for each in sources)
    return f"No trace in the sources searched. {listed}."
