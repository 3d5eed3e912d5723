"""Who runs a command on this machine: by the kernel's word, not by what the environment says."""

from __future__ import annotations

import os
import pwd

from discoverer.access import Viewer
from discoverer.errors import NotFound

ROLE = "administrator"
"""As what a command changes accounts; it reads no record."""


def operator() -> Viewer:
    """Return whoever runs this, by the name of their account of this machine."""
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = f"user {number}"
    return Viewer(name, ROLE)


def refuse_unknown(user: str) -> None:
    """Refuse the name of an account that this machine does not have: nobody would ever be known by it.

    Raises:
        NotFound: there is none of that name.
    """
    try:
        pwd.getpwnam(user)
    except (KeyError, ValueError):
        raise NotFound(f"This machine has no account '{user}'; 'getent passwd' shows those it has.") from None
