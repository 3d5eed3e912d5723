"""Who is let in: accounts, passwords, second factors, sessions and tokens. Others use `Identity` alone."""

from __future__ import annotations

from discoverer.identity.accounts import Account
from discoverer.identity.desk import Identity
from discoverer.identity.directory_desk import DirectoryIdentity, desk_of
from discoverer.identity.tokens import SCOPES, Token

__all__ = ["SCOPES", "Account", "DirectoryIdentity", "Identity", "Token", "desk_of"]
