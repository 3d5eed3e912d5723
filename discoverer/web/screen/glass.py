"""Breaking the glass on the screen: by whom it may be, for what reason, until when; and its review by a supervisor."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from discoverer.access import reason_kept
from discoverer.access_rules import May
from discoverer.app import App
from discoverer.errors import UsageError
from discoverer.web.confirm import Confirming, TypedAgain
from discoverer.web.own_paths import GLASS, own_path
from discoverer.web.screen.frame import Frames
from discoverer.web.viewers import Asker


class GlassPages:
    """The page where the glass is broken and reviewed."""

    def __init__(self, app: App, frames: Frames, confirming: Confirming) -> None:
        """Take the App, what frames a page, and what asks for the password again."""
        self._app, self._frames, self._confirming = app, frames, confirming
        self.router = APIRouter(include_in_schema=False)
        self.router.add_api_route(GLASS, self.page, methods=["GET"], response_class=HTMLResponse)
        for below, act in (("", self.break_it), ("/end", self.end), ("/seen", self.seen)):
            self.router.add_api_route(f"{GLASS}{below}", act, methods=["POST"], response_class=HTMLResponse)

    def page(self, request: Request, viewer: Asker, to: str = "", call: str = "") -> Response:
        """Show what may be broken, what is broken, and to reviewers every time it was."""
        return self._page(request, viewer, to, call)

    def break_it(
        self,
        request: Request,
        viewer: Asker,
        typed: TypedAgain,
        why: str = Form(""),
        to: str = Form(""),
        call: str = Form(""),
    ) -> Response:
        """Break it, and go back to where it was wanted; without a reason that can be judged the page asks again."""
        back = f"{GLASS}?{urlencode({'to': own_path(to), 'call': call})}"
        asked = self._confirming.asked(request, "glass", {"why": why, "to": to, "call": call}, back, typed)
        if asked is not None:
            return asked
        try:
            self._app.glass.break_for(replace(viewer, reason=reason_kept(why)))
        except UsageError as error:
            return self._page(request, viewer, to, call, error)
        return RedirectResponse(own_path(to), 303)

    def end(self, viewer: Asker) -> Response:
        """End what the viewer has broken."""
        self._app.glass.end(viewer)
        return RedirectResponse(GLASS, 303)

    def seen(
        self, request: Request, viewer: Asker, typed: TypedAgain, number: int = Form(ge=1, le=2**63 - 1)
    ) -> Response:
        """Note that a supervisor reviewed one."""
        asked = self._confirming.asked(request, "review", {"number": str(number)}, GLASS, typed)
        if asked is not None:
            return asked
        self._app.glass.saw(viewer, number)
        return RedirectResponse(GLASS, 303)

    def _page(self, request: Request, viewer: Asker, to: str, call: str, refused: UsageError | None = None) -> Response:
        """Show the page, with why nothing was broken where it was refused."""
        glass = self._app.glass
        reviews = self._app.permitted.roles.may(viewer, May.REVIEW) and glass.tells_apart
        return self._frames.page(
            "glass.html",
            self._frames.frame(request, call=call),
            refused.http_status if refused else 200,
            minutes=glass.minutes_for(viewer),
            broken=glass.as_they_stand(viewer)[1],
            listed=glass.listed(viewer) if reviews else (),
            reviews=reviews,
            me=viewer.name,
            to=own_path(to),
            refused=refused.message if refused else "",
        )
