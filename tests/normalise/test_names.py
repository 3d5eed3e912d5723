"""Names: fields into people, people into tokens, tokens into variants (domain.md 6.1 and 1.7)."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.normalise.names import LONGEST, is_common, is_placeholder, is_title, name_class, read_names, variants
from discoverer.normalise.tables import load
from discoverer.normalise.text import fold
from tests.normalise.strategies import ANY_TEXT, made_of

FIELDS = st.one_of(
    ANY_TEXT,
    made_of("Mr", "Ryan", "&", "and", "aka", "Doyle", "snr", "O", "Neill", "Mc", "unknown", "male", "x", "12", "née"),
)


@pytest.mark.parametrize(
    ("raw", "people"),
    [
        pytest.param("Mohammed Asif Khan", ["mohammed asif khan"], id="three given names in written order"),
        pytest.param("KHAN, Asif", ["khan asif"], id="surname first with a comma"),
        pytest.param("Mr & Mrs Smith", ["smith"], id="a couple under one surname is one name"),
        pytest.param("Ryan & Ronan Doyle", ["ryan doyle", "ronan doyle"], id="twins in one field come apart"),
        pytest.param("Ryan and Ronan Doyle", ["ryan doyle", "ronan doyle"], id="and does what & does"),
        pytest.param("Ryan / Ronan Doyle", ["ryan doyle", "ronan doyle"], id="a spaced slash parts people"),
        pytest.param("Andy Andrews", ["andy andrews"], id="and inside a word parts nobody"),
        pytest.param("John Smith and Jane Doe", ["john smith", "jane doe"], id="two full names"),
        pytest.param("Smith/Jones", ["smith jones"], id="a slash between surnames joins them"),
        pytest.param("Leanne Smith-Jones", ["leanne smith jones"], id="double-barrelled halves are tokens"),
        pytest.param("Leanne JONES (née Smith)", ["leanne jones smith"], id="a maiden name is one more token"),
        pytest.param("Asif KHAN aka ASI", ["asif khan", "asi"], id="an alias is a further name"),
        pytest.param("Asif KHAN, known as ASI", ["asif khan", "asi"], id="known as"),
        pytest.param("John Smith a.k.a. Smithy", ["john smith", "smithy"], id="a.k.a. with dots"),
        pytest.param("Siobhan O’Neill", ["siobhan oneill"], id="a curly apostrophe"),
        pytest.param("Siobhan O Neill", ["siobhan oneill"], id="O and a space"),
        pytest.param("Siobhán Ó Néill", ["siobhan oneill"], id="Irish spelling"),
        pytest.param("O Smith", ["o smith"], id="an initial O is no O'Smith"),
        pytest.param("Grace O Adeyemi", ["grace o adeyemi"], id="a middle initial O"),
        pytest.param("MC DONALD JOHN", ["mcdonald john"], id="Mc and a space"),
        pytest.param("Mac Donald John", ["macdonald john"], id="Mac and a space"),
        pytest.param("Mac Jones", ["mac jones"], id="Mac as a forename"),
        pytest.param("Fitz Gerald", ["fitzgerald"], id="Fitz and a space"),
        pytest.param("D Souza", ["dsouza"], id="D and a space"),
        pytest.param("D Smith", ["d smith"], id="an initial D"),
        pytest.param("Zia-ul-Haq", ["zia ul haq"], id="particles are tokens"),
        pytest.param("Ur-Rehman", ["ur rehman"], id="ur with a hyphen"),
        pytest.param("Urrehman", ["ur rehman"], id="ur written together"),
        pytest.param("Abdulrahman Ali", ["abdul rahman ali"], id="Abdul written together"),
        pytest.param("Abdullah Khan", ["abdullah khan"], id="Abdullah stays whole"),
        pytest.param("Nizamuddin", ["nizam uddin"], id="uddin written together"),
        pytest.param("J.P. Smith", ["j p smith"], id="initials are tokens"),
        pytest.param("Jenny Wong Siu-Ming", ["jenny wong siu ming"], id="a Chinese given name with a hyphen"),
        pytest.param("Mohammed Dr", ["mohammed"], id="a title as surname"),
        pytest.param("Dr. Amir HUSSAIN", ["amir hussain"], id="a title as forename"),
        pytest.param("PC John Smith", ["john smith"], id="a rank before a full name"),
        pytest.param("DC Jones", ["dc jones"], id="a rank before one word may be initials"),
        pytest.param("Lord", ["lord"], id="a surname that is a title too"),
        pytest.param("Mr Tesco Express", ["tesco express"], id="a business entered as a person keeps its words"),
        pytest.param("2731 Khan", ["khan"], id="a log number typed as a forename"),
        pytest.param("MIG_ERROR_John Smith", ["john smith"], id="a migration prefix"),
        pytest.param("UNKNOWN MALE KHAN", ["khan"], id="placeholders beside a name"),
        pytest.param("John Male", ["john male"], id="Male as a surname"),
        pytest.param("Baby Khan", ["baby khan"], id="Baby beside a name"),
        pytest.param("Junior Smith", ["junior smith"], id="Junior as a forename"),
        pytest.param("محمد علی", ["محمد علی"], id="Urdu script"),
        pytest.param(
            "Chukwuemeka Oluwaseunfunmi Adeyemi-Okon", ["chukwuemeka oluwaseunfunmi adeyemi okon"], id="a long name"
        ),
    ],
)
def test_reads(raw: str, people: list[str]) -> None:
    assert [" ".join(name.tokens) for name in read_names(raw)] == people


@pytest.mark.parametrize(
    ("raw", "generation"),
    [
        pytest.param("John Murphy Snr", "snr", id="Snr"),
        pytest.param("John Murphy (Jr.)", "jnr", id="Jr in brackets"),
        pytest.param("John Murphy Junior", "jnr", id="Junior in last place"),
        pytest.param("Junior Murphy", "", id="Junior as a forename"),
        pytest.param("Murphy Junior", "", id="Junior after one word may be the forename"),
        pytest.param("John Murphy", "", id="none"),
    ],
)
def test_reads_the_generation(raw: str, generation: str) -> None:
    assert [name.generation for name in read_names(raw)] == [generation]


@pytest.mark.parametrize(
    "raw",
    [
        "UNKNOWN",
        "UNK",
        "U/K",
        "NK",
        "N/K",
        "n/k",
        "NOT KNOWN",
        "NOT ENTERED",
        "REFUSED",
        "ANON",
        "MALE",
        "FEMALE",
        "BABY",
        "UNBORN",
        "OCCUPIER",
        "INFORMANT",
        "CALLER",
        "TBC",
        "NONE",
        "X",
        "XX",
        ".",
        "-",
        "TEST",
        "MR TESCO",
        "UNKNOWN MALE",
        "unknown female",
        "MALE 1",
        "Mr Unknown",
        "Mr & Mrs",
        "2731/140914",
        "",
        " ",
        "\x00",
        "😀",
        "N/A",
        "THE OCCUPIER",
        "UNKNOWN & UNKNOWN",
    ],
)
def test_is_a_placeholder(raw: str) -> None:
    assert is_placeholder(raw)
    assert read_names(raw) == ()


@pytest.mark.parametrize("raw", ["Tesco", "Mr Male-Jones", "Anona Smith", "Nonely", "Max", "Xi", "Testa", "Calla Babs"])
def test_is_not_a_placeholder(raw: str) -> None:
    assert not is_placeholder(raw)


VARIANT_PAIRS = [
    *itertools.pairwise(
        ["mohammed", "mohammad", "muhammad", "mohamed", "mohamad", "muhammed", "mohd", "md", "maxamed"]
    ),
    *itertools.pairwise(["hussain", "hussein", "husain", "hossain", "xuseen"]),
    *itertools.pairwise(["ahmed", "ahmad", "axmed"]),
    *itertools.pairwise(["ali", "aly", "cali"]),
    *itertools.pairwise(["hassan", "hasan", "xasan"]),
    ("rahman", "rehman"),
    *itertools.pairwise(["choudhury", "chowdhury", "chaudhry", "chaudhary", "choudhry"]),
    *itertools.pairwise(["akhtar", "aktar", "akther"]),
    ("begum", "begom"),
    ("khatun", "khatoon"),
    *itertools.pairwise(["sayed", "syed", "sayyid"]),
    ("iqbal", "eqbal"),
    *itertools.pairwise(["yousaf", "yusuf", "yousef"]),
    ("uddin", "udin"),
    ("abdi", "cabdi"),
    ("jama", "jaamac"),
    ("noor", "nuur"),
    ("gosia", "malgorzata"),
    ("kasia", "katarzyna"),
    ("ola", "aleksandra"),
    ("asia", "joanna"),
    ("krzysiek", "krzysztof"),
    ("staszek", "stanislaw"),
    ("kowalski", "kowalska"),
    ("nowicki", "nowicka"),
    ("zawadzki", "zawadzka"),
    ("horvath", "horvathova"),
    ("dvorak", "dvorakova"),
    ("kazlauskas", "kazlauskiene"),
    ("kazlauskas", "kazlauskaite"),
    *(("elizabeth", pet) for pet in ("liz", "beth", "betty")),
    ("peggy", "margaret"),
    ("jack", "john"),
    ("bill", "william"),
    ("dick", "richard"),
    ("harry", "henry"),
    ("harry", "harold"),
    ("kate", "catherine"),
    ("kate", "kathryn"),
    ("steve", "stephen"),
    ("steve", "steven"),
    *itertools.pairwise(["sean", "shaun", "shawn"]),
    ("tony", "anthony"),
    ("geoff", "jeff"),
    *(("jo", full) for full in ("joanne", "joanna", "joseph")),
    ("clarke", "clark"),
    ("reid", "reed"),
    ("reed", "read"),
    ("philips", "phillips"),
    ("graham", "graeme"),
    ("wright", "right"),
    ("siobhan", "shivaun"),
    ("oneill", "oneil"),
    ("wong", "wang"),
    ("wang", "huang"),
    ("chan", "chen"),
    ("cheung", "zhang"),
    ("shabana", "shabs"),
    ("asif", "asi"),
]


@pytest.mark.parametrize(("one", "other"), VARIANT_PAIRS)
def test_are_variants(one: str, other: str) -> None:
    assert other in variants(one)
    assert one in variants(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("sayed", "saeed", id="Sayed is not Saeed"),
        pytest.param("joanne", "joseph", id="pet names do not chain: Joanne and Joseph"),
        pytest.param("henry", "harold", id="pet names do not chain: Henry and Harold"),
        pytest.param("cali", "alison", id="Somali Cali is not short for Alison"),
        pytest.param("khan", "khanova", id="no Slavic ending on a Pathan name"),
        pytest.param("ryan", "ronan", id="twins"),
        pytest.param("jaspal", "jasbir", id="two Sikh given names"),
        pytest.param("singh", "kaur", id="Singh is not Kaur"),
        pytest.param("bibi", "begum", id="Bibi is not Begum"),
        pytest.param("ana", "ion", id="short names"),
    ],
)
def test_are_not_variants(one: str, other: str) -> None:
    assert other not in variants(one)
    assert one not in variants(other)


@pytest.mark.parametrize(
    "token",
    [
        "mohammed",
        "mohd",
        "md",
        "begum",
        "bibi",
        "singh",
        "kaur",
        "miah",
        "khatun",
        "devi",
        "kumari",
        "ul",
        "ur",
        "al",
        "abdul",
        "bin",
        "ibn",
    ],
)
def test_says_little(token: str) -> None:
    assert is_common(token)


@pytest.mark.parametrize("token", ["shabana", "khan", "asif", "kowalska", "patel", "ben", "smith"])
def test_says_something(token: str) -> None:
    assert not is_common(token)


def test_titles_are_known() -> None:
    assert is_title("mrs")
    assert not is_title("smith")


def test_every_listed_spelling_is_folded_and_stands_in_one_class() -> None:
    table = load("name_variants")
    spellings = [name for group in table["same"].values() for names in group["classes"] for name in names]
    assert len(spellings) == len(set(spellings))
    pets = [
        name for group in table["pet"].values() for full, names in group["names"].items() for name in (full, *names)
    ]
    assert [name for name in (*spellings, *pets) if fold(name) != name or " " in name] == []


def test_every_group_has_its_reason() -> None:
    table = load("name_variants")
    groups = [
        *table["same"].values(),
        *table["pet"].values(),
        *table["apart"].values(),
        *table["ending"],
        table["sexed"],
    ]
    assert all(group["why"] for group in (*groups, *load("name_tokens").values()))


@given(FIELDS)
def test_reading_is_total_and_its_tokens_read_the_same_again(raw: str) -> None:
    for name in read_names(raw):
        assert name.tokens
        assert all(token and token == fold(token) and not token.isdigit() for token in name.tokens)
        assert name.raw == raw


@given(st.text(max_size=40))
def test_composed_and_decomposed_fields_give_the_same_names(raw: str) -> None:
    composed, decomposed = (read_names(unicodedata.normalize(form, raw)) for form in ("NFC", "NFD"))
    assert [name.tokens for name in composed] == [name.tokens for name in decomposed]


TOKENS = st.one_of(
    st.sampled_from(sorted({name for pair in VARIANT_PAIRS for name in pair})), st.text("abcksovyi", max_size=9)
)


@given(TOKENS)
def test_variants_are_symmetric_and_leave_the_token_out(token: str) -> None:
    found = variants(token)
    assert token not in found
    assert all(token in variants(other) for other in found)
    assert name_class(name_class(token)) == name_class(token)


def test_a_very_long_field_is_read() -> None:
    assert len(read_names("PC Smith " * 6000)) == 1
    assert len(read_names("Ryan & " * 6000)) >= 1


def test_a_field_of_a_million_letters_is_read_as_far_as_a_name_could_go() -> None:
    """Linking leaves out each letter of a token in turn, which takes the square of its length."""
    (name,) = read_names("AB" * 500_000)
    assert len(name.tokens[0]) == LONGEST
    whole = "; ".join(f"Shabana Bibi{number}" for number in range(60))
    assert len(whole) < LONGEST and len(read_names(whole)) == 60
