"""The front desk: lets people and programs in, or does not. The one class that the screen and the command line use."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from datetime import date, datetime
from pathlib import Path

from discoverer.access import readable_name
from discoverer.access_rules import OPERATOR, read_access
from discoverer.clock import now
from discoverer.errors import AccountRefused, SignInRefused
from discoverer.identity import accounts, second_factor, sessions, tokens, waits
from discoverer.identity.accounts import Account, Kept
from discoverer.identity.passwords import Cost, Hashing, refuse_weak
from discoverer.identity.rules import number
from discoverer.identity.store import AccountsFile


class Identity:
    """Accounts, their sessions and their tokens; several threads and processes may use one file at once.

    Every method raises AccountsUnavailable where the file cannot be read or written: nobody is let in then.
    """

    def __init__(
        self,
        file: Path,
        *,
        roles: Collection[str] = (),
        cost: Cost | None = None,
        instant: Callable[[], datetime] = now,
    ) -> None:
        """Take where the accounts are.

        Args:
            file: made by the first account.
            roles: names of those there are; none: those of the rules that come with Discoverer.
            cost: of hashing a password; None: the one shipped.
            instant: what counts as now.
        """
        self.file = AccountsFile(file)
        self.roles = tuple(roles) or tuple(each.name for each in read_access().role)
        self._hashing = Hashing(cost)
        self._instant = instant

    def exists(self) -> bool:
        """Return whether there is a file of accounts, sound or not."""
        return self.file.path.exists()

    # Letting in.

    def sign_in(self, name: str, password: str, code: str, where: str) -> str:
        """Let somebody in, and return the token of a new session.

        An unknown name, a wrong password, a wrong or used code and an account that is closed are one refusal, and take
        the same work.

        Args:
            name: as typed.
            password: as typed.
            code: of the second factor; '' when none was typed.
            where: the address they come from; '' when not known.

        Raises:
            SignInRefused: one of them is wrong.
            TooManyAttempts: there were too many wrong attempts; this one was not tried.
        """
        token = self._tried(accounts.key_of(name), password, code, where, sessions.begin)
        if token is None:
            raise SignInRefused
        return token

    def confirm(self, token: str, password: str, code: str, where: str) -> None:
        """Ask somebody signed in for their password again, before a grave act.

        Raises:
            SignInRefused: it is wrong, or the session is over.
            TooManyAttempts: as `sign_in`.
        """
        kept = self._signed_in(token)

        def _confirm(connection: sqlite3.Connection, account: str, at: int) -> str:
            found = sessions.find(connection, token)
            if found is None or found.account != account:
                raise SignInRefused
            sessions.confirm(connection, token, at)
            return token

        if kept is None or self._tried(kept.key, password, code, where, _confirm) is None:
            raise SignInRefused

    def session(self, token: str, seen: bool = True) -> Account | None:
        """Return who is signed in by a token; None when the session is over.

        Args:
            token: of the session.
            seen: whether somebody asked; what a page asks by itself keeps no session of a desk that was left.
        """
        kept = self._signed_in(token, seen)
        return kept.account if kept else None

    def sign_out(self, token: str) -> None:
        """End a session; nothing where there is none."""
        with self.file.writing() as connection:
            sessions.end(connection, token)

    def token(self, token: str) -> tuple[Account, frozenset[str]] | None:
        """Return which program's token this is and what it is for; None when it does not count.

        A token of a person's account counts for nothing, even where an earlier version made it.
        """
        with self.file.reading() as connection:
            found = tokens.find(connection, token, self._at())
            kept = accounts.by_key(connection, found[0]) if found else None
        counts = kept is not None and kept.account.active and kept.account.program
        return (kept.account, found[1]) if found and kept and counts else None

    def machine_user(self, user: str) -> Account | None:
        """Return whose account of this machine one is; None when it is nobody's, or of an account that is closed."""
        with self.file.reading() as connection:
            kept = accounts.by_machine_user(connection, user)
        return kept.account if kept and kept.account.active and not kept.account.directory else None

    def recently_confirmed(self, token: str) -> bool:
        """Tell whether a password was typed for this session in the last minutes, as grave acts ask."""
        with self.file.reading() as connection:
            found = sessions.find(connection, token)
            kept = accounts.by_key(connection, found.account) if found else None
        at = self._at()
        if found is None or kept is None or not kept.account.active or sessions.is_over(found, kept.account.role, at):
            return False
        return 0 <= at - found.confirmed < number("sessions", "confirmed")

    # Changing.

    def add(self, name: str, role: str, password: str, title: str = "") -> Account:
        """Make an account.

        Args:
            name: as typed.
            role: one of those there are.
            password: '' for a program, which comes by tokens alone.
            title: what they are called beside their name.

        Raises:
            UsageError: the name or title cannot be read back, or passes for another's.
            AccountRefused: there is one that it passes for, no such role, or the password is soon guessed.
        """
        self.refuse_new(name, role, password, title)
        hashed = self._hashing.hash(password) if password else ""
        with self.file.writing(make=True) as connection:
            return accounts.add(connection, name, role, title, hashed)

    def refuse_new(self, name: str, role: str, password: str, title: str = "") -> None:
        """Refuse what `add` would of itself, so that nothing need be recorded of it. Raises as `add`."""
        readable_name(name, "is to sign in")
        if title.strip():
            readable_name(title, "is to sign in")
        self._refuse_role(role)
        if password:
            refuse_weak(password, name)

    def accounts(self) -> tuple[Account, ...]:
        """Return every account, by name."""
        with self.file.reading() as connection:
            return tuple(each.account for each in accounts.everybody(connection))

    def account(self, name: str) -> Account:
        """Return the account of a name.

        Raises:
            NotFound: there is none.
        """
        with self.file.reading() as connection:
            return accounts.named(connection, name).account

    def set_role(self, name: str, role: str) -> Account:
        """Give an account another role; its sessions end and its tokens are revoked, since they were for the old one.

        Raises:
            NotFound: there is no such account.
            AccountRefused: no such role, or it is the last administrator's.
        """
        self._refuse_role(role)
        return self._change(name, ending=True, role=role)

    def set_active(self, name: str, active: bool) -> Account:
        """Close an account, its sessions and tokens with it, or open it again without them.

        Raises:
            NotFound: there is no such account.
            AccountRefused: it is the last administrator's.
        """
        return self._change(name, ending=not active, active=int(active))

    def set_password(self, name: str, password: str) -> Account:
        """Give an account a new password without asking for the old one; its sessions end, and so do waits on its name.

        Raises:
            NotFound: there is no such account.
            AccountRefused: the password is soon guessed, or the account has none: a program's, or of the directory.
        """
        account = self.account(name)
        if account.program:
            raise AccountRefused("This is a program's account, which has no password; give it a token instead.")
        if account.directory:
            raise AccountRefused(f"{account.name} signs in by the directory; change the password there.")
        refuse_weak(password, name)
        return self._change(name, password=self._hashing.hash(password))

    def change_password(self, name: str, old: str, new: str, code: str = "", where: str = "") -> None:
        """Change one's own password; every session of the account ends, this one too.

        Raises:
            SignInRefused: the old one is wrong, or the code.
            TooManyAttempts: as `sign_in`.
            AccountRefused: the new one is soon guessed.
        """
        refuse_weak(new, name)
        hashed = self._hashing.hash(new)

        def _set(connection: sqlite3.Connection, account: str, at: int) -> str:
            del at
            accounts.change(connection, account, password=hashed)
            sessions.end_all(connection, account)
            return account

        if self._tried(accounts.key_of(name), old, code, where, _set) is None:
            raise SignInRefused

    def set_second_factor(self, name: str, on: bool) -> str:
        """Ask an account for codes from now on, by a new secret, or for none; its sessions end.

        Returns:
            The otpauth address for an authenticator app, which is shown once; '' when off.

        Raises:
            NotFound: there is no such account.
            AccountRefused: it is a program's account, or of somebody of the directory.
        """
        if (account := self.account(name)).program:
            raise AccountRefused("This is a program's account, which has no second factor; its token has an end.")
        if account.directory:
            raise AccountRefused(f"{account.name} signs in by the directory; ask for a second factor there.")
        secret = second_factor.new_secret() if on else ""
        self._change(name, secret=secret, step=0)
        return second_factor.address_of(secret, account.name) if on else ""

    def set_machine_user(self, name: str, user: str) -> Account:
        """Let somebody be known by their account of the machine; it is asked anew each time, so no session ends.

        Args:
            name: of the account.
            user: name of the account of the machine; '': they are known by none any more.

        Raises:
            NotFound: there is no such account.
            AccountRefused: it is a program's account, or of somebody of the directory, or that account of the machine
                is another's already.
        """
        with self.file.writing() as connection:
            kept = accounts.named(connection, name)
            if kept.account.program:
                raise AccountRefused(
                    "This is a program's account, which comes by tokens alone; give it a token instead."
                )
            if kept.account.directory and user:
                raise AccountRefused(
                    f"{kept.account.name} signs in by the directory, which alone says what they may do; a socket asks"
                    " it nothing."
                )
            other = accounts.by_machine_user(connection, user)
            if other is not None and other.key != kept.key:
                raise AccountRefused(f"'{user}' is {other.account.name} already; take it from them with --off first.")
            accounts.change(connection, kept.key, machine_user=user)
            return accounts.named(connection, name).account

    def end_sessions(self, name: str) -> int:
        """End every session of an account; return how many there were.

        Raises:
            NotFound: there is no such account.
        """
        with self.file.writing() as connection:
            return sessions.end_all(connection, accounts.named(connection, name).key)

    def add_token(self, account: str, name: str, scopes: Collection[str], ends: date) -> str:
        """Make a token for a program, and return it; it is shown once.

        Raises:
            NotFound: there is no such account.
            UsageError, AccountRefused: as `tokens.add`, or as `refuse_token`.
        """
        with self.file.writing() as connection:
            kept = accounts.named(connection, account)
            _refuse_token(kept.account)
            return tokens.add(connection, kept.key, name, scopes, ends, self._at())

    def refuse_token(self, account: str) -> Account:
        """Return an account that a token may be made for.

        Raises:
            NotFound: there is none.
            AccountRefused: it is a person's, whose looks nobody types a password for then, or it is closed.
        """
        found = self.account(account)
        _refuse_token(found)
        return found

    def tokens(self) -> list[tokens.Token]:
        """Return every token, revoked and past ones too, without its secret."""
        with self.file.reading() as connection:
            return tokens.listed(connection)

    def revoke_token(self, which: int) -> None:
        """Let a token count no more.

        Raises:
            NotFound: there is none of that number.
        """
        with self.file.writing() as connection:
            tokens.revoke(connection, which)

    # How it is done.

    def _at(self) -> int:
        """Return now, in seconds since 1970."""
        return int(self._instant().timestamp())

    def _refuse_role(self, role: str) -> None:
        """Refuse a role that there is not. Raises AccountRefused."""
        if role not in self.roles or role == OPERATOR.name:
            raise AccountRefused(f"'{role}' is no role; the roles are {', '.join(self.roles)}.")

    def _tried(
        self,
        key: str,
        password: str,
        code: str,
        where: str,
        then: Callable[[sqlite3.Connection, str, int], str],
    ) -> str | None:
        """Try a password and code, and do something where they are right; None where they are not.

        Raises:
            TooManyAttempts: a wait lasts.
        """
        with self.file.writing() as connection:
            keys = waits.keys_of(connection, key, where)
            waits.begin(connection, keys, self._at())
            before = accounts.by_key(connection, key)
        hashed = before.password if before else ""
        fits = self._hashing.fits(password, hashed)
        anew = self._hashing.hash(password) if fits and self._hashing.is_outdated(hashed) else ""
        with self.file.writing() as connection:
            kept = accounts.by_key(connection, key)
            # As it is now: what was changed while the password was being hashed is a wrong attempt.
            step = _step_of(kept, code, self._at())
            if not (fits and kept and kept.account.active and kept.password == hashed and step):
                waits.was_wrong(connection, keys)
                return None
            waits.was_right(connection, keys)
            accounts.change(connection, key, step=step if kept.secret else 0, password=anew or hashed)
            return then(connection, key, self._at())

    def _signed_in(self, token: str, seen: bool = True) -> Kept | None:
        """Return who is signed in by a token, and note that they were seen."""
        at = self._at()
        with self.file.reading() as connection:
            found = sessions.find(connection, token)
            kept = accounts.by_key(connection, found.account) if found else None
        if found is None or kept is None or not kept.account.active or sessions.is_over(found, kept.account.role, at):
            return None
        if seen and sessions.is_to_touch(found, at):
            with self.file.writing(lasting=False) as connection:
                sessions.touch(connection, found, at)
        return kept

    def _change(self, name: str, ending: bool = False, **values: str | int) -> Account:
        """Change an account and end its sessions.

        Args:
            name: of the account.
            ending: whether its tokens end too.
            values: columns.
        """
        with self.file.writing() as connection:
            kept = accounts.named(connection, name)
            accounts.change(connection, kept.key, **values)
            _refuse_nobody_left(kept, accounts.everybody(connection))
            sessions.end_all(connection, kept.key)
            if ending:
                tokens.revoke_all(connection, kept.key)
            if "password" in values:
                waits.end(connection, kept.key)
            return accounts.named(connection, name).account


def _step_of(kept: Kept | None, code: str, at: int) -> int:
    """Return which step of the second factor a code is of; 0: it is wrong or was used; 1 where none is asked for.

    As much is done where there is no account, or none is asked for.
    """
    asked = kept is not None and bool(kept.secret)
    found = second_factor.step_of(kept.secret if kept and asked else _NOBODYS, code, at, kept.step if kept else 0)
    return found if asked else 1


_NOBODYS = second_factor.new_secret()


def _refuse_token(account: Account) -> None:
    """Refuse a token for an account that has none. Raises AccountRefused."""
    if not account.program:
        raise AccountRefused(
            f"{account.name} is a person's account, and tokens are for programs alone; make one for the program with"
            " 'discoverer users add NAME --role ROLE --program'."
        )
    if not account.active:
        raise AccountRefused(f"{account.name} is closed; open it with 'discoverer users activate' first.")


def _refuse_nobody_left(before: Kept, after: list[Kept]) -> None:
    """Refuse to change the last administrator into none: nobody could let anybody in any more."""
    was = before.account.role == "administrator" and before.account.active
    if was and not any(each.account.role == "administrator" and each.account.active for each in after):
        raise AccountRefused(f"{before.account.name} is the last administrator; make another first.")
