"""The weights linking is done by: a named, dated file, chosen by the settings and never changed by a build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import discoverer.match
from discoverer.errors import ConfigError
from discoverer.validation import Field, check, read_toml, spec_of
from index.linking_levels import COMPARED, NO_NAME, ORDERS, Comparison, compared

SHIPPED = Path(discoverer.match.__file__).parent / "data"
PREFIX = "linking-"
# Bits by which a level may stand above what agrees better: training writes tenths, and may round up what it levels out.
_ROUNDED = 0.1

_Bits = Annotated[float, Field(ge=-100, le=100, strict=True, allow_inf_nan=False)]
_Margin = Annotated[float, Field(ge=0, le=100, strict=True, allow_inf_nan=False)]
_Share = Annotated[float, Field(gt=0.0, le=1.0, strict=True, allow_inf_nan=False)]
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
        support: share above 0 to 1 of the pairs across two clusters that must be possible.
    """

    version: str
    about: str
    comparisons: tuple[Comparison, ...]
    join: tuple[float, ...]
    keep: float
    margin: float
    support: float


_THRESHOLDS = {"join": _Rounds, "keep": _Bits, "margin": _Margin, "support": _Share}
_TABLES = {name: spec_of(f"_{name.title()}", dict.fromkeys(levels, _Bits)) for name, levels in COMPARED.items()}
_File = spec_of("_File", {"version": str, "about": str, "threshold": spec_of("_Threshold", _THRESHOLDS)} | _TABLES)


def load(version: str, trained: Path | None = None) -> Model:
    """Read the weights of one version.

    Args:
        version: as the settings name it, e.g. '2026-11-27'.
        trained: the folder of versions trained here, looked in first; None: only those that come with Discoverer.

    Raises:
        ConfigError: there is no such version (the sentence names those there are), its file is malformed or argues for
            more where less agrees, or a file trained here has the name of a version that comes with Discoverer.
    """
    folders = [folder for folder in (trained, SHIPPED) if folder is not None]
    found = [path for path in (folder / f"{PREFIX}{version}.toml" for folder in folders) if _is_there(path)]
    if len(found) > 1:
        problem = (
            f"weights of the name '{version}' come with Discoverer, and this file would take their place unseen; rename"
            " it, and the 'version' in it likewise."
        )
        raise ConfigError(str(found[0]), [problem])
    if found:
        return _read(found[0], version)
    known = sorted(path.stem.removeprefix(PREFIX) for folder in folders for path in folder.glob(f"{PREFIX}*.toml"))
    problem = f"there are no linking weights '{version}'; choose exact or one of {', '.join(known)}."
    raise ConfigError("linking", [problem])


def _is_there(path: Path) -> bool:
    """Tell whether a file is there. Raises ConfigError: nobody may look."""
    try:
        return path.exists()
    except OSError as error:
        raise ConfigError(str(path), [f"it cannot be read ({error.strerror}); check its permissions."]) from None


def _read(path: Path, version: str) -> Model:
    """Read and check one file of weights. Raises ConfigError: with every mistake of one kind at once."""
    data = check(_File, read_toml(path), path.name).model_dump()
    weights = {name: data[name] for name in COMPARED}
    limits = data["threshold"]
    problems = [*_misnamed(data["version"], version), *_odd_limits(limits), *_out_of_order(weights)]
    if problems:
        raise ConfigError(path.name, problems)
    return Model(data["version"], data["about"], compared(weights), **limits)


def _misnamed(inside: str, version: str) -> Iterator[str]:
    """Yield that a file calls itself otherwise than it is called: a build would say it was linked by another."""
    if inside != version:
        yield f"'version' is '{inside}' in a file named for '{version}'; let both say one name."


def _odd_limits(limits: Mapping[str, Any]) -> Iterator[str]:
    """Yield what is wrong between thresholds."""
    join = limits["join"]
    if any(after > before for before, after in pairwise(join)):
        yield "'threshold.join' rises from one round to the next; let it fall, or stay: the surest are joined first."
    if min(join) < max(limits["keep"], 0.0):
        yield (
            f"'threshold.join' goes down to {min(join):g}, below 0 or below 'threshold.keep' ({limits['keep']:g}); let"
            " what is joined be likely, and no less so than what is only shown as possible."
        )


def _out_of_order(weights: Mapping[str, Mapping[str, float]]) -> Iterator[str]:
    """Yield the levels that argue for more than one that agrees better."""
    names = ((("name", level), NO_NAME) for level in COMPARED["name"] if ("name", level) != NO_NAME)
    pairs = [pair for order in ORDERS for pair in pairwise(order)]
    for better, worse in (*pairs, *names):
        above, below = weights[better[0]][better[1]], weights[worse[0]][worse[1]]
        if below - above > _ROUNDED:
            yield (
                f"'{'.'.join(worse)}' is {below:g}, above '{'.'.join(better)}' ({above:g}), which agrees better; let it"
                " argue for no more."
            )
