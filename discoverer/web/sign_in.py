"""Signing in and out, and changing one's password: pages that work without JavaScript and by the keyboard alone."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from discoverer.access import Viewer
from discoverer.audit import record_event
from discoverer.errors import DiscovererError, NotFound, SignInRefused, TooManyAttempts, UsageError
from discoverer.identity import DirectoryIdentity, Identity
from discoverer.web import cookies
from discoverer.web.own_paths import DIRECTORY_OUT, PASSWORD, SIGN_IN, SIGN_OUT, START, directory_for, is_call, own_path
from discoverer.web.screen.frame import Frames, theme_of
from discoverer.web.screen.templating import render
from discoverer.web.viewers import caller_of

_SIGNED_OUT = "You are signed out."
_CHANGED = "The password was changed, and every session of yours ended; sign in with the new one."
_TOLD = {"out": _SIGNED_OUT, "changed": _CHANGED}
"""What the page of signing in may be asked to say first: by name, so that no link makes it say something else."""
_FROM_ELSEWHERE = frozenset({"cross-site", "same-site"})


class SignIn:
    """The pages of signing in."""

    def __init__(self, accounts: Identity, frames: Frames, audit: Path) -> None:
        """Take who is who, what frames a page, and the folder in which who came and went is written down."""
        self._accounts, self._frames, self._audit = accounts, frames, audit
        self.router = APIRouter(include_in_schema=False)
        for address, page, method in (
            (SIGN_IN, self.ask, "GET"),
            (SIGN_IN, self.sign_in, "POST"),
            (SIGN_OUT, self.sign_out, "POST"),
            (PASSWORD, self.ask_password, "GET"),
            (PASSWORD, self.change, "POST"),
        ):
            self.router.add_api_route(address, page, methods=[method], response_class=HTMLResponse)

    def ask(self, request: Request, to: str = START, said: str = "") -> Response:
        """Ask for name and password.

        Whoever follows a link of another system's page, telephony's above all, comes without the cookie of their
        session, which no other site's page can send: a page of ours leads them on, and they are known. To a call it
        leads at once; to anything else once they say so, since no other site may search in their name.
        """
        onward = own_path(to)
        came_from = request.headers.get("sec-fetch-site", "")
        if onward != START and came_from in _FROM_ELSEWHERE and not request.cookies.get(cookies.name_of(request.scope)):
            return HTMLResponse(render("onward.html", to=onward, theme=theme_of(request), at_once=is_call(onward)))
        return self.page(request, onward, _TOLD.get(said, ""))

    def sign_in(
        self, request: Request, name: str = Form(""), password: str = Form(""), code: str = Form(""), to: str = Form("")
    ) -> Response:
        """Sign in and go on to what was asked for; why it was refused is the same whoever was named."""
        onward = own_path(to)
        try:
            session = self._let_in(name, password, code.replace(" ", ""), where_of(request))
        except DiscovererError as error:
            return self.page(request, onward, "", error)
        before = cookies.given(request.scope)
        if before:  # whoever signs in as another at this browser leaves no session of the first behind
            self._accounts.sign_out(before)
        answer = RedirectResponse(onward, 303)
        cookies.give(answer, request.scope, session)
        return answer

    def sign_out(self, request: Request) -> Response:
        """End this session, on the server first."""
        caller = caller_of(request)
        if caller is not None and caller.session:
            self._accounts.sign_out(caller.session)
            record_event(self._audit, Viewer(caller.account.name, caller.account.role), "sign-out")
        answer = RedirectResponse(f"{SIGN_IN}?said=out", 303)
        cookies.take_back(answer, request.scope)
        answer.headers["Clear-Site-Data"] = '"cache"'
        return answer

    def ask_password(self, request: Request) -> Response:
        """Ask for the old password and the new one."""
        return self._frames.page("password.html", self._frames.frame(request), problem="")

    def change(
        self,
        request: Request,
        old: str = Form(""),
        new: str = Form(""),
        again: str = Form(""),
        code: str = Form(""),
    ) -> Response:
        """Change the password of whoever is signed in; nobody else's can be named."""
        caller = caller_of(request)
        try:
            if caller is None or not caller.session:
                raise UsageError("Only somebody who is signed in changes a password; sign in first.")
            if new != again:
                raise UsageError("The new password was typed in two ways; type it the same twice.")
            self._accounts.change_password(caller.account.name, old, new, code.replace(" ", ""), where_of(request))
        except DiscovererError as error:
            frame = self._frames.frame(request)
            shown = self._frames.page("password.html", frame, error.http_status, problem=error.message)
            return with_wait(shown, error)
        answer = RedirectResponse(f"{SIGN_IN}?said=changed", 303)
        cookies.take_back(answer, request.scope)
        return answer

    def _let_in(self, name: str, password: str, code: str, where: str) -> str:
        """Return a new session, once it is written down who it is; what was refused is written down too.

        Raises:
            SignInRefused, TooManyAttempts, AccountsUnavailable: as the accounts say.
            LookNotRecorded: it cannot be written down, so nobody is let in.
        """
        try:
            session = self._accounts.sign_in(name, password, code, where)
        except (SignInRefused, TooManyAttempts) as error:
            record_event(self._audit, self._named(name), "sign-in failed", why=type(error).__name__)
            raise
        try:
            account = self._accounts.session(session)
            if account is None:
                raise SignInRefused
            record_event(self._audit, Viewer(account.name, account.role), "sign-in")
        except DiscovererError:
            self._accounts.sign_out(session)
            raise
        return session

    def _named(self, typed: str) -> Viewer:
        """Return whose account was tried; nobody's where there is none: what was typed may be a password."""
        try:
            account = self._accounts.account(typed)
        except NotFound:
            return Viewer("", "")
        return Viewer(account.name, account.role)

    def page(self, request: Request, to: str, said: str, error: DiscovererError | None = None) -> Response:
        """Show the page of signing in, with why it was refused; nothing that was typed is shown again.

        Args:
            request: as it came.
            to: the address of ours that was asked for.
            said: what is to be known first; '' for nothing.
            error: why it was refused; None: it was not.
        """
        html = render(
            "sign_in.html",
            to=to,
            said=said,
            problem=error.message if error else "",
            theme=theme_of(request),
            by_directory=directory_for(to) if isinstance(self._accounts, DirectoryIdentity) else "",
            out=DIRECTORY_OUT if said == _SIGNED_OUT else "",
        )
        shown = HTMLResponse(html, error.http_status if error else 200)
        return with_wait(shown, error) if error else shown


def where_of(request: Request) -> str:
    """Return the address that a request comes from; '' where it has none."""
    return request.client.host if request.client else ""


def with_wait(shown: Response, error: DiscovererError) -> Response:
    """Say in the answer's head too how long to wait, where the error says so; return the answer."""
    after = getattr(error, "after", 0)
    if after:
        shown.headers["Retry-After"] = str(after)
    return shown
