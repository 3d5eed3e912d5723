"""From what people decided to what linking must respect in one build.

A decision names mentions by their ids, which outlive builds; linking knows numbers. One whose mention is in no source
any more waits: it is kept, counted, and counts again when the mention comes back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from discoverer.match.profiles import PersonProfile
from discoverer.model import Visibility, most_closed
from index.decisions import Decision, Decisions, Verdict
from index.linking_exact import rule_keys
from index.linking_types import Candidate, Linked, Settled
from index.sights import still


class Rulings(NamedTuple):
    """What people have decided, as one build takes it in.

    Attributes:
        decisions: the confirmed ones.
        version: int, number of the store's last entry; 0 when nothing was ever decided.
    """

    decisions: tuple[Decision, ...] = ()
    version: int = 0


NO_RULINGS = Rulings()


class There(NamedTuple):
    """A mention that decisions name, as it is in one build.

    Attributes:
        number: int, its number there.
        visibility: its label.
        profile: who it is of now.
    """

    number: int
    visibility: Visibility
    profile: PersonProfile


class Given(NamedTuple):
    """What of the rulings linking is given.

    Attributes:
        settled: as pairs of mention numbers.
        waiting: int, decisions left out: a mention is missing, somebody else stands in its place, or those who see both
            may not see the decision.
    """

    settled: Settled
    waiting: int


def read_rulings(store: Decisions, built_with: int = 0) -> Rulings:
    """Read what holds now.

    Args:
        store: what people decided.
        built_with: int >= 0, the last entry that the live build knew of.

    Raises:
        DecisionsUnavailable: the store cannot be read or holds less than it did; a build without it would join whom
            people parted.
    """
    version = store.version(built_with)  # first: an entry made meanwhile is then looked at again, and never missed
    return Rulings(tuple(each for each in store.all() if each.holds), version)


def as_decided(decision: Decision, there: Mapping[str, There]) -> bool:
    """Tell whether both mentions of a decision are there and are plainly of the two it was made about."""
    return all(
        (mention := there.get(ident)) is not None and then is not None and still(then, mention.profile)
        for ident, then in zip(decision.pair, decision.seen, strict=True)
    )


def given(decisions: Iterable[Decision], there: Mapping[str, There], *, one_scope: bool = False) -> Given:
    """Say decisions in mention numbers.

    Args:
        decisions: confirmed.
        there: mention id -> the mention, of those in this build.
        one_scope: everything is for one viewer who may see all these decisions; else one that fewer may see than may
            see both its mentions is left out, since linking would let all of those see what it does.
    """
    pairs: dict[Verdict, set[tuple[int, int]]] = {verdict: set() for verdict in Verdict}
    odd: set[tuple[int, int]] = set()
    waiting = 0
    for decision in decisions:
        ends = [there[each] for each in decision.pair] if as_decided(decision, there) else []
        if not ends or (not one_scope and not most_closed(*(e.visibility for e in ends)).contains(decision.visibility)):
            waiting += 1
            continue
        first, second = (end.number for end in ends)
        pairs[decision.verdict].add((min(first, second), max(first, second)))
        if decision.verdict is Verdict.APART:
            odd.add((first, second))
    settled = Settled(frozenset(pairs[Verdict.SAME]), frozenset(pairs[Verdict.APART]), frozenset(odd))
    return Given(settled, waiting)


def rulings_of(settled: Settled) -> list[tuple[int, int, str]]:
    """Return (first mention, second, verdict) of everything settled, to be held against what another build settled.

    Of two told apart the second is the one that does not belong.
    """
    same = [(*pair, Verdict.SAME.value) for pair in settled.same]
    return sorted(same + [(*pair, Verdict.APART.value) for pair in settled.odd])


def to_link(candidates: Iterable[Candidate], settled: Settled) -> list[Candidate]:
    """Return the mentions that linking looks at.

    Those found in running text say too little to be linked by rules; one that people spoke of is linked by what they
    said and by nothing else.
    """
    named = {number for pair in settled.same | settled.apart for number in pair}
    fields = [each for each in candidates if not each.profile.text_only or each.number in named]
    blank = PersonProfile(text_only=True)
    return [
        each._replace(profile=blank, doors=(), scenes=(), company=()) if each.profile.text_only else each
        for each in fields
    ]


def beside(candidates: Sequence[Candidate], settled: Settled, linked: Linked) -> list[tuple[int, int, int]]:
    """Find who would have to be looked at again if two who were told apart turned out to be one person after all.

    A mention that fits both is joined to neither; when the decision is undone it must find its way back.

    Returns:
        (first, second, a mention of each such person).
    """
    cells = linked.cells
    sides: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for pair in sorted(settled.apart):
        for number in pair:
            if number in cells:
                sides[cells[number]].append(pair)
    if not sides:
        return []
    keys: dict[tuple[int, str], set[tuple[int, int]]] = defaultdict(set)
    for candidate in candidates:
        for pair in sides.get(cells[candidate.number], ()):
            for key in rule_keys(candidate):
                keys[key].add(pair)
    found = {
        (*pair, cells[candidate.number])
        for candidate in candidates
        for key in rule_keys(candidate)
        for pair in keys.get(key, ())
        if pair not in sides.get(cells[candidate.number], ())
    }
    return sorted(found)
