"""Who asks: the one place that says so. With accounts it is who signed in, else the demo's viewer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Query, Request
from starlette.exceptions import HTTPException

from discoverer.access import Viewer, asking
from discoverer.access_rules import May
from discoverer.errors import GlassUnavailable
from discoverer.glass_desk import GlassDesk
from discoverer.roles import Roles
from discoverer.web.gate import Caller

Log = Annotated[
    str,
    Query(description="The incident log in hand, which is the reason for the look.", examples=["2731-2014-09-14"]),
]
Why = Annotated[str, Query(description="Any other reason for the look.")]


def caller_of(request: Request) -> Caller | None:
    """Return who the gate let in; None where there are no accounts, or it has not been asked yet."""
    found = getattr(request.state, "caller", None)
    return found if isinstance(found, Caller) else None


def needing(act: May) -> Callable[[Request], Awaitable[Viewer]]:
    """Return what refuses whoever may not do something, and else says who asks, where an address takes no reason."""

    async def check(request: Request) -> Viewer:
        """Refuse them. Raises NotPermitted, or HTTPException 401 where nobody is signed in and there are accounts."""
        roles: Roles = request.app.state.roles
        viewer = await viewer_of(request)
        roles.refuse(viewer, act)
        return viewer

    return check


async def viewer_of(request: Request, log: Log = "", reason: Why = "") -> Viewer:
    """Return who asks: name and role from the account alone, never from what a request says.

    Raises:
        UsageError: the log or the reason is too long to be kept, or no text.
        HTTPException: 401, there are accounts and nobody is signed in, so that the gate was passed by.
    """
    caller = caller_of(request)
    if caller is not None:
        viewer = replace(asking(log, reason), name=caller.account.name, role=caller.account.role)
        return await _as_they_stand(request, viewer) if caller.session else viewer  # a program breaks nothing
    if getattr(request.app.state, "gated", True):
        raise HTTPException(401, "This needs somebody who is signed in; sign in, or send a token.")
    return asking(log, reason)


async def _as_they_stand(request: Request, viewer: Viewer) -> Viewer:
    """Return who asks, reading more while they have broken the glass; where that cannot be told they read no more."""
    glass: GlassDesk = request.app.state.glass
    if not glass.minutes_for(viewer):
        return viewer
    try:
        viewer, request.state.broken = await to_thread.run_sync(glass.as_they_stand, viewer)
    except GlassUnavailable as error:
        request.state.glass_trouble = error.message
    return viewer


Asker = Annotated[Viewer, Depends(viewer_of)]
"""How an endpoint is told who asks."""
