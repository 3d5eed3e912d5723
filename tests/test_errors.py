"""The one error tree: a code and a status for every class, and sentences that say what to do."""

from __future__ import annotations

import ast
import pickle
from collections.abc import Iterator
from pathlib import Path

import pytest

from discoverer import errors
from discoverer.errors import ConfigError, DiscovererError, RowRejected, SchemaDrift

ROOT = Path(__file__).resolve().parent.parent


def tree(error: type[DiscovererError] = DiscovererError) -> Iterator[type[DiscovererError]]:
    for each in error.__subclasses__():
        yield each
        yield from tree(each)


EXPECTED = {
    "UsageError": (2, 400),
    "ConfigError": (3, 500),
    "NotSound": (3, 500),
    "SourceError": (4, 503),
    "SourceUnavailable": (4, 503),
    "SchemaDrift": (4, 503),
    "CheckFailed": (4, 503),
    "RowRejected": (4, 500),
    "BuildError": (5, 500),
    "WorkerDied": (5, 500),
    "BuildLocked": (5, 409),
    "BuildHeld": (10, 409),
    "IndexUnavailable": (6, 503),
    "IndexTampered": (6, 503),
    "DecisionRefused": (2, 409),
    "DecisionsUnavailable": (6, 503),
    "DecisionNotKept": (8, 503),
    "NotFound": (7, 404),
    "NotPermitted": (11, 403),
    "LookNotRecorded": (8, 503),
    "LooksUnreadable": (6, 503),
    "FloorsBroken": (9, 500),
    "TrainingRefused": (9, 409),
    "StillHeld": (2, 409),
    "NotGone": (9, 409),
    "SourcesNotFresh": (4, 503),
    "TooBusy": (1, 429),
    "BriefingsUnavailable": (6, 503),
    "BriefingNotKept": (8, 503),
    "GlassUnavailable": (8, 503),
    "ServiceUnavailable": (6, 503),
    "ServiceRefused": (1, 500),
    "BriefingChanged": (9, 409),
    "SignInRefused": (2, 401),
    "TooManyAttempts": (2, 429),
    "AccountRefused": (2, 409),
    "AccountsUnavailable": (6, 503),
    "DirectoryUnavailable": (6, 503),
    "DirectoryRefused": (2, 401),
}


def test_every_class_has_its_code_and_status_and_they_never_change() -> None:
    ours = [each for each in tree() if each.__module__ == errors.__name__]
    assert {each.__name__: (each.exit_code, each.http_status) for each in ours} == EXPECTED


def test_no_class_of_error_stands_outside_the_tree() -> None:
    outside = [
        f"{path.relative_to(ROOT)}: {node.name}"
        for package in ("discoverer", "adapters", "index")
        for path in (ROOT / package).rglob("*.py")
        if path.name != "errors.py"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and any("Error" in ast.unparse(base) for base in node.bases)
    ]
    assert outside == []


@pytest.mark.parametrize("kind", sorted(EXPECTED))
def test_every_class_says_what_it_is(kind: str) -> None:
    assert (getattr(errors, kind).__doc__ or "").strip().endswith((".", ")")) or "Attributes" in getattr(
        errors, kind
    ).__doc__


def test_mistakes_are_numbered_in_file_order() -> None:
    assert ConfigError("x.toml", ["first.", "second."]).message == "x.toml has 2 mistakes: (1) first. (2) second."
    assert ConfigError("x.toml", ["only."]).message == "x.toml has 1 mistake: (1) only."


def test_a_source_is_named_before_what_is_wrong_with_it() -> None:
    error = SchemaDrift("custody", "record type XX is new: map it.")
    assert (error.source, str(error)) == ("custody", "custody: record type XX is new: map it.")


def test_a_rejected_row_keeps_column_value_and_reason() -> None:
    error = RowRejected("DOB", "31/02/1989", "there is no such day")
    assert (error.message, error.value, error.keep) == ("DOB: there is no such day", "31/02/1989", True)
    assert RowRejected("", "", "it is cut short", keep=False).message == "row: it is cut short"


@pytest.mark.parametrize("error", [
    errors.SourceUnavailable("custody", "it is gone."), errors.RowRejected("DOB", "x", "no date", keep=False),
    errors.ConfigError("a.toml", ["one", "two"]), errors.BuildError("the disk is full"),
], ids=lambda error: type(error).__name__)  # fmt: skip
def test_an_error_comes_back_from_another_process_as_it_was(error: errors.DiscovererError) -> None:
    back = pickle.loads(pickle.dumps(error))  # noqa: S301 - made on this very line
    assert (type(back), back.args, vars(back)) == (type(error), error.args, vars(error))
