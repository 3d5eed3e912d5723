"""The API for other systems, under /api/v1: the same answers in the same shape as the command line's --json."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from discoverer.answer import Answer, HitKind, Shown
from discoverer.app import DEFAULT_LIMIT, App
from discoverer.app_types import Status
from discoverer.briefing.parts import Briefing, Given
from discoverer.codec import plain
from discoverer.errors import NotPermitted, UsageError
from discoverer.settings import Settings
from discoverer.suggesting import Reading
from discoverer.web import api_lookup, paging
from discoverer.web.conditional import answered
from discoverer.web.guards import comes_from_us
from discoverer.web.limits import Lanes
from discoverer.web.parameters import (
    Address,
    Cli,
    Dob,
    Ident,
    Kind,
    Limit,
    Name,
    Offset,
    Part,
    Phone,
    Reveal,
    ShownId,
    Text,
    Whole,
    number,
    number_of_call,
    only_known,
)
from discoverer.web.viewers import Asker


@dataclass(frozen=True, slots=True)
class StatusAnswer:
    """The state of the service, and how it is set up.

    Attributes:
        status: what is live, how the last build went, and every source.
        settings: every one.
    """

    status: Status
    settings: Settings


@dataclass(frozen=True, slots=True)
class BriefingAnswer(Briefing):
    """A briefing, as it is made, with the attributes of `Briefing` besides.

    Attributes:
        given: that it was given; None, since to ask for it is not to give it.
    """

    given: Given | None = None


def router(app: App, lanes: Lanes) -> APIRouter:
    """Return the routes under /api/v1.

    Args:
        app: what answers.
        lanes: whose turn it is.
    """
    made = APIRouter(dependencies=[Depends(only_known)])
    made.include_router(_searches(app))
    made.include_router(_shows(app))
    made.include_router(_briefing(app))
    made.include_router(api_lookup.router(app, lanes))
    made.include_router(_state(app))
    return made


def _searches(app: App) -> APIRouter:
    """Return the routes that search."""
    made = APIRouter(prefix="/api/v1", tags=["search"])

    @made.get("/search", response_model=Answer)
    def search(
        request: Request,
        viewer: Asker,
        q: Text = "",
        phone: Phone = "",
        name: Name = "",
        dob: Dob = "",
        address: Address = "",
        id: Ident = "",
        limit: Limit = DEFAULT_LIMIT,
    ) -> Response:
        """Search every source by whatever the caller gives, in one box (q) or as named fields.

        Every answer says what each source contributed. Nothing found is `message`: no trace in the sources searched.
        """
        fields = {"phone": number(phone), "name": name, "dob": dob, "address": address, "ident": id}
        if q and any(fields.values()):
            raise UsageError("Give either q or named fields, not both.")
        if any(fields.values()):
            return answered(request, app.search_fields(viewer, limit, **fields))
        return answered(request, app.search(viewer, number(q), limit))

    @made.get("/call", response_model=Answer)
    def call(request: Request, viewer: Asker, cli: Cli, limit: Limit = DEFAULT_LIMIT) -> Response:
        """Search by the caller's number as a call comes in; give the log so that the look says why."""
        return answered(request, app.search_fields(viewer, limit, phone=number_of_call(cli)))

    @made.get("/reading", response_model=Reading)
    def reading(request: Request, viewer: Asker, q: Text) -> Response:
        """Say how a box is read so far, and what streets may be meant; it tells of no person: no look is recorded."""
        return answered(request, app.reading(viewer, number(q)))

    return made


def _shows(app: App) -> APIRouter:
    """Return the routes that show one person, place, number or record."""
    made = APIRouter(prefix="/api/v1", tags=["show"])

    def _add(kind: HitKind) -> None:
        def show(
            request: Request,
            viewer: Asker,
            id: ShownId,
            all: Whole = False,
            reveal: Reveal = False,
            offset: Offset = 0,
            limit: Part = None,
        ) -> Response:
            if offset and limit is None:
                raise UsageError("offset needs limit: how many entries of each list are wanted.")
            if reveal and not comes_from_us(request):  # a link would reveal in the name of whoever follows it
                raise NotPermitted("What is kept back is shown to nobody who comes from another site.")
            shown = app.show(viewer, kind, id, whole=all or limit is not None, reveal=reveal)
            if limit is None:
                return answered(request, shown)
            link = paging.links(request.url, shown.hit, offset, limit)
            return answered(request, paging.part_of(shown, offset, limit), {"Link": link} if link else None)

        made.add_api_route(
            f"/{kind.value}",
            show,
            response_model=Shown,
            name=f"show_{kind.value}",
            description=(
                f"Show one {kind.value} by its id, with its history, what is in force, and who else is linked. With"
                " `limit` the long lists come in parts, and the Link header says where the others are; the totals"
                " beside each list are of all of them."
            ),
        )

    for kind in HitKind:
        _add(kind)
    return made


def _briefing(app: App) -> APIRouter:
    """Return the route that briefs."""
    made = APIRouter(prefix="/api/v1", tags=["show"])

    @made.get("/briefing", response_model=BriefingAnswer)
    def briefing(request: Request, viewer: Asker, kind: Kind, id: ShownId) -> Response:
        """Brief officers on their way: what is read out, what is written, what must not be said, what is not known.

        It counts as given only once somebody says so, on the screen or by `discoverer brief --give`.
        """
        found = app.briefings.make(viewer, kind, id)
        return answered(request, {**plain(found), "given": None})

    return made


def _state(app: App) -> APIRouter:
    """Return the route that tells the state of the service."""
    made = APIRouter(prefix="/api/v1", tags=["health"])

    @made.get("/status", response_model=StatusAnswer)
    def status(request: Request, viewer: Asker) -> Response:
        """Say what is live, how the last build went, the state of every source, and every setting."""
        return answered(request, {"status": app.status(viewer), "settings": app.settings.model_dump(mode="json")})

    return made
