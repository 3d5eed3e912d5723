"""`make bench-link N=1m`: invented heavy-tailed mentions linked; time by stage, peak memory, temporary disk, pairs.

A few people, switchboards and hospitals stand in thousands of mentions: the number of mentions of a person, and how often a
number or a place is used, fall off as a power. Nothing here is measured for how right it is: see `make figures AREA=linking`.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from discoverer.match.profiles import PersonProfile
from discoverer.settings import LINKING
from index.linking_model import load
from index.linking_types import Candidate
from index.progress import SilentProgress
from index.resolve import link
from index.stage_clock import StageClock

SIZES = {"10k": 10_000, "50k": 50_000, "100k": 100_000, "200k": 200_000, "1m": 1_000_000}
# What may be spent on one million.
SECONDS, MEMORY_MB, DISK_MB = 120, 4_000, 10_000
SYLLABLES = [
    "ab",
    "ad",
    "al",
    "an",
    "ar",
    "as",
    "ba",
    "be",
    "bi",
    "da",
    "de",
    "di",
    "el",
    "en",
    "er",
    "fa",
    "fe",
    "ga",
    "ha",
    "il",
    "in",
    "ja",
    "ka",
    "la",
    "le",
    "li",
    "ma",
    "mi",
    "na",
    "ni",
    "or",
    "ra",
    "sa",
    "ta",
    "va",
    "za",
]


def invented(size: int, seed: int = 5) -> Iterator[Candidate]:
    """Yield mentions: people met once or thousands of times, their numbers and homes, and places that all pass through."""
    dice = random.Random(seed)

    def name(parts: int) -> str:
        return "".join(dice.choice(SYLLABLES) for _ in range(parts))

    forenames = [name(2 + n % 2) for n in range(3_000)]
    surnames = [name(3) for _ in range(30_000)]
    number = 0
    while number < size:
        forename = forenames[int(len(forenames) * dice.random() ** 3)]
        surname = surnames[int(len(surnames) * dice.random() ** 3)]
        birth = f"{dice.randrange(1940, 2005)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
        home, phone = f"|{dice.randrange(200)}|{name(3)} test road", f"+447{dice.randrange(10**9):09}"
        area = f"b{dice.randrange(1, 99)}"
        for _ in range(min(int(dice.paretovariate(1.3)), 5_000)):
            through = int(dice.paretovariate(0.7))
            profile = PersonProfile(
                names=((forename, surname) if dice.random() < 0.94 else (forename, surname[:-1]),),
                births=(birth,) if dice.random() < 0.4 else (),
                phones=(phone if dice.random() < 0.8 else f"+44121496{through % 10_000:04}",)
                if dice.random() < 0.4
                else (),
                homes=(home if dice.random() < 0.9 else f"|hospital {through % 500}|test lane",)
                if dice.random() < 0.5
                else (),
                areas=(area,),
            )
            yield Candidate(number, "open", profile, tuple(f"{each}|{area}" for each in profile.homes))
            number += 1
            if number == size:
                return


@contextmanager
def temporary_disk() -> Iterator[list[int]]:
    """Lend a list whose one number becomes the most bytes that linking's temporary folders held."""
    most, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.5):
            held = 0
            for path in Path(tempfile.gettempdir()).glob("linking-*/**/*"):
                try:
                    held += path.stat().st_size
                except OSError:
                    continue  # gone meanwhile
            most[0] = max(most[0], held)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield most
    finally:
        done.set()
        watcher.join()


def main(size: str) -> None:
    """Link so many mentions and print what it took."""
    if size not in SIZES:
        sys.exit(f"There is no size '{size}'; choose one of {', '.join(SIZES)}.")
    start = time.perf_counter()
    people = list(invented(SIZES[size]))
    made = time.perf_counter() - start
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{len(people):,} mentions invented in {made:.0f} s, {before:,.0f} MB", flush=True)
    stages = StageClock(SilentProgress())
    with temporary_disk() as disk:
        start = time.perf_counter()
        linked = link(people, model=load(LINKING), progress=stages)
        stages.stop()
        took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    for stage, spent in stages.took.items():
        print(f"  {stage}: {spent.seconds:.1f} s")
    rules = Counter(f"{each.rule} ({each.level})" for each in linked.links)
    print(f"links: {', '.join(f'{rule} {count:,}' for rule, count in sorted(rules.items()))}")
    print(f"persons: {len(set(linked.cells.values())):,}")
    for what, got, most, unit in (
        ("time", took, SECONDS, "s"),
        ("peak memory, the mentions included", peak, MEMORY_MB, "MB"),
        ("temporary disk", disk[0] / 1e6, DISK_MB, "MB"),
    ):
        asked = f"asked at most {most:,} {unit}" if size == "1m" else ""
        print(f"{what}: {got:,.0f} {unit}  {asked}".rstrip())


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "1m")
