"""Read an inline XBRL document or an XBRL instance in one pass, without keeping its tree.

The parser is lxml's, fed piece by piece: no network, no DTD, no entities but HTML's names of letters, and limits on
size, depth and the number of facts. Spans count in the text that `read_tagged` returns: what a reader of the page
sees, line by line, with each run of blanks as one. The same file always gives the same text.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from tracker.errors import DocumentError, NumberFormatError
from tracker.sources.sec.instance import PIECE, find_undeclared, is_wanted, name_concept, read_instance
from tracker.sources.sec.markup import INLINE, INSTANCE, check_markup, clean_markup, is_instance
from tracker.sources.sec.page_text import PageText
from tracker.sources.sec.resources import CONTEXT, NIL, UNIT, ElementNode, Resources, is_nil
from tracker.sources.sec.tagged_values import (
    divide_parts,
    read_decimals,
    read_plain,
    read_printed,
    read_stated,
    spell_out,
)
from tracker.sources.sec.xbrl import Filed, TaggedFact, resolve_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal

__all__ = ["read_tagged"]

_LINK: Final = "http://www.xbrl.org/2003/linkbase"
_XLINK_HREF: Final = "{http://www.w3.org/1999/xlink}href"

_DEEPEST: Final = 250  # elements in one another; a filing has a few dozen
_MOST_FACTS: Final = 400_000


def read_tagged(data: bytes) -> Filed:
    """Read all numeric facts of a document, with its contexts, units, cover page and text.

    Raises:
        DocumentError: the document is no XML, declares entities, or goes beyond a limit.

    """
    checked = check_markup(data)
    handler = _read_children(checked) if is_instance(data) else None
    if handler is None:
        handler = TaggedHandler()
        try:
            _feed(clean_markup(checked), handler)
        except etree.XMLSyntaxError as error:
            what = str(error).splitlines()[0][:200] or "cut off"
            raise DocumentError(f"is no whole XML document ({what})") from error
    if handler.failure:
        raise DocumentError(handler.failure)
    return handler.result()


def _read_children(data: bytes) -> TaggedHandler | None:
    """Read an instance child by child; None if it is not an instance, or must be read as events."""
    if b"<!" in data and b"<!DOCTYPE" in data:  # which could let references to entities into the tree
        return None
    handler = TaggedHandler()
    try:
        return handler if read_instance(data, handler) else None
    except etree.XMLSyntaxError:  # names of letters, for example
        return None


# -- the pass ------------------------------------------------------------------------------------------

_BLOCKS: Final = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "caption", "center", "dd", "div", "dl", "dt",
    "fieldset", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li",
    "main", "nav", "ol", "p", "pre", "section", "table", "tbody", "tfoot", "thead", "tr", "ul",
})  # fmt: skip
_CELLS: Final = frozenset({"td", "th"})
_SILENT: Final = frozenset({"head", "script", "style"})
_PAGES: Final = frozenset({"http://www.w3.org/1999/xhtml", ""})
#: Beside the cover page of the SEC (`dei`), the tag under which European reports name their company.
_REGISTRANT: Final = "EntityRegistrantName"
_NAMED_BY: Final = "ifrs-full:NameOfReportingEntityOrOtherMeansOfIdentification"
#: What the elements of inline XBRL around facts begin, and the count of each thing that is open.
_ASIDE: Final = {
    "references": "silent", "resources": "silent", "relationship": "silent", "hidden": "hidden", "tuple": "tuple",
}  # fmt: skip
_COUNTED: Final = {"silent": "_silent", "hidden": "_hidden", "tuple": "_tuples"}
_XML: Final[dict[str | None, str]] = {"xml": "http://www.w3.org/XML/1998/namespace"}


@dataclass(slots=True)
class _OpenFact:
    """A fact whose end has not been read yet: its attributes, and where its text begins."""

    attributes: Mapping[str, str]
    name: str
    start: int
    is_numeric: bool
    is_hidden: bool
    is_plain: bool
    format: tuple[str | None, str] | None = None
    parts: dict[str, Decimal | str] = field(default_factory=dict)
    excluded: list[tuple[int, int]] = field(default_factory=list)


class TaggedHandler:
    """Takes the parser's events; `failure` says why the rest need not be read."""

    def __init__(self) -> None:
        self.failure = ""
        self.is_inline = False
        self.resources = Resources()
        self.text = PageText()
        self._names: list[dict[str | None, str]] = [{**_XML}]
        self._undo: list[str] = []
        self._silent = self._hidden = self._tuples = 0
        self._open: list[_OpenFact] = []
        self._excluded: list[int] = []
        self._nodes: list[ElementNode] = []
        self._is_renamed = False
        self._known: dict[str, str] = {}
        self._known_in: dict[str | None, str] = {}
        self._facts: list[TaggedFact] = []
        self._cover: dict[str, tuple[str, str]] = {}
        self._registrant = ""
        self._schemas: set[str] = set()
        self._endings: dict[str, Callable[[], None]] = {
            "block": self._end_block,
            "cell": self.text.add_blank,
            "fact": self._end_fact,
            "part": self._end_part,
            "exclude": self._end_exclude,
            "resource": self._end_resource,
        }

    def result(self) -> Filed:
        """Return what was read, after the last event."""
        cover = {name: text for name, (text, _) in self._cover.items()}
        if self._registrant:
            cover.setdefault(_REGISTRANT, self._registrant)
        kind = self._cover.get("DocumentType")
        return Filed(
            facts=tuple(self._facts),
            contexts=self.resources.contexts,
            units=self.resources.units,
            cover=cover,
            cover_context=kind[1] if kind else None,
            schemas=frozenset(self._schemas),
            text=self.text.whole(),
            is_inline=self.is_inline,
            wrong=tuple(self.resources.wrong),
        )

    # -- events ----------------------------------------------------------------------------------------

    def start(self, tag: str, attributes: Mapping[str, str], names: Mapping[str | None, str]) -> None:
        """Begin an element."""
        if self.failure:
            return
        if len(self._undo) >= _DEEPEST:
            self.failure = f"has more than {_DEEPEST} elements in one another"
            return
        known = self._names[-1]
        self._names.append({**known, **{prefix or None: uri for prefix, uri in names.items()}} if names else known)
        self._undo.append("")
        if self._nodes:
            self._is_renamed = self._is_renamed or bool(names)
            self._add_node(tag, attributes)
        else:
            self._undo[-1] = self._begin_element(tag, attributes)

    def _begin_element(  # noqa: PLR0911 - one for each kind of element
        self, tag: str, attributes: Mapping[str, str]
    ) -> str:
        """Begin an element, and return what its end has to do."""
        space, _, local = tag.rpartition("}")
        namespace = space[1:]
        if namespace in _PAGES:
            return self._start_on_page(local)
        if namespace in INLINE:
            return self._start_inline(local, attributes)
        if tag in {CONTEXT, UNIT}:
            return self._start_resource(tag, attributes)
        if namespace == INSTANCE:
            return self._start_part(local, attributes) if local in _PARTS and self._open else ""
        if namespace == _LINK:
            self._schemas |= {attributes.get(_XLINK_HREF, "")} if local == "schemaRef" else set()
            return ""
        if "contextRef" in attributes:
            return self._start_plain_fact(namespace, local, attributes)
        if len(self._undo) == 2 and not self.is_inline:  # noqa: PLR2004 - below the root of an instance
            self._tuples += 1
            return "tuple"
        return ""

    def end(self, _: str) -> None:
        """End an element."""
        if self.failure:
            return
        action = self._undo[-1]
        if len(self._nodes) > 1:
            self._nodes.pop()
        elif action in _COUNTED:
            setattr(self, _COUNTED[action], getattr(self, _COUNTED[action]) - 1)
        elif action:
            self._endings[action]()
        self._undo.pop()
        self._names.pop()

    def data(self, text: str) -> None:
        """Take text."""
        if self._nodes:
            self._nodes[-1].add_text(text)
        elif not (self._silent or self.failure):
            self.text.add(text)

    def comment(self, _: str) -> None:
        """Leave a comment out."""

    def pi(self, _: str, __: str | None = None) -> None:
        """Leave an instruction to programs out."""

    def close(self) -> None:
        """End the document."""

    # -- names -----------------------------------------------------------------------------------------

    def _resolve(self, name: str) -> str:
        """Return the canonical form of a name with a prefix; empty where the prefix is not declared."""
        names = self._names[-1]
        if names is not self._known_in:
            self._known, self._known_in = {}, names
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = resolve_name(name, names)
        return known

    # -- inline ----------------------------------------------------------------------------------------

    def _start_inline(self, local: str, attributes: Mapping[str, str]) -> str:
        self.is_inline = True
        if local in ("nonFraction", "nonNumeric", "fraction"):
            if self._hidden:
                self._end_block()
            self._open_fact(self._resolve(attributes.get("name", "")), attributes, is_numeric=local != "nonNumeric")
            return "fact"
        if local in _PARTS and self._open:
            return self._start_part(local, attributes)
        if local == "exclude":
            self._excluded.append(self.text.length)
            return "exclude"
        action = _ASIDE.get(local, "")
        if action:
            setattr(self, _COUNTED[action], getattr(self, _COUNTED[action]) + 1)
        return action

    def _end_exclude(self) -> None:
        """Note the span of text that does not belong to the facts around it, such as a page number."""
        begin = self._excluded.pop()
        for fact in self._open if not self._excluded else ():
            fact.excluded.append((begin, self.text.length))

    def _start_on_page(self, local: str) -> str:
        if local in _BLOCKS:
            self._end_block()
            return "block"
        if local in _CELLS:
            self.text.add_blank()
            return "cell"
        if local in _SILENT and not self._open:  # within a fact it is part of what the fact says
            self._silent += 1
            return "silent"
        return ""

    def _end_block(self) -> None:
        if not self._silent:
            self.text.break_line()

    def _open_fact(self, name: str, attributes: Mapping[str, str], *, is_numeric: bool, is_plain: bool = False) -> None:
        if len(self._facts) >= _MOST_FACTS:
            self.failure = f"has more than {_MOST_FACTS:,} facts"
        kind = self._find_format(attributes)
        self._open.append(
            _OpenFact(dict(attributes), name, self.text.length, is_numeric, bool(self._hidden), is_plain, kind)
        )

    def _find_format(self, attributes: Mapping[str, str]) -> tuple[str | None, str] | None:
        if "format" not in attributes:
            return None
        prefix, _, local = attributes["format"].strip().rpartition(":")
        return self._names[-1].get(prefix or None), local

    def _start_part(self, local: str, attributes: Mapping[str, str]) -> str:
        self._open_fact(local, attributes, is_numeric=False, is_plain=self._open[-1].is_plain)
        self.text.add_blank()
        return "part"

    def _end_part(self) -> None:
        part = self._open.pop()
        text, _, _ = self.text.since(part.start)
        try:
            self._open[-1].parts[part.name] = _read_value(part, text)
        except (NumberFormatError, ArithmeticError, ValueError) as error:
            self._open[-1].parts[part.name] = str(error) or "is no number"

    # -- an instance -----------------------------------------------------------------------------------

    def _start_plain_fact(self, namespace: str, local: str, attributes: Mapping[str, str]) -> str:
        """Begin a fact of an instance, an element of the concept's name. Of texts only the cover page's count."""
        if not is_wanted(namespace, attributes):
            self._silent += 1
            return "silent"
        name = name_concept(namespace, local, self._names[-1])
        self._end_block()
        self._open_fact(name, attributes, is_numeric="unitRef" in attributes, is_plain=True)
        return "fact"

    def add_figure(self, name: str, attributes: Mapping[str, str], text: str) -> None:
        """Take a whole fact of an instance: it has a unit and nothing but text in it."""
        if len(self._facts) >= _MOST_FACTS:
            self.failure = f"has more than {_MOST_FACTS:,} facts"
            return
        words, start = self.text.add_line(text)
        end = start + len(words)
        if attributes.keys() <= _USUAL and (context := attributes["contextRef"]) and (unit := attributes["unitRef"]):
            with contextlib.suppress(NumberFormatError, ArithmeticError, ValueError):
                value, decimals = read_stated(words, attributes.get("decimals", ""))
                key = attributes.get("id")
                self._facts.append(TaggedFact(name, context, unit, value, decimals, key, words, start, end, False))
                return
        self._close_figure(_OpenFact(attributes, name, start, True, False, True), words, start, end)

    # -- facts -----------------------------------------------------------------------------------------

    def _end_fact(self) -> None:
        fact = self._open.pop()
        is_of_cover = fact.name.startswith("dei:") or fact.name == _NAMED_BY
        is_read = fact.is_numeric or is_of_cover  # the others are whole pages
        text, start, end = self.text.since(fact.start) if is_read else ("", 0, 0)
        if self._hidden or fact.is_plain:
            self._end_block()
        if fact.is_numeric:
            self._close_figure(fact, text, start, end)
        else:
            self._note_cover(fact, text)

    def _close_figure(self, fact: _OpenFact, text: str, start: int, end: int) -> None:
        fault = self._find_fault(fact)
        if fault is None:
            try:
                self._facts.append(_make_tagged(fact, text, start, end))
            except (NumberFormatError, ArithmeticError, ValueError) as error:
                fault = ("number", str(error) or "is no number that can be stored exactly")
            else:
                return
        place = fact.attributes.get("id") or fact.name or "a fact"
        self.resources.wrong.append((f"{place} {fact.name}".strip(), *fault, "the fact is left out"))

    def _find_fault(self, fact: _OpenFact) -> tuple[str, str] | None:
        if not fact.name:
            return "name", f"has a name without a known prefix ({fact.attributes.get('name', '')[:60]!r})"
        if self._tuples or "tupleRef" in fact.attributes:
            return "tuple", "is part of a tuple"
        if fact.attributes.get("target"):
            return "target", f"is meant for another report ({fact.attributes['target'][:40]!r})"
        if fact.excluded:  # the rules allow that in texts only
            return "exclude", "has something in it that is said to be no part of it"
        if not fact.attributes.get("contextRef") or not fact.attributes.get("unitRef"):
            return "reference", "names no context or no unit"
        return None

    def _note_cover(self, fact: _OpenFact, text: str) -> None:
        prefix, _, local = fact.name.partition(":")
        text = self._leave_out(fact, text)
        if not text or fact.attributes.get("target"):
            return
        if fact.name == _NAMED_BY:
            self._registrant = self._registrant or text[:200]
        elif prefix == "dei":
            value = _read_choice(fact.format[1] if fact.format else "", text)
            self._cover.setdefault(local, (value[:200], fact.attributes.get("contextRef", "")))

    def _leave_out(self, fact: _OpenFact, text: str) -> str:
        """Return the text of a fact without the excluded parts."""
        if not fact.excluded or not text:
            return text
        whole = self.text.whole()
        edges = [fact.start, *(edge for stretch in fact.excluded for edge in stretch), self.text.length]
        kept = (whole[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True))
        return " ".join(" ".join(kept).split())

    # -- contexts and units ----------------------------------------------------------------------------

    def _start_resource(self, tag: str, attributes: Mapping[str, str]) -> str:
        """Begin a context or a unit: what is in it is kept as a tree until its end."""
        self._is_renamed = False
        self._add_node(tag, attributes)
        return "resource"

    def _add_node(self, tag: str, attributes: Mapping[str, str]) -> None:
        node = ElementNode(tag, dict(attributes), self._names[-1])
        if self._nodes:
            self._nodes[-1].append(node)
        self._nodes.append(node)

    def _end_resource(self) -> None:
        self.add_resource(self._nodes.pop(), is_renamed=self._is_renamed)

    def add_resource(self, element: Any, *, is_renamed: bool) -> None:
        """Read a context or a unit from its element; `is_renamed` where prefixes may be declared in it."""

        def resolve(part: Any, name: str) -> str:
            return resolve_name(name, {**_XML, **part.nsmap}) if is_renamed else self._resolve(name)

        if element.tag == CONTEXT:
            self.resources.add_context(element, resolve)
        else:
            self.resources.add_unit(element, resolve)


def _feed(data: bytes, handler: TaggedHandler) -> None:
    """Give a document to the handler as the events of its elements."""
    parser = etree.XMLParser(
        target=handler, resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    for begin in range(0, len(data), PIECE):
        parser.feed(data[begin : begin + PIECE])
        if handler.failure:
            return
    parser.close()
    handler.failure = handler.failure or find_undeclared(parser)


_CHOICES: Final = {"fixed-true": "true", "fixed-false": "false", "booleantrue": "true", "booleanfalse": "false"}
_BOXES: Final = {"\u2610": "false", "\u2611": "true", "\u2612": "true"}


def _read_choice(kind: str, text: str) -> str:
    """Return the value of a text of the cover page, whose format may mean true or false, also for a ballot box."""
    return _BOXES.get(text, text) if kind == "boolballotbox" else _CHOICES.get(kind, text)


_PARTS: Final = frozenset({"numerator", "denominator"})
#: The attributes that most facts of an instance have; facts with others are read one by one.
_USUAL: Final = frozenset({"contextRef", "unitRef", "decimals", "id"})


def _make_tagged(fact: _OpenFact, text: str, start: int, end: int) -> TaggedFact:
    attributes = fact.attributes
    number = None if is_nil(attributes.get(NIL)) else _read_value(fact, text)
    return TaggedFact(
        concept=fact.name,
        context=attributes["contextRef"],
        unit=attributes["unitRef"],
        value=None if number is None else spell_out(number),
        decimals=None if number is None or fact.parts else read_decimals(attributes, number),  # a fraction is exact
        element=attributes.get("id"),
        printed=text,
        start=start,
        end=end,
        is_hidden=fact.is_hidden,
    )


def _read_value(fact: _OpenFact, text: str) -> Decimal:
    if fact.parts:
        return divide_parts(fact.parts)
    return read_plain(text) if fact.is_plain else read_printed(text, fact.format, fact.attributes)
