"""The cookie of a session: held by the browser alone, read by no script, sent by no other site's page."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Scope

NAME = "discoverer"
_SECURE = "__Host-"
"""A browser takes a cookie of such a name over TLS alone, for this host alone, from this host alone."""
_SHAPE = re.compile(r"[A-Za-z0-9_-]{20,200}")


def is_secure(scope: Scope) -> bool:
    """Tell whether a request came over TLS."""
    return bool(scope.get("scheme") == "https")


def name_of(scope: Scope) -> str:
    """Return what the cookie of a session is called; over TLS another site of this host's can set none like it."""
    return f"{_SECURE}{NAME}" if is_secure(scope) else NAME


def given(scope: Scope) -> str | None:
    """Return the session that a request's cookie names.

    Returns:
        '' where it brings no such cookie; None where it brings several, or what is no session: whoever sends two hopes
        that one is read here and the other elsewhere.
    """
    wanted = name_of(scope)
    found: list[str] = []
    for line in Headers(scope=scope).getlist("cookie"):
        for each in line.split(";"):
            name, is_there, value = each.partition("=")
            if is_there and name.strip() == wanted:
                found.append(value.strip())
    if not found:
        return ""
    return found[0] if len(found) == 1 and _SHAPE.fullmatch(found[0]) else None


def give(response: Response, scope: Scope, session: str) -> None:
    """Give the browser its session; it is forgotten when the browser is closed, and over sooner by our own clock."""
    response.set_cookie(name_of(scope), session, path="/", secure=is_secure(scope), httponly=True, samesite="strict")


def take_back(response: Response, scope: Scope) -> None:
    """Let the browser forget its session."""
    response.delete_cookie(name_of(scope), path="/", secure=is_secure(scope), httponly=True, samesite="strict")
