"""A tiny set of sources and a tiny assembly, for tests of building and publishing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from adapters.base import RawRow
from adapters.checks import Checks
from discoverer.errors import DiscovererError, RowRejected
from discoverer.model import Instant, Record, RecordKind, Text
from discoverer.settings import Settings
from index.progress import Progress
from index.store import Segment, finish, open_for_building

SOURCES = ("incidents", "custody")
WIDE_BOUNDS = Path(__file__).parent / "wide_bounds.toml"
"""Bounds that nothing passes, for tests whose sources change more from build to build than any force's do."""


def make_settings(state_dir: Path, sources: Sequence[str] = SOURCES, keep_builds: int = 2) -> Settings:
    """Return settings that build into `state_dir`."""
    return Settings(
        state_dir=state_dir,
        sources_dir=state_dir.parent / "sources",
        sources=tuple(sources),
        as_at=datetime.fromisoformat("2014-11-16T02:00:00+00:00"),
        keep_builds=keep_builds,
    )


@dataclass
class TinyAdapter:
    """A source made of words: each is one record whose text is that word; '!word' is a row that is rejected.

    Attributes:
        name: the source's name.
        rows_of: the words.
        error: raised after the last row; None: the source is sound.
        version, checks: as of any adapter.
        taken: when the source says it was taken.
    """

    name: str
    rows_of: Sequence[str] = ("first", "second", "third")
    error: Exception | None = None
    version: str = "v1"
    taken: str = "2014-11-15T23:40:00Z"
    checks: Checks = field(default_factory=lambda: Checks(max_rejects=1.0))

    def as_at(self) -> str:
        """Return when the source was taken."""
        return self.taken

    def stamp(self) -> str:
        """Return what tells the source from itself as it was."""
        return self.taken

    def rows(self) -> Iterator[RawRow]:
        """Yield the words, then fail if that is wanted."""
        for number, word in enumerate(self.rows_of, 1):
            yield RawRow(f"{self.name}:{number}", {"WORD": word})
        if self.error:
            raise self.error

    def records(self, row: RawRow) -> Iterator[Record]:
        """Make one record of a word."""
        word = row.values["WORD"]
        if word.startswith("!"):
            raise RowRejected("WORD", word, "it begins with an exclamation mark")
        number = int(row.where.rpartition(":")[2])
        yield Record(
            source=self.name,
            key=(word,),
            kind=RecordKind.INCIDENT,
            at=Instant(f"2014-09-{number % 28 + 1:02}", ""),
            texts=(Text(word),),
            row=row.where,
        )


def tiny_assemble(segments: Sequence[Segment], out: Path, as_at: datetime, progress: Progress) -> dict[str, int]:
    """Write the kinds of file a real assembly writes: a database, an engine's folder, a vocabulary."""
    progress.stage("assembling", len(segments))
    people = open_for_building(out / "people.sqlite")
    people.conn.execute("CREATE TABLE person (n INTEGER PRIMARY KEY, ref TEXT)")
    engine = out / "engine" / "parts"
    engine.mkdir(parents=True)
    refs = []
    for segment in segments:
        refs += [f"{segment.info.source}:{record.ref}" for _, record in segment.records()]
        (engine / f"{segment.info.source}.seg").write_text("\n".join(refs))
        progress.advance()
    people.conn.executemany("INSERT INTO person (ref) VALUES (?)", [(ref,) for ref in refs])
    finish(people, out / "people.sqlite")
    (out / "engine" / "toc").write_text(str(as_at))
    (out / "vocabulary.json").write_text("[]")
    return {"persons": len(refs)}


@dataclass
class Broken:
    """An assembly that goes wrong.

    Attributes:
        error: what it raises, after having written a file.
    """

    error: DiscovererError | OSError | ValueError

    def __call__(self, segments: Sequence[Segment], out: Path, as_at: datetime, progress: Progress) -> dict[str, int]:
        """Write a file, then fail."""
        (out / "people.sqlite").write_text("half")
        raise self.error
