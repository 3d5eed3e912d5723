"""The grading of intelligence in plain English, by the scheme it was graded in: 5x5x5 and 3x5x2 are never converted."""

from __future__ import annotations

from datetime import datetime

from discoverer.clock import age_in_words
from discoverer.model import Code, Record, RecordKind


def grading(record: Record, now: datetime) -> str:
    """Return the grading of an intelligence report in words, with its age; '' for other records.

    A code that the source's list does not define is said to be so, never guessed at.
    """
    if record.kind is not RecordKind.INTELLIGENCE:
        return ""
    source, information = _code(record, "evaluation_source"), _code(record, "evaluation_information")
    scheme = next((code.era for code in (source, information) if code and code.era), "scheme not recorded")
    words = [_said(source, "source"), _said(information, "information")]
    age = f"{age_in_words(record.at.value, now)} old" if record.at else "undated"
    return f"{', '.join(words)} ({scheme}), {age}"


def conditions(record: Record) -> str:
    """Return what must be read before the content of an intelligence report is used; '' when nothing is said."""
    if record.kind is not RecordKind.INTELLIGENCE:
        return ""
    handling, action = _code(record, "handling"), _code(record, "action")
    words = [f"handling: {code.word or f'code {code.code} (not defined)'}" for code in (handling,) if code]
    words += [f"action: {code.word or f'code {code.code} (not defined)'}" for code in (action,) if code and code.code]
    words += [f"conditions: {text}" for label, text in record.notes if label == "conditions" and text]
    return "; ".join(words)


def _code(record: Record, codeset: str) -> Code | None:
    """Return the first code of a list that the record bears."""
    return next((code for code in record.codes if code.codeset == codeset), None)


def _said(code: Code | None, what: str) -> str:
    """Word one code of a grading."""
    if code is None or not code.code:
        return f"{what} not graded"
    return code.word or f"{what} graded {code.code} (not defined)"
