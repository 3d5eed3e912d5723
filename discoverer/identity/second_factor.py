"""The second factor: the only door to pyotp. A code by the clock (RFC 6238), which counts once.

The shared secret stands readable in the file of accounts, since the code is made of it; the file is its owner's alone.
"""

from __future__ import annotations

import pyotp

from discoverer.identity.rules import number

ISSUER = "Discoverer"


def new_secret() -> str:
    """Return a new shared secret of 160 random bits, in base 32."""
    return pyotp.random_base32()


def address_of(secret: str, name: str) -> str:
    """Return the otpauth address that an authenticator app takes in, as text or as a picture of it."""
    return pyotp.TOTP(secret, interval=number("second_factor", "step")).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: int, after: int) -> int:
    """Return which step a code is of; 0 when it is none that counts.

    Args:
        secret: of the account.
        code: six figures as typed, spaces and all.
        at: seconds since 1970.
        after: the last step whose code was used; no code up to that counts again.
    """
    every = number("second_factor", "step")
    one_time, window = pyotp.TOTP(secret, interval=every), number("second_factor", "window")
    typed, found = "".join(code.split()), 0
    if not (typed.isascii() and typed.isdigit()):
        typed = "none"
    for step in range(at // every - window, at // every + window + 1):
        # Every one is compared, so that the time taken does not tell which it was.
        if pyotp.utils.strings_equal(one_time.at(step * every), typed) and step > after:
            found = step
    return found
