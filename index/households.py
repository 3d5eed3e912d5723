"""How many unrelated households use a telephone number: what tells a switchboard from a family's landline.

A family of five on one landline is one household; forty people of forty names who rang from one hostel are forty,
although the hostel is the home of them all.
"""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import groupby

from discoverer.match.profiles import PersonProfile
from discoverer.normalise.names import is_common
from index.linking_facts import Components, Facts
from index.profiles import decode, merge

# A home of more families than this among the users of one number is a hostel or a house let by the room.
MOST_FAMILIES = 6


def count_households(connection: sqlite3.Connection) -> dict[tuple[int, str], int]:
    """Count the unrelated households that hold each number, apart for each visibility label.

    A person counts under the number's label only where the person is seen under it too.

    Args:
        connection: to people.sqlite, its mentions written and grouped.

    Returns:
        (group of the number, label) -> households >= 1; 0 for numbers without a holder.
    """
    rows = connection.execute(
        "SELECT phone.grp, phone.visibility, person.grp, person.value FROM mention AS phone JOIN mention AS person"
        " ON person.segment = phone.segment AND person.n = phone.n AND person.position = phone.holder"
        " WHERE phone.kind = 'phone' AND person.kind = 'person' AND person.visibility = phone.visibility"
        " ORDER BY phone.grp, phone.visibility, person.grp"
    )
    counts: dict[tuple[int, str], int] = defaultdict(int)
    for (group, label), found in groupby(rows, key=lambda row: (int(row[0]), str(row[1]))):
        holders: dict[int, list[bytes]] = defaultdict(list)
        for _, _, person, value in found:
            holders[person].append(value)
        counts[group, label] = len(holders) if len(holders) < 2 else households(map(_profile, holders.values()))
    return counts


def _profile(values: Sequence[bytes]) -> PersonProfile:
    """Return what the mentions of one holder say of them."""
    profile = merge([decode("person", value) for value in dict.fromkeys(values)])
    if not isinstance(profile, PersonProfile):
        raise TypeError("only people hold numbers")
    return profile


def households(people: Iterable[PersonProfile]) -> int:
    """Count the unrelated households among some people.

    People of one family name are one household, and so are the few families of one home. Names half a community bears
    (Begum, Singh) are no family name.

    Args:
        people: different people, each with the names and homes known.
    """
    joined = Components()
    first: dict[str, int] = {}
    homes: dict[str, set[int]] = defaultdict(set)
    count = 0
    for number, person in enumerate(people):
        joined.add(number, Facts())
        count += 1
        for name in person.names:
            if len(name) > 1 and len(name[-1]) > 1 and not is_common(name[-1]):
                joined.join(first.setdefault(name[-1], number), number)
        for home in person.homes:
            homes[home].add(number)
    for home in sorted(homes):
        families = sorted({joined.root(number) for number in homes[home]})
        if len(families) <= MOST_FAMILIES:
            for other in families[1:]:
                joined.join(families[0], other)
    return len({joined.root(number) for number in range(count)})
