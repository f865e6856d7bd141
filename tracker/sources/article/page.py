"""A saved web page as the text of its article, a block a line, and what the page says of itself.

The text is ours: inline tags never part a word, an amount or a sentence, and a row of a table is one line. Which blocks
belong to the article is what readability says of the page; what it cannot know (menus marked as such, blocks that are
links, rows of a table it has kept, the title) is decided here. Time grows with the length of the page.
"""

from __future__ import annotations

import logging
import re
import tomllib
from collections import Counter
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from lxml import etree, html
from readability import Document
from readability.readability import REGEXES, Unparseable

from tracker.sources.article.page_head import LONGEST, Head, read_head

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["Page", "read_page"]

logging.getLogger("readability").addHandler(logging.NullHandler())  # what it cannot read is a loss of the page

_TAGS: Final = {
    name: frozenset(words.split())
    for name, words in tomllib.loads(files("tracker.sources.article").joinpath("page.toml").read_text("utf-8"))[
        "tags"
    ].items()
}
_BLOCKS, _HEADINGS, _SMALL, _CELLS = _TAGS["blocks"], _TAGS["headings"], _TAGS["small"], _TAGS["cells"]
_UNSEEN, _APART, _APART_ROLES = _TAGS["unseen"], _TAGS["apart"], _TAGS["apart_roles"]
_HIDDEN: Final = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_ROW: Final = 200  # letters of a cell: a longer one is prose in a table that only arranges the page
_WRAPS: Final = 2  # elements around the text of a cell
_TITLE: Final = 8  # letters that a heading and the title of the page share at least
_ABOVE: Final = 8  # lines above the text that may say its day
_LINKED: Final = 0.66  # the share of a block's letters that are links
_SHORT: Final = 120  # letters of such a line
_HEAVIEST: Final = 30_000_000  # letters times the tags around them, which readability reads again and again
_MOST_BLOCKS: Final = 20_000
_LEAST: Final = 0.25  # the share of a page's prose that an article is, or the page may have been misread
_BREAK: Final = "\v"
_ATTRIBUTES: Final = 1_000  # of one tag: the parser compares each with all others
_LONG_TAG: Final = re.compile(r"<[a-zA-Z][^>]{4000,}")
_QUOTED: Final = re.compile(r"\"[^\"]*\"|'[^']*'")
_CJK: Final = r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]"
_CJK_BREAK: Final = re.compile(rf"(?<={_CJK})[ \t\r]*\n\s*(?={_CJK})")
_FOOTNOTE: Final = re.compile(
    r"[\[(]?(?:[a-z*†‡§¶#]{1,3}|\d{1,3})(?: ?, ?(?:[a-z*†‡§¶#]|\d{1,3}))*[\])]?", re.IGNORECASE
)
_RAISED: Final = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_OPENS: Final = re.compile(r"(?:[$€£¥₩₹₫]|(?<![^\W\d_])[A-Z]{1,3}\$|\()\Z")
_CLOSES: Final = re.compile(r"[%)]")
#: Marks that tell a block in what readability gives back: letters of a script that no article is written in.
_MARKS: Final = 0x12000
_MARK_COUNT: Final = 900
_MARK: Final = re.compile(f"([{chr(_MARKS)}-{chr(_MARKS + _MARK_COUNT)}])([{chr(_MARKS)}-{chr(_MARKS + _MARK_COUNT)}])")
_MARK_LETTER: Final = re.compile(f"[{chr(_MARKS)}-{chr(_MARKS + _MARK_COUNT)}]")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page shows of its article, what it says of itself, and what of it was not read.

    `above` are the lines between the title and the article, which may say the day; `losses` are a line of the page,
    a code, what is wrong and what to do.
    """

    text: str
    above: str
    head: Head
    losses: tuple[tuple[int | None, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, a heading or a row: its text, the node its first letters stand in, and what it is part of."""

    text: str
    node: Any
    is_tail: bool
    tag: str
    table: int
    links: int
    is_apart: bool

    @property
    def is_linked(self) -> bool:
        """Return true if it leads elsewhere and says nothing itself."""
        return self.tag not in _HEADINGS and self.links >= _LINKED * len(self.text.replace(" ", ""))


def read_page(page: str) -> Page:
    """Return the article of a page in HTML; a page without any text gives an empty one."""
    page = _MARK_LETTER.sub("□", _LONG_TAG.sub(_trimmed, page).replace("\0", "\ufffd"))
    parser = html.HTMLParser(encoding="utf-8", huge_tree=True, remove_comments=True, remove_pis=True)
    try:
        tree = html.document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except etree.ParserError:  # nothing that is shown
        return Page("", "", read_head(None, page), ())
    losses = [_too_deep(error.line) for error in parser.error_log if error.type == etree.ErrorTypes.ERR_RESOURCE_LIMIT]
    head = read_head(tree, page)
    _remove_unseen(tree)
    walk = _Walk(tree)
    blocks = walk.blocks()
    if not blocks:
        return Page("", "", head, tuple(losses[:1]))
    is_light = walk.weight <= _HEAVIEST and len(blocks) <= _MOST_BLOCKS
    places = _find_places(blocks) if is_light else []
    found = _find_article(tree, blocks) if is_light else None
    chosen = _choose_blocks(blocks, found, places)
    title = _find_title(blocks, min(chosen), head.title)
    group, above = _with_title(blocks, chosen, title)
    losses = [*losses[:1], *([] if found else [_UNDECIDED]), *_left_out(blocks, group)]
    head = head if title is None else replace(head, title=blocks[title].text[:LONGEST])
    return Page(_join_lines(blocks, sorted(group)), _join_lines(blocks, above), head, tuple(losses))


def _join_lines(blocks: Sequence[_Block], numbers: Iterable[int]) -> str:
    return "\n".join(blocks[number].text for number in numbers)


def _too_deep(line: int) -> tuple[int | None, str, str, str]:
    what = "tags are nested too deeply; what the page says behind this line was not read"
    return (line, "nesting", what, _REMEDY)


_REMEDY: Final = "save the text of the article in a .txt file"
_UNDECIDED: Final = (
    None,
    "whole_page",
    "the article cannot be told from what surrounds it; all text of the page was read",
    _REMEDY,
)


def _left_out(blocks: Sequence[_Block], chosen: set[int]) -> Iterator[tuple[int | None, str, str, str]]:
    """Yield a loss where little of a page was taken for its article."""
    sizes = [0 if block.is_apart or block.is_linked else len(block.text) for block in blocks]
    read = sum(sizes[number] for number in chosen)
    if read < _LEAST * sum(sizes):
        what = f"{read} of {sum(sizes)} letters were read; the rest was taken for menus, comments and other stories"
        yield None, "left_out", what, f"{_REMEDY} if something is missing"


def _trimmed(tag: re.Match[str]) -> str:
    """Return a tag without its attributes where they are too many: what is shown is behind the tag."""
    count = len(re.split(r"[\s/]+", _QUOTED.sub("", tag[0])))
    return re.split(r"[\s/>]", tag[0], maxsplit=1)[0] if count > _ATTRIBUTES else tag[0]


def _remove_unseen(tree: Any) -> None:
    """Take out what is not shown; what stands behind an element stays."""
    unseen = [
        node
        for node in tree.iter(etree.Element)
        if node.tag in _UNSEEN
        or "hidden" in node.attrib
        or ("style" in node.attrib and _HIDDEN.search(node.attrib["style"]))
    ]
    for node in unseen:
        if node.getparent() is not None:
            node.drop_tree()
    for raised in list(tree.iter("sup")):
        _lower(raised)


def _lower(raised: Any) -> None:
    """Numbers of footnotes become raised digits, their letters and signs go: neither is part of an amount or a word."""
    text = raised.text_content().strip()
    if not _FOOTNOTE.fullmatch(text):
        return
    if any(char.isdigit() for char in text):
        tail = raised.tail
        raised.clear()
        raised.text, raised.tail = text.translate(_RAISED), tail
    elif raised.find(".//a") is not None or not _letter_before(raised).isdigit():
        raised.drop_tree()


def _letter_before(node: Any) -> str:
    """Return the letter right before an element."""
    before = node.getprevious()
    if before is None:
        return (node.getparent().text or " ")[-1:]
    return (before.tail or before.text_content() or " ")[-1:]


# Blocks --------------------------------------------------------------------------------------------------------------


class _Walk:
    """The way through a page, element by element, on which its blocks are collected."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree
        self.found: list[_Block] = []
        self.weight = 0
        self._letters: list[str] = []
        self._first: tuple[Any, bool] | None = None
        self._links = 0
        self._depth = 0
        self._tables: list[int] = []
        self._rows: list[Any] = []
        self._tags: list[str] = ["body"]
        self._inside: Counter[str] = Counter()
        self._count = 0

    def blocks(self) -> list[_Block]:
        """Return the blocks of the page in order; `weight` is its letters times the tags around them."""
        for event, node in etree.iterwalk(self.tree, events=("start", "end")):
            if not isinstance(node.tag, str):
                continue
            if event == "start":
                self._enter(node)
            else:
                self._leave(node)
        self._flush()
        return self.found

    def _enter(self, node: Any) -> None:
        tag = node.tag
        if tag == "tr" and not self._rows and _is_row(node):
            self._flush()
            self._rows.append(node)
        elif tag in _CELLS and self._rows:
            self._letters.append(_BREAK)
        elif tag in _BLOCKS:
            self._end_block()
        elif tag == "br":
            self._letters.append(" " if self._rows or self._tags[-1] in _HEADINGS else _BREAK)
        if tag in _BLOCKS:
            self._tags.append(tag)
        if tag == "table":
            self._count += 1
            self._tables.append(self._count)
        self._depth += 1
        if (role := _role(node)) is not None:
            self._inside[role] += 1
        self._add(node, node.text, is_tail=False)

    def _leave(self, node: Any) -> None:
        tag = node.tag
        if self._rows and self._rows[-1] is node:
            self._flush()
            self._rows.pop()
        elif tag in _BLOCKS:
            self._end_block()
        if tag in _BLOCKS:
            self._tags.pop()
        if tag == "table":
            self._tables.pop()
        self._depth -= 1
        if (role := _role(node)) is not None:
            self._inside[role] -= 1
        if node is not self.tree:
            self._add(node, node.tail, is_tail=True)

    def _add(self, node: Any, text: str | None, *, is_tail: bool) -> None:
        if not text:
            return
        if self._first is None and text.strip():
            self._first = (node, is_tail)
        text = text.replace(_BREAK, " ")
        self._letters.append(text.replace("\n", _BREAK) if self._inside["pre"] else text)
        self._links += len("".join(text.split())) if self._inside["a"] else 0
        self.weight += len(text) * self._depth

    def _end_block(self) -> None:
        """Return the end of a block, or within a row a blank."""
        if self._rows:
            self._letters.append(" ")
        else:
            self._flush()

    def _flush(self) -> None:
        pieces = [_on_one_line(piece) for piece in "".join(self._letters).split(_BREAK)]
        text = _join_cells(pieces) if self._rows else "\n".join(piece for piece in pieces if piece)
        if text and self._first:
            table = self._tables[-1] if self._rows and self._tables else 0
            tag, is_apart = self._tags[-1], self._inside["apart"] > 0
            self.found.append(_Block(text, *self._first, tag, table, self._links, is_apart))
        self._letters, self._first, self._links = [], None, 0


def _on_one_line(text: str) -> str:
    """Return the text without the line breaks of the file.

    Between letters of Chinese and Japanese they leave no blank.
    """
    return " ".join((_CJK_BREAK.sub("", text) if "\n" in text else text).split())


def _role(node: Any) -> str | None:
    """Return what an element makes of the text in it: no part of the article, a link, or lines as they are."""
    if node.tag in _APART or node.get("role") in _APART_ROLES or _is_caption(node):
        return "apart"
    return str(node.tag) if node.tag in ("a", "pre") else None


def _is_caption(node: Any) -> bool:
    """Return true if an element says what a picture shows; that of a table may name its scale."""
    return node.tag == "figcaption" and node.getparent().find(".//table") is None


def _is_row(row: Any) -> bool:
    """Return true if a row holds figures side by side, and not paragraphs that a table only arranges on the page."""
    letters = blocks = 0
    for node in row.iter(etree.Element):
        if node.tag in _CELLS:
            letters = blocks = 0
        if node.tag == "table" or node.tag in _HEADINGS:
            return False
        blocks += node.tag in _BLOCKS and node.tag not in _CELLS and node is not row
        letters += len(node.text or "") + len(node.tail or "")
        if letters > _ROW or blocks > _WRAPS:
            return False
    return True


def _join_cells(cells: Iterable[str]) -> str:
    """Return the cells of a row on one line.

    Signs of currency and brackets in cells of their own go to their number.
    """
    line = ""
    for cell in cells:
        if cell:
            is_glued = _OPENS.search(line) or (_CLOSES.match(cell) and line)
            line += cell if is_glued else f"  {cell}"
    return line.strip()


# The article ---------------------------------------------------------------------------------------------------------


#: Characters that a page may hold by number (`&#1;`), and that no node can be given.
_NO_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _find_article(tree: Any, blocks: Sequence[_Block]) -> set[int] | None:
    """Return the blocks that readability takes for the article; None where it cannot read the page.

    Of a table it is shown the first row, for the others go with it.
    """
    tables: set[int] = set()
    for number, block in enumerate(blocks):
        mark = chr(_MARKS + number // _MARK_COUNT) + chr(_MARKS + number % _MARK_COUNT)
        if block.table in tables:
            _remove_row(block)
        elif block.is_tail:
            block.node.tail = mark + _NO_XML.sub("\ufffd", block.node.tail)
        else:
            block.node.text = mark + _NO_XML.sub("\ufffd", block.node.text)
        tables |= {block.table} - {0}
    try:
        summary = Document(html.tostring(tree, encoding="unicode")).summary()
    except Unparseable:
        return None
    return {(ord(high) - _MARKS) * _MARK_COUNT + ord(low) - _MARKS for high, low in _MARK.findall(summary)}


def _remove_row(block: _Block) -> None:
    row = next((node for node in (block.node, *block.node.iterancestors()) if node.tag == "tr"), None)
    if row is not None and row.getparent() is not None:
        row.getparent().remove(row)


def _choose_blocks(blocks: Sequence[_Block], found: set[int] | None, places: Sequence[Any]) -> set[int]:
    """Return the blocks of the article: those found, without what leads elsewhere, and with what stands among them."""
    own = {number for number, block in enumerate(blocks) if not block.is_apart and not block.is_linked}
    if found is None or not found & own:
        return own or set(range(len(blocks)))
    kept = found & own
    tables = {blocks[number].table for number in kept} - {0}
    containers = {places[number] for number in kept} - {None}
    beside = {number for number in own - kept if places[number] in containers}
    return kept | beside | {number for number in own if blocks[number].table in tables}


def _find_places(blocks: Sequence[_Block]) -> list[Any]:
    """For each block the element in which it stands beside others, or None where what is around it is no article.

    What is around a single block, a list or a table is not looked at: it only dresses them.
    """
    starts = [_make_block(block) for block in blocks]
    sizes = Counter(node for start in dict.fromkeys(starts) for node in start.iterancestors())
    return [_find_place(start, sizes) for start in starts]


def _make_block(block: _Block) -> Any:
    """Return the paragraph, heading or table that a block is."""
    node = block.node.getparent() if block.is_tail else block.node
    wanted = {"table"} if block.table else _BLOCKS
    return next((one for one in (node, *node.iterancestors()) if one.tag in wanted), node)


def _find_place(start: Any, sizes: Counter[Any]) -> Any:
    for node in (start, *start.iterancestors()):
        if node.tag not in _SMALL and (sizes[node] > 1 or node.tag == "body"):
            return node
        if _is_unlikely(node):
            return None
    return None


def _is_unlikely(node: Any) -> bool:
    """Return true if the class or id of an element says that it is no part of an article."""
    names = f"{node.get('class', '')} {node.get('id', '')}"
    is_unlikely = REGEXES["unlikelyCandidatesRe"].search(names) or REGEXES["negativeRe"].search(names)
    return is_unlikely is not None and REGEXES["okMaybeItsACandidateRe"].search(names) is None


def _find_title(blocks: Sequence[_Block], first: int, title: str | None) -> int | None:
    """Return the heading of the article: the one that the page names, else the last of the first rank before it."""
    headings = [number for number in range(first + 1) if blocks[number].tag in _HEADINGS]
    named = [number for number in headings if title and _is_same_title(blocks[number].text, title)]
    ranked = [number for number in headings if blocks[number].tag == "h1" and not blocks[number].is_apart]
    return next(iter([*named[:1], *ranked[-1:]]), None)


def _is_same_title(heading: str, title: str) -> bool:
    short, long = sorted((heading.casefold(), title.casefold()), key=len)
    return len(short) >= _TITLE and short in long


def _with_title(blocks: Sequence[_Block], chosen: set[int], top: int | None) -> tuple[set[int], list[int]]:
    """Return the article with its headings above the text, and the short lines among them."""
    first = min(chosen)
    if top is None:
        return chosen, [number for number in range(max(0, first - _ABOVE), first) if _may_say_day(blocks[number])]
    heads = [number for number in range(top, first) if blocks[number].tag in _HEADINGS]
    group = {number for place, number in enumerate(heads) if number == top + place}
    lines = [number for number in range(top, first) if number not in group and _may_say_day(blocks[number])]
    return chosen | group, lines[:_ABOVE]


def _may_say_day(block: _Block) -> bool:
    return len(block.text) <= _SHORT and not block.is_linked and not block.is_apart
