"""The shape of the code: no arrow points back, each dependency has one door, modules stay small."""

from __future__ import annotations

import ast
import importlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = ("discoverer", "adapters", "index", "fixtures")

# Reading order; a module may import only from its own layer or one above it in this list.
LAYERS = (
    ("discoverer.errors",),
    ("discoverer.clock", "discoverer.codec", "discoverer.typed", "discoverer.validation"),
    ("discoverer.model",),
    ("discoverer.directory_settings", "discoverer.settings"),
    ("discoverer.access_masks", "discoverer.access_rules"),
    ("discoverer.normalise",),
    ("discoverer.listed",),
    ("discoverer.labelling",),
    ("discoverer.lists",),
    ("discoverer.match",),
    ("adapters",),
    ("index",),
    ("discoverer.wording",),
    ("discoverer.held",),
    ("discoverer.policy",),
    ("discoverer.access", "discoverer.glass", "discoverer.parts", "discoverer.answer"),
    ("discoverer.roles",),
    ("discoverer.identity",),
    ("discoverer.states",),
    ("discoverer.audit",),
    ("discoverer.permitted",),
    ("discoverer.decided",),
    ("discoverer.deciding",),
    (
        "discoverer.phrases",
        "discoverer.box",
        "discoverer.query",
        "discoverer.candidates",
        "discoverer.found",
        "discoverer.meant",
        "discoverer.namesakes",
        "discoverer.numbers",
        "discoverer.places",
        "discoverer.reached",
        "discoverer.texts",
        "discoverer.reread",
        "discoverer.search",
    ),
    ("discoverer.gathered", "discoverer.replay"),
    ("discoverer.publishing",),
    (
        "discoverer.headlines",
        "discoverer.risk",
        "discoverer.inforce",
        "discoverer.history",
        "discoverer.addressed",
        "discoverer.answering",
        "discoverer.hits",
        "discoverer.said",
        "discoverer.stubs",
    ),
    ("discoverer.explaining",),
    ("discoverer.briefing", "discoverer.pictures", "discoverer.streets", "discoverer.suggesting"),
    ("discoverer.app_types", "discoverer.glass_desk"),
    ("discoverer.app",),
    (
        "discoverer.bulk",
        "discoverer.cards",
        "discoverer.console",
        "discoverer.demo",
        "discoverer.doctor",
        "discoverer.local_service",
        "discoverer.managing",
    ),
    ("discoverer.web",),
    ("discoverer.evaluation",),
    ("discoverer.trained",),
    ("discoverer.cli_search",),
    (
        "discoverer.cli_brief",
        "discoverer.cli_lookup",
        "discoverer.cli_show",
        "discoverer.cli_audit",
        "discoverer.cli_access",
        "discoverer.cli_builds",
        "discoverer.cli_decide",
        "discoverer.cli_doctor",
        "discoverer.cli_forget",
        "discoverer.cli_linking",
        "discoverer.cli_policy",
        "discoverer.cli_serve",
        "discoverer.cli_sync",
        "discoverer.cli_tokens",
        "discoverer.cli_train",
        "discoverer.cli_users",
    ),
    ("discoverer.cli",),
    ("discoverer.__main__",),
)
DOORS = {
    "whoosh": "index.whoosh_engine",
    "tantivy": "index.tantivy_engine",
    "rapidfuzz": "discoverer.match.similarity",
    # The type of a column of numbers: distances of words, tokens by the hundred thousand, keys and pairs by the million.
    "numpy": "discoverer.match.similarity discoverer.match.token_table discoverer.match.lexicon index.linking_ragged"
    " index.linking_spelt index.linking_columns index.linking_shared index.linking_blocks index.linking_rows"
    " index.linking_pairs index.splink_pairs",
    "phonenumbers": "discoverer.normalise.phones",
    "jellyfish": "discoverer.normalise.sounds",
    "sqlite_utils": "index.store",
    "defusedxml": "adapters.readers.xml",
    "pydantic": "discoverer.validation",
    "msgspec": "discoverer.codec",
    "filelock": "index.lock",
    "splink": "index.splink_pairs",
    "duckdb": "index.splink_pairs",
    "pyarrow": "index.splink_pairs",
    "rich": "discoverer.console",
    "prometheus_client": "discoverer.web.metrics",
    "uvicorn": "discoverer.web.server",
    "nacl": "discoverer.audit.sealing",
    "argon2": "discoverer.identity.passwords",
    "pyotp": "discoverer.identity.second_factor",
    "joserfc": "discoverer.identity.directory_signatures",
}
LONGEST_MODULE = 500
LONGEST_FUNCTION = 60


def modules() -> Iterator[tuple[str, Path]]:
    for top in CODE:
        for path in sorted((ROOT / top).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, path


def imports_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def layer_of(name: str) -> int | None:
    for number, members in enumerate(LAYERS):
        if any(name == member or name.startswith(f"{member}.") for member in members):
            return number
    return None


MODULES = dict(modules())
IMPORTS = {name: imports_of(path) for name, path in MODULES.items()}


@pytest.mark.parametrize(
    "name", [name for name in MODULES if name.split(".")[0] != "fixtures" and name != "discoverer"]
)
def test_no_arrow_points_back(name: str) -> None:
    mine = layer_of(name)
    assert mine is not None, f"{name} has no place in LAYERS; give it one"
    for other in IMPORTS[name] & MODULES.keys():
        theirs = layer_of(other)
        assert theirs is None or theirs <= mine, f"{name} imports {other}, which comes after it"


@pytest.mark.parametrize(("library", "door"), DOORS.items())
def test_each_dependency_has_one_door(library: str, door: str) -> None:
    users = {name for name, found in IMPORTS.items() if any(each.split(".")[0] == library for each in found)}
    assert users == set(door.split())


def test_click_stands_only_at_the_command_lines() -> None:
    users = {name for name, found in IMPORTS.items() if any(each.split(".")[0] == "click" for each in found)}
    doors = {
        f"discoverer.{name}"
        for name in (
            "cli",
            "cli_audit",
            "cli_access",
            "cli_brief",
            "cli_builds",
            "cli_decide",
            "cli_doctor",
            "cli_forget",
            "cli_linking",
            "cli_lookup",
            "cli_policy",
            "cli_search",
            "cli_serve",
            "cli_show",
            "cli_sync",
            "cli_tokens",
            "cli_train",
            "cli_users",
        )
    }
    assert users <= doors | {"fixtures.generate", "fixtures.night"}


@pytest.mark.parametrize("library", ["fastapi", "starlette", "anyio"])
def test_the_web_framework_stands_only_in_web(library: str) -> None:
    users = {name for name, found in IMPORTS.items() if any(each.split(".")[0] == library for each in found)}
    assert users
    assert all(name.startswith("discoverer.web.") for name in users)


def test_the_clock_is_the_only_reader_of_the_time() -> None:
    for name, path in MODULES.items():
        if name == "discoverer.clock":
            continue
        text = path.read_text(encoding="utf-8")
        assert "datetime.now(" not in text and "date.today(" not in text and "time.time(" not in text, name


def test_the_generator_and_the_matcher_do_not_know_each_other() -> None:
    for name, found in IMPORTS.items():
        tops = {each.split(".")[0] for each in found}
        if name.split(".")[0] == "fixtures":
            assert not tops & {"discoverer", "adapters", "index"}, name
        else:
            assert "fixtures" not in tops, name


def test_the_packages_imported_are_ours_and_not_those_of_the_same_name_elsewhere() -> None:
    for top in CODE:
        assert Path(str(importlib.import_module(top).__file__)).parent == ROOT / top


def test_the_floor_can_be_imported_without_the_roof() -> None:
    assert IMPORTS["discoverer"] == set()


def test_modules_and_functions_stay_small() -> None:
    for name, path in MODULES.items():
        text = path.read_text(encoding="utf-8")
        assert text.count("\n") <= LONGEST_MODULE, name
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert (node.end_lineno or 0) - node.lineno < LONGEST_FUNCTION, f"{name}.{node.name}"


def test_every_public_name_is_documented() -> None:
    for name, path in MODULES.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), name
        classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
        for node in [*tree.body, *(member for found in classes for member in found.body)]:
            if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{name}.{node.name}"


def test_the_packages_listed_for_installing_are_all_there_are() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["packages"])
    there = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for top in ("discoverer", "adapters", "index")
        for path in (ROOT / top).rglob("__init__.py")
    }
    assert listed == there


def test_it_can_never_be_uploaded_by_mistake() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]
