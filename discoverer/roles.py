"""What a role may do, asked before anything is read; and the refusals, the same whatever is asked about."""

from __future__ import annotations

from dataclasses import replace

from discoverer.access import DEMO_VIEWER, NOT_RECORDED, SERVICE, Viewer, role_of, scope_of
from discoverer.access_masks import Mask, without_safe_places
from discoverer.access_rules import CONTENT, OPERATOR, AccessRules, May, Role, Stub, read_access
from discoverer.errors import NotPermitted
from discoverer.model import Visibility
from index.reader import Scope


class Roles:
    """The roles in force of one set-up.

    Attributes:
        rules: roles and rules.
        switched_on: bool, the settings name rules or accounts; where they do not, whoever stands at the machine has
            the demo's role, whatever they say.
    """

    def __init__(self, rules: AccessRules | None = None, *, switched_on: bool = True, accounts: bool = True) -> None:
        """Take them.

        Args:
            rules: roles and rules; None: those that come with Discoverer.
            switched_on: whether the settings name rules or accounts.
            accounts: whether people are told apart; where they are not, the demo's role may do everything, and reads
                what that role does.
        """
        self.rules = rules or read_access()
        self.switched_on = switched_on
        self._accounts = accounts

    def may(self, viewer: Viewer, act: May) -> bool:
        """Tell whether a viewer may do something at all; of no record is anything asked."""
        if viewer == SERVICE:
            return act is May.STATUS
        if self._at_the_machine(viewer):
            return act in OPERATOR.may
        role = self.rules.role_named(self._as_one(viewer).role)
        return role is not None and (act in role.may or self._alone(role))

    def refuse(self, viewer: Viewer, act: May) -> None:
        """Refuse whoever may not do something, or must say why and does not.

        Raises:
            NotPermitted: their role may not, or it needs a log or a reason and none is given.
        """
        if viewer == SERVICE and self.may(viewer, act):
            return
        role = self._role_of(viewer if viewer == SERVICE else self._as_one(viewer))
        if not self.may(viewer, act):
            raise NotPermitted(f"{role.title}: this role may not {_WORDS[act]}; ask somebody whose role may.")
        needs = act in CONTENT and role.reason == "required" and not self._alone(role)
        if needs and not self.says_why(viewer):
            raise NotPermitted(
                f"{role.title}: this role looks for a reason only; give the log in hand or the reason, and ask again."
            )

    def scope_of(self, viewer: Viewer) -> Scope:
        """Return what a viewer may read. Raises NotPermitted: nothing."""
        if self._at_the_machine(viewer):
            raise NotPermitted(f"{OPERATOR.title}: commands read no records here; sign in to the service instead.")
        return scope_of(self._as_one(viewer), self.rules)

    def masks_on(self, viewer: Viewer) -> tuple[Mask, ...]:
        """Return what is put over what a viewer reads; nothing where roles are not switched on.

        Who reveals says why: without a log or a reason everything stays as it is.
        """
        if not self.switched_on:
            return ()
        asking = self._as_one(viewer)
        revealing = viewer.revealing and self.says_why(viewer)
        on = self.rules.masks_for(asking.role)
        found = tuple(each for each in on if not (revealing and each.reveal == "reason"))
        role = self.rules.role_named(asking.role)
        if role is not None and Visibility.PROTECTED in role.labels_with(viewer.glass):
            return found
        return tuple(each for mask in found if (each := without_safe_places(mask)) is not None)

    def stubs_for(self, viewer: Viewer) -> tuple[Stub, ...]:
        """Return the stubs for a viewer: none where roles are not switched on."""
        role = self._as_one(viewer).role
        return tuple(each for each in self.rules.stub if role in each.roles) if self.switched_on else ()

    @staticmethod
    def says_why(viewer: Viewer) -> bool:
        """Tell whether a viewer gives a log or a reason."""
        return any(map(str.isalnum, f"{viewer.log}{viewer.reason}"))

    def not_permitted(self, viewer: Viewer, source: str) -> bool:
        """Tell whether a source is closed as a whole to a viewer: the same whatever it holds and whatever is asked.

        Who reads no records at all is told the state of all sources: it is their work that these are there.
        """
        if not self.switched_on or viewer == SERVICE:
            return False
        role, closed = self._role_of(self._as_one(viewer)), self.rules.closed_to(source)
        labels = role.labels_with(viewer.glass)
        return bool(labels) and closed is not Visibility.OPEN and closed not in labels

    def _at_the_machine(self, viewer: Viewer) -> bool:
        """Tell whether this is whoever runs a command on the machine, where people have accounts."""
        return self.tells_apart and viewer.role == OPERATOR.name

    def _role_of(self, viewer: Viewer) -> Role:
        """Return a viewer's role. Raises NotPermitted: there is no such role."""
        return OPERATOR if self._at_the_machine(viewer) else role_of(viewer, self.rules)

    def _as_one(self, viewer: Viewer) -> Viewer:
        """Return who asks, in the demo's role where roles are not switched on, or there are no accounts to give one."""
        nameless = not self._accounts and viewer.role == NOT_RECORDED
        return viewer if self.switched_on and not nameless else replace(viewer, role=DEMO_VIEWER.role)

    def asks_why(self, role: str) -> bool:
        """Tell whether whoever has a role looks for a reason only."""
        found = self.rules.role_named(role)
        return found is not None and found.reason == "required"

    @property
    def tells_apart(self) -> bool:
        """Whether there are accounts, so that whoever breaks the glass is somebody."""
        return self._accounts and self.switched_on

    def _alone(self, role: Role) -> bool:
        """Tell whether nobody is told apart, and this is the demo's role."""
        return not self._accounts and role.name == DEMO_VIEWER.role


_WORDS = {
    May.SEARCH: "search",
    May.LOOKUP: "look up many at once",
    May.SHOW: "open a record",
    May.BRIEF: "brief",
    May.DECIDE: "decide who is who",
    May.FIGURES: "count calls and victims",
    May.REJECTS: "read rejected rows",
    May.STATUS: "ask for the state of the service",
    May.SOURCES: "list the sources",
    May.BUILDS: "make or list builds",
    May.PUBLISH: "publish or go back to a build",
    May.EVALUATE: "measure searches",
    May.TRAIN: "train weights",
    May.AUDIT: "read the record of looks",
    May.USERS: "manage accounts",
    May.METRICS: "read the service's measurements",
    May.REVIEW: "review who broke the glass",
}
