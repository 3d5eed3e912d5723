"""Settings: one TOML file, checked at once; every path in it is relative to the file it stands in."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from discoverer.clock import now
from discoverer.directory_settings import DirectorySettings
from discoverer.errors import ConfigError
from discoverer.validation import Field, Spec, check, field_validator, model_validator, read_toml

EXACT = "exact"
"""People linked by the exact rules alone."""
LINKING = "2026-11-27"
"""The version of the weights for linking that comes with Discoverer."""
LINKING_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"
"""What a version of the weights may be called: it is part of a file's name, and those end at some 255 bytes."""
DEFAULT_CONFIG = Path("discoverer.toml")
DEMO_CONFIG = Path(".demo/discoverer.toml")
"""What the demonstration writes, in whatever folder it is run."""


class AccessSettings(Spec):
    """Who may look: switched on by naming one of these; without any, one viewer of this machine reads as the demo does.

    Attributes:
        accounts: the file of accounts; None: there are none.
        rules: the file of roles and rules; None: the one that comes with Discoverer.
        audit_key: the auditors' public key, which seals what was typed; None: it is kept as it is.
        directory: the force's own, by which people sign in too; None: by the accounts alone.
        people: the force's own lists of people whom rules may close records by, such as its staff, read by the
            builder alone; None: there are none.
        socket: where people of this machine ask the service too, by their account there; None: nowhere. Only where
            there are accounts.
    """

    accounts: Path | None = None
    rules: Path | None = None
    audit_key: Path | None = None
    directory: DirectorySettings | None = None
    people: Path | None = None
    socket: Path | None = None

    @model_validator(mode="after")
    def _has_accounts(self) -> AccessSettings:
        if self.directory is not None and self.accounts is None:
            raise ValueError("a directory needs 'accounts' too: who signed in by it is kept there; name the file")
        if self.socket is not None and self.accounts is None:
            raise ValueError("a socket needs 'accounts' too: whoever asks by it is known by theirs; name the file")
        return self

    @property
    def is_on(self) -> bool:
        """Tell whether records are closed by rules and not by their mappings alone."""
        return self.accounts is not None or self.rules is not None


class Settings(Spec):
    """How one Discoverer is set up.

    Attributes:
        state_dir: where builds, decisions and the audit live.
        sources_dir: the folder of mappings, one `<name>.toml` per source.
        sources: names of the sources to index; none twice.
        engine: which index engine to build by, one of index/engines.py; a build is read by the one that made it.
        linking: 'exact', or the version of the weights that people are linked by after the exact rules.
        as_at: the instant that counts as now; None: the clock's. Invented data carries its own.
        keep_builds: int 1 to 100, published builds kept for rollback, the live one included.
        keep_held: int 1 to 100, builds held back by their audit that are kept besides, for a person to decide on.
        bounds: the file that says what a build may differ by from the live one; None: the one shipped.
        carry_for: how long what was read of a source stands in for it when it cannot be read, '72h' or '3d'; from then
            on the source counts as failed, and what is held of it goes on being searched.
        workers: int 0 to 64, processes that share the work of a build; 0: as many as there are processors; 1: nobody
            but the builder.
        policy: the file or folder that says who is a repeat or vulnerable victim; None: the one shipped.
        suppressed: the list of what must never be loaded, read by the builder alone; None: there is none.
        access: who may look, and what they may see.
    """

    state_dir: Path
    sources_dir: Path
    sources: tuple[str, ...] = Field(min_length=1)
    engine: Literal["whoosh", "tantivy"] = "whoosh"
    linking: str = Field(default=LINKING, pattern=f"^{LINKING_NAME}$")
    as_at: datetime | None = None
    keep_builds: int = Field(default=3, ge=1, le=100, strict=True)
    keep_held: int = Field(default=2, ge=1, le=100, strict=True)
    bounds: Path | None = None
    carry_for: str = "72h"
    workers: int = Field(default=0, ge=0, le=64, strict=True)
    policy: Path | None = None
    suppressed: Path | None = None
    access: AccessSettings = AccessSettings()

    @field_validator("sources")
    @classmethod
    def _named_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in value if value.count(name) > 1})
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice; name each source once")
        return value

    @field_validator("carry_for")
    @classmethod
    def _is_a_time(cls, value: str) -> str:
        if not re.fullmatch(r"[1-9][0-9]{0,3}[hd]", value):
            raise ValueError(f"'{value}' is no time that can be carried for; write hours or days, such as 72h or 3d")
        return value

    @field_validator("as_at", mode="before")
    @classmethod
    def _is_an_instant(cls, value: object) -> object:
        if isinstance(value, int | float):
            raise ValueError("a bare number is not an instant; write one such as 2014-11-16T02:00:00Z")
        return value

    @field_validator("as_at")
    @classmethod
    def _in_utc(cls, value: datetime | None) -> datetime | None:
        if value is None or value.tzinfo:
            return value
        return value.replace(tzinfo=UTC)

    @property
    def instant(self) -> datetime:
        """The instant that counts as now, in UTC."""
        return self.as_at or now()

    @property
    def carried_for(self) -> timedelta:
        """How long what was read of a source stands in for it."""
        number, unit = int(self.carry_for[:-1]), self.carry_for[-1]
        return timedelta(days=number) if unit == "d" else timedelta(hours=number)

    @property
    def builds_dir(self) -> Path:
        """Where builds live; disposable."""
        return self.state_dir / "builds"

    @property
    def decisions_file(self) -> Path:
        """Where what people decided is kept; never disposable."""
        return self.state_dir / "decisions.sqlite"

    @property
    def briefings_file(self) -> Path:
        """Where the briefings that were given are kept; never disposable."""
        return self.state_dir / "briefings.sqlite"

    @property
    def glass_file(self) -> Path:
        """Where each breaking of the glass is kept; never disposable."""
        return self.state_dir / "glass.sqlite"

    @property
    def trained_dir(self) -> Path:
        """Where versions of the linking weights trained here live; never disposable."""
        return self.state_dir / "linking"

    @property
    def audit_dir(self) -> Path:
        """Where looks are recorded; never disposable."""
        return self.state_dir / "audit"


def load(path: Path = DEFAULT_CONFIG) -> Settings:
    """Read and check a settings file.

    Raises:
        ConfigError: it is not there, or has mistakes; with every mistake at once.
    """
    if not path.exists():
        raise ConfigError(str(path), [f"there is no such file; check the path, or {_what_else()}."])
    settings = check(Settings, read_toml(path), str(path))
    base = path.resolve().parent
    named = {name: getattr(settings, name) for name in ("state_dir", "sources_dir", "policy", "bounds", "suppressed")}
    placed = {name: base / place for name, place in named.items() if place is not None}
    return settings.model_copy(update={**placed, "access": _access_placed(settings.access, base)})


def _access_placed(access: AccessSettings, base: Path) -> AccessSettings:
    """Return them with each path relative to the folder of the settings file."""
    named = {name: getattr(access, name) for name in ("accounts", "rules", "audit_key", "people", "socket")}
    placed: dict[str, object] = {name: base / place for name, place in named.items() if place is not None}
    if access.directory is not None:
        placed["directory"] = access.directory.placed(base)
    return access.model_copy(update=placed)


def _what_else() -> str:
    """Say what somebody without a settings file can do from where they stand."""
    if DEMO_CONFIG.is_file():
        return f"name the demo's with --config {DEMO_CONFIG} before the command"
    return "name another with --config before the command, or run 'discoverer demo' first and use the one it writes"
