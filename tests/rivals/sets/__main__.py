"""Make every set that can be made: `python -m tests.rivals.sets OUTSIDE OUT`."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.rivals.sets import addresses, names, romanised


def main(outside: Path, out: Path) -> None:
    """Make the sets; those that need data laid beside the project are left out, and said to be, where it is not."""
    romanised.make(out)
    needs = {
        "fake_1000": (names.make, ("fake_1000",)),
        "town_errors and town_more": (addresses.town, ("addresses", "gp_practices")),
        "gp_errors": (addresses.practices, ("gp_practices",)),
    }
    for title, (make, folders) in needs.items():
        absent = [each for each in folders if not (outside / each).is_dir()]
        if absent:
            print(f"No {' and no '.join(absent)} in {outside}: {title} not made.")
        else:
            make(outside, out)
    print(f"Sets made in {out}: {', '.join(sorted(each.name for each in out.iterdir() if each.is_dir()))}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
