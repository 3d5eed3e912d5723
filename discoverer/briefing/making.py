"""Makes a briefing of one hit: reads whom it is about, tells every slot, and shapes the three forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from discoverer.answer import Hit, HitKind
from discoverer.briefing import speech, writing
from discoverer.briefing.called import Called
from discoverer.briefing.cited import Cited
from discoverer.briefing.gaps import ask, gaps
from discoverer.briefing.history import happened, identities, risks
from discoverer.briefing.opened import Opened
from discoverer.briefing.parts import Briefing, Point
from discoverer.briefing.people import PERSON, SUSPECT, VICTIM, People, people_of
from discoverer.briefing.rested import fingerprint, keys_of, rested_on
from discoverer.briefing.rules import slots
from discoverer.briefing.standing import standing
from discoverer.briefing.telling import Teller, each_once, rule_of
from discoverer.briefing.where import log_key, where


class Made(NamedTuple):
    """A briefing, whom it is about, and the records it cites."""

    briefing: Briefing
    people: People
    cited: Cited


def make(opened: Opened, log: str) -> Made:
    """Make the briefing of a hit.

    Args:
        opened: the hit, open for reading.
        log: the log in hand; '' when none.
    """
    shown, people = opened.shown, people_of(opened)
    hit = shown.hit
    in_hand = log_key(opened, log)
    cited = Cited(opened, [*keys_of(hit, people), *([in_hand] if in_hand else [])])
    points = _points(Teller(cited, Called(people), opened.now), opened, people, log)
    said = speech.spoken(points)
    rested = rested_on(cited, hit, people, points)
    title = _title(hit, points)
    briefing = Briefing(
        kind=hit.kind,
        id=hit.id,
        label=hit.label,
        log=log,
        points=points,
        spoken=said.text,
        spoken_words=said.words,
        left_out=said.left_out,
        written=writing.written(title, shown.as_at, points),
        plain=writing.plain(title, shown.as_at, points, said.text),
        withheld=tuple(each for each in points if each.why_not),
        rested_on=rested,
        fingerprint=fingerprint(rested),
        cut=any(each.records_total > len(each.records) for each in (hit, *(one.hit for one in people.everyone))),
        build=shown.build,
        as_at=shown.as_at,
        sources=shown.sources,
        title=title,
    )
    return Made(briefing, people, cited)


def _title(hit: Hit, points: Sequence[Point]) -> str:
    """Return what stands above a written form: nothing that a statement in it must not hold."""
    if hit.kind is HitKind.PHONE:
        return "of a number" if rule_of(hit.label) else hit.label
    if hit.kind is HitKind.EVENT:
        return f"of {hit.id}"
    kinds = {HitKind.LOCATION: ("place",), HitKind.PERSON: (SUSPECT, VICTIM, PERSON)}[hit.kind]
    open_points = [each for each in points if each.kind in kinds and not each.withheld_from and not each.why_not]
    own = [each for each in open_points if hit.kind is HitKind.LOCATION or each.about == hit.label]
    return own[0].about if own else f"of a {hit.kind.value}"


def _points(teller: Teller, opened: Opened, people: People, log: str) -> tuple[Point, ...]:
    """Tell every slot, in radio order."""
    hit, now = opened.shown.hit, opened.now
    found = each_once(
        (
            *where(teller, opened, log),
            *identities(teller, people, hit.kind),
            *standing(teller, hit.in_force, people),
            *happened(teller, hit, now),
            *risks(teller, hit, people, now),
            *gaps(teller, opened, people),
            *ask(teller, opened, people),
        )
    )
    return tuple(each for slot in slots() for each in found if each.slot is slot)
