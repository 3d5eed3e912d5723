"""The builds that are kept: how each stands, since when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from discoverer.errors import IndexUnavailable
from index import attempts, audit_report, versions
from index.attempts import Event
from index.audit_report import Report
from index.manifest import Manifest, read_manifest


class Standing(StrEnum):
    """How a kept build stands; closed list."""

    LIVE = "live"
    HELD = "held"  # outside its bounds, and never live
    SUPERSEDED = "superseded"  # a later one took its place
    WITHDRAWN = "withdrawn"  # an earlier one was gone back to, or published by a person


@dataclass(frozen=True, slots=True)
class KeptBuild:
    """One build that is kept.

    Attributes:
        build: str, its id.
        standing: how it stands.
        why: str, one sentence.
        manifest: what it is made of; None when that cannot be read.
        report: what its audit found; None when there was none.
    """

    build: str
    standing: Standing
    why: str
    manifest: Manifest | None
    report: Report | None


def kept_builds(state_dir: Path) -> list[KeptBuild]:
    """Return every build that is kept, the newest first; nothing of them is opened but the manifests."""
    live = versions.current_or_none(state_dir)
    history = attempts.history(state_dir)
    return [_kept(state_dir, build, live, history) for build in reversed(versions.list_builds(state_dir))]


def _kept(state_dir: Path, build: str, live: str, history: list[attempts.Entry]) -> KeptBuild:
    """Say how one build stands."""
    report = audit_report.read(state_dir, build)
    try:
        manifest, trouble = read_manifest(versions.builds_of(state_dir) / build), ""
    except IndexUnavailable as error:
        manifest, trouble = None, error.message
    standing = _standing(build, live, report)
    why = " ".join(filter(None, (_why(standing, build, live, report, history), trouble)))
    return KeptBuild(build, standing, why, manifest, report)


def _standing(build: str, live: str, report: Report | None) -> Standing:
    """Tell how a build stands."""
    if build == live:
        return Standing.LIVE
    if report is not None and report.held:
        return Standing.HELD
    return Standing.WITHDRAWN if live and build > live else Standing.SUPERSEDED


def _why(standing: Standing, build: str, live: str, report: Report | None, history: list[attempts.Entry]) -> str:
    """Say why a build stands so."""
    if standing is Standing.HELD and report is not None:
        return "; ".join(each.cause.rstrip(". ") for each in report.findings) + "."
    if standing is Standing.SUPERSEDED:
        return "It was live before, and is kept to go back to." if live else "No build is live now."
    if standing is Standing.WITHDRAWN:
        moved = [each for each in history if each.build == live and each.event in (Event.ROLLED_BACK, Event.CHOSEN)]
        return f"Build {live} was made live in its place, {moved[-1].reason}." if moved else f"Build {live} is live."
    ways = {Event.ROLLED_BACK: "gone back to,", Event.CHOSEN: "published"}
    chosen = [each for each in history if each.build == build and each.event in ways]
    if chosen:
        return f"It was {ways[chosen[-1].event]} {chosen[-1].reason}." + _checked(report)
    return _checked(report).strip() or "It was published before builds were audited."


def _checked(report: Report | None) -> str:
    """Say what the audit of a build was."""
    if report is None:
        return ""
    against = f" with build {report.compared_with}" if report.compared_with else ""
    outside = f", {len(report.findings)} of them outside their bounds" if report.findings else ", all within bounds"
    return f" Its audit compared {report.checks:,} things{against}{outside}."
