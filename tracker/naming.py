"""Names somebody may have meant: what to say of a name there is not."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["nearest"]


def nearest(name: str, known: Collection[str], where: str) -> str:
    """The end of a sentence on an unknown name: the names most like it, if any, and where all of them are listed.

    >>> nearest("capx", ["capex", "revenue"], "`tracker schema` lists them")
    'did you mean capex? `tracker schema` lists them'
    >>> nearest("x", ["capex", "revenue"], "`tracker schema` lists them")
    '`tracker schema` lists them'
    """
    folded = {one.casefold(): one for one in known}
    close = get_close_matches(name[:200].casefold(), folded, 3, 0.7)
    return f"did you mean {' or '.join(folded[one] for one in close)}? {where}" if close else where
