"""The persons so far, kept from round to round, are as though they had been gathered anew."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence

import pytest

from index.linking_persons import Persons
from index.linking_small import pairs_in_blocks
from index.linking_types import Candidate
from index.resolve import link
from tests.test_linking import MODEL, dirty


def told(persons: Persons, seen: Sequence[Candidate]) -> tuple[object, ...]:
    """Return all that rounds are made of: who says what, how rare it is, who meets whom, who may be either of two."""
    rows = [row for table in persons.rows().tables(persons.rarity) for row in table.rows()]
    tokens = sorted({token for each in seen for name in each.profile.names for token in name})
    return (
        {root: ([each.number for each in said.members], said.fresh) for root, said in persons.said.items()},
        [(persons.rarity.bits(token), persons.rarity.stands(token)) for token in tokens],
        {frozenset((rows[a].root, rows[b].root)) for a, b in pairs_in_blocks(rows)},
        [persons.namesakes.two_around(each) for each in seen],
    )


def test_what_is_kept_from_round_to_round_is_what_would_be_gathered_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    renew = Persons.renew
    rounds: list[bool] = []

    def checked(persons: Persons, seen: Sequence[Candidate], new: Sequence[Candidate], fresh: Collection[int]) -> None:
        renew(persons, seen, new, fresh)
        anew = Persons(persons.components)
        renew(anew, seen, seen, fresh)
        rounds.append(told(persons, seen) == told(anew, seen))

    monkeypatch.setattr(Persons, "renew", checked)
    dice = random.Random(2)
    labels = ["open", "open", "restricted", "protected"]
    link([each._replace(visibility=dice.choice(labels)) for each in dirty(500)], model=MODEL)
    assert len(rounds) > 8 and all(rounds)
