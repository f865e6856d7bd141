"""Explanations: from the shown value down to accession numbers and characters of articles."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from tracker.errors import NothingMatchedError
from tracker.explain import explain_fact, explain_figure

from test_cli import tracker

if TYPE_CHECKING:
    from tracker.project import Project
    from tracker.warehouse import Warehouse


def test_capex_reaches_four_filings_and_three_articles(warehouse: Warehouse) -> None:
    text = "\n".join(explain_figure(warehouse, "META", "capex", "2024Q2").lines())
    assert set(re.findall(r"0001326801-\d\d-\d{6}", text)) == {
        "0001326801-24-000069", "0001326801-24-000049", "0001326801-23-000093", "0001326801-23-000067",
    }  # fmt: skip
    assert set(re.findall(r"consistent: 8,500,000,000 USD .*?(article-\d+ \[\d+, \d+\))", text)) == {
        "article-000 [1771, 1782)", "article-001 [1473, 1496)", "article-003 [1825, 1840)",
    }  # fmt: skip
    assert len(re.findall("├─ supported: 33%|└─ supported: 33%", text)) == 3
    assert "growth +33.3% on 2023Q2 (ok), where it was 6,354,000,000 USD" in text


def test_the_terms_add_up_to_the_value(warehouse: Warehouse) -> None:
    tree = explain_figure(warehouse, "Meta Platforms, Inc.", "free_cash_flow", "2024Q2").tree()
    terms = [int(node["value"]) * (1 if node["sign"] == "+" else -1) for node in tree["because"] if "sign" in node]
    assert len(terms) == 6
    assert sum(terms) == int(tree["value"]) == 10_898_000_000


def test_what_is_not_known_says_why(warehouse: Warehouse) -> None:
    with pytest.raises(NothingMatchedError, match="no company is called 'Nobody'"):
        explain_figure(warehouse, "Nobody", "capex", "2024Q2")
    with pytest.raises(NothingMatchedError, match="write the period as"):
        explain_figure(warehouse, "meta", "capex", "Q2 2024")


def test_a_fact_shows_its_versions(warehouse: Warehouse) -> None:
    query = (
        "select lower(hex(fact_id)) from statement where entity = 'meta' and concept like '%PaymentsToAcquireProperty%' "
        "and fiscal_period = '2023H1' and value = 13058000000"
    )
    ((fact_id,),) = warehouse.sql(query).fetchall()
    node = explain_fact(warehouse, fact_id)
    assert [below.text.partition(",")[0] for below in node.below] == ["version 1: 13", "version 2: 12"]
    with pytest.raises(NothingMatchedError):
        explain_fact(warehouse, "00" * 16)


def test_as_of_a_day_it_explains_what_followed_then(project: Project) -> None:
    done = tracker(project, "explain", "meta", "capex_ppe", "2023Q2", "--as-of", "2024-05-01", "--format", "text")
    assert done.stdout.decode().startswith("Meta Platforms, Inc., capex_ppe, 2023Q2: 6,216,000,000 USD, derived")
    tree = json.loads(tracker(project, "explain", "meta", "capex_ppe", "2023Q2").stdout)
    assert (tree["value"], [node["accession"] for node in tree["because"][:2]]) == (
        "6134000000",
        ["0001326801-24-000069", "0001326801-24-000049"],
    )
    assert tracker(project, "explain", "meta", "capex").returncode == 2
    assert tracker(project, "explain", "meta", "capex", "1999Q1").returncode == 4
