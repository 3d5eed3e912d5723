"""Files of lines, decoded strictly: which line cannot be read, and whether the whole file is in another encoding.

One unreadable line among many is that line's fault. When most of the lines that could tell are unreadable, or a
file said to be in a one-byte encoding is plainly UTF-8, the encoding in the mapping is wrong and the source stops.
"""

from __future__ import annotations

import codecs
import os
import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import IO

from adapters.base import Fault
from discoverer.errors import SourceUnavailable

# Bytes; a longer line means that the file is not lines of text.
LONGEST_LINE = 16 * 1024 * 1024

# Lines that must speak against the encoding before the whole file is held to be in another one.
FEWEST_SIGNS = 2

# Byte order marks and the encoding each stands for.
MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))

ESCAPED = re.compile("[\udc80-\udcff]")


def known_encoding(name: str) -> str:
    """Return an encoding's usual name.

    Raises:
        ValueError: it is unknown, or ASCII bytes do not stand for themselves in it (UTF-16, EBCDIC).
    """
    try:
        plain = bytes(range(128)).decode(name) == "".join(map(chr, range(128)))
    except (LookupError, UnicodeDecodeError):
        plain = False
    if not plain:
        raise ValueError(f"'{name}' is no encoding this reader knows; valid are utf-8, cp1252, latin-1 and other ASCII")
    return codecs.lookup(name).name


def shown(text: str) -> str:
    r"""Write the bytes that could not be decoded as '\x81', so that the text can be stored and shown."""
    return ESCAPED.sub(lambda found: f"\\x{ord(found[0]) - 0xDC00:02x}", text)


def open_file(source: str, path: Path) -> IO[bytes]:
    """Open a file of a source.

    Raises:
        SourceUnavailable: it is missing, a folder or unreadable.
    """
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise SourceUnavailable(
            source, f"{os.path.normpath(path)} is missing; check 'path' in its mapping and the extract."
        ) from None
    except IsADirectoryError:
        raise SourceUnavailable(source, f"{path} is a folder, not a file; check 'path' in its mapping.") from None
    except OSError as error:
        raise SourceUnavailable(source, f"{path} cannot be read ({error.strerror}); check its permissions.") from None


class Lines:
    """The lines of one file, decoded, with their line ends.

    Attributes:
        number: int, the line last read, from 1; 0 before the first.
        bad: bool, whether a line read since `begin` held bytes that are not of the encoding.
        raw: list[str], the lines read since `begin`.
        ended: bool, whether the last line of the file has been read.
    """

    def __init__(self, source: str, path: Path, encoding: str) -> None:
        self.source, self.path, self.encoding = source, path, encoding
        self.number = 0
        self.bad = False
        self.ended = False
        self.raw: list[str] = []

    def begin(self) -> None:
        """Forget the lines read so far; a new row starts."""
        self.bad = False
        self.raw.clear()

    def __iter__(self) -> Iterator[str]:
        """Yield every line; bytes that are not of the encoding come as escapes and set `bad`.

        Raises:
            SourceUnavailable: the file cannot be read, is not text, or changed while it was read.
        """
        for line in self.binary():
            self.number += 1
            try:
                text = line.decode(self.encoding)
            except UnicodeDecodeError:
                text = line.decode(self.encoding, "surrogateescape")
                self.bad = True
            self.raw.append(text)
            yield text
        self.ended = True

    def binary(self) -> Iterator[bytes]:
        """Yield every line undecoded, without a byte order mark.

        Raises:
            SourceUnavailable: as for iteration.
        """
        with open_file(self.source, self.path) as file:
            before = os.fstat(file.fileno())
            first = True
            try:
                for line in iter(partial(file.readline, LONGEST_LINE), b""):
                    if len(line) >= LONGEST_LINE:
                        raise SourceUnavailable(
                            self.source, f"{self.path.name} has a line of over {LONGEST_LINE:,} bytes; it is not text."
                        )
                    yield self._unmarked(line) if first else line
                    first = False
            except OSError as error:
                raise SourceUnavailable(self.source, f"{self.path} cannot be read ({error.strerror}).") from None
            after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise SourceUnavailable(
                self.source, f"{self.path.name} changed while it was read; read it when it is whole."
            )

    def _unmarked(self, line: bytes) -> bytes:
        """Take the byte order mark off the first line; refuse one of another encoding."""
        for mark, name in MARKS:
            if line.startswith(mark):
                if self.encoding != name:
                    raise SourceUnavailable(
                        self.source,
                        f"{self.path.name} line 1 byte 1 begins with the mark of {name}, but its mapping says "
                        f"encoding {self.encoding}; check 'encoding' there, or export it as {self.encoding}.",
                    )
                return line[len(mark) :]
        return line

    def fault(self, column: str, text: str) -> Fault:
        """Say which byte of a text read with escapes is not of the encoding."""
        found = ESCAPED.search(text)
        place = found.start() + 1 if found else 0
        byte = f"byte 0x{ord(found[0]) - 0xDC00:02x}" if found else "a byte"
        reason = (
            f"{byte} at character {place} is not {self.encoding}; mend the value, or check 'encoding' in the mapping"
        )
        return Fault(column, shown(text), reason)

    def check_encoding(self) -> bool:
        """Read the file once for the encoding; return whether its last line has a line end.

        Raises:
            SourceUnavailable: the lines show that the file is in another encoding; file, line and byte are named.
        """
        against = in_favour = 0
        first = ""
        one_byte = self.encoding != "utf-8"
        last = b"\n"
        for number, line in enumerate(self.binary(), 1):
            last = line
            if line.isascii():
                continue
            sign = _sign(line, self.encoding, one_byte)
            if sign:
                against += 1
                first = first or f"line {number} {sign}"
            else:
                in_favour += 1
        if against >= FEWEST_SIGNS and against > in_favour:
            raise SourceUnavailable(
                self.source,
                f"{self.path.name} {first}: {against:,} of its {against + in_favour:,} lines that could tell are not "
                f"{self.encoding}; check 'encoding' in its mapping.",
            )
        return last.endswith(b"\n")


def _sign(line: bytes, encoding: str, one_byte: bool) -> str:
    """Say what in a line with other than ASCII bytes speaks against the encoding, '' when nothing does."""
    try:
        line.decode(encoding)
    except UnicodeDecodeError as error:
        return f"byte {error.start + 1} (0x{line[error.start]:02x}) cannot be read as {encoding}"
    if not one_byte:
        return ""
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return ""
    start = next(place for place, byte in enumerate(line) if byte > 127)
    return f"byte {start + 1} (0x{line[start]:02x}) is written as UTF-8"
