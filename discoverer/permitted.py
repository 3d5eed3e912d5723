"""The guard before every method of App: who may do it, and what they may read of the build that is live.

Asked before anything is read, and answered the same whatever is asked about. A scope is only ever given out together
with the build it is for: where the access rules have changed since that was made, whoever would see more of it than the
rules allow now is refused, until a build is made by them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import wraps
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from discoverer.access import Viewer
from discoverer.access_rules import May, read_access
from discoverer.answer import SourceStatus, State
from discoverer.audit import record_event
from discoverer.errors import IndexUnavailable, NotPermitted
from discoverer.labelling import rules_alone
from discoverer.model import Reject, Visibility
from discoverer.roles import Roles
from discoverer.settings import Settings
from index.attempts import Attempt
from index.manifest import Manifest
from index.mask_key import KEY_FILE, MaskKey
from index.masked import PSEUDONYMS, Masked
from index.reader import Scope

NOT_PERMITTED = "NOT PERMITTED, not searched: your role does not read this source"
"""What is said of a source that is closed to a viewer as a whole: the same for every question."""
CLOSED_REASON = "it concerns a source that your role does not read"
"""What is said of why a build failed or was held back, where that would tell of a source that is closed to a viewer."""

P = ParamSpec("P")
R = TypeVar("R")


class Guarded(Protocol):
    """What has methods to be guarded."""

    @property
    def permitted(self) -> Permitted:
        """Who may do what."""


S = TypeVar("S", bound=Guarded)


class Permitted:
    """Who may do and read what, in one set-up.

    Attributes:
        roles: in force.
    """

    def __init__(self, settings: Settings) -> None:
        """Read the roles and rules of the settings; without them nobody is let in, so mistakes are said at once.

        Raises:
            ConfigError: their file has mistakes.
        """
        access, self._audit = settings.access, settings.audit_dir
        self.roles = Roles(read_access(access.rules), switched_on=access.is_on, accounts=access.accounts is not None)
        self._labelling = rules_alone(settings)
        self._key = MaskKey(settings.state_dir / KEY_FILE)

    def refuse(self, viewer: Viewer, act: May) -> None:
        """Refuse whoever may not do something; that they tried stands in the record of looks.

        Raises:
            NotPermitted: their role may not, or must say why and does not.
            LookNotRecorded: that they tried could not be written down; they are refused all the same.
        """
        try:
            self.roles.refuse(viewer, act)
        except NotPermitted:
            if self.roles.switched_on:
                record_event(self._audit, viewer, "refused", act=act.value)
            raise

    def scope(self, viewer: Viewer, manifest: Manifest) -> Scope:
        """Return what a viewer may read of a build.

        Raises:
            NotPermitted: they read nothing.
            IndexUnavailable: it was made by other rules, by which they would see more of it than those in force allow.
        """
        scope = replace(self.roles.scope_of(viewer), masked=self._mask(viewer))
        if self.unlabelled(manifest) - scope.labels:
            raise IndexUnavailable(
                "The access rules have changed since the index was made, and by them your role may not see all it"
                " would show, so nothing is searched; run 'discoverer build' or, where one was made by them, start"
                " 'discoverer serve' again."
            )
        return scope

    def revealing(self, viewer: Viewer) -> Viewer:
        """Return a viewer who is shown one thing without the masks that a reason lifts.

        Raises:
            NotPermitted: they say no reason; that they tried stands in the record of looks.
            LookNotRecorded: that could not be written down.
        """
        if not self.roles.says_why(viewer):
            record_event(self._audit, viewer, "refused", act="reveal")
            raise NotPermitted("What is kept back is shown for a reason only; give the log in hand or the reason.")
        return replace(viewer, revealing=True)

    def may_reveal(self, viewer: Viewer) -> bool:
        """Tell whether a reason lifts any mask of a viewer's; the same whatever they look at."""
        return any(each.reveal == "reason" for each in self.roles.masks_on(replace(viewer, revealing=False)))

    def _mask(self, viewer: Viewer) -> Masked | None:
        """Return what is kept back from a viewer of what they read; None: nothing.

        Raises:
            IndexUnavailable: the key of pseudonyms can be neither read nor made.
        """
        found = self.roles.masks_on(viewer)
        hides = frozenset(each for mask in found for each in mask.hides)
        if not hides:
            return None
        key = self._key.read() if hides & PSEUDONYMS else b""
        contact = " / ".join(mask.contact for mask in found if mask.contact)
        return Masked(hides, key, contact)

    def unlabelled(self, manifest: Manifest) -> frozenset[Visibility]:
        """Return the labels that records of a build may lack by the rules in force."""
        found = (self._labelling.missing_from(each.source, each.rules) for each in manifest.segments if each.file)
        return frozenset[Visibility]().union(*found)

    def trouble(self, manifest: Manifest) -> str:
        """Say that a build was made by other rules than those in force; '' when it was not."""
        rules = self._labelling
        held = [each for each in manifest.segments if each.file]
        if all(rules.said_of(each.source) == each.rules for each in held):
            return ""
        closed = self.unlabelled(manifest)
        who = "Searches go on, as closed as before."
        if closed:
            labels = " or ".join(label.value for label in sorted(closed, key=lambda each: each.rank))
            who = f"Whoever does not read {labels} is not answered until then."
        return f"The access rules have changed since the build was made; run 'discoverer build'. {who}"

    def seen(self, viewer: Viewer, sources: Iterable[SourceStatus]) -> tuple[SourceStatus, ...]:
        """Return the state of every source as a viewer may know it."""
        return tuple(
            SourceStatus(each.name, State.NOT_PERMITTED, "", 0, NOT_PERMITTED)
            if self.roles.not_permitted(viewer, each.name)
            else each
            for each in sources
        )

    def manifest(self, viewer: Viewer, manifest: Manifest) -> Manifest:
        """Return a manifest without what it counts of sources closed to a viewer."""
        if not any(self.roles.not_permitted(viewer, each.source) for each in manifest.segments):
            return manifest
        return replace(
            manifest, segments=tuple(e for e in manifest.segments if not self.roles.not_permitted(viewer, e.source))
        )

    def closed(self, viewer: Viewer, sources: Iterable[str]) -> tuple[str, ...]:
        """Return the sources that are closed to a viewer as a whole."""
        return tuple(each for each in sources if self.roles.not_permitted(viewer, each))

    def attempt(self, viewer: Viewer, attempt: Attempt | None) -> Attempt | None:
        """Return the last attempt to build without what it says of sources closed to a viewer."""
        closed = self.closed(viewer, attempt.sources) if attempt else ()
        if attempt is None or not closed:
            return attempt
        reason = CLOSED_REASON if any(each in attempt.reason for each in closed) else attempt.reason
        kept = {name: said for name, said in attempt.sources.items() if name not in closed}
        return replace(attempt, sources=kept, reason=reason)

    def refuse_source(self, viewer: Viewer, source: str) -> None:
        """Refuse what is said of a source that is closed to a viewer as a whole. Raises NotPermitted."""
        if self.roles.not_permitted(viewer, source):
            raise NotPermitted("Your role does not read this source; ask somebody whose role does.")

    def rejects(self, viewer: Viewer, found: list[Reject]) -> list[Reject]:
        """Return rejected rows as a viewer may see them: no rule could close them, so what they say is for few.

        Whoever does not read every label is told where they stand, in which column, and why they were refused.
        """
        if not self.roles.switched_on or self.roles.scope_of(viewer).labels == frozenset(Visibility):
            return found
        return [
            replace(each, value="", raw={}, reason=each.reason if _tells_nothing(each) else "its value cannot be used")
            for each in found
        ]


def _tells_nothing(reject: Reject) -> bool:
    """Tell whether the reason of a reject repeats nothing of the row."""
    said = [reject.value, *map(str, reject.raw.values())]
    return not any(value.strip() and value.strip() in reject.reason for value in said)


def permitted(act: May) -> Callable[[Callable[Concatenate[S, Viewer, P], R]], Callable[Concatenate[S, Viewer, P], R]]:
    """Let a method be called by those viewers only who may do something; the others are refused before it begins.

    Args:
        act: what it does.
    """

    def _guarding(method: Callable[Concatenate[S, Viewer, P], R]) -> Callable[Concatenate[S, Viewer, P], R]:
        @wraps(method)
        def _guarded(self: S, viewer: Viewer, /, *args: P.args, **kwargs: P.kwargs) -> R:
            self.permitted.refuse(viewer, act)
            return method(self, viewer, *args, **kwargs)

        return _guarded

    return _guarding
