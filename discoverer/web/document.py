"""The OpenAPI document: the contract of the API, written from the code and made exact.

What FastAPI writes is loose where our answers are not: every field of an answer is always there, whatever goes wrong is
one shape, and an answer has a tag. That is said here, with examples.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from discoverer.web import examples
from discoverer.web.limits import LOOKUP
from discoverer.web.problems import MEDIA_TYPE

_LINES = "application/jsonl"
_ANYTHING_ELSE = ("HTTPValidationError", "ValidationError")
_STRING: dict[str, Any] = {"type": "string"}
_HEADERS: dict[str, Any] = {
    "X-Request-ID": {"description": "The request's id, which stands in the log too.", "schema": _STRING},
}
_TAG: dict[str, Any] = {
    "description": "Changes with what the answer says. Send it as If-None-Match.",
    "schema": _STRING,
}
_LINK: dict[str, Any] = {"description": "Where the other parts of the long lists are (RFC 8288).", "schema": _STRING}
_PROBLEM_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "What went wrong (RFC 9457). `detail` is one sentence that says what is wrong and what to do.",
    "properties": {
        "type": _STRING,
        "title": _STRING,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "minLength": 1},
        "instance": {"type": "string", "description": "The request's id."},
    },
    "required": ["type", "title", "status", "detail", "instance"],
    "additionalProperties": False,
}
_QUERY_SCHEMA: dict[str, Any] = {
    "type": "object",
    "title": "LookupQuery",
    "description": "One line that is sent: text, or any of the fields.",
    "properties": {
        "qid": {"description": "Comes back with the result."},
        **dict.fromkeys(("text", "name", "dob", "address", "phone", "id"), _STRING),
    },
    "additionalProperties": False,
}


def exact(service: FastAPI) -> None:
    """Let a service answer with the exact document; it is written once, when it is first asked for."""

    def _openapi() -> dict[str, Any]:
        if service.openapi_schema is None:
            service.openapi_schema = _written(service)
        return service.openapi_schema

    service.openapi = _openapi  # type: ignore[method-assign]


def _written(service: FastAPI) -> dict[str, Any]:
    """Return the document."""
    made = get_openapi(title=service.title, summary=service.summary, version=service.version, routes=service.routes)
    schemas = made["components"]["schemas"]
    for name in _ANYTHING_ELSE:
        schemas.pop(name, None)
    for schema in schemas.values():
        if "properties" in schema:
            schema["required"] = list(schema["properties"])
    schemas["Problem"] = _PROBLEM_SCHEMA
    schemas["LookupQuery"] = _QUERY_SCHEMA
    for path, methods in made["paths"].items():
        for method, operation in methods.items():
            _describe(path, method, operation)
    return made


def _describe(path: str, method: str, operation: dict[str, Any]) -> None:
    """Say of one operation what may come back."""
    responses: dict[str, Any] = operation["responses"]
    responses.pop("422", None)
    found = responses["200"]
    found["headers"] = dict(_HEADERS)
    content = found.get("content", {}).get("application/json", {})
    shape = content.get("schema", {}).get("$ref", "").rpartition("/")[2]
    if path.startswith("/api/") and method == "get":
        found["headers"]["ETag"] = _TAG
        responses["304"] = {"description": "As you have it.", "headers": {**_HEADERS, "ETag": _TAG}}
    if shape == "Answer":
        content["examples"] = examples.ANSWERS
    if shape == "Shown":
        found["headers"]["Link"] = _LINK
        content["examples"] = examples.SHOWN
    if path == LOOKUP:
        _describe_lines(operation)
    for status, words in (("4XX", "It cannot be answered as it was asked."), ("5XX", "It cannot be answered now.")):
        responses[status] = {
            "description": words,
            "headers": _HEADERS,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": examples.PROBLEM}},
        }


def _describe_lines(operation: dict[str, Any]) -> None:
    """Say what lines go in and come out of many look-ups; 3.1 has no words for the shape of a line."""
    operation["requestBody"] = {
        "required": True,
        "description": "One JSON query a line.",
        "content": {
            _LINES: {
                "schema": {},
                "x-itemSchema": {"$ref": "#/components/schemas/LookupQuery"},
                "example": examples.LOOKUP_QUERIES,
            }
        },
    }
    operation["responses"]["200"]["content"] = {
        _LINES: {"schema": _STRING, "x-itemExample": examples.LOOKUP_RESULT},
    }
