"""The audit: a finished build is held against what was read for it and against the live one before it takes its place.

Counts source by source, what their records say, and searches asked of both. Whatever is outside its bounds holds the
build back; a person may publish it all the same (`discoverer build --publish`).
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from discoverer.clock import iso, now
from discoverer.errors import BuildHeld, IndexUnavailable
from index import audit_counts, audit_probes, versions
from index.audit_counts import Ledger
from index.audit_probes import Replay
from index.audit_report import Finding, Report
from index.bounds import Bounds
from index.manifest import Manifest
from index.reader import Index

MOST_TOLD = 3  # causes in the one sentence; the report has them all


def audit(folder: Path, manifest: Manifest, live: str, bounds: Bounds, replay: Replay | None = None) -> Report:
    """Audit a finished build that stands in its place and has been opened with a fresh reader.

    Args:
        folder: of the build.
        manifest: its manifest.
        live: id of the build that is live; '' when there is none, and nothing to compare with.
        bounds: what it may differ by.
        replay: asks the same searches of both; None: none are asked.

    Raises:
        IndexUnavailable: a part of the new build cannot be opened.
        OSError: it cannot be read.
    """
    ledger = Ledger()
    audit_counts.reconcile(ledger, manifest)
    compared = _opened(ledger, folder.parent / live) if live else None
    if compared is None:
        ledger.remarks.append("There was no build to compare it with")
    else:
        audit_counts.compare(ledger, (folder, manifest), compared, bounds)
        if replay is not None:
            _ask_both(ledger, (folder, manifest), compared, bounds, replay)
    return Report(
        build=manifest.build,
        at=iso(now()),
        compared_with=live if compared else "",
        checks=ledger.checks,
        findings=tuple(ledger.findings),
        remarks=tuple(ledger.remarks),
    )


def _opened(ledger: Ledger, folder: Path) -> tuple[Path, Manifest] | None:
    """Return the live build once it is as it was made; a broken one is no measure, and must not be in the way."""
    try:
        return folder, versions.open_verified(folder)
    except IndexUnavailable as error:
        ledger.remarks.append(error.message)
        return None


def _ask_both(
    ledger: Ledger, new: tuple[Path, Manifest], old: tuple[Path, Manifest], bounds: Bounds, replay: Replay
) -> None:
    """Ask the same searches of both builds and judge the answers."""
    with closing(Index(*new)) as ours:
        try:
            theirs = Index(*old)
        except IndexUnavailable as error:
            ledger.remarks.append(f"no searches were tried: {error.message}")
            return
        with closing(theirs):
            chosen = audit_probes.choose(ours, theirs, bounds.probes.per_source)
            asked = replay(ours, theirs, chosen, bounds.probes.first)
    audit_probes.judge(ledger, asked, old[1].build, bounds.probes)


def held_back(report: Report, serving: str, cost: str = "") -> BuildHeld:
    """Say that a build was held back, why, and what a person can do.

    Args:
        report: of the build.
        serving: what searches go on with, in words.
        cost: what publishing it would take along, in one sentence without its stop; '' for nothing.
    """
    return BuildHeld(
        f"Build {report.build} was held back: {told(report.findings)}. 'discoverer builds' shows the whole report,"
        f" 'discoverer build --publish {report.build} --reason WHY' publishes it all the same; {serving}."
        + (f" {cost}." if cost else ""),
        report.build,
    )


def told(findings: tuple[Finding, ...]) -> str:
    """Return the first causes of a hold in one sentence, without its stop, and how many more there are."""
    causes = "; ".join(each.cause.rstrip(". ") for each in findings[:MOST_TOLD])
    more = len(findings) - MOST_TOLD
    return f"{causes}; and {more} more" if more > 0 else causes
