"""Words that could be a name or a place, read again by what the index holds: nobody is called Hillaires.

A box alone cannot tell 'shabana hillaires' from a forename and a surname, nor 'hillaires knife' from a person. A word
that nobody in the viewer's scope bears as a name, and that places there bear, says where.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from discoverer.match.similarity import Closeness
from discoverer.match.vocabulary import Expansion
from discoverer.match.weights import Weights
from discoverer.normalise.addresses import read_address
from discoverer.query import Query
from index.reader import Reader

# How a typed word may differ from one held and still be taken for it, where nothing else says what it is.
NEAR = (Closeness.ONE_EDIT, Closeness.SOUND)
# Shorter words are like too many others.
SHORTEST = 4


def reread(reader: Reader, query: Query, weights: Weights) -> Query:
    """Read as places the words of a loose query that places bear and nobody bears as a name.

    Args:
        reader: scoped; only what its viewer may see is consulted.
        query: as read from one box.
        weights: in force.

    Returns:
        The query, its places looked for by those words alone and its people without them as well as with them; as it
        was when every word may be a name, or none is a place's.
    """
    if not query.loose:
        return query
    tokens = list(dict.fromkeys(token for name in query.person.names for token in name))
    areas = {word for area in query.person.areas for word in area.split()}  # read as where already
    strange = [t for t in tokens if len(t) >= SHORTEST and t not in areas and not reader.names.bearers(t)]
    places = _places_among(reader, strange, weights)
    address = read_address(" ".join(token for token in tokens if token in places))
    if not places or address is None:
        return query
    left = [tuple(token for token in name if token not in places) for name in query.person.names]
    names = dict.fromkeys((*(name for name in left if name), *query.person.names))
    said = f"place {' '.join(token for token in tokens if token in places).upper()} (nobody bears it as a name)"
    return replace(
        query,
        person=replace(query.person, names=tuple(names)),
        addresses=(address,),
        loose=False,
        read_as=(*query.read_as, said),
    )


def _places_among(reader: Reader, strange: Sequence[str], weights: Weights) -> set[str]:
    """Return those of some words, borne by nobody, that are words of an address rather than misspelt names."""
    as_words = dict(zip(strange, reader.words.expand(strange, weights), strict=True))
    held = {token for token, meant in as_words.items() if _has(meant, (Closeness.SAME,))}
    doubtful = [token for token in strange if token not in held and _has(as_words[token], NEAR)]
    as_names = zip(doubtful, reader.names.expand(doubtful, weights), strict=True)
    return held | {token for token, meant in as_names if not _has(meant, (*NEAR, Closeness.VARIANT))}


def _has(meant: Sequence[Expansion], how: Sequence[Closeness]) -> bool:
    """Tell whether any reading of a word agrees in one of these ways."""
    return any(each.closeness in how for each in meant)
