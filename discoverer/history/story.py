"""The history of one hit put together: what stands in its own records, beside it, and one step beyond."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from discoverer.answer import Risk
from discoverer.clock import age_in_words
from discoverer.found import Found
from discoverer.headlines import Beside
from discoverer.history import alike, around, assessed, beyond, elsewhere, linked, reach, tenures
from discoverer.history.custody import custody
from discoverer.history.danger import in_few_words
from discoverer.history.entries import entry_of
from discoverer.history.events import events
from discoverer.history.household import household
from discoverer.history.material import Depth, Place, Subject, held_of, stands_at
from discoverer.history.material import read as read_material
from discoverer.history.parties import Parties, unread
from discoverer.history.protected_doors import at_this_door
from discoverer.history.standpoint import Standpoint
from discoverer.history.told import tell
from discoverer.history.wanted import ended_lately, served, wanted
from discoverer.inforce import live_words, orders_and_markers
from discoverer.lists import window
from discoverer.model import SUSPECTS, VICTIMS
from discoverer.parts import Standing, Statement, Tenure, Topic, Whose
from discoverer.policy.badges import Badge, badges
from discoverer.policy.occurrences import Known, Occurrence, occurrences, only_possible
from discoverer.policy.parts import Subject as PolicySubject
from discoverer.policy.parts import SubjectKind
from discoverer.policy.rules import Policy
from discoverer.risk import headline
from discoverer.wording import day, role_words
from index.people import MentionRow
from index.reader import Reader

# What the `now` of a hit holds; children and what a victim agreed stand apart.
_NOW = (Topic.ORDER, Topic.WANTED, Topic.CUSTODY, Topic.WEAPON, Topic.ACTION, Topic.MARKER)
_STANDINGS = (Standing.IN_FORCE, Standing.NOT_BEGUN, Standing.OLD, Standing.ENDED)
_POLICY_KINDS: dict[str, SubjectKind] = {"person": "person", "location": "location", "phone": "phone"}
# Hits whose badges depend on who the people of their records are.
_COUNTED = ("person", "phone")
# Hits of which the other parties' own records are read.
_WITH_PARTIES = ("person", "event")
_CALLED = {"person": "person", "location": "place", "phone": "number", "event": "record"}
LEADS = ("location", "phone")
"""The kinds of what else to try, as `addresses` and `numbers` tell them."""


@dataclass(frozen=True, slots=True)
class Part:
    """One hit's share of an answer's material.

    Attributes:
        subject: whose.
        others: everyone else in its records, the weightiest link first.
        met: those of them whose own records are read.
        stays: who is recorded at the place or with the number, the latest first.
        leads: other addresses and numbers.
        shared: records of others that hold an order and tell of an event of its own.
    """

    subject: Subject
    others: list[linked.Other]
    met: list[linked.Other]
    stays: list[tenures.Stay]
    leads: list[elsewhere.Lead]
    shared: list[reach.Shared] = field(default_factory=list)


class Story:
    """The histories of one answer's hits, read together."""

    def __init__(self, reader: Reader, found: Sequence[Found], policy: Policy, now: datetime, depth: Depth) -> None:
        """Read everything.

        Args:
            reader: scoped.
            found: the hits, in order.
            policy: in force.
            now: the instant that counts as now.
            depth: how much is read and shown.
        """
        self._reader, self._policy, self._now, self._depth = reader, policy, now, depth
        self._told: Known = {}
        self.material, subjects = read_material(reader, found, depth)
        shared = reach.read(reader, subjects, self.material, policy.terms.occurrence.named_schemes)
        drafts = [self._draft(*each) for each in zip(subjects, shared, strict=True)]
        self.alike = alike.read(reader, subjects, self.material.records)
        self.material.add(self.alike.records, ())
        held = [each for subject in subjects if subject.found.kind.value in _COUNTED for each in subject.held]
        held += self.alike.held
        self.material.add_people(reader.in_records(unread(held, self.material), "person"))
        self._parties = Parties(reader, self.material, held)
        self.beyond = beyond.read(reader, _groups(drafts), self.material)
        self.beside = around.read(reader, subjects, self.material)
        closed = beyond.closed(self.beyond)
        self.parts = [self._with_leads(part, closed) for part in drafts]
        shown = [row.grp for part in self.parts for lead in part.leads for row in lead.rows]
        kept_back = reader.kept_back(set(shown))
        self.parts = [_without(part, kept_back) for part in self.parts]
        told = [lead for part in self.parts for kind in LEADS for lead in _leads(part, kind)[: depth.people]]
        latest = {lead.latest for lead in told} - self.material.records.keys()
        self.material.add({place: self.beyond.records[place] for place in latest & self.beyond.records.keys()}, ())
        self.material.add(reader.records(latest - self.material.records.keys()), ())
        self._ids = reader.idents({*shown, *(other.group for part in self.parts for other in part.others)})
        stays = {stay.group for part in self.parts for stay in part.stays}
        self._ids |= reader.idents((stays | self.alike.groups) - self._ids.keys())

    def call(self, ids: Mapping[int, str]) -> None:
        """Call the hits of the answer by the ids they are shown with: group -> id."""
        self._ids |= ids

    def _draft(self, subject: Subject, shared: list[reach.Shared]) -> Part:
        """Meet the people of a subject's records."""
        kind = subject.found.kind.value
        stays = tenures.stays(subject, self.material) if kind in ("location", "phone") else []
        others = linked.others(subject, self.material)
        return Part(subject, others, _met(others), stays, [], shared)

    def _with_leads(self, part: Part, closed: Collection[tuple[str, str]]) -> Part:
        """Add the other addresses and numbers of a subject and, for a person, of the people met."""
        people = part.subject.found.kind.value == "person"
        further = beyond.homes(self.beyond, part.met) if people else []
        return replace(part, leads=elsewhere.leads(part.subject, self.material, further, closed))

    def told(self, part: Part) -> dict[str, Any]:
        """Return the fields of a hit that its history gives, by name."""
        subject, now = part.subject, self._now
        note = self._judge(part)
        standpoint = self._standpoint(part)
        tell(self._told, self._reader, self.material, subject.held, self._policy)
        found = occurrences(subject.held, self._policy, self._told)
        statements = self._statements(part, standpoint)
        live = [each for each in statements if each.standing is not Standing.ENDED]
        ended = [each for each in statements if each.standing is Standing.ENDED]
        entries = self._entries(subject, found[: self._depth.events])
        most = self._depth.people
        places, numbers = (_leads(part, kind) for kind in LEADS)
        caution = _caution(part, live)
        may_be = self._may_be(subject)
        parts = self._parts_of(subject.found)
        return {
            "risk": self._risk(part, found),
            "now": live_words(each for each in live if each.topic in _NOW and _bears_on(each)),
            "in_force": tuple(live),
            "lapsed": tuple(ended[: self._depth.lapsed]),
            "lapsed_total": len(ended),
            "ended_lately": ended_lately(ended, now),
            "roles": _roles(role for _, role in parts),
            "records_total": len({place for place, _ in parts}) or 1,
            "records_read": len(subject.held),
            "people_read": len(subject.near),
            "history": events(found[: self._depth.events], entries, self._policy),
            "history_total": len(found),
            "badges": self._badges(subject, found),
            "addresses": elsewhere.shown(places[:most], self.material, self._ids, caution, now),
            "numbers": elsewhere.shown(numbers[:most], self.material, self._ids, caution, now),
            "addresses_total": len(places),
            "numbers_total": len(numbers),
            "linked": linked.shown(part.others[:most], self.material, self._ids, self._dangers(part, most)),
            "linked_total": len(part.others),
            "holders": tenures.shown(part.stays[:most], self.material, self._ids),
            "holders_total": len(part.stays),
            "holders_note": note,
            "last_linked": _last_linked(subject, now),
            "may_be": alike.shown(may_be, self.material, self._ids, now),
            "may_be_total": self.alike.totals.get(subject.found.group, 0) if may_be else 0,
        }

    def _dangers(self, part: Part, most: int) -> dict[int, tuple[str, ...]]:
        """Say how dangerous the other parties are whose own records were read: group -> words."""
        if part.subject.found.kind.value not in _WITH_PARTIES:
            return {}
        names = reach.names_of_rows(part.subject.rows)
        told: dict[int, tuple[str, ...]] = {}
        for other in part.others[:most]:
            rows = self.beyond.rows.get(other.group, ())
            if rows and other.roles.keys() & (SUSPECTS | VICTIMS):
                told[other.group] = in_few_words(held_of(rows, self.beyond.records, whole=False), self._now, names)
        return told

    def _may_be(self, subject: Subject) -> list[alike.Alike]:
        """Return whom a person may also be; nobody else may be anyone."""
        return self.alike.of.get(subject.found.group, []) if subject.found.kind.value == "person" else []

    def _parts_of(self, found: Found) -> set[tuple[Place, str]]:
        """Return every record of a hit, those not read too, with each part it plays there; none for an event."""
        return set() if found.event is not None else self._reader.parts_of(found.group, found.only)

    def _judge(self, part: Part) -> str:
        """Judge who lives at a place or holds a number, and return what to know about it."""
        kind = part.subject.found.kind.value
        if kind == "phone":
            return tenures.judge_holders(part.stays, self._now)
        if kind != "location":
            return ""
        shared = tenures.institution(part.subject, part.stays)
        doors = {elsewhere.door(row) for row in part.subject.rows}
        later = {stay.group: beyond.later_home(self.beyond, stay.group, doors) for stay in part.stays}
        tenures.judge_occupants(part.stays, later, shared, self._now)
        return f"institution ({shared}): occupants are not inferred" if shared else ""

    def _standpoint(self, part: Part) -> Standpoint:
        """Say where a hit looks at its records from."""
        kind = part.subject.found.kind.value
        tenancy: dict[int, Tenure] = {}
        holders: dict[tuple[str, str], list[int | None]] = {}
        if kind == "location":
            tenancy = {stay.group: stay.tenure for stay in part.stays}
        if kind == "phone":
            # Whoever holds it now is linked to it as before; what an earlier holder had is not the new customer's.
            tenancy = {stay.group: stay.tenure for stay in part.stays if stay.tenure is Tenure.PREVIOUS}
            for row in part.subject.rows:
                record = self.material.records[row.segment, row.n]
                if row.found == "field":
                    holders.setdefault((record.source, record.ref), []).append(row.holder)
        return Standpoint(self.material.group_at, tenancy, holders)

    def _statements(self, part: Part, standpoint: Standpoint) -> list[Statement]:
        """Return what is dangerous, in force or to be known, in the order of a card."""
        held, now = part.subject.held, self._now
        orders = served(orders_and_markers(held, now, standpoint), held, standpoint)
        found = [*orders, *wanted(held, now, standpoint)]
        found += [*custody(held, now, standpoint), *household(held, now, standpoint)]
        met = part.met if part.subject.found.kind.value == "person" else ()
        found += reach.orders(part.subject, met, self.beyond, part.shared, now, self.material)
        once = {(each.words, each.whose): each for each in reversed(found)}
        return sorted(self._at_the_door(part, once.values()), key=_in_card_order)

    def _at_the_door(self, part: Part, found: Iterable[Statement]) -> list[Statement]:
        """Return statements, at a place those of former occupants that protect it as its own."""
        if part.subject.found.kind.value != "location":
            return list(found)
        doors = {elsewhere.door(row) for row in part.subject.rows}
        living = [row.label for stay in part.stays if stay.tenure is not Tenure.PREVIOUS for row in stay.rows]
        return [at_this_door(each, doors, living) for each in found]

    def _risk(self, part: Part, found: Sequence[Occurrence]) -> Risk:
        """Make the risk headline with what stands beside it."""
        subject = part.subject
        kind = subject.found.kind.value
        own = {
            self.material.places[held.record.source, held.record.ref]
            for held in subject.held
            if held.record.assessments
        }
        roles: dict[tuple[str, str], set[str]] = {}
        if kind == "person":
            for row in subject.rows:
                record = self.material.records[row.segment, row.n]
                roles.setdefault((record.source, record.ref), set()).add(row.role)
        gone = {stay.group for stay in part.stays if stay.tenure is Tenure.PREVIOUS}
        met = [other for other in part.met if other.group not in gone]  # whoever moved is told apart, and behind
        others = beyond.assessed(self.beyond, met, own, self._now)
        # One log says nothing of a form that names it: where its victim is assessed, none is called missing.
        assessed_already = kind == "event" and others
        beside = Beside(
            elsewhere=others,
            referrals=assessed.referrals(subject.held, self._now),
            missing=() if assessed_already else assessed.missing(found, roles, self._policy),
            is_event=kind == "event",
            around=around.around(subject, part.met, self.material, self.beside, self.beyond, self._ids, self._now),
            hit=_CALLED[kind],
        )
        return headline(subject.held, self._now, beside, self.material.group_at, gone)

    def _entries(self, subject: Subject, found: Iterable[Occurrence]) -> dict[tuple[str, str], Any]:
        """Make the entries of the events that are shown."""
        rows: dict[Place, list[MentionRow]] = {}
        for row in subject.rows:
            rows.setdefault((row.segment, row.n), []).append(row)
        records = [held.record for each in found for held in each.held]
        return {
            (record.source, record.ref): entry_of(
                record, rows.get(self.material.places[record.source, record.ref], ()), self._now
            )
            for record in records
        }

    def _badges(self, subject: Subject, found: Sequence[Occurrence]) -> tuple[Badge, ...]:
        """Return what the policy in force says of a person, place or number."""
        kind = subject.found.kind.value
        if kind == "event":
            return ()
        positions: dict[tuple[str, str], set[int]] = {}
        for row in subject.rows:
            record = self.material.records[row.segment, row.n]
            at = stands_at(row) if kind == "person" else row.position
            positions.setdefault((record.source, record.ref), set()).add(at)
        others = [held for each in self._may_be(subject) for held in each.held]
        tell(self._told, self._reader, self.material, others, self._policy)
        possible = only_possible(subject.held, others, self._policy, self._told) if others else ()
        asked = PolicySubject(_POLICY_KINDS[kind], positions)
        return badges(asked, found, possible, self._policy, self._now, self._parties.party_of)


def _met(others: Iterable[linked.Other]) -> list[linked.Other]:
    """Return those whose own records are read: victims and suspects, then others met in a field, the nearest first."""
    named = [other for other in others if other.relations.keys() != {"named in text with"}]
    parties = sum(bool(other.relations.keys() & linked.PARTIES) for other in named)  # they stand first
    return named[: max(window("associates"), parties)]


def _without(part: Part, kept_back: Collection[int]) -> Part:
    """Return a hit's share without the addresses and numbers that any record protects."""
    if not kept_back:
        return part
    return replace(part, leads=[lead for lead in part.leads if all(row.grp not in kept_back for row in lead.rows)])


def _leads(part: Part, kind: str) -> list[elsewhere.Lead]:
    """Return the other addresses or numbers of a hit."""
    return [lead for lead in part.leads if lead.kind == kind]


def _groups(drafts: Iterable[Part]) -> dict[int, bool]:
    """Return the people whose own records are read, and whether those that weigh are wanted."""
    groups: dict[int, bool] = {}
    for part in drafts:
        kind = part.subject.found.kind.value
        if kind in _WITH_PARTIES:
            for other in part.met:
                party = bool(other.roles.keys() & (SUSPECTS | VICTIMS))
                groups[other.group] = groups.get(other.group, False) or party
        else:  # the victims met at a place or with a number may be assessed in records that hold neither
            for other in part.met:
                if other.roles.keys() & VICTIMS:
                    groups.setdefault(other.group, False)
        if kind == "location":
            for stay in part.stays:
                groups.setdefault(stay.group, False)
    return groups


def _bears_on(each: Statement) -> bool:
    """Tell whether a statement stands in `now`: what has not begun is told in the list alone."""
    return each.standing in (Standing.IN_FORCE, Standing.OLD) and each.whose is not Whose.PREVIOUS


def _in_card_order(each: Statement) -> tuple[object, ...]:
    """Sort statements as a card reads them: by topic, live before old, the soonest end first, then the latest.

    Bail stands after other orders: it ends within weeks, and must not push a court's order out of sight; nor must a
    code that says nobody's weapon push a marker of somebody's.
    """
    order = (
        Topic.ORDER,
        Topic.WANTED,
        Topic.CUSTODY,
        Topic.WEAPON,
        Topic.CHILD,
        Topic.CONTACT,
        Topic.ACTION,
        Topic.MARKER,
    )
    days = each.days_left if each.days_left is not None else 1_000_000
    latest = tuple(-ord(char) for char in each.end or each.start)
    previous = each.whose is Whose.PREVIOUS
    last = each.kind == "bail" or each.kind.startswith("coded ")
    return previous, order.index(each.topic), _STANDINGS.index(each.standing), last, days, latest


def _roles(played: Iterable[str]) -> tuple[str, ...]:
    """Count the records in which a hit plays each part, the commonest first; one role for each."""
    counts = Counter(played)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(f"{role_words(role)} {count}" for role, count in ranked)


def _caution(part: Part, live: Collection[Statement]) -> str:
    """Say what to know before a victim's own number is rung (domain guide 9.19); '' for others."""
    if part.subject.found.kind.value != "person" or not any(row.role in VICTIMS for row in part.subject.rows):
        return ""
    agreed = next((each for each in live if each.kind == "safe_contact"), None)
    if agreed is None and any(each.kind == "codeword" for each in live):
        return "a codeword is held, how to ring safely is not: do not ring a victim back unasked"
    return agreed.words if agreed else "no safe-contact note held: do not ring a victim back unasked"


def _last_linked(subject: Subject, now: datetime) -> str:
    """Say when a number was last linked with anything."""
    last = max((row.at for row in subject.rows), default="")
    if subject.found.kind.value != "phone" or not last:
        return ""
    return f"last linked {age_in_words(last, now)} ago ({day(last)})"
