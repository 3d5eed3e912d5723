"""The tokens of one kind that one visibility label bears, and which of them are like a typed one.

First the tokens that share a key of deletions with what was typed, are heard like it, or begin alike; they are compared
exactly, and tell how alike a token must be to be among the best. Only then are the letters of all others passed over
for any that could be as alike (letters.py): of hundreds of thousands a few hundred are compared, and none is lost that
comparing all of them would have kept.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from discoverer.match.letters import PREFIX, Measure
from discoverer.match.similarity import (
    NAME_RUNGS,
    SHORT_WORD,
    WORD_RUNGS,
    Closeness,
    Likeness,
    compare,
    likenesses,
    word_rungs,
)
from discoverer.match.token_table import NOWHERE, Columns, Places, TokenTable, laid_out
from discoverer.normalise.lookalikes import as_scanned
from discoverer.normalise.sounds import heard, sound

_NUMBER = np.dtype("<u4")
# A token without a form: a word with a digit has no sound.
_NO_FORM = 2**32 - 1
_PARTS = ("tokens", "forms")
# Likeness is compared with what rounding may take off.
_ROUNDING = 1e-9


class NameRules(NamedTuple):
    """What makes one name token worth more than another.

    Attributes:
        most: int, tokens wanted; all that are as good as the last of them are given.
        least: float 0 to 1, a token less alike than this is worth nothing, unless it is cut off.
        cut_off: float 0 to 1, a token that was cut off counts as alike as this at least.
    """

    most: int
    least: float
    cut_off: float


def columns_of(bearers: Mapping[str, int], *, names: bool) -> dict[str, bytes]:
    """Lay out the tokens of one kind and label.

    Args:
        bearers: token -> number of documents that bear it, at least 1; no token is empty.
        names: names, looked for by how they are heard; else words of an address, looked for by their sound.

    Returns:
        The columns a Lexicon is made of.
    """
    tokens, token_columns = laid_out(bearers, as_scanned if names else str)
    form_of_each = [heard(token)[0] if names else sound(token) if len(token) >= SHORT_WORD else "" for token in tokens]
    forms, form_columns = laid_out({form for form in form_of_each if form})
    number_of = {form: number for number, form in enumerate(forms)}
    members: dict[int, list[int]] = defaultdict(list)
    numbers = array("I")
    for place, form in enumerate(form_of_each):
        number = number_of.get(form, _NO_FORM)
        numbers.append(number)
        members[number].append(place)
    of_each = [members[number] for number in range(len(forms))]
    return {
        **{f"tokens.{name}": column for name, column in token_columns.items()},
        **{f"forms.{name}": column for name, column in form_columns.items()},
        "bearers": array("I", (bearers[token] for token in tokens)).tobytes(),
        "form_of": numbers.tobytes(),
        "member_ends": np.cumsum([0, *map(len, of_each)]).astype(_NUMBER).tobytes(),
        "members": array("I", (place for each in of_each for place in each)).tobytes(),
    }


class Lexicon:
    """Tokens of one kind that one label bears, with their bearers, laid out for looking up."""

    def __init__(self, columns: Columns, total: int) -> None:
        """Take what `columns_of` made, read where it is.

        Args:
            columns: by name.
            total: int, documents of this kind and label.
        """
        self.total = total
        self._tokens, self._forms = (
            TokenTable(
                {name.partition(".")[2]: column for name, column in columns.items() if name.startswith(f"{part}.")}
            )
            for part in _PARTS
        )
        self._bearers = np.frombuffer(columns["bearers"], _NUMBER)
        self._form_of = np.frombuffer(columns["form_of"], _NUMBER)
        self._member_ends = np.frombuffer(columns["member_ends"], _NUMBER)
        self._members = np.frombuffer(columns["members"], _NUMBER)

    def __len__(self) -> int:
        return len(self._tokens)

    def bearers(self, token: str) -> int:
        """Return how many documents of this label bear a token; 0 when none."""
        place = self._tokens.place_of(token)
        return int(self._bearers[place]) if place >= 0 else 0

    def begun(self, start: str) -> dict[str, int]:
        """Return the tokens that begin so, itself too: token -> how many documents of this label bear it."""
        own = self._tokens.place_of(start)
        whole = np.array([own] if own >= 0 else [], _NUMBER)
        places = _all_of([whole, *self._tokens.begun(start), self._tokens.others()])
        tokens = zip(self._tokens.texts(places), self._bearers[places].tolist(), strict=True)
        return {token: bearers for token, bearers in tokens if token.startswith(start)}

    def names_like(self, asked: str, rules: NameRules) -> dict[str, tuple[Likeness, int]]:
        """Return the names spelt or heard like one asked for, the best of them, itself perhaps too.

        Args:
            asked: a folded name token of two letters or more.
            rules: what makes one worth more than another.

        Returns:
            Token -> how it agrees, and how many documents of this label bear it.
        """
        readings = heard(asked)
        close = [
            *(places for each in {asked, as_scanned(asked)} for places in self._tokens.one_edit(each)),
            *self._related(asked),
            *(self._borne_as(_all_of(self._forms.one_edit(reading))) for reading in readings),
        ]
        first = self._judged(asked, _all_of(close), rules)
        least = max(rules.least, first.least_of_best(rules.most))
        written = self._alike(self._tokens, asked, least, Measure.WRITTEN)
        spoken = [self._borne_as(self._alike(self._forms, reading, least, Measure.HEARD)) for reading in readings]
        more = np.setdiff1d(_all_of([written, *spoken]), first.places, assume_unique=True)
        return first.worth_at_least(least) | self._judged(asked, more, rules).worth_at_least(least)

    def words_like(self, asked: str, shares: Mapping[Closeness, float], most: int) -> dict[str, tuple[Closeness, int]]:
        """Return the words of an address spelt or sounding like one asked for, without itself.

        Args:
            asked: a folded word of letters, three or more.
            shares: what each kind of agreement is worth.
            most: int, words wanted; those that are only similar are left out where so many agree better.

        Returns:
            Word -> how it agrees, and how many documents of this label bear it.
        """
        form = self._forms.place_of(sound(asked)) if sound(asked) else -1
        same_sound = self._borne_as(np.array([form], _NUMBER)) if form >= 0 else NOWHERE
        close = _all_of([*self._tokens.one_edit(asked), *self._related(asked), same_sound])
        found = self._words(asked, close, form)
        better = sum(shares[how] > shares[Closeness.SIMILAR] for how, _ in found.values())
        if better < most:
            passed = self._tokens.sharing(asked, 0.0, Measure.WORD)
            found |= self._words(asked, np.setdiff1d(passed, close, assume_unique=True), form)
        return found

    def _related(self, asked: str) -> list[Places]:
        """Return the places of longer and shorter tokens with the same beginning, and of those in other letters."""
        starts = [asked[:size] for size in range(PREFIX, len(asked))]
        whole = [place for start in starts if (place := self._tokens.place_of(start)) >= 0]
        longer = self._tokens.begun(asked) if len(asked) >= PREFIX else []
        return [np.array(whole, _NUMBER), *longer, self._tokens.others()]

    def _borne_as(self, forms: Places) -> Places:
        """Return the places of the tokens that are heard, or sound, in these ways."""
        if not len(forms):
            return NOWHERE
        starts, ends = self._member_ends[forms].tolist(), self._member_ends[forms + np.uint32(1)].tolist()
        return np.concatenate([self._members[start:end] for start, end in zip(starts, ends, strict=True)])

    def _heard_of(self, places: Places) -> list[str]:
        """Return how the tokens at places are heard."""
        forms, which = np.unique(self._form_of[places], return_inverse=True)
        texts = self._forms.texts(forms)
        return [texts[each] for each in which.tolist()]

    @staticmethod
    def _alike(table: TokenTable, asked: str, least: float, measure: Measure) -> Places:
        """Return the places in a table of what is spelt so much like what is asked for, one edit away apart."""
        passed = table.sharing(asked, least, measure)
        return passed[compare(asked, table.texts(passed)).alike >= least - _ROUNDING]

    def _judged(self, asked: str, places: Places, rules: NameRules) -> _Judged:
        """Compare a name with the tokens at places exactly."""
        tokens = self._tokens.texts(places)
        alike = likenesses(asked, tokens, self._heard_of(places))
        worth = np.where(alike.begins, np.maximum(alike.degree, rules.cut_off), alike.degree)
        worth[~alike.near] = 0.0
        return _Judged(places, tokens, alike.degree, alike.rungs, worth, self._bearers[places])

    def _words(self, asked: str, places: Places, form: int) -> dict[str, tuple[Closeness, int]]:
        """Compare an address word with the tokens at places exactly, and return those that agree."""
        tokens = self._tokens.texts(places)
        rungs = word_rungs(asked, tokens, self._form_of[places] == form)
        agree = np.flatnonzero(rungs < len(WORD_RUNGS) - 1).tolist()
        kinds, bearers = rungs.tolist(), self._bearers[places].tolist()
        return {
            tokens[at]: (WORD_RUNGS[kinds[at]], bearers[at])
            for at in agree
            if tokens[at] != asked and not any(char.isdigit() for char in tokens[at])
        }


class _Judged(NamedTuple):
    """Name tokens compared with one asked for; `worth` is 0 for those that do not agree."""

    places: Places
    tokens: Sequence[str]
    degree: npt.NDArray[np.float64]
    rungs: npt.NDArray[np.int64]
    worth: npt.NDArray[np.float64]
    bearers: Places

    def least_of_best(self, most: int) -> float:
        """Return the worth of the last of the best; 0 when there are fewer."""
        return float(np.partition(self.worth, -most)[-most]) if len(self.worth) > most else 0.0

    def worth_at_least(self, least: float) -> dict[str, tuple[Likeness, int]]:
        """Return the tokens worth so much: how each agrees, and its bearers."""
        kept = np.flatnonzero((self.worth >= least - _ROUNDING) & (self.worth > 0))
        rungs, degrees, bearers = (column[kept].tolist() for column in (self.rungs, self.degree, self.bearers))
        return {
            self.tokens[at]: (Likeness(NAME_RUNGS[rung], degree), borne)
            for at, rung, degree, borne in zip(kept.tolist(), rungs, degrees, bearers, strict=True)
        }


def _all_of(found: Sequence[Places]) -> Places:
    """Return the places of several lists, each once, in order."""
    return np.unique(np.concatenate(found)) if found else NOWHERE
