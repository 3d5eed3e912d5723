"""What ran a measurement: the machine and the packages, as written into every file of results."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("whoosh", "tantivy", "rapidfuzz", "numpy", "sqlite-utils", "phonenumbers", "splink", "duckdb")
CODE = ("discoverer", "adapters", "index")


def machine() -> dict[str, object]:
    """Return processor, cores, memory (GiB), system, Python, SQLite and the versions of the packages that matter."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "processor": _processor(),
        "cores": _cores(),
        "memory_gib": round(memory, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "packages": {name: found for name in PACKAGES if (found := _version(name))},
        "load_before": round(os.getloadavg()[0], 2),
    }


def in_words(told: dict[str, object]) -> str:
    """Write a machine in one line."""
    return (
        f"{told['cores']} cores ({told['processor']}), {told['memory_gib']} GiB, {told['system']}, "
        f"Python {told['python']}"
    )


def code() -> dict[str, str]:
    """Return what was measured: the commit, marked where files differ from it, and a hash of the code and its lists."""
    made = sha256()
    for path in sorted(path for top in CODE for path in (ROOT / top).rglob("*") if path.suffix in (".py", ".toml")):
        made.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    commit = _git("rev-parse", "--short=10", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", *CODE)
    return {"commit": f"{commit} and changes" if changed else commit, "hash": made.hexdigest()[:16]}


def _git(*words: str) -> str:
    """Return what git says, '' where there is none."""
    try:
        done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip()


def _version(package: str) -> str:
    """Return the version of a package, '' when it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    """Return the processor's name as the system tells it."""
    listed = Path("/proc/cpuinfo")
    lines = listed.read_text(encoding="utf-8").splitlines() if listed.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or "unknown"
