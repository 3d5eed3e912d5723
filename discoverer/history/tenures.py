"""Who lived at a place, or held a number, and when: never today's tenant with yesterday's markers.

A record that gives somebody this home says that they lived here on its date, and no more. Whether they still do is
judged from what came after: a later home of their own, a later household here, or long silence (domain guide 6.2).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from discoverer.clock import age_in_words, iso, parse_iso
from discoverer.history.material import Material, Place, Subject, stands_at
from discoverer.lists import lists, named, window
from discoverer.normalise.text import fold
from discoverer.parts import Holder, Tenure
from discoverer.wording import day, number_of, span_words
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
    near = set(subject.near)
    for row in subject.rows:
        place = (row.segment, row.n)
        if row.holder is None or place not in near or row.found == "text":
            continue
        for person in material.mentions.get(place, []):
            if person.kind == "person" and stands_at(person) == row.holder and person.found == "field":
                stay = found.setdefault(person.grp, Stay(person.grp))
                if person.m not in {each.m for each in stay.rows}:
                    stay.rows.append(person)
    return sorted(found.values(), key=lambda stay: (stay.last, stay.first), reverse=True)


def institution(subject: Subject, found: Sequence[Stay]) -> str:
    """Return what marks a place as nobody's home in particular; '' when nothing does."""
    words = [word for row in subject.rows[:20] for word in named("institution", row.label)]
    if words:
        return words[0]
    families = _families(found, _related)
    if len(families) >= int(lists()["shared"]["households"]) and _within_two_years(families):
        return f"{len(families)} unrelated households"
    return ""


def _within_two_years(families: Sequence[list[Stay]]) -> bool:
    """Tell whether the last so many unrelated households followed one another within two years."""
    wanted = int(lists()["shared"]["households"])
    firsts = sorted((min(stay.first for stay in family) for family in families), reverse=True)[:wanted]
    return bool(firsts[-1]) and int(firsts[0][:4]) - int(firsts[-1][:4]) <= 2


def _families(found: Sequence[Stay], alike: Callable[[Stay, Stay], bool]) -> list[list[Stay]]:
    """Put together those who are alike, and those alike to them."""
    families: list[list[Stay]] = []
    for stay in found:
        joined = [family for family in families if any(alike(stay, each) for each in family)]
        families = [family for family in families if family not in joined]
        families.append([stay, *(each for family in joined for each in family)])
    return families


def _related(one: Stay, other: Stay) -> bool:
    """Tell whether two people share a record here, or a surname as written."""
    return bool(one.records & other.records) or bool(_surnames(one) & _surnames(other))


def _surnames(stay: Stay) -> set[str]:
    """Return the last words of their names as written."""
    return {name.split()[-1].upper() for row in stay.rows for name in row.label.split(" / ") if name.split()}


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
    for stay in found:
        if shared:
            stay.why = f"not known: {shared}, so occupants are not inferred"
        elif not stay.last:
            stay.why = "not known: undated"
        elif later.get(stay.group, "") > stay.last:
            stay.tenure = Tenure.PREVIOUS
            stay.why = f"previous: recorded at another address on {day(later[stay.group])}"
        elif (next_in := _superseded(stay, found)) is not None:
            gone = stay.last < silent
            stay.tenure = Tenure.PREVIOUS if gone else Tenure.UNKNOWN
            judged = "likely previous" if gone else "not known"
            stay.why = f"{judged}: another household is recorded here from {day(next_in.first)}"
        elif stay.last[:10] < limit:
            stay.why = f"not known: last recorded here {age_in_words(stay.last, now)} ago"
        else:
            stay.tenure = Tenure.CURRENT
            stay.why = "likely current: the latest address recorded"


def _superseded(stay: Stay, found: Iterable[Stay]) -> Stay | None:
    """Return a household unrelated to somebody that is first recorded here after they last were."""
    after = [each for each in found if each is not stay and each.first > stay.last and not _related(stay, each)]
    return min(after, key=lambda each: each.first, default=None)


def judge_holders(found: Sequence[Stay], now: datetime) -> str:
    """Say of everyone recorded as holding a number whether they hold it now, and return what to know about it.

    A number is handed to new customers, and one handset is used by a whole family: holders whose dates cross share
    it, and one who was never recorded with it again after an unrelated other is an earlier holder.
    """
    recycled = shared = False
    names = {id(stay): order for order, family in enumerate(_families(found, _one_name)) for stay in family}
    for stay in found:
        strangers = [each for each in found if names[id(each)] != names[id(stay)]]
        crossing = [each for each in found if each is not stay and each.records & stay.records]
        crossing += [each for each in strangers if each not in crossing and _cross(stay, each)]
        if not stay.last:
            stay.why = "not known: undated"
            continue
        if any(_long_after(each, stay) for each in strangers):
            stay.tenure, recycled = Tenure.PREVIOUS, True
            stay.why = "earlier holder: long silent, then recorded with somebody else, perhaps a new customer"
        elif crossing:
            shared, stay.why = True, f"shares it: {number_of(len(crossing), 'other holder')} in the same time"
            stay.tenure = Tenure.CURRENT
        elif any(each.first > stay.last for each in found):
            stay.why = "not known: recorded under another name since"
        else:
            stay.tenure, stay.why = Tenure.CURRENT, "latest holder recorded"
        stay.why += f", last linked {age_in_words(stay.last, now)} ago"
    words = ["held by different people at different times: the number may have been given anew"] if recycled else []
    words += ["shared: more than one person is recorded as holding it in the same time"] if shared else []
    return "; ".join(words)


def _long_after(later: Stay, earlier: Stay) -> bool:
    """Tell whether a number was silent long enough between two holders to have been given to a new customer."""
    if not later.first or later.first <= earlier.last:
        return False
    gap = parse_iso(_day(later.first)) - parse_iso(_day(earlier.last))
    return gap >= timedelta(days=30 * window("recycled_months"))


def _day(at: str) -> str:
    """Return an instant as a whole day, the first of what is not known."""
    return (at if len(at) >= 10 else f"{at}-01-01")[:10]


def _one_name(one: Stay, other: Stay) -> bool:
    """Tell whether two holders share any word of their names, so that they may be one person written twice."""
    return bool(_words(one) & _words(other))


def _words(stay: Stay) -> set[str]:
    """Return the words of somebody's names of three letters or more."""
    return {word for row in stay.rows for word in fold(row.label).split() if len(word) > 2}


def _cross(one: Stay, other: Stay) -> bool:
    """Tell whether two holders are recorded within one span of time, or in one record."""
    if one.records & other.records:
        return True
    return bool(one.first and other.first) and one.first <= other.last and other.first <= one.last


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
    )  # fmt: skip
