"""Lays a benchmark's results out as one text that is a Markdown document too."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.figures.bench_rivals import verdict
from tests.figures.machine import in_words
from tests.rivals.table import share

Told = Mapping[str, Any]
MILLION = 1_000_000


def lines(told: Told) -> Iterator[str]:
    """Yield the lines of one tier's table."""
    made = told["set"]
    yield f"# Benchmark of {told['records']:,} source records"
    yield ""
    yield f"Machine: {in_words(told['machine'])}. Packages: {_packages(told['machine'])}."
    yield (
        f"Queries: {made['queries']:,}, of which {made['dirty']:,} ({made['dirty'] / max(1, made['queries']):.1%}) are dirty: "
        "queries.jsonl says in `dirt` what is wrong with each."
    )
    yield (
        "`load` is how much other work the machine had when a part began: times of parts with unlike loads should not be "
        "held against each other."
    )
    for engine in told["engines"]:
        yield ""
        yield f"## Engine: {engine['engine']}"
        yield ""
        if engine["unavailable"]:
            yield f"Not measured: {engine['unavailable']}."
            continue
        yield from _engine(engine)
    if told["rivals"]:
        yield ""
        yield "## What people would otherwise use, on the same records and queries"
        yield ""
        yield from _rivals(told)


def _when(part: Told) -> str:
    """Say when and by which code a part was measured, and how busy the machine was."""
    return f"{part['date']}, commit {part['code']['commit']}, load {part['machine']['load_before']:.1f}"


def _packages(machine: Told) -> str:
    """Name the packages."""
    found = {**machine["packages"], "SQLite": machine["sqlite"]}
    return ", ".join(f"{name} {version}" for name, version in found.items())


def _engine(engine: Told) -> Iterator[str]:
    """Yield the tables of one engine."""
    if engine["build"]:
        yield from _build(engine["build"])
        yield ""
    if engine["exchanged"]:
        yield from _exchanged(engine["exchanged"])
        yield ""
    if engine["search"]:
        yield from _search(engine["search"])


def _build(part: Told) -> Iterator[str]:
    """Yield what a build took."""
    build = part["result"]
    sizes = ", ".join(f"{name} {size / build['records']:,.0f}" for name, size in sorted(build["bytes"].items()))
    yield (
        f"Build ({_when(part)}): {build['records']:,} records in {build['seconds']:,.0f} s "
        f"({build['records_a_second']:,.0f} a second), processor {build['processor_seconds']:,.0f} s, "
        f"peak memory of all processes {build['peak_mb']:,.0f} MB, {build['bytes_a_record']:,.0f} bytes a record ({sizes})."
    )
    yield ""
    header = ("stage", "seconds", "rows", "records or rows a second", "peak MB")
    rows = [
        (
            each["stage"],
            f"{each['seconds']:,.1f}",
            _number(each["rows"]),
            _number(each["a_second"]),
            _number(each["peak_mb"]),
        )
        for each in build["stages"]
    ]
    yield from table(header, rows, left=1)


def _exchanged(part: Told) -> Iterator[str]:
    """Yield what it took to write the keys into the table."""
    made = part["result"]
    yield (
        f"The build of the first engine above, with its keys in one SQLite table ({_when(part)}): {made['documents']:,} "
        f"documents keyed and written in {made['seconds']:,.1f} s (the other engines' stages 'writing keys' and 'writing the "
        f"index'), {made['bytes']:,} bytes (their folder 'engine')."
    )


def _search(part: Told) -> Iterator[str]:
    """Yield the searches: alone, in the open loop, through the box."""
    found = part["result"]
    loop = found["open_loop"]
    yield (
        f"Searches ({_when(part)}): alone, one after another; and {loop['searches']:,} by an open loop of {loop['rate']:g} a "
        f"second on {loop['threads']} threads, latency from the intended start ({loop['late']:,} found all threads busy, the "
        f"latest by {loop['latest_ms']:,.0f} ms). Processor time of a search {found['processor_ms']:,.1f} ms, the mean. "
        f"Peak memory {found['peak_mb']:,.0f} MB. Times in ms; by named fields, mixtures "
        "and words of text through the box."
    )
    yield ""
    header = ("type", "n", "r@1", "r@10", "wrong", "p50", "p95", "p99", "open n", "open p50", "open p95", "open p99")
    rows = [_row(type_, each, loop["types"].get(type_)) for type_, each in found["single"].items()]
    rows += [_row(f"{type_}, box", each, None) for type_, each in found["box"].items() if type_ == "all"]
    yield from table(header, rows, left=1)


def _row(type_: str, each: Told, looped: Told | None) -> tuple[str, ...]:
    """Return one row of the searches."""
    times = [f"{each[f'p{part}_ms']:,.1f}" for part in (50, 95, 99)]
    opened = [f"{looped[f'p{part}_ms']:,.1f}" for part in (50, 95, 99)] if looped else ["-"] * 3
    count = f"{looped['n']:,}" if looped else "-"
    recall = (share(each["r1"]), share(each["r10"]))
    return (type_, f"{each['n']:,}", *recall, f"{each['wrong']:,}", *times, count, *opened)


def _rivals(told: Told) -> Iterator[str]:
    """Yield every tool's line: how it was set up, what indexing took; then it beside each engine, type by type."""
    if any(engine["exchanged"] for engine in told["engines"]):
        yield "- **SQLite key table**: the engine measured above, within Discoverer: the same keys, the same ranking."
    for part in told["rivals"]:
        rival = part["result"]
        if rival["failed"]:
            yield f"- **{rival['tool']}** FAILED: {rival['failed']}"
            continue
        indexed = rival["about"].get("indexed", {})
        room = f", {indexed['bytes'] / MILLION:,.0f} MB on the disk" if indexed.get("bytes") else ", held in memory"
        yield (
            f"- **{rival['tool']}** ({_when(part)}): {rival['about']['note']}; indexed in {indexed.get('seconds', 0.0):,.0f} s{room}; asked "
            f"{rival['queries']:,} queries, at most {told['most'].get(rival['tool'], told['most']['others']):,} a type, spread "
            "evenly over the file."
        )
    yield ""
    header = (
        "type", "tool", "beside", "n", "r@1 ours", "r@1 theirs", "r@10 ours", "r@10 theirs", "p50 ours", "p50 theirs",
        "p95 ours", "p95 theirs", "p99 ours", "p99 theirs", "Discoverer is",
    )  # fmt: skip
    rows = [
        _pair(pair) for pair in sorted(told["beside"], key=lambda pair: (pair["type"], pair["tool"], pair["engine"]))
    ]
    yield from table(header, rows, left=3)


def _pair(pair: Told) -> tuple[str, ...]:
    """Return one row of the comparison."""
    ours, theirs = pair["ours"], pair["theirs"]
    recalls = (share(each[name]) for name in ("r1", "r10") for each in (ours, theirs))
    times = (f"{each[f'p{part}_ms']:,.1f}" for part in (50, 95, 99) for each in (ours, theirs))
    return (pair["type"], pair["tool"], pair["engine"], f"{ours['n']:,}", *recalls, *times, verdict(pair))


def _number(value: float | None) -> str:
    """Write a number without places, '-' for none."""
    return "-" if value is None else f"{value:,.0f}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]], left: int) -> Iterator[str]:
    """Lay rows out as a Markdown table whose columns stand under each other in a terminal too; the first `left` to the left."""
    widths = [max(len(row[place]) for row in (header, *rows)) for place in range(len(header))]

    def laid(row: Sequence[str]) -> str:
        cells = (
            f"{text:<{width}}" if place < left else f"{text:>{width}}"
            for place, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        return f"| {' | '.join(cells)} |"

    yield laid(header)
    rules = ("-" * width if place < left else "-" * (width - 1) + ":" for place, width in enumerate(widths))
    yield f"| {' | '.join(rules)} |"
    yield from map(laid, rows)
