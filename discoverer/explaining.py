"""Why a role reads a record or does not: which rule gave it which label. It says nothing of what the record says.

Only whoever may read the audit or keep the accounts is told, since it tells that a record is there; it is a look like
any other, and recorded.
"""

from __future__ import annotations

from dataclasses import dataclass

from discoverer.access import Viewer, role_of
from discoverer.access_rules import May
from discoverer.audit import record_look
from discoverer.errors import NotFound
from discoverer.labelling import rules_alone
from discoverer.model import Record, Visibility
from discoverer.permitted import Permitted
from discoverer.settings import Settings
from discoverer.typed import refuse_unreadable
from index.live import LiveIndex
from index.reader import Reader, Scope

LONGEST_NAMED = 2_000


@dataclass(frozen=True, slots=True)
class Given:
    """A label, and what gave it.

    Attributes:
        rule: str, the id of a rule; 'mapping' for what the source's own mapping gave.
        label: Visibility value.
        why: str, the reason in one line.
    """

    rule: str
    label: str
    why: str


@dataclass(frozen=True, slots=True)
class Part:
    """Something that a record mentions, by its part alone.

    Attributes:
        what: str, 'person 0, victim'.
        label: Visibility value.
        reads: bool, whether the role reads it.
    """

    what: str
    label: str
    reads: bool


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a role reads a record, or not.

    Attributes:
        record: str, 'source:ref'.
        role, title: str, the role's name and title.
        why: str, why it reads what it does.
        reads: tuple[str, ...], the labels it reads.
        label: Visibility value of the record as it is searched now.
        words: Visibility value of its free words, which may repeat what any mention says.
        is_read, words_read: bool, whether the role reads the record, and its free words.
        given: what gave the label.
        parts: what it mentions.
        build: str, the build asked.
        masks: tuple[(id, what), ...], the masks on what the role reads, glass broken or not, and what they keep back.
    """

    record: str
    role: str
    title: str
    why: str
    reads: tuple[str, ...]
    label: str
    words: str
    is_read: bool
    words_read: bool
    given: tuple[Given, ...]
    parts: tuple[Part, ...]
    build: str
    masks: tuple[tuple[str, tuple[str, ...]], ...] = ()


class Explaining:
    """Explains the access of one set-up.

    Attributes:
        permitted: who may do what.
    """

    def __init__(self, settings: Settings, live: LiveIndex, guard: Permitted) -> None:
        """Take the settings, what lends the live build, and who may do what."""
        self.permitted = guard
        self._settings, self._live = settings, live

    def explain(self, viewer: Viewer, role: str, ident: str) -> Explained:
        """Say why a role reads a record or does not.

        Args:
            viewer: who asks; their role may read the audit or keep the accounts.
            role: the name of the role asked about.
            ident: 'source:ref', or the id of a mention of it.

        Raises:
            NotPermitted: the viewer may not.
            UsageError: the id is too long or no text.
            NotFound: there is no such role, or the live build holds no such record.
            IndexUnavailable: there is nothing to read.
            LookNotRecorded: the look could not be recorded, so nothing is told.
        """
        self.permitted.refuse(viewer, May.AUDIT if self.permitted.roles.may(viewer, May.AUDIT) else May.USERS)
        refuse_unreadable(ident, "The record", LONGEST_NAMED, "")
        refuse_unreadable(role, "The role", LONGEST_NAMED, "")
        rules = self.permitted.roles.rules
        if rules.role_named(role) is None:
            names = ", ".join(each.name for each in rules.role)
            raise NotFound(f"There is no role '{role}'; the roles are {names}.")
        with self._live.reading() as index:
            record, build = _record(Reader(index, Scope(frozenset(Visibility))), ident), index.manifest.build
        found = self._explained(Viewer("", role), record, build)
        asked = f"{role} {found.record}"
        record_look(self._settings.audit_dir, viewer, "explain", asked, (), build, mentions=(found.record,))
        return found

    def _explained(self, asked_about: Viewer, record: Record, build: str) -> Explained:
        """Explain one record."""
        role = role_of(asked_about, self.permitted.roles.rules)
        about = list(rules_alone(self._settings).rules_for(record))
        given = [Given(each.id, each.label.value, each.why) for each in about]
        if all(each.label is not record.visibility for each in about):
            given.append(
                Given(
                    "mapping",
                    record.visibility.value,
                    "No rule gives it, but perhaps one about people whom the force lists: the builder alone reads who.",
                )
            )
        mentions = [
            *((f"person {each.position}, {each.role.value}", each.visibility) for each in record.persons),
            *((f"location {each.position}, {each.role.value}", each.visibility) for each in record.locations),
            *((f"phone {each.position}, {each.role.value}", each.visibility) for each in record.phones),
        ]
        return Explained(
            record=f"{record.source}:{record.ref}",
            role=role.name,
            title=role.title,
            why=role.why,
            reads=tuple(label.value for label in role.reads),
            label=record.visibility.value,
            words=record.words_visibility.value,
            is_read=record.visibility in role.labels,
            words_read=record.words_visibility in role.labels,
            given=tuple(given),
            parts=tuple(Part(what, label.value, label in role.labels) for what, label in mentions),
            build=build,
            masks=tuple((each.id, tuple(each.hides)) for each in self.permitted.roles.rules.masks_for(role.name)),
        )


def _record(reader: Reader, ident: str) -> Record:
    """Find a record by 'source:ref' or the id of one of its mentions. Raises NotFound."""
    source, _, ref = ident.strip().partition(":")
    place = reader.place_of(source, ref) or reader.place_of(source, ref.rpartition("#")[0])
    if place is None:
        raise NotFound(f"The live build holds no record '{ident.strip()}'; name one as 'source:ref'.")
    return reader.records([place])[place]
