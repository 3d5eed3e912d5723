"""Wanted, and whether that has ended: by codes of incident logs, warrants, arrests, and what later records say.

Only what a source records as the end ends it: a closing code of the log itself or of a log of that source that cites
it, the end date of a warrant, an arrest for it. Free text that says so may be wrong, or of another matter: it is told
beside, to be checked on the Police National Computer, and the danger stays (failure pattern F11).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from discoverer.clock import age_in_words, iso
from discoverer.held import Held
from discoverer.history.custody import LONG_AGO, at_of, note_of, one_of, people_of, statement_of
from discoverer.history.standpoint import PLAIN, Standpoint
from discoverer.inforce import bound_by
from discoverer.lists import lines_naming, named, window
from discoverer.model import SOUGHT, Code, Person, Record, Role
from discoverer.parts import Standing, Statement, Topic, Whose
from discoverer.policy.traces import numbers_of
from discoverer.wording import day, minute, name_of, person_at

# What is said where a record seeks two and one code ends it: it does not say for which.
FOR_ONE = ", of more than one sought: may hold no longer, check PNC"
# Whoever is arrested is found, not sought.
_SOUGHT = SOUGHT - {Role.DETAINEE}
# Quotes within words of a source, as an apostrophe that ends no quotation.
_WITHIN = str.maketrans(dict.fromkeys("'‘", "’"))
# What a name is written with: letters, one comma after the surname, full stops after initials and titles.
_LETTERS = r"(?:\b[^\W\d_]{1,3}\.|[^\W\d_]|['’&/() -])*"
_NAME = re.compile(rf"{_LETTERS}(?:, ?{_LETTERS})?")


def wanted(held: Iterable[Held], now: datetime, standpoint: Standpoint = PLAIN) -> list[Statement]:
    """Return who is wanted by an incident's code, and what ended that or is said to have.

    Args:
        held: each record of the hit, with the hit's positions in it (None: the whole record).
        now: the instant that counts as now.
        standpoint: how the hit stands to the people of its records.
    """
    known = list(held)
    since = _Since(known, standpoint)
    found = []
    for each, person in people_of(known, _SOUGHT):
        code = next((code for code in each.record.codes if _seeks(code.word)), None)
        if code is not None:
            found.append(_wanted(each, person, code, since, now))
    return found


def served(found: Iterable[Statement], held: Iterable[Held], standpoint: Standpoint = PLAIN) -> list[Statement]:
    """Return statements, each warrant among the orders with what became of it since: an arrest for it ends it.

    Args:
        found: as `orders_and_markers` makes them of these records.
        held: each record of the hit, with the hit's positions in it (None: the whole record).
        standpoint: how the hit stands to the people of its records.
    """
    made = list(found)
    if not any(_is_out(each) for each in made):
        return made
    known = list(held)
    since = _Since(known, standpoint)
    holders = {(each.record.source, each.record.ref): each for each in known}
    return [_served(each, holders[each.source, each.ref], since) if _is_out(each) else each for each in made]


def _is_out(each: Statement) -> bool:
    """Tell whether a statement is of a warrant that its source does not say has ended."""
    return each.kind == "warrant" and each.standing in (Standing.IN_FORCE, Standing.OLD)


def _served(each: Statement, held: Held, since: _Since) -> Statement:
    """Say of one warrant what became of it."""
    record = held.record
    bound = (bound_by(record, order.subject) for order in record.orders if order.kind == "warrant")
    people = [person for position in bound if (person := person_at(record, position)) is not None]
    person = next((one for one in people if name_of(one) == each.about), people[0] if people else None)
    if person is None:
        return each
    arrests = since.arrests(held, person, each.start or at_of(record))
    ended = [arrest for arrest in arrests if _ends(arrest, record)]
    words = f"{_arrested(ended, arrests) if arrests else ''}{since.said(held, person)}"
    how = Standing.ENDED if ended else Standing.OLD if arrests else each.standing
    end = at_of(max(ended, key=at_of)) if ended else each.end
    return replace(each, words=each.words + words, standing=how, end=end)


def ended_lately(found: Iterable[Statement], now: datetime) -> tuple[Statement, ...]:
    """Return who was sought until lately: a warrant must not vanish from a card without a word.

    Args:
        found: statements of a hit.
        now: the instant that counts as now.
    """
    since = iso(now - timedelta(days=30 * window("ended_months")))
    over = [each for each in found if each.topic is Topic.WANTED and each.standing is Standing.ENDED]
    return tuple(each for each in over if each.whose is not Whose.PREVIOUS and each.end >= since[: len(each.end)])


class _Since:
    """What some records say of one another: the arrests and the ends that came after somebody was sought."""

    def __init__(self, held: Sequence[Held], standpoint: Standpoint) -> None:
        """Take the records, and how the hit stands to the people of them."""
        self._held, self.standpoint = held, standpoint
        self._arrests: dict[object, list[Record]] = {}
        for each, person in people_of(held, {Role.DETAINEE}):
            self._arrests.setdefault(one_of(each, person, standpoint), []).append(each.record)

    def arrests(self, each: Held, person: Person, at: str) -> list[Record]:
        """Return the arrests of somebody after an instant ('': after none known)."""
        return [record for record in self._arrests.get(one_of(each, person, self.standpoint), []) if at_of(record) > at]

    def ends(self, each: Held, person: Person) -> list[tuple[Record, Code]]:
        """Return the codes by which its own source ended what a record sought: its own, or of one that cites it."""
        record = each.record
        own = [(record, code) for code in record.codes if _closes(code)]
        mine = self._who(each, person)
        return own or [
            (other.record, code)
            for other in self._held
            if other.record is not record and other.record.source == record.source and _cites(other.record, record)
            if at_of(other.record) >= at_of(record) and mine in self.sought(other)
            for code in other.record.codes
            if _closes(code)
        ]

    def sought(self, each: Held) -> set[object]:
        """Return whom a record seeks, each person once."""
        return {self._who(each, person) for person in each.record.persons if person.role in _SOUGHT}

    def is_sure(self, each: Held, ends: Iterable[tuple[Record, Code]]) -> bool:
        """Tell whether an end can only be of one person: where a record seeks two, its code does not say which."""
        over = {id(each.record), *(id(record) for record, _ in ends)}
        return all(len(self.sought(other)) < 2 for other in self._held if id(other.record) in over)

    def _who(self, each: Held, person: Person) -> object:
        """Return what makes two mentions one person: the hit itself, the same group, or the same name."""
        if each.positions is not None and person.position in each.positions:
            return "the hit"
        group = self.standpoint.group_at(each.record, person.position)
        if group is not None:
            return group
        return name_of(person).upper() or (each.record.source, each.record.ref, person.position)

    def said(self, each: Held, person: Person) -> str:
        """Say which record, of its own day or later, says in free words or of another log that it is over; '' if none.

        The latest alone: it lifts nothing, however many say so.
        """
        found = [
            (at_of(other.record), other.record, words)
            for other in self._held
            if at_of(other.record) >= at_of(each.record) and self._speaks_of(other, each, person)
            for words in _lifting(other.record, each.record)
        ]
        if not found:
            return ""
        at, record, words = max(found, key=lambda one: one[0])
        who = "its own text says" if record is each.record else "a later record says"
        where = "" if record is each.record else f", {record.source} {record.ref} {day(at) or 'undated'}"
        return f". But {who}: {quoted(words)}{where}; check PNC"

    def _speaks_of(self, other: Held, each: Held, person: Person) -> bool:
        """Tell whether what a record says may be of somebody sought: it seeks them, or cites the record that does."""
        if other.record is each.record or _cites(other.record, each.record):
            return True
        return self._who(each, person) in self.sought(other)


def _lifting(record: Record, sought: Record) -> Iterator[str]:
    """Yield the lines of a record that say somebody is wanted no more: of its texts, and codes that end nothing here.

    A line is quoted whole: it may be of somebody else, or say that something is not so.
    """
    lines = [line.strip() for text in record.texts for line in text.text.splitlines()]
    yield from (line for line in lines if named("lifted", line))
    if record is not sought:
        yield from (code.word for code in record.codes if named("lifted", code.word))


def _closes(code: Code) -> bool:
    """Tell whether a code is a closing one that says somebody is wanted no more."""
    return code.codeset == "closing" and _lifts(code.word)


def _lifts(word: str) -> bool:
    """Tell whether a code says that somebody is wanted no more; a search warrant that was executed was for a place."""
    return bool(named("lifted", word)) and not named("not_wanted", word)


@lru_cache(maxsize=4_096)
def _seeks(text: str) -> bool:
    """Tell whether words say that somebody is wanted; a search warrant is for a place."""
    seeks_nobody = any(named(each, text) for each in ("lifted", "not_wanted", "nobody_wanted"))
    return bool(named("wanted", text)) and not seeks_nobody


def _wanted(each: Held, person: Person, code: Code, since: _Since, now: datetime) -> Statement:
    """Say that somebody is wanted, why, and whether an end or an arrest is recorded since."""
    record = each.record
    at, who = at_of(record), _plain(name_of(person)) or "name not recorded"
    reasons = lines_naming("warrant", (text.text for text in record.texts))
    warrant = any(_seeks(line) for line in reasons)
    words = (
        f"{'WANTED ON WARRANT' if warrant else 'WANTED'}: {who}, coded {quoted(code.word)} {minute(at) or 'undated'}"
    )
    words += f" ({age_in_words(at, now)} ago)" if at else ""
    words += f": {'; '.join(quoted(line) for line in reasons)}" if reasons else ""
    arrests = since.arrests(each, person, at)
    served_by, ends = [arrest for arrest in arrests if _ends(arrest, record)], since.ends(each, person)
    sure = ends if since.is_sure(each, ends) else []
    unsure = _ended_for_one(ends, record) if ends else since.said(each, person)
    words += _ended(sure, record) or f"{_arrested(served_by, arrests)}{unsure}"
    old = bool(arrests or ends) or at < iso(now - timedelta(days=LONG_AGO))
    how = Standing.ENDED if served_by or sure else Standing.OLD if old else Standing.IN_FORCE
    over = [*served_by, *(other for other, _ in sure)]
    return statement_of(
        Topic.WANTED, "warrant" if warrant else "wanted", words, each, person, since.standpoint,
        how=how, start=at, end=max(map(at_of, over), default=""), conditions=reasons,
    )  # fmt: skip


def _ends(arrest: Record, sought: Record) -> bool:
    """Tell whether an arrest says that it is the one somebody was wanted for: it cites the log, or names the warrant.

    An arrest for something else leaves a warrant as it was.
    """
    return _cites(arrest, sought) or _is_for_it(note_of(arrest, "offence"))


def _is_for_it(offence: str) -> bool:
    """Tell whether an offence says that the arrest was for the warrant; obstructing a search warrant is another."""
    return bool(named("arrested_on", offence)) and not named("not_wanted", offence) and not _denies(offence)


def _denies(text: str) -> bool:
    """Tell whether words say that there is no warrant, or that nobody is wanted."""
    return bool(named("nobody_wanted", text))


def _cites(record: Record, sought: Record) -> bool:
    """Tell whether a record names another by that one's own number."""
    if all(each.own for each in record.references):
        return False
    found = numbers_of(record, [each.scheme for each in sought.references if each.own])
    return not {*found.named, *found.linked}.isdisjoint(numbers_of(sought, ()).own)


def _ended(ends: Sequence[tuple[Record, Code]], record: Record) -> str:
    """Say by which code its source ended it; '' when by none."""
    if not ends:
        return ""
    return f". ENDED, {_coded(ends, record)}"


def _ended_for_one(ends: Sequence[tuple[Record, Code]], record: Record) -> str:
    """Say by which code its source ended it for somebody, where more than one is sought."""
    return f". But {_coded(ends, record)}{FOR_ONE}"


def _coded(ends: Sequence[tuple[Record, Code]], record: Record) -> str:
    """Say which code is the latest of some, and of which record."""
    other, code = max(ends, key=lambda one: at_of(one[0]))
    where = "its own closing code" if other is record else f"{other.source} {other.ref}, which cites it"
    return f"coded {quoted(code.word)} {minute(at_of(other)) or 'undated'} by {where}"


def quoted(text: str) -> str:
    """Quote words of a source so that none of them can be taken for ours: no quote within ends the quotation."""
    return f"'{text.translate(_WITHIN)}'"


def _plain(name: str) -> str:
    """Return a name, quoted where it holds what no name does: a full sentence, quotes or a colon."""
    return name if _NAME.fullmatch(name) else quoted(name)


def _arrested(ended: list[Record], since: list[Record]) -> str:
    """Say what arrests since mean for a warrant."""
    if not since:
        return ". No arrest recorded since"
    latest = max(ended or since, key=at_of)
    words = f"Arrested since, {minute(at_of(latest))} ({latest.source} {latest.ref})"
    if ended:
        on_it = named("arrested_on", note_of(latest, "offence"))
        return f". {words}, for this{'' if on_it else ': it names that record'}"
    return f". {words}, not said whether for this: check before relying on it"
