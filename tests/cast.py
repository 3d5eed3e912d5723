"""A small hand-written cast over four sources, for tests of searching: everyone in it is invented."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from adapters.base import RawRow
from adapters.checks import Checks
from discoverer.app import App
from discoverer.model import (
    GradeChange,
    Instant,
    Location,
    Marker,
    Order,
    Person,
    Phone,
    Record,
    RecordKind,
    Reference,
    RiskAssessment,
    RiskLevel,
    Role,
    Text,
    Visibility,
    WrittenId,
)
from discoverer.settings import LINKING, Settings
from index.build import build

AS_AT = "2014-11-16T02:00:00+00:00"


@dataclass
class Cast:
    """A source whose rows are records already."""

    name: str
    cast: Sequence[Record]
    version: str = "v1"
    checks: Checks = field(default_factory=Checks)

    def as_at(self) -> str:
        """Return when the source was taken."""
        return "2014-11-16T00:00:00Z"

    def rows(self) -> Iterator[RawRow]:
        """Yield one row a record."""
        for number, record in enumerate(self.cast):
            yield RawRow(f"{self.name}:{number}", {"NUMBER": str(number), "REF": record.ref})

    def records(self, row: RawRow) -> Iterator[Record]:
        """Return the record of a row."""
        yield self.cast[int(row.values["NUMBER"])]


def day(value: str) -> Instant:
    """Return a date."""
    return Instant(value, value)


def log(number: str, date: str, *, text: str = "", **parts: object) -> Record:
    """Make an incident log."""
    texts = (Text(text),) if text else ()
    return Record(
        "incidents", (number, date), RecordKind.INCIDENT, day(date),
        references=(Reference("log", f"{number}/{date}", own=True),), texts=texts, **parts,  # type: ignore[arg-type]
    )  # fmt: skip


def dash(ref: str, date: str, level: RiskLevel, victim: Person, suspect: Person, **parts: object) -> Record:
    """Make a domestic abuse record; the victim stands at position 0, the suspect at 1."""
    history = parts.pop("history", ())
    assessment = RiskAssessment(level, at=day(date), by="Sgt 1042", victim=0, suspect=1, history=history)  # type: ignore[arg-type]
    return Record(
        "domestic_abuse", (ref,), RecordKind.DOMESTIC_ABUSE, day(date), persons=(victim, suspect),
        assessments=(assessment,), **parts,  # type: ignore[arg-type]
    )  # fmt: skip


FLAT = Location(2, Role.HOME, "FLAT 2, 14 HILLAIRES TEST ROAD, ERDINGTON, BIRMINGHAM", "B23 6XX", holder=0)
SHABANA = Person(0, Role.VICTIM, ("SHABANA BIBI",), ("03/07/1989",))
ASIF = Person(1, Role.SUSPECT, ("MOHAMMED ASIF KHAN",), ("07/03/1985",), note="ex-partner")

INCIDENTS = [
    log(
        "2731", "2014-09-14", summary="concern for safety",
        text="INFT GIVES NAME AS SHABS. EX PARTNER ASIF KHAN POSS ON BAIL. CALLBACK 07700 900655. KNIFE IN THE KITCHEN",
        phones=(Phone(0, Role.CALLED_FROM, "07700900417"),),
        locations=(Location(1, Role.SCENE, "O/S SHELL GARAGE, SLADE TEST ROAD, ERDINGTON"),),
    ),
    log("88", "2014-09-02", summary="abandoned call", phones=(Phone(0, Role.CALLED_FROM, "07700 900417"),)),
    log(
        "12", "2012-01-05", summary="burglary",
        persons=(Person(0, Role.VICTIM, ("MOHAMMED ALI",), ("01/02/1990",)),),
        locations=(Location(1, Role.HOME, "FLAT 3, 14 HILLAIRES TEST ROAD, ERDINGTON", "B23 6XX", holder=0),),
    ),
    log(
        "13", "2012-01-06", summary="nuisance",
        persons=(Person(0, Role.CALLER, ("MOHAMMED ALI",), ("09/10/1962",)),),
        locations=(Location(1, Role.HOME, "14A HILLAIRES TEST ROAD, ERDINGTON", "B23 6XX", holder=0),),
    ),
    log("14", "2013-01-06", summary="noise", persons=(Person(0, Role.SUSPECT, ("UNKNOWN MALE",)),)),
    log("15", "2013-02-06", summary="noise", persons=(Person(0, Role.SUSPECT, ("Unknown Male",)),)),
    log(
        "16", "2013-05-06", summary="theft",
        persons=(Person(0, Role.VICTIM, ("Zbigniew Wrzeszczyński",)),),
        locations=(Location(1, Role.HOME, "14 HILLAIRES TEST ROAD, WEDNESBURY", "WS10 9QQ", holder=0),),
    ),
    log("17", "2013-06-06", persons=(Person(0, Role.VICTIM, ("Ryan Doyle",), ("04/05/2001",)),)),
    log("18", "2013-06-07", persons=(Person(0, Role.VICTIM, ("Ronan Doyle",), ("04/05/2001",)),)),
]  # fmt: skip

DOMESTIC_ABUSE = [
    dash(
        "DA/14/05512", "2014-09-03", RiskLevel.HIGH, SHABANA, ASIF,
        history=(GradeChange("medium", day("2014-09-02"), "PC 2207"), GradeChange("high", day("2014-09-03"), "Sgt 1042")),
        locations=(FLAT,), phones=(Phone(3, Role.OWN, "07700 900417", holder=0),),
    ),
    dash(
        "DA/13/00100", "2013-03-01", RiskLevel.STANDARD, SHABANA, ASIF,
        history=(GradeChange("high", day("2013-02-28"), "PC 1"), GradeChange("standard", day("2013-03-01"), "Sgt 1042")),
    ),
    dash(
        "DA/14/07000", "2014-10-01", RiskLevel.MEDIUM, Person(0, Role.VICTIM, ("Leanne Smith-Jones",), ("12/12/1991",)),
        Person(1, Role.SUSPECT, ("Carl Brand",)),
        locations=(Location(2, Role.HOME, "1 SAFE TEST LANE", "CV6 1AA", holder=0, visibility=Visibility.PROTECTED),),
        phones=(Phone(3, Role.OWN, "07700 900999", holder=0, visibility=Visibility.PROTECTED),),
    ),
]  # fmt: skip

CUSTODY = [
    Record(
        "custody", ("BE/2210/14",), RecordKind.CUSTODY, day("2014-09-05"), "assault, bailed",
        persons=(
            Person(
                0, Role.DETAINEE, ("ASIF KHAN", "MOHD ASIF"), ("03/07/1985",), identifiers=(WrittenId("pnc", "03/9900012C"),)
            ),
        ),
        orders=(
            Order("bail", day("2014-09-05"), day("2014-12-19"), 0, ("SHABANA BIBI",), ("NOT TO CONTACT SHABANA BIBI",)),
            Order("bail", day("2014-01-05"), day("2014-01-19"), 0, (), ("ENDED LONG AGO",)),
        ),
        markers=(Marker("WE", "weapons", day("2011-05-01"), None, "knife", 0), Marker("CO", "", day("2012-05-01"), None, "", 0)),
    ),
]  # fmt: skip

INTELLIGENCE = [
    Record(
        "intelligence", ("INT/14/0012345",), RecordKind.INTELLIGENCE, day("2014-08-29"),
        texts=(Text("Asif KHAN, known as ASI, uses 07700900655 and stays with his mother in Washwood Heath."),),
        persons=(Person(0, Role.SUBJECT, ("Asif KHAN", "ASI"), ("03/07/1985",)),),
        phones=(Phone(1, Role.OWN, "07700900655", holder=0),),
    ),
]  # fmt: skip

SOURCES = {
    "incidents": INCIDENTS,
    "domestic_abuse": DOMESTIC_ABUSE,
    "custody": CUSTODY,
    "intelligence": INTELLIGENCE,
}


def by_source(records: Iterable[Record]) -> dict[str, list[Record]]:
    """Return records under the names of their sources."""
    sources: dict[str, list[Record]] = {}
    for record in records:
        sources.setdefault(record.source, []).append(record)
    return sources


def make_app(state: Path, sources: dict[str, list[Record]] | None = None, linking: str = LINKING) -> App:
    """Build the cast under `state`, people linked as `linking` says, and return an app that searches it."""
    cast = SOURCES if sources is None else sources
    settings = Settings(
        state_dir=state, sources_dir=state, sources=tuple(cast), as_at=datetime.fromisoformat(AS_AT), linking=linking
    )
    build(settings, [Cast(name, records) for name, records in cast.items()])
    return App(settings)
