"""Reads a labelled folder: records or sources to index, and queries with their right answers.

Two shapes are read. A *labelled set* has records.jsonl and queries.jsonl; a query's type says in which field it is
asked. A *generated set* has discoverer.toml and queries.jsonl; a query names its fields, and a record's id is
'source:ref'.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import adapters
import index
from adapters.registry import load_mapping
from discoverer import console, match, normalise
from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from discoverer.bulk import FIELDS
from discoverer.codec import decoder
from discoverer.errors import UsageError
from discoverer.normalise.names import variants
from discoverer.normalise.text import words
from discoverer.settings import Settings, load
from discoverer.validation import Field, Spec, check
from index.progress import Progress

_MARK = "made-of.sha256"
QUERIES = "queries.jsonl"
RECORDS = "records.jsonl"
CONFIG = "discoverer.toml"
SOURCE = "outside"
# In which field the text of a labelled set's query is asked, by its type; other types are asked in one box only.
FIELD_OF = {"phone": "phone", "address": "address", "address_nopc": "address", "name": "name", "name_dob": "name"}
_WITH_BIRTH = "name_dob"
_MAPPING = """[source]
name = "{source}"
kind = "jsonl"
path = {path}
key = ["id"]
[fields]
name = "names"
dob = "dob"
address = "addresses"
phone = "phones"
"""
_SETTINGS = 'state_dir = {state}\nsources_dir = "sources"\nsources = ["{source}"]\n'
_object = decoder(dict[str, Any])
RESERVED = ("all", "worst")  # what scoreboard and floors call every query, and the worst group


class _Line(Spec, extra="ignore"):
    """One line of queries.jsonl; members it does not name are passed over."""

    qid: str = Field(min_length=1)
    type: str = Field(min_length=1)
    text: str = Field(min_length=1)
    expected: tuple[str, ...]
    also_ok: tuple[str, ...] = ()
    must_not: tuple[str, ...] = ()
    tier: str = ""
    naming: str = Field(default="", alias="class")
    pattern: str = ""
    dirt: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    name: str | None = None
    dob: str | None = None
    address: str | None = None
    phone: str | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Labelled:
    """One query with its right answers.

    Attributes:
        qid: str, unique in its set.
        type: str, e.g. 'phone' | 'address' | 'address_nopc' | 'name' | 'name_dob'.
        box: str, as typed into one box.
        fields: dict of name, dob, address, phone, id; empty when it is asked in one box only.
        expected: records that must come back; empty when nothing in the index is right.
        also_ok: records that are no false hits.
        must_not: records of somebody or something else that looks alike, in neither of the others.
        tier, naming, pattern: str, the groups it belongs to; '' for none.
        dirt: tuple[str, ...], what is wrong with the writing.
        unseen: bool | None, whether it is written in a way no list of the matcher knows; None: not said.
    """

    qid: str
    type: str
    box: str
    fields: Mapping[str, str]
    expected: frozenset[str]
    also_ok: frozenset[str] = frozenset()
    must_not: frozenset[str] = frozenset()
    tier: str = ""
    naming: str = ""
    pattern: str = ""
    dirt: tuple[str, ...] = ()
    unseen: bool | None = None


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """A labelled folder, indexed and open.

    Attributes:
        name: str, the folder's.
        app: what answers; built.
        queries: in file order.
        qualified: bool, ids are 'source:ref' rather than bare refs of the one source.
    """

    name: str
    app: App
    queries: tuple[Labelled, ...]
    qualified: bool

    def record_of(self, ident: str) -> tuple[str, str]:
        """Return (source, ref) of the record an id of the queries names."""
        source, _, ref = ident.partition(":") if self.qualified else (SOURCE, "", ident)
        return source, ref

    def ident_of(self, source: str, ref: str) -> str:
        """Return the id by which the queries name a record."""
        return f"{source}:{ref}" if self.qualified else ref


@contextmanager
def opened(folder: Path, progress: Progress, state: Path | None = None) -> Iterator[LabelledSet]:
    """Index a labelled folder where that has not been done, and lend it.

    Args:
        folder: of either shape.
        progress: told of the build.
        state: where the index is kept and found again, in a folder of the set's name, and built anew, saying so, when
            what was indexed or the code that indexes has changed; None: the folder's own settings say so, and for a
            labelled set it is built anew in a folder that is removed afterwards.

    Raises:
        UsageError, ConfigError: the folder or a line of it cannot be read.
        BuildError: it could not be indexed.
    """
    queries = read_queries(folder / QUERIES)
    generated = (folder / CONFIG).is_file()
    if not generated and not (folder / RECORDS).is_file():
        raise UsageError(f"{folder} has neither {RECORDS} nor {CONFIG}, so there is nothing to index; check the path.")
    name = folder.resolve().name
    kept = state.resolve() / name if state else None
    with TemporaryDirectory() as scratch:
        settings = _generated(folder, kept) if generated else _outside(folder, Path(scratch), kept)
        with App(settings) as app:
            if kept:
                _keep_true(app, folder, kept / _MARK, progress)
            elif app.status(DEMO_VIEWER).manifest is None:
                app.build(progress)
            found = LabelledSet(name, app, queries, generated)
            _check_truth(found)
            yield found


def _keep_true(app: App, folder: Path, mark: Path, progress: Progress) -> None:
    """Build an index that is to be kept, unless the one there was made of the same records by the same code.

    The mark beside it says what it was made of; it goes before a build and comes back after, so that a build cut short
    is made again.
    """
    made = _fingerprint(folder)
    if app.status(DEMO_VIEWER).manifest is not None:
        if mark.is_file() and mark.read_bytes() == made:
            return
        console.say(f"{mark.parent} was not made of what {folder} holds now, so it is built anew.", stderr=True)
    mark.unlink(missing_ok=True)
    app.build(progress)
    mark.write_bytes(made)


def _fingerprint(folder: Path) -> bytes:
    """Return a hash of all that shapes an index: records or sources, mappings, and the code and lists that read it."""
    found = hashlib.sha256(_MAPPING.encode())
    packages = (Path(str(package.__file__)).parent for package in (adapters, index, normalise, match))
    code = (path for package in packages for path in package.rglob("*") if path.suffix in (".py", ".toml"))
    held = (each for path in made_of(folder) if path.name != QUERIES for each in (path, *path.rglob("*")))
    for path in sorted({path for path in (*code, *held) if path.is_file()}):
        with path.open("rb") as data:
            found.update(f"{path.name} {hashlib.file_digest(data, 'sha256').hexdigest()}\n".encode())
    return found.hexdigest().encode()


def made_of(folder: Path) -> list[Path]:
    """Return the files and folders a labelled folder is made of: queries, records or settings, and all they read.

    Raises:
        ConfigError: its settings or mappings have mistakes.
    """
    found = [folder / name for name in (QUERIES, RECORDS, CONFIG)]
    if (folder / CONFIG).is_file():
        found += _read_by(load(folder / CONFIG))
    return found


def _read_by(settings: Settings) -> list[Path]:
    """Return the mappings of a generated set and the files and folders they read."""
    mappings = [settings.sources_dir / f"{name}.toml" for name in settings.sources]
    return [each for path in mappings for each in (path, path.parent / load_mapping(path).source.path)]


def _generated(folder: Path, kept: Path | None) -> Settings:
    """Return the settings of a generated set."""
    settings = load(folder / CONFIG)
    return settings.model_copy(update={"state_dir": kept}) if kept else settings


def _outside(folder: Path, scratch: Path, kept: Path | None) -> Settings:
    """Write the settings and the mapping of a labelled set."""
    (scratch / "sources").mkdir()
    # A JSON string is a TOML string.
    mapping = _MAPPING.format(source=SOURCE, path=json.dumps(str((folder / RECORDS).resolve())))
    (scratch / "sources" / f"{SOURCE}.toml").write_text(mapping, encoding="utf-8")
    state = json.dumps(str(kept or scratch / "state"))
    (scratch / CONFIG).write_text(_SETTINGS.format(source=SOURCE, state=state), encoding="utf-8")
    return load(scratch / CONFIG)


def _check_truth(found: LabelledSet) -> None:
    """Refuse queries that expect a record nobody holds: nothing could ever answer them."""
    wanted = (found.record_of(ident) for query in found.queries for ident in sorted(query.expected))
    missing = found.app.unheld(DEMO_VIEWER, wanted)
    if missing:
        first = found.ident_of(*missing[0])
        raise UsageError(
            f"{found.name}: {len(missing):,} of the ids that queries expect name no record of the index, the first "
            f"'{first}'; mend {QUERIES}, or index the records anew."
        )


def read_queries(path: Path) -> tuple[Labelled, ...]:
    """Read labelled queries, one JSON object a line.

    Raises:
        UsageError: the file cannot be read, a line is no JSON object, a qid stands twice, or a group bears a name that
            the scoreboard keeps for itself.
        ConfigError: a line lacks a member, or has one of the wrong kind.
    """
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} cannot be read (it is no regular file); name a folder of labelled queries.")
    try:
        # Only a line feed ends a line: others that Unicode knows may stand inside a JSON string.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except FileNotFoundError:
        raise UsageError(f"{path.parent} has no {path.name}; name a folder of labelled queries.") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); check the path and its permissions.") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} is not UTF-8; save it as UTF-8.") from None
    found: dict[str, Labelled] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        query = _query(line, f"{path.name} line {number}")
        if query.qid in found:
            raise UsageError(f"{path.name} line {number}: the qid '{query.qid}' stands twice; give each query its own.")
        found[query.qid] = query
    if not found:
        raise UsageError(f"{path} holds no query; there is nothing to measure.")
    return tuple(found.values())


def _query(line: str, where: str) -> Labelled:
    """Read one line."""
    try:
        given = _object(line)
    except (ValueError, RecursionError):
        raise UsageError(f"{where} is not a JSON object; mend it.") from None
    try:
        json.dumps(given, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise UsageError(f"{where} holds half a character (a lone surrogate); mend it.") from None
    read = check(_Line, {key: value for key, value in given.items() if value is not None}, where)
    taken = [name for name in (read.type, read.tier, read.naming, read.pattern, *read.dirt) if name in RESERVED]
    if taken:
        raise UsageError(f"{where}: no group may be called '{taken[0]}', which is kept for the scoreboard; rename it.")
    expected = frozenset(read.expected)
    fields, box = _ways(read)
    return Labelled(
        read.qid, read.type, box, fields, expected, frozenset(read.also_ok),
        frozenset(read.must_not) - expected - frozenset(read.also_ok),
        read.tier, read.naming, read.pattern, read.dirt, is_unseen(read.pairs) if read.pairs else None,
    )  # fmt: skip


def _ways(read: _Line) -> tuple[dict[str, str], str]:
    """Return a query in named fields, {} when it has none, and as one box.

    A line that names no field but a date of birth is of the outside shape: its text goes into the field of its type.
    """
    named = {key: value for key in FIELDS if (value := getattr(read, key))}
    if named.keys() - {"dob"} or (named and read.type != _WITH_BIRTH):
        return named, read.text
    field = FIELD_OF.get(read.type)
    if field is None:
        return {}, read.text
    if read.type != _WITH_BIRTH or not read.dob:
        return {field: read.text}, read.text
    return {field: read.text, "dob": read.dob}, f"{read.text} {_as_said(read.dob)}"


def _as_said(birth: str) -> str:
    """Write an ISO date as a person types it, dd/mm/yyyy; anything else as it is."""
    parts = birth.split("-")
    return "/".join(reversed(parts)) if len(parts) == 3 else birth


def is_unseen(pairs: Iterable[Sequence[str]]) -> bool:
    """Tell whether any (held spelling, asked spelling) is joined by no list of the matcher."""
    folded = (("".join(words(held)), "".join(words(asked))) for held, asked in pairs)
    return any(held != asked and asked not in variants(held) for held, asked in folded)
