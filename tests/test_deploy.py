"""The units of an installation: every line has its reason, the sandbox is closed, and systemd itself reads them."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from discoverer.cli import main

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
SERVICES = sorted(path.name for path in DEPLOY.glob("*.service"))
UNITS = [*SERVICES, *sorted(path.name for path in DEPLOY.glob("*.timer"))]
EXPOSED = 20
"""In tenths, the exposure that systemd may find at most: 0 is none, 100 all. A unit without a sandbox has 92 to 96."""

# What no service may be without, whatever else changes.
CLOSED = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "ProtectProc": "invisible",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectControlGroups": "yes",
    "RestrictNamespaces": "yes",
    "RestrictSUIDSGID": "yes",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "LimitCORE": "0",
    "Group": "discoverer",
    "ReadWritePaths": "/var/lib/discoverer",
}
OWN = [
    ("discoverer.service", "User", "discoverer-web"),
    ("discoverer.service", "UMask", "0077"),
    ("discoverer.service", "ReadOnlyPaths", "/var/lib/discoverer/builds /var/lib/discoverer/fresh"),
    ("discoverer.service", "InaccessiblePaths", "-/srv/discoverer -/etc/discoverer/builder"),
    ("discoverer.service", "IPAddressDeny", "any"),
    *(
        (f"discoverer-{doing}.service", name, value)
        for doing in ("build", "sync")
        for name, value in (
            ("User", "discoverer-builder"),
            ("PrivateNetwork", "yes"),
            ("RestrictAddressFamilies", "AF_UNIX"),
            ("UMask", "0027"),
            ("ReadOnlyPaths", "-/srv/discoverer"),
        )
    ),
]


def lines_of(unit: str, section: str) -> list[tuple[str, str]]:
    """Return every (name, value) of a section of a unit, in order."""
    text = (DEPLOY / unit).read_text(encoding="utf-8").partition(f"[{section}]\n")[2].partition("\n[")[0]
    pairs = [line.partition("=") for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, value) for name, _, value in pairs]


@pytest.mark.parametrize("unit", UNITS)
def test_every_line_of_a_unit_has_its_reason_above_it(unit: str) -> None:
    section = "Timer" if unit.endswith(".timer") else "Service"
    text = (DEPLOY / unit).read_text(encoding="utf-8")
    assert len(text.splitlines()[0]) > len("# ") and text.startswith("# ")
    above = ""
    for line in text.partition(f"[{section}]\n")[2].partition("\n[")[0].splitlines():
        if line and not line.startswith("#"):
            assert above.startswith("# "), line
        above = line
    assert lines_of(unit, section)


@pytest.mark.parametrize("unit", SERVICES)
def test_no_service_lacks_what_closes_it(unit: str) -> None:
    named = dict(lines_of(unit, "Service"))
    assert CLOSED.items() <= named.items()
    calls = [value for name, value in lines_of(unit, "Service") if name == "SystemCallFilter"]
    assert calls == ["@system-service", "~@privileged @resources @debug @mount"]


@pytest.mark.parametrize(("unit", "name", "value"), OWN)
def test_each_account_has_what_is_its_own_and_no_more(unit: str, name: str, value: str) -> None:
    assert [found for key, found in lines_of(unit, "Service") if key == name] == [value]


@pytest.mark.parametrize("unit", SERVICES)
def test_the_command_of_a_service_is_one_of_the_command_line(unit: str) -> None:
    command = dict(lines_of(unit, "Service"))["ExecStart"].split()
    assert command[1:3] == ["--config", "/etc/discoverer/discoverer.toml"]
    parsed = main.commands[command[3]].make_context(command[3], command[4:], resilient_parsing=False)
    assert parsed.params


def test_every_timer_has_its_service() -> None:
    timers = {unit.removesuffix(".timer") for unit in UNITS if unit.endswith(".timer")}
    assert timers == {unit.removesuffix(".service") for unit in SERVICES} - {"discoverer"}


def installed(folder: Path) -> list[str]:
    """Copy the units to where their program is one of this machine; return their paths."""
    for unit in UNITS:
        text = (DEPLOY / unit).read_text(encoding="utf-8")
        (folder / unit).write_text(text.replace("/opt/discoverer/.venv/bin/discoverer", sys.executable))
    return [str(folder / unit) for unit in UNITS]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
def test_systemd_reads_the_units_without_a_word(tmp_path: Path) -> None:
    command = ["systemd-analyze", "verify", "--man=no", *installed(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    said = [line for line in done.stderr.splitlines() if "discoverer" in line]
    assert (done.returncode, said) == (0, []), done.stderr


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not on this machine")
@pytest.mark.parametrize("unit", SERVICES)
@pytest.mark.parametrize("opened", [False, True], ids=["as it is", "without its sandbox"])
def test_systemd_finds_a_service_hardly_exposed(tmp_path: Path, unit: str, opened: bool) -> None:
    text = (DEPLOY / unit).read_text(encoding="utf-8")
    if opened:
        closing = "|".join((*CLOSED, "SystemCall\\w+", "Restrict\\w+", "Protect\\w+", "Private\\w+", "IPAddress\\w+"))
        text = re.sub(rf"^(?!User|Group)({closing})=.*\n", "", text, flags=re.M)
    (tmp_path / unit).write_text(text, encoding="utf-8")
    command = ["systemd-analyze", "security", "--offline=yes", "--no-pager", f"--threshold={EXPOSED}"]
    done = subprocess.run([*command, str(tmp_path / unit)], capture_output=True, text=True, timeout=60, check=False)
    assert "exposure level" in done.stdout, done.stderr
    assert (done.returncode == 0) is not opened, done.stdout


MODES = re.findall(
    r"^\| `(/[^`]+)` \| `(\S+)` \| `(\S+)` \| `([0-7]{4})` \|",
    (ROOT / "docs" / "running.md").read_text(encoding="utf-8"),
    re.M,
)


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder away")
@pytest.mark.skipif(shutil.which("systemd-tmpfiles") is None, reason="systemd-tmpfiles is not on this machine")
def test_the_accounts_and_folders_are_made_as_the_table_says(tmp_path: Path) -> None:
    for kind in ("sysusers", "tmpfiles"):
        (tmp_path / "etc" / f"{kind}.d").mkdir(parents=True)
        shutil.copy(DEPLOY / f"discoverer.{kind}.conf", tmp_path / "etc" / f"{kind}.d" / "discoverer.conf")
    for folder in ("srv", "var/lib"):
        (tmp_path / folder).mkdir(parents=True)
    for command in (["systemd-sysusers"], ["systemd-tmpfiles", "--create"]):
        subprocess.run([*command, f"--root={tmp_path}"], check=True, capture_output=True, timeout=60)
    numbers = {"root": 0}
    for line in (tmp_path / "etc" / "passwd").read_text().splitlines():
        name, _, number, *_, shell = line.split(":")
        numbers[name] = int(number)
        assert shell.endswith("nologin")
    for line in (tmp_path / "etc" / "group").read_text().splitlines():
        numbers.setdefault(line.split(":")[0], int(line.split(":")[2]))
    assert len(MODES) >= 7
    for path, user, group, mode in MODES:
        made = (tmp_path / path.lstrip("/")).stat()
        assert (made.st_uid, made.st_gid, stat.S_IMODE(made.st_mode)) == (numbers[user], numbers[group], int(mode, 8))
