"""Growth on one basis, quarters from quarters, trailing years: small companies with the answers worked out by hand.

Each case is a company of its own. Its filings are lines of form, day, tag and amounts in millions (per-share values as
they are); the answers are lines of what a view says.
"""

from __future__ import annotations

import json
import re
import zipfile
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from support.filings import accession, company
from support.project import (
    fact_line,
    init_at,
    of_company,
    small_project,
    worked_out,
    write_facts,
    write_guidance,
    write_pins,
    write_sources,
)
from tracker.pipeline.ingest import ingest
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable

SALES = "RevenueFromContractWithCustomerExcludingAssessedTax"
NETTED = "SalesRevenueNet"
LEASED = "PaymentsToAcquireProductiveAssets"
PLANT = "PaymentsToAcquirePropertyPlantAndEquipment"
CASH_FLOW = "NetCashProvidedByUsedInOperatingActivities"


class Case(NamedTuple):
    """A company: what it filed, and what follows."""

    filed: str
    follows: str


CASES = {
    # -- growth across two tags ----------------------------------------------------------------------
    "both years under the new tag": Case(
        f"""10-K 2017-02-20 Revenues: FY2015 600, FY2016 700
            10-K 2018-02-20 Revenues: FY2016 700, FY2017 800
            10-K 2019-02-20 {SALES}: FY2016 610, FY2017 720, FY2018 900
            10-K 2020-02-20 {SALES}: FY2017 720, FY2018 900, FY2019 990""",
        f"""yoy revenue FY2017: 800 from 700, +14.3%, ok
            yoy revenue FY2018: 900 from 720, +25.0%, ok
            yoy revenue FY2019: 990 from 900, +10.0%, ok
            base revenue FY2018: us-gaap:{SALES}
            @2018-12-31 yoy revenue FY2017: 800 from 700, +14.3%, ok
            @2019-12-31 yoy revenue FY2018: 900 from 720, +25.0%, ok
            cagr3 revenue FY2018: none, basis_changed
            cagr3 revenue FY2019: 990 from 610, +17.5%, ok
            restatement {SALES} FY2017: 800 to 720, recast
            restatement {SALES} FY2016: 700 to 610, recast
            figure revenue FY2017: 800, reported""",
    ),
    "the new tag states no year before": Case(
        f"""10-K 2018-02-20 Revenues: FY2016 700, FY2017 800
            10-K 2019-02-20 {SALES}: FY2018 900""",
        """yoy revenue FY2018: 900 from none, basis_changed
           why revenue FY2018: FY2017 is known under us-gaap:Revenues only""",
    ),
    "from us-gaap to ifrs-full": Case(
        """20-F 2019-03-20 Revenues: FY2017 500, FY2018 520
           20-F 2020-03-20 ifrs-full:Revenue: FY2018 480, FY2019 504
           20-F 2020-03-20 ifrs-full:ProfitLossAttributableToOwnersOfParent: FY2019 50
           20-F 2019-03-20 NetIncomeLoss: FY2017 40, FY2018 45""",
        """yoy revenue FY2019: 504 from 480, +5.0%, ok
           yoy net_income FY2019: 50 from none, basis_changed
           restatement ifrs-full:Revenue FY2018: 520 to 480, recast""",
    ),
    "another currency": Case(
        """20-F 2019-03-20 Revenues: FY2017 500, FY2018 520
           20-F 2020-03-20 Revenues/EUR: FY2018 450, FY2019 495
           20-F 2019-03-20 NetIncomeLoss: FY2018 45
           20-F 2020-03-20 NetIncomeLoss/EUR: FY2019 50""",
        """yoy revenue FY2019: 495 from 450, +10.0%, ok
           yoy net_income FY2019: 50 from none, basis_changed
           why net_income FY2019: FY2018 is known in USD only""",
    ),
    "quarters and the quarter before": Case(
        f"""10-Q 2018-05-02 Revenues: 2018Q1 100
            10-Q 2018-08-02 Revenues: 2018Q2 110, 2018H1 210
            10-Q 2018-11-02 Revenues: 2018Q3 120, 2018M9 330
            10-K 2019-02-20 Revenues: FY2018 460
            10-Q 2019-05-02 {SALES}: 2018Q1 90, 2019Q1 99
            10-Q 2019-08-02 {SALES}: 2018Q2 100, 2018H1 190, 2019Q2 130, 2019H1 229""",
        """yoy revenue 2019Q1: 99 from 90, +10.0%, ok
           yoy revenue 2019H1: 229 from 190, +20.5%, ok
           qoq revenue 2019Q1: 99 from none, basis_changed
           qoq revenue 2019Q2: 130 from 99, +31.3%, ok
           ttm revenue 2018Q4: 460, reported
           ttm revenue 2019Q1: none, the quarters are on two bases
           @2019-06-30 qoq revenue 2019Q1: 99 from none, basis_changed""",
    ),
    # -- where two tags are one ----------------------------------------------------------------------
    "the year before is the same under both tags": Case(
        f"""10-Q 2018-05-02 Revenues: 2018Q1 100
            10-Q 2018-08-02 Revenues: 2018Q2 110, 2018H1 210
            10-Q 2018-11-02 Revenues: 2018Q3 120, 2018M9 330
            10-K 2019-02-20 Revenues: FY2018 460
            10-Q 2019-05-02 {SALES}: 2018Q1 100, 2019Q1 143""",
        """yoy revenue 2019Q1: 143 from 100, +43.0%, ok
           qoq revenue 2019Q1: 143 from 130, +10.0%, ok
           ttm revenue 2019Q1: 503, derived""",
    ),
    "the value itself is the same under both tags": Case(
        f"""10-K 2018-02-20 Revenues: FY2017 800
            10-K 2019-02-20 Revenues: FY2018 880
            10-K 2020-02-20 {SALES}: FY2018 880, FY2019 968
            10-K 2018-02-20 {NETTED}: FY2016 700, FY2017 800""",
        """yoy revenue FY2017: 800 from 700, +14.3%, ok
           yoy revenue FY2018: 880 from 800, +10.0%, ok
           yoy revenue FY2019: 968 from 880, +10.0%, ok""",
    ),
    "the same in one quarter, another in the next": Case(
        f"""10-Q 2018-05-02 Revenues: 2018Q1 100
            10-Q 2018-08-02 Revenues: 2018Q2 110, 2018H1 210
            10-Q 2018-11-02 Revenues: 2018Q3 120, 2018M9 330
            10-K 2019-02-20 Revenues: FY2018 460
            10-Q 2019-05-02 {SALES}: 2018Q1 100, 2019Q1 143
            10-Q 2019-08-02 {SALES}: 2018Q2 105, 2019Q2 150""",
        """qoq revenue 2019Q1: 143 from none, basis_changed
           yoy revenue 2019Q1: 143 from 100, +43.0%, ok
           @2019-06-30 qoq revenue 2019Q1: 143 from 130, +10.0%, ok""",
    ),
    "the same but for rounding": Case(
        f"""10-Q 2018-05-02 Revenues: 2018Q1 100
            10-K 2019-02-20 Revenues: FY2018 460
            10-Q 2019-05-02 {SALES}: 2018Q1 100.2
            10-K 2020-02-20 {SALES}: FY2019 506.3""",
        """yoy revenue FY2019: 506.3 from none, basis_changed""",
    ),
    "nothing under both tags is no agreement": Case(
        f"""10-Q 2018-05-02 Revenues: 2018Q1 0
            10-K 2019-02-20 Revenues: FY2018 460
            10-Q 2019-05-02 {SALES}: 2018Q1 0
            10-K 2020-02-20 {SALES}: FY2019 506""",
        """yoy revenue FY2019: 506 from none, basis_changed""",
    ),
    # -- vintages ------------------------------------------------------------------------------------
    "a year restated later than the year before it": Case(
        """10-K 2018-02-20 Revenues: FY2016 700, FY2017 800
           10-K 2019-02-20 Revenues: FY2017 640, FY2018 800""",
        """yoy revenue FY2017: 640 from none, basis_changed
           why revenue FY2017: no vintage holds both FY2016 and FY2017 on one basis
           yoy revenue FY2018: 800 from 640, +25.0%, ok
           @2018-12-31 yoy revenue FY2017: 800 from 700, +14.3%, ok
           restatement Revenues FY2017: 800 to 640, restated""",
    ),
    "the year before is restated, the year is not stated again": Case(
        """10-K 2018-02-20 Revenues: FY2016 700, FY2017 770
           10-K 2018-09-20 Revenues: FY2015 500, FY2016 650""",
        """yoy revenue FY2017: 770 from 700, +10.0%, ok
           figure revenue FY2016: 650, reported""",
    ),
    "both restated": Case(
        """10-K 2018-02-20 Revenues: FY2016 700, FY2017 770
           10-K 2019-02-20 Revenues: FY2016 500, FY2017 600, FY2018 660""",
        """yoy revenue FY2017: 600 from 500, +20.0%, ok
           yoy revenue FY2018: 660 from 600, +10.0%, ok""",
    ),
    "restated one after the other": Case(
        """10-K 2018-02-20 Revenues: FY2016 700, FY2017 770
           10-K 2018-09-20 Revenues: FY2015 600, FY2016 650
           10-K 2019-02-20 Revenues: FY2017 715, FY2018 800""",
        """yoy revenue FY2017: 715 from 650, +10.0%, ok
           @2018-12-31 yoy revenue FY2017: 770 from 700, +10.0%, ok""",
    ),
    "restated by a rounding": Case(
        """10-K 2018-02-20 Revenues: FY2016 700, FY2017 770
           10-K 2019-02-20 Revenues: FY2017 771, FY2018 800""",
        """yoy revenue FY2017: 771 from 700, +10.1%, ok""",
    ),
    "a slip that the next filing takes back": Case(
        """10-K 2018-02-20 Revenues: FY2016 700, FY2017 770
           10-K 2019-02-20 Revenues: FY2017 77, FY2018 880
           10-K 2020-02-20 Revenues: FY2017 770, FY2018 880, FY2019 900""",
        """yoy revenue FY2017: 770 from 700, +10.0%, ok""",
    ),
    "a split": Case(
        """10-K 2019-02-20 EarningsPerShareDiluted: FY2016 2.00, FY2017 3.00, FY2018 4.00
           10-Q 2019-08-02 EarningsPerShareDiluted: 2019Q2 1.10
           10-K 2020-02-20 EarningsPerShareDiluted: FY2017 3.00, FY2018 4.00, FY2019 5.00
           10-Q 2020-05-02 EarningsPerShareDiluted: 2019Q1 1.00, 2020Q1 1.20
           10-Q 2020-08-02 EarningsPerShareDiluted: 2019Q2 0.11, 2020Q2 0.14
           10-K 2021-02-20 EarningsPerShareDiluted: FY2018 0.40, FY2019 0.50, FY2020 0.60""",
        """yoy eps_diluted FY2019: 0.5 from 0.4, +25.0%, ok
           yoy eps_diluted FY2018: 0.4 from none, basis_changed
           cagr3 eps_diluted FY2019: none, basis_changed
           cagr3 eps_diluted FY2020: none, basis_changed
           yoy eps_diluted 2020Q1: 1.2 from 1, +20.0%, ok
           yoy eps_diluted 2020Q2: 0.14 from 0.11, +27.3%, ok
           qoq eps_diluted 2020Q2: 0.14 from none, basis_changed""",
    ),
    # -- sums by definition --------------------------------------------------------------------------
    "a part changes its tag": Case(
        f"""10-K 2019-02-20 {PLANT}: FY2017 60, FY2018 80
            10-K 2020-02-20 {LEASED}: FY2018 90, FY2019 100
            10-K 2019-02-20 {CASH_FLOW}: FY2017 200, FY2018 240
            10-K 2020-02-20 {CASH_FLOW}: FY2018 240, FY2019 400""",
        """yoy capex FY2019: 100 from 90, +11.1%, ok
           yoy capex FY2018: 80 from 60, +33.3%, ok
           yoy free_cash_flow FY2019: 300 from 150, +100.0%, ok
           figure free_cash_flow FY2018: 160, derived""",
    ),
    "a part changes its tag without the year before": Case(
        f"""10-K 2019-02-20 {PLANT}: FY2017 60, FY2018 80
            10-K 2020-02-20 {LEASED}: FY2019 100
            10-K 2020-02-20 {CASH_FLOW}: FY2018 240, FY2019 400""",
        """yoy capex FY2019: 100 from none, basis_changed
           yoy free_cash_flow FY2019: 300 from none, basis_changed""",
    ),
    # -- quarters from quarters ----------------------------------------------------------------------
    "the year less its first three quarters": Case(
        """10-Q 2023-05-02 Revenues: 2023Q1 200
           10-Q 2023-08-02 Revenues: 2023Q2 210
           10-Q 2023-11-02 Revenues: 2023Q3 220
           10-K 2024-02-20 Revenues: FY2023 900
           10-Q 2024-05-02 Revenues: 2024Q1 240""",
        """quarter revenue 2023Q4: 270 in 268 to 272, derived of 4
           ttm revenue 2023Q4: 900, reported
           ttm revenue 2024Q1: 940, derived
           qoq revenue 2024Q1: 240 from 270, -11.1%, ok
           @2024-02-19 quarter revenue 2023Q4: none
           @2024-02-20 quarter revenue 2023Q4: 270 in 268 to 272, derived of 4""",
    ),
    "nine months less two quarters": Case(
        """10-Q 2023-05-02 Revenues: 2023Q1 200
           10-Q 2023-08-02 Revenues: 2023Q2 210
           10-Q 2023-11-02 Revenues: 2023M9 630""",
        """quarter revenue 2023Q3: 220 in 218.5 to 221.5, derived of 3""",
    ),
    "the half-year less the second quarter": Case(
        """10-Q 2023-08-02 Revenues: 2023Q2 210, 2023H1 410
           10-Q 2023-08-02 NetIncomeLoss: 2023Q2 21
           10-Q 2023-05-02 NetIncomeLoss: 2023Q1 20""",
        """quarter revenue 2023Q1: 200 in 199 to 201, derived of 2""",
    ),
    "the second half-year less the third quarter": Case(
        """10-Q 2023-11-02 Revenues: 2023Q3 220
           10-K 2024-02-20 Revenues: FY2023 900, 2023H2 490""",
        """quarter revenue 2023Q4: 270 in 269 to 271, derived of 2""",
    ),
    "the year less a half-year and a quarter": Case(
        """10-Q 2023-08-02 Revenues: 2023H1 410
           10-Q 2023-11-02 Revenues: 2023Q3 220
           10-K 2024-02-20 Revenues: FY2023 900""",
        """quarter revenue 2023Q4: 270 in 268.5 to 271.5, derived of 3""",
    ),
    "three operands beat four": Case(
        """10-Q 2023-05-02 Revenues: 2023Q1 200
           10-Q 2023-08-02 Revenues: 2023Q2 210, 2023H1 411
           10-Q 2023-11-02 Revenues: 2023Q3 220
           10-K 2024-02-20 Revenues: FY2023 900""",
        """quarter revenue 2023Q4: 269 in 267.5 to 270.5, derived of 3""",
    ),
    "two quarters are missing": Case(
        """10-Q 2023-05-02 Revenues: 2023Q1 200
           10-Q 2023-11-02 Revenues: 2023Q3 220
           10-K 2024-02-20 Revenues: FY2023 900""",
        """quarter revenue 2023Q4: none, the nine-month figure to subtract is not stated
           ttm revenue 2023Q4: 900, reported""",
    ),
    "the year was restated, the quarters were not": Case(
        """10-Q 2023-05-02 Revenues: 2023Q1 200
           10-Q 2023-08-02 Revenues: 2023Q2 210
           10-Q 2023-11-02 Revenues: 2023Q3 220
           10-K 2024-02-20 NetIncomeLoss: FY2023 90
           10-K 2024-02-20 Revenues: FY2023 900
           10-K 2025-02-20 Revenues: FY2023 860, FY2024 950""",
        """quarter revenue 2023Q4: 270 in 268 to 272, derived of 4
           figure revenue FY2023: 860, reported
           ttm revenue 2023Q4: 860, reported""",
    ),
    "a quarter became known in another vintage only": Case(
        """10-K 2024-02-20 Revenues: FY2023 900
           10-Q 2023-05-02 Revenues: 2023Q1 200
           10-Q 2023-08-02 Revenues: 2023Q2 210
           10-Q 2023-11-02 Revenues: 2023Q3 220
           10-K 2024-09-20 Revenues: FY2023 860
           10-Q 2024-05-02 Revenues: 2023Q1 180
           10-Q 2024-08-02 Revenues: 2023Q2 205""",
        """quarter revenue 2023Q4: 270 in 268 to 272, derived of 4""",
    ),
    "the year in a vintage without its quarters": Case(
        """10-Q 2023-05-02 Revenues: 2023Q1 200
           10-Q 2023-08-02 Revenues: 2023Q2 210
           10-Q 2023-11-02 Revenues: 2023Q3 220
           10-Q 2024-05-02 Revenues: 2023Q1 150
           10-Q 2024-08-02 Revenues: 2023Q2 160
           10-Q 2024-11-02 Revenues: 2023Q3 170
           10-K 2024-02-20 Revenues: FY2023 1900
           10-K 2025-02-20 Revenues: FY2023 700""",
        """quarter revenue 2023Q4: 220 in 218 to 222, derived of 4
           @2024-12-31 quarter revenue 2023Q4: 1270 in 1268 to 1272, derived of 4""",
    ),
    "no vintage holds them all": Case(
        """10-Q 2023-08-02 Revenues: 2023Q2 210
           10-K 2024-02-20 Revenues: FY2023 900
           10-Q 2024-08-02 Revenues: 2023Q2 205
           10-K 2024-09-20 Revenues: FY2023 860
           10-Q 2023-05-02 Revenues: 2023Q1 200
           10-Q 2024-11-02 Revenues: 2023Q1 190, 2023Q3 220
           10-K 2024-10-20 Revenues: FY2023 850""",
        """quarter revenue 2023Q4: 270 in 268 to 272, derived of 4""",
    ),
    "reported beats derived, two operands beat four": Case(
        """10-Q 2023-05-02 Revenues: 2023Q1 200
           10-Q 2023-08-02 Revenues: 2023Q2 210
           10-Q 2023-11-02 Revenues: 2023Q3 220, 2023M9 631
           10-K 2024-02-20 Revenues: FY2023 900
           10-K 2024-02-20 NetIncomeLoss: FY2023 90, 2023Q4 28
           10-Q 2023-05-02 NetIncomeLoss: 2023Q1 20
           10-Q 2023-08-02 NetIncomeLoss: 2023Q2 21
           10-Q 2023-11-02 NetIncomeLoss: 2023Q3 22""",
        """quarter revenue 2023Q4: 269 in 268 to 270, derived of 2
           quarter net_income 2023Q4: 28 in 27.5 to 28.5, reported of 1""",
    ),
    "no average and no value per share": Case(
        """10-Q 2023-05-02 EarningsPerShareDiluted: 2023Q1 0.50
           10-Q 2023-08-02 EarningsPerShareDiluted: 2023Q2 0.51
           10-Q 2023-11-02 EarningsPerShareDiluted: 2023Q3 0.52
           10-K 2024-02-20 EarningsPerShareDiluted: FY2023 2.10
           10-Q 2023-05-02 WeightedAverageNumberOfDilutedSharesOutstanding/shares: 2023Q1 100
           10-Q 2023-08-02 WeightedAverageNumberOfDilutedSharesOutstanding/shares: 2023Q2 101
           10-Q 2023-11-02 WeightedAverageNumberOfDilutedSharesOutstanding/shares: 2023Q3 102
           10-K 2024-02-20 WeightedAverageNumberOfDilutedSharesOutstanding/shares: FY2023 102""",
        """quarter eps_diluted 2023Q4: none, not stated, and an average or per-share value cannot be derived by subtraction
           quarter shares_diluted 2023Q4: none, not stated, and an average or per-share value cannot be derived by subtraction""",
    ),
    "operands of one tag": Case(
        f"""10-Q 2023-05-02 Revenues: 2023Q1 200
            10-Q 2023-08-02 Revenues: 2023Q2 210
            10-Q 2023-11-02 {SALES}: 2023Q3 220
            10-K 2024-02-20 Revenues: FY2023 900""",
        """quarter revenue 2023Q4: none, the nine-month figure to subtract is not stated""",
    ),
}


# -- filings as lines ----------------------------------------------------------------------------------

QUARTERS = {"1": ("01-01", "03-31"), "2": ("04-01", "06-30"), "3": ("07-01", "09-30"), "4": ("10-01", "12-31")}
SPANS = {"H1": "12", "H2": "34", "M9": "13", "FY": "14"}
STATED = re.compile(r"(\S+) (\S+) (\S+?)(?:/(\S+))?: (.+)")


def days(period: str) -> tuple[str, str]:
    """The first and the last day of a period of a calendar year."""
    year, kind = (period[2:], "FY") if period.startswith("FY") else (period[:4], period[4:])
    quarters = SPANS.get(kind, kind[1:])
    return f"{year}-{QUARTERS[quarters[0]][0]}", f"{year}-{QUARTERS[quarters[-1]][1]}"


def file_of(cik: int, filed: str) -> dict[str, Any]:
    """A company's facts as the SEC has them, from the lines of a case."""
    whole: dict[str, Any] = company(cik, {}, name=f"Case {cik}")
    numbers: dict[str, int] = {}
    for line in filed.splitlines():
        found = STATED.fullmatch(line.strip())
        assert found, line
        form, day, tag, unit, amounts = found.groups()
        number = numbers.setdefault(day, len(numbers) + 1)
        per_share = "PerShare" in tag
        unit = unit or ("USD/shares" if per_share else "USD")
        scale = 1 if per_share else 10**6
        rows = [
            (*days(period), _amount(value, scale), accession(1000 * cik + number), form, day)
            for period, value in (one.split() for one in amounts.split(", "))
        ]
        for space, tags in company(cik, {tag: rows}, unit=unit)["facts"].items():
            for name, content in tags.items():
                units = whole["facts"].setdefault(space, {}).setdefault(name, {**content, "units": {}})["units"]
                units.setdefault(unit, []).extend(content["units"][unit])
    return whole


def _amount(text: str, scale: int) -> float:
    exact = Decimal(text) * scale
    return int(exact) if exact == int(exact) else float(exact)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Warehouse]:
    """All cases in one warehouse, as of any day (an empty one is now), each state worked out once."""
    folder = tmp_path_factory.mktemp("cases")
    project = small_project(folder)
    with zipfile.ZipFile(folder / "companyfacts.zip", "w") as archive:
        for cik, case in enumerate(CASES.values(), 1):
            archive.writestr(f"CIK{cik:010d}.json", json.dumps(file_of(cik, case.filed)))
    (done,) = ingest(project, [folder / "companyfacts.zip"])
    assert done.problems == ()

    @cache
    def state(day: str) -> Warehouse:
        warehouse = Warehouse(project.warehouse, as_of=day or None)
        warehouse.materialize()
        return warehouse

    return state


# -- answers as lines ----------------------------------------------------------------------------------

LINE = re.compile(r"(?:@(\S+) )?(\w+) (\S+) (\S+): (.*)")
KEY = "entity = $entity and metric = $what and fiscal_period = $period"
NUMBER = "case when {0} is null then 'none' else format('{{:g}}', cast({0} as double) / $scale) end"
RATE = "case when {0} is null then '' else ', ' || format('{{:+.1f}}%', 100 * {0}) end"
SHOWN = {
    "yoy": f"select {NUMBER.format('value')} || ' from ' || {NUMBER.format('base')} || {RATE.format('yoy_ratio')} || ', ' || yoy_status from yoy where {KEY}",
    "qoq": f"select {NUMBER.format('value')} || ' from ' || {NUMBER.format('base')} || {RATE.format('qoq_ratio')} || ', ' || qoq_status from qoq where {KEY}",
    "base": f"select base_definition from yoy where {KEY}",
    "why": f"select reason from yoy where {KEY}",
    "cagr3": f"select case when base is null then 'none' else {NUMBER.format('value')} || ' from ' || {NUMBER.format('base')} end || {RATE.format('cagr_ratio')} || ', ' || cagr_status from cagr where {KEY} and years = 3",
    "figure": f"select {NUMBER.format('value')} || ', ' || method from figure where {KEY}",
    "ttm": f"select {NUMBER.format('value')} || ', ' || coalesce(method, reason) from ttm where {KEY}",
    "quarter": f"select {NUMBER.format('value')} || case when value is null then ', ' || reason else ' in ' || {NUMBER.format('low')} || ' to ' || {NUMBER.format('high')} || ', ' || method || ' of ' || length(operands) - length(replace(operands, ' ', '')) + 1 end from quarter where {KEY}",
    "restatement": f"select {NUMBER.format('first_value')} || ' to ' || {NUMBER.format('latest_value')} || ', ' || cause from restatement where entity = $entity and concept like '%' || $what and fiscal_period = $period",
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_follows(asked: Callable[[str], Warehouse], name: str) -> None:
    entity = f"cik{list(CASES).index(name) + 1:010d}"
    lines = [line.strip() for line in CASES[name].follows.splitlines()]
    assert [said(asked, entity, line) for line in lines] == lines


def said(asked: Callable[[str], Warehouse], entity: str, line: str) -> str:
    """A line with what the warehouse says in its place."""
    found = LINE.fullmatch(line)
    assert found, line
    day, view, what, period, _ = found.groups()
    parameters = {"entity": entity, "what": what, "period": period, "scale": 1 if what.startswith("eps") else 10**6}
    query = SHOWN[view]
    used = {name: value for name, value in parameters.items() if f"${name}" in query}
    rows = asked(day or "").sql(query, used).fetchall()
    told = "; ".join(str(row[0]) for row in rows) or "none"
    return f"{f'@{day} ' if day else ''}{view} {what} {period}: {told}"


# -- what else is measured against the year before -----------------------------------------------------

SOURCES = (
    "k17,filing,Acme,,en,,,0000000001-18-000001,10-K,2018-02-20,\n",
    "q18,filing,Acme,,en,,,0000000001-18-000002,10-K,2018-09-20,\n",
    "k18,filing,Acme,,en,,,0000000001-19-000001,10-K,2019-02-20,\n",
    "r1,release,Acme,,en,,,,,2018-03-01,\n",
    "a18,article,Paper,,en,,,,,2019-02-21,\n",
)
STATED_GROWTH = "{},stated:revenue,revenue,growth,FY2018,0.25,,,0,ratio,exact,a18,en,0,3,25%"
STATED_LEVEL = "{},stated:revenue,revenue,actual,{},{},,,6,USD,exact,a18,en,{},{},{}"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Companies that filed last year's figure under another tag, and what texts, promises and people say of them."""
    project = init_at(tmp_path_factory.mktemp("told"), ["recast", "lost", "mixed", "pinned", "free"])
    write_sources(project, *SOURCES)
    recast = [
        fact_line("Revenues", "FY2017", "950", source="k17"),
        fact_line(SALES, "FY2017", "720", source="k18"),
        fact_line(SALES, "FY2018", "900", source="k18"),
    ]
    versions = [
        fact_line("Revenues", "FY2016", "700", source="k17"),
        fact_line("Revenues", "FY2017", "770", source="k17"),
        fact_line("Revenues", "FY2016", "650", source="q18"),
    ]
    write_facts(
        project,
        *of_company("recast", recast),
        *of_company("lost", [recast[0], recast[2]]),
        *of_company("mixed", [recast[2]]),
        *of_company("pinned", versions),
        *of_company("free", versions),
        STATED_GROWTH.format("recast"),
        STATED_LEVEL.format("recast", "FY2018", "900", 5, 8, "900"),
        STATED_LEVEL.format("mixed", "FY2017", "800", 15, 18, "800"),
    )
    write_guidance(
        project,
        *(f"{name},revenue,FY2018,2018-03-01,,,,,USD,direction_up,r1," for name in ("recast", "lost")),
        *(f"{name},revenue,FY2018,2018-03-01,0.2,,,0,ratio,exact,r1," for name in ("recast", "lost")),
    )
    write_pins(project, "pinned,revenue,FY2016,0000000001-18-000002,the later figure,")
    ingest(project, [project.seeds])
    return worked_out(project.warehouse)


OTHERS = [
    # what is asked, of a company, and the answer
    ("select base / 1e6, yoy_status from yoy where fiscal_period = 'FY2018'", "recast", (720, "ok")),
    ("select base, yoy_status from yoy where fiscal_period = 'FY2018'", "lost", (None, "basis_changed")),
    ("select base / 1e6, base_method, yoy_status from yoy where fiscal_period = 'FY2018'", "mixed", (800, "stated", "ok")),
    ("select filed_verdict from stated_growth", "recast", ("supported",)),
    ("select implies, filed_value / 1e6, verdict from implied", "recast", ("base", 720, "supported")),
    ("select direction_outcome, base / 1e6 from guidance_outcome where qualifier = 'direction_up'", "recast", ("held", 720)),
    ("select direction_outcome, reason from guidance_outcome where qualifier = 'direction_up'", "lost", (None, "a direction was promised, and the year before is known on another basis only")),
    ("select implied_low / 1e6, outcome from guidance_outcome where unit = 'ratio'", "recast", (863.4, "inside")),
    ("select implied_low, outcome from guidance_outcome where unit = 'ratio'", "lost", (None, "open")),
    ("select base / 1e6 from yoy where fiscal_period = 'FY2017'", "free", (700,)),
    ("select base / 1e6 from yoy where fiscal_period = 'FY2017'", "pinned", (650,)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "entity", "expected"), OTHERS, ids=[f"{entity}: {query}" for query, entity, _ in OTHERS]
)
def test_what_else_is_measured(told: Warehouse, query: str, entity: str, expected: tuple[Any, ...]) -> None:
    where = "and" if " where " in query else "where"
    assert told.sql(f"{query} {where} entity = '{entity}'").fetchall() == [expected]
