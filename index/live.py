"""The build being read: opened once, lent to many readers, replaced when the pointer moves, closed when unused.

What changed since it was made lies over it as a layer (index/layered.py) and is replaced as often as the sources are
asked; the build under it stays open.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from discoverer.errors import IndexUnavailable
from index import layer_file, versions
from index.layered import laid_over
from index.reader import Index
from index.sync_state import last_sync

_TRIES = 20  # a reader that meets a new layer reads the pointer again; twenty in a row do not happen


class LiveIndex:
    """Lends the live build to any number of threads."""

    def __init__(self, state_dir: Path) -> None:
        """Take where the builds are; nothing is opened until it is asked for."""
        self._state_dir = state_dir
        self._build: Index | None = None  # without a layer
        self._index: Index | None = None  # what is lent: the build, or the build with the layer over it
        # Who reads in each; what lies over a build reads in it too.
        self._readers: Counter[Index] = Counter()
        self._under: dict[Index, Index] = {}
        self._trouble = ""
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Index]:
        """Lend the live build with the layer over it; a new one is picked up when a pointer has moved.

        What is open already goes on serving when a pointer breaks or the new one is not as it was made. One that has
        been replaced is closed when its last reader is done.

        Raises:
            IndexUnavailable: there is no build to read.
        """
        with self._lock:
            index = self._newest()
            self._readers[index] += 1
        try:
            yield index
        finally:
            with self._lock:
                self._done(index)

    @property
    def trouble(self) -> str:
        """Why what was lent last is not what the pointers name, in one sentence; '' when it is."""
        with self._lock:
            return self._trouble

    def close(self) -> None:
        """Close the build in use once its readers are done; asking again opens it again."""
        with self._lock:
            self._put(None, None)

    def _newest(self) -> Index:
        """Return the build and layer the pointers name, or what is in use when they cannot be opened."""
        try:
            build = self._build
            if build is None or build.manifest.build != versions.current(self._state_dir):
                build = versions.open_current(self._state_dir, Index)
            self._trouble = ""
            self._lay_over(build)
        except IndexUnavailable as error:
            self._trouble = error.message
            if self._index is None:
                raise
        return self._in_use()

    def _in_use(self) -> Index:
        """Return what is lent."""
        if self._index is None:
            raise IndexUnavailable("There is no index to search yet; run 'discoverer build' first.")
        return self._index

    def _lay_over(self, build: Index) -> None:
        """Put a build in use with the layer that is in force over it.

        Where that cannot be read the build alone answers, which says how old it is, unless a layer over it is in use.
        """
        index = build
        try:
            # Before the layer: what is said of a source may be older than what is searched, never newer.
            synced = last_sync(self._state_dir, build.manifest.build)
            layer = layer_file.in_force(self._state_dir, build.manifest.build)
            if build is self._build and self._index is not None and self._index.layer == (layer.name if layer else ""):
                self._index.synced = synced
                return
            if layer is not None:
                index = self._opened_over(build, layer)
            index.synced = synced
        except IndexUnavailable as error:
            self._trouble = error.message
            if build is self._build:
                return
        if index is not build:
            self._under[index] = build
            self._readers[build] += 1
        self._put(build, index)

    def _opened_over(self, build: Index, layer: Path) -> Index:
        """Open a layer over a build; when it is replaced and removed meanwhile, open the new one."""
        for _ in range(_TRIES):
            try:
                return laid_over(build, layer)
            except IndexUnavailable:
                newer = layer_file.in_force(self._state_dir, build.manifest.build)
                if newer is None or newer == layer:
                    raise
                layer = newer
        return laid_over(build, layer)

    def _put(self, build: Index | None, index: Index | None) -> None:
        """Put another build and index in the place of those in use."""
        old = [each for each in (self._index, self._build) if each is not None]
        self._build, self._index = build, index
        for each in dict.fromkeys(old):
            self._close_unused(each)

    def _done(self, index: Index) -> None:
        """Count one reader less."""
        self._readers[index] -= 1
        self._close_unused(index)

    def _close_unused(self, index: Index) -> None:
        """Close what has been replaced and nobody reads any more, and what lay under it."""
        if index in (self._index, self._build) or self._readers[index]:
            return
        del self._readers[index]
        index.close()
        under = self._under.pop(index, None)
        if under is not None:
            self._done(under)
