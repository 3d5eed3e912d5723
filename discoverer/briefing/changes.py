"""What changed in a history since it was last told: whoever was briefed has to hear it (domain guide 4.1, s.38)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from discoverer.briefing.making import Made
from discoverer.briefing.opened import Opened
from discoverer.briefing.parts import Given, Rested, Slot
from discoverer.briefing.rested import live, standing_key
from discoverer.briefing.telling import rule_of
from discoverer.model import RiskLevel
from discoverer.parts import Standing, Topic, Whose
from discoverer.wording import day

Key = tuple[str, str]
_MOST = 6  # sentences of one line; all of them are in `changes`
_CALLED = {
    Topic.ORDER.value: "order", Topic.WANTED.value: "wanted", Topic.CUSTODY.value: "custody",
    Topic.WEAPON.value: "weapons or violence", Topic.ACTION.value: "action asked for", Topic.MARKER.value: "marker",
}  # fmt: skip


def changes(
    rested: Sequence[Rested], cut: bool, opened: Opened, made: Made, labels: Collection[str]
) -> tuple[str, ...]:
    """Return what changed, a sentence each, the gravest first.

    Args:
        rested: what a briefing that was given or shown rests on; of a forgotten record only that there was one.
        cut: older records were not read for it, as of `Briefing`.
        opened: the hit now.
        made: its briefing now.
        labels: Visibility values of whoever asks.
    """
    now = {(each.source, each.ref): each for each in made.briefing.rested_on}
    forgotten = any(not each.ref for each in rested)
    before = {(each.source, each.ref): each for each in rested if each.ref and each.label in labels}
    found = [
        *_graded(before, now),
        *_stands(before, opened, made),
        *_new(cut or forgotten, before, now, opened, made),
        *_gone(forgotten, before, now, opened),
        *_rewritten(before, now),
    ]
    return tuple(dict.fromkeys(found))


def since_words(given: Given, found: Sequence[str]) -> str:
    """Say in one line what changed since a briefing."""
    if not found:
        return f"Nothing changed since it was {given.words}."
    more = f" And {len(found) - _MOST} more." if len(found) > _MOST else ""
    return f"CHANGED since it was {given.words}: {' '.join(found[:_MOST])}{more}"


def _graded(before: dict[Key, Rested], now: dict[Key, Rested]) -> Iterator[str]:
    """Yield the grades that were raised or lowered in a record."""
    for key in before.keys() & now.keys():
        then, this = before[key].level, now[key].level
        if then != this and then in [*RiskLevel] and this in [*RiskLevel]:
            how = "RAISED" if RiskLevel(this).rank > RiskLevel(then).rank else "LOWERED"
            yield f"Risk {how} from {_shout(then)} to {_shout(this)} ({_cited(key)})."
        elif then != this and this:
            yield f"Risk now recorded as {_shout(this)} ({_cited(key)})."


def _stands(before: dict[Key, Rested], opened: Opened, made: Made) -> Iterator[str]:
    """Yield what began to be in force and what ended."""
    hits = (opened.shown.hit, *(one.hit for one in made.people.everyone))
    stood = {(key, what) for key, each in before.items() for what in each.standing}
    stands = live(made.cited, opened.shown.hit, made.people)
    told = {(each.source, each.ref, each.words) for each in made.briefing.points if not each.why_not}
    for key, what in sorted(stands.keys() - stood):
        said = " ".join(stands[key, what].words.split())
        line = said if (*key, said) in told else f"{_what(what)} ({_cited(key)})"
        yield f"Now in force: {line.rstrip('.')}."
    ended = {
        ((each.source, each.ref), standing_key(made.cited, each)): each
        for hit in hits
        for each in (*hit.lapsed, *hit.ended_lately, *hit.in_force)
        if each.standing is Standing.ENDED or each.whose is Whose.PREVIOUS
    }
    for key, what in sorted(stood - stands.keys()):
        end = ended[key, what].end if (key, what) in ended else ""
        yield f"No longer in force{f', ended {day(end)}' if end else ''}: {_what(what)} ({_cited(key)})."


def _what(what: str) -> str:
    """Say what stood, by the key it is kept under."""
    topic, kind, start = what.split("|", 2)
    said = "" if rule_of(kind) else kind.replace("_", " ")
    called = _CALLED.get(topic, topic)
    return f"{called}{f': {said}' if said else ''}{f', from {day(start)}' if start else ''}"


def _new(cut: bool, before: dict[Key, Rested], now: dict[Key, Rested], opened: Opened, made: Made) -> Iterator[str]:
    """Yield the records that are new.

    Where older ones were not read then, one that is older than what was is passed over, unless it is grave.
    """
    oldest = min((each.at for each in before.values() if each.at), default="")
    told = _summaries(opened, made)
    for key, each in now.items():
        grave = bool(each.level or each.standing or not each.at)
        if key in before or (cut and each.at < oldest and not grave):
            continue
        summary = told.get(key, "")
        yield f"New record: {_cited(key)}, {day(each.at) or 'undated'}{f', {summary}' if summary else ''}."


def _summaries(opened: Opened, made: Made) -> dict[Key, str]:
    """Return what records are about, of those whose summary the briefing itself tells and withholds from no form."""
    points = made.briefing.points
    kept_back = {(each.source, each.ref) for each in points if each.why_not}
    said: dict[Key, str] = {}
    for each in points:
        if each.slot is Slot.HISTORY and not each.why_not:
            said[each.source, each.ref] = f"{said.get((each.source, each.ref), '')} {each.words}"
    found: dict[Key, str] = {}
    for hit in (opened.shown.hit, *(one.hit for one in made.people.everyone)):
        for record in hit.records:
            key, summary = (record.source, record.ref), " ".join(record.summary.split())
            if key not in kept_back and summary in said.get(key, ""):
                found[key] = summary
    return found


def _gone(forgotten: bool, before: dict[Key, Rested], now: dict[Key, Rested], opened: Opened) -> Iterator[str]:
    """Yield the records that were told of and are not held any more."""
    for key in before.keys() - now.keys():
        if opened.reader.place_of(*key) is None:
            yield f"A record it rested on is no longer held ({_cited(key)})."
        else:
            yield f"A record it rested on is no longer of this history ({_cited(key)})."
    if forgotten:
        yield "A record it rested on was deleted by its source."


def _rewritten(before: dict[Key, Rested], now: dict[Key, Rested]) -> Iterator[str]:
    """Yield the records that say something else now, where no other sentence says what."""
    for key in before.keys() & now.keys():
        then, this = before[key], now[key]
        if (
            then.said != this.said
            and then.label == this.label
            and (then.level, then.standing) == (this.level, this.standing)
        ):
            yield f"A record it rested on was changed: {_cited(key)}, {day(this.at) or 'undated'}."


def _cited(key: Key) -> str:
    """Cite a record."""
    return " ".join(key)


def _shout(level: str) -> str:
    """Write a level in capitals."""
    return level.replace("_", " ").upper()
