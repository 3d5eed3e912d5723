"""Training: what it finds with labels and without, each guard, that it does not collapse, and that nothing is switched."""

from __future__ import annotations

import errno
import json
import math
import os
import random
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from discoverer.access import DEMO_VIEWER
from discoverer.answer import HitKind
from discoverer.app import App
from discoverer.errors import ConfigError, LookNotRecorded, TrainingRefused, UsageError
from discoverer.evaluation.linking import read_meant
from discoverer.match.profiles import PersonProfile
from discoverer.model import Location, Person, Role
from discoverer.settings import LINKING
from index import resolve
from index.linking_levels import COMPARED, ORDERS
from index.linking_model import SHIPPED, Model, load
from index.linking_types import Candidate, Linked
from index.live import LiveIndex
from index.reader import Reader
from index.training import from_labels, trained_model, without_labels
from index.training_candidates import OPEN, candidates_of
from index.training_effect import Compared, effect_of
from index.training_file import make_room, version_for, write_next_version, write_version
from index.training_fit import NATURAL, fitted, likely, odds_of, solved
from index.training_guards import (
    FEW,
    HELD_TO_CHANGE,
    MOST_CHANGE,
    ONE_SIDED,
    bounded,
    in_order,
    refuse_collapse,
    refuse_without_anchor,
    too_few,
)
from index.training_pairs import Patterns, patterns_of
from index.training_types import Group, Key, Training, bits_of
from index.training_unlabelled import CANNOT_TELL, estimated
from tests.cast import log, make_app
from tests.conftest import SMALL
from tests.setups import complaint, copy_of, run, write_settings, write_tiny
from tests.test_audit import looks

MODEL = load(LINKING)
OLD = bits_of(MODEL)
TODAY = date(2026, 11, 27)
SYLLABLES = (
    "bar",
    "cor",
    "del",
    "fen",
    "gar",
    "hol",
    "jas",
    "kel",
    "lor",
    "mar",
    "nel",
    "ost",
    "pel",
    "ros",
    "sel",
    "tor",
)
FORENAMES = [f"{a}{b}" for a in SYLLABLES for b in ("an", "ed", "ia", "on")]
SURNAMES = [f"{a}{b}{c}" for a in SYLLABLES for b in ("ash", "mere", "wick") for c in ("by", "ton", "ley", "man")]


def town(households: int, again: int, seed: int = 1) -> tuple[list[Candidate], dict[int, str]]:
    """Return mentions of households who share a home, a number and a surname, and who each is of.

    Args:
        households: of three people each.
        again: how many of the people are met a second time, mistyped, and at home or not.
        seed: of the dice.
    """
    dice = random.Random(seed)
    people: list[tuple[str, PersonProfile]] = []
    for n in range(households):
        surname, home, phone = dice.choice(SURNAMES), f"|{n}|hillaires test road", f"+44770090{n % 10_000:04}"
        for place in range(3):
            born = f"{dice.randint(1930, 2005)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}"
            name = (dice.choice(FORENAMES), surname)
            people.append((f"{n}-{place}", person(name, born, home, phone)))
    for who, said in dice.sample(people, again):
        forename, surname = said.names[0]
        mistyped = dice.choice(((forename[:-1], surname), (forename, surname[:-2]), (surname[:3] + forename, surname)))
        at_home = dice.random() < 0.5
        people.append((who, person(mistyped, said.births[0], said.homes[0] if at_home else "", said.phones[0])))
    return (
        [Candidate(number, "open", said, ()) for number, (_, said) in enumerate(people)],
        {number: who for number, (who, _) in enumerate(people)},
    )


def person(name: tuple[str, ...], born: str, home: str, phone: str) -> PersonProfile:
    return PersonProfile(
        names=(name,), births=(born,), homes=(home,) if home else (), phones=(phone,), areas=("b23",)
    )  # fmt: skip


def plain_em(patterns: Mapping[tuple[Key, ...], int], start: Mapping[Key, float], rounds: int = 200) -> float:
    """Return the share of pairs that textbook expectation-maximisation calls one person: no anchor, no guard."""
    bits, share = dict(start), 0.0
    for _ in range(rounds):
        same: dict[Key, float] = defaultdict(lambda: 0.01)
        others: dict[Key, float] = defaultdict(lambda: 0.01)
        for levels, pairs in patterns.items():
            chance = likely(odds_of(levels, bits))
            for key in levels:
                same[key] += pairs * chance
                others[key] += pairs * (1 - chance)
        totals = {
            name: (sum(same[name, each] for each in COMPARED[name]), sum(others[name, each] for each in COMPARED[name]))
            for name in COMPARED
        }
        prior = math.log2(totals["name"][0] / totals["name"][1])
        for key in bits:
            mine, theirs = totals[key[0]]
            bits[key] = (
                math.log2(same[key] / mine) - math.log2(others[key] / theirs) + (prior if key[0] == "name" else 0)
            )
        share = totals["name"][0] / sum(totals["name"])
    return share


def unlabelled(patterns: Patterns) -> dict[tuple[Key, ...], int]:
    found: Counter[tuple[Key, ...]] = Counter()
    for (levels, _), pairs in patterns.items():
        found[levels] += pairs
    return found


def share_of(patterns: Patterns) -> float:
    return sum(pairs for (_, same), pairs in patterns.items() if same) / sum(patterns.values())


# What the guards hold.


@pytest.mark.parametrize(
    ("pairs", "same", "why"),
    [
        pytest.param(0, 0.0, FEW, id="none"),
        pytest.param(49, 25.0, FEW, id="one pair short"),
        pytest.param(50, 25.0, "", id="just enough"),
        pytest.param(5_000, 9.9, ONE_SIDED, id="hardly one of them one person"),
        pytest.param(5_000, 4_990.1, ONE_SIDED, id="hardly one of them two"),
        pytest.param(5_000, 10.0, "", id="just enough of the rarer kind"),
    ],
)
def test_a_level_of_few_pairs_keeps_its_bits_and_says_so(pairs: int, same: float, why: str) -> None:
    assert too_few(pairs, same) == why


@pytest.mark.parametrize(
    ("new", "held"),
    [
        pytest.param(3.0 + MOST_CHANGE / 2, 3.0 + MOST_CHANGE / 2, id="within"),
        pytest.param(3.0 + MOST_CHANGE, 3.0 + MOST_CHANGE, id="as far as it may"),
        pytest.param(9.0, 3.0 + MOST_CHANGE, id="too far up"),
        pytest.param(-9.0, 3.0 - MOST_CHANGE, id="too far down"),
    ],
)
def test_one_training_moves_a_level_only_so_far(new: float, held: float) -> None:
    assert bounded(3.0, new) == held


@pytest.mark.parametrize("order", ORDERS, ids=lambda order: f"{order[0][0]} {order[0][1]}")
def test_no_level_ends_above_one_that_agrees_better(order: tuple[Key, ...]) -> None:
    turned = {**OLD, **dict(zip(order, range(len(order)), strict=True))}
    held = in_order(turned, {}, dict.fromkeys(order, 100))
    values = [held[key] for key in order]
    assert values == sorted(values, reverse=True) and sum(values) == pytest.approx(sum(range(len(order))))
    assert in_order(OLD, {}, {}) == pytest.approx(OLD), "what is in order stays as it is"


def test_a_level_kept_does_not_move_for_the_order_and_the_heavier_pulls_more() -> None:
    turned = {**OLD, ("phone", "same"): -1.0, ("phone", "differs"): 1.0}
    assert in_order(turned, {("phone", "same"): "kept"}, {})["phone", "differs"] == pytest.approx(-1.0)
    pairs = {("phone", "same"): 300, ("phone", "differs"): 100}
    assert in_order(turned, {}, pairs)["phone", "same"] == pytest.approx(-0.5)


def test_no_name_in_common_never_argues_for_more_than_any_name() -> None:
    held = in_order({**OLD, ("name", "none"): 5.0}, {}, {})
    assert held["name", "none"] == min(bits for (comparison, _), bits in held.items() if comparison == "name")


@pytest.mark.parametrize(
    ("share", "found", "agreeing", "said"),
    [
        pytest.param(0.2, 1_000.0, 900, "", id="as the dates of birth show"),
        pytest.param(0.0004, 1_000.0, 900, "collapsed", id="nearly nobody"),
        pytest.param(0.96, 1_000.0, 900, "collapsed", id="nearly everybody"),
        pytest.param(0.2, 1_801.0, 900, "ran away", id="twice as many as agree"),
        pytest.param(0.2, 449.0, 900, "ran away", id="half as many as agree"),
        pytest.param(0.2, 1_799.0, 900, "", id="a little short of twice"),
    ],
)
def test_an_estimate_that_ran_away_is_refused(share: float, found: float, agreeing: int, said: str) -> None:
    if not said:
        refuse_collapse(share, found, agreeing)
        return
    with pytest.raises(TrainingRefused, match=said) as refused:
        refuse_collapse(share, found, agreeing)
    assert "nothing was written" in refused.value.message


def test_without_dates_of_birth_that_agree_nothing_is_learnt_without_labels() -> None:
    refuse_without_anchor(50)
    with pytest.raises(TrainingRefused, match="only 49 pairs"):
        refuse_without_anchor(49)


# What is found.


def test_a_fit_finds_the_bits_that_made_the_pairs_and_leaves_what_may_not_move() -> None:
    real = {**OLD, ("name", "full_3"): 2.0, ("phone", "same"): 6.0, ("place", "home"): 1.0}
    names, phones, places = (
        (("name", "full_3"), ("name", "none")),
        (("phone", "same"), ("phone", "differs")),
        (("place", "home"), ("place", "area")),
    )
    groups = [
        Group(levels, 10_000, 10_000 * likely(odds_of(levels, real)))
        for name in names
        for phone in phones
        for place in places
        for levels in ((name, phone), (name, place), (name, phone, place))
    ]
    free = [("name", "full_3"), ("phone", "same"), ("place", "home")]
    found = fitted(groups, free, OLD, 1e-6)
    assert found == pytest.approx(real, abs=0.01)
    drawn = fitted(groups, free, OLD, 1e9)
    assert drawn == pytest.approx(OLD, abs=0.01), "drawn strongly, nothing moves"
    assert fitted(groups, [], OLD, 1.0) == OLD


def test_equations_are_solved() -> None:
    assert solved([[4.0, 1.0], [1.0, 3.0]], [1.0, 2.0]) == pytest.approx([1 / 11, 7 / 11])
    assert (
        likely(0.0) == 0.5
        and likely(-800.0) == 0.0
        and odds_of([("phone", "same")], OLD) == pytest.approx(OLD["phone", "same"] * NATURAL)
    )


@pytest.fixture(scope="module")
def few() -> tuple[list[Candidate], dict[int, str]]:
    """Return a town in which few are met twice."""
    return town(900, 150)


def test_plain_em_collapses_where_few_are_met_twice_and_the_guarded_estimate_does_not(
    few: tuple[list[Candidate], dict[int, str]],
) -> None:
    mentions, persons = few
    truth = share_of(patterns_of(mentions, MODEL, persons))
    assert truth < 0.08
    patterns = unlabelled(patterns_of(mentions, MODEL))
    assert plain_em(patterns, OLD) > 0.5, "households are taken for persons"
    estimate = estimated(patterns, OLD)
    share = sum(group.same for group in estimate.groups) / sum(group.pairs for group in estimate.groups)
    assert truth / 2 < share < truth * 2


def test_trained_without_labels_no_household_becomes_a_person(few: tuple[list[Candidate], dict[int, str]]) -> None:
    mentions, persons = few
    training = without_labels(patterns_of(mentions, MODEL), MODEL)
    cells = resolve.link(mentions, model=trained_model(training, MODEL, "new", "")).cells
    together: dict[int, set[str]] = defaultdict(set)
    for number, cell in cells.items():
        together[cell].add(persons[number])
    assert all(len(people) == 1 for people in together.values())
    assert all(abs(level.new - level.old) <= MOST_CHANGE + 1e-9 for level in training.levels)
    whys = {level.key: level.why for level in training.levels}
    assert whys["birth", "differs"] == whys["identifier", "same"] == CANNOT_TELL
    assert whys["name", "heard_4"] == FEW


def test_where_hardly_anybody_is_met_twice_it_is_refused() -> None:
    mentions, _ = town(300, 10)
    with pytest.raises(TrainingRefused, match="agree"):
        without_labels(patterns_of(mentions, MODEL), MODEL)


def test_labels_are_counted_and_a_number_that_a_household_shares_loses_weight(
    few: tuple[list[Candidate], dict[int, str]],
) -> None:
    mentions, persons = few
    training = from_labels(patterns_of(mentions, MODEL, persons), MODEL)
    levels = {level.key: level for level in training.levels}
    assert training.labelled and levels["phone", "same"].same == sum(
        pairs
        for (held, same), pairs in patterns_of(mentions, MODEL, persons).items()
        if same and ("phone", "same") in held
    )
    assert levels["phone", "same"].new < levels["phone", "same"].old
    assert any(level.why == HELD_TO_CHANGE for level in training.levels)


def test_pairs_of_unknown_people_teach_nothing(few: tuple[list[Candidate], dict[int, str]]) -> None:
    mentions, _ = few
    with pytest.raises(TrainingRefused, match="no level rests on enough pairs"):
        from_labels(patterns_of(mentions, MODEL, {0: "0-0"}), MODEL)


# What it looks at.


def test_it_learns_from_the_mentions_that_the_build_linked_and_from_open_ones_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = write_tiny(tmp_path)
    seen: list[Candidate] = []
    real = resolve.link

    def spied(candidates: Sequence[Candidate], *args: object, **kwargs: object) -> Linked:
        seen.extend(candidates)
        return real(candidates, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(resolve, "link", spied)
    assert run(config, "build", "--quiet").exit_code == 0
    live = LiveIndex(tmp_path / "state")
    with live.reading() as index:
        found = candidates_of(index)
    live.close()
    assert found and found == sorted((each for each in seen if each.visibility == "open"), key=lambda each: each.number)


def test_who_may_be_written_twice_in_a_record_is_no_company_there_either(tmp_path: Path) -> None:
    called = ("ADA CRANE", "ADA JANE CRANE", "WREN HOLT")
    people = tuple(Person(place, Role.OCCUPANT, (name,)) for place, name in enumerate(called))
    with make_app(tmp_path, {"incidents": [log("1", "2014-05-01", persons=people)]}) as app:
        state = app.settings.state_dir
    with closing(LiveIndex(state)) as live, live.reading() as index:
        company = [each.company for each in candidates_of(index)]
    assert company == [("holt wren",), ("holt wren",), ("ada crane", "ada crane jane")]


def test_what_changes_is_counted_in_pairs_with_an_example_of_each_person() -> None:
    old = {1: 1, 2: 1, 3: 3, 4: 3, 5: 5}
    new = {1: 1, 2: 1, 3: 1, 4: 4, 5: 5}
    effect = effect_of(Compared(old, new), lambda number: f"custody:{number}#0")
    assert (effect.persons_old, effect.persons_new, effect.both, effect.only_old, effect.only_new) == (2, 1, 1, 1, 2)
    assert effect.lost == (("custody:3#0", "custody:4#0"),) and effect.won == (("custody:1#0", "custody:3#0"),)


# What is written.


@pytest.fixture
def training() -> tuple[Training, Model]:
    """Return a training and its model."""
    mentions, persons = town(200, 120)
    found = from_labels(patterns_of(mentions, MODEL, persons), MODEL)
    return found, trained_model(found, MODEL, "spring", 'by "analyst\n12"')


def test_a_version_is_read_as_it_was_written_with_the_thresholds_of_the_old_one(
    tmp_path: Path, training: tuple[Training, Model]
) -> None:
    found, model = training
    path = write_version(model, found, tmp_path / "linking", ["joins fewer"])
    read = load("spring", tmp_path / "linking")
    assert bits_of(read) == pytest.approx(bits_of(model)) and read.about == 'by "analyst 12"'
    assert read[3:] == MODEL[3:]
    text = path.read_text(encoding="utf-8")
    assert (
        "# joins fewer" in text
        and f"# was {OLD['phone', 'same']}; {next(each for each in found.levels if each.key == ('phone', 'same')).pairs:,} pairs"
        in text
    )
    assert [each.name for each in path.parent.iterdir()] == ["linking-spring.toml"]


def test_training_upon_training_stays_in_the_order_that_weights_are_held_to(tmp_path: Path) -> None:
    mentions, persons = town(200, 120)
    model = MODEL
    for name in ("first", "second", "third", "fourth"):
        found = from_labels(patterns_of(mentions, model, persons), model)
        write_version(trained_model(found, model, name, "of a town"), found, tmp_path)
        model = load(name, tmp_path)
    assert bits_of(model) != pytest.approx(OLD)


def test_no_version_is_ever_written_over(tmp_path: Path, training: tuple[Training, Model]) -> None:
    found, model = training
    path = write_version(model, found, tmp_path)
    before = path.read_bytes()
    with pytest.raises(UsageError, match="'spring' already"):
        write_version(model._replace(about="another"), found, tmp_path)
    assert path.read_bytes() == before and len(list(tmp_path.iterdir())) == 1


def edited(folder: Path, *changes: tuple[str, str], name: str = "spring") -> Path:
    """Write the weights that come with Discoverer into a folder under another name, with lines changed by hand."""
    text = (SHIPPED / f"linking-{LINKING}.toml").read_text(encoding="utf-8")
    for pattern, line in ((r"version = .*", f'version = "{name}"'), *changes):
        text, found = re.subn(f"^{pattern}$", line, text, flags=re.MULTILINE)
        assert found == 1, pattern
    path = folder / f"linking-{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "changed", "said"),
    [
        pytest.param(r"join = .*", "join = [5.0, 4.0, 3.0, 3.0]", "", id="as it comes"),
        pytest.param(r"join = .*", "join = [0.0]", "", id="one round from even odds"),
        pytest.param(r"join = .*", "join = [4.0, 5.0]", "'threshold.join' rises", id="rounds that rise"),
        pytest.param(r"keep = .*", "keep = 3.1", "below 'threshold.keep' (3.1)", id="joined, though not even possible"),
        pytest.param(r"keep = .*", "keep = 3.0", "", id="joined from where it is possible"),
        pytest.param(r"join = .*", "join = [-100.0]", "goes down to -100, below 0", id="everybody joined"),
        pytest.param(r"margin = .*", "margin = -0.1", "'threshold.margin'", id="a lead of less than nothing"),
        pytest.param(r"support = .*", "support = 0.0", "'threshold.support'", id="no support at all"),
        pytest.param(r"slip = 4.0 .*", "slip = 8.4", "", id="within a tenth, as training rounds"),
        pytest.param(r"slip = 4.0 .*", "slip = 8.5", "'birth.slip' is 8.5, above 'birth.same' (8.3)", id="a slip"),
        pytest.param(r"full_2 = .*", "full_2 = 9.0", "'name.full_2' is 9, above 'name.full_1' (6)", id="common names"),
        pytest.param(r"area = .*", "area = 4.5", "'place.area' is 4.5, above 'place.building'", id="an area"),
        pytest.param(r"none = .*", "none = 0.0", "'name.none' is 0, above 'name.part_4'", id="no name in common"),
        pytest.param(r"none = .*", "none = -7.3", "", id="no name in common, as much as the weakest"),
        pytest.param(r"version = .*", 'version = "2026-11-27"', "'version' is '2026-11-27' in a file", id="its name"),
    ],
)
def test_weights_edited_into_nonsense_are_refused_by_the_line(
    line: str, changed: str, said: str, tmp_path: Path
) -> None:
    edited(tmp_path, (line, changed))
    if not said:
        assert load("spring", tmp_path).version == "spring"
        return
    with pytest.raises(ConfigError, match=re.escape(said)):
        load("spring", tmp_path)


def test_weights_that_argue_the_wrong_way_round_name_every_comparison(tmp_path: Path) -> None:
    path = edited(tmp_path)
    text = path.read_text(encoding="utf-8")
    head, tables = text.split("[name]")
    path.write_text(head + "[name]" + re.sub(r"= (-?)([\d.]+)", lambda m: f"= {'' if m[1] else '-'}{m[2]}", tables))
    with pytest.raises(ConfigError) as refused:
        load("spring", tmp_path)
    assert all(f"'{comparison}." in refused.value.message for comparison in COMPARED)


def test_a_file_trained_here_never_takes_the_place_of_what_comes_with_discoverer(tmp_path: Path) -> None:
    config = write_tiny(tmp_path)
    folder = tmp_path / "state" / "linking"
    folder.mkdir(parents=True)
    edited(folder, name="2026-11-26")
    assert run(config, "build", "--quiet").exit_code == 0, "beside it, under a name of its own"
    shadow = edited(folder, name=LINKING)
    for command in ("build", "train"):
        said = complaint(run(config, command, "--quiet"), 3)
        assert str(shadow) in said and f"weights of the name '{LINKING}' come with Discoverer" in said


def test_no_name_that_may_not_move_stays_below_every_name() -> None:
    fallen = {**OLD, ("name", "slip_4"): -9.8, ("name", "token_2"): -9.1}
    held = in_order(fallen, {("name", "none"): "kept"}, {})
    assert held["name", "none"] == OLD["name", "none"] == held["name", "slip_4"] == held["name", "token_2"]


@pytest.mark.parametrize("name", [LINKING, "spring"])
def test_a_name_that_is_taken_is_refused(name: str, tmp_path: Path, training: tuple[Training, Model]) -> None:
    found, model = training
    write_version(model, found, tmp_path)
    with pytest.raises(UsageError, match=f"'{name}' already"):
        version_for(name, TODAY, tmp_path)


@pytest.mark.parametrize("name", ["exact", "EXACT", "Exact", "../out", "two words", ".hidden", "long" * 75])
def test_a_name_that_settings_could_not_hold_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot name weights"):
        version_for(name, TODAY, tmp_path)


def test_versions_name_themselves_by_the_day_and_the_first_number_that_is_free(tmp_path: Path) -> None:
    names = []
    for _ in range(3):
        names.append(version_for("", TODAY, tmp_path))
        (tmp_path / f"linking-{names[-1]}.toml").touch()
    assert names == ["2026-11-27-trained-1", "2026-11-27-trained-2", "2026-11-27-trained-3"]


def test_a_full_disk_is_said_and_leaves_nothing(
    tmp_path: Path, training: tuple[Training, Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, model = training

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UsageError, match=r"No space left on device\), so there are no new weights"):
        write_version(model, found, tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["file", "link to nowhere"])
def test_a_folder_that_cannot_be_made_is_said_before_the_work(kind: str, tmp_path: Path) -> None:
    if kind == "file":
        (tmp_path / "linking").write_text("a file", encoding="utf-8")
    else:
        (tmp_path / "linking").symlink_to("nowhere")
    with pytest.raises(UsageError, match="is no folder but a file, or a link that leads to none"):
        make_room(tmp_path / "linking")


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        pytest.param(errno.ENOSPC, "; free some room.", id="full"),
        pytest.param(errno.EACCES, "; mend its permissions.", id="closed"),
        pytest.param(errno.EROFS, "; keep the state on a disk that may be written to.", id="read only"),
        pytest.param(errno.EIO, "; mend that, or keep the state elsewhere.", id="broken"),
    ],
)
def test_what_is_advised_helps_against_what_is_wrong(
    number: int, advice: str, tmp_path: Path, training: tuple[Training, Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    found, model = training

    def fails(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(UsageError) as refused:
        write_version(model, found, tmp_path)
    assert refused.value.message.endswith(advice)


def test_weights_that_nobody_may_look_at_are_said_to_be_unreadable(monkeypatch: pytest.MonkeyPatch) -> None:
    def closed(path: Path) -> bool:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))

    monkeypatch.setattr(Path, "exists", closed)
    with pytest.raises(ConfigError, match=r"cannot be read \(Permission denied\); check its permissions"):
        load("spring", Path("linking"))


def test_of_two_trainings_that_nobody_named_the_later_takes_the_next_number(
    tmp_path: Path, training: tuple[Training, Model]
) -> None:
    found, model = training
    name = version_for("", TODAY, tmp_path)
    both = [model._replace(version=version_for("", TODAY, tmp_path), about=about) for about in ("first", "second")]
    written = [write_next_version(each, found, tmp_path, TODAY) for each in both]
    assert [version for version, _ in written] == [name, "2026-11-27-trained-2"]
    assert [load(version, tmp_path).about for version, _ in written] == ["first", "second"]


def test_a_link_to_nowhere_takes_a_number_too(tmp_path: Path, training: tuple[Training, Model]) -> None:
    found, model = training
    (tmp_path / "linking-2026-11-27-trained-1.toml").symlink_to("nowhere")
    model = model._replace(version="2026-11-27-trained-1")
    assert write_next_version(model, found, tmp_path, TODAY)[0] == "2026-11-27-trained-2"


def test_what_a_killed_training_left_half_written_is_swept_and_nothing_else_is(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        ended.wait()
    swept = [f".linking-spring.toml.{ended.pid}.part", ".linking-a.b.toml.99999999999999999999999.part"]
    stays = [f".linking-spring.toml.{os.getpid()}.part", ".linking-mine.part", "linking-spring.toml", "1.part"]
    for name in (*swept, *stays):
        (tmp_path / name).write_text("x", encoding="utf-8")
    make_room(tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == sorted(stays)


# The command.


@pytest.fixture(scope="module")
def built(small: App, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the settings file of a set-up whose state is a copy of the small set's."""
    folder = tmp_path_factory.mktemp("trained")
    copy_of(small.settings.state_dir / "builds", folder / "state")  # the builds and the pointer beside them
    config = folder / "discoverer.toml"
    named = ", ".join(f'"{name}"' for name in small.settings.sources)
    config.write_text(
        f'state_dir = "state"\nsources_dir = "{SMALL / "sources"}"\nsources = [{named}]\nas_at = 2018-11-18T02:00:00Z\nlinking = "exact"\n',
        encoding="utf-8",
    )
    return config


def test_it_writes_a_new_version_with_a_comparison_and_switches_nothing(built: Path) -> None:
    before = built.read_bytes()
    result = run(built, "train", "--json", "--viewer", "analyst 12", "--name", "spring")
    assert result.exit_code == 0, result.stderr
    report = json.loads(result.stdout)
    levels = {tuple(level["key"]): level for level in report["training"]["levels"]}
    assert set(levels) == set(OLD) and any(level["new"] != level["old"] for level in levels.values())
    assert all(level["why"] for level in levels.values() if level["pairs"] < 50)
    effect = report["effect"]
    assert effect["persons_new"] and effect["only_new"] and effect["won"] and report["figures"] is None
    assert report["base"] == LINKING and report["configured"] == "exact" and report["setting"] == 'linking = "spring"'
    written = load("spring", built.parent / "state" / "linking")
    assert written.about == report["about"] and report["build"] in written.about and "analyst 12" in written.about
    assert built.read_bytes() == before
    (look,) = (look for look in looks(built.parent / "state" / "audit") if look["action"] == "train")
    assert (look["viewer"], look["asked"], look["build"]) == ("analyst 12", "spring", report["build"])
    named = {ident for pair in (*effect["lost"], *effect["won"]) for ident in pair}
    assert {shown["id"] for shown in look["shown"]} == named
    assert json.loads(run(built, "status", "--json").stdout)["settings"]["linking"] == "exact"
    assert "'spring' already" in complaint(run(built, "train", "--quiet", "--name", "spring"), 2)
    text = run(built, "train", "--quiet", "--truth", str(SMALL / "truth.jsonl"), "--name", "labelled").stdout
    assert 'linking = "labelled"' in text and "fathers and sons put together" in text and "from the labels of" in text


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("{", "line 2 of {path} is not a JSON object; mend it.", id="half a line"),
        pytest.param("[1]", "line 2 of {path} is not a JSON object; mend it.", id="no object"),
        pytest.param(
            '{"source": "custody"}',
            "line 2 of {path} does not say 'ref', 'kind', 'where', 'written'",
            id="less than it needs",
        ),
        pytest.param(
            '{"source": 1, "ref": "1", "kind": "person", "where": "field", "written": "X"}',
            "line 2 of {path} does not say 'source'",
            id="a number for a name",
        ),
        *(
            pytest.param(
                f'{{"source": "custody", "ref": "x", "kind": "person", "where": "field", "written": "X", {odd}}}',
                f"line 2 of {{path}} does not say '{name}' as fixtures/FORMATS.md describes; mend it.",
                id=f"odd {name} {at}",
            )
            for at, (name, odd) in enumerate(
                (
                    ("person", '"person": ["x"]'),
                    ("person", '"person": {"a": 1}'),
                    ("person", '"person": 7'),
                    ("name", '"name": [1, 2]'),
                    ("name", '"name": null'),
                    ("household", '"household": true'),
                    ("born", '"born": 1971'),
                    ("born", '"born": NaN'),
                    ("twin_of", '"twin_of": []'),
                    ("other_names", '"other_names": ["ADA"]'),
                )
            )
        ),
        pytest.param('{"a":' * 50_000, "line 2 of {path} is nested too deeply to be read; mend it.", id="deep objects"),
        pytest.param("[" * 50_000, "line 2 of {path} is not a JSON object; mend it.", id="deep lists"),
    ],
)
def test_a_malformed_truth_is_said_by_its_line(line: str, said: str, built: Path, tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    good = {"source": "custody", "ref": "x", "kind": "person", "where": "field", "written": "ADA CRANE"}
    path.write_text(f"{json.dumps(good)}\n{line}\n", encoding="utf-8")
    assert complaint(run(built, "train", "--quiet", "--truth", str(path)), 2).startswith(said.format(path=path))


def test_a_truth_that_is_not_there_or_of_others_is_said(built: Path, tmp_path: Path) -> None:
    missing = tmp_path / "none.jsonl"
    assert complaint(run(built, "train", "--truth", str(missing)), 2).startswith(f"there is no {missing}; ")
    other = tmp_path / "truth.jsonl"
    good = {"source": "custody", "ref": "x", "kind": "person", "where": "field", "written": "ADA CRANE", "person": "1"}
    other.write_text(json.dumps(good) + "\n", encoding="utf-8")
    said = complaint(run(built, "train", "--quiet", "--truth", str(other)), 2)
    assert (
        said.startswith(f"none of the labels in {other} fit any of the ") and "it is the truth of other records" in said
    )


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        pytest.param(
            ("--viewer", "P\u0421 1"), "The name of whoever trains holds U+0421 (cyrillic", id="another script"
        ),
        pytest.param(("--viewer", "PC\U0001d159 1"), "trains holds U+1D159 (musical symbol null", id="a blank sign"),
        pytest.param(("--viewer", " . "), "This needs the name of whoever trains; say who you are.", id="nobody"),
        pytest.param(("--viewer", "a" * 201), "The name of whoever trains is 201 characters long", id="a long name"),
        pytest.param(("--name", "EXACT"), "'EXACT' cannot name weights", id="the exact rules, in capitals"),
        pytest.param(("--name", "a" * 101), "cannot name weights", id="a long name of weights"),
        pytest.param(("--name", LINKING), f"there are linking weights '{LINKING}' already", id="what comes with it"),
    ],
)
def test_a_name_that_will_not_do_is_said_before_anything_is_read(
    asked: tuple[str, ...], said: str, tmp_path: Path
) -> None:
    config = write_tiny(tmp_path)
    assert said in complaint(run(config, "train", "--quiet", *asked), 2), "no build is there to be trained on"
    assert not (tmp_path / "state" / "linking").exists()


def test_where_the_look_cannot_be_recorded_nothing_is_written(built: Path, tmp_path: Path) -> None:
    config = tmp_path / "discoverer.toml"
    copy_of(built.parent / "state" / "builds", tmp_path / "state")
    config.write_bytes(built.read_bytes())
    shutil.rmtree(tmp_path / "state" / "audit", ignore_errors=True)
    shutil.rmtree(tmp_path / "state" / "linking", ignore_errors=True)
    (tmp_path / "state" / "audit").write_text("a file where the folder should be", encoding="utf-8")
    result = run(config, "train", "--quiet")
    assert result.exit_code == LookNotRecorded.exit_code and "custody:" not in result.stdout
    assert list((tmp_path / "state" / "linking").iterdir()) == []


@pytest.mark.parametrize(
    ("kept", "few"),
    [
        pytest.param(lambda n: n % 50 == 0, "only ", id="one label in fifty fits"),
        pytest.param(lambda n: False, "none of the labels ", id="none fits"),
        pytest.param(lambda n: n % 5 > 0, "", id="four in five fit"),
    ],
)
def test_the_truth_of_another_set_is_said_by_how_few_labels_fit(
    kept: Callable[[int], bool], few: str, built: Path, tmp_path: Path
) -> None:
    path, held = tmp_path / "truth.jsonl", (SMALL / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    labels = [label for label in map(json.loads, held) if (label["kind"], label["where"]) == ("person", "field")]
    others = [label if kept(n) else {**label, "written": "WREN SOMEBODY ELSE"} for n, label in enumerate(labels)]
    path.write_text("".join(f"{json.dumps(label)}\n" for label in others), encoding="utf-8")
    with closing(LiveIndex(built.parent / "state")) as live, live.reading() as index:
        if not few:
            assert len(read_meant(Reader(index, OPEN), path)) > len(labels) / 2
            return
        with pytest.raises(UsageError, match="mentions of people in fields of the live build") as refused:
            read_meant(Reader(index, OPEN), path)
    assert refused.value.message.startswith(few)


def test_a_few_labels_of_the_right_records_may_be_learnt_from(built: Path, tmp_path: Path) -> None:
    path, held = tmp_path / "truth.jsonl", (SMALL / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(held[:300]), encoding="utf-8")
    with closing(LiveIndex(built.parent / "state")) as live, live.reading() as index:
        assert 0 < len(read_meant(Reader(index, OPEN), path)) < 300


@pytest.mark.parametrize("kind", ["folder", "pipe", "device", "link to a pipe", "below a file"])
def test_a_truth_that_is_no_file_is_refused_and_never_waited_for(kind: str, built: Path, tmp_path: Path) -> None:
    path = tmp_path / "truth.jsonl"
    if kind == "folder":
        path.mkdir()
    elif kind == "device":
        path = Path("/dev/zero")
    elif kind == "below a file":
        path = built / "truth.jsonl"
    else:
        os.mkfifo(pipe := tmp_path / "pipe" if "link" in kind else path)
        if pipe != path:
            path.symlink_to(pipe)
    with closing(LiveIndex(built.parent / "state")) as live, live.reading() as index:
        reader = Reader(index, OPEN)
    with pytest.raises(UsageError, match=re.escape(str(path))):
        read_meant(reader, path)
    if kind == "pipe":
        said = complaint(run(built, "train", "--quiet", "--truth", str(path)), 2)
        assert said == f"{path} is a device, a pipe or a socket; name a file, a truth.jsonl as the generator writes it."


def test_without_a_build_or_with_too_little_it_says_so_and_writes_nothing(tmp_path: Path) -> None:
    config = write_tiny(tmp_path)
    complaint(run(config, "train", "--quiet"), 6)
    assert run(config, "build", "--quiet").exit_code == 0
    assert "nothing was written" in complaint(run(config, "train", "--quiet"), 9)
    assert list((tmp_path / "state" / "linking").iterdir()) == []


@pytest.mark.parametrize(("join", "people"), [(None, 1), ((90.0,), 2)])
def test_a_build_joins_by_the_bits_of_the_version_that_the_settings_name(
    tmp_path: Path, training: tuple[Training, Model], join: tuple[float, ...] | None, people: int
) -> None:
    home = Location(5, Role.HOME, "5 MANYFOLD TEST ROAD, ERDINGTON", "B23 6XX", holder=0)
    records = [
        log(str(n), "2014-05-01", persons=(Person(0, Role.VICTIM, (name,), births),), locations=(home,))
        for n, (name, births) in enumerate((("HOLLY MANYFOLD", ("01/02/1980",)), ("HOLLY MANIFOLD", ())))
    ]
    write_version(MODEL._replace(version="spring", join=join or MODEL.join), training[0], tmp_path / "linking")
    with make_app(tmp_path, {"incidents": records}, linking="spring") as app:
        hits = app.search(DEMO_VIEWER, "5 manyfold test road").hits
    assert len([hit for hit in hits if hit.kind is HitKind.PERSON]) == people


def test_a_build_links_by_the_trained_version_that_the_settings_name(
    tmp_path: Path, training: tuple[Training, Model]
) -> None:
    config = write_tiny(tmp_path)
    found, model = training
    write_version(model, found, tmp_path / "state" / "linking")
    names = ["people", "logs", "reports", "stays", "outside"]
    write_settings(tmp_path, names, linking='"spring"')
    result = run(config, "build", "--json")
    assert result.exit_code == 0 and json.loads(result.stdout)["linking"] == "spring"
    assert [each.name for each in (tmp_path / "state" / "linking").iterdir()] == ["linking-spring.toml"], "never trains"
