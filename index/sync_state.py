"""How far each source has been taken in since the build read it, as every answer says it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from discoverer.clock import parse_iso
from discoverer.codec import decoder, encode
from index import files, layer_file

NAME = "sync.json"


@dataclass(frozen=True, slots=True)
class SourceSync:
    """How far one source has been taken in.

    Attributes:
        source: str, its name.
        tells: bool, it can be asked what changed; else it waits for the night.
        asked_at: str, ISO instant at which it was asked and could be; '' when it never was.
        as_at: str, ISO instant up to which all there was is taken in: when the source says it was taken, else when it
            was asked; '' when it never was.
        watermark: str, up to where, in its own words.
        taken: int >= 0, changes of records taken in since the build.
        deletions: bool, it tells those too; else they are seen by the next build.
        reason: str, one sentence why it could not be asked the last time; '' when it could.
    """

    source: str
    tells: bool
    asked_at: str = ""
    as_at: str = ""
    watermark: str = ""
    taken: int = 0
    deletions: bool = True
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Synced:
    """How far all sources have been taken in over one build.

    Attributes:
        build: str, its id.
        layer: str, name of the layer in force; '' for none.
        sources: in the order of the settings.
    """

    build: str
    layer: str = ""
    sources: tuple[SourceSync, ...] = field(default=())

    def source(self, name: str) -> SourceSync | None:
        """Return what is known of one source, or None."""
        return next((each for each in self.sources if each.source == name), None)


_synced = decoder(Synced)


def last_sync(state_dir: Path, build: str) -> Synced:
    """Return how far the sources have been taken in over a build; nothing where none ever was, or it cannot be told.

    What was written of another build, as a folder put back from a backup may hold, says nothing of this one.
    """
    try:
        found = _synced((layer_file.folder_of(state_dir, build) / NAME).read_bytes())
    except (OSError, ValueError):
        return Synced(build)
    return found if found.build == build and all(map(_is_sound, found.sources)) else Synced(build)


def _is_sound(sync: SourceSync) -> bool:
    """Tell whether the instants of a source are what is written here: both, or neither."""
    try:
        for instant in filter(None, (sync.asked_at, sync.as_at)):
            parse_iso(instant)
    except ValueError:
        return False
    return bool(sync.asked_at) == bool(sync.as_at)


def write_sync(state_dir: Path, synced: Synced) -> None:
    """Write down how far the sources have been taken in. Raises OSError."""
    folder = layer_file.folder_of(state_dir, synced.build)
    files.make_directory(folder)
    files.write_file(folder / NAME, encode(synced))
