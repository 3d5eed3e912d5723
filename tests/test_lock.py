"""What an installation runs on: all that is asked for is locked by hash, within its bounds, under a licence that fits."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
LOCK = (ROOT / "requirements" / "deploy.lock").read_text(encoding="utf-8")
LOCKED: dict[str, tuple[str, list[str]]] = {
    str(canonicalize_name(name)): (version, re.findall(r"--hash=(\S+)", rest))
    for name, version, rest in re.findall(r"^([A-Za-z0-9._-]+)==(\S+) \\\n((?:    --hash=\S+(?: \\)?\n)+)", LOCK, re.M)
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
ASKED = [
    *PROJECT["project"]["dependencies"],
    *PROJECT["project"]["optional-dependencies"]["tantivy"],
    *PROJECT["build-system"]["requires"],
]
LICENCES = tomllib.loads((ROOT / "requirements" / "licences.toml").read_text(encoding="utf-8"))["licence"]
FIT = {spelt: each["spdx"] for each in LICENCES for spelt in (each["spdx"], *each.get("spellings", ()))}


def fault(asked: str, locked: dict[str, tuple[str, list[str]]]) -> str:
    """Say what is wrong with how a requirement is locked; '' when nothing is."""
    wanted = Requirement(asked)
    if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
        return ""
    found = locked.get(canonicalize_name(wanted.name))
    if found is None:
        return f"{wanted.name} is not locked; run 'make lock'"
    version, hashes = found
    if not wanted.specifier.contains(version, prereleases=True):
        return f"{wanted.name} {version} is locked and {wanted.specifier} asked for; run 'make lock'"
    sound = hashes and all(re.fullmatch("sha256:[0-9a-f]{64}", each) for each in hashes)
    return "" if sound else f"{wanted.name} is locked without a hash"


@pytest.mark.parametrize("asked", ASKED)
def test_what_is_asked_for_is_locked_within_its_bounds_by_hash(asked: str) -> None:
    assert fault(asked, LOCKED) == ""


@pytest.mark.parametrize(
    ("asked", "locked", "said"),
    [
        ("whoosh>=2.7.4", {}, "is not locked"),
        ("whoosh>=2.7.4", {"whoosh": ("2.7.3", ["sha256:" + "a" * 64])}, "asked for"),
        ("whoosh>=2.7.4", {"whoosh": ("2.7.4", [])}, "without a hash"),
        ("whoosh>=2.7.4", {"whoosh": ("2.7.4", ["md5:" + "a" * 32])}, "without a hash"),
        ("whoosh>=2.7.4", {"whoosh": ("2.7.4", ["sha256:" + "a" * 64])}, ""),
        ("Who.Osh; python_version < '3'", {}, ""),
    ],
)
def test_what_is_locked_wrongly_is_found(asked: str, locked: dict[str, tuple[str, list[str]]], said: str) -> None:
    found = fault(asked, locked)
    assert said in found and bool(said) == bool(found)


def test_every_line_of_the_lock_is_one_that_is_read() -> None:
    pins = [line for line in LOCK.splitlines() if line and not line.startswith(("#", " "))]
    assert len(pins) == len(LOCKED) > len(ASKED)
    assert not re.search(r"find-links|index-url|://|/opt|/tmp", LOCK.replace("#", "")), (
        "it names a place of one machine"
    )


def installed() -> list[str]:
    """Return the names that are both locked and installed here."""
    here = {canonicalize_name(each.metadata["Name"]) for each in metadata.distributions()}
    return sorted(here & LOCKED.keys())


@pytest.mark.parametrize("name", installed())
def test_what_something_locked_needs_is_locked_too(name: str) -> None:
    if metadata.version(name) != LOCKED[canonicalize_name(name)][0]:
        pytest.skip("another version is installed here than is locked; what that one needs is not known here")
    assert [said for asked in metadata.requires(name) or () if (said := fault(asked, LOCKED))] == []


def licences_of(name: str) -> list[str]:
    """Return what a package says of its licence: an SPDX expression's parts, or else its classifiers, or its words."""
    said = metadata.metadata(name)
    if "License-Expression" in said:
        return [part.strip("() ") for part in re.split(r"\s+AND\s+", said["License-Expression"])]
    marks = [
        each.rpartition("::")[2].strip() for each in said.get_all("Classifier") or [] if each.startswith("License ::")
    ]
    return marks or [said["License"].partition("\n")[0] if "License" in said else "nothing said"]


@pytest.mark.parametrize("name", installed())
def test_the_licence_of_whatever_is_installed_is_one_that_fits(name: str) -> None:
    unfit = [each for each in licences_of(name) if each not in FIT]
    assert not unfit, f"{name} is under {unfit}: see requirements/licences.toml"


def test_every_licence_has_a_reason_and_stands_once() -> None:
    spelt = [each for entry in LICENCES for each in {entry["spdx"], *entry.get("spellings", ())}]
    assert len(spelt) == len(set(spelt))
    assert all(len(entry["reason"]) > 5 for entry in LICENCES)
    assert not {"GPL-3.0-only", "GPL-3.0-or-later", "AGPL-3.0-only", "SSPL-1.0", "Proprietary"} & FIT.keys()
    assert {each for name in installed() for each in licences_of(name)} <= FIT.keys()


@pytest.mark.slow
@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_every_supported_python_can_be_given_what_is_locked(version: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--require-hashes", "--no-deps", "--no-cache-dir"]
    command += [
        "--only-binary",
        ":all:",
        "--implementation",
        "cp",
        "--python-version",
        version,
        "--dest",
        str(tmp_path),
    ]
    for glibc in ("2_17", "2_26", "2_27", "2_28"):
        command += ["--platform", f"manylinux_{glibc}_x86_64"]
    command += ["--platform", "manylinux2014_x86_64", "--requirement", str(ROOT / "requirements" / "deploy.lock")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    assert len(list(tmp_path.iterdir())) == len(LOCKED)


@pytest.mark.slow
def test_an_installation_can_be_made_of_it_and_one_hash_wrong_stops_it(tmp_path: Path) -> None:
    for name in ("pyproject.toml", "README.md", "Makefile"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("discoverer", "adapters", "index", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    python = f"PYTHON={sys.executable}"
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MAKELEVEL")}
    for expected in (0, 2):
        done = subprocess.run(
            ["make", "deploy-check", python], cwd=tmp_path, env=environment, capture_output=True, text=True,
            timeout=900, check=False,
        )  # fmt: skip
        assert done.returncode == expected, done.stderr
        lock = tmp_path / "requirements" / "deploy.lock"
        lock.write_text(re.sub(r"sha256:[0-9a-f]{8}", "sha256:00000000", lock.read_text()))
    assert "DO NOT MATCH THE HASHES" in done.stderr
