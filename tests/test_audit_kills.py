"""Killed at any moment or out of room: every answer that was shown has its line, and what has none was not answered.

A process is killed with many threads in the middle of looks; then the service, over HTTP. A disk is full at every
operation of a look, and fills up for real under many threads. `make kills N=200` kills at as many moments.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import resource
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from discoverer.access import Viewer
from discoverer.app import App
from discoverer.audit.reading import Recorded, read_looks
from discoverer.codec import decoder, encode
from discoverer.errors import LookNotRecorded
from discoverer.settings import Settings
from tests.cast import make_app
from tests.file_operations import Operation, Watch
from tests.setups import run, write_tiny
from tests.web import STARTS_IN, Serving, serving

pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
FORK = multiprocessing.get_context("fork")
KILLS = int(os.environ.get("DISCOVERER_RANDOM_KILLS", "8"))
SERVICE_KILLS = int(os.environ.get("DISCOVERER_RANDOM_KILLS", "1"))
THREADS = 4
LONGEST = 0.3  # seconds from the first answer to the kill
ASKED = ("07700 900417", "asif khan")
Shown = dict[str, list[str]]
_operations = decoder(list[Operation])


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Return the settings of a small cast that is built."""
    with make_app(tmp_path_factory.mktemp("killed") / "state") as app:
        return app.settings


def lines_by_log(folder: Path) -> dict[str, list[str]]:
    """Return the ids that each look showed, by the log that stands in its line; each has a log of its own."""
    read = [each.values for each in read_looks(folder) if isinstance(each, Recorded)]
    assert len({each["log"] for each in read}) == len(read)
    return {each["log"]: [shown["id"] for shown in each["shown"]] for each in read}


def ask_on(settings: Settings, name: str, told: int) -> None:
    """Search from many threads until killed; tell of each answer once it is shown."""
    app = App(settings)

    def ask(thread: int) -> None:
        for number in range(1_000_000):
            log = f"{name}-{thread}-{number}"
            try:
                answer = app.search(Viewer("demo", "call_handler", log), ASKED[number % 2])
            except LookNotRecorded:
                os.write(told, encode({log: None}) + b"\n")
                continue
            os.write(told, encode({log: [hit.id for hit in answer.hits]}) + b"\n")

    for thread in range(THREADS):
        threading.Thread(target=ask, args=(thread,), daemon=True).start()
    threading.Event().wait()


def asking_child(settings: Settings, name: str, until: Callable[[], None]) -> Iterator[tuple[str, list[str] | None]]:
    """Ask in a process of its own; once it has answered, wait, and kill it. Yield what it told, None of a refusal."""
    reads, writes = os.pipe()
    child = FORK.Process(target=ask_on, args=(settings, name, writes))
    child.start()
    os.close(writes)
    with os.fdopen(reads, "rb") as told:
        first = told.readline()

        def kill() -> None:
            until()
            child.kill()

        killing = threading.Thread(target=kill)
        killing.start()
        lines = [first, *told]
    killing.join()
    child.join(30)
    assert child.exitcode == -signal.SIGKILL
    for line in lines:
        if line.endswith(b"\n"):
            yield from json.loads(line).items()


@pytest.mark.parametrize("seed", range(KILLS))
def test_every_answer_shown_before_a_kill_has_its_line(settings: Settings, seed: int) -> None:
    pause = random.Random(seed).uniform(0, LONGEST)
    shown = dict(asking_child(settings, f"kill{seed}", lambda: time.sleep(pause)))
    assert shown and None not in shown.values()
    lines = lines_by_log(settings.audit_dir)
    assert {log: lines.get(log) for log in shown} == shown


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the settings file of a tiny set-up that is built."""
    made = write_tiny(tmp_path_factory.mktemp("served"))
    assert run(made, "build").exit_code == 0
    return made


def workers_of(process: int) -> list[int]:
    """Return the processes that a process has started."""
    return [int(each) for each in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def kill_all(served: Serving) -> None:
    """Kill a service, all its processes; first the one that would start others."""
    workers = workers_of(served.process.pid)
    for each in (served.process.pid, *workers):
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def ask_over_http(served: Serving, name: str, shown: Shown, answered: threading.Event) -> None:
    """Search over HTTP until the service is gone; note each answer that came whole."""
    with httpx.Client(base_url=served.address, timeout=STARTS_IN) as client, suppress(httpx.TransportError):
        for number in range(1_000_000):
            log = f"{name}-{number}"
            said = client.get("/api/v1/search", params={"q": ASKED[0], "log": log})
            if said.status_code == 200:
                shown[log] = [hit["id"] for hit in said.json()["hits"]]
                answered.set()


@pytest.mark.parametrize("seed", range(SERVICE_KILLS))
def test_every_answer_of_a_service_that_was_killed_has_its_line(config: Path, seed: int) -> None:
    shown: Shown = {}
    answered = threading.Event()
    workers = 1 + seed % 2
    with serving(config, "--workers", str(workers)) as served, ThreadPoolExecutor(THREADS) as pool:
        served.wait_for("/health/ready", 200)
        for thread in range(THREADS):
            pool.submit(ask_over_http, served, f"kill{seed}-{thread}", shown, answered)
        assert answered.wait(STARTS_IN)
        time.sleep(random.Random(seed).uniform(0, LONGEST))
        kill_all(served)
    lines = lines_by_log(config.parent / "state" / "audit")
    assert {log: lines.get(log) for log in shown} == shown
    assert all(shown.values()), "what is asked for is held"


def search_once(settings: Settings, watch: Watch, told: Path) -> None:
    """Search under watch, in a process of its own, and write down what came of it and what it did."""
    app = App(settings)
    app.status(Viewer("demo", "call_handler"))
    watch.start()
    try:
        answered: Any = [hit.id for hit in app.search(Viewer("demo", "call_handler", "1"), ASKED[0]).hits]
    except LookNotRecorded:
        answered = None
    watch.stop()
    told.write_bytes(encode({"answered": answered, "did": watch.seen}))


def searched_in_child(settings: Settings, watch: Watch, told: Path) -> tuple[list[str] | None, list[Operation]]:
    """Search in a process of its own; return the ids shown, None when refused, and the operations."""
    child = FORK.Process(target=search_once, args=(settings, watch, told))
    child.start()
    child.join(60)
    assert child.exitcode == 0
    said = json.loads(told.read_bytes())
    return said["answered"], _operations(encode(said["did"]))


NEEDS_ROOM = ("write", "sync", "make")


@pytest.mark.parametrize("there", [pytest.param(False, id="the first look"), pytest.param(True, id="a later look")])
def test_a_disk_full_at_any_operation_of_a_look_is_a_refusal_and_no_answer(
    settings: Settings, tmp_path: Path, there: bool
) -> None:
    audit, told = settings.audit_dir, tmp_path / "told"

    def fresh() -> None:
        shutil.rmtree(audit, ignore_errors=True)
        if there:
            assert searched_in_child(settings, Watch(tmp_path / "elsewhere"), told)[0]

    fresh()
    _, operations = searched_in_child(settings, Watch(audit), told)
    assert any(each.kind == "sync" and each.path.endswith(".jsonl") for each in operations)
    for moment in range(len(operations)):
        fresh()
        before = len(list(read_looks(audit)))
        answered, _ = searched_in_child(settings, Watch(audit, full_from=moment), told)
        refused = any(each.kind in NEEDS_ROOM for each in operations[moment:])
        assert (answered is None) is refused, (moment, operations[moment])
        after = list(read_looks(audit))
        assert all(isinstance(each, Recorded) for each in after), "nothing half written is left"
        assert len(after) > before or refused
        with App(settings) as app:
            assert app.search(Viewer("demo", "call_handler"), ASKED[0]).hits, "there is room again"


def test_a_disk_that_fills_up_under_many_threads_answers_what_it_recorded_and_refuses_the_rest(
    settings: Settings,
) -> None:
    shutil.rmtree(settings.audit_dir, ignore_errors=True)
    room = 30_001  # bytes: no multiple of a line, so that the last group is taken in part

    def fill(name: str, told: int) -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        ask_on(settings, name, told)

    reads, writes = os.pipe()
    child = FORK.Process(target=fill, args=("full", writes))
    child.start()
    os.close(writes)
    shown: Shown = {}
    refused: set[str] = set()
    with os.fdopen(reads, "rb") as told:
        for line in told:
            ((log, ids),) = json.loads(line).items()
            if ids is None:
                refused.add(log)
                if len(refused) >= 40:
                    break
            else:
                shown[log] = ids
        child.kill()
    child.join(30)
    assert shown and refused
    assert next(settings.audit_dir.iterdir()).stat().st_size <= room
    lines = lines_by_log(settings.audit_dir)
    assert {log: lines.get(log) for log in shown} == shown
    assert all(isinstance(each, Recorded) for each in read_looks(settings.audit_dir)), "what did not fit was taken back"
    with App(settings) as app:
        assert app.search(Viewer("demo", "call_handler", "after"), ASKED[0]).hits
    assert "after" in lines_by_log(settings.audit_dir)
