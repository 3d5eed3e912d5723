"""Values to bytes and back: the only door to msgspec (JSON, so that a person can read what is stored)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

T = TypeVar("T")

_encoder = msgspec.json.Encoder()


def encode(value: object) -> bytes:
    """Write a dataclass, list or dictionary of plain values as compact JSON."""
    return _encoder.encode(value)


def decoder(wanted: type[T]) -> Callable[[bytes | str], T]:
    """Return a function that reads JSON back as `wanted`.

    The function raises ValueError when the bytes are not JSON of that shape.
    """
    inner = msgspec.json.Decoder(wanted)

    def decode(data: bytes | str) -> T:
        try:
            return inner.decode(data)
        except msgspec.MsgspecError as error:
            raise ValueError(str(error)) from None

    return decode


def plain(value: object) -> Any:  # noqa: ANN401 - the result is whatever JSON can hold
    """Return `value` as dictionaries, lists, strings and numbers only."""
    return msgspec.to_builtins(value)
