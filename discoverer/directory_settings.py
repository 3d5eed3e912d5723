"""How the force's own directory is told of, and which addresses it may have: `[access.directory]` of the settings."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from discoverer.validation import Field, Spec, field_validator


def is_safe_address(address: str) -> bool:
    """Tell whether an address is one that tokens may be asked at: https, or on this machine; no name or password in it.

    OpenID Connect Core 1.0, 3.1.2 and 3.1.3, asks for TLS; plain http is let through on loopback alone.
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
        parts.port  # noqa: B018 - raises where it is no number
    except ValueError:
        return False
    if not host or not address.isascii() or not address.isprintable() or " " in address:
        return False
    if parts.fragment or parts.username is not None or parts.password is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(host))


def _is_loopback(host: str) -> bool:
    """Tell whether a host is this machine."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class DirectoryRole(Spec):
    """A value of the claim that says what somebody is in the force's directory, and the role it stands for here.

    Attributes:
        value: as the directory writes it: a group's name or id.
        role: one of the closed list of roles.
    """

    value: str = Field(min_length=1)
    role: Literal[
        "call_handler", "rad", "supervisor", "da_specialist", "intelligence", "analyst", "auditor", "administrator"
    ]


class DirectorySettings(Spec):
    """The force's own directory (OpenID Connect), by which people sign in beside, or instead of, accounts kept here.

    Attributes:
        issuer: its address, exactly as it writes it in its tokens; https, but for one on this machine.
        client_id: what this service is called there.
        client_secret: the file that holds the secret shared with it; only its owner may read it.
        scope: what is asked for; 'openid' is among it.
        claim: the claim that says which groups somebody is in.
        roles: the role of each group, the first that fits taken: whoever is in two has the one that stands first.
        name: the claim that says what somebody is called, under which their looks are recorded.
        acr: how they must have signed in there, one of these; none: however the directory lets them.
        amr: what they must have signed in by, one of these; none: as for `acr`.
        ca: the certificates that its own must be signed by; None: those of the machine.
        local: who may still sign in with a password kept here: everybody, administrators (to break in where the
            directory is down), or nobody.
    """

    issuer: str
    client_id: str = Field(min_length=1)
    client_secret: Path
    scope: str = "openid profile"
    claim: str = "groups"
    roles: tuple[DirectoryRole, ...] = Field(min_length=1)
    name: str = "preferred_username"
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()
    ca: Path | None = None
    local: Literal["all", "administrator", "none"] = "administrator"

    def placed(self, base: Path) -> DirectorySettings:
        """Return them with each path relative to a folder, that of the settings file."""
        named = {"client_secret": self.client_secret, "ca": self.ca}
        return self.model_copy(update={name: base / place for name, place in named.items() if place is not None})

    @field_validator("issuer")
    @classmethod
    def _is_safe(cls, value: str) -> str:
        if not is_safe_address(value) or "?" in value:
            raise ValueError(
                f"'{value}' is no address that a directory can be trusted at; write one such as https://..."
            )
        return value

    @field_validator("scope")
    @classmethod
    def _asks_who(cls, value: str) -> str:
        if "openid" not in value.split():
            raise ValueError("'openid' must be among what is asked for; write 'openid profile'")
        return value

    @field_validator("roles")
    @classmethod
    def _each_once(cls, value: tuple[DirectoryRole, ...]) -> tuple[DirectoryRole, ...]:
        groups = [each.value for each in value]
        twice = sorted({group for group in groups if groups.count(group) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice; give each group one role")
        return value
