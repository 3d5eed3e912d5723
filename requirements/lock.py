"""Write requirements/deploy.lock anew: every package an installation runs on, its version, and the hashes allowed.

`make lock` runs this with the oldest Python the project supports, since what that resolves to the newer ones can
install too. pip-tools asks the index for the hashes of every file of each version, so that one lock fits every Python
and machine; it stands in an environment of its own, thrown away afterwards. What `tantivy` needs is taken along, so
that a force can change engines without going to an index, and what the project itself is installed with.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "deploy.lock"
TOOL = "pip-tools>=7.5,<8"
EXTRAS = ("tantivy",)
HEAD = """\
# What an installation runs on: nothing else is installed, and no file whose hash is not here.
# Made by 'make lock' from pyproject.toml; never by hand. 'make deploy-check' installs it.
# On a machine that is to serve: .venv/bin/python -m pip install --require-hashes --no-deps --only-binary :all: \\
#     --requirement requirements/deploy.lock
"""
# What of pip's settings is this machine's own affair, and must neither stand in the lock nor decide what is in it.
LOCAL = ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL", "PIP_CONSTRAINT", "PIP_REQUIREMENT")


def wanted() -> list[str]:
    """Return what pyproject.toml asks for to be installed and to run, e.g. 'click>=8.1'.

    Raises:
        OSError, tomllib.TOMLDecodeError, KeyError: the file is not there, is no TOML, or names no such extra.
    """
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    project = whole["project"]
    asked = [*project["dependencies"], *whole["build-system"]["requires"]]
    for extra in EXTRAS:
        asked += project["optional-dependencies"][extra]
    return sorted(asked)


def locked(asked: list[str], folder: Path) -> str:
    """Resolve what is asked for, in an environment in `folder`, and return the lines of the lock.

    Raises:
        subprocess.CalledProcessError: the index could not be reached, or nothing fits; pip has said which.
    """
    environment = {name: value for name, value in os.environ.items() if name not in LOCAL}
    venv.create(folder / "tools", with_pip=True)
    tools = folder / "tools" / "bin"
    command = [str(tools / "python"), "-m", "pip", "install", "--quiet", "--upgrade", "pip", TOOL]
    subprocess.run(command, check=True, env=environment)  # noqa: S603 - our own environment's pip
    (folder / "asked.in").write_text("\n".join(asked) + "\n", encoding="utf-8")
    command = [str(tools / "pip-compile"), "--quiet", "--generate-hashes", "--allow-unsafe", "--strip-extras"]
    command += ["--no-header", "--no-annotate", "--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links"]
    command += ["--rebuild", "--output-file", str(folder / "out.lock"), str(folder / "asked.in")]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - as above
    return (folder / "out.lock").read_text(encoding="utf-8")


def main() -> int:
    """Write the lock; what is asked for besides pyproject.toml may be named as arguments."""
    if sys.version_info[:2] != (3, 11):
        print("A lock is made with Python 3.11, the oldest that is supported: make lock PYTHON=python3.11")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        lines = locked([*wanted(), *sys.argv[1:]], Path(folder))
    LOCK.write_text(HEAD + lines, encoding="utf-8")
    print(f"{LOCK.relative_to(ROOT)} holds {lines.count('==')} packages.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
