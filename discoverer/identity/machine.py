"""Who runs a command on this machine: by the kernel's word, not by what the environment says."""

from __future__ import annotations

import os
import pwd

from discoverer.access import Viewer

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
