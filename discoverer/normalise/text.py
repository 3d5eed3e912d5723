"""The comparison form of any text: what is left when case, accents and punctuation stop mattering.

A folded text is never shown; it exists to be compared, indexed and split into words. Letters of every
script are kept: a name in Polish, Somali, Urdu or Punjabi spelling folds to letters of its own script.
"""

from __future__ import annotations

import unicodedata

# Letters that Unicode decomposition leaves whole (domain.md 6.1 rule 6), and what clerks type instead.
_EXPLICIT = {
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "ø": "o",
    "ı": "i",
    "æ": "ae",
    "œ": "oe",
    "þ": "th",
    "ħ": "h",
    "ŋ": "n",
    "ŧ": "t",
    "ɓ": "b",
    "ɗ": "d",
    "ƙ": "k",
    "ƴ": "y",
    "ə": "e",
}

# Apostrophes and the marks typed in their place: removed, so that O'Neill, O’Neill and ONeill are one word.
_APOSTROPHES = "'`´‘’‚‛′‵ʹʻʼʽʾʿˈꞌ\u055a\u05f3＇"

# Invisible characters that pasting leaves inside words: soft hyphen, joiners, marks of direction.
_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\ufeff"

_REMOVED = frozenset(_APOSTROPHES + _INVISIBLE)
_ASCII = {code: (chr(code) if chr(code).isalnum() else " ") for code in range(128)} | {ord("'"): "", ord("`"): ""}
_STRIP_EARLY = str.maketrans("", "", "".join(sorted(_REMOVED)))
_ROUNDS = 6  # folding settles in one round for real text; odd Unicode needs two or three


class _Letters(dict[int, str]):
    """What each code point becomes; worked out once per code point met."""

    def __missing__(self, code: int) -> str:
        folded = _fold_letter(chr(code))
        if code <= 0xFFFF:  # bounded: rarer planes are worked out each time
            self[code] = folded
        return folded


def _fold_letter(letter: str) -> str:
    """Fold one decomposed, lower-case character to letters, a digit, a space or nothing."""
    if letter in _EXPLICIT:
        return _EXPLICIT[letter]
    if letter in _REMOVED or unicodedata.combining(letter):
        return ""
    number = unicodedata.decimal(letter, None)
    if number is not None:
        return str(number)
    if letter.isalnum() or unicodedata.category(letter).startswith("M"):  # vowel signs of Indic scripts
        return letter
    return " "


_LETTERS = _Letters()


def fold(text: str) -> str:
    """Return the comparison form of `text`: lower case, no accents, no punctuation, single spaces.

    Apostrophes of every kind vanish; other punctuation, control characters, symbols and lone surrogates
    become spaces. Total and idempotent; NFC and NFD spellings give the same form.

    Args:
        text: any str.

    Returns:
        str of letters and digits in words parted by one space; '' when nothing is left.
    """
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII).split())
    for _ in range(_ROUNDS):
        folded = _fold_once(text)
        if folded == text:
            break
        text = folded
    return text


def _fold_once(text: str) -> str:
    """Take every step of folding once."""
    bare = text.translate(_STRIP_EARLY)  # before NFKC, which turns an acute accent into a space and a mark
    lowered = unicodedata.normalize("NFKC", bare).casefold()
    letters = unicodedata.normalize("NFKD", lowered).translate(_LETTERS)
    return " ".join(unicodedata.normalize("NFC", letters).split())


def words(text: str) -> tuple[str, ...]:
    """Return the folded words of `text`, in order; () when there are none."""
    return tuple(fold(text).split())


def distinct(items: tuple[str, ...]) -> tuple[str, ...]:
    """Return `items` without blanks and repeats, first places kept."""
    return tuple(dict.fromkeys(item for item in items if item))
