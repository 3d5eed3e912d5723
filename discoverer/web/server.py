"""Serves until it is told to stop: the only door to uvicorn."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any, cast

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.supervisors import Multiprocess

from discoverer.app import App
from discoverer.audit import set_up
from discoverer.errors import UsageError
from discoverer.identity import desk_of
from discoverer.settings import DEFAULT_CONFIG, load
from discoverer.web import peers, service
from discoverer.web.binding import Tls, checked, refuse_unsound, refuse_without_accounts
from discoverer.web.guards import LOOPBACK_NAMES
from discoverer.web.local_socket import listening
from discoverer.web.metrics import FOLDER_VARIABLE
from discoverer.web.screen import pages

CONFIG_VARIABLE = "DISCOVERER_CONFIG"
"""Where a worker finds the path of the settings file."""
NAME_VARIABLE = "DISCOVERER_SERVED_AS"
"""Where a worker finds the names it answers to beside those of this machine, a space apart."""
PARENT_VARIABLE = "DISCOVERER_SERVED_BY"
"""Where a worker finds the process that started it; unset where one process serves alone."""
_FACTORY = "discoverer.web.server:from_environment"
_LOOP = "discoverer.web.server:Loop"
_LONGEST_HEAD = 262_144
"""Bytes of request line and headers that are read: more than is taken, so that too much is refused in our own words."""
HEAD_SECONDS = 10.0
"""How long whoever connects may take to send the head of a request; uvicorn itself would wait for ever."""
_BACKLOG = 256
_LOOK_SECONDS = 0.5
_SILENT_SECONDS = 60
"""How long a worker may be silent before it is ended for another: on a busy machine one needs many seconds to begin,
and uvicorn's own five would end it before it had, again and again, with whatever is under way."""
_FINISH_SECONDS = 30
"""How long answers under way may take to finish once the service is told to stop."""


def from_environment() -> FastAPI:
    """Return the service of the settings file that the environment names, for each worker.

    Raises:
        ConfigError: the settings have mistakes.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", force=True)
    if PARENT_VARIABLE in os.environ:
        threading.Thread(target=_end_after, args=(int(os.environ[PARENT_VARIABLE]),), daemon=True).start()
    settings = load(Path(os.environ.get(CONFIG_VARIABLE, str(DEFAULT_CONFIG))))
    app = App(settings)
    accounts = desk_of(settings.access)
    served = os.environ.get(NAME_VARIABLE, "").split()
    return service.create(
        app, screen=pages.screen(app, accounts), names=LOOPBACK_NAMES.union(served), accounts=accounts
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Where and how the service stands.

    Attributes:
        host: str, a loopback address or 'localhost', or any address where there are accounts and TLS.
        port: int 0 to 65535; 0: any that is free.
        workers: int >= 1, processes.
        tls: None: plain HTTP, on this machine alone.
        names: what it is called in the Host header beside its address.
        head_seconds: float > 0, how long the head of a request is waited for.
        socket: Path, where the commands of this machine ask it besides; None: where the settings say, if anywhere.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    tls: Tls | None = None
    names: Sequence[str] = ()
    head_seconds: float = HEAD_SECONDS
    socket: Path | None = None


def serve(config: Path, place: Place, say: Callable[[str], None]) -> None:
    """Serve until stopped by a signal; answers under way are finished first.

    Args:
        config: the settings file.
        place: where.
        say: tells where it serves, once it does.

    Raises:
        ConfigError: the settings have mistakes.
        UsageError: it may not stand there, its certificate is not sound, or the port or the socket cannot be had.
    """
    address = checked(place.host, place.tls, place.names)
    settings = load(config)
    set_up(settings)
    refuse_without_accounts(address, settings.access.accounts)
    local = place.socket or settings.access.socket
    if local is not None and settings.access.accounts is None:
        raise UsageError("A socket is for people who have accounts; name a file of accounts under [access] first.")
    if place.tls:
        refuse_unsound(place.tls)
    name = f"[{address}]" if ":" in address else address
    os.environ[CONFIG_VARIABLE] = str(config.resolve())
    os.environ[NAME_VARIABLE] = " ".join((name, *place.names))
    with ExitStack() as open_places:
        bound = [open_places.enter_context(_bound(address, place.port))]
        bound += [open_places.enter_context(listening(local))] if local else []
        _serve(bound, place, name, say)


def _serve(bound: list[socket.socket], place: Place, name: str, say: Callable[[str], None]) -> None:
    """Say where it serves, and do."""
    shown = f"{'https' if place.tls else 'http'}://{[*place.names, name][0]}:{bound[0].getsockname()[1]}/"
    say(f"Discoverer serves at {shown} (Ctrl+C ends it).")
    if place.workers == 1:
        _run(bound, place)
        return
    with tempfile.TemporaryDirectory(prefix="discoverer-metrics-") as folder:
        os.environ[FOLDER_VARIABLE] = folder
        os.environ[PARENT_VARIABLE] = str(os.getpid())
        _run(bound, place)


def _run(bound: list[socket.socket], place: Place) -> None:
    """Serve on sockets that listen, until a signal says to stop."""
    config = uvicorn.Config(
        _FACTORY,
        factory=True,
        workers=place.workers,
        http=cast(type[asyncio.Protocol], partial(Heads, head_seconds=place.head_seconds)),
        ws="none",
        loop=_LOOP,
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_graceful_shutdown=_FINISH_SECONDS,
        timeout_worker_healthcheck=_SILENT_SECONDS,
        # TLS 1.2 at the least and no weak cipher: what Python's own server context has; a test holds it.
        ssl_certfile=place.tls.certificate if place.tls else None,
        ssl_keyfile=place.tls.key if place.tls else None,
    )
    if place.workers > 1:
        Multiprocess(config, sockets=bound).run()
        return
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _end_well)
    uvicorn.Server(config).run(sockets=bound)


class Loop(asyncio.SelectorEventLoop):
    """Serves without TLS on a socket of this machine, where uvicorn would have it as on the others."""

    async def create_server(self, *args: Any, **named: Any) -> asyncio.Server:  # noqa: ANN401 - asyncio's own
        """Serve on a socket, as asyncio does."""
        given = named.get("sock")
        if isinstance(given, socket.socket) and given.family == socket.AF_UNIX:
            named["ssl"] = None
        return await super().create_server(*args, **named)


class Heads(H11Protocol):
    """One connection, closed where the head of a request does not come whole in time: it would stand open for ever."""

    def __init__(self, *args: Any, head_seconds: float = HEAD_SECONDS, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        """Take how long a head is waited for, and what uvicorn gives."""
        super().__init__(*args, **named)
        self._head_seconds = head_seconds
        self._late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        """Note who connected, where this machine can tell, and begin to wait for the first head."""
        # First of all: where the kernel does not say who it is, nothing of this connection is ever answered.
        self.app_state = peers.noted(self.app_state, peers.peer_of(transport.get_extra_info("socket")))
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take what came, which may end a head or begin one."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Begin to wait for the next head."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no more."""
        super().connection_lost(exc)
        self._forget()

    def _watch(self) -> None:
        """Wait for a head, from when the first was waited for on, unless an answer is under way."""
        if self.cycle is not None and not self.cycle.response_complete:
            self._forget()
        elif self._late is None:
            self._late = self.loop.call_later(self._head_seconds, self.transport.close)

    def _forget(self) -> None:
        """Wait no more."""
        if self._late is not None:
            self._late.cancel()
            self._late = None


def _end_after(parent: int) -> None:
    """End this worker well once the process that started it is gone: it would keep the port, and be ended by nobody."""
    while os.getppid() == parent:
        threading.Event().wait(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _end_well(number: int, frame: FrameType | None) -> None:
    """Do nothing more: uvicorn, which has stopped by then, raises the signal that stopped it once again."""
    del number, frame


def _bound(address: str, port: int) -> socket.socket:
    """Return a socket that listens at an address, so that who asks while the service starts is answered too.

    Raises:
        UsageError: it cannot be had.
    """
    bound = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((address, port))
        bound.listen(_BACKLOG)
    except OSError as error:
        bound.close()
        raise UsageError(
            f"{address} port {port} cannot be served on ({error.strerror}); choose another with --port."
        ) from None
    return bound
