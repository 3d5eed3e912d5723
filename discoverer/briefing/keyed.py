"""Fingerprints that nobody makes without the key: a plain one of a telephone number is found by trying them all."""

from __future__ import annotations

import hmac
import secrets
from pathlib import Path

from discoverer.briefing.rested import digest
from index import files

LENGTH = 32  # bytes


class Keyed:
    """Makes fingerprints by a random key, kept in a file beside the briefings and never in a build."""

    def __init__(self, path: Path) -> None:
        """Take where the key is kept; it is made by the first briefing given."""
        self._path = path
        self._key = b""

    def exists(self) -> bool:
        """Return whether there is a key, so that something was kept by it."""
        return self._path.exists()

    def make_key(self) -> None:
        """Make the key where there is none; several processes may do so at once. Raises OSError: it was not written."""
        if self._path.exists():
            return
        try:
            files.write_new_file(self._path, secrets.token_bytes(LENGTH), files.private_mode(self._path.parent))
        except FileExistsError:
            return

    def of_text(self, text: str) -> str:
        """Return the fingerprint of a text, half characters and all, in hexadecimal. Raises OSError: as `of_digest`."""
        return self.of_digest(digest(text.encode("utf-8", "surrogatepass")))

    def of_digest(self, plain: str) -> str:
        """Return the fingerprint of a SHA-256 in hexadecimal.

        Raises:
            OSError: the key cannot be read, or is none: what was kept by it cannot be found again without.
        """
        if not self._key:
            key = self._path.read_bytes()
            if len(key) != LENGTH:
                raise OSError(f"{self._path} holds no key of {LENGTH} bytes")
            self._key = key
        return hmac.digest(self._key, plain.encode("ascii"), "sha256").hex()
