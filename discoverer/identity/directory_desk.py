"""The front desk of a force with a directory of its own: who signs in by it is known by who they are there.

The account is the directory's issuer and subject, never a name: a name may be changed, or given to somebody else, and
an account kept here may be called the same. Looks and decisions stand under the name of the first sign-in for ever.
"""

from __future__ import annotations

import hashlib
import hmac
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from discoverer.clock import now
from discoverer.directory_settings import DirectorySettings
from discoverer.errors import AccountRefused, DirectoryRefused, SignInRefused, UsageError
from discoverer.identity import accounts, sessions, tokens
from discoverer.identity.accounts import Account
from discoverer.identity.desk import Identity
from discoverer.identity.directory import Begun, Claims, Directory
from discoverer.identity.passwords import Cost
from discoverer.identity.rules import way_of
from discoverer.settings import AccessSettings

TITLE = "of the directory"
"""What stands beside the name of whoever first signed in by it."""
_TABLES = (
    "CREATE TABLE IF NOT EXISTS directory (issuer TEXT NOT NULL, subject TEXT NOT NULL, account TEXT NOT NULL UNIQUE"
    " REFERENCES account, PRIMARY KEY (issuer, subject))",
    "CREATE TABLE IF NOT EXISTS returned (digest TEXT PRIMARY KEY, at INT NOT NULL)",
)


class DirectoryIdentity(Identity):
    """As `Identity`, and people sign in by the directory too."""

    def __init__(
        self,
        file: Path,
        settings: DirectorySettings,
        *,
        cost: Cost | None = None,
        instant: Callable[[], datetime] = now,
    ) -> None:
        """Take where the accounts are and how the directory is set up.

        Raises:
            ConfigError: as `Directory`.
        """
        super().__init__(file, cost=cost, instant=instant)
        self.directory = Directory(settings, instant=instant)

    def sign_in(self, name: str, password: str, code: str, where: str) -> str:
        """As `Identity.sign_in`, for those who may still come with a password kept here."""
        local = self.directory.settings.local
        token = super().sign_in(name, password, code, where)
        account = self.session(token)
        if account is not None and (local == "all" or account.role == local):
            return token
        self.sign_out(token)
        raise SignInRefused

    def sign_in_by_directory(
        self, begun: Begun, answer: Sequence[tuple[str, str]], back: str
    ) -> tuple[str, Account, Claims]:
        """Let in whoever came back from the directory.

        Args:
            begun: what was kept when they left; it counts once.
            answer: what they brought, name and value.
            back: the address of ours that they came back to.

        Returns:
            (token of a new session, their account as it is now, what the directory said of them).

        Raises:
            DirectoryRefused: they are not let in.
            DirectoryUnavailable: the directory cannot be asked.
            AccountsUnavailable: the file cannot be read or written.
        """
        self.directory.code_of(begun, answer)  # first: what another page makes a browser bring ends nobody's way
        self._refuse_returned(begun)
        claims = self.directory.finish(begun, answer, back)
        at = self._at()
        with self.file.writing() as connection:
            key = self._account_of(connection, claims)
            kept = accounts.by_key(connection, key)
            if kept is None or not kept.account.active:
                raise DirectoryRefused("the account is closed here")
            if kept.account.role != claims.role:
                accounts.change(connection, key, role=claims.role)
                sessions.end_all(connection, key)
                tokens.revoke_all(connection, key)
            token = sessions.begin(connection, key, at)
            # Whoever was signed in there already typed no password: that counts for no grave act here.
            connection.execute(
                "UPDATE session SET confirmed = ? WHERE digest = ?",
                (min(claims.confirmed, at), sessions.digest_of(token)),
            )
            return token, accounts.named(connection, kept.account.name).account, claims

    def mark_of(self, token: str) -> str:
        """Return a mark of a session: it lets nobody in, and ends the session by `end_marked`."""
        return sessions.digest_of(token)

    def end_marked(self, mark: str) -> None:
        """End the session of a mark; nothing where there is none."""
        with self.file.writing() as connection:
            connection.execute("DELETE FROM session WHERE digest = ?", (mark,))

    def key_for(self, purpose: str) -> bytes:
        """Return a key for a purpose, of this file of accounts: every process that serves has the same."""
        with self.file.reading() as connection:
            salt = str(connection.execute("SELECT salt FROM salt").fetchone()[0])
        return hmac.digest(salt.encode(), f"discoverer {purpose}".encode(), "sha256")

    def _account_of(self, connection: sqlite3.Connection, claims: Claims) -> str:
        """Return the key of the account of whoever the directory says, made on their first sign-in.

        Raises:
            DirectoryRefused: their name cannot be told from that of somebody else, or cannot be read.
        """
        _lay_out(connection)
        row = connection.execute(
            "SELECT account FROM directory WHERE issuer = ? AND subject = ?", (claims.issuer, claims.subject)
        ).fetchone()
        if row:
            return str(row[0])
        try:
            made = accounts.add(connection, claims.name, claims.role, TITLE, "")
        except (AccountRefused, UsageError) as refused:
            raise DirectoryRefused(f"no account can be made of what they are called: {refused.message}") from None
        key = accounts.key_of(made.name)
        connection.execute("INSERT INTO directory VALUES (?, ?, ?)", (claims.issuer, claims.subject, key))
        return key

    def _refuse_returned(self, begun: Begun) -> None:
        """Note that somebody came back from a way begun here. Raises DirectoryRefused: they did before."""
        digest = hashlib.sha256(begun.state.encode()).hexdigest()
        at = self._at()
        with self.file.writing() as connection:
            _lay_out(connection)
            connection.execute("DELETE FROM returned WHERE at <= ?", (at - 2 * way_of("way", "longest"),))
            if connection.execute("SELECT 1 FROM returned WHERE digest = ?", (digest,)).fetchone():
                raise DirectoryRefused("the way back was gone once before (state)")
            connection.execute("INSERT INTO returned VALUES (?, ?)", (digest, at))


def _lay_out(connection: sqlite3.Connection) -> None:
    """Lay out what a file that was made without a directory lacks."""
    for statement in _TABLES:
        connection.execute(statement)


def desk_of(access: AccessSettings) -> Identity | None:
    """Return the front desk that the settings ask for; None where there are no accounts.

    Raises:
        ConfigError: the secret shared with the directory cannot be used, or its certificates cannot be read.
    """
    if access.accounts is None:
        return None
    if access.directory is None:
        return Identity(access.accounts)
    return DirectoryIdentity(access.accounts, access.directory)
