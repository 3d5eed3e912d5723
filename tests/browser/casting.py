"""Small indexes made of hand-written people, and a server over each: sources that fail, builds published meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from adapters.base import RawRow
from discoverer.errors import SourceUnavailable
from discoverer.model import Record
from discoverer.settings import Settings
from index.build import build
from tests.cast import AS_AT, SOURCES, Cast
from tests.tiny_index import WIDE_BOUNDS


@dataclass
class Down(Cast):
    """A source that cannot be read."""

    def rows(self) -> Iterator[RawRow]:
        """Fail as a disk share does that is not there."""
        raise SourceUnavailable(self.name, "the share is not there (made up for a test).")


@dataclass(frozen=True)
class Staged:
    """A settings file over sources written by hand, built as often as wanted.

    Attributes:
        config: Path, its settings file.
        names: the sources.
    """

    config: Path
    names: tuple[str, ...]

    def build(self, sources: Mapping[str, Sequence[Record]], down: Iterable[str] = ()) -> str:
        """Build and publish; return the id of the build.

        Args:
            sources: records by the name of their source.
            down: names of sources that cannot be read.
        """
        failing = set(down)
        settings = Settings(
            state_dir=self.config.parent / "state",
            sources_dir=self.config.parent,
            sources=self.names,
            as_at=datetime.fromisoformat(AS_AT),
            bounds=WIDE_BOUNDS,
        )
        cast = [(Down if name in failing else Cast)(name, sources.get(name, ())) for name in self.names]
        return build(settings, cast).build


def staged(folder: Path, names: Sequence[str] = tuple(SOURCES)) -> Staged:
    """Write the settings of sources written by hand; nothing is built yet."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "discoverer.toml"
    listed = ", ".join(f'"{name}"' for name in names)
    config.write_text(
        f'state_dir = "state"\nsources_dir = "."\nsources = [{listed}]\nas_at = {AS_AT}\n', encoding="utf-8"
    )
    return Staged(config, tuple(names))
