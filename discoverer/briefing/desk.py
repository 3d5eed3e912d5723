"""Where briefings are made, given and looked back on; every one of these is a recorded look."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

from discoverer import states
from discoverer.access import Viewer
from discoverer.access_rules import May
from discoverer.answer import HitKind, Shown
from discoverer.audit import record_look
from discoverer.briefing import making
from discoverer.briefing.changes import changes, since_words
from discoverer.briefing.lately import Lately
from discoverer.briefing.opened import Opened, Opening
from discoverer.briefing.parts import Briefing, Given, Since
from discoverer.briefing.store import NewlyGiven, Store
from discoverer.briefing.subjects import subjects_of
from discoverer.clock import iso, parse_iso
from discoverer.errors import BriefingChanged, BriefingsUnavailable, UsageError
from discoverer.history.material import SHOW
from discoverer.model import Visibility
from discoverer.permitted import Permitted, permitted
from discoverer.settings import Settings
from discoverer.typed import holds_half, refuse_unreadable
from discoverer.wording import minute
from index import attempts
from index.live import LiveIndex
from index.manifest import SourceState
from index.reader import Reader, Scope

LONGEST_TEXT = 20_000
LONGEST_CALL_SIGN = 40
LONGEST_SHOWN = timedelta(hours=12)  # a shift; what stood on a screen longer is read again before it is given


class Briefings:
    """The briefings of one set-up; several threads and processes may use it at once.

    Attributes:
        permitted: who may do what.
    """

    def __init__(self, settings: Settings, opening: Opening, live: LiveIndex, guard: Permitted) -> None:
        """Take the settings, what lends a hit and the live build, and who may do what; nothing is read yet."""
        self.permitted = guard
        self._settings, self._opening, self._live = settings, opening, live
        self._lately = Lately()
        self.store = Store(settings.briefings_file)

    @permitted(May.BRIEF)
    def make(self, viewer: Viewer, kind: HitKind, ident: str) -> Briefing:
        """Make the briefing of a person, place, number or record, and say what changed since it was last given.

        Args:
            viewer: who asks; `viewer.log` is the log in hand.
            kind: what the id must name.
            ident: as `show` takes it.

        Raises:
            NotFound: it names nothing that this viewer may read.
            IndexUnavailable: there is nothing to read.
            LookNotRecorded: the look could not be recorded, so nothing is shown.
        """
        with self._opening(viewer, kind, ident, SHOW) as opened:
            made = making.make(opened, viewer.log)
            try:
                since = self._since(opened, made)
            except BriefingsUnavailable as error:  # officers are on their way: they are told, and so is this
                since = Since(None, (error.message,), True, error.message)
        self._record(viewer, "make", opened.shown, made)
        self._lately.keep(made.briefing)
        return replace(made.briefing, since=since.changes, last=since.last)

    @permitted(May.BRIEF)
    def give(
        self,
        viewer: Viewer,
        kind: HitKind,
        ident: str,
        text: str,
        *,
        shown: str,
        as_at: str,
        edited: bool = False,
        to: str = "",
    ) -> Given:
        """Record that a briefing was given: "briefed at", by whom, to whom, the exact text, and what it rests on.

        Args:
            viewer: who gives it, with the log in hand that `make` was asked with.
            kind: as for `make`.
            ident: as for `make`.
            text: exactly what was given.
            shown: `Briefing.fingerprint` of the one that was shown.
            as_at: `Briefing.as_at` of the same: the text is compared with what was made then, whose ages and times
                are not those of now.
            edited: whether somebody changed it; a text that is none of the three that are made counts as edited
                whatever is said here, and the one that was made is kept beside it.
            to: call sign; '' when not said.

        Raises:
            UsageError: there is no text, or it or the call sign cannot be read back, or `as_at` is no such instant.
            BriefingChanged: it rests on something else now, or was shown too long ago; nothing was recorded.
            NotFound, IndexUnavailable, LookNotRecorded: as for `make`; then nothing was recorded.
            BriefingNotKept: it could not be written, so it counts as not given.
        """
        said = _readable(text, to)
        with self._opening(viewer, kind, ident, SHOW, self._shown_at(as_at)) as opened:
            made = making.make(opened, viewer.log)
            changed = self._changed(shown, opened, made)
            subjects = subjects_of(opened)
        self._record(viewer, "give", opened.shown, made)
        if changed:
            raise BriefingChanged(changed)
        briefing = made.briefing
        forms = (briefing.spoken, briefing.written, briefing.plain)
        as_made = any(form.strip() == said for form in forms)
        return self.store.add(
            NewlyGiven(
                briefing=briefing,
                subjects=subjects,
                text=said,
                original="" if as_made else max(forms, key=lambda form: _likeness(form, said)),
                edited=edited or not as_made,
                to=" ".join(to.split()),
                by=viewer.name,
                role=viewer.role,
                log=viewer.log,
                at=iso(self._settings.instant),
            )
        )

    @permitted(May.BRIEF)
    def since(self, viewer: Viewer, kind: HitKind, ident: str) -> Since:
        """Say what changed in a history since it was last given as a briefing.

        Raises:
            NotFound, IndexUnavailable, BriefingsUnavailable, LookNotRecorded: as for `make`.
        """
        with self._opening(viewer, kind, ident, SHOW) as opened:
            made = making.make(opened, viewer.log)
            found = self._since(opened, made)
        self._record(viewer, "since", opened.shown, made)
        return found

    def forget(self, source: str, ref: str) -> int:
        """Remove the text of every briefing that rests on a record that is forgotten; return how many.

        Raises:
            BriefingsUnavailable, BriefingNotKept: the file cannot be read or written.
        """
        return self.store.redact(lambda *key: key == (source, ref), iso(self._settings.instant))

    def tidy(self) -> int:
        """Remove the text of every briefing that rests on a record its source has deleted; return how many.

        A source that could not be read has deleted nothing: what rests on it stays until it can be. So does all of it
        while an older build is live than there is, or what came in since cannot be laid over it.

        Raises:
            IndexUnavailable: there is nothing to compare with.
            BriefingsUnavailable, BriefingNotKept: the file cannot be read or written.
        """
        if not self.store.path.exists():
            return 0
        folder = self._settings.state_dir
        with self._live.reading() as index:
            if self._live.trouble or states.of_live(folder, index.manifest.build, attempts.last(folder)):
                return 0
            reader = Reader(index, Scope(frozenset(Visibility)))
            read = {each.source: each.state for each in index.manifest.segments}
            configured = self._settings.sources

            def _is_gone(source: str, ref: str) -> bool:
                known = read.get(source, SourceState.FAILED) is not SourceState.FAILED or source not in configured
                return known and reader.place_of(source, ref) is None

            return self.store.redact(_is_gone, iso(self._settings.instant))

    def _since(self, opened: Opened, made: making.Made) -> Since:
        """Compare what is read now with the last briefing that rests on nothing out of this viewer's scope."""
        labels = _labels(opened)
        last = self.store.last(subjects_of(opened), labels)
        if last is None:
            return Since(None, (), False, "Never briefed.")
        found = changes(last.rested, last.cut, opened, made, labels)
        return Since(last.given, found, bool(found), since_words(last.given, found))

    def _shown_at(self, as_at: str) -> datetime:
        """Read when a briefing that is given was shown."""
        at: datetime | None = None
        now = self._settings.instant
        with suppress(ValueError, OverflowError):
            at = parse_iso(iso(parse_iso(as_at)))  # in our own time too, which the first and last days of all are not
        if at is None or at > now:
            raise UsageError("It is not said when the briefing was shown; open it again and give that.")
        if now - at > LONGEST_SHOWN:
            raise BriefingChanged((f"It was shown at {minute(iso(at))}, and what is so old is not given.",))
        return at

    def _changed(self, shown: str, opened: Opened, made: making.Made) -> tuple[str, ...]:
        """Return what changed since the briefing with this fingerprint was shown; () when nothing."""
        if made.briefing.fingerprint == shown:
            return ()
        before = self._lately.find(shown)
        found = changes(before.rested, before.cut, opened, made, _labels(opened)) if before is not None else ()
        return found or ("The records it rests on are not those that it was shown with.",)

    def _record(self, viewer: Viewer, did: str, shown: Shown, made: making.Made) -> None:
        """Record the look at everyone who is told of."""
        asked = f"{did} {shown.asked}"
        hits = {each.id: each for each in (shown.hit, *(one.hit for one in made.people.everyone))}
        record_look(self._settings.audit_dir, viewer, "brief", asked, [*hits.values()], shown.build)


def _readable(text: str, to: str) -> str:
    """Return the text that is given, where it and the call sign can be kept and read back; else raise UsageError."""
    said = text.strip()
    refuse_unreadable(said, "The text of a briefing", LONGEST_TEXT, "")
    refuse_unreadable(to, "The call sign", LONGEST_CALL_SIGN, "")
    if holds_half(said + to):
        raise UsageError("The text or call sign holds half of a character, which nothing can keep; type it again.")
    if not said:
        raise UsageError("There is no text to be given; make the briefing first, or write what was said.")
    return said


def _labels(opened: Opened) -> set[str]:
    """Return what whoever asked may read."""
    return {label.value for label in opened.reader.labels}


def _likeness(form: str, said: str) -> float:
    """Tell how much of two texts is the same words: which form somebody edited."""
    one, other = set(form.split()), set(said.split())
    return len(one & other) / max(1, len(one | other))
