"""Three questions about health: does it answer, can it search, is what it searches fresh (data/freshness.toml)."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Depends
from starlette.responses import Response

from discoverer.access import SERVICE
from discoverer.access_rules import May
from discoverer.answer import SourceStatus, State
from discoverer.app import App
from discoverer.app_types import Status
from discoverer.clock import parse_iso
from discoverer.codec import encode
from discoverer.decided import Decided
from discoverer.errors import IndexUnavailable, SourcesNotFresh
from discoverer.validation import Field, Spec, check, read_toml
from discoverer.web.viewers import needing

_FILE = Path(__file__).parent / "data" / "freshness.toml"


class Nightly(Spec):
    """What holds for a source that is read by builds alone.

    Attributes:
        most_hours: int >= 1, the oldest its data may be.
        reason: str, why that number.
    """

    most_hours: int = Field(ge=1, strict=True)
    reason: str = Field(min_length=20)


class DuringTheDay(Spec):
    """What holds for a source that is taken in during the day.

    Attributes:
        most_seconds: int >= 1, the longest that anything of it may be missing.
        reason: str, why that number.
    """

    most_seconds: int = Field(ge=1, strict=True)
    reason: str = Field(min_length=20)


class Freshness(Spec):
    """How old what is held of a source may be.

    Attributes:
        nightly, during_the_day: by how it is read.
    """

    nightly: Nightly
    during_the_day: DuringTheDay


@dataclass(frozen=True, slots=True)
class Health:
    """The answer to one of the three questions, where it is yes.

    Attributes:
        state: 'live' | 'ready' | 'fresh'.
        build: str, id of the build that answers; '' where it was not asked for.
    """

    state: str
    build: str = ""


@lru_cache(maxsize=1)
def freshness() -> Freshness:
    """Return the bounds in force.

    Raises:
        ConfigError: their file has mistakes.
    """
    return check(Freshness, read_toml(_FILE), str(_FILE))


def router(app: App) -> APIRouter:
    """Return the routes /health/live, /health/ready and /health/fresh."""
    made = APIRouter(prefix="/health", tags=["health"])

    @made.get("/live", response_model=Health)
    async def live() -> Response:
        """Say that the process answers; it waits for nothing, so it answers under any load."""
        return _said(Health("live"))

    @made.get("/ready", response_model=Health, dependencies=[Depends(needing(May.STATUS))])
    def ready() -> Response:
        """Say that a search would be answered: there is a build, people's decisions can be read, looks be recorded."""
        return _said(Health("ready", _build_of(app, app.status(SERVICE))))

    @made.get("/fresh", response_model=Health, dependencies=[Depends(needing(May.STATUS))])
    def fresh() -> Response:
        """Say that every source is within its bounds; else each that is stale, failed or lags behind is named."""
        status = app.status(SERVICE)
        build = _build_of(app, status)
        late = [words for each in status.sources if (words := lateness(each, app.settings.instant))]
        if late:
            raise SourcesNotFresh(late)
        return _said(Health("fresh", build))

    return made


def lateness(source: SourceStatus, now: datetime) -> str:
    """Say why a source is not fresh; '' when it is.

    Args:
        source: as every answer shows it.
        now: the instant that counts as now.
    """
    if source.state is not State.ANSWERED:
        return f"{source.name}: {source.words}"
    if source.lag is not None:
        most = freshness().during_the_day.most_seconds
        behind = (
            f"{source.name}: {source.lag:,} s behind, more than {most:,} s; is 'discoverer sync --every 5s' running?"
        )
        return behind if source.lag > most else ""
    hours = freshness().nightly.most_hours
    old = source.as_at and now - parse_iso(source.as_at) > timedelta(hours=hours)
    return f"{source.name}: {source.words}, more than {hours} hours old" if old else ""


def _build_of(app: App, status: Status) -> str:
    """Return the id of the build that answers searches.

    Raises:
        IndexUnavailable: a search would not be answered; the sentence says why.
    """
    if status.manifest is None:
        raise IndexUnavailable(status.problem)
    trouble = Decided(app.settings.decisions_file).trouble(status.manifest) or _unwritable(app.settings.audit_dir)
    if trouble:
        raise IndexUnavailable(trouble)
    return status.manifest.build


def _unwritable(folder: Path) -> str:
    """Say that looks cannot be recorded, so that there would be no answer; '' when they can."""
    there = next(place for place in (folder, *folder.parents) if place.exists())
    if os.access(there, os.W_OK | os.X_OK):
        return ""
    return f"Looks cannot be recorded in {folder}, so that no search is answered; mend its permissions."


def _said(health: Health) -> Response:
    """Return an answer of yes."""
    return Response(encode(health), media_type="application/json")
