"""Which engines there are: the one table that names them, and the one place that loads them.

An engine is loaded when it is asked for, so that a machine without an optional one runs the others.
"""

from __future__ import annotations

import importlib
from typing import NamedTuple

from discoverer.errors import ConfigError, IndexUnavailable
from index.engine import EngineKind


class Known(NamedTuple):
    """Where an engine stands.

    Attributes:
        module: str, its one file.
        kind: str, the class in it that is an EngineKind.
        needs: str, what pip must install for it beside Discoverer, with its version; '' when it comes with Discoverer.
    """

    module: str
    kind: str
    needs: str = ""


# The key is the name in the settings and in manifests: it must never change while a build of that name is kept.
ENGINES = {
    "whoosh": Known("index.whoosh_engine", "Whoosh"),
    "tantivy": Known("index.tantivy_engine", "Tantivy", "tantivy>=0.27"),
}
DEFAULT = "whoosh"


def for_building(name: str) -> EngineKind:
    """Return the engine that the settings name, to write an index by.

    Raises:
        ConfigError: there is none of that name, or what it needs is not installed.
    """
    if name not in ENGINES:
        raise ConfigError("engine", [f"there is no engine '{name}'; choose one of {', '.join(sorted(ENGINES))}."])
    try:
        return _loaded(ENGINES[name])
    except ImportError as error:
        problem = f'{_not_installed(name, error)}, or set engine = "{DEFAULT}".'
        raise ConfigError("engine", [problem]) from error


def for_reading(name: str) -> EngineKind:
    """Return the engine that a build was made by, whatever the settings name.

    Raises:
        IndexUnavailable: there is none of that name here, or what it needs is not installed.
    """
    if name not in ENGINES:
        raise IndexUnavailable(
            f"The index was made by the engine '{name}', which this version does not know; roll back or build again."
        )
    try:
        return _loaded(ENGINES[name])
    except ImportError as error:
        raise IndexUnavailable(
            f"The index was made by another engine: {_not_installed(name, error)}, or set"
            f' engine = "{DEFAULT}" and build again.'
        ) from error


def _loaded(known: Known) -> EngineKind:
    """Import an engine's module. Raises ImportError: what it needs is not there, or does not run on this machine."""
    kind: EngineKind = getattr(importlib.import_module(known.module), known.kind)()
    return kind


def _not_installed(name: str, error: ImportError) -> str:
    """Say that what an engine needs cannot be loaded, and how to install it."""
    return f"the engine '{name}' cannot be loaded ({error}); install it with: pip install '{ENGINES[name].needs}'"
