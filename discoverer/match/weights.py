"""The weights in force: named, dated, versioned, read once from data/weights.toml and checked name by name."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated

from discoverer.validation import Field, Spec, check, read_toml, spec_of

Table = dict[str, float]
_MOST = 100.0  # bits; all the people there ever were are told apart by 37
_Bits = Annotated[float, Field(ge=-_MOST, le=_MOST, strict=True, allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0.0, le=1.0, strict=True, allow_inf_nan=False)]
# Below 1, since what lies above it is shared out evenly.
_Edge = Annotated[float, Field(ge=0.0, lt=1.0, strict=True, allow_inf_nan=False)]

# Every name the code reads, by the table it stands in: the file must hold these and no others.
_SHARES = {
    "token": "same variant shortened initial",
    "name": "alike_most missing_token slip",
    "place": """implied_share word_same word_one_edit word_sound word_shortened word_similar word_joined
        missing_street missing_building missing_area""",
}
_BITS = {
    "name": "missing_common missing_most unknown_token extra_token extra_common order surplus_most",
    "birth": """same swapped one_slip same_month same_year year_one_off generation same_day two_parts near differs
        age_fits age_differs""",
    "identifier": "valid unverified near differs",
    "held": "phone home area elsewhere generation",
    "place": """phrase phrase_most extra_street extra_building extra_area street_differs house house_range
        house_range_end house_in_range house_letter house_slip house_differs house_unheld house_unsaid flat
        flat_differs flat_letter flat_otherwise flat_unheld flat_unsaid flat_unasked beside number_digit read_otherwise
        postcode postcode_slip sector outward outward_differs clear_lead""",
    "phone": """same swapped doubled left_out added confused wrong run code two unverified shared_from tail_prior
        beginning_prior""",
    "event": "reference named text_name",
    "reached": "holder same_record same_text behind",
    "level": "probable rare_name possible",
}
_EDGES = {"name": "alike_none"}


class Weights(Spec):
    """Match weights in bits (log2 odds), or shares of a token's rarity; the file gives each its reason.

    Attributes:
        version: str, date of the set.
        about: str, where its values come from.
        token, name, birth, identifier, held, place, phone, event, reached, level: tables of the file.
    """

    version: str
    about: str
    token: Table
    name: Table
    birth: Table
    identifier: Table
    held: Table
    place: Table
    phone: Table
    event: Table
    reached: Table
    level: Table


def _table(name: str) -> type[Spec]:
    """Return what one table of the file must hold."""
    kinds = ((_SHARES, _Share), (_BITS, _Bits), (_EDGES, _Edge))
    return spec_of(f"_{name.title()}", {key: kind for names, kind in kinds for key in names.get(name, "").split()})


_File = spec_of("_File", {"version": str, "about": str} | {name: _table(name) for name in {**_SHARES, **_BITS}})


@cache
def load(path: Path = Path(__file__).parent / "data" / "weights.toml") -> Weights:
    """Read a set of weights.

    Raises:
        ConfigError: the file is missing or malformed, a name is missing or unknown, or a value is no number within
            its bounds; the sentence names the file and each name at fault.
    """
    return check(Weights, check(_File, read_toml(path), path.name).model_dump(), path.name)
