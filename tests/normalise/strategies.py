"""Text of any kind, for properties that must hold of every str."""

from __future__ import annotations

from hypothesis import strategies as st

# Every code point, lone surrogates and NUL included, and field-like text made of the pieces normalisers look for.
ANY_TEXT = st.one_of(
    st.text(st.characters(codec=None, exclude_categories=()), max_size=60),
    st.text("0123456789OIlabXYZ +-/().,&'\x00\ud800😀é", max_size=40),
)


def made_of(*pieces: str) -> st.SearchStrategy[str]:
    """Text made of the given pieces in any order, joined by spaces or nothing."""
    return st.tuples(st.lists(st.sampled_from(pieces), max_size=8), st.sampled_from(["", " ", ", "])).map(
        lambda drawn: drawn[1].join(drawn[0])
    )
