"""The key that every form of ours carries, so that no other page can send one in a user's name.

It is made of the session by a one-way function, so that nothing is kept for it and it tells nothing of the session.
It comes on top of what the guard reads of where a request comes from, and of the cookie that only our own pages send.
"""

from __future__ import annotations

import hmac
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

FIELD = "form_key"
HEADER = "x-form-key"
_PURPOSE = b"discoverer form key 1"
_MOST_FIELDS = 200


def key_of(session: str) -> str:
    """Return the key of a session's forms; '' for none.

    Args:
        session: what its cookie holds.
    """
    return hmac.digest(session.encode(), _PURPOSE, "sha256").hex() if session else ""


async def brings_key(scope: Scope, receive: Receive, session: str) -> tuple[bool, Receive]:
    """Tell whether a request brings its session's key, as a header or a field; return the way in to its body again.

    Args:
        scope: the request.
        receive: its body, which is read where only a field can hold the key; the guard has bounded it.
        session: what the cookie holds.
    """
    headers = Headers(scope=scope)
    sent = headers.getlist(HEADER)
    if not sent and headers.get("content-type", "").partition(";")[0].strip() == "application/x-www-form-urlencoded":
        body, receive = await _read(receive)
        sent = _fields(body)
    return len(sent) == 1 and hmac.compare_digest(sent[0].encode(), key_of(session).encode()), receive


def _fields(body: bytes) -> list[str]:
    """Return every value of the key's field; none where the body is no form."""
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=_MOST_FIELDS).get(FIELD, [])
    except ValueError:
        return []


async def _read(receive: Receive) -> tuple[bytes, Receive]:
    """Return a whole body, and a way in that gives it once more."""
    taken: list[Message] = []
    while not taken or taken[-1].get("more_body", False):
        taken.append(await receive())
    body = b"".join(each.get("body", b"") for each in taken)
    taken.reverse()

    async def _receive() -> Message:
        return taken.pop() if taken else await receive()

    return body, _receive
