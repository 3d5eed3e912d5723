"""What is shown while somebody still types: how it is read so far, and streets and towns that could be meant.

A suggestion is no look at a person, and is not recorded as one: it names streets and towns that places in scope stand
in, never a door or who lives there, a number or an identifier. Nor can it be used to list them: it takes three letters
of a street's name, and a few are given of however many there are.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import NamedTuple
from weakref import WeakKeyDictionary

from discoverer.access_masks import Hidden
from discoverer.errors import UsageError
from discoverer.match.similarity import one_slip
from discoverer.match.vocabulary import Vocabulary
from discoverer.match.weights import Weights
from discoverer.normalise.address_words import cut, is_number, short_types
from discoverer.normalise.postcodes import find_postcode
from discoverer.normalise.text import fold
from discoverer.query import check_readable, read_box
from discoverer.reread import NEAR
from discoverer.streets import Street, streets_under, told_apart
from index import keys
from index.reader import Index, Reader, Scope

MOST = 8
LETTERS = 3
"""Letters of a street's name that must be typed before any is suggested."""
SLIP_LETTERS = 5
"""Letters from which on a word may be typed with a slip: shorter ones are like too many others."""
PLACES = 240
"""Places read for one suggestion at most."""
TOKENS = 24
"""Words that one typed beginning may stand for at most, those that most places bear first."""
WORDS = 6
"""Last words of what is typed that may be the street's; what stands before may be a name."""
KEPT = 256
"""Look-ups kept for whoever types the next letter; some tens of kilobytes each."""
_TYPES = short_types()
_WORD = re.compile(r"[^\W\d_][^\W_]*(?:['’-][^\W_]+)*")
_NUMBER = re.compile(r"\S*\d\S*\s*")
SAME, BEGUN, SLIP = 0, 1, 4
"""How far a word of a street is from the one typed; a slip weighs more than any number of beginnings."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A street or town that may be meant.

    Attributes:
        text: str, what to put into the box: what was typed, with the part being typed completed.
        label: str, the street or town alone: 'Hillaires Test Road, B23'.
    """

    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What is typed so far.

    Attributes:
        read_as: tuple[str, ...], how it is read by itself, in the words of `Answer.read_as`; a search reads words that
            could be a name or a place again by what the index holds, and may say more.
        suggestions: tuple[Suggestion, ...], at most MOST.
        problem: str, why a search of it would be refused, in its words; '' when it would not, or nothing is typed.
    """

    read_as: tuple[str, ...]
    suggestions: tuple[Suggestion, ...]
    problem: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What is typed, cut where the part begins that may be a street's.

    Attributes:
        head: str, as typed, up to that part.
        words: tuple[str, ...], the words of that part as typed; none need be whole.
        numbered: bool, a house number stands right before that part, so that all of it is the street's.
        code: str, the postcode typed after it; ''.
        outward: str, the district of the postcode typed before or after it; ''.
    """

    head: str
    words: tuple[str, ...]
    numbered: bool
    code: str
    outward: str


class Far(NamedTuple):
    """How far a street is from what is typed.

    Attributes:
        steps: int, SAME, BEGUN or SLIP of each word, added up.
        begins: bool, the first word typed is the first of its name.
    """

    steps: int
    begins: bool


Meant = dict[str, int]
"""Words of the index that a typed word may stand for, and how far each is from it."""


class Suggesting:
    """Reads back what is typed, and keeps what was looked up of a build for the next letter; safe in many threads."""

    def __init__(self) -> None:
        self._kept: WeakKeyDictionary[Index, dict[tuple[object, ...], list[Street]]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def read(self, index: Index, scope: Scope, text: str, on: date, weights: Weights) -> Reading:
        """Read back what is typed so far.

        Args:
            index: to suggest from.
            scope: of whoever types; nothing outside it is read.
            text: as typed.
            on: today, for two-digit years.
            weights: in force.
        """
        if not text.strip():
            return Reading((), (), "")
        try:
            check_readable(text)
        except UsageError as error:
            return Reading((), (), error.message)
        hidden = scope.masked is not None and scope.masked.covers(Hidden.PLACES)  # a street is part of an address
        found = iter(()) if hidden else self._suggested(index, Reader(index, scope.streets), typed_of(text), weights)
        suggestions = tuple(islice((each for each in found if fold(each.text) != fold(text)), MOST))
        try:
            # By itself: what the index holds would tell who is in it, unrecorded.
            query = read_box(text, on)
        except UsageError as error:  # not yet a question; what could complete it helps all the same
            return Reading((), suggestions, error.message)
        return Reading(query.read_as, suggestions, "")

    def _suggested(self, index: Index, reader: Reader, typed: Typed, weights: Weights) -> Iterator[Suggestion]:
        """Yield what may be meant by as many of the last words as can be a street's."""
        for slips in (None, weights):
            for first in range(1 if typed.numbered else len(typed.words)):
                words = [word for part in cut(" ".join(typed.words[first:])) for word in part]
                fit = self._fitting(index, reader, words, slips)
                # What stands before a street is a name, and no part of the street's: 'safe test lane' is not Test Lane.
                found = [
                    street
                    for far, street in sorted(fit, key=_order)
                    if street.outward.startswith(typed.outward) and (not first or far.begins)
                ]
                if found:
                    head = " ".join((typed.head, *typed.words[:first])).strip()
                    yield from (_suggestion(head, street, typed) for street in found)
                    return

    def _fitting(
        self, index: Index, reader: Reader, words: Sequence[str], weights: Weights | None
    ) -> list[tuple[Far, Street]]:
        """Return the streets that bear all words typed, and how far each is from them.

        Args:
            index: what is looked up of it is kept.
            reader: scoped.
            words: folded, perhaps only begun.
            weights: for words typed with a slip; None to take them as they are.
        """
        meant = [_meant(reader.words, word, weights) for word in words]
        long = [(word, each) for word, each in zip(words, meant, strict=True) if len(word) >= LETTERS]
        anchors = [each for word, each in long if word not in _TYPES]
        if not anchors or not all(each for _, each in long):
            return []
        held = self._under(index, reader, _keys(reader.words, anchors))
        fit = ((_distance(street, words, meant), street) for street in held)
        return [(far, street) for far, street in fit if far is not None]

    def _under(self, index: Index, reader: Reader, looked_up: tuple[tuple[str, int], ...]) -> list[Street]:
        """Return the streets under some keys, which are kept for as long as the build is read."""
        with self._lock:
            kept = self._kept.setdefault(index, {})
            known = kept.get((reader.labels, looked_up))
        if known is None:
            known = told_apart(streets_under(reader, looked_up))
            with self._lock:
                if len(kept) >= KEPT:
                    kept.clear()
                kept[reader.labels, looked_up] = known
        return known


def typed_of(text: str) -> Typed:
    """Cut what is typed: the postcode off, the street's part after the last house number."""
    code = find_postcode(text)
    head, body, after = "", text, ""
    if code.outward and not text[code.end :].strip(" ,."):
        body, after = text[: code.start], text[code.start : code.end].strip().upper()
    elif code.outward:
        head, body = text[: code.end], text[code.end :]
    number = max((found.end() for found in _NUMBER.finditer(body)), default=0)
    words = [found.span() for found in _WORD.finditer(body, number)][-WORDS:]
    begin = words[0][0] if words else len(body)
    before = f"{head}{body[:begin]}".strip()
    numbered = bool(number) and is_number(fold(body[:begin]).rpartition(" ")[2])
    return Typed(before, tuple(body[start:end] for start, end in words), numbered, after, code.outward)


def _meant(vocabulary: Vocabulary, word: str, weights: Weights | None) -> Meant:
    """Return the words of the index that a typed word may stand for; it need not be typed whole."""
    if len(word) < LETTERS:
        return {}
    found = dict.fromkeys(vocabulary.begun(word), BEGUN)
    if word in vocabulary:
        found[word] = SAME
    if weights is not None and len(word) >= SLIP_LETTERS:
        (readings,) = vocabulary.expand([word], weights)
        found |= {each.token: SLIP for each in readings if each.closeness in NEAR and each.token not in found}
        found |= {token: SLIP for token in _begun_with_a_slip(vocabulary, word) if token not in found}
    return found


def _begun_with_a_slip(vocabulary: Vocabulary, word: str) -> list[str]:
    """Return the longer words that begin like one typed but for a letter; the first two letters are taken as right."""
    sizes = (len(word) - 1, len(word), len(word) + 1)
    return [
        token
        for token in vocabulary.begun(word[:2])
        if len(token) > len(word) and any(one_slip(word, token[:size]) for size in sizes)
    ]


def _keys(vocabulary: Vocabulary, anchors: Sequence[Meant]) -> tuple[tuple[str, int], ...]:
    """Return what to look up, and how many places of each: the rarest word, beside another where many bear it."""
    best = [_most_borne(vocabulary, each) for each in anchors]
    best.sort(key=lambda tokens: sum(map(vocabulary.bearers, tokens)))
    rarest = best[0]
    if len(best) > 1 and sum(map(vocabulary.bearers, rarest)) > PLACES:
        pairs = [(one, other) for one in rarest for other in best[1] if one != other][: 2 * TOKENS]
        found = [keys.word_pair(*pair) for pair in pairs]
    else:
        found = [keys.word(token) for token in rarest]
    return tuple((key, max(1, PLACES // len(found))) for key in sorted(set(found)))


def _most_borne(vocabulary: Vocabulary, meant: Meant) -> list[str]:
    """Return the words that one typed may stand for, the nearest and then those that most places bear."""
    return sorted(meant, key=lambda token: (meant[token], -vocabulary.bearers(token), token))[:TOKENS]


def _distance(street: Street, words: Sequence[str], meant: Sequence[Meant]) -> Far | None:
    """Return how far a street is from what is typed; None where it is not meant.

    Every word typed must be one of its own, and at least LETTERS letters of its name, not its type or town, be typed.
    """
    steps, named = 0, False
    shown = (*street.words, street.outward.lower())
    for word, each in zip(words, meant, strict=True):
        found = [each[own] for own in street.words if own in each]
        found += [BEGUN for own in shown if own.startswith(word)]
        if not found:
            return None
        steps += min(found)
        named = named or any(own in each for own in street.name)
    begins = street.name[0] in meant[0] or street.name[0].startswith(words[0])
    return Far(steps, begins) if named else None


def _order(fit: tuple[Far, Street]) -> tuple[int, bool, bool, bool, Street]:
    """Return what puts one street before another: nothing that counts records, and the alphabet at last.

    Those without a district come last: most are the same streets, written with a town.
    """
    far, street = fit
    return far.steps, not far.begins, not street.is_town, not street.outward, street


def _suggestion(head: str, street: Street, typed: Typed) -> Suggestion:
    """Write a street into what was typed, with the postcode typed rather than its own."""
    label = street.label
    bare, area = label.partition(",")[0], typed.code or ("" if typed.outward else label.partition(", ")[2])
    return Suggestion(", ".join(filter(None, (f"{head} {bare}".strip(), area))), label)
