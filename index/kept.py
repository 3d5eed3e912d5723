"""The builds that are kept: how each stands, since when, and why."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from discoverer.clock import LOCAL, parse_iso
from discoverer.errors import IndexUnavailable
from index import attempts, audit_report, versions
from index.attempts import Entry, Event
from index.audit_report import Report
from index.manifest import Manifest, read_manifest
from index.withdrawn import withdrawn


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
    live, kept = versions.current_or_none(state_dir), versions.list_builds(state_dir)
    history = attempts.history(state_dir)
    left = withdrawn(history, kept)
    return [_kept(state_dir, build, live, history, left.get(build)) for build in reversed(kept)]


def _kept(state_dir: Path, build: str, live: str, history: list[Entry], left: Entry | None) -> KeptBuild:
    """Say how one build stands."""
    report = audit_report.read(state_dir, build)
    try:
        manifest, trouble = read_manifest(versions.builds_of(state_dir) / build), ""
    except IndexUnavailable as error:
        manifest, trouble = None, error.message
    standing = _standing(build, live, report, left)
    why = " ".join(filter(None, (_why(standing, build, live, report, left), _by_hand(build, history), trouble)))
    return KeptBuild(build, standing, why + (_checked(report) if standing is Standing.LIVE else ""), manifest, report)


def _standing(build: str, live: str, report: Report | None, left: Entry | None) -> Standing:
    """Tell how a build stands."""
    if build == live:
        return Standing.LIVE
    if report is not None and report.held:
        return Standing.HELD
    return Standing.WITHDRAWN if left or (live and build > live) else Standing.SUPERSEDED


def _why(standing: Standing, build: str, live: str, report: Report | None, left: Entry | None) -> str:
    """Say why a build stands so; '' of the live one, whose audit says it."""
    if standing is Standing.HELD and report is not None:
        return "; ".join(each.cause.rstrip(". ") for each in report.findings) + "."
    if standing is Standing.SUPERSEDED:
        return "It was live before, and is kept to go back to." if live else "No build is live now."
    if standing is Standing.WITHDRAWN:
        return _left(build, live, left)
    return "" if report is not None else "It was published before builds were audited."


def _left(build: str, live: str, left: Entry | None) -> str:
    """Say why a build was gone back from, and that nobody goes back to it but by name."""
    why = f"Build {live} is live."
    if left is not None:
        at = parse_iso(left.at).astimezone(LOCAL)
        why = f"Build {left.build} was made live in its place on {at:%d/%m/%Y} at {at:%H:%M}, {left.reason}."
    return f"{why} 'rollback' passes it over; 'build --publish {build} --reason WHY' takes it."


def _by_hand(build: str, history: list[Entry]) -> str:
    """Say who made a build live by hand, and why: it stays true of it once another has taken its place."""
    ways = {Event.ROLLED_BACK: "gone back to,", Event.CHOSEN: "published"}
    chosen = [each for each in history if each.build == build and each.event in ways]
    return f"It was {ways[chosen[-1].event]} {chosen[-1].reason}." if chosen else ""


def _checked(report: Report | None) -> str:
    """Say what the audit of a build was."""
    if report is None:
        return ""
    against = f" with build {report.compared_with}" if report.compared_with else ""
    outside = f", {len(report.findings)} of them outside their bounds" if report.findings else ", all within bounds"
    return f" Its audit compared {report.checks:,} things{against}{outside}."
