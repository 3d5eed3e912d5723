"""The demonstration's people: one invented for each role, each with a passphrase made at random and shown once."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from discoverer.identity.accounts import Account
from discoverer.identity.desk import Identity

PEOPLE = {
    "call_handler": ("Imogen Tasker", "Call handler, desk 4"),
    "rad": ("Callum Reddy", "Resource allocation and dispatch"),
    "supervisor": ("Hester Okoro", "Sgt, control room"),
    "da_specialist": ("Priya Lindqvist", "DC, domestic abuse unit"),
    "intelligence": ("Tomas Abara", "Intelligence desk"),
    "analyst": ("Wren Castellan", "Performance analyst"),
    "auditor": ("Odette Farrow", "Professional standards"),
    "administrator": ("Jonah Pryce", "Systems"),
}
"""Role -> (name, title). Nobody of these is anybody."""
_CONSONANTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
_GROUPS, _SYLLABLES = 5, 2  # ten syllables of seventy: 61 bits, and four letters at a time can be typed off a screen


@dataclass(frozen=True, slots=True)
class DemoUser:
    """Somebody who can sign in to the demonstration.

    Attributes:
        account: as it was made.
        passphrase: str, shown once.
    """

    account: Account
    passphrase: str


def demo_users(identity: Identity) -> list[DemoUser]:
    """Make one invented person for each role that there is, or give those there are a new passphrase.

    Raises:
        AccountsUnavailable: they cannot be written.
    """
    found = {each.name for each in identity.accounts()} if identity.exists() else set()
    made = []
    for role, (name, title) in PEOPLE.items():
        if role not in identity.roles:
            continue
        passphrase = new_passphrase()
        if name in found:
            account = identity.set_password(name, passphrase)
        else:
            account = identity.add(name, role, passphrase, title)
        made.append(DemoUser(account, passphrase))
    return made


def new_passphrase() -> str:
    """Return a random passphrase that can be read off a screen and typed."""
    return "-".join("".join(_syllable() for _ in range(_SYLLABLES)) for _ in range(_GROUPS))


def _syllable() -> str:
    """Return a random syllable."""
    return secrets.choice(_CONSONANTS) + secrets.choice(_VOWELS)
