"""Every engine answers exactly as a dictionary would."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from discoverer.errors import IndexUnavailable
from index.engine import EngineKind
from index.whoosh_engine import Whoosh
from tests.dictionary_engine import DictionaryEngine

ENGINES = [pytest.param(Whoosh(), id="whoosh")]
KEYS = st.text(
    st.characters(exclude_categories=["Cs"]) | st.sampled_from(["\x00", "~", "/", "\U0001f600"]),
    min_size=1,
    max_size=12,
)


@pytest.fixture(params=ENGINES)
def engine_kind(request: pytest.FixtureRequest) -> EngineKind:
    kind: EngineKind = request.param
    return kind


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[Path]:
    def names() -> Iterator[Path]:
        number = 0
        while True:
            number += 1
            yield tmp_path / f"engine{number}"

    return names()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(documents=st.lists(st.sets(KEYS, max_size=8), max_size=30), limit=st.integers(1, 40))
def test_an_engine_equals_the_dictionary(
    engine_kind: EngineKind, folders: Iterator[Path], documents: list[set[str]], limit: int
) -> None:
    folder = next(folders)
    reference, writer = DictionaryEngine(), engine_kind.writer(folder)
    for keys in documents:
        reference.add(keys)
        writer.add(keys)
    writer.close()
    engine = engine_kind.open(folder)
    for key in {key for keys in documents for key in keys} | {"absent", ""}:
        assert engine.look_up(key, limit) == reference.look_up(key, limit)
    engine.close()


def test_many_threads_get_the_same_answers(engine_kind: EngineKind, tmp_path: Path) -> None:
    dice = random.Random(7)
    documents = [{f"k{dice.randrange(300)}" for _ in range(10)} for _ in range(2_000)]
    reference, writer = DictionaryEngine(), engine_kind.writer(tmp_path / "engine")
    for keys in documents:
        reference.add(keys)
        writer.add(keys)
    writer.close()
    engine = engine_kind.open(tmp_path / "engine")
    wrong: list[str] = []

    def ask(seed: int) -> None:
        mine = random.Random(seed)
        for _ in range(300):
            key = f"k{mine.randrange(310)}"
            if engine.look_up(key, 25) != reference.look_up(key, 25):
                wrong.append(key)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    engine.close()
    assert wrong == []


def test_a_folder_without_an_index_is_unavailable(engine_kind: EngineKind, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(IndexUnavailable, match="build again"):
        engine_kind.open(tmp_path / "empty")
