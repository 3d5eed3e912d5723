"""The briefing on the screen: to be read out, changed, copied into the log, and recorded as given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from discoverer.answer import HitKind
from discoverer.app import App
from discoverer.briefing.parts import Briefing, Point, Slot
from discoverer.briefing.parts import Form as ToldWhere
from discoverer.errors import BriefingChanged
from discoverer.web.screen.frame import Frames
from discoverer.web.screen.referring import shown_at
from discoverer.web.viewers import Asker

_TITLES = {
    Slot.PLACE: "Where",
    Slot.HAZARDS: "Hazards",
    Slot.SUSPECT: "Suspect",
    Slot.VICTIM: "Victim and children",
    Slot.HISTORY: "History",
    Slot.GAPS: "Not known",
    Slot.ASK: "Ask for",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One statement on the page.

    Attributes:
        point: Point.
        href: str, address of the record it rests on; '' when on none.
    """

    point: Point
    href: str


@dataclass(frozen=True, slots=True)
class Section:
    """The statements of one slot.

    Attributes:
        title: str.
        told: tuple[Told, ...], at least one.
    """

    title: str
    told: tuple[Told, ...]


class Briefs:
    """The two addresses of a briefing: made and shown, given and recorded."""

    def __init__(self, app: App, frames: Frames) -> None:
        """Take the App and what frames a page."""
        self._app, self._frames = app, frames
        self.router = APIRouter(include_in_schema=False)
        self.router.add_api_route("/brief/{kind}", self.make, methods=["GET"], response_class=HTMLResponse)
        self.router.add_api_route("/brief/{kind}", self.give, methods=["POST"], response_class=HTMLResponse)

    def make(
        self, request: Request, viewer: Asker, kind: HitKind, id: str = "", call: str = "", form: str = ""
    ) -> Response:
        """Show the briefing; `form=log` gives the text for the log alone, `form=since` what changed since."""
        if form == "since":
            return PlainTextResponse(_since_words(self._app.briefings.since(viewer, kind, id).changes))
        briefing = self._app.briefings.make(viewer, kind, id)
        if form == "log":
            return PlainTextResponse(briefing.plain)
        return self._page(request, briefing, call)

    def give(
        self,
        request: Request,
        viewer: Asker,
        kind: HitKind,
        id: str = Form(),
        text: str = Form(),
        shown: str = Form(),
        as_at: str = Form(),
        to: str = Form(""),
        call: str = Form(""),
    ) -> Response:
        """Record that it was given, with exactly what was given; what was changed by hand is marked as changed.

        Where the history has moved on since the page was shown nothing is recorded, and the page says what changed.
        """
        said = text.replace("\r\n", "\n")
        try:
            given = self._app.briefings.give(viewer, kind, id, said, shown=shown, as_at=as_at, to=to)
        except BriefingChanged as error:
            return self._page(request, self._app.briefings.make(viewer, kind, id), call, error, said)
        query = {"id": id, "given": str(given.number)} | ({"call": call} if call else {})
        log = {"log": viewer.log} if viewer.log else {}
        return RedirectResponse(f"/brief/{kind.value}?{urlencode(query | log)}", 303)

    def _page(
        self, request: Request, briefing: Briefing, call: str, refused: BriefingChanged | None = None, text: str = ""
    ) -> Response:
        """Show a briefing; one that was to be given too late with why, what was typed kept."""
        here = f"/brief/{briefing.kind.value}?{urlencode({'id': briefing.id})}"
        frame = self._frames.frame(
            request,
            call=call,
            looked=(here, f"briefing: {briefing.title}"),
            sources=briefing.sources,
            data=f"/api/v1/briefing?{urlencode({'kind': briefing.kind.value, 'id': briefing.id})}",
        )
        just = briefing.last is not None and request.query_params.get("given") == str(briefing.last.number)
        return self._frames.page(
            "brief.html",
            frame,
            refused.http_status if refused else 200,
            briefing=briefing,
            sections=sections([each for each in briefing.points if ToldWhere.TERMINAL not in each.withheld_from]),
            kept_back=[Told(each, _record(each)) for each in briefing.withheld if each.withheld_from],
            just=just,
            refused=refused.message if refused else "",
            text=text or briefing.plain,
            back=shown_at(briefing.kind.value, briefing.id),
            here=here,
        )


def sections(points: Sequence[Point]) -> tuple[Section, ...]:
    """Return statements by slot, in radio order."""
    return tuple(
        Section(_TITLES[slot], tuple(Told(each, _record(each)) for each in of_slot))
        for slot, of_slot in groupby(points, key=lambda each: each.slot)
    )


def _record(point: Point) -> str:
    """Return the address of the record that a statement rests on."""
    return shown_at(HitKind.EVENT.value, f"{point.source}:{point.ref}") if point.ref else ""


def _since_words(changes: Sequence[str]) -> str:
    """Return what changed, a sentence a line."""
    return "\n".join(changes)
