"""Signing in by the force's directory, against a process that misbehaves: what does not fit exactly is refused."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import parse_qsl, urlsplit

import pytest

from discoverer.clock import now
from discoverer.directory_settings import DirectoryRole, DirectorySettings, is_safe_address
from discoverer.errors import AccountRefused, ConfigError, DirectoryRefused, DirectoryUnavailable, SignInRefused
from discoverer.identity import DirectoryIdentity, Identity
from discoverer.identity.directory import Begun, Claims, Directory
from discoverer.identity.directory_http import Asking
from tests.identities import CHEAP, OTHER, WORDS
from tests.provider_hostile import CLIENT, SECRET

BACK = "http://127.0.0.1:9/sign-in/back"
ROLES = (
    DirectoryRole(value="CAD-Admins", role="administrator"),
    DirectoryRole(value="CAD-Supervisors", role="supervisor"),
    DirectoryRole(value="CAD-Handlers", role="call_handler"),
)
Answer = list[tuple[str, str]]


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    """Where the misbehaving directory stands."""
    command = [sys.executable, str(Path(__file__).parent / "provider_hostile.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        yield f"http://127.0.0.1:{port}"
        assert process.stdin is not None
        process.stdin.close()
        process.wait(10)


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    file = tmp_path / "directory.secret"
    file.touch(0o600)
    file.write_text(f"{SECRET}\n")
    return file


def settings_of(base: str, fault: str, secret: Path, **more: Any) -> DirectorySettings:  # noqa: ANN401 - any setting
    return DirectorySettings(issuer=f"{base}/{fault}", client_id=CLIENT, client_secret=secret, roles=ROLES, **more)


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: object, **kwargs: object) -> None:
        """Follow nothing."""


def walk(address: str) -> Answer:
    """Go to the directory as a browser does; return what it sends one back with."""
    try:
        urllib.request.build_opener(_Stay()).open(address, timeout=10)
    except HTTPError as answer:
        with answer:
            back = answer.headers["Location"]
            assert back.startswith(BACK)
            return parse_qsl(urlsplit(back).query, keep_blank_values=True)
    raise AssertionError("nobody was sent back")


def come_back(directory: Directory, fresh: bool = False) -> Claims:
    address, begun = directory.begin(BACK, fresh)
    return directory.finish(begun, walk(address), BACK)


@pytest.mark.parametrize("fault", [
    "good", "ec", "pss", "by-post", "just-over", "ahead-a-little", "audience-listed", "azp-ours", "no-kid", "one-group",
])  # fmt: skip
def test_whom_the_directory_names_is_let_in(base: str, secret: Path, fault: str) -> None:
    claims = come_back(Directory(settings_of(base, fault, secret)))
    assert claims == Claims(f"{base}/{fault}", "248289761001", "jo bloggs", "call_handler")


@pytest.mark.parametrize(("fault", "reason"), [
    ("nonce", "nonce"), ("no-nonce", "nonce"),
    ("expired", "exp"), ("endless", "from when"), ("exp-in-words", "from when"), ("exp-true", "from when"),
    ("future", "future"), ("not-yet", "future"), ("old", "too long ago"),
    ("audience", "somebody else"), ("audience-two", "somebody else"), ("no-audience", "somebody else"),
    ("azp", "asked for by"), ("issuer", "another issuer"), ("issuer-slash", "another issuer"),
    ("no-group", "groups"), ("other-group", "groups"), ("groups-in-a-table", "groups"),
    ("no-sub", "sub"), ("empty-sub", "sub"), ("no-name", "preferred_username"),
    ("none", "'none'"), ("shared-secret", "'HS256'"), ("public-as-secret", "'HS256'"), ("rs512", "'RS512'"),
    ("other-key", "signature"), ("altered", "signature"), ("small-key", "signature"), ("odd-keys", "signature"),
    ("unpublished", "does not publish"), ("for-encryption", "does not publish"), ("two-keys", "several keys"),
    ("unsigned-parts", "no signed token"),
    ("state", "state"), ("state-twice", "twice"), ("iss-other", "iss"), ("iss-promised", "iss"), ("no-code", "no code"),
    ("denied", "access_denied"),
])  # fmt: skip
def test_what_does_not_fit_is_refused_with_one_sentence(base: str, secret: Path, fault: str, reason: str) -> None:
    with pytest.raises(DirectoryRefused) as refused:
        come_back(Directory(settings_of(base, fault, secret)))
    assert reason in refused.value.reason
    assert refused.value.message == DirectoryRefused("").message


@pytest.mark.parametrize(("fault", "reason"), [
    ("about-another", "another issuer"), ("plain-token", "token_endpoint"), ("no-keys-address", "jwks_uri"),
    ("moved", "302"), ("down", "503"), ("huge", "larger"), ("not-json", "no object"), ("token-moved", "307"),
    ("token-refused", "unauthorized_client"),
])  # fmt: skip
def test_a_directory_that_cannot_be_trusted_is_unavailable(base: str, secret: Path, fault: str, reason: str) -> None:
    with pytest.raises(DirectoryUnavailable) as unavailable:
        come_back(Directory(settings_of(base, fault, secret)))
    assert reason in unavailable.value.message
    assert SECRET not in unavailable.value.message


def test_a_directory_that_is_down_is_asked_again_only_after_a_while(secret: Path) -> None:
    directory = Directory(settings_of("http://127.0.0.1:9", "good", secret))
    for _ in range(3):
        with pytest.raises(DirectoryUnavailable, match="with a name and password kept here"):
            directory.begin(BACK)


def test_a_directory_that_does_not_answer_is_not_waited_for(
    base: str, secret: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "discoverer.identity.directory_http.way_of", lambda *path: {"patience": 1, "whole": 1}.get(path[-1], 1_000)
    )
    with pytest.raises(DirectoryUnavailable, match="timed out"):
        Directory(settings_of(base, "slow", secret)).begin(BACK)


def test_another_secret_is_the_settings_fault_and_not_the_persons(base: str, tmp_path: Path) -> None:
    file = tmp_path / "s"
    file.touch(0o600)
    file.write_text("another")
    with pytest.raises(DirectoryUnavailable, match="invalid_client"):
        come_back(Directory(settings_of(base, "good", file)))


def test_new_keys_are_fetched_once_and_not_again_and_again(base: str, secret: Path) -> None:
    def _asked(fault: str) -> int:
        return int(Asking(None).get(f"{base}/{fault}/asked")["keys"])

    directory = Directory(settings_of(base, "rotated", secret))
    with pytest.raises(DirectoryRefused, match="You were not let in"):
        come_back(directory)  # keys held for no moment yet are not asked for again
    assert _asked("rotated") == 1
    directory._held = {place: (asked - 60, found) for place, (asked, found) in directory._held.items()}
    assert come_back(directory).role == "call_handler"
    assert _asked("rotated") == 2


@pytest.mark.parametrize(("more", "fault", "let_in"), [
    ({"acr": ("gold", "silver")}, "acr", True), ({"acr": ("silver",)}, "acr", False), ({"acr": ("gold",)}, "good", False),
    ({"amr": ("mfa",)}, "amr", True), ({"amr": ("hwk",)}, "amr", False), ({"amr": ("mfa",)}, "good", False),
])  # fmt: skip
def test_how_somebody_signed_in_there_is_asked_for(
    base: str, secret: Path, more: dict[str, Any], fault: str, let_in: bool
) -> None:
    directory = Directory(settings_of(base, fault, secret, **more))
    if let_in:
        assert come_back(directory).name == "jo bloggs"
    else:
        with pytest.raises(DirectoryRefused):
            come_back(directory)


@pytest.mark.parametrize(("fault", "let_in"), [("typed-now", True), ("typed-long-ago", False), ("good", False)])
def test_a_password_typed_anew_is_asked_for_and_checked(base: str, secret: Path, fault: str, let_in: bool) -> None:
    directory = Directory(settings_of(base, fault, secret))
    address, _ = directory.begin(BACK, fresh=True)
    assert dict(parse_qsl(urlsplit(address).query)).items() >= {"prompt": "login", "max_age": "0"}.items()
    if let_in:
        assert come_back(directory, fresh=True).confirmed > 0
    else:
        with pytest.raises(DirectoryRefused):
            come_back(directory, fresh=True)


def test_of_two_groups_the_one_that_stands_first_in_the_settings_gives_the_role(base: str, secret: Path) -> None:
    claims = come_back(Directory(settings_of(base, "two-groups", secret)))
    assert (claims.role, claims.others) == ("supervisor", ("call_handler",))


def test_a_code_of_another_way_is_refused(base: str, secret: Path) -> None:
    directory = Directory(settings_of(base, "good", secret))
    (address, begun), (_, other) = directory.begin(BACK), directory.begin(BACK)
    came = walk(address)
    with pytest.raises(DirectoryRefused) as refused:  # another browser's way back
        directory.finish(other, came, BACK)
    assert "state" in refused.value.reason
    forged = replace(other, state=begun.state, nonce=begun.nonce)
    with pytest.raises(DirectoryRefused) as refused:  # a code that was stolen, without what shows who began
        directory.finish(forged, came, BACK)
    assert "does not take the code" in refused.value.reason


def test_a_way_that_took_too_long_is_refused(base: str, secret: Path) -> None:
    directory = Directory(settings_of(base, "good", secret))
    address, begun = directory.begin(BACK)
    with pytest.raises(DirectoryRefused) as refused:
        directory.finish(replace(begun, at=begun.at - 600), walk(address), BACK)
    assert "too long" in refused.value.reason


def test_the_address_for_signing_out_there_keeps_its_query(base: str, secret: Path) -> None:
    address = Directory(settings_of(base, "good", secret)).sign_out_address("http://127.0.0.1:9/sign-in")
    assert dict(parse_qsl(urlsplit(address).query)) == {
        "from": "here", "client_id": CLIENT, "post_logout_redirect_uri": "http://127.0.0.1:9/sign-in",
    }  # fmt: skip


@pytest.mark.parametrize(("address", "safe"), [
    ("https://login.example/v2.0", True), ("http://127.0.0.1:5000", True), ("http://localhost", True),
    ("http://[::1]:1/a", True), ("http://login.example", False), ("http://127.0.0.1.login.example", False),
    ("https://a:b@login.example", False), ("https://", False), ("file:///etc/hosts", False), ("ftp://localhost", False),
    ("https://login.example/#x", False), ("https://login.example:port", False), ("https://login example", False),
    ("https://l\u00f6gin.example", False), ("https://login.example\n", False), ("", False),
])  # fmt: skip
def test_a_directory_is_asked_over_tls_or_on_this_machine(address: str, safe: bool) -> None:
    assert is_safe_address(address) is safe


@pytest.mark.parametrize(("mode", "text", "says"), [
    (0o640, "x", "chmod 600"), (0o604, "x", "chmod 600"), (0o600, " \n", "is empty"), (None, "", "No such file"),
])  # fmt: skip
def test_a_secret_that_others_can_read_is_not_used(tmp_path: Path, mode: int | None, text: str, says: str) -> None:
    file = tmp_path / "s"
    if mode is not None:
        file.write_text(text)
        file.chmod(mode)
    with pytest.raises(ConfigError, match=says):
        Directory(settings_of("https://login.example", "x", file))


def test_certificates_that_cannot_be_read_are_a_mistake_of_the_settings(tmp_path: Path, secret: Path) -> None:
    with pytest.raises(ConfigError, match="as PEM"):
        Directory(settings_of("https://login.example", "x", secret, ca=tmp_path / "none.pem"))


# Accounts.


def identity_of(base: str, fault: str, secret: Path, **more: Any) -> DirectoryIdentity:  # noqa: ANN401 - any setting
    file = secret.parent / "accounts.sqlite"
    identity = DirectoryIdentity(file, settings_of(base, fault, secret, **more), cost=CHEAP)
    if not file.exists():
        identity.add("Ada Minton", "administrator", OTHER)
        identity.add("PC 10", "call_handler", WORDS)
    return identity


def sign_in(identity: DirectoryIdentity) -> str:
    address, begun = identity.directory.begin(BACK)
    return identity.sign_in_by_directory(begun, walk(address), BACK)[0]


def reason_of(identity: DirectoryIdentity) -> str:
    with pytest.raises(DirectoryRefused) as refused:
        sign_in(identity)
    return refused.value.reason


def test_somebody_of_the_directory_has_an_account_that_no_password_opens(base: str, secret: Path) -> None:
    identity = identity_of(base, "good", secret, local="all")
    account = identity.session(sign_in(identity))
    assert account is not None
    assert (account.name, account.role, account.title) == ("jo bloggs", "call_handler", "of the directory")
    for password in ("", WORDS):
        with pytest.raises(SignInRefused):
            identity.sign_in("jo bloggs", password, "", "")


def test_another_subject_of_the_same_name_and_an_account_of_that_name_stay_who_they_are(
    base: str, secret: Path
) -> None:
    identity = identity_of(base, "good", secret)
    identity.add("Jo  BLOGGS", "administrator", "the moon over the mill")
    assert "can pass for" in reason_of(identity)
    assert identity.account("jo bloggs").role == "administrator"
    local = identity.sign_in("jo bloggs", "the moon over the mill", "", "")
    assert identity.session(local) is not None


def test_an_issuer_of_its_own_is_a_person_of_its_own(base: str, secret: Path) -> None:
    sign_in(identity_of(base, "good", secret))
    assert "can pass for" in reason_of(identity_of(base, "ec", secret))  # the same subject and name, another directory


def test_a_name_that_cannot_be_read_makes_no_account(base: str, secret: Path) -> None:
    identity = identity_of(base, "unseen-name", secret)
    assert "U+200B" in reason_of(identity)
    assert {each.name for each in identity.accounts()} == {"Ada Minton", "PC 10"}


def test_whoever_is_closed_here_is_not_let_in(base: str, secret: Path) -> None:
    identity = identity_of(base, "good", secret)
    token = sign_in(identity)
    identity.set_active("jo bloggs", False)
    assert identity.session(token) is None
    assert "closed" in reason_of(identity)
    identity.set_active("jo bloggs", True)
    assert identity.session(sign_in(identity)) is not None


def test_the_role_is_the_directorys_at_each_sign_in_and_ends_what_was_begun_in_another(base: str, secret: Path) -> None:
    identity = identity_of(base, "good", secret)
    first = sign_in(identity)
    assert identity.session(sign_in(identity)) and identity.session(first)  # the same role ends nothing
    identity.set_role("jo bloggs", "supervisor")
    token = sign_in(identity)
    account = identity.session(token)
    assert account is not None and account.role == "call_handler"
    assert identity.session(first) is None


def test_whoever_is_of_the_directory_is_no_program(base: str, secret: Path) -> None:
    identity = identity_of(base, "good", secret)
    sign_in(identity)
    account = identity.account("jo bloggs")
    assert (account.program, account.directory) == (False, True)
    with pytest.raises(AccountRefused, match="tokens are for programs alone"):
        identity.add_token("jo bloggs", "a script", ["search"], now().date())
    with pytest.raises(AccountRefused, match="signs in by the directory"):
        identity.set_machine_user("jo bloggs", "daemon")
    with pytest.raises(AccountRefused, match="signs in by the directory"):
        identity.set_password("jo bloggs", "four walls and a roof")
    with pytest.raises(AccountRefused, match="signs in by the directory"):
        identity.set_second_factor("jo bloggs", True)


def test_a_way_back_is_gone_once(base: str, secret: Path) -> None:
    identity = identity_of(base, "replayable", secret)
    address, begun = identity.directory.begin(BACK)
    came = walk(address)
    identity.sign_in_by_directory(begun, came, BACK)
    identity.directory.finish(begun, came, BACK)  # this directory would take the code again and again
    with pytest.raises(DirectoryRefused) as refused:
        identity.sign_in_by_directory(begun, came, BACK)
    assert "once before" in refused.value.reason


def test_what_another_page_makes_a_browser_bring_ends_nobodys_way(base: str, secret: Path) -> None:
    identity = identity_of(base, "good", secret)
    address, begun = identity.directory.begin(BACK)
    with pytest.raises(DirectoryRefused):
        identity.sign_in_by_directory(begun, [("state", "guessed"), ("code", "theirs")], BACK)
    identity.sign_in_by_directory(begun, walk(address), BACK)


@pytest.mark.parametrize(("fault", "confirmed"), [("good", False), ("typed-long-ago", False), ("typed-now", True)])
def test_only_a_password_typed_there_just_now_counts_for_grave_acts(
    base: str, secret: Path, fault: str, confirmed: bool
) -> None:
    identity = identity_of(base, fault, secret)
    assert identity.recently_confirmed(sign_in(identity)) is confirmed


@pytest.mark.parametrize(("local", "administrator", "handler"), [
    ("all", True, True), ("administrator", True, False), ("none", False, False),
])  # fmt: skip
def test_who_may_still_come_with_a_password_kept_here(
    secret: Path, local: str, administrator: bool, handler: bool
) -> None:
    identity = identity_of("http://127.0.0.1:9", "good", secret, local=local)  # and the directory is down
    for name, password, let_in in (("Ada Minton", OTHER, administrator), ("PC 10", WORDS, handler)):
        if let_in:
            assert identity.session(identity.sign_in(name, password, "", ""))
        else:
            with pytest.raises(SignInRefused):
                identity.sign_in(name, password, "", "")


def test_a_file_of_accounts_made_before_the_directory_is_taken(base: str, secret: Path) -> None:
    Identity(secret.parent / "accounts.sqlite", cost=CHEAP).add("Ada Minton", "administrator", OTHER)
    identity = identity_of(base, "good", secret)
    assert identity.session(sign_in(identity)) is not None
    assert identity.key_for("a") == identity_of(base, "good", secret).key_for("a") != identity.key_for("b")


def test_what_is_kept_at_the_browser_can_be_written_and_read() -> None:
    begun = Begun("s", "n", "v", 1, True)
    assert Begun(**json.loads(json.dumps({name: getattr(begun, name) for name in Begun.__slots__}))) == begun
