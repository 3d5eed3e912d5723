"""Signing in by the force's directory: the way there, the way back, and signing out there too.

What the way back is checked against stands in a cookie of the one browser that left, signed, for some minutes. It is
sent along when the directory's page leads back (SameSite=Lax); the session's own is not sent then (Strict), so that the
way back ends on a page of ours, which leads on, and from there it is.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anyio import CapacityLimiter, to_thread
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from discoverer.access import Viewer
from discoverer.audit import record_event
from discoverer.codec import decoder, encode
from discoverer.errors import DirectoryRefused, DiscovererError, TooBusy
from discoverer.identity import DirectoryIdentity
from discoverer.identity.directory import Begun
from discoverer.identity.rules import way_of
from discoverer.web import cookies
from discoverer.web.own_paths import DIRECTORY, DIRECTORY_BACK, DIRECTORY_OUT, SIGN_IN, START, own_path
from discoverer.web.screen.frame import theme_of
from discoverer.web.screen.templating import render
from discoverer.web.sign_in import SignIn

_PURPOSE = "directory cookie 1"
_BUSY_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Left:
    """What a browser keeps that left for the directory.

    Attributes:
        begun: the way, as the directory's client has it.
        to: str, the address of ours to go on to.
        before: str, the mark of the session that it had; '' for none.
    """

    begun: Begun
    to: str
    before: str


_read_left = decoder(Left)


class DirectorySignIn:
    """The pages of signing in by the directory."""

    def __init__(self, accounts: DirectoryIdentity, signing: SignIn, audit: Path) -> None:
        """Take who is who, the page of signing in, and the folder in which who came and went is written down."""
        self._accounts, self._signing, self._audit = accounts, signing, audit
        self._threads = CapacityLimiter(way_of("asking", "at_once"))
        self.router = APIRouter(include_in_schema=False)
        for address, page in ((DIRECTORY, self.begin), (DIRECTORY_BACK, self.back), (DIRECTORY_OUT, self.out)):
            self.router.add_api_route(address, page, methods=["GET"], response_class=HTMLResponse)

    async def begin(self, request: Request, to: str = START, fresh: bool = False) -> Response:
        """Send somebody to the directory; with `fresh` they type their password there even if it knows them."""
        return await self._answered(request, own_path(to), lambda: self._begun(request, own_path(to), fresh))

    async def back(self, request: Request) -> Response:
        """Let in whoever comes back from the directory, and lead them on to what they asked for."""
        return await self._answered(request, START, lambda: self._came_back(request))

    async def out(self, request: Request) -> Response:
        """Send somebody who signed out here to the directory's own page of signing out."""

        def _there() -> Response:
            address = self._accounts.directory.sign_out_address(f"{_home(request)}{SIGN_IN}")
            return RedirectResponse(address or SIGN_IN, 303)

        return await self._answered(request, START, _there)

    async def _answered(self, request: Request, to: str, act: Callable[[], Response]) -> Response:
        """Do what waits for the directory in a thread of its own; show why it could not be done."""
        try:
            if not self._threads.available_tokens:
                raise TooBusy(_BUSY_SECONDS)
            answer = await to_thread.run_sync(act, limiter=self._threads)
        except DiscovererError as error:
            answer = self._signing.page(request, to, "", error)
        answer.headers["Referrer-Policy"] = "no-referrer"  # the address of the way back holds a code
        return answer

    def _begun(self, request: Request, to: str, fresh: bool) -> Response:
        """Send somebody to the directory."""
        address, begun = self._accounts.directory.begin(f"{_home(request)}{DIRECTORY_BACK}", fresh)
        before = cookies.given(request.scope)
        left = Left(begun, to, self._accounts.mark_of(before) if before else "")
        answer = RedirectResponse(address, 303)
        answer.set_cookie(
            _cookie_of(request),
            _signed(encode(left), self._accounts.key_for(_PURPOSE)),
            max_age=way_of("way", "longest"),
            path="/",
            secure=cookies.is_secure(request.scope),
            httponly=True,
            samesite="lax",
        )
        return answer

    def _came_back(self, request: Request) -> Response:
        """Let in whoever came back; what was refused is written down with its reason.

        Raises:
            DirectoryRefused, DirectoryUnavailable, AccountsUnavailable: they are not let in.
            LookNotRecorded: it cannot be written down, so nobody is let in.
        """
        try:
            left = self._left(request)
            brought, back = request.query_params.multi_items(), f"{_home(request)}{DIRECTORY_BACK}"
            token, account, claims = self._accounts.sign_in_by_directory(left.begun, brought, back)
        except DirectoryRefused as refused:
            record_event(self._audit, Viewer("", ""), "sign-in failed", by="directory", why=refused.reason)
            raise
        try:
            others = ", ".join(claims.others)
            record_event(self._audit, Viewer(account.name, account.role), "sign-in", by="directory", others=others)
            if left.before:  # whoever signs in as another at this browser leaves no session of the first behind
                self._accounts.end_marked(left.before)
        except DiscovererError:
            self._accounts.sign_out(token)
            raise
        answer = HTMLResponse(render("onward.html", to=own_path(left.to), theme=theme_of(request), at_once=True))
        cookies.give(answer, request.scope, token)
        answer.delete_cookie(
            _cookie_of(request), path="/", secure=cookies.is_secure(request.scope), httponly=True, samesite="lax"
        )
        return answer

    def _left(self, request: Request) -> Left:
        """Return what this browser kept when it left. Raises DirectoryRefused: it keeps nothing of ours."""
        text = _unsigned(request.cookies.get(_cookie_of(request), ""), self._accounts.key_for(_PURPOSE))
        if text is None:
            raise DirectoryRefused("this browser did not begin here, or too long ago")
        return _read_left(text)


def _home(request: Request) -> str:
    """Return how this service is called, as the guard has let it be called."""
    return f"{request.url.scheme}://{request.headers['host']}"


def _cookie_of(request: Request) -> str:
    """Return what the cookie of the way there is called."""
    return f"{cookies.name_of(request.scope)}-directory"


def _signed(text: bytes, key: bytes) -> str:
    """Return what can stand in a cookie, and be known again as ours."""
    return f"{_plain(text)}.{_plain(hmac.digest(key, text, 'sha256'))}"


def _unsigned(cookie: str, key: bytes) -> bytes | None:
    """Return what stands in a cookie; None where it is not ours."""
    text, _, mark = cookie.partition(".")
    try:
        read = base64.b64decode(text.encode(), altchars=b"-_", validate=True)
    except ValueError:
        return None
    wanted = _plain(hmac.digest(key, read, "sha256"))
    return read if text and hmac.compare_digest(wanted.encode(), mark.encode()) else None


def _plain(data: bytes) -> str:
    """Return bytes in letters, figures, dashes and the like."""
    return base64.urlsafe_b64encode(data).decode()
