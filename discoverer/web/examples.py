"""Answers about invented people, for the OpenAPI document: made of the values themselves, so they have their shape."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from discoverer.answer import Answer, Assessed, Hit, HitKind, HitRecord, Risk, Shown, SourceStatus, State
from discoverer.bulk import result_json
from discoverer.codec import plain

_NOW = "2014-11-16T02:00:00Z"
_BUILD = "20141116T013000Z-3fa9c1"
_ASSESSED = Assessed(
    level="high",
    victim="Shabana BIBI",
    suspect="Asif KHAN",
    by="SGT 1042",
    at="2014-09-03",
    age="2 months",
    source="domestic_abuse",
    ref="DA/1784/14",
    earlier="",
    words="HIGH: Shabana BIBI as victim of Asif KHAN, 03/09/2014, SGT 1042",
    instrument="DASH",
    ticks=16,
)
_RECORD = HitRecord(
    source="domestic_abuse",
    ref="DA/1784/14",
    role="victim",
    at="2014-09-03",
    risk="high",
    kind="dash",
    summary="DASH after a call to 14 Hillaires Test Road",
    nature="assessment",
    found="field",
    written="07700 900417",
)
_HIT = Hit(
    kind=HitKind.PHONE,
    id="+447700900417",
    label="07700 900417",
    level="confirmed",
    score=20.0,
    why=("number 07700 900417 agrees",),
    risk=Risk("assessed", _ASSESSED.words, _ASSESSED, _ASSESSED, loud=True),
    records=(_RECORD,),
    records_total=1,
    records_read=1,
    people_read=1,
    roles=("victim 1",),
)
_SOURCES = (
    SourceStatus(
        "domestic_abuse", State.ANSWERED, "2014-11-16T01:00:00Z", 200, "answered, as at 16/11/2014 01:00 (1 hour old)"
    ),
    SourceStatus("custody", State.FAILED, "", 0, "FAILED, not searched: custody.txt is missing"),
)
_ANSWER = Answer(
    query="07700 900417",
    read_as=("phone 07700 900417",),
    hits=(_HIT,),
    truncated=None,
    build=_BUILD,
    as_at=_NOW,
    sources=_SOURCES,
    message="",
)
_LISTED = "; ".join(f"{each.name}: {each.words}" for each in _SOURCES)
_NOTHING = replace(
    _ANSWER,
    query="0121 496 0000",
    read_as=("phone 0121 496 0000",),
    hits=(),
    message=f"No trace in the sources searched. {_LISTED}.",
    no_trace_of=("0121 496 0000",),
)

ANSWERS: dict[str, dict[str, Any]] = {
    "found": {"summary": "A number that is held", "value": plain(_ANSWER)},
    "no_trace": {"summary": "No trace in the sources searched", "value": plain(_NOTHING)},
}
"""Of a search."""
SHOWN: dict[str, dict[str, Any]] = {
    "phone": {"summary": "A number", "value": plain(Shown(f"phone {_HIT.id}", _HIT, None, _BUILD, _NOW, _SOURCES))}
}
"""Of a person, place, number or record shown."""
LOOKUP_QUERIES = '{"qid": "1", "phone": "07700 900417"}\n{"qid": "2", "name": "shabana bibi", "dob": "03/07/89"}\n'
"""What is sent for many look-ups."""
LOOKUP_RESULT: dict[str, Any] = result_json("1", _ANSWER)
"""One line of what comes back."""
PROBLEM: dict[str, Any] = {
    "type": "urn:discoverer:problem:usage-error",
    "title": "Usage error",
    "status": 400,
    "detail": "A telephone number needs six digits or more; type more of it, or what else is known.",
    "instance": "89237a978794400f8857a4be8209cb45",
}
"""Whatever goes wrong."""
