"""A virtual environment for each rival, since what they need clashes; made once and kept while its list is the same."""

from __future__ import annotations

import shutil
import subprocess
import sys
import venv
from pathlib import Path

from filelock import FileLock

HERE = Path(__file__).resolve().parent
INSTALL_SECONDS = 600


class NoEnvironment(Exception):
    """An environment could not be made; says why in one sentence."""


def python_of(requirements: Path, venvs: Path) -> Path:
    """Return the interpreter of the environment that holds the packages of a list, made when it is not there.

    Args:
        requirements: NAME.txt, pinned packages.
        venvs: the folder that the environments stand in.

    Raises:
        NoEnvironment: the packages could not be installed, as on a machine that reaches no package registry.
    """
    venvs.mkdir(parents=True, exist_ok=True)
    with FileLock(venvs / f"{requirements.stem}.lock"):  # two test processes may want the same one
        return _made(requirements, venvs / requirements.stem)


def _made(requirements: Path, folder: Path) -> Path:
    """Return the interpreter of one environment, made when it is not there or its list has changed."""
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    wanted = requirements.read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return python
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=False, symlinks=True)
    # The pip of the environment that runs this one, so that none need be unpacked first.
    pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet", "--disable-pip-version-check"]
    command = [*pip, "--prefer-binary", "--requirement", str(requirements)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise NoEnvironment(f"installing {requirements.name} took over {INSTALL_SECONDS} seconds") from None
    if done.returncode:
        reason = next(iter(done.stderr.strip().splitlines()[-1:]), "pip said nothing")
        raise NoEnvironment(f"the packages of {requirements.name} cannot be installed here: {reason}")
    stamp.write_text(wanted, encoding="utf-8")
    return python
