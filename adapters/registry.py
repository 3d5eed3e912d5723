"""From settings to adapters: mapping files read, every mistake of every file reported at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapters.base import Adapter
from adapters.mapping import MappedAdapter
from adapters.problems import cross_problems, near
from adapters.readers import FORMATS
from adapters.suppressed import NOTHING, Suppressed
from adapters.suppressed import read as read_suppressed
from adapters.vocabulary import MappingSpec
from discoverer.errors import ConfigError
from discoverer.settings import Settings
from discoverer.validation import Spec, check, read_toml


def load_adapters(settings: Settings) -> tuple[Adapter, ...]:
    """Return the adapters of every source the settings name, in their order, which give nothing that is suppressed.

    Raises:
        ConfigError: with every mistake of every mapping at once, or of the list of what is suppressed.
    """
    return _loaded(settings, read_suppressed(settings.suppressed, settings.sources))


def load_mappings(settings: Settings) -> tuple[Adapter, ...]:
    """Return the adapters by their mappings alone, for whoever reads no row and may not read what is suppressed.

    Raises:
        ConfigError: with every mistake of every mapping at once.
    """
    return _loaded(settings, dict.fromkeys(settings.sources, NOTHING))


def _loaded(settings: Settings, suppressed: Mapping[str, Suppressed]) -> tuple[Adapter, ...]:
    """Return the adapters of every source. Raises ConfigError with every mistake of every mapping at once."""
    made: list[Adapter] = []
    problems: list[str] = []
    for name in settings.sources:
        path = settings.sources_dir / f"{name}.toml"
        try:
            adapter = load_adapter(path, suppressed[name])
        except ConfigError as error:
            problems += [f"{path.name}: {problem}" for problem in error.problems]
            continue
        if adapter.name != name:
            problems.append(f"{path.name}: source.name is '{adapter.name}' but the settings call it '{name}'.")
        made.append(adapter)
    if problems:
        raise ConfigError(str(settings.sources_dir), problems)
    return tuple(made)


def note_labels(settings: Settings) -> tuple[str, ...]:
    """Return the labels of the notes that the mappings of the settings make, each once.

    Raises:
        ConfigError: a mapping has mistakes.
    """
    specs = [load_mapping(settings.sources_dir / f"{name}.toml") for name in settings.sources]
    return tuple(dict.fromkeys(note.label for spec in specs for note in spec.note))


def load_adapter(path: Path, suppressed: Suppressed = NOTHING) -> MappedAdapter:
    """Return the adapter one mapping file describes; nothing of the source itself is opened yet.

    Raises:
        ConfigError: with every mistake at once, each with the valid names.
    """
    spec = load_mapping(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    base = path.resolve().parent
    return MappedAdapter(
        spec, FORMATS[spec.source.kind].reader(spec, base), digest, base / spec.source.path, suppressed
    )


def load_mapping(path: Path) -> MappingSpec:
    """Read and check a mapping file.

    Raises:
        ConfigError: with every mistake at once, each with the valid names.
    """
    data = read_toml(path)
    problems: list[str] = []
    kind = data["source"].get("kind") if isinstance(data.get("source"), dict) else None
    shape = FORMATS[kind].mapping if isinstance(kind, str) and kind in FORMATS else MappingSpec
    if shape is MappingSpec and kind is not None:
        problems.append(f"'source.kind': '{kind}' is no reader{near(str(kind), FORMATS)}.")
        data = _without_options(data)
    elif "changes" in data and "changes" not in shape.model_fields:
        problems.append(
            f"'changes': the {kind} reader cannot tell what changed; leave [changes] out, it is read every night."
        )
        data = {name: part for name, part in data.items() if name != "changes"}
    spec = None
    try:
        spec = check(shape, data, str(path))
    except ConfigError as error:
        problems += error.problems
    problems += cross_problems(shape, data)
    if problems or spec is None:
        raise ConfigError(str(path), problems)
    return spec


def _without_options(data: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping without what only a reader could judge, when its kind is unknown; what none knows stays."""
    shapes = [each.mapping for each in FORMATS.values()]
    parts = {name for shape in shapes for name in shape.model_fields} - MappingSpec.model_fields.keys()
    options = {name for shape in shapes for name in _source_words(shape)} - _source_words(MappingSpec)
    kept = {name: value for name, value in data.items() if name not in parts and name != "children"}
    return {**kept, "source": {name: value for name, value in data["source"].items() if name not in options}}


def _source_words(shape: type[MappingSpec]) -> set[str]:
    """Return the words that [source] knows in one shape of mapping."""
    kind = shape.model_fields["source"].annotation
    return set(kind.model_fields) if isinstance(kind, type) and issubclass(kind, Spec) else set()
