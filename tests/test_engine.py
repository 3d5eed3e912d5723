"""Every engine answers exactly as a dictionary would, and keeps to all that the protocol says."""

from __future__ import annotations

import gc
import importlib
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discoverer.errors import IndexUnavailable
from discoverer.settings import Settings
from index import files
from index.engine import Engine, EngineKind
from index.engines import DEFAULT, ENGINES, for_building, for_reading
from tests.dictionary_engine import DictionaryEngine

ODD = ["\x00", "~", "/", "\U0001f600", "\ud800", "\udfff", "\ufeff", "\u0301"]
KEYS = st.text(st.characters() | st.sampled_from(ODD), max_size=12)
NOBODY = 65534


@pytest.fixture(params=sorted(ENGINES))
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def kind(name: str) -> EngineKind:
    return for_building(name)


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Path]:
    def names() -> Iterator[Path]:
        number = 0
        while True:
            number += 1
            yield tmp_path / f"engine{number}"

    return names()


def written(kind: EngineKind, folder: Path, documents: Sequence[Collection[str]]) -> DictionaryEngine:
    """Write documents by an engine and by the dictionary; return the dictionary."""
    reference, writer = DictionaryEngine(), kind.writer(folder)
    for keys in documents:
        reference.add(keys)
        writer.add(keys)
    writer.close()
    return reference


def differences(engine: Engine, reference: DictionaryEngine, keys: Collection[str], limit: int) -> list[str]:
    """Return the keys an engine answers otherwise than the dictionary."""
    return [key for key in keys if engine.look_up(key, limit) != reference.look_up(key, limit)]


def state_of(folder: Path) -> list[tuple[str, bytes, int, int, int]]:
    """Return everything of a folder that opening it could change."""
    found = []
    for path in files.tree_entries(folder):
        state = path.stat()
        data = path.read_bytes() if path.is_file() else b""
        found.append((path.name, data, state.st_mode, state.st_mtime_ns, state.st_ctime_ns))
    return found


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=st.lists(st.lists(KEYS, max_size=8), max_size=30), limit=st.integers(0, 40))
def test_an_engine_equals_the_dictionary(
    kind: EngineKind, folders: Iterator[Path], documents: list[list[str]], limit: int
) -> None:
    folder = next(folders)
    reference = written(kind, folder, documents)
    engine = kind.open(folder)
    try:
        assert differences(engine, reference, {key for keys in documents for key in keys} | {"absent", ""}, limit) == []
    finally:
        engine.close()


BESIDE = [
    pytest.param(["a", "b", "a ", " a", "A", "á", "a\u0301", "ａ"], id="near misses"),
    pytest.param(["\x00", "\x00\x00", "a\x00", "a\x00b", ""], id="NUL and nothing"),
    pytest.param(["\ud800", "\udc00", "\ud800x", "\ufffd", "?"], id="lone surrogates"),
    pytest.param(["\U0001f600", "\U0001f601", "~", "/", "~/", "a/b", "a~b"], id="emoji and separators"),
    pytest.param(["open/n1:smith", "open/n1:smit", "closed/n1:smith", "n1:smith"], id="real keys"),
    pytest.param(["k" * n for n in (255, 256, 1_023, 1_024, 1_025, 1_026)], id="lengths about 1,024"),
    pytest.param([f"{'k' * n}{end}" for n in (65_528, 65_530, 65_536, 70_000) for end in "xy"], id="beyond 65,530 bytes"),
    pytest.param([f"{'é' * n}{end}" for n in (511, 512, 32_765, 40_000) for end in "xy"], id="long, two bytes a letter"),
    pytest.param(["select *", '"a b"', "k:a", "a AND b", "a*", "[a TO b]", "\\"], id="words of a query language"),
]  # fmt: skip


@pytest.mark.parametrize("keys", BESIDE)
def test_every_key_is_told_from_those_beside_it(kind: EngineKind, tmp_path: Path, keys: list[str]) -> None:
    documents = [[key] for key in keys] + [keys] + [[key] for key in reversed(keys)]
    reference = written(kind, tmp_path / "engine", documents)
    engine = kind.open(tmp_path / "engine")
    assert differences(engine, reference, [*keys, *(f"{key}!" for key in keys)], 10) == []
    engine.close()


@pytest.mark.parametrize("limit", [0, 1, 2, 127, 128, 129, 256, 1_499, 1_500, 1_501, 3_000, 10_000, 10**12])
def test_the_smallest_numbers_come_first_at_most_the_limit_and_the_count_is_true(
    kind: EngineKind, tmp_path: Path, limit: int
) -> None:
    documents = [["all", *(["half"] if number % 2 else []), *(["last"] if number > 2_900 else [])] for number in range(3_000)]  # fmt: skip
    reference = written(kind, tmp_path / "engine", documents)
    engine = kind.open(tmp_path / "engine")
    assert differences(engine, reference, ["all", "half", "last", "none"], limit) == []
    assert engine.look_up("half", limit).ids == list(range(1, 3_000, 2))[:limit]
    engine.close()


NOTHING = [
    pytest.param([], id="no document"),
    pytest.param([[]], id="one without keys"),
    pytest.param([[], [], ["a"], []], id="one key among documents without"),
    pytest.param([["a", "a", "b", "a"], ["b", "b"]], id="a key given twice"),
]


@pytest.mark.parametrize("documents", NOTHING)
def test_a_document_may_have_no_keys_and_an_index_no_document(
    kind: EngineKind, tmp_path: Path, documents: list[list[str]]
) -> None:
    reference = written(kind, tmp_path / "engine", documents)
    engine = kind.open(tmp_path / "engine")
    assert differences(engine, reference, ["a", "b", ""], 5) == []
    engine.close()


SMALL_MEMORY = {"whoosh": ("MEMORY_MB", 1), "tantivy": ("MEMORY_BYTES", 15_000_000)}


def test_more_than_memory_holds_is_written_in_parts_and_answered_the_same(
    name: str, kind: EngineKind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten parts or so: the engines merge some of them, in an order of their own."""
    monkeypatch.setattr(importlib.import_module(ENGINES[name].module), *SMALL_MEMORY[name])
    dice = random.Random(3)
    documents = [
        [f"k{dice.randrange(300)}", f"only {number}", *(f"{dice.random()}" for _ in range(12))] for number in range(25_000)
    ]  # fmt: skip
    reference = written(kind, tmp_path / "engine", documents)
    engine = kind.open(tmp_path / "engine")
    keys = [f"k{number}" for number in range(300)] + [key for keys in documents[::500] for key in keys]
    assert differences(engine, reference, keys, 25) == []
    engine.close()


def test_many_threads_get_the_same_answers(kind: EngineKind, tmp_path: Path) -> None:
    dice = random.Random(7)
    documents = [{f"k{dice.randrange(300)}" for _ in range(10)} for _ in range(2_000)]
    reference = written(kind, tmp_path / "engine", documents)
    engine = kind.open(tmp_path / "engine")
    wrong: list[str] = []

    def ask(seed: int) -> None:
        mine = random.Random(seed)
        wrong.extend(differences(engine, reference, [f"k{mine.randrange(310)}" for _ in range(300)], 25))

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.close()
    assert wrong == []


def test_two_indexes_open_at_once_do_not_mix(kind: EngineKind, tmp_path: Path) -> None:
    written(kind, tmp_path / "one", [["a"], ["b"]])
    written(kind, tmp_path / "two", [["b"], ["a"], ["a"]])
    one, two = kind.open(tmp_path / "one"), kind.open(tmp_path / "two")
    assert (one.look_up("a", 5), two.look_up("a", 5)) == (([0], 1), ([1, 2], 2))
    one.close()
    assert two.look_up("b", 5) == ([0], 1)
    two.close()


def test_closing_twice_does_nothing_more(kind: EngineKind, tmp_path: Path) -> None:
    written(kind, tmp_path / "engine", [["a"]])
    engine = kind.open(tmp_path / "engine")
    engine.close()
    engine.close()


def test_a_folder_without_an_index_is_unavailable(kind: EngineKind, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "missing"):
        with pytest.raises(IndexUnavailable, match="build again"):
            kind.open(folder)


@pytest.mark.parametrize("share", [None, 0.0, 0.5], ids=["gone", "emptied", "cut in half"])
# What Whoosh had opened before it met the damage, it drops without closing.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")
def test_a_damaged_index_is_unavailable_or_right_and_never_empty(
    kind: EngineKind, tmp_path: Path, share: float | None
) -> None:
    """A build is held against its hashes before it is opened; this is what an engine does by itself."""
    dice = random.Random(5)
    documents = [[f"k{dice.randrange(30)}" for _ in range(10)] for _ in range(300)]
    reference = written(kind, tmp_path / "whole", documents)
    refused = 0
    for path in sorted(each.relative_to(tmp_path / "whole") for each in files.tree_files(tmp_path / "whole")):
        damaged = tmp_path / f"damaged-{path.name}"
        shutil.copytree(tmp_path / "whole", damaged)
        data = (damaged / path).read_bytes()
        (damaged / path).unlink()
        if share is not None:
            (damaged / path).write_bytes(data[: int(len(data) * share)])
        try:
            engine = kind.open(damaged)
            assert differences(engine, reference, [f"k{number}" for number in range(30)], 400) == [], path
            engine.close()
        except IndexUnavailable as error:
            refused += 1
            assert "build again" in error.message, path
    gc.collect()  # what was dropped is let go of here, where its warning is expected, and in no other test
    assert refused >= 2


def test_a_sealed_index_is_opened_and_asked_without_a_trace(kind: EngineKind, tmp_path: Path) -> None:
    folder = tmp_path / "engine"
    reference = written(kind, folder, [["a", "b"], ["a"], ["c"]])
    assert not [path.name for path in files.tree_entries(folder) if "lock" in path.name.lower()]
    files.seal_tree(folder)
    folder.chmod(0o550)
    before = state_of(folder)
    for _ in range(2):
        engine = kind.open(folder)
        assert differences(engine, reference, ["a", "b", "c", "d"], 5) == []
        engine.close()
    assert state_of(folder) == before
    folder.chmod(0o750)


AS_NOBODY = f"""
import os, sys
from pathlib import Path
from index.engines import for_reading
kind = for_reading(sys.argv[1])
os.setgroups([]); os.setuid({NOBODY})
try:
    Path(sys.argv[2], "mine").touch()
except PermissionError:
    engine = kind.open(Path(sys.argv[2]))
    print(engine.look_up("a", 5), engine.look_up("c", 5).total)
"""


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become somebody else")
def test_the_server_reads_what_it_may_not_write(name: str, kind: EngineKind) -> None:
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made) / "engine"
        written(kind, folder, [["a", "b"], ["a"]])
        files.seal_tree(Path(made))  # its group reads, as the server's does
        command = [sys.executable, "-c", AS_NOBODY, name, str(folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("Postings(ids=[0, 1], total=2) 0\n", "")


def test_the_table_the_settings_and_what_is_installed_agree() -> None:
    assert set(get_args(get_type_hints(Settings)["engine"])) == set(ENGINES)
    assert Settings.model_fields["engine"].default == DEFAULT
    for engine in ENGINES:
        assert type(for_building(engine)) is type(for_reading(engine))
