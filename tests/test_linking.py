"""Linking by what is weighed: whom the guards keep apart, that Splink and the small way agree, and what stays the same."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations

import pytest

from discoverer.errors import BuildError, ConfigError
from discoverer.match.profiles import PersonProfile
from discoverer.settings import LINKING
from index import splink_pairs
from index.guards import names_agree, names_clash, supported
from index.linking_gathered import MOST_BEARERS, Gathered, Rarity, crowded
from index.linking_model import load
from index.linking_names import whole_tokens
from index.linking_rows import rows_of
from index.linking_small import pairs_in_blocks
from index.linking_spelt import PIECE
from index.linking_types import JOIN, KEEP
from index.linking_weighed import Weigh, by_hand, by_splink
from index.resolve import Candidate, Settled, link

MODEL = load(LINKING)
HOME = "|14|hillaires test road"
PHONE = "+447700900655"
# A town of people with names of their own, so that the names of a case are as rare as they would be.
FORENAMES = [
    f"{a}{b}" for a in ("bar", "cor", "del", "fen", "gar", "hol", "jas", "kel") for b in ("an", "ed", "ia", "on")
]
SURNAMES = [
    f"{a}{b}"
    for a in ("ash", "black", "cole", "drey", "elm", "fair", "green", "hart")
    for b in ("by", "ton", "ley", "man")
]
Made = tuple[PersonProfile, tuple[str, ...], tuple[str, ...], str]


def person(
    name: str,
    birth: str = "",
    phone: str = "",
    home: str = "",
    ident: str = "",
    generation: str = "",
    years: tuple[int, int] | None = None,
    beside: str = "",
    label: str = "open",
) -> Made:
    profile = PersonProfile(
        names=(tuple(name.split()),),
        births=(birth,) if birth else (),
        years=(years,) if years else (),
        phones=(phone,) if phone else (),
        homes=(home,) if home else (),
        identifiers=(ident,) if ident else (),
        generations=(generation,) if generation else (),
        areas=("b23",),
    )
    return profile, (f"{home}|b236xx",) if home else (), (beside,) if beside else (), label


def town(size: int = 900) -> list[Made]:
    """Return strangers, each in a home of their own."""
    dice = random.Random(1)
    return [
        person(f"{dice.choice(FORENAMES)} {dice.choice(SURNAMES)}", f"19{50 + n % 50}-0{1 + n % 9}-1{n % 10}", home=f"|{n}|other test road")
        for n in range(size)
    ]  # fmt: skip


def candidates(people: Sequence[Made]) -> list[Candidate]:
    return [Candidate(n, label, profile, doors, (), beside) for n, (profile, doors, beside, label) in enumerate(people)]


def joined(*people: Made, settled: Settled | None = None) -> set[frozenset[int]]:
    """Return the persons that some people are linked into, in a town of strangers numbered after them."""
    cells = link(candidates([*people, *town()]), settled or Settled(), MODEL).cells
    parts: dict[int, set[int]] = {}
    for number in range(len(people)):
        parts.setdefault(cells[number], set()).add(number)
    return {frozenset(part) for part in parts.values()}


ONE, TWO = {frozenset({0, 1})}, {frozenset({0}), frozenset({1})}
CASES = [
    pytest.param(person("ryan doyle", "2001-05-04", home=HOME), person("ronan doyle", "2001-05-04", home=HOME), TWO, id="twins"),
    pytest.param(
        person("ryan doyle", "2001-05-04", PHONE, HOME), person("ryna doyle", "2001-05-04", PHONE, HOME), ONE,
        id="letters swapped, everything else the same",
    ),
    pytest.param(
        person("john murphy", "1958-02-11", home=HOME), person("john murphy", "1985-07-03", home=HOME), TWO,
        id="father and son",
    ),
    pytest.param(
        person("john murphy", home=HOME, years=(1956, 1960)), person("john murphy", home=HOME, years=(1983, 1986)), TWO,
        id="father and son by their ages",
    ),
    pytest.param(
        person("john murphy", beside="ada crane", generation="snr"), person("john murphy", beside="ada crane"), TWO,
        id="senior, and one who does not say",
    ),
    pytest.param(
        person("john murphy", "1958-02-11", home=HOME, generation="snr"), person("john murphy", "1958-02-11", home=HOME), ONE,
        id="senior, and one of the same birth who does not say",
    ),
    pytest.param(
        person("shabana bibi", phone=PHONE), person("asif khan", phone=PHONE), TWO, id="a shared handset"
    ),
    pytest.param(
        person("shabana bibi", phone=PHONE, home=HOME), person("shabana begum", phone=PHONE, home=HOME), ONE,
        id="one forename, phone and home, and what half a community is called",
    ),
    pytest.param(
        person("jaspal singh", phone=PHONE, home=HOME), person("jaspal kaur", phone=PHONE, home=HOME), TWO,
        id="a man and a woman of one name",
    ),
    pytest.param(
        person("asif khan", "1985-07-03", ident="pnc:2003/9900012C"), person("asif khan", "1985-07-03", ident="pnc:2004/9900013D"),
        TWO, id="contradicting identifiers",
    ),
    pytest.param(
        person("malgorzata kowalska", "1990-02-11", home=HOME), person("gosia kowalska", "1990-02-11", home=HOME), ONE,
        id="a pet name",
    ),
    pytest.param(person("asif khan"), person("asif khan"), TWO, id="a common name alone"),
    pytest.param(
        person("janet ashby", "1980-06-19", PHONE, HOME), person("janet harton", "1980-06-19", PHONE, HOME), ONE,
        id="married: another surname, all else the same",
    ),
    pytest.param(
        person("janet ashby", "1980-06-19"), person("janet harton", "1980-06-19"), TWO,
        id="another surname and only one day of birth",
    ),
    pytest.param(
        person("janet ashby", "1980-06-19", PHONE, HOME), person("barian ashby", "1980-06-19", PHONE, HOME), TWO,
        id="another forename, all else the same: twins",
    ),
    pytest.param(
        person("janet ashby", "1980-06-19"), person("janet ashby", "1980-06-29"), TWO,
        id="a date nearly the same and nothing else beside a name",
    ),
    pytest.param(
        person("janet ashby", "1980-06-19", home=HOME), person("janet ashby", "1980-06-29", home=HOME), ONE,
        id="a date nearly the same and one home",
    ),
    pytest.param(
        person("md hamza raza", "1990-05-23", home=HOME), person("m raza", "1990-05-23", home=HOME), TWO,
        id="an initial of what half a community is called: a twin's as well",
    ),
    pytest.param(
        person("hamza raza", "1990-05-23", home=HOME), person("h raza", "1990-05-23", home=HOME), ONE,
        id="the initial of the forename",
    ),
    pytest.param(
        person("anita devi chohan", "1997-05-21", home=HOME), person("d chohan", "1997-05-21", home=HOME), TWO,
        id="the initial of a middle name",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "expected"), CASES)
def test_two_mentions(first: Made, second: Made, expected: set[frozenset[int]]) -> None:
    # The names of the community of a case are common here, as they are in the city.
    crowd = [person(f"asif {name}") for name in SURNAMES] + [person(f"{name} khan") for name in FORENAMES]
    together = any({0, 1} <= part for part in joined(first, second, *crowd))
    assert together is (expected == ONE)


def test_what_may_be_father_or_son_is_joined_to_neither_and_shown_as_possible() -> None:
    people = [
        person("john murphy", "1958-02-11", home=HOME),
        person("john murphy", "1985-07-03", home=HOME),
        person("john murphy", phone=PHONE, home=HOME),
    ]
    linked = link(candidates([*people, *town()]), model=MODEL)
    assert len({linked.cells[n] for n in range(3)}) == 3
    possible = {(each.first, each.second): each for each in linked.links if each.level == KEEP}
    assert {(0, 2), (1, 2)} <= possible.keys()
    assert "may be father or son" in possible[0, 2].why and "same home" in possible[0, 2].why


def test_two_silent_mentions_of_two_namesakes_around_them_are_not_joined_to_each_other() -> None:
    silent = [
        person("john murphy", home=HOME, beside="ada crane"),
        person("john murphy", home=HOME, beside="ada crane"),
    ]
    father, son = person("john murphy", "1958-02-11", home=HOME), person("john murphy", "1985-07-03", home=HOME)
    assert not any({0, 1} <= part for part in joined(*silent, father, son))
    assert any({0, 1} <= part for part in joined(*silent, father)), "with one of that name around there is no doubt"


def test_who_could_not_be_a_mention_is_no_rival_for_it() -> None:
    her = person("margaret ashby", "1960-03-02", home=HOME)
    sister = person("maureen ashby", "1962-04-05", home=HOME)
    assert any({0, 2} <= part for part in joined(her, sister, person("margaret ashby", home=HOME)))


def test_spellings_of_one_name_do_not_clash_and_two_names_do() -> None:
    assert not names_agree([("barbarra", "rogers")], [("barbaea", "rogers")])
    assert not names_clash([("barbarra", "rogers")], [("barbaea", "rogers")])
    assert names_clash([("hasan", "raza")], [("husain", "raza")])


def test_a_town_where_everybody_lives_is_no_area_to_share() -> None:
    counts = {"birmingham": MOST_BEARERS * 2, "b23": MOST_BEARERS}
    assert crowded(counts, MOST_BEARERS * 4) == {"birmingham"}
    assert crowded(counts, MOST_BEARERS * 1_000) == set()


def test_one_bridge_does_not_join_two_crowds() -> None:
    assert supported(1, 1, 0.3) and supported(4, 9, 0.3) and supported(2, 2, 0.3)
    assert not supported(1, 2, 0.3) and not supported(2, 9, 0.3)


def test_what_people_told_apart_no_weight_joins() -> None:
    people = [person("ryan doyle", "2001-05-04", PHONE, HOME), person("ryna doyle", "2001-05-04", PHONE, HOME)]
    assert joined(*people) == ONE
    assert joined(*people, settled=Settled(apart=frozenset({(0, 1)}))) == TWO


JANE, JADE = person("jane ashby", "2001-05-04", home=HOME), person("jade ashby", "2001-05-04", home=HOME)
ELISE, ELYSE = (person(f"{name} ashby", "2001-05-04", home=HOME) for name in ("elise", "elyse"))
# Three families in which each is borne, and no sister of hers.
ELSEWHERE = [
    person(f"{forename} {surname}", f"19{80 + n}-04-1{n}", home=f"|{n}|{forename} test road")
    for n, surname in enumerate(SURNAMES[-4:-1])
    for forename in ("jane", "jade")
]
STRANGERS = [
    person(f"{name} {SURNAMES[n % 32]}", f"19{60 + n // 3}-03-0{1 + n % 9}", home=f"|{n}|{name} far test road")
    for name, many in (("jane", 40), ("michelle", 60))
    for n in range(many)
]
MISHELLES = [
    person(f"mishelle {surname}", "1971-02-0" + str(n), home=f"|{n}|mid test road")
    for n, surname in enumerate(SURNAMES[1:7], 1)
]
FORENAMES_APART = [
    pytest.param([JANE, JADE], ELSEWHERE, False, id="two letters apart, each borne in three families"),
    pytest.param([JANE, JADE], ELSEWHERE[:4], True, id="each borne in three families but for one: may be a slip"),
    pytest.param([JANE, JADE], [*ELSEWHERE, *STRANGERS], False, id="rarer than the other, and no slip happens so often"),
    pytest.param([JANE, person("jnae ashby", "2001-05-04", home=HOME)], ELSEWHERE, True, id="letters swapped"),
    pytest.param([JANE, JADE, JANE, JADE], [], False, id="nobody else is called so, each is written twice: two"),
    pytest.param([JANE, JADE, JANE, JANE], [], True, id="nobody else is called so, one is written once: a slip"),
    pytest.param(
        [person("michelle ashby", "1971-05-04", home=HOME), person("mishelle ashby", "1971-05-04", home=HOME)],
        [*STRANGERS, *MISHELLES], True, id="one sound: many write it so",
    ),
    pytest.param([ELISE, ELYSE] * 4, [], False, id="one sound, and each is written four times: twins"),
    pytest.param([ELISE, ELYSE, *[ELISE] * 3, *[ELYSE] * 2], [], True, id="one sound, written three times: a way of writing it"),
]  # fmt: skip


@pytest.mark.parametrize(("people", "others", "together"), FORENAMES_APART)
def test_two_forenames_borne_here_are_two_names_however_alike(
    people: list[Made], others: list[Made], together: bool
) -> None:
    assert any({0, 1} <= part for part in joined(*people, *others)) is together


ONCE = person("janet ashby", "1980-06-19", PHONE, HOME)
AGAIN = person("janet ashby", "1980-06-02", PHONE, HOME)
LANDLINE = "+441214960655"
MISTYPED = [
    pytest.param([ONCE, AGAIN], True, id="one name, own number and home"),
    pytest.param([person("janet ashby", "1980-06-19", home=HOME), AGAIN], False, id="one name and home: a cousin"),
    pytest.param(
        [person("janet ashby", each, LANDLINE, HOME) for each in ("1980-06-19", "1980-06-02")], False,
        id="a household's number",
    ),
    pytest.param(
        [person("janet ashby", each, "+443000960655", HOME) for each in ("1980-06-19", "1980-06-02")], False,
        id="a firm's number",
    ),
    pytest.param([ONCE, AGAIN, person("barian ashby", phone=PHONE)], False, id="a number that her brother has too"),
    pytest.param([ONCE, person("janet ashby", "1991-06-19", PHONE, HOME)], False, id="more than ten years: mother and daughter"),
    pytest.param([ONCE, person("janet ashby", "1983-09-07", PHONE, HOME)], False, id="day, month and year differ: a cousin"),
    pytest.param([ONCE, AGAIN, ONCE, AGAIN], False, id="either date given twice: neither is mistyped"),
    pytest.param([ONCE, AGAIN, AGAIN, AGAIN], True, id="one date given once, the other again and again"),
    pytest.param(
        [ONCE, person("janet ashby", "1980-06-02", PHONE, HOME, generation="jnr")], False, id="one is called junior"
    ),
    pytest.param(
        [
            person("janet ashby", "1980-06-19", PHONE, HOME, ident="pnc:2003/9900012C"),
            person("janet ashby", "1980-06-02", PHONE, HOME, ident="pnc:2004/9900013D"),
        ],
        False, id="contradicting identifiers",
    ),
    pytest.param([ONCE, person("janey ashby", "1980-06-02", PHONE, HOME)], False, id="another spelling as well"),
]  # fmt: skip


@pytest.mark.parametrize(("people", "together"), MISTYPED)
def test_a_date_of_birth_mistyped_by_years(people: list[Made], together: bool) -> None:
    assert any({0, 1} <= part for part in joined(*people)) is together


def test_what_was_joined_in_spite_of_a_date_of_birth_says_so_and_keeps_both() -> None:
    linked = link(candidates([ONCE, AGAIN, *town()]), model=MODEL)
    why = next(each.why for each in linked.links if each[:2] == (0, 1))
    assert why.endswith("though dates of birth differ: 1980-06-19 and 1980-06-02")
    for birth in ("1980-06-19", "1980-06-02"):
        more = person("janet ashby", birth, home=HOME)
        assert any({0, 1, 2} <= part for part in joined(ONCE, AGAIN, more)), "each date stands for itself"


def test_no_chain_of_mistyped_dates_leads_further_than_ten_years() -> None:
    chain = [person("janet ashby", each, PHONE, HOME) for each in ("1975-06-19", "1984-06-19", "1993-06-19")]
    assert not any({0, 2} <= part for part in joined(*chain))


def test_who_is_written_in_full_may_be_either_spelling_and_who_lacks_a_name_either_twin() -> None:
    sue = [person(f"{name} harton", "1966-04-06", PHONE, HOME) for name in ("sue", "sasan", "susan")]
    assert any({0, 1, 2} <= part for part in joined(*sue))
    raza = [person(f"{name} raza", "1990-05-23", home=HOME) for name in ("md hasan", "md husain", "md")]
    assert not any({0, 2} <= part or {1, 2} <= part for part in joined(*raza))


def test_a_twin_of_one_birth_is_a_rival_however_little_else_agrees() -> None:
    suad = person("suad ashby harton", "2001-03-28", home=HOME, beside="ada crane")
    mention = person("ashby harton", "2001-03-28", home=HOME, beside="ada crane")
    ali = person("kelan ashby harton", "2001-03-28")
    assert any({0, 1} <= part for part in joined(suad, mention)), "with no twin about there is no doubt"
    assert not any({0, 1} <= part for part in joined(suad, mention, ali))


def test_a_date_that_is_mistyped_makes_no_second_namesake() -> None:
    her, again = person("janet ashby", "1980-06-19", home=HOME), person("janet ashby", "1980-06-02", home=HOME)
    silent = [person("janet ashby", home=HOME, beside="ada crane") for _ in range(2)]
    assert any({0, 1} <= part for part in joined(*silent, her, again))
    assert not any({0, 1} <= part for part in joined(*silent, her, her, again, again)), "two cousins of one name"


NAMES = [
    (["jake lee", "j lee"], ["janet lee", "j lee"], False),
    (["andrew jordan lewis", "andrew lewis"], ["andrew stephen lewis"], False),
    (["andrew jordan lewis", "andrew lewis"], ["andrew lewis"], True),
    (["susan lawrence"], ["scott lawrence"], False),
    (["k lewis warner"], ["stewart lewis warner"], False),
    (["k lewis warner"], ["karen lewis warner"], True),
    (["robert khan"], ["roberta khan"], False),
    (["kate nixon"], ["katie nixon"], True),
    (["jean nixon"], ["joan nixon"], False),
    (["amanda rogers"], ["e rogers"], False),
    (["amanda rogers"], ["a rogers"], True),
    (["khan asif"], ["asif khan"], True),
]


@pytest.mark.parametrize(("first", "second", "agree"), NAMES)
def test_names(first: list[str], second: list[str], agree: bool) -> None:
    one, other = [[tuple(name.split()) for name in names] for names in (first, second)]
    assert names_agree(one, other) is agree is names_agree(other, one)


def gathered(people: Iterable[Candidate]) -> dict[int, Gathered]:
    found: dict[int, Gathered] = {}
    for each in people:
        found.setdefault(each.number, Gathered()).add(each, fresh=True)
    return found


def dirty(size: int) -> list[Candidate]:
    """Return people of few names, homes, numbers and companions, so that every level is met."""
    dice = random.Random(3)

    def one() -> Made:
        forename, surname = dice.choice(FORENAMES), dice.choice(SURNAMES)
        written = dice.choice([f"{forename} {surname}", f"{forename[0]} {surname}", f"{forename}e {surname}", forename])
        birth = dice.choice(["", f"198{dice.randrange(10)}-0{dice.randrange(1, 9)}-03"])
        return person(
            written, birth, dice.choice(["", f"+4477009006{dice.randrange(90):02}"]),
            dice.choice(["", f"flat {dice.randrange(3)}|{dice.randrange(40)}|hillaires test road"]),
            years=None if birth or dice.random() < 0.5 else (1975 + dice.randrange(20), 1996),
            beside=dice.choice(["", f"{dice.choice(FORENAMES)} khan"]),
        )  # fmt: skip

    return candidates([one() for _ in range(size)])


@pytest.mark.parametrize("at_once", [200_000, 300], ids=["all at once", "some at a time"])
def test_splink_and_the_small_way_weigh_alike(at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splink_pairs, "ROWS_AT_ONCE", at_once)
    said = gathered(dirty(700))
    rarity = Rarity(said.values())
    small = {pair[:2]: pair for batch in by_hand(rows_of(said).tables(rarity), MODEL) for pair in batch.pairs()}
    large = {pair[:2]: pair for batch in by_splink(rows_of(said).tables(rarity), MODEL) for pair in batch.pairs()}
    assert small.keys() == large.keys() and len(small) > 100
    for pair, found in small.items():
        assert found.levels == large[pair].levels
        assert found.bits == pytest.approx(large[pair].bits, abs=0.01)
    met = {(at, level) for found in small.values() for at, level in enumerate(found.levels)}
    assert len(met) > 20, "too few levels were met to tell"


def test_more_pairs_than_there_is_room_for_are_said_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splink_pairs, "MEMORY", "8MB")
    monkeypatch.setattr(splink_pairs, "MOST_DISK", "100KB")
    said = gathered(dirty(3_000))
    with pytest.raises(BuildError, match=r"took more than 8MB of memory and 100KB of disk") as raised:
        list(by_splink(rows_of(said).tables(Rarity(said.values())), MODEL))
    assert len(raised.value.message) < 300


def test_the_same_people_give_the_same_links_whatever_compares_them_and_however_often() -> None:
    people = dirty(400)
    first = link(people, model=MODEL)
    assert link(people, model=MODEL) == first == link(people, model=MODEL, weigh=by_splink)


def test_a_pair_on_a_threshold_is_joined_in_whatever_order_and_by_whatever_it_is_weighed() -> None:
    people = dirty(1500)
    dice = random.Random(5)

    def persons(weigh: Weigh) -> tuple[set[frozenset[int]], set[frozenset[frozenset[int]]]]:
        order = dice.sample(range(len(people)), len(people))
        linked = link([people[old]._replace(number=new) for new, old in enumerate(order)], model=MODEL, weigh=weigh)
        members: dict[int, set[int]] = {}
        for new, old in enumerate(order):
            members.setdefault(linked.cells[new], set()).add(old)
        of = {new: frozenset(members[linked.cells[new]]) for new in range(len(order))}
        possible = {frozenset((of[each.first], of[each.second])) for each in linked.links if each.level == KEEP}
        return set(of.values()), possible

    assert persons(by_hand) == persons(by_hand) == persons(by_splink)


def test_a_value_of_many_never_brings_people_together_alone() -> None:
    # All forenames begin alike here, so beside the number that is borne by too many as well; a surname's letters are not.
    crowd = [person(f"{a} {b}", phone=PHONE) for a in FORENAMES for b in SURNAMES][: MOST_BEARERS + 1]

    def together(size: int) -> set[tuple[int, int]]:
        said = gathered(candidates(crowd[:size]))
        return pairs_in_blocks(row for table in rows_of(said).tables(Rarity(said.values())) for row in table.rows())

    few, many = together(MOST_BEARERS), together(MOST_BEARERS + 1)
    assert len(few) == MOST_BEARERS * (MOST_BEARERS - 1) / 2
    beginnings = [{token[:PIECE] for token in whole_tokens(profile.names[0])} for profile, *_ in crowd]
    of_all = set.intersection(*beginnings)
    assert len(of_all) == 1
    assert many == {(a, b) for a, b in combinations(range(len(crowd)), 2) if beginnings[a] & beginnings[b] - of_all}
    assert 0 < len(many) < len(few)


def test_more_records_elsewhere_change_nobody_they_do_not_touch() -> None:
    people = dirty(600)
    more = [
        Candidate(10_000 + n, label, replace(profile, areas=(f"ws{n}",)), doors, (), ())
        for n, (profile, doors, _, label) in enumerate(
            person(f"zed{n} quill{n}", f"1971-05-{n % 28 + 1:02}", home=f"|{n}|far test road") for n in range(40)
        )
    ]
    before, after = link(people, model=MODEL), link([*people, *more], model=MODEL)
    assert {number: after.cells[number] for number in before.cells} == before.cells
    assert [each for each in after.links if each.second < 10_000] == before.links


def test_closed_mentions_change_nothing_for_those_who_do_not_see_them() -> None:
    people = dirty(300)
    closed = [each._replace(number=1_000 + each.number, visibility="restricted") for each in dirty(500)[300:]]
    before, after = link(people, model=MODEL), link([*people, *closed], model=MODEL)
    assert {number: after.cells[number] for number in before.cells} == before.cells
    assert [each for each in after.links if each.rank == 0] == before.links
    assert all(each.rank > 0 for each in after.links if max(each[:2]) >= 1_000)
    assert any(each.rank > 0 and each.level == JOIN for each in after.links), "nothing closed was linked: no test"


def test_a_version_that_is_not_there_is_said_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match=f"no linking weights '1999-01-01'; choose exact or one of .*{LINKING}"):
        load("1999-01-01")


def in_record(number: int, made: Made, side: str, record: int, sex: str = "") -> Candidate:
    profile, doors, beside, label = made
    return Candidate(number, label, replace(profile, sexes=(sex,) if sex else ()), doors, (), beside, (0, record), side)


ALEX, CHRIS = person("alex ashby", phone=PHONE, home=HOME), person("christopher ashby", phone=PHONE, home=HOME)
SIDES = [
    pytest.param([(ALEX, "victim", 1, ""), (ALEX, "suspect", 1, "")], set(), id="victim and suspect of one record, one name, home and number"),
    pytest.param([(ALEX, "victim", 1, ""), (ALEX, "suspect", 2, "")], {(0, 1)}, id="a counter-allegation in another record"),
    pytest.param([(ALEX, "victim", 1, ""), (ALEX, "", 1, "")], {(0, 1)}, id="a victim who is the caller too"),
    pytest.param(
        [(person("alex ashby", "1980-06-19", home=HOME), "victim", 1, ""), (person("alex ashby", "1980-06-19", home=HOME), "suspect", 1, "")],
        {(0, 1)}, id="one date of birth: written twice",
    ),
    pytest.param(
        [(CHRIS, "suspect", 1, ""), (person("christine ashby", phone=PHONE, home=HOME), "victim", 1, ""), (person("chris ashby", phone=PHONE, home=HOME), "victim", 2, "")],
        {(0, 2), (1, 2)}, id="a pet name is no bridge between the two",
    ),
    pytest.param([(ALEX, "victim", 1, "woman"), (ALEX, "suspect", 2, "man")], set(), id="a man and a woman of one name"),
    pytest.param([(ALEX, "victim", 1, "woman"), (ALEX, "suspect", 2, "")], {(0, 1)}, id="one whose sex is not recorded"),
    pytest.param(
        [(person("karen ashby", "1981-06-19", home=HOME), "victim", 1, "woman"), (person("k ashby", home=HOME), "suspect", 2, "man")],
        set(), id="an initial of the other sex",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("people", "together"), SIDES)
def test_a_victim_never_becomes_one_with_the_suspect_of_the_same_record(
    people: list[tuple[Made, str, int, str]], together: set[tuple[int, int]]
) -> None:
    mine = [in_record(number, *each) for number, each in enumerate(people)]
    others = [each._replace(number=each.number + 100) for each in candidates(town())]
    for model in (None, MODEL):
        linked = link([*mine, *others], model=model)
        found = {pair for pair in combinations(range(len(people)), 2) if linked.cells[pair[0]] == linked.cells[pair[1]]}
        assert found <= together and (model is None or len(people) > 2 or found == together)
        if people[0][2] == people[1][2] and (0, 1) not in together:
            assert not any(each[:2] == (0, 1) for each in linked.links), "nor are they said to be perhaps one"


def test_people_may_say_that_the_victim_and_the_suspect_of_a_record_are_one() -> None:
    mine = [in_record(0, ALEX, "victim", 1), in_record(1, ALEX, "suspect", 1)]
    linked = link(mine, Settled(same=frozenset({(0, 1)})), MODEL)
    assert linked.cells[0] == linked.cells[1] and not linked.unmet
