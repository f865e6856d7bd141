"""A report on paper: a tagged PDF (PDF/UA-1) by Typst, with the same bytes on every machine.

All text goes in as data, so that no name can run as Typst. The fonts are those of Typst and those in the project's own
`fonts` folder beside the definitions, never the machine's. Letters that no font has are listed, not drawn as boxes.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from tracker.errors import TrackerError, UsageError
from tracker.files.spreadsheet import library
from tracker.report.charts.drawing import chart_svg
from tracker.report.charts.leaves import WIDTH
from tracker.report.document import Note
from tracker.report.text.labels import DASH, isolate
from tracker.report.text.prose import describe_origin

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from tracker.report.document import Cell, Document, Link, Picture, Row, Section, Table
    from tracker.report.text.language import Language

__all__ = ["pdf"]

_SERIF: Final = "Libertinus Serif"
_LAST: Final = "DejaVu Sans Mono"
_MISSING: Final = re.compile(r"the text `\"(.*?)\"` could not be displayed")
_ROUNDS: Final = 8
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")


def pdf(document: Document, fonts: Path | None = None) -> bytes:
    """Write the report as a PDF. `fonts` is a folder of fonts to use beside those Typst has.

    Raises UsageError if the extra is not installed, or if no font has the letters of the report's language.
    """
    typst = library("typst", "pdf")
    folders = [fonts] if fonts is not None and fonts.is_dir() else []
    own = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders).families()
    report = _report(document, [_SERIF, *sorted(own), _LAST])
    lost: set[str] = set()
    for _ in range(_ROUNDS):
        try:
            return _compile_pdf(typst, report, folders, document)
        except typst.TypstError as error:
            found = {letter for text in _MISSING.findall(error.diagnostic) for letter in _unescaped(text)} - lost
            if not found:
                raise TrackerError(f"the PDF could not be made: {error}") from error
            lost |= found
            _refuse_unprintable(document, lost)
            report = _drop_letters(_report(_note_lost_letters(document, lost), report["fonts"]), lost)
    raise TrackerError("the PDF could not be made: its fonts have too few of the report's letters")


def _compile_pdf(typst: Any, report: dict[str, Any], folders: list[Path], document: Document) -> bytes:
    known = document.known_on
    content: bytes = typst.compile(
        files("tracker.report.output").joinpath("pdf.typ").read_bytes(),
        format="pdf",
        font_paths=folders,
        ignore_system_fonts=True,
        sys_inputs={"report": json.dumps(report, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=datetime(known.year, known.month, known.day, tzinfo=UTC),
    )
    return content


# -- letters without a font -----------------------------------------------------------------------------


def _unescaped(text: str) -> str:
    return re.sub(r"\\u\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), text)


def _find_script(letter: str) -> str:
    """Return the script of a letter, by the first word of its name: CJK, HIRAGANA, THAI; all signs are one script."""
    if not unicodedata.category(letter).startswith(("L", "M", "N")):
        return "sign"
    return unicodedata.name(letter, "sign").split(" ", 1)[0].partition("-")[0]


def _refuse_unprintable(document: Document, lost: Collection[str]) -> None:
    """Raise UsageError if no font has letters of the report's language, because there is nothing to print then."""
    letters = [letter for letter in document.headline + document.lead if letter.isalpha()]
    scripts = {_find_script(letter) for letter in lost}
    if sum(_find_script(letter) in scripts for letter in letters) * 5 > len(letters):
        name = document.language.name
        raise UsageError(
            f"{document.definition.name}: the PDF's fonts have no letters for {name}; put a font that has them into"
            " `reports/fonts` (one of the Noto family, say), or take pdf out of the formats"
        )


def _note_lost_letters(document: Document, lost: Collection[str]) -> Document:
    language = document.language
    scripts = ", ".join(sorted({_find_script(letter).capitalize() for letter in lost}))
    text = language.say("This PDF has no font for some letters ({scripts}); the page shows them.", scripts=scripts)
    return replace(document, notes=(*document.notes, Note(language.say("Not printed"), text)))


def _drop_letters(report: Any, lost: Collection[str]) -> Any:
    """Replace each run of letters that have no font by three dots in brackets."""
    scripts = {_find_script(letter) for letter in lost}
    if isinstance(report, str):
        runs = "".join(
            "\0" if letter in lost or (ord(letter) > _LATIN and _find_script(letter) in scripts - {"sign"}) else letter
            for letter in report
        )
        return re.sub("\0+", "[…]", runs)
    if isinstance(report, dict):
        return {key: _drop_letters(value, lost) for key, value in report.items()}
    return [_drop_letters(item, lost) for item in report] if isinstance(report, list) else report


_LATIN: Final = 0x24F


# -- the report as plain data ---------------------------------------------------------------------------


def _report(document: Document, fonts: list[str]) -> dict[str, Any]:
    language = document.language
    keys = [row.key for section in document.sections for table in section.tables for row in table.rows if row.key]
    places = {key for key in keys if keys.count(key) == 1}
    known = document.known_on
    return {
        "language": document.language.code,
        "fonts": fonts,
        "made": {"year": known.year, "month": known.month, "day": known.day},
        "kicker": _drop_controls(document.kicker),
        "headline": _clean_heading(document.headline),
        "running": _drop_controls(document.kicker),
        "lead": _drop_controls(document.lead),
        "cards": [
            {
                **{
                    name: _drop_controls(getattr(card, name))
                    for name in ("label", "value", "growth", "fine", "measure")
                },
                "direction": card.direction,
                "href": _find_anchor(card.href, places),
            }
            for card in document.cards
        ],
        "sections": [
            _lay_out_section(language, section, places) for section in document.sections if not section.is_appendix
        ],
        "appendix": [
            _lay_out_section(language, section, places) for section in document.sections if section.is_appendix
        ],
        "titles": {"notes": language.say("Notes"), "appendix": language.say("Appendix")},
        "notes": [{"title": _drop_controls(note.title), "text": _drop_controls(note.text)} for note in document.notes],
        "origin": describe_origin(document),
        "command": _drop_controls(document.command),
    }


def _drop_controls(text: str) -> str:
    return _CONTROLS.sub("", text.encode("utf-8", "replace").decode())


def _clean_heading(text: str) -> str:
    """Clean a heading and make sure that it is not empty, because screen readers need its text."""
    return _drop_controls(text).strip() or DASH


def _find_anchor(href: str | None, places: Collection[str]) -> str | None:
    """Find the anchor a link leads to, where the report has it."""
    key = (href or "").removeprefix("#")
    return key if key in places else None


def _lay_out_section(language: Language, section: Section, places: Collection[str]) -> dict[str, Any]:
    return {
        "title": _clean_heading(section.title),
        "text": _drop_controls(section.text),
        "small": [_lay_out_picture(language, one) for one in section.pictures if one.chart.width <= WIDTH],
        "wide": [_lay_out_picture(language, one) for one in section.pictures if one.chart.width > WIDTH],
        "legend": [{"role": swatch.role, "text": _drop_controls(swatch.text)} for swatch in section.legend],
        "tables": [_lay_out_table(language, table, places) for table in section.tables],
    }


def _lay_out_picture(language: Language, picture: Picture) -> dict[str, Any]:
    """Draw a picture as wide as the text if it can be drawn again; else keep the size of its letters."""
    is_wide = picture.chart.width > WIDTH
    drawn = picture.chart.again(_PAPER) if picture.chart.again and is_wide else picture.narrow or picture.chart
    svg = re.sub(r'font-family="[^"]*"', f'font-family="{_SERIF}"', chart_svg(language, drawn))
    return {
        "title": _clean_heading(picture.title),
        "unit": _drop_controls(picture.unit),
        "alt": _clean_heading(picture.alt),
        "svg": svg,
        "width": _width(svg) if is_wide else 100,
    }


def _width(svg: str) -> int:
    """Measure a wide picture in hundredths of the text's width, so that letters are of one size in all."""
    found = re.search(r'\bwidth="([\d.]+)"', svg)
    return min(100, round(float(found[1]) * _SHARE)) if found else 100


#: Pixels of the text's width: letters of 12 pixels are then of 8.5 points.
_PAPER: Final = 700
_SHARE: Final = 100 / _PAPER


def _lay_out_table(language: Language, table: Table, places: Collection[str]) -> dict[str, Any]:
    return {
        "caption": _drop_controls(table.caption),
        "note": _drop_controls(table.note),
        "columns": [_drop_controls(column.title) for column in table.columns],
        "numeric": [column.kind in _NUMERIC for column in table.columns],
        "widths": _choose_column_widths(table),
        "size": 7.5 if len(table.columns) > _MANY else 8.5,
        "marked": [at for at, row in enumerate(table.rows, 1) if row.is_marked],
        "rows": [_lay_out_row(language, row, len(table.columns), places) for row in table.rows],
    }


_NUMERIC: Final = ("number", "ratio", "range")
_MANY: Final = 6
_SHORT: Final = 16


def _choose_column_widths(table: Table) -> list[int]:
    """Choose the widths of columns: short cells what they need (0), others by the length of their cells."""
    found = []
    for at in range(len(table.columns)):
        longest = max(
            (len(_cell_words(row.cells[at])) for row in table.rows if not row.is_group and row.cells[at].span == 1),
            default=0,
        )
        word = max(
            (len(word) for row in table.rows if not row.is_group for word in _cell_words(row.cells[at]).split()),
            default=0,
        )
        is_short = longest <= (_SHORT if table.columns[at].kind not in _NUMERIC else 2 * _SHORT)
        found.append(0 if is_short else min(max(longest, 2 * word), 60))
    return found if any(found) or not found else [1] * len(found)


def _cell_words(cell: Cell) -> str:
    return " ".join([cell.text, *(f"{link.prefix} {link.text}" for link in cell.links)])


def _lay_out_row(language: Language, row: Row, width: int, places: Collection[str]) -> dict[str, Any]:
    shown = row.cells[:1] if row.is_group else _drop_covered(row.cells)
    cells = [{**_lay_out_cell(language, cell, places), **({"span": width} if row.is_group else {})} for cell in shown]
    key = row.key if row.key in places else None
    return {"key": key, "group": row.is_group, "marked": row.is_marked, "cells": cells}


def _drop_covered(cells: Iterable[Cell]) -> Iterable[Cell]:
    """Drop the cells that lie under one before them."""
    under = 0
    for cell in cells:
        if under:
            under -= 1
            continue
        under = cell.span - 1
        yield cell


def _breakable(text: str) -> str:
    """Put places to break before capitals into words too long for a column."""
    return _LONG.sub(lambda word: re.sub(r"(?<=[a-z:])(?=[A-Z])", "\u200b", word[0]), text)


_LONG: Final = re.compile(r"\S{25,}")


def _lay_out_cell(language: Language, cell: Cell, places: Collection[str]) -> dict[str, Any]:
    return {
        "text": _breakable(_drop_controls(cell.text)),
        "tone": cell.tone,
        "quoted": cell.language is not None and bool(cell.text),
        "href": _find_anchor(cell.href, places),
        "span": cell.span,
        "links": [_lay_out_link(language, link, places) for link in cell.links],
    }


def _lay_out_link(language: Language, link: Link, places: Collection[str]) -> dict[str, Any]:
    """Write a citation: on paper its address comes before the row of the report it leads to."""
    url = link.url if link.url and link.url.startswith("https://") else None
    return {
        "text": isolate(language, _drop_controls(link.text)),
        "prefix": _drop_controls(link.prefix),
        "url": _drop_controls(url) if url else None,
        "href": _find_anchor(link.href, places),
    }
