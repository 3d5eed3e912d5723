"""The whole way: a served process, a real provider's process, and somebody who walks between them as a browser does."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx2 as httpx
import pytest

from discoverer.app import App
from discoverer.errors import DirectoryRefused
from discoverer.identity import Identity
from tests.conftest import SMALL
from tests.gated import form_key, settings_file
from tests.identities import CHEAP, OTHER, WORDS
from tests.provider import CLIENT, SECRET, Provider, free_port, providing, python_of_provider, through
from tests.rivals.environments import NoEnvironment
from tests.web import Serving, serving

ASKED = "/search?q=07700+900417&log=2731-2014-09-14"


@dataclass(frozen=True)
class Both:
    """The service and the provider.

    Attributes:
        served, provider: their processes.
        audit: Path, where looks are written down.
    """

    served: Serving
    provider: Provider
    audit: Path

    @contextmanager
    def browser(self) -> Iterator[httpx.Client]:
        """Lend a browser without cookies."""
        with httpx.Client(base_url=self.served.address, timeout=60) as made:
            yield made

    def last(self, action: str) -> dict[str, Any]:
        """Return the last line written down of an action."""
        lines = [line for file in sorted(self.audit.glob("*.jsonl")) for line in file.read_text().splitlines()]
        read: list[dict[str, Any]] = [json.loads(line) for line in lines]
        return [each for each in read if each["action"] == action][-1]

    def way_back(self, browser: httpx.Client, to: str = "/", **how: str) -> str:
        """Go to the provider and through it; return the address that leads back."""
        left = browser.get("/sign-in/directory", params={"to": to})
        assert left.status_code == 303, left.text
        return through(browser, left.headers["location"], self.served.address, **how)


@pytest.fixture(scope="module")
def both(small: App, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    try:
        python_of_provider()
    except NoEnvironment as missing:
        pytest.skip(str(missing))
    folder = tmp_path_factory.mktemp("directory")
    port, file = free_port(), folder / "accounts.sqlite"
    accounts = Identity(file, cost=CHEAP)
    accounts.add("Ada Minton", "administrator", OTHER)
    accounts.add("PC 10", "call_handler", WORDS)
    (folder / "directory.secret").touch(0o600)
    (folder / "directory.secret").write_text(SECRET)
    access = small.settings.access.model_copy(update={"accounts": file})
    with App(small.settings.model_copy(update={"access": access})) as app:
        config = settings_file(app, folder, SMALL)
    with config.open("a") as opened:
        opened.write(
            f'[access.directory]\nissuer = "http://127.0.0.1:{port}"\nclient_id = "{CLIENT}"\n'
            'client_secret = "directory.secret"\nscope = "openid profile groups"\n'
            'roles = [{ value = "CAD-Handlers", role = "call_handler" }]\n'
        )
    with serving(config) as served, providing(port, served.address) as provider:
        yield Both(served, provider, small.settings.audit_dir)


def refused(answer: httpx.Response) -> None:
    assert answer.status_code == 401
    assert DirectoryRefused("").message in unescape(answer.text)
    assert "discoverer" not in answer.cookies


# First of all: once anybody has agreed, the provider's store in memory takes it that everybody has.
def test_whoever_will_not_say_who_they_are_is_refused(both: Both) -> None:
    with both.browser() as browser:
        refused(browser.get(both.way_back(browser, login="kim", answer="deny")))
        assert "access_denied" in both.last("sign-in failed")["about"]["why"]


def test_somebody_of_the_directory_comes_to_what_they_asked_for(both: Both) -> None:
    with both.browser() as browser:
        page = browser.get(browser.get(ASKED).headers["location"])
        link = re.search(r'href="(/sign-in/directory[^"]*)"', page.text)
        assert link
        left = browser.get(unescape(link[1]))
        kept = left.headers["set-cookie"]
        assert all(each in kept for each in ("discoverer-directory=", "HttpOnly", "SameSite=lax", "Max-Age=600"))
        back = through(browser, left.headers["location"], both.served.address)
        came = browser.get(back)
        assert came.status_code == 200  # a page of ours, since the cookie is not sent on another site's way
        onward = re.search(r'http-equiv="refresh" content="0; url=([^"]+)"', came.text)
        assert onward and unescape(onward[1]) == ASKED
        given = "".join(each for each in came.headers.get_list("set-cookie") if each.startswith("discoverer="))
        assert "HttpOnly" in given and "SameSite=strict" in given
        assert came.headers["referrer-policy"] == "no-referrer"
        assert "jo bloggs" in browser.get(ASKED).text
        written = both.last("sign-in")
        assert (written["viewer"], written["role"]) == ("jo bloggs", "call_handler")
        refused(browser.get(back))  # the same way a second time
    with both.browser() as another:
        refused(another.get(back))  # and by another browser, which did not begin it


def test_signing_out_here_leads_to_signing_out_there(both: Both) -> None:
    with both.browser() as browser:
        browser.get(both.way_back(browser))
        key = form_key(browser.get("/").text)
        out = browser.post("/sign-out", data={"form_key": key})
        page = browser.get(out.headers["location"])
        assert "/sign-in/directory/out" in page.text
        there = httpx.URL(browser.get("/sign-in/directory/out").headers["location"])
        assert str(there).startswith(f"{both.provider.issuer}/oauth/end_session?")
        assert there.params["post_logout_redirect_uri"] == f"{both.served.address}/sign-in"
        assert browser.get(str(there)).status_code < 400
        assert browser.get("/").status_code == 303


def test_another_address_is_no_way_on(both: Both) -> None:
    with both.browser() as browser:
        came = browser.get(both.way_back(browser, to="//login.example/"))
        assert 'content="0; url=/"' in came.text


def test_whoever_is_in_no_group_that_has_a_role_is_refused(both: Both) -> None:
    with both.browser() as browser:
        refused(browser.get(both.way_back(browser, login="sam")))
        assert "none of their groups" in both.last("sign-in failed")["about"]["why"]


def test_a_way_that_was_not_begun_here_is_refused(both: Both) -> None:
    with both.browser() as browser:
        back = both.way_back(browser)
        kept = browser.cookies["discoverer-directory"]
        text, mark = kept.split(".")
        for forged in ("", ".", kept[:-4], f"{text}.", f"{text}A.{mark}", f"{text[:-8]}.{mark}", "\u00e9"):
            refused(httpx.get(back, headers={b"Cookie": f"discoverer-directory={forged}".encode("latin-1")}))
        state = str(httpx.URL(back).params["state"])
        refused(browser.get(back.replace(state, "another")))  # another page's try ends nobody's way
        assert browser.get(back).status_code == 200


def test_where_the_provider_is_gone_it_is_said_and_a_password_kept_here_still_opens(both: Both) -> None:
    with both.browser() as browser:
        back = both.way_back(browser)
        both.provider.stop()
        gone = browser.get(back)
        assert gone.status_code == 503 and "a name and password kept here" in unescape(gone.text)
        for name, password, status in (("PC 10", WORDS, 401), ("Ada Minton", OTHER, 303)):
            assert browser.post("/sign-in", data={"name": name, "password": password}).status_code == status
