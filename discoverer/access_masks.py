"""What is held and not shown: masks of the file of roles and rules, each for some roles, lifted for a reason or never.

A label closes a record as a whole; a mask leaves it there, and keeps back a part of what it says. index/masked.py puts
masks on, where records and mentions are read, so that no door shows what was never handed out.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from discoverer.validation import Field, Phrase, Spec, field_validator, model_validator


class Hidden(StrEnum):
    """What a mask keeps back; closed list."""

    NAMES = "names"
    BIRTHS = "births"
    NUMBERS = "numbers"
    PLACES = "places"
    IDENTIFIERS = "identifiers"
    WORDS = "words"
    SAFE_PLACES = "safe_places"


REPEATED = frozenset({Hidden.NAMES, Hidden.BIRTHS, Hidden.NUMBERS, Hidden.PLACES, Hidden.IDENTIFIERS})
"""What a record's free words, and the reasons for a match or a link, may say again: kept back with it."""


class Mask(Spec):
    """Something that some roles are not shown though they read the record.

    Attributes:
        id: str, what `access roles` and the audit call it.
        roles: the roles that it is for, by name.
        hides: what: 'names', 'numbers' and 'places' are told as pseudonyms, the same for the same, so that rows can be
            joined; of 'births' the year is left; 'identifiers' and 'words' (summaries, running texts, notes) are left
            out; of 'safe_places', addresses that a protected record holds, whom to ask is told instead.
        contact: str, whom to ask about a safe place, with how to reach them; '' where it hides none.
        reveal: 'reason': lifted for one person, place, number or record at a time, by whoever says why; 'never'.
        why: str, in one line.
    """

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    roles: tuple[str, ...] = Field(min_length=1)
    hides: tuple[Hidden, ...] = Field(min_length=1)
    contact: str = Field(default="", max_length=200)
    reveal: Literal["reason", "never"]
    why: Phrase

    @field_validator("hides")
    @classmethod
    def _words_too(cls, value: tuple[Hidden, ...]) -> tuple[Hidden, ...]:
        """Refuse to hide what a record's free words would say all the same."""
        repeated = sorted(each.value for each in value if each in REPEATED)
        if repeated and Hidden.WORDS not in value:
            raise ValueError(f"a record's free words may repeat its {' and '.join(repeated)}; hide 'words' too")
        return value

    @model_validator(mode="after")
    def _says_whom_to_ask(self) -> Mask:
        if (Hidden.SAFE_PLACES in self.hides) != bool(self.contact.strip()):
            raise ValueError("whoever is not shown a safe place is told whom to ask: give 'contact' with safe_places")
        return self


def without_safe_places(mask: Mask) -> Mask | None:
    """Return a mask for whoever reads nothing protected: to them a safe place is no other than any that is not there.

    None: nothing is left of it.
    """
    left = tuple(each for each in mask.hides if each is not Hidden.SAFE_PLACES)
    return mask.model_copy(update={"hides": left, "contact": ""}) if left else None
