"""Reasons are codes: every code of a view stands in the table of texts, and no view holds a sentence."""

from __future__ import annotations

import ast
import re
from collections import Counter
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from support.project import ROOT
from tracker.warehouse.reasons import Amount, Days, Reason, read_reason, templates, topics

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.warehouse.reader import Warehouse

VIEWS = sorted((ROOT / "tracker" / "warehouse" / "views").rglob("*.sql"))
DIFF = ROOT / "tracker" / "explain" / "diff.py"
#: Literals of several words that are no sentence about a figure: the states of a pin, the periods left to a target.
STATES = {"no such figure", "no such statement", " to Q4"}


def literals(text: str) -> set[str]:
    """The texts in quotes of a view, without those in its comments."""
    code = re.sub(r"--.*", "", text).replace("''", "`")
    return set(re.findall(r"'([^']*)'", code))


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_no_view_holds_a_sentence(path: Path) -> None:
    text = path.read_text("utf-8")
    spoken = {literal for literal in literals(text) if " " in literal.strip() and any(map(str.isalpha, literal))}
    assert spoken - STATES == set()


def test_a_sentence_in_a_view_is_found() -> None:
    assert literals("select 'the year is not stated' -- 'a comment'") == {"the year is not stated"}


def test_the_codes_of_the_views_are_those_of_the_table() -> None:
    used = set().union(*(literals(path.read_text("utf-8")) for path in VIEWS))
    table = {code for topic, codes in topics().items() if topic != "change" for code in codes}
    assert table - used == set()
    given = [re.findall(r"\breason\('(\w+)'", path.read_text("utf-8")) for path in VIEWS]
    assert {code for codes in given for code in codes} - table == set()


def test_the_codes_of_a_comparison_are_those_of_the_table() -> None:
    constants = {node.value for node in ast.walk(ast.parse(DIFF.read_text("utf-8"))) if isinstance(node, ast.Constant)}
    assert topics()["change"].keys() - constants == set()


def test_a_code_has_one_text() -> None:
    counted = Counter(code for codes in topics().values() for code in codes)
    assert [code for code, times in counted.items() if times > 1] == []


#: Each view with the columns of a reason, and of a rule.
COLUMNS = [
    *((view, "reason") for view in ("candidate", "choice", "figure", "growth", "yoy", "qoq", "ttm", "implied")),
    *(
        (view, "reason")
        for view in ("guidance_outcome", "stated_growth", "source_check", "reconciliation", "freshness")
    ),
    *((view, "reason") for view in ("quarter_by_concept", "year_to_date_by_concept")),
    *((view, "rule") for view in ("choice", "figure", "reconciliation")),
]


@pytest.mark.parametrize(("view", "column"), COLUMNS)
def test_the_text_of_a_view_is_that_of_its_code(warehouse: Warehouse, view: str, column: str) -> None:
    """The macros in SQL and `Reason` in Python make the same text of the same code."""
    columns = f"{column}, {column}_code, {column}_parameters"
    rows = warehouse.sql(f"select distinct {columns} from {view} order by all").fetchall()
    assert rows
    for text, code, parameters in rows:
        reason = read_reason(code, parameters)
        assert text == (None if reason is None else str(reason))


TEXTS = [
    # a reason, its English text
    (Reason("year_not_stated"), "the year is not stated"),
    (Reason("not_stated", {"subject": "2023Q4/capex_ppe"}), "2023Q4: capex_ppe: not stated"),
    (
        read_reason(
            "not_stated_nor_added_up_because",
            {"reason": "year_not_stated", "because": "half_year_not_stated", "period": "2024Q2"},
        ),
        "the year is not stated, and does not add up from quarters (2024Q2: the half-year is not stated)",
    ),
    (
        read_reason("earlier_basis", {"basis": "net_of", "what": "us-gaap:X"}),
        "another version, from before it was net of us-gaap:X",
    ),
    (read_reason("withdrawn_on", {"day": "2024-07-31"}), "withdrawn on 2024-07-31"),
    (
        Reason("statement_gone", {"value": Amount((Decimal(1), Decimal("2.50")), "USD"), "place": "a1"}),
        "1 to 2.5 USD of a1 no longer stands",
    ),
]


@pytest.mark.parametrize(("reason", "text"), TEXTS, ids=[text for _, text in TEXTS])
def test_the_text_of_a_reason(reason: Reason, text: str) -> None:
    assert str(reason) == text


def test_days_and_amounts_in_english() -> None:
    assert str(Days(date(2024, 1, 1), date(2024, 3, 31))) == "2024-01-01 to 2024-03-31"
    assert str(Days(None, date(2024, 3, 31))) == "2024-03-31"
    assert str(Amount((None, Decimal(2)), "USD")) == "open to 2 USD"


def test_the_page_of_codes_is_complete() -> None:
    """Where this fails, add the code to docs/reasons.md."""
    page = (ROOT / "docs" / "reasons.md").read_text("utf-8")
    listed = re.findall(r"^\| `(\w+)` \| (.+) \|$", page, re.MULTILINE)
    assert dict(listed) == dict(templates())
