"""What the command line prints for people: the only door to rich."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.console import Console
from rich.markup import escape
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from discoverer import cards, states
from discoverer.answer import Answer, Hit, HitKind, Shown, SourceStatus, State
from discoverer.app_types import MappedSource, Status
from discoverer.deciding import Listed
from discoverer.match.phone import FURTHER, SLIP_WORDS
from discoverer.model import Reject
from discoverer.wording import minute, undated_reading
from index.kept import KeptBuild, Standing
from index.manifest import Manifest

WIDTH = 120
# Hits shown with every section; those after them are shown briefly.
IN_FULL = 3
ONE_SLIP = SLIP_WORDS.keys() - FURTHER

STATE_STYLE = {
    State.ANSWERED: "green",
    State.STALE: "bold yellow",
    State.FAILED: "bold white on red",
    State.NOT_PERMITTED: "yellow",
}
STANDING_STYLE = {Standing.LIVE: "green", Standing.HELD: "bold white on red"}
# What a terminal would obey instead of show, or cannot be sent: control characters, marks that turn the direction of
# text round, halves of characters.
_OBEYED = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# What takes no room, and would part one run of spaces into many: joiners, soft hyphens, selectors, tags.
_UNSEEN = re.compile(
    "[\xad\u034f\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\ufe00-\ufe0f\ufeff\ufff0-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Every kind of space and line break, and letters that are drawn as nothing.
_BLANK = r"[\s\u115f\u1160\u2800\u3164\uffa0]"
_BLANKS = re.compile(f"{_BLANK}+")
_ODD_BLANK = re.compile(f"(?! ){_BLANK}")
# What the counts of a build are called; those of what people decided are left out while there are none.
COUNTED = {
    "mentions": "mentions",
    "persons": "people",
    "locations": "places",
    "phones": "numbers",
    "links": "links between mentions of one person",
    "possible_links": "links that are only possible",
    "documents": "documents that searches lead to",
    "decisions": "decisions by people in force",
    "decisions_waiting": "decisions that wait",
    "decisions_unmet": "decisions that could not be met",
}
OWN = {"decisions", "decisions_waiting", "decisions_unmet"}
LINE_STYLE = {cards.LOUD: "bold red", cards.LIVE: "bold magenta", cards.PLAIN: "", cards.DIM: "dim"}
LEVEL_STYLE = {"confirmed": "bold green", "probable": "bold cyan", "possible": "yellow"}


def console(*, stderr: bool = False) -> Console:
    """Return a console as wide as the terminal, or WIDTH where there is none."""
    made = Console(stderr=stderr, highlight=False)
    return made if made.is_terminal else Console(stderr=stderr, highlight=False, width=WIDTH)


def legible(words: str, *, laid_out: bool = False) -> str:
    """Return words from a source, or typed, as one run of words a space apart, what a terminal would obey as '\ufffd'.

    A line break in a name could otherwise forge a line of the card, such as another risk; so could spaces enough to
    reach the next line.

    Args:
        words: any text.
        laid_out: it is a line of our own whose runs of spaces make columns; they stay.
    """
    shown = _UNSEEN.sub("", _OBEYED.sub("\ufffd", words))
    return (_ODD_BLANK if laid_out else _BLANKS).sub(" ", shown)


def _text(words: str, style: str = "") -> Text:
    """Return words as rich prints them: no mark-up read, nothing obeyed. Everything shown passes here."""
    return Text(legible(words), style=style)


class _Rate(ProgressColumn):
    """How many steps are taken in a second."""

    def render(self, task: Task) -> Text:
        """Return the rate, nothing before it is known."""
        rate = task.finished_speed or task.speed
        return Text(f"{rate:,.0f}/s" if rate else "", style="dim")


class ShownProgress:
    """A progress bar with the rate and the time left, on standard error."""

    def __init__(self) -> None:
        self._bars = RichProgress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            _Rate(),
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
    for typed in answer.no_trace_of:
        out.print(_text(f"No trace of {typed} in the sources searched.", style="bold yellow"))
    aside = [(order, hit) for order, hit in enumerate(answer.hits, 1) if hit.instead_of]
    for order, hit in enumerate(answer.hits[: len(answer.hits) - len(aside)], 1):
        out.print(_hit(order, hit))
    _show_aside(out, aside)
    if answer.near_too:
        listed = ", ".join(answer.near_too)
        out.print(_text(f"Numbers near it are held too - other people unless misheard: {listed}", style="yellow"))
    for words in answer.stubs:
        out.print(_text(f"CONTACT {words}", style="bold yellow"))
    if answer.message:
        out.print(Panel(_text(answer.message.split(".")[0] + ".", style="bold"), border_style="yellow"))
    if answer.truncated:
        out.print(_text(answer.truncated.words, style="yellow"))
    if answer.policy_note:
        out.print(_text(answer.policy_note, style="bold yellow"))
    _show_sources(out, answer.sources, answer.waiting)
    out.print(_text(f"Build {answer.build}; now counts as {minute(answer.as_at)}", style="dim"))


def _hit(order: int, hit: Hit) -> Panel:
    """Lay one hit out as a card."""
    title = _text(f"{order}. {hit.kind.value.upper()}  {hit.label}  ", style="bold")
    title.append(hit.level.upper(), style=LEVEL_STYLE[hit.level])
    size = cards.COMPACT if order <= IN_FULL else cards.BRIEF
    return Panel(_lines(cards.card(hit, size)), title=title, title_align="left")


def _show_aside(out: Console, aside: Sequence[tuple[int, Hit]]) -> None:
    """Print numbers near the one typed quietly, under a heading that says whose they are; their people by name only.

    A card of their own, with a risk on it, has been taken for the caller's.
    """
    numbers = [(order, hit) for order, hit in aside if hit.kind is HitKind.PHONE]
    people = [(order, hit) for order, hit in aside if hit.kind is not HitKind.PHONE]
    if aside:
        near = all(hit.slip in ONE_SLIP for _, hit in numbers)
        heading = "NUMBERS ONE DIGIT AWAY" if near else "NUMBERS LIKE IT"
        out.print(Rule(_text(f"{heading} - other people unless misheard", style="bold yellow"), style="yellow"))
    for order, hit in numbers:
        title = _text(f"{order}. PHONE  {hit.label}  NOT THE NUMBER TYPED, {hit.instead_of}", style="dim")
        lines = (line._replace(style=cards.DIM) for line in cards.card(hit, cards.BRIEF))
        out.print(Panel(_lines(lines), title=title, title_align="left", border_style="dim"))
    if people:
        out.print(
            _text("People of those numbers - others unless misheard; their risk is on their own page:", style="yellow")
        )
    for order, hit in people:
        out.print(_text(f'  {order}. {hit.label}: {"; ".join(hit.why)}; show person "{hit.id}"', style="dim"))


def _lines(lines: Iterable[cards.Line]) -> Table:
    """Lay lines out with their labels before them; the text wraps between words."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for line in lines:
        style = LINE_STYLE[line.style]
        table.add_row(_text(line.label, style="bold" if line.label else ""), _text(line.text, style=style))
    return table


def show_one(shown: Shown) -> None:
    """Print one person, place, number or record whole."""
    out = console()
    hit = shown.hit
    title = _text(f"{hit.kind.value.upper()}  {hit.label}", style="bold")
    out.print(Panel(_lines(cards.page(hit)), title=title, title_align="left"))
    if shown.record is not None:
        out.print(Panel(_lines(cards.record_lines(shown.record)), title="As recorded", title_align="left"))
    if shown.policy_note:
        out.print(_text(shown.policy_note, style="bold yellow"))
    _show_sources(out, shown.sources, shown.waiting)
    out.print(_text(f"Build {shown.build}; now counts as {minute(shown.as_at)}", style="dim"))


def _show_sources(out: Console, sources: Iterable[SourceStatus], waiting: str) -> None:
    """List the state of every source, and under it, once, that newer data waits."""
    out.print(_sources(sources))
    if waiting:
        out.print(_text(waiting, style="bold yellow"))


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
            reason = entry.reason.removeprefix(f"{entry.source}: ")
            out.print(_text(f"{entry.source}: {reason}", style="bold yellow"))
    out.print(_text(_counted(manifest.counts), style="dim"))


def _counted(counts: Mapping[str, int]) -> str:
    """Say what a build holds, and of what people decided only what there is."""
    told = [name for name in COUNTED if counts.get(name) or (name in counts and name not in OWN)]
    held = [f"{counts[name]:,} {COUNTED[name]}" for name in told]
    return f"It holds {', '.join(held)}."


def show_builds(kept: Iterable[KeptBuild]) -> None:
    """Print the builds that are kept: how each stands, why, and what is in it."""
    table = Table(show_lines=True)
    for heading in ("build", "stands", "made", "sources", "why"):
        table.add_column(heading, overflow="fold")
    for each in kept:
        made = minute(each.manifest.made_at) if each.manifest else ""
        entries = each.manifest.segments if each.manifest else ()
        sources = ", ".join(f"{entry.source} {entry.state.value} {entry.records:,}" for entry in entries)
        remarks = " ".join(f"{remark.rstrip('. ')}." for remark in each.report.remarks) if each.report else ""
        standing = _text(each.standing.value, style=STANDING_STYLE.get(each.standing, ""))
        table.add_row(each.build, standing, made, _text(sources), _text(f"{each.why} {remarks}"))
    console().print(table)


def show_status(status: Status, settings: dict[str, object]) -> None:
    """Print the live build, the last attempt, the sources and every setting."""
    out = console()
    if status.manifest:
        out.print(_text(f"Live build {status.manifest.build}, made {minute(status.manifest.made_at)}", style="bold"))
    if status.problem:
        out.print(_text(status.problem, style="bold red"))
    if status.attempt:
        out.print(_text(states.last_attempt(status.attempt)))
    out.print(_text(f"Match weights of {status.weights}"))
    if status.manifest:
        out.print(_text(_linked_by(status.manifest.linking, str(settings.get("linking", "")))))
        out.print(_text(_indexed_by(status.manifest.engine, str(settings.get("engine", "")))))
    out.print(_sources(status.sources))
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, value in _each(settings):
        table.add_row(name, _text(status.policy if name == "policy" else "not set" if value is None else str(value)))
    out.print(table)


def _linked_by(live: str, configured: str) -> str:
    """Say what people of the live build were linked by, and whether the next build changes it."""
    return f"People of the live build linked by {live or 'rules not recorded'}{_differ(live, configured)}"


def _indexed_by(live: str, configured: str) -> str:
    """Say which engine made the live build and reads it, and whether the next build changes it."""
    return f"Index of the live build made and read by {live}{_differ(live, configured)}"


def _differ(live: str, configured: str) -> str:
    """Say that the settings name something else than the live build was made by; '' when they do not."""
    return f"; the settings say {configured}, which the next build takes" if configured != live else ""


def _each(settings: Mapping[str, object], above: str = "") -> Iterator[tuple[str, object]]:
    """Yield each setting; those of a section by its name, a stop and their own."""
    for name, value in settings.items():
        if isinstance(value, dict):
            yield from _each(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


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
        done = (
            f"{e.act} by {e.viewer}{f', log {e.log}' if e.log else ''}, {minute(e.at)}: {e.reason}"
            for e in decision.entries
        )
        cells = (str(decision.number), each.words, decision.state.value, each.now, "; ".join(done))
        table.add_row(*(_text(cell) for cell in cells))
    console().print(table)


def say(words: str, *, stderr: bool = False, laid_out: bool = False) -> None:
    """Print one plain line; one of our own may be `laid_out` in columns, and indented."""
    console(stderr=stderr).print(Text(legible(words, laid_out=laid_out)))
