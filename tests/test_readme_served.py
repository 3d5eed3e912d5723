"""The README serves and asks: its serve command starts, and every curl line of it is answered."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from discoverer.app import App
from tests.conftest import SMALL
from tests.web import Serving, serving

README = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
CURLS = re.findall(r"^curl .*$", README, re.M)
SAID_THERE = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def served(small: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """Serve the small set by the command of the README, on a port that is free."""
    (line,) = re.findall(r"^\.venv/bin/discoverer .* serve$", README, re.M)
    assert shlex.split(line)[1:] == ["--config", ".demo/discoverer.toml", "serve"]
    config = tmp_path_factory.mktemp("served") / "discoverer.toml"
    settings = (SMALL / "discoverer.toml").read_text(encoding="utf-8")
    settings = settings.replace('"state"', json.dumps(str(small.settings.state_dir)))
    config.write_text(settings.replace('"sources"', json.dumps(str(SMALL / "sources"))), encoding="utf-8")
    with serving(config) as service:
        yield service


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed, which the README asks with")
@pytest.mark.parametrize("line", CURLS)
def test_every_curl_line_of_the_readme_is_answered(served: Serving, line: str) -> None:
    assert SAID_THERE in line
    done = subprocess.run(
        shlex.split(line.replace(SAID_THERE, served.address)), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    if line.endswith("/metrics'"):
        assert "# TYPE" in done.stdout
        return
    answers = [json.loads(each) for each in done.stdout.splitlines() if each]
    assert answers and not any("title" in each and each.get("status", 200) not in (200, 503) for each in answers)
    if "/api/" in line:
        assert not any(str(each.get("type", "")).startswith("urn:discoverer:problem") for each in answers), done.stdout


def test_the_readme_asks_of_every_part_of_the_api() -> None:
    asked = {re.findall(r"8000(/[\w/]+)", line)[0] for line in CURLS}
    assert {f"/api/v1/{part}" for part in ("search", "call", "person", "briefing", "reading", "lookup")} <= asked
