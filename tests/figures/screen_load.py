"""Whoever loads the screen: a process of its own that asks by an open loop over connections kept open.

python -m tests.figures.screen_load URL QUERIES.jsonl SECONDS OUT.json
"""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path

import httpx2 as httpx

from discoverer.evaluation.labelled import read_queries
from discoverer.evaluation.run import spread
from tests.figures import open_loop

SEARCHES, SUGGESTIONS = 10.0, 20.0
"""Asked for a second: the burst of a whole control room, and what it types meanwhile."""
SEED = 7
THREADS = 64
"""Enough that none waits for another here: what queues, queues at the server, as it does behind many seats."""
LATE = 0.005  # seconds: one begun later than this found all threads busy
PATIENCE = 30.0
AS_A_PAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}
"""What a browser says of a request that the script of a page of ours makes; programs have lanes of their own."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request that was answered.

    Attributes:
        kind: str, 'search' or 'reading'.
        ms: float, from when it was due to the last byte.
        late_ms: float, of these, before it was begun.
        status: int; 0 where nothing came.
    """

    kind: str
    ms: float
    late_ms: float
    status: int


class Loader:
    """Asks one server, each thread over a connection of its own."""

    def __init__(self, url: str) -> None:
        """Take the address."""
        self._url = url
        self._own = threading.local()
        self.status: dict[int, int] = {}

    def ask(self, work: tuple[int, str, str]) -> None:
        """Ask for one page or one reading; what goes wrong is counted, and stops nothing."""
        place, address, text = work
        client = getattr(self._own, "client", None)
        if client is None:
            client = self._own.client = httpx.Client(base_url=self._url, timeout=PATIENCE, headers=AS_A_PAGE)
        try:
            self.status[place] = client.get(address, params={"q": text, **_part(address)}).status_code
        except httpx.HTTPError:
            self.status[place] = 0


def _part(address: str) -> dict[str, str]:
    """Return what the script of the page asks besides."""
    return {"part": "results"} if address == "/search" else {}


def prefixes(texts: list[str], count: int) -> list[str]:
    """Return so many queries half typed: each a few letters longer than the one before, as a typist's are."""
    found = [text[:length] for text in texts for length in range(3, min(len(text), 24) + 1, 3)]
    return list(islice(cycle(found), count))


def load(url: str, queries: Path, seconds: float) -> list[Asked]:
    """Ask for so long; return what came of it, in the order in which they were due.

    Args:
        url: the server.
        queries: labelled queries, asked as they would be typed.
        seconds: float > 0.
    """
    searches, readings = round(SEARCHES * seconds), round(SUGGESTIONS * seconds)
    texts = [each.box for each in spread(read_queries(queries), min(searches, 2_000)) if each.box.strip()]
    due = [
        ("/search", at, text)
        for at, text in zip(open_loop.arrivals(searches, SEARCHES, SEED), cycle(texts), strict=False)
    ]
    half = prefixes(texts, readings)
    due += [
        ("/api/v1/reading", at, text)
        for at, text in zip(open_loop.arrivals(readings, SUGGESTIONS, SEED + 1), half, strict=True)
    ]
    due.sort(key=lambda each: each[1])
    loader = Loader(url)
    work = [(place, address, text) for place, (address, _, text) in enumerate(due)]
    timed = open_loop.run(work, loader.ask, due=[at for _, at, _ in due], threads=THREADS)
    kinds = {"/search": "search", "/api/v1/reading": "reading"}
    return [
        Asked(kinds[due[each.place][0]], each.latency * 1000, each.late * 1000, loader.status[each.place])
        for each in timed
    ]


def main(url: str, queries: str, seconds: str, out: str) -> None:
    """Load a server and write what came of it."""
    asked = load(url, Path(queries), float(seconds))
    Path(out).write_text(json.dumps([asdict(each) for each in asked]), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
