"""A build of Discoverer's with its engine exchanged for the key table: the same documents, numbers and keys."""

from __future__ import annotations

import os
import shutil
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

from discoverer.clock import seconds
from index import versions
from index.assemble import ENGINE_FOLDER, PEOPLE_FILE
from index.engines import ENGINES, Known
from index.files import move_directory, seal_tree
from index.keys import document_keys
from index.manifest import describe_files, read_manifest, write_manifest
from index.profiles import decode
from tests.key_table import KeyTable

NAME = "key_table"
MANIFEST = "manifest.json"


def register() -> None:
    """Let builds made with the key table be opened in this process."""
    ENGINES[NAME] = Known("tests.key_table", "KeyTable")


def exchange(state: Path, target: Path) -> dict[str, float]:
    """Write a state folder like `state` whose live build has the key table for its engine.

    Args:
        state: what an ordinary build has written.
        target: a state folder; what stands there is removed.

    Returns:
        seconds: to make the keys of every document and write them, the part of a build that an engine answers for.
        bytes: of the table.
        documents: how many.
    """
    live = versions.builds_of(state) / versions.current(state)
    shutil.rmtree(target, ignore_errors=True)
    made = versions.builds_of(target) / f"{live.name}.making"
    _copy(live, made)
    start = seconds()
    documents = _write(made / PEOPLE_FILE, made / ENGINE_FOLDER)
    took = seconds() - start
    seal_tree(made)
    manifest = replace(read_manifest(live), engine=NAME, files=describe_files(made))
    write_manifest(made, manifest)
    move_directory(made, versions.builds_of(target) / live.name)
    versions.publish(target, live.name)
    size = sum(each.size for each in manifest.files if each.path.startswith(f"{ENGINE_FOLDER}/"))
    return {"seconds": took, "bytes": size, "documents": documents}


def _copy(live: Path, made: Path) -> None:
    """Link everything but the engine and the manifest; copy where the file system has no links."""
    for path in sorted(each for each in live.rglob("*") if each.is_file()):
        name = path.relative_to(live)
        if name.parts[0] == ENGINE_FOLDER or str(name) == MANIFEST:
            continue
        (made / name).parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        try:
            os.link(path, made / name)
        except OSError:
            shutil.copy2(path, made / name)


def _write(people: Path, folder: Path) -> int:
    """Write the keys of every document, in the order of their numbers; return how many there are."""
    writer = KeyTable().writer(folder)
    connection = sqlite3.connect(f"{people.resolve().as_uri()}?mode=ro", uri=True)
    count = 0
    for kind, visibility, profile in connection.execute("SELECT kind, visibility, profile FROM doc ORDER BY d"):
        writer.add([f"{visibility}/{key}" for key in document_keys(decode(kind, profile))])
        count += 1
    connection.close()
    writer.close()
    return count


if __name__ == "__main__":
    print(exchange(Path(sys.argv[1]), Path(sys.argv[2])))
