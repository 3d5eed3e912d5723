"""The files rivals speak, and what all of them are given alike; standard library only, as every environment has that.

A record may stand on several lines, one a person it names; its id is what counts, with its best score.
"""

from __future__ import annotations

import json
import re
import sys
import time
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

# How many records a rival gives at most; recall is counted to ten.
MOST = 20
WARM_UP = 5
FIELD_OF = {
    "phone": "phones",
    "address": "addresses",
    "address_nopc": "addresses",
    "name": "names",
    "name_dob": "names",
}
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


def read_held(path: Path) -> dict[str, list[Held]]:
    """Read records.jsonl: for each field, its values in file order."""
    found: dict[str, list[Held]] = {"names": [], "addresses": [], "phones": []}
    for line in path.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        for field, values in found.items():
            clean = digits if field == "phones" else fold
            for raw in record[field]:
                values.append(Held(record["id"], clean(raw), iso(record["dob"]), raw))
    return found


def read_asked(path: Path) -> list[Asked]:
    """Read queries.jsonl; the right answers stay unread."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
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


def write(
    folder: Path, results: Iterable[dict[str, object]], *, packages: Iterable[str], note: str, threshold: float | None
) -> None:
    """Write results.jsonl, then about.json.

    Args:
        folder: made when it is not there.
        results: `qid`, `hits` as (id, score) best first, and `seconds` a query.
        packages: the distributions whose versions are worth knowing.
        note: how the tool was set up, in a sentence.
        threshold: the score at which its users usually take something for a match; None when they have no such score.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "results.jsonl").open("w", encoding="utf-8") as out:
        for result in results:
            out.write(json.dumps(result) + "\n")
    versions = {package: version(package) for package in packages}
    about = {"versions": versions, "note": note, "threshold": threshold}
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")
