"""Three questions about health: does it answer, can it search, and is what it searches fresh."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from discoverer.access import DEMO_VIEWER
from discoverer.answer import State
from discoverer.app import App
from discoverer.errors import IndexUnavailable


def router(app: App) -> APIRouter:
    """Return the routes /health/live, /health/ready and /health/fresh."""
    made = APIRouter(prefix="/health", tags=["health"])

    @made.get("/live")
    def live() -> JSONResponse:
        """Answer at all."""
        return JSONResponse({"state": "live"})

    @made.get("/ready")
    def ready() -> JSONResponse:
        """Answer once there is a build that can be searched."""
        status = app.status(DEMO_VIEWER)
        if status.manifest is None:
            raise IndexUnavailable(status.problem)
        return JSONResponse({"state": "ready", "build": status.manifest.build})

    @made.get("/fresh")
    def fresh() -> JSONResponse:
        """Answer while every source is within its bounds."""
        status = app.status(DEMO_VIEWER)
        if status.manifest is None:
            raise IndexUnavailable(status.problem)
        late = [f"{each.name}: {each.words}" for each in status.sources if each.state is not State.ANSWERED]
        if late:
            raise IndexUnavailable(f"Not every source is fresh: {'; '.join(late)}.")
        return JSONResponse({"state": "fresh", "build": status.manifest.build})

    return made
