"""Asks the directory, and nobody else: over TLS, never led on elsewhere, for so long and so much and no more."""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from discoverer.clock import seconds
from discoverer.directory_settings import is_safe_address
from discoverer.errors import ConfigError, DirectoryUnavailable
from discoverer.identity.rules import way_of

_PART = 65_536


class _NoFurther(urllib.request.HTTPRedirectHandler):
    """Follows nothing: what is asked for holds codes and secrets, and is for the one address alone."""

    def redirect_request(self, *args: object, **kwargs: object) -> None:
        """Follow no redirect, so that it counts as an error."""


class Asking:
    """How a directory is asked; several threads may use one at once."""

    def __init__(self, ca: Path | None) -> None:
        """Take whom to trust.

        Args:
            ca: certificates that the directory's must be signed by; None: those of the machine.

        Raises:
            ConfigError: the file cannot be read as such.
        """
        try:
            trusted = ssl.create_default_context(cafile=str(ca) if ca else None)
        except (OSError, ssl.SSLError) as error:
            problem = f"the certificates in {ca} cannot be read ({error}); put them there as PEM, or leave 'ca' out."
            raise ConfigError("[access.directory] ca", [problem]) from None
        trusted.minimum_version = ssl.TLSVersion.TLSv1_2
        self._opener = urllib.request.build_opener(_NoFurther(), urllib.request.HTTPSHandler(context=trusted))

    def get(self, address: str) -> dict[str, Any]:
        """Return what stands at an address, which must be an object of JSON.

        Raises:
            DirectoryUnavailable: it does not answer, or not so.
        """
        status, found = self._asked(_request(address, None, {}))
        if status != http.HTTPStatus.OK:
            raise _unavailable(f"it answered {status}")
        return found

    def post(self, address: str, form: Mapping[str, str], headers: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        """Send a form, and return the status and what was answered, which must be an object of JSON.

        Returns:
            (200, the answer), or (400 to 499, the directory's reason).

        Raises:
            DirectoryUnavailable: it does not answer, or not so.
        """
        written = {"Content-Type": "application/x-www-form-urlencoded", **headers}
        status, found = self._asked(_request(address, urlencode(form).encode(), written))
        if status != http.HTTPStatus.OK and not 400 <= status < 500:
            raise _unavailable(f"it answered {status}")
        return status, found

    def _asked(self, request: urllib.request.Request) -> tuple[int, dict[str, Any]]:
        """Ask, and return the status and the object answered."""
        ends = seconds() + way_of("asking", "whole")
        try:
            try:
                answer = self._opener.open(request, timeout=way_of("asking", "patience"))
            except urllib.error.HTTPError as error:
                answer = error  # an answer too: the status says that it is none of the good ones
            with answer:
                text = _whole(answer, ends)
                status = int(answer.status)
        except (OSError, http.client.HTTPException) as error:
            raise _unavailable(_plain(error)) from None
        if 300 <= status < 400 or status >= 500:
            raise _unavailable(f"it answered {status}")
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise _unavailable(f"it answered {status} with something that is no object of JSON")
        return status, found


def _whole(answer: Any, ends: float) -> bytes:  # noqa: ANN401 - an answer or an error of urllib, which is one too
    """Return the body of an answer. Raises DirectoryUnavailable: it is too large, or comes too slowly."""
    largest, taken = way_of("asking", "largest"), b""
    while part := answer.read1(_PART):
        taken += part
        if len(taken) > largest:
            raise _unavailable(f"its answer is larger than {largest:,} bytes")
        if seconds() > ends:
            raise _unavailable("its answer came too slowly")
    return taken


def _request(address: str, body: bytes | None, headers: Mapping[str, str]) -> urllib.request.Request:
    """Return a request. Raises DirectoryUnavailable: its address is not over TLS, nor on this machine."""
    if not is_safe_address(address):
        raise _unavailable("it names an address that is not over TLS")
    said = {"Accept": "application/json", **headers}
    return urllib.request.Request(address, body, said)  # noqa: S310 - https or loopback, by the lines above


def _plain(error: Exception) -> str:
    """Say what went wrong with a connection, without the address asked: it may hold a code."""
    reason = getattr(error, "reason", error)
    return str(getattr(reason, "strerror", None) or reason or type(error).__name__)


def _unavailable(why: str) -> DirectoryUnavailable:
    """Say that nobody can be let in by the directory now."""
    return DirectoryUnavailable(
        f"The force's directory cannot be asked ({why}), so nobody can be let in by it now; sign in with a name and"
        " password kept here, or try again in a minute."
    )
