"""How well people are linked: the persons of a build against the truth of the generated set it is of.

Two mentions of one real person are a pair to be found; two of different people in one person are a false one. The exact
rules' part of the links is measured beside all of them, and twins and namesakes of one house are counted apart.
"""

from __future__ import annotations

import stat
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from discoverer.codec import decoder, encode
from discoverer.errors import UsageError
from discoverer.evaluation.labelled import opened
from discoverer.match.similarity import likeness
from discoverer.model import Record
from discoverer.normalise.text import words
from index.linking_exact import RULES
from index.linking_facts import Components, Facts
from index.people import MentionRow
from index.progress import Progress
from index.reader import Reader

TRUTH = "truth.jsonl"
LEGEND = (
    "",
    "mentions in fields   people named in fields of records; names in running text are not measured",
    "precision            of the pairs of mentions put together as one person, the share that are one person",
    "recall               of the pairs that belong together, the share put together; mentions that say who is meant",
    "all mentions         the same of every mention, those too that say too little",
    "false pairs          pairs put together that are of two people",
    "twins, father and son    two people of one house put together: twins; two of one name and other dates of birth",
    "all links, exact rules   everything that joins people; what the four exact rules alone would join",
)
"""What the words of the table mean."""
_line = decoder(dict[str, Any])
# A person mention of a field, its names as cleaned, and its record.
_Mention = tuple[MentionRow, tuple[tuple[str, ...], ...], Record]
# What a line of the truth must hold, each in words.
_NEEDED = ("source", "ref", "kind", "where", "written")
# What it says of a person, and leaves out where there is nothing to say.
_OF_PERSON = ("person", "household", "name", "born", "twin_of", "other_names")
# Share of the labels of a build's sources that must fit a mention of it: labels of other records fit hardly any, and
# those of the right ones nearly all but what is closed.
LEAST_FITTING = 0.5


@dataclass(frozen=True, slots=True)
class Meant:
    """Who one mention really is of.

    Attributes:
        person: str, '' for nobody real.
        linkable: bool, anyone could tell who is meant.
        household, name, born, twin: str, of that person.
    """

    person: str
    linkable: bool
    household: str
    name: str
    born: str
    twin: str


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of mentions put together, against those that belong together.

    Attributes:
        precision: float 0 to 1, of the pairs put together; 1.0 when there are none.
        recall: float 0 to 1, of the pairs that belong together.
        false: int, pairs put together wrongly.
        together, wanted: int, pairs put together, and pairs that belong together.
    """

    precision: float
    recall: float
    false: int
    together: int
    wanted: int


def pairwise(put: Mapping[int, Hashable], truth: Mapping[int, Hashable]) -> Pairs:
    """Compare a grouping with the truth, pair by pair.

    Args:
        put: item -> the group it was put in.
        truth: the same items -> the group it is of; '' for one that belongs with no other.
    """
    together = _pairs_in(put[item] for item in truth)
    real = [item for item, group in truth.items() if group]
    wanted = _pairs_in(truth[item] for item in real)
    right = _pairs_in((put[item], truth[item]) for item in real)
    return Pairs(
        right / together if together else 1.0, right / wanted if wanted else 1.0, together - right, together, wanted
    )


def _pairs_in(groups: Iterable[Hashable]) -> int:
    """Count the pairs within groups."""
    return sum(count * (count - 1) // 2 for count in Counter(groups).values())


def measure_linking(folder: Path, progress: Progress, state: Path | None = None) -> dict[str, object]:
    """Build a generated set, as its settings say, and measure how its people are linked.

    Args:
        folder: of a generated set, with truth.jsonl.
        progress: told of the build.
        state: where the index is kept; None: see labelled.opened.

    Returns:
        precision, recall (over mentions that the truth calls linkable), recall_all, false pairs, and how many twins and
        namesakes were put together: of all links, and under 'exact' of the exact rules' alone; and the version of the
        weights the measured build was linked by, beside the one that the settings name.

    Raises:
        UsageError: the folder has no truth.
    """
    if not (folder / TRUTH).exists():
        raise UsageError(f"{folder} has no {TRUTH}; linking is measured on a generated set.")
    with opened(folder, progress, state) as found:
        with found.app.everything() as (reader, version):
            meant = dict(_meant(_mentions(reader), _labels(folder / TRUTH)))
            links = reader.links()
            configured = found.app.settings.linking
        everything = _figures(_grouped(meant, ((a, b) for a, b, _ in links)), meant)
        exact = _figures(_grouped(meant, ((a, b) for a, b, rule in links if rule in RULES)), meant)
        return {"set": found.name, "linking": version, "configured": configured, **everything, "exact": exact}


def _grouped(meant: Mapping[int, Meant], links: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return mention -> its component over the links."""
    components = Components()
    for number in sorted(meant):
        components.add(number, Facts())
    for first, second in links:
        if first in meant and second in meant:
            components.join(first, second)
    return {number: components.root(number) for number in meant}


def _figures(put: Mapping[int, int], meant: Mapping[int, Meant]) -> dict[str, object]:
    """Return the figures of one grouping."""
    linkable = pairwise(put, {number: each.person for number, each in meant.items() if each.linkable})
    overall = pairwise(put, {number: each.person for number, each in meant.items()})
    twins, namesakes = _look_alikes(put, meant)
    return {
        "precision": round(overall.precision, 5),
        "recall": round(linkable.recall, 5),
        "recall_all": round(overall.recall, 5),
        "false_pairs": overall.false,
        "pairs": overall.together,
        "wanted": linkable.wanted,
        "mentions": len(meant),
        "twins_merged": twins,
        "namesakes_merged": namesakes,
    }


def _look_alikes(put: Mapping[int, int], meant: Mapping[int, Meant]) -> tuple[int, int]:
    """Count the pairs of twins, and of two of one name and house, of whom mentions stand together."""
    together: dict[int, dict[str, Meant]] = defaultdict(dict)
    for number, group in put.items():
        if meant[number].person:
            together[group][meant[number].person] = meant[number]
    twins, namesakes = set(), set()
    for people in together.values():
        for one in people.values():
            for other in people.values():
                if one.person < other.person and one.household == other.household:
                    pair = (one.person, other.person)
                    if one.twin == other.person:
                        twins.add(pair)
                    elif _called(one) == _called(other) and one.born != other.born:
                        namesakes.add(pair)
    return len(twins), len(namesakes)


def _called(who: Meant) -> tuple[str, ...]:
    """Return somebody's first and last name."""
    names = words(who.name)
    return (names[0], names[-1]) if names else ()


def _labels(truth: Path) -> dict[str, list[dict[str, Any]]]:
    """Return the lines of the truth that are of person mentions in fields, by 'source:ref' of their record."""
    lines: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for held in _lines_of(truth):
        if held["kind"] == "person" and held["where"] == "field":
            lines[f"{held['source']}:{held['ref']}"].append(held)
    return lines


def _mentions(reader: Reader) -> list[_Mention]:
    """Return every person mention of a field with its names and its record."""
    rows = reader.people_in_fields()
    records = reader.records({(row.segment, row.n) for row, _ in rows})
    return [(row, names, records[row.segment, row.n]) for row, names in rows]


def _meant(
    mentions: Iterable[_Mention],
    lines: Mapping[str, list[dict[str, Any]]],
) -> Iterator[tuple[int, Meant]]:
    """Yield every person mention of a field with who is really meant, and take its label out of the lines.

    The truth names a mention by its record and what is written there; where one field holds two people, or a record
    the same words twice, the mention is of whose name it has most of.
    """
    for row, names, record in mentions:
        waiting = lines.get(f"{record.source}:{record.ref}", [])
        written = {*row.label.split(" / "), row.label}
        fits = [held for held in waiting if held["written"] in written] or _same_words(waiting, written)
        if fits:
            tokens = {token for name in names for token in name}
            best = max(fits, key=lambda held: _in_common(tokens, words(_all_names(held))))
            waiting.remove(best)
            yield row.m, _who(best)


def read_meant(reader: Reader, truth: Path) -> dict[int, Meant]:
    """Return who is really meant by the person mentions of fields that a reader may see.

    Args:
        reader: of the build that the truth is of.
        truth: a truth.jsonl, as the generator writes it.

    Raises:
        UsageError: there is no such file, or it cannot be read (the sentence names the line); or its labels fit none or
            few of the mentions, as those of another set do.
    """
    lines = _labels(truth)
    mentions = _mentions(reader)
    sources = {record.source for _, _, record in mentions}
    labels = sum(len(held) for held in lines.values() if held and held[0]["source"] in sources)
    meant = dict(_meant(mentions, lines))
    if not meant or len(meant) < LEAST_FITTING * labels:
        fit = f"only {len(meant):,} of the {labels:,} labels" if meant else "none of the labels"
        raise UsageError(
            f"{fit} in {truth} fit any of the {len(mentions):,} mentions of people in fields of the live build, so it"
            " is the truth of other records; name that of the sources this build was made from."
        )
    return meant


def figures_under(cells: Mapping[int, int], meant: Mapping[int, Meant]) -> dict[str, object]:
    """Return the figures of mentions as they are linked.

    Args:
        cells: mention -> its person; one that is not in it stands alone.
        meant: mention -> who is really meant.
    """
    return _figures({number: cells.get(number, -number) for number in meant}, meant)


def _lines_of(truth: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines of the truth. Raises UsageError: it cannot be read."""
    data = _bytes_of(truth)
    for number, line in enumerate(data.splitlines(), 1):
        if not line.strip():
            continue
        try:
            held = _line(line)
        except ValueError:
            raise UsageError(f"line {number} of {truth} is not a JSON object; mend it.") from None
        except RecursionError:
            raise UsageError(f"line {number} of {truth} is nested too deeply to be read; mend it.") from None
        odd = [name for name in _NEEDED if not isinstance(held.get(name), str)]
        odd += [name for name in _OF_PERSON if not isinstance(held.get(name, ""), str)]
        if odd or not isinstance(held.get("linkable", False), bool):
            wrong = ", ".join(f"'{name}'" for name in odd) or "'linkable'"
            raise UsageError(
                f"line {number} of {truth} does not say {wrong} as fixtures/FORMATS.md describes; mend it."
            )
        yield held


def _bytes_of(truth: Path) -> bytes:
    """Return what the truth holds. Raises UsageError: it is not there, cannot be read, or is no file with an end."""
    try:
        mode = truth.stat().st_mode
        if not stat.S_ISREG(mode):
            kind = "a folder" if stat.S_ISDIR(mode) else "a device, a pipe or a socket"
            raise UsageError(f"{truth} is {kind}; name a file, a truth.jsonl as the generator writes it.")
        return truth.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"there is no {truth}; --truth names a truth.jsonl as the generator writes it.") from None
    except PermissionError as error:
        raise UsageError(f"{truth} cannot be read ({error.strerror}); check its permissions.") from None
    except OSError as error:
        raise UsageError(f"{truth} cannot be read ({error.strerror}); check the path.") from None


def _in_common(written: Iterable[str], real: Sequence[str]) -> float:
    """Return how much of a name is written, each token as the one it is most like: names are misspelt here."""
    return sum(max((likeness(token, name).degree for name in real), default=0.0) for token in written)


def _same_words(waiting: Sequence[dict[str, Any]], written: Iterable[str]) -> list[dict[str, Any]]:
    """Return the lines that hold the same words, whatever stands between them."""
    wanted = [sorted(words(each)) for each in written]
    return [held for held in waiting if sorted(words(held["written"])) in wanted]


def _all_names(held: Mapping[str, Any]) -> str:
    return f"{held.get('name', '')} {held.get('other_names', '')}"


def _who(held: Mapping[str, Any]) -> Meant:
    wanted = ("household", "name", "born", "twin_of")
    return Meant(held.get("person", ""), bool(held.get("linkable", False)), *(str(held.get(key, "")) for key in wanted))


def lines(figures: Mapping[str, Any]) -> Iterator[str]:
    """Yield the figures as lines for people to read."""
    yield f"linking of {figures['set']}, built with {figures['linking']}, {figures['mentions']:,} mentions in fields"
    if figures["configured"] != figures["linking"]:
        yield (
            f"  NOTE the settings say {figures['configured']}: this is the index as it was built, with "
            f"{figures['linking']}; build again, or remove its state, to measure {figures['configured']}"
        )
    for name, table in (("all links", figures), ("exact rules", figures["exact"])):
        yield (
            f"  {name:<12} precision {table['precision']:.4f}  recall {table['recall']:.4f}"
            f" (all mentions {table['recall_all']:.4f})  false pairs {table['false_pairs']:,}"
            f"  twins {table['twins_merged']}  father and son {table['namesakes_merged']}"
        )
    yield from LEGEND


def as_json(figures: Mapping[str, object]) -> bytes:
    """Return the figures as JSON for programs."""
    return encode(dict(figures))
