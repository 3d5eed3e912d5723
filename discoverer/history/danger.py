"""How dangerous somebody else on a card is, in a few words with date and source: who the other party is says little.

Wanted, in custody, bound by bail or an order, marked for weapons or violence: of that person's own records, as far as
the viewer may read them. Nothing of it is ever the hit's own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from discoverer.headlines import victims_words
from discoverer.held import Held
from discoverer.history.custody import custody
from discoverer.history.material import held_of
from discoverer.history.reach import names_of_rows, says
from discoverer.history.wanted import FOR_ONE, served, wanted
from discoverer.inforce import orders_and_markers
from discoverer.parts import Standing, Statement, Topic, Whose
from discoverer.risk import headline
from discoverer.wording import day
from index.people import MentionRow
from index.reader import Reader

# Of each, the most recent records read for warrants; those that weigh are all read.
RECENT = 60
# What is said of one person; more would bury the line it stands on, and their own card says the rest.
MOST = 4
_TOPICS = (Topic.WANTED, Topic.CUSTODY, Topic.ORDER, Topic.WEAPON)
_SAID = {
    "wanted": "WANTED",
    "warrant": "WANTED ON WARRANT",
    "in_custody": "IN CUSTODY",
    "remanded": "REMANDED IN CUSTODY",
    "release_unknown": "RELEASE FROM CUSTODY NOT RECORDED, arrested",
}


def in_few_words(held: Sequence[Held], now: datetime, names: Sequence[set[str]] = ()) -> tuple[str, ...]:
    """Say what is dangerous about somebody, the gravest first.

    Args:
        held: their records in scope, with their positions in each.
        now: the instant that counts as now.
        names: of whoever's card it is said on, by which an order is known to be about them.
    """
    found = [*served(orders_and_markers(held, now), held), *wanted(held, now), *custody(held, now)]
    live = [each for each in found if _bears_on(each)]
    live.sort(key=lambda each: (_TOPICS.index(each.topic), each.standing is Standing.OLD))
    said = list(dict.fromkeys(_few(each, names) for each in live))
    more = (f"and {len(said) - MOST} more",) if len(said) > MOST else ()
    return (*said[:MOST], *more)


def of_people(
    reader: Reader, groups: Collection[int], now: datetime, names: Iterable[MentionRow] = ()
) -> dict[int, tuple[str, ...]]:
    """Read how dangerous some people are, the gravest assessment of each as a victim and of their victims first.

    Args:
        reader: scoped.
        groups: the people.
        now: the instant that counts as now.
        names: the mentions of whoever's card it is said on.
    """
    if not groups:
        return {}
    rows: dict[int, list[MentionRow]] = {group: [] for group in groups}
    for row in reader.of_groups(set(groups), RECENT):
        rows[row.grp].append(row)
    records = reader.records((row.segment, row.n) for found in rows.values() for row in found)
    mine = names_of_rows(names)
    return {group: _of_one(held_of(found, records, whole=False), now, mine) for group, found in rows.items()}


def _of_one(held: Sequence[Held], now: datetime, names: Sequence[set[str]]) -> tuple[str, ...]:
    """Say how dangerous one person is, and how endangered."""
    risk = headline(held, now)
    words = [risk.highest.words] if risk.highest else []
    words += [victims_words(risk.victims_assessed)] if risk.victims_assessed else []
    return (*words, *in_few_words(held, now, names))


def _bears_on(each: Statement) -> bool:
    """Tell whether a statement is of the person themselves, holds or may hold still, and is dangerous."""
    if each.whose is not Whose.OWN or each.standing not in (Standing.IN_FORCE, Standing.OLD):
        return False
    return each.topic in _TOPICS and each.kind != "released"


def _few(each: Statement, names: Sequence[set[str]]) -> str:
    """Write a statement in a few words: 'BAIL to 23/11/2018, names this person (custody BE/152/18)'."""
    kind = _SAID.get(each.kind, each.kind.replace("_", " ").upper())
    if each.topic is Topic.ORDER:
        words = f"{kind} to {day(each.end)}" if each.end else f"{kind}, no end recorded"
        words += ", names this person" if says((*each.protects, *each.conditions), names) else ""
    elif each.topic is Topic.WEAPON:
        words = f"{kind}, marked {day(each.start) or 'undated'}"
    else:
        words = f"{kind} since {day(each.start)}" if each.start else f"{kind}, undated"
    if each.standing is Standing.OLD:
        words += f", {_why_old(each)}"
    return f"{words} ({each.source} {each.ref})"


def _why_old(each: Statement) -> str:
    """Say why something may hold no longer, and that it is to be checked."""
    if "Arrested since" in each.words:
        return "arrested since: check"
    return "an end recorded of one of those sought: check" if FOR_ONE in each.words else "old: check that it holds"
