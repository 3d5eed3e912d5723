"""What the command line prints for people: the only door to rich."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text

from discoverer.answer import Answer, Hit, HitRecord, SourceStatus, State
from discoverer.app import MappedSource, Status
from discoverer.deciding import Listed
from discoverer.model import Reject
from discoverer.wording import minute, number_of, undated_reading
from index.manifest import Manifest

# Records printed under one hit; the JSON carries more.
RECORDS_SHOWN = 6
WIDTH = 120

STATE_STYLE = {
    State.ANSWERED: "green",
    State.STALE: "bold yellow",
    State.FAILED: "bold white on red",
    State.NOT_PERMITTED: "yellow",
}
# What a terminal would obey instead of show: control characters, and marks that turn the direction of text round.
_OBEYED = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
LEVEL_STYLE = {"confirmed": "bold green", "probable": "bold cyan", "possible": "yellow"}


def console(*, stderr: bool = False) -> Console:
    """Return a console as wide as the terminal, or WIDTH where there is none."""
    made = Console(stderr=stderr, highlight=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, width=WIDTH)


def legible(words: str) -> str:
    """Return words from a source, or typed, on one line, with whatever a terminal would obey as '\ufffd'.

    A line break in a name could otherwise forge a line of the card, such as another risk.
    """
    return _OBEYED.sub("\ufffd", re.sub(r"\s*[\r\n]+\s*|\t", " ", words))


def _text(words: str, style: str = "") -> Text:
    """Return words as rich prints them: no mark-up read, nothing obeyed. Everything shown passes here."""
    return Text(legible(words), style=style)


class ShownProgress:
    """A progress bar with the time left, on standard error."""

    def __init__(self) -> None:
        self._bars = RichProgress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=console(stderr=True),
            transient=True,
        )
        self._task: TaskID | None = None

    def __enter__(self) -> ShownProgress:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def stage(self, name: str, total: int | None) -> None:
        """Begin a stage: the last bar is replaced."""
        if self._task is not None:
            self._bars.remove_task(self._task)
        self._task = self._bars.add_task(escape(name), total=total)

    def advance(self, steps: int = 1) -> None:
        """Move the bar."""
        if self._task is not None:
            self._bars.advance(self._task, steps)


def show_answer(answer: Answer) -> None:
    """Print an answer: how it was read, the hits, every source's state."""
    out = console()
    out.print(_text(f"Read as: {'; '.join(answer.read_as)}", style="dim"))
    for order, hit in enumerate(answer.hits, 1):
        out.print(_hit(order, hit))
    if answer.message:
        out.print(Panel(_text(answer.message.split(".")[0] + ".", style="bold"), border_style="yellow"))
    if answer.truncated:
        out.print(_text(answer.truncated.words, style="yellow"))
    out.print(_sources(answer.sources))
    out.print(_text(f"Build {answer.build}; now counts as {minute(answer.as_at)}", style="dim"))


def _hit(order: int, hit: Hit) -> Panel:
    """Lay one hit out as a card: who and how sure, risk, what is in force, why, records."""
    title = _text(f"{order}. {hit.kind.value.upper()}  {hit.label}  ", style="bold")
    title.append(hit.level.upper(), style=LEVEL_STYLE[hit.level])
    parts: list[Text | Table] = [_risk(hit)]
    parts += [_text(f"NOW  {words}", style="bold magenta") for words in hit.now[:RECORDS_SHOWN]]
    parts += [_text(f"WHO  {said.words}", style="bold yellow") for said in hit.decisions]
    parts.append(_text(f"Why  {'; '.join(hit.why)}", style="dim"))
    parts.append(_records(hit.records[:RECORDS_SHOWN]))
    if hit.records_total > RECORDS_SHOWN:
        parts.append(_text(f"{number_of(hit.records_total, 'record')} in all", style="dim"))
    return Panel(Group(*parts), title=title, title_align="left")


def _risk(hit: Hit) -> Text:
    """Print the risk headline, loud when high or not assessed."""
    high = hit.risk.highest is not None and hit.risk.highest.level == "high"
    return _text(f"RISK {hit.risk.headline}", style="bold red" if high else "bold")


def _records(records: Sequence[HitRecord]) -> Table:
    """List records as a table."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    # When, where and the reference are read out whole; the rest may wrap.
    for whole in (True, True, True, False, True, False):
        table.add_column(no_wrap=whole, overflow="fold")
    for record in records:
        role = record.role + (" (from text, unverified)" if record.found == "text" else "")
        risk = (record.risk or "").replace("_", " ").upper()
        cells = (minute(record.at) or "undated", record.source, record.ref, role, risk, record.summary)
        table.add_row(*(_text(cell) for cell in cells))
    return table


def _sources(sources: Iterable[SourceStatus]) -> Table:
    """List the state of every source."""
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for source in sources:
        table.add_row(_text(source.name), _text(source.words, style=STATE_STYLE[source.state]), f"{source.records:,}")
    return table


def show_build(manifest: Manifest) -> None:
    """Print what a build made, source by source."""
    out = console()
    table = Table(title=f"Build {manifest.build} is live")
    for heading in ("source", "state", "records", "rejects", "as at"):
        table.add_column(heading, justify="right" if heading in ("records", "rejects") else "left")
    for entry in manifest.segments:
        state = _text(entry.state.value, style="" if entry.state == "fresh" else "bold yellow")
        as_at = minute(entry.as_at) if entry.as_at else undated_reading(entry.read_at)
        table.add_row(entry.source, state, f"{entry.records:,}", f"{entry.rejects:,}", as_at)
    out.print(table)
    for entry in manifest.segments:
        if entry.reason:
            out.print(_text(f"{entry.source}: {entry.reason}", style="bold yellow"))
    out.print(_text(", ".join(f"{name} {count:,}" for name, count in manifest.counts.items()), style="dim"))


def show_status(status: Status, settings: dict[str, object]) -> None:
    """Print the live build, the last attempt, the sources and every setting."""
    out = console()
    if status.manifest:
        out.print(_text(f"Live build {status.manifest.build}, made {minute(status.manifest.made_at)}", style="bold"))
    if status.problem:
        out.print(_text(status.problem, style="bold red"))
    if status.attempt:
        attempt = status.attempt
        words = f"Last attempt to build: {attempt.outcome.value}, begun {minute(attempt.started_at)}"
        out.print(_text(words + (f": {attempt.reason}" if attempt.reason else "")))
    out.print(_text(f"Match weights of {status.weights}"))
    out.print(_sources(status.sources))
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in settings.items():
        table.add_row(name, _text(str(value)))
    out.print(table)


def show_sources(sources: Iterable[MappedSource]) -> None:
    """Print the configured sources: name, version of the mapping, state."""
    table = Table()
    for heading in ("source", "mapping", "state"):
        table.add_column(heading)
    for each in sources:
        table.add_row(*(_text(cell) for cell in (each.status.name, each.version, each.status.words)))
    console().print(table)


def show_rejects(rejects: Iterable[Reject]) -> None:
    """Print rejected rows with the reason of each."""
    table = Table()
    for heading in ("row", "column", "value", "reason"):
        table.add_column(heading, overflow="fold")
    for reject in rejects:
        table.add_row(*(_text(cell[:200]) for cell in (reject.row, reject.column, reject.value, reject.reason)))
    console().print(table)


def show_decisions(listed: Iterable[Listed]) -> None:
    """Print decisions: what each says, how it stands, and everything that was done about it."""
    table = Table()
    for heading in ("no", "says", "state", "shown as", "history"):
        table.add_column(heading, overflow="fold")
    for each in listed:
        decision = each.decision
        done = (f"{e.act} by {e.viewer}, {minute(e.at)}: {e.reason}" for e in decision.entries)
        cells = (str(decision.number), decision.words, decision.state.value, each.now, "; ".join(done))
        table.add_row(*(_text(cell) for cell in cells))
    console().print(table)


def say(words: str, *, stderr: bool = False) -> None:
    """Print one plain line."""
    console(stderr=stderr).print(_text(words))
