"""The signatures of a directory's tokens, held against the keys it publishes; the one door of the library for them.

The signature alone is checked by the library, by a key and a way of signing that are chosen here, not by the token.
It is loaded when somebody signs in by a directory, and not before: it takes half a second of every command else.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import Sequence
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from joserfc.jwt import decode

from discoverer.errors import DirectoryRefused
from discoverer.identity.rules import directory_rules, way_of

_CURVE = "P-256"


def signed(token: object, keys: Sequence[Any]) -> dict[str, Any] | None:
    """Return what a token says, once its signature is known to be the directory's; None: its key is not among those.

    Args:
        token: as it came.
        keys: the directory's public keys, as it publishes them.

    Raises:
        DirectoryRefused: it is no signed token, is signed in a way that is not taken, or not by the key it names.
    """
    if not isinstance(token, str) or token.count(".") != 2 or len(token) > way_of("tokens", "longest"):
        raise DirectoryRefused("what came is no signed token")
    try:
        header = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError):
        raise DirectoryRefused("the token cannot be read") from None
    way = header.get("alg")
    if not isinstance(way, str) or way not in directory_rules()["algorithms"]:
        raise DirectoryRefused(f"the token is signed by {str(way)[:20]!r}, which is not taken")
    kind = str(directory_rules()["algorithms"][way])
    fitting = [each for each in keys if isinstance(each, dict) and _fits(each, kind, way)]
    if (name := header.get("kid")) is not None:
        fitting = [each for each in fitting if each.get("kid") == name]
    if not fitting:
        return None
    if len(fitting) > 1:
        raise DirectoryRefused("the token does not say by which of several keys it is signed")
    try:
        return dict(decode(token, _public(fitting[0], kind), algorithms=[way]).claims)
    except (JoseError, LookupError, ValueError, TypeError, RecursionError):
        raise DirectoryRefused("the token's signature is not the directory's") from None


def _fits(key: dict[str, Any], kind: str, way: str) -> bool:
    """Tell whether a key is for signing in a way."""
    curve = kind != "EC" or key.get("crv") == _CURVE
    return key.get("kty") == kind and curve and key.get("use", "sig") == "sig" and key.get("alg", way) == way


def _public(key: dict[str, Any], kind: str) -> RSAKey | ECKey:
    """Return a public key. Raises ValueError or JoseError: it is none, or too small."""
    if kind == "EC":
        return ECKey.import_key({name: key[name] for name in ("kty", "crv", "x", "y")})
    if int.from_bytes(urlsafe_b64decode(str(key["n"]) + "==")).bit_length() < way_of("tokens", "smallest_rsa"):
        raise ValueError("the key is too small")
    return RSAKey.import_key({name: key[name] for name in ("kty", "n", "e")})
