"""A forecast that a text says stood before is the base of the step the text takes, and never a step itself."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from support.project import init_at, made_once, worked_out, write_sources
from tracker.pipeline.ingest import ingest

if TYPE_CHECKING:
    from pathlib import Path

    from tracker.warehouse.reader import Warehouse

#: What a company says on two days, and the steps that follow: low, high, status, low and high before, in millions.
CASES: dict[str, tuple[list[str], list[tuple[Any, ...]]]] = {
    "raised from a range that nobody stored": (
        ["{} now expects 2024 revenue of $6.5 billion to $6.8 billion, up from $6.1 billion to $6.4 billion."],
        [(6500, 6800, "raised", 6100, 6400)],
    ),
    "the old range stands first": (
        ["{} raised its 2024 revenue forecast from a range of $6.1-6.4 billion to a range of $6.5-6.8 billion."],
        [(6500, 6800, "raised", 6100, 6400)],
    ),
    "narrowed": (
        ["{} expects 2024 revenue of $6.2 billion to $6.3 billion, compared with its previous forecast of $6.1 billion to $6.4 billion."],
        [(6200, 6300, "narrowed", 6100, 6400)],
    ),
    "lowered from a point": (
        ["{} cut its 2024 revenue guidance to $5.5 billion from $6 billion."],
        [(5500, 5500, "lowered", 6000, 6000)],
    ),
    "a step between was missed": (
        [
            "{} expects 2024 revenue of $5.0 billion to $7.0 billion.",
            "{} now expects 2024 revenue of $6.5 billion to $6.8 billion, up from $6.1 billion to $6.4 billion.",
        ],
        [(5000, 7000, "initial", None, None), (6500, 6800, "raised", 6100, 6400)],
    ),
    "the text names none": (
        ["{} expects 2024 revenue of $5.0 billion to $7.0 billion.", "{} expects 2024 revenue of $5.5 billion to $7.0 billion."],
        [(5000, 7000, "initial", None, None), (5500, 7000, "raised", 5000, 7000)],
    ),
    "German": (
        ["{} erwartet für 2024 einen Umsatz von 6,5 bis 6,8 Milliarden Dollar, zuvor waren es 6,1 bis 6,4 Milliarden Dollar."],
        [(6500, 6800, "raised", 6100, 6400)],
    ),
    "Vietnamese": (
        ["{} nâng dự báo doanh thu năm 2024 từ 6,1-6,4 tỷ USD lên 6,5-6,8 tỷ USD."],
        [(6500, 6800, "raised", 6100, 6400)],
    ),
    "Japanese": (
        ["{}は2024年の売上高予想を61億~64億ドルから65億~68億ドルに引き上げた。"],
        [(6500, 6800, "raised", 6100, 6400)],
    ),
}  # fmt: skip


def names() -> dict[str, str]:
    """A company for each case, called as its id is."""
    return {case: f"Quorvex{chr(65 + number)}" for number, case in enumerate(CASES)}


def store(folder: Path) -> None:
    """Each company's own words, a month apart; the list of sources says whose they are and of which day."""
    project = init_at(folder, list(names().values()))
    paths, listed = [], []
    for case, (texts, _) in CASES.items():
        company = names()[case]
        for number, text in enumerate(texts):
            paths.append(folder / f"{company}-{number}.txt")
            paths[-1].write_text(text.format(company))
            digest = hashlib.sha256(paths[-1].read_bytes()).hexdigest()
            day = date(2024, 5 + number, 2)
            listed.append(f"{company}-{number},release,{company},,,,{paths[-1].name},,,{day},{digest}")
    write_sources(project, *listed)
    ingest(project, [project.seeds, *paths])


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    return worked_out(made_once(tmp_path_factory, "prior-forecasts", store) / "warehouse")


@pytest.mark.parametrize("case", CASES)
def test_what_stood_before_is_the_base_of_the_step(told: Warehouse, case: str) -> None:
    millions = ", ".join(f"({column} / 1000000)::int" for column in ("low", "high"))
    before = ", ".join(f"({column} / 1000000)::int" for column in ("low_before", "high_before"))
    query = f"select {millions}, status, {before} from guidance_history where entity = '{names()[case]}' order by step"
    assert told.sql(query).fetchall() == CASES[case][1]


def test_no_claim_and_no_figure_comes_of_what_stood_before(told: Warehouse) -> None:
    assert told.sql("select count(*) > 5 from fact_known where concept = 'prior:revenue'").fetchall() == [(True,)]
    for view in ("guidance", "figure", "implied", "guidance_outcome"):
        rows = told.sql(f"select * from {view}").fetchall()
        assert not any("prior:" in str(row) for row in rows)
