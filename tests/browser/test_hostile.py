"""Bad input in every shape: shown as it is written, running nothing, asking nobody, and never an empty page."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from itertools import islice
from urllib.parse import quote

import httpx2 as httpx
import pytest
from playwright.sync_api import Page, expect

from discoverer.app import App
from discoverer.model import Instant, Person, Phone, Record, RecordKind, Role
from discoverer.settings import load
from tests.browser import hostile
from tests.browser.casting import staged
from tests.browser.conftest import Opened, built_once, only_suggesting
from tests.browser.hostile import ATTACK, MARK
from tests.browser.serving import Server, serving
from tests.cast import log

Seat = Callable[..., Page]
EACH = 24  # pages of each source whose every word is read


@pytest.fixture(scope="session")
def hostile_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Lend a server over the hostile set."""
    with serving(built_once(tmp_path_factory, "hostile", hostile.write)) as server:
        yield server


@pytest.fixture(scope="session")
def hostile_refs(hostile_server: Server) -> Mapping[str, list[str]]:
    """Return the ids of records that say something hostile, by source."""
    found: dict[str, list[str]] = {}
    with App(load(hostile_server.config)) as app, app.everything() as (reader, _):
        for _, record in reader.every_record():
            if MARK in repr(record) or "<script" in repr(record):
                found.setdefault(record.source, []).append(f"{record.source}:{record.ref}")
    return found


class Tags(HTMLParser):
    """Reads a page as a browser does and notes whatever could run or ask for something.

    Attributes:
        wrong: list[str], what none of our templates writes.
        text: str, what is shown.
    """

    ACTIVE = frozenset(("img", "iframe", "object", "embed", "base", "style", "audio", "video", "meta", "template"))
    LEADING = frozenset(("href", "src", "action", "formaction", "xlink:href"))

    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Judge one tag."""
        told = {name: value or "" for name, value in attrs}
        ours = tag == "meta" and set(told) <= {"charset", "name", "content"}
        if tag in self.ACTIVE and not ours:
            self.wrong.append(f"<{tag}> {told}")
        if tag == "script" and told.get("src") != "/static/screen.js":
            self.wrong.append(f"<script> {told}")
        self.wrong += [f"{tag} {name}" for name in told if name.startswith("on") or name in ("style", "srcdoc")]
        leading = [(name, told[name]) for name in self.LEADING if name in told]
        self.wrong += [f"{tag} {name}={value}" for name, value in leading if not re.match(r"[/#](?!/)", value)]

    def handle_data(self, data: str) -> None:
        """Gather what is shown."""
        self.text += data


@pytest.mark.parametrize("source", ["incidents", "intelligence", "domestic_abuse", "custody"])
def test_no_field_of_any_source_comes_out_as_markup(
    hostile_server: Server, hostile_refs: Mapping[str, list[str]], source: str
) -> None:
    refs = hostile_refs[source]
    assert len(refs) > EACH
    shown = 0
    with httpx.Client(base_url=hostile_server.url, timeout=60.0) as client:
        for ident in islice(refs, 0, None, len(refs) // EACH):
            answer = client.get("/show/event", params={"id": ident})
            assert answer.status_code == httpx.codes.OK, ident
            tags = Tags()
            tags.feed(answer.text)
            assert tags.wrong == [], ident
            shown += MARK in tags.text or "<script" in tags.text
    assert shown > EACH / 2, "what is hostile is shown as it is written, not dropped"


PAGES = (
    "/search?q=shabana+begum",
    "/search?q=07700900417",
    "/call?cli=07700900417&log=%3Cscript%3E",
    "/beside?a=07700900417&b=asif+khan",
    f"/brief/location?id={quote('flat 2|14|hillaires test road|b236xx')}",
    f"/show/event?id={quote('incidents:1784/2018-09-03')}",
    f"/show/person?id={quote('incidents:1784/2018-09-03#0')}",
    f"/brief/person?id={quote('incidents:1784/2018-09-03#0')}",
    f"/search?q={quote(ATTACK)}",
    f"/show/person?id={quote(ATTACK)}",
)


@pytest.mark.parametrize("path", PAGES)
def test_script_in_the_sources_and_in_the_address_is_inert(opened: Opened, hostile_server: Server, path: str) -> None:
    page = opened(hostile_server, path, viewport={"width": 1440, "height": 900})
    page.wait_for_load_state("networkidle")
    scripts = page.evaluate("[...document.querySelectorAll('script')].map((each) => each.getAttribute('src'))")
    assert scripts == ["/static/screen.js"]
    assert page.locator("main img, main iframe, main [onerror], main b > script").count() == 0
    page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true; })")
    expect(page.locator("main")).to_contain_text(MARK)


def test_script_typed_in_the_box_is_read_back_and_looked_for_as_words(opened: Opened, hostile_server: Server) -> None:
    page = opened(hostile_server)
    page.keyboard.type(ATTACK)
    page.wait_for_url("**/search?q=*")  # on a pause
    expect(page.locator("#reading")).to_contain_text("Read as:")
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_load_state("networkidle")
    assert page.locator("main script, main img").count() == 0


def test_suggestions_and_calls_in_hand_are_inert_too(opened: Opened, hostile_server: Server) -> None:
    page = opened(hostile_server, f"/call?cli=07700900417&log={quote('<img src=x>')}")
    expect(page.locator("#calls .here .call")).to_contain_text("<img src=x>")
    page.keyboard.press("Control+a")
    only_suggesting(page)
    page.keyboard.type("14 hillair")
    expect(page.locator("#suggestions")).to_be_visible()
    assert page.locator("#suggestions *:not(li)").count() == 0


def test_fifty_kilobytes_in_the_box_are_refused_in_a_sentence_and_nothing_is_lost(seat: Seat) -> None:
    page = seat()
    page.locator("#box").fill("hillaires " * 5_000)
    expect(page.locator("#reading.bad")).to_be_visible()
    assert len(page.locator("#reading").inner_text()) > 20
    page.locator("#box").press("Enter")
    expect(page.locator(".unasked.failed")).to_contain_text(re.compile("long|characters"))
    expect(page.locator("main")).to_contain_text("This is not an answer")
    expect(page.locator("#box")).to_have_value(re.compile("^hillaires"))
    page.keyboard.press("Control+a")
    page.keyboard.type("shabana bibi")
    page.keyboard.press("Enter")
    expect(page.locator(".card .who a").first).to_contain_text("Shabana BIBI")


LONG = "WILHELMINA" * 20
HEBREW, ARABIC = "שרה כהן", "فاطمة الزهراء"
OVERRIDE = "ALICE \u202eNOSNHOJ"
NAMESAKES = 1_500


def odd_people() -> Iterator[Record]:
    """Yield what no form foresees."""
    for number in range(NAMESAKES):
        born = (f"{number % 28 + 1:02d}/{number % 12 + 1:02d}/{1930 + number % 70}",)
        yield log(f"{number}", "2013-01-06", summary="noise", persons=(Person(0, Role.CALLER, ("PAT QUILL",), born),))
    for number, name in enumerate((LONG, HEBREW, ARABIC, OVERRIDE)):
        phone = Phone(1, Role.OWN, f"0770090070{number}", holder=0)
        yield log(f"7{number}", "2014-01-06", persons=(Person(0, Role.VICTIM, (name,)),), phones=(phone,))
    yield Record("incidents", ("808", "2014-02-02"), RecordKind.INCIDENT, Instant("2014-02-02T03:04", "03:04"))


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Lend a server over odd people."""
    made = staged(tmp_path_factory.mktemp("odd"), ["incidents"])
    made.build({"incidents": list(odd_people())})
    with serving(made.config) as server:
        yield server


def test_thousands_of_results_are_counted_and_the_first_are_shown(opened: Opened, odd: Server) -> None:
    page = opened(odd, "/search?q=pat+quill")
    expect(page.locator(".about").first).to_contain_text(re.compile(r"[\d,]+ fit; showing 10"))
    assert page.locator(".card").count() == 10
    page.get_by_role("link", name="Show up to 30").press("Enter")
    expect(page.locator(".card")).to_have_count(30)


@pytest.mark.parametrize("place", [0, 1, 2, 3], ids=["200 characters", "Hebrew", "Arabic", "override"])
@pytest.mark.parametrize("width", [1440, 640])
def test_a_name_of_any_length_and_script_keeps_its_place_and_its_page(
    opened: Opened, odd: Server, place: int, width: int
) -> None:
    page = opened(odd, f"/search?q=0770090070{place}", viewport={"width": width, "height": 900})
    name = (LONG, HEBREW, ARABIC, OVERRIDE)[place]
    expect(page.locator("#hit-2 .who")).to_contain_text(name)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    kind, label, level = (page.locator(f"#hit-2 .{each}").bounding_box() for each in ("kind", "who a", "level"))
    assert kind and label and level
    assert kind["x"] + kind["width"] <= label["x"] or kind["y"] + kind["height"] <= label["y"] + label["height"]
    assert level["x"] >= label["x"] + label["width"] or level["y"] >= label["y"], "no name turns what follows it round"
    page.locator('#hit-2 [data-act="open"]').press("Enter")
    expect(page.locator("h1")).to_contain_text(name)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_record_with_nothing_but_a_time_has_its_page(opened: Opened, odd: Server) -> None:
    page = opened(odd, "/show/event?id=incidents:808/2014-02-02")
    expect(page.locator("h1")).to_contain_text("808/2014-02-02")
    expect(page.locator("main")).to_contain_text("NOT ASSESSED")
    page.keyboard.press("Alt+g")
    expect(page.locator("#spoken")).to_be_visible()
