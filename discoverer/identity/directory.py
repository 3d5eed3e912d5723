"""Signing in by the force's own directory: OpenID Connect's authorisation code flow, with PKCE, as its client.

After OpenID Connect Core 1.0 and Discovery 1.0, RFC 7636 (PKCE, S256), RFC 9207 (`iss` on the way back) and RFC 9700
(what is known of attacks). Whatever does not fit exactly is refused, with the reason for the record and one sentence
for the person.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
import stat
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode

from discoverer.clock import now, seconds
from discoverer.directory_settings import DirectorySettings, is_safe_address
from discoverer.errors import ConfigError, DirectoryRefused, DirectoryUnavailable
from discoverer.identity.directory_http import Asking
from discoverer.identity.directory_tokens import Wanted, confirmed_at, refuse_unless
from discoverer.identity.rules import way_of

_LONGEST = 255  # characters of a subject: OpenID Connect Core 1.0, 2
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Begun:
    """What is kept, at the browser that was sent to the directory, until it comes back.

    Attributes:
        state: str, what the directory must give back.
        nonce: str, what the token must hold.
        verifier: str, what shows that who asks for the token is who began (PKCE).
        at: int, when it began, seconds since 1970.
        fresh: bool, whether a password is to be typed there anew.
    """

    state: str
    nonce: str
    verifier: str
    at: int
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the directory says somebody is.

    Attributes:
        issuer: str, of which directory.
        subject: str, who they are there, for ever; a name may change or be given to somebody else.
        name: str, what they are called.
        role: str, the first in the order of the settings that one of their groups stands for.
        others: tuple[str, ...], other roles that their groups stand for, which they do not have here.
        confirmed: int, when they typed a password there, seconds since 1970; 0 where the directory does not say.
    """

    issuer: str
    subject: str
    name: str
    role: str
    others: tuple[str, ...] = ()
    confirmed: int = 0


class Directory:
    """The force's directory; several threads may use one at once."""

    def __init__(self, settings: DirectorySettings, *, instant: Callable[[], datetime] = now) -> None:
        """Take how it is set up; nothing is asked yet, so that the service starts while the directory is down.

        Raises:
            ConfigError: the secret cannot be read, or others can read it; or the certificates cannot be read.
        """
        self.settings = settings
        self._secret = _secret(settings.client_secret)
        self._asking = Asking(settings.ca)
        self._instant = instant
        self._held: dict[str, tuple[float, dict[str, Any]]] = {}
        self._failed: dict[str, tuple[float, DirectoryUnavailable]] = {}
        self._one = threading.Lock()

    def begin(self, back: str, fresh: bool = False) -> tuple[str, Begun]:
        """Return the address to send somebody to, and what is to be kept until they come back.

        Args:
            back: the address of ours that the directory sends them back to, as it is registered there.
            fresh: whether they are to type their password there even if they are signed in already.

        Raises:
            DirectoryUnavailable: the directory cannot be asked where that is.
        """
        address = str(self._addresses()["authorization_endpoint"])
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        begun = Begun(state, nonce, verifier, self._at(), fresh)
        asked = {
            "response_type": "code",
            "client_id": self.settings.client_id,
            "redirect_uri": back,
            "scope": self.settings.scope,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": _challenge(begun.verifier),
            "code_challenge_method": "S256",
        }
        if self.settings.acr:
            asked["acr_values"] = " ".join(self.settings.acr)
        if fresh:
            asked |= {"prompt": "login", "max_age": "0"}
        return _with(address, asked), begun

    def finish(self, begun: Begun, answer: Sequence[tuple[str, str]], back: str) -> Claims:
        """Return who came back from the directory.

        Args:
            begun: what was kept when they left.
            answer: what they brought, name and value, as often as each came.
            back: as it was given to `begin`.

        Raises:
            DirectoryRefused: what they brought, or what the directory says of them, does not fit.
            DirectoryUnavailable: the directory cannot be asked.
        """
        from discoverer.identity.directory_signatures import signed  # loaded when it is needed: see there

        code = self.code_of(begun, answer)
        token = self._token(code, begun, back)
        claims = signed(token, self._keys())
        if claims is None:  # the directory may have changed its keys since they were asked for
            claims = signed(token, self._keys(anew=True))
        if claims is None:
            raise DirectoryRefused("the token is signed by a key that the directory does not publish")
        own = self.settings
        refuse_unless(
            claims,
            Wanted(own.issuer, own.client_id, begun.nonce, own.acr, own.amr, begun.fresh),
            self._at(),
        )
        return _who(claims, own)

    def code_of(self, begun: Begun, answer: Sequence[tuple[str, str]]) -> str:
        """Return the code that somebody brought back; of the directory nothing is asked that is not held.

        Args:
            begun: what was kept when they left.
            answer: what they brought, name and value, as often as each came.

        Raises:
            DirectoryRefused: they brought something else.
            DirectoryUnavailable: what the directory says of itself is held no more, and it cannot be asked.
        """
        given = {name: value for name, value in answer if name in ("state", "code", "error", "iss")}
        if len(given) != sum(name in given for name, _ in answer):
            raise DirectoryRefused("something came twice on the way back")
        if not hmac.compare_digest(given.get("state", "").encode(), begun.state.encode()):
            raise DirectoryRefused("the way back is of another sign-in (state)")
        if not 0 <= self._at() - begun.at < way_of("way", "longest"):
            raise DirectoryRefused("the way to the directory and back took too long")
        named = self._addresses().get("authorization_response_iss_parameter_supported") is True
        if given.get("iss", "" if named else self.settings.issuer) != self.settings.issuer:
            raise DirectoryRefused("the way back is of another issuer (iss)")
        if "error" in given:
            raise DirectoryRefused(f"the directory let them not in: {_word(given['error'])}")
        if not given.get("code"):
            raise DirectoryRefused("no code came on the way back")
        return given["code"]

    def sign_out_address(self, onward: str) -> str:
        """Return the address at which somebody signs out of the directory too; '' where it has none.

        Args:
            onward: the address of ours to come back to, as it is registered there.

        Raises:
            DirectoryUnavailable: the directory cannot be asked.
        """
        address = self._addresses().get("end_session_endpoint")
        if not isinstance(address, str) or not is_safe_address(address):
            return ""
        return _with(address, {"client_id": self.settings.client_id, "post_logout_redirect_uri": onward})

    # How it is done.

    def _at(self) -> int:
        """Return now, in seconds since 1970."""
        return int(self._instant().timestamp())

    def _token(self, code: str, begun: Begun, back: str) -> object:
        """Return the token that the directory gives for a code."""
        addresses, own = self._addresses(), self.settings
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": begun.verifier,
        }
        headers = {}
        ways = addresses.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        offered = ways if isinstance(ways, list) else []
        pair = (quote_plus(own.client_id), quote_plus(self._secret))
        # RFC 6749, 2.3.1, has each part written as in a form, which not every directory reads back: where that makes a
        # difference, the two stand in the form itself if they may.
        differs = pair != (own.client_id, self._secret)
        if "client_secret_post" in offered and (differs or "client_secret_basic" not in offered):
            form |= {"client_id": own.client_id, "client_secret": self._secret}
        else:
            headers["Authorization"] = f"Basic {base64.b64encode(':'.join(pair).encode()).decode()}"
        status, answer = self._asking.post(str(addresses["token_endpoint"]), form, headers)
        if status == 200:
            return answer.get("id_token")
        why = _word(answer.get("error"))
        if why == "invalid_grant":
            raise DirectoryRefused("the directory does not take the code: it was used, is over, or is another's")
        raise DirectoryUnavailable(
            f"The force's directory gives this service no token ({status}, {why}), so nobody can be let in by it; ask"
            " whoever runs Discoverer to compare its name, secret and address there with those in its settings."
        )

    def _addresses(self) -> dict[str, Any]:
        """Return what the directory says of itself (OpenID Connect Discovery 1.0)."""
        issuer = self.settings.issuer

        def _fitting(found: Mapping[str, Any]) -> str:
            if found.get("issuer") != issuer:
                return "what it says of itself is of another issuer"
            odd = [name for name in _NEEDED if not is_safe_address(str(found.get(name, "")))]
            return f"what it says of itself lacks a safe {odd[0]}" if odd else ""

        return self._got(f"{issuer.rstrip('/')}/.well-known/openid-configuration", _fitting, anew=False)

    def _keys(self, anew: bool = False) -> list[Any]:
        """Return its public keys, asked for again where one is not among those held, but not again and again."""

        def _fitting(found: Mapping[str, Any]) -> str:
            return "" if isinstance(found.get("keys"), list) else "its keys are none"

        return list(self._got(str(self._addresses()["jwks_uri"]), _fitting, anew)["keys"])

    def _got(self, address: str, refused: Callable[[Mapping[str, Any]], str], anew: bool) -> dict[str, Any]:
        """Return what stands at an address, held for a while; that it could not be had is held for a moment too.

        Args:
            address: whose.
            refused: says why what was found is not taken; '' when it is.
            anew: whether to ask although it is held.

        Raises:
            DirectoryUnavailable: it cannot be had.
        """
        with self._one:  # whoever comes meanwhile waits for this answer instead of asking too
            at = seconds()
            asked, found = self._held.get(address, (0.0, None))
            age = at - asked
            if found is not None and age < (way_of("asking", "again") if anew else way_of("asking", "kept")):
                return found
            failed, error = self._failed.get(address, (0.0, None))
            if error is not None and at - failed < way_of("asking", "again"):
                raise DirectoryUnavailable(error.message)
            try:
                found = self._asking.get(address)
                if why := refused(found):
                    raise DirectoryUnavailable(
                        f"The force's directory cannot be trusted ({why}), so nobody can be let in by it; ask whoever"
                        " runs Discoverer to compare its address with that in the settings."
                    )
            except DirectoryUnavailable as unavailable:
                self._failed[address] = (seconds(), unavailable)
                raise
            self._held[address] = (seconds(), found)
            self._failed.pop(address, None)
            return found


def _who(claims: Mapping[str, Any], settings: DirectorySettings) -> Claims:
    """Return who a token is of. Raises DirectoryRefused: it does not say, or none of their groups has a role."""
    subject, name = claims.get("sub"), claims.get(settings.name)
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST:
        raise DirectoryRefused("the token does not say who it is of (sub)")
    if not isinstance(name, str) or not name.strip():
        raise DirectoryRefused(f"the token does not say what they are called ({settings.name})")
    given = claims.get(settings.claim, ())
    groups = [given] if isinstance(given, str) else given if isinstance(given, list) else ()
    roles = tuple(dict.fromkeys(each.role for each in settings.roles if each.value in groups))
    if not roles:
        raise DirectoryRefused(f"none of their groups has a role here ({settings.claim})")
    return Claims(settings.issuer, subject, name, roles[0], roles[1:], confirmed_at(claims))


def _secret(file: Path) -> str:
    """Return the secret shared with the directory.

    Raises:
        ConfigError: it cannot be read, is empty, or others than its owner can read it.
    """
    where = "[access.directory] client_secret"
    try:
        with file.open(encoding="utf-8") as opened:
            mode = os.fstat(opened.fileno()).st_mode
            text = opened.read().strip()
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8"
        raise ConfigError(where, [f"{file} cannot be read ({why}); write the secret there."]) from None
    if stat.S_IMODE(mode) & 0o077:
        raise ConfigError(where, [f"others than its owner may read {file}: chmod 600 {file}."])
    if not text:
        raise ConfigError(where, [f"{file} is empty; write the secret there."])
    return text


def _challenge(verifier: str) -> str:
    """Return what the directory is told of a verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _with(address: str, asked: Mapping[str, str]) -> str:
    """Return an address with more in its query."""
    return f"{address}{'&' if '?' in address else '?'}{urlencode(asked)}"


def _word(text: object) -> str:
    """Return a word of the directory's as it may be recorded: short, and of letters alone."""
    said = text if isinstance(text, str) else ""
    return said if said.isascii() and said.replace("_", "").isalpha() and len(said) <= 60 else "no reason given"
