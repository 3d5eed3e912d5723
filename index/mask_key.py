"""The key of pseudonyms: random, made once, kept beside the builds and never in one, for its owner alone."""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from pathlib import Path

from discoverer.errors import IndexUnavailable
from index import files

KEY_FILE = "masks.key"
LENGTH = 32  # bytes


class MaskKey:
    """Reads the key, and makes it where there is none yet; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        """Take where it is kept."""
        self._path, self._key = path, b""
        self._lock = threading.Lock()

    def read(self) -> bytes:
        """Return the key.

        Raises:
            IndexUnavailable: it can be neither read nor made, or is none: nothing is shown without a pseudonym.
        """
        with self._lock:
            if not self._key:
                try:
                    self._key = self._read()
                except OSError as error:
                    raise IndexUnavailable(
                        f"The key of pseudonyms {self._path} can be neither read nor made ({error.strerror}), so"
                        " nothing is shown to those who are not shown names; mend its permissions."
                    ) from None
            return self._key

    def _read(self) -> bytes:
        """Return the key, made where it is missing."""
        if not self._path.exists():
            with suppress(FileExistsError):  # another process was first
                files.write_new_file(self._path, secrets.token_bytes(LENGTH), 0o600)
        key = self._path.read_bytes()
        if len(key) != LENGTH:
            raise IndexUnavailable(
                f"{self._path} holds no key of {LENGTH} bytes; put it back from where it is kept safe, or delete it:"
                " then every pseudonym is another from now on."
            )
        return key
