"""Names as columns of numbers: each token taken apart once, each name the tokens it is made of.

What two tokens of a name give together is put together from what is known of either when it is asked for, for all
names at once. The numbers of two values stand side by side in one, the smaller first where their order says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from discoverer.normalise.sounds import heard
from index.linking_names import forms, whole_tokens
from index.linking_numbers import Numbers
from index.linking_ragged import Ints, Mask, Ragged, chained, empty, numbered, of_owners

# Letters of a token that stand beside a value too common to bring rows together alone.
PIECE = 3
# Fewer letters than this and a letter dropped leaves nothing telling.
SHORTEST_SLIP = 4
# How many bits the number of a word, of a token and of a letter may take.
WORD_BITS, TOKEN_BITS, LETTER_BITS = 29, 27, 12

Name = tuple[str, ...]
# (Whose it is, the key) of many.
Owned = tuple[Ints, Ints]


class Pairs(NamedTuple):
    """Two tokens of one name each.

    Attributes:
        owners: the row of each.
        one, other: their tokens.
    """

    owners: Ints
    one: Ints
    other: Ints


class Lettered(NamedTuple):
    """A token with a letter each: the first one of another token, or written as an initial.

    Attributes:
        owners: the row of each.
        token: the token.
        letter: the number of the letter.
    """

    owners: Ints
    token: Ints
    letter: Ints


def both(one: Ints, other: Ints) -> Ints:
    """Return two numbers as one, whichever stands first."""
    return np.minimum(one, other) << WORD_BITS | np.maximum(one, other)


def joined(parts: Sequence[Owned]) -> Owned:
    """Return columns given in parts."""
    owners, keys = zip(*parts, strict=True)
    return np.concatenate(owners), np.concatenate(keys)


class Tokens:
    """Whole tokens, and what each gives; a token's place is its number less one.

    Attributes:
        listed: the tokens in order of their numbers.
        word: its number among all words, 'word' being anything that names are compared by.
        less: that of what stands before another token less a letter.
        sound: that of how it is heard.
        piece: that of its first letters.
        letter: the number of its first letter.
        dropped: words: itself, and itself less each letter; none of a short one.
        forms: words: its pet and full names.
    """

    def __init__(self) -> None:
        self.numbers = Numbers[str](TOKEN_BITS)
        self.letters = Numbers[str](LETTER_BITS)
        self.listed: list[str] = []
        self._words = Numbers[str](WORD_BITS)
        self.word = self.less = self.sound = self.piece = self.letter = np.empty(0, np.int64)
        self.dropped, self.forms = empty(), empty()

    def take_apart(self) -> None:
        """Take apart the tokens numbered since the last time."""
        new = list(self.numbers)[len(self.listed) :]
        if not new:
            return
        words, letters = self._words.__getitem__, self.letters.__getitem__

        def more(held: Ints, number: Callable[[str], int], said: Sequence[str]) -> Ints:
            return np.concatenate((held, np.fromiter(map(number, said), np.int64, count=len(said))))

        self.word = more(self.word, words, new)
        self.less = more(self.less, words, [f"-{token}" for token in new])
        self.sound = more(self.sound, words, [f"~{heard(token)[0]}" for token in new])
        self.piece = more(self.piece, words, [token[:PIECE] for token in new])
        self.letter = more(self.letter, letters, [token[0] for token in new])
        self.dropped = chained(self.dropped, numbered([_dropped(token) for token in new], words))
        self.forms = chained(self.forms, numbered([forms(token) for token in new], words))
        self.listed += new

    def heard(self, pairs: Pairs) -> Owned:
        """Return (place, key) of pairs as heard, and of one token with a pet or full name of the other."""
        found = [(np.arange(len(pairs.one)), both(self.sound[pairs.one], self.sound[pairs.other]))]
        for one, other in ((pairs.one, pairs.other), (pairs.other, pairs.one)):
            formed = self.forms.taken(other)
            places, beside = formed.owners, self.word[one][formed.owners]
            another = formed.values != beside
            found.append((places[another], both(beside, formed.values)[another]))
        return joined(found)

    def slips(self, pairs: Pairs) -> Owned:
        """Return (place, key) of pairs with one of the two tokens less a letter: a letter apart, they share one."""
        found = []
        for one, other in ((pairs.one, pairs.other), (pairs.other, pairs.one)):
            dropped = self.dropped.taken(other)
            places = dropped.owners
            found.append((places, self.less[one][places] << WORD_BITS | dropped.values))
        return joined(found)


def _dropped(token: str) -> tuple[str, ...]:
    """Return a token and what it is with each letter left out; nothing of one so short that little would be left."""
    if len(token) < SHORTEST_SLIP:
        return ()
    return tuple(dict.fromkeys((token, *(token[:at] + token[at + 1 :] for at in range(len(token))))))


class Names:
    """Distinct names, and the tokens each is made of; a name's place is its number less one.

    Attributes:
        numbers: name -> its number.
        tokens: those taken apart.
    """

    def __init__(self) -> None:
        self.numbers = Numbers[Name](WORD_BITS)
        self.tokens = Tokens()
        self._whole, self._letters = empty(), empty()
        self._full = np.empty(0, np.int64)
        self._fulls = Numbers[str](WORD_BITS)

    def take_apart(self) -> None:
        """Take apart the names numbered since the last time."""
        new = list(self.numbers)[self._whole.rows :]
        if not new:
            return
        whole = [whole_tokens(name) for name in new]
        token, letter = self.tokens.numbers.__getitem__, self.tokens.letters.__getitem__
        found = numbered(whole, token)
        self._whole = chained(self._whole, found.mapped(found.values - 1))
        letters = [[each for each in name if len(each) == 1] for name in new]
        self._letters = chained(self._letters, numbered(letters, letter))
        full = [self._full_of(*each) for each in zip(new, whole, strict=True)]
        self._full = np.concatenate((self._full, np.array(full, np.int64)))
        self.tokens.take_apart()

    def _full_of(self, name: Name, whole: Name) -> int:
        """Return the number of all whole tokens of a name; 0 for fewer than two, or where an initial ends it."""
        if len(whole) < 2 or len(name[0]) == 1 or len(name[-1]) == 1:
            return 0
        return self._fulls[" ".join(sorted(whole))]

    def whole(self, names: Ragged) -> Ragged:
        """Return the whole tokens of all the names of each row."""
        return self._whole.through(names)

    def full(self, names: Ragged) -> tuple[Ints, Ragged]:
        """Return for every name of each row the number of all its tokens, 0: none; and those tokens."""
        return self._full[names.values], self._whole.taken(names.values)

    def pairs(self, names: Ragged) -> Pairs:
        """Return every two whole tokens that stand in one name of each row, once."""
        of, one, other, earlier = self._crossed(names)
        owners, one, other = names.owners[of[earlier]], one[earlier], other[earlier]
        one, other = np.minimum(one, other), np.maximum(one, other)
        found = of_owners(owners, one << TOKEN_BITS | other, names.rows, in_order=True).distinct()
        return Pairs(found.owners, found.values >> TOKEN_BITS, found.values & ((1 << TOKEN_BITS) - 1))

    def initial(self, names: Ragged) -> Lettered:
        """Return every whole token with the first letter of another of the same name."""
        of, one, other, _ = self._crossed(names)
        apart = one != other
        return Lettered(names.owners[of[apart]], one[apart], self.tokens.letter[other[apart]])

    def initials(self, names: Ragged) -> Lettered:
        """Return every whole token with each initial written beside it."""
        whole, letters = self._whole.taken(names.values), self._letters.taken(names.values)
        of, mine, theirs = whole.crossed(letters)
        return Lettered(names.owners[of], whole.values[mine], letters.values[theirs])

    def _crossed(self, names: Ragged) -> tuple[Ints, Ints, Ints, Mask]:
        """Return (name, token, token, whether the first stands before) of every two tokens of each name."""
        whole = self._whole.taken(names.values)
        of, mine, theirs = whole.crossed(whole)
        return of, whole.values[mine], whole.values[theirs], mine < theirs

    def alone(self, names: Ragged) -> Owned:
        """Return (row, token) of every name of one whole token."""
        whole = self._whole.taken(names.values)
        single = whole.lengths == 1
        return names.owners[single], whole.values[whole.bounds[:-1][single]]

    def pieces(self, names: Ragged) -> Ragged:
        """Return the beginnings of the whole tokens of each row."""
        whole = self.whole(names)
        return of_owners(whole.owners, self.tokens.piece[whole.values], names.rows, in_order=True).distinct()
