"""A report on its way out: sheets, Markdown, PDF; the same bytes everywhere, and text that stays text."""

# ruff: noqa: RUF001 - the marks of print (apostrophe, dash, minus) are what these tests are about

from __future__ import annotations

import io
import re
from datetime import date
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from support.reports import EARLIER, FILING, make_chart, make_document
from tracker.errors import UsageError
from tracker.report.document import Card, Cell, Column, Document, Link, Note, Picture, Row, Section, Table
from tracker.report.output.markdown import markdown
from tracker.report.output.pdf import pdf
from tracker.report.output.workbook import spreadsheet
from tracker.report.text.language import language_of


def with_texts(text: str) -> Document:
    """The report with one text in every place a text can stand."""
    row = Row((Cell(text), Cell(text, Decimal(1)), Cell(text), Cell(text), Cell(text, links=(Link(text, "https://example.com/?q=" + text, text),))))  # fmt: skip
    columns = tuple(Column(text) for _ in range(5))
    table = Table("t", text, columns, (row,), text, text)
    section = Section("s", text, text, (Picture("p", text, text, text, make_chart()),), (table, table))
    card = Card(text, text, text, "up", text)
    return make_document(kicker=text, headline=text, lead=text, cards=(card,), sections=(section,), notes=(Note(text, text),), foot=(text,), command=text)  # fmt: skip


# -- sheets -----------------------------------------------------------------------------------------


def opened(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_a_sheet_holds_values_not_words() -> None:
    book = opened(spreadsheet(make_document()))
    assert book.sheetnames == ["Summary", "Capital spending"]
    sheet = book["Capital spending"]
    titles = [cell.value for cell in sheet[1]]
    assert titles == ["Period", "Figure", "Growth", "Ends", "Source", "Source 2"]
    first = list(sheet[2])
    assert [cell.value for cell in first[:3]] == ["2024Q2", 8472000000, 0.333333333333]
    assert (first[1].number_format, first[2].number_format) == ("#,##0.00", "+0.0%;−0.0%;0.0%")
    assert first[3].value.date() == date(2024, 6, 30)
    assert first[4].hyperlink.target == FILING.url
    assert (first[5].value, first[5].hyperlink.target) == ("less 0001326801-24-000049", EARLIER.url)
    assert sheet["C3"].value == "no year-earlier figure"
    assert sheet.freeze_panes == "B2"


def test_the_first_sheet_tells_the_finding_and_how_to_make_it_again() -> None:
    told = [str(cell.value) for row in opened(spreadsheet(make_document()))["Summary"] for cell in row if cell.value]
    for text in ("Meta’s capital spending rose 33% to $8.5 billion", "$8.47 bn", "tracker report made", "7", "5 August 2024"):  # fmt: skip
        assert text in told


def test_digits_a_spreadsheet_cannot_keep_stand_beside() -> None:
    cells = (Cell("VND"), Cell("", Decimal("12345678901234567.891")))
    table = Table("t", "t", (Column("Unit"), Column("Figure", "number")), (Row(cells),), "t")
    sheet = opened(spreadsheet(make_document(sections=(Section("s", "s", tables=(table,)),))))["t"]
    assert [cell.value for cell in sheet[1]] == ["Unit", "Figure", "Figure, every digit"]
    assert sheet["C2"].value == "12345678901234567.891"
    assert sheet["B2"].value == pytest.approx(12345678901234567)


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\x00=1", "=cmd|' /C calc'!A0", '=HYPERLINK("https://example.com")', "{=1}", "https://example.com", "1e5", "_x0041_"]  # fmt: skip


@pytest.mark.parametrize("text", FORMULAS)
def test_text_is_never_a_formula_a_link_or_a_number(text: str) -> None:
    book = opened(spreadsheet(with_texts(text)))
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    kept = text.replace("\x00", "").replace("\r", "\n")
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert any(cell.value == kept and cell.hyperlink is None for cell in cells)
    assert len(book.sheetnames) == len({name.lower() for name in book.sheetnames}) == 3


# -- Markdown ---------------------------------------------------------------------------------------


def test_markdown_tells_all() -> None:
    text = markdown(make_document())
    assert "# Meta’s capital spending rose 33% to \\$8.5 billion" in text
    assert f"[0001326801-24-000069]({FILING.url}) less [0001326801-24-000049]({EARLIER.url})" in text
    assert "| **2024Q2** | **8,472** | **+33.3%** |" in text
    assert text.endswith("`tracker report made`\n")


MARKS = ["a|b", "<b>x</b>", "[x](javascript:alert(1))", "*x* _y_ `z`", "# x", "- x", "1. x", "![x](y)", "a\nb", "~~x~~", "&lt;"]  # fmt: skip


@pytest.mark.parametrize("text", MARKS)
def test_text_is_never_a_mark(text: str) -> None:
    made = markdown(with_texts(text)).partition("Made again by")[0]  # what follows is the command, as code
    plain = re.sub(r"\\[\\`*_{}\[\]<>#|!~&$^=+-]", "", re.sub(r"(?<=\]\(https:)\S+\)", ")", made))
    assert not re.search(r"<|(?<!\*)\*x\*|!\[|~~", plain)
    assert {line.count("|") for line in plain.splitlines() if line.startswith("|")} == {6}
    assert set(re.findall(r"\]\((.*?):", plain)) == {"https"}


# -- PDF --------------------------------------------------------------------------------------------


def test_a_pdf_is_tagged_and_named() -> None:
    content = pdf(make_document())
    assert content.startswith(b"%PDF-1.7")
    assert b"<pdfuaid:part>1</pdfuaid:part>" in content  # the standard that demands tags, a title and a language


TYPST = ['#panic("run")', "#{ panic() }", '#read("/etc/passwd")', "$ x^2 $", "= Heading", "@label", "<label>", '"', "\\", "\x00\x07"]  # fmt: skip


@pytest.mark.parametrize("text", TYPST)
def test_no_name_runs_as_typst(text: str) -> None:
    assert pdf(with_texts(text)).startswith(b"%PDF")


def test_letters_without_a_font_are_told() -> None:
    assert pdf(make_document(kicker="Meta 日本語 ไทย 😀")).startswith(b"%PDF")


def test_a_language_without_a_font_is_refused() -> None:
    with pytest.raises(UsageError, match=r"no letters for Japanese; put a font .* into `reports/fonts`"):
        pdf(make_document(language=language_of("ja"), headline="設備投資は増加", lead="前年は少なかった。"))
