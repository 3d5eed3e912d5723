"""The table of roles in the README is what each role's searches of the invented sources show."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.registry import load_adapters
from discoverer.access import Viewer
from discoverer.access_rules import SHIPPED, May, Role, read_access
from discoverer.app import App
from discoverer.errors import NotPermitted
from discoverer.settings import EXACT, AccessSettings, load
from index.build import build
from index.live import LiveIndex
from index.reader import Reader, Scope
from tests.conftest import SMALL

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
# A safe address, written in the form of DA/18/00143 alone; a report handled C, by its reference; a victim.
SAFE, HANDLED, VICTIM = "1 hidden test lane, moseley", "INT/09/0001616", "amina yusuf"


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    settings = load(SMALL / "discoverer.toml").model_copy(
        update={
            "state_dir": tmp_path_factory.mktemp("roles") / "state", "linking": EXACT, "workers": 1,
            "sources": ("domestic_abuse", "intelligence"), "access": AccessSettings(rules=SHIPPED),
        }
    )  # fmt: skip
    build(settings, load_adapters(settings))
    with App(settings) as made:
        yield made


def _records(app: App, role: Role) -> Counter[str]:
    """Count the records that a role reads, by source."""
    live = LiveIndex(app.settings.state_dir)
    with live.reading() as index:
        reader = Reader(index, Scope(role.labels))
        found = Counter(record.source for _, record in reader.every_record()) if role.labels else Counter[str]()
    live.close()
    return found


def _shown(app: App, viewer: Viewer, asked: str) -> str:
    """Say what the first hit of a search is, where it is what was asked for."""
    try:
        found = app.search(viewer, asked).hits
    except NotPermitted:
        return "refused"
    if not found or found[0].level not in ("confirmed", "probable"):
        return "nothing"
    return "whom to ask" if "held and not shown" in found[0].label else "shown"


def _row(app: App, role: Role) -> list[str]:
    """Return the cells of one role."""
    viewer = Viewer("somebody", role.name, log="1784/2018-09-03")
    records = _records(app, role)
    counted = f"{records['domestic_abuse']} and {records['intelligence']}" if role.labels else "none"
    name = _shown(app, viewer, VICTIM)
    if May.SEARCH in role.may:
        hits = app.search(viewer, VICTIM).hits
        name = f"{len(hits)} hits{', pseudonyms' if hits[0].label.startswith('Person ') else ''}"
    return [
        f"`{role.name}`", ", ".join(role.reads) or "nothing", role.reason, counted, name, _shown(app, viewer, SAFE),
        _shown(app, viewer, HANDLED),
    ]  # fmt: skip


def test_the_table_of_roles_is_what_their_searches_show(app: App) -> None:
    section = README.partition("\n## Who may see what\n")[2].partition("\n## ")[0]
    lines = re.findall(r"^\| (`.*) \|$", section, re.M)
    made = [_row(app, role) for role in read_access().role]
    assert [[cell.strip() for cell in line.split(" | ")] for line in lines] == made, "\n".join(
        f"| {' | '.join(row)} |" for row in made
    )
