"""The build being read: opened once, lent to many readers, replaced when the pointer moves, closed when unused."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from discoverer.errors import IndexUnavailable
from index import versions
from index.reader import Index


class LiveIndex:
    """Lends the live build to any number of threads."""

    def __init__(self, state_dir: Path) -> None:
        """Take where the builds are; nothing is opened until it is asked for."""
        self._state_dir = state_dir
        self._index: Index | None = None
        self._readers: Counter[Index] = Counter()
        self._trouble = ""
        self._lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Index]:
        """Lend the live build; a new one is picked up when the pointer has moved.

        A build already open goes on serving when the pointer breaks or the new one is not as it was made. One that
        has been replaced is closed when its last reader is done.

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
                self._readers[index] -= 1
                self._close_unused(index)

    @property
    def trouble(self) -> str:
        """Why the build lent last is not the one the pointer names, in one sentence; '' when it is."""
        with self._lock:
            return self._trouble

    def close(self) -> None:
        """Close the build in use once its readers are done; asking again opens it again."""
        with self._lock:
            self._put(None)

    def _newest(self) -> Index:
        """Return the build the pointer names, or the one in use when that cannot be opened."""
        try:
            if self._index is None or self._index.manifest.build != versions.current(self._state_dir):
                opened = versions.open_current(self._state_dir, Index)
                self._trouble = ""
                self._put(opened)
                return opened
            self._trouble = ""
        except IndexUnavailable as error:
            self._trouble = error.message
            if self._index is None:
                raise
        return self._index

    def _put(self, successor: Index | None) -> None:
        """Put another build in the place of the one in use."""
        old, self._index = self._index, successor
        if old is not None:
            self._close_unused(old)

    def _close_unused(self, index: Index) -> None:
        """Close a replaced build that nobody reads any more."""
        if index is not self._index and not self._readers[index]:
            del self._readers[index]
            index.close()
