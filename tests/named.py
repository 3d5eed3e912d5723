"""Tests that documents name as `tests/FILE.py::FUNCTION`: which of them there are."""

from __future__ import annotations

import ast
import functools
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@functools.cache
def functions_of(path: Path) -> frozenset[str]:
    """Return the names of the tests in a file; none when it is not there."""
    if not path.is_file():
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return frozenset(
        each.name for each in tree.body if isinstance(each, ast.FunctionDef) and each.name.startswith("test_")
    )


def missing(named: str) -> str:
    """Say that a test named 'tests/FILE.py::FUNCTION' is not there; '' when it is."""
    file, _, function = named.partition("::")
    inside = file.startswith("tests/") and ".." not in file
    return "" if inside and function in functions_of(ROOT / file) else f"there is no test {named}"
