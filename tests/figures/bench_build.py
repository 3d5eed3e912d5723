"""The first half of the benchmark: which engines there are, and one build by each, in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from discoverer.clock import seconds
from discoverer.errors import ConfigError
from discoverer.settings import load
from tests.figures.memory import watched

ENGINES = ("whoosh", "tantivy")
MB = 1024


def config_of(folder: Path, engine: str) -> Path:
    """Write settings that build a generated set by one engine into a state folder of its own; return where they are."""
    path = folder / f"discoverer-{engine}.toml"
    given = (folder / "discoverer.toml").read_text(encoding="utf-8")
    kept = [line for line in given.splitlines() if not re.match(r"(state_dir|engine)\s*=", line)]
    path.write_text(
        "\n".join([f'state_dir = "state-{engine}"', f'engine = "{engine}"', *kept]) + "\n", encoding="utf-8"
    )
    return path


def unavailable(config: Path, engine: str) -> str:
    """Say in a sentence why an engine cannot be measured here; '' when it can."""
    try:
        load(config)
    except ConfigError as error:
        return f"this version of Discoverer has no engine '{engine}' ({' '.join(error.message.split())})"
    if importlib.util.find_spec(engine) is None:
        return f"the package {engine} is not installed here"
    return ""


def built(config: Path) -> dict[str, Any]:
    """Build, and return how fast, how large and in how much memory.

    Raises:
        SystemExit: the build failed; with what it said.
    """
    state = load(config).state_dir
    shutil.rmtree(state, ignore_errors=True)  # a build is measured whole, never what was left to do of one
    command = [sys.executable, "-m", "discoverer", "--config", str(config), "build", "--json"]
    start = seconds()
    with TemporaryFile("w+") as said, TemporaryFile("w+") as complained:
        process = subprocess.Popen(command, stdout=said, stderr=complained)
        with watched(process.pid) as most:
            _, status, usage = os.wait4(process.pid, 0)  # what this child used, and not those before it
        process.returncode = os.waitstatus_to_exitcode(status)
        took = seconds() - start
        said.seek(0)
        complained.seek(0)
        if process.returncode:
            sys.exit(f"The build by {config.name} failed: {' '.join(complained.read().strip().splitlines()[-1:])}")
        manifest = json.load(said)
    records = sum(entry["records"] for entry in manifest["segments"])
    sizes = by_part(manifest["files"])
    return {
        "build": manifest["build"],
        "records": records,
        "seconds": took,
        "processor_seconds": usage.ru_utime + usage.ru_stime,
        "records_a_second": records / took,
        # The watch looks twice a second and may miss a short peak; the system's own count, of one process, does not.
        "peak_mb": max(most[0], usage.ru_maxrss / MB),
        "bytes": sizes,
        "bytes_a_record": sum(sizes.values()) / records,
        "counts": manifest["counts"],
        "stages": [stage(name, told, records) for name, told in manifest["stages"].items()],
    }


def by_part(files: list[dict[str, Any]]) -> dict[str, int]:
    """Return the bytes of a build by its parts: the engine's folder, the records, the people."""
    sizes: dict[str, int] = {}
    for entry in files:
        part = str(entry["path"]).partition("/")[0]
        sizes[part] = sizes.get(part, 0) + int(entry["size"])
    return sizes


def stage(name: str, told: object, records: int) -> dict[str, Any]:
    """Return one stage of a manifest: seconds, rows and peak memory where it says so; a rate in rows, else in records.

    Args:
        name: of the stage.
        told: seconds, or what the stage took: `seconds`, `rows` (0 where it counts nothing) and `peak` in MiB.
        records: int >= 1, of the whole build.
    """
    given: Mapping[str, Any] = told if isinstance(told, Mapping) else {"seconds": told}
    took, rows = float(given["seconds"]), given.get("rows") or None
    rate = (rows or records) / took if took else None
    return {"stage": name, "seconds": took, "rows": rows, "peak_mb": given.get("peak") or None, "a_second": rate}
