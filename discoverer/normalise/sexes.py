"""Sex as records write it, from its field and from titles (data/name_tokens.toml)."""

from __future__ import annotations

from collections.abc import Iterable

from discoverer.normalise.tables import load

_SEXED = load("name_tokens")["sexes"]
_WRITTEN = {word: sex for sex in ("man", "woman") for word in _SEXED[sex]}
_TITLES = {word: sex for sex in ("man", "woman") for word in _SEXED[f"title_{sex}"]}


def read_sexes(written: str, names: Iterable[str]) -> tuple[str, ...]:
    """Return what a record says of somebody's sex.

    Args:
        written: its field, as written: 'F', 'MALE', '2' (ISO/IEC 5218).
        names: as written, with titles.

    Returns:
        'man' or 'woman'; nothing where it does not say, both where field and title disagree.
    """
    found = {_WRITTEN.get(written.strip().lower(), "")}
    for name in names:
        found |= {_TITLES.get(word.strip(".,").lower(), "") for word in name.split()}
    return tuple(sorted(found - {""}))
