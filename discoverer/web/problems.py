"""One shape for whatever goes wrong: RFC 9457 problems for programs, a page for people; never an empty answer."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from discoverer.codec import encode
from discoverer.errors import DiscovererError

MEDIA_TYPE = "application/problem+json"
FOR_PROGRAMS = ("/api", "/health", "/metrics", "/openapi.json")
"""Whatever stands under these paths is answered to a program, whatever it accepts."""
_LONGEST_QUOTE = 60
# What a refusal without a class of its own is called; HTTP's own phrases change from one Python to the next.
_CALLED = {
    400: "Bad request",
    401: "Not signed in",
    403: "Asked from elsewhere",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    413: "Too large",
    414: "Too long",
    421: "Wrong name",
    500: "Unexpected error",
}
_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_SAID_BY_STATUS = {
    HTTPStatus.NOT_FOUND: "There is nothing at this address; the start page and /openapi.json say what there is.",
    HTTPStatus.METHOD_NOT_ALLOWED: "This address does not take {method}; /openapi.json says what it takes.",
}
_UNEXPECTED = (
    "Something went wrong here that nobody foresaw, so there is no answer; ask again, and tell whoever runs Discoverer"
    " the request id {instance}."
)


@dataclass(frozen=True, slots=True)
class Problem:
    """What went wrong, as RFC 9457 has it.

    Attributes:
        type: str, a name for this kind of problem that never changes.
        title: str, the kind in words.
        status: int, HTTP status 400 to 599.
        detail: str, one sentence that says what is wrong and what to do.
        instance: str, the request's id, which stands in the log too.
    """

    type: str
    title: str
    status: int
    detail: str
    instance: str


ProblemPage = Callable[[Request, Problem], Response]
"""Shows a problem to a person."""


def for_programs(path: str) -> bool:
    """Tell whether what stands at an address is answered to programs."""
    return any(path == each or path.startswith(f"{each}/") for each in FOR_PROGRAMS)


def of_error(error: DiscovererError, instance: str) -> Problem:
    """Return one of our own errors as a problem: the status and the sentence are its own."""
    return _named(type(error).__name__, error.http_status, error.message, instance)


def of_status(status: int, detail: str, instance: str, called: str = "") -> Problem:
    """Return a refusal that has no class of its own, called by its status unless it is called otherwise."""
    called = called or _CALLED.get(status, "Refused")
    return Problem(f"urn:discoverer:problem:{_slug(called)}", called, status, detail, instance)


def unexpected(instance: str) -> Problem:
    """Return what is said of an error nobody foresaw; what it was stands in the log alone."""
    return of_status(500, _UNEXPECTED.format(instance=instance), instance)


def _named(name: str, status: int, detail: str, instance: str) -> Problem:
    """Return a problem called as its class is."""
    words = _CAPITAL.sub(" ", name)
    return Problem(f"urn:discoverer:problem:{_slug(words)}", words.capitalize(), status, detail, instance)


def _slug(words: str) -> str:
    """Return words as they stand in a name: 'Not Found' as 'not-found'."""
    return re.sub(r"[^a-z]+", "-", words.lower()).strip("-")


class Problems:
    """Answers with problems: as JSON to programs, as a page to people once there is one."""

    def __init__(self, page: ProblemPage | None = None) -> None:
        """Take how a person is shown a problem; None: as JSON too."""
        self._page = page

    def response(self, request: Request, problem: Problem, headers: dict[str, str] | None = None) -> Response:
        """Return the answer, with any headers the problem needs (Retry-After, Allow)."""
        if self._page is None or for_programs(request.url.path):
            return Response(encode(problem), problem.status, headers, MEDIA_TYPE)
        shown = self._page(request, problem)
        shown.headers.update(headers or {})
        return shown

    def register(self, service: FastAPI) -> None:
        """Answer with a problem whatever an endpoint raises that was foreseen; the rest is the guard's."""
        service.add_exception_handler(DiscovererError, self._on_error)
        service.add_exception_handler(RequestValidationError, self._on_invalid)
        service.add_exception_handler(HTTPException, self._on_http)

    def _on_error(self, request: Request, error: Exception) -> Response:
        """Answer one of our own errors."""
        if not isinstance(error, DiscovererError):
            raise error
        headers = {"Retry-After": "5"} if error.http_status == HTTPStatus.SERVICE_UNAVAILABLE else None
        return self.response(request, of_error(error, request_id(request)), headers)

    def _on_invalid(self, request: Request, error: Exception) -> Response:
        """Answer a request whose parameters cannot be read."""
        if not isinstance(error, RequestValidationError):
            raise error
        return self.response(request, of_status(400, _sentence(error), request_id(request)))

    def _on_http(self, request: Request, error: Exception) -> Response:
        """Answer what the router refuses: no such address, no such method."""
        if not isinstance(error, HTTPException):
            raise error
        told = _SAID_BY_STATUS.get(HTTPStatus(error.status_code), error.detail)
        detail = told.format(method=request.method)
        return self.response(
            request, of_status(error.status_code, detail, request_id(request)), dict(error.headers or {})
        )


def request_id(request: Request) -> str:
    """Return the id that the guard gave a request; '' where it stands behind no guard."""
    return str(getattr(request.state, "request_id", ""))


def _sentence(error: RequestValidationError) -> str:
    """Say everything that is wrong with the parameters in one sentence."""
    faults = [_fault(dict(fault)) for fault in error.errors()]
    return f"The request cannot be read: {'; '.join(dict.fromkeys(faults))}."


def _fault(fault: dict[str, object]) -> str:
    """Name one parameter, what is wrong with it, and what was given."""
    place = fault.get("loc")
    name = str(place[-1]) if isinstance(place, tuple) and place else "the request"
    said = str(fault.get("msg", "cannot be read")).removeprefix("Input ").rstrip(".")
    given = fault.get("input")
    quoted = f" (not '{given[:_LONGEST_QUOTE]}')" if isinstance(given, str) and given else ""
    return f"{name} {said[:1].lower()}{said[1:]}{quoted}"
