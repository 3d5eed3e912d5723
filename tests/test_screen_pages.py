"""The pages as a browser gets them: what comes first, what is never left out, what is refused."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from starlette.testclient import TestClient

from discoverer.access import DEMO_VIEWER
from discoverer.app import App
from discoverer.web.screen.frame import SEAT
from discoverer.web.screen.pages import screen
from discoverer.web.service import create
from index.decisions import Act
from index.progress import SilentProgress

VICTIM = "intelligence:INT/18/0000153#1"
HERE = "http://127.0.0.1"


@pytest.fixture
def browser(small: App) -> Iterator[TestClient]:
    """Lend a browser that keeps cookies, at one seat."""
    with TestClient(create(small, screen=screen(small)), base_url=HERE) as client:
        yield client


def page(browser: TestClient, address: str, status: int = 200, /, **query: str) -> str:
    answer = browser.get(f"{address}?{urlencode(query)}" if query else address)
    assert answer.status_code == status, answer.text[:500]
    assert answer.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    return answer.text


def words(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html)).split())


def test_the_first_card_says_who_how_sure_whose_risk_and_what_is_in_force_in_that_order(browser: TestClient) -> None:
    html = page(browser, "/search", q="shabana bibi 03/07/89")
    first = words(html[html.index('id="hit-1"') : html.index('id="hit-2"')])
    told = ("Shabana BIBI", "probable", "VICTIM AT HIGH RISK", "04/09/2018", "SGT 4417", "BAIL", "WEAPONS", "CHILDREN")
    places = [first.index(each) for each in told]
    assert places == sorted(places)
    assert "Read as: date of birth 03/07/1989 + name SHABANA BIBI" in words(html)


def test_every_page_of_an_answer_names_every_source_and_its_state(browser: TestClient, small: App) -> None:
    for address, query in (
        ("/", {}),
        ("/search", {"q": "07700 900417"}),
        ("/search", {"q": "0121 496 0000"}),
        ("/show/person", {"id": VICTIM}),
        ("/status", {}),
    ):
        strip = words(page(browser, address, **query).partition('id="sources"')[2])
        for name in small.settings.sources:
            assert name.replace("_", " ") in strip, address


def test_a_suspect_a_place_and_a_number_never_have_a_bare_level(browser: TestClient) -> None:
    html = page(browser, "/search", q="07700 900417")
    chips = re.findall(r'class="grade[^"]*">([^<]*)<', html)
    assert chips and set(chips) <= {
        "NOT ASSESSED",
        *(
            f"{before}{level}{after}"
            for level in ("HIGH", "MEDIUM", "STANDARD")
            for before, after in (("VICTIM AT ", " RISK"), ("LINKED VICTIM: ", ""))
        ),
    }
    number = html[html.index('id="hit-1"') : html.index('id="hit-2"')]
    assert "LINKED VICTIM: HIGH" in number and "VICTIM AT HIGH RISK" not in number


def test_nothing_found_reads_no_trace_with_the_list_and_never_no_history(browser: TestClient) -> None:
    html = words(page(browser, "/search", q="zzyzx qqwwq 01/01/1931"))
    assert "No trace in the sources searched" in html
    assert "no history" not in html.lower() and "✓" not in html


def test_the_screen_pop_looks_its_number_up_and_keeps_the_call(browser: TestClient) -> None:
    html = words(page(browser, "/call", cli="07700900417", log="2731-2014-09-14"))
    assert "log 2731-2014-09-14 07700900417" in html and "phone 07700 900417" in html


@pytest.mark.parametrize("cli", ["+447700900417", " 447700900417", "07700 900417", "0044 7700 900417"])
def test_a_number_is_taken_however_telephony_writes_it(browser: TestClient, cli: str) -> None:
    answer = browser.get(f"/call?cli={cli}")  # a plus that is not escaped reaches us as a space
    assert "phone 07700 900417" in words(answer.text)


@pytest.mark.parametrize(
    "cli", ["", "withheld", "ANONYMOUS", "2731", "999999", "0000000000", "1" * 26]
)  # no log number
def test_a_withheld_number_opens_the_call_and_searches_nothing(browser: TestClient, small: App, cli: str) -> None:
    before = looks(small)
    html = page(browser, "/call", cli=cli, log="88-2018-11-18")
    assert "log 88-2018-11-18" in words(html) and 'id="box"' in html
    assert re.search(r"withheld or did not come through|A telephone number needs", words(html))
    assert looks(small) == before


def looks(app: App) -> list[dict[str, object]]:
    found: list[dict[str, object]] = []
    for path in sorted(Path(app.settings.audit_dir).glob("looks-*.jsonl")):
        found += [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return found


def test_each_page_shown_is_one_recorded_look_with_the_log_in_hand(browser: TestClient, small: App) -> None:
    before = len(looks(small))
    page(browser, "/search", q="07700 900417", log="5-2018-11-18")
    page(browser, "/search", q="07700 900417", part="results", log="5-2018-11-18")
    page(browser, "/show/person", id=VICTIM, log="5-2018-11-18")
    new = looks(small)[before:]
    assert [(each["action"], each["log"]) for each in new] == [("search", "5-2018-11-18")] * 2 + [
        ("show", "5-2018-11-18")
    ]


def test_what_is_shown_on_a_pause_brings_the_state_of_every_source(browser: TestClient, small: App) -> None:
    part = page(browser, "/search", q="07700 900417", part="results")
    assert "<html" not in part and all(name.replace("_", " ") in part for name in small.settings.sources)
    assert 'class="foundfor">Found for <b>07700 900417</b>' in part


def test_every_link_of_a_call_keeps_to_it(browser: TestClient) -> None:
    html = page(browser, "/call", cli="07700900417", log="3-2018-11-18")
    main = html[html.index("<main") : html.index("</main>")]
    links = re.findall(r'href="(/(?:show|brief)/[^"]*)"', main)
    assert len(links) > 20 and all("log=3-2018-11-18" in unescape(each) for each in links)


def test_what_is_of_the_other_party_is_said_so_in_the_list(browser: TestClient) -> None:
    html = page(browser, "/search", q="shabana bibi 03/07/89")
    listed = html[html.index('class="index"') : html.index('class="column"')]
    (victim,) = re.findall(r'href="#hit-1">(.*?)</a>', listed, re.S)
    assert "order (other party)" in victim and ">order<" not in victim
    assert "children" in victim and "children (other" not in victim


def test_a_new_call_loses_nothing_of_the_one_before(browser: TestClient) -> None:
    page(browser, "/call", cli="07700900417", log="1-2018-11-18")
    html = page(browser, "/call", cli="07700900975", log="2-2018-11-18")
    assert "log 1-2018-11-18 07700900417" in words(html)
    (first,) = re.findall(r'class="call" href="([^"]*)"[^>]*>log 1-', html)
    back = page(browser, unescape(first))
    assert "phone 07700 900417" in words(back) and 'aria-current="true">log 1-2018-11-18' in back


def test_what_is_half_typed_is_no_look_to_come_back_to_until_it_is_kept(browser: TestClient) -> None:
    page(browser, "/search", q="edwar", part="results")
    assert "edwar" not in page(browser, "/")
    assert browser.post("/calls/keep", data={"q": "edwards"}).status_code == 204
    assert "edwards" in page(browser, "/")


def test_another_seat_sees_no_call_of_this_one_and_closes_none(browser: TestClient, small: App) -> None:
    html = page(browser, "/call", cli="07700900417", log="9-2018-11-18")
    (number,) = re.findall(r'name="call" value="(\d+)" aria-label="Put log 9-', html)
    with TestClient(create(small, screen=screen(small)), base_url=HERE) as other:
        assert "9-2018-11-18" not in page(other, "/")
        other.post("/calls/close", data={"call": number})
    assert "9-2018-11-18" in page(browser, "/")
    browser.post("/calls/close", data={"call": number})
    assert "9-2018-11-18" not in page(browser, "/")


def test_a_server_started_again_gives_the_calls_back(browser: TestClient, small: App) -> None:
    page(browser, "/call", cli="07700900417", log="7-2018-11-18")
    with TestClient(create(small, screen=screen(small)), base_url=HERE, cookies=dict(browser.cookies)) as again:
        assert "7-2018-11-18" in page(again, "/")


def test_a_forged_seat_is_given_a_new_one(small: App) -> None:
    with TestClient(create(small, screen=screen(small)), base_url=HERE, cookies={SEAT: "../../x"}) as client:
        given = client.get("/").cookies[SEAT]
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", given)


def test_a_page_of_one_has_its_pictures_each_with_its_table(browser: TestClient) -> None:
    html = page(browser, "/show/person", id=VICTIM)
    assert html.count("<svg") >= 2 and html.count("The same as a table") == 2
    assert "DA/18/00151" in words(html[html.index('id="history"') :])


def test_two_searches_stand_side_by_side(browser: TestClient) -> None:
    html = page(browser, "/beside", a="07700 900417", b="07700 900975")
    assert 'id="side1-hit-1"' in html and 'id="side2-hit-1"' in html


@pytest.mark.parametrize("which", [0, -1])  # the last is the record that gives the person its id
def test_a_wrong_person_is_parted_by_a_form(browser: TestClient, small: App, which: int) -> None:
    html = page(browser, "/show/person", id=VICTIM)
    parting = html[html.index('id="parting"') : html.index('id="joining"')]
    second = re.findall(r'name="second" value="([^"]+)"', parting)[which]
    (other,) = re.findall(r'name="other" value="([^"]+)"', parting)
    assert (unescape(second) == VICTIM) is (which == -1) and unescape(other) != VICTIM
    answer = browser.post(
        "/decide",
        data={
            "verdict": "apart",
            "first": VICTIM,
            "second": unescape(second),
            "other": unescape(other),
            "reason": "her sister",
        },
    )
    assert answer.status_code == 200, answer.text
    (said, *_) = [
        each
        for each in small.decisions(DEMO_VIEWER)
        if each.decision.entries[0].reason == "her sister" and each.decision.entries[-1].act is Act.PROPOSED
    ]
    small.settle(DEMO_VIEWER, Act.WITHDRAWN, said.decision.number, "a test")


@pytest.mark.parametrize(
    ("address", "status", "told"),
    [
        ("/search?q=" + "x" * 50_000, 400, "long"),
        ("/show/person?id=nobody:1#0", 404, "nobody"),
        ("/show/person", 404, ""),
        ("/show/wizard?id=1", 400, "wizard"),
        ("/nothing", 404, "nothing at this address"),
        ("/search?q=07700900417&limit=x", 400, "limit"),
    ],
)
def test_bad_input_gets_a_page_that_says_what_to_do_and_is_no_answer(
    browser: TestClient, address: str, status: int, told: str
) -> None:
    answer = browser.get(address)
    assert answer.status_code in (status, 413, 414) if "xxx" in address else answer.status_code == status
    html = words(answer.text)
    assert told in html and "This is not an answer" in html
    assert "No trace" not in html


def test_a_script_typed_is_shown_as_typed(browser: TestClient) -> None:
    html = page(browser, "/search", q='<script>alert(1)</script>" onfocus="x')
    assert "<script>alert" not in html and '" onfocus="' not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34; onfocus=&#34;x" in html


def test_no_template_has_a_script_or_style_of_its_own() -> None:
    for path in (Path(__file__).parent.parent / "discoverer" / "web" / "screen" / "templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"\son\w+=|style=|<style|<script(?! src=)|\|\s*safe", text), path.name


def test_an_index_that_is_missing_is_a_page_that_says_so(small: App, tmp_path: Path) -> None:
    app = App(small.settings.model_copy(update={"state_dir": tmp_path / "state"}))
    with app, TestClient(create(app, screen=screen(app)), base_url=HERE) as client:
        assert "discoverer build" in words(page(client, "/"))
        assert "This is not an answer" in words(page(client, "/search", 503, q="07700 900417"))
        app.build(SilentProgress())
        assert "07700 900417" in words(page(client, "/search", q="07700 900417"))


def test_calls_that_cannot_be_kept_do_not_stand_in_the_way_of_an_answer(browser: TestClient, small: App) -> None:
    file = Path(small.settings.state_dir) / "calls.sqlite"
    page(browser, "/")
    kept = file.read_bytes() if file.exists() else None
    try:
        file.unlink(missing_ok=True)
        file.mkdir()
        html = words(page(browser, "/search", q="07700 900417"))
        assert "Calls in hand cannot be kept" in html and "Shabana BIBI" in html
    finally:
        file.rmdir()
        if kept is not None:
            file.write_bytes(kept)


def test_a_theme_is_chosen_and_leads_back_to_us_alone(browser: TestClient) -> None:
    assert 'data-theme="auto"' in page(browser, "/")
    for back, leads in (
        ("/search?q=1", "/search?q=1"),
        ("//elsewhere.example/", "/"),
        ("https://elsewhere.example/", "/"),
    ):
        answer = browser.post("/theme", data={"theme": "dark", "back": back}, follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, leads)
    assert 'data-theme="dark"' in page(browser, "/")
    browser.post("/theme", data={"theme": "purple"})
    assert 'data-theme="auto"' in page(browser, "/")


def brief(browser: TestClient, **query: str) -> str:
    return page(browser, "/brief/person", id=VICTIM, **query)


def given(browser: TestClient, html: str, **how: str) -> tuple[int, str]:
    """Send the form of a briefing as a browser does, and return what its page says then."""
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html[html.index('class="giving"') :]))
    text = unescape(re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", html, re.S)[0]).replace("\n", "\r\n")
    form = {name: unescape(value) for name, value in hidden.items()} | {"text": text} | how
    answer = browser.post("/brief/person?log=6-2018-11-18", data=form)
    return answer.status_code, answer.text


def test_the_briefing_is_read_out_copied_and_given_with_what_it_rests_on(browser: TestClient) -> None:
    html = brief(browser, log="6-2018-11-18")
    spoken = re.findall(r'id="spoken">([^<]*)<', html)[0]
    assert 0 < len(spoken.split()) <= 90
    assert browser.get(f"/brief/person?{urlencode({'id': VICTIM, 'form': 'log'})}").text.strip()
    status, after = given(browser, html, to="BE12")
    assert status == 200 and "to BE12" in words(after) and ">edited<" not in after
    assert "It will say here when the history changes" in words(after)


def test_a_briefing_changed_by_hand_stays_marked(browser: TestClient) -> None:
    status, after = given(browser, brief(browser, log="6-2018-11-18"), text="Two up, knife seen.", to="BE14")
    assert status == 200 and "to BE14" in words(after) and ">edited<" in after
    assert browser.get(f"/brief/person?{urlencode({'id': VICTIM, 'form': 'since'})}").text == ""


def test_a_briefing_whose_history_moved_on_is_not_recorded_and_what_was_typed_stays(browser: TestClient) -> None:
    before = len(re.findall("BE99", brief(browser)))
    status, after = given(browser, brief(browser, log="6-2018-11-18"), shown="0" * 64, text="Two up.", to="BE99")
    assert status == 409 and "Not recorded:" in words(after) and "Two up.</textarea>" in after
    assert len(re.findall("BE99", brief(browser))) == before


def test_a_codeword_stands_in_no_form_of_a_briefing(browser: TestClient) -> None:
    assert "MAPLE" in page(browser, "/show/person", id=VICTIM)  # whoever takes the call needs it
    assert "MAPLE" not in brief(browser)


def test_a_briefing_of_nothing_is_refused(browser: TestClient) -> None:
    status, after = given(browser, brief(browser), text="   ")
    assert status == 400 and "This is not an answer" in words(after)


def test_a_near_miss_is_offered_as_one(browser: TestClient) -> None:
    html = page(browser, "/search", q="flat 3 14 hillaires test road b23")
    first = words(html[html.index('id="hit-1"') : html.index('id="hit-2"')])
    assert "But same building, another flat: 2, not 3" in first and "possible" in first
    html = page(browser, "/search", q="flat 2 14 hillaires test road b23 6xx")
    assert "But " not in words(html[html.index('id="hit-1"') : html.index('id="hit-2"')]).replace("But not", "")


def test_a_briefing_sent_twice_is_kept_once(browser: TestClient) -> None:
    html = brief(browser, log="6-2018-11-18")
    pages = [given(browser, html, to="BE77") for _ in range(3)]
    assert all(status == 200 and "to BE77" in words(after) for status, after in pages)
    assert given(browser, html, to="BE78")[0] == 200  # to somebody else it is another


@pytest.mark.parametrize(
    ("address", "form", "status"),
    [
        ("/calls/close", {"call": "9" * 30}, 400),
        ("/calls/close", {"call": "-1"}, 400),
        ("/calls/keep", {"q": "x" * 60_000}, 400),
        ("/calls/keep", {"q": ""}, 400),
        ("/decide", {"verdict": "maybe", "first": "a", "second": "b", "reason": "c"}, 400),
        ("/brief/person", {"id": VICTIM, "text": "x", "shown": "0", "as_at": "0001-01-01T00:00:00+14:00"}, 400),
        ("/brief/person", {"id": VICTIM, "text": "x", "shown": "0", "as_at": "tomorrow"}, 400),
    ],
)
def test_a_form_nobody_sends_is_refused_in_words(
    browser: TestClient, address: str, form: dict[str, str], status: int
) -> None:
    answer = browser.post(address, data=form)
    assert answer.status_code == status and "This is not an answer" in words(answer.text)
