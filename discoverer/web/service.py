"""The web service: what is mounted where, and what stands round it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from anyio import to_thread
from fastapi import APIRouter, FastAPI
from starlette.staticfiles import StaticFiles

from discoverer.app import App
from discoverer.web import api, document, health, metrics
from discoverer.web.guards import LOOPBACK_NAMES, Guard
from discoverer.web.limits import LOOKUP, Lanes, Turns, limits
from discoverer.web.problems import ProblemPage, Problems

TITLE = "Discoverer"
ABOUT = "One search over a police force's separate record systems, for the control room."


@dataclass(frozen=True, slots=True)
class Screen:
    """The pages for people, as the service mounts them.

    Attributes:
        router: the pages.
        problem_page: shows a problem to a person.
        static: Path, the folder served under /static.
    """

    router: APIRouter
    problem_page: ProblemPage
    static: Path


def create(app: App, *, screen: Screen | None = None, names: Iterable[str] = LOOPBACK_NAMES) -> FastAPI:
    """Return the service of one Discoverer; it opens nothing until it is asked.

    Args:
        app: what answers; it is closed when the service ends.
        screen: the pages; None: programs alone are answered.
        names: what the service may be called in the Host header.
    """
    bounds = limits()
    lanes, metrics_of_all = Lanes(bounds), metrics.Metrics(app)

    @asynccontextmanager
    async def _lifespan(service: FastAPI) -> AsyncIterator[None]:
        del service
        to_thread.current_default_thread_limiter().total_tokens = bounds.threads
        yield
        app.close()

    service = FastAPI(title=TITLE, summary=ABOUT, version="1", docs_url=None, redoc_url=None, lifespan=_lifespan)
    problems = Problems(screen.problem_page if screen else None)
    problems.register(service)
    service.include_router(api.router(app, lanes))
    service.include_router(health.router(app))
    service.include_router(metrics.router(metrics_of_all))
    if screen is not None:
        service.include_router(screen.router, include_in_schema=False)
        service.mount("/static", StaticFiles(directory=screen.static), name="static")
    document.exact(service)
    service.add_middleware(Turns, lanes=lanes, problems=problems)
    service.add_middleware(
        Guard,
        problems=problems,
        names=names,
        on_done=metrics_of_all.done,
        on_look=metrics_of_all.looked,
        large_bodies=(LOOKUP,),
    )
    return service
