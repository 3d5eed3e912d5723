"""The API for other systems, under /api/v1: the same answers as the command line's --json."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from discoverer.answer import Answer, HitKind, Shown
from discoverer.app import DEFAULT_LIMIT, MOST_HITS, App
from discoverer.codec import encode, plain
from discoverer.errors import UsageError
from discoverer.web.viewers import Asker

Limit = Annotated[int, Query(ge=1, le=MOST_HITS, description="Hits at most.")]


def router(app: App) -> APIRouter:
    """Return the routes."""
    made = APIRouter(prefix="/api/v1", tags=["search"])

    @made.get("/search", response_model=Answer)
    def search(
        viewer: Asker,
        q: str = "",
        phone: str = "",
        name: str = "",
        dob: str = "",
        address: str = "",
        id: str = "",
        limit: Limit = DEFAULT_LIMIT,
    ) -> Response:
        """Search every source by one box (q), or by named fields."""
        fields = {"phone": phone, "name": name, "dob": dob, "address": address, "ident": id}
        if q and any(fields.values()):
            raise UsageError("Give either q or named fields, not both.")
        answer = app.search_fields(viewer, limit, **fields) if any(fields.values()) else app.search(viewer, q, limit)
        return _json(answer)

    def _show(kind: HitKind) -> None:
        @made.get(f"/{kind.value}", response_model=Shown, name=kind.value)
        def show(viewer: Asker, id: str, all: bool = False) -> Response:
            """Show one by its id."""
            return _json(app.show(viewer, kind, id, whole=all))

    for kind in HitKind:
        _show(kind)

    @made.get("/status")
    def status(viewer: Asker) -> Response:
        """Say what is live, how the last build went, the state of every source, and every setting."""
        found = {"status": plain(app.status(viewer)), "settings": app.settings.model_dump(mode="json")}
        return _json(found)

    return made


def _json(value: object) -> Response:
    """Return a value as JSON, by the codec that the command line uses."""
    return Response(encode(value), media_type="application/json")
