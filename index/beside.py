"""What a record says around a person it mentions: their doors, its places, its other people, whose side they are on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from discoverer.match.profiles import EventProfile, PersonProfile, PlaceProfile
from discoverer.model import Found, MentionKind, Role, Visibility
from index.guards import names_agree
from index.linking_exact import full_names
from index.linking_types import side_of
from index.mentions import Mention
from index.people import MentionRow
from index.profiles import decode


class Around(NamedTuple):
    """What linking is told of a mention besides its profile; all of it as open as the mention.

    Attributes:
        doors: canonical addresses with their area.
        scenes: addresses without their area of the record's own places.
        company: full names of the other people of its record.
        side: 'victim' or 'suspect' of it; '' for any other part.
    """

    doors: tuple[str, ...] = ()
    scenes: tuple[str, ...] = ()
    company: tuple[str, ...] = ()
    side: str = ""


def around(mention: Mention, beside: Sequence[Mention]) -> Around:
    """Return what a record says around one of its people.

    Args:
        mention: of a person.
        beside: every mention of the record.

    Raises:
        TypeError: it is no person's.
    """
    if not isinstance(mention.value, PersonProfile):
        raise TypeError("only people are linked")
    if mention.value.text_only:
        return Around(mention.doors)
    others = [
        each
        for each in beside
        if each is not mention and mention.visibility.contains(each.visibility) and each.found is Found.FIELD
    ]
    scenes = [
        each.value.address.without_area
        for each in others
        if isinstance(each.value, PlaceProfile) and each.holder is None and each.value.address.without_area
    ]
    people = [each.value for each in others if isinstance(each.value, PersonProfile)]
    company = company_of(mention.value, people)
    return Around(mention.doors, tuple(dict.fromkeys(scenes)), company, side_of(mention.role))


def company_of(person: PersonProfile, others: Iterable[PersonProfile]) -> tuple[str, ...]:
    """Return the full names of the other people of a person's record, in order.

    Who may be the same person written twice is no company: it would vouch for any namesake.

    Args:
        person: one of a record.
        others: who else stands in its fields, as open as the person.
    """
    found = {
        name
        for other in others
        if not (person.names and names_agree(person.names, other.names))
        for name in full_names(other)
    }
    return tuple(sorted(found - full_names(person)))


def said_around(rows: Sequence[MentionRow], wanted: Collection[int]) -> dict[int, Around]:
    """Return what a record says around some of its people, from its mentions as a build keeps them.

    Args:
        rows: every mention of one record.
        wanted: numbers of mentions of people.

    Returns:
        Number of a person's mention -> what is said around it.
    """
    # What texts name is around nobody.
    mentions = {row.m: _mention(row, rows) for row in rows if row.m in wanted or row.found == Found.FIELD.value}
    beside = list(mentions.values())
    people = {m: each for m, each in mentions.items() if m in wanted and isinstance(each.value, PersonProfile)}
    return {m: around(each, beside) for m, each in people.items()}


def _mention(row: MentionRow, rows: Sequence[MentionRow]) -> Mention:
    """Return a mention as it was cleaned."""
    value = decode(row.kind, row.value)
    if isinstance(value, EventProfile):
        raise TypeError("no event is a mention")
    visibility = Visibility(row.visibility)
    homes = [
        home.address.identity
        for each in rows
        if each.kind == MentionKind.LOCATION.value and each.found == Found.FIELD.value and each.holder == row.position
        and visibility.contains(Visibility(each.visibility))
        if isinstance(home := decode(each.kind, each.value), PlaceProfile) and home.address.identity
    ]  # fmt: skip
    doors = tuple(dict.fromkeys(homes)) if isinstance(value, PersonProfile) and row.holder is None else ()
    return Mention(
        row.position, MentionKind(row.kind), Role(row.role), Found(row.found), visibility, row.holder, row.label, value,
        row.risk, doors,
    )  # fmt: skip
