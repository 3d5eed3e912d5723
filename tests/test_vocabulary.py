"""What a typed token may mean: found without looking at every token, and yet what looking at every one would find."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from rapidfuzz.distance import OSA

from discoverer.codec import decoder
from discoverer.errors import IndexUnavailable
from discoverer.match import weights
from discoverer.match.letters import BITS, LONGEST, PREFIX, Measure, letters_of, needed, step_below
from discoverer.match.lexicon import Lexicon, columns_of
from discoverer.match.profiles import PersonProfile
from discoverer.match.similarity import (
    NAME_RUNGS,
    WORD_RUNGS,
    Closeness,
    compare,
    likeness,
    likenesses,
    word_closeness,
    word_rungs,
)
from discoverer.match.token_table import TokenTable, laid_out
from discoverer.match.vocabulary import EXPANSIONS, Expansion, Vocabulary
from discoverer.model import Visibility
from discoverer.normalise.name_variants import is_listed, variants
from discoverer.normalise.sounds import heard, sound
from discoverer.normalise.tables import load
from index.vocabulary_file import NAMES, VOCABULARY_FILE, VocabularyFiles, VocabularyWriter, tokens_of
from tests.full_scan import FullScan

WEIGHTS = weights.load()
LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
# Of what looking at every token finds, what must be found: all of it, the same weighed by its share, and the best ten.
FLOORS = {"all": 0.997, "weighed": 0.999, "best": 0.998}
TOKENS = 20_000


def slipped(token: str, dice: random.Random) -> str:
    """Return a token with one letter left out, put in, mistaken or swapped."""
    at = dice.randrange(len(token))
    return dice.choice(
        (
            token[:at] + token[at + 1 :],
            token[:at] + dice.choice(LETTERS) + token[at:],
            token[:at] + dice.choice(LETTERS) + token[at + 1 :],
            token[:at] + token[at + 1 : at + 2] + token[at : at + 1] + token[at + 2 :],
        )
    )


def listed_names() -> list[str]:
    """Return the names of the project's own lists."""
    table = load("name_variants")
    classes = {name for group in table["same"].values() for spellings in group["classes"] for name in spellings}
    return sorted(classes | {name for group in table["pet"].values() for name in group["names"]})


def invented_words(many: int) -> list[str]:
    """Return words as streets have them: a stem and an ending."""
    dice = random.Random(41)
    starts = ("b", "br", "d", "f", "gl", "h", "k", "m", "p", "st", "th", "w")
    vowels, closes = ("a", "e", "i", "o", "u", "ea", "oo"), ("l", "ll", "n", "nd", "r", "rn", "ss", "t", "ck", "x")
    ends = ("bury", "croft", "dale", "field", "ford", "gate", "hurst", "leigh", "mere", "shaw", "stone", "vale", "wick")
    parts = (starts, vowels, closes, ("", "er", "ing"), ends)
    return sorted({"".join(dice.choice(part) for part in parts) for _ in range(many)})


@cache
def real_tokens(names: bool) -> list[str]:
    """Return the tokens of which the others are slips."""
    return listed_names() if names else invented_words(1_500)


@cache
def crowd(names: bool) -> dict[str, int]:
    """Return the tokens of a large index: real ones, and what three in a hundred mistyped make of them in time."""
    dice = random.Random(20141116)
    real = real_tokens(names)
    bearers = {token: dice.randrange(1, 900) for token in real}
    while len(bearers) < TOKENS:
        token = slipped(dice.choice(real), dice)
        token = slipped(token, dice) if token and dice.random() < 0.3 else token
        if token:
            bearers.setdefault(token, dice.choice((1, 1, 1, 2, 3)))
    return bearers


@cache
def crowded(names: bool) -> Vocabulary:
    """Return the vocabulary of such an index."""
    return Vocabulary(crowd(names), 50_000, names=names)


def typed(names: bool) -> Iterator[str]:
    """Yield what a hurried clerk types: right, one and two slips, another spelling, shortened, run together, strange."""
    dice = random.Random(7)
    real = real_tokens(names)
    for token in dice.sample(real, 25):
        once = slipped(token, dice) or token
        yield from (token, once, slipped(once, dice) or once, token[: dice.randrange(2, max(3, len(token)))])
        yield from sorted(variants(token))[:1] if names else ()
        yield token + dice.choice(real)
        yield token[::-1]


@pytest.mark.parametrize("names", [pytest.param(True, id="names"), pytest.param(False, id="words of an address")])
def test_little_is_lost_by_not_looking_at_every_token(names: bool) -> None:
    scan, vocabulary = FullScan(crowd(names), names=names), crowded(names)
    got = dict.fromkeys(FLOORS, 0.0)
    asked = dict.fromkeys(FLOORS, 0.0)
    for token in typed(names):
        wanted = scan.expand(token, WEIGHTS)
        found = set(vocabulary.expand([token], WEIGHTS)[0])
        for measure, each in _weighed(wanted):
            asked[measure] += each[1]
            got[measure] += each[1] if each[0] in found else 0.0
    assert asked["best"] > 300
    assert {measure: got[measure] / asked[measure] >= floor for measure, floor in FLOORS.items()} == dict.fromkeys(
        FLOORS, True
    ), {measure: got[measure] / asked[measure] for measure in FLOORS}


def _weighed(wanted: Sequence[Expansion]) -> Iterator[tuple[str, tuple[Expansion, float]]]:
    for place, each in enumerate(wanted):
        yield "all", (each, 1.0)
        yield "weighed", (each, each.share)
        if place < 10:
            yield "best", (each, 1.0)


SMALL = {
    "mohammed": 900, "mohamed": 300, "begum": 800, "smith": 900, "smyth": 40, "smithson": 20, "katherine": 50,
    "catherine": 90, "kathryn": 30, "szeparowycz": 1, "harnmersley": 1, "li": 9, "l": 3, "nguyễn": 4, "李": 2,
    "o1brien": 1, "alexandria": 2, "a" * 70: 1,
}  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        pytest.param("mohamad", "mohammed", id="another spelling"),
        pytest.param("bgeum", "begum", id="two letters swapped"),
        pytest.param("egum", "begum", id="the first letter left out"),
        pytest.param("sheparovych", "szeparowycz", id="heard alike, spelt otherwise"),
        pytest.param("catherin", "katherine", id="another first letter, and a slip"),
        pytest.param("hammersley", "harnmersley", id="letters that ran together on a scan"),
        pytest.param("smit", "smithson", id="cut off"),
        pytest.param("alexandriana", "alexandria", id="longer than it is held"),
        pytest.param("nguyen", "nguyễn", id="letters outside ASCII in the index"),
        pytest.param("smíth", "smith", id="letters outside ASCII in what was typed"),
        pytest.param("li", "l", id="an initial"),
        pytest.param("a" * 69, "a" * 70, id="longer than any word"),
    ],
)
def test_a_name_is_found(typed: str, meant: str) -> None:
    assert meant in {each.token for each in Vocabulary(SMALL, 5_000, names=True).expand([typed], WEIGHTS)[0]}


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        pytest.param("smart", "smith", id="some letters alike"),
        pytest.param("mubeg", "begum", id="the letters in another order"),
        pytest.param("moran", "mohammed", id="the same beginning"),
        pytest.param("s", "smith", id="one letter"),
        pytest.param("李", "li", id="another script"),
    ],
)
def test_another_name_is_not(typed: str, other: str) -> None:
    assert other not in {each.token for each in Vocabulary(SMALL, 5_000, names=True).expand([typed], WEIGHTS)[0]}


STREETS = {"hillaires": 9, "hilaires": 1, "thornfold": 5, "thornfield": 5, "road": 900, "rode": 1, "12a": 3, "thorn": 2}


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        pytest.param("hilaires", {"hilaires": "same", "hillaires": "one_edit"}, id="a slip"),
        pytest.param("thornfild", {"thornfield": "one_edit", "thornfold": "one_edit", "thorn": "shortened"}, id="two"),
        pytest.param("rowd", {"road": "one_edit", "rode": "sound"}, id="the same sound"),
        pytest.param("thor", {"thorn": "one_edit", "thornfold": "shortened", "thornfield": "shortened"}, id="cut off"),
        pytest.param("12b", {}, id="a number is itself or another"),
        pytest.param("12a", {"12a": "same"}, id="the number itself"),
        pytest.param("ro", {}, id="two letters"),
    ],
)
def test_a_word_of_an_address(typed: str, expected: Mapping[str, str]) -> None:
    found = Vocabulary(STREETS, 5_000, names=False).expand([typed], WEIGHTS)[0]
    assert {each.token: each.closeness.value for each in found} == expected


def test_no_more_are_given_than_are_worth_looking_up_and_the_best_of_them() -> None:
    crowded = {f"smit{first}{second}": 1 for first in LETTERS for second in LETTERS} | {"smiths": 5, "smyths": 7}
    found = Vocabulary(crowded, 5_000, names=True).expand(["smiths"], WEIGHTS)[0]
    assert len(found) == EXPANSIONS
    assert found == FullScan(crowded, names=True).expand("smiths", WEIGHTS)


@pytest.mark.parametrize("least", [0.3, 0.5, 0.6, 0.8])
@pytest.mark.parametrize("names", [True, False])
def test_asking_for_more_gives_the_better_ones_alone(names: bool, least: float) -> None:
    vocabulary = crowded(names)
    for token in list(typed(names))[::12]:
        every, better = vocabulary.expand([token], WEIGHTS)[0], vocabulary.expand([token], WEIGHTS, least)[0]
        assert better == [each for each in every if each.share >= least]


@pytest.mark.parametrize("names", [True, False])
def test_several_labels_count_together_and_stay_apart(names: bool) -> None:
    every = list(crowd(names).items())[:3_000]
    shared, mine, other = dict(every[:1_000]), dict(every[1_000:2_000]), dict(every[2_000:])
    open_to_all, closed = shared | mine, shared | other
    lexicons = [Lexicon(columns_of(each, names=names), 40) for each in (open_to_all, closed)]
    both, alone = (Vocabulary.over(each, names=names) for each in (lexicons, lexicons[:1]))
    counted = {token: open_to_all.get(token, 0) + closed.get(token, 0) for token in open_to_all | closed}
    together, only_mine = Vocabulary(counted, 80, names=names), Vocabulary(open_to_all, 40, names=names)
    assert both.total == 80 and alone.total == 40
    for token in [*list(shared)[:40], *list(other)[:40], "nobody", ""]:
        assert both.expand([token], WEIGHTS) == together.expand([token], WEIGHTS)
        assert both.bearers(token) == counted.get(token, 0) and both.rarity(token) == together.rarity(token)
        assert alone.expand([token], WEIGHTS) == only_mine.expand([token], WEIGHTS)
        assert (token in alone) == (token in open_to_all)


@pytest.mark.parametrize("names", [True, False])
def test_tokens_that_begin_alike_are_counted_over_all_labels(names: bool) -> None:
    mine, other = {"hill": 2, "hillaires": 1, "hil": 1, "hillé": 3, "chill": 9}, {"hillaires": 4, "hillby": 1}
    lexicons = [Lexicon(columns_of(each, names=names), 40) for each in (mine, other)]
    both = Vocabulary.over(lexicons, names=names, more={"hill": -2, "hillby": 1, "hillnew": 1})
    assert both.begun("hill") == {"hillaires": 5, "hillé": 3, "hillby": 2}
    assert Vocabulary.over(lexicons[:1], names=names).begun("hill") == {"hill": 2, "hillaires": 1, "hillé": 3}
    assert both.begun("hillx") == both.begun("zz") == {}


ODD = ["a", "ab", "ba", "abc", "abcd", "smith", "smyth", "thims", "12a", "é", "éa", "x" * 50, "abcdefghijkl", "zz"]


def test_a_table_holds_what_was_laid_out() -> None:
    order, columns = laid_out(ODD)
    table = TokenTable(columns)
    assert len(table) == len(ODD) and sorted(order) == sorted(ODD)
    assert [table.place_of(token) for token in order] == list(range(len(ODD)))
    assert table.texts(table.all_places()) == order
    assert [table.place_of(absent) for absent in ("", "b", "smit", "è", "abcdefghijklm")] == [-1] * 5


def test_a_table_of_nothing_finds_nothing() -> None:
    vocabulary = Vocabulary({}, 0, names=True)
    assert vocabulary.expand(["smith", "a", "é"], WEIGHTS) == [[], [], []]
    assert "smith" not in vocabulary and vocabulary.bearers("smith") == 0


@pytest.mark.parametrize("asked", ["smith", "ab", "a", "thmis", "é", "abcdefghijk"])
def test_one_edit_finds_every_neighbour(asked: str) -> None:
    order, columns = laid_out(ODD)
    found = {order[place] for places in TokenTable(columns).one_edit(asked) for place in places.tolist()}
    assert {token for token in ODD if OSA.distance(asked, token) <= 1} <= found


def test_beginnings_are_found() -> None:
    order, columns = laid_out([*ODD, "smithy", "smithson"])
    table = TokenTable(columns)
    found = {
        start: {order[place] for each in table.begun(start) for place in each.tolist()}
        for start in ("smith", "ab", "q")
    }
    assert found == {"smith": {"smithy", "smithson"}, "ab": {"abc", "abcd", "abcdefghijkl"}, "q": set()}


@pytest.mark.parametrize("measure", [Measure.WRITTEN, Measure.HEARD])
@pytest.mark.parametrize("least", [0.68, 0.8, 0.9])
def test_passing_over_letters_loses_none_that_is_alike(least: float, measure: Measure) -> None:
    tokens = sorted(crowd(True))[::5]
    order, columns = laid_out(tokens)
    table = TokenTable(columns)
    for asked in tokens[::97]:
        alike = compare(asked, order)
        wanted = (alike.alike >= least) & (alike.winkler >= 0.82) & (alike.edits > 1)
        missed = set(wanted.nonzero()[0].tolist()) - set(table.sharing(asked, least, measure).tolist())
        assert not {order[place] for place in missed}, asked


def test_passing_over_letters_leaves_nearly_all_out() -> None:
    tokens = sorted(crowd(True))
    table = TokenTable(laid_out(tokens)[1])
    shares = [len(table.sharing(asked, 0.8, Measure.WRITTEN)) / len(tokens) for asked in listed_names()[::50]]
    assert sum(shares) / len(shares) < 0.01


@pytest.mark.parametrize("token", ["smith", "mohammed", "aaaaa", "12a-b", "zzz", ""])
def test_letters_are_counted_by_the_bits_or_apart(token: str) -> None:
    bits, uncounted = letters_of(token)
    assert bits.bit_count() + uncounted == len(token)
    assert len(BITS) == 64


def test_what_is_needed_never_grows_with_the_beginning() -> None:
    for length in (2, 5, 9, LONGEST):
        for measure in Measure:
            for need in needed(length, step_below(0.75), measure):
                assert list(need.shared) == sorted(need.shared, reverse=True) and len(need.shared) == PREFIX + 1


def test_comparing_with_many_is_comparing_with_each() -> None:
    tokens = [token for token in sorted(crowd(True))[::40] if len(token) > 1]
    dice = random.Random(3)
    for asked in dice.sample(tokens, 60):
        others = [token for token in tokens if token != asked and token not in variants(asked)]
        found = likenesses(asked, others, [heard(token)[0] for token in others])
        for place, token in enumerate(others):
            if found.near[place]:
                how, degree = likeness(asked, token)
                assert NAME_RUNGS[found.rungs[place]] is how, (asked, token)
                assert found.degree[place] == pytest.approx(degree), (asked, token)


def test_comparing_an_address_word_with_many_is_comparing_it_with_each() -> None:
    words = sorted(crowd(False))[::40]
    dice = random.Random(3)
    for asked in dice.sample(words, 60):
        others = [word for word in words if word != asked]
        same = np.array([sound(word) == sound(asked) for word in others])
        rungs = [WORD_RUNGS[each] for each in word_rungs(asked, others, same).tolist()]
        for word, how in zip(others, rungs, strict=True):
            if how is not Closeness.NONE:
                assert how is word_closeness(asked, word), (asked, word)


def person(*names: str) -> PersonProfile:
    return PersonProfile(names=tuple(tuple(name.split()) for name in names))


def written(folder: Path, closed: Sequence[PersonProfile] = ()) -> VocabularyFiles:
    """Write the vocabulary of two open people, and of some that only few may see."""
    folder.mkdir()
    writer = VocabularyWriter()
    for profile in (person("asif khan", "asif kahn"), person("shabana khan")):
        writer.add(Visibility.OPEN.value, *tokens_of(profile))
    for profile in closed:
        writer.add(Visibility.PROTECTED.value, *tokens_of(profile))
    writer.write(folder)
    return VocabularyFiles(folder)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    names = written(tmp_path / "a").vocabulary(NAMES, [Visibility.OPEN])
    assert {token: names.bearers(token) for token in ("khan", "asif", "kahn", "shabana", "nobody")} == {
        "khan": 2, "asif": 1, "kahn": 1, "shabana": 1, "nobody": 0,
    }  # fmt: skip
    assert names.total == 2
    assert {each.token for each in names.expand(["kahn"], WEIGHTS)[0]} == {"kahn", "khan"}


def test_what_a_closed_record_says_is_in_no_file_of_the_open(tmp_path: Path) -> None:
    hidden = [person("khann sechrest"), person("asif khan")]
    plain, closed = written(tmp_path / "plain"), written(tmp_path / "closed", hidden)
    opened = [path for path in (tmp_path / "plain").iterdir() if path.name != VOCABULARY_FILE]
    assert opened and all((tmp_path / "closed" / path.name).read_bytes() == path.read_bytes() for path in opened)
    mine, every = closed.vocabulary(NAMES, [Visibility.OPEN]), closed.vocabulary(NAMES, list(Visibility))
    before = plain.vocabulary(NAMES, [Visibility.OPEN])
    for token in ("khann", "sechrest", "asif", "khan"):
        assert mine.expand([token], WEIGHTS) == before.expand([token], WEIGHTS)
        assert (mine.bearers(token), mine.rarity(token)) == (before.bearers(token), before.rarity(token))
        assert every.bearers(token) > mine.bearers(token)


def _entry(folder: Path) -> str:
    return str(decoder(list[dict[str, object]])((folder / VOCABULARY_FILE).read_bytes())[0]["file"])


@pytest.mark.parametrize(
    "harm",
    [
        pytest.param(lambda folder: (folder / VOCABULARY_FILE).unlink(), id="no list"),
        pytest.param(lambda folder: (folder / VOCABULARY_FILE).write_text("{}"), id="a list of an older build"),
        pytest.param(lambda folder: (folder / _entry(folder)).unlink(), id="no columns"),
        pytest.param(lambda folder: (folder / _entry(folder)).write_bytes(b""), id="empty columns"),
        pytest.param(lambda folder: (folder / _entry(folder)).write_bytes(b"x" * 64), id="columns cut short"),
    ],
)
def test_a_vocabulary_that_cannot_be_read_says_so(tmp_path: Path, harm: object) -> None:
    written(tmp_path / "a")
    assert callable(harm)
    harm(tmp_path / "a")
    with pytest.raises(IndexUnavailable, match=r"vocabulary\.json of the index cannot be read .* roll back or build"):
        VocabularyFiles(tmp_path / "a")


def test_the_names_asked_about_are_listed_ones() -> None:
    assert all(is_listed(name) for name in listed_names()) and len(listed_names()) > 500


def test_what_a_token_may_mean_is_kept_for_one_set_of_weights_and_cannot_be_spoilt() -> None:
    other = WEIGHTS.model_copy(update={"name": {**WEIGHTS.name, "alike_most": WEIGHTS.name["alike_most"] / 2}})
    kept = Vocabulary(SMALL, 5_000, names=True)
    for weighed in (WEIGHTS, other, WEIGHTS):
        fresh = Vocabulary(SMALL, 5_000, names=True).expand(["smyth"], weighed)
        found = kept.expand(["smyth"], weighed)
        assert found == fresh
        found[0].clear()
        assert kept.expand(["smyth"], weighed) == fresh
    assert kept.expand(["smyth"], WEIGHTS) != kept.expand(["smyth"], other)
    assert kept.expand(["smyth"], WEIGHTS, 0.9) != kept.expand(["smyth"], WEIGHTS)
