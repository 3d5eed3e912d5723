"""A service with accounts, in this process and as a process of its own, and people who are signed in there."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from html import unescape
from pathlib import Path

from fastapi import FastAPI
from starlette.testclient import TestClient

from discoverer.access_rules import read_access
from discoverer.app import App
from discoverer.identity import Identity
from discoverer.settings import AccessSettings
from discoverer.web.screen.pages import screen
from discoverer.web.service import create
from index.progress import SilentProgress
from tests.identities import CHEAP, Clock
from tests.web import HOME

WORDS = "four walls and a roof"
ROLES = tuple(each.name for each in read_access().role)


@dataclass(frozen=True)
class Gated:
    """A service with one account per role, each named as 'Test call handler', and no others.

    Attributes:
        app: what answers.
        accounts: who is who.
        clock: of the sessions.
        service: made once, since that takes seconds.
    """

    app: App
    accounts: Identity
    clock: Clock
    service: FastAPI

    def token(self, role: str, name: str, scopes: Collection[str], ends: date) -> str:
        """Return a token of a role's program, named as 'Program supervisor', which is made where there is none."""
        account = f"Program {role}"
        if account not in {each.name for each in self.accounts.accounts()}:
            self.accounts.add(account, role, "")
        return self.accounts.add_token(account, name, scopes, ends)

    def browser(self, role: str = "", home: str = HOME) -> TestClient:
        """Return a browser, with somebody of a role signed in by the form; '' nobody."""
        client = TestClient(self.service, base_url=home, raise_server_exceptions=False, follow_redirects=False)
        if role:
            sign_in(client, name_of(role))
        return client


def gated_at(app: App, folder: Path) -> Gated:
    """Return a service of an App whose settings name accounts in a folder, with one account per role."""
    clock = Clock()
    file = folder / "accounts.sqlite"
    accounts = Identity(file, cost=CHEAP, instant=clock)
    for role in ROLES:
        accounts.add(name_of(role), role, WORDS)
    access = app.settings.access.model_copy(update={"accounts": file})
    gated = App(app.settings.model_copy(update={"access": access}))
    return Gated(gated, accounts, clock, create(gated, screen=screen(gated, accounts), accounts=accounts))


@contextmanager
def gated_over(small: App, folder: Path) -> Iterator[Gated]:
    """Lend a service with accounts over an index of its own of the small set, made in a folder."""
    access = AccessSettings(accounts=folder / "accounts.sqlite")
    with App(small.settings.model_copy(update={"state_dir": folder / "state", "access": access})) as app:
        app.build(SilentProgress())
        yield gated_at(app, folder)


def name_of(role: str) -> str:
    """Return what the account of a role is called."""
    return f"Test {role.replace('_', ' ')}"


def sign_in(client: TestClient, name: str, password: str = WORDS) -> None:
    """Sign in by the form, as a browser does."""
    answer = client.post("/sign-in", data={"name": name, "password": password})
    assert answer.status_code == 303, answer.text


def form_key(page: str) -> str:
    """Return the key of the forms of a page."""
    found = re.search(r'data-form-key="([0-9a-f]+)"', page)
    assert found, page[:500]
    return unescape(found[1])


def settings_file(app: App, folder: Path, sources: Path) -> Path:
    """Write a settings file of an App's index, for a process of its own."""
    text = (sources / "discoverer.toml").read_text(encoding="utf-8")
    text = text.replace('"state"', json.dumps(str(app.settings.state_dir))).replace(
        '"sources"', json.dumps(str(sources / "sources"))
    )
    accounts = json.dumps(str(app.settings.access.accounts))
    (folder / "discoverer.toml").write_text(f"{text}\n[access]\naccounts = {accounts}\n", encoding="utf-8")
    return folder / "discoverer.toml"
