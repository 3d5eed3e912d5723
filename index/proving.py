"""The proof that a record is gone: every file below the state looked through, and each place where it still stands.

What must be kept by law is told apart: who looked at what, and what people decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from discoverer.errors import IndexUnavailable
from discoverer.settings import Settings
from index import files, traces, versions
from index.assemble import ENGINE_FOLDER
from index.traces import Needle, Trace

# Times that one looks again because files were removed before they were read.
_ROUNDS = 20


@dataclass(frozen=True, slots=True)
class Found:
    """A file that something of a record stands in.

    Attributes:
        file: str, below the folder of the state.
        where: str, the place in it.
        what: tuple[str, ...], which of its values.
        must: str, what must happen for it to be gone; '' for what is kept by law.
    """

    file: str
    where: str
    what: tuple[str, ...]
    must: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What looking through every file has shown.

    Attributes:
        ref: str, 'source:ref'.
        looked_for: dict[str, int], how many values of which kind.
        files: int, how many files were looked through.
        left: what must still go.
        kept: what is kept by law.
    """

    ref: str
    looked_for: dict[str, int]
    files: int
    left: tuple[Found, ...]
    kept: tuple[Found, ...]

    @property
    def gone(self) -> bool:
        """Whether nothing is left but what is kept by law."""
        return not self.left


def is_kept(settings: Settings, path: Path) -> bool:
    """Tell whether a file is kept by law: who looked at what, what people decided, and who broke the glass and why."""
    of_people = tuple(f"{each.stem}." for each in (settings.decisions_file, settings.glass_file))
    return settings.audit_dir in path.parents or path.name.startswith(of_people)


class Proving:
    """Looks through the files of one set-up."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; nothing is read yet."""
        self._settings, self._state = settings, settings.state_dir

    def prove(self, record: str, wanted: Sequence[Needle]) -> Proof:
        """Look through every file for what is known of a record.

        Args:
            record: its id, 'source:ref'.
            wanted: what is looked for.

        Raises:
            OSError: a file cannot be read.
        """
        seen: set[tuple[int, int, int, int]] = set()
        found = [*self._in_files(wanted, seen), *self._built(wanted)]
        # Whatever was removed while one looked is gone.
        told = [each for each in self._together(found) if (self._state / each.file).exists()]
        left = tuple(each for each in told if each.must)
        counted = dict(Counter(each.what for each in wanted))
        return Proof(record, counted, len(seen), left, tuple(each for each in told if not each.must))

    def _in_files(self, wanted: Sequence[Needle], seen: set[tuple[int, int, int, int]]) -> Iterator[Trace]:
        """Look through every file, and through those made meanwhile: what one held may stand in the next by then."""
        for number in range(_ROUNDS):
            vanished = False
            try:
                paths = traces.every_file(self._state)
            except FileNotFoundError:  # a folder went while it was listed
                continue
            for path in paths:
                try:
                    if _is_new(path, seen):
                        yield from self._traces(path, wanted)
                except FileNotFoundError:
                    vanished = True
            if number and not vanished:
                return
        yield Trace(self._state, "files that others went on removing and writing", "perhaps any of it")

    def _traces(self, path: Path, wanted: Sequence[Needle]) -> list[Trace]:
        """Look through one file; the vocabulary of a build, which runs tokens together, is asked instead."""
        whole = path.parent.parent == versions.builds_of(self._state) and not path.parent.suffix
        if whole and path.suffix == ".columns":
            return []
        return list(traces.traces_in(path, wanted))

    def _built(self, wanted: Sequence[Needle]) -> Iterator[Trace]:
        """Ask the engines and vocabularies of all builds; one that cannot be asked is told of, since it may hold it."""
        builds = versions.builds_of(self._state)
        for folder in sorted(builds.iterdir()) if builds.is_dir() else []:
            if folder.suffix:
                if (folder / ENGINE_FOLDER).is_dir():
                    yield Trace(folder, "a build never finished, whose keys cannot be looked into", "perhaps any of it")
                continue
            try:
                manifest = versions.open_verified(folder)
                yield from traces.in_engine(folder, manifest, wanted)
                yield from traces.in_vocabulary(folder, wanted)
            except IndexUnavailable as error:
                if folder.exists():
                    yield Trace(folder, f"a build that cannot be looked into ({error.message})", "perhaps any of it")

    def _together(self, found: Iterable[Trace]) -> list[Found]:
        """Return what was found by place, each with what must happen."""
        places: dict[tuple[Path, str], dict[str, None]] = {}
        for each in found:
            places.setdefault((each.path, each.where), {})[each.what] = None
        return [
            Found(
                str(path.relative_to(self._state)),
                where,
                tuple(what),
                "" if is_kept(self._settings, path) else self._must(path),
            )
            for (path, where), what in places.items()
        ]

    def _must(self, path: Path) -> str:
        """Say what must happen for a file to be without it; '' where it is kept by law."""
        if is_kept(self._settings, path):
            return ""
        if path == self._state:
            return "another proof, while nothing is taken in or built"
        top, *below = path.relative_to(self._state).parts
        if top == "fresh":
            return "the next build: it needs no layer of a build before it that holds this"
        if top == "builds" and below[0].endswith((files.BUILDING, files.REMOVING)):
            return "the next build, which clears away what was never finished"
        if top == "builds" and below[0] == versions.current_or_none(self._state):
            return "the next build, which is made without it and removes this one"
        if top == "builds":
            return "the next build, which removes this one"
        if top == "reports":
            return "the removal of the build that it is about, once that is kept no longer"
        if top == "refused":
            return "the next reading of that source that is believed"
        if path == self._settings.briefings_file:
            return "'discoverer forget' of it, or the next build or sync, which overwrite the text"
        return "it is no part of an index: look at it, and mend or remove it by hand"


def _is_new(path: Path, seen: set[tuple[int, int, int, int]]) -> bool:
    """Tell whether a file was not looked through yet, as it is now. Raises FileNotFoundError: it is gone."""
    state = path.stat()
    mark = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns)
    if mark in seen:
        return False
    seen.add(mark)
    return True
