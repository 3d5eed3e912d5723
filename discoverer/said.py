"""What people have said of who each hit is, added to it, with the danger of the other of whom they said it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from discoverer.access_masks import Hidden
from discoverer.answer import Hit, HitKind, Said
from discoverer.decided import View
from discoverer.found import Found
from discoverer.history.danger import of_people
from discoverer.policy.chosen import Chosen
from index.decisions import Verdict
from index.reader import Reader

MOST_MEMBERS = 100
"""Mentions of a person by whose names an order on the other is known to be about them."""


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
    if reader.hides(Hidden.NAMES, Hidden.WORDS):
        said = tuple(replace(each, reason="", words=_in_ids(each)) for each in said)
    told = (dangers.get(others.get(each.number, -1), ()) for each in said)
    return tuple(replace(each, danger=danger) for each, danger in zip(said, told, strict=True))


def _in_ids(said: Said) -> str:
    """Say by ids alone what people have said, for those who are not shown names and free words."""
    link = "the same person as" if said.verdict == Verdict.SAME.value else "not the same person as"
    return f"{said.state}: {link} [{said.other}]"
