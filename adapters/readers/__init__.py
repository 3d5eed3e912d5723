"""Bytes to rows: one module per file format, each small and streaming."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.mapping import Reader
from adapters.readers.delimited import DelimitedMapping, DelimitedReader
from adapters.readers.fixed import FixedReader
from adapters.readers.fixed_layout import FixedMapping
from adapters.readers.jsonl import JsonMapping, JsonReader
from adapters.readers.sqlite import SqliteMapping, SqliteReader
from adapters.readers.xml import XmlMapping, XmlReader
from adapters.vocabulary import MappingSpec


@dataclass(frozen=True, slots=True)
class Format:
    """One file format.

    Attributes:
        mapping: what a mapping of it can say.
        reader: makes a reader from a mapping and the folder its paths are relative to.
    """

    mapping: type[MappingSpec]
    reader: Callable[[MappingSpec, Path], Reader]


# Every `kind` a mapping can name.
FORMATS: Mapping[str, Format] = {
    "delimited": Format(DelimitedMapping, DelimitedReader),
    "fixed": Format(FixedMapping, FixedReader),
    "jsonl": Format(JsonMapping, JsonReader),
    "sqlite": Format(SqliteMapping, SqliteReader),
    "xml": Format(XmlMapping, XmlReader),
}
