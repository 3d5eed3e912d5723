"""What is dangerous or in force, as statements of a briefing: what is said is put together anew, never quoted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from discoverer.briefing import aloud
from discoverer.briefing.parts import Point, Slot
from discoverer.briefing.people import SUSPECT, VICTIM, People, Somebody
from discoverer.briefing.rules import rules
from discoverer.briefing.telling import Teller, replaced
from discoverer.lists import lists
from discoverer.model import SUSPECTS, VICTIMS
from discoverer.parts import Standing, Statement, Topic, Whose
from discoverer.wording import day

_LIVE = (Standing.IN_FORCE, Standing.OLD, Standing.NOT_BEGUN)
_CUSTODY = {
    "in_custody": "in custody now, since",
    "remanded": "remanded in custody",
    "released": "released from custody",
    "release_unknown": "release from custody not recorded, arrested",
}
_KINDS = {
    Topic.ORDER: "order", Topic.WANTED: "wanted", Topic.CUSTODY: "custody", Topic.WEAPON: "weapons",
    Topic.CHILD: "child", Topic.ACTION: "action", Topic.MARKER: "marker",
}  # fmt: skip
CODEWORD = "codeword"
_CODED = "coded "
_LESSER = ("released", "release_unknown")
_LONGEST_NAME = 5  # words


def standing(teller: Teller, in_force: Iterable[Statement], people: People) -> Iterator[Point]:
    """Yield what stands for the hit itself, then what stands for its suspects and victims by their own records.

    Args:
        teller: makes the statements.
        in_force: of the hit.
        people: whose own statements are told besides, each once.
    """
    told: set[tuple[str, ...]] = set()
    suspects = {each.hit.id for each in people.suspects}
    own = next((each for each in people.everyone if each.is_hit), None)
    mine = own is not None and own.hit.id in suspects
    for each in in_force:
        if _is_news(each, told):
            who = teller.called.by_id(own.hit) if own is not None and each.whose is Whose.OWN else ""
            yield _told(teller, each, who, suspect=own is None or _is_of_suspect(teller, each, mine=mine))
    for somebody in people.everyone:
        for each in _theirs(somebody):
            if _is_news(each, told):
                suspect = somebody.hit.id in suspects
                yield _told(teller, each, teller.called.by_id(somebody.hit), suspect=suspect)
    yield from _children(teller, in_force, people)


def _is_of_suspect(teller: Teller, each: Statement, *, mine: bool) -> bool:
    """Tell whether a statement on a person's card is of a suspect.

    Args:
        teller: knows what the record calls whom it is about.
        each: the statement.
        mine: whether the hit is a suspect: then the other party, of whom a record says neither, is the victim.
    """
    if each.whose is Whose.OWN:
        return mine
    if each.whose is not Whose.OTHER_PARTY:
        return True
    roles = teller.cited.roles((each.source, each.ref), each.about)
    if bool(roles & SUSPECTS) is not bool(roles & VICTIMS):
        return bool(roles & SUSPECTS)
    called = teller.called.by_name(each.about)
    if called in (SUSPECT, VICTIM):
        return called == SUSPECT
    return not mine or VICTIM in map(teller.called.by_name, each.protects)


def _theirs(somebody: Somebody) -> Iterator[Statement]:
    """Yield what stands for somebody beside the hit: their own, and of the hit itself nothing more."""
    if not somebody.is_hit:
        yield from (each for each in somebody.hit.in_force if each.whose is Whose.OWN)


def _is_news(each: Statement, told: set[tuple[str, ...]]) -> bool:
    """Tell whether a statement holds, or may, and was not told before; children are told together."""
    key = (each.source, each.ref, each.topic.value, each.kind, each.start)
    if each.standing not in _LIVE or each.whose is Whose.PREVIOUS or each.topic is Topic.CHILD or key in told:
        return False
    told.add(key)
    return True


def _told(teller: Teller, each: Statement, who: str, *, suspect: bool) -> Point:
    """Put one statement into a briefing; `who` it is of, where it is of somebody told of."""
    if each.topic is Topic.CONTACT:
        return _contact(teller, each)
    slot = Slot.HAZARDS if each.topic in (Topic.WEAPON, Topic.ACTION) else Slot.SUSPECT if suspect else Slot.VICTIM
    kind = _KINDS[each.topic]
    if each.topic is Topic.MARKER and each.whose in (Whose.PLACE, Whose.LINKED, Whose.UNKNOWN):
        slot, kind = Slot.HAZARDS, "hazard"
    if each.kind in _LESSER or each.kind.startswith(_CODED):
        kind = "coded" if each.topic is Topic.WEAPON else each.kind
    about = who or teller.called.by_name(each.about, (each.source, each.ref))
    return teller.point(
        slot, kind, written(teller, each), _said(teller, each, about, slot), key=(each.source, each.ref),
        at=each.start, about=each.about, nature=each.nature, doubt=_doubt(each),
    )  # fmt: skip


def written(teller: Teller, each: Statement) -> str:
    """Return a statement as it is written: as on the card, without free words that must not be used."""
    if each.topic is Topic.ACTION and each.kind in lists()["actions"]:
        action = lists()["actions"][each.kind]["action"]
        return f"{action[:1].upper()}{action[1:]} ({each.source} {each.ref})"
    if not teller.cited.guarded((each.source, each.ref), each.words):
        return each.words
    words = f"{each.kind.replace('_', ' ').upper()} {each.about}".strip()
    words += f" from {day(each.start)}" if each.start else ""
    words += f" to {day(each.end)}" if each.end else ""
    return f"{words}; its words are not repeated here ({each.source} {each.ref})"


def _said(teller: Teller, each: Statement, about: str, slot: Slot) -> str:
    """Say a statement, of its values alone; under whom it is said need not be said again."""
    if each.topic is Topic.WEAPON:
        return _weapons(teller, each, about)
    if each.topic is Topic.ACTION:
        return str(rules()["actions"].get(each.kind, each.kind))
    who = "" if about == slot.value else about
    if each.topic is Topic.WANTED:
        how = "wanted on warrant" if each.kind == "warrant" or "ON WARRANT" in each.words else "wanted"
        return _parts(who, how, _since(aloud.said_day(each.start, teller.now)))
    if each.topic is Topic.CUSTODY:
        at = aloud.said_day(each.end if each.kind == "released" else each.start, teller.now)
        return _parts(who, _CUSTODY.get(each.kind, each.kind), at)
    if each.topic is Topic.ORDER:
        return _order(teller, each, who)
    return _parts(who, "marked", each.kind, _year(teller, each.start))


def _parts(*parts: str) -> str:
    """Join what there is to say."""
    return " ".join(part for part in parts if part)


def _since(at: str) -> str:
    """Say since when."""
    return f"since {at}" if at else ""


def _year(teller: Teller, at: str) -> str:
    """Say when a marker was set: of an old one the year alone."""
    said, bare = aloud.said_day(at, teller.now), aloud.said_day(at[:4], teller.now)
    return bare if said.endswith(bare) else said


def _weapons(teller: Teller, each: Statement, about: str) -> str:
    """Say weapons: what a victim told of, what a log was coded with, or a marker."""
    at = aloud.said_day(each.start, teller.now)
    if each.kind == "answered":
        record = teller.cited.records.get((each.source, each.ref))
        answers = {pair for one in record.assessments for pair in one.answers} if record is not None else set()
        themes = [word for number, word in lists()["themes_weapon"].items() if (int(number), "yes") in answers]
        about = aloud.name(each.about) if about == VICTIM else about  # who is accused there is not 'victim' there
        against = f" against {about}" if about and "not named" not in each.about else ""
        return f"{', '.join(themes) or 'weapons'} alleged{against}, {at or 'undated'}"
    if each.kind.startswith(_CODED):
        return f"{each.kind.removeprefix(_CODED)} coded {at or 'undated'}"
    return _parts(about, "marked", each.kind, _year(teller, each.start))


def _order(teller: Teller, each: Statement, who: str) -> str:
    """Say an order: what, on whom, until when, whom it protects; no place, and none of its words."""
    called = str(rules()["orders"].get(each.kind, each.kind.replace("_", " ")))
    end = aloud.said_day(each.end, teller.now)
    words = _parts(who, called.lower() if who else called) + (f" until {end}" if end else ", no end recorded")
    protects = [teller.called.by_name(one) for one in each.protects if _is_name(one)]
    return f"{words}, protects {' and '.join(dict.fromkeys(protects))}" if protects else words


def _is_name(text: str) -> bool:
    """Tell whether what an order protects is a name, and no place or number that must not be said."""
    return len(text.split()) < _LONGEST_NAME and not any(map(str.isdigit, text))


def _doubt(each: Statement) -> str:
    """Say that it is not known whose something is, or that it may hold no longer, or not yet."""
    coded = each.topic is Topic.WEAPON and each.kind.startswith(_CODED)
    not_begun = each.topic is Topic.ORDER and each.standing is Standing.NOT_BEGUN
    old = str(rules()["spoken"]["old"]) if each.standing is Standing.OLD else ""
    return ", ".join(filter(None, ("not said whose" if coded else "", "not begun" if not_begun else "", old)))


def _contact(teller: Teller, each: Statement) -> Point:
    """Tell that a codeword or a way to ring was agreed; the codeword itself stands in no briefing."""
    key = (each.source, each.ref)
    if each.kind == CODEWORD:
        made = teller.point(Slot.VICTIM, CODEWORD, "", key=key, at=each.start, about=each.about, nature=each.nature)
        return made if made.why_not else replaced(made, CODEWORD)
    words = each.words if not teller.cited.guarded(key, each.words) else f"SAFE CONTACT agreed ({key[0]} {key[1]})"
    return teller.point(
        Slot.VICTIM, "safe contact", words, key=key, at=each.start, about=each.about, nature=each.nature,
        rule="safe contact",
    )  # fmt: skip


def _children(teller: Teller, in_force: Iterable[Statement], people: People) -> Iterator[Point]:
    """Yield the children, each as written; said once, as how many at most, since two records may name one child."""
    found: dict[str, Statement] = {}
    theirs = [each for one in people.everyone for each in one.hit.in_force]
    for each in (*in_force, *theirs):
        if each.topic is Topic.CHILD and each.standing in _LIVE and each.whose is not Whose.PREVIOUS:
            found.setdefault(each.words, each)
    count = len(found)
    said = "child recorded" if count == 1 else f"up to {aloud.number(count)} children recorded"
    for order, each in enumerate(found.values()):
        yield teller.point(
            Slot.VICTIM, "child", written(teller, each), said if order == 0 else "",
            key=(each.source, each.ref), at=each.start, about=each.about, role="child", nature=each.nature,
        )  # fmt: skip
