"""The order of a risk headline: what is most dangerous is read first, whoever's it is, and whose it is is said with it.

At two in the morning the first words are read. A hit that was never assessed, in whose records a victim was assessed
HIGH or MEDIUM, begins with her; that the hit itself was not assessed is said next, and never taken for `standard`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from discoverer.answer import Around, Assessed, Missing, Referral
from discoverer.model import RiskLevel
from discoverer.wording import number_of

NOT_ASSESSED = "NOT ASSESSED: no risk assessment found of this hit in the sources searched"
# A victim of the records at this level or above is read before 'not assessed'; one at standard says little, and after.
LEADS_FROM = RiskLevel.MEDIUM


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known of risk beside a hit's own assessments.

    Attributes:
        elsewhere: the gravest assessment of each victim named in its records, of other records, the gravest first.
        referrals: to MARAC and IDVA, the latest first.
        missing: domestic abuse events without an assessment, the latest first.
        is_event: bool, the hit is one record.
        around: of a record, the risk known for its numbers, places and people, the gravest first.
        hit: str, what the hit is called: 'person', 'place', 'number', 'record'; 'hit' where that is not known.
    """

    elsewhere: tuple[Assessed, ...] = ()
    referrals: tuple[Referral, ...] = ()
    missing: tuple[Missing, ...] = ()
    is_event: bool = False
    around: tuple[Around, ...] = ()
    hit: str = "hit"


NOTHING = Beside()


class Claim(NamedTuple):
    """One thing that a headline says of somebody's risk.

    Attributes:
        rank: int, of the level it tells: 0 not assessed, 3 high.
        words: str, with whose it is.
        own_victim: bool, it is of the victim of the very record that is the hit, and so always read first.
    """

    rank: int
    words: str
    own_victim: bool = False


def claims(victims: Mapping[str, int], named: Assessed | None, beside_it: Beside) -> list[Claim]:
    """Return what is known of others' risk, the gravest first; of equals the nearest to the hit.

    Args:
        victims: of a suspect, level -> number of different victims.
        named: the gravest assessment of somebody else in its own records; None when there is none.
        beside_it: what its own records do not say.
    """
    found = list(_of_victims(victims))
    told: set[tuple[str, str]] = set()
    # His own victims are counted already, and stand in the same records.
    if named is not None and _rank(named) > max((claim.rank for claim in found), default=-1):
        found.append(_named(named, beside_it))
        told.add((named.source, named.ref))
    found += _of_others(beside_it, told)
    return sorted(found, key=lambda claim: -claim.rank)


def _of_victims(victims: Mapping[str, int]) -> Iterator[Claim]:
    """Yield the count of a suspect's victims."""
    if victims:
        yield Claim(max(RiskLevel(level).rank for level in victims), victims_words(victims))


def _of_others(beside_it: Beside, told: set[tuple[str, str]]) -> Iterator[Claim]:
    """Yield what other records say of the victims named, and of a record's numbers, places and people."""
    # What other records say of those victims is told too: it may be graver than the record at hand.
    yield from (_named(each, beside_it) for each in beside_it.elsewhere if (each.source, each.ref) not in told)
    already = told | {(each.source, each.ref) for each in beside_it.elsewhere}
    known = [each for each in beside_it.around if (each.assessed.source, each.assessed.ref) not in already]
    yield from (Claim(_rank(each.assessed), each.words) for each in known[:1])


def _named(each: Assessed, beside_it: Beside) -> Claim:
    """Say that somebody else named there was assessed: never in words that could be read as of the hit itself."""
    called = {"person": "NAMED WITH A VICTIM ASSESSED", "record": "VICTIM HERE ASSESSED"}
    said = called.get(beside_it.hit, "VICTIM IN ITS RECORDS ASSESSED")
    if not _rank(each):
        said = "named in a record of one"  # a form that was begun: its level stands blank
    return Claim(_rank(each), f"{said} {each.words}, see {cited(each)}", own_victim=beside_it.is_event)


def unassessed(others: Sequence[Claim], beside_it: Beside) -> str:
    """Word the headline of a hit that was never assessed as a victim: what is known of others comes with it."""
    before = [claim for claim in others if claim.own_victim or claim.rank >= LEADS_FROM.rank]
    after = [claim for claim in others if claim not in before]
    own = f"this {beside_it.hit} {NOT_ASSESSED}" if before else NOT_ASSESSED
    parts = (*_words(before), own + "".join(f"; {each}" for each in _never_made(beside_it)), *_words(after))
    return "; ".join(parts)


def assessed(own: Claim, others: Sequence[Claim], victims: Mapping[str, int], standard: int) -> str:
    """Word the headline of a hit assessed as a victim.

    Args:
        own: its highest and latest assessments.
        others: what is known of others; told where it is graver than its own, and then first.
        victims: of one who is a suspect too, level -> number of different victims: always told.
        standard: int, how many assessments there are where every one says standard and nobody reviewed any; else 0.
    """
    graver = [claim for claim in others if claim.rank > own.rank]
    words = [*_words(graver), own.words]
    words += [claim.words for claim in _of_victims(victims) if claim not in graver]
    if standard > 1:
        words.append(f"{standard} assessments, every one STANDARD, none recorded as reviewed by another")
    return "; ".join(words)


def _never_made(beside_it: Beside) -> Iterator[str]:
    """Yield the assessments that had to be made and were not, and those that nobody had to make."""
    mandatory = [each for each in beside_it.missing if each.duty == "mandatory"]
    other = len(beside_it.missing) - len(mandatory)
    if mandatory:
        count = number_of(len(mandatory), "domestic abuse crime")
        yield f"MANDATORY AND MISSING: {count} between partners or former partners, latest {cited(mandatory[0])}"
    if other:
        yield f"not mandatory and not done: {number_of(other, 'other domestic abuse event')}"


def _words(found: Iterable[Claim]) -> list[str]:
    """Return the words of claims."""
    return [claim.words for claim in found]


def _rank(each: Assessed) -> int:
    """Return how grave an assessment is: 0 not assessed, 3 high."""
    return RiskLevel(each.level).rank


def cited(each: Assessed | Missing) -> str:
    """Cite a record."""
    return f"{each.source} {each.ref}"


def shout(level: RiskLevel) -> str:
    """Write a level in capitals, in words."""
    return level.value.replace("_", " ").upper()


def victims_words(victims: Mapping[str, int]) -> str:
    """Word a suspect's victims: 'as suspect, victims assessed HIGH: 1, MEDIUM: 2'."""
    levels = ", ".join(f"{shout(RiskLevel(level))}: {count}" for level, count in victims.items())
    return f"as suspect, victims assessed {levels}"
