"""What a record says of people, as the tests of masks look for it in whatever is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from discoverer.lists import lists
from discoverer.model import Record
from discoverer.normalise.addresses import read_address
from discoverer.normalise.text import fold

SHORTEST = 4
"""Letters of a name that are looked for: shorter ones are ordinary words too."""
OPENING = 25
"""Letters of a running text that are looked for."""
# Words of the invented names that Discoverer says itself, whoever is asked about.
SAID_ANYWAY = frozenset(
    {
        "test",
        "other",
        "person",
        "unknown",
        "with",
        "home",
        "caller",
        "victim",
        "male",
        "female",
        "field",
        "known",
        "said",
        "baby",
        "child",
    }
)


def secrets(record: Record) -> Iterator[str]:
    """Yield what nobody who is shown pseudonyms may read of a record, folded, numbers and codes without blanks."""
    for person in record.persons:
        for name in person.names:
            yield from (word for word in fold(name).split() if len(word) >= SHORTEST and word not in SAID_ANYWAY)
        yield from (close(born) for born in person.dobs if not re.fullmatch(r"\d{4}", born))
        yield from (close(each.raw) for each in person.identifiers)
    for phone in record.phones:
        digits = re.sub(r"\D", "", phone.text)
        if len(digits) >= 9:
            yield digits[-9:]
    for place in record.locations:
        address = read_address(place.text, place.postcode)
        if address is not None and address.street:
            yield " ".join(address.street)
        if address is not None and address.postcode:
            yield close(address.postcode)
    words = [record.summary, *(each.text for each in record.texts), *(each.note for each in record.markers)]
    words += [text for label, text in record.notes if label not in lists()["plain_notes"]]
    words += [text for order in record.orders for text in (*order.conditions, *order.protects)]
    yield from (fold(text)[:OPENING] for text in words if len(fold(text)) >= OPENING)


def close(text: str) -> str:
    """Return a code or number as it is compared: small letters and figures, nothing between."""
    return re.sub(r"[^0-9a-z]", "", text.lower())


def strings(value: object, but: Sequence[str] = ()) -> Iterator[str]:
    """Yield every string of plain values, those under some names left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, each in value.items():
            if name not in but:
                yield from strings(each, but)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from strings(each, but)


def told(shown: Iterable[str], kept_back: Iterable[str], typed: str = "") -> set[str]:
    """Return what of it stands in what is shown, and not in what was typed."""
    text = "\n".join(shown)
    folded, closed = f" {' '.join(fold(text).split())} ", close_lines(text)
    mine, mine_closed = f" {fold(typed)} ", close(typed)
    found = set()
    for each in kept_back:
        if any(map(str.isdigit, each)) and " " not in each:
            stands, own = any(each in line for line in closed), each in mine_closed
        else:
            stands, own = f" {each} " in folded or (len(each) == OPENING and each in folded), f" {each} " in mine
        if stands and not own:
            found.add(each)
    return found


def close_lines(text: str) -> list[str]:
    """Return the lines of a text, each as codes are compared."""
    return [close(line) for line in text.splitlines()]
