"""Domestic abuse recognised beyond its flag: every sign names the rule, the words and the record it rests on.

A sign never changes what a source said. What the source's own flag says beside the signs is worded by
`flag_disagrees` (the report: the custody flag is not consistently applied).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from discoverer.model import Code, Record, RecordKind
from discoverer.normalise.text import fold
from discoverer.policy.domestic_rules import FLAG, DomesticRules, Rule

_WORD = re.compile(r"\w+")  # what `\b` in the patterns of phrases takes for a word


@dataclass(frozen=True, slots=True)
class Sign:
    """One reason to take an event for domestic abuse.

    Attributes:
        rule: str, the id of the rule that fired, e.g. 'closing_code'.
        words: str, what it rests on, for a person to read: "closing code 220 'domestic incident'".
        source, ref: str, the record that says so.
        suggested: bool, a person should check it; False: the record says it outright.
    """

    rule: str
    words: str
    source: str
    ref: str
    suggested: bool


def signs(record: Record, rules: DomesticRules) -> tuple[Sign, ...]:
    """Return every sign that a record is about domestic abuse, in the order of the rules; () when there is none.

    Args:
        record: as far as the viewer may see it: what is out of scope gives no sign.
        rules: the version a policy names.
    """
    closed = any(code.codeset == "closing" for code in record.codes)
    empty = _empty(record)
    return tuple(
        Sign(rule.id, words, record.source, record.ref, rule.suggested or (rule.only_while_open and closed))
        for rule in rules.rule
        if rule.reads not in empty
        for words in dict.fromkeys(_READERS[rule.reads](rule, record, rules))
    )


def _empty(record: Record) -> set[str]:
    """Return what rules read and a record holds nothing of: most hold no order, no assessment and no reference."""
    parts = {
        "assessment": record.assessments,
        "reference": record.references,
        "code": record.codes,
        "order": record.orders,
        "note": record.notes,
        "summary": record.summary,
        "text": record.texts,
    }
    return {name for name, part in parts.items() if not part}


def relationship_class(written: str, rules: DomesticRules) -> str:
    """Return the class of a relationship as written: 'intimate_current' | 'intimate_ex' | 'family'; '' when none."""
    return rules.classes.get(_short(written), "")


def relationships(record: Record, rules: DomesticRules) -> tuple[str, ...]:
    """Return the relationship classes a record states, by its code or beside a person's name; () when none."""
    return tuple(dict.fromkeys(group for _, group in _stated(record, None, rules)))


def suggested_relationships(record: Record, rules: DomesticRules) -> tuple[str, ...]:
    """Return the relationship classes that the words of a record suggest, where they speak of abuse; () when none."""
    found = {
        rules.classes.get(phrase, "")
        for rule in rules.rule
        if rule.reads == "text" and rule.beside
        for text in record.texts
        if _phrase_in(rule, text.text)
        for phrase in _phrases(rule.words).findall(_without(rule, text.text))
    }
    return tuple(sorted(found - {""}))


def cancelled_by(record: Record, rules: DomesticRules) -> str:
    """Return the words with which a record says it was no domestic, or nothing at all; '' when it does not."""
    labels = _folded(rules.cancelled.labels)
    for label, text in record.notes:
        if _short(label) in labels and _phrases(rules.cancelled.words).search(fold(text)):
            return f"{label} '{text}'"
    return ""


def flag_disagrees(record: Record, found: Iterable[Sign], rules: DomesticRules | None = None) -> str:
    """Word how a custody record's own domestic abuse flag stands against the signs; '' when they agree.

    Args:
        record: any; one that neither is a custody record nor carries such a flag never disagrees.
        found: the signs of the whole occurrence it belongs to, its own flag's among them.
        rules: those whose flag rule names the codesets; None: 'da_flag' alone.
    """
    codesets = next((rule.codesets for rule in rules.rule if rule.id == FLAG), ()) if rules else ("da_flag",)
    flags = [code for code in record.codes if code.codeset in codesets]
    if record.kind is not RecordKind.CUSTODY and not flags:
        return ""
    others = [
        sign for sign in found if not (sign.rule == FLAG and (sign.source, sign.ref) == (record.source, record.ref))
    ]
    others.sort(key=lambda sign: sign.suggested)
    flagged = any(sign.rule == FLAG and (sign.source, sign.ref) == (record.source, record.ref) for sign in found)
    if flagged:
        return "" if others else f"{record.source} {record.ref} is flagged domestic abuse, and nothing else says so"
    if not others:
        return ""
    said = f"flag {flags[0].code.strip() or 'blank'}" if flags else "flag blank"
    first = others[0]
    more = f" and {len(others) - 1} more" if len(others) > 1 else ""
    verb = "may be domestic abuse" if first.suggested else "is linked to domestic abuse"
    words = f"{record.source} {record.ref} has its domestic abuse {said}, but {verb}: {first.words}"
    return f"{words} ({first.source} {first.ref}){more}"


def _kind(rule: Rule, record: Record, rules: DomesticRules) -> Iterator[str]:
    """Read what kind of record it is."""
    del rules
    if record.kind.value in rule.kinds:
        yield f"it is a {record.kind.value.replace('_', ' ')} record"


def _assessment(rule: Rule, record: Record, rules: DomesticRules) -> Iterator[str]:
    """Read its risk assessments."""
    del rule, rules
    for each in record.assessments:
        yield f"it holds a {each.instrument} risk assessment"


def _reference(rule: Rule, record: Record, rules: DomesticRules) -> Iterator[str]:
    """Read the references to other records."""
    del rules
    for each in record.references:
        if not each.own and each.scheme in rule.schemes and any(sign.isdigit() for sign in each.raw):
            yield f"it names {each.scheme.upper()} {each.raw}"


def _code(rule: Rule, record: Record, rules: DomesticRules) -> Iterator[str]:
    """Read coded values."""
    del rules
    for code in record.codes:
        if code.codeset in rule.codesets and (
            _short(code.code) in _folded(rule.codes) or _short(code.word) in _folded(rule.words)
        ):
            yield _said(code)


def _said(code: Code) -> str:
    """Word a coded value: "closing code 220 'domestic incident'"."""
    name = code.codeset.replace("_", " ")
    name = {"da flag": "domestic abuse flag", "qualifier": "qualifier"}.get(name, f"{name} code")
    return f"{name} {code.code}" + (f" '{code.word}'" if code.word and code.word != code.code else "")


def _relationship(rule: Rule, record: Record, rules: DomesticRules) -> Iterator[str]:
    """Read relationships: the record's own code, and what stands beside the people it names."""
    words = _folded(rule.words)
    for written, group in _stated(record, rule, rules):
        if group in rule.classes or fold(written) in words:
            yield f"relationship {written}" + (f" ({group.replace('_', ' ')})" if group else "")


def _stated(record: Record, rule: Rule | None, rules: DomesticRules) -> Iterator[tuple[str, str]]:
    """Yield each relationship as written, with its class ('' when it has none)."""
    roles = rule.roles if rule else next((each.roles for each in rules.rule if each.reads == "relationship"), ())
    for code in record.codes:
        if code.codeset == "relationship":
            yield code.code, relationship_class(code.code, rules) or relationship_class(code.word, rules)
    for person in record.persons:
        if person.note and person.role in roles and (group := relationship_class(person.note, rules)):
            yield person.note, group


def _order(rule: Rule, record: Record, rules: DomesticRules) -> Iterator[str]:
    """Read orders in it, whether or not they are still in force."""
    del rules
    for order in record.orders:
        if order.kind in rule.kinds:
            yield f"it holds a {order.kind.replace('_', ' ').upper()} order"


def _note(rule: Rule, record: Record, rules: DomesticRules) -> Iterator[str]:
    """Read notes with these labels."""
    del rules
    for label, text in record.notes:
        if label in rule.labels and _phrase_in(rule, text):
            yield f"{label} '{text}'"


def _summary(rule: Rule, record: Record, rules: DomesticRules) -> Iterator[str]:
    """Read the one line of a list."""
    del rules
    if found := _phrase_in(rule, record.summary):
        yield f"its summary says '{found}'"


def _text(rule: Rule, record: Record, rules: DomesticRules) -> Iterator[str]:
    """Read running texts."""
    del rules
    for text in record.texts:
        if found := _phrase_in(rule, text.text):
            yield f"its text says '{found}'"


def _phrase_in(rule: Rule, text: str) -> str:
    """Return what of a rule's phrases stands in a text, folded; '' when it gives no sign."""
    first = _first_words(rule.words)
    if first and _read(text).words.isdisjoint(first):
        return ""  # most texts hold none of a rule's phrases, and that is seen at a glance
    folded = _without(rule, text)
    found = _phrases(rule.words).search(folded)
    if found is None:
        return ""
    if not rule.beside:
        return found.group()
    near = _phrases(rule.beside).search(folded)
    return f"{found.group()} ... {near.group()}" if near else ""


def _without(rule: Rule, text: str) -> str:
    """Return a text folded, without the phrases a rule takes out."""
    folded = _read(text).folded
    return _phrases(rule.unless).sub(" | ", folded) if rule.unless else folded


class _Folded(NamedTuple):
    """A text folded, and its words."""

    folded: str
    words: frozenset[str]


@lru_cache(maxsize=64)
def _read(text: str) -> _Folded:
    """Return a text folded: every rule reads the same text, one after another."""
    folded = fold(text)
    return _Folded(folded, frozenset(_WORD.findall(folded)))


@lru_cache(maxsize=4_096)
def _short(text: str) -> str:
    """Return the label of a note, a code or a relationship folded: a force has some hundreds of them."""
    return fold(text)


_READERS: dict[str, Callable[[Rule, Record, DomesticRules], Iterator[str]]] = {
    "kind": _kind,
    "assessment": _assessment,
    "reference": _reference,
    "code": _code,
    "relationship": _relationship,
    "order": _order,
    "note": _note,
    "summary": _summary,
    "text": _text,
}


@lru_cache(maxsize=256)
def _phrases(words: tuple[str, ...]) -> re.Pattern[str]:
    """Return a pattern of whole folded phrases, the longest first."""
    folded = sorted({fold(word) for word in words}, key=lambda word: (-len(word), word))
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, folded))})\b")


@lru_cache(maxsize=256)
def _first_words(words: tuple[str, ...]) -> frozenset[str]:
    """Return the first word of each phrase: a text without any of them holds no phrase. Empty: they do not tell."""
    found = [_WORD.findall(fold(word)) for word in words]
    return frozenset(each[0] for each in found) if all(found) else frozenset()


@lru_cache(maxsize=256)
def _folded(words: tuple[str, ...]) -> frozenset[str]:
    """Return phrases folded."""
    return frozenset(fold(word) for word in words)
