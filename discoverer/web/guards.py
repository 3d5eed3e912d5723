"""What every request and answer passes: an id, who may ask from where, how much may be sent, and what a browser may do.

The service stands on loopback, so whoever reaches it is on this machine, and so is every web page open in its browser:
such a page may neither ask in the user's name nor, by a name of its own that leads here, read what is answered.
"""

from __future__ import annotations

import asyncio
import logging
import re
import traceback
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from discoverer import audit
from discoverer.clock import seconds
from discoverer.web.problems import Problem, Problems, of_status, unexpected

log = logging.getLogger("discoverer.web")

LOOPBACK_NAMES = frozenset({"127.0.0.1", "localhost", "[::1]"})
LONGEST_URL = 32_768
"""Bytes of path and query: 2,000 characters of any script, each written as %XX, and their names."""
LARGEST_BODY = 65_536
"""Bytes of a form: more than the box takes, so that what is too long is told so by the box's own sentence."""
BODY_SECONDS = 10.0
"""How long the next part of a body is waited for."""
SEND_SECONDS = 30.0
"""How long whoever asked may take to read the next part of an answer; else they would keep a turn from others."""
CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": a browser then says "Origin: null" of our own forms, which no guard can tell from another site.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_ONLY_TLS = "max-age=31536000"
"""For a year a browser asks over TLS alone, whatever it is told."""
_STATIC = "/static/"
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_OURS = frozenset({"same-origin", "none"})
_WELL_FORMED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")
_CLOSE = {"Connection": "close"}


@dataclass(frozen=True, slots=True)
class Done:
    """One request that was answered, for the log and the counters; it says nothing of what was asked.

    Attributes:
        method: str, e.g. 'GET'.
        route: str, the route as it was declared: '/api/v1/search'; '' where none fits.
        status: int, HTTP status; 499 where whoever asked had gone.
        seconds: float >= 0, until the last byte of the answer.
    """

    method: str
    route: str
    status: int
    seconds: float


class Guard:
    """Stands round the whole service."""

    def __init__(
        self,
        app: ASGIApp,
        problems: Problems,
        names: Iterable[str] = LOOPBACK_NAMES,
        on_done: Callable[[Done], None] | None = None,
        on_look: Callable[[str, int], None] | None = None,
        large_bodies: Iterable[str] = (),
    ) -> None:
        """Take what stands inside.

        Args:
            app: the service.
            problems: how a refusal is answered.
            names: what the service may be called in the Host header, a port aside.
            on_done: told of every request once it is answered.
            on_look: told of every look that a request leads to.
            large_bodies: paths that bound what is sent to them themselves.
        """
        self._app = app
        self._problems = problems
        self._names = frozenset(names)
        self._on_done = on_done
        self._on_look = on_look
        self._large = frozenset(large_bodies)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        ident = _ident(Headers(scope=scope).get("x-request-id", ""))
        scope.setdefault("state", {})["request_id"] = ident
        began = seconds()
        answer = _Answer(send, ident, scope)
        listening = audit.on_look.set(self._on_look)
        client = scope.get("client")
        came_from = audit.looked_from.set(client[0] if client else "")
        try:
            await self._answered(scope, receive, answer, ident)
        finally:
            audit.on_look.reset(listening)
            audit.looked_from.reset(came_from)
        done = Done(scope["method"], route_of(scope), answer.status, seconds() - began)
        log.info("%s %s %d %.0f ms [%s]", done.method, done.route or "-", done.status, done.seconds * 1_000, ident)
        if self._on_done is not None:
            self._on_done(done)

    async def _answered(self, scope: Scope, receive: Receive, answer: _Answer, ident: str) -> None:
        """Refuse the request or let it in; whatever goes wrong is logged by kind and place, said in one sentence."""
        largest = None if scope["path"] in self._large else LARGEST_BODY
        try:
            refusal = self._refusal(scope, largest, ident)
            if refusal is not None:
                await self._problems.response(Request(scope), refusal, _CLOSE)(scope, receive, answer.send)
                return
            coming = _bounded(receive, largest)
            if largest is not None and scope["method"] not in _READING:
                coming = await _whole(coming)  # before it takes anybody's turn: slow senders wait by themselves
            await self._app(scope, coming, answer.send)
        except ClientDisconnect:
            answer.status = 499
        except HTTPException as refused:
            told = of_status(refused.status_code, refused.detail, ident)
            await self._problems.response(Request(scope), told, _CLOSE)(scope, receive, answer.send)
        except Exception as error:
            log.error("Unexpected error [%s]: %s", ident, _where(error))
            if answer.status:
                raise  # the answer has begun: it must break off, or it would look whole
            await self._problems.response(Request(scope), unexpected(ident))(scope, receive, answer.send)

    def _refusal(self, scope: Scope, largest: int | None, ident: str) -> Problem | None:
        """Return why a request is not let in; None when it is."""
        headers = Headers(scope=scope)
        for check in (self._wrong_name(headers), _unreadable_url(scope), _from_elsewhere(scope, headers)):
            if check is not None:
                return of_status(*check, ident)
        length = headers.get("content-length", "")
        if largest is not None and length.isdecimal() and int(length) > largest:
            return of_status(413, _too_large(largest), ident)
        return None

    def _wrong_name(self, headers: Headers) -> tuple[int, str] | None:
        """Refuse a request that calls the service by a name that is not its own (DNS rebinding)."""
        called = headers.getlist("host")
        if len(called) == 1 and re.sub(r":\d*$", "", called[0].lower()) in self._names:
            return None
        return 421, f"This service answers only as {' or '.join(sorted(self._names))}; ask it by one of these names."


class _Answer:
    """The way out: adds what every answer carries, and notes its status."""

    def __init__(self, send: Send, ident: str, scope: Scope) -> None:
        self._send = send
        self._ident = ident
        self._static = scope["path"].startswith(_STATIC)
        self._secure = scope.get("scheme") == "https"
        self.status = 0

    async def send(self, message: Message) -> None:
        """Send one part of the answer.

        Raises:
            ClientDisconnect: it is not being read.
        """
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = MutableHeaders(scope=message)
            headers["X-Request-ID"] = self._ident
            for name, value in SECURITY_HEADERS.items():
                headers.setdefault(name, value)
            if self._secure:
                headers["Strict-Transport-Security"] = _ONLY_TLS
            headers.setdefault("Cache-Control", "no-cache" if self._static else "no-store")
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await self._send(message)
        except TimeoutError:
            raise ClientDisconnect from None


def route_of(scope: Scope) -> str:
    """Return the route a request met, as it was declared, so that no id or query stands in it; '' for none."""
    if scope["path"].startswith(_STATIC):
        return "/static"
    return str(getattr(scope.get("route"), "path", ""))


def _where(error: BaseException) -> str:
    """Say what kind of error it was and through which lines it came; not its message, which may name people."""
    lines = traceback.extract_tb(error.__traceback__)
    return " < ".join(
        (type(error).__name__, *(f"{each.name} {each.filename}:{each.lineno}" for each in reversed(lines)))
    )


def _ident(given: str) -> str:
    """Return a request's id: the one it brings if that is well formed, else a new one."""
    return given if _WELL_FORMED.fullmatch(given) else uuid.uuid4().hex


def _unreadable_url(scope: Scope) -> tuple[int, str] | None:
    """Refuse an address too long to be read, or that holds bytes that are no text."""
    raw = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    if len(raw) + len(query) > LONGEST_URL:
        return 414, "The request is too long to be read; type at most 2,000 characters, best the key facts alone."
    try:
        (unquote_to_bytes(raw) + unquote_to_bytes(query)).decode()
    except UnicodeDecodeError:
        return 400, "The address holds bytes that are not UTF-8; encode it as UTF-8, or type it again."
    return None


def comes_from_us(request: Request) -> bool:
    """Tell whether a request comes from no other site, not by a link there either; a program says nothing of it."""
    return request.headers.get("sec-fetch-site", "none") in _OURS


def _from_elsewhere(scope: Scope, headers: Headers) -> tuple[int, str] | None:
    """Refuse what another site's page asks in the user's name: only following a link from there is let in.

    A browser says where a request comes from and no page can forge that; an older one gives the origin alone (which it
    leaves out of our own forms, since our pages send no referrer). Programs that are no browser give neither.
    """
    site = headers.get("sec-fetch-site")
    if site is None:
        origin = headers.get("origin")
        ours = origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    else:
        follows = scope["method"] in _READING and headers.get("sec-fetch-mode") == "navigate"
        follows = follows and headers.get("sec-fetch-dest", "document") == "document"  # a window, no frame of theirs
        ours = site in _OURS or follows
    return None if ours else (403, "A page of another site asked this; open Discoverer itself and ask there.")


def _too_large(largest: int) -> str:
    """Say that too much was sent."""
    return f"More was sent than is taken here ({largest:,} bytes); send less, best the key facts alone."


def _bounded(receive: Receive, largest: int | None) -> Receive:
    """Return a way in that takes only so many bytes, and waits only so long for them: all, or of many each part."""
    taken = 0
    whole = False
    ends = seconds() + BODY_SECONDS

    async def _receive() -> Message:
        nonlocal taken, whole
        if whole:  # what comes now is only that whoever asked has gone
            return await receive()
        try:
            async with asyncio.timeout(BODY_SECONDS if largest is None else max(ends - seconds(), 0)):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, "The request came too slowly to be read; send it again.") from None
        taken += len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if largest is not None and taken > largest:
            raise HTTPException(413, _too_large(largest))
        return message

    return _receive


async def _whole(receive: Receive) -> Receive:
    """Take all that is sent, and return a way in that gives it at once.

    Raises:
        HTTPException: it is too much, or comes too slowly.
    """
    taken: list[Message] = []
    while not taken or taken[-1].get("more_body", False):
        taken.append(await receive())
    taken.reverse()

    async def _receive() -> Message:
        return taken.pop() if taken else await receive()

    return _receive
