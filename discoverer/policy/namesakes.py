"""Victims named with one number who are, or may be, one person: linked, or of like names and no other date of birth.

A form that says PRIDDY and one that says PRIDDIE, each with the same number, are two people until somebody finds out;
nobody saw that three 'standard' forms were one woman's (failure pattern F12).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from discoverer.match.similarity import Closeness, likeness
from discoverer.model import Role
from discoverer.policy.counting import Happening
from discoverer.policy.events import set_apart
from discoverer.policy.parts import Party, PartyOf
from discoverer.policy.rules import Policy
from discoverer.policy.weighed import Event

# More victims than this share a switchboard or a refuge: that two have like names says nothing there.
MOST_VICTIMS = 60
NOT_KNOWN = "not known to be one person"


class Together(NamedTuple):
    """Events whose victims are, or may be, one person.

    Attributes:
        names: as written, each once; one where it is one person as linked.
        events: doubtful where the victim only may be the first.
    """

    names: tuple[str, ...]
    events: tuple[Happening, ...]


def victims_together(events: Iterable[Event], party_of: PartyOf, policy: Policy) -> list[Together]:
    """Return the events of each victim, then those of everybody who may be that victim, the surest first.

    Args:
        events: domestic abuse events in which one number stands.
        party_of: identifies a victim across records.
        policy: by which an event does not count for a victim under 16.
    """
    parties: dict[str, Party] = {}
    of: dict[str, list[Happening]] = defaultdict(list)
    for each in events:
        for party in _victims(each, party_of, policy):
            key = party.key if party.sure else f"{party.key} {each.happening.records[0]}"  # a name alone is nobody yet
            parties.setdefault(key, party)
            of[key].append(each.happening)
    alone = [Together((party.name,), tuple(of[key])) for key, party in parties.items() if party.sure]
    maybe = [_with_namesakes(key, parties, of) for key in parties] if len(parties) <= MOST_VICTIMS else []
    return [*alone, *sorted(maybe, key=lambda each: -len(each.events))]


def _victims(each: Event, party_of: PartyOf, policy: Policy) -> list[Party]:
    """Return the victims of an event for whom it counts, each once."""
    records = [held.record for held in each.occurrence.held]
    found: dict[str, Party] = {}
    for record in records:
        for person in record.persons:
            if person.role is Role.VICTIM and person.names and not set_apart(records, [(record, person)], policy):
                party = party_of(record, person)
                found.setdefault(party.key, party)
    # A log that says DONNA, and the form of the same event that says Donna Priddy, name one victim.
    return [party for party in found.values() if party.sure or not any(each.sure for each in found.values())]


def _with_namesakes(key: str, parties: dict[str, Party], of: dict[str, list[Happening]]) -> Together:
    """Return the events of a victim and, as doubtful, of all who may be the same."""
    met = {event.records: event for event in of[key]}
    names = [parties[key].name]
    for other, party in parties.items():
        if other != key and may_be_one(parties[key], party):
            names.append(party.name)
            for event in of[other]:
                met.setdefault(event.records, replace(event, doubts=(*event.doubts, NOT_KNOWN)))
    return Together(tuple(dict.fromkeys(names)), tuple(met.values()))


def may_be_one(one: Party, other: Party) -> bool:
    """Tell whether two people may be one: no other date of birth, and every word of the shorter name is in the longer.

    A word that is a form of another, or spelt or heard nearly alike, is in it.
    """
    if one.births and other.births and one.births.isdisjoint(other.births):
        return False
    short, long = sorted((one.loose.split(), other.loose.split()), key=len)
    return bool(short) and all(_in(word, long) for word in short)


def _in(word: str, words: Sequence[str]) -> bool:
    """Tell whether a word of a name is, nearly, one of these."""
    return any(likeness(word, each).how is not Closeness.NONE for each in words)
