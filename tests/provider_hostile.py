"""A directory that misbehaves on demand, as a process of its own: `http://127.0.0.1:PORT/FAULT` is an issuer with one fault.

It lets everybody in at once without asking who they are. It says which port it has on its first line, and ends when its
input does, so that it never outlives a test.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import sys
import threading
import time
import warnings
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jws, jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

CLIENT, SECRET = "discoverer", "the secret of both of us, long enough to sign"
HOUR = 3600

# Fault -> what the token says otherwise than it should; None: it does not say it. Moments are seconds from now.
CLAIMS: dict[str, dict[str, Any]] = {
    "nonce": {"nonce": "another"},
    "no-nonce": {"nonce": None},
    "expired": {"exp": -61},
    "just-over": {"exp": -30},
    "endless": {"exp": None},
    "exp-in-words": {"exp": "tomorrow"},
    "exp-true": {"exp": True},
    "future": {"iat": 120},
    "not-yet": {"nbf": 120},
    "old": {"iat": -HOUR},
    "ahead-a-little": {"iat": 30},
    "audience": {"aud": "somebody else"},
    "audience-two": {"aud": [CLIENT, "somebody else"]},
    "audience-listed": {"aud": [CLIENT]},
    "no-audience": {"aud": None},
    "azp": {"azp": "somebody else"},
    "azp-ours": {"azp": CLIENT},
    "issuer": {"iss": "https://login.example"},
    "issuer-slash": {"iss": "SLASH"},
    "no-group": {"groups": None},
    "other-group": {"groups": ["Canteen", "CAD-Handlers-Old", "cad-handlers"]},
    "two-groups": {"groups": ["CAD-Handlers", "CAD-Supervisors"]},
    "one-group": {"groups": "CAD-Handlers"},
    "groups-in-a-table": {"groups": {"CAD-Handlers": True}},
    "no-sub": {"sub": None},
    "empty-sub": {"sub": ""},
    "no-name": {"preferred_username": None},
    "unseen-name": {"preferred_username": "jo\u200bbloggs"},
    "acr": {"acr": "gold"},
    "amr": {"amr": ["pwd", "mfa"]},
    "typed-now": {"auth_time": 0},
    "typed-long-ago": {"auth_time": -HOUR},
    "administrators": {"groups": ["CAD-Admins"], "auth_time": 0},
}
# Fault -> what is said on the way back beside or instead of what should be.
BACK: dict[str, dict[str, str]] = {
    "state": {"state": "another"},
    "iss-other": {"iss": "https://login.example"},
    "denied": {"error": "access_denied"},
    "no-code": {"code": ""},
}
# Fault -> what it says of itself otherwise than it should.
ABOUT: dict[str, dict[str, Any]] = {
    "about-another": {"issuer": "https://login.example"},
    "plain-token": {"token_endpoint": "http://login.example/token"},
    "no-keys-address": {"jwks_uri": None},
    "iss-promised": {"authorization_response_iss_parameter_supported": True},
    "by-post": {"token_endpoint_auth_methods_supported": ["client_secret_post"]},
}
_given: dict[str, dict[str, str]] = {}
_asked: dict[str, int] = {}


class Answers(BaseHTTPRequestHandler):
    """Answers as a directory does."""

    def do_GET(self) -> None:
        """Say what the directory is, give its keys, or let somebody in."""
        path, fault = self._place()
        if fault == "moved" and path == "/.well-known/openid-configuration":
            self._send(302, {}, {"Location": f"{self._base()}/good{path}"})
        elif fault == "down":
            self._send(503, {})
        elif path == "/.well-known/openid-configuration":
            self._about(fault)
        elif path == "/keys":
            _asked[fault] = _asked.get(fault, 0) + 1
            self._send(200, {"keys": _published(fault, _asked[fault])})
        elif path == "/asked":
            self._send(200, {"keys": _asked.get(fault, 0)})
        elif path == "/authorize":
            self._let_in(fault)
        else:
            self._send(404, {})

    def do_POST(self) -> None:
        """Give a token for a code."""
        _, fault = self._place()
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        asked = _given.get(form.get("code", "")) if fault == "replayable" else _given.pop(form.get("code", ""), None)
        basic = self.headers.get("Authorization", "").removeprefix("Basic ")
        pair = base64.b64decode(basic).decode() if basic else f"{form.get('client_id')}:{form.get('client_secret')}"
        if dict(parse_qsl(f"{CLIENT}={pair.partition(':')[2]}")) != {CLIENT: SECRET}:
            self._send(401, {"error": "invalid_client"})
        elif (
            asked is None
            or _challenge(form["code_verifier"]) != asked["code_challenge"]
            or form["redirect_uri"] != asked["redirect_uri"]
        ):
            self._send(400, {"error": "invalid_grant"})
        elif fault == "token-moved":
            self._send(307, {}, {"Location": f"{self._base()}/good/token"})
        elif fault == "token-refused":
            self._send(400, {"error": "unauthorized_client"})
        else:
            token = _token(fault, f"{self._base()}/{fault}", asked["nonce"])
            self._send(200, {"access_token": "x", "token_type": "Bearer", "id_token": token})

    def _about(self, fault: str) -> None:
        """Say what the directory is."""
        own = f"{self._base()}/{fault}"
        if fault == "huge":
            self._send(200, {"issuer": own, "more": "x" * 2_000_000})
        elif fault == "not-json":
            self._send(200, "<html>", {})
        elif fault == "slow":
            time.sleep(4)
            self._send(200, {})
        else:
            said = {
                "issuer": own,
                "authorization_endpoint": f"{own}/authorize",
                "token_endpoint": f"{own}/token",
                "jwks_uri": f"{own}/keys",
                "end_session_endpoint": f"{own}/out?from=here",
            }
            self._send(200, {name: value for name, value in (said | ABOUT.get(fault, {})).items() if value is not None})

    def _let_in(self, fault: str) -> None:
        """Send somebody back with a code."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(self.path).query).items()}
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(16)
        _given[code] = asked
        back = {"code": code, "state": asked["state"]} | BACK.get(fault, {})
        query = urlencode(back) + ("&state=" + asked["state"] if fault == "state-twice" else "")
        self._send(302, {}, {"Location": f"{asked['redirect_uri']}?{query}"})

    def _place(self) -> tuple[str, str]:
        """Return (path below the issuer, its fault)."""
        _, fault, rest = urlsplit(self.path).path.split("/", 2)
        return f"/{rest}", fault

    def _base(self) -> str:
        return f"http://{self.headers['Host']}"

    def _send(self, status: int, body: object, headers: dict[str, str] | None = None) -> None:
        text = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(text)),
            **(headers or {}),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@lru_cache(maxsize=1)
def _keys() -> dict[str, RSAKey | ECKey]:
    """Return the keys, made in the process alone."""
    return {
        "rsa": RSAKey.generate_key(2048, {"kid": "rsa"}),
        "other": RSAKey.generate_key(2048, {"kid": "rsa"}),
        "ec": ECKey.generate_key("P-256", {"kid": "ec"}),
        "new": RSAKey.generate_key(2048, {"kid": "new"}),
        "small": RSAKey.generate_key(1024, {"kid": "small"}),
        "unpublished": RSAKey.generate_key(2048, {"kid": "unpublished"}),
    }


def _challenge(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _published(fault: str, times: int) -> list[dict[str, Any]]:
    """Return the public keys, as they are published the nth time they are asked for."""
    keys = {name: _keys()[name].as_dict(private=False) for name in ("rsa", "ec")}
    if fault == "rotated" and times > 1:
        keys["new"] = _keys()["new"].as_dict(private=False)
    if fault == "small-key":
        keys["small"] = _keys()["small"].as_dict(private=False)
    if fault == "for-encryption":
        keys["rsa"]["use"] = "enc"
    if fault == "two-keys":
        keys["again"] = _keys()["new"].as_dict(private=False)
    if fault == "odd-keys":
        return ["key", {"kty": "RSA", "kid": "rsa"}, None]  # type: ignore[list-item]
    return list(keys.values())


def _token(fault: str, issuer: str, nonce: str) -> str:
    """Return the token, with its fault."""
    at = int(time.time())
    said: dict[str, Any] = {
        "iss": issuer, "sub": "248289761001", "aud": CLIENT, "exp": HOUR, "iat": 0, "nonce": nonce,
        "preferred_username": "jo bloggs", "groups": ["CAD-Handlers", "Canteen"],
    }  # fmt: skip
    said |= CLAIMS.get(fault, {})
    for name in ("exp", "iat", "nbf", "auth_time"):
        if isinstance(said.get(name), int) and not isinstance(said.get(name), bool):
            said[name] += at
    if said["iss"] == "SLASH":
        said["iss"] = f"{issuer}/"
    said = {name: value for name, value in said.items() if value is not None}
    return _signed(fault, said)


def _signed(fault: str, said: dict[str, Any]) -> str:
    """Return claims, signed as the fault has it."""
    if fault == "none":
        parts = ({"alg": "none", "kid": "rsa"}, said)
        return (
            ".".join(base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=").decode() for each in parts) + "."
        )
    if fault in ("shared-secret", "public-as-secret"):
        public = _keys()["rsa"].as_pem(private=False)
        key = OctKey.import_key(SECRET if fault == "shared-secret" else base64.b64encode(public).decode())
        return jwt.encode({"alg": "HS256", "kid": "rsa"}, said, key)
    if fault == "unsigned-parts":
        return "a.b"
    which = {"other-key": "other", "rotated": "new", "small-key": "small", "unpublished": "unpublished", "ec": "ec"}
    name = which.get(fault, "rsa")
    way = {"ec": "ES256", "pss": "PS256", "rs512": "RS512"}.get(fault, "RS256")
    header = (
        {"alg": way} if fault in ("no-kid", "two-keys") else {"alg": way, "kid": "rsa" if name == "other" else name}
    )
    registry = jws.JWSRegistry(algorithms=["RS256", "PS256", "ES256", "RS512"])
    token = jwt.encode(header, said, _keys()[name], registry=registry)
    if fault == "altered":
        head, _, tail = token.split(".")
        other = said | {"groups": ["CAD-Supervisors"]}
        return f"{head}.{base64.urlsafe_b64encode(json.dumps(other).encode()).rstrip(b'=').decode()}.{tail}"
    return token


if __name__ == "__main__":
    warnings.simplefilter("ignore")  # one of the keys is too small, and is meant to be
    _keys()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    print(server.server_port, flush=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    sys.stdin.read()
