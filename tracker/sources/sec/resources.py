"""Read the contexts (company, period, part) and units of a document, each from its own element.

The rules are those of XBRL 2.1 (4.7 and 4.8) and Dimensions 1.0. A context or unit that cannot be read is listed in
`wrong`, and the facts that refer to it are left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from tracker.sources.sec.markup import INSTANCE
from tracker.sources.sec.xbrl import FactContext, canonical_dimensions, canonical_unit, read_period

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tracker.model.period import Period

    #: Gives the canonical form of a name with a prefix in an element; empty where the prefix is not declared.
    Resolve = Callable[[Any, str], str]

__all__ = ["CONTEXT", "NIL", "UNIT", "ElementNode", "Resources", "is_nil"]

CONTEXT: Final = f"{{{INSTANCE}}}context"
UNIT: Final = f"{{{INSTANCE}}}unit"
NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_IDENTIFIER: Final = f"{{{INSTANCE}}}identifier"
_FOREVER: Final = f"{{{INSTANCE}}}forever"
_DAYS: Final = {f"{{{INSTANCE}}}{name}": name for name in ("startDate", "endDate", "instant")}
_MEASURE: Final = f"{{{INSTANCE}}}measure"
_DENOMINATOR: Final = f"{{{INSTANCE}}}unitDenominator"
_DIMENSIONS: Final = "{http://xbrl.org/2006/xbrldi}"
_EXPLICIT: Final = f"{_DIMENSIONS}explicitMember"
_TRUE: Final = frozenset({"true", "1"})
_LEFT_OUT: Final = "its facts are left out"


def is_nil(value: str | None) -> bool:
    """Return whether an attribute `xsi:nil` says that the fact is nil."""
    return value in _TRUE


class ElementNode(list["ElementNode"]):
    """An element that was read as events, with the part of a tree's interface that is used here."""

    __slots__ = ("attributes", "nsmap", "tag", "tail", "text")

    def __init__(self, tag: str, attributes: Mapping[str, str], names: Mapping[str | None, str]) -> None:
        super().__init__()
        self.tag, self.attributes, self.nsmap = tag, attributes, names
        self.text = self.tail = ""

    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the text of an attribute."""
        return self.attributes.get(name, default)

    def add_text(self, text: str) -> None:
        """Add text behind what is in it so far."""
        if self:
            self[-1].tail += text
        else:
            self.text += text


class Resources:
    """The contexts and units of a document by id; `wrong` lists what could not be read, as in `Filed`."""

    def __init__(self) -> None:
        self.contexts: dict[str, FactContext] = {}
        self.units: dict[str, str] = {}
        self.wrong: list[tuple[str, str, str, str]] = []

    def add_context(self, element: Any, resolve: Resolve) -> None:
        """Add the context of an element."""
        key, said = element.get("id", ""), _read_context(element, resolve)
        try:
            period = None if "forever" in said.days else _read_days(said.days)
        except (ValueError, OverflowError) as error:
            said.wrong, period = str(error), None
        if not said.identifier:
            said.wrong = said.wrong or "names no company"
        if said.wrong:
            self.wrong.append((key, "context", said.wrong, _LEFT_OUT))
            return
        made = FactContext(said.scheme, said.identifier, period, canonical_dimensions(said.pairs))
        self._add_resource(self.contexts, key, made, "context")

    def add_unit(self, element: Any, resolve: Resolve) -> None:
        """Add the unit of an element."""
        key = element.get("id", "")
        above: list[str] = []
        below: list[str] = []
        waiting = [(element, above)]
        while waiting:
            part, names = waiting.pop()
            if part.tag == _MEASURE:
                names.append(resolve(part, _read_leaf(part)))
            waiting += [(child, below if part.tag == _DENOMINATOR else names) for child in part[::-1]]
        if not above or not all([*above, *below]):
            self.wrong.append((key, "unit", "is a unit without a measure that is known", _LEFT_OUT))
        else:
            self._add_resource(self.units, key, canonical_unit(above, below), "unit")

    def _add_resource(self, known: dict[str, Any], key: str, made: object, kind: str) -> None:
        """Add a context or unit; where two of one id differ, neither counts."""
        if not key or (key in known and known[key] != made):
            known.pop(key, None)
            self.wrong.append((key, kind, f"is the id of two {kind}s, or there is none", _LEFT_OUT))
        else:
            known[key] = made


# -- contexts ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _SaidContext:
    """The texts of a context as they stand; `wrong` lists what is not allowed."""

    scheme: str = ""
    identifier: str = ""
    days: dict[str, str] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    wrong: str = ""


def _read_context(element: Any, resolve: Resolve) -> _SaidContext:
    """Read the elements of a context in their order; those that only hold others are opened."""
    said = _SaidContext()
    waiting = element[::-1]
    while waiting:
        part = waiting.pop()
        tag = part.tag
        if (day := _DAYS.get(tag)) is not None:
            said.days[day] = _read_leaf(part)
        elif tag == _IDENTIFIER:
            said.scheme, said.identifier = part.get("scheme", ""), _read_leaf(part)
        elif not tag.startswith(_SPACE):
            _add_pair(said, part, tag, resolve)
        elif tag == _FOREVER:
            said.days["forever"] = ""
        else:
            waiting += part[::-1]
    return said


_SPACE: Final = f"{{{INSTANCE}}}"


def _add_pair(said: _SaidContext, part: Any, tag: str, resolve: Resolve) -> None:
    """Add an axis with its member. Before dimensions, companies put elements of their own into a segment."""
    if not tag.startswith(_DIMENSIONS):
        namespace, _, local = tag.rpartition("}")
        said.pairs.append((f"{namespace.rpartition('/')[2] or 'own'}:{local}", _read_all(part)))
        return
    axis, text = resolve(part, part.get("dimension", "")), _read_all(part)
    member = resolve(part, text) if tag == _EXPLICIT else text
    if not axis or (tag == _EXPLICIT and not member):
        said.wrong = "has a dimension or a member without a known prefix"
    elif any(axis == known for known, _ in said.pairs):
        said.wrong = f"has the dimension {axis} twice"
    said.pairs.append((axis, member))


def _read_leaf(element: Any) -> str:
    """Return the words of an element; none where it has elements in it, which it must not have."""
    return "" if len(element) else " ".join((element.text or "").split())


def _read_all(element: Any) -> str:
    """Return the words of an element and of all in it; `nil` stands for what is nil."""
    if not len(element):
        return " ".join((element.text or "").split())
    pieces: list[str] = []
    waiting = [element]
    while waiting:
        part = waiting.pop()
        if isinstance(part, str):
            pieces.append(part)
        else:
            pieces += ["nil" if part is not element and is_nil(part.get(NIL)) else "", part.text or ""]
            for child in part[::-1]:
                waiting += [child.tail or "", child]
    return " ".join("".join(pieces).split())


def _read_days(days: dict[str, str]) -> Period:
    """Return the period of a context; ValueError if it has none."""
    if "instant" in days:
        return _read_period(None, days["instant"])
    if "startDate" not in days or "endDate" not in days:
        raise ValueError("has no period")
    return _read_period(days["startDate"], days["endDate"])


#: Most contexts of a filing are about the same few periods.
_read_period = lru_cache(maxsize=512)(read_period)
