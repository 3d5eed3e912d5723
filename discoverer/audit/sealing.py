"""What was typed, closed to all but the auditors: the only door to PyNaCl.

A sealed box (X25519, XSalsa20-Poly1305) is closed with the public key alone: the account that serves can write and not
read back. The secret key is the auditors', and never stands where the service could read it. What is closed is
padded, so that its length tells little of what was typed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import stat
from collections.abc import Iterable
from pathlib import Path

from nacl import exceptions
from nacl.bindings import sodium_pad, sodium_unpad
from nacl.public import PrivateKey, PublicKey, SealedBox

from discoverer.errors import ConfigError, UsageError
from index import files

PUBLIC = "discoverer-audit-public"
SECRET = "discoverer-audit-secret"  # noqa: S105 - the word a key file begins with
PUBLIC_FILE = "audit.pub"
SECRET_FILE = "audit.secret"  # noqa: S105 - a file's name
_BLOCK = 64
_PUBLIC_MODE = 0o644
_SECRET_MODE = 0o600
_TOO_OPEN = stat.S_IRWXG | stat.S_IRWXO
_NO_KEY = "'discoverer audit keys --out DIR' makes a pair"


class Seal:
    """A public key: it closes, and cannot open.

    Attributes:
        name: str, eight letters and figures by which a line says which key opens it.
    """

    def __init__(self, key: bytes) -> None:
        """Take the 32 bytes of a key."""
        self.name = _name(key)
        self._box = SealedBox(PublicKey(key))

    def close(self, typed: bytes) -> str:
        """Return what was typed as text that only the secret key opens."""
        return base64.b64encode(self._box.encrypt(sodium_pad(typed, _BLOCK))).decode("ascii")


class Opener:
    """Secret keys: each opens what was closed with its public one."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Read key files.

        Raises:
            UsageError: one is missing, malformed, no secret key, or not its owner's alone.
        """
        keys = [PrivateKey(_read_secret(path)) for path in paths]
        self._boxes = {_name(bytes(key.public_key)): SealedBox(key) for key in keys}

    def has(self, name: str) -> bool:
        """Tell whether the key that a line names is here."""
        return name in self._boxes

    def open(self, name: str, sealed: str) -> bytes:
        """Return what was closed.

        Raises:
            ValueError: it was not closed with that key, or was changed since.
        """
        try:
            closed = base64.b64decode(sealed, validate=True)
            return bytes(sodium_unpad(self._boxes[name].decrypt(closed), _BLOCK))
        except (binascii.Error, exceptions.CryptoError, exceptions.ValueError, exceptions.TypeError):
            raise ValueError("what is sealed was changed, or is not whole") from None


def read_seal(path: Path) -> Seal:
    """Return the seal of a public key file.

    Raises:
        ConfigError: it cannot be read, is no public key, or is the secret one, which must not stand here.
    """
    try:
        return Seal(_key_of(path, PUBLIC))
    except (OSError, ValueError, exceptions.CryptoError) as error:
        said = f"the auditors' public key cannot be used ({_why(error)}); {_NO_KEY}."
        raise ConfigError(str(path), [said]) from None


def make_keys(folder: Path) -> tuple[Path, Path, str]:
    """Make a pair of keys; return the public file, the secret file (its owner's alone) and the name of the pair.

    Args:
        folder: where; made when missing. What stands there is never replaced: lines would be lost with its key.

    Raises:
        UsageError: one of the two stands there, or cannot be written.
    """
    public, secret = folder / PUBLIC_FILE, folder / SECRET_FILE
    key = PrivateKey.generate()
    try:
        there = next((path for path in (public, secret) if path.exists()), None)
        if there is not None:
            raise FileExistsError(0, "it exists, and what it has sealed needs it", str(there))
        files.make_directory(folder)
        files.write_new_file(secret, _written(SECRET, bytes(key)), _SECRET_MODE)
        files.write_new_file(public, _written(PUBLIC, bytes(key.public_key)), _PUBLIC_MODE)
    except OSError as error:
        where = error.filename or folder
        raise UsageError(f"{where} cannot be written ({error.strerror}); name another folder.") from None
    return public, secret, _name(bytes(key.public_key))


def _read_secret(path: Path) -> bytes:
    """Return the bytes of a secret key file. Raises UsageError."""
    try:
        if path.stat().st_mode & _TOO_OPEN:
            raise ValueError(f"others may read it: chmod 600 {path}")
        return _key_of(path, SECRET)
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be used as the auditors' secret key ({_why(error)}).") from None


def _key_of(path: Path, kind: str) -> bytes:
    """Return the bytes of a key file. Raises OSError, ValueError."""
    words = path.read_text(encoding="ascii", errors="replace").split()
    if words[:1] == [SECRET] and kind == PUBLIC:
        raise ValueError(f"it is the SECRET key: take it away from here, and name {PUBLIC_FILE}")
    if len(words) != 2 or words[0] != kind:
        raise ValueError(f"it is no file that begins with '{kind}' and holds one key")
    try:
        key = base64.b64decode(words[1], validate=True)
    except binascii.Error:
        key = b""
    if len(key) != PublicKey.SIZE:
        raise ValueError(f"its key is not {PublicKey.SIZE} bytes long in base64")
    return key


def _written(kind: str, key: bytes) -> bytes:
    """Return the content of a key file."""
    return f"{kind} {base64.b64encode(key).decode('ascii')}\n".encode("ascii")


def _name(public: bytes) -> str:
    """Return the name of a pair, told from its public key."""
    return hashlib.blake2b(public, digest_size=4).hexdigest()


def _why(error: Exception) -> str:
    """Say what is wrong with a key file."""
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
