"""Whole set-ups in a folder: a settings file, mappings and sources of every format, and the command line run on them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from adapters.mapping import MappedAdapter
from discoverer.cli import main
from tests import tiny_sources as tiny

MAKERS: Mapping[str, Callable[[Path], MappedAdapter]] = {
    "people": tiny.people,
    "logs": tiny.logs,
    "reports": tiny.reports,
    "stays": tiny.stays,
    "outside": tiny.lines,
}
"""One tiny source of every format; their names in the settings."""

AS_AT = "2014-11-16T02:00:00Z"
# One bad row of two is no reason to stop a source this small.
FORGIVING = "\n[checks]\nmax_rejects = 0.6\n"


def write_settings(
    folder: Path, sources: Mapping[str, object] | list[str], state: Path | None = None, **more: str
) -> Path:
    """Write a settings file for mappings in `folder`/sources; return its path."""
    names = ", ".join(f'"{name}"' for name in sources)
    lines = [
        f'state_dir = "{state or "state"}"', 'sources_dir = "sources"', f"sources = [{names}]", f"as_at = {AS_AT}",
        *(f"{name} = {value}" for name, value in more.items()),
    ]  # fmt: skip
    config = folder / "discoverer.toml"
    config.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return config


def write_tiny(folder: Path) -> Path:
    """Write the five tiny sources, their mappings and a settings file; return its path."""
    sources = folder / "sources"
    sources.mkdir(parents=True)
    for name, make in MAKERS.items():
        make(sources)
        mapping = (sources / "mapping.toml").read_text(encoding="utf-8")
        (sources / f"{name}.toml").write_text(mapping + FORGIVING, encoding="utf-8")
    (sources / "mapping.toml").unlink()
    return write_settings(folder, MAKERS)


def copy_of(built: Path, folder: Path) -> Path:
    """Copy a whole set-up, its builds included; return the settings file of the copy."""
    shutil.copytree(built.parent, folder, dirs_exist_ok=True)
    return folder / built.name


def run(config: Path | None, *args: str, stdin: str | bytes | None = None) -> Result:
    """Run one command; nothing but an exit is ever let through, so a traceback is a failure."""
    given = [] if config is None else ["--config", str(config)]
    result = CliRunner().invoke(main, [*given, *args], input=stdin)
    assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
    return result


def answer(config: Path, *args: str) -> dict[str, Any]:
    """Run a search and return its JSON."""
    result = run(config, "search", "--json", *args)
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refs(found: Mapping[str, Any]) -> set[str]:
    """Return 'source:ref' of every record of an answer's or look-up's hits."""
    return {f"{record['source']}:{record['ref']}" for hit in found["hits"] for record in hit["records"]}


def complaint(result: Result, code: int) -> str:
    """Hold a refusal against the rules for one: the exit code, one sentence on standard error; return the sentence."""
    assert result.exit_code == code, (result.exit_code, result.output)
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("discoverer: ") and lines[0].endswith((".", ")")), lines
    assert "Traceback" not in result.output
    return lines[0].removeprefix("discoverer: ")
