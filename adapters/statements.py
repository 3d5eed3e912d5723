"""Sections of a mapping that make statements: assessments, orders, markers, references, codes, texts, notes.

Each section becomes one function, `(draft, row) -> list of values`; it runs after the persons are known, so that
an assessment or order can name them by role.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from adapters.base import Row
from adapters.instants import follow
from adapters.sections import Draft, rows_for
from adapters.values import (
    Context,
    InstantOf,
    compile_moment,
    compile_text,
    compile_texts,
    compile_word,
)
from adapters.vocabulary import (
    AnswersSpec,
    AssessmentSpec,
    CodeSpec,
    ConditionsSpec,
    GradeSpec,
    MarkerSpec,
    NoteSpec,
    OrderSpec,
    ReferenceSpec,
    TextSpec,
)
from discoverer.errors import RowRejected
from discoverer.model import (
    Code,
    GradeChange,
    Marker,
    Order,
    Reference,
    RiskAssessment,
    RiskLevel,
    Role,
    Text,
)

T = TypeVar("T")
Make = Callable[[Draft, Row], list[T]]


def gather(makes: Sequence[Make[T]], draft: Draft, row: Row) -> tuple[T, ...]:
    """Run all sections of one kind in file order."""
    if not makes:
        return ()
    made: list[T] = []
    for make in makes:
        made += make(draft, row)
    return tuple(made)


def grade_maker(spec: GradeSpec, context: Context) -> Make[GradeChange]:
    """Return the function of one [[grade]] or history section; a row without a grade makes none."""
    rows, grade, at = rows_for(spec), compile_text(spec.grade, context), compile_moment(spec.at, context)
    by, reason = compile_text(spec.by, context), compile_text(spec.reason, context)

    def make(_draft: Draft, parent: Row) -> list[GradeChange]:
        return [
            GradeChange(value, at(row, up), by(row, up), reason(row, up))
            for row, up in rows(parent)
            if (value := grade(row, up))
        ]

    return make


def assessment_maker(spec: AssessmentSpec, context: Context) -> Make[RiskAssessment]:
    """Return the function of one [[assessment]] section.

    The first history section that gives anything is the history. Who set the level now in force, and when, is
    the history's entry from which the level has stood unchanged; without one, the section's own `at` and `by`.
    """
    rows = rows_for(spec)
    level = compile_word(spec.level, RiskLevel, RiskLevel.NOT_ASSESSED, context)
    instrument, by = compile_text(spec.instrument, context), compile_text(spec.by, context)
    at: InstantOf = compile_moment(spec.at, context)
    answers, ticks = _answers(spec.answers), compile_text(spec.ticks, context)
    ticks_name = ",".join(spec.ticks.columns()) if spec.ticks else ""
    histories = [grade_maker(part, context) for part in spec.history]

    def make(draft: Draft, parent: Row) -> list[RiskAssessment]:
        made = []
        for row, up in rows(parent):
            now = level(row, up)
            history = next((tuple(found) for part in histories if (found := part(draft, row))), ())
            since = _since(history, now)
            counted = ticks(row, up).strip()
            if counted and not (counted.isascii() and counted.isdigit()):
                raise RowRejected(ticks_name, counted, "it is no whole number")
            made.append(
                RiskAssessment(
                    level=now,
                    instrument=instrument(row, up) or "DASH",
                    at=since.at if since and since.at else at(row, up),
                    by=since.by if since and since.at else by(row, up),
                    victim=draft.holder(spec.victim),
                    suspect=draft.holder(spec.suspect),
                    answers=answers(row),
                    ticks=int(counted) if counted else None,
                    history=history,
                )
            )
        return made

    return make


def _since(history: tuple[GradeChange, ...], level: RiskLevel) -> GradeChange | None:
    """Return the entry from which the level has stood unchanged to the end of the history."""
    found = None
    for entry in reversed(history):
        if entry.grade != level:
            break
        found = entry
    return found


def _answers(spec: AnswersSpec | None) -> Callable[[Row], tuple[tuple[int, str], ...]]:
    """Return a function giving the questions answered, as (number, yes or no)."""
    if spec is None:
        return lambda _row: ()
    columns = tuple(enumerate(spec.columns(), 1))
    words = {"": "", **dict.fromkeys(spec.no, "no"), **dict.fromkeys(spec.yes, "yes")}

    def answers(row: Row) -> tuple[tuple[int, str], ...]:
        made = []
        for number, column in columns:
            raw = row.get(column) or ""
            word = words.get(raw.strip() if isinstance(raw, str) else "?")
            if word is None:
                raise RowRejected(column, str(raw), f"the answer is none of {', '.join(filter(None, words))} or blank")
            if word:
                made.append((number, word))
        return tuple(made)

    return answers


def order_maker(spec: OrderSpec, context: Context) -> Make[Order]:
    """Return the function of one [[order]] section; a row without dates, conditions or issuer makes none."""
    rows, kind = rows_for(spec), compile_text(spec.kind, context)
    start, end = compile_moment(spec.start, context), compile_moment(spec.end, context)
    conditions, issued_by = _conditions(spec.conditions, context), compile_text(spec.issued_by, context)

    def make(draft: Draft, parent: Row) -> list[Order]:
        made = []
        for row, up in rows(parent):
            order = Order(
                kind=kind(row, up),
                start=start(row, up),
                end=end(row, up),
                subject=draft.holder(spec.subject),
                protects=_named(draft, spec.protects),
                conditions=conditions(row),
                issued_by=issued_by(row, up),
            )
            if order.kind and (order.start or order.end or order.conditions or order.issued_by):
                made.append(order)
        return made

    return make


def _named(draft: Draft, role: Role | None) -> tuple[str, ...]:
    """Return the names of everyone in the draft with a role."""
    if role is None:
        return ()
    return tuple(person.names[0] for person in draft.persons if person.role is role and person.names)


def _conditions(spec: ConditionsSpec | None, context: Context) -> Callable[[Row], tuple[str, ...]]:
    """Return a function giving one text per condition: the lines of each group joined, in the order they stand."""
    if spec is None:
        return lambda _row: ()
    rows, text, group = rows_for(spec), compile_text(spec.text, context), compile_text(spec.group, context)
    separator = spec.sep

    def conditions(parent: Row) -> tuple[str, ...]:
        grouped: dict[str, list[str]] = {}
        for number, (row, up) in enumerate(rows(parent)):
            line = text(row, up)
            if line:
                grouped.setdefault(group(row, up) or f"row {number}", []).append(line)
        return tuple(separator.join(lines) for lines in grouped.values())

    return conditions


def marker_maker(spec: MarkerSpec, context: Context) -> Make[Marker]:
    """Return the function of one [[marker]] section; a row with a note but no code still makes one."""
    rows, code, word = rows_for(spec), compile_text(spec.code, context), compile_text(spec.word, context)
    marked, ends = compile_moment(spec.marked, context), compile_moment(spec.ends, context)
    note = compile_text(spec.note, context)

    def make(draft: Draft, parent: Row) -> list[Marker]:
        made = []
        for row, up in rows(parent):
            marker = Marker(
                code=code(row, up),
                word=word(row, up),
                marked=marked(row, up),
                ends=ends(row, up),
                note=note(row, up),
                subject=draft.holder(spec.subject),
            )
            if marker.code or marker.note:
                made.append(marker)
        return made

    return make


def reference_maker(spec: ReferenceSpec, context: Context) -> Make[Reference]:
    """Return the function of one [[reference]] section."""
    rows, texts = rows_for(spec), compile_texts(spec.text, context)
    return lambda _draft, parent: [
        Reference(spec.scheme, text, spec.own) for row, up in rows(parent) for text in texts(row, up)
    ]


def code_maker(spec: CodeSpec, context: Context) -> Make[Code]:
    """Return the function of one [[code]] section."""
    rows, code = rows_for(spec), compile_text(spec.code, context)
    word, era = compile_text(spec.word, context), compile_text(spec.era, context)
    return lambda _draft, parent: [
        Code(spec.codeset, text, word(row, up), era(row, up)) for row, up in rows(parent) if (text := code(row, up))
    ]


def text_maker(spec: TextSpec, context: Context) -> Make[Text]:
    """Return the function of one [[text]] section."""
    rows, texts = rows_for(spec), compile_texts(spec.text, context)
    at, by = compile_moment(spec.at, context), compile_text(spec.by, context)
    clock, follows, running = compile_text(spec.clock, context), compile_moment(spec.follows, context), spec.follows

    def make(_draft: Draft, parent: Row) -> list[Text]:
        pairs = list(rows(parent))
        start = follows(parent, parent) if running and pairs else None
        times = follow(start, [clock(row, up) for row, up in pairs]) if start else [at(row, up) for row, up in pairs]
        return [
            Text(text, when, by(row, up), spec.read)
            for (row, up), when in zip(pairs, times, strict=True)
            for text in texts(row, up)
        ]

    return make


def note_maker(spec: NoteSpec, context: Context) -> Make[tuple[str, str]]:
    """Return the function of one [[note]] section."""
    rows, texts = rows_for(spec), compile_texts(spec.text, context)
    return lambda _draft, parent: [(spec.label, text) for row, up in rows(parent) for text in texts(row, up)]
