"""What is left of values that a source may write as it likes, for those not shown free words: what we know ourselves.

A field of a closed list need hold nothing of it: a name in the field of a sex, a mother in the code of a relationship,
a telephone number in that of a crime. So a value is left only where it is a date, a number of a system, or words of our
own lists; of what a card could not be true without (was he let go, was he kept) the words that say so are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from discoverer.lists import lists, named
from discoverer.model import Code, GradeChange, Marker, Order, Record, Reference, RiskLevel
from discoverer.normalise.ages import read_age
from discoverer.normalise.identifiers import find_identifiers
from discoverer.normalise.phones import read_phones
from discoverer.normalise.sexes import read_sexes
from discoverer.normalise.text import fold

NOT_SHOWN = "not shown"
"""What stands instead of a value that must not be taken for a blank."""
_DATE = re.compile(
    r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2}))"
    r"(?:[T ]\d{1,2}:?\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?"
)
_SHORT_CODE = re.compile(r"[A-Za-z]{0,2}\d{0,4}")
_NEGATED = re.compile(r"\b(?:not|no|never|nor|neither|without|un)\b|n['’]t\b|\bun-", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]+")
_SAID_IN_NUMBERS = frozenset({"log", "inc", "incident", "of", "dash", "int"})
_LONGEST_AGE = 12  # characters: shorter than a telephone number and than a day
_LETTERS_OF_A_PLACE = 3
_LONGEST_NUMBER = 24  # characters of a crime, log or custody number with its date


def plain_notes(notes: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the notes that say what is in force, each cut to the part that does."""
    for label, text in notes:
        said = text.strip()
        if label in lists()["cut_notes"]:
            kept = _phrases(said)
            if said and (kept or label == "disposal"):  # whoever has a disposal was let go: it may not look like none
                yield label, kept or NOT_SHOWN
        elif label in lists()["plain_notes"] and said:
            yield label, _dated(label, said)


def _phrases(said: str) -> str:
    """Return the phrases of our list that stand in a text; '' where a "not" beside them may turn one round."""
    kept = named("plain_phrases", said)
    rest = said.lower()
    for phrase in sorted(kept, key=len, reverse=True):
        rest = rest.replace(phrase, " ")
    return "" if _NEGATED.search(rest) else ", ".join(kept)


def _dated(label: str, said: str) -> str:
    """Return a note of a date or a yes without anything else."""
    if label == "address confidential":
        return "yes"
    if label == "released":  # with words beside it nobody can read it, and it stays so
        return said if _DATE.fullmatch(" ".join(said.split())) else NOT_SHOWN
    found = _DATE.search(said)
    no = next((word for word in named("not_referred", said) if said.lower().startswith(word)), "")
    return found.group() if found else no or f"date {NOT_SHOWN}"


def plain_words(text: str) -> str:
    """Return words as written where all of them are of our own list; '' else."""
    known = lists()["plain_words"]
    return text if all(word in known for word in fold(text).split()) else ""


def plain_age(written: str) -> str:
    """Return an age in figures; '' where none can be read."""
    age = read_age(written)
    if age is None:
        return ""
    words = re.sub(r"\d+", " ", written)
    if len(written) <= _LONGEST_AGE and (not fold(words) or plain_words(words)):
        return written
    return f"{age.low}" if age.low == age.high else f"{age.low} to {age.high}"


def plain_sex(written: str) -> str:
    """Return a sex as written where it is one; '' else."""
    return written if written.strip().upper() == "U" or read_sexes(written, ()) else ""


def plain_code(code: Code) -> Code:
    """Return a code; of one that its source's list does not define, as much as is surely a code."""
    if code.word or not code.code.strip() or _SHORT_CODE.fullmatch(code.code.strip()) or plain_words(code.code):
        return code
    return replace(code, code=NOT_SHOWN)


def plain_marker(marker: Marker) -> Marker:
    """Return a marker; one that its source's list does not define without a code that need be none."""
    known = marker.word or _SHORT_CODE.fullmatch(marker.code.strip()) or plain_words(marker.code)
    return marker if known else replace(marker, code=NOT_SHOWN)


def plain_order(order: Order) -> Order:
    """Return an order without who issued it, which is written as they like."""
    return replace(order, issued_by="")


def plain_grade(change: GradeChange) -> GradeChange:
    """Return a grade of a history without its reason; one that nobody knows is not shown."""
    known = change.grade in {level.value for level in RiskLevel} or change.grade in lists()["grades"]
    kept = known or not change.grade or _SHORT_CODE.fullmatch(change.grade) or plain_words(change.grade)
    return replace(change, grade=change.grade if kept else NOT_SHOWN, reason="")


def plain_instrument(written: str) -> str:
    """Return the name of a form of risk assessment; of one that nobody knows, that it is another."""
    return written if not written or plain_words(written) else "other"


def plain_references(record: Record) -> tuple[Reference, ...]:
    """Return the references of a record that are numbers of systems, no vehicle's and nobody's."""
    return tuple(each for each in record.references if each.scheme not in _OF_SOMEBODY and _is_number(each.raw))


_OF_SOMEBODY = frozenset({"vrm", "pnc", "cro", "asn", "nominal"})


def _is_number(raw: str) -> bool:
    """Tell whether a reference is the number of a record: figures, and no letters but those of a system or a place."""
    if len(raw) > _LONGEST_NUMBER or not any(map(str.isdigit, raw)):
        return False
    alone = [word for word in raw.split() if not any(map(str.isdigit, word))]
    runs = [run for run in _LETTERS.findall(raw) if len(run) > _LETTERS_OF_A_PLACE]
    if any(word.lower().strip(".:") not in _SAID_IN_NUMBERS for word in (*alone, *runs)):
        return False
    of_somebody = any(each.scheme in _OF_SOMEBODY for each in find_identifiers(raw))
    return not (of_somebody or _is_telephone(raw) or _DATE.fullmatch(raw.strip()))


def _is_telephone(raw: str) -> bool:
    """Tell whether figures alone are a telephone number with its code: '1784 030918' is a log and its day."""
    figures = re.sub(r"\D", "", raw)
    return figures.startswith(("0", "44")) and any(each.e164 for each in read_phones(raw))
