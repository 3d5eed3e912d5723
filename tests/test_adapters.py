"""The four mappings against the committed sources: nothing rejected, nothing lost, and drift noticed."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from adapters.base import Adapter, RawRow, TracksChanges
from adapters.checks import Checks, Tally, check_ratio
from adapters.contract import check_adapter
from adapters.registry import load_adapter, load_adapters
from discoverer.errors import CheckFailed, ConfigError, RowRejected, SchemaDrift, SourceUnavailable
from discoverer.model import Location, Person, Phone, Record, RiskLevel, Role, Visibility
from discoverer.settings import Settings
from tests import tiny_sources as tiny

ROOT = Path(__file__).parent.parent
SOURCES = ("incidents", "intelligence", "domestic_abuse", "custody")


def copy_of_small(folder: Path) -> Path:
    """Copy the committed sources, with the mappings as they stand in adapters/sources."""
    out = folder / "small"
    shutil.copytree(ROOT / "fixtures" / "small", out)
    for name in SOURCES:
        shutil.copyfile(ROOT / "adapters" / "sources" / f"{name}.toml", out / "sources" / f"{name}.toml")
    return out


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_small(tmp_path_factory.mktemp("sources"))


@pytest.fixture(scope="module")
def records(small: Path) -> dict[tuple[str, str], Record]:
    made = {}
    for name in SOURCES:
        for record in tiny.believed(load_adapter(small / "sources" / f"{name}.toml")):
            made[name, record.ref] = record
    return made


@pytest.mark.parametrize("name", SOURCES)
def test_every_row_of_the_committed_sources_becomes_a_record(name: str, small: Path) -> None:
    planned = json.loads((small / "plan.json").read_text(encoding="utf-8"))["records"][name]
    made, rejects, tally = tiny.read_all(load_adapter(small / "sources" / f"{name}.toml"))
    assert rejects == []
    assert len({record.ref for record in made}) == tally.records == planned


@pytest.mark.parametrize("name", SOURCES)
def test_every_mapping_keeps_every_promise(name: str, small: Path) -> None:
    assert check_adapter(load_adapter(small / "sources" / f"{name}.toml")) == []


def test_every_mention_that_stands_in_a_field_is_in_its_record(
    small: Path, records: dict[tuple[str, str], Record]
) -> None:
    lost = []
    with (small / "truth.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            true = json.loads(line)
            record = records[true["source"], true["ref"]]
            wanted = (true["role"], true.get("visibility") or str(record.visibility))
            if true["where"] == "field" and wanted not in _said(record, true["kind"], true["written"]):
                lost.append(true)
    assert lost == []


def _said(record: Record, kind: str, written: str) -> set[tuple[str, str]]:
    """Return (role, visibility) of each mention of one kind that is written so."""
    found: list[Person | Location | Phone] = []
    if kind == "person":
        found += [person for person in record.persons if written in person.names]
    if kind == "location":
        found += [
            place for place in record.locations if written in (place.text, f"{place.text} {place.postcode}".strip())
        ]
    if kind == "phone":
        found += [phone for phone in record.phones if phone.text == written]
    return {(str(mention.role), str(mention.visibility)) for mention in found}


def _of(records: dict[tuple[str, str], Record], source: str) -> list[Record]:
    return [record for (name, _ref), record in records.items() if name == source]


def test_incident_logs_say_what_they_say(records: dict[tuple[str, str], Record]) -> None:
    logs = _of(records, "incidents")
    assert all(log.at and log.texts and log.grades for log in logs)
    assert all(
        code.word for log in logs for code in log.codes if code.codeset in ("opening", "closing", "qualifier", "grade")
    )
    for log in logs:
        number, day = log.key
        own = [reference.raw for reference in log.references if reference.own]
        assert own == [f"{number}/{day[8:10]}{day[5:7]}{day[2:4]}"]
        assert log.texts[0].at and log.at
        assert log.texts[0].at.value[:16] >= log.at.value[:16]


def test_intelligence_is_closed_by_its_handling_and_evaluation(records: dict[tuple[str, str], Record]) -> None:
    reports = _of(records, "intelligence")
    for report in reports:
        codes = {code.codeset: code for code in report.codes}
        closed = codes["handling"].code in {"4", "5", "C"} or codes["evaluation_information"].code in {"5", "E"}
        assert (report.visibility is Visibility.RESTRICTED) == closed
        assert codes["handling"].era in {"5x5x5", "3x5x2"}
        assert all(code.word for code in report.codes if code.codeset != "marking")
    assert {Visibility.OPEN, Visibility.RESTRICTED} == {report.visibility for report in reports}


def test_a_form_says_whose_risk_who_set_it_and_what_it_was(records: dict[tuple[str, str], Record]) -> None:
    forms = _of(records, "domestic_abuse")
    for form in forms:
        (assessment,) = form.assessments
        people = {person.position: person.role for person in form.persons}
        assert assessment.victim is not None and people[assessment.victim] is Role.VICTIM
        assert assessment.suspect is not None and people[assessment.suspect] is Role.SUSPECT
        assert assessment.history and assessment.by and assessment.at
        assert assessment.ticks == sum(answer == "yes" for _number, answer in assessment.answers)
    assert {RiskLevel.HIGH, RiskLevel.MEDIUM, RiskLevel.STANDARD} <= {form.assessments[0].level for form in forms}
    assert any(len(form.assessments[0].history) > 1 for form in forms)
    orders = [order for form in forms for order in form.orders]
    assert {order.kind for order in orders} >= {"non_molestation", "dvpo"}
    assert all(order.start and order.end and order.protects and order.subject is not None for order in orders)


def test_a_confidential_home_is_protected_and_nobody_elses_is(records: dict[tuple[str, str], Record]) -> None:
    secret = [form for form in _of(records, "domestic_abuse") if ("address confidential", "yes") in form.notes]
    assert secret
    for form in secret:
        roles = {person.position: person.role for person in form.persons}
        labels = [(place.holder, place.visibility) for place in form.locations]
        labels += [(phone.holder, phone.visibility) for phone in form.phones]
        for holder, visibility in labels:
            assert (visibility is Visibility.PROTECTED) == (holder is not None and roles[holder] is Role.VICTIM)


def test_custody_keeps_bail_with_whole_conditions_markers_and_other_names(
    records: dict[tuple[str, str], Record],
) -> None:
    stays = _of(records, "custody")
    bail = [order for stay in stays for order in stay.orders]
    assert bail and all(order.kind == "bail" and order.start and order.end and order.conditions for order in bail)
    assert any(len(condition) > 50 for order in bail for condition in order.conditions)
    markers = [marker for stay in stays for marker in stay.markers]
    assert {marker.word for marker in markers} >= {"violent", "weapons", ""}
    assert any(len(stay.persons[0].names) > 1 for stay in stays)
    assert {code.code for stay in stays for code in stay.codes if code.codeset == "da_flag"} == {"Y", "N"}


def test_material_above_the_marking_is_refused_and_not_kept(small: Path) -> None:
    adapter = load_adapter(small / "sources" / "intelligence.toml")
    row = next(iter(adapter.rows()))
    for marking in ("CONFIDENTIAL", "SECRET", "TOP SECRET", "", "UK EYES ONLY"):
        with pytest.raises(RowRejected) as caught:
            list(adapter.records(RawRow(row.where, {**row.values, "marking": marking})))
        assert (caught.value.column, caught.value.keep) == ("marking", False)


def _sql(file: str, *statements: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with sqlite3.connect(folder / file) as database:
            for statement in statements:
                database.execute(statement)
        database.close()

    return change


def _replaced(file: str, old: bytes, new: bytes, count: int = -1) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        for path in sorted(folder.glob(file)):
            path.write_bytes(path.read_bytes().replace(old, new, count))

    return change


@pytest.mark.parametrize(
    ("name", "change", "column"),
    [
        pytest.param(
            "incidents",
            _sql("incidents.sqlite", "ALTER TABLE log ADD COLUMN WARN_MARKER TEXT"),
            "WARN_MARKER",
            id="incidents, a column more",
        ),
        pytest.param(
            "incidents",
            _sql("incidents.sqlite", "ALTER TABLE log_person DROP COLUMN PHONE"),
            "PHONE",
            id="incidents, a column of a child table less",
        ),
        pytest.param(
            "domestic_abuse",
            _replaced("domestic_abuse/dash_forms.csv", b";NARRATIVE\r\n", b";NARRATIVE;OIC\r\n", 1),
            "OIC",
            id="domestic abuse, a column more",
        ),
        pytest.param(
            "domestic_abuse",
            _replaced("domestic_abuse/dash_grades.csv", b"SET_BY", b"SETTER", 1),
            "SET_BY",
            id="domestic abuse, a column renamed",
        ),
        pytest.param(
            "intelligence",
            _replaced("intelligence/*.xml", b"<marking>", b"<gpms/><marking>"),
            "gpms",
            id="intelligence, an element more",
        ),
        pytest.param(
            "intelligence",
            _replaced("intelligence/*.xml", b"marking>", b"level>"),
            "marking",
            id="intelligence, an element renamed",
        ),
        pytest.param("custody", _replaced("custody.txt", b"\r\nWM", b"\r\nXX"), "XX", id="custody, a record type more"),
    ],
)
def test_a_changed_system_stops_before_row_one(
    name: str, change: Callable[[Path], None], column: str, tmp_path: Path
) -> None:
    folder = copy_of_small(tmp_path)
    change(folder)
    drifted = load_adapter(folder / "sources" / f"{name}.toml")
    with pytest.raises(SchemaDrift, match=column) as caught:
        next(iter(drifted.rows()))
    assert caught.value.message.startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        pytest.param("incidents", "incidents.sqlite", id="incidents"),
        pytest.param("domestic_abuse", "domestic_abuse/dash_forms.csv", id="domestic abuse, the parent file"),
        pytest.param("domestic_abuse", "domestic_abuse/dash_people.csv", id="domestic abuse, a child file"),
        pytest.param("intelligence", "intelligence/*.xml", id="intelligence"),
        pytest.param("custody", "custody.txt", id="custody"),
    ],
)
@pytest.mark.parametrize("part", [0.0, 0.31, 0.5, 0.9, 0.999])
def test_a_source_cut_anywhere_is_not_believed(name: str, file: str, part: float, tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    path = sorted(folder.glob(file))[-1]
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[: min(int(size * part), size - 2)])  # more than the last line's end
    with pytest.raises((SourceUnavailable, CheckFailed, SchemaDrift)):
        tiny.believed(load_adapter(folder / "sources" / f"{name}.toml"))


def test_the_wrong_code_page_is_named_with_file_line_and_byte(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    _replaced("domestic_abuse/dash_people.csv", b" Road", b" R\xf3ad")(folder)
    mapping = folder / "sources" / "domestic_abuse.toml"
    mapping.write_text(mapping.read_text().replace('encoding = "cp1252"', 'encoding = "utf-8"'))
    with pytest.raises(SourceUnavailable, match=r"dash_\w+\.csv line \d+ byte \d+ \(0x..\) .* check 'encoding'"):
        tiny.believed(load_adapter(mapping))


# settings, checks, protocol ----------------------------------------------------------------------------------------


def _settings(folder: Path, *names: str) -> Settings:
    return Settings(state_dir=folder / "state", sources_dir=folder / "sources", sources=names)


def test_the_settings_name_the_sources_and_their_order(small: Path) -> None:
    loaded = load_adapters(_settings(small, "custody", "incidents"))
    assert [adapter.name for adapter in loaded] == ["custody", "incidents"]
    assert all(isinstance(adapter, Adapter) and isinstance(adapter, TracksChanges) for adapter in loaded)


def test_the_mistakes_of_every_mapping_are_reported_together(tmp_path: Path) -> None:
    folder = copy_of_small(tmp_path)
    for name, old, new in (
        ("custody", 'kind = "fixed"', 'kind = "fixd"'),
        ("incidents", 'name = "incidents"', 'name = "logs"'),
        ("intelligence", "[record]", "[recrod]"),
    ):
        path = folder / "sources" / f"{name}.toml"
        path.write_text(path.read_text().replace(old, new))
    with pytest.raises(ConfigError) as caught:
        load_adapters(_settings(folder, *SOURCES, "firearms"))
    for part in ("did you mean 'fixed'?", "settings call it 'incidents'", "did you mean 'record'?", "no such file"):
        assert part in caught.value.message


@pytest.mark.parametrize(
    ("checks", "tally", "says"),
    [
        pytest.param(Checks(), Tally(1, 0), "", id="one record is enough"),
        pytest.param(Checks(), Tally(0, 0), "0 records where at least 1", id="an empty source is not believable"),
        pytest.param(Checks(min_rows=40), Tally(39, 0), "min_rows", id="too few"),
        pytest.param(Checks(), Tally(99, 1), "", id="one reject in a hundred"),
        pytest.param(Checks(), Tally(98, 2), "2 of 100 rows were rejected (2.0%)", id="two rejects in a hundred"),
        pytest.param(Checks(fill={"dob": 0.6}), Tally(10, 0), "0.0% of its records have 'dob'", id="never filled"),
    ],
)
def test_a_reading_is_held_against_what_the_source_must_look_like(
    checks: Checks, tally: Tally, says: str, tmp_path: Path
) -> None:
    adapter = tiny.lines(tmp_path)
    adapter.checks = checks
    if not says:
        check_ratio(adapter, tally)
        return
    with pytest.raises(CheckFailed) as caught:
        check_ratio(adapter, tally)
    assert says in caught.value.message


@pytest.mark.parametrize(("least", "believable"), [(0.5, True), (0.51, False)])
def test_a_field_filled_less_than_it_should_be_fails_the_source(least: float, believable: bool, tmp_path: Path) -> None:
    mapping = f"{tiny.LINES}[checks]\nfill.dob = {least}\n"
    made = tiny.lines(tmp_path, tiny.SHABANA, {**tiny.SHABANA, "id": "2", "dob": None}, mapping=mapping)
    if believable:
        assert len(tiny.believed(made)) == 2
        return
    with pytest.raises(CheckFailed, match=r"50\.0% of its records have 'dob'"):
        tiny.believed(made)


def test_the_contract_notices_broken_promises(tmp_path: Path) -> None:
    class Careless:
        """An adapter that breaks most promises."""

        name = "Careless!"
        version = ""

        def __init__(self) -> None:
            self.count = 0

        def as_at(self) -> str:
            return "yesterday"

        def rows(self) -> list[RawRow]:
            self.count += 1
            return [RawRow("here", {"id": str(self.count)}), RawRow("here", {"id": str(self.count)})]

        def records(self, row: RawRow) -> list[Record]:
            self.count += 1
            return [Record("other", (str(row.values["id"]), str(self.count)), persons=(Person(0, Role.OTHER),) * 2)]

    said = " ".join(check_adapter(Careless(), drifted=[tiny.lines(tmp_path)]))  # type: ignore[arg-type]
    for part in (
        "small letters",
        "version is empty",
        "no ISO 8601",
        "does not start with the same rows",
        "cannot be found again",
        "not pure",
        "its source is 'other'",
        "same position",
        "KeyError",
        "without SchemaDrift",
    ):
        assert part in said
