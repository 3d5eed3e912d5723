"""Wrong attempts: waits that grow and end, by name and by address, whoever counts and however many at once."""

from __future__ import annotations

import contextlib
import itertools
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from discoverer.errors import SignInRefused, TooManyAttempts
from discoverer.identity import Identity
from discoverer.identity.rules import number
from discoverer.identity.waits import place_of, wait_after
from tests.identities import HERE, OTHER, WORDS, Clock, identity_at

ROOT = Path(__file__).resolve().parent.parent
WRONG = "a wrong password"
FREE, LONGEST = (number("waits", "desk", each) for each in ("free", "longest"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def identity(tmp_path: Path, clock: Clock) -> Identity:
    return identity_at(tmp_path, clock)


def tried(identity: Identity, name: str = "PC 10", password: str = WRONG, where: str = "") -> int:
    """Return the seconds to wait; 0 when the attempt was tried, and was wrong."""
    try:
        identity.sign_in(name, password, "", where)
    except TooManyAttempts as error:
        return error.after
    except SignInRefused:
        return 0
    raise AssertionError("let in")


def until_a_wait(identity: Identity, name: str = "PC 10") -> tuple[int, int]:
    """Try until a wait begins; return how many were tried, and its seconds."""
    for count in range(100):
        if wait := tried(identity, name):
            return count, wait
    raise AssertionError("no wait")


@pytest.mark.parametrize("name", ["PC 10", "Nobody at all"])
def test_waits_grow_and_end_by_themselves_and_tell_nothing_of_the_name(
    identity: Identity, clock: Clock, name: str
) -> None:
    count, wait = until_a_wait(identity, name)
    waits = [wait]
    for _ in range(12):
        clock.later(waits[-1])
        assert tried(identity, name) == 0, "the wait is over, and one attempt is tried"
        waits.append(tried(identity, name))
    assert count == FREE + 1
    assert waits == [min(2 << each, LONGEST) for each in range(13)]


def test_the_right_password_waits_too_and_then_begins_anew(identity: Identity, clock: Clock) -> None:
    _, wait = until_a_wait(identity)
    with pytest.raises(TooManyAttempts, match=f"again in {wait} seconds"):
        identity.sign_in("PC 10", WORDS, "", "")
    clock.later(wait)
    assert identity.sign_in("PC 10", WORDS, "", "")
    assert until_a_wait(identity)[0] == FREE + 1


def test_trying_while_a_wait_lasts_does_not_lengthen_it(identity: Identity, clock: Clock) -> None:
    _, wait = until_a_wait(identity)
    for _ in range(20):
        assert tried(identity) == wait
    clock.later(wait)
    assert identity.sign_in("PC 10", WORDS, "", "")


def test_waits_of_one_name_are_not_anothers(identity: Identity) -> None:
    until_a_wait(identity)
    assert identity.sign_in("Ada Minton", OTHER, "", "")


def test_a_name_written_otherwise_waits_as_well(identity: Identity) -> None:
    _, wait = until_a_wait(identity)
    assert [tried(identity, each) for each in ("pc10", "PC.10", "Pc 1 0")] == [wait] * 3


def test_attempts_are_forgotten_after_a_while(identity: Identity, clock: Clock) -> None:
    for _ in range(FREE):
        assert tried(identity) == 0
    clock.later(number("waits", "desk", "forget"))
    assert until_a_wait(identity)[0] == FREE + 1


def test_an_address_waits_whatever_names_it_tries(identity: Identity, clock: Clock) -> None:
    free = number("waits", "address", "free")
    for count in range(free + 1):
        assert tried(identity, f"Guess {count}", where=HERE) == 0
    assert tried(identity, "Ada Minton", OTHER, where=HERE) > 0
    assert identity.sign_in("Ada Minton", OTHER, "", "192.0.2.99"), "from elsewhere she is let in"


def test_signing_in_as_oneself_does_not_clear_the_address(identity: Identity) -> None:
    free = number("waits", "address", "free")
    for count in range(free):
        assert tried(identity, f"Guess {count}", where=HERE) == 0
        if count % 4 == 0:
            identity.sign_in("PC 10", WORDS, "", HERE)
    assert tried(identity, "Guess", where=HERE) == 0
    assert tried(identity, "Guess", where=HERE) > 0


def test_who_is_let_in_makes_nobody_at_that_address_wait(identity: Identity, clock: Clock) -> None:
    for count in range(number("waits", "address", "free") + 3):
        clock.later(tried(identity, f"Guess {count}", where=HERE))
    clock.later(number("waits", "address", "longest"))
    assert identity.sign_in("PC 10", WORDS, "", HERE) and identity.sign_in("Ada Minton", OTHER, "", HERE)
    assert tried(identity, "Guess", where=HERE) == 0
    assert tried(identity, "Guess", where=HERE) > 0, "and the wrong attempts of before still count"


def test_a_shift_that_signs_in_rightly_never_waits(identity: Identity) -> None:
    for _ in range(3 * number("waits", "address", "free")):
        assert identity.sign_in("PC 10", WORDS, "", HERE)


def test_a_wrong_code_counts_as_a_wrong_password_does(identity: Identity) -> None:
    identity.set_second_factor("PC 10", True)
    for _ in range(FREE + 1):
        assert tried(identity, password=WORDS) == 0
    assert tried(identity, password=WORDS) > 0


def test_a_new_password_ends_the_waits_on_the_name_wherever_it_was_typed(identity: Identity) -> None:
    for where in ("", HERE):
        for _ in range(FREE + 1):
            tried(identity, where=where)
        assert tried(identity, where=where) > 0
    until_a_wait(identity, "Ada Minton")
    identity.set_password("PC 10", "a brand new phrase")
    assert identity.sign_in("PC 10", "a brand new phrase", "", HERE)
    assert tried(identity, where="") == 0
    assert tried(identity, "Ada Minton") > 0, "of another name they go on"


def places() -> Iterator[str]:
    """Yield addresses, none twice."""
    return (f"198.51.100.{number}" for number in itertools.count(1))


def test_guessing_elsewhere_does_not_keep_anybody_from_their_desk(identity: Identity) -> None:
    for where, _ in zip(places(), range(3), strict=False):
        for _ in range(FREE + 1):
            assert tried(identity, where=where) == 0
        assert tried(identity, where=where) > 0
    assert identity.sign_in("PC 10", WORDS, "", HERE)


@pytest.mark.parametrize("name", ["PC 10", "Nobody at all"])
def test_guessing_from_everywhere_waits_by_the_name(identity: Identity, name: str) -> None:
    tries = sum(1 for _ in itertools.takewhile(lambda where: tried(identity, name, where=where) == 0, places()))
    assert tries == number("waits", "account", "free") + 1
    assert tried(identity, name, where=HERE) == number("waits", "account", "first")


@pytest.mark.parametrize("act", ["change", "confirm"])
def test_every_place_where_a_password_is_typed_counts(identity: Identity, act: str) -> None:
    token = identity.sign_in("PC 10", WORDS, "", "")
    for _ in range(FREE + 1):
        with pytest.raises(SignInRefused):
            if act == "change":
                identity.change_password("PC 10", OTHER, "a brand new phrase")
            else:
                identity.confirm(token, OTHER, "", "")
    assert tried(identity, password=WORDS) > 0


def test_a_wait_is_never_longer_than_the_longest_even_when_the_clock_goes_back(
    identity: Identity, clock: Clock
) -> None:
    until_a_wait(identity)
    clock.later(-86_400)
    assert 0 < tried(identity) <= LONGEST


@pytest.mark.parametrize(("wrong", "seconds"), [(0, 0), (FREE, 0), (FREE + 1, 2), (FREE + 2, 4), (10_000, LONGEST)])
def test_a_wait_doubles_up_to_the_longest(wrong: int, seconds: int) -> None:
    assert wait_after("desk", wrong) == seconds


GUESSING = """
import sys
from pathlib import Path
from discoverer.errors import SignInRefused, TooManyAttempts
from tests.identities import CHEAP, Clock
from discoverer.identity import Identity
identity = Identity(Path(sys.argv[1]), cost=CHEAP, instant=Clock())
sys.stdin.readline()
for _ in range(20):
    try:
        identity.sign_in("PC 10", "a wrong password", "", "")
    except (SignInRefused, TooManyAttempts) as error:
        print(type(error).__name__)
"""


def test_processes_that_guess_at_once_get_no_more_tries_than_one(identity: Identity, tmp_path: Path) -> None:
    running = [
        subprocess.Popen(
            [sys.executable, "-c", GUESSING, str(tmp_path / "accounts.sqlite")],
            cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]  # fmt: skip
    for each in running:
        assert each.stdin is not None
        each.stdin.write("now\n")
        each.stdin.flush()
    said = Counter(line for each in running for line in each.communicate(timeout=60)[0].split())
    assert said == {"SignInRefused": FREE + 1, "TooManyAttempts": 40 - FREE - 1}
    assert tried(identity, password=WORDS) > 0


KILLED = """
import sys, time
from pathlib import Path
from tests.identities import CHEAP, Clock
from discoverer.identity import Identity
identity = Identity(Path(sys.argv[1]), cost=CHEAP, instant=Clock())
identity._hashing.fits = lambda *_: (print("hashing", flush=True), time.sleep(60))
identity.sign_in("PC 10", "a wrong password", "", "")
"""


def test_an_attempt_whose_process_is_killed_is_counted(identity: Identity, tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, str(tmp_path / "accounts.sqlite")]
    with subprocess.Popen(command, cwd=ROOT, text=True, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None and running.stdout.readline() == "hashing\n"
        running.kill()
    assert until_a_wait(identity)[0] == FREE


def test_what_was_typed_as_a_name_stands_nowhere(identity: Identity, tmp_path: Path) -> None:
    with contextlib.suppress(SignInRefused):
        identity.sign_in("hunter2 is my password", "", "", HERE)
    held = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"hunter2" not in held and HERE.encode() not in held


@pytest.mark.parametrize(
    ("first", "second", "is_one"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:DB8:0:0:1234::", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("192.0.2.10", "192.0.2.11", False),
        ("::ffff:192.0.2.10", "192.0.2.10", True),
        ("::ffff:192.0.2.10", "::ffff:192.0.2.11", False),
        ("2001:db8::1", "", False),
        ("testclient", "testclient2", False),
    ],
)
def test_an_ipv6_address_is_counted_by_its_network(first: str, second: str, is_one: bool) -> None:
    assert (place_of(first) == place_of(second)) == is_one


def test_guessing_from_every_address_of_a_network_is_one_desk(identity: Identity) -> None:
    waits = [tried(identity, "PC 10", where=f"2001:db8::{count:x}") for count in range(FREE + 2)]
    assert waits[0] == 0 and waits[-1] > 0
    assert tried(identity, "PC 10", where="2001:db8:0:1::1") == 0
