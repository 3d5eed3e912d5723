"""The one error tree: every failure a person can meet, with its exit code and HTTP status.

A message is one clear sentence that says what is wrong and what to do about it. Errors are raised and
translated at a door (command line, page, API); they are never logged and forgotten, and never turned into
an empty answer.
"""

from __future__ import annotations

from collections.abc import Sequence


class DiscovererError(Exception):
    """Anything Discoverer refuses or fails to do.

    Attributes:
        exit_code: int, the command line's exit status for this class of failure (1 to 11).
        http_status: int, the status a page or API answers with.
        message: str, one sentence for the person who met it.
    """

    exit_code: int = 1
    http_status: int = 500

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __reduce__(self) -> tuple[object, ...]:
        """Say how another process makes it again: not by calling it, since every class takes other arguments."""
        return _made_again, (type(self), self.args), self.__dict__


def _made_again(kind: type[DiscovererError], args: tuple[object, ...]) -> DiscovererError:
    """Return an error as it was in another process; what else it holds is put back after."""
    return kind.__new__(kind, *args)


class UsageError(DiscovererError):
    """The request itself cannot be read: an empty query, a malformed line, clashing options."""

    exit_code = 2
    http_status = 400


class ConfigError(DiscovererError):
    """A settings or mapping file has mistakes; all of them are listed at once.

    Attributes:
        where: str, the file, or the setting that names it.
        problems: tuple[str, ...], one sentence per mistake, in file order.
    """

    exit_code = 3

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        count = len(self.problems)
        noun = "mistake" if count == 1 else "mistakes"
        listed = " ".join(f"({number}) {problem}" for number, problem in enumerate(self.problems, 1))
        super().__init__(f"{where} has {count} {noun}: {listed}")


class NotSound(DiscovererError):
    """The installation has things to mend before it is trusted; they were told one by one."""

    exit_code = 3

    def __init__(self, count: int) -> None:
        noun = "thing is" if count == 1 else "things are"
        super().__init__(f"{count} {noun} to be mended before this installation is trusted; each is named above.")


class SourceError(DiscovererError):
    """One legacy source could not be read as its mapping says; the others go on.

    Attributes:
        source: str, the source's name.
    """

    exit_code = 4
    http_status = 503

    def __init__(self, source: str, message: str) -> None:
        super().__init__(f"{source}: {message}")
        self.source = source


class SourceUnavailable(SourceError):
    """The source is missing, unreadable, truncated or wrongly encoded."""


class SchemaDrift(SourceError):
    """A column is new or missing: the mapping must be told before a row is read."""


class CheckFailed(SourceError):
    """The source was read but is not believable: a count differs, too few rows, too many rejects."""


class RowRejected(DiscovererError):
    """One row cannot be turned into a record; it is kept as a reject with its reason.

    Attributes:
        column: str, the raw column at fault ('' when it is the whole row).
        value: str, the raw value, as read.
        reason: str, why it cannot be used.
        keep: bool, whether the raw row may be kept with the reject; False for material that must not be held.
    """

    exit_code = 4

    def __init__(self, column: str, value: str, reason: str, keep: bool = True) -> None:
        super().__init__(f"{column or 'row'}: {reason}")
        self.column = column
        self.value = value
        self.reason = reason
        self.keep = keep


class BuildError(DiscovererError):
    """A build could not be finished or published; the previous build goes on serving."""

    exit_code = 5


class WorkerDied(BuildError):
    """A process that worked for the builder is gone; what was finished before is kept, and building again goes on."""


class BuildHeld(BuildError):
    """A build was finished and is outside its bounds, so that it is not live until a person publishes it.

    Attributes:
        build: str, its id.
    """

    exit_code = 10
    http_status = 409

    def __init__(self, message: str, build: str = "") -> None:
        super().__init__(message)
        self.build = build


class BuildLocked(BuildError):
    """Another builder holds the lock."""

    http_status = 409


class IndexUnavailable(DiscovererError):
    """There is no build to search yet, or its pointer leads nowhere."""

    exit_code = 6
    http_status = 503


class IndexTampered(IndexUnavailable):
    """A file of the build does not match its manifest, so it is not opened."""


class NotFound(DiscovererError):
    """The named thing (a source, a build, an id) does not exist for this viewer."""

    exit_code = 7
    http_status = 404


class NotPermitted(DiscovererError):
    """Whoever asks may not do this, whatever it is asked about; the sentence never tells what there is."""

    exit_code = 11
    http_status = 403


class DecisionRefused(DiscovererError):
    """A decision about who is who may not be made, confirmed or undone like this; the sentence says what may."""

    exit_code = 2
    http_status = 409


class DecisionsUnavailable(IndexUnavailable):
    """What people decided cannot be read: an answer without it could show two people as one."""


class FloorsBroken(DiscovererError):
    """What was measured falls short of figures recorded as the least it must reach.

    Attributes:
        broken: tuple[str, ...], one sentence for each floor: what was asked, what was got, of which group.
    """

    exit_code = 9

    def __init__(self, where: str, broken: Sequence[str]) -> None:
        self.broken = tuple(broken)
        count = len(self.broken)
        listed = " ".join(f"({number}) {each}" for number, each in enumerate(self.broken, 1))
        super().__init__(f"{count} floor{'' if count == 1 else 's'} of {where} broken: {listed}")


class TrainingRefused(DiscovererError):
    """What was learnt from an index is not to be believed, or rests on too little; no weights were written."""

    exit_code = 9
    http_status = 409


class StillHeld(DiscovererError):
    """A record is not forgotten while its source holds it: the next build would bring it back.

    Attributes:
        record: str, 'source:ref'.
    """

    exit_code = 2
    http_status = 409

    def __init__(self, record: str, label: str = "") -> None:
        self.record = record
        closed = (
            f", as {label}: whoever may not see that finds it no more once it is taken in" if label != "open" else ""
        )
        super().__init__(
            f"{record} is still held by its source{closed if label else ''}; delete it there first, since the next"
            " build would bring back what is forgotten here alone."
        )


class NotGone(DiscovererError):
    """A record that is to be forgotten still stands in files; the sentence says what must happen."""

    exit_code = 9
    http_status = 409


class LookNotRecorded(DiscovererError):
    """The look could not be written to the audit file, so there is no answer."""

    exit_code = 8
    http_status = 503


class LooksUnreadable(DiscovererError):
    """Some of what was looked at cannot be read back; what can be was given all the same."""

    exit_code = 6
    http_status = 503


class DecisionNotKept(DiscovererError):
    """The decision could not be written, so it was not made."""

    exit_code = 8
    http_status = 503


class SourcesNotFresh(DiscovererError):
    """Some sources are stale, failed or lag behind; searches are answered, and say so themselves.

    Attributes:
        late: tuple[str, ...], each source with why.
    """

    exit_code = 4
    http_status = 503

    def __init__(self, late: Sequence[str]) -> None:
        self.late = tuple(late)
        super().__init__(f"Not every source is fresh: {'; '.join(self.late)}. 'discoverer status' says more.")


class TooBusy(DiscovererError):
    """Too much is asked at once, so this was not looked up.

    Attributes:
        after: int >= 1, seconds after which to ask again.
    """

    http_status = 429

    def __init__(self, after: int) -> None:
        self.after = after
        super().__init__(f"Too much is being asked at once, so this was not looked up; ask again in {after} seconds.")


class BriefingsUnavailable(DiscovererError):
    """What was briefed before cannot be read: whether anything changed since would not be known."""

    exit_code = 6
    http_status = 503


class BriefingChanged(DiscovererError):
    """What a briefing rests on changed after it was shown, so that it was not recorded as given.

    Attributes:
        changes: tuple[str, ...], what changed, a sentence each; never empty.
    """

    exit_code = 9
    http_status = 409

    def __init__(self, changes: Sequence[str]) -> None:
        self.changes = tuple(changes)
        super().__init__(
            f"NOT recorded as given, since it changed after it was shown: {' '.join(self.changes)} Read it again, tell"
            " whoever was told, and give that."
        )


class BriefingNotKept(DiscovererError):
    """That a briefing was given could not be written, so it counts as not given."""

    exit_code = 8
    http_status = 503


class GlassUnavailable(DiscovererError):
    """Who broke the glass cannot be read or written, so nobody reads past their role."""

    exit_code = 8
    http_status = 503


class SignInRefused(DiscovererError):
    """Nobody was let in: one sentence for an unknown name, a wrong password, a wrong code and a closed account."""

    exit_code = 2
    http_status = 401

    def __init__(self) -> None:
        super().__init__(
            "The name, the password or the code is wrong; type them again, with a new code where codes are used."
        )


class TooManyAttempts(DiscovererError):
    """There were too many wrong attempts to sign in, so this one was not tried, whether or not the name exists.

    Attributes:
        after: int >= 1, seconds after which to try again.
    """

    exit_code = 2
    http_status = 429

    def __init__(self, after: int) -> None:
        self.after = after
        super().__init__(
            f"There were too many wrong attempts to sign in, so this one was not tried; try again in {after} seconds."
        )


class AccountRefused(DiscovererError):
    """An account, password or token may not be made or changed like this; the sentence says what may."""

    exit_code = 2
    http_status = 409


class AccountsUnavailable(DiscovererError):
    """The accounts cannot be read or written, so nobody is let in."""

    exit_code = 6
    http_status = 503


class DirectoryUnavailable(DiscovererError):
    """The force's own directory does not answer, or not as such a one does, so nobody can be let in by it now."""

    exit_code = 6
    http_status = 503


class DirectoryRefused(DiscovererError):
    """Nobody was let in by the force's directory: one sentence whatever the reason, which is for the record alone.

    Attributes:
        reason: str, why; it holds no token and no code.
    """

    exit_code = 2
    http_status = 401

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            "You were not let in by the directory; begin again here, and if it stays so ask whoever runs Discoverer,"
            " who can read why in the record."
        )


class ServiceUnavailable(DiscovererError):
    """The service does not answer over its socket, or not whole, so there is no answer."""

    exit_code = 6
    http_status = 503


class ServiceRefused(DiscovererError):
    """What the service said over its socket instead of an answer, in its own words.

    Attributes:
        exit_code: int, of the same failure where a command meets it itself.
        http_status: int, what the service answered with.
    """

    def __init__(self, message: str, exit_code: int, http_status: int) -> None:
        super().__init__(message)
        self.exit_code = exit_code
        self.http_status = http_status
