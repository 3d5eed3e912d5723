"""Serves on loopback until it is told to stop: the only door to uvicorn."""

from __future__ import annotations

import ipaddress
import logging
import os
import signal
import socket
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn
from fastapi import FastAPI
from uvicorn.supervisors import Multiprocess

from discoverer.app import App
from discoverer.errors import UsageError
from discoverer.identity import desk_of
from discoverer.settings import DEFAULT_CONFIG, load
from discoverer.web import service
from discoverer.web.guards import LOOPBACK_NAMES
from discoverer.web.metrics import FOLDER_VARIABLE
from discoverer.web.screen import pages

CONFIG_VARIABLE = "DISCOVERER_CONFIG"
"""Where a worker finds the path of the settings file."""
NAME_VARIABLE = "DISCOVERER_SERVED_AS"
"""Where a worker finds the address it serves on."""
PARENT_VARIABLE = "DISCOVERER_SERVED_BY"
"""Where a worker finds the process that started it; unset where one process serves alone."""
_FACTORY = "discoverer.web.server:from_environment"
_LONGEST_HEAD = 262_144
"""Bytes of request line and headers that are read: more than is taken, so that too much is refused in our own words."""
_BACKLOG = 256
_LOOK_SECONDS = 0.5
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
    served = os.environ.get(NAME_VARIABLE, "")
    return service.create(
        app, screen=pages.screen(app, accounts), names=LOOPBACK_NAMES | {served} - {""}, accounts=accounts
    )


def serve(config: Path, host: str, port: int, workers: int, say: Callable[[str], None]) -> None:
    """Serve until stopped by a signal; answers under way are finished first.

    Args:
        config: the settings file.
        host: a loopback address or 'localhost'.
        port: int 0 to 65535; 0: any that is free.
        workers: int >= 1, processes.
        say: tells where it serves, once it does.

    Raises:
        ConfigError: the settings have mistakes.
        UsageError: the host is not loopback, or the port is taken.
    """
    address = loopback(host)
    load(config)
    bound = _bound(address, port)
    name = f"[{address}]" if ":" in address else address
    os.environ[CONFIG_VARIABLE] = str(config.resolve())
    os.environ[NAME_VARIABLE] = name
    say(f"Discoverer serves at http://{name}:{bound.getsockname()[1]}/ (Ctrl+C ends it).")
    with bound:
        if workers == 1:
            _run(bound, workers)
            return
        with tempfile.TemporaryDirectory(prefix="discoverer-metrics-") as folder:
            os.environ[FOLDER_VARIABLE] = folder
            os.environ[PARENT_VARIABLE] = str(os.getpid())
            _run(bound, workers)


def _run(bound: socket.socket, workers: int) -> None:
    """Serve on a socket that listens, until a signal says to stop."""
    config = uvicorn.Config(
        _FACTORY,
        factory=True,
        workers=workers,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        h11_max_incomplete_event_size=_LONGEST_HEAD,
        timeout_graceful_shutdown=_FINISH_SECONDS,
    )
    if workers > 1:
        Multiprocess(config, sockets=[bound]).run()
        return
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, _end_well)
    uvicorn.Server(config).run(sockets=[bound])


def _end_after(parent: int) -> None:
    """End this worker well once the process that started it is gone: it would keep the port, and be ended by nobody."""
    while os.getppid() == parent:
        threading.Event().wait(_LOOK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


def _end_well(number: int, frame: FrameType | None) -> None:
    """Do nothing more: uvicorn, which has stopped by then, raises the signal that stopped it once again."""
    del number, frame


def loopback(host: str) -> str:
    """Return the loopback address a host name stands for.

    Raises:
        UsageError: it is not loopback: until access control is set up nobody else may ask.
    """
    address = "127.0.0.1" if host.lower() == "localhost" else host.strip("[]")
    try:
        if ipaddress.ip_address(address).is_loopback:
            return address
    except ValueError:
        pass
    raise UsageError(
        f"'{host}' is not a loopback address, and access control is not set up, so that anybody could search from"
        " there; serve on 127.0.0.1."
    )


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
