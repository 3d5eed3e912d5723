"""The OpenAPI document is the contract: schemathesis asks the service whatever the document allows, and what it does not.

All its checks run: no unforeseen error; the statuses, content types, headers and shapes that the document has; what does
not fit it refused, what fits it taken. Of what fits, a search may yet be refused (400), name nobody (404) or a source
not be fresh (503): no schema can say that a box holds something that can be looked up.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import schemathesis
from fastapi import FastAPI
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.engine.recorder import ScenarioRecorder
from starlette.responses import JSONResponse

from discoverer.app import App
from discoverer.web import service
from discoverer.web.guards import LOOPBACK_NAMES

EXAMPLES = 8
"""Of each operation in each way of making them, the same in every run; the limits of every parameter come on top."""
ITS_OWN_NAME = "testserver"
CONFIG = {
    "seed": 1,
    "workers": 1,
    "continue-on-failure": True,
    "generation": {"mode": "all", "deterministic": True, "max-examples": EXAMPLES, "database": "none"},
    "phases": {"stateful": {"enabled": False}},  # nothing is made or deleted here that could be asked for afterwards
    "checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "400", "404", "503"]}},
    "operations": [
        # The invented sources are not fresh, which is what it must say.
        {
            "include-path": "/health/fresh",
            "checks": {"not_a_server_error": {"expected-statuses": ["2xx", "4xx", "503"]}},
        }
    ],
}
schemathesis.serializer.alias("application/jsonl", "text/plain")


def _made(app: App) -> FastAPI:
    return service.create(app, names={*LOOPBACK_NAMES, ITS_OWN_NAME})


def _asked(made: FastAPI, only: str = "") -> tuple[int, list[str]]:
    """Ask a service everything; return how often, and every promise that it broke."""
    schema = schemathesis.openapi.from_asgi("/openapi.json", made, config=SchemathesisConfig.from_dict(CONFIG))
    times = 0
    broken: list[str] = []
    for event in from_schema(schema.include(path=only) if only else schema).execute():
        if isinstance(event, events.ScenarioFinished):
            times += len(event.recorder.interactions)
            broken += _broken(event.recorder)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            broken.append(f"it could not be asked: {event!r}")
    return times, broken


def _broken(recorder: ScenarioRecorder) -> Iterator[str]:
    """Yield the checks that failed, each with how to ask again."""
    for ident, checks in recorder.checks.items():
        for check in checks:
            if check.status is not Status.SUCCESS:
                why = check.failure_info.failure if check.failure_info else ""
                yield f"{check.name}: {why} {recorder.cases[ident].value.as_curl_command()}"


def test_the_service_keeps_its_contract(small: App) -> None:
    times, broken = _asked(_made(small))
    assert broken == []
    assert times > 300


@pytest.mark.parametrize(
    ("fault", "check"),
    [("shape", "response_schema_conformance"), ("error", "not_a_server_error"), ("lax", "negative_data_rejection")],
)
def test_a_promise_that_is_broken_is_found(small: App, fault: str, check: str) -> None:
    made = _made(small)

    @made.get("/api/v1/broken", response_model=list[int])
    def broken(limit: int) -> object:
        """Break a promise."""
        if fault == "error":
            raise ZeroDivisionError
        return JSONResponse("none" if fault == "shape" else [])

    if fault == "lax":
        made.openapi()["paths"]["/api/v1/broken"]["get"]["parameters"][0]["schema"] |= {"maximum": 5}
    _, found = _asked(made, "/api/v1/broken")
    assert any(each.startswith(f"{check}:") for each in found), found
