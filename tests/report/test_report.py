"""The growth report: true, the same bytes everywhere, safe with hostile data, and readable in a real browser."""

# ruff: noqa: RUF001 - the marks of print (apostrophe, dash, minus) are what these tests are about

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import altair as alt
import pytest

from support.golden import check_golden
from support.languages import ENGLISH
from support.pages import PAYLOADS, PageTags, checksums, open_page
from support.project import ROOT, build_warehouse, made_once, worked_out, write_seed_table
from tracker.errors import NothingMatchedError
from tracker.report import FORMATS, Definition, load_definitions, render
from tracker.report.charts.leaves import PALETTE
from tracker.report.charts.panel import draw_panel
from tracker.report.charts.promise import draw_guidance
from tracker.report.data.edition import read_edition
from tracker.report.text.prose import write_guidance, write_headline, write_lead

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

    from tracker.warehouse.reader import Warehouse

META = Definition("meta-2024q2", "growth", ("meta",), ("capex", "revenue", "net_income"), "2024Q2", None, None, FORMATS)
THEN = replace(META, as_of="2024-08-05")


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """The warehouse of the embedded seeds, whose first commit this is."""
    folder = made_once(tmp_path_factory, "seeded", lambda folder: build_warehouse(ROOT / "seeds", folder).close())
    return worked_out(folder)


@pytest.fixture(scope="session")
def seeded_as_of(seeded: Warehouse) -> Callable[[str], Warehouse]:
    """The same as of a day, opened once for each day."""
    return cache(lambda day: worked_out(seeded.path, day))


@pytest.fixture(scope="session")
def rendered(seeded: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The report of Meta's second quarter of 2024 in each format."""
    folder = tmp_path_factory.mktemp("rendered")
    return {path.suffix[1:]: path for path in render(seeded, META, folder)}


# -- what it says ---------------------------------------------------------------------------------


def test_the_finding_with_all_that_is_known(seeded: Warehouse) -> None:
    edition = read_edition(seeded, META, ENGLISH)
    assert write_headline(edition) == "Meta’s capital spending rose 33% to $8.5 billion in the second quarter of 2024"
    assert write_lead(edition) == (
        "A year earlier it was $6.4 billion. Revenue rose 22% to $39.1 billion and net income rose 73% to $13.5 billion."
        " Capital spending for 2024 came to $39.2 billion, inside the $38–40 billion the company last guided to."
    )


AS_OF = [
    # day, latest quarter, promised for the year, spent, to come
    ("2024-05-01", "2024Q1", "$35–40 billion", "$6.7 billion in the first quarter", "$28.3–33.3 billion"),
    ("2024-08-05", "2024Q2", "$37–40 billion", "$15.2 billion in the first half", "$21.8–24.8 billion"),
    ("2024-11-05", "2024Q3", "$38–40 billion", "$24.4 billion in the first nine months", "$13.6–15.6 billion"),
]


@pytest.mark.parametrize(("day", "quarter", "promised", "spent", "to_come"), AS_OF)
def test_the_promise_as_of_a_day(
    seeded_as_of: Callable[[str], Warehouse], day: str, quarter: str, promised: str, spent: str, to_come: str
) -> None:
    then = seeded_as_of(day)
    edition = read_edition(then, replace(META, period=None, as_of=day), ENGLISH)
    assert edition.period == quarter
    assert write_guidance(edition, "capex", "FY2024") == (
        f"The company guides to capital spending of {promised} for 2024; after {spent}, the rest of the year must add {to_come}."
    )


def test_a_title_of_ones_own_leaves_the_finding_to_the_lead(seeded: Warehouse) -> None:
    edition = read_edition(seeded, replace(META, title="Meta in summer"), ENGLISH)
    assert write_headline(edition) == "Meta in summer"
    assert write_lead(edition).startswith(
        "Meta’s capital spending rose 33% to $8.5 billion in the second quarter of 2024. A year"
    )


def test_the_latest_quarter_is_the_default(seeded: Warehouse, seeded_as_of: Callable[[str], Warehouse]) -> None:
    assert read_edition(seeded, replace(META, period=None), ENGLISH).period == "2026Q1"
    then = seeded_as_of("2024-08-05")
    assert read_edition(then, replace(META, period=None), ENGLISH).period == "2024Q2"


NOTHING = [
    replace(META, entities=("nobody",)),
    replace(META, period="1999Q1"),
    replace(META, metrics=("headcount",)),
    replace(META, period=None, metrics=("headcount",)),
    replace(META, as_of="2001-01-01"),
]


@pytest.mark.parametrize("definition", NOTHING)
def test_nothing_to_tell_is_told(seeded: Warehouse, definition: Definition, tmp_path: Path) -> None:
    with pytest.raises(NothingMatchedError):
        render(seeded, definition, tmp_path)
    assert list(tmp_path.iterdir()) == []


ON_THE_PAGE = [
    "$8.47 bn", "+33.3%", "+33.25% and +33.41%",  # key figure, growth, bounds
    "0001326801-24-000069", "https://www.sec.gov/Archives/edgar/data/1326801/000132680124000069/",  # filing, link
    "article-003", "8.5 مليار دولار", "1825–1840", "✓ agrees",  # article, printed figure, span, verdict
    "74% up the range", "datacenterdynamics.com",  # guidance and its source
    "went from $13.058 billion (0001326801-23-000093) to $12.957 billion",  # restated
    "Purchases of property and equipment, net, and principal payments on finance leases; as filed under us-gaap:",  # definition
    "tracker report meta-2024q2", "Warehouse commit",  # how to make it again
]  # fmt: skip


@pytest.mark.parametrize("text", ON_THE_PAGE)
def test_the_page_tells(rendered: dict[str, Path], text: str) -> None:
    assert text in rendered["html"].read_text("utf-8")


def test_a_report_as_of_a_day_names_it(seeded: Warehouse, tmp_path: Path) -> None:
    (path,) = render(seeded, replace(THEN, formats=("html",)), tmp_path)
    page = path.read_text("utf-8")
    assert "tracker report meta-2024q2 --as-of 2024-08-05" in page
    assert "2025" not in re.sub(r"<style>.*?</style>|0001326801-25-\d+", "", page, flags=re.DOTALL)


def test_the_data_keeps_every_digit(rendered: dict[str, Path]) -> None:
    told = json.loads(rendered["json"].read_text("utf-8"))
    (row,) = [row for row in told["figures"] if (row["metric"], row["fiscal_period"]) == ("capex", "2024Q2")]
    assert (row["value"], row["base"], row["yoy_ratio"]) == ("8472000000.000000", "6354000000.000000", "0.333333333333")
    assert told["vega_lite"]["$schema"].startswith("https://vega.github.io/schema/vega-lite/v6")


# -- the files ------------------------------------------------------------------------------------


def test_files_are_what_they_are_called(rendered: dict[str, Path]) -> None:
    assert [*rendered] == ["html", "json", "png", "svg", "pdf", "xlsx", "md"]
    assert rendered["png"].read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    assert ET.fromstring(rendered["svg"].read_text("utf-8")).tag.endswith("svg")  # noqa: S314 - our own
    assert rendered["html"].stat().st_size < 120_000


def test_what_has_not_changed_is_left_alone(seeded: Warehouse, tmp_path: Path) -> None:
    definition = replace(META, formats=("html",))
    (path,) = render(seeded, definition, tmp_path)
    os.utime(path, (1, 1))
    (tmp_path / ".reports.json").unlink()
    assert render(seeded, definition, tmp_path) == [path]
    assert path.stat().st_mtime == 1
    path.write_text("older")
    render(seeded, definition, tmp_path)
    assert path.read_text("utf-8").startswith("<!doctype html>")
    assert sorted(tmp_path.iterdir()) == [tmp_path / ".reports.json", path]


def test_the_users_own_charts_stay_theirs(seeded: Warehouse, tmp_path: Path) -> None:
    before = alt.theme.active
    render(seeded, replace(META, formats=("svg",)), tmp_path)
    assert alt.theme.active == before == "default"


_RENDER = """
import sys
from pathlib import Path
from tracker.report import Definition, FORMATS, render
from tracker.warehouse.reader import Warehouse
definition = Definition("meta-2024q2", "growth", ("meta",), ("capex", "revenue", "net_income"), "2024Q2", None, None, FORMATS)
render(Warehouse(sys.argv[1]), definition, Path(sys.argv[2]))
"""


@pytest.mark.parametrize(
    ("zone", "locale", "seed"),
    [
        pytest.param("Pacific/Kiritimati", "C", "1", marks=pytest.mark.long),
        ("America/St_Johns", "de_DE.UTF-8", "7"),
    ],
)
def test_the_same_bytes_everywhere(
    seeded: Warehouse, rendered: dict[str, Path], tmp_path: Path, zone: str, locale: str, seed: str
) -> None:
    elsewhere = {**os.environ, "TZ": zone, "LC_ALL": locale, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", _RENDER, str(seeded.path), str(tmp_path)], env=elsewhere, check=True)
    assert checksums(tmp_path) == checksums(rendered["html"].parent)


# -- golden charts --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["panel", "promise"])
def test_golden(seeded_as_of: Callable[[str], Warehouse], name: str) -> None:
    then = seeded_as_of("2024-08-05")
    edition = read_edition(then, THEN, ENGLISH)
    chart = draw_panel(edition, "capex") if name == "panel" else draw_guidance(edition, "capex", "FY2024", 340)
    assert chart is not None
    check_golden(f"report-{name}", chart)


def test_no_text_from_data_is_in_an_expression(rendered: dict[str, Path]) -> None:
    spec = json.dumps(json.loads(rendered["json"].read_text("utf-8"))["vega_lite"])
    assert set(re.findall(r'"expr": "(.*?)"', spec)) <= {
        "datum.value < 0 ? 11 : -7", "datum.size", "datum.weight", "datum.dash", "datum.dy",
    }  # fmt: skip


# -- hostile data ---------------------------------------------------------------------------------


COMPANIES = range(
    2, len(PAYLOADS), 3
)  # each takes a payload as its name, one as publisher, one as title, link and quote


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Companies named after payloads, with sources, links and quotes to match; figures turn from loss to profit."""
    seeds = tmp_path_factory.mktemp("hostile")
    names = {f"evil{at}": PAYLOADS[at] for at in COMPANIES}
    tables = [
        f'[{key}]\nname = {json.dumps(name)}\ncurrency = "USD"\nfiscal_year_end = "12-31"\n'
        for key, name in names.items()
    ]
    (seeds / "entities.toml").write_text("\n".join(tables), "utf-8")
    sources, facts, guidance = _hostile_rows()
    write_seed_table(seeds, "sources", sources)
    write_seed_table(seeds, "facts", facts)
    write_seed_table(seeds, "guidance", guidance)
    return worked_out(build_warehouse(seeds, tmp_path_factory.mktemp("hostile-warehouse")).path)


def _hostile_rows() -> tuple[list[list[str]], list[list[str]], list[list[str]]]:
    sources, facts, guidance = [], [], []
    for at in COMPANIES:
        key, publisher, name = (
            f"evil{at}",
            PAYLOADS[at - 1],
            PAYLOADS[at - 2].strip(),
        )  # a cell ends where its text does
        link = name if name.startswith("javascript") else f"https://example.com/{name}"
        sources.append([key, "article", publisher, name, "en", link, "", "", "", "2024-08-01", ""])
        for period, income in (("2023Q2", "-2"), ("2024Q2", "3")):
            days = "2023-04-01/2023-06-30" if period == "2023Q2" else "2024-04-01/2024-06-30"
            facts.append(
                [
                    key,
                    "us-gaap:NetIncomeLoss",
                    "",
                    "actual",
                    days,
                    income,
                    "",
                    "",
                    "9",
                    "USD",
                    "exact",
                    key,
                    "",
                    "",
                    "",
                    "",
                ]
            )
            facts.append(
                [key, "us-gaap:Revenues", "", "actual", days, "8.5", "", "", "9", "USD", "exact", key, "", "", "", ""]
            )
            facts.append(
                [
                    key,
                    "",
                    "revenue",
                    "actual",
                    period,
                    "8",
                    "",
                    "",
                    "9",
                    "USD",
                    "exact",
                    key,
                    "en",
                    "0",
                    str(len(name)),
                    name,
                ]
            )
        facts.append(
            [
                key,
                "",
                "revenue",
                "growth",
                "2024Q2",
                "40",
                "",
                "",
                "-2",
                "ratio",
                "exact",
                key,
                "en",
                "5",
                str(5 + len(name)),
                name,
            ]
        )
        guidance.append([key, "revenue", "FY2024", "2024-02-01", "", "30", "35", "9", "USD", "range", key, name])
    return sources, facts, guidance


@pytest.fixture(scope="session")
def hostile_pages(hostile: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("hostile-pages")
    made = [Definition(f"evil{at}", "growth", (f"evil{at}",), ("net_income", "revenue"), None, None, PAYLOADS[at - 1] if at % 2 else None, ("html",)) for at in COMPANIES]  # fmt: skip
    return {definition.name: render(hostile, definition, folder)[0] for definition in made}


def test_no_payload_becomes_markup(hostile_pages: dict[str, Path]) -> None:
    for name, path in hostile_pages.items():
        page = PageTags(path.read_text("utf-8"))
        assert not page.tags.keys() & {"script", "img", "iframe", "object", "embed", "b", "link", "base", "form"}, name
        assert page.handlers == set(), name
        assert page.links <= {"https"}, name
        assert page.places <= {f"#{key}" for key in page.ids}, name
        assert max(page.ids.values()) == 1, name
        assert not set("\u202e\u2066\u2028") & {*path.read_text("utf-8")}, name


def test_a_hostile_picture_is_a_picture(hostile: Warehouse, tmp_path: Path) -> None:
    for at in (2, 17):
        definition = Definition("evil", "growth", (f"evil{at}",), ("net_income",), None, None, None, ("svg", "json"))
        svg = {path.suffix: path.read_text("utf-8") for path in render(hostile, definition, tmp_path)}
        tags = {node.tag.rpartition("}")[2] for node in ET.fromstring(svg[".svg"]).iter()}  # noqa: S314 - our own
        assert tags <= {"svg", "rect", "g", "path", "text", "tspan", "line"}
        assert "<" not in svg[".json"]


def test_growth_from_a_loss_is_no_percentage(hostile_pages: dict[str, Path]) -> None:
    page = hostile_pages["evil8"].read_text("utf-8")
    assert "turned to a net profit of $3.0 billion" in page
    assert "loss to profit" in page
    assert "✗ disagrees" in page


# -- colours --------------------------------------------------------------------------------------


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def schemes() -> Iterator[dict[str, str]]:
    for block in re.findall(r":root\{(.*?)\}", (ROOT / "tracker/report/output/page.css").read_text("utf-8")):
        found = dict(pair.split(":") for pair in block.removeprefix("--").split(";--"))
        yield {name: f"#{value[1:] * 2}" if len(value) == 4 else value for name, value in found.items()}


@pytest.mark.parametrize("scheme", list(schemes()), ids=["light", "dark"])
def test_contrast(scheme: dict[str, str]) -> None:
    for text in ("ink", "muted", "period", "fall"):
        assert contrast(scheme[text], scheme["paper"]) >= 4.5, text
        assert contrast(scheme[text], scheme["tint"]) >= 4.5, text
    for bar in ("history", "base", "period", "fall"):
        assert contrast(scheme[bar], scheme["paper"]) >= 3, bar


def test_every_colour_of_the_charts_has_one_for_the_dark() -> None:
    css = (ROOT / "tracker/report/output/page.css").read_text("utf-8")
    dark = css[css.index("prefers-color-scheme:dark") :]
    assert [role for role, colour in PALETTE.items() if f'="{colour}"]' not in dark] == []


# -- a real browser -------------------------------------------------------------------------------


def test_it_opens_offline_and_asks_for_nothing(browser: Browser, rendered: dict[str, Path]) -> None:
    events: list[str] = []
    tab = open_page(browser, rendered["html"], events, offline=True, viewport={"width": 1200, "height": 900})
    assert events == [rendered["html"].as_uri()]
    boxes = tab.evaluate(
        "[...document.querySelectorAll('svg.chart')].map(s => s.getBoundingClientRect()).map(b => [b.width, b.height])"
    )
    assert [width > 200 and height > 100 for width, height in boxes] == [
        True,
        True,
        True,
        True,
        False,
    ]  # the narrow twin
    assert tab.evaluate("getComputedStyle(document.querySelector('h1')).fontWeight") == "700"  # the style's hash fits
    tab.context.close()


@pytest.mark.parametrize("width", [320, 400, 768, 1200])
def test_nothing_hangs_over_the_edge(
    browser: Browser, rendered: dict[str, Path], hostile_pages: dict[str, Path], width: int
) -> None:
    for path in (rendered["html"], hostile_pages["evil17"], hostile_pages["evil2"]):
        tab = open_page(browser, path, [], viewport={"width": width, "height": 900})
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, path.name
        tab.context.close()


def test_no_payload_runs_or_leaves(browser: Browser, hostile_pages: dict[str, Path]) -> None:
    for path in hostile_pages.values():
        events: list[str] = []
        tab = open_page(browser, path, events, viewport={"width": 900, "height": 900})
        assert events == [path.as_uri()]
        tab.context.close()


_ACCESS = """() => ({
  headings: [...document.querySelectorAll('h1,h2,h3')].map(h => +h.tagName[1]),
  images: [...document.querySelectorAll('svg.chart')].map(s =>
    s.getAttribute('role') + ' ' + s.getAttribute('aria-labelledby').split(' ').map(i => document.getElementById(i).textContent.trim()).join(' ')),
  tables: [...document.querySelectorAll('table')].map(t => !!t.caption && [...t.querySelectorAll('th')].every(h => h.scope)),
  loose: [...document.querySelectorAll('tbody tr')].filter(r => !r.querySelector('th')).length,
  scrollers: [...document.querySelectorAll('.scroll')].every(s => s.tabIndex === 0 && document.getElementById(s.getAttribute('aria-labelledby')).textContent),
  landmarks: ['header', 'main', 'footer'].every(n => document.querySelectorAll('body > ' + n).length === 1),
  lang: document.documentElement.lang,
})"""


def test_it_is_accessible(browser: Browser, rendered: dict[str, Path]) -> None:
    tab = open_page(browser, rendered["html"], [])
    found = tab.evaluate(_ACCESS)
    tab.context.close()
    levels = found["headings"]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert len(found["images"]) == 5
    assert found["images"][0].startswith(
        "img Capital spending Columns of Meta’s capital spending from the first quarter of 2023 ($7.1 billion)"
    )
    assert found["images"][3].endswith("$24.4 billion by 30 September 2024, $39.2 billion by 31 December 2024.")
    assert all(found["tables"])
    assert len(found["tables"]) == 6
    assert found["loose"] == 0
    assert found["scrollers"]
    assert found["landmarks"]
    assert found["lang"] == "en"


def test_dark_and_print(browser: Browser, rendered: dict[str, Path]) -> None:
    tab = open_page(browser, rendered["html"], [], color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(20, 24, 29)"
    assert (
        tab.evaluate("getComputedStyle(document.querySelector('.chart [fill=\"#0b5cad\"]')).fill")
        == "rgb(109, 179, 245)"
    )
    tab.emulate_media(media="print", color_scheme="dark")
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    tab.context.close()


def test_the_repositorys_definitions_can_be_made(seeded: Warehouse, tmp_path: Path) -> None:
    for definition in load_definitions(ROOT / "reports"):
        (path,) = render(seeded, replace(definition, formats=("html",)), tmp_path)
        assert path.name == f"{definition.name}.html"


def test_interactive_charts_answer_and_ask_for_nothing(browser: Browser, seeded: Warehouse, tmp_path: Path) -> None:
    (path, script) = render(seeded, replace(META, formats=("html",), is_interactive=True), tmp_path)
    assert script.name == f"charts-{hashlib.sha256(script.read_bytes()).hexdigest()[:16]}.js"
    events: list[str] = []
    tab = browser.new_context(offline=True).new_page()
    tab.on("console", lambda said: events.append(said.text) if said.type == "error" else None)
    tab.on("pageerror", lambda error: events.append(str(error)))
    tab.on("request", lambda asked: events.append(asked.url) if asked.url.startswith("http") else None)
    tab.goto(path.as_uri())
    tab.wait_for_selector("html[data-charts]", timeout=30_000)
    tab.locator("svg:has(#panel-0-alt) .mark-rect path").nth(5).hover()
    assert tab.locator("#chart-tip").inner_text() == "2024Q2: $8.47 bn (+33.3%)"
    key = tab.locator(".legend [data-role=base]")
    key.focus()
    tab.keyboard.press("Enter")
    assert key.get_attribute("aria-pressed") == "true"
    assert events == []
    script.unlink()
    tab.reload()
    assert tab.locator("svg:has(#panel-0-alt)").is_visible()
