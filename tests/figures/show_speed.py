"""`python -m tests.figures.show_speed`: how long a person of so many records takes to show; asked for: under 200 ms."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median

from discoverer.access import DEMO_VIEWER
from discoverer.answer import HitKind
from discoverer.clock import seconds
from discoverer.model import GradeChange, Location, Person, Phone, Record, RiskLevel, Role
from tests.cast import dash, log, make_app

COUNTS = (20, 200, 2_000)
TIMES = 15
FORMS = 50  # one form to so many logs: of every size a like share weighs
PERSON = "incidents:0/1994-01-01#0"


def story(count: int) -> list[Record]:
    """Return so many logs of one victim over twenty years, with suspects, neighbours, homes and numbers that change."""
    her = Person(0, Role.VICTIM, ("HOLLY MANYFOLD",), ("01/02/1980",))
    made = []
    for n in range(count):
        date = f"{1994 + n * 20 // count}-{n % 12 + 1:02d}-{n % 28 + 1:02d}" if n else "1994-01-01"
        him = Person(1, Role.SUSPECT, (f"CARL BRANDRETH{'ABCD'[n * 4 // count]}",), ("03/04/1978",))
        by = Person(2, Role.CALLER, (f"NEIGHBOUR{n % 40} WITNESSED",))
        door = Location(3, Role.HOME, f"{5 + n * 6 // count} MANYFOLD TEST ROAD, ERDINGTON", "B23 6XX", holder=0)
        phone = Phone(4, Role.OWN, f"07700 90{410 + n * 8 // count:04d}", holder=0)
        text = "EX PARTNER BACK AT THE DOOR, HE HAS A KNIFE. CHILDREN UPSTAIRS. PREV LOGS THIS ADDRESS. " * 4
        made.append(log(str(n), date, persons=(her, him, by), locations=(door,), phones=(phone,), text=text))
    return made


def forms(count: int) -> list[Record]:
    """Return the risk assessments of that story."""
    her = Person(0, Role.VICTIM, ("HOLLY MANYFOLD",), ("01/02/1980",))
    him = Person(1, Role.SUSPECT, ("CARL BRANDRETHA",), ("03/04/1978",))
    history = (GradeChange("medium"), GradeChange("high"))
    made = [
        dash(f"DA/{n}", f"{1995 + n % 19}-06-01", RiskLevel.HIGH, her, him, history=history)
        for n in range(max(1, count // FORMS))
    ]
    return [replace(form, notes=(("safe contact", "Text first"),)) for form in made]


def timed(work: Callable[[], object]) -> list[float]:
    """Return how long several runs take, in milliseconds, the shortest first."""
    took = []
    for _ in range(TIMES):
        began = seconds()
        work()
        took.append((seconds() - began) * 1000)
    return sorted(took)


def main() -> None:
    """Print one line for each size."""
    with tempfile.TemporaryDirectory() as folder:
        for count in COUNTS:
            sources = {"incidents": story(count), "domestic_abuse": forms(count)}
            with make_app(Path(folder) / str(count), sources) as app:
                shown = app.show(DEMO_VIEWER, HitKind.PERSON, PERSON).hit
                if shown.records_total < count:
                    sys.exit(f"The person holds {shown.records_total} records of {count}.")
                took = timed(lambda: app.show(DEMO_VIEWER, HitKind.PERSON, PERSON))
                whole = timed(lambda: app.show(DEMO_VIEWER, HitKind.PERSON, PERSON, whole=True))
                print(
                    f"{shown.records_total:,} records: median {median(took):.0f} ms, slowest {took[-1]:.0f} ms;"
                    f" with --all median {median(whole):.0f} ms"
                )


if __name__ == "__main__":
    main()
