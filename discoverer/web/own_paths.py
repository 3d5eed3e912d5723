"""Where a page may be sent on to: an address of ours, never another site's."""

from __future__ import annotations

from urllib.parse import urlencode

START = "/"
SIGN_IN = "/sign-in"
DIRECTORY = "/sign-in/directory"
DIRECTORY_BACK = "/sign-in/back"
DIRECTORY_OUT = "/sign-in/directory/out"
SIGN_OUT = "/sign-out"
GLASS = "/glass"
CALL = "/call"
"""Where telephony opens the page of whoever rings (screen-pop): what another system's page opens at once."""
PASSWORD = "/password"  # noqa: S105 - an address
_LONGEST = 16_384  # characters: the longest search of ours is 2,000 characters, each written as %XX
_ROUND = (SIGN_IN, SIGN_OUT, PASSWORD, DIRECTORY, DIRECTORY_BACK, DIRECTORY_OUT)


def own_path(given: str) -> str:
    """Return an address of this service, from '/' on, as it was given; the start page for whatever else it is.

    A browser takes two slashes, of either kind, for another host, and drops a tab or a line's end before it reads;
    whoever is sent on to the page of signing in or out would go round in a circle.
    """
    ours = given.startswith("/") and not given.startswith("//") and "\\" not in given
    if not ours or len(given) > _LONGEST or not given.isprintable():
        return START
    return START if given.partition("?")[0] in _ROUND else given


def is_call(path: str) -> bool:
    """Tell whether an address of ours is that of a call as telephony opens it."""
    return path.partition("?")[0] == CALL


def sign_in_for(path: str) -> str:
    """Return the address of the page of signing in that leads on to an address of ours."""
    to = own_path(path)
    return SIGN_IN if to == START else f"{SIGN_IN}?{urlencode({'to': to})}"


def directory_for(path: str, fresh: bool = False) -> str:
    """Return the address of signing in by the force's directory that leads on to an address of ours.

    Args:
        path: of ours.
        fresh: whether the password is to be typed there even by whoever is signed in there.
    """
    to = own_path(path)
    asked = ({} if to == START else {"to": to}) | ({"fresh": "true"} if fresh else {})
    return f"{DIRECTORY}?{urlencode(asked)}" if asked else DIRECTORY
