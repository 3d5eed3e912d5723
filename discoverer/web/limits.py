"""Whose turn it is: the screen, other systems and bulk look-ups each have lanes of their own, by `data/limits.toml`.

A program that asks too much is told to ask later; it cannot take the turn of whoever has a caller on the line.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import lru_cache
from math import ceil
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from discoverer.clock import seconds
from discoverer.errors import TooBusy
from discoverer.validation import Field, Spec, check, read_toml
from discoverer.web.own_paths import PASSWORD, SIGN_IN
from discoverer.web.problems import Problems, of_error, request_id

_FILE = Path(__file__).parent / "data" / "limits.toml"
_API = "/api/"
LOOKUP = "/api/v1/lookup"
READING = "/api/v1/reading"
_SPARE = 2
"""Threads for what needs no lane: health, measurements, the files of the page."""
# What waits for the force's directory (/sign-in/...) has threads of its own: it must hold no turn of a search.
_FREE = ("/health/", "/metrics", "/static/", "/openapi.json", "/sign-in/")


class LaneSpec(Spec):
    """How much one kind of asker may have worked on.

    Attributes:
        at_once: int 1 to 64, requests worked on at once.
        waiting: int 0 to 1,000, requests that may wait for their turn.
        seconds: float > 0, the longest that one waits.
        reason: str, why these numbers.
    """

    at_once: int = Field(ge=1, le=64, strict=True)
    waiting: int = Field(ge=0, le=1_000, strict=True)
    seconds: float = Field(gt=0, le=600)
    reason: str = Field(min_length=20)


class GivingWay(Spec):
    """How a program's look-up lets the screen go first.

    Attributes:
        at_most_ms: int 0 to 10,000, the longest that one waits for the screen.
        look_every_ms: int 1 to 1,000, how often it looks whether the screen is done.
        reason: str, why these numbers.
    """

    at_most_ms: int = Field(ge=0, le=10_000, strict=True)
    look_every_ms: int = Field(ge=1, le=1_000, strict=True)
    reason: str = Field(min_length=20)


class LookupSpec(Spec):
    """What may be sent for many look-ups at once.

    Attributes:
        bytes: int >= 1,024, of all lines.
        reason: str, why these numbers.
    """

    bytes: int = Field(ge=1_024, strict=True)
    reason: str = Field(min_length=20)


class Limits(Spec):
    """All of them.

    Attributes:
        screen, typing, systems, bulk, sign_in: the lanes.
        giving_way: how the screen goes first.
        lookup: what may be sent for many look-ups.
    """

    screen: LaneSpec
    typing: LaneSpec
    systems: LaneSpec
    bulk: LaneSpec
    sign_in: LaneSpec
    giving_way: GivingWay
    lookup: LookupSpec

    @property
    def threads(self) -> int:
        """How many requests can be worked on at once in all."""
        lanes = (self.screen, self.typing, self.systems, self.bulk, self.sign_in)
        return sum(each.at_once for each in lanes) + _SPARE


@lru_cache(maxsize=1)
def limits() -> Limits:
    """Return the limits in force.

    Raises:
        ConfigError: their file has mistakes.
    """
    return check(Limits, read_toml(_FILE), str(_FILE))


class Lane:
    """Lets so many in at once, so many wait, and the rest go away. Of one process and its one event loop."""

    def __init__(self, spec: LaneSpec) -> None:
        """Take the numbers."""
        self.spec = spec
        self.inside = 0
        self.waiting = 0
        self._turns = asyncio.Semaphore(spec.at_once)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn and keep it.

        Raises:
            TooBusy: too many wait already, or it did not come in time.
        """
        await self._wait()
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1
            self._turns.release()

    @property
    def _busy(self) -> TooBusy:
        """What is said to whoever gets no turn."""
        return TooBusy(ceil(self.spec.seconds))

    async def _wait(self) -> None:
        """Wait for a turn."""
        if self._turns.locked() and self.waiting >= self.spec.waiting:
            raise self._busy
        self.waiting += 1
        try:
            async with asyncio.timeout(self.spec.seconds):
                await self._turns.acquire()
        except TimeoutError:
            raise self._busy from None
        finally:
            self.waiting -= 1


class Lanes:
    """The lanes of one process."""

    def __init__(self, bounds: Limits) -> None:
        """Take the numbers."""
        self.bounds = bounds
        self.screen = Lane(bounds.screen)
        self.typing = Lane(bounds.typing)
        self.systems = Lane(bounds.systems)
        self.bulk = Lane(bounds.bulk)
        self.sign_in = Lane(bounds.sign_in)

    def of(self, scope: Scope) -> Lane | None:
        """Return the lane of a request; None where it costs so little that it needs none."""
        path: str = scope["path"]
        if path.startswith(_FREE):
            return None
        if path == LOOKUP:
            return self.bulk
        if path in (SIGN_IN, PASSWORD) and scope["method"] == "POST":
            return self.sign_in
        ours = Headers(scope=scope).get("sec-fetch-site") == "same-origin"
        if path.startswith(_API) and not ours:
            return self.systems
        return self.typing if path == READING else self.screen

    async def give_way(self) -> None:
        """Let what the screen has under way finish first, for as long as that is bearable."""
        given = self.bounds.giving_way
        until = seconds() + given.at_most_ms / 1_000
        while (self.screen.inside or self.screen.waiting) and seconds() < until:
            await asyncio.sleep(given.look_every_ms / 1_000)


class Turns:
    """Stands before the endpoints: each request waits for its turn, or is told when to come again."""

    def __init__(self, app: ASGIApp, lanes: Lanes, problems: Problems) -> None:
        """Take what stands inside, the lanes, and how somebody is turned away."""
        self._app = app
        self._lanes = lanes
        self._problems = problems

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        lane = self._lanes.of(scope) if scope["type"] == "http" else None
        if lane is None:
            await self._app(scope, receive, send)
            return
        try:
            async with lane.turn():
                if lane not in (self._lanes.screen, self._lanes.typing):
                    await self._lanes.give_way()
                await self._app(scope, receive, send)
        except TooBusy as busy:
            await self._turn_away(busy, lane, scope)(scope, receive, send)

    def _turn_away(self, busy: TooBusy, lane: Lane, scope: Scope) -> Response:
        """Say when to come again: to a program by 429, to a person by 503, since they did nothing too often."""
        request = Request(scope)
        problem = of_error(busy, request_id(request))
        if lane in (self._lanes.screen, self._lanes.typing):
            problem = replace(problem, status=503)
        return self._problems.response(request, problem, {"Retry-After": str(busy.after)})
