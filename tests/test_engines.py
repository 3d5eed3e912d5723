"""Choosing an engine: both give the same answers, each build is read by its own, and one not installed is said."""

from __future__ import annotations

import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest

from discoverer import bulk
from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from discoverer.codec import encode
from discoverer.errors import BuildError, ConfigError, DiscovererError, IndexUnavailable
from discoverer.settings import load
from index import engines, files, versions
from index.assemble import ENGINE_FOLDER, assemble
from index.build import build
from index.engine import Engine, EngineKind, EngineWriter
from index.progress import Progress, SilentProgress
from index.store import Segment
from tests.conftest import SMALL
from tests.setups import answer, complaint, refs, run, write_tiny
from tests.tiny_index import TinyAdapter, make_settings

FORK = multiprocessing.get_context("fork")
ROOT = Path(__file__).resolve().parent.parent
OTHER = 'engine = "tantivy"\n'
NAME = "shabana bibi"


def looked_up(app: App) -> list[bytes]:
    """Answer every query of the small set, as `lookup` writes it, apart from the id of the build."""
    with (SMALL / "queries.jsonl").open(encoding="utf-8") as lines:
        read = list(bulk.read_lines(lines))
    found = []
    for (qid, _), given in zip(read, app.lookup(DEMO_VIEWER, (reading for _, reading in read)), strict=True):
        line = bulk.error_json(qid, given) if isinstance(given, DiscovererError) else bulk.result_json(qid, given)
        value = json.loads(encode(line))
        value.pop("build", None)
        value.pop("took_ms", None)
        found.append(encode(value))
    return found


def test_the_small_set_is_answered_the_same_by_every_engine(small: App, tmp_path: Path) -> None:
    expected = looked_up(small)
    assert len(expected) > 700
    settings = load(SMALL / "discoverer.toml").model_copy(update={"state_dir": tmp_path / "state"})
    for name in sorted(set(engines.ENGINES) - {small.settings.engine}):
        with App(settings.model_copy(update={"engine": name})) as app:
            assert app.build(SilentProgress()).engine == name
            assert looked_up(app) == expected, name


def set_up(folder: Path, more: str = "") -> Path:
    """Write the tiny sources, build them by Whoosh, then add to the settings; return their file."""
    config = write_tiny(folder / "setup")
    assert run(config, "build", "--quiet").exit_code == 0
    with config.open("a", encoding="utf-8") as file:
        file.write(more)
    return config


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder but what looks and locks leave."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in files.tree_files(folder)
        if "audit" not in path.parts
    }


def without_extra(folder: Path, config: Path, *args: str) -> subprocess.CompletedProcess[str]:
    """Run the command line where tantivy is not installed."""
    absent = folder / "absent"
    absent.mkdir(exist_ok=True)
    words = "raise ModuleNotFoundError(\"No module named 'tantivy'\", name='tantivy')\n"
    (absent / "tantivy.py").write_text(words, encoding="utf-8")
    command = [sys.executable, "-m", "discoverer", "--config", str(config), *args]
    env = {**os.environ, "PYTHONPATH": str(absent), "COLUMNS": "200"}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=env, cwd=folder)


def test_a_build_by_one_engine_serves_while_the_settings_name_another_until_the_next(tmp_path: Path) -> None:
    config = set_up(tmp_path, OTHER)
    live = config.parent / "state" / "builds"
    before = refs(answer(config, NAME))
    assert (
        "made and read by whoosh; the settings say tantivy, which the next build takes" in run(config, "status").stdout
    )
    assert run(config, "build", "--quiet").exit_code == 0
    status = run(config, "status").stdout
    assert "Index of the live build made and read by tantivy\n" in status
    assert refs(answer(config, NAME)) == before
    newest = live / versions.current(config.parent / "state")
    assert (newest / ENGINE_FOLDER / "meta.json").exists()
    assert versions.open_verified(newest).engine == "tantivy"
    assert run(config, "rollback").exit_code == 0
    assert refs(answer(config, NAME)) == before


def test_an_engine_that_is_not_installed_is_said_before_anything_is_written(tmp_path: Path) -> None:
    config = set_up(tmp_path, OTHER)
    before = tree(config.parent / "state")
    done = without_extra(tmp_path, config, "build", "--quiet")
    assert done.returncode == ConfigError.exit_code, done.stderr
    words = done.stderr.strip()
    assert words.count("\n") == 0 and "Traceback" not in words
    assert (
        f"{config} has 1 mistake: (1) 'engine': the engine 'tantivy' cannot be loaded (No module named 'tantivy')"
        in words
    )
    assert "install it with: pip install 'tantivy>=" in words and 'set engine = "whoosh"' in words
    assert tree(config.parent / "state") == before
    found = without_extra(tmp_path, config, "search", "--json", NAME)
    assert found.returncode == 0 and refs(json.loads(found.stdout)) == refs(answer(config, NAME))
    assert "made and read by whoosh; the settings say tantivy" in without_extra(tmp_path, config, "status").stdout


def test_the_first_build_by_an_engine_that_is_not_installed_makes_no_folder(tmp_path: Path) -> None:
    config = write_tiny(tmp_path / "setup")
    config.write_text(config.read_text(encoding="utf-8") + OTHER, encoding="utf-8")
    assert without_extra(tmp_path, config, "build", "--quiet").returncode == ConfigError.exit_code
    assert not (config.parent / "state" / "builds").exists()


def test_a_live_build_whose_engine_is_not_installed_is_unavailable_and_never_empty(tmp_path: Path) -> None:
    config = set_up(tmp_path, OTHER)
    assert run(config, "build", "--quiet").exit_code == 0
    done = without_extra(tmp_path, config, "search", NAME)
    assert done.returncode == IndexUnavailable.exit_code and "No trace" not in done.stdout
    assert "the engine 'tantivy' cannot be loaded" in done.stderr and "pip install 'tantivy>=" in done.stderr
    assert done.stderr.strip().count("\n") == 0 and "Traceback" not in done.stderr
    assert "the engine 'tantivy' cannot be loaded" in without_extra(tmp_path, config, "status").stdout


def test_an_engine_nobody_knows_is_refused_with_the_names_there_are(tmp_path: Path) -> None:
    config = set_up(tmp_path, 'engine = "lucene"\n')
    assert "input should be 'whoosh' or 'tantivy'" in complaint(run(config, "build"), ConfigError.exit_code)
    with pytest.raises(ConfigError, match=r"no engine 'lucene'; choose one of tantivy, whoosh\."):
        engines.for_building("lucene")
    with pytest.raises(IndexUnavailable, match="made by the engine 'lucene', which this version does not know"):
        engines.for_reading("lucene")


def test_the_extra_asks_for_what_the_sentence_says_to_install() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for name, known in engines.ENGINES.items():
        asked = project["optional-dependencies"][name] if known.needs else []
        assert asked == [known.needs][: len(asked)] and set(asked) <= set(project["optional-dependencies"]["dev"])


class Cramped:
    """An engine on a disk that fills up as soon as it writes."""

    def __init__(self, kind: EngineKind) -> None:
        self._kind = kind

    def writer(self, folder: Path) -> EngineWriter:
        """Start a new index; from here no file may grow beyond 20,000 bytes."""
        writer = self._kind.writer(folder)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        return writer

    def open(self, folder: Path) -> Engine:
        """Open a finished index."""
        return self._kind.open(folder)


def build_on_full_disk(state: Path, name: str, said: Path) -> None:
    """Build by an engine whose disk fills up, in a process of its own, and write down what was said."""

    def cramped(segments: Sequence[Segment], out: Path, as_at: datetime, progress: Progress) -> dict[str, int]:
        return assemble(segments, out, as_at, progress, engine=Cramped(engines.for_building(name)))

    words = [f"new{number}" for number in range(3_000)]
    try:
        build(make_settings(state), [TinyAdapter("incidents", words), TinyAdapter("custody", words)], assemble=cramped)
    except BuildError as error:
        said.write_text(error.message, encoding="utf-8")


@pytest.mark.parametrize("name", sorted(engines.ENGINES))
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_disk_that_fills_up_leaves_the_live_build_untouched(tmp_path: Path, name: str) -> None:
    state, said = tmp_path / "state", tmp_path / "said"
    live = build(make_settings(state), [TinyAdapter("incidents", ["old"]), TinyAdapter("custody", ["old"])]).build
    before = tree(versions.builds_of(state))
    child = FORK.Process(target=build_on_full_disk, args=(state, name, said))
    child.start()
    child.join(60)
    words = said.read_text(encoding="utf-8")
    assert words.startswith("The new build was not published: ") and words.endswith(f"build {live} goes on serving.")
    assert "room" in words and "\n" not in words
    assert versions.current(state) == live and tree(versions.builds_of(state)) == before
