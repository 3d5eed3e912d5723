"""What records say of themselves under a mask: whether they tell of one thing, and of domestic abuse, is not kept back.

A mask keeps back who and where, and free words. Whether two logs tell of one night, and whether it was domestic abuse,
must be the same whoever asks: else an analyst counts one thing twice, and the sentence that stands instead of a safe
address, which names the domestic abuse desk, would make domestic abuse of anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from discoverer.held import Held
from discoverer.history.material import Material
from discoverer.policy.domestic import Sign, signs
from discoverer.policy.occurrences import Known, Told
from discoverer.policy.rules import Policy
from discoverer.policy.traces import placed, unplaced
from index.reader import Reader

KEPT_BACK = "words kept back from your role"
"""What stands instead of words that the rule of a sign rests on."""


def tell(known: Known, reader: Reader, material: Material, held: Iterable[Held], policy: Policy) -> None:
    """Add to what is known what records say that are read through a mask; nothing where there is none.

    Args:
        known: added to.
        reader: scoped.
        material: where the records stand.
        held: the records.
        policy: in force.
    """
    if reader.masked is None:
        return
    new = {(each.record.source, each.record.ref): each.record for each in held}
    new = {key: record for key, record in new.items() if key not in known and key in material.places}
    bare = reader.bare.records(material.places[key] for key in new)
    for key, record in new.items():
        whole = bare[material.places[key]]
        made = placed(unplaced(record, policy.terms.occurrence.named_schemes), whole)
        shown = signs(record, policy.domestic)
        known[key] = Told(made, tuple(_worded(signs(whole, policy.domestic), shown)), placed=True)


def _worded(every: Iterable[Sign], shown: tuple[Sign, ...]) -> Iterator[Sign]:
    """Yield signs, those in other words that rest on what is not shown."""
    yield from dict.fromkeys(each if each in shown else replace(each, words=KEPT_BACK) for each in every)
