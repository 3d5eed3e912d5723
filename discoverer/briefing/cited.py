"""The records a briefing cites: what may be passed on of each, and whose free words must not be used.

Free words (conditions, notes) may name a place that some record protects, or a codeword. Of a record that does, only
what it is, of whom and when are told.
"""

from __future__ import annotations

from collections.abc import Iterable

from discoverer.briefing.opened import Opened
from discoverer.briefing.rules import names_any, rules
from discoverer.history.elsewhere import confidential
from discoverer.history.entries import NATURE_WORDS
from discoverer.history.grading import conditions, grading
from discoverer.model import Code, Nature, Record, RecordKind, Role
from discoverer.normalise.text import fold
from discoverer.wording import name_of, role_words

Key = tuple[str, str]
"""(source, ref) of a record."""
CONDITIONS, FALSE = "intelligence under conditions", "intelligence suspected false"


class Cited:
    """The records that one briefing rests on, as far as its viewer may read them."""

    def __init__(self, opened: Opened, wanted: Iterable[Key]) -> None:
        """Read them.

        Args:
            opened: the hit.
            wanted: (source, ref) of each; one that cannot be read any more is left out.
        """
        reader = opened.reader
        places = {key: place for key in dict.fromkeys(wanted) if (place := reader.place_of(*key)) is not None}
        read = reader.records(places.values())
        self._now = opened.now
        self.records: dict[Key, Record] = {key: read[place] for key, place in places.items() if place in read}
        mentions = [row for row in reader.everyone_in([*places.values()]) if row.kind in ("location", "phone")]
        kept = reader.kept_back({row.grp for row in mentions})
        near = {(row.segment, row.n) for row in mentions if row.grp in kept}
        self._guarded = {key for key, place in places.items() if place in near or confidential(self.records[key])}
        self._codewords = {
            fold(text)
            for record in self.records.values()
            for label, text in record.notes
            if label == "codeword" and fold(text)
        }

    def guarded(self, key: Key, words: str) -> bool:
        """Tell whether the free words of a record must not be used, or these hold a codeword."""
        if key in self._guarded or names_any("codeword", words):
            return True
        padded = f" {fold(words)} "
        return any(f" {each} " in padded for each in self._codewords)

    def held_back(self, key: Key) -> str:
        """Return the rule by which nothing of a record may be passed on; '' when it may."""
        record = self.records.get(key)
        if record is None or record.kind is not RecordKind.INTELLIGENCE:
            return ""
        if _word(record, "evaluation_information") in rules()["false"]:
            return FALSE
        noted = any(label == "conditions" and text.strip() for label, text in record.notes)
        allowed = _word(record, "handling") in rules()["handling"] and _word(record, "action") not in rules()["covert"]
        return "" if allowed and not noted else CONDITIONS

    def is_intelligence(self, key: Key) -> bool:
        """Tell whether a record is a report of intelligence."""
        record = self.records.get(key)
        return record is not None and record.kind is RecordKind.INTELLIGENCE

    def roles(self, key: Key, about: str) -> set[Role]:
        """Return the parts somebody plays in a record, by the name it writes; empty when it names nobody so."""
        record = self.records.get(key)
        return {each.role for each in record.persons if about and name_of(each) == about} if record else set()

    def role(self, key: Key, about: str) -> str:
        """Return the part somebody plays in a record, by the name it writes; '' when it names nobody so."""
        record = self.records.get(key)
        named = [each for each in record.persons if about and name_of(each) == about] if record else []
        return " and ".join(dict.fromkeys(role_words(each.role.value) for each in named))

    def nature_words(self, key: Key, nature: str) -> str:
        """Say what kind of statement it is; of intelligence with its grading, age and handling."""
        record = self.records.get(key)
        said = NATURE_WORDS[Nature(nature)] if nature in [*Nature] else nature
        graded = (grading(record, self._now), conditions(record)) if record else ()
        return "; ".join(part for part in (said, *graded) if part)


def _word(record: Record, codeset: str) -> str:
    """Return the meaning of a record's first code of a list, folded as the rules write it; '' when it has none."""
    code: Code | None = next((code for code in record.codes if code.codeset == codeset), None)
    return code.word.lower() if code is not None else ""
