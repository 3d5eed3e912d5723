"""Labels are a lattice, and the file of roles and rules is read whole or not at all."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.access import DEMO_VIEWER, Viewer, asking, scope_of
from discoverer.access_rules import CONTENT, OPERATOR, SHIPPED, AccessRules, May, read_access
from discoverer.errors import ConfigError, NotPermitted, UsageError
from discoverer.model import Visibility, most_closed, most_open
from discoverer.roles import Roles

OPEN, RESTRICTED, PROTECTED = Visibility.OPEN, Visibility.RESTRICTED, Visibility.PROTECTED
INTELLIGENCE, SEALED = Visibility.INTELLIGENCE, Visibility.SEALED
LABELS = st.sampled_from(list(Visibility))


@given(LABELS, LABELS, LABELS)
def test_the_join_is_one(a: Visibility, b: Visibility, c: Visibility) -> None:
    assert most_closed(a, b) is most_closed(b, a)
    assert most_closed(most_closed(a, b), c) is most_closed(a, most_closed(b, c)) is most_closed(a, b, c)
    assert most_closed(a, a) is a
    assert most_closed(a, b).contains(a) and most_closed(a, b).contains(b)


@given(LABELS, LABELS, LABELS)
def test_the_join_is_the_least_bound_and_the_meet_the_greatest(a: Visibility, b: Visibility, c: Visibility) -> None:
    assert c.contains(most_closed(a, b)) == (c.contains(a) and c.contains(b))
    assert most_open(a, b).contains(c) == (a.contains(c) and b.contains(c))


@given(LABELS, LABELS)
def test_a_label_that_contains_another_has_the_greater_rank(a: Visibility, b: Visibility) -> None:
    assert not a.contains(b) or a.rank >= b.rank
    assert (a in b.above) == a.contains(b)


@given(st.sampled_from(read_access().role), LABELS, LABELS)
def test_a_role_reads_a_join_just_where_it_reads_both(role: object, a: Visibility, b: Visibility) -> None:
    reads = role.labels  # type: ignore[attr-defined]
    assert (most_closed(a, b) in reads) == (a in reads and b in reads)


JOINS = [
    (OPEN, RESTRICTED, RESTRICTED),
    (RESTRICTED, PROTECTED, PROTECTED),
    (RESTRICTED, INTELLIGENCE, INTELLIGENCE),
    (PROTECTED, INTELLIGENCE, SEALED),
    (SEALED, OPEN, SEALED),
]


@pytest.mark.parametrize(("one", "other", "joined"), JOINS)
def test_what_two_labels_make_together(one: Visibility, other: Visibility, joined: Visibility) -> None:
    assert most_closed(one, other) is joined


READS = {
    "call_handler": {OPEN, RESTRICTED},
    "rad": {OPEN, RESTRICTED},
    "supervisor": {OPEN, RESTRICTED},
    "da_specialist": {OPEN, RESTRICTED, PROTECTED},
    "intelligence": {OPEN, RESTRICTED, INTELLIGENCE},
    "analyst": {OPEN},
}


def test_the_roles_are_those_agreed_and_no_others() -> None:
    assert {each.name for each in read_access().role} == {*READS, "auditor", "administrator"}


@pytest.mark.parametrize(("role", "reads"), READS.items())
def test_what_a_role_reads_is_its_scope(role: str, reads: set[Visibility]) -> None:
    assert scope_of(Viewer("somebody", role)).labels == reads


@pytest.mark.parametrize("role", ["auditor", "administrator", "nobody", ""])
def test_who_reads_nothing_has_no_scope(role: str) -> None:
    with pytest.raises(NotPermitted):
        scope_of(Viewer("somebody", role))


def test_nobody_without_content_may_do_what_shows_it() -> None:
    assert all(not (CONTENT & set(each.may)) for each in read_access().role if not each.reads)


MAY = [
    ("call_handler", May.SEARCH, True),
    ("call_handler", May.PUBLISH, False),
    ("rad", May.BRIEF, True),
    ("supervisor", May.PUBLISH, True),
    ("analyst", May.TRAIN, True),
    ("analyst", May.BRIEF, False),
    ("auditor", May.AUDIT, True),
    ("auditor", May.SEARCH, False),
    ("administrator", May.USERS, True),
    ("administrator", May.AUDIT, False),
]


@pytest.mark.parametrize(("role", "act", "allowed"), MAY)
def test_what_a_role_may(role: str, act: May, allowed: bool) -> None:
    roles, viewer = Roles(), Viewer("somebody", role, log="1784/2018-09-03")
    assert roles.may(viewer, act) is allowed
    if allowed:
        roles.refuse(viewer, act)
    else:
        with pytest.raises(NotPermitted, match=r"this role may not .*ask somebody whose role may\.$"):
            roles.refuse(viewer, act)


def test_one_alone_at_the_machine_may_everything_and_reads_no_more() -> None:
    alone = Roles(accounts=False)
    assert all(alone.may(DEMO_VIEWER, act) for act in May)
    assert not all(Roles().may(DEMO_VIEWER, act) for act in May)
    assert alone.scope_of(DEMO_VIEWER).labels == {OPEN, RESTRICTED}
    assert not alone.may(Viewer("somebody", "auditor"), May.SEARCH)


AT_THE_MACHINE = Viewer("duty", OPERATOR.name)
OPERATED = frozenset({May.STATUS, May.SOURCES, May.BUILDS, May.PUBLISH, May.USERS})


@pytest.mark.parametrize("act", May)
def test_whoever_is_at_the_machine_handles_builds_and_rules_and_reads_nothing(act: May) -> None:
    roles = Roles()
    assert roles.may(AT_THE_MACHINE, act) is (act in OPERATED)
    if act in OPERATED:
        roles.refuse(AT_THE_MACHINE, act)
    else:
        with pytest.raises(NotPermitted, match="this role may not"):
            roles.refuse(AT_THE_MACHINE, act)
    assert not OPERATOR.labels and not OPERATOR.behind_glass and not OPERATED & CONTENT
    for viewer in (AT_THE_MACHINE, replace(AT_THE_MACHINE, glass=1)):
        with pytest.raises(NotPermitted, match="read no records"):
            roles.scope_of(viewer)
    assert not roles.not_permitted(AT_THE_MACHINE, "people")


def test_where_nobody_has_an_account_there_is_no_operator() -> None:
    with pytest.raises(NotPermitted, match="no role 'operator'"):
        Roles(accounts=False).refuse(AT_THE_MACHINE, May.BUILDS)
    assert not Roles(accounts=False).may(AT_THE_MACHINE, May.BUILDS)


REASONS = [
    ("da_specialist", "", "", May.SEARCH, False),
    ("da_specialist", " ", "\t", May.SEARCH, False),
    ("da_specialist", "1784/2018-09-03", "", May.SEARCH, True),
    ("da_specialist", "", "safety plan", May.SEARCH, True),
    ("da_specialist", "", "", May.STATUS, True),
    ("call_handler", "", "", May.SEARCH, True),
    ("supervisor", "", "", May.SEARCH, True),
]


@pytest.mark.parametrize(("role", "log", "reason", "act", "allowed"), REASONS)
def test_a_reason_is_asked_of_whoever_must_give_one(role: str, log: str, reason: str, act: May, allowed: bool) -> None:
    viewer = Viewer("somebody", role, log, reason)
    if allowed:
        Roles().refuse(viewer, act)
    else:
        with pytest.raises(NotPermitted, match="give the log in hand or the reason"):
            Roles().refuse(viewer, act)


HEAD = 'id = "force"\nversion = "1"\n'
ROLE = '[[role]]\nname = "{}"\ntitle = "One"\nreads = {}\nmay = ["{}"]\nreason = "auto"\nwhy = "Because."\n'
RULE = '[[rule]]\nid = "{}"\nwhen = {}\nlabel = "{}"\nwhy = "Because."\n'
MASK = '[[mask]]\nid = "m"\nroles = ["{}"]\nhides = {}\nreveal = "never"\nwhy = "Because."\n{}\n'
ONE = ROLE.format("one", '["open"]', "search")
FAULTY = [
    pytest.param(ONE + ONE, ["one stands twice; name each once"], id="a role twice"),
    pytest.param(
        ROLE.format("operator", '["open"]', "search"), ["give the role another name"], id="the role of the machine"
    ),
    pytest.param(ROLE.format("one", '["protected"]', "search"), ["reads open, restricted, protected"], id="a hole"),
    pytest.param(
        ROLE.format("one", '["open", "restricted", "protected", "intelligence"]', "search"),
        ["protected, intelligence, sealed"], id="both and not their join",
    ),
    pytest.param(ROLE.format("one", '["secret"]', "search"), ["'open', 'restricted', 'protected'"], id="no label"),
    pytest.param(ROLE.format("one", "[]", "search"), ["one reads nothing, so it may not search"], id="shows nothing"),
    pytest.param(ROLE.format("one", '["open"]', "fly"), ["'search', 'lookup'"], id="no act"),
    pytest.param(ONE + MASK.format("one", '["names"]', ""), ["hide 'words' too"], id="names in words"),
    pytest.param(ONE + MASK.format("one", '["safe_places"]', ""), ["is told whom to ask"], id="no contact"),
    pytest.param(ONE + MASK.format("one", '["words"]', 'contact = "x"'), ["is told whom to ask"], id="a contact for nothing"),
    pytest.param(ONE + MASK.format("two", '["words"]', ""), ["a mask is for two, and there is no such role"], id="no role"),
    pytest.param(ONE + 2 * MASK.format("one", '["words"]', ""), ["m stands twice"], id="a mask twice"),
    pytest.param(ONE + "speed = 3\n", ["'role.0.speed' is not a known name"], id="an unknown word"),
    pytest.param(ONE + RULE.format("a", "{}", "protected"), ["must say which records"], id="a rule about nothing"),
    pytest.param(ONE + RULE.format("a", '{ colour = "red" }', "protected"), ["'rule.0.when.colour'"], id="no condition"),
    pytest.param(ONE + RULE.format("a", '{ source = "x" }', "open"), ["only closes records further"], id="lowers"),
    pytest.param(
        ROLE.format("One!", '["open"]', "fly") + RULE.format("a", "{}", "open"),
        ["4 mistakes", "role.0.name", "role.0.may.0", "rule.0.when", "rule.0.label"], id="all at once",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("body", "said"), FAULTY)
def test_a_file_with_mistakes_is_refused_with_all_of_them(body: str, said: list[str], tmp_path: Path) -> None:
    file = tmp_path / "access.toml"
    file.write_text(HEAD + body, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        read_access(file)
    assert all(each in refused.value.message for each in said), refused.value.message


def test_a_sound_file_of_a_force_is_read(tmp_path: Path) -> None:
    file = tmp_path / "access.toml"
    file.write_text(HEAD + ONE + RULE.format("a", '{ source = "custody" }', "protected"), encoding="utf-8")
    rules = read_access(file)
    assert (rules.name, rules.closed_to("custody"), rules.closed_to("incidents")) == ("force@1", PROTECTED, OPEN)


def test_what_is_shipped_is_sound_and_every_entry_says_why() -> None:
    rules = read_access(SHIPPED)
    assert isinstance(rules, AccessRules)
    assert all(each.endswith(".") for each in [role.why for role in rules.role] + [rule.why for rule in rules.rule])
    assert rules.mask and all(each.why.endswith(".") for each in rules.mask)


def test_a_source_closed_as_a_whole_is_not_permitted_to_whoever_does_not_read_its_label(tmp_path: Path) -> None:
    file = tmp_path / "access.toml"
    body = SHIPPED.read_text(encoding="utf-8")
    body += RULE.format("custody-closed", '{ source = "custody" }', "protected")
    body += RULE.format("arrests", '{ source = "incidents", kind = "incident" }', "protected")
    file.write_text(body, encoding="utf-8")
    roles = Roles(read_access(file))
    found = {
        (role, source): roles.not_permitted(Viewer("somebody", role), source)
        for role in ("call_handler", "da_specialist", "intelligence")
        for source in ("custody", "incidents")
    }
    assert [each for each, closed in found.items() if closed] == [
        ("call_handler", "custody"),
        ("intelligence", "custody"),
    ]


NOTHING_SEEN = [0x034F, 0x115F, 0x1160, 0x17B4, 0x180B, 0x180F, 0x2800, 0x3164, 0xFE0F, 0xFFA0, 0xE0100, 0x200B, 0x00AD]


@pytest.mark.parametrize("code", NOTHING_SEEN, ids=hex)
@pytest.mark.parametrize("what", ["log", "reason"])
def test_what_nobody_can_see_is_neither_a_reason_nor_a_log(what: str, code: int) -> None:
    with pytest.raises(UsageError, match="cannot be seen"):
        asking(**{"log": "", "reason": "", what: f"child{chr(code) * 12}"})


@pytest.mark.parametrize("said", ["", " ", ".", "- - -", "\u2014"])
def test_a_reason_without_a_letter_or_figure_is_none(said: str) -> None:
    with pytest.raises(NotPermitted, match="for a reason only"):
        Roles().refuse(Viewer("Ada Minton", "analyst", reason=said), May.SEARCH)
