"""The pages: each calls a method of App, as the command line does, and shows what it says."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from discoverer.access import Viewer, reason_kept
from discoverer.answer import Answer, HitKind, Shown
from discoverer.app import App
from discoverer.cards import WHOLE, Size, record_lines
from discoverer.clock import parse_iso
from discoverer.errors import UsageError
from discoverer.identity import DirectoryIdentity, Identity
from discoverer.pictures.link_chart import link_chart
from discoverer.pictures.timeline import timeline
from discoverer.query import check_readable
from discoverer.web.confirm import Confirming, TypedAgain
from discoverer.web.cookies import is_secure
from discoverer.web.directory import DirectorySignIn
from discoverer.web.own_paths import own_path
from discoverer.web.parameters import number_of_call
from discoverer.web.problems import Problem
from discoverer.web.screen.briefs import Briefs
from discoverer.web.screen.card_view import card_of, cards_of, history_of
from discoverer.web.screen.frame import THEME, THEMES, Frames, give_cookie, holder_of, theme_of
from discoverer.web.screen.glass import GlassPages
from discoverer.web.screen.shortcuts import shortcuts
from discoverer.web.screen.templating import render
from discoverer.web.service import Screen
from discoverer.web.sign_in import SignIn
from discoverer.web.viewers import Asker, caller_of
from index.decisions import Verdict

STATIC = Path(__file__).parent / "static"
PAGE = Size(statements=1_000_000, records=60, people=40, places=40)
"""How much of each list stands on the page of one hit; its whole history is one key further."""
LIMIT = 10
LARGEST_ID = 2**63 - 1
"""The largest number that the file of calls holds."""


def screen(app: App, accounts: Identity | None = None) -> Screen:
    """Return the pages of one Discoverer, to be mounted by the service.

    Args:
        app: what answers.
        accounts: what signs people in; None: nobody does.
    """
    pages = Pages(app, accounts)
    return Screen(pages.router, pages.problem, STATIC)


class Pages:
    """Every page."""

    def __init__(self, app: App, accounts: Identity | None = None) -> None:
        """Take the App and what signs people in, and lay out the addresses."""
        self._app = app
        self._frames = Frames(app)
        self._gated = accounts is not None
        self._confirming = Confirming(accounts, self._frames, app.settings.audit_dir)
        self.router = APIRouter(include_in_schema=False)
        if accounts is not None:
            signing = SignIn(accounts, self._frames, app.settings.audit_dir)
            self.router.include_router(signing.router)
            if isinstance(accounts, DirectoryIdentity):
                self.router.include_router(DirectorySignIn(accounts, signing, app.settings.audit_dir).router)
            self.router.include_router(GlassPages(app, self._frames, self._confirming).router)
        self.router.include_router(Briefs(app, self._frames).router)
        for address, page in (
            ("/", self.start),
            ("/search", self.search),
            ("/call", self.call),
            ("/beside", self.beside),
            ("/show/{kind}", self.show),
            ("/status", self.status),
            ("/keys", self.keys),
        ):
            self.router.add_api_route(address, page, methods=["GET"], response_class=HTMLResponse)
        for address, action in (
            ("/decide", self.decide),
            ("/reveal/{kind}", self.reveal),
            ("/calls/keep", self.keep),
            ("/calls/close", self.close),
            ("/theme", self.theme),
        ):
            self.router.add_api_route(address, action, methods=["POST"], response_class=HTMLResponse)

    def start(self, request: Request, viewer: Asker, call: str = "") -> Response:
        """Show the box, the calls in hand and the state of every source."""
        return self._start(request, viewer, call, "")

    def _start(self, request: Request, viewer: Viewer, call: str, said: str) -> Response:
        """Show the start page, with what is to be known first."""
        status = self._app.status(viewer)
        frame = self._frames.frame(request, call=call, sources=status.sources, data="/api/v1/status", said=said)
        return self._frames.page("start.html", frame, status=status)

    def search(
        self, request: Request, viewer: Asker, q: str = "", call: str = "", limit: int = LIMIT, part: str = ""
    ) -> Response:
        """Show what the box found; `part=results` gives the results alone, for the script of the page."""
        if not q.strip():
            return RedirectResponse("/" if not call else f"/?{urlencode({'call': call})}", 303)
        return self._found(request, self._app.search(viewer, q, limit), q, call, part, limit)

    def call(self, request: Request, viewer: Asker, cli: str = "") -> Response:
        """Take a new call in hand (screen-pop): its number is looked up, and the calls before it stay."""
        try:
            number = number_of_call(cli)
            answer = self._app.search_fields(viewer, LIMIT, phone=number)
        except UsageError as error:
            return self._start(request, viewer, self._frames.open_call(request, "", viewer.log), error.message)
        call = self._frames.open_call(request, number, viewer.log)
        return self._found(request, answer, number, call, "", LIMIT)

    def beside(self, request: Request, viewer: Asker, a: str = "", b: str = "", call: str = "") -> Response:
        """Show two searches side by side; each is a look of its own."""
        if not (a.strip() and b.strip()):
            return self.search(request, viewer, a or b, call)
        answers = [(text, self._app.search(viewer, text, LIMIT)) for text in (a, b)]
        frame = self._frames.frame(request, call=call, sources=answers[0][1].sources, text=b)
        columns = [(text, answer, cards_of(answer)) for text, answer in answers]
        return self._frames.page("beside.html", frame, columns=columns)

    def show(
        self, request: Request, viewer: Asker, kind: HitKind, id: str = "", call: str = "", all: bool = False
    ) -> Response:
        """Show one person, place, number or record, whole: cards, pictures, history."""
        return self._shown(request, viewer, kind, self._app.show(viewer, kind, id, whole=all), id, call, all)

    def reveal(
        self,
        request: Request,
        viewer: Asker,
        kind: HitKind,
        id: str = Form(),
        why: str = Form(""),
        call: str = Form(""),
        all: bool = Form(False),
    ) -> Response:
        """Show the same with what is kept back from the viewer's role, for the reason they give."""
        said = reason_kept(why)
        given = self._app.permitted.roles.says_why(replace(viewer, log="", reason=said))
        asking = replace(
            viewer, log=viewer.log if given else "", reason=said
        )  # a blank is no reason, log in hand or not
        shown = self._app.show(asking, kind, id, whole=all, reveal=True)
        return self._shown(request, asking, kind, shown, id, call, all, title=f"{kind.value} shown whole")

    def _shown(
        self,
        request: Request,
        viewer: Viewer,
        kind: HitKind,
        shown: Shown,
        id: str,
        call: str,
        all: bool,
        title: str = "",
    ) -> Response:
        """Lay out what is shown of one person, place, number or record; its title stays with the call."""
        names = [each.name for each in shown.sources]
        card = card_of(shown.hit, names, size=WHOLE if all else PAGE)
        here = f"/show/{kind.value}?{urlencode({'id': id})}"
        frame = self._frames.frame(
            request, call=call, looked=(here, title or shown.hit.label), sources=shown.sources, data=card.data
        )
        return self._frames.page(
            "show.html",
            frame,
            shown=shown,
            card=card,
            history=history_of(shown.hit, names),
            record=tuple(record_lines(shown.record)) if shown.record else (),
            pictures=(timeline(shown.hit, parse_iso(shown.as_at)), link_chart(shown.hit)),
            whole=all,
            ident=id,
            may_reveal=bool(shown.masked) and not title and self._app.permitted.may_reveal(viewer),
        )

    def status(self, request: Request, viewer: Asker) -> Response:
        """Show the live build and every source."""
        status = self._app.status(viewer)
        frame = self._frames.frame(request, sources=status.sources, data="/api/v1/status")
        return self._frames.page("status.html", frame, status=status)

    def keys(self, request: Request) -> Response:
        """Show the keys, which the script of the page lets be changed and turned off."""
        return self._frames.page("keys.html", self._frames.frame(request), reserved=shortcuts().reserved)

    def decide(
        self,
        request: Request,
        viewer: Asker,
        typed: TypedAgain,
        verdict: Annotated[Verdict, Form()],
        first: str = Form(),
        second: str = Form(),
        other: str = Form(""),
        reason: str = Form(),
        call: str = Form(""),
    ) -> Response:
        """Say that two mentions are, or are not, one person, and say what that does."""
        if second == first:  # the record that gives the person its id is the wrong one: the others are parted from it
            first = other
        back = f"/show/person?{urlencode({'id': first})}"
        fields = {"verdict": verdict.value, "first": first, "second": second, "reason": reason, "call": call}
        asked = self._confirming.asked(request, "decide", fields, back, typed)
        if asked is not None:
            return asked
        outcome = self._app.decide(viewer, verdict, (first, second), reason)
        frame = self._frames.frame(request, call=call)
        return self._frames.page("decided.html", frame, words=outcome.words, back=back)

    def keep(self, request: Request, q: str = Form(), call: str = Form("")) -> Response:
        """Keep with the call what the script of the page has shown already, and recorded, on a pause; name the call."""
        check_readable(q)
        kept = self._frames.frame(request, call=call, looked=_looked(q), begins=True).call
        return Response(status_code=204, headers={"X-Call": str(kept.id)} if kept else None)

    def close(self, request: Request, call: Annotated[int, Form(ge=0, le=LARGEST_ID)]) -> Response:
        """Put a call out of hand."""
        with suppress(sqlite3.Error, OSError):  # the page then shows it still, with why nothing can be kept
            self._frames.calls.closed(holder_of(request), call)
        return RedirectResponse("/", 303)

    def theme(self, request: Request, theme: str = Form(), back: str = Form("/")) -> Response:
        """Choose the theme of this seat."""
        answer = RedirectResponse(own_path(back), 303)
        give_cookie(answer, THEME, theme if theme in THEMES else THEMES[0], is_secure(request.scope))
        return answer

    def problem(self, request: Request, problem: Problem) -> Response:
        """Show what went wrong; what stands in the box stays there, and whoever is not signed in sees no more."""
        if self._gated and caller_of(request) is None:
            html = render("refused.html", problem=problem, theme=theme_of(request))
            return HTMLResponse(html, problem.status)
        text = request.query_params.get("q", "")[:2000]
        frame = self._frames.frame(request, call=request.query_params.get("call", ""), text=text)
        return self._frames.page("problem.html", frame, problem.status, problem=problem)

    def _found(self, request: Request, answer: Answer, text: str, call: str, part: str, limit: int) -> Response:
        """Show an answer."""
        data = f"/api/v1/search?{urlencode({'q': text, 'limit': str(limit)})}"
        typing = part == "results"  # what is half typed is no look worth coming back to
        looked = None if typing else _looked(text)
        frame = self._frames.frame(
            request, call=call, looked=looked, begins=True, sources=answer.sources, text=text, data=data
        )
        template = "part.html" if typing else "search.html"
        return self._frames.page(template, frame, answer=answer, cards=cards_of(answer), limit=limit, more=limit * 3)


def _looked(text: str) -> tuple[str, str]:
    """Return the address and the title under which a search is kept with its call."""
    return f"/search?{urlencode({'q': text.strip()})}", text.strip()[:200]
