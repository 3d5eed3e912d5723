"""Breaking the glass, as the doors do it: asked of the role first, written into the record of looks, then done."""

from __future__ import annotations

from dataclasses import replace

from discoverer.access import Viewer, role_of
from discoverer.access_rules import May
from discoverer.audit import record_event
from discoverer.clock import now
from discoverer.errors import NotFound, NotPermitted
from discoverer.glass import Broken, Glass
from discoverer.permitted import Permitted, permitted
from discoverer.settings import Settings

ACTION = "break-glass"


class GlassDesk:
    """Who has broken the glass, and who reviews it.

    Attributes:
        permitted: who may do what.
    """

    def __init__(self, settings: Settings, asked: Permitted) -> None:
        """Take the settings; nothing is opened until it is asked for."""
        self.permitted = asked
        self._settings, self._glass = settings, Glass(settings.glass_file)

    @property
    def tells_apart(self) -> bool:
        """Whether there are accounts, so that there is anybody to break it, and anybody to tell."""
        return self.permitted.roles.tells_apart

    def minutes_for(self, viewer: Viewer) -> int:
        """Return for how long a viewer's role may break the glass; 0: not at all."""
        role = role_of(viewer, self.permitted.roles.rules)
        return role.glass_minutes if role.glass and self.tells_apart else 0

    def break_for(self, viewer: Viewer) -> Broken:
        """Break it for a viewer, by their reason.

        Raises:
            NotPermitted: their role may not.
            UsageError: no reason is given that a supervisor could judge by.
            GlassUnavailable, LookNotRecorded: it could not be written, so that nothing is given.
        """
        minutes = self.minutes_for(viewer)
        if not minutes:
            raise NotPermitted("This role may not break the glass; ask the duty inspector.")

        def _record(made: Broken) -> None:
            record_event(self._settings.audit_dir, viewer, ACTION, number=made.number, until=made.until)

        return self._glass.break_for(viewer, minutes, now(), _record)

    def end(self, viewer: Viewer) -> None:
        """End what a viewer has broken. Raises GlassUnavailable, LookNotRecorded: it could not be written."""
        if self._glass.end(viewer.name, now()):
            record_event(self._settings.audit_dir, viewer, f"{ACTION} ended")

    def as_they_stand(self, viewer: Viewer) -> tuple[Viewer, Broken | None]:
        """Return who asks, reading more while they have broken the glass, and that breaking.

        Raises:
            GlassUnavailable: whether they have cannot be read.
        """
        if not self.minutes_for(viewer):  # their role changed since, or never could
            return viewer, None
        found = self._glass.open_for(viewer.name, now())
        return (replace(viewer, glass=found.number), found) if found and found.role == viewer.role else (viewer, None)

    def waiting_for(self, viewer: Viewer) -> int:
        """Return how many breakings wait to be reviewed, for whoever may; 0 for all others."""
        return self._glass.unseen() if self.permitted.roles.may(viewer, May.REVIEW) else 0

    @permitted(May.REVIEW)
    def listed(self, viewer: Viewer) -> tuple[Broken, ...]:
        """Return every breaking, those that nobody reviewed first.

        Raises:
            NotPermitted: their role may not.
            GlassUnavailable, LookNotRecorded: it cannot be read, or the look not recorded.
        """
        found = self._glass.listed()
        record_event(self._settings.audit_dir, viewer, f"{ACTION} listed", count=len(found))
        return found

    @permitted(May.REVIEW)
    def saw(self, viewer: Viewer, number: int) -> None:
        """Note that a supervisor reviewed one.

        Raises:
            NotPermitted: their role may not.
            NotFound: there is none of that number.
            UsageError: it is their own.
            GlassUnavailable, LookNotRecorded: it could not be written.
        """

        def _record(seen: Broken) -> None:
            record_event(self._settings.audit_dir, viewer, f"{ACTION} seen", number=seen.number)

        if not self._glass.saw(number, viewer, now(), _record):
            raise NotFound(f"There is no breaking of the glass {number}; the list names those there are.")
