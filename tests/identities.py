"""Accounts for the tests: a clock that is moved by hand, a cost that a test can pay, one account per role."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyotp

from discoverer.identity import Identity
from discoverer.identity.passwords import Cost

CHEAP = Cost(memory=8, rounds=1, lanes=1)
WORDS = "four walls and a roof"
OTHER = "the kettle is on again"
HERE = "192.0.2.10"


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    moment: datetime = datetime(2026, 11, 20, 7, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Return the moment it stands at."""
        return self.moment

    def later(self, seconds: int) -> None:
        """Move it on."""
        self.moment += timedelta(seconds=seconds)


def identity_at(folder: Path, clock: Clock) -> Identity:
    """Return accounts in a folder: 'PC 10' the call handler and 'Ada Minton' the administrator."""
    identity = Identity(folder / "accounts.sqlite", cost=CHEAP, instant=clock)
    identity.add("PC 10", "call_handler", WORDS)
    identity.add("Ada Minton", "administrator", OTHER)
    return identity


def app_of(address: str) -> pyotp.TOTP:
    """Return the authenticator app that took in an otpauth address."""
    return pyotp.TOTP(parse_qs(urlsplit(address).query)["secret"][0])
