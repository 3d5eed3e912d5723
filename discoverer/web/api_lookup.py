"""Many look-ups in one request: JSON lines in, one JSON line out for each, as `discoverer lookup` has them.

What is sent is taken in whole before the first line is answered: a client that sends and only then reads would
otherwise wait for us while we wait for it. The answers go out one by one.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import StreamingResponse

from discoverer.access import Viewer
from discoverer.app import DEFAULT_LIMIT, App
from discoverer.bulk import error_json, read_lines, result_json
from discoverer.codec import encode
from discoverer.errors import DiscovererError, UsageError
from discoverer.query import Query
from discoverer.web.limits import Lanes, LookupSpec
from discoverer.web.parameters import Limit
from discoverer.web.viewers import Asker

MEDIA_TYPE = "application/jsonl"


def router(app: App, lanes: Lanes) -> APIRouter:
    """Return the route /api/v1/lookup."""
    made = APIRouter(prefix="/api/v1", tags=["search"])

    @made.post("/lookup", response_class=StreamingResponse)
    async def lookup(request: Request, viewer: Asker, limit: Limit = DEFAULT_LIMIT) -> StreamingResponse:
        """Look many up: one JSON query a line in, one JSON result a line out, in the same order.

        A query is {"qid": "...", "text": "..."}, or has any of name, dob, address, phone and id. A line that cannot
        be read or asked is answered in its place by {"qid": ..., "error": ...}; the others go on.
        """
        lines = await _taken(request, lanes.bounds.lookup)
        return StreamingResponse(_answers(app, viewer, lines, limit, lanes), media_type=MEDIA_TYPE)

    return made


async def _taken(request: Request, bounds: LookupSpec) -> Iterator[str]:
    """Return the lines that were sent.

    Raises:
        HTTPException: 413, there are more of them than are taken.
        UsageError: there is none.
    """
    sent = bytearray()
    async for part in request.stream():
        sent += part
        if len(sent) > bounds.bytes:
            raise HTTPException(413, f"The queries are more than {bounds.bytes:,} bytes; send them in parts.")
    text = bytes(sent).removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    if not text.strip():
        raise UsageError('No query was sent; send one a line, such as {"qid": "1", "text": "0121 496 0123"}.')
    return io.StringIO(text)


async def _answers(app: App, viewer: Viewer, lines: Iterator[str], limit: int, lanes: Lanes) -> AsyncIterator[bytes]:
    """Yield the line of each answer; between two the screen goes first."""
    for qid, read in read_lines(lines):
        await lanes.give_way()
        yield await run_in_threadpool(_answer, app, viewer, qid, read, limit)


def _answer(app: App, viewer: Viewer, qid: object, read: Callable[[datetime], Query], limit: int) -> bytes:
    """Return the line of one answer; also where nothing can be answered any more, so that no line is silently empty."""
    try:
        (answer,) = app.lookup(viewer, (read,), limit)
    except DiscovererError as error:
        return encode(error_json(qid, error)) + b"\n"
    if isinstance(answer, DiscovererError):
        return encode(error_json(qid, answer)) + b"\n"
    return encode(result_json(qid, answer)) + b"\n"
