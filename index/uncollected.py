"""Python's collector of circles, left out where there are none.

A build makes millions of small values, none of them in a circle, and keeps hundreds of thousands: to go over them again
and again took a quarter of the time of cleaning.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Iterator[None]:
    """Let nobody look for garbage in circles meanwhile."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def never_collected() -> None:
    """Let nobody look for garbage in circles in this process any more."""
    gc.disable()
