"""A build that was stopped and can go on: found by what it wrote down, where nothing that it rests on has changed."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from adapters.base import Adapter
from discoverer.clock import now
from discoverer.labelling import Labelling
from discoverer.settings import Settings
from index import files
from index.linking_model import Model
from index.manifest import hash_text
from index.stages import Kept, read_kept

# What was read longer ago is read anew: nobody is to search last night's data because a build stood still.
FRESH_FOR = timedelta(hours=6)


def made_of(
    settings: Settings, code_version: str, adapters: Sequence[Adapter], linking: Model | None, labelling: Labelling
) -> str:
    """Return a hash of what a build is made of: the settings that shape it, code, weights, mappings, access rules."""
    mappings = [f"{adapter.name} {adapter.version} {labelling.said_of(adapter.name)!r}" for adapter in adapters]
    shaped = [settings_hash(settings), code_version, repr(linking), labelling.people.digest]
    return hash_text("\n".join([*shaped, *mappings]))


def settings_hash(settings: Settings) -> str:
    """Hash the settings that shape a build; where it stands, who works at it, judges it and searches it does not."""
    beside = {"state_dir", "sources_dir", "workers", "keep_held", "bounds", "carry_for", "access"}
    return hash_text(settings.model_dump_json(exclude=beside))


def left_behind(settings: Settings, whole: str) -> Kept | None:
    """Return what is known of the last build that was stopped, if it can go on.

    Args:
        settings: in force; the caller holds the lock of their state.
        whole: hash of what a build would be made of now.
    """
    found = [
        kept
        for folder in _halves(settings.builds_dir)
        if (kept := read_kept(folder)) and f"{kept.build}{files.BUILDING}" == folder.name and kept.made_of == whole
    ]
    recent = [kept for kept in found if now() - datetime.fromisoformat(kept.made_at) <= FRESH_FOR]
    return max(recent, key=lambda kept: kept.made_at, default=None)


def _halves(builds: Path) -> list[Path]:
    """Return the folders of builds that were never finished."""
    with os.scandir(builds) as entries:
        return [
            Path(entry.path)
            for entry in entries
            if entry.name.endswith(files.BUILDING) and entry.is_dir(follow_symlinks=False)
        ]
