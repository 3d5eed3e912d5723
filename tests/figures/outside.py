"""Recall on labelled sets from outside the project, where they are laid beside it; indexed as JSON lines."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from discoverer.app import App
from discoverer.settings import load
from index.progress import SilentProgress
from tests.figures.measuring import print_tallies, read_queries, tally

MAPPING = """[source]
name = "outside"
kind = "jsonl"
path = "{path}"
key = ["id"]
[fields]
name = "names"
dob = "dob"
address = "addresses"
phone = "phones"
"""
SETTINGS = 'state_dir = "state"\nsources_dir = "sources"\nsources = ["outside"]\n'


def set_up(records: Path, folder: Path) -> App:
    """Index one file of records.jsonl under `folder`."""
    (folder / "sources").mkdir()
    (folder / "sources" / "outside.toml").write_text(MAPPING.format(path=records.resolve()), encoding="utf-8")
    (folder / "discoverer.toml").write_text(SETTINGS, encoding="utf-8")
    app = App(load(folder / "discoverer.toml"))
    app.build(SilentProgress())
    return app


def main(data: Path) -> None:
    """Measure every set under `data` that has both records and queries."""
    found = sorted(data.glob("*/queries.jsonl"))
    if not found:
        print(f"No labelled sets in {data}; nothing measured.")
    for queries in found:
        with tempfile.TemporaryDirectory() as folder:
            app = set_up(queries.parent / "records.jsonl", Path(folder))
            print_tallies(queries.parent.name, tally(app, read_queries(queries), qualified=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
