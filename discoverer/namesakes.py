"""Two people of one name: where a name is all that speaks for two who cannot be one, neither is probable."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from discoverer.found import Found
from discoverer.match.evidence import Evidence, Level, Scored
from discoverer.match.person import CONTRADICTIONS, rests_on_its_name, told_apart_by
from discoverer.match.profiles import PersonProfile

# Bearers of one name that are held against each other; where more bear it, it is not rare and makes nobody probable.
MOST_BEARERS = 20
WORDS = "another person of this name is recorded, "


class Weighed(NamedTuple):
    """A person found and what is known of them in scope."""

    found: Found
    profile: PersonProfile


def told_apart(people: Sequence[Weighed]) -> list[Found]:
    """Hold whoever is probable by name alone at possible where somebody else who bears the very name is found too.

    However rare a name is in this index, it does not say which of the two is meant: a father, a son, the man next door.
    Whom something else that was asked rules out (an age, Snr or Jnr) is not meant, and leaves no doubt about the other.

    Args:
        people: found by what was asked of a person, each once.

    Returns:
        The same people in the same order.
    """
    bearers = [each for each in people if _may_be_meant(each.found.scored)][:MOST_BEARERS]
    return [_held(each, bearers) if rests_on_its_name(each.found.scored) else each.found for each in people]


def _may_be_meant(scored: Scored) -> bool:
    """Tell whether somebody bears the very name asked for, and nothing else that was asked rules them out."""
    rungs = {(each.feature, each.outcome) for each in scored.evidence}
    return ("name", "exact") in rungs and rungs.isdisjoint(CONTRADICTIONS)


def _held(person: Weighed, bearers: Sequence[Weighed]) -> Found:
    """Return one person, no more than possible where a namesake is among those found."""
    apart = (told_apart_by(person.profile, other.profile) for other in bearers if other is not person)
    why = next((words for words in apart if words), "")
    if not why:
        return person.found
    scored = person.found.scored
    reason = Evidence("namesake", "another", 0.0, WORDS + why)
    return replace(person.found, scored=Scored(scored.bits, (*scored.evidence, reason), Level.POSSIBLE))
