"""Settings and checked files: defaults, paths, and every mistake said at once with the valid names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from discoverer.clock import now
from discoverer.errors import ConfigError
from discoverer.settings import Settings, load
from discoverer.validation import Field, Spec, check, read_toml

WHOLE = 'state_dir = "state"\nsources_dir = "sources"\nsources = ["incidents", "custody"]\n'


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "discoverer.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_paths_are_relative_to_the_file_and_the_rest_has_defaults(tmp_path: Path) -> None:
    settings = load(written(tmp_path, WHOLE))
    assert settings.state_dir == tmp_path / "state" and settings.sources_dir == tmp_path / "sources"
    assert settings.builds_dir == tmp_path / "state" / "builds" and settings.audit_dir == tmp_path / "state" / "audit"
    assert settings.sources == ("incidents", "custody")
    assert (settings.engine, settings.as_at, settings.keep_builds) == ("whoosh", None, 3)


def test_an_absolute_path_stays_as_it_is(tmp_path: Path) -> None:
    assert load(written(tmp_path, WHOLE.replace('"state"', '"/srv/state"'))).state_dir == Path("/srv/state")


def test_the_paths_of_access_are_relative_too_and_none_is_asked_for(tmp_path: Path) -> None:
    plain = load(written(tmp_path, WHOLE)).access
    assert (plain.accounts, plain.rules, plain.audit_key, plain.socket) == (None, None, None, None)
    named = load(
        written(
            tmp_path, f'{WHOLE}[access]\naudit_key = "keys/audit.pub"\naccounts = "/srv/a.sqlite"\nsocket = "run/s"\n'
        )
    ).access
    assert (named.accounts, named.rules, named.audit_key) == (Path("/srv/a.sqlite"), None, tmp_path / "keys/audit.pub")
    assert named.socket == tmp_path / "run/s"


INSTANTS = [
    pytest.param("2014-11-16T02:00:00Z", datetime(2014, 11, 16, 2, tzinfo=UTC), id="in UTC"),
    pytest.param("2014-07-16T03:00:00+01:00", datetime(2014, 7, 16, 2, tzinfo=UTC), id="in another zone"),
    pytest.param("2014-11-16T02:00:00", datetime(2014, 11, 16, 2, tzinfo=UTC), id="without a zone it is UTC"),
    pytest.param('"2014-11-16T02:00:00Z"', datetime(2014, 11, 16, 2, tzinfo=UTC), id="as a text"),
]


@pytest.mark.parametrize(("value", "instant"), INSTANTS)
def test_now_can_be_set(tmp_path: Path, value: str, instant: datetime) -> None:
    assert load(written(tmp_path, f"{WHOLE}as_at = {value}\n")).instant == instant


def test_now_is_the_clocks_when_it_is_not_set(tmp_path: Path) -> None:
    before = now()
    assert before <= load(written(tmp_path, WHOLE)).instant <= now() + timedelta(seconds=1)


MISTAKES = [
    pytest.param(WHOLE + 'engin = "whoosh"\n', "'engin' is not a known name; did you mean 'engine'?", id="mistyped"),
    pytest.param(
        WHOLE + "colour = 1\n",
        "valid names: access, as_at, bounds, carry_for, engine, keep_builds, keep_held, linking, policy",
        id="unknown",
    ),
    pytest.param(WHOLE.replace("sources_dir", "# "), "'sources_dir' is missing; add it.", id="missing"),
    pytest.param(WHOLE + 'engine = "lucene"\n', "'engine': input should be 'whoosh' or 'tantivy'", id="no such engine"),
    pytest.param(WHOLE.replace('"custody"', '"incidents"'), "incidents stands twice", id="a source twice"),
    pytest.param('state_dir = "s"\nsources_dir = "m"\nsources = []\n', "'sources':", id="no source"),
    pytest.param(WHOLE + "keep_builds = 0\n", "'keep_builds': input should be greater than", id="keep no build"),
    pytest.param(
        WHOLE + "as_at = 20141116\n", "'as_at': a bare number is not an instant", id="a number for an instant"
    ),
    pytest.param(WHOLE + 'keep_builds = "2"\n', "'keep_builds': input should be a valid integer", id="a quoted number"),
    pytest.param(WHOLE + 'as_at = "yesterday"\n', "'as_at': input should be a valid datetime", id="no instant"),
    pytest.param(WHOLE.replace('"state"', "7"), "'state_dir':", id="a number for a path"),
    pytest.param(WHOLE.replace("]", ""), "is not valid TOML", id="no TOML"),
    pytest.param(WHOLE + WHOLE, "is not valid TOML", id="a name twice"),
    pytest.param(WHOLE + "deep = " + "[" * 5000 + "]" * 5000, "nests tables or lists too deeply", id="5,000 deep"),
    pytest.param(WHOLE + "deep = " + "{a = " * 5000 + "1" + "}" * 5000, "too deeply", id="tables, 5,000 deep"),
    pytest.param(WHOLE + "deep" + ".a" * 5000 + " = 1", "'deep' is not a known name", id="one name of 5,000 parts"),
    pytest.param(
        WHOLE.replace("sources_dir =", "sources_dir" + ".a" * 5000 + " ="),
        "'sources_dir'",
        id="a known name of 5,000 parts",
    ),
    pytest.param(WHOLE + "deep = " + "[" * 300 + "]" * 300, "'deep' is not a known name", id="300 deep"),
    pytest.param(WHOLE.encode() + b"# Jos\xe9\n", "is not UTF-8", id="another encoding"),
]


@pytest.mark.parametrize(("text", "says"), MISTAKES)
def test_a_mistake_is_said_in_one_sentence_that_names_the_file(tmp_path: Path, text: str | bytes, says: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert says in caught.value.message and caught.value.message.startswith(f"{path} has 1 mistake: (1) ")
    assert len(caught.value.problems) == 1 and caught.value.problems[0].endswith(".")


def test_a_missing_file_and_a_folder_are_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file; check the path"):
        read_toml(tmp_path / "nowhere.toml")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_toml(tmp_path)


def test_who_has_no_settings_file_is_told_of_config_and_of_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        ConfigError, match=r"no such file; check the path, or name another with --config .* demo' first"
    ):
        load()
    (tmp_path / ".demo").mkdir()
    (tmp_path / ".demo" / "discoverer.toml").touch()
    with pytest.raises(ConfigError, match=r"no such file; .* the demo's with --config \.demo/discoverer\.toml before"):
        load()


def test_settings_cannot_be_changed(tmp_path: Path) -> None:
    settings = load(written(tmp_path, WHOLE))
    with pytest.raises(ValueError, match="frozen"):
        settings.keep_builds = 3


class Leaf(Spec):
    """The innermost part."""

    colour: str
    size: int = Field(default=1, ge=1)


class Tree(Spec):
    """A part that holds parts."""

    leaf: Leaf | None = None
    leaves: tuple[Leaf, ...] = ()
    named: dict[str, Leaf] = Field(default_factory=dict)


NESTED = [
    pytest.param({"leaf": {"color": "x", "colour": "y"}}, "'leaf.color' is not a known name; did you mean 'colour'?", id="inside"),
    pytest.param({"leaves": [{"colour": "x"}, {}]}, "'leaves.1.colour' is missing", id="the second of a list"),
    pytest.param({"leaves": [{"colour": "x", "sise": 1}]}, "did you mean 'size'?", id="mistyped in a list"),
    pytest.param({"named": {"a": {"colour": "x", "size": 0}}}, "'named.a.size': input should be greater", id="in a table"),
    pytest.param({"leafs": []}, "did you mean 'leaf'? valid names: leaf, leaves, named", id="at the top"),
]  # fmt: skip


@pytest.mark.parametrize(("data", "says"), NESTED)
def test_a_mistake_inside_is_said_with_its_place_and_the_names_valid_there(data: dict[str, object], says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        check(Tree, data, "tree.toml")
    assert [says in problem for problem in caught.value.problems] == [True]


@given(st.dictionaries(st.text(min_size=1, max_size=9), st.integers() | st.text(max_size=9), max_size=6))
def test_whatever_is_given_there_is_one_problem_for_each_mistake_or_settings(data: dict[str, object]) -> None:
    names = set(Settings.model_fields)
    with pytest.raises(ConfigError) as caught:
        check(Settings, data, "x")
    unknown = [problem for problem in caught.value.problems if "is not a known name" in problem]
    missing = [problem for problem in caught.value.problems if "is missing; add it" in problem]
    assert len(unknown) == len(data.keys() - names)
    assert len(missing) == len({"state_dir", "sources_dir", "sources"} - data.keys())
