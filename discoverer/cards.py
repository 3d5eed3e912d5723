"""A hit as the lines of a card, in the order a call handler needs them (domain guide 5.1); no terminal in it.

Who and how sure; risk; orders, bail, wanted, custody; weapons; children; repeat badges and the last event;
vulnerability, codeword, what is asked of whoever answers; markers; then records, where else, who else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from discoverer.answer import Hit, HitKind, HitRecord, Risk
from discoverer.model import Record
from discoverer.parts import Entry, Event, Linked, Standing, Statement, Tenure, Topic, Whose
from discoverer.wording import day, minute, name_of, number_of, role_words, span_words

LOUD, LIVE, PLAIN, DIM = "loud", "live", "plain", "dim"
"""How a line is set: to be seen first; in force; as it is; in the background."""
_LABELS = {
    Topic.ORDER: "NOW",
    Topic.WANTED: "WANTED",
    Topic.CUSTODY: "CUSTODY",
    Topic.WEAPON: "WEAPONS",
    Topic.CHILD: "CHILDREN",
    Topic.CONTACT: "CONTACT",
    Topic.ACTION: "ACTION",
    Topic.MARKER: "MARKER",
}
_PERSONAL = ("vulnerable_victim", "code_enhanced")


class Line(NamedTuple):
    """One line of a card.

    Attributes:
        label: str, one word in capitals; '' goes on with the line before.
        text: str.
        style: one of LOUD, LIVE, PLAIN, DIM.
    """

    label: str
    text: str
    style: str = PLAIN


class Size(NamedTuple):
    """How many lines of each section a card has.

    Attributes:
        statements: int, of each topic.   records, people, places: int, of each list.
    """

    statements: int
    records: int
    people: int
    places: int


COMPACT = Size(statements=3, records=6, people=4, places=3)
BRIEF = Size(statements=2, records=3, people=2, places=1)
WHOLE = Size(statements=1_000_000, records=1_000_000, people=1_000_000, places=1_000_000)


def card(hit: Hit, size: Size = COMPACT) -> Iterator[Line]:
    """Return the lines of a hit in a list of hits: the most important of each section, and how many more there are."""
    yield from head(hit, size)
    yield Line("WHY", "; ".join(hit.why), DIM)
    for record in hit.records[: size.records]:
        yield Line("RECORDS" if record is hit.records[0] else "", record_line(record))
    if hit.records_total > size.records:
        yield Line("", f"{number_of(hit.records_total, 'record')} in all", DIM)
    yield from around(hit, size)
    # However little there is: the id is what `show` and `decide` take.
    yield Line("MORE", f'show {hit.kind.value} "{hit.id}"', DIM)


def page(hit: Hit) -> Iterator[Line]:
    """Return the lines of a hit shown by itself: everything that was read of it."""
    yield Line("ID", hit.id, DIM)
    if hit.roles:
        yield Line("ROLES", ", ".join(hit.roles))
    yield from head(hit, WHOLE)
    yield from around(hit, WHOLE)
    yield from ended(hit)
    if hit.lapsed_total > len(hit.lapsed):
        yield Line("", f"and {hit.lapsed_total - len(hit.lapsed):,} more ended; --all shows them", DIM)
    for event in hit.history:
        yield from event_lines(event)
    yield from _unread(hit)


def ended(hit: Hit) -> Iterator[Line]:
    """Yield the orders and markers that have ended."""
    for each in hit.lapsed:
        yield Line("ENDED" if each is hit.lapsed[0] else "", each.words, DIM)


def _unread(hit: Hit) -> Iterator[Line]:
    """Yield how much of a hit is not on its page."""
    if hit.records_read < hit.records_total or hit.history_total > len(hit.history):
        shown = f"{len(hit.history):,} of {number_of(hit.history_total, 'event')} shown"
        read = (
            f", told by {hit.records_read:,} of {number_of(hit.records_total, 'record')}: the latest and the weightiest"
        )
        yield Line("", f"{shown}{read if hit.records_read < hit.records_total else ''}; --all shows the rest", DIM)


def head(hit: Hit, size: Size) -> Iterator[Line]:
    """Yield what people say of who this is, risk, what is in force, badges and the last event, contact, markers."""
    yield from (Line("CONTACT", words, LOUD) for words in hit.stubs)
    for said in hit.decisions:
        yield Line("WHO", said.words, LOUD)
        if said.danger:
            yield Line("", f"THE OTHER: {'; '.join(said.danger)}", LOUD)
    yield from _held(hit, size)
    yield from _may_be(hit, size)
    yield from _risk(hit.risk, size)
    own = [each for each in hit.in_force if each.whose is not Whose.PREVIOUS]
    topics: dict[Topic, list[Statement]] = {topic: [] for topic in _LABELS}
    for each in own:
        topics[each.topic].append(each)
    dates = {(each.source, each.ref): each.at for each in hit.records}
    for topic in (Topic.ORDER, Topic.WANTED, Topic.CUSTODY, Topic.WEAPON, Topic.CHILD):
        yield from _statements(topic, topics[topic], size, dates)
        if topic is Topic.WANTED and size is not WHOLE:  # a page tells all that has ended
            yield from _ended(hit, size)
    yield from _badges(hit, size, lambda kind: kind not in _PERSONAL, "REPEAT")
    yield from _last_event(hit)
    yield from _badges(hit, size, lambda kind: kind in _PERSONAL, "VICTIM")
    for topic in (Topic.CONTACT, Topic.ACTION, Topic.MARKER):
        yield from _statements(topic, topics[topic], size, dates)
    before = [each for each in hit.in_force if each.whose is Whose.PREVIOUS]
    whose = "earlier holder" if hit.kind is HitKind.PHONE else "previous occupant"
    for each in before[: size.statements]:
        yield Line("BEFORE" if each is before[0] else "", f"{whose}: {each.words}", DIM)
    if len(before) > size.statements:
        yield Line("", f"and {len(before) - size.statements:,} more", DIM)


def _held(hit: Hit, size: Size) -> Iterator[Line]:
    """Yield whose telephone it is, before any risk: whoever rings may be the suspect, and the risk his victim's."""
    if hit.kind is not HitKind.PHONE:
        return
    # Whoever held it before is told apart, below.
    holders = [each for each in hit.holders if each.tenure is not Tenure.PREVIOUS]
    if not holders:
        yield Line("HELD BY", "nobody recorded now")
    for order, each in enumerate(holders[: size.statements]):
        roles = ", ".join(role_words(role) for role in each.roles) or "role not recorded"
        last = f"recorded {day(each.last)}" if each.last else "undated"
        yield Line("HELD BY" if order == 0 else "", f"{each.label}, {roles}; {last}", LIVE)
    if len(holders) > size.statements:
        yield Line("", f"and {len(holders) - size.statements:,} more", DIM)


def _may_be(hit: Hit, size: Size) -> Iterator[Line]:
    """Yield who a person may also be, with the danger of each; loud where that is a high risk."""
    for each in hit.may_be[: size.statements]:
        yield Line("MAY BE", f"may also be {each.words} [{each.id}]", LOUD if each.risk == "high" else PLAIN)
    left = hit.may_be_total - min(size.statements, len(hit.may_be))
    if left > 0:
        yield Line("", f"and {left:,} more", DIM)


def _risk(risk: Risk, size: Size) -> Iterator[Line]:
    """Yield the risk headline, loud where it tells of high or not assessed, grades that were lowered, referrals."""
    yield Line("", f"RISK {risk.headline}", LOUD if risk.loud else PLAIN)
    for assessed in dict.fromkeys(each for each in (risk.highest, risk.latest) if each is not None):
        if assessed.themes:
            ticks = f", {assessed.ticks} ticks" if assessed.ticks is not None else ""
            yield Line("", f"{assessed.instrument}{ticks}; yes to {', '.join(assessed.themes)}")
        if len(assessed.grades) > 1:
            yield Line("", f"graded: {' -> '.join(assessed.grades)}", LOUD if assessed.downgraded else PLAIN)
    for known in risk.around[: size.statements]:
        if known.words not in risk.headline:
            yield Line("", known.words, LOUD if known.assessed.level == "high" else PLAIN)
    for referral in risk.referrals[: size.statements]:
        yield Line("", referral.words)


def _statements(
    topic: Topic, found: Sequence[Statement], size: Size, dates: Mapping[tuple[str, str], str]
) -> Iterator[Line]:
    """Yield the statements of one topic, and how many more there are; an order without an end is never left out."""
    shown = [each for place, each in enumerate(found) if place < size.statements or _endless(each)]
    for order, each in enumerate(shown):
        style = LIVE if each.standing is Standing.IN_FORCE else DIM
        beside = _of_the_other(each, dates) if each.whose is Whose.OTHER_PARTY and topic is not Topic.CHILD else ""
        yield Line(_LABELS[topic] if order == 0 else "", f"{beside}{each.words}", style)
    if len(found) > len(shown):
        yield Line("", f"and {len(found) - len(shown):,} more", DIM)


def _of_the_other(each: Statement, dates: Mapping[tuple[str, str], str]) -> str:
    """Say of which other party a statement is: met in what record, and when."""
    at = day(dates.get((each.source, each.ref), ""))
    return f"on the other party ({each.party or ' '.join(part for part in (each.source, each.ref, at) if part)}): "


def _ended(hit: Hit, size: Size) -> Iterator[Line]:
    """Yield the warrants that ended lately."""
    for order, each in enumerate(hit.ended_lately[: size.statements]):
        yield Line("ENDED" if order == 0 else "", f"ENDED: {each.words}", DIM)
    if len(hit.ended_lately) > size.statements:
        yield Line("", f"and {len(hit.ended_lately) - size.statements:,} more ended lately", DIM)


def _endless(each: Statement) -> bool:
    """Tell whether a statement is a court's order that runs until somebody lifts it."""
    return each.topic is Topic.ORDER and each.kind != "bail" and not each.end and each.standing is Standing.IN_FORCE


def _badges(hit: Hit, size: Size, wanted: Callable[[str], bool], label: str) -> Iterator[Line]:
    """Yield badges with the policy that gives them."""
    found = [each for each in hit.badges if wanted(each.kind)]
    for order, each in enumerate(found[: size.statements]):
        cited = f" ({each.policy}@{each.version}, {each.clause})"
        yield Line(label if order == 0 else "", each.words + cited, LIVE if each.level == "certain" else PLAIN)


def _last_event(hit: Hit) -> Iterator[Line]:
    """Yield the most recent event."""
    if hit.history and hit.kind is not HitKind.EVENT:
        event = hit.history[0]
        domestic = "; counts as domestic abuse" if event.domestic else ""
        yield Line("LAST", f"{_entry(event.entries[0])}{domestic}")
        if hit.last_linked:
            yield Line("", hit.last_linked)


def record_line(record: HitRecord) -> str:
    """Write one record on one line: when, the part played, what it was, its risk, where it stands."""
    role = "named in its text, unverified" if record.found == "text" else role_words(record.role)
    risk = (record.risk or "").replace("_", " ").upper()
    parts = (minute(record.at) or "undated", role, record.summary, risk)
    return f"{', '.join(part for part in parts if part)} ({record.source} {record.ref})"


def around(hit: Hit, size: Size) -> Iterator[Line]:
    """Yield who holds it, who else, and where else to try."""
    label = "HOLDERS" if hit.kind is HitKind.PHONE else "LIVED"
    yield from _listed(label, [each.words for each in hit.holders], size.people, hit.holders_total)
    if hit.holders_note:
        yield Line("", hit.holders_note)
    yield from _others(hit, size)
    yield from _listed("PLACES", [each.words for each in hit.addresses], size.places, hit.addresses_total)
    yield from _listed("NUMBERS", [each.words for each in hit.numbers], size.places, hit.numbers_total)
    if hit.people_read < hit.records_total and any((hit.holders, hit.linked, hit.addresses, hit.numbers)):
        read = f"{hit.people_read:,} of {number_of(hit.records_total, 'record')}"
        yield Line("", f"people, places and numbers are those of {read}", DIM)


def _others(hit: Hit, size: Size) -> Iterator[Line]:
    """Yield who else stands in its records, and under each victim or suspect what is dangerous about them."""
    for order, each in enumerate(hit.linked[: size.people]):
        yield Line("LINKED" if order == 0 else "", _linked(each))
        if each.danger:
            yield Line("", f"{each.label}: {'; '.join(each.danger)}", LIVE)
    yield from _listed("", [], 0, hit.linked_total - min(size.people, len(hit.linked)))


def _linked(each: Linked) -> str:
    """Write somebody linked on one line: who, how, how grave, when, and the id that shows them."""
    parts = (
        each.label,
        " and ".join(each.relations),
        each.relationship,
        each.risk and f"{each.risk.upper()} as victim",
    )
    return f"{'; '.join(part for part in parts if part)}; {span_words(each.first, each.last)} [{each.id}]"


def _listed(label: str, words: Sequence[str], most: int, total: int = 0) -> Iterator[Line]:
    """Yield a list cut to its size, and how many more there are."""
    for order, text in enumerate(words[:most]):
        yield Line(label if order == 0 else "", text)
    left = max(total, len(words)) - min(most, len(words))
    if left > 0:
        yield Line("", f"and {left:,} more", DIM)


def event_lines(event: Event) -> Iterator[Line]:
    """Yield one event: its records, why they are one, why it counts as domestic abuse, and what its flag says."""
    kind = "domestic abuse" if event.domestic else "may be domestic abuse"
    if event.cancelled:
        kind = f"not counted as domestic abuse, closed with {event.cancelled}; it had"
    for order, entry in enumerate(event.entries):
        yield Line((day(event.at) or "undated") if order == 0 else "", _entry(entry))
    for words in event.joined_by:
        yield Line("", f"one event: {words}", DIM)
    if event.reasons:
        shown = "; ".join(
            f"{each.words} [{each.rule}{', to be checked' if each.suggested else ''}]" for each in event.reasons[:4]
        )
        yield Line("", f"{kind}: {shown}", DIM)
    if event.flag or event.disagreement:
        yield Line("", "; ".join(part for part in (event.flag, event.disagreement) if part), DIM)


def _entry(entry: Entry) -> str:
    """Write one entry, the conditions on its handling before its content."""
    return f"{entry.conditions}. {entry.words}" if entry.conditions else entry.words


def record_lines(record: Record) -> Iterator[Line]:
    """Return the lines of a record shown whole: people, places, numbers, codes, notes, references, running texts."""
    yield Line("RECORD", f"{record.source} {record.ref}, {record.kind.value.replace('_', ' ')}")
    yield Line("", f"{minute(record.at.value) if record.at else 'undated'}; {record.summary or 'no summary'}")
    names = {person.position: name_of(person) for person in record.persons}
    for person in record.persons:
        parts = (" / ".join(person.names) or "name not recorded", *person.dobs, person.age, person.sex, person.note)
        ids = (f"{each.scheme.upper()} {each.raw}" for each in person.identifiers)
        yield Line(role_words(person.role.value).upper(), ", ".join(part for part in (*parts, *ids) if part))
    for place in record.locations:
        yield Line("PLACE", _held_by(f"{place.text} {place.postcode}", place.role.value, place.holder, names))
    for phone in record.phones:
        yield Line("NUMBER", _held_by(phone.text, phone.role.value, phone.holder, names))
    for code in record.codes:
        if code.code:
            word = f", {code.word}" if code.word and code.word != code.code else ""
            yield Line("CODE", f"{code.codeset.replace('_', ' ')}: {code.code}{word}")
    yield from (Line("NOTE", f"{label}: {text}") for label, text in record.notes if text)
    yield from (Line("KNOWN AS" if each.own else "CITES", f"{each.scheme} {each.raw}") for each in record.references)
    yield from _texts(record)
    yield Line("ROWS", record.row or "not recorded", DIM)


def _held_by(text: str, role: str, holder: int | None, names: dict[int, str]) -> str:
    """Write a place or number with its part and its holder."""
    whose = f", of {names[holder]}" if holder is not None and names.get(holder) else ""
    return f"{text.strip()} ({role_words(role)}{whose})"


def _texts(record: Record) -> Iterable[Line]:
    """Yield running texts in order, with time and who wrote them."""
    for text in record.texts:
        head = ", ".join(part for part in (minute(text.at.value) if text.at else "", text.by) if part)
        yield Line("TEXT", f"{head}: {text.text}" if head else text.text)
