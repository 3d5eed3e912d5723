"""The web service: what is mounted where, and what stands round it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from anyio import create_task_group, to_thread
from fastapi import APIRouter, FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles

from discoverer.access import DEMO_VIEWER
from discoverer.access_rules import read_access
from discoverer.app import App
from discoverer.errors import ConfigError, DiscovererError
from discoverer.identity import Identity
from discoverer.roles import Roles
from discoverer.web import api, document, health, metrics
from discoverer.web.gate import Gate
from discoverer.web.guards import LOOPBACK_NAMES, Guard, log
from discoverer.web.limits import LOOKUP, Lanes, Turns, limits
from discoverer.web.problems import ProblemPage, Problems

TITLE = "Discoverer"
ABOUT = "One search over a police force's separate record systems, for the control room."
_OF_EVERY_KIND = "jo bloggs 1 test road b23 6xx 07700 900000 01/02/1980"
"""A query that is read in every way there is."""


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


def create(
    app: App, *, screen: Screen | None = None, names: Iterable[str] = LOOPBACK_NAMES, accounts: Identity | None = None
) -> FastAPI:
    """Return the service of one Discoverer; it opens nothing before it serves.

    Args:
        app: what answers; it is closed when the service ends.
        screen: the pages; None: programs alone are answered.
        names: what the service may be called in the Host header.
        accounts: who is who; None: nobody signs in, and whoever is on this machine is the demo's viewer.

    Raises:
        ConfigError: the settings name a file of accounts and none were given: it must not serve everybody then.
    """
    if accounts is None and app.settings.access.accounts is not None:
        raise ConfigError("[access] accounts", ["the service was given no accounts; start it by 'discoverer serve'."])
    bounds = limits()
    lanes, metrics_of_all = Lanes(bounds), metrics.Metrics(app)

    @asynccontextmanager
    async def _lifespan(service: FastAPI) -> AsyncIterator[None]:
        del service
        to_thread.current_default_thread_limiter().total_tokens = bounds.threads
        async with create_task_group() as beside:
            beside.start_soon(to_thread.run_sync, _warm, app)
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
        # Only what is the same for everybody is compressed: the length of a compressed answer can tell what is in it.
        service.mount("/static", GZipMiddleware(StaticFiles(directory=screen.static)), name="static")
    document.exact(service)
    service.add_middleware(Turns, lanes=lanes, problems=problems)
    service.state.gated = accounts is not None
    service.state.roles = Roles(read_access(app.settings.access.rules), accounts=accounts is not None)
    if accounts is not None:
        service.add_middleware(Gate, accounts=accounts, problems=problems)
    service.add_middleware(
        Guard,
        problems=problems,
        names=names,
        on_done=metrics_of_all.done,
        on_look=metrics_of_all.looked,
        large_bodies=(LOOKUP,),
    )
    return service


def _warm(app: App) -> None:
    """Open what a search reads before anybody asks, or the first caller would wait for it; it looks nobody up.

    Where there is nothing to open yet, every answer says so itself.
    """
    try:
        app.reading(DEMO_VIEWER, _OF_EVERY_KIND)
    except DiscovererError as error:
        log.warning("Nothing could be opened yet: %s", error.message)
