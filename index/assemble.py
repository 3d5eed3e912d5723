"""From segments to a searchable index: clean, link, number by importance, write keys and vocabulary.

Each stage writes files of its own from the files of those before it, so that memory holds only what a stage needs and
a build that was stopped can go on after the last stage that was finished.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

from index import engines, vocabulary_file
from index.cleaning import write_cleaned
from index.documents import write_documents
from index.engine import EngineKind
from index.keys import document_keys
from index.linking_model import Model
from index.persons import write_linked
from index.profiles import decode
from index.progress import Progress
from index.settling import NO_RULINGS, Rulings
from index.stages import Stages
from index.store import Segment, open_for_reading
from index.vocabulary_file import VocabularyWriter, tokens_of
from index.workers import Crew

PEOPLE_FILE = "people.sqlite"
ENGINE_FOLDER = "engine"
# What only a build at work needs; gone before it is published.
WORK_FOLDER = "work"
# Documents whose keys are worked out at a time.
BATCH = 1_000


def assemble(
    segments: Sequence[Segment],
    out: Path,
    as_at: datetime,
    progress: Progress,
    engine: EngineKind | None = None,
    rulings: Rulings = NO_RULINGS,
    linking: Model | None = None,
    crew: Crew | None = None,
    stages: Stages | None = None,
) -> dict[str, int]:
    """Write people.sqlite, the engine's folder and the vocabulary into a build directory.

    Args:
        segments: one per source, in the order that numbers them.
        out: the build directory.
        as_at: the instant that counts as now.
        progress: told of each stage.
        engine: which engine to write; None: the default one.
        rulings: what people have decided, which stands above the rules of linking.
        linking: the weights people are linked by after the exact rules; None: by those alone.
        crew: who shares the work; None: nobody.
        stages: which were finished before; None: none.

    Returns:
        Counts for the manifest: mentions, persons, locations, phones, links, possible links, what was made of people's
        decisions, documents.

    Raises:
        BuildError: the disk did not take it, or a process died.
    """
    crew, stages = crew or Crew(), stages or Stages()
    work = out / WORK_FOLDER
    work.mkdir(exist_ok=True)
    cleaned, linked = work / "cleaned.sqlite", work / "linked.sqlite"
    people, keys = out / PEOPLE_FILE, out / ENGINE_FOLDER
    counts = stages.once("cleaning", [cleaned], lambda: write_cleaned(segments, cleaned, as_at.date(), progress, crew))
    # What people decide meanwhile is taken in: links are then made anew.
    linking_now = f"linking, decisions up to {rulings.version}"
    counts |= stages.once(linking_now, [linked], lambda: write_linked(cleaned, linked, rulings, linking, progress))
    counts |= stages.once("documents", [people], lambda: write_documents(cleaned, linked, people, progress, crew))
    stages.once(
        "keys",
        [keys, *vocabulary_file.files_in(out)],
        lambda: _write_keys(people, out, engine or engines.for_building(engines.DEFAULT), progress, crew),
    )
    return counts


def _write_keys(people: Path, out: Path, engine: EngineKind, progress: Progress, crew: Crew) -> dict[str, int]:
    """Write the keys of every document and the vocabulary; return nothing to count."""
    database = open_for_reading(people)
    connection = database.conn
    count = int(connection.execute("SELECT count(*) FROM doc").fetchone()[0])
    progress.stage("writing keys", count)
    writer = engine.writer(out / ENGINE_FOLDER)
    vocabulary = VocabularyWriter()
    for documents in crew.run(_keyed, None, _documents(connection)):
        for visibility, field, tokens, keys in documents:
            writer.add(keys)
            if field:
                vocabulary.add(visibility, field, tokens)
        progress.advance(len(documents))
    database.close()
    progress.stage("writing the index", None)
    writer.close()
    vocabulary.write(out)
    return {}


def _documents(connection: sqlite3.Connection) -> Iterator[list[tuple[str, str, bytes]]]:
    """Yield the documents in order, some at a time: (kind, label, encoded profile)."""
    rows = connection.execute("SELECT kind, visibility, profile FROM doc ORDER BY d")
    while batch := rows.fetchmany(BATCH):
        yield batch


def _keyed(_: None, documents: list[tuple[str, str, bytes]]) -> list[tuple[str, str, list[str], list[str]]]:
    """Return, for each document, its label, the field of the vocabulary it counts for, its tokens there, its keys."""
    found = []
    for kind, visibility, data in documents:
        profile = decode(kind, data)
        keys = [f"{visibility}/{key}" for key in document_keys(profile)]
        found.append((visibility, *tokens_of(profile), keys))
    return found
