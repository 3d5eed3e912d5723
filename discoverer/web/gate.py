"""The gate: with accounts nobody reaches anything without signing in, but for what is open to everybody by name.

People bring the cookie of a session and reach the pages and what their scripts ask; programs bring a token and reach
the addresses of the API that it was given for (scopes.py), never a page. Whoever comes over the socket of this machine
is known by the kernel's word (peers.py), and reaches what any token could. Whatever address is added is closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from discoverer.audit import looked_from
from discoverer.errors import DiscovererError
from discoverer.identity import Account, Identity
from discoverer.web import cookies
from discoverer.web.form_keys import brings_key
from discoverer.web.own_paths import DIRECTORY, DIRECTORY_BACK, DIRECTORY_OUT, SIGN_IN, START, sign_in_for
from discoverer.web.peers import Peer, peer_in, user_of
from discoverer.web.problems import Problem, Problems, for_programs, of_error, of_status, request_id
from discoverer.web.scopes import scopes_for

OPEN = frozenset({SIGN_IN, DIRECTORY, DIRECTORY_BACK, DIRECTORY_OUT, "/health/live"})
"""What everybody reaches, exactly so written."""
OPEN_BELOW = "/static/"
"""The files of the pages, which say nothing of anybody."""
BY_ITSELF = "x-by-itself"
"""Sent with what a page asks by itself, every half minute: it must not keep the session of a desk that was left."""
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_AT_ONCE = 8
"""Accounts looked up at once: a millisecond each, in threads of their own, so that none waits behind a search."""
_WHO = "Bearer"
_NOT_PERMITTED = "Not permitted"
_Told = TypeVar("_Told")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who a request comes from.

    Attributes:
        account: Account.
        session: str, what the cookie held; '' for a program, and for whoever is known by the machine.
    """

    account: Account
    session: str = ""


class Gate:
    """Stands before the service where there are accounts."""

    def __init__(self, app: ASGIApp, accounts: Identity, problems: Problems) -> None:
        """Take what stands inside, who is who, and how a refusal is answered."""
        self._app = app
        self._accounts = accounts
        self._problems = problems
        self._threads = CapacityLimiter(_AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let one request in, or say why not."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})  # nothing of ours is one
            return
        peer = peer_in(scope)
        if peer is not None:
            await self._by_socket(peer, scope, receive, send)
            return
        if scope["type"] == "lifespan" or scope["path"] in OPEN or scope["path"].startswith(OPEN_BELOW):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            refused, receive = await self._refused(request, receive)
        except DiscovererError as error:  # who is who cannot be told: nobody is let in
            refused = self._answer(request, of_error(error, request_id(request)), {"Retry-After": "5"})
        await (refused or self._app)(scope, receive, send)

    async def _by_socket(self, peer: Peer, scope: Scope, receive: Receive, send: Send) -> None:
        """Let in whoever came over the socket of this machine, or say why not; of what they send nothing says who."""
        request, user = Request(scope), ""
        try:
            user, account = await to_thread.run_sync(self._known, peer, limiter=self._threads)
            refused = self._not_over_socket(request, user, account)
        except DiscovererError as error:
            refused = self._answer(request, of_error(error, request_id(request)), {"Retry-After": "5"})
        came_from = looked_from.set(f"cli {user}")
        try:
            await (refused or self._app)(scope, receive, send)
        finally:
            looked_from.reset(came_from)

    def _known(self, peer: Peer) -> tuple[str, Account | None]:
        """Return somebody's account of the machine and their own, if they have one that is open."""
        user = user_of(peer)
        return user, self._accounts.machine_user(user) if user else None

    def _not_over_socket(self, request: Request, user: str, account: Account | None) -> Response | None:
        """Return why somebody is not let in over the socket; None when they are."""
        if account is None:
            called = f"account '{user}'" if user else "user"
            words = (
                f"Nobody is known here by this machine's {called}; ask whoever runs Discoverer, who names you with"
                " 'discoverer users machine-user'."
            )
            return self._said(request, HTTPStatus.UNAUTHORIZED, words)
        if not scopes_for(request.scope["path"]):
            words = "The socket reaches the API alone; sign in with a browser to see pages."
            return self._said(request, HTTPStatus.FORBIDDEN, words)
        request.scope["state"]["caller"] = Caller(account)
        return None

    async def _refused(self, request: Request, receive: Receive) -> tuple[Response | None, Receive]:
        """Return why a request is not let in, else None; and the way in to its body.

        Raises:
            DiscovererError: who is who cannot be told.
        """
        scope = request.scope
        named = Headers(scope=scope).getlist("authorization")
        session = cookies.given(scope)
        if named and session != "":
            words = "A session and a token came together; send the one or the other."
            return self._said(request, HTTPStatus.BAD_REQUEST, words), receive
        if named:
            return await self._program(request, named), receive
        by_itself = request.headers.get(BY_ITSELF) is not None
        ask = partial(self._accounts.session, seen=not by_itself)
        account = await self._asked(ask, session) if session else None
        if account is None or not session:
            return self._anonymous(request), receive
        if scope["method"] not in _READING:
            brought, receive = await brings_key(scope, receive, session)
            if not brought:
                words = "The form did not come from a page of this session; open the page again and send it from there."
                return self._said(request, HTTPStatus.FORBIDDEN, words), receive
        scope["state"]["caller"] = Caller(account, session)
        return None, receive

    async def _program(self, request: Request, named: list[str]) -> Response | None:
        """Return why a program is not let in; None when it is."""
        scheme, _, token = named[0].partition(" ")
        known = None
        if len(named) == 1 and scheme.lower() == _WHO.lower() and token:
            known = await self._asked(self._accounts.token, token.strip())
        if known is None:
            words = "The token is not known, was revoked or is over; ask whoever runs Discoverer for another."
            return self._said(request, HTTPStatus.UNAUTHORIZED, words, f'{_WHO} error="invalid_token"')
        account, held = known
        wanted = scopes_for(request.scope["path"])
        if not wanted:
            words = "A token reaches the API alone; sign in to see pages."
            return self._said(request, HTTPStatus.FORBIDDEN, words, f'{_WHO} error="insufficient_scope"')
        if not wanted & held:
            words = f"The token was not given for this; it needs {' or '.join(sorted(wanted))}."
            named_scopes = " ".join(sorted(wanted))
            who = f'{_WHO} error="insufficient_scope", scope="{named_scopes}"'
            return self._said(request, HTTPStatus.FORBIDDEN, words, who)
        request.scope["state"]["caller"] = Caller(account)
        return None

    def _anonymous(self, request: Request) -> Response:
        """Send a person to the page of signing in, and tell a program, or a page's script, that it is nobody."""
        by_script = request.headers.get("sec-fetch-dest", "") == "empty"
        if by_script or for_programs(request.url.path):
            words = "This needs somebody who is signed in; sign in, or send a token."
            return self._said(request, HTTPStatus.UNAUTHORIZED, words, _WHO)
        asked = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        return RedirectResponse(sign_in_for(asked if request.method in _READING else START), 303)

    async def _asked(self, ask: Callable[[str], _Told], token: str) -> _Told:
        """Ask for an account in a thread."""
        return await to_thread.run_sync(ask, token, limiter=self._threads)

    def _said(self, request: Request, status: HTTPStatus, words: str, who: str = "") -> Response:
        """Answer with a refusal."""
        called = _NOT_PERMITTED if status == HTTPStatus.FORBIDDEN else ""
        problem = of_status(status, words, request_id(request), called)
        return self._answer(request, problem, {"WWW-Authenticate": who} if who else {})

    def _answer(self, request: Request, problem: Problem, headers: dict[str, str]) -> Response:
        """Answer with a problem."""
        return self._problems.response(request, problem, headers)
