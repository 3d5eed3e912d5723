"""Passwords: the only door to argon2. Hashed with argon2id, never kept, never logged, never in a message.

Sources: OWASP Password Storage Cheat Sheet (algorithm and cost), OWASP ASVS 4.0.3 chapter 2.1 (length, no rules of
composition, no phrase everybody tries first).
"""

from __future__ import annotations

import secrets
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from argon2 import PasswordHasher, Type
from argon2.exceptions import Argon2Error, InvalidHashError

from discoverer.errors import AccountRefused
from discoverer.identity.rules import number, rules
from index.decisions import same_viewer_key


@dataclass(frozen=True, slots=True)
class Cost:
    """What hashing one password takes.

    Attributes:
        memory: int >= 8, KiB.
        rounds: int >= 1.
        lanes: int >= 1.
    """

    memory: int
    rounds: int
    lanes: int


def shipped_cost() -> Cost:
    """Return the cost that the data file asks for."""
    return Cost(number("argon2", "memory"), number("argon2", "rounds"), number("argon2", "lanes"))


class Hashing:
    """Hashes passwords and holds them against hashes, a few at a time."""

    def __init__(self, cost: Cost | None = None) -> None:
        """Take the cost; None: the one shipped."""
        at = cost or shipped_cost()
        self._hasher = PasswordHasher(time_cost=at.rounds, memory_cost=at.memory, parallelism=at.lanes, type=Type.ID)
        self._turn = threading.BoundedSemaphore(number("passwords", "at_once"))
        self._nobody = ""

    def hash(self, password: str) -> str:
        """Return the hash of a password, with its cost and a random salt in it."""
        with self._turn:
            return self._hasher.hash(_bytes(password))

    def fits(self, password: str, hashed: str) -> bool:
        """Tell whether a password is the one of a hash; as much work is done where there is no hash ('').

        A password longer than any can be fits none, and costs the same.
        """
        real = bool(hashed) and len(password) <= number("passwords", "most")
        against = hashed if real else self._hash_of_nobody()
        with self._turn:
            try:
                fits = self._hasher.verify(against, _bytes(password[: number("passwords", "most")]))
            except (Argon2Error, InvalidHashError):
                return False
        return fits and real

    def is_outdated(self, hashed: str) -> bool:
        """Tell whether a hash was made at another cost than now."""
        return self._hasher.check_needs_rehash(hashed)

    def _hash_of_nobody(self) -> str:
        """Return the hash that is worked on where there is none: of a password nobody has."""
        if not self._nobody:
            self._nobody = self.hash(secrets.token_hex(32))
        return self._nobody


def refuse_weak(password: str, name: str) -> None:
    """Refuse a password that is soon guessed.

    Raises:
        AccountRefused: it is too short, too long, the account's own name, or among the first that anybody tries; the
            sentence never holds it.
    """
    least, most = number("passwords", "least"), number("passwords", "most")
    plain = unicodedata.normalize("NFKC", password)
    if len(plain) < least:
        raise AccountRefused(f"The password must have at least {least} characters; four or five words make a good one.")
    if len(password) > most:
        raise AccountRefused(f"The password may have at most {most} characters; type a shorter one.")
    key = _key(plain)
    if len(set(plain.casefold())) < number("passwords", "distinct"):
        raise AccountRefused("The password is the same few characters again and again; type another.")
    if key in _common() or key.strip("0123456789") in _common():
        raise AccountRefused("The password is among the first that anybody tries; type another.")
    if (own := _key(name)) and len(key.replace(own, "")) < least // 2:
        raise AccountRefused("The password is little but the account's own name; type another.")


def _key(text: str) -> str:
    """Return what is left of a phrase when case, accents, spaces and stops do not matter."""
    return same_viewer_key(text)


@lru_cache(maxsize=1)
def _common() -> frozenset[str]:
    """Return the phrases that nobody may take."""
    return frozenset(_key(each) for each in rules()["common"]["phrases"])


def _bytes(password: str) -> bytes:
    """Return a password as it is hashed: typed on another keyboard, an accent is the same accent."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")
