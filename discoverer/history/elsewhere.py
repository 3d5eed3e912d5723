"""Other addresses and other numbers to try: her own by date, and those of the people recorded with her.

Never one that any record protects, never one of a record that calls its address confidential, never an address
reached through a number (domain guide 4.4). Places that lead nowhere (no fixed abode, withheld) are left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache

from discoverer.clock import age_in_words
from discoverer.history.material import Material, Place, Subject, stands_at
from discoverer.lists import named
from discoverer.match.profiles import PhoneProfile, PlaceProfile
from discoverer.model import VICTIMS, Record
from discoverer.normalise.phones import national
from discoverer.parts import Elsewhere
from discoverer.wording import number_of, role_words, span_words
from index.people import MentionRow
from index.profiles import decode

CONFIDENTIAL = "address confidential"
NOT_SAID = "not said whose"
_REVERSED = {ord(sign): 0x7F - ord(sign) for sign in "0123456789-:TZ"}
_LAST = "~"


@dataclass(slots=True)
class Lead:
    """An address or number met in records.

    Attributes:
        kind: 'location' | 'phone'.
        rows: list[MentionRow], its mentions.
        holder: str, whose it is; '' the subject's own.
        taken: set[int], the numbers of those mentions.
    """

    kind: str
    rows: list[MentionRow] = field(default_factory=list)
    holder: str = ""
    taken: set[int] = field(default_factory=set)

    @property
    def last(self) -> str:
        """The latest date; '' undated."""
        return max(row.at for row in self.rows)

    @property
    def latest(self) -> Place:
        """The latest record that holds it."""
        row = max(self.rows, key=lambda row: row.at)
        return row.segment, row.n

    @property
    def unverified(self) -> bool:
        """Whether it stands in running text only."""
        return all(row.found == "text" for row in self.rows)

    @property
    def best(self) -> MentionRow:
        """The mention that writes it most fully."""
        return max(self.rows, key=lambda row: (row.found == "field", len(row.label), row.at))


def leads(
    subject: Subject,
    material: Material,
    beyond: Iterable[tuple[str, MentionRow]] = (),
    closed: Collection[tuple[str, str]] = (),
) -> list[Lead]:
    """Return the addresses and numbers to try for a subject, her own first, then the most recent.

    Args:
        subject: a number gets none, since no address may be reached through one.
        material: the records near it.
        beyond: (whose, mention) of homes and numbers of the people linked to it, in records of their own.
        closed: what those records call confidential, as `closed_by` returns it.
    """
    kind = subject.found.kind.value
    if kind == "phone":
        return []
    met: dict[tuple[str, str], Lead] = {}
    own = {place: set[int]() for place in subject.near}
    for row in subject.rows:
        own.get((row.segment, row.n), set()).add(stands_at(row))
    hidden = set(closed)
    for place in subject.near:
        hidden |= closed_by(material.records[place], material.mentions.get(place, []))
    for place in subject.near:
        rows = material.mentions.get(place, [])
        mine = own[place] if kind == "person" else set()
        for row in rows:
            if row.kind != "person" and (key := _key(row)) not in hidden:
                _add(met, key, row, _whose(row, rows, mine, kind))
    for whose, row in beyond:
        if (key := _key(row)) not in hidden:
            _add(met, key, row, whose)
    groups = {row.grp for row in subject.rows}
    found = [each for each in met.values() if kind == "person" or not groups & {row.grp for row in each.rows}]
    if kind == "location":
        found = [each for each in found if each.kind == "phone"]
    return sorted(found, key=lambda each: (bool(each.holder), each.unverified, _backwards(each.last)))


def _backwards(at: str) -> str:
    """Return what sorts the latest first and undated last: its digits and signs the other way round."""
    return at.translate(_REVERSED) or _LAST


def confidential(record: Record) -> Collection[int]:
    """Return the positions of those whose address and number a record calls confidential: its victims."""
    if not any(label == CONFIDENTIAL and text for label, text in record.notes):
        return ()
    return {person.position for person in record.persons if person.role in VICTIMS}


def closed_by(record: Record, rows: Iterable[MentionRow]) -> set[tuple[str, str]]:
    """Return the homes and numbers a record calls confidential: no other record of them may give them away.

    Args:
        record: any.
        rows: its mentions.
    """
    hidden = confidential(record)
    return (
        {_key(row) for row in rows if row.kind in ("location", "phone") and row.holder in hidden} if hidden else set()
    )


def _key(row: MentionRow) -> tuple[str, str]:
    """Return what makes two mentions one lead."""
    return row.kind, _same(row.kind, row.value) or str(row.grp)


def _whose(row: MentionRow, rows: Iterable[MentionRow], own: Collection[int], kind: str) -> str:
    """Return whose an address or number is: '' the subject's own or the record's, else the holder, or not said."""
    if row.found == "text":
        return NOT_SAID
    if row.holder in own or (kind == "location" and row.kind == "location"):
        return ""
    if row.holder is not None:
        holder = next((each for each in rows if each.kind == "person" and each.position == row.holder), None)
        return f"{holder.label} ({role_words(holder.role)})" if holder else NOT_SAID
    if row.kind == "location" or kind != "person":
        return ""
    # A number that a record gives no holder was rung from, or given, by its caller.
    callers = [each for each in rows if each.kind == "person" and each.role == "caller"]
    theirs = not callers or any(stands_at(each) in own for each in callers)
    return "" if theirs else f"{callers[0].label} (caller)"


def _add(met: dict[tuple[str, str], Lead], key: tuple[str, str], row: MentionRow, whose: str) -> None:
    """Add a mention to the lead it is of; a place of no address is left out.

    What a field says of whose it is stands before what a text leaves open, and the subject's own before all.
    """
    if row.kind == "location" and named("no_address", row.label):
        return
    lead = met.get(key)
    if lead is None:
        lead = met[key] = Lead(row.kind, holder=whose)
    if row.m not in lead.taken:
        lead.taken.add(row.m)
        lead.rows.append(row)
    if whose == "" or lead.holder == NOT_SAID:
        lead.holder = whose


def door(row: MentionRow) -> str:
    """Return a place's door without its area; '' when it names none, or is no address to try."""
    return "" if named("no_address", row.label) else _same(row.kind, row.value)


@lru_cache(maxsize=16_384)
def _same(kind: str, value: bytes) -> str:
    """Return what makes two mentions one address or number: a door without its area, since areas are often left out."""
    profile = decode(kind, value)
    if isinstance(profile, PlaceProfile):
        return profile.address.without_area
    return profile.e164 if isinstance(profile, PhoneProfile) else ""


def shown(
    found: Sequence[Lead], material: Material, ids: Mapping[int, str], caution: str, now: datetime
) -> tuple[Elsewhere, ...]:
    """Put leads into words.

    Args:
        found: in the order to be shown, those kept back left out.
        material: the records.
        ids: group -> the id `show` takes.
        caution: str, what to know before any of the subject's own numbers is rung.
        now: the instant that counts as now.
    """
    return tuple(_elsewhere(each, material, ids, caution, now) for each in found)


def _elsewhere(lead: Lead, material: Material, ids: Mapping[int, str], caution: str, now: datetime) -> Elsewhere:
    """Put one lead into words."""
    best = lead.best
    record = material.records.get(lead.latest)
    source, ref = (record.source, record.ref) if record else ("", "")
    dates = [row.at for row in lead.rows if row.at]
    first, last = (min(dates), max(dates)) if dates else ("", "")
    roles = tuple(dict.fromkeys([row.role for row in lead.rows if row.role != "unknown"]))
    unverified = lead.unverified
    ident = ids[best.grp]
    label = national(ident) if lead.kind == "phone" and ident.startswith("+") else best.label
    place = next(iter(named("institution", label)), "") if lead.kind == "location" else ""
    records: set[Place] = {(row.segment, row.n) for row in lead.rows}
    whose = lead.holder if lead.holder == NOT_SAID else f"of {lead.holder}" if lead.holder else ""
    words = [label, whose, ", ".join(role_words(role) for role in roles)]
    words += ["named in running text, unverified" if unverified else "", place and f"institution ({place})"]
    age = f" (last linked {age_in_words(last, now)} ago)" if last else ""
    words += [f"{span_words(first, last)}{age}, {number_of(len(records), 'record')}"]
    careful = caution if lead.kind == "phone" and not lead.holder else ""
    words += [careful, f"{source} {ref}".strip()]
    return Elsewhere(
        lead.kind, ident, label, roles, lead.holder, first, last, len(records), place, unverified, careful,
        source, ref, "; ".join(word for word in words if word),
    )  # fmt: skip
