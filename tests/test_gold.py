"""The gold set: every hand-written case of `fixtures/cases` is found, or stays apart, as it demands.

A case that cannot be met yet is named a known miss, with the reason: it must fail, and the README must name it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from tests.gold import SOURCE, Case, ask, build, judge, read_cases, told

README = Path(__file__).resolve().parent.parent / "README.md"
FEWEST = 1
CASES, PROBLEMS = read_cases()


@pytest.fixture(scope="session")
def gold(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Lend an app that searches all cases together, beside the small set."""
    with build(tmp_path_factory.mktemp("gold")) as app:
        yield app


def missed(case: Case) -> pytest.MarkDecorator:
    return pytest.mark.xfail(bool(case.known_miss), reason=case.known_miss, strict=True)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.id, marks=missed(case)) for case in CASES])
def test_gold(gold: App, case: Case) -> None:
    hits, refused = ask(gold, case)
    wrong = judge(case, hits)
    assert not wrong, "\n".join([*wrong, told(case, hits, refused)])


def test_the_case_files_are_sound() -> None:
    assert PROBLEMS == ()


def test_there_are_cases_enough() -> None:
    assert len(CASES) >= FEWEST


def test_every_record_of_the_cases_is_indexed(gold: App) -> None:
    (source,) = [each for each in gold.status(DEMO_VIEWER).sources if each.name == SOURCE]
    assert source.records == sum(1 for case in CASES for _ in case.rows())


def test_the_readme_names_every_known_miss_and_no_other() -> None:
    section = README.read_text(encoding="utf-8").partition("## Known misses")[2].partition("\n## ")[0]
    named = dict(re.findall(r"^- `([\w-]+)` - (.+)$", section, re.M))
    assert named == {case.id: case.known_miss for case in CASES if case.known_miss}
