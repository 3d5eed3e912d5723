"""Values to bytes and back: the only door to msgspec (JSON, so that a person can read what is stored)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """Write a dataclass, list or dictionary of plain values as compact JSON.

    A lone surrogate (half of a character, left by a broken export) is written as its escape: msgspec refuses
    it, and the row that holds it must be kept all the same.
    """
    try:
        return _encoder.encode(value)
    except UnicodeEncodeError:
        return json.dumps(plain(value), separators=(",", ":")).encode("ascii")


def decoder(wanted: type[T]) -> Callable[[bytes | str], T]:
    """Return a function that reads JSON back as `wanted`.

    The function raises ValueError when the bytes are not JSON of that shape.
    """
    inner = msgspec.json.Decoder(wanted)

    def _decode(data: bytes | str) -> T:
        try:
            return inner.decode(data)
        except msgspec.ValidationError as error:
            raise ValueError(str(error)) from None
        except msgspec.DecodeError:
            return _decode_slowly(data)

    def _decode_slowly(data: bytes | str) -> T:
        try:
            return msgspec.convert(json.loads(data), wanted)
        except msgspec.MsgspecError as error:
            raise ValueError(str(error)) from None

    return _decode


def plain(value: object) -> Any:  # noqa: ANN401 - the result is whatever JSON can hold
    """Return `value` as dictionaries, lists, strings and numbers only."""
    return msgspec.to_builtins(value)
