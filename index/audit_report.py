"""What the audit of a build found, kept beside the builds: the report says whether a build was held back, and why.

A report stands in the state, not in the build, which is sealed by then. It is written before the pointer moves, so
that no build is live that was not audited, and it is what tells a build that was held back from one that was live.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

from discoverer.codec import decoder, plain
from index import files

ENDING = ".json"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing outside its bounds.

    Attributes:
        source: str, the source it is about; '' when it is about the whole build.
        measure: str, the bound that was passed, as it is called in the file of bounds.
        cause: str, one sentence, with both figures; it names records by reference and nobody.
    """

    source: str
    measure: str
    cause: str


@dataclass(frozen=True, slots=True)
class Report:
    """The audit of one build.

    Attributes:
        build: str, which.
        at: str, ISO instant.
        compared_with: str, the build that was live; '' when there was none to compare with.
        checks: int >= 0, how much was held against a bound.
        findings: what was outside it; any holds the build back.
        remarks: what could not be compared, or explains a change, in sentences.
        released: str, who published it all the same, and why; ''.
    """

    build: str
    at: str
    compared_with: str
    checks: int
    findings: tuple[Finding, ...] = ()
    remarks: tuple[str, ...] = ()
    released: str = ""

    @property
    def held(self) -> bool:
        """Whether the build is held back."""
        return bool(self.findings) and not self.released


_report = decoder(Report)


def folder_of(state_dir: Path) -> Path:
    """Return where reports are kept."""
    return state_dir / "reports"


def file_of(state_dir: Path, build: str) -> Path:
    """Return where the report of one build is kept."""
    return folder_of(state_dir) / f"{build}{ENDING}"


def write(state_dir: Path, report: Report) -> None:
    """Keep a report, synced. Raises OSError: it was not kept."""
    files.make_directory(folder_of(state_dir))
    text = json.dumps(plain(report), indent=1) + "\n"
    files.write_file(file_of(state_dir, report.build), text.encode("ascii"))


def read(state_dir: Path, build: str) -> Report | None:
    """Return the report of a build; None when there is none, as of builds older than audits.

    One that cannot be read counts as of a build held back: nobody can tell any more that it was not.
    """
    try:
        return _report(file_of(state_dir, build).read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        cause = f"its report cannot be read ({error}), so that nobody can tell whether it was held back"
        return Report(build, "", "", 0, (Finding("", "report", cause),))


def is_held(state_dir: Path, build: str) -> bool:
    """Tell whether a build is held back."""
    report = read(state_dir, build)
    return report is not None and report.held


def release(state_dir: Path, build: str, words: str) -> None:
    """Write down that a person publishes a build that was held back. Raises OSError."""
    report = read(state_dir, build)
    if report is not None and report.held:
        write(state_dir, replace(report, released=words))


def clear(state_dir: Path, kept: Collection[str]) -> None:
    """Remove the reports of builds that are kept no longer. Raises OSError."""
    try:
        found = sorted(folder_of(state_dir).iterdir())
    except FileNotFoundError:
        return
    gone = [path for path in found if path.name.removesuffix(ENDING) not in kept]
    for path in gone:
        path.unlink(missing_ok=True)
    if gone:
        files.sync_directory(folder_of(state_dir))
