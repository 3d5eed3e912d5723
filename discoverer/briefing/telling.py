"""Makes the statements of a briefing: every one passes here, where it is decided which form may hold it and why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from discoverer.briefing.aloud import aloud, count_words, shortened
from discoverer.briefing.called import Called
from discoverer.briefing.cited import Cited, Key
from discoverer.briefing.parts import Form, Point, Slot
from discoverer.briefing.rules import instead, limit, names_any, reason, rules, withheld_from

# Rules that go by the words of a statement.
_BY_WORDS = ("former", "refuge", "sexual", "medical")
_DETAIL = "said without detail: "


class Teller:
    """Makes statements that rest on some records."""

    def __init__(self, cited: Cited, called: Called, now: datetime) -> None:
        """Take the records, what people are called, and the instant that counts as now."""
        self.cited, self.called, self.now = cited, called, now

    def point(
        self, slot: Slot, kind: str, words: str, said: str = "", *, key: Key = ("", ""), at: str = "", about: str = "",
        role: str = "", nature: str = "", nature_words: str = "", rule: str = "", doubt: str = "",
    ) -> Point:  # fmt: skip
        """Make one statement.

        Args:
            slot: where it stands.
            kind: what it is of.
            words: as it is written; free words of a record only where `Cited.guarded` lets them be used.
            said: what is to be said; '' for nothing.
            key: the record it rests on.
            at: ISO; '' undated.
            about: whom it is of, as written.
            role: the part they play there; '' to look it up.
            nature: Nature value; '' for what rests on no record.
            nature_words: what kind of statement it is, where that is not the record's to say.
            rule: by which it is withheld, whatever its words.
            doubt: what is said after it, and is not cut with it: that it may hold no longer.
        """
        doubt = aloud(doubt)
        made = Point(
            slot=slot,
            kind=kind,
            words=" ".join(words.split()),
            said=shortened(aloud(said), limit("longest") - count_words(doubt)),
            source=key[0],
            ref=key[1],
            at=at,
            about=about,
            role=role or self.cited.role(key, about),
            nature=nature,
            nature_words=nature_words or (self.cited.nature_words(key, nature) if nature else ""),
        )
        rule = self.cited.held_back(key) or rule
        made = _by_words(_withheld(made, rule) if rule else made)
        return replace(made, said=f"{made.said}, {doubt}") if made.said and doubt else made


def _withheld(made: Point, rule: str) -> Point:
    """Withhold a statement by a rule, whatever it says; what the rule says in its place is said."""
    forms = withheld_from(rule)
    return replace(made, said="" if Form.RADIO in forms else made.said, withheld_from=forms, why_not=reason(rule))


def _by_words(made: Point) -> Point:
    """Withhold a statement, or the way it is said, by the words in it."""
    forms, why = dict.fromkeys(made.withheld_from), made.why_not
    for rule in _BY_WORDS:
        if names_any(rule, f"{made.words} {made.about} {made.role}"):
            forms.update(dict.fromkeys(form for form in withheld_from(rule) if form is not Form.RADIO))
            why = why or reason(rule)
        if made.said and names_any(rule, made.said):
            made = replace(made, said=rules()["unsaid"].get(made.kind, ""))
            why = why or reason(rule)
            forms.update({} if made.said else {Form.RADIO: None})
    if why != made.why_not and made.said:
        why = f"{_DETAIL}{why}"
    return replace(made, withheld_from=tuple(form for form in Form if form in forms), why_not=why)


def replaced(made: Point, rule: str) -> Point:
    """Say in place of a statement's own words what a rule says instead; nothing else of it is told."""
    return replace(made, words=instead(rule), said=instead(rule), why_not=reason(rule))


def rule_of(text: str) -> str:
    """Return the first rule by which a text is withheld for its words; '' when none."""
    return next((rule for rule in _BY_WORDS if names_any(rule, text)), "")


def each_once(points: Iterable[Point]) -> tuple[Point, ...]:
    """Return points in the order given, what says the same of the same record once."""
    return tuple({(each.slot, each.kind, each.words): each for each in points}.values())
