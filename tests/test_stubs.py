"""Stubs: where the policy says so, that a closed record is there is told in one sentence, and nothing else of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.registry import load_adapters
from discoverer.access import Viewer
from discoverer.access_rules import SHIPPED, read_access
from discoverer.answer import Answer, Hit, HitKind
from discoverer.app import App
from discoverer.briefing.rules import danger, never_cut
from discoverer.cards import WHOLE, head
from discoverer.codec import encode, plain
from discoverer.errors import ConfigError
from discoverer.settings import EXACT, AccessSettings, load
from index.build import build
from tests.conftest import SMALL
from tests.masks import strings, told

ASK = "contact the duty inspector before officers arrive"
STUBS = f"""
[[stub]]
id = "risk-plans"
roles = ["call_handler", "rad"]
labels = ["protected", "sealed"]
words = "{ASK}"
why = "A life may depend on it."

[[stub]]
id = "specially-handled"
roles = ["rad"]
labels = ["intelligence"]
when = {{ source = "intelligence", handling = "C" }}
words = "ring intelligence"
why = "A life may depend on it."
"""
HANDLER = Viewer("Alex", "call_handler", log="4417-2018-11-17")
RAD = replace(HANDLER, role="rad")
SECRET = frozenset({"hidden", "hidden test", "b130zq", "900434", "lantern", "idva only", "through idva"})


@pytest.fixture(scope="module")
def apps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, App]]:
    """Lend two over one build: with stubs, and by the rules as they come."""
    folder = tmp_path_factory.mktemp("stubs")
    rules = folder / "access.toml"
    rules.write_text(SHIPPED.read_text(encoding="utf-8") + STUBS, encoding="utf-8")
    settings = load(SMALL / "discoverer.toml").model_copy(
        update={
            "state_dir": folder / "state", "linking": EXACT, "workers": 1,
            "sources": ("domestic_abuse", "intelligence"), "access": AccessSettings(rules=rules),
        }
    )  # fmt: skip
    build(settings, load_adapters(settings))
    shipped = settings.model_copy(update={"access": AccessSettings(rules=SHIPPED)})
    with App(settings) as one, App(shipped) as other:
        yield one, other


TYPED = [
    pytest.param("1 hidden test lane, moseley b13 0zq", True, id="the safe address"),
    pytest.param("1 hidden test lane, moseley", True, id="without its postcode"),
    pytest.param("07700 900434", True, id="the number"),
    pytest.param("3 hidden test lane, moseley b13 0zq", False, id="the house next door"),
    pytest.param("hidden test lane", False, id="the street"),
    pytest.param("1 lane moseley b13 0zq", False, id="some words of its street"),
    pytest.param("07700 900437", False, id="a number near it"),
    pytest.param("77 barleigh test road b7 5xa", False, id="an open address of hers"),
    pytest.param("nobody at all zyx", False, id="nobody"),
]


def sentences(answer: Answer) -> set[str]:
    """Return the sentences of an answer and of its hits."""
    return {*answer.stubs, *(words for hit in answer.hits for words in hit.stubs)}


@pytest.mark.parametrize(("typed", "said"), TYPED)
def test_what_was_typed_for_certain_is_told_of_and_nothing_near_it(
    apps: tuple[App, App], typed: str, said: bool
) -> None:
    answer = apps[0].search(HANDLER, typed)
    if typed.startswith("77"):  # the house is open; who lives there is behind it, and says so on her own card
        assert not answer.stubs and all(hit.kind is HitKind.PERSON for hit in answer.hits if hit.stubs)
    else:
        assert (ASK in sentences(answer)) is said
    assert not told(strings(plain(answer), ("query", "read_as", "no_trace_of", "instead_of", "message")), SECRET, typed)


def hit_of(app: App, viewer: Viewer, typed: str) -> Hit:
    """Return the first hit."""
    return app.search(viewer, typed).hits[0]


def test_whoever_such_a_record_names_carries_it_on_every_door(apps: tuple[App, App]) -> None:
    """Her form of 19/10/2018 is open but for where she is: the person is not behind it; who is named in a closed report is."""
    app, shipped = apps
    with app.everything() as (reader, _):
        closed = [
            each for _, each in reader.every_record()
            if each.visibility.value == "intelligence" and each.persons and each.persons[0].names and each.phones
        ]  # fmt: skip
    seen = 0
    for record in closed:
        number = record.phones[0].text
        mine, theirs = app.search(RAD, number), shipped.search(RAD, number)
        if "ring intelligence" not in sentences(mine):
            continue
        seen += 1
        assert not sentences(theirs) and "ring intelligence" not in sentences(app.search(HANDLER, number))
        bare = replace(mine, stubs=(), hits=tuple(replace(hit, stubs=()) for hit in mine.hits))
        assert encode(plain(bare)) == encode(plain(replace(theirs, as_at=mine.as_at)))  # and nothing else is told
    assert seen > 3


def test_it_stands_first_on_the_card_and_in_the_briefing(apps: tuple[App, App]) -> None:
    app = apps[0]
    found = [
        hit for number in ("07700 900920", "07700900850", "07700900497", "07700 900738")
        for hit in app.search(RAD, number).hits if hit.stubs
    ]  # fmt: skip
    assert found
    shown = app.show(RAD, found[0].kind, found[0].id)
    assert shown.hit.stubs == ("ring intelligence",)
    assert next(iter(head(shown.hit, WHOLE))).text == "ring intelligence"
    briefing = app.briefings.make(RAD, found[0].kind, found[0].id)
    assert never_cut("stub") and danger("stub") == 0
    assert all("ring intelligence" in form.lower() for form in (briefing.spoken, briefing.written))


def test_whoever_reads_the_record_is_told_nothing_besides(apps: tuple[App, App]) -> None:
    specialist = Viewer("Sam", "da_specialist", reason="safety plan")
    assert not sentences(apps[0].search(specialist, "1 hidden test lane, moseley b13 0zq"))
    assert not sentences(apps[1].search(HANDLER, "1 hidden test lane, moseley b13 0zq"))


def test_under_broken_glass_it_is_read_and_no_stub(apps: tuple[App, App]) -> None:
    answer = apps[0].search(replace(HANDLER, glass=7), "1 hidden test lane, moseley b13 0zq")
    assert not sentences(answer) and answer.hits[0].kind is HitKind.LOCATION


def test_a_file_of_stubs_says_its_roles(tmp_path: Path) -> None:
    file = tmp_path / "access.toml"
    file.write_text(SHIPPED.read_text(encoding="utf-8") + STUBS.replace('"call_handler"', '"caller"'), encoding="utf-8")
    with pytest.raises(ConfigError, match="a stub is for caller"):
        read_access(file)
