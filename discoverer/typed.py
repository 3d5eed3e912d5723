"""What is refused of anything typed before it is read: too many characters, and bytes that are no text."""

from __future__ import annotations

import re

from discoverer.errors import UsageError

# What 'surrogateescape' makes of a byte that is not UTF-8: a name read wrongly would find nobody and not say why.
_UNDECODED = re.compile("[\udc80-\udcff]")
# Any half of a character, as a broken export holds it too: a question may, but no id does and no database keeps it.
_HALF = re.compile("[\ud800-\udfff]")


def is_undecoded(text: str) -> bool:
    """Tell whether some of a text are bytes that are not UTF-8."""
    return not text.isascii() and _UNDECODED.search(text) is not None


def holds_half(text: str) -> bool:
    """Tell whether a text holds half of a character, bytes that are not UTF-8 among them."""
    return not text.isascii() and _HALF.search(text) is not None


def refuse_unreadable(text: str, what: str, longest: int, advice: str) -> None:
    """Refuse what cannot be a question, an id or a reason.

    Args:
        text: as typed.
        what: how it is called, with its article: 'The query'.
        longest: int > 0, characters it may have.
        advice: what to do when it has more, after 'at most 2,000': ', best the key facts alone'; '' for nothing.

    Raises:
        UsageError: it is longer, or holds bytes that are not UTF-8.
    """
    if len(text) > longest:
        raise UsageError(f"{what} is {len(text):,} characters long; type at most {longest:,}{advice}.")
    if is_undecoded(text):
        raise UsageError(f"{what} holds bytes that are not UTF-8; type it again, or copy it from a hit.")
