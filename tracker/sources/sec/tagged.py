"""Read an inline XBRL document or an XBRL instance in one pass, without keeping its tree.

The parser is lxml's, fed piece by piece: no network, no DTD, no entities but HTML's names of letters, and limits on
size, depth and the number of facts. Spans count in the text that `read_tagged` returns: what a reader of the page
sees, line by line, with each run of blanks as one. The same file always gives the same text.
"""

from __future__ import annotations

import codecs
import html.entities
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from tracker.errors import DocumentError, NumberFormatError
from tracker.model.quantity import EXACT
from tracker.sources.sec.number_formats import read_number
from tracker.sources.sec.xbrl import (
    FactContext,
    Filed,
    TaggedFact,
    canonical_dimensions,
    canonical_name,
    canonical_unit,
    read_period,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["INLINE", "INSTANCE", "clean_markup", "is_inline", "is_instance", "read_tagged"]

#: A document in one of these namespaces' elements is inline XBRL.
INLINE: Final = ("http://www.xbrl.org/2013/inlineXBRL", "http://www.xbrl.org/2008/inlineXBRL")
INSTANCE: Final = "http://www.xbrl.org/2003/instance"
_DIMENSIONS: Final = "http://xbrl.org/2006/xbrldi"
_LINK: Final = "http://www.xbrl.org/2003/linkbase"
_XLINK_HREF: Final = "{http://www.w3.org/1999/xlink}href"
_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"

_PIECE: Final = 1 << 16
_DEEPEST: Final = 250  # elements in one another; a filing has a few dozen
_MOST_FACTS: Final = 400_000
_MOST_DIGITS: Final = 24  # before the point: more than any company has of anything
_MOST_PLACES: Final = 24  # behind the point
_DECIMALS: Final = range(-_MOST_DIGITS, 41)
_SCALES: Final = range(-30, 31)


_IN_TAG: Final = rb"<[^<>]{0,20000}?xmlns(?::[\w.-]+)?\s*=\s*[\"']%s[\"']"
_INLINE_TAG: Final = re.compile(_IN_TAG % (rb"http://www\.xbrl\.org/20(?:13|08)/inlineXBRL"))
_INSTANCE_TAG: Final = re.compile(_IN_TAG % rb"http://www\.xbrl\.org/2003/instance")
_ROOT: Final = re.compile(rb"<(?:[\w.-]+:)?xbrl[\s>]")


def is_inline(data: bytes) -> bool:
    """Return whether the bytes of a page declare the namespace of inline XBRL in a tag."""
    return bool(_INLINE_TAG.search(data))


def is_instance(data: bytes) -> bool:
    """Return whether the bytes are those of an XBRL instance."""
    return bool(_ROOT.search(data[:100_000]) and _INSTANCE_TAG.search(data[:100_000]))


def read_tagged(data: bytes) -> Filed:
    """Read all numeric facts of a document, with its contexts, units, cover page and text.

    Raises:
        DocumentError: the document is no XML, declares entities, or goes beyond a limit.

    """
    handler = _Handler()
    parser = etree.XMLParser(
        target=handler, resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False
    )
    clean = clean_markup(data)
    try:
        for begin in range(0, len(clean), _PIECE):
            parser.feed(clean[begin : begin + _PIECE])
            if handler.failure:
                raise DocumentError(handler.failure)
        parser.close()
    except etree.XMLSyntaxError as error:
        raise DocumentError(f"is no whole XML document ({str(error).splitlines()[0][:200] or 'cut off'})") from error
    undeclared = [entry.message for entry in parser.feed_error_log if entry.domain_name == "NAMESPACE"]
    if handler.failure or undeclared:
        raise DocumentError(handler.failure or f"is no whole XML document ({undeclared[0][:200]})")
    return handler.result()


# -- the bytes -----------------------------------------------------------------------------------------

_MARKS: Final = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
#: A picture or a font within the page, which may be larger than the parser takes.
_EMBEDDED: Final = re.compile(rb"data:[\w.+-]+/[\w.+-]+(?:;[\w=.-]+)*;base64,[A-Za-z0-9+/=\s]{1000,}")
_NAMED: Final = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)([A-Za-z][A-Za-z0-9]{1,31});")
_DECLARATION: Final = re.compile(rb"^\s*<\?xml[^>]*\?>")
_DOCTYPE: Final = re.compile(rb"<!DOCTYPE[^\[>]*(?:\"[^\"]*\"[^\[>]*|'[^']*'[^\[>]*)*(\[)?", re.IGNORECASE)


def clean_markup(data: bytes) -> bytes:
    """Return the bytes as the parser may have them: an encoding with ASCII in it, no entities, no pictures.

    DocumentError where they do not begin as XML does, or declare entities.
    """
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            try:
                text = data.decode(encoding)
            except UnicodeDecodeError as error:
                raise DocumentError("is no whole UTF-16 text") from error
            data = _DECLARATION.sub(b"", text.encode())
    begin = data.find(b"<")
    if begin < 0 or data[:begin].strip(b" \t\r\n\xef\xbb\xbf"):
        raise DocumentError("does not begin as an XML document does")
    found = _DOCTYPE.search(data)
    if (found and found[1]) or b"<!ENTITY" in data:
        raise DocumentError("declares entities, which no filing does")
    return _NAMED.sub(_plain_letter, _EMBEDDED.sub(b"data:,", data[begin:]))


def _plain_letter(found: re.Match[bytes]) -> bytes:
    """Return a letter that HTML names (`&nbsp;`) as a number, which XML knows, too."""
    point = html.entities.name2codepoint.get(found[1].decode())
    return found[0] if point is None else b"&#%d;" % point


# -- the pass ------------------------------------------------------------------------------------------

_BLOCKS: Final = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "br",
        "caption",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_CELLS: Final = frozenset({"td", "th"})
_SILENT: Final = frozenset({"head", "script", "style"})
#: Beside the cover page of the SEC (`dei`), the tag under which European reports name their company.
_REGISTRANT: Final = "EntityRegistrantName"
_NAMED_BY: Final = "ifrs-full:NameOfReportingEntityOrOtherMeansOfIdentification"
_PAGES: Final = frozenset({"http://www.w3.org/1999/xhtml", ""})
_TRUE: Final = frozenset({"true", "1"})
#: What the elements of inline XBRL around facts begin, and the count of each thing that is open.
_ASIDE: Final = {
    "references": "silent", "resources": "silent", "relationship": "silent", "hidden": "hidden", "tuple": "tuple",
}  # fmt: skip
_COUNTED: Final = {"silent": "_silent", "hidden": "_hidden", "tuple": "_tuples"}


@dataclass(slots=True)
class _OpenFact:
    """A fact whose end has not been read: its attributes, and where its text begins."""

    attributes: Mapping[str, str]
    name: str
    start: int
    is_numeric: bool
    is_hidden: bool
    is_plain: bool
    parts: dict[str, Decimal | str] = field(default_factory=dict)
    format: tuple[str | None, str] | None = None
    excluded: list[tuple[int, int]] = field(default_factory=list)


@dataclass(slots=True)
class _OpenContext:
    """A context whose end has not been read."""

    key: str
    scheme: str = ""
    identifier: str = ""
    days: dict[str, str] = field(default_factory=dict)
    pairs: list[tuple[str, str]] = field(default_factory=list)
    at: str = ""
    wrong: str = ""


@dataclass(slots=True)
class _OpenUnit:
    key: str
    above: list[str] = field(default_factory=list)
    below: list[str] = field(default_factory=list)
    is_below: bool = False


class _Handler:
    """Takes the parser's events; `failure` says why the rest need not be read."""

    def __init__(self) -> None:
        self.failure = ""
        self.is_inline = False
        self._names: list[dict[str | None, str]] = [{"xml": "http://www.w3.org/XML/1998/namespace"}]
        self._undo: list[str] = []
        self._pieces: list[str] = []
        self._length = 0
        self._last = "\n"
        self._silent = self._hidden = self._tuples = 0
        self._open: list[_OpenFact] = []
        self._excluded: list[int] = []
        self._context: _OpenContext | None = None
        self._unit: _OpenUnit | None = None
        self._words: list[str] | None = None
        self._axis: tuple[str, str] | None = None
        self._facts: list[TaggedFact] = []
        self._contexts: dict[str, FactContext] = {}
        self._units: dict[str, str] = {}
        self._cover: dict[str, tuple[str, str]] = {}
        self._registrant = ""
        self._schemas: set[str] = set()
        self._wrong: list[tuple[str, str, str, str]] = []
        self._endings: dict[str, Callable[[], None]] = {
            "block": self._break_line,
            "cell": self._add_blank,
            "fact": self._end_fact,
            "part": self._end_part,
            "exclude": self._end_exclude,
            "words": self._end_words,
            "axis": self._close_axis,
            "below": self._end_below,
            "context": self._close_context,
            "unit": self._close_unit,
        }

    def result(self) -> Filed:
        """Return what was read, after the last event."""
        cover = {name: text for name, (text, _) in self._cover.items()}
        if self._registrant:
            cover.setdefault(_REGISTRANT, self._registrant)
        kind = self._cover.get("DocumentType")
        return Filed(
            facts=tuple(self._facts),
            contexts=self._contexts,
            units=self._units,
            cover=cover,
            cover_context=kind[1] if kind else None,
            schemas=frozenset(self._schemas),
            text="".join(self._pieces),
            is_inline=self.is_inline,
            wrong=tuple(self._wrong),
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
        namespace, _, local = tag.rpartition("}")
        self._undo.append("")
        self._undo[-1] = self._begin_element(namespace[1:], local, attributes)

    def _begin_element(  # noqa: PLR0911 - one for each kind of element
        self, namespace: str, local: str, attributes: Mapping[str, str]
    ) -> str:
        """Begin an element, and return what its end has to do."""
        if self._context or self._unit:
            return self._start_in_resource(namespace, local, attributes)
        if namespace in INLINE:
            return self._start_inline(local, attributes)
        if namespace == INSTANCE:
            return self._start_instance(local, attributes)
        if namespace == _LINK:
            self._schemas |= {attributes.get(_XLINK_HREF, "")} if local == "schemaRef" else set()
            return ""
        if namespace in _PAGES:
            return self._start_on_page(local)
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
        if action in _COUNTED:
            setattr(self, _COUNTED[action], getattr(self, _COUNTED[action]) - 1)
        elif action:
            self._endings[action]()
        self._undo.pop()
        self._names.pop()

    def data(self, text: str) -> None:
        """Take text."""
        if self._words is not None:
            self._words.append(text)
        elif not (self._silent or self.failure or self._context or self._unit):
            self._add_text(text)

    def comment(self, _: str) -> None:
        """Leave a comment out."""

    def pi(self, _: str, __: str | None = None) -> None:
        """Leave an instruction to programs out."""

    def close(self) -> None:
        """End the document."""

    # -- text ------------------------------------------------------------------------------------------

    def _add_text(self, text: str) -> None:
        words = " ".join(text.split())
        if text[:1].isspace():
            self._add_blank()
        if words:
            self._append(words)
            if text[-1:].isspace():
                self._add_blank()

    def _append(self, text: str) -> None:
        self._pieces.append(text)
        self._length += len(text)
        self._last = text[-1]

    def _add_blank(self) -> None:
        if self._last not in " \n":
            self._append(" ")

    def _break_line(self) -> None:
        if self._last != "\n" and not self._silent:
            self._append("\n")

    def _text_since(self, start: int) -> tuple[str, int, int]:
        """Return the text from a place on without blanks around it, and its span."""
        taken, length = [], self._length
        for piece in reversed(self._pieces):
            if length <= start:
                break
            length -= len(piece)
            taken.append(piece[max(0, start - length) :])
        text = "".join(reversed(taken))
        bare = text.strip()
        begin = start + (len(text) - len(text.lstrip()) if bare else 0)
        return bare, begin, begin + len(bare)

    # -- inline ----------------------------------------------------------------------------------------

    def _start_inline(self, local: str, attributes: Mapping[str, str]) -> str:
        self.is_inline = True
        if local in ("nonFraction", "nonNumeric", "fraction"):
            if self._hidden:
                self._break_line()
            self._open_fact(self._resolve(attributes.get("name", "")), attributes, is_numeric=local != "nonNumeric")
            return "fact"
        if local in ("numerator", "denominator") and self._open:
            return self._start_part(local, attributes)
        if local == "exclude":
            self._excluded.append(self._length)
            return "exclude"
        action = _ASIDE.get(local, "")
        if action:
            setattr(self, _COUNTED[action], getattr(self, _COUNTED[action]) + 1)
        return action

    def _end_exclude(self) -> None:
        """Note where text stands that does not belong to the facts around it, such as the number of a page."""
        begin = self._excluded.pop()
        for fact in self._open if not self._excluded else ():
            fact.excluded.append((begin, self._length))

    def _start_on_page(self, local: str) -> str:
        if local in _BLOCKS:
            self._break_line()
            return "block"
        if local in _CELLS:
            self._add_blank()
            return "cell"
        if local in _SILENT and not self._open:  # within a fact it is part of what the fact says
            self._silent += 1
            return "silent"
        return ""

    def _open_fact(self, name: str, attributes: Mapping[str, str], *, is_numeric: bool, is_plain: bool = False) -> None:
        if len(self._facts) >= _MOST_FACTS:
            self.failure = f"has more than {_MOST_FACTS:,} facts"
        kind = self._find_format(attributes)
        self._open.append(
            _OpenFact(dict(attributes), name, self._length, is_numeric, bool(self._hidden), is_plain, format=kind)
        )

    def _find_format(self, attributes: Mapping[str, str]) -> tuple[str | None, str] | None:
        if "format" not in attributes:
            return None
        prefix, _, local = attributes["format"].strip().rpartition(":")
        return self._names[-1].get(prefix or None), local

    def _resolve(self, name: str) -> str:
        """Return the canonical form of a name with a prefix; empty where the prefix is not declared."""
        prefix, _, local = name.strip().rpartition(":")
        namespace = self._names[-1].get(prefix or None)
        if not local or (prefix and namespace is None):
            return ""
        return canonical_name(namespace, prefix, local)

    def _start_part(self, local: str, attributes: Mapping[str, str]) -> str:
        self._open_fact(local, attributes, is_numeric=False, is_plain=self._open[-1].is_plain)
        self._add_blank()
        return "part"

    def _end_part(self) -> None:
        part = self._open.pop()
        text, _, _ = self._text_since(part.start)
        try:
            self._open[-1].parts[part.name] = _read_value(part, text)
        except (NumberFormatError, ArithmeticError, ValueError) as error:
            self._open[-1].parts[part.name] = str(error) or "is no number"

    # -- an instance -----------------------------------------------------------------------------------

    def _start_instance(self, local: str, attributes: Mapping[str, str]) -> str:
        if local == "context":
            self._context = _OpenContext(attributes.get("id", ""))
            return "context"
        if local == "unit":
            self._unit = _OpenUnit(attributes.get("id", ""))
            return "unit"
        if local in ("numerator", "denominator") and self._open:
            return self._start_part(local, attributes)
        return ""

    def _start_plain_fact(self, namespace: str, local: str, attributes: Mapping[str, str]) -> str:
        """Begin a fact of an instance, an element of the concept's name. Of texts only the cover page's count."""
        if "unitRef" not in attributes and not namespace.startswith("http://xbrl."):
            self._silent += 1
            return "silent"
        prefixes = [prefix for prefix, uri in self._names[-1].items() if uri == namespace]
        name = canonical_name(namespace, next(iter(prefixes), None), local)
        self._break_line()
        self._open_fact(name, attributes, is_numeric="unitRef" in attributes, is_plain=True)
        return "fact"

    # -- facts -----------------------------------------------------------------------------------------

    def _end_fact(self) -> None:
        fact = self._open.pop()
        is_of_cover = fact.name.startswith("dei:") or fact.name == _NAMED_BY
        is_wanted = fact.is_numeric or is_of_cover  # the others are whole pages
        text, start, end = self._text_since(fact.start) if is_wanted else ("", 0, 0)
        if self._hidden or fact.is_plain:
            self._break_line()
        if not fact.is_numeric:
            self._note_cover(fact, text)
            return
        fault = self._find_fault(fact)
        if fault is None:
            try:
                self._facts.append(_make_fact(fact, text, start, end))
            except (NumberFormatError, ArithmeticError, ValueError) as error:
                fault = ("number", str(error) or "is no number that can be stored exactly")
            else:
                return
        place = fact.attributes.get("id") or fact.name or "a fact"
        self._wrong.append((f"{place} {fact.name}".strip(), *fault, "the fact is left out"))

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
        """Return the text of a fact without what is excluded from it."""
        if not fact.excluded or not text:
            return text
        whole = "".join(self._pieces)
        edges = [fact.start, *(edge for stretch in fact.excluded for edge in stretch), self._length]
        kept = (whole[begin:end] for begin, end in zip(edges[::2], edges[1::2], strict=True))
        return " ".join(" ".join(kept).split())

    # -- contexts and units ----------------------------------------------------------------------------

    def _start_in_resource(self, namespace: str, local: str, attributes: Mapping[str, str]) -> str:
        if self._unit:
            return self._start_in_unit(self._unit, namespace, local)
        return self._start_in_context(self._context, namespace, local, attributes) if self._context else ""

    def _start_in_unit(self, unit: _OpenUnit, namespace: str, local: str) -> str:
        if namespace == INSTANCE and local == "measure":
            self._words = []
            return "words"
        if namespace == INSTANCE and local == "unitDenominator":
            unit.is_below = True
            return "below"
        return ""

    def _end_below(self) -> None:
        if self._unit:
            self._unit.is_below = False

    def _start_in_context(
        self, context: _OpenContext, namespace: str, local: str, attributes: Mapping[str, str]
    ) -> str:
        if self._axis is not None:
            if attributes.get(_NIL) in _TRUE and self._words is not None:
                self._words.append("nil")
            return ""
        if namespace == INSTANCE and local in _DAYS:
            context.at, self._words = local, []
            return "words"
        if namespace == INSTANCE and local == "identifier":
            context.at, context.scheme, self._words = local, attributes.get("scheme", ""), []
            return "words"
        if namespace == INSTANCE:
            context.days |= {"forever": ""} if local == "forever" else {}
            return ""
        if namespace == _DIMENSIONS:
            self._axis = (local, self._resolve(attributes.get("dimension", "")))
        else:  # before dimensions, companies put elements of their own into a segment
            self._axis = ("own", f"{namespace.rpartition('/')[2] or 'own'}:{local}")
        self._words = []
        return "axis"

    def _end_words(self) -> None:
        """Take the text of a measure, of an identifier or of a day."""
        text, self._words = " ".join("".join(self._words or ()).split()), None
        if self._unit:
            (self._unit.below if self._unit.is_below else self._unit.above).append(self._resolve(text))
        elif self._context and self._context.at == "identifier":
            self._context.identifier = text
        elif self._context:
            self._context.days[self._context.at] = text

    def _close_axis(self) -> None:
        kind, axis = self._axis or ("", "")
        text = " ".join("".join(self._words or ()).split())
        self._axis = self._words = None
        if self._context is None:
            return
        member = self._resolve(text) if kind == "explicitMember" else text
        if not axis or (kind == "explicitMember" and not member):
            self._context.wrong = "has a dimension or a member without a known prefix"
        elif axis in (known for known, _ in self._context.pairs) and kind != "own":
            self._context.wrong = f"has the dimension {axis} twice"
        self._context.pairs.append((axis, member))

    def _close_unit(self) -> None:
        unit, self._unit = self._unit, None
        if unit is None:
            return
        if not unit.above or not all([*unit.above, *unit.below]):
            self._wrong.append((unit.key, "unit", "is a unit without a measure that is known", _LEFT_OUT))
        else:
            self._add_resource(self._units, unit.key, canonical_unit(unit.above, unit.below), "unit")

    def _close_context(self) -> None:
        context, self._context = self._context, None
        if context is None:
            return
        try:
            period = None if "forever" in context.days else read_period(*_ends(context.days))
        except (ValueError, OverflowError) as error:
            context.wrong, period = str(error), None
        if not context.identifier:
            context.wrong = context.wrong or "names no company"
        if context.wrong:
            self._wrong.append((context.key, "context", context.wrong, _LEFT_OUT))
            return
        made = FactContext(context.scheme, context.identifier, period, canonical_dimensions(context.pairs))
        self._add_resource(self._contexts, context.key, made, "context")

    def _add_resource(self, known: dict[str, Any], key: str, made: object, kind: str) -> None:
        """Add a context or unit; where two of one id differ, neither counts."""
        if not key or (key in known and known[key] != made):
            known.pop(key, None)
            self._wrong.append((key, kind, f"is the id of two {kind}s, or there is none", _LEFT_OUT))
        else:
            known[key] = made


_CHOICES: Final = {"fixed-true": "true", "fixed-false": "false", "booleantrue": "true", "booleanfalse": "false"}
_BOXES: Final = {"\u2610": "false", "\u2611": "true", "\u2612": "true"}


def _read_choice(kind: str, text: str) -> str:
    """Return the value of a text of the cover page: its format may say that it is true or false, or be a ballot box."""
    return _BOXES.get(text, text) if kind == "boolballotbox" else _CHOICES.get(kind, text)


_DAYS: Final = frozenset({"startDate", "endDate", "instant"})
_LEFT_OUT: Final = "its facts are left out"


def _ends(days: Mapping[str, str]) -> tuple[str | None, str]:
    """Return the start (None for an instant) and the end of a context's period."""
    if "instant" in days:
        return None, days["instant"]
    if "startDate" not in days or "endDate" not in days:
        raise ValueError("has no period")
    return days["startDate"], days["endDate"]


# -- numbers -------------------------------------------------------------------------------------------


def _make_fact(fact: _OpenFact, text: str, start: int, end: int) -> TaggedFact:
    attributes = fact.attributes
    is_nil = attributes.get(_NIL) in _TRUE
    number = None if is_nil else _read_value(fact, text)
    return TaggedFact(
        concept=fact.name,
        context=attributes["contextRef"],
        unit=attributes["unitRef"],
        value=None if number is None else _spell_out(number),
        decimals=None if number is None or fact.parts else _read_decimals(attributes, number),  # a fraction is exact
        element=attributes.get("id"),
        printed=text,
        start=start,
        end=end,
        is_hidden=fact.is_hidden,
    )


def _read_value(fact: _OpenFact, text: str) -> Decimal:
    if fact.parts:
        return _check_size(_divide(fact.parts))
    if fact.is_plain:  # an instance states the value itself, sign and all
        return _check_size(_read_plain(text))
    return _check_size(_signed(read_number(text, *(fact.format or (None, None))), fact.attributes))


_PLAIN: Final = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)


def _read_plain(text: str) -> Decimal:
    if len(text) > 80 or not _PLAIN.fullmatch(text):  # noqa: PLR2004 - letters
        raise NumberFormatError(f"{text[:60]!r} is no number")
    return Decimal(text)


def _signed(number: Decimal, attributes: Mapping[str, str]) -> Decimal:
    """Return a printed number times ten to its scale, with its sign."""
    scale, sign = attributes.get("scale", "0").strip(), attributes.get("sign", "")
    if not re.fullmatch(r"[+-]?\d{1,3}", scale, re.ASCII) or int(scale) not in _SCALES:
        raise NumberFormatError(f"has the scale {scale[:20]!r}, which is none")
    if sign not in ("", "-"):
        raise NumberFormatError(f"has the sign {sign[:20]!r}, which is none")
    value = number.scaleb(int(scale), EXACT)
    return -value if sign and value else value


def _divide(parts: Mapping[str, Decimal | str]) -> Decimal:
    above, below = (parts.get(name, "is no whole fraction") for name in ("numerator", "denominator"))
    for part in (above, below):
        if isinstance(part, str):
            raise NumberFormatError(part)
    if not below:
        raise NumberFormatError("is divided by zero")
    return EXACT.divide(above, below)  # type: ignore[arg-type]  # neither is a text


def _check_size(value: Decimal) -> Decimal:
    """Return the value unchanged; NumberFormatError if it is larger than any figure of a company."""
    if value and not -_MOST_PLACES <= value.adjusted() < _MOST_DIGITS:
        raise NumberFormatError(f"{value} is beyond any figure of a company")
    return value


def _spell_out(value: Decimal) -> Decimal:
    """Return a value in plain digits: 5E+6 becomes 5000000."""
    return EXACT.quantize(value, Decimal(1)) if int(value.as_tuple().exponent) > 0 else value


def _read_decimals(attributes: Mapping[str, str], value: Decimal) -> int | None:
    """Return the decimals that are stated, or that follow from a stated precision; None for INF."""
    text = attributes.get("decimals", "").strip()
    precision = attributes.get("precision", "").strip()
    if text == "INF" or (not text and precision == "INF"):
        return None
    if not text and precision:
        text = str(int(precision) - value.adjusted() - 1) if precision.isdigit() and value else "0"
    if not text:  # against the rules; the digits say how exact it is
        return -int(value.as_tuple().exponent)
    if not re.fullmatch(r"[+-]?\d{1,3}", text, re.ASCII) or int(text) not in _DECIMALS:
        raise NumberFormatError(f"has the decimals {text[:20]!r}, which are none")
    return int(text)
