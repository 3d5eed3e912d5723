"""Who asks: the one place that says so. With accounts it is who signed in, else the demo's viewer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.exceptions import HTTPException

from discoverer.access import Viewer, asking
from discoverer.access_rules import May
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


def needing(act: May) -> Callable[[Request], Awaitable[None]]:
    """Return what refuses whoever may not do something, for an address that says nothing of who asks otherwise."""

    async def check(request: Request) -> None:
        """Refuse them. Raises NotPermitted, or HTTPException 401 where nobody is signed in and there are accounts."""
        roles: Roles = request.app.state.roles
        roles.refuse(await viewer_of(request), act)

    return check


async def viewer_of(request: Request, log: Log = "", reason: Why = "") -> Viewer:
    """Return who asks: name and role from the account alone, never from what a request says.

    Raises:
        UsageError: the log or the reason is too long to be kept, or no text.
        HTTPException: 401, there are accounts and nobody is signed in, so that the gate was passed by.
    """
    caller = caller_of(request)
    if caller is not None:
        return replace(asking(log, reason), name=caller.account.name, role=caller.account.role)
    if getattr(request.app.state, "gated", True):
        raise HTTPException(401, "This needs somebody who is signed in; sign in, or send a token.")
    return asking(log, reason)


Asker = Annotated[Viewer, Depends(viewer_of)]
"""How an endpoint is told who asks."""
