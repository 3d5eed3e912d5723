"""Bad rows that are met within the day are rejects, as at night: nothing is dropped silently, whatever a row is."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.readers import sqlite_lookup
from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from discoverer.codec import encode
from index.build import build
from index.sync import Syncer
from tests.test_changes import BY_NUMBER, BY_TABLE, Visits
from tests.tiny_index import make_settings

TAKEN = "[checks]\nmax_rejects = 1.0\n"
BAD = {
    "a child that cannot be read": ["UPDATE person SET NAME = CAST(X'E9' AS TEXT) WHERE NO = 1 AND SEQ = 2"],
    "a parent that cannot be read": ["UPDATE visit SET PLACE = CAST(X'E9' AS TEXT), VERSION = 10 WHERE NO = 1"],
    "both": [
        "UPDATE person SET NAME = CAST(X'E9' AS TEXT) WHERE NO = 1",
        "UPDATE visit SET PLACE = CAST(X'E9' AS TEXT), VERSION = 10 WHERE NO = 1",
    ],
    "a key that stands twice": ["INSERT INTO visit VALUES (1, 'MON', 'SECOND', 10, '', '')"],
    "a key that stands thrice": [
        "INSERT INTO visit VALUES ('1', 'MON', 'SECOND', 10, '', ''), (1, 'MON', 'THIRD', 11, '', '')"
    ],
    "a key that stands twice, the first a bad row": [
        "UPDATE visit SET PLACE = CAST(X'E9' AS TEXT) WHERE NO = 1",
        "INSERT INTO visit VALUES (1, 'MON', 'SECOND', 10, '', '')",
    ],
    "a blank key": ["INSERT INTO visit VALUES (NULL, 'MON', 'NOWHERE', 10, '', '')"],
    "a blank key twice, with people": [
        "INSERT INTO visit VALUES (7, ' ', 'NOWHERE', 10, '', ''), (7, ' ', 'NOWHERE ELSE', 11, '', '')",
        "INSERT INTO person VALUES (7, ' ', 1, 'SHABS')",
    ],
    "a key that is no text": ["INSERT INTO visit VALUES (7, CAST(X'E9' AS TEXT), 'NOWHERE', 10, '', '')"],
}
TOLD = [
    "INSERT INTO change SELECT 10 + visit.rowid, NO, DAY, 'U' FROM visit WHERE NO = 1",
    "INSERT INTO change SELECT 30 + visit.rowid, NO, DAY, 'U' FROM visit WHERE NO IS NULL OR NO > 3",
    "UPDATE info SET VISITS = (SELECT count(*) FROM visit)",
]


@pytest.mark.parametrize("section", [BY_TABLE, BY_NUMBER], ids=["a change table", "a number"])
@pytest.mark.parametrize("statements", BAD.values(), ids=BAD)
def test_what_a_sync_rejects_is_what_a_build_rejects(tmp_path: Path, statements: list[str], section: str) -> None:
    visits = Visits(tmp_path, section, TAKEN)
    settings = make_settings(tmp_path / "state", ["visits"]).model_copy(update={"workers": 1})
    build(settings, [visits.adapter])
    visits.sql(*statements, "UPDATE visit SET VERSION = 12 WHERE NO = 1", *(TOLD if section == BY_TABLE else TOLD[2:]))
    found = []
    with App(settings) as app, Syncer(settings, [visits.adapter]) as syncer:
        layers = {syncer.once().layer for _ in range(3)}
        assert len(layers) == 1  # kept once
        for _ in range(2):
            with app.everything() as (reader, _):
                records = sorted(encode(record) for _, record in reader.every_record())
            found.append((records, sorted(encode(each) for each in app.rejects(DEMO_VIEWER, "visits", 100))))
            build(settings, [visits.adapter])
    assert found[0] == found[1] and found[0][1]


def test_rows_without_a_key_by_the_thousand_do_not_hold_a_sync_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_lookup, "MOST_BLANK", 5)
    visits = Visits(tmp_path, BY_NUMBER, TAKEN)
    mark = visits.adapter.watermark()
    visits.sql(*[f"INSERT INTO visit VALUES (NULL, 'MON', 'NOWHERE', {10 + n}, '', '')" for n in range(9)])
    (blank,) = [change for change in visits.adapter.changes(mark) if change.key[0] == ""]
    assert blank.row is not None and len(blank.beside) == 4
