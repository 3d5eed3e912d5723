"""`make soak MINUTES=10`: everything at once, each in a process of its own, and nothing is lost, mixed or refused.

python -m tests.figures.soak [MINUTES] [ENGINE]

On a generated set a night is played forward while an open loop searches ten times a second and changes are taken in
every second. Meanwhile one build is published, one builder is killed, the source of the night is taken away and put
back, and a second build is published while it is away. At the end every search must have been answered, from one build
and one moment of the source; and the index must hold what the source holds.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from adapters.checks import NO_RULES, read_rows, tally_for
from adapters.registry import load_adapters
from discoverer.app import App
from discoverer.errors import SourceError
from discoverer.evaluation.scores import percentile
from discoverer.model import Record
from discoverer.settings import Settings, load
from fixtures.night_player import SOURCE
from index import attempts
from tests.figures.measuring import generated
from tests.figures.night_watch import Committed, Source, found, play
from tests.tiny_index import WIDE_BOUNDS

RECORDS = 2_000
EVERY = "1s"
SEED = 6
MOST_STEPS = 5_000
# When each thing is begun, as a share of the whole time; a thing that takes longer holds up those after it.
FIRST_BUILD, KILLED_BUILD, AWAY = 0.1, 0.35, 0.6
PAUSE = 0.5  # seconds between a step that was found and the next


@dataclass(slots=True)
class Soaked:
    """What came of it.

    Attributes:
        engine: str.
        seconds: float, how long it went on.
        searches, refused: int, searches answered, and those of them that could not be read.
        stale: int, answers that said a source was not read anew.
        failed: sentences of searches that failed.
        mixed: what is wrong with answers that cannot be of one build and one moment.
        p50, p95: float, seconds from when a search should have begun to its answer.
        syncs: int, times that something new was taken in.
        steps: the night.
        builds: int, published meanwhile.
        killed: int, builders killed.
        lost: records that the index does not hold as the source does, at the end.
    """

    engine: str
    seconds: float = 0.0
    searches: int = 0
    refused: int = 0
    stale: int = 0
    failed: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    p50: float = 0.0
    p95: float = 0.0
    syncs: int = 0
    steps: list[Committed] = field(default_factory=list)
    builds: int = 0
    killed: int = 0
    lost: list[str] = field(default_factory=list)

    @property
    def worst(self) -> float:
        """The longest from a commit until it was found, seconds; infinite where one never was."""
        return max((each.delay if each.delay >= 0 else float("inf") for each in self.steps), default=0.0)

    @property
    def median(self) -> float:
        """The median of the same."""
        return percentile(sorted(each.delay for each in self.steps if each.delay >= 0), 50)

    def lines(self) -> Iterator[str]:
        """Yield what is printed."""
        yield (
            f"soak, {self.engine}: {self.seconds:.0f} s, {self.searches:,} searches ({self.refused} refused as unreadable,"
            f" {self.stale} said a source was stale), {len(self.failed)} failed, {len(self.mixed)} mixed"
        )
        yield f"  from intended start to answer: p50 {self.p50 * 1000:.0f} ms, p95 {self.p95 * 1000:.0f} ms"
        yield f"  {len(self.steps)} steps of a night, {self.syncs} times something was taken in, {len(self.lost)} records lost"
        yield f"  from commit to first found: median {self.median:.1f} s, worst {self.worst:.1f} s"
        yield f"  {self.builds} builds published meanwhile, {self.killed} builder killed, one source away and back"
        for each in (*self.failed[:5], *self.mixed[:5], *self.lost[:5]):
            yield f"  ! {each}"


def soak(folder: Path, seconds: float, engine: str = "whoosh") -> Soaked:
    """Soak a copy of a set; the set is left as it is.

    Args:
        folder: the set.
        seconds: float > 0, how long at least; it ends once everything that is to happen has happened.
        engine: which.
    """
    with built(folder, engine) as config:
        return _Soak(config.parent, config, seconds, engine).run()


@contextmanager
def built(folder: Path, engine: str) -> Iterator[Path]:
    """Copy a set into a folder of its own, build it by one engine and yield the path of its settings."""
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        copied = Path(shutil.copytree(folder, Path(scratch) / "set", ignore=shutil.ignore_patterns("state*")))
        for path in (copied, *copied.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        config = copied / "discoverer.toml"
        # The invented night is no force's: its few calls name fewer people than the audit expects of new records.
        more = f'engine = "{engine}"\nbounds = "{WIDE_BOUNDS}"\n'
        config.write_text(f"{config.read_text(encoding='utf-8')}{more}", encoding="utf-8")
        discoverer(config, "build")
        yield config


def discoverer(config: Path, *words: str, allowed: Sequence[int] = (0,)) -> str:
    """Run one command to its end; return what it prints."""
    done = subprocess.run(command(config, *words), capture_output=True, text=True, check=False)
    if done.returncode not in allowed:
        raise RuntimeError(f"{' '.join(words)}: {done.stderr}")
    return done.stdout


def command(config: Path, *words: str) -> list[str]:
    """Return the command line of one command."""
    return [sys.executable, "-m", "discoverer", "--config", str(config), *words]


@contextmanager
def syncing(config: Path, out: Path) -> Iterator[None]:
    """Take changes in every second, in a process of its own, whose lines go to a file; what it complains of too."""
    with out.open("w", encoding="utf-8") as file, out.with_suffix(".err").open("w", encoding="utf-8") as complaints:
        again = command(config, "sync", "--every", EVERY, "--json")
        with subprocess.Popen(again, stdout=file, stderr=complaints) as process:
            try:
                while process.poll() is None and not out.stat().st_size:  # until it has asked once
                    time.sleep(0.1)
                yield
            finally:
                process.terminate()


class _Soak:
    """One soak, its set copied and built."""

    def __init__(self, folder: Path, config: Path, seconds: float, engine: str) -> None:
        self._folder, self._config, self._seconds = folder, config, seconds
        self._settings: Settings = load(config)
        self._source = Source(folder / f"{SOURCE}.sqlite")
        self._stop, self._log = folder.parent / "stop", folder.parent / "steps.jsonl"
        self._found = Soaked(engine)

    def run(self) -> Soaked:
        """Let everything go on at once, and judge it."""
        began, answers, synced = time.monotonic(), self._folder.parent / "answers.jsonl", self._folder.parent / "synced"
        searching = ["-m", "tests.figures.soak_searcher", *map(str, (self._config, self._log, self._stop, answers))]
        player = _Playing(self._play)
        with syncing(self._config, synced), subprocess.Popen([sys.executable, *searching]) as searcher:
            try:
                player.start()
                self._events(began)
                time.sleep(max(0.0, began + self._seconds - time.monotonic()))
            except BaseException:
                searcher.terminate()
                raise
            finally:
                self._stop.touch()
            self._found.steps = player.done()
            if searcher.wait(120) != 0:
                self._found.failed.append("the searcher did not come to its end")
        self._found.seconds = time.monotonic() - began
        discoverer(self._config, "sync")
        self._found.syncs = len(set(re.findall(r'"build":\s*"[^"]*",\s*"layer":\s*"[^"]+"', synced.read_text("utf-8"))))
        self._judge([json.loads(line) for line in answers.read_text(encoding="utf-8").splitlines()])
        times = sorted(json.loads(answers.with_suffix(".times.json").read_text()))
        self._found.p50, self._found.p95 = percentile(times, 50), percentile(times, 95)
        self._found.lost = [*self._not_as_the_source(), *self._not_found()]
        return self._found

    def _play(self) -> list[Committed]:
        return play(
            self._folder, self._settings, self._source,
            seed=SEED, steps=MOST_STEPS, pause=PAUSE, stopped=self._stop.exists, log=self._log,
        )  # fmt: skip

    def _events(self, began: float) -> None:
        """Publish a build, kill a builder, take the source away and publish another, put it back."""

        def wait(share: float) -> None:
            time.sleep(max(0.0, began + share * self._seconds - time.monotonic()))

        wait(FIRST_BUILD)
        at = time.monotonic()
        discoverer(self._config, "build")
        took = time.monotonic() - at
        wait(KILLED_BUILD)
        with subprocess.Popen(
            command(self._config, "build"), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as builder:
            time.sleep(took / 2)
            builder.kill()
        self._found.killed += builder.returncode == -signal.SIGKILL
        wait(AWAY)
        with self._source.taken_away():
            discoverer(self._config, "build", allowed=(SourceError.exit_code,))
        published = [each for each in attempts.history(self._settings.state_dir) if each.event.value == "published"]
        self._found.builds = len(published) - 1  # the first was there before

    def _judge(self, answers: Sequence[dict[str, Any]]) -> None:
        """Count the answers, and hold each against the history of the source and of the builds."""
        result, history = self._found, History(self._found.steps)
        result.searches = len(answers)
        result.refused = sum("refused" in each for each in answers)
        result.failed += [each["error"] for each in answers if "error" in each]
        told = [each for each in answers if "build" in each]
        result.stale = sum(bool(each["stale"]) for each in told)
        ended = sorted((each["ended"], each["build"]) for each in told)
        newest, place = "", 0
        for each in sorted(told, key=lambda one: float(one["began"])):
            while place < len(ended) and ended[place][0] < each["began"]:
                newest, place = max(newest, ended[place][1]), place + 1
            if each["build"] < newest:
                result.mixed.append(f"an answer of {each['build']} after one of {newest}")
            wrong = history.wrong_with(each["refs"], each["began"])
            if wrong:
                result.mixed.append(wrong)

    def _not_as_the_source(self) -> list[str]:
        """Return the records of the night's source that the index does not hold as the source does."""
        adapter = next(each for each in load_adapters(self._settings) if each.name == SOURCE)
        rows = read_rows(adapter, adapter.rows(), tally_for(adapter), NO_RULES)
        there = {each.ref: _said(each) for each in rows if isinstance(each, Record)}
        with App(self._settings) as app, app.everything() as (reader, _):
            here = {each.ref: _said(each) for _, each in reader.every_record() if each.source == SOURCE}
        return sorted(f"{ref} is not held as it is" for ref in there.keys() | here if there.get(ref) != here.get(ref))

    def _not_found(self) -> list[str]:
        """Return the steps that a search does not tell of at the end, but for those that others followed on."""
        last = {each.step.ref: each.step for each in self._found.steps}
        with App(self._settings) as app:
            return [f"{step.ref} ({step.about}) is not found" for step in last.values() if not found(app, step)]


def _said(record: Record) -> str:
    """Return what a record says, wherever its rows stand."""
    return repr([getattr(record, name) for name in record.__dataclass_fields__ if name != "row"])


class History:
    """Which records there were after each step of the night."""

    def __init__(self, steps: Sequence[Committed]) -> None:
        self._born: dict[str, int] = {}
        self._dead: dict[str, tuple[int, float]] = {}
        for number, each in enumerate(steps):
            ref = f"{each.step.source}:{each.step.ref}"
            if each.step.what == "new":
                self._born[ref] = number
            elif each.step.what == "deleted":
                self._dead[ref] = number, each.seen

    def wrong_with(self, refs: Sequence[str], began: float) -> str:
        """Say why records cannot be of one moment, or are of a time that another search had left; '' when they can."""
        born = [(self._born[ref], ref) for ref in refs if ref in self._born]
        dead = [(self._dead[ref][0], ref) for ref in refs if ref in self._dead]
        if born and dead and max(born)[0] >= min(dead)[0]:
            return f"{max(born)[1]} was written when {min(dead)[1]} was gone"
        back = [ref for ref in refs if ref in self._dead and self._dead[ref][1] < began]
        return f"{back[0]} was seen after it had been seen to be gone" if back else ""


class _Playing(threading.Thread):
    """Plays in a thread of its own; what goes wrong there is raised where it is waited for."""

    def __init__(self, work: Callable[[], list[Committed]]) -> None:
        super().__init__(daemon=True)
        self._work = work
        self._result: list[Committed] = []
        self._error: Exception | None = None

    def run(self) -> None:
        """Play."""
        try:
            self._result = self._work()
        except Exception as error:  # noqa: BLE001 - raised in done()
            self._error = error

    def done(self) -> list[Committed]:
        """Wait, and return the steps."""
        self.join()
        if self._error is not None:
            raise self._error
        return self._result


def main() -> None:
    """Soak for some minutes and print what came of it."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    engine = sys.argv[2] if len(sys.argv) > 2 else "whoosh"
    result = soak(generated("soak", RECORDS), minutes * 60, engine)
    print(*result.lines(), sep="\n", flush=True)
    if result.failed or result.mixed or result.lost:
        sys.exit(1)


if __name__ == "__main__":
    main()
