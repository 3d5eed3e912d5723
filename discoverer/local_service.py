"""Asks the service over its socket of this machine, where commands may not read the index themselves.

It answers what `App` answers, in the same types, so that one code prints both. Who asks is settled by the kernel at the
other end (discoverer/web/peers.py): of a viewer only the log and the reason are sent. It writes and keeps nothing.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode

from discoverer.access import Viewer
from discoverer.answer import Answer, HitKind, Shown
from discoverer.briefing.parts import Briefing
from discoverer.codec import decoder
from discoverer.errors import DiscovererError, NotPermitted, ServiceRefused, ServiceUnavailable, UsageError

T = TypeVar("T")
SECONDS = 120.0
"""How long the next part of an answer is waited for; the service itself refuses much sooner when it is busy."""
PART = 1_048_576
"""Bytes of queries sent at once, a quarter of what the service takes (web/data/limits.toml)."""
_API = "/api/v1"
_CUT = "broke off before its answer was whole; ask again"
_problem = decoder(dict[str, Any])
# Refusals without a class of their own (web/problems.py), by their status.
_EXIT_CODES = {400: 2, 401: 11, 403: 11, 404: 7, 413: 2, 414: 2, 503: 6}


class LocalService:
    """The service at a socket.

    Each method raises ServiceUnavailable where it does not answer, ServiceRefused where it says no, and NotPermitted
    where this account of the machine may not reach it.
    """

    def __init__(self, path: Path) -> None:
        """Take where the socket is."""
        self._path = path
        self._answer, self._shown, self._briefing = decoder(Answer), decoder(Shown), decoder(Briefing)

    def search(self, viewer: Viewer, text: str, limit: int) -> Answer:
        """Search by the one box, as `App.search`."""
        return self._got(self._answer, "search", viewer, {"q": text, "limit": str(limit)})

    def search_fields(self, viewer: Viewer, limit: int, **fields: str) -> Answer:
        """Search by named fields, as `App.search_fields`."""
        named = {{"ident": "id"}.get(name, name): value for name, value in fields.items() if value}
        return self._got(self._answer, "search", viewer, {**named, "limit": str(limit)})

    def show(self, viewer: Viewer, kind: HitKind, ident: str, *, whole: bool, reveal: bool = False) -> Shown:
        """Show one person, place, number or record, as `App.show`."""
        flags = {"all": "true" if whole else "", "reveal": "true" if reveal else ""}
        return self._got(self._shown, kind.value, viewer, {"id": ident, **flags})

    def brief(self, viewer: Viewer, kind: HitKind, ident: str) -> Briefing:
        """Make a briefing, as `App.briefings.make`."""
        return self._got(self._briefing, "briefing", viewer, {"kind": kind.value, "id": ident})

    def lookup(self, viewer: Viewer, lines: Iterable[str], limit: int) -> Iterator[str]:
        """Run many searches, a line each, and yield the line of each answer, without its end.

        Args:
            viewer: who asks.
            lines: queries as `discoverer lookup` reads them, decoded with 'surrogateescape'.
            limit: hits for each.
        """
        for part, wanted in _parts(lines):
            with self._asked("POST", "lookup", viewer, {"limit": str(limit)}, part) as answer:
                for line in answer:
                    wanted -= line.endswith(b"\n")
                    yield line.decode().rstrip("\n")
            # Counted, since an answer in pieces that breaks off between two lines does not always say so.
            if wanted:
                raise self._broken(_CUT)

    def _got(self, read: Callable[[bytes], T], what: str, viewer: Viewer, sent: dict[str, str]) -> T:
        """Return one answer, read."""
        with self._asked("GET", what, viewer, sent) as answer:
            body = answer.read()
        try:
            return read(body)
        except ValueError:
            raise self._broken("answers in a shape that this version does not read; use the version it runs") from None

    @contextmanager
    def _asked(
        self, method: str, what: str, viewer: Viewer, sent: dict[str, str], body: bytes | None = None
    ) -> Iterator[http.client.HTTPResponse]:
        """Ask, and lend the answer while it is read."""
        query = _query({**sent, "log": viewer.log, "reason": viewer.reason})
        line = http.client.HTTPConnection("localhost", timeout=SECONDS)
        line.sock = self._connected()
        try:
            line.request(method, f"{_API}/{what}?{query}", body)
            answer = line.getresponse()
            if answer.status != http.client.OK:
                raise _refused(answer.status, answer.read())
            yield answer
        except (OSError, http.client.HTTPException):
            raise self._broken(_CUT) from None
        finally:
            line.close()

    def _connected(self) -> socket.socket:
        """Return a socket connected to the service."""
        made = socket.socket(socket.AF_UNIX)
        made.settimeout(SECONDS)
        try:
            made.connect(str(self._path))
        except PermissionError:
            made.close()
            raise NotPermitted(
                f"Your account of this machine may not reach {self._path}; ask whoever runs Discoverer."
            ) from None
        except OSError:
            made.close()
            raise self._broken(
                "does not answer; ask whoever runs Discoverer to start it ('discoverer serve')"
            ) from None
        return made

    def _broken(self, words: str) -> ServiceUnavailable:
        """Say what is wrong with the service."""
        return ServiceUnavailable(f"The service at {self._path} {words}.")


def _query(sent: dict[str, str]) -> str:
    """Return parameters as they stand in an address; what is no text goes as it was typed, and is refused there.

    Raises:
        UsageError: something holds half of a character, which cannot be sent.
    """
    try:
        return urlencode({name: value for name, value in sent.items() if value}, errors="surrogateescape")
    except UnicodeEncodeError:
        raise UsageError("What was typed holds half of a character; type it again.") from None


def _parts(lines: Iterable[str]) -> Iterator[tuple[bytes, int]]:
    """Yield queries in parts of about PART bytes, and how many answers each has.

    Blank lines before each part keep the numbers that its lines have in all; nobody answers them.
    """
    part, before, number, asked = bytearray(), 0, 0, 0
    for number, line in enumerate(lines, 1):
        part += line.encode("utf-8", "surrogateescape")
        asked += bool(line.strip())
        if len(part) >= PART:
            yield b"\n" * before + bytes(part), asked
            part, before, asked = bytearray(), number, 0
    if asked:
        yield b"\n" * before + bytes(part), asked


def _refused(status: int, body: bytes) -> ServiceRefused:
    """Return what the service said instead of an answer, with the exit code that the same failure has here."""
    try:
        told = _problem(body)
    except ValueError:
        told = {}
    kind = str(told.get("type", "")).rpartition(":")[2].replace("-", "")
    words = str(told.get("detail", "")) or f"The service refused with status {status}, and did not say why."
    codes = {each.__name__.lower(): each.exit_code for each in _tree(DiscovererError)}
    return ServiceRefused(words, codes.get(kind, _EXIT_CODES.get(status, 1)), status)


def _tree(error: type[DiscovererError]) -> Iterator[type[DiscovererError]]:
    """Yield every class of error under one."""
    for each in error.__subclasses__():
        yield each
        yield from _tree(each)
