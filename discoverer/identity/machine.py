"""Who runs a command on this machine: by the kernel's word, not by what the environment says."""

from __future__ import annotations

import os
import pwd

from discoverer.access import DEMO_VIEWER, Viewer
from discoverer.access_rules import OPERATOR
from discoverer.errors import NotFound
from discoverer.settings import Settings


def at_the_machine(settings: Settings) -> Viewer:
    """Return as whom a command that reads no record is run: where people have accounts, as the operator."""
    return DEMO_VIEWER if settings.access.accounts is None else operator()


def operator() -> Viewer:
    """Return whoever runs this, by the name of their account of this machine; as what they are they read no record."""
    number = os.getuid()
    try:
        name = pwd.getpwuid(number).pw_name
    except KeyError:
        name = f"user {number}"
    return Viewer(name, OPERATOR.name)


def refuse_unknown(user: str) -> None:
    """Refuse the name of an account that this machine does not have: nobody would ever be known by it.

    Raises:
        NotFound: there is none of that name.
    """
    try:
        pwd.getpwnam(user)
    except (KeyError, ValueError):
        raise NotFound(f"This machine has no account '{user}'; 'getent passwd' shows those it has.") from None
