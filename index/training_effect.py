"""What other weights would change: the same mentions linked under both, and the pairs that only one joins."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, islice
from typing import NamedTuple

from index.linking_model import Model
from index.linking_types import Candidate, Settled
from index.progress import Progress
from index.resolve import link

# Pairs shown of those that only one set of weights joins.
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Effect:
    """How the persons of an index would change.

    Attributes:
        persons_old, persons_new: int, persons that several mentions are joined into.
        both, only_old, only_new: int, pairs of mentions joined by both weights, and by one alone.
        lost, won: pairs of mentions, named, that only the old and only the new weights join: a few of them.
    """

    persons_old: int
    persons_new: int
    both: int
    only_old: int
    only_new: int
    lost: tuple[tuple[str, str], ...]
    won: tuple[tuple[str, str], ...]


class Compared(NamedTuple):
    """The same mentions linked twice.

    Attributes:
        old, new: mention -> its person.
    """

    old: Mapping[int, int]
    new: Mapping[int, int]


def linked_under(
    candidates: Sequence[Candidate], settled: Settled, old: Model | None, new: Model, progress: Progress
) -> Compared:
    """Link the same mentions under two sets of weights.

    Args:
        candidates: mentions of one label.
        settled: what people have ruled of them.
        old: the weights in force; None: the exact rules alone.
        new: those that may follow.
        progress: told of each stage.
    """
    return Compared(
        link(candidates, settled, old, progress=progress).cells, link(candidates, settled, new, progress=progress).cells
    )


def effect_of(linked: Compared, name: Callable[[int], str]) -> Effect:
    """Count what changes.

    Args:
        linked: under both.
        name: names a mention.
    """
    both = _pairs(Counter((linked.old[each], linked.new[each]) for each in linked.old).values())
    sizes = [Counter(cells.values()) for cells in linked]
    old, new = (_pairs(size.values()) for size in sizes)
    lost, won = (
        tuple((name(first), name(second)) for first, second in islice(_only(*cells), EXAMPLES))
        for cells in ((linked.old, linked.new), (linked.new, linked.old))
    )
    persons = [sum(count > 1 for count in size.values()) for size in sizes]
    return Effect(persons[0], persons[1], both, old - both, new - both, lost, won)


def _pairs(sizes: Iterable[int]) -> int:
    """Count the pairs within groups of these sizes."""
    return sum(size * (size - 1) // 2 for size in sizes)


def _only(joined: Mapping[int, int], parted: Mapping[int, int]) -> Iterator[tuple[int, int]]:
    """Yield pairs that are one person in `joined` and two in `parted`: the first of each person, by number."""
    members: dict[int, dict[int, int]] = defaultdict(dict)
    for number in sorted(joined):
        members[joined[number]].setdefault(parted[number], number)
    for firsts in members.values():
        yield from islice(combinations(firsts.values(), 2), 1)
