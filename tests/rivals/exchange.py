"""The files rivals speak, and what all of them are given alike; standard library only, as every environment has that.

A record may stand on several lines, one a person it names; its id is what counts, with its best score.
"""

from __future__ import annotations

import json
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

# How many records a rival gives at most; recall is counted to ten.
MOST = 20
WARM_UP = 5
FIELD_OF = {
    "phone": "phones",
    "address": "addresses",
    "address_nopc": "addresses",
    "name": "names",
    "name_dob": "names",
    "mixture": "texts",
}
FIELDS = ("names", "addresses", "phones")
# All that a record holds as one text, for questions that mix names, places and numbers; made where it is asked for.
TEXTS = "texts"
# Letters that have no decomposition; every rival is spared the question of how to fold them.
_LETTERS = str.maketrans({"ł": "l", "đ": "d", "ø": "o", "ß": "ss", "ı": "i", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"})
_MARKS = re.compile(r"[’'`ʼ.]")
_BREAKS = re.compile(r"[^\w]+|_")


@dataclass(frozen=True, slots=True)
class Held:
    """One value of one record.

    Attributes:
        id: str, the record's.
        text: str, the value folded: lower case, no accents, words apart by single blanks; digits only of a number.
        dob: str, ISO 8601, '' when not held.
        raw: str, the value as written.
    """

    id: str
    text: str
    dob: str
    raw: str


@dataclass(frozen=True, slots=True)
class Asked:
    """One query.

    Attributes:
        qid, type: str.
        text: str, folded as held values are.
        dob: str, ISO 8601, '' when not asked.
        raw: str, as written.
    """

    qid: str
    type: str
    text: str
    dob: str
    raw: str

    @property
    def field(self) -> str:
        """The field of a record it is held against."""
        return FIELD_OF[self.type]


Found = Iterable[tuple[str, float]]


def fold(text: str) -> str:
    """Return a text in lower case, without accents or apostrophes, words apart by single blanks."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LETTERS))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(_BREAKS.sub(" ", _MARKS.sub("", plain)).split())


def digits(number: str) -> str:
    """Return a telephone number's digits with the British country code written as 0."""
    found = re.sub(r"\D", "", number.lower().replace("o", "0").replace("(0)", ""))
    return re.sub(r"^(00)?44", "0", found)


def iso(date: str | None) -> str:
    """Return a date of birth, ISO or dd/mm/yyyy, as ISO 8601; '' for none."""
    return re.sub(r"^(\d\d)/(\d\d)/(\d{4})$", r"\3-\2-\1", date or "")


def read_held(path: Path, fields: Sequence[str] = FIELDS) -> dict[str, list[Held]]:
    """Read records.jsonl: for each of these fields, its values in file order."""
    found: dict[str, list[Held]] = {field: [] for field in fields}
    texts: dict[str, list[str]] = {}
    with path.open(encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            for field, values in found.items():
                if field == TEXTS:
                    texts.setdefault(record["id"], []).extend(_words_of(record))
                    continue
                clean = digits if field == "phones" else fold
                for raw in record[field]:
                    values.append(Held(record["id"], clean(raw), iso(record["dob"]), raw))
    for id_, parts in texts.items():
        text = " ".join(dict.fromkeys(parts))
        found[TEXTS].append(Held(id_, text, "", text))
    return found


def _words_of(record: Mapping[str, Any]) -> Iterator[str]:
    """Yield what one line of a record holds, folded; a date of birth as it is said, dd mm yyyy."""
    yield from map(fold, record["names"])
    if record["dob"]:
        yield " ".join(reversed(iso(record["dob"]).split("-")))
    yield from map(fold, record["addresses"])
    yield from map(digits, record["phones"])


def fields_of(asked: Iterable[Asked]) -> tuple[str, ...]:
    """Return the fields that queries are held against; a rival need index no others."""
    wanted = {query.field for query in asked}
    return tuple(field for field in (*FIELDS, TEXTS) if field in wanted)


def read_asked(path: Path) -> list[Asked]:
    """Read queries.jsonl; the right answers stay unread."""
    found = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if not line:
            continue
        query = json.loads(line)
        clean = digits if query["type"] == "phone" else fold
        dob = iso(query.get("dob")) if query["type"] == "name_dob" else ""
        found.append(Asked(query["qid"], query["type"], clean(query["text"]), dob, query["text"]))
    return found


def best(found: Found) -> list[tuple[str, float]]:
    """Return at most MOST distinct ids, each with its best score, best first."""
    scores: dict[str, float] = {}
    for id_, score in found:
        scores[id_] = max(score, scores.get(id_, score))
    return sorted(scores.items(), key=lambda each: -each[1])[:MOST]


def answered(queries: list[Asked], ask: Callable[[Asked], Found]) -> Iterator[dict[str, object]]:
    """Ask one query after another and time each; a few are asked before the clock counts."""
    for query in queries[:WARM_UP]:
        best(ask(query))
    for query in queries:
        start = time.perf_counter()
        hits = best(ask(query))
        yield {"qid": query.qid, "hits": hits, "seconds": time.perf_counter() - start}


def arguments() -> tuple[Path, Path, Path, str]:
    """Return the paths of the records, the queries and the folder to write to, and the way to work, '' for the usual."""
    records, queries, folder, *way = sys.argv[1:]
    return Path(records), Path(queries), Path(folder), "".join(way)


@dataclass(slots=True)
class Indexing:
    """What it took to index.

    Attributes:
        seconds: float >= 0, from reading the records to being ready to answer.
        bytes: int >= 0, on the disk; 0 where everything is held in memory.
    """

    seconds: float = 0.0
    bytes: int = 0


@contextmanager
def indexing() -> Iterator[Indexing]:
    """Lend what holds the time taken, counted until the end of the block."""
    told, start = Indexing(), time.perf_counter()
    yield told
    told.seconds = time.perf_counter() - start


def size_of(folder: Path) -> int:
    """Return the bytes of all files under a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def write(
    folder: Path,
    results: Iterable[dict[str, object]],
    *,
    packages: Iterable[str],
    note: str,
    threshold: float | None,
    indexed: Indexing | None = None,
    others: Mapping[str, str] | None = None,
) -> None:
    """Write results.jsonl, then about.json.

    Args:
        folder: made when it is not there.
        results: `qid`, `hits` as (id, score) best first, and `seconds` a query.
        packages: the distributions whose versions are worth knowing.
        note: how the tool was set up, in a sentence.
        threshold: the score at which its users usually take something for a match; None when they have no such score.
        indexed: what it took to index; None: not measured.
        others: versions of what is no distribution.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "results.jsonl").open("w", encoding="utf-8") as out:
        for result in results:
            out.write(json.dumps(result) + "\n")
    versions = {**{package: version(package) for package in packages}, **(others or {})}
    about: dict[str, object] = {"versions": versions, "note": note, "threshold": threshold}
    if indexed:
        about["indexed"] = {"seconds": round(indexed.seconds, 3), "bytes": indexed.bytes}
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
