"""What a word sounds like to an English ear: the only door to jellyfish.

Soundex-like codes serve English, Irish and Caribbean names and fail many South Asian, Polish and Somali ones
(domain.md 9.13), so a sound is only ever one way among several to reach a name, never a requirement.
"""

from __future__ import annotations

from functools import lru_cache

import jellyfish

# Longer strings are not words; their sound would cost time and match nothing.
_LONGEST = 40


@lru_cache(maxsize=262_144)
def sound(token: str) -> str:
    """Return the Metaphone code of one folded token, e.g. 'KLRK' for 'clark' and 'clarke'.

    Args:
        token: one folded word.

    Returns:
        str of code letters; '' when the token is not all letters a-z or is longer than any word (40).
    """
    if not (token.isascii() and token.isalpha()) or len(token) > _LONGEST:
        return ""
    return str(jellyfish.metaphone(token))
