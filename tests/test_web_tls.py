"""Beyond this machine it serves with accounts and TLS alone; whatever of that is missing is said, and nothing is served."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from pathlib import Path

import httpx2 as httpx
import pytest

from discoverer.app import App
from discoverer.errors import UsageError
from discoverer.web.binding import Tls, checked, refuse_unsound, refuse_without_accounts
from tests.certificates import NAME, self_signed
from tests.conftest import SMALL
from tests.gated import WORDS, form_key, gated_at, name_of, settings_file
from tests.setups import run, write_tiny
from tests.web import STARTS_IN, serving

TLS = Tls(Path("cert.pem"), Path("key.pem"))
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed, which makes the key")


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """Make a key and the certificate of this machine and an invented name."""
    return self_signed(tmp_path_factory.mktemp("tls"))


# -- what is missing is said


@pytest.mark.parametrize(("host", "tls", "names", "missing"), [
    ("192.0.2.7", None, (), ("access control", "--tls-cert")), ("0.0.0.0", None, (), ("--tls-cert", "--name")),  # noqa: S104 - refused
    ("0.0.0.0", TLS, (), ("--name",)), ("::", TLS, (), ("--name",)), ("discoverer.test", TLS, ("a.test",), ("IP address",)),  # noqa: S104
])  # fmt: skip
def test_it_stands_beyond_this_machine_with_all_it_needs_or_not_at_all(
    host: str, tls: Tls | None, names: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError) as refused:
        checked(host, tls, names)
    assert all(each in refused.value.message for each in (*missing, "127.0.0.1"))


@pytest.mark.parametrize(("host", "tls", "names", "address"), [
    ("192.0.2.7", TLS, (), "192.0.2.7"), ("0.0.0.0", TLS, ("a.test",), "0.0.0.0"), ("[2001:db8::7]", TLS, (), "2001:db8::7"),  # noqa: S104
    ("localhost", None, (), "127.0.0.1"), ("127.0.0.1", TLS, (NAME,), "127.0.0.1"),
])  # fmt: skip
def test_with_all_it_needs_it_may_stand_there(host: str, tls: Tls | None, names: tuple[str, ...], address: str) -> None:
    assert checked(host, tls, names) == address


@pytest.mark.parametrize("name", ["", "evil test", "a/b", "-a", "a..b", "x" * 300, "a:80", "ä.test"])
def test_a_name_is_one_that_a_browser_can_ask_for(name: str) -> None:
    with pytest.raises(UsageError, match="no name"):
        checked("127.0.0.1", None, (name,))


def test_without_accounts_it_stays_on_this_machine_with_tls_too(tmp_path: Path) -> None:
    refuse_without_accounts("127.0.0.1", None)
    refuse_without_accounts("192.0.2.7", tmp_path)
    with pytest.raises(UsageError, match="users add"):
        refuse_without_accounts("192.0.2.7", None)
    said = run(write_tiny(tmp_path), "serve", "--host", "192.0.2.7", "--tls-cert", "c.pem", "--tls-key", "k.pem")
    assert said.exit_code == 2 and "users add" in said.stderr and said.stderr.count("\n") == 1


def test_half_of_what_tls_needs_is_refused() -> None:
    said = run(None, "serve", "--tls-cert", "c.pem")
    assert said.exit_code == 2 and "together" in said.stderr


@needs_openssl
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o601, 0o644])
def test_a_key_that_others_can_read_is_not_served_with(tls: Tls, tmp_path: Path, mode: int) -> None:
    key = Path(shutil.copy(tls.key, tmp_path / "key.pem"))
    refuse_unsound(Tls(tls.certificate, key))
    key.chmod(mode)
    with pytest.raises(UsageError, match="chmod 600"):
        refuse_unsound(Tls(tls.certificate, key))


@needs_openssl
def test_what_is_no_certificate_and_its_key_is_said_at_once(tls: Tls, tmp_path: Path) -> None:
    other, closed, nothing = tmp_path / "other.pem", tmp_path / "closed.pem", tmp_path / "nothing.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", other], check=True, capture_output=True)
    shutil.copy(tls.key, closed)
    subprocess.run(
        ["openssl", "pkcs8", "-topk8", "-in", tls.key, "-out", closed, "-passout", "pass:a test of ours"],
        check=True,
        capture_output=True,
    )
    nothing.write_text("nothing", encoding="utf-8")
    for each in (other, closed, nothing):
        each.chmod(0o600)
    for wrong, words in (
        (Tls(tls.certificate, other), "belong together"),
        (Tls(tls.certificate, nothing), "belong together"),
        (Tls(nothing, tls.key), "belong together"),
        (Tls(tls.certificate, closed), "has a password"),
        (Tls(tls.certificate, tmp_path / "none.pem"), "cannot be read"),
        (Tls(tmp_path / "none.pem", tls.key), "cannot be read"),
        (Tls(tls.certificate, tmp_path), "is no file"),
    ):
        with pytest.raises(UsageError, match=words):
            refuse_unsound(wrong)


# -- and served


@needs_openssl
def test_over_tls_it_answers_by_its_name_to_whoever_is_signed_in(small_closed: App, tls: Tls, tmp_path: Path) -> None:
    gated = gated_at(small_closed, tmp_path)
    config = settings_file(gated.app, tmp_path, SMALL)
    trusting = ssl.create_default_context(cafile=str(tls.certificate))
    named = ("--tls-cert", str(tls.certificate), "--tls-key", str(tls.key), "--name", NAME.upper())
    with serving(config, *named) as made:
        assert made.address.startswith(f"https://{NAME}:")
        port = made.address.rpartition(":")[2]
        home = f"https://127.0.0.1:{port}"
        with httpx.Client(base_url=home, verify=trusting, timeout=STARTS_IN) as browser:
            live = browser.get("/health/live", headers={"Host": f"{NAME}:{port}"})
            assert live.status_code == 200
            assert live.headers["strict-transport-security"] == "max-age=31536000"
            assert browser.get("/health/live", headers={"Host": "other.example.test"}).status_code == 421
            answer = browser.post("/sign-in", data={"name": name_of("rad"), "password": WORDS})
            assert (
                answer.headers["set-cookie"].startswith("__Host-discoverer=")
                and "Secure" in answer.headers["set-cookie"]
            )
            page = browser.get("/")
            assert form_key(page.text) and "Secure" in page.headers["set-cookie"]
        assert "Cipher is (NONE)" not in _shaken(port, "-tls1_2")
        assert "Cipher is (NONE)" in _shaken(port, "-tls1_1")


def _shaken(port: str, version: str) -> str:
    """Return what a client says that speaks one version of TLS and would take any cipher."""
    asked = ("openssl", "s_client", "-connect", f"127.0.0.1:{port}", version, "-cipher", "ALL:@SECLEVEL=0")
    said = subprocess.run(asked, capture_output=True, text=True, check=False, input="", timeout=STARTS_IN)
    assert "no protocols available" not in said.stderr, "the client itself would not ask"
    return said.stdout
