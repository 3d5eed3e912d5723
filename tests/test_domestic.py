"""Domestic abuse recognised beyond its flag, with near misses beside each rule."""

from __future__ import annotations

from dataclasses import replace

import pytest

from discoverer.errors import ConfigError
from discoverer.model import Code, Order, Person, Record, Reference, Role
from discoverer.policy.domestic import (
    Sign,
    cancelled_by,
    flag_disagrees,
    relationship_class,
    relationships,
    signs,
    suggested_relationships,
)
from discoverer.policy.domestic_rules import DomesticRules, domestic_version
from discoverer.policy.occurrences import occurrences
from discoverer.validation import check
from tests.policy_cases import DOMESTIC, NUISANCE, SHIPPED, custody, dash, held, log

RULES = SHIPPED.domestic
AT = "2018-09-03T20:00:00Z"


def fired(record: Record) -> set[tuple[str, bool]]:
    """Return (rule, suggested) of every sign."""
    return {(sign.rule, sign.suggested) for sign in signs(record, RULES)}


CASES = [
    ("closing code", log("1", AT, DOMESTIC), {("closing_code", False)}),
    ("closing code by its word in another force", log("1", AT, Code("closing", "N200/01", "Domestic Incident")), {("closing_code", False)}),
    ("another closing code", log("1", AT, NUISANCE), set()),
    ("the number 220 in another list", log("1", AT, Code("beat", "220")), set()),
    ("qualifier", log("1", AT, NUISANCE, Code("qualifier", "DOM", "domestic")), {("qualifier", False)}),
    ("another qualifier", log("1", AT, NUISANCE, Code("qualifier", "ALC", "alcohol")), set()),
    ("opening code while the call is open", log("1", AT, Code("opening", "220", "domestic incident")), {("opening_code", False)}),
    ("opening code of a log closed as something else", log("1", AT, Code("opening", "220", "domestic incident"), NUISANCE), {("opening_code", True)}),
    ("a phrase that ends where a vowel sign of another script begins", custody("BE/1/18", AT, offence="COERCIVE\u093e"), {("offence", False)}),
    ("a phrase that only begins a word", custody("BE/1/18", AT, offence="COERCIVENESS"), set()),
    ("a DASH named", log("1", AT, more=(Reference("dash", "DA/18/05512"),)), {("dash_linked", False)}),
    ("a DASH field with no number in it", log("1", AT, more=(Reference("dash", "NONE"),)), set()),
    ("a DASH", dash("DA/18/00001", AT, relationship="OTHER"), {("dash", False), ("assessment", False)}),
    ("custody flag", custody("BE/1/18", AT, flag="Y"), {("flag", False)}),
    ("custody flag N", custody("BE/1/18", AT, flag="N"), set()),
    ("offence text", custody("BE/1/18", AT, offence="BREACH OF THE PEACE (DOMESTIC)"), {("offence", False)}),
    ("offence that only couples commit", custody("BE/1/18", AT, offence="BREACH OF NON-MOLESTATION ORDER"), {("offence", False)}),
    ("a burglary of a home", custody("BE/1/18", AT, offence="BURGLARY (DOMESTIC)"), set()),
    ("summary", log("1", AT, summary="P1 domestic incident"), {("summary", True)}),
    ("a summary that says it was none", log("1", AT, summary="not a domestic, noise"), set()),
    ("text", log("1", AT, text="NEIGHBOUR SAYS ANOTHER DOMESTIC AT NO 4"), {("text_domestic", True)}),
    ("text that says it was none", log("1", AT, text="INFT STATES THIS IS NOT A DOMESTIC"), set()),
    ("text about rubbish", log("1", AT, text="DOMESTIC WASTE DUMPED IN THE ROAD"), set()),
    ("partner beside what he did", log("1", AT, text="EX-PARTNER IS OUTSIDE BANGING ON THE DOOR AND WON'T LEAVE"), {("text_relationship", True)}),
    ("husband in another matter", log("1", AT, text="CALLERS HUSBAND IS STUCK IN THE CAR ON THE M6"), set()),
    ("business partner", log("1", AT, text="BUSINESS PARTNER THREATENED HIM OVER MONEY"), set()),
    ("what was done by nobody named", log("1", AT, text="MALE SHOUTING AND SMASHED A WINDOW"), set()),
]  # fmt: skip


@pytest.mark.parametrize(("record", "expected"), [pytest.param(*case[1:], id=case[0]) for case in CASES])
def test_each_rule_fires_on_its_own_and_not_on_its_near_miss(record: Record, expected: set[tuple[str, bool]]) -> None:
    assert fired(record) == expected


@pytest.mark.parametrize(
    ("note", "role", "expected"),
    [
        ("ex-partner", Role.SUSPECT, True),
        ("Wife", Role.VICTIM, True),
        ("BROTHER-IN-LAW", Role.SUSPECT, True),
        ("neighbour", Role.SUSPECT, False),
        ("sister", Role.WITNESS, False),  # a witness who is somebody's sister makes no event domestic
        ("date of birth is an estimate", Role.DETAINEE, False),
    ],
)
def test_a_relationship_beside_a_name_is_a_sign_of_suspects_and_victims_only(
    note: str, role: Role, expected: bool
) -> None:
    record = log("1", AT, persons=(Person(0, role, ("LEANNE TEST",), note=note),))
    assert (("relationship", False) in fired(record)) is expected


@pytest.mark.parametrize(
    ("kind", "expected"), [("non_molestation", True), ("dvpo", True), ("bail", False), ("restraining", False)]
)
def test_an_order_that_only_couples_and_families_have_is_a_sign(kind: str, expected: bool) -> None:
    assert (("order", False) in fired(custody("BE/1/18", AT, orders=(Order(kind),)))) is expected


def test_a_sign_names_the_rule_the_words_and_the_record() -> None:
    assert signs(log("1784", AT, DOMESTIC), RULES) == (
        Sign("closing_code", "closing code 220 'domestic incident'", "incidents", "1784/2018-09-03", False),
    )


def test_a_sources_own_code_is_never_changed() -> None:
    record = custody("BE/1/18", AT, flag="N", offence="BREACH OF DVPO")
    before = replace(record)
    assert signs(record, RULES) and record == before
    assert record.codes == (Code("da_flag", "N"),)


LOG = log("1784", AT, DOMESTIC, crime="20BE/990417A/18")
DISAGREE = [
    ("blank though its crime is domestic", "", "COMMON ASSAULT", [LOG], "has its domestic abuse flag blank, but is linked to domestic abuse: closing code 220"),
    ("N though its crime is domestic", "N", "COMMON ASSAULT", [LOG], "flag N, but is linked to domestic abuse"),
    ("N though its own offence says so", "N", "BREACH OF DVPO", [], "flag N, but is linked to domestic abuse: offence 'BREACH OF DVPO'"),
    ("N and only words suggest otherwise", "N", "THEFT", [log("9", AT, NUISANCE, text="HUSBAND HIT HER", crime="20BE/990417A/18")], "flag N, but may be domestic abuse"),
    ("Y and nothing else", "Y", "THEFT FROM SHOP", [], "is flagged domestic abuse, and nothing else says so"),
    ("Y and its crime is domestic", "Y", "COMMON ASSAULT", [LOG], ""),
    ("N and nothing says otherwise", "N", "THEFT FROM SHOP", [], ""),
    ("blank and nothing says otherwise", "", "THEFT FROM SHOP", [log("9", AT, NUISANCE, crime="20BE/990417A/18")], ""),
]  # fmt: skip


@pytest.mark.parametrize(
    ("flag", "offence", "others", "says"), [pytest.param(*case[1:], id=case[0]) for case in DISAGREE]
)
def test_the_custody_flags_disagreement_is_worded(flag: str, offence: str, others: list[Record], says: str) -> None:
    record = custody("BE/1/18", "2018-09-04T02:00:00Z", flag=flag, offence=offence, crime="20BE/990417A/18")
    (occurrence,) = occurrences(held(record, *others, at=None), SHIPPED)
    words = flag_disagrees(record, occurrence.signs, RULES)
    assert (says in words) if says else (words == "")


def test_a_log_has_no_custody_flag_to_disagree_with() -> None:
    assert flag_disagrees(LOG, signs(LOG, RULES)) == ""


@pytest.mark.parametrize(
    ("result", "expected"),
    [("NOT A DOMESTIC, NO OFFENCES", True), ("Log created in error.", True), ("CREATED IN ERROR", True), ("DASH COMPLETED", False)],
)  # fmt: skip
def test_a_closure_as_no_domestic_is_recognised(result: str, expected: bool) -> None:
    record = log("1", AT, DOMESTIC, notes=(("result", result),))
    assert bool(cancelled_by(record, RULES)) is expected


@pytest.mark.parametrize(
    ("written", "group"),
    [("HUSBAND", "intimate_current"), ("Ex-Wife", "intimate_ex"), ("step-son", ""), ("STEPSON", "family"), ("NEIGHBOUR", ""), ("", "")],
)  # fmt: skip
def test_relationships_have_a_class_or_none(written: str, group: str) -> None:
    assert relationship_class(written, RULES) == group


def test_relationships_stated_and_suggested_are_kept_apart() -> None:
    assert relationships(dash("DA/18/1", AT), RULES) == ("intimate_ex",)
    told = log("1", AT, text="HER BROTHER THREATENED HER, EX PARTNER ALSO THERE")
    assert relationships(told, RULES) == ()
    assert suggested_relationships(told, RULES) == ("family", "intimate_ex")
    assert suggested_relationships(log("1", AT, text="HER BROTHER IS WITH HER"), RULES) == ()


RULE = {"id": "x", "reads": "code", "reason": "r"}
MISTAKES = [
    (RULE, "rule 'x' reads 'code', so it needs codes or words"),
    (RULE | {"codes": ["1"]}, "rule 'x' reads 'code', so it needs codesets"),
    (RULE | {"reads": "note", "labels": ["offence"]}, "so it needs words"),
    (RULE | {"reads": "text", "words": ["--"]}, "a phrase without a letter"),
    (RULE | {"reads": "kind", "kinds": ["telegram"]}, "kinds of record there are not: telegram"),
    (RULE | {"reads": "tea"}, "reads"),
]


@pytest.mark.parametrize(("rule", "says"), MISTAKES)
def test_a_rule_that_could_never_fire_is_a_mistake(rule: dict[str, object], says: str) -> None:
    whole = RULES.model_dump(mode="json") | {"rule": [rule]}
    with pytest.raises(ConfigError) as caught:
        check(DomesticRules, whole, "domestic.toml")
    assert says in caught.value.message


def test_a_version_that_is_not_there_is_said_with_those_that_are() -> None:
    with pytest.raises(ConfigError, match="version '7' of the rules of recognition; those held are 1"):
        domestic_version("7")
