"""What stands round every page: the seat, its calls in hand, the theme, the keys, and the state of every source."""

from __future__ import annotations

import re
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from discoverer.access import SERVICE
from discoverer.answer import SourceStatus
from discoverer.app import App
from discoverer.clock import now
from discoverer.web.cookies import is_secure
from discoverer.web.form_keys import key_of
from discoverer.web.screen.calls import Call, Calls
from discoverer.web.screen.shortcuts import Shortcut, shortcuts
from discoverer.web.screen.templating import render
from discoverer.web.viewers import caller_of

SEAT = "seat"
THEME = "theme"
THEMES = ("auto", "light", "dark")
_SEAT_SHAPE = re.compile(r"[A-Za-z0-9_-]{20,64}")
_COOKIE_AGE = 60 * 60 * 24 * 365  # seconds; the theme of a seat
_BAD = ("failed", "stale")


@dataclass(frozen=True, slots=True)
class Frame:
    """What every template is given.

    Attributes:
        seat: str, the unguessable name of one screen, kept in its browser.
        theme: one of THEMES.
        calls: tuple[Call, ...], in hand here.
        call: Call | None, the one this page belongs to.
        notice: str, that calls in hand cannot be kept, and why; '' when they can.
        keys: tuple[Shortcut, ...].
        sources: tuple[SourceStatus, ...], each with its state; () where none is known.
        waiting: str, that newer data waits since a newer build fell short; '' when none does, or no source is shown.
        bad: tuple[SourceStatus, ...], of these, the failed and stale ones.
        text: str, what stands in the box.
        data: str, address of this page's JSON twin; '' when it has none.
        said: str, what to know before anything else: that the number was withheld; '' else.
        who: str, the name of whoever is signed in; '' where there are no accounts.
        role: str, their role in words; '' as above.
        form_key: str, what every form of theirs carries (form_keys.py); '' as above.
        secure: bool, that the page goes over TLS, and its cookies with it.
    """

    seat: str
    theme: str
    calls: tuple[Call, ...] = ()
    call: Call | None = None
    notice: str = ""
    keys: tuple[Shortcut, ...] = ()
    sources: tuple[SourceStatus, ...] = ()
    waiting: str = ""
    bad: tuple[SourceStatus, ...] = field(default=())
    text: str = ""
    data: str = ""
    said: str = ""
    who: str = ""
    role: str = ""
    form_key: str = ""
    secure: bool = False

    @property
    def query(self) -> dict[str, str]:
        """What links and forms carry on: the call in hand and its log."""
        if self.call is None:
            return {}
        return {"call": str(self.call.id)} | ({"log": self.call.log} if self.call.log else {})

    def on(self, address: str) -> str:
        """Return an address of ours with the call in hand carried on."""
        if not self.query:
            return address
        joint = "&" if "?" in address else "?"
        return f"{address}{joint}{urlencode(self.query)}"


class Frames:
    """Makes the frame of a page and answers with it."""

    def __init__(self, app: App) -> None:
        """Take the App, whose state folder keeps the calls in hand."""
        self._app = app
        self.calls = Calls(Path(app.settings.state_dir))

    def open_call(self, request: Request, cli: str, log: str) -> str:
        """Return the id of the call in hand that a number or a log opens or belongs to; '' where it cannot be kept."""
        try:
            return str(self.calls.opened(holder_of(request), cli, log, now()))
        except (sqlite3.Error, OSError):
            return ""

    def frame(
        self,
        request: Request,
        *,
        call: str = "",
        looked: tuple[str, str] | None = None,
        sources: Sequence[SourceStatus] = (),
        begins: bool = False,
        text: str = "",
        data: str = "",
        said: str = "",
    ) -> Frame:
        """Return the frame of a page.

        Args:
            request: whose cookies name the seat and the theme.
            call: id of the call in hand; '' none.
            looked: (address, title) of what this page looked up, kept with the call; None: nothing to keep.
            begins: that it is a new call in hand where it belongs to none.
            sources: the state of every source, of the answer shown.
            text: what stands in the box.
            data: address of its JSON twin.
            said: what to know before anything else.
        """
        holder, moment, notice = holder_of(request), now(), ""
        number = int(call) if call.isascii() and call.isdigit() and len(call) < 16 else 0
        held: tuple[Call, ...] = ()
        try:
            if looked and not number and begins:
                number = self.calls.opened(holder, "", "", moment)
            if looked and number:
                self.calls.looked(holder, number, *looked, moment)
            held = self.calls.of(holder, moment)
        except (sqlite3.Error, OSError) as error:
            notice = (
                f"Calls in hand cannot be kept ({error}); searches work, and each is recorded. Tell whoever runs it."
            )
        caller = caller_of(request)
        return Frame(
            seat=seat_of(request),
            theme=theme_of(request),
            calls=held,
            call=next((each for each in held if each.id == number), None),
            notice=notice,
            keys=shortcuts().shortcut,
            sources=tuple(sources),
            waiting=self._app.waiting(SERVICE) if sources else "",
            bad=tuple(each for each in sources if each.state in _BAD),
            text=text,
            data=data,
            said=said,
            who=caller.account.name if caller else "",
            role=caller.account.role.replace("_", " ") if caller else "",
            form_key=key_of(caller.session) if caller else "",
            secure=is_secure(request.scope),
        )

    def page(self, template: str, frame: Frame, code: int = 200, **context: object) -> HTMLResponse:
        """Answer with a template in its frame; the seat is given its cookie."""
        shown = HTMLResponse(render(template, frame=frame, **context), code)
        give_cookie(shown, SEAT, frame.seat, frame.secure)
        return shown


def seat_of(request: Request) -> str:
    """Return the seat a request comes from, or a new one."""
    known = request.cookies.get(SEAT, "")
    if _SEAT_SHAPE.fullmatch(known):
        return known
    made: str = getattr(request.state, "seat", "") or secrets.token_urlsafe(24)
    request.state.seat = made
    return made


def holder_of(request: Request) -> str:
    """Return whose calls in hand a request's are: the seat's, and with accounts those of one person there alone.

    Whoever signs in at a desk after another does not see what the other looked up.
    """
    caller = caller_of(request)
    return f"{seat_of(request)} {caller.account.name}" if caller else seat_of(request)


def theme_of(request: Request) -> str:
    """Return the theme chosen at a seat."""
    chosen = request.cookies.get(THEME, THEMES[0])
    return chosen if chosen in THEMES else THEMES[0]


def give_cookie(response: Response, name: str, value: str, secure: bool) -> None:
    """Give a cookie that no script reads, over TLS alone where it came so.

    It comes along when a page of telephony's links here, or the link would open another seat and lose the calls in
    hand; what changes anything is asked by our own pages alone (guards.py).
    """
    response.set_cookie(name, value, max_age=_COOKIE_AGE, httponly=True, samesite="lax", path="/", secure=secure)
