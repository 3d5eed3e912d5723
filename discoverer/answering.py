"""The words and lists of an answer that its hits do not hold: caps that bit, no trace."""

from __future__ import annotations

from discoverer.answer import Hit, SourceStatus, Truncated
from discoverer.query import Query
from discoverer.search import Results


def truncated(query: Query, results: Results, hits: tuple[Hit, ...]) -> Truncated | None:
    """Say that a cap bit, if one did."""
    about = max(results.about, len(results.found))
    if about <= len(hits):
        return None
    person = query.person
    asked = {
        "a name": bool(person.names),
        "a date of birth": bool(person.births),
        "an area": bool(person.areas or query.addresses),
        "a telephone number": bool(query.phones),
    }
    wanted = [what for what, given in asked.items() if not given]
    words = f"about {about:,} fit; showing {len(hits)}."
    words += f" Add {' or '.join(wanted)}." if wanted else ""
    return Truncated(len(hits), about, words)


def no_trace(sources: tuple[SourceStatus, ...]) -> str:
    """Word an empty answer: never 'no history'."""
    listed = "; ".join(f"{each.name}: {each.words}" for each in sources)
    return f"No trace in the sources searched. {listed}."
