"""Who else stands in the records of a subject, and how they are linked to it.

For a suspect the other victims, for a victim the other suspects; children, associates, those of one household. Every
link names the records it rests on. Two people in one record are linked by that record, and by nothing more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from discoverer.history.material import Material, Place, Subject, stands_at
from discoverer.model import SUSPECTS, VICTIMS, Record, RiskLevel
from discoverer.parts import Linked
from discoverer.wording import number_of, person_at, role_words, span_words
from index.people import MentionRow

# The weightiest link first.
ORDER = (
    "victim of this suspect",
    "suspect of this victim",
    "holder",
    "victim of its holder",
    "suspect of its holder",
    "child",
    "same household",
    "associate",
    "named with",
    "named in text with",
)
# Of a person: those whose own orders, custody and assessments are read, however many there are.
PARTIES = frozenset(ORDER[:2])
MOST_REFS = 5


@dataclass(slots=True)
class Other:
    """Another person met in the records of a subject.

    Attributes:
        group: int.
        rows: their mentions there.
        relations, roles: set[str].
        relationship: str, as recorded.
        risk: RiskLevel, the gravest they were assessed at as a victim in these records.
    """

    group: int
    rows: list[MentionRow] = field(default_factory=list)
    relations: dict[str, None] = field(default_factory=dict)
    roles: dict[str, None] = field(default_factory=dict)
    relationship: str = ""
    risk: RiskLevel = RiskLevel.NOT_ASSESSED

    @property
    def rank(self) -> tuple[int, str]:
        """How they sort: the weightiest relation first; its place, and the latest date."""
        return min(ORDER.index(each) for each in self.relations), max(row.at for row in self.rows)


def others(subject: Subject, material: Material) -> list[Other]:
    """Return everyone else in the records near a subject, the weightiest link first, then the most recent."""
    met: dict[int, Other] = {}
    mine, holders = _mine(subject), _holders(subject)
    person = subject.found.kind.value == "person"
    for place in subject.near:
        mentions = material.mentions.get(place, [])
        rows = [row for row in mentions if row.kind == "person"]
        own = [row for row in rows if row.m in mine or (place, stands_at(row)) in holders]
        record, homes = material.records[place], _homes(mentions) if person else {}
        for row in rows:
            if row.m not in mine and _is_name(row.label):
                other = met.get(row.grp) or met.setdefault(row.grp, Other(row.grp))
                _meet(other, row, record, own, _relations(row, own, homes, person=person))
    ranks = {group: other.rank for group, other in met.items()}
    found = sorted(met.values(), key=lambda each: ranks[each.group][1], reverse=True)
    return sorted(found, key=lambda each: ranks[each.group][0])


def _meet(other: Other, row: MentionRow, record: Record, own: list[MentionRow], relations: Iterable[str]) -> None:
    """Note of somebody what one record says of them."""
    other.rows.append(row)
    if row.role != "unknown":
        other.roles.setdefault(row.role)
    for relation in relations:
        other.relations.setdefault(relation)
    other.relationship = other.relationship or _relationship(record, own, row)
    if record.assessments:
        other.risk = max(other.risk, _risk_of(record, stands_at(row)), key=lambda level: level.rank)


def _mine(subject: Subject) -> frozenset[int]:
    """Return the subject's own mentions; a place or number is nobody."""
    return subject.mine if subject.found.kind.value == "person" else frozenset()


def _holders(subject: Subject) -> frozenset[tuple[Place, int]]:
    """Return where those stand who hold the place or number that is the subject: (record, position)."""
    if subject.found.kind.value == "person":
        return frozenset()
    held = ((row.segment, row.n, row.holder) for row in subject.rows)
    return frozenset(((segment, n), holder) for segment, n, holder in held if holder is not None)


def _is_name(label: str) -> bool:
    """Tell whether a label names somebody, and is no bare date or number found in text."""
    return any(char.isalpha() for char in label)


def _relations(
    row: MentionRow, own: list[MentionRow], homes: Mapping[int, set[int]], *, person: bool
) -> tuple[str, ...]:
    """Say how somebody stands to the subject, a person or not, in one record."""
    if row.found == "text":
        return ("named in text with",)
    found: list[str] = []
    roles = {each.role for each in own if each is not row}
    if not person and row in own:
        found.append("holder")
    if row.role in VICTIMS and roles & SUSPECTS:
        found.append("victim of this suspect" if person else "victim of its holder")
    if row.role in SUSPECTS and roles & VICTIMS:
        found.append("suspect of this victim" if person else "suspect of its holder")
    if row.role == "child":
        found.append("child")
    if person and homes and any(_homes_of(homes, row) & _homes_of(homes, each) for each in own):
        found.append("same household")
    if row.role == "associate" or "associate" in roles:
        found.append("associate")
    return tuple(found) or ("named with",)


def _homes(rows: Iterable[MentionRow]) -> dict[int, set[int]]:
    """Return the homes a record gives those who stand in it: position -> places."""
    found: dict[int, set[int]] = {}
    for row in rows:
        if row.kind == "location" and row.role == "home" and row.holder is not None:
            found.setdefault(row.holder, set()).add(row.grp)
    return found


def _homes_of(homes: Mapping[int, set[int]], row: MentionRow) -> set[int]:
    """Return the homes a record gives somebody."""
    return homes.get(stands_at(row), set())


def _relationship(record: Record, own: Iterable[MentionRow], row: MentionRow) -> str:
    """Return the relationship a record gives between a victim and a suspect, with its class; '' otherwise."""
    pair = {row.role, *(each.role for each in own)}
    if not (pair & VICTIMS and pair & SUSPECTS):
        return ""
    code = next((code for code in record.codes if code.codeset == "relationship"), None)
    if code is not None and code.code:
        return f"{code.code} ({code.word})" if code.word else code.code
    person = person_at(record, stands_at(row))
    return person.note if person is not None and row.role in SUSPECTS else ""


def _risk_of(record: Record, position: int) -> RiskLevel:
    """Return the gravest level somebody is assessed at as the victim, in one record."""
    levels = [each.level for each in record.assessments if each.victim == position]
    return max(levels, key=lambda level: level.rank, default=RiskLevel.NOT_ASSESSED)


def shown(
    found: Iterable[Other], material: Material, ids: dict[int, str], dangers: Mapping[int, tuple[str, ...]]
) -> tuple[Linked, ...]:
    """Put linked people into words.

    Args:
        found: in the order to be shown.
        material: their records.
        ids: group -> the id `show person` takes.
        dangers: group -> what is dangerous about them, in a few words.
    """
    return tuple(_linked(each, material, ids[each.group], dangers.get(each.group, ())) for each in found)


def _linked(other: Other, material: Material, ident: str, danger: tuple[str, ...]) -> Linked:
    """Put one linked person into words."""
    rows = sorted(other.rows, key=lambda row: row.at, reverse=True)
    places: dict[Place, None] = dict.fromkeys((row.segment, row.n) for row in rows)
    refs = [f"{material.records[place].source}:{material.records[place].ref}" for place in places]
    relations = tuple(sorted(other.relations, key=ORDER.index))
    dates = sorted(row.at for row in rows if row.at)
    first, last = (dates[0], dates[-1]) if dates else ("", "")
    label = max(rows, key=lambda row: (row.found == "field", row.risk, len(row.label))).label
    risk = "" if other.risk is RiskLevel.NOT_ASSESSED else other.risk.value
    words = [label, " and ".join(relations)]
    words += [f"relationship recorded: {other.relationship}"] if other.relationship else []
    words += [f"as {', '.join(role_words(role) for role in other.roles)}"] if other.roles else []
    words += [f"{risk.upper()} as victim there"] if risk else []
    words += [f"{span_words(first, last)}, {number_of(len(refs), 'record')}: {refs[0]}", *danger]
    return Linked(
        ident, label, relations, other.relationship, tuple(other.roles), risk, first, last, tuple(refs[:MOST_REFS]),
        len(refs), "; ".join(words), danger,
    )  # fmt: skip
