"""Names somebody may have meant: what to say of a name there is not."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["nearest"]


def nearest(name: str, known: Collection[str], otherwise: str) -> str:
    """The end of a sentence on an unknown name: the names most like it, or what to do where none is.

    >>> nearest("capx", ["capex", "revenue"], "see `tracker schema`")
    'did you mean capex?'
    >>> nearest("x", ["capex", "revenue"], "see `tracker schema`")
    'see `tracker schema`'
    """
    folded = {one.casefold(): one for one in known}
    close = get_close_matches(name.casefold(), folded, 3, 0.7)
    return f"did you mean {' or '.join(folded[one] for one in close)}?" if close else otherwise
