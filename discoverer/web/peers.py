"""Who stands at the other end of the service's socket on this machine: by the kernel's word, never by a header.

The kernel notes process, user and group of whoever connects (SO_PEERCRED), and nothing that they send can change it.
Where that is known, no cookie and no token is read. A form needs no key of a session there either: that key keeps pages
of other sites from acting in the name of whoever is signed in, and a browser opens no socket of a machine, so that no
page can reach this one. The Host header is held to the names of this machine as everywhere ('localhost' is one).
"""

from __future__ import annotations

import pwd
import socket
import struct
from asyncio.trsock import TransportSocket
from dataclasses import dataclass

from starlette.types import Scope

_PEER = "peer"
_FIELDS = struct.Struct("=iII")
_ELSEWHERE = 65_534
"""What the kernel calls everybody of a namespace that this one cannot name: it must never be one person."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Who connected.

    Attributes:
        pid: int, the process that did, which may have ended since.
        uid, gid: int >= 0, whom it acted as at that moment.
    """

    pid: int
    uid: int
    gid: int


def peer_of(line: socket.socket | TransportSocket) -> Peer | None:
    """Return who connected by a socket of this machine; None where it is one of the network.

    Raises:
        OSError: the kernel does not say; the connection must not be answered.
    """
    if line.family != socket.AF_UNIX:
        return None
    told = line.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _FIELDS.size)
    return Peer(*_FIELDS.unpack(told))


def user_of(peer: Peer) -> str:
    """Return the name of the account of this machine that somebody acts as; '' where it has none. It may take a while.

    Root is an account like any other.
    """
    if peer.uid == _ELSEWHERE:
        return ""
    try:
        return pwd.getpwuid(peer.uid).pw_name
    except KeyError:
        return ""


def noted(state: dict[str, object], peer: Peer | None) -> dict[str, object]:
    """Return what each request of a connection begins with, the peer in it: nothing that is sent gets there."""
    return state if peer is None else {**state, _PEER: peer}


def peer_in(scope: Scope) -> Peer | None:
    """Return the peer of a request; None where it came over the network."""
    found = scope.get("state", {}).get(_PEER)
    return found if isinstance(found, Peer) else None
