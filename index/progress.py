"""How a long task says how far it is, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told of each stage as it begins and of each step taken in it."""

    def stage(self, name: str, total: int | None) -> None:
        """Begin a stage.

        Args:
            name: what is being done, in words, e.g. 'reading incidents'.
            total: int >= 0, steps to come; None when that is not known.
        """

    def advance(self, steps: int = 1) -> None:
        """Say that `steps` (int >= 0) more steps of the present stage are done."""


class SilentProgress:
    """A progress that nobody watches."""

    def stage(self, name: str, total: int | None) -> None:
        """Take note of nothing."""

    def advance(self, steps: int = 1) -> None:
        """Take note of nothing."""
