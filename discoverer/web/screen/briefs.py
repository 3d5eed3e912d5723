"""The briefing on the screen: to be read out, changed, copied into the log, and recorded as given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from discoverer.answer import HitKind
from discoverer.app import App
from discoverer.briefing.parts import Briefing, Given, Point, Slot
from discoverer.briefing.parts import Form as ToldWhere
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
        return self._page(request, briefing, call, None, briefing.plain)

    def give(
        self,
        request: Request,
        viewer: Asker,
        kind: HitKind,
        id: str = Form(),
        text: str = Form(),
        to: str = Form(""),
        call: str = Form(""),
    ) -> Response:
        """Record that it was given, with exactly what was given; what was changed by hand is marked as changed."""
        said = text.replace("\r\n", "\n")
        given = self._app.briefings.give(viewer, kind, id, said, to=to)
        return self._page(request, self._app.briefings.make(viewer, kind, id), call, given, said)

    def _page(self, request: Request, briefing: Briefing, call: str, given: Given | None, text: str) -> Response:
        """Show a briefing, given or not."""
        query = urlencode({"id": briefing.id})
        here = f"/brief/{briefing.kind.value}?{query}"
        frame = self._frames.frame(
            request,
            call=call,
            looked=(here, f"briefing: {briefing.label}"),
            sources=briefing.sources,
            data=f"/api/v1/briefing?{urlencode({'kind': briefing.kind.value, 'id': briefing.id})}",
        )
        return self._frames.page(
            "brief.html",
            frame,
            briefing=briefing,
            sections=sections([each for each in briefing.points if ToldWhere.TERMINAL not in each.withheld_from]),
            kept_back=[Told(each, _record(each)) for each in briefing.withheld if each.withheld_from],
            given=given,
            text=text,
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
