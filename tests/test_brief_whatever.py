"""The spoken form, whatever the hit: never over ninety words, nothing that must not be broadcast, no gap left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from discoverer.access import DEMO_VIEWER
from discoverer.answer import Around, Assessed, Hit, HitKind, HitRecord, Referral, Risk, SourceStatus, State
from discoverer.app import App
from discoverer.briefing import making
from discoverer.briefing.aloud import count_words
from discoverer.briefing.opened import Opened
from discoverer.briefing.parts import Form, Slot
from discoverer.briefing.rules import names_any
from discoverer.history.material import SHOW
from discoverer.model import Nature, RecordKind, RiskLevel, Role
from discoverer.parts import Elsewhere, Entry, Event, Holder, Linked, Standing, Statement, Tenure, Topic, Whose
from discoverer.policy.badges import Badge
from tests.cast import make_app

UNSAID = "QUINCETREE"
# Words that must not be said, among ordinary ones, digits in several writings, signs that turn a line round.
NASTY = [
    "rape", "RAPED", "indecent assault", "HIV", "hepatitis C", "women's refuge", "REFUGE", "gender recognition",
    "Sexual assault by penetration", "overdose", "\u202eevil", "٤١٧", "12,345", "07700 900417", "x-y/z",
]  # fmt: skip
PLAIN = [
    "SHABANA BIBI",
    "Asif KHAN / Asi",
    "O'Neil, Zoë",
    "14 Test Road B23 6XX",
    "P1 concern for safety",
    "theft",
    "",
    "-",
]
WORDS = st.one_of(
    st.sampled_from([*NASTY, *PLAIN]),
    st.lists(st.sampled_from([*NASTY, *PLAIN]), min_size=1, max_size=12).map(" ".join),
    st.text(alphabet=st.characters(codec="utf-8"), max_size=60),
    st.integers(40, 90).map(lambda count: "long " * count),
)
DATES = st.sampled_from(["", "2014", "2014-09", "2014-09-14", "2014-09-14T22:41:08Z", "2019-01-01", "1999-12-31"])
NATURES = st.sampled_from([each.value for each in Nature])
LEVELS = st.sampled_from([each.value for each in RiskLevel])
REFS = st.sampled_from(["1/2014-01-01", "2/2014-01-01", "3/2014-01-01"])
SOURCE = st.just("incidents")


def few(made: st.SearchStrategy[object], most: int = 5) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(made, max_size=most).map(tuple)


STATEMENTS = st.builds(
    Statement, topic=st.sampled_from(Topic), kind=st.one_of(st.sampled_from(["bail", "weapons", "codeword", "answered", "coded weapons", "refuge", "in_custody"]), WORDS),
    standing=st.sampled_from(Standing), words=WORDS.map(lambda words: f"{words} ({UNSAID} not said)"), about=WORDS,
    whose=st.sampled_from(Whose), source=SOURCE, ref=REFS, nature=NATURES, start=DATES, end=DATES, protects=few(WORDS, 3),
)  # fmt: skip
ASSESSED = st.builds(
    Assessed, level=LEVELS, victim=WORDS, suspect=WORDS, by=WORDS, at=DATES, age=st.just(""), source=SOURCE, ref=REFS,
    earlier=st.just(""), words=WORDS,
)  # fmt: skip
ENTRIES = st.builds(
    Entry, at=DATES, source=SOURCE, ref=REFS, kind=st.sampled_from([each.value for each in RecordKind]), summary=WORDS,
    roles=few(st.sampled_from([each.value for each in Role]), 2), nature=NATURES, nature_words=st.just("allegation"),
    grading=WORDS, conditions=st.just(""), grades=st.just(""), outcome=WORDS, risk=st.none(), found=st.just("field"),
    written=WORDS, words=WORDS,
)  # fmt: skip
EVENTS = st.builds(
    Event, at=DATES, entries=st.lists(ENTRIES, min_size=1, max_size=2).map(tuple), domestic=st.booleans()
)
LINKED = st.builds(
    Linked, id=st.sampled_from(["incidents:1/2014-01-01#0", "incidents:9/2014-01-01#0"]), label=WORDS,
    relations=few(st.sampled_from(["victim of this suspect", "suspect of this victim", "holder", "child"]), 2),
    relationship=WORDS, roles=few(st.sampled_from(["victim", "suspect", "child"]), 2), risk=st.just(""), first=DATES,
    last=DATES, records=st.just(()), records_total=st.just(1), words=WORDS,
)  # fmt: skip
RECORDS = st.builds(
    HitRecord, source=SOURCE, ref=REFS, role=st.sampled_from([each.value for each in Role]), at=DATES,
    risk=st.one_of(st.none(), LEVELS), kind=st.just("incident"), summary=WORDS, nature=NATURES,
    found=st.sampled_from(["field", "text"]), written=WORDS,
)  # fmt: skip
PLACES = st.builds(
    Elsewhere, kind=st.just("location"), id=WORDS, label=WORDS, roles=st.just(("home",)), holder=st.just(""), first=DATES,
    last=DATES, records=st.just(1), institution=st.just(""), unverified=st.booleans(), caution=WORDS, source=SOURCE,
    ref=REFS, words=WORDS,
)  # fmt: skip
RISKS = st.builds(
    Risk, state=st.sampled_from(["assessed", "not_assessed"]), headline=WORDS, highest=st.one_of(st.none(), ASSESSED),
    latest=st.one_of(st.none(), ASSESSED), victims_assessed=st.dictionaries(LEVELS, st.integers(1, 300), max_size=3),
    elsewhere=few(ASSESSED), previous=few(ASSESSED, 2),
    referrals=few(st.builds(Referral, kind=st.sampled_from(["MARAC", "IDVA"]), referred=DATES, meeting=DATES, victim=WORDS, source=SOURCE, ref=REFS, words=WORDS), 2),
    around=few(st.builds(Around, kind=st.just("phone"), id=WORDS, label=WORDS, whose=WORDS, assessed=ASSESSED, words=WORDS), 2),
)  # fmt: skip
BADGES = st.builds(
    Badge, kind=st.sampled_from(["repeat_victim", "vulnerable_victim", "code_enhanced", "marac_repeat"]), words=WORDS,
    policy=st.just("p"), version=st.just("1"), clause=WORDS, level=st.sampled_from(["certain", "possible"]),
    records=st.just((("incidents", "1/2014-01-01"),)), at=DATES,
)  # fmt: skip
HITS = st.builds(
    Hit, kind=st.sampled_from(HitKind), id=st.just("incidents:1/2014-01-01"), label=WORDS, level=st.just("confirmed"),
    score=st.just(0.0), why=st.just(()), risk=RISKS, records=few(RECORDS), records_total=st.integers(0, 900),
    in_force=few(STATEMENTS, 12), ended_lately=few(STATEMENTS, 2), history=few(EVENTS, 8), history_total=st.integers(0, 99),
    roles=few(WORDS, 2), badges=few(BADGES), addresses=few(PLACES, 3), numbers=few(PLACES, 3), linked=few(LINKED),
    holders=few(st.builds(Holder, id=st.just("incidents:1/2014-01-01#0"), label=WORDS, tenure=st.sampled_from(Tenure), first=DATES, last=DATES, records=st.just(1), source=SOURCE, ref=REFS, words=WORDS), 2),
    may_be_total=st.integers(0, 3),
)  # fmt: skip
STATES = st.builds(
    SourceStatus, name=st.one_of(st.sampled_from(["incidents", "custody"]), WORDS), state=st.sampled_from(State),
    as_at=st.sampled_from(["", "2014-11-01T00:00:00Z"]), records=st.just(0), words=WORDS,
)  # fmt: skip


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    from tests.cast import SHABANA, log

    records = [log(str(n), "2014-01-01", text="SAID", persons=(SHABANA,)) for n in (1, 2, 3)]
    with make_app(tmp_path_factory.mktemp("whatever") / "state", {"incidents": records}) as made:
        yield made


@contextmanager
def opened(app: App, hit: Hit, sources: tuple[SourceStatus, ...]) -> Iterator[Opened]:
    """Open a real index, and have it tell this hit."""
    kind = HitKind.EVENT if hit.kind is HitKind.EVENT else HitKind.PERSON
    ident = "incidents:1/2014-01-01" + ("" if kind is HitKind.EVENT else "#0")
    with app._opened(DEMO_VIEWER, kind, ident, SHOW) as real:
        yield replace(real, shown=replace(real.shown, hit=hit, sources=sources))


@settings(
    max_examples=120,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # a whole hit is shrunk for minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@pytest.mark.filterwarnings("ignore:Generating overly large repr")
@given(hit=HITS, sources=few(STATES, 9))
def test_whatever_the_hit_ninety_words_nothing_forbidden_and_every_gap(
    app: App, hit: Hit, sources: tuple[SourceStatus, ...]
) -> None:
    with opened(app, hit, sources) as one:
        made = making.make(one, "").briefing
    assert made.spoken_words == count_words(made.spoken) <= 90
    assert made.spoken.isprintable() and not any(char.isdecimal() for char in made.spoken)
    for form, text in ((Form.RADIO, made.spoken), (Form.LOG, made.plain), (Form.TERMINAL, made.written)):
        for rule in ("refuge", "former", *(("sexual", "medical") if form is not Form.TERMINAL else ())):
            assert [line for line in text.splitlines() if names_any(rule, line)] == [], (form, rule)
    assert UNSAID not in made.spoken
    places = [[*Slot].index(each.slot) for each in made.points]
    assert places == sorted(places)
    failed = any(each.state in (State.FAILED, State.NOT_PERMITTED, State.STALE) for each in sources)
    assert failed == any(word in made.spoken for word in ("failed", "stale, newer records missing", "not permitted"))
    if not _anybody(hit):
        assert "Nobody assessed" in made.spoken


def _anybody(hit: Hit) -> bool:
    """Tell whether anybody of a generated hit was assessed; the real people of the index never were."""
    graded = [each.level for each in (hit.risk.highest, *hit.risk.elsewhere) if each is not None]
    return any(level != "not_assessed" for level in (*graded, *hit.risk.victims_assessed))
