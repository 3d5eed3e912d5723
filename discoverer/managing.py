"""Managing accounts from this machine: each change is in the record of looks before it is made."""

from __future__ import annotations

from pathlib import Path

from discoverer.access_rules import rules_in_force
from discoverer.audit import record_event, set_up
from discoverer.errors import UsageError
from discoverer.identity import Identity
from discoverer.identity.machine import operator
from discoverer.settings import load


class Managed:
    """The accounts of a set-up, as whoever runs this manages them.

    Attributes:
        identity: the accounts.
    """

    def __init__(self, config: Path) -> None:
        """Open them.

        Args:
            config: the settings file.

        Raises:
            ConfigError: it has mistakes, or a file it names has.
            UsageError: it names no file of accounts.
        """
        self._settings = load(config)
        if self._settings.access.accounts is None:
            raise UsageError(
                f"{config} names no file of accounts; write 'accounts = \"accounts.sqlite\"' under a line '[access]',"
                " after all other settings, and run this again."
            )
        set_up(self._settings)
        roles = [each.name for each in rules_in_force(self._settings).role]
        self.identity = Identity(self._settings.access.accounts, roles=roles)

    def record(self, change: str, account: str, **more: str) -> None:
        """Write a change down before it is made.

        Args:
            change: 'add', 'role' ...
            account: its name.
            more: what else is to be known; nothing secret.

        Raises:
            LookNotRecorded: it must not be made.
        """
        record_event(self._settings.audit_dir, operator(), "account", change=change, account=account, **more)
