"""Who asks, and what they may read: the labels that their role reads (discoverer/data/access.toml)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from itertools import chain

from discoverer.access_rules import AccessRules, Role, read_access
from discoverer.errors import NotPermitted, UsageError
from discoverer.normalise.text import fold
from discoverer.typed import holds_half, refuse_unreadable
from index.decisions import same_viewer_key
from index.reader import Scope

LONGEST_NAME = 200
LONGEST_REASON = 200
# What stands in names beside letters and figures, and is not on every keyboard: apostrophes and dashes.
_IN_NAMES = frozenset("\u2018\u2019\u02bc\u2010\u2011\u2013\u2014")


# What Python prints and a screen draws as nothing: Unicode's Default_Ignorable_Code_Point, and the braille blank.
_SINGLE = (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0)
_RANGES = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0100, 0xE01F0))
_DRAWN_AS_NOTHING = frozenset(map(chr, chain(_SINGLE, *_RANGES)))


@dataclass(frozen=True, slots=True)
class Viewer:
    """Who is asking.

    Attributes:
        name: str, how they are known.
        role: str, e.g. 'call_handler'.
        log: str, the incident log in hand, which is the reason for the look; '' when none.
        reason: str, any other reason; '' when none.
        glass: int, the number of the breaking of the glass by which more is read than the role does; 0 when none.
        revealing: bool, they ask to be shown what a mask keeps back of the one thing they open, and say why.
    """

    name: str
    role: str
    log: str = ""
    reason: str = ""
    glass: int = 0
    revealing: bool = False


DEMO_VIEWER = Viewer("demo", "call_handler")
NOT_RECORDED = "not recorded"
"""The role of whoever is named where there are no accounts: it is kept as such, and stands for the demo's role."""
SERVICE = Viewer("service", "")
"""The service itself, which watches over every source: it asks for the state of things and nothing else. No account has
its role, since no role is called ''."""


def asking(log: str, reason: str = "") -> Viewer:
    """Return who asks, with the call in hand as the reason for the look; until there are accounts, the demo's viewer.

    Raises:
        UsageError: the log or the reason is too long to be kept, or no text.
    """
    return replace(DEMO_VIEWER, log=_kept("The log", log), reason=reason_kept(reason))


def reason_kept(reason: str) -> str:
    """Return a reason as it is kept beside the look. Raises UsageError: it is too long to be kept, or no text."""
    return _kept("The reason", reason)


def _kept(what: str, typed: str) -> str:
    """Return words as they are kept beside the look: a space apart, nothing in them that cannot be seen."""
    said = " ".join(typed.split())
    refuse_unreadable(said, what, LONGEST_REASON, "")
    if holds_half(said) or not said.isprintable() or not _DRAWN_AS_NOTHING.isdisjoint(said):
        raise UsageError(f"{what} holds a character that cannot be seen; type it again.")
    return said


def role_of(viewer: Viewer, rules: AccessRules | None = None) -> Role:
    """Return a viewer's role.

    Args:
        viewer: who asks.
        rules: the roles in force; None: those that come with Discoverer.

    Raises:
        NotPermitted: there is no such role: it may do and read nothing.
    """
    role = (rules or read_access()).role_named(viewer.role)
    if role is None:
        raise NotPermitted(f"There is no role '{viewer.role}', so nothing may be done as one; ask an administrator.")
    return role


def scope_of(viewer: Viewer, rules: AccessRules | None = None) -> Scope:
    """Return what a viewer may read; every read goes through it, before anything is ranked or counted.

    Args:
        viewer: who asks.
        rules: the roles in force; None: those that come with Discoverer.

    Raises:
        NotPermitted: their role reads nothing, or there is none of its name.
    """
    role = role_of(viewer, rules)
    if not role.labels:
        raise NotPermitted(f"{role.title}: this role reads no records; ask somebody who does.")
    return Scope(role.labels_with(viewer.glass))


def readable_name(name: str, who: str) -> str:
    """Return a viewer's name a space apart, which must be one that can be read back and pass for nobody else's.

    Args:
        name: as typed.
        who: what they do, for the message: 'decides', 'trains'.

    Raises:
        UsageError: it is blank, nothing in it can be seen, it is too long, half of a character, or not plain.
    """
    said = " ".join(name.split())
    refuse_unreadable(said, f"The name of whoever {who}", LONGEST_NAME, "")
    if holds_half(said):
        raise UsageError(f"The name of whoever {who} holds half of a character, which nothing can keep; type it again.")
    if not same_viewer_key(said):
        raise UsageError(f"This needs the name of whoever {who}; say who you are.")
    _refuse_not_plain(said, who)
    return said


def _refuse_not_plain(name: str, who: str) -> None:
    """Refuse a viewer's name that could pass for another's on the screen: one officer would be two viewers.

    Plain is what comes down to the letters and figures of a keyboard here (an accent, a ligature and a wide letter do)
    and the stops that stand in names: no letter of another script, which may look like one of ours, and no sign, since
    some are drawn as nothing.

    Raises:
        UsageError: it holds such a character.
    """
    odd = next((char for char in unicodedata.normalize("NFC", name) if not _is_plain(char)), None)
    if odd is not None:
        called = f"U+{ord(odd):04X} ({unicodedata.name(odd, 'a control character').lower()})"
        raise UsageError(
            f"The name of whoever {who} holds {called}, which cannot be seen or can pass for another letter; "
            "write it in plain Latin letters and figures."
        )


def _is_plain(char: str) -> bool:
    """Tell whether a character is of a keyboard here, an apostrophe or a dash, or comes down to letters and figures."""
    if char.isascii():
        return char.isprintable()
    plain = fold(char)
    return char in _IN_NAMES or (char.isalnum() and plain.isascii() and bool(plain))
