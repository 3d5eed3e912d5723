"""A sentence cut into plain pieces and links: the records and people that it names are one key away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlencode

from discoverer.answer import Hit, HitKind, Risk

_UP_TO_A_STOP = re.compile(r"[^\s(),;\[\]]*[^\s(),;\[\].:]")


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
        refs: dict[str, set[str]] = {source: set() for source in sources}
        for source, ref in _references(hit):
            if ref:
                refs.setdefault(source, set()).add(ref)
        ids = {*(each.id for each in hit.linked), *(each.id for each in hit.holders), *(each.id for each in hit.may_be)}
        self._refs = {source: sorted(held, key=len, reverse=True) for source, held in refs.items()}
        self._ids = sorted(ids, key=len, reverse=True)
        self._configured = frozenset(sources)
        self._begins = _beginnings(tuple(sorted(refs)))

    def pieces(self, text: str) -> tuple[Piece, ...]:
        """Cut a sentence into pieces; joined, their texts say what it said."""
        return tuple(self._cut(text))

    def _cut(self, text: str) -> Iterator[Piece]:
        """Yield the pieces in order."""
        end = 0
        for begin in self._begins.finditer(text):
            named = self._named(text, begin) if begin.start() >= end else None
            if named is None:
                continue
            if begin.start() > end:
                yield Piece(text[end : begin.start()])
            yield named[0]
            end = named[1]
        if end < len(text):
            yield Piece(text[end:])

    def _named(self, text: str, begin: re.Match[str]) -> tuple[Piece, int] | None:
        """Return the link to what is named where a source or a bracket begins, and where it ends; None for nothing."""
        source, after = begin["source"], begin.end()
        if source is None:
            ident = next((each for each in self._ids if text.startswith(f"{each}]", after)), "")
            return (Piece("open", shown_at(HitKind.PERSON.value, ident)), after + len(ident) + 1) if ident else None
        ref = next((each for each in self._refs[source] if text.startswith(each, after)), "")
        if not ref and source in self._configured and text.endswith("see ", 0, begin.start()):
            loose = _UP_TO_A_STOP.match(text, after)
            ref = loose.group() if loose else ""
        piece = Piece(f"{source} {ref}", shown_at(HitKind.EVENT.value, f"{source}:{ref}"))
        return (piece, after + len(ref)) if ref else None


@lru_cache(maxsize=64)
def _beginnings(sources: tuple[str, ...]) -> re.Pattern[str]:
    """Return what finds where a record of these sources, or an id in brackets, may begin."""
    named = "|".join(re.escape(each) for each in sources)
    records = rf"(?<!\w)(?P<source>{named}) |" if sources else "(?P<source>(?!))|"
    return re.compile(rf"{records}\[")


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
