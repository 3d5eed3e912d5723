"""A real provider as a process of its own, and whoever walks through its forms as a browser does."""

from __future__ import annotations

import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path

import httpx2 as httpx

from tests.rivals.environments import python_of

HERE = Path(__file__).resolve().parent
CLIENT, SECRET = "discoverer", "a-secret-of-the-provider-and-us"
PASSWORD = "the heron by the weir"  # noqa: S105 - of invented people


@dataclass(frozen=True)
class Provider:
    """One that runs.

    Attributes:
        process: it.
        issuer: str, as it calls itself.
    """

    process: subprocess.Popen[str]
    issuer: str

    def stop(self) -> None:
        """Stop it."""
        self.process.kill()
        self.process.wait(10)


def free_port() -> int:
    """Return a port of this machine that nobody has."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return int(bound.getsockname()[1])


def python_of_provider() -> Path:
    """Return the interpreter of the environment that the provider is installed in, once. Raises NoEnvironment."""
    return python_of(HERE / "provider" / "canaille.txt", HERE.parent / ".venv" / "provider")


@contextmanager
def providing(port: int, home: str) -> Iterator[Provider]:
    """Run the provider, for one client that comes back to `home`."""
    command = [str(python_of_provider()), str(HERE / "provider_serve.py"), str(port), home, CLIENT, SECRET, PASSWORD]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    with process:
        assert process.stdout is not None
        while (said := process.stdout.readline()) and said.strip() != "ready":
            pass
        assert said, "the provider did not start"
        yield Provider(process, f"http://127.0.0.1:{port}")
        process.kill()


def through(browser: httpx.Client, address: str, back: str, login: str = "jo", answer: str = "accept") -> str:
    """Go through the provider's pages, forms and all; return the address that it leads back to.

    Args:
        browser: with the cookies of one.
        address: where the provider was left for.
        back: how the addresses of the service begin.
        login: who signs in.
        answer: what they say to being asked whether the service may know who they are: 'accept' or 'deny'.
    """
    filled = {"login": login, "password": PASSWORD, "answer": answer}
    shown = browser.get(address)
    for _ in range(12):
        if shown.is_redirect:
            address = str(httpx.URL(address).join(shown.headers["location"]))
            if address.startswith(back):
                return address
            shown = browser.get(address)
            continue
        assert shown.status_code == 200, shown.text[:500]
        names = set(re.findall(r'<(?:input|button)[^>]*\bname="([^"]+)"', shown.text))
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', shown.text))
        action = re.search(r'<form[^>]*\baction="([^"]*)"', shown.text)
        assert action and names, shown.text[:500]
        address = unescape(action[1]) or address
        sent = {name: value for name, value in filled.items() if name in names}
        shown = browser.post(address, data={**hidden, **sent})
    raise AssertionError(f"the provider leads nowhere: {address}")
