"""What may be asked of the API in an address, with the bounds and examples that the OpenAPI document shows.

A parameter nobody knows, or given twice, is refused: a slip in its name would else be a search for something else.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Query, Request

from discoverer.answer import HitKind
from discoverer.app import MOST_HITS
from discoverer.errors import UsageError

MOST_ENTRIES = 500
_LEAST_DIGITS = 6  # of a telephone number

Limit = Annotated[int, Query(ge=1, le=MOST_HITS, description="Hits at most, for each search.")]
Text = Annotated[
    str,
    Query(
        description="The one box: whatever the caller gives. Either this, or named fields.",
        examples=["07700 900417", "flat 2, 14 hillaires test rd b23", "shabana bibi b23 03/07/89", "1784 of 030918"],
    ),
]
Phone = Annotated[
    str, Query(description="A telephone number, or its last six or more digits.", examples=["07700 900417"])
]
Name = Annotated[str, Query(description="A name, in any order.", examples=["asif khan"])]
Dob = Annotated[str, Query(description="A date of birth, whole or in part, or an age.", examples=["07/03/85"])]
Address = Annotated[str, Query(description="An address, whole or in part.", examples=["14 hillaires test road"])]
Ident = Annotated[str, Query(description="A PNC, CRO, log number or other reference.", examples=["1784 of 03/09/2018"])]
ShownId = Annotated[
    str,
    Query(
        min_length=1,
        description="As a hit or a link gives it: of a person that of any mention, a number, an address, a record.",
    ),
]
Kind = Annotated[HitKind, Query(description="What the id names.")]
Whole = Annotated[bool, Query(description="Every event and link, not the most recent alone.")]
Reveal = Annotated[
    bool, Query(description="Show what is kept back from your role, for the log or reason given; recorded as that.")
]
Offset = Annotated[int, Query(ge=0, le=1_000_000, description="Entries of each long list to pass over.")]
Part = Annotated[
    int | None, Query(ge=1, le=MOST_ENTRIES, description="Entries of each long list; none: as `all` says, in one part.")
]
Cli = Annotated[str, Query(description="The caller's number, as telephony gives it.", examples=["07700900417"])]


async def only_known(request: Request) -> None:
    """Refuse a parameter that the address does not know, or that is given twice.

    Raises:
        UsageError: naming the parameters there are.
    """
    given = [name for name, _ in request.query_params.multi_items()]
    known = _known(request.app.openapi(), request.scope["route"].path, request.method)
    unknown = sorted(set(given) - set(known))
    twice = sorted({name for name in given if given.count(name) > 1})
    if unknown:
        raise UsageError(f"{', '.join(unknown)}: not known here; the parameters are {', '.join(known) or 'none'}.")
    if twice:
        raise UsageError(f"{', '.join(twice)}: given twice; give each parameter once.")


def number(typed: str) -> str:
    """Return a telephone number as it was meant: an unescaped plus sign in an address arrives as a space."""
    return f"+{typed[1:]}" if typed[:1] == " " and typed[1:2].isdigit() else typed


def number_of_call(cli: str) -> str:
    """Return the caller's number.

    Args:
        cli: as telephony gives it.

    Raises:
        UsageError: it was withheld, or is no number; the sentence says what to do instead.
    """
    meant = number(cli).strip()
    if sum(each.isdigit() for each in meant) < _LEAST_DIGITS:
        raise UsageError(
            "The caller's number was withheld or did not come through; ask for it, or search by address or name."
        )
    return meant


def _known(document: dict[str, Any], path: str, method: str) -> list[str]:
    """Return the names of the parameters of one address."""
    there = document["paths"].get(path, {}).get(method.lower(), {})
    return [each["name"] for each in there.get("parameters", ()) if each["in"] == "query"]
