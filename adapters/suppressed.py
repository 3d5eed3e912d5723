"""What must never be loaded whatever its source holds: records, and whoever has an identifier, by a list of the force.

A protected person's new life may stand in a source that was never told (Serious Organised Crime and Police Act 2005
s.88 makes it an offence to disclose). A row is held against the list before anything is made of it, so that it is
neither a record nor a reject and is in no count, and what a row says anywhere, in running text too, is looked at.
"""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from adapters.base import Fault, RawRow
from adapters.suppressed_writings import compact, core_of, pattern_of, plain_text
from discoverer.codec import plain
from discoverer.errors import ConfigError
from discoverer.model import Record, Reject
from discoverer.normalise.identifiers import Identifier, find_identifiers, read_identifier
from discoverer.validation import Phrase, Spec, check, model_validator, read_toml

MODE = 0o077
"""Whoever but its owner may do anything with the list: nobody."""
_LONGEST_IDENTIFIER = 40
_TOLD_BY = "2"
"""Goes up when more is told of a row than before, so that what was read until then is not taken for read by this."""


class Entry(Spec):
    """One entry of the list: a record, or an identifier of a person.

    Attributes:
        record: str, '<source>:<ref>' as answers cite it; '' for an entry by identifier.
        identifier: str, a PNC, CRO or arrest number or the mark of a vehicle, in any writing; '' for one by record.
        why: who asked for it and by what authority; never what is protected.
    """

    record: str = ""
    identifier: str = ""
    why: Phrase

    @model_validator(mode="after")
    def _one_of_them(self) -> Entry:
        if bool(self.record) == bool(self.identifier):
            raise ValueError("name either a record or an identifier")
        if self.record and not re.fullmatch(r"[a-z][a-z0-9_]*:.+", self.record):
            raise ValueError(f"'{self.record}' is no record; write its source and reference, such as custody:ND/1/14")
        if self.identifier and not canonical(self.identifier):
            raise ValueError(
                f"'{self.identifier}' is no PNC, CRO or arrest number whose check letter is right, and no vehicle's "
                "mark, so nothing could be told by it; name the records instead"
            )
        return self


class _File(Spec):
    """The list.

    Attributes:
        suppressed: its entries, in any order.
    """

    suppressed: tuple[Entry, ...] = ()


def canonical(written: str) -> str:
    """Return the one form of a valid identifier, as '1979/0123456T'; '' for what is none."""
    found = _valid(written)
    return found.canonical if found else ""


def _valid(written: str) -> Identifier | None:
    """Read an identifier, if it is one and valid."""
    found = read_identifier(written)
    return found if found and found.valid else None


class Suppressed:
    """The list, as one source's rows are held against it; can be given to other processes."""

    def __init__(self, refs: frozenset[str] = frozenset(), identifiers: frozenset[str] = frozenset()) -> None:
        """Take what is suppressed.

        Args:
            refs: of the records of the source.
            identifiers: in their canonical form, of whichever source.
        """
        self._refs, self._identifiers = refs, identifiers
        cores = {re.escape(core_of(each)) for each in identifiers}
        self._may_hold = re.compile("|".join(sorted(cores))) if cores else None
        self._holds = re.compile("|".join(sorted(map(pattern_of, identifiers))))

    def __bool__(self) -> bool:
        return bool(self._refs or self._identifiers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Suppressed) and self._both == other._both

    def __hash__(self) -> int:
        return hash(self._both)

    @property
    def _both(self) -> tuple[frozenset[str], frozenset[str]]:
        return self._refs, self._identifiers

    @property
    def digest(self) -> str:
        """A hash that changes when what is suppressed of this source does; '' when nothing is."""
        if not self:
            return ""
        listed = "\n".join([_TOLD_BY, *sorted(self._refs), "", *sorted(self._identifiers)])
        return hashlib.sha256(listed.encode()).hexdigest()[:16]

    def covers(self, row: RawRow, key: Sequence[str]) -> bool:
        """Tell whether a row must not be loaded.

        Args:
            row: as its source wrote it, its child rows with it, whether or not it can be read.
            key: the names of its key columns.
        """
        said = [*_texts(row.values), *([row.fault.value, row.fault.reason] if row.fault else [])]
        return self._names_a_record(row, key, said) or self._names_a_person(said)

    def covers_kept(self, kept: Record | Reject, key: Sequence[str]) -> bool:
        """Tell whether what was made of a row before must not be kept.

        A record no longer holds the columns that its mapping passes over: what they alone said cannot be told of it.

        Args:
            kept: a record, by its reference or an identifier in any of its texts; or a reject, as its row.
            key: the names of the key columns.
        """
        if isinstance(kept, Record):
            return kept.ref in self._refs or self._names_a_person(list(_texts(plain(kept))))
        whole = all(name in kept.raw for name in key)
        by_key = whole and self._names_a_record(RawRow(kept.row, kept.raw), key, [])
        said = [kept.value, kept.reason, *_texts(kept.raw)]
        unread = RawRow(kept.row, {}, Fault(kept.column, kept.value, kept.reason))
        return by_key or (not whole and self._names_a_record(unread, key, said)) or self._names_a_person(said)

    def _names_a_record(self, row: RawRow, key: Sequence[str], said: list[str]) -> bool:
        """Tell it of a record by its key; of a row that cannot be read, by a reference anywhere in it."""
        if not self._refs:
            return False
        if row.fault:
            return any(
                ref in text or all(part in text for part in ref.split("/")) for ref in self._refs for text in said
            )
        return "/".join(str(row.values.get(name) or "") for name in key) in self._refs

    def _names_a_person(self, said: list[str]) -> bool:
        """Tell it of whoever has one of the identifiers, in a column of its own or in running text."""
        if self._may_hold is None:
            return False
        near = [text for text in said if self._may_hold.search(compact(text))]
        written = any(self._holds.search(plain_text(text)) for text in near)
        return written or any(each in self._identifiers for text in near for each in _identifiers(text))


NOTHING = Suppressed()
"""No list, or one that says nothing of a source."""


def read(path: Path | None, sources: Sequence[str]) -> dict[str, Suppressed]:
    """Read the list: what is suppressed of each source.

    Args:
        path: of the list; None: there is none.
        sources: those configured.

    Raises:
        ConfigError: it is not there, others than its owner may read or write it, it has mistakes, or it names a source
            that is not configured; with every mistake at once.
    """
    if path is None:
        return dict.fromkeys(sources, NOTHING)
    entries = check(_File, read_toml(path), str(path)).suppressed
    mode = stat.S_IMODE(path.stat().st_mode)
    if mode & MODE:
        closing = f"it says who is protected and others than its owner may get at it (mode {mode:03o}); chmod 600 it."
        raise ConfigError(str(path), [closing])
    named = [each.record.partition(":")[::2] for each in entries if each.record]
    unknown = sorted({source for source, _ in named if source not in sources})
    if unknown:
        listed = ", ".join(sources)
        raise ConfigError(str(path), [f"there is no source '{each}'; the sources are {listed}." for each in unknown])
    identifiers = frozenset(canonical(each.identifier) for each in entries if each.identifier)
    return {
        name: Suppressed(frozenset(ref for source, ref in named if source == name), identifiers) for name in sources
    }


def _texts(value: Any) -> Iterator[str]:  # noqa: ANN401 - whatever a reader makes of a column
    """Yield every text of a row, of its lists and of its child rows; what is no text, as it would be written."""
    if isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
    elif value is not None:
        yield str(value)


def _identifiers(text: str) -> Iterator[str]:
    """Yield the identifiers that a text is or holds, in their canonical form."""
    if len(text) <= _LONGEST_IDENTIFIER and (whole := canonical(text)):
        yield whole
    for found in find_identifiers(text):
        yield found.canonical
