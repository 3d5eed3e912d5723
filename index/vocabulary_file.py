"""The vocabulary of a build: counted while its documents are written, laid out in files, read from them as they stand.

Each visibility label has files of its own, so that what a closed record says is in no column that is read for a viewer
who may not see it. vocabulary.json says what there is; a `.columns` file beside it holds the columns of one label and
kind (discoverer/match/lexicon.py). They are mapped, not read: opening costs the same however many tokens there are.
"""

from __future__ import annotations

import mmap
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from discoverer.codec import decoder, encode
from discoverer.errors import IndexUnavailable
from discoverer.match.lexicon import Lexicon, columns_of
from discoverer.match.place import plain_words
from discoverer.match.profiles import PersonProfile, PlaceProfile, Profile
from discoverer.match.vocabulary import Vocabulary
from discoverer.model import Visibility

VOCABULARY_FILE = "vocabulary.json"
NAMES = "name"
WORDS = "place"
_ALIGNED = 8  # bytes: numbers of 64 bits are read where they stand


@dataclass(frozen=True, slots=True)
class _Entry:
    """The tokens of one label and kind.

    Attributes:
        label: a visibility.
        field: NAMES or WORDS.
        total: int, documents of this kind and label.
        tokens: int, distinct tokens they bear.
        file: str, beside vocabulary.json.
        columns: name -> (first byte, number of bytes).
    """

    label: str
    field: str
    total: int
    tokens: int
    file: str
    columns: dict[str, tuple[int, int]]


_entries = decoder(list[_Entry])


def files_in(folder: Path) -> list[Path]:
    """Return every file that a vocabulary may have in a build."""
    columns = [_columns_file(label.value, field) for label in Visibility for field in (NAMES, WORDS)]
    return [folder / name for name in (VOCABULARY_FILE, *columns)]


def _columns_file(label: str, field: str) -> str:
    """Name the file of the columns of one label and kind."""
    return f"vocabulary-{label}-{field}.columns"


def tokens_of(profile: Profile) -> tuple[str, list[str]]:
    """Return the field that a document counts for, NAMES, WORDS or '' for none, and its tokens there, each once."""
    if isinstance(profile, PersonProfile):
        return NAMES, list({token for name in profile.names for token in name})
    if isinstance(profile, PlaceProfile):
        return WORDS, list({word for address in profile.writings for word in plain_words(address)})
    return "", []


class VocabularyWriter:
    """Counts, apart for each visibility label, how many documents bear each token."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        self._totals: Counter[tuple[str, str]] = Counter()

    def add(self, visibility: str, field: str, tokens: Iterable[str]) -> None:
        """Count one document, with its `tokens_of`."""
        self._totals[visibility, field] += 1
        self._counts[visibility, field].update(tokens)

    def write(self, folder: Path) -> None:
        """Write vocabulary.json and what it names. Raises OSError."""
        entries = [
            _write_columns(folder, label, field, self._totals[label, field], counts)
            for (label, field), counts in sorted(self._counts.items())
        ]
        (folder / VOCABULARY_FILE).write_bytes(encode(entries))


def _write_columns(folder: Path, label: str, field: str, total: int, counts: Mapping[str, int]) -> _Entry:
    """Write the tokens of one label and kind."""
    file = _columns_file(label, field)
    placed: dict[str, tuple[int, int]] = {}
    with (folder / file).open("wb") as out:
        for name, column in columns_of(counts, names=field == NAMES).items():
            out.write(bytes(-out.tell() % _ALIGNED))
            placed[name] = (out.tell(), len(column))
            out.write(column)
    return _Entry(label, field, total, len(counts), file, placed)


class VocabularyFiles:
    """The vocabulary of an open build; its files stay mapped for as long as somebody reads in them."""

    def __init__(self, folder: Path) -> None:
        """Open what was written into a build.

        Raises:
            IndexUnavailable: a file is missing, or is not as vocabulary.json says.
        """
        path = folder / VOCABULARY_FILE
        try:
            entries = _entries(path.read_bytes())
            self._lexicons = {(entry.label, entry.field): _opened(folder / entry.file, entry) for entry in entries}
        except (OSError, ValueError) as error:
            message = f"{path.name} of the index cannot be read ({error}); roll back or build again."
            raise IndexUnavailable(message) from None

    def vocabulary(self, field: str, labels: Iterable[Visibility]) -> Vocabulary:
        """Return the tokens of one kind that some labels bear; nothing is read of any other.

        Args:
            field: NAMES or WORDS.
            labels: those in scope.
        """
        return Vocabulary.over(self.lexicons(field, labels), names=field == NAMES)

    def lexicons(self, field: str, labels: Iterable[Visibility]) -> list[Lexicon]:
        """Return what each of some labels bears, the most open first."""
        found = (self._lexicons.get((label, field)) for label in sorted(labels, key=lambda label: label.rank))
        return [lexicon for lexicon in found if lexicon is not None]


def _opened(path: Path, entry: _Entry) -> Lexicon:
    """Map the columns of one label and kind.

    Raises:
        OSError: the file cannot be opened.
        ValueError: it is shorter than its entry says.
    """
    with path.open("rb") as stream:
        mapped = memoryview(mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ))
    if any(start + size > len(mapped) for start, size in entry.columns.values()):
        raise ValueError(f"{path.name} is cut short")
    columns = {name: mapped[start : start + size] for name, (start, size) in entry.columns.items()}
    return Lexicon(columns, entry.total)
