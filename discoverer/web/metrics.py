"""Measurements of the service in Prometheus form: the only door to prometheus_client.

No label holds what was asked, an id, or anything of a person: routes are as they were declared, the rest are names of
sources and builds.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from fastapi import APIRouter, Depends
from prometheus_client import CollectorRegistry, Counter, Histogram, disable_created_metrics, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from starlette.responses import Response

from discoverer.access import SERVICE
from discoverer.access_rules import May
from discoverer.answer import SourceStatus, State
from discoverer.app import App
from discoverer.app_types import Status
from discoverer.clock import now, parse_iso
from discoverer.web.guards import Done
from discoverer.web.viewers import needing

FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
"""Names the folder in which several workers put their counts together; unset where one serves alone."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS", "PUT", "DELETE", "PATCH"})
_SEARCHES = frozenset({"search", "lookup"})
# Seconds: a search is to take 0.15 at most; beyond 5 somebody has given up.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.15, 0.25, 0.5, 1.0, 2.5, 5.0)

disable_created_metrics()  # type: ignore[no-untyped-call]  # when each count began doubles what is told, and nothing asks for it


class Metrics:
    """Counts what one process answers, and tells it with what the others counted."""

    def __init__(self, app: App) -> None:
        """Take whose state is told."""
        self._app = app
        own = CollectorRegistry()
        self._own = own
        self._requests = Counter(
            "discoverer_requests", "Requests answered.", ("method", "route", "status"), registry=own
        )
        self._seconds = Histogram(
            "discoverer_request_seconds",
            "From the request to the last byte of its answer.",
            ("route",),
            buckets=_BUCKETS,
            registry=own,
        )
        self._looks = Counter("discoverer_looks", "Answers shown, each recorded as a look.", ("action",), registry=own)
        self._no_trace = Counter(
            "discoverer_no_trace", "Searches that found no trace in the sources searched.", ("action",), registry=own
        )

    def done(self, done: Done) -> None:
        """Count one request."""
        method = done.method if done.method in _METHODS else "other"
        self._requests.labels(method, done.route or "none", str(done.status)).inc()
        self._seconds.labels(done.route or "none").observe(done.seconds)

    def looked(self, action: str, hits: int) -> None:
        """Count one look.

        Args:
            action: as the audit calls it: 'search', 'lookup', 'show', 'brief' ...
            hits: int >= 0, how many were shown.
        """
        self._looks.labels(action).inc()
        if not hits and action in _SEARCHES:
            self._no_trace.labels(action).inc()

    def text(self) -> bytes:
        """Return everything in Prometheus form."""
        counted: CollectorRegistry = self._own
        if FOLDER_VARIABLE in os.environ:
            counted = CollectorRegistry()
            MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
        state = CollectorRegistry()
        state.register(_StateCollector(self._app.status(SERVICE)))
        return bytes(generate_latest(counted) + generate_latest(state))


class _StateCollector(Collector):
    """Tells the state of the build and of every source at the moment it is asked."""

    def __init__(self, status: Status) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        """Yield each measurement."""
        manifest = self._status.manifest
        yield _gauge("discoverer_ready", "Whether there is a build that can be searched.", float(manifest is not None))
        if manifest is not None:
            yield InfoMetricFamily("discoverer_build", "The build that answers.", {"build": manifest.build})
            age = (now() - parse_iso(manifest.made_at)).total_seconds()
            yield _gauge("discoverer_build_age_seconds", "Since the build that answers was begun.", age)
        yield from _of_sources(self._status.sources)


def _of_sources(sources: Iterable[SourceStatus]) -> Iterator[Metric]:
    """Yield what is told of each source."""
    state = GaugeMetricFamily("discoverer_source_state", "1 for the state a source is in.", labels=("source", "state"))
    records = GaugeMetricFamily("discoverer_source_records", "Records indexed.", labels=("source",))
    lag = GaugeMetricFamily(
        "discoverer_source_lag_seconds", "Since when nothing of a source is missing.", labels=("source",)
    )
    taken = GaugeMetricFamily(
        "discoverer_source_as_at_timestamp_seconds", "When its data was taken, since 1970.", labels=("source",)
    )
    for each in sources:
        for name in State:
            state.add_metric((each.name, name.value), float(each.state is name))
        records.add_metric((each.name,), each.records)
        if each.lag is not None:
            lag.add_metric((each.name,), each.lag)
        if each.as_at:
            taken.add_metric((each.name,), parse_iso(each.as_at).timestamp())
    yield from (state, records, lag, taken)


def _gauge(name: str, said: str, value: float) -> Metric:
    """Return one measurement without labels."""
    return GaugeMetricFamily(name, said, value)


def router(metrics: Metrics) -> APIRouter:
    """Return the route /metrics."""
    made = APIRouter(tags=["health"])

    @made.get(
        "/metrics",
        response_class=Response,
        dependencies=[Depends(needing(May.METRICS))],
        responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
    )
    def tell() -> Response:
        """Tell what is measured, in Prometheus form."""
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    return made
