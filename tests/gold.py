"""The gold set: hand-written cases in `fixtures/cases/*.toml`, read, checked, indexed together, asked and judged.

The format is described in `fixtures/cases/README.md`. All cases stand in one index beside the small generated set, so
that how rare a name is has a meaning; what a case holds is judged by that case alone.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from discoverer.access import DEMO_VIEWER
from discoverer.answer import Hit
from discoverer.app import MOST_HITS, App
from discoverer.errors import UsageError
from discoverer.settings import load
from index.progress import SilentProgress

CASES = Path(__file__).resolve().parent.parent / "fixtures" / "cases"
SMALL = CASES.parent / "small"
LEVELS = ("none", "possible", "probable", "confirmed")
"""Least sure first; 'none' is not shown at all."""
ASKED = frozenset({"box", "name", "dob", "address", "phone", "id"})
HELD = frozenset({"name", "dob", "age", "sex", "address", "postcode", "phone", "pnc", "cro", "asn", "id", "text"})
KINDS = frozenset({"person", "location", "phone", "event", "any"})
SOURCE = "cases"
MAPPING = f"""[source]
name = "{SOURCE}"
kind = "jsonl"
path = "../cases.jsonl"
key = ["ref"]
optional = {json.dumps(sorted(HELD))}
[fields]
""" + "".join(f'{column} = "{column}"\n' for column in sorted(HELD))

Person = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """One case, as its file says; see `fixtures/cases/README.md` for what each key means."""

    id: str
    rule: str
    ask: Mapping[str, str]
    decoys: tuple[Person, ...]
    why: str
    held: Person | None = None
    kind: str = ""
    least: str = "possible"
    most: str = "confirmed"
    within: int = 10
    decoys_most: str = "possible"
    before_decoys: bool = True
    known_miss: str = ""

    @property
    def judged(self) -> str:
        """The kind of hit that is judged: people when one is asked for, else any."""
        return self.kind or ("person" if {"name", "dob"} & set(self.ask) else "any")

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the records of the case, the one that must be found first."""
        if self.held is not None:
            yield {"ref": f"{self.id}/held", **self.held}
        for number, decoy in enumerate(self.decoys, 1):
            yield {"ref": f"{self.id}/decoy-{number}", **decoy}


def problems_of(raw: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong with one case, as its file says it."""
    known = {field.name for field in fields(Case)}
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", raw.get("id", "")):
        yield "the id is not small letters, digits and hyphens"
    missing = {"id", "rule", "ask", "decoys", "why"} - {key for key, value in raw.items() if value}
    if missing:
        yield f"has no {', '.join(sorted(missing))}"
    if unknown := set(raw) - known:
        yield f"unknown keys: {', '.join(sorted(unknown))}"
    for part, allowed in [("ask", ASKED), ("held", HELD)]:
        if wrong := set(raw.get(part) or ()) - allowed:
            yield f"unknown in {part}: {', '.join(sorted(wrong))}"
    for decoy in raw.get("decoys", ()):
        if not decoy or set(decoy) - HELD:
            yield f"a decoy of it is empty or has unknown keys: {', '.join(sorted(set(decoy) - HELD))}"
    for person in (raw.get("ask") or {}, raw.get("held") or {}, *raw.get("decoys", ())):
        values = [text for value in person.values() for text in (value if isinstance(value, list) else [value])]
        if not all(isinstance(text, str) and text for text in values):
            yield "a value of it is neither a text nor a list of texts"
    for key in ("least", "most", "decoys_most"):
        if raw.get(key, "possible") not in LEVELS:
            yield f"{key} is no level"
    if raw.get("kind", "any") not in KINDS:
        yield "kind is no kind"
    if "held" not in raw and {"least", "most", "within", "before_decoys"} & set(raw):
        yield "speaks of a record that must be found and holds none"


@cache
def read_cases() -> tuple[tuple[Case, ...], tuple[str, ...]]:
    """Return the cases of every file and what is wrong with the files; a case that is wrong is left out."""
    cases: dict[str, Case] = {}
    problems = []
    for path in sorted(CASES.glob("*.toml")):
        try:
            file = tomllib.loads(path.read_text(encoding="utf-8"))
        except tomllib.TOMLDecodeError as error:
            problems.append(f"{path.name}: {error}")
            continue
        if set(file) != {"about", "case"}:
            problems.append(f"{path.name}: needs 'about' and cases, and nothing else")
        for raw in file.get("case", ()):
            where = f"{path.name}: {raw.get('id', 'a case without id')}"
            wrong = list(problems_of(raw)) + ["the id stands twice"] * (raw.get("id") in cases)
            problems += [f"{where} {each}" for each in wrong]
            if not wrong:
                cases[raw["id"]] = Case(**{**raw, "decoys": tuple(raw["decoys"])})
    return tuple(cases.values()), tuple(problems)


def build(folder: Path) -> App:
    """Index all cases together with the small generated set under an empty folder."""
    shutil.copytree(SMALL, folder / "set", ignore=shutil.ignore_patterns("state"))
    rows = [row for case in read_cases()[0] for row in case.rows()]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "set" / "cases.jsonl").write_text(lines, encoding="utf-8")
    (folder / "set" / "sources" / f"{SOURCE}.toml").write_text(MAPPING, encoding="utf-8")
    settings = load(folder / "set" / "discoverer.toml")
    # The cases say how one record is found and weighed: what else is known of its person must not help it.
    changed = {"sources": (*settings.sources, SOURCE), "state_dir": folder / "state", "linking": "exact"}
    app = App(settings.model_copy(update=changed))
    app.build(SilentProgress())
    return app


def ask(app: App, case: Case) -> tuple[tuple[Hit, ...], str]:
    """Return the hits of a case, best first, and the refusal where the question was refused ('' where not)."""
    try:
        if "box" in case.ask:
            return app.search(DEMO_VIEWER, case.ask["box"], MOST_HITS).hits, ""
        named = {"ident" if key == "id" else key: value for key, value in case.ask.items()}
        return app.search_fields(DEMO_VIEWER, MOST_HITS, **named).hits, ""
    except UsageError as refused:
        return (), refused.message


def judge(case: Case, hits: tuple[Hit, ...]) -> list[str]:
    """Return every way in which an answer is not what a case demands; [] when it passes."""
    judged = [(_refs(hit), hit.level) for hit in hits if case.judged in ("any", hit.kind.value)]
    held, decoys = f"{case.id}/held", {f"{case.id}/decoy-{number}" for number in range(1, len(case.decoys) + 1)}
    wrong = []
    for refs, level in judged:
        shown = sorted(decoys.intersection(refs))
        if shown and LEVELS.index(level) > LEVELS.index(case.decoys_most):
            wrong.append(f"{', '.join(shown)} stands in a {level} hit, wanted at most {case.decoys_most}")
        if shown and held in refs:
            wrong.append(f"held and {', '.join(shown)} stand in one hit")
    if case.held is not None:
        wrong += _judge_held(case, held, decoys, judged, _order(hits))
    return wrong


def _judge_held(
    case: Case, held: str, decoys: set[str], judged: list[tuple[list[str], str]], order: list[str]
) -> Iterator[str]:
    """Yield what is wrong with how the record that must be found stands."""
    levels = [level for refs, level in judged if held in refs]
    if not levels:
        yield f"held is not found, wanted at least {case.least}"
        return
    best = max(levels, key=LEVELS.index)
    if not LEVELS.index(case.least) <= LEVELS.index(best) <= LEVELS.index(case.most):
        yield f"held is {best}, wanted {case.least} to {case.most}"
    if order.index(held) >= case.within:
        yield f"held is record {order.index(held) + 1}, wanted within {case.within}"
    first = next(place for place, (refs, _) in enumerate(judged) if held in refs)
    ahead = sorted({ref for refs, _ in judged[:first] for ref in refs if ref in decoys})
    if case.before_decoys and ahead:
        yield f"{', '.join(ahead)} stands before held"


def _refs(hit: Hit) -> list[str]:
    """Return the case records of a hit."""
    return [record.ref for record in hit.records if record.source == SOURCE]


def _order(hits: tuple[Hit, ...]) -> list[str]:
    """Return the distinct records in hit order, then record order: those of cases by reference, others qualified."""
    refs = (
        record.ref if record.source == SOURCE else f"{record.source}:{record.ref}"
        for hit in hits
        for record in hit.records
    )
    return list(dict.fromkeys(refs))


def told(case: Case, hits: tuple[Hit, ...], refused: str, shown: int = 12) -> str:
    """Return a case and its answer for a person to read: what was asked, wanted, and came back."""
    lines = [f"{case.id} ({case.rule}): {case.why}", f"asked {dict(case.ask)}", f"held {case.held}"]
    lines += [f"decoy-{number} {decoy}" for number, decoy in enumerate(case.decoys, 1)]
    if refused:
        lines.append(f"refused: {refused}")
    for hit in hits[:shown]:
        lines.append(f"  {hit.kind.value} {hit.level} {hit.score} {hit.label}: {', '.join(_refs(hit)) or 'others'}")
        if any(ref.startswith(f"{case.id}/") for ref in _refs(hit)):
            lines.append(f"      {'; '.join(hit.why)}")
    lines.append(f"  {len(hits)} hits in all")
    return "\n".join(lines)


def main() -> None:
    """Print the README's list of known misses as the case files say it, and every case that is marked wrongly.

    Run as `python -m tests.gold` after matching or the cases changed: a case that fails must become a known miss or
    be mended, and one that passes must no longer be called one.
    """
    cases, problems = read_cases()
    print(*problems, sep="\n")
    with tempfile.TemporaryDirectory() as folder, build(Path(folder)) as app:
        for case in cases:
            hits, refused = ask(app, case)
            wrong = judge(case, hits)
            if wrong and not case.known_miss:
                print("FAILS", *wrong, told(case, hits, refused), sep="\n")
            elif case.known_miss and not wrong:
                print(f"PASSES and is called a known miss: {case.id}")
    print("## Known misses\n")
    print(*(f"- `{case.id}` - {case.known_miss}" for case in cases if case.known_miss), sep="\n")


if __name__ == "__main__":
    main()
