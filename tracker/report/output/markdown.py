"""A report as Markdown, for a wiki or a pull request: the finding, key figures, tables, notes; no HTML in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from tracker.report.text.prose import describe_origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tracker.report.document import Card, Cell, Document, Link, Picture, Row, Section, Table

__all__ = ["markdown"]

#: What Markdown would read as marks of its own; a backslash before each keeps it a character.
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>#|!~&$^=])")
_LEADING: Final = re.compile(r"^(\s*)([-+]|\d+[.)])(?=\s|$)")
_BREAKS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def markdown(document: Document) -> str:
    """Write the whole report as Markdown with tables as GitHub draws them."""
    return "\n\n".join(block for block in _blocks(document) if block) + "\n"


def _blocks(document: Document) -> Iterator[str]:
    language = document.language
    yield f"# {_escape_text(document.headline)}"
    yield _escape_text(document.kicker)
    yield _paragraph(document.lead)
    if document.cards:
        yield f"## {_escape_text(language.say('Key figures'))}"
        yield "\n".join(_format_card(card) for card in document.cards)
    for section in document.sections:
        yield from _format_section(section)
    if document.notes:
        yield f"## {_escape_text(language.say('Notes'))}"
        yield "\n".join(f"- **{_escape_text(note.title)}:** {_escape_text(note.text)}" for note in document.notes)
    yield f"{_escape_text(describe_origin(document))} `{_BREAKS.sub(' ', document.command).replace('`', ' ')}`"


def _growth_words(card: Card) -> str:
    return f"{card.growth} {card.measure}".strip()


def _join_parts(parts: Sequence[str]) -> str:
    return "; ".join(part for part in parts if part)


def _format_card(card: Card) -> str:
    words = _join_parts([card.value, _growth_words(card), card.fine])
    return f"- **{_escape_text(card.label)}:** {_escape_text(words)}"


def _format_section(section: Section) -> Iterator[str]:
    yield f"## {_escape_text(section.title)}"
    yield _paragraph(section.text)
    yield "\n".join(_format_picture(picture) for picture in section.pictures)
    for table in section.tables:
        yield f"**{_escape_text(table.caption)}**"
        yield _format_table(table)
        yield _paragraph(table.note)


def _format_picture(picture: Picture) -> str:
    """Describe a chart by its alternative text."""
    return f"- **{_escape_text(picture.title)}** ({_escape_text(picture.unit)}): {_escape_text(picture.alt)}"


def _format_table(table: Table) -> str:
    numeric = [column.kind in {"number", "ratio", "range"} for column in table.columns]
    lines = [_format_line([_escape_text(column.title) for column in table.columns])]
    lines.append(_format_line(["---:" if is_number else "---" for is_number in numeric]))
    lines += [_format_line(_format_row(row, len(table.columns))) for row in table.rows]
    return "\n".join(lines)


def _format_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _format_row(row: Row, width: int) -> list[str]:
    cells = [_format_markdown_cell(cell) for cell in row.cells]
    if row.is_group or row.is_marked:
        cells = [f"**{cell}**" if cell and not cell.startswith("[") else cell for cell in cells]
    return [*cells, *[""] * (width - len(cells))]


def _format_markdown_cell(cell: Cell) -> str:
    shown = (
        f"\u201c{_escape_text(cell.text)}\u201d" if cell.language is not None and cell.text else _escape_text(cell.text)
    )
    return " ".join([*([shown] if shown else []), *(_format_link(link) for link in cell.links)])


def _format_link(link: Link) -> str:
    prefix = f"{_escape_text(link.prefix)} " if link.prefix else ""
    if link.url and link.url.startswith("https://"):
        return f"{prefix}[{_escape_text(link.text)}]({quote(link.url, safe=_SAFE)})"
    return f"{prefix}{_escape_text(link.text)}"


_SAFE: Final = ":/?#@!$&'*+,;=%-._~"


def _paragraph(text: str) -> str:
    return _LEADING.sub(r"\1\\\2", _escape_text(text))


def _escape_text(text: str) -> str:
    """Escape text so that nothing in it is a mark, on one line."""
    whole = text.encode("utf-8", "replace").decode()
    return _MARKS.sub(r"\\\1", _BREAKS.sub(" ", whole)).strip()
