"""A sentence cut into plain pieces and links: the records and people that it names are one key away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from discoverer.answer import Hit, HitKind, Risk


class Piece(NamedTuple):
    """A piece of a sentence.

    Attributes:
        text: str, as it is shown.
        href: str, where it leads; '' when it is plain.
    """

    text: str
    href: str = ""


def shown_at(kind: str, ident: str) -> str:
    """Return the address of the page that shows something by its id."""
    return f"/show/{kind}?{urlencode({'id': ident})}"


class Referring:
    """Finds what the sentences of one hit name."""

    def __init__(self, hit: Hit, sources: Sequence[str]) -> None:
        """Take the hit, whose own records and people are known as they are written, and the names of the sources.

        A record that is not the hit's own is known by 'see' before it, and taken to end at the next space or stop.
        """
        known = {f"{source} {ref}" for source, ref in _references(hit) if ref}
        exact = "|".join(re.escape(each) for each in sorted(known, key=len, reverse=True))
        named = "|".join(re.escape(each) for each in sources)
        loose = rf"(?<=see )(?:{named}) [^\s(),;\[\]]*[^\s(),;\[\].:]" if named else ""
        records = "|".join(part for part in (exact, loose) if part)
        ids = {*(each.id for each in hit.linked), *(each.id for each in hit.holders), *(each.id for each in hit.may_be)}
        people = "|".join(re.escape(each) for each in sorted(ids, key=len, reverse=True))
        parts = [rf"(?<!\w)(?P<record>{records})"] if records else []
        parts += [rf"\[(?P<person>{people})\]"] if people else []
        self._pattern = re.compile("|".join(parts)) if parts else None

    def pieces(self, text: str) -> tuple[Piece, ...]:
        """Cut a sentence into pieces; joined, their texts say what it said."""
        return tuple(self._cut(text))

    def _cut(self, text: str) -> Iterator[Piece]:
        """Yield the pieces in order."""
        end = 0
        for found in self._pattern.finditer(text) if self._pattern else ():
            if found.start() > end:
                yield Piece(text[end : found.start()])
            yield self._linked(found)
            end = found.end()
        if end < len(text):
            yield Piece(text[end:])

    def _linked(self, found: re.Match[str]) -> Piece:
        """Return the piece of a match: a record by its reference, or a person, place or number by its id."""
        named = found.groupdict()
        if named.get("record"):
            source, _, ref = named["record"].partition(" ")
            return Piece(found.group(), shown_at(HitKind.EVENT.value, f"{source}:{ref}"))
        return Piece("open", shown_at(HitKind.PERSON.value, named["person"]))


def _references(hit: Hit) -> Iterator[tuple[str, str]]:
    """Yield source and reference of every record that a hit names."""
    yield from ((each.source, each.ref) for each in hit.records)
    yield from ((each.source, each.ref) for each in (*hit.in_force, *hit.lapsed))
    yield from ((each.source, each.ref) for each in (*hit.addresses, *hit.numbers))
    yield from ((each.source, each.ref) for each in hit.holders)
    yield from ((entry.source, entry.ref) for event in hit.history for entry in event.entries)
    yield from _of_risk(hit.risk)


def _of_risk(risk: Risk) -> Iterator[tuple[str, str]]:
    """Yield source and reference of every record that a risk rests on."""
    assessed = (risk.highest, risk.latest, *risk.elsewhere, *risk.previous, *(each.assessed for each in risk.around))
    yield from ((each.source, each.ref) for each in assessed if each)
    yield from ((each.source, each.ref) for each in risk.referrals)
    yield from ((each.source, each.ref) for each in risk.missing)
