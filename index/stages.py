"""Which stages of a build are finished, written down in it as each ends, so that a build that was stopped can go on.

A stage counts as finished once its files are on the disk and its mark is. Whatever is made anew makes what came after
it old.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from discoverer.codec import decoder, encode
from index import files
from index.stage_clock import Spent, StageClock

NAME = "stages.json"
Result = dict[str, int]


@dataclass(frozen=True, slots=True)
class Mark:
    """One finished stage.

    Attributes:
        files: dict[str, int], size in bytes of every file it made, by its path in the build.
        result: what it gave: counts.
        said: str, what else is to be known of it: of a source, its entry in the manifest, encoded.
    """

    files: dict[str, int]
    result: Result = field(default_factory=dict)
    said: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is written down.

    Attributes:
        build: str, the id.
        made_of: str, hash of what the build is made of: settings, mappings, version of the code.
        made_at: str, ISO instant it was begun.
        as_at: str, ISO instant that counts as now.
        marks: dict[str, Mark], by stage, in the order they were finished.
        took: dict[str, Spent], what each stage took so far.
    """

    build: str
    made_of: str
    made_at: str
    as_at: str
    marks: dict[str, Mark] = field(default_factory=dict)
    took: dict[str, Spent] = field(default_factory=dict)


_kept = decoder(Kept)


class Stages:
    """The stages of one build."""

    def __init__(self, folder: Path | None = None, kept: Kept | None = None, clock: StageClock | None = None) -> None:
        """Take up a build.

        Args:
            folder: of the build; None: nothing is written down.
            kept: what is known of it; None: nothing is finished.
            clock: what each stage takes; None: nobody asks.
        """
        self._folder, self._clock = folder, clock
        self._kept = kept or Kept("", "", "", "")
        self._waiting = list(self._kept.marks)  # finished before, not come to yet

    def once(self, name: str, made: Sequence[Path], make: Callable[[], Result]) -> Result:
        """Do a stage, unless it was finished before.

        Args:
            name: of the stage, no two alike.
            made: the files and folders it makes; what an unfinished stage left of them is removed.
            make: does it, and returns what is to be known of it afterwards.

        Raises:
            OSError: its mark could not be written, or what it left before not be removed.
        """
        mark = self.before(name, made)
        if mark is not None:
            return dict(mark.result)
        self.begin(made)
        result = make()
        self.finished(name, made, result)
        return dict(result)

    def before(self, name: str, made: Sequence[Path]) -> Mark | None:
        """Return the mark of a stage that was finished before and whose files are as it left them; None: do it."""
        mark = self._kept.marks.get(name) if self._waiting[:1] == [name] else None
        if mark is None or self._folder is None or self._sizes(made) != mark.files:
            self._forget_the_rest()
            return None
        self._waiting.pop(0)
        return mark

    def finished(self, name: str, made: Sequence[Path], result: Result, said: str = "") -> None:
        """Write down that a stage is finished. Raises OSError."""
        if self._folder is None:
            return
        for path in made:
            for each in files.tree_files(path) if path.is_dir() else [path] if path.exists() else []:
                files.sync_file(each)
        self._kept.marks[name] = Mark(self._sizes(made), result, said)
        if self._clock is not None:
            self._clock.stop()
            self._kept.took.update(self._clock.took)
        self.write()

    def write(self) -> None:
        """Write down what is known. Raises OSError."""
        if self._folder is not None:
            files.write_file(self._folder / NAME, encode(self._kept))

    def begin(self, made: Sequence[Path]) -> None:
        """Make room for a stage: what it left unfinished is removed, and what came after it is old. Raises OSError."""
        self._forget_the_rest()
        for path in made:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def end(self) -> None:
        """Take the marks away: the build is whole. Raises OSError."""
        if self._folder is not None:
            (self._folder / NAME).unlink(missing_ok=True)

    def _forget_the_rest(self) -> None:
        """Drop the marks of what is not come to yet: they rest on what is made anew."""
        for name in self._waiting:
            self._kept.marks.pop(name, None)
        self._waiting = []

    def _sizes(self, made: Sequence[Path]) -> dict[str, int]:
        """Return the size of every file there is of some files and folders."""
        if self._folder is None:
            return {}
        found = [each for path in made for each in (files.tree_files(path) if path.is_dir() else [path])]
        return {each.relative_to(self._folder).as_posix(): each.stat().st_size for each in found if each.is_file()}


def read_kept(folder: Path) -> Kept | None:
    """Return what a build that was stopped wrote down; None when nothing can be read."""
    try:
        return _kept((folder / NAME).read_bytes())
    except (OSError, ValueError):
        return None
