"""XML reports: a file or a folder of files, each a root element with one element per row (the door to defusedxml).

An attribute is the column '@name', a child element its path 'subject/surname', the row's own text '.'. Elements
that may repeat are declared as children and become rows. A document type, entity or external reference is never
opened: the source stops.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import ParseError, iterparse

from adapters.base import Fault, RawRow
from adapters.checks import check_columns
from adapters.expressions import Moment
from adapters.readers.folder import check_files, files_of
from adapters.readers.lines import open_file
from adapters.survey import Columns, Survey
from adapters.values import Context, compile_moment
from adapters.vocabulary import ChildSpec, MappingSpec, SourceSpec
from discoverer.errors import CheckFailed, RowRejected, SchemaDrift, SourceUnavailable
from discoverer.validation import Field, Spec

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

# Levels of elements; deeper is no report.
DEEPEST = 20


class XmlSource(SourceSpec):
    """[source] of XML.

    Attributes:
        row: the element under the root that is one row.
        files: pattern of the files when `path` is a folder.
        ignore_files: other files of the folder, decided against by name (or pattern).
    """

    kind: Literal["xml"]
    row: str
    files: str = "*.xml"
    ignore_files: tuple[str, ...] = ()


class XmlChild(ChildSpec):
    """[children.<name>] of XML: the element (a path under the row) that may repeat."""

    element: str


class XmlHeader(Spec):
    """[header]: attributes of the root ('@taken', '@reports') that say when it was taken and how many rows it holds."""

    taken: Moment | None = None
    count: str = ""
    ignore: tuple[str, ...] = ()


class XmlMapping(MappingSpec):
    """A mapping of XML."""

    source: XmlSource
    children: Mapping[str, XmlChild] = Field(default_factory=dict)
    header: XmlHeader | None = None


class XmlReader:
    """Reads the files of one mapping."""

    def __init__(self, spec: MappingSpec, base: Path) -> None:
        if not isinstance(spec, XmlMapping):
            raise TypeError("an XML reader takes a mapping of XML")
        self._source, self._header, self._path = spec.source, spec.header, base / spec.source.path
        self._children = {child.element: name for name, child in spec.children.items()}

    def taken(self) -> str:
        """Return the latest instant any file says it was taken at (ISO 8601, UTC), '' when none does.

        Raises:
            SourceUnavailable: a file cannot be read, or its date cannot.
        """
        if self._header is None or self._header.taken is None:
            return ""
        moment, found = compile_moment(self._header.taken, Context((), {})), [""]
        for path in self._files():
            row = self._root(path)
            try:
                instant = moment(row, row)
            except RowRejected as error:
                raise SourceUnavailable(self._source.name, f"{path.name} {error.message}.") from None
            found.append(instant.value if instant else "")
        return max(found)

    def survey(self) -> Survey:
        """Read every file once for its columns and counts.

        Raises:
            SourceUnavailable: missing, not well formed, cut short or unsafe.
            SchemaDrift: a root has a new or missing attribute or element, or the folder a file nobody mapped.
            CheckFailed: a file says it holds other rows than it does.
        """
        if self._path.is_dir():
            check_files(self._source.name, self._path, [self._source.files, *self._source.ignore_files])
        names: dict[str, set[str]] = {"": set(), **{name: set() for name in self._children.values()}}
        rows = dict.fromkeys(names, 0)
        for path in self._files():
            root = self._root(path)
            self._check_root(path, root)
            count = 0
            for row in self._read(path):
                count += 1
                self._note(row.values, names, rows)
            self._check_count(path, root, count)
        places = {"": f"element {self._source.row}"} | {
            name: f"element {path}" for path, name in self._children.items()
        }
        return Survey(
            {scope: Columns(places[scope], sorted(found), some_rows=rows[scope] > 0) for scope, found in names.items()}
        )

    def rows(self) -> Iterator[RawRow]:
        """Yield the rows of every file, files in the order of their names.

        Raises:
            SourceUnavailable: a file is not well formed, cut short or unsafe.
        """
        for path in self._files():
            yield from self._read(path)

    def _note(self, row: Mapping[str, Any], names: dict[str, set[str]], rows: dict[str, int]) -> None:
        """Note which columns one row and its child rows have."""
        children = self._children.values()
        rows[""] += 1
        names[""].update(name for name in row if name not in children)
        for child in children:
            for values in row.get(child, ()):
                rows[child] += 1
                names[child].update(values)

    def _check_root(self, path: Path, root: dict[str, str]) -> None:
        """Hold the attributes of a root against those the mapping speaks of."""
        header = self._header or XmlHeader()
        used = [*(header.taken.columns() if header.taken else ()), *([header.count] if header.count else [])]
        check_columns(self._source.name, f"the root of {path.name}", list(root), [*used, *header.ignore], used)

    def _check_count(self, path: Path, root: dict[str, str], count: int) -> None:
        """Hold the count a root states against the rows that are there."""
        said = root[self._header.count] if self._header and self._header.count else str(count)
        if said.strip() != str(count):
            raise CheckFailed(
                self._source.name, f"{path.name} says it holds {said} rows and holds {count}; fetch it again."
            )

    def _files(self) -> list[Path]:
        """Return the files to read, in order. Raises SourceUnavailable when there are none."""
        if not self._path.is_dir():
            open_file(self._source.name, self._path).close()
            return [self._path]
        found = [path for path in files_of(self._source.name, self._path) if path.match(self._source.files)]
        if not found:
            raise SourceUnavailable(
                self._source.name, f"folder {self._path} has no {self._source.files}; check 'path' and 'files'."
            )
        return found

    def _root(self, path: Path) -> dict[str, str]:
        """Return the root's attributes as columns."""
        for _event, element in self._events(path):
            return {f"@{name}": value for name, value in element.attrib.items()}
        raise SourceUnavailable(self._source.name, f"{path.name} is empty.")

    def _events(self, path: Path) -> Iterator[tuple[str, Element]]:
        """Parse a file, its faults as sentences.

        Raises:
            SourceUnavailable: not well formed, cut short, unsafe, or nested too deeply.
        """
        depth = 0
        with open_file(self._source.name, path) as file:
            try:
                for event, element in iterparse(file, events=("start", "end"), forbid_dtd=True):
                    depth += 1 if event == "start" else -1
                    if depth > DEEPEST:
                        raise SourceUnavailable(self._source.name, f"{path.name} nests over {DEEPEST} levels deep.")
                    yield event, element
            except ParseError as error:
                raise SourceUnavailable(
                    self._source.name,
                    f"{path.name} is not well-formed XML ({error}): it is cut short, damaged or wrongly encoded; "
                    "fetch it again.",
                ) from None
            except DefusedXmlException:
                raise SourceUnavailable(
                    self._source.name,
                    f"{path.name} declares a document type or entities, which are never opened (they can read other "
                    "files or fill the memory); have it exported without.",
                ) from None
            except (LookupError, ValueError) as error:
                raise SourceUnavailable(self._source.name, f"{path.name} cannot be decoded ({error}).") from None

    def _read(self, path: Path) -> Iterator[RawRow]:
        """Yield the rows of one file, letting go of each element as it is done with."""
        depth = count = 0
        root: Element | None = None
        for event, element in self._events(path):
            if event == "start":
                depth += 1
                root = element if depth == 1 else root
                continue
            depth -= 1
            if depth != 1 or root is None:
                continue
            if element.tag != self._source.row:
                raise SchemaDrift(
                    self._source.name, f"{path.name} has a new element {element.tag} beside {self._source.row}: map it."
                )
            count += 1
            yield self._row(f"{path.name} {self._source.row} {count}", element)
            root.clear()

    def _row(self, where: str, element: Element) -> RawRow:
        """Make a row of an element, with the fault of one that stands twice."""
        row: dict[str, Any] = {}
        twice: list[str] = []
        _fill(row, element, "", self._children, twice)
        fault = Fault(twice[0], "", "the element stands twice; declare it as a child of the mapping") if twice else None
        return RawRow(where, row, fault)


def _fill(row: dict[str, Any], element: Element, path: str, children: Mapping[str, str], twice: list[str]) -> None:
    """Put an element's attributes, text and inner elements into a row, below `path` ('' or 'subject/').

    An inner element declared as a child becomes a row of its own; plain text that stands twice becomes several
    values; anything else that stands twice is noted in `twice`.
    """
    for name, value in element.attrib.items():
        row[f"{path}@{name}"] = value
    text = element.text or ""
    seen = set()
    for inner in element:
        text += inner.tail or ""
        name = path + inner.tag
        child = children.get(name)
        if child is not None:
            values: dict[str, Any] = {}
            _fill(values, inner, "", {}, twice)
            row.setdefault(child, []).append(values)
        elif len(inner) == 0 and not inner.attrib:
            _add(row, name, inner.text or "")
        elif name in seen:
            twice.append(name)
        else:
            _fill(row, inner, f"{name}/", children, twice)
        seen.add(name)
    if text.strip() or (not path and len(element) == 0 and not element.attrib):
        _add(row, path.rstrip("/") or ".", text)


def _add(row: dict[str, Any], name: str, text: str) -> None:
    """Put a text into a row, beside those already under its name."""
    held = row.get(name)
    if held is None:
        row[name] = text
    else:
        row[name] = [*held, text] if isinstance(held, list) else [held, text]
