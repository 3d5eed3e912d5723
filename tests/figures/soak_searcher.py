"""The searcher of the soak: a process of its own that searches by an open loop until a file says to stop.

python -m tests.figures.soak_searcher CONFIG STEPS.jsonl STOP OUT.jsonl
"""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

from discoverer.access import DEMO_VIEWER
from discoverer.answer import State
from discoverer.app import App
from discoverer.bulk import FIELDS
from discoverer.errors import DiscovererError
from discoverer.evaluation.labelled import Labelled, read_queries
from discoverer.evaluation.run import spread
from discoverer.query import read_box, read_fields
from discoverer.settings import load
from tests.figures import open_loop
from tests.figures.bench_search import RATE, SEED, THREADS

MOST_SEARCHES = 20_000
OF_THE_NIGHT = 3  # one search in so many asks for what was committed last


class Searcher:
    """Asks, and writes down what came of each search."""

    def __init__(self, app: App, steps: Path, out: Path) -> None:
        """Take what is asked, the file of the night's steps so far and the file to write to."""
        self._app, self._steps, self._out = app, steps, out.open("w", encoding="utf-8")
        self._lock = threading.Lock()

    def ask(self, numbered: tuple[int, Labelled]) -> None:
        """Ask one query, or what was committed last."""
        number, query = numbered
        told: dict[str, Any] = {"began": time.monotonic()}
        try:
            fields = self._last() if number % OF_THE_NIGHT == 0 else None
            told |= self._asked(query, fields)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is a search that failed, and counted
            told["error"] = f"{type(error).__name__}: {error}"
        told["ended"] = time.monotonic()
        with self._lock:
            self._out.write(json.dumps(told) + "\n")
            self._out.flush()

    def _asked(self, query: Labelled, fields: dict[str, str] | None) -> dict[str, Any]:
        """Ask, and return what the answer says."""

        def read(now: Any) -> Any:  # noqa: ANN401 - as App.lookup takes it
            if fields:
                return read_fields(now.date(), **fields)
            if query.fields:
                return read_fields(now.date(), **{FIELDS[key]: value for key, value in query.fields.items()})
            return read_box(query.box, now.date())

        (answer,) = self._app.lookup(DEMO_VIEWER, [read])
        if isinstance(answer, DiscovererError):  # it cannot be read: that is an answer
            return {"refused": answer.message}
        return {
            "build": answer.build,
            "refs": sorted({f"{record.source}:{record.ref}" for hit in answer.hits for record in hit.records}),
            "stale": [each.name for each in answer.sources if each.state is not State.ANSWERED],
        }

    def _last(self) -> dict[str, str] | None:
        """Return what finds the step committed last."""
        lines = self._steps.read_text(encoding="utf-8").splitlines() if self._steps.exists() else []
        query: dict[str, str] | None = json.loads(lines[-1])["query"] if lines else None
        return query


def main(config: Path, steps: Path, stop: Path, out: Path) -> None:
    """Search until the file to stop is there; then write when each began and ended beside the rest."""
    queries = spread(read_queries(config.parent / "queries.jsonl"), MOST_SEARCHES)
    work = [(number, queries[number % len(queries)]) for number in range(MOST_SEARCHES)]
    with App(load(config)) as app:
        searcher = Searcher(app, steps, out)
        due = open_loop.arrivals(len(work), RATE, SEED)
        timed = open_loop.run(work, searcher.ask, due=due, threads=THREADS, stopped=stop.exists)
    out.with_suffix(".times.json").write_text(json.dumps([each.latency for each in timed]), encoding="utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
