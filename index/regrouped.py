"""The people of a build, seen as people have decided since it was made.

`Regrouped` answers everything that `People` answers, `RegroupedEngine` all that an engine does; the mentions of the few
groups that decisions touch are put together or apart anew, as index/relinking.py worked out. The files of the build are
not touched.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from discoverer.model import Visibility
from index.engine import Engine, Postings
from index.keys import document_keys
from index.people import SPREAD, DocRow, MentionRow, People
from index.profiles import decode


@dataclass(frozen=True, slots=True)
class Regrouping:
    """Mentions put together or apart anew, as those who may see some labels see them.

    Attributes:
        members: number of a group -> its mentions, by number. A number that the build uses too means this group now.
        replaced: numbers of the groups in the build whose mentions these are.
        links: (first, second, rule) that hold the groups together.
        docs: what each label knows of each group, with a number of its own among those of the build, spread (`SPREAD`).
        gone: what each label knew of each group replaced, to be taken off counts.
        idents: number of a group -> the id by which the outside knows it.
        apart: pairs of mentions that people told apart: what they are of is not possibly one person either.
    """

    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    replaced: frozenset[int] = frozenset()
    links: tuple[tuple[int, int, str], ...] = ()
    docs: tuple[DocRow, ...] = ()
    gone: tuple[DocRow, ...] = ()
    idents: Mapping[int, str] = field(default_factory=dict)
    apart: tuple[tuple[int, int], ...] = ()


class Regrouped(People):
    """Reads people.sqlite through a regrouping; for the labels that it was made for."""

    def __init__(self, people: People, regrouping: Regrouping) -> None:
        """Take the people of an open build; its file is shared, and closed by whoever opened it."""
        vars(self).update(vars(people))
        self._anew = regrouping
        self._docs = {doc.d: doc for doc in regrouping.docs}
        self._now_of = {m: group for group, members in regrouping.members.items() for m in members}
        told_apart = [(self._now_of.get(first), self._now_of.get(second)) for first, second in regrouping.apart]
        self._told_apart = frozenset(pair for ends in told_apart for pair in (ends, ends[::-1]) if None not in ends)

    def _seen(self, group: int, labels: Collection[Visibility]) -> tuple[str, tuple[int, ...]]:
        """Write, as SQL text and its values, which mentions are this group's now."""
        members = self._anew.members.get(group)
        if members is None:
            return super()._seen(group, labels)
        return f"m IN (SELECT value FROM json_each('{json.dumps(members)}'))", ()

    def _mentions(self, rows: Iterable[tuple[object, ...]], labels: Collection[Visibility]) -> list[MentionRow]:
        """Make rows of mentions, each with the group it is of now."""
        now_of = self._now_of
        return [row._replace(grp=now_of.get(row.m, row.grp)) for row in super()._mentions(rows, labels)]

    def docs(self, numbers: Collection[int], labels: Collection[Visibility]) -> list[DocRow]:
        """Return the documents of numbers that `RegroupedEngine` gave; what was replaced is not among them."""
        built = super().docs([number // SPREAD for number in numbers if number % SPREAD == 0], labels)
        kept = [doc._replace(d=doc.d * SPREAD) for doc in built if doc.grp not in self._anew.replaced]
        return kept + [self._docs[number] for number in numbers if number in self._docs]

    def of_groups(self, groups: Collection[int], labels: Collection[Visibility], recent: int) -> list[MentionRow]:
        """Return mentions of many groups: of each the most recent, and every one that weighs."""
        anew = [group for group in groups if group in self._anew.members]
        found = super().of_groups([group for group in groups if group not in self._anew.members], labels, recent)
        for group in anew:
            grave = self.weighty_members(group, labels)
            found += {row.m: row for row in (*self.members(group, labels, recent), *grave)}.values()
        return found

    def idents(self, groups: Collection[int]) -> dict[int, str]:
        """Return the ids by which the outside knows these groups."""
        anew = self._anew.idents
        known = super().idents([group for group in groups if group not in anew])
        return {**known, **{group: anew[group] for group in groups if group in anew}}

    def links_among(
        self, mentions: Collection[int], labels: Collection[Visibility] = tuple(Visibility)
    ) -> list[tuple[int, int, str]]:
        """Return the links that count whose two ends are both among these mentions."""
        wanted = set(mentions)
        anew = [each for each in self._anew.links if each[0] in wanted and each[1] in wanted]
        return anew + super().links_among([each for each in wanted if each not in self._now_of], labels)

    def possible_links(
        self, mentions: Collection[int], labels: Collection[Visibility]
    ) -> list[tuple[int, int, float, str]]:
        """Return the links of these mentions that are only possible, but those of people told apart since."""
        found = super().possible_links(mentions, labels)
        now_of = self._now_of
        return [each for each in found if (now_of.get(each[0]), now_of.get(each[1])) not in self._told_apart]

    def ident(self, group: int) -> str:
        """Return the id by which the outside knows a group."""
        return self._anew.idents.get(group) or super().ident(group)


class RegroupedEngine:
    """Leads from keys to documents as an engine does, to those put together or apart anew too.

    The numbers of the build are spread, so that a new document finds a place among them by its importance.
    """

    def __init__(self, engine: Engine, regrouping: Regrouping) -> None:
        """Take the engine of an open build; it is closed by whoever opened it."""
        self._engine = engine
        self._anew = _by_key(regrouping.docs)
        self._gone = {key: len(numbers) for key, numbers in _by_key(regrouping.gone).items()}

    def look_up(self, key: str, limit: int) -> Postings:
        """Return the smallest document numbers that carry `key`, at most `limit`, and how many there are."""
        anew, gone = self._anew.get(key, ()), self._gone.get(key, 0)
        built = self._engine.look_up(key, limit + gone)
        ids = sorted((*(number * SPREAD for number in built.ids), *anew))
        return Postings(ids[: limit + gone], built.total - gone + len(anew))

    def close(self) -> None:
        """Do nothing: the engine is not this one's."""


def _by_key(docs: Iterable[DocRow]) -> dict[str, list[int]]:
    """Return key of the engine -> the numbers of the documents that carry it."""
    numbers: dict[str, list[int]] = defaultdict(list)
    for doc in docs:
        for key in document_keys(decode(doc.kind, doc.profile)):
            numbers[f"{doc.visibility}/{key}"].append(doc.d)
    return dict(numbers)


def most_open_first(rows: Sequence[MentionRow]) -> list[MentionRow]:
    """Return mentions of one group, those that more people may see first, and the earliest of them first; undated last.

    The first of them names the group, since whoever sees the group sees it.
    """
    return sorted(rows, key=lambda row: (Visibility(row.visibility).rank, row.at or "9999"))
