"""The people of a briefing: the hit, its suspects and its victims, each read as a hit of their own.

Whoever is told of is told of by their own records, with the words those records use; what only a report that must not
be passed on says of somebody (a name, a date of birth) is not said.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from discoverer.addressed import find
from discoverer.answer import Hit, HitKind
from discoverer.briefing.opened import Opened
from discoverer.briefing.rules import limit
from discoverer.errors import NotFound
from discoverer.found import Found
from discoverer.history.material import SEARCH, stands_at
from discoverer.hits import hits_of
from discoverer.model import SUSPECTS, VICTIMS, Record, Role
from discoverer.normalise.dates import read_birth_date
from discoverer.parts import Linked, Standing, Tenure, Topic, Whose
from discoverer.wording import person_at

SUSPECT, VICTIM, PERSON = "suspect", "victim", "person"
_MOST = {SUSPECT: "suspects", VICTIM: "victims", PERSON: "victims"}
_READ = 200  # mentions of one person whose dates of birth are read; those that weigh are among the hit's records


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person told of.

    Attributes:
        hit: theirs.
        is_hit: bool, they are what was asked for.
        births: tuple[str, ...], ISO dates of birth as recorded, the most often recorded first.
        born_in: str, 'source:ref' of the record that says the first; '' when none does.
        part: 'suspect', 'victim', or 'person' of whom no record here says either: a holder, an occupant, the hit.
        relationship: str, of suspect to victim, as recorded; '' when not.
    """

    hit: Hit
    is_hit: bool
    births: tuple[str, ...] = ()
    born_in: str = ""
    part: str = "person"
    relationship: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """Who a briefing is about.

    Attributes:
        suspects, victims: those told of, the weightiest first.
        more_suspects, more_victims: int >= 0, how many others there are.
    """

    suspects: tuple[Somebody, ...]
    victims: tuple[Somebody, ...]
    more_suspects: int = 0
    more_victims: int = 0

    @property
    def everyone(self) -> tuple[Somebody, ...]:
        """Each once."""
        found = {each.hit.id: each for each in (*self.victims, *self.suspects)}
        return tuple(found.values())


def people_of(opened: Opened) -> People:
    """Read the hit's suspects and victims, and of a place or number those who live there or hold it."""
    hit = opened.shown.hit
    roles = {each.role for each in hit.records if each.found == "field"} if hit.kind is HitKind.PERSON else set()
    accused = bool(roles & SUSPECTS) and _is_accused(hit, roles)
    harmed = bool(roles & VICTIMS)
    suspects, victims = _met(hit, ("suspect of",), SUSPECTS), _met(hit, ("victim of",), VICTIMS)
    victims += [each for each in hit.linked if "holder" in each.relations and VICTIMS & set(each.roles)]
    victims = [each for each in dict.fromkeys(victims) if each not in suspects]
    others = [each for each in _holders(hit) if each not in (*suspects, *victims)]
    own = (lambda part: (_somebody(opened, hit, opened.found, part),)) if hit.kind is HitKind.PERSON else lambda _: ()
    return People(
        suspects=(*(own(SUSPECT) if accused else ()), *_read(opened, suspects, SUSPECT)),
        victims=(
            *(own(VICTIM if harmed else PERSON) if harmed or not accused else ()),
            *_read(opened, victims, VICTIM),
            *_read(opened, others, PERSON),
        ),
        more_suspects=max(0, len(suspects) - limit("suspects")),
        more_victims=max(0, len(victims) - limit("victims")),
    )


def _holders(hit: Hit) -> list[Linked]:
    """Return those who live at a place or hold a number now, or may."""
    now = {each.id for each in hit.holders if each.tenure is not Tenure.PREVIOUS}
    return [each for each in hit.linked if "holder" in each.relations and each.id in now]


def _is_accused(hit: Hit, roles: Collection[str]) -> bool:
    """Tell whether somebody is to be looked for: accused in a record, or sought, held or bound now.

    Whoever was arrested once, of anything, is no suspect for that.
    """
    now = (each for each in hit.in_force if each.whose is Whose.OWN and each.standing is not Standing.ENDED)
    bound = any(each.topic in (Topic.ORDER, Topic.WANTED, Topic.CUSTODY) for each in now)
    return Role.SUSPECT in roles or bound or bool(_met(hit, ("victim of",), VICTIMS))


def _met(hit: Hit, relations: Sequence[str], roles: Iterable[str]) -> list[Linked]:
    """Return the people linked as one of these; of a record, those who play these parts in it."""
    if hit.kind is HitKind.EVENT:
        return [each for each in hit.linked if set(roles) & set(each.roles)]
    return [each for each in hit.linked if any(said.startswith(one) for said in each.relations for one in relations)]


def _read(opened: Opened, linked: Sequence[Linked], part: str) -> tuple[Somebody, ...]:
    """Read the first of these as hits of their own."""
    found: list[Found] = []
    kept: list[Linked] = []
    for each in linked[: limit(_MOST[part])]:
        try:
            found.append(find(opened.reader, HitKind.PERSON, each.id))
        except NotFound:  # held together by links out of scope: their own id names nobody by itself
            continue
        kept.append(each)
    hits = hits_of(opened.reader, found, opened.now, opened.policy, SEARCH) if found else ()
    return tuple(
        _somebody(opened, hit, one, part, is_hit=False, relationship=each.relationship)
        for hit, one, each in zip(hits, found, kept, strict=True)
    )


def _somebody(
    opened: Opened, hit: Hit, found: Found, part: str, *, is_hit: bool = True, relationship: str = ""
) -> Somebody:
    """Read when somebody was born."""
    rows = [row for row in opened.reader.members(found.group, _READ) if found.only is None or row.m in found.only]
    records = opened.reader.records((row.segment, row.n) for row in rows)
    said: dict[str, list[Record]] = {}
    for row in rows:
        record = records.get((row.segment, row.n))
        person = person_at(record, stands_at(row)) if record is not None else None
        for raw in person.dobs if person is not None else ():
            born = read_birth_date(raw, opened.now.date())
            if born is not None and record is not None:
                said.setdefault(born.value, []).append(record)
    births = sorted(said, key=lambda value: -len(said[value]))
    first = said[births[0]][0] if births else None
    return Somebody(hit, is_hit, tuple(births), f"{first.source}:{first.ref}" if first else "", part, relationship)
