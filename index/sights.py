"""What a record said of a person when people decided about them, and whether it still says so.

A mention's id is a place in a record; a later extract may hold somebody else there. Who was there is kept with each
decision, so that it never follows the place to a stranger.
"""

from __future__ import annotations

from dataclasses import replace

from discoverer.codec import decoder, encode
from discoverer.match.profiles import PersonProfile
from index.linking_facts import facts_of

# A name that says more or less than it did is the same name only if it has this many words left.
LEAST_WORDS = 2
WHOLE_DATE = 10  # characters of 'YYYY-MM-DD'

Name = tuple[str, ...]

_sight = decoder(PersonProfile)


def sight_of(profile: PersonProfile) -> str:
    """Write down who a mention is of: names, birth and identifiers, and not where they live or what they ring from."""
    return encode(replace(profile, phones=(), homes=(), areas=())).decode()


def read_sight(text: str) -> PersonProfile:
    """Read back what `sight_of` wrote. Raises ValueError."""
    return _sight(text)


def still(then: PersonProfile, now: PersonProfile) -> bool:
    """Tell whether what stands in a place is plainly whom people decided about.

    Nothing may contradict, and the name must be the same; more or fewer words of it pass with the same date of birth,
    another name or none only with the same date of birth and the same number. A corrected spelling is not enough:
    twins share all but that.
    """
    if _facts_differ(then, now) or _partly_apart(then.births, now.births):
        return False
    if any(sorted(one) == sorted(other) for one in then.names for other in now.names):
        return True
    born = any(len(birth) == WHOLE_DATE and birth in now.births for birth in then.births)
    numbered = bool(facts_of(then).identifiers & facts_of(now).identifiers)
    if not then.names and not now.names:
        return born or numbered or bool({*then.unverified} & {*now.unverified}) or then.births == now.births != ()
    return born and (numbered or any(_says_more(one, other) for one in then.names for other in now.names))


def _facts_differ(then: PersonProfile, now: PersonProfile) -> bool:
    """Tell whether dates, ages, identifiers or generations contradict; senior or junior said once only does not."""
    if not (then.generations and now.generations):
        then, now = replace(then, generations=()), replace(now, generations=())
    return facts_of(then).contradicts(facts_of(now))


def _says_more(one: Name, other: Name) -> bool:
    """Tell whether one of two names is all of the other and more."""
    return min(len(one), len(other)) >= LEAST_WORDS and (set(one) <= set(other) or set(other) <= set(one))


def _partly_apart(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """Tell whether dates of birth, of which one side knows only a year or month, cannot be of one person."""
    pairs = [(a, b) for a in first for b in second]
    partial = bool(pairs) and all(min(len(a), len(b)) < WHOLE_DATE for a, b in pairs)
    return partial and not any(a.startswith(b) or b.startswith(a) for a, b in pairs)
