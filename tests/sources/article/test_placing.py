"""Texts that name no period: placed by the one period their figures fit, or left open with the candidates."""

from __future__ import annotations

import importlib.util
import shutil
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from support.project import ROOT, SHARED
from tracker.model.quantity import Interval
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import load_project
from tracker.sources.article import History, NamedCompany, extract
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

#: Revenue and net income of a company by period, in millions; growth against the year before follows.
LEVELS = {
    "2022Q1": (310, 41), "2022Q2": (322, 39), "2022Q3": (335, 44), "2022Q4": (371, 52),
    "2023Q1": (352, 37), "2023Q2": (381, 48), "2023Q3": (402, 57), "2023Q4": (467, 71),
    "2024Q1": (455, 62), "2024Q2": (463, 55), "2024Q3": (538, 83), "2024Q4": (561, 64),
    "2022H1": (632, 80), "2023H1": (733, 85), "2024H1": (918, 117),
    "2022M9": (967, 124), "2023M9": (1135, 142), "2024M9": (1456, 200),
    "FY2022": (1338, 176), "FY2023": (1602, 213), "FY2024": (2017, 264),
}  # fmt: skip


def _history() -> History:
    levels, growths = {}, {}
    for period, row in LEVELS.items():
        before = LEVELS.get(period.replace("2024", "2023") if "2024" in period else period.replace("2023", "2022"))
        for metric, value, base in zip(("revenue", "net_income"), row, before or row, strict=True):
            amount = Decimal(value) * 10**6
            levels["larkspur", metric, period] = (Interval(amount, amount), "USD")
            if before is not row and before:
                rate = Decimal(value) / Decimal(base) - 1
                growths["larkspur", metric, period] = Interval(rate, rate)
    return History(levels, growths, {"larkspur": tuple(sorted(LEVELS))}, {"larkspur mills": "larkspur"})


KNOWN = _history()
COMPANY = NamedCompany("larkspur", ("Larkspur Mills", "Larkspur"), "USD", 12)


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        # a text without a day, the period of each figure in order (none: it stays open)
        ("Revenue of Larkspur Mills was $463 million. Its net income was $55 million.", ["2024Q2", "2024Q2"]),
        ("Revenue of Larkspur Mills rose 28% this year, and its net income rose 41%.", ["2024M9", "2024M9"]),
        ("Revenue of Larkspur Mills rose 28%. Its net income rose about 40%.", ["2024M9", "2024M9"]),
        ("Larkspur Mills earned net income of $83 million, up from $57 million a year earlier.", ["2024Q3", "2023Q3"]),
        ("Revenue of Larkspur Mills was $463 million in the second quarter. Its net income was $55 million.",
         ["2024Q2", "2024Q2"]),
        # one figure may be a misprint that fits; two that disagree; a unit that is not known; a part that contradicts
        ("Revenue of Larkspur Mills was $463 million.", []),
        ("Revenue of Larkspur Mills was $463 million. Its net income was $99 million.", []),
        ("Revenue of Larkspur Mills was €463 million. Its net income was €55 million.", []),
        ("Revenue of Larkspur Mills was $463 million in the third quarter. Its net income was $55 million.", []),
        ("Revenue of Zyxtron was $463 million. Its net income was $55 million.", []),
        # promises of "this year" follow the year that the fit has settled
        ("Revenue of Larkspur Mills rose 28% this year, its net income rose 41%. Larkspur expects sales of $2bn this year.",
         ["2024M9", "2024M9", "FY2024"]),
        ("Larkspur expects revenue of $2 billion this year.", []),
    ],
)  # fmt: skip
def test_placed_where_all_figures_fit(text: str, periods: list[str]) -> None:
    found = extract(text, companies=[COMPANY], known=KNOWN)
    assert [figure.period for figure in found.facts] == periods
    assert all("period:fitted" in figure.rules for figure in found.facts)
    assert not any(flag.startswith("hint:") for figure in found.facts for flag in figure.flags)


def test_a_day_of_publication_always_wins() -> None:
    text = "Revenue of Larkspur Mills was $463 million in the second quarter. Its net income was $55 million."
    found = extract(text, published=date(2023, 8, 1), companies=[COMPANY], known=KNOWN)
    assert {figure.period for figure in (*found.facts, *found.review)} == {"2023Q2"}


def test_what_fits_several_periods_names_them() -> None:
    twice = {("larkspur", "revenue", p): (Interval(Decimal(5), Decimal(5)), "USD") for p in ("2023Q1", "2024Q1")}
    known = History(twice, {}, {"larkspur": ("2023Q1", "2024Q1")}, {"larkspur mills": "larkspur"})
    found = extract("Revenue of Larkspur Mills was $5.", companies=[COMPANY], known=known)
    assert [(figure.reason, figure.flags) for figure in found.review] == [
        ("period_several", ("fits:2023Q1", "fits:2024Q1"))
    ]


# -- at large, over filed figures ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def placing() -> Any:
    """The benchmark, which makes the texts."""
    spec = importlib.util.spec_from_file_location("placing", ROOT / "benchmarks" / "placing.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def filed(placing: Any, tmp_path_factory: pytest.TempPathFactory) -> History:
    if not (SHARED / "sec").is_dir():
        pytest.skip("the filings are not here")
    known: History = placing.history(tmp_path_factory.mktemp("filed"))
    return known


@pytest.mark.parametrize(("count", "least"), [(2, 0.8), (3, 0.85)])
def test_true_texts_are_placed_and_never_wrongly(placing: Any, filed: History, count: int, least: float) -> None:
    ends = placing.measure(filed, "true", count, 80, seed=7)
    assert ends["wrong"] == 0
    assert ends["right"] >= least * 80


@pytest.mark.parametrize("count", [1, 2, 3])
def test_invented_texts_are_not_placed(placing: Any, filed: History, count: int) -> None:
    assert placing.measure(filed, "invented", count, 80, seed=7)["wrong"] == 0


def test_the_later_article_is_placed_without_its_day(tmp_path: Path) -> None:
    """Its growth fits the nine months of 2024 alone, once the filings are known; nothing of it is placed before."""
    if not (SHARED / "articles").is_dir():
        pytest.skip("the articles are not here")
    init(tmp_path)
    for name in ("entities.toml", "sources.csv", "facts.csv"):
        shutil.copy(ROOT / "seeds" / name, tmp_path / "seeds")
    table = tmp_path / "seeds" / "facts.csv"
    table.write_text("".join(line for line in table.read_text().splitlines(keepends=True) if ",article-" not in line))
    listed = tmp_path / "seeds" / "sources.csv"
    listed.write_text(listed.read_text().replace(",2024-10-31,", ",,"))
    project = load_project(tmp_path)
    (path,) = (SHARED / "articles").glob("004_*.txt")
    (before,) = ingest(project, [path])
    assert before.added == 0
    ingest(project, [project.seeds])
    ingest(project, [path])
    with Warehouse(project.warehouse) as warehouse:
        rows = warehouse.sql(
            "select distinct metric, kind, fiscal_period, value from statement where method = 'extracted' order by all"
        ).fetchall()
        verdicts = warehouse.sql("select distinct fiscal_period, filed_verdict from stated_growth").fetchall()
    assert rows == [
        ("capex", "guidance", "FY2024", Decimal("0.42")),
        ("capex", "guidance", "FY2024", 40 * 10**9),
        ("revenue", "growth", "2024M9", Decimal("0.22")),
        ("total_costs", "growth", "2024M9", Decimal("0.09")),
    ]
    assert verdicts == [("2024M9", "supported")]
