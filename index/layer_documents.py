"""What is known of a person, place, number or event, gathered anew where a change touched it, with its keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from itertools import groupby

from discoverer.match.profiles import PersonProfile, Profile
from discoverer.model import MentionKind, Visibility
from index.documents import document_of
from index.households import households
from index.keys import document_keys
from index.layer_tables import LayerTables
from index.people import LAYER, SPREAD, place_among
from index.profiles import decode, merge
from index.vocabulary_file import VocabularyFiles, tokens_of

# Mentions of a number past which the households that share it are not counted again before the night.
MOST_CALLS = 500


class LayerDocuments:
    """The documents of one layer, numbered in between those of the build by their importance."""

    def __init__(self, tables: LayerTables, words: VocabularyFiles) -> None:
        """Take the tables, and the vocabulary of the build."""
        self._tables, self._words = tables, words

    def gather(self, group: int) -> None:
        """Make the documents of one group anew."""
        old = self.hide("grp = ?", (group,))
        rows = self._tables.all(
            "SELECT grp, visibility, kind, risk, at, value FROM mention WHERE grp = ? ORDER BY visibility, at DESC, m",
            (group,),
        )
        for label, found in groupby(rows, key=lambda row: str(row[1])):
            members = list(found)
            shared = self._households(group, label, old) if members[0][2] == MentionKind.PHONE.value else 0
            kind, _, _, risk, latest, profile = document_of(members, shared)
            self.write(kind, group, None, label, risk, latest, profile)

    def hide(self, where: str, values: Sequence[object]) -> list[tuple[str, Profile]]:
        """Take documents out of what is found; return their labels and what they said."""
        gone: list[tuple[str, Profile]] = []
        for d, kind, label, data in self._tables.all(
            f"SELECT d, kind, visibility, profile FROM main.doc WHERE {where}"
            f" AND d NOT IN (SELECT d FROM {LAYER}.over_doc)",
            values,
        ):
            profile = decode(kind, data)
            self._tables.run(f"INSERT INTO {LAYER}.over_doc VALUES (?)", (d,))
            self._tables.many(
                f"INSERT INTO {LAYER}.gone_posting VALUES (?, ?)", [(key, d) for key in _keys(label, profile)]
            )
            gone.append((label, profile))
            self._count(label, profile, -1)
        for d, kind, label, data in self._tables.all(
            f"SELECT d, kind, visibility, profile FROM {LAYER}.doc WHERE {where}", values
        ):
            self._tables.run(f"DELETE FROM {LAYER}.posting WHERE d = ?", (d,))
            self._tables.run(f"DELETE FROM {LAYER}.doc WHERE d = ?", (d,))
            gone.append((label, decode(kind, data)))
            self._count(*gone[-1], -1)
        return gone

    def write(
        self,
        kind: str,
        group: int | None,
        record: tuple[int, int] | None,
        label: str,
        risk: int,
        latest: str,
        data: bytes,
    ) -> None:
        """Write one document, its keys, and the tokens that the build does not know."""
        d = self._number(risk, latest)
        segment, n = record or (None, None)
        self._tables.run(
            f"INSERT INTO {LAYER}.doc VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (d, kind, group, segment, n, label, risk, latest, data),
        )
        profile = decode(kind, data)
        self._tables.many(f"INSERT INTO {LAYER}.posting VALUES (?, ?)", [(key, d) for key in _keys(label, profile)])
        self._count(label, profile, 1)

    def _count(self, label: str, profile: Profile, more: int) -> None:
        """Count the tokens of a document in (1) or out (-1)."""
        field, tokens = tokens_of(profile)
        if not field:
            return
        held = self._words.lexicons(field, [Visibility(label)])
        rows = [(label, field, each, more, any(lexicon.bearers(each) for lexicon in held)) for each in tokens]
        self._tables.many(
            f"INSERT INTO {LAYER}.token VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET bearers = bearers + excluded.bearers",
            [*rows, (label, field, "", more, True)],
        )
        # What nothing bears any more is not held: it may have been the name of one who is deleted.
        self._tables.many(
            f"DELETE FROM {LAYER}.token WHERE visibility = ? AND field = ? AND token = ? AND bearers = 0",
            [(label, field, each) for each in ("", *tokens)],
        )

    def _number(self, risk: int, latest: str) -> int:
        """Return a number after those of the build, spread, that are graver or more recent."""
        place = place_among(self._tables.all, risk, latest)
        low, high = (place - 1) * SPREAD, place * SPREAD
        last = self._tables.all(f"SELECT max(d) FROM {LAYER}.doc WHERE d > ? AND d < ?", (low, high))[0][0]
        return int(low if last is None else last) + 1

    def _households(self, group: int, label: str, old: Collection[tuple[str, Profile]]) -> int:
        """Count the unrelated households that share a number, as the build does (index/households.py)."""
        calls = self._tables.all(
            "SELECT segment, n, holder FROM mention WHERE grp = ? AND visibility = ? AND holder IS NOT NULL LIMIT ?",
            (group, label, MOST_CALLS + 1),
        )
        if len(calls) > MOST_CALLS:
            return max((getattr(profile, "households", 0) for seen, profile in old if seen == label), default=0)
        holders: dict[int | None, list[bytes]] = defaultdict(list)
        for place in calls:
            for person, value in self._tables.all(
                "SELECT grp, value FROM mention WHERE segment = ? AND n = ? AND position = ? AND kind = 'person'"
                " AND visibility = ?",
                (*place, label),
            ):
                holders[person].append(value)
        profiles = (merge([decode("person", each) for each in dict.fromkeys(values)]) for values in holders.values())
        return households(each for each in profiles if isinstance(each, PersonProfile))


def _keys(label: str, profile: Profile) -> list[str]:
    """Return the keys of a document, as the build writes them."""
    return [f"{label}/{key}" for key in document_keys(profile)]
