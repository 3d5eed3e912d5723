"""Records found by their running text: asked for as words, or because a name stands nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from discoverer.answer import HitKind
from discoverer.found import Found
from discoverer.match.evidence import Evidence, Level, Scored
from discoverer.match.weights import Weights
from discoverer.model import Record
from discoverer.normalise.text import words
from discoverer.query import Query
from index.reader import Reader

TEXT_LIMIT = 50
# Words that may stand between the words of one name: 'MOLLINEUX, first name HYACINTH'.
BETWEEN = 2
# A name that agrees as far as this is held as a name; a text that repeats it adds nothing.
HELD = ("exact", "full")


def by_text(reader: Reader, query: Query) -> tuple[tuple[Found, ...], int]:
    """Find records whose running text holds every word asked for, the most recent first.

    Returns:
        (at most TEXT_LIMIT records; how many there are in all where that cut them, else 0).
    """
    places, total = reader.search_text(query.text, TEXT_LIMIT)
    scored = _scored("all", 0.0, f"every word stands in its text: {_said(query.text)}")
    return tuple(_events(places, scored)), total if total > len(places) else 0


def by_name_in_text(reader: Reader, query: Query, people: Iterable[Found], weights: Weights) -> tuple[Found, ...]:
    """Find records whose text names somebody whom no record holds by that name.

    A log that says 'her neighbour Perpetua Lovegrove' has no field for her, and no word that marks a name.

    Args:
        reader: scoped.
        query: as read.
        people: those found by name; where one bears the name asked for, texts are not searched.
        weights: in force.
    """
    if any(each.scored.outcome("name") in HELD for each in people):
        return ()
    found: dict[tuple[int, int], Found] = {}
    for tokens in query.person.names:
        if len(tokens) < 2:
            continue
        places, _ = reader.search_text(tokens, TEXT_LIMIT)
        records = reader.records((segment, n) for segment, n, _ in places)
        near = [place for place in places if _stand_together(tokens, records.get((place[0], place[1])))]
        scored = _scored("name", weights.event["text_name"], f"its text names {_said(tokens)}")
        for each in _events(near, scored, first=len(found)):
            if each.event is not None:
                found.setdefault(each.event, each)
    return tuple(found.values())


def _scored(outcome: str, bits: float, said: str) -> Scored:
    """Judge a text: possible, whatever it says."""
    return Scored(bits, (Evidence("text", outcome, bits, said),), Level.POSSIBLE)


def _said(tokens: Sequence[str]) -> str:
    """Write words as they are said in a reason."""
    return " ".join(tokens).upper()


def _events(places: Sequence[tuple[int, int, str]], scored: Scored, first: int = 0) -> Iterator[Found]:
    """Make the Found of each record, in their order."""
    for number, (segment, n, at) in enumerate(places, first):
        yield Found(HitKind.EVENT, number, (segment, n), scored, 0, at)


def _stand_together(tokens: Sequence[str], record: Record | None) -> bool:
    """Tell whether a record's summary or one of its texts holds all tokens of a name beside each other."""
    if record is None:
        return False
    wanted, width = set(tokens), len(tokens) + BETWEEN
    for text in (record.summary, *(each.text for each in record.texts)):
        said = words(text)
        if any(wanted <= set(said[start : start + width]) for start, word in enumerate(said) if word in wanted):
            return True
    return False
