"""What is sound in a policy and yet looks like a slip of the pen: windows, days, names. Warnings, never mistakes."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

from discoverer.policy.rules import SHIPPED, Policies, Policy, Terms, read_policies
from discoverer.policy.times import Duration, read_duration

# A clause looks back months, a night is hours, and a crime number is quoted for longer than a week.
_SHORTEST_CLAUSE = timedelta(days=28)
_LONGEST_NIGHT = timedelta(days=7)
_SHORTEST_CRIME = timedelta(days=7)
_LONGEST_CLAUSE = timedelta(days=31 * 12 * 10)
_DAY = timedelta(days=1)
DEFINITIONS = frozenset({*(f"RV{number}" for number in range(1, 10)), *(f"VV{number}" for number in range(1, 9))})
"""Those of the guide to policing that a policy chooses among; a force may have its own, so another is only doubted."""


class _Labels(NamedTuple):
    """Labels of notes that are known.

    Attributes:
        labels: tuple[str, ...].
        whole: bool, they are all that the sources give, not only the usual ones.
    """

    labels: tuple[str, ...]
    whole: bool


def doubts(policies: Policies, today: date, labels: Sequence[str] = ()) -> list[str]:
    """Return what looks mistyped, in sentences that name the place.

    Args:
        policies: sound.
        today: the local day that counts as today.
        labels: of the notes that the sources give; () when not known: then only near misses of usual ones count.
    """
    known = _Labels((*labels, *_labels_of(read_policies(SHIPPED).versions)), whole=bool(labels))
    return [
        *(
            f"version {each.terms.version}: {told}"
            for each in policies.versions
            for told in _of_terms(each.terms, known)
        ),
        *_gaps(policies.versions),
        *_today(policies.versions, today),
    ]


def _of_terms(terms: Terms, known: _Labels) -> Iterator[str]:
    """Yield what is doubtful in one version."""
    for name in Terms.model_fields:
        clause = getattr(terms, name)
        if window := getattr(clause, "window", ""):
            yield from _length(f"{name}.window", read_duration(window), _SHORTEST_CLAUSE, _LONGEST_CLAUSE, "P12M")
        if night := getattr(clause, "same_night", ""):
            yield from _length(f"{name}.same_night", read_duration(night), None, _LONGEST_NIGHT, "PT12H")
        yield from _definition(name, getattr(clause, "definition", ""))
        yield from _strange(name, getattr(clause, "labels", ()), known)
    for reason in terms.vulnerable_victim.any_of if terms.vulnerable_victim else ():
        yield from _definition(f"vulnerable_victim '{reason.id}'", reason.definition)
        yield from _strange(f"vulnerable_victim '{reason.id}'", reason.labels, known)
    yield from _strange("edges", terms.edges.event_labels, known)
    for name in ("linked_log", "same_place"):
        usual = "PT12H" if name == "linked_log" else "PT60M"
        yield from _length(f"occurrence.{name}", terms.occurrence.length(name), None, _LONGEST_NIGHT, usual)
    for name in ("same_crime", "named"):
        yield from _length(f"occurrence.{name}", terms.occurrence.length(name), _SHORTEST_CRIME, None, "P1Y")


def _length(
    place: str, length: Duration, shortest: timedelta | None, longest: timedelta | None, usual: str
) -> Iterator[str]:
    """Yield that a length is unusual; minutes and months are both written M, days and months next to each other."""
    odd = (shortest is not None and length.longest < shortest) or (longest is not None and length.longest > longest)
    if odd:
        meant = f"is it meant? Usual is '{usual}', {read_duration(usual).words}"
        yield f"'{place}' is '{length.text}', {length.words}; {meant}."


def _definition(place: str, definition: str) -> Iterator[str]:
    """Yield that a definition is none of the usual ones."""
    if definition and definition not in DEFINITIONS:
        near = difflib.get_close_matches(definition, sorted(DEFINITIONS), n=1)
        hint = f"; did you mean '{near[0]}'?" if near else "."
        yield f"'{place}' has definition '{definition}', which is none of RV1 to RV9 and VV1 to VV8{hint}"


def _strange(place: str, labels: Sequence[str], known: _Labels) -> Iterator[str]:
    """Yield labels that no source gives."""
    for label in labels:
        near = difflib.get_close_matches(label, known.labels, n=1)
        if label.casefold() in {each.casefold() for each in known.labels} or not (near or known.whole):
            continue
        hint = f"; did you mean '{near[0]}'?" if near else f"; known are: {', '.join(sorted(set(known.labels)))}."
        yield f"'{place}' looks for notes labelled '{label}', which no source known here gives{hint}"


def _labels_of(versions: Sequence[Policy]) -> list[str]:
    """Return the labels that versions look for."""
    found: dict[str, None] = {}
    for each in versions:
        terms = each.terms
        reasons = terms.vulnerable_victim.any_of if terms.vulnerable_victim else ()
        for label in (*(terms.marac_repeat.labels if terms.marac_repeat else ()), *terms.edges.event_labels):
            found[label] = None
        found.update((label, None) for reason in reasons for label in reason.labels)
    return list(found)


def _gaps(versions: Sequence[Policy]) -> Iterator[str]:
    """Yield the days between two versions on which none is in force."""
    for earlier, later in pairwise(versions):
        ended, begins = earlier.terms.effective_to, later.terms.effective_from
        if ended is not None and begins - ended > _DAY:
            days = f"from {ended + _DAY:%d/%m/%Y} to {begins - _DAY:%d/%m/%Y}"
            yield (
                f"no version is in force {days}: version {earlier.terms.version} ends before "
                f"version {later.terms.version} begins."
            )


def _today(versions: Sequence[Policy], today: date) -> Iterator[str]:
    """Yield that none is in force today."""
    if any(
        each.terms.effective_from <= today and (each.terms.effective_to is None or today <= each.terms.effective_to)
        for each in versions
    ):
        return
    coming = [each.terms for each in versions if each.terms.effective_from > today]
    ended = [
        each.terms.effective_to for each in versions if each.terms.effective_to and each.terms.effective_to < today
    ]
    said = [f"the last that was ended on {max(ended):%d/%m/%Y}"] if ended else []
    said += [f"version {coming[0].version} begins on {coming[0].effective_from:%d/%m/%Y}"] if coming else []
    why = " and ".join(said)
    yield f"not in force today, {today:%d/%m/%Y}: {why}; until one is, no badge is given."
