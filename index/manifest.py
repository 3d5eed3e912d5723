"""What one build is made of: its sources and their states, its counts, and every file with its hash.

The manifest is JSON that a person can read. It carries a seal, a hash of all the rest of it, so that a
changed or half-written manifest is known for one.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from discoverer.codec import decoder, plain
from discoverer.errors import IndexTampered
from index import files
from index.stage_clock import Spent

NAME = "manifest.json"
FORMAT = 5
HASHERS = 2  # threads; hashing leaves Python's lock, and one disk feeds few


class SourceState(StrEnum):
    """How the data of one source came into a build."""

    FRESH = "fresh"
    STALE = "stale"  # carried from the build before, because reading it failed
    FAILED = "failed"  # reading it failed and there was nothing to carry


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """One source in one build.

    Attributes:
        source: str, the source's name.
        state: fresh, stale or failed.
        file: str, the segment's path in the build, 'segments/incidents.sqlite'; '' when failed.
        adapter_version: str, the version of the mapping that read it; '' when failed.
        as_at: str, ISO instant the source says its data was taken at; '' when it does not say or failed.
        read_at: str, ISO instant its data was read, which is what 'stale since' means; '' when failed.
        records: int >= 0.
        rejects: int >= 0, rows kept as rejects.
        reason: str, one sentence that says why it is stale or failed; '' when fresh.
        rows: int >= 0, rows read of the source.
        silent: int >= 0, rows that gave neither a record nor a reject.
        filled: dict[str, int], how often its records say what, by the names of index/filled.py.
        watermark: str, how far its changes are known, taken before it was read; '' when it cannot tell its changes.
        rules: tuple[str, ...], the access rules by which its records were closed (discoverer/labelling.py).
    """

    source: str
    state: SourceState
    file: str = ""
    adapter_version: str = ""
    as_at: str = ""
    read_at: str = ""
    records: int = 0
    rejects: int = 0
    reason: str = ""
    rows: int = 0
    silent: int = 0
    filled: dict[str, int] = field(default_factory=dict)
    watermark: str = ""
    rules: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file of a build.

    Attributes:
        path: str, relative to the build, '/' between parts.
        size: int >= 0, bytes.
        sha256: str, 64 hexadecimal digits.
    """

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything there is to know of a build without opening it.

    Attributes:
        build: str, its id, '20141116T020512Z-3fa9c1'.
        made_at: str, ISO instant it was begun.
        as_at: str, ISO instant that counted as now.
        settings_hash: str, hash of the settings it was built with, paths apart.
        engine: str, the engine's name.
        code_version: str, the version of Discoverer that built it.
        linking: str, 'exact' or the version of the weights people were linked by; '' in builds older than that.
        segments: the sources, in the order of the settings.
        counts: dict[str, int], what the assembly counted (mentions, persons, locations, phones, links, possible_links,
            documents), and
            what it took in of people's decisions: how many, how many wait, how many another keeps from being met, and
            'decisions_version', the number of the last entry it knew of.
        files: every file but the manifest, by path.
        stages: dict[str, Spent], what each stage took: time, rows, memory.
        format: int, the layout of the manifest.
        seal: str, hash of all the rest.
    """

    build: str
    made_at: str
    as_at: str
    settings_hash: str
    engine: str
    code_version: str
    segments: tuple[SegmentEntry, ...]
    counts: dict[str, int]
    files: tuple[FileEntry, ...]
    stages: dict[str, Spent] = field(default_factory=dict)
    linking: str = ""
    format: int = FORMAT
    seal: str = ""

    @property
    def segments_with_data(self) -> tuple[SegmentEntry, ...]:
        """The sources that something is held of, in the order that numbers them."""
        return tuple(entry for entry in self.segments if entry.file)

    def segment(self, source: str) -> SegmentEntry | None:
        """Return the entry of one source, or None when the build does not know it."""
        return next((entry for entry in self.segments if entry.source == source), None)


_manifest = decoder(Manifest)
read_entry = decoder(SegmentEntry)
"""Reads the entry of one source back. Raises ValueError."""


def hash_text(text: str) -> str:
    """Return the SHA-256 of some text as 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_files(paths: Sequence[Path]) -> list[str]:
    """Return the SHA-256 of each file, in the same order. Raises OSError."""
    with ThreadPoolExecutor(HASHERS) as pool:
        return list(pool.map(hash_file, paths))


def describe_files(folder: Path) -> tuple[FileEntry, ...]:
    """List the files of a finished build with their sizes and hashes, by path. Raises OSError."""
    paths = [path for path in files.tree_files(folder) if path.name != NAME or path.parent != folder]
    return tuple(
        FileEntry(path.relative_to(folder).as_posix(), path.stat().st_size, digest)
        for path, digest in zip(paths, hash_files(paths), strict=True)
    )


def write_manifest(folder: Path, manifest: Manifest) -> Manifest:
    """Seal a manifest and write it into its build, synced.

    Returns:
        The manifest with its seal.

    Raises:
        OSError: it could not be written.
    """
    sealed = dataclasses.replace(manifest, seal=_seal(manifest))
    files.write_file(folder / NAME, _layout(sealed).encode("ascii"))
    return sealed


def read_manifest(folder: Path) -> Manifest:
    """Read the manifest of a build.

    Raises:
        IndexTampered: there is none, or it is not as it was written.
    """
    try:
        manifest = _manifest((folder / NAME).read_bytes())
    except OSError as error:
        raise IndexTampered(
            f"Build {folder.name} has no manifest that can be read ({error.strerror}), so it is not opened; "
            "roll back or build again."
        ) from error
    except ValueError:
        raise _of_another_version(folder) or _altered(folder) from None
    if manifest.format < FORMAT:  # its seal was made of other names
        raise _of_another_version(folder) or _altered(folder)
    if manifest.format != FORMAT or manifest.seal != _seal(manifest):
        raise _altered(folder)
    return manifest


def _of_another_version(folder: Path) -> IndexTampered | None:
    """Say that a manifest is laid out as another version of Discoverer does; None when it is not."""
    try:
        found = json.loads((folder / NAME).read_bytes())
    except (OSError, ValueError):
        return None
    if not isinstance(found, dict) or found.get("format") in (FORMAT, None):
        return None
    return IndexTampered(
        f"Build {folder.name} was made by another version of Discoverer; run 'discoverer build' to make one that this"
        " version reads."
    )


def _altered(folder: Path) -> IndexTampered:
    """Say that a manifest is not the one that was written."""
    return IndexTampered(
        f"The manifest of build {folder.name} is not as it was written, so the build is not opened; "
        "roll back or build again."
    )


def _layout(manifest: Manifest) -> str:
    """Write a manifest out for people to read."""
    return json.dumps(plain(manifest), indent=1) + "\n"


def _seal(manifest: Manifest) -> str:
    """Return the hash of all of a manifest but its seal."""
    return hash_text(_layout(dataclasses.replace(manifest, seal="")))
