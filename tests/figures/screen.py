"""`make figures AREA=screen`: what the screen was asked to be, each line with what was asked, what was got, and how.

An open loop over HTTP asks a served index of 50,000 records; a browser paints a screen-pop, weighs a first load, and axe
reads every page; then the tests in a browser.

python -m tests.figures.screen [DATA] [--minutes 5] [--engine whoosh]
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from discoverer.evaluation.labelled import read_queries
from discoverer.evaluation.scores import percentile
from tests.browser.serving import FLAGS, Server, chromium, serving
from tests.browser.weighing import first_load, in_either_theme
from tests.figures.freshness import Row, line
from tests.figures.measuring import ROOT, generated, run
from tests.figures.screen_load import LATE
from tests.figures.soak import built

TARGETS = Path(__file__).parent / "targets" / "screen.toml"
RECORDS = 50_000
MINUTES = 5.0
WORKERS = 2
WARM = 200  # searches before the clock runs: a server is not measured while it opens its files
POPS = 30
PAINTED = "() => performance.getEntriesByName('first-contentful-paint').map((each) => each.startTime)"


def processor(parent: int) -> float:
    """Return the processor time that a server and its workers have used, in seconds; 0 where /proc tells nothing."""
    used = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            pid, told = int(stat.parent.name), stat.read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if parent in (pid, int(told[1])):
            used += int(told[11]) + int(told[12])
    return used / os.sysconf("SC_CLK_TCK")


def loaded(server: Server, queries: Path, seconds: float, out: Path) -> Iterator[Row]:
    """Load a server from a process of its own."""
    before = processor(server.process.pid)
    subprocess.run(
        [sys.executable, "-m", "tests.figures.screen_load", server.url, str(queries), str(seconds), str(out)],
        check=True,
        cwd=ROOT,
    )
    used = processor(server.process.pid) - before
    asked: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))
    wrong = [each for each in asked if each["status"] not in (200, 400)]  # 400: it cannot be read, and says so
    late = sum(each["late_ms"] > LATE * 1000 for each in asked)
    for kind in ("search", "reading"):
        times = sorted(each["ms"] for each in asked if each["kind"] == kind)
        cut = " ".join(f"p{share} {percentile(times, share):,.0f} ms" for share in (50, 95, 99))
        print(f"{kind}: {len(times):,} in {seconds:.0f} s, {cut}, slowest {times[-1]:,.0f} ms", flush=True)
    times = sorted(each["ms"] for each in asked)
    how = f"{len(asked):,} requests in {seconds:.0f} s, {WORKERS} workers, {late} begun late, load {os.getloadavg()[0]:.1f}"
    print(
        f"processor of the server: {used / len(asked) * 1000:.1f} ms a request, {used / seconds:.2f} cores", flush=True
    )
    yield "p95_ms", percentile(times, 95), f"{how}; p50 {percentile(times, 50):.0f}, p99 {percentile(times, 99):.0f}"
    yield "errors", len(wrong), f"{how}; statuses {sorted({each['status'] for each in asked})}"


def painted(browser: Browser, url: str, numbers: list[str]) -> Iterator[Row]:
    """Let calls come in at a seat that has had one before, and read when the browser painted."""
    context = browser.new_context(base_url=url, viewport={"width": 1440, "height": 900})
    page = context.new_page()
    took = []
    for number in numbers:
        page.goto(f"/call?cli={number}")
        took += page.evaluate(PAINTED)
    context.close()
    how = f"{len(took)} screen-pops, from when each was asked; p50 {median(took):.0f}, slowest {max(took):.0f}"
    yield "first_paint_ms", percentile(sorted(took), 95), f"95th percentile of {how}"


def weighed(browser: Browser, url: str, numbers: list[str]) -> Iterator[Row]:
    """Weigh first loads, each at a seat that has nothing yet."""
    sizes = {}
    for path in ("/", *(f"/call?cli={number}" for number in numbers[:5])):
        context = browser.new_context(base_url=url)
        sizes[path] = first_load(context.new_page(), path)
        context.close()
    yield (
        "page_bytes",
        max(sizes.values()),
        f"largest of {len(sizes)} first loads, everything fetched; start {sizes['/']:,.0f}",
    )


def audited(browser: Browser, url: str, number: str) -> Iterator[Row]:
    """Let axe read a page of every kind in either theme."""
    context = browser.new_context(base_url=url)
    page = context.new_page()
    page.goto(f"/call?cli={number}")
    cards = page.locator(".card")
    opened = [str(cards.nth(place).get_attribute("data-href")) for place in range(min(3, cards.count()))]
    briefs = [str(cards.nth(place).get_attribute("data-brief")) for place in range(min(2, cards.count()))]
    paths = ["/", f"/search?q={number}", "/search?q=zzyzx+qwertz", "/status", "/keys", "/nowhere", *opened, *briefs]
    found = []
    for path in paths:
        page.goto(path)
        found += in_either_theme(page)
    context.close()
    yield "axe_violations", len(found), f"{len(paths)} pages in either theme; {'; '.join(found[:3]) or 'nothing'}"


def numbers_of(queries: Path) -> list[str]:
    """Return numbers that ring."""
    found = [re.sub(r"\D", "", each.box) for each in read_queries(queries) if each.type == "phone"]
    return [each for each in found if re.fullmatch(r"0\d{10}", each)][:POPS]


def measured(config: Path, minutes: float) -> Iterator[Row]:
    """Serve an index that is built and measure everything."""
    with serving(config, workers=WORKERS) as server:
        queries = config.parent / "queries.jsonl"
        list(loaded(server, queries, WARM / 30, config.with_name("warm.json")))
        print("warm; now measured:", flush=True)
        yield from loaded(server, queries, minutes * 60, config.with_name("asked.json"))
        path, numbers = chromium(), numbers_of(queries)
        if not path:
            print("No Chromium is installed: what a browser measures was not measured.")
            return
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
            yield from painted(browser, server.url, numbers)
            yield from weighed(browser, server.url, numbers)
            yield from audited(browser, server.url, numbers[0])
            browser.close()


def main(minutes: float = MINUTES, engine: str = "whoosh") -> None:
    """Measure everything and print one table."""
    with built(generated("bench-50k", RECORDS), engine) as config:
        rows = list(measured(config, minutes))
    targets = {each["figure"]: each for each in tomllib.loads(TARGETS.read_text(encoding="utf-8"))["target"]}
    print(f"{'':<12}{'figure':<20}{'asked':<10}{'got':<10}how")
    print(*(line(row, targets) for row in rows), sep="\n", flush=True)
    run("in a browser", sys.executable, "-m", "pytest", "-q", "-n", "2", "tests/browser")


def option(name: str, otherwise: str) -> str:
    """Return what stands after an option on the command line."""
    return sys.argv[sys.argv.index(name) + 1] if name in sys.argv else otherwise


if __name__ == "__main__":
    main(float(option("--minutes", str(MINUTES))), option("--engine", "whoosh"))
