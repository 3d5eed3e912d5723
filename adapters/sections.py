"""Sections of a mapping that make mentions: persons, places and numbers, with who holds them.

Each section becomes one function, `(draft, row) -> None`, that adds to the draft of a record. People are
numbered first, in the order their rows stand, so that a later address or number never moves them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from adapters.base import Row
from adapters.values import (
    Context,
    TextsOf,
    compile_text,
    compile_texts,
    compile_visibility,
    compile_when,
    compile_word,
    shown_columns,
)
from adapters.vocabulary import (
    NUMBER_ROLES,
    PERSON_ROLES,
    PLACE_ROLES,
    AliasSpec,
    FieldsSpec,
    LocationSpec,
    PersonSpec,
    PhoneSpec,
    Section,
    TextSpec,
)
from discoverer.errors import RowRejected
from discoverer.model import Location, Person, Phone, Role, Visibility, WrittenId, most_closed

# Gives (row, its parent) for each row a section applies to; the row itself twice when it has no `each`.
RowsOf = Callable[[Row], Iterator[tuple[Row, Row]]]

# The identifier columns of a person section, and the scheme each stands for.
SCHEMES = {
    "pnc": "pnc",
    "cro": "cro",
    "asn": "asn",
    "nominal": "nominal",
    "vrm": "vrm",
    "id": "other",
}


@dataclass(slots=True)
class PlaceDraft:
    """A home or number of a person, before it has its position: holder None is the record's own."""

    role: Role
    text: str
    extra: str
    holder: int | None
    visibility: Visibility
    columns: str


@dataclass(slots=True)
class Draft:
    """A record being made.

    Attributes:
        visibility: who may see the record; no mention is more open.
        area: what tells the dialling code of a number without one.
        persons: the persons, positions 0 upwards.
        rows_of_people: int, rows that were taken for a person so far, whether or not they named anyone.
        locations, phones: their drafts.
        first: the position of the first person with each role.
    """

    visibility: Visibility = Visibility.OPEN
    area: str = ""
    persons: list[Person] = field(default_factory=list)
    rows_of_people: int = 0
    locations: list[PlaceDraft] = field(default_factory=list)
    phones: list[PlaceDraft] = field(default_factory=list)
    first: dict[Role, int] = field(default_factory=dict)

    def closed(self, visibility: Visibility) -> Visibility:
        """Return a visibility at least as closed as the record's."""
        return most_closed(visibility, self.visibility)

    def holder(self, role: Role | None) -> int | None:
        """Return the position of the first person with a role, if there is one."""
        return None if role is None else self.first.get(role)

    def places(self) -> tuple[tuple[Location, ...], tuple[Phone, ...]]:
        """Return the places and numbers, numbered on from the persons."""
        start = self.rows_of_people
        locations = tuple(
            Location(start + n, d.role, d.text, d.extra, d.holder, visibility=d.visibility, columns=d.columns)
            for n, d in enumerate(self.locations)
        )
        start += len(locations)
        phones = tuple(
            Phone(start + n, d.role, d.text, d.extra, d.holder, visibility=d.visibility, columns=d.columns)
            for n, d in enumerate(self.phones)
        )
        return locations, phones


Step = Callable[[Draft, Row], None]


def rows_for(spec: Section) -> RowsOf:
    """Return a function giving the rows a section applies to, its condition held."""
    each, holds, always = spec.each, compile_when(spec.when), spec.when is None

    def own(row: Row) -> Iterator[tuple[Row, Row]]:
        if always or holds(row, row):
            yield row, row

    def children(row: Row) -> Iterator[tuple[Row, Row]]:
        found = row.get(each) or ()
        if not isinstance(found, list | tuple):
            raise RowRejected(each, str(found), "it holds a text where child rows are wanted")
        for child in found:
            if not isinstance(child, dict):
                raise RowRejected(each, str(child), "it holds a text where a child row is wanted")
            if always or holds(child, row):
                yield child, row

    return children if each else own


def person_step(spec: PersonSpec, context: Context) -> Step:
    """Return the function of one [[person]] section."""
    rows, each = rows_for(spec), spec.each
    role = compile_word(spec.role, PERSON_ROLES, Role.UNKNOWN, context)
    names, more_names = compile_texts(spec.name, context), compile_texts(spec.alias, context)
    dobs, aliases = compile_texts(spec.dob, context), _aliases(spec.aliases, context)
    age, sex, note = (compile_text(part, context) for part in (spec.age, spec.sex, spec.note))
    identifiers = _identifiers(spec, context)
    visibility = compile_visibility(spec.visibility, context)
    contacts = _contacts(spec, context)
    columns = shown_columns(spec.name, spec.alias, each=each) or shown_columns(spec.dob, spec.pnc, spec.cro, each=each)
    if spec.aliases:
        columns += "," + shown_columns(spec.aliases.name, each=spec.aliases.each)

    def step(draft: Draft, parent: Row) -> None:
        for row, up in rows(parent):
            position, part = draft.rows_of_people, role(row, up)
            draft.rows_of_people += 1
            more, more_dobs = aliases(row)
            person = Person(
                position, part, _once(names(row, up) + more_names(row, up) + more), _once(dobs(row, up) + more_dobs),
                age(row, up), sex(row, up), identifiers(row, up), columns=columns,
                visibility=draft.closed(visibility(row, up)), note=note(row, up),
            )  # fmt: skip
            known = bool(person.names or person.dobs or person.age or person.identifiers)
            reached = contacts(
                draft, row, up, person.visibility, position if known or part is not Role.UNKNOWN else None
            )
            if known or (reached and part is not Role.UNKNOWN):
                draft.persons.append(person)
                draft.first.setdefault(part, position)

    return step


def _once(texts: tuple[str, ...]) -> tuple[str, ...]:
    """Return texts once each, in order."""
    return tuple(dict.fromkeys(texts)) if len(texts) > 1 else texts


def _identifiers(spec: PersonSpec, context: Context) -> Callable[[Row, Row], tuple[WrittenId, ...]]:
    """Return a function giving a person's identifiers, each with its scheme."""
    named = [(getattr(spec, name), scheme) for name, scheme in SCHEMES.items()]
    parts = [(compile_texts(part, context), scheme) for part, scheme in named if part is not None]
    if not parts:
        return lambda _row, _up: ()
    return lambda row, up: tuple(WrittenId(scheme, text) for texts, scheme in parts for text in texts(row, up))


def _aliases(spec: AliasSpec | None, context: Context) -> Callable[[Row], tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return a function giving the (names, dates of birth) of a person's alias rows."""
    if spec is None:
        return lambda _row: ((), ())
    rows, names, dobs = rows_for(spec), compile_texts(spec.name, context), compile_texts(spec.dob, context)

    def aliases(parent: Row) -> tuple[tuple[str, ...], tuple[str, ...]]:
        found: tuple[str, ...] = ()
        born: tuple[str, ...] = ()
        for row, up in rows(parent):
            found += names(row, up)
            born += dobs(row, up)
        return found, born

    return aliases


def _contacts(spec: PersonSpec, context: Context) -> Callable[[Draft, Row, Row, Visibility, int | None], bool]:
    """Return a function adding a person's homes and numbers; it tells whether there were any."""
    addresses, phones = compile_texts(spec.address, context), compile_texts(spec.phone, context)
    postcode = compile_text(spec.postcode, context)
    visibility = compile_visibility(spec.contact_visibility, context)
    shown_address = shown_columns(spec.address, spec.postcode, each=spec.each)
    shown_phone = shown_columns(spec.phone, each=spec.each)

    def contacts(draft: Draft, row: Row, up: Row, person: Visibility, holder: int | None) -> bool:
        label = most_closed(visibility(row, up), person)
        code = postcode(row, up)
        homes = addresses(row, up) or (("",) if code else ())
        for number, text in enumerate(homes):
            first = code if number == 0 else ""
            draft.locations.append(PlaceDraft(Role.HOME, text, first, holder, label, shown_address))
        numbers = phones(row, up)
        for text in numbers:
            draft.phones.append(PlaceDraft(Role.OWN, text, code or draft.area, holder, label, shown_phone))
        return bool(homes or numbers)

    return contacts


def location_step(spec: LocationSpec, context: Context) -> Step:
    """Return the function of one [[location]] section."""
    rows, role = rows_for(spec), compile_word(spec.role, PLACE_ROLES, Role.SCENE, context)
    texts, postcode = compile_texts(spec.text, context), compile_text(spec.postcode, context)
    visibility, holder = compile_visibility(spec.visibility, context), spec.holder
    columns = shown_columns(spec.text, spec.postcode, each=spec.each)

    def step(draft: Draft, parent: Row) -> None:
        for row, up in rows(parent):
            code = postcode(row, up)
            for number, text in enumerate(texts(row, up) or (("",) if code else ())):
                label, first = draft.closed(visibility(row, up)), code if number == 0 else ""
                place = PlaceDraft(role(row, up), text, first, draft.holder(holder), label, columns)
                draft.locations.append(place)

    return step


def phone_step(spec: PhoneSpec, context: Context) -> Step:
    """Return the function of one [[phone]] section."""
    rows, role = rows_for(spec), compile_word(spec.role, NUMBER_ROLES, Role.OWN, context)
    texts: TextsOf = compile_texts(spec.text, context)
    area = compile_text(spec.area, context)
    visibility, holder = compile_visibility(spec.visibility, context), spec.holder
    columns = shown_columns(spec.text, each=spec.each)

    def step(draft: Draft, parent: Row) -> None:
        for row, up in rows(parent):
            for text in texts(row, up):
                label, where = draft.closed(visibility(row, up)), area(row, up) or draft.area
                draft.phones.append(PlaceDraft(role(row, up), text, where, draft.holder(holder), label, columns))

    return step


def flat_sections(spec: FieldsSpec) -> tuple[PersonSpec, tuple[TextSpec, ...]]:
    """Return what the flat [fields] form stands for: one person a row, and its text."""
    same = {name: getattr(spec, name) for name in PersonSpec.model_fields if name in FieldsSpec.model_fields}
    texts = (TextSpec(text=spec.text),) if spec.text else ()
    return PersonSpec(**same), texts
