"""Where the service may stand: on this machine for whoever sits at it, beyond it only with accounts and TLS."""

from __future__ import annotations

import ipaddress
import re
import ssl
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from discoverer.errors import UsageError

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
_NAME = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?)*")


@dataclass(frozen=True, slots=True)
class Tls:
    """What the service shows that it is itself by.

    Attributes:
        certificate: Path, PEM, with the chain up to what browsers know.
        key: Path, PEM, without a password, readable by its owner alone.
    """

    certificate: Path
    key: Path


def loopback(host: str) -> str:
    """Return the loopback address that a host name stands for; '' where it is none."""
    address = "127.0.0.1" if host.lower() == "localhost" else host.strip("[]")
    try:
        return address if ipaddress.ip_address(address).is_loopback else ""
    except ValueError:
        return ""


def checked(host: str, tls: Tls | None, names: Sequence[str]) -> str:
    """Return the address to stand at, which no settings are needed to say.

    Args:
        host: as given.
        tls: None: without it.
        names: what the service is called there.

    Raises:
        UsageError: it is beyond this machine and something of what that needs is missing, each of which is named.
    """
    odd = [name for name in names if not _NAME.fullmatch(name)]
    if odd:
        raise UsageError(f"'{odd[0]}' is no name that a browser can ask for; give one such as discoverer.example.test.")
    if address := loopback(host):
        return address
    address = host.strip("[]")
    missing = []
    try:
        unspecified = ipaddress.ip_address(address).is_unspecified
    except ValueError:
        unspecified = False
        missing.append("give it as an IP address")
    if tls is None:
        missing.append("give --tls-cert and --tls-key")
    if unspecified and not names:
        missing.append("give --name, by which browsers ask for it")
    if missing:
        raise UsageError(
            f"'{host}' is not a loopback address, and nobody beyond this machine is served without access control"
            f" (a file of accounts in [access] of the settings) and TLS: {'; '.join(missing)}; or serve on 127.0.0.1."
        )
    return address


def refuse_without_accounts(address: str, accounts: Path | None) -> None:
    """Refuse to stand beyond this machine where nobody signs in.

    Raises:
        UsageError: it would.
    """
    if accounts is None and not loopback(address):
        raise UsageError(
            f"'{address}' is not a loopback address, and access control is not set up, so that anybody could search"
            ' from there; write accounts = "accounts.sqlite" under [access] in the settings and make an account by'
            " 'discoverer users add', or serve on 127.0.0.1."
        )


def refuse_unsound(tls: Tls) -> None:
    """Refuse a certificate and key that cannot be served with, before anything is.

    Raises:
        UsageError: one is not there or cannot be read, others than its owner may read the key, or they do not fit.
    """
    try:
        mode = tls.key.stat().st_mode
        if not stat.S_ISREG(mode):
            raise UsageError(f"{tls.key} is no file; name the file of the key with --tls-key.")
        if mode & _OTHERS:
            raise UsageError(
                f"{tls.key} can be read by others than its owner, who could then pass for this service; run 'chmod 600"
                f" {tls.key}', and replace the key if anybody may have read it."
            )
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.certificate, tls.key, _refused)
    except ssl.SSLError as error:
        raise UsageError(
            f"{tls.certificate} and {tls.key} are no certificate and its key ({error.reason or 'unreadable'}); name"
            " those that belong together, in PEM form."
        ) from None
    except OSError as error:
        where = error.filename or f"{tls.certificate} or {tls.key}"
        raise UsageError(f"{where} cannot be read ({error.strerror}); check --tls-cert and --tls-key.") from None


def _refused() -> str:
    """Refuse to ask for the password of a key: nobody types one when the service is started again at night."""
    raise UsageError(
        "The key has a password, which nobody can type when the service starts by itself; keep it without one, readable"
        " by its owner alone."
    )
