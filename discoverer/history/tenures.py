"""Who lived at a place, or held a number, and when: never today's tenant with yesterday's markers.

A record that gives somebody this home says that they lived here on its date, and no more. Whether they still do is
judged from what came after: a later home of their own, a later household here, or long silence (domain guide 6.2).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from discoverer.clock import age_in_words, iso, parse_iso
from discoverer.history.material import Material, Place, Subject, stands_at
from discoverer.lists import lists, named, window
from discoverer.normalise.text import fold
from discoverer.parts import Holder, Tenure
from discoverer.wording import day, number_of, span_words
from index.masked import names_behind
from index.people import MentionRow


@dataclass(slots=True)
class Stay:
    """Somebody recorded at a place or as holding a number.

    Attributes:
        group: int, of the person.
        rows: list[MentionRow], their own mentions in the records that say so.
        tenure: Tenure.
        why: str, in words.
    """

    group: int
    rows: list[MentionRow] = field(default_factory=list)
    tenure: Tenure = Tenure.UNKNOWN
    why: str = ""

    @property
    def first(self) -> str:
        """The first date; '' undated."""
        return min((row.at for row in self.rows if row.at), default="")

    @property
    def last(self) -> str:
        """The last date; '' undated."""
        return max((row.at for row in self.rows), default="")

    @property
    def records(self) -> set[Place]:
        """The records that say so."""
        return {(row.segment, row.n) for row in self.rows}


def stays(subject: Subject, material: Material) -> list[Stay]:
    """Return everyone recorded as holding a place or number, the latest first, before it is judged whether they do."""
    found: dict[int, Stay] = {}
    met: set[tuple[int, int]] = set()
    near = set(subject.near)
    for row in subject.rows:
        place = (row.segment, row.n)
        if row.holder is None or place not in near or row.found == "text":
            continue
        for person in material.mentions.get(place, []):
            if person.kind == "person" and stands_at(person) == row.holder and person.found == "field":
                stay = found.setdefault(person.grp, Stay(person.grp))
                if (person.grp, person.m) not in met:
                    met.add((person.grp, person.m))
                    stay.rows.append(person)
    return sorted(found.values(), key=lambda stay: (stay.last, stay.first), reverse=True)


def institution(subject: Subject, found: Sequence[Stay]) -> str:
    """Return what marks a place as nobody's home in particular; '' when nothing does."""
    words = [word for row in subject.rows[:20] for word in named("institution", row.label)]
    if words:
        return words[0]
    known = [_known(stay, _surnames(stay)) for stay in found]
    families = _families([each.records | each.words for each in known])
    firsts = [min(known[place].first for place in family) for family in _grouped(families)]
    if len(firsts) >= int(lists()["shared"]["households"]) and _within_two_years(firsts):
        return f"{len(firsts)} unrelated households"
    return ""


def _within_two_years(firsts: Iterable[str]) -> bool:
    """Tell whether the last so many unrelated households followed one another within two years.

    Args:
        firsts: when each was first recorded, ISO as precise as known; '' undated.
    """
    *_, earliest = last = sorted(firsts, reverse=True)[: int(lists()["shared"]["households"])]
    two_years_before = f"{int(last[0][:4]) - 2:04}{last[0][4:]}" if last[0] else ""
    return bool(earliest) and earliest >= two_years_before[: len(earliest)]


class _Known(NamedTuple):
    """What is known of a stay, worked out once: there may be hundreds at one door or of one switchboard.

    Attributes:
        stay: it is of.
        first, last: str, ISO; '' undated.
        records: that say so.
        words: of their names, that make two of them one household or one person written twice.
    """

    stay: Stay
    first: str
    last: str
    records: frozenset[object]
    words: frozenset[object]

    def related(self, other: _Known) -> bool:
        """Tell whether two people share a record here, or a word of their names."""
        return not (self.records.isdisjoint(other.records) and self.words.isdisjoint(other.words))


def _known(stay: Stay, words: Iterable[str]) -> _Known:
    """Work out what is known of a stay."""
    return _Known(stay, stay.first, stay.last, frozenset(stay.records), frozenset(words))


def _families(shared: Sequence[Iterable[object]]) -> list[int]:
    """Put together those who share anything, and those who share with them.

    Args:
        shared: of each, what others may share.

    Returns:
        Of each the number of its family: the place of one member.
    """
    family = list(range(len(shared)))

    def head(place: int) -> int:
        while family[place] != place:
            family[place] = family[family[place]]
            place = family[place]
        return place

    holder: dict[object, int] = {}
    for place, things in enumerate(shared):
        for thing in things:
            family[head(place)] = head(holder.setdefault(thing, place))
    return [head(place) for place in range(len(shared))]


def _grouped(families: Sequence[int]) -> Iterable[list[int]]:
    """Return the places of each family's members."""
    members: dict[int, list[int]] = defaultdict(list)
    for place, family in enumerate(families):
        members[family].append(place)
    return members.values()


def _surnames(stay: Stay) -> set[str]:
    """Return the last words of their names as written."""
    return {name.split()[-1].upper() for row in stay.rows for name in names_behind(row) if name.split()}


def judge_occupants(found: Sequence[Stay], later: Mapping[int, str], shared: str, now: datetime) -> None:
    """Say of everyone recorded at a place whether they live there now.

    Args:
        found: as `stays` returns them; judged in place.
        later: person -> ISO date of their latest record at another home, in scope.
        shared: str, what marks the place as an institution; '' when nothing does.
        now: the instant that counts as now.
    """
    limit = f"{now.year - window('current_tenant_years')}{iso(now)[4:10]}"
    silent = iso(now - timedelta(days=30 * window("superseded_months")))
    known = [_known(stay, _surnames(stay)) for stay in found]
    for each in known:
        stay = each.stay
        if shared:
            stay.why = f"not known: {shared}, so occupants are not inferred"
        elif not each.last:
            stay.why = "not known: undated"
        elif later.get(stay.group, "") > each.last:
            stay.tenure = Tenure.PREVIOUS
            stay.why = f"previous: recorded at another address on {day(later[stay.group])}"
        elif next_in := _superseded(each, known):
            gone = each.last < silent
            stay.tenure = Tenure.PREVIOUS if gone else Tenure.UNKNOWN
            judged = "likely previous" if gone else "not known"
            stay.why = f"{judged}: another household is recorded here from {day(next_in)}"
        elif each.last[:10] < limit:
            stay.why = f"not known: last recorded here {age_in_words(each.last, now)} ago"
        else:
            stay.tenure = Tenure.CURRENT
            stay.why = "likely current: the latest address recorded"


def _superseded(stay: _Known, known: Iterable[_Known]) -> str:
    """Return when a household unrelated to somebody was first recorded here after they last were; '' for never."""
    return min((each.first for each in known if each.first > stay.last and not stay.related(each)), default="")


def judge_holders(found: Sequence[Stay], now: datetime) -> str:
    """Say of everyone recorded as holding a number whether they hold it now, and return what to know about it.

    A number is handed to new customers, and one handset is used by a whole family: holders whose dates cross share
    it, and one who was never recorded with it again after an unrelated other is an earlier holder.
    """
    recycled = shared = False
    known = [_known(stay, _words(stay)) for stay in found]
    families = _families([each.words for each in known])
    newest = _newest(known, families)
    crossing = _crossing(known, families)
    for each, family, others in zip(known, families, crossing, strict=True):
        stay = each.stay
        if not each.last:
            stay.why = "not known: undated"
            continue
        if any(_long_after(first, each.last) for other, first in newest if other != family):
            stay.tenure, recycled = Tenure.PREVIOUS, True
            stay.why = "earlier holder: long silent, then recorded with somebody else, perhaps a new customer"
        elif others:
            shared, stay.why = True, f"shares it: {number_of(others, 'other holder')} in the same time"
            stay.tenure = Tenure.CURRENT
        elif newest[0][1] > each.last:
            stay.why = "not known: recorded under another name since"
        else:
            stay.tenure, stay.why = Tenure.CURRENT, "latest holder recorded"
        stay.why += f", last linked {age_in_words(each.last, now)} ago"
    words = ["held by different people at different times: the number may have been given anew"] if recycled else []
    words += ["shared: more than one person is recorded as holding it in the same time"] if shared else []
    return "; ".join(words)


def _newest(known: Sequence[_Known], families: Sequence[int]) -> list[tuple[int, str]]:
    """Return the two families last heard of for the first time, the later first: (family, that date)."""
    latest: dict[int, str] = {}
    for each, family in zip(known, families, strict=True):
        latest[family] = max(latest.get(family, ""), each.first)
    return sorted(latest.items(), key=lambda item: item[1], reverse=True)[:2]


def _crossing(known: Sequence[_Known], families: Sequence[int]) -> list[int]:
    """Count for each holder the others in one record with it, and strangers recorded within one span of time."""
    together: dict[object, set[int]] = defaultdict(set)
    for place, each in enumerate(known):
        for record in each.records:
            together[record].add(place)
    everyone = _Spans(known)
    kin = {families[places[0]]: _Spans([known[place] for place in places]) for places in _grouped(families)}
    counts = []
    for place, (each, family) in enumerate(zip(known, families, strict=True)):
        strangers = everyone.crossing(each) - kin[family].crossing(each)
        beside = {other for record in each.records for other in together[record]} - {place}
        counted = sum(families[other] != family and _cross(each, known[other]) for other in beside)
        counts.append(strangers + len(beside) - counted)
    return counts


class _Spans:
    """When some holders are recorded, from first to last; the undated left out."""

    def __init__(self, known: Iterable[_Known]) -> None:
        dated = [each for each in known if each.first]
        self._firsts = sorted(each.first for each in dated)
        self._lasts = sorted(each.last for each in dated)

    def crossing(self, span: _Known) -> int:
        """Count those whose span crosses another, itself among them where it is one of them."""
        if not span.first:
            return 0
        return bisect_right(self._firsts, span.last) - bisect_left(self._lasts, span.first)


def _cross(one: _Known, other: _Known) -> bool:
    """Tell whether two holders are recorded within one span of time."""
    return bool(one.first and other.first) and one.first <= other.last and other.first <= one.last


def _long_after(later: str, earlier: str) -> bool:
    """Tell whether a number was silent long enough between two holders to have been given to a new customer.

    Args:
        later: ISO, when the one was first recorded; '' undated.
        earlier: ISO, when the other was last.
    """
    if later <= earlier:
        return False
    gap = parse_iso(_day(later)) - parse_iso(_day(earlier))
    return gap >= timedelta(days=30 * window("recycled_months"))


def _day(at: str) -> str:
    """Return an instant as a whole day, the first of what is not known."""
    return (at if len(at) >= 10 else f"{at}-01-01")[:10]


def _words(stay: Stay) -> set[str]:
    """Return the words of somebody's names of three letters or more."""
    return {word for row in stay.rows for word in fold(" ".join(names_behind(row))).split() if len(word) > 2}


def shown(found: Iterable[Stay], material: Material, ids: dict[int, str]) -> tuple[Holder, ...]:
    """Put tenures into words.

    Args:
        found: judged.
        material: their records.
        ids: group -> the id `show person` takes.
    """
    return tuple(_holder(stay, material, ids[stay.group]) for stay in found)


def _holder(stay: Stay, material: Material, ident: str) -> Holder:
    """Put one tenure into words."""
    latest = max(stay.rows, key=lambda row: row.at)
    record = material.records[latest.segment, latest.n]
    label = max(stay.rows, key=lambda row: (row.risk, len(row.label), row.at)).label
    records = len(stay.records)
    words = f"{label}, recorded {span_words(stay.first, stay.last)} in {number_of(records, 'record')}; {stay.why}"
    return Holder(
        ident, label, stay.tenure, stay.first, stay.last, records, record.source, record.ref,
        f"{words} ({record.source} {record.ref})",
        tuple(dict.fromkeys(row.role for row in stay.rows if row.role != "unknown")),
    )  # fmt: skip
