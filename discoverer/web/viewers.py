"""Who asks: the one place that says so. Until there are accounts it is the demo's viewer, with the call in hand."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Query

from discoverer.access import Viewer, asking

Log = Annotated[
    str,
    Query(description="The incident log in hand, which is the reason for the look.", examples=["2731-2014-09-14"]),
]
Why = Annotated[str, Query(description="Any other reason for the look.")]


async def viewer_of(log: Log = "", reason: Why = "") -> Viewer:
    """Return who asks, as a request says. Raises as `viewer_with`."""
    return viewer_with(log, reason)


def viewer_with(log: str, reason: str = "") -> Viewer:
    """Return who asks, with the call in hand as the reason for the look.

    Raises:
        UsageError: the log or the reason is too long to be kept, or no text.
    """
    return asking(log, reason)


Asker = Annotated[Viewer, Depends(viewer_of)]
"""How an endpoint is told who asks."""
