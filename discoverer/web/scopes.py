"""What a program's token reaches, by `data/scopes.toml`; whatever does not stand there takes no token."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

from discoverer.validation import Field, Spec, check, field_validator, read_toml

_FILE = Path(__file__).parent / "data" / "scopes.toml"


class RouteScopes(Spec):
    """One address of the API.

    Attributes:
        path: str, as it is declared.
        scopes: of which a token needs one; at least one.
        reason: str, why.
    """

    path: str = Field(pattern=r"^/[a-z0-9/._-]+$")
    scopes: tuple[Literal["search", "lookup", "show", "brief", "call", "status"], ...] = Field(min_length=1)
    reason: str = Field(min_length=20)


class Scopes(Spec):
    """Every address that takes tokens.

    Attributes:
        route: one entry each; none twice.
    """

    route: tuple[RouteScopes, ...] = Field(min_length=1)

    @field_validator("route")
    @classmethod
    def _named_once(cls, value: tuple[RouteScopes, ...]) -> tuple[RouteScopes, ...]:
        paths = [each.path for each in value]
        twice = sorted({path for path in paths if paths.count(path) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice; give each address once")
        return value


@lru_cache(maxsize=1)
def scopes() -> Scopes:
    """Return what is in force.

    Raises:
        ConfigError: the file has mistakes.
    """
    return check(Scopes, read_toml(_FILE), str(_FILE))


def scopes_for(path: str) -> frozenset[str]:
    """Return the scopes of which a token needs one at an address, exactly as it is written; none: it takes no token."""
    return frozenset(scope for each in scopes().route if each.path == path for scope in each.scopes)
