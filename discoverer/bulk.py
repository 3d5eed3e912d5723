"""Many look-ups at once: query lines in, result lines out, in the shape other programs rely on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any

from discoverer.answer import Answer
from discoverer.codec import decoder, plain
from discoverer.errors import DiscovererError, UsageError
from discoverer.query import Query, read_box, read_fields
from discoverer.typed import is_undecoded

FIELDS = {"name": "name", "dob": "dob", "address": "address", "phone": "phone", "id": "ident"}
RESULT = ("read_as", "hits", "truncated", "no_trace_of", "near_too", "policy_note", "stubs", "masked")
_line = decoder(dict[str, Any])


def answer_json(answer: Answer) -> dict[str, Any]:
    """Return an answer as plain values, for `search --json`."""
    found: dict[str, Any] = plain(answer)
    return found


def result_json(qid: object, answer: Answer) -> dict[str, Any]:
    """Return one look-up's result as plain values: qid, and what differs from one answer to the next."""
    whole = answer_json(answer)
    return {"qid": qid, **{key: whole[key] for key in RESULT}}


def error_json(qid: object, error: DiscovererError) -> dict[str, Any]:
    """Return a failed look-up's result: qid and one sentence."""
    return {"qid": qid, "error": error.message}


def read_lines(lines: Iterable[str]) -> Iterator[tuple[object, Callable[[datetime], Query]]]:
    """Read query lines; blank ones are passed over.

    Args:
        lines: decoded with 'surrogateescape', so that a line that is not UTF-8 can be refused.

    Yields:
        (qid, a function that reads the query and raises UsageError when it cannot be read). A line that is not a
        JSON object has the qid 'line N'.
    """
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if is_undecoded(line):
            yield f"line {number}", _refused(f"Line {number} is not UTF-8; save the queries as UTF-8.")
            continue
        try:
            given = _line(line)
        except (ValueError, RecursionError):
            message = f'Line {number} is not a JSON object such as {{"qid": "1", "text": "0121 496 0123"}}; mend it.'
            yield f"line {number}", _refused(message)
            continue
        yield given.get("qid", f"line {number}"), _reading(given)


def _refused(message: str) -> Callable[[datetime], Query]:
    """Return a reading that refuses."""

    def _refuse(_: datetime) -> Query:
        raise UsageError(message)

    return _refuse


def _reading(given: dict[str, Any]) -> Callable[[datetime], Query]:
    """Return the reading of one line's query."""

    def _read(now: datetime) -> Query:
        unknown = sorted(given.keys() - FIELDS.keys() - {"qid", "text"})
        wrong = sorted(key for key, value in given.items() if key != "qid" and not isinstance(value, str | None))
        if unknown or wrong:
            bad = ", ".join((*unknown, *wrong))
            raise UsageError(f"{bad}: a query has qid and text, or any of {', '.join(FIELDS)}, each a string.")
        fields = {FIELDS[key]: value for key, value in given.items() if key in FIELDS and value}
        text = given.get("text") or ""
        if text and fields:
            raise UsageError(f"Give either text or the fields {', '.join(FIELDS)}, not both.")
        return read_fields(now.date(), **fields) if fields else read_box(text, now.date())

    return _read
