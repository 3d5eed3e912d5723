"""The weights linking is done by: a named, dated file, chosen by the settings and never changed by a build."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, NamedTuple

import discoverer.match
from discoverer.errors import ConfigError
from discoverer.validation import Field, check, read_toml, spec_of
from index.linking_levels import COMPARED, Comparison, compared

SHIPPED = Path(discoverer.match.__file__).parent / "data"
PREFIX = "linking-"

_Bits = Annotated[float, Field(ge=-100, le=100, strict=True, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0.0, le=1.0, strict=True, allow_inf_nan=False)]
_Rounds = Annotated[tuple[_Bits, ...], Field(min_length=1, max_length=5)]


class Model(NamedTuple):
    """A set of linking weights.

    Attributes:
        version: str, its date.
        about: str, where its values come from.
        comparisons: with the bits of every level.
        join: bits from which two persons are joined, round by round.
        keep: bits from which a pair is kept as possible.
        margin: bits by which a join must lead its rivals.
        support: share 0 to 1 of the pairs across two clusters that must be possible.
    """

    version: str
    about: str
    comparisons: tuple[Comparison, ...]
    join: tuple[float, ...]
    keep: float
    margin: float
    support: float


_THRESHOLDS = {"join": _Rounds, "keep": _Bits, "margin": _Bits, "support": _Share}
_TABLES = {name: spec_of(f"_{name.title()}", dict.fromkeys(levels, _Bits)) for name, levels in COMPARED.items()}
_File = spec_of("_File", {"version": str, "about": str, "threshold": spec_of("_Threshold", _THRESHOLDS)} | _TABLES)


@cache
def load(version: str, trained: Path | None = None) -> Model:
    """Read the weights of one version.

    Args:
        version: as the settings name it, e.g. '2026-11-27'.
        trained: the folder of versions trained here, looked in first; None: only those that come with Discoverer.

    Raises:
        ConfigError: there is no such version, or its file is malformed; the sentence names the versions there are.
    """
    folders = [folder for folder in (trained, SHIPPED) if folder is not None]
    for folder in folders:
        path = folder / f"{PREFIX}{version}.toml"
        if path.exists():
            return _read(path)
    known = sorted(path.stem.removeprefix(PREFIX) for folder in folders for path in folder.glob(f"{PREFIX}*.toml"))
    problem = f"there are no linking weights '{version}'; choose exact or one of {', '.join(known)}."
    raise ConfigError("linking", [problem])


def _read(path: Path) -> Model:
    """Read and check one file of weights."""
    data = check(_File, read_toml(path), path.name).model_dump()
    limits = data["threshold"]
    weights = {name: data[name] for name in COMPARED}
    return Model(data["version"], data["about"], compared(weights), **limits)
