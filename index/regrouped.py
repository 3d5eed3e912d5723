"""The people of a build, seen as people have decided since it was made.

`Regrouped` answers everything that `People` answers; the mentions of the few groups that decisions touch are put
together or apart anew, as index/relinking.py worked out. The files of the build are not touched.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from discoverer.model import Visibility
from index.people import DocRow, MentionRow, People


@dataclass(frozen=True, slots=True)
class Regrouping:
    """Mentions put together or apart anew, as those who may see some labels see them.

    Attributes:
        members: number of a group -> its mentions, by number. A number that the build uses too means this group now.
        heirs: number of a group in the build -> the groups its mentions are of now.
        links: (first, second, rule) that hold the groups together.
        docs: number of a group -> what each label knows of it.
        idents: number of a group -> the id by which the outside knows it.
    """

    members: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    heirs: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    links: tuple[tuple[int, int, str], ...] = ()
    docs: Mapping[int, tuple[DocRow, ...]] = field(default_factory=dict)
    idents: Mapping[int, str] = field(default_factory=dict)


class Regrouped(People):
    """Reads people.sqlite through a regrouping; for the labels that it was made for."""

    def __init__(self, people: People, regrouping: Regrouping) -> None:
        """Take the people of an open build; its file is shared, and closed by whoever opened it."""
        vars(self).update(vars(people))
        self._anew = regrouping
        self._now_of = {m: group for group, members in regrouping.members.items() for m in members}

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
        """Return documents; in place of one of a group put together or apart anew, those of all its heirs."""
        kept: list[DocRow] = []
        found_at: dict[int, int] = {}
        for doc in super().docs(numbers, labels):
            heirs = self._anew.heirs.get(doc.grp) if doc.grp is not None else None
            if heirs is None:
                kept.append(doc)
            for heir in heirs or ():
                found_at[heir] = min(found_at.get(heir, doc.d), doc.d)
        return kept + [doc._replace(d=d) for heir, d in found_at.items() for doc in self._anew.docs[heir]]

    def links_among(self, mentions: Collection[int]) -> list[tuple[int, int, str]]:
        """Return the links whose two ends are both among these mentions."""
        wanted = set(mentions)
        anew = [each for each in self._anew.links if each[0] in wanted and each[1] in wanted]
        return anew + super().links_among([each for each in wanted if each not in self._now_of])

    def ident(self, group: int) -> str:
        """Return the id by which the outside knows a group."""
        return self._anew.idents.get(group) or super().ident(group)


def most_open_first(rows: Sequence[MentionRow]) -> list[MentionRow]:
    """Return mentions of one group, those that more people may see first, and the earliest of them first; undated last.

    The first of them names the group, since whoever sees the group sees it.
    """
    return sorted(rows, key=lambda row: (Visibility(row.visibility).rank, row.at or "9999"))
