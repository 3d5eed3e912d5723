"""Parts of a long measurement, each kept in a file of its own when it is done, so that it is not done again."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from discoverer.clock import seconds
from discoverer.evaluation.run import write
from tests.figures.machine import code, machine


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of one measurement.

    Attributes:
        folder: where they are kept.
        again: whether all are done again.
        lasting: whether a part stays when the code has changed since, being too long to do again unasked.
        say: told what is done and what stands.
    """

    folder: Path
    again: bool
    lasting: bool
    say: Callable[[str], None]

    def done(self, name: str, made_of: str) -> dict[str, Any] | None:
        """Return a part that was done of the same things, None when it is to be done."""
        path = self.folder / f"{name}.json"
        if self.again or not path.is_file():
            return None
        part: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if part["made_of"] != made_of:
            self.say(f"{name}: what it was measured on has changed, so it is measured again.")
            return None
        if part["code"]["hash"] != code()["hash"]:
            if not self.lasting:
                self.say(f"{name}: the code has changed since it was measured, so it is measured again.")
                return None
            self.say(
                f"{name}: measured on {part['date']} with the code of {part['code']['commit']}, which has changed since;"
            )
            self.say("    it stands; --again (make bench AGAIN=yes) measures everything anew.")
            return part
        self.say(f"{name}: done on {part['date']}, not done again.")
        return part

    def part(self, name: str, made_of: str, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """Return a part, done now where it has not been.

        Args:
            name: str, unique in this measurement.
            made_of: str, tells whether a part that stands was measured on the same things.
            make: measures it; what it returns is JSON.

        Returns:
            made_of, date, code, machine, took (seconds) and result.
        """
        stands = self.done(name, made_of)
        if stands:
            return stands
        self.say(f"{name}: measuring ...")
        told, start = machine(), seconds()
        result = make()
        part = {
            "made_of": made_of,
            "date": datetime.now(UTC).isoformat(timespec="minutes"),
            "code": code(),
            "machine": told,
            "took": round(seconds() - start, 1),
            "result": result,
        }
        self.folder.mkdir(parents=True, exist_ok=True)
        write(self.folder / f"{name}.json", (json.dumps(part, indent=1, ensure_ascii=False) + "\n").encode())
        self.say(f"{name}: done in {part['took']:,.0f} s.")
        return part
