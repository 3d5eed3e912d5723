"""What the doors do with builds: make one, list those kept, go back, publish one that a person chooses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from adapters.registry import load_adapters
from discoverer.access import Viewer, readable_name
from discoverer.access_rules import May
from discoverer.errors import BuildLocked, DiscovererError, UsageError
from discoverer.match.weights import Weights
from discoverer.permitted import Permitted, permitted
from discoverer.replay import replay_with
from discoverer.settings import Settings
from discoverer.typed import refuse_unreadable
from index import attempts, hiding, retention, versions
from index.attempts import Event
from index.build import build
from index.choosing import publish_chosen
from index.kept import KeptBuild, kept_builds
from index.lock import builder_lock
from index.manifest import Manifest, read_manifest
from index.progress import Progress
from index.sync import Syncer
from index.versions import Within

LONGEST_REASON = 2_000


class Publishing:
    """The builds of one set-up.

    Attributes:
        permitted: who may do what.
    """

    def __init__(self, settings: Settings, weights: Weights, guard: Permitted) -> None:
        """Take the settings; nothing is read until it is asked for.

        Args:
            settings: checked.
            weights: by which the searches of an audit are answered.
            guard: who may do what.
        """
        self.permitted = guard
        self._settings = settings
        self._weights = weights

    def build(
        self, progress: Progress, *, resume: bool = False, going_on: Callable[[str], None] | None = None
    ) -> Manifest:
        """Read every source into a new build, or `resume` one that was stopped where that can go on, and publish it.

        Args:
            progress: told how far it is.
            resume: go on with one that was stopped.
            going_on: told, where it does, the ISO instant at which that was begun.

        Raises:
            ConfigError: the mappings or the bounds have mistakes.
            BuildHeld: it is outside its bounds, and waits for a person; the live build goes on serving.
            BuildError: it could not be finished; the live build goes on serving.
        """
        return build(
            self._settings,
            load_adapters(self._settings),
            progress,
            replay=replay_with(self._weights, self._settings.instant.date()),
            resume=resume,
            going_on=going_on,
        )

    def _hidden_again(self, within: Within) -> Within:
        """Return what an older build becomes live within: what is hidden over the live one is hidden over it first."""
        return hiding.again(self._settings.state_dir, self._settings.instant.date(), within)

    @contextmanager
    def _caught_up(self, folder: Path) -> Iterator[None]:
        """Take in what changed since a build was made; what keeps that from being done keeps nobody from going back."""
        with ExitStack() as stack:
            try:
                stack.enter_context(Syncer(self._settings, load_adapters(self._settings)).caught_up(folder))
            except (DiscovererError, OSError) as error:
                said = f"what changed since it was made was not taken in: {error}"
                attempts.note(self._settings.state_dir, Event.ROLLED_BACK, folder.name, said)
            yield

    def _drop(self, live: Manifest) -> Manifest:
        """Remove the builds that hold what must be gone, unless a builder is at work, which does so itself."""
        state = self._settings.state_dir
        with suppress(BuildLocked, OSError), builder_lock(state, "removing builds"):
            for build_id, why in retention.drop(self._settings.builds_dir, live.build, self._settings.sources):
                attempts.note(state, Event.REMOVED, build_id, why)
        return live

    @permitted(May.BUILDS)
    def kept(self, viewer: Viewer) -> list[KeptBuild]:
        """Return every build that is kept, the newest first; it says nothing of any person."""
        del viewer
        return kept_builds(self._settings.state_dir)

    @permitted(May.PUBLISH)
    def rollback(self, viewer: Viewer) -> Manifest:
        """Make the build before the live one the live one; when no live one can be told, the newest sound one.

        Returns:
            The manifest of the build now live.

        Raises:
            BuildError: a builder is at work, or the disk did not take it.
            IndexUnavailable: there is no build to go back to.
        """
        state = self._settings.state_dir
        build_id = versions.rollback(state, f"asked for by {viewer.name}", self._hidden_again(self._caught_up))
        return read_manifest(versions.builds_of(state) / build_id)

    @permitted(May.PUBLISH)
    def publish(self, viewer: Viewer, build_id: str, reason: str) -> Manifest:
        """Make a kept build the live one because a person says so: one held back, or an older one.

        Args:
            viewer: who decides; kept with the decision.
            build_id: of a build that is kept.
            reason: why; kept with the decision.

        Raises:
            UsageError: no reason is given, the name cannot be read back, or it is live already.
            NotFound: no such build is kept.
            BuildError: a builder is at work, or the disk did not take it.
            IndexUnavailable: it is not as it was made, or cannot be opened.
        """
        name, said = readable_name(viewer.name, "publishes"), " ".join(reason.split())
        refuse_unreadable(said, "The reason", LONGEST_REASON, "")
        if not any(map(str.isalnum, said)):  # signs that nobody sees are none
            raise UsageError("A build is published by hand for a reason; give it with --reason.")
        within = self._hidden_again(retention.condemning(self._caught_up))
        return self._drop(publish_chosen(self._settings.state_dir, build_id, f"by {name}: {said}", within))
