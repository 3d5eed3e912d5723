"""Whether a token of the directory is for us.

What it says is checked line by line after OpenID Connect Core 1.0, 3.1.3.7; its signature in directory_signatures.py.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from discoverer.errors import DirectoryRefused
from discoverer.identity.rules import way_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a token must say.

    Attributes:
        issuer: str, exactly.
        client: str, for whom it must be, and for nobody else.
        nonce: str, which we gave on the way there.
        acr, amr: tuple[str, ...], how or by what they must have signed in, one of these; none: in any way.
        fresh: bool, whether a password must have been typed there just now.
    """

    issuer: str
    client: str
    nonce: str
    acr: tuple[str, ...] = ()
    amr: tuple[str, ...] = ()
    fresh: bool = False


def refuse_unless(claims: dict[str, Any], wanted: Wanted, at: int) -> None:
    """Refuse a token that is not for us, not for this sign-in, or not of now.

    Args:
        claims: what it says, its signature known to be right.
        wanted: what it must say.
        at: seconds since 1970.

    Raises:
        DirectoryRefused: with what is wrong.
    """
    if claims.get("iss") != wanted.issuer:
        raise DirectoryRefused("the token is of another issuer")
    if claims.get("aud") not in (wanted.client, [wanted.client]):
        raise DirectoryRefused("the token is for somebody else, or not for us alone")
    if claims.get("azp", wanted.client) != wanted.client:
        raise DirectoryRefused("the token was asked for by somebody else")
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), wanted.nonce.encode()):
        raise DirectoryRefused("the token is of another sign-in (nonce)")
    _refuse_untimely(claims, at)
    if wanted.acr and claims.get("acr") not in wanted.acr:
        raise DirectoryRefused("they did not sign in to the directory in the way asked for (acr)")
    ways = claims.get("amr")
    if wanted.amr and not (isinstance(ways, list) and any(way in wanted.amr for way in ways)):
        raise DirectoryRefused("they did not sign in to the directory by what is asked for (amr)")
    if wanted.fresh and at - confirmed_at(claims) >= way_of("way", "freshly"):
        raise DirectoryRefused("they did not type their password at the directory just now (auth_time)")


def _refuse_untimely(claims: dict[str, Any], at: int) -> None:
    """Refuse a token that is over, not yet in force, or issued too long ago or in the future."""
    leeway = way_of("tokens", "leeway")
    ends, issued, begins = claims.get("exp"), claims.get("iat"), claims.get("nbf", 0)
    if not (_is_time(ends) and _is_time(issued) and _is_time(begins)):
        raise DirectoryRefused("the token does not say from when to when it counts")
    if at >= ends + leeway:
        raise DirectoryRefused("the token is over (exp)")
    if begins > at + leeway or issued > at + leeway:
        raise DirectoryRefused("the token is of the future (nbf, iat); compare the clocks of both machines")
    if at - issued > way_of("tokens", "oldest") + leeway:
        raise DirectoryRefused("the token was issued too long ago (iat)")


def confirmed_at(claims: Mapping[str, Any]) -> int:
    """Return when a password was typed at the directory, seconds since 1970; 0 where it does not say."""
    moment = claims.get("auth_time")
    return int(moment) if _is_time(moment) else 0


def _is_time(value: Any) -> TypeGuard[float]:  # noqa: ANN401 - any value of JSON
    """Tell whether a value is a moment: a number, and not true, not NaN and not endless."""
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12
