"""Read an XBRL instance child by child. Most children are contexts, units, and facts with nothing but text in them.

The parser builds each child of the root as a tree, which is read and freed before the next one. So the pages of text
that an instance also holds cost nothing, and memory does not grow with the file. A child that is no plain fact, context
or unit goes to the handler as events, as all of an inline document does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from lxml import etree

from tracker.sources.sec.markup import INLINE, INSTANCE
from tracker.sources.sec.resources import CONTEXT, UNIT
from tracker.sources.sec.xbrl import canonical_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tracker.sources.sec.page_text import PageText

__all__ = ["PIECE", "find_undeclared", "is_wanted", "name_concept", "read_instance"]

_ROOT: Final = f"{{{INSTANCE}}}xbrl"
PIECE: Final = 1 << 16
#: Elements of these namespaces are no facts of an instance.
_OTHERS: Final = frozenset({INSTANCE, *INLINE, "http://www.xbrl.org/2003/linkbase", "http://www.w3.org/1999/xhtml", ""})


class Handler(Protocol):
    """Takes what an instance says."""

    failure: str
    text: PageText

    def start(self, tag: str, attributes: Mapping[str, str], names: Mapping[str | None, str]) -> None:
        """Begin an element."""

    def data(self, text: str) -> None:
        """Take text."""

    def end(self, tag: str) -> None:
        """End an element."""

    def add_figure(self, name: str, attributes: Mapping[str, str], text: str) -> None:
        """Take a fact with a unit that has nothing but text in it."""

    def add_resource(self, element: Any, *, is_renamed: bool) -> None:
        """Take a context or a unit."""


def read_instance(data: bytes, handler: Handler) -> bool:
    """Read an instance into a handler; return False, and give it nothing, if the document is not an instance.

    Raises:
        etree.XMLSyntaxError: the document is not complete XML.

    """
    parser = etree.XMLPullParser(
        events=("start", "start-ns"), tag=_ROOT, remove_comments=True, remove_pis=True,
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
    )  # fmt: skip
    children: _Children | None = None
    for begin in range(0, len(data), PIECE):
        parser.feed(data[begin : begin + PIECE])
        for event, what in parser.read_events():
            if children is not None:
                children.is_renamed = True  # a prefix is declared below the root, or another root is there
            elif event == "start":
                if what.getparent() is not None:
                    return False
                children = _Children(what, handler)
        if children is not None:
            children.take(slice(0, -1))  # the last may not be whole
        if handler.failure:
            return True
    parser.close()
    if children is None:
        return False
    children.take(slice(0, None))
    children.close()
    handler.failure = handler.failure or find_undeclared(parser)
    return True


def find_undeclared(parser: Any) -> str:
    """Say which prefix of an element or attribute a document does not declare; empty if it declares all."""
    found = [entry.message for entry in parser.feed_error_log if entry.domain_name == "NAMESPACE"]
    return f"is no whole XML document ({found[0][:200]})" if found else ""


def is_wanted(namespace: str, attributes: Mapping[str, str]) -> bool:
    """Return whether a fact of an instance is a figure, or a text that may be on a cover page."""
    return "unitRef" in attributes or namespace.startswith("http://xbrl.")


def name_concept(namespace: str, local: str, names: Mapping[str | None, str]) -> str:
    """Return the canonical name of the concept of an element, with the first prefix of its namespace."""
    return canonical_name(namespace, next((prefix for prefix, uri in names.items() if uri == namespace), None), local)


class _Children:
    """The children of the root, on their way into a handler."""

    def __init__(self, root: Any, handler: Handler) -> None:
        self.is_renamed = False
        self._root = root
        self._handler = handler
        self._names = root.nsmap
        self._spaces = {*self._names.values()} - _OTHERS
        self._concepts: dict[str, str] = {}
        self._is_begun = False

    def take(self, part: slice) -> None:
        """Read the children that are complete, and free them."""
        whole = self._root[part]
        if whole and not self._is_begun:
            self._begin()
        handler, text = self._handler, self._handler.text
        for child in whole:
            if handler.failure:
                return
            self._read(child)
            tail = child.tail
            if tail and (text.is_open or not tail.isspace()):
                handler.data(tail)
        del self._root[part]

    def close(self) -> None:
        """Read what is left of the root."""
        if not self._is_begun:
            self._begin()
        self._handler.end(_ROOT)

    def _begin(self) -> None:
        self._is_begun = True
        self._handler.start(_ROOT, dict(self._root.attrib), self._names)
        self._handler.data(self._root.text or "")

    def _read(self, child: Any) -> None:
        tag = child.tag
        if tag in {CONTEXT, UNIT}:
            self._handler.add_resource(child, is_renamed=self.is_renamed)
            return
        name = self._concepts.get(tag)
        if name is None:
            name = self._concepts[tag] = self._find_concept(tag)
        if not name or len(child):
            self._replay(child, self._names)
            return
        attributes = dict(child.items())
        if "unitRef" in attributes and "contextRef" in attributes:
            self._handler.add_figure(name, attributes, child.text or "")
        elif "contextRef" not in attributes or is_wanted(tag[1:], attributes):
            self._replay(child, self._names)

    def _find_concept(self, tag: str) -> str:
        """Return the canonical name of a concept; empty if the namespace is none of a taxonomy, or not the root's."""
        namespace, _, local = tag[1:].rpartition("}")
        return name_concept(namespace, local, self._names) if namespace in self._spaces else ""

    def _replay(self, element: Any, names: Mapping[str | None, str]) -> None:
        """Give an element with everything in it to the handler as events."""
        handler, known = self._handler, element.nsmap
        if handler.failure:
            return
        handler.start(element.tag, dict(element.attrib), dict(known.items() - names.items()))
        handler.data(element.text or "")
        for child in element:
            self._replay(child, known)
            handler.data(child.tail or "")
        handler.end(element.tag)
