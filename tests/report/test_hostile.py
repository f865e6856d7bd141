"""A hundred payloads in every text a report shows: none runs in a real browser, none leaves, none becomes a formula.

The pages are opened with their policy switched off, so that escaping alone must hold; one test holds the policy.
"""

from __future__ import annotations

import io
import json
import mmap
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import openpyxl
import pytest
import vl_convert

from support.pages import PageTags
from support.project import ROOT, build_warehouse, made_once, write_seed_table
from tracker.errors import UsageError
from tracker.report import FORMATS, Definition, render, write_index
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")
PAYLOADS = [
    _ESCAPE.sub(lambda found: chr(int(found[1], 16)), line).replace("{n}", str(at))
    for at, line in enumerate((ROOT / "tests/data/xss.txt").read_text("utf-8").splitlines())
]
NAMED = 12  # companies, each with payloads of its own as name and ticker


def of(at: int) -> str:
    return PAYLOADS[at % len(PAYLOADS)]


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Companies, metrics, sources, links, quotes and reasons of payloads; the first company has each as a statement."""
    return Warehouse(made_once(tmp_path_factory, "hostile-companies", _store) / "warehouse")


def _store(folder: Path) -> None:
    seeds = folder / "seeds"
    seeds.mkdir()
    (seeds / "entities.toml").write_text(
        "\n".join(
            f"[evil{at}]\nname = {json.dumps(of(at * 5))}\nnames = [{{ name = {json.dumps(of(at * 5 + 1))} }}]\n"
            'currency = "USD"\nfiscal_year_end = "12-31"\n'
            for at in range(NAMED)
        ),
        "utf-8",
    )
    sources, facts, guidance = [], [], []
    days = ("2023-08-01", "2024-08-01")
    link = f"https://leak.example/{of(5)}"
    sources += [[f"r{day[:4]}", "release", of(3), of(4), "en", link, "", "", "", day, ""] for day in days]
    for at in range(NAMED):
        for source, dates, value in (("r2023", "2023-04-01/2023-06-30", "7"), ("r2024", "2023-04-01/2023-06-30", "6.2"), ("r2024", "2024-04-01/2024-06-30", f"8.{at:02}")):  # fmt: skip
            facts.append([f"evil{at}", "us-gaap:Revenues", "", "actual", dates, value, "", "", "9", "USD", "exact", source, "", "", "", ""])  # fmt: skip
    for at, text in enumerate(PAYLOADS):
        link = text if at % 2 else f"https://leak.example/{text}"
        sources.append([f"s{at}", "article", text, of(at + 1), "en", link, "", "", "", "2024-08-02", ""])
        span = ["en", "0", str(len(text.strip())), text.strip()]
        facts.append(
            [
                "evil0",
                "",
                "revenue",
                "actual",
                "2024Q2",
                "8" if at % 3 else "9",
                "",
                "",
                "9",
                "USD",
                "exact",
                f"s{at}",
                *span,
            ]
        )
        facts.append(
            ["evil0", "", "evil_metric", "actual", "2024Q2", "8", "", "", "9", "USD", "exact", f"s{at}", *span]
        )
        facts.append(
            ["evil0", "", "revenue", "growth", "2024Q2", "40", "", "", "-2", "ratio", "exact", f"s{at}", *span]
        )
        low = str(30 + at % 7)
        guidance.append(["evil0", "revenue", f"FY{2015 + at % 10}", f"{2015 + at % 10}-{1 + at // 10:02}-01", "", low, "39", "9", "USD", "range", f"s{at}", text.strip()])  # fmt: skip
    write_seed_table(seeds, "sources", sources)
    write_seed_table(seeds, "facts", facts)
    write_seed_table(seeds, "guidance", guidance)
    write_seed_table(seeds, "pins", [["evil0", "revenue", "2024Q2", "s1", of(21), ""]])
    metrics = seeds / "metrics.toml"
    metrics.write_text(f'[evil_metric]\nlabel = {json.dumps(of(20))}\ntype = "duration"\nadditive = true\nmeasure = "money"\n', "utf-8")  # fmt: skip
    build_warehouse(seeds, folder / "warehouse", metrics).close()


#: A PNG is made of the SVG and holds no text.
WRITTEN = tuple(form for form in FORMATS if form != "png")


def asked(name: str, kind: str, entities: tuple[str, ...], **other: Any) -> Definition:
    return replace(
        Definition(name, kind, entities, ("revenue",), None, None, None, WRITTEN, is_interactive=True), **other
    )


EVERYBODY = tuple(f"evil{at}" for at in range(NAMED))
#: A report of each kind, some under a payload as title.
EACH = [
    asked("growth", "growth", ("evil0",), metrics=("revenue", "evil_metric"), period="2024Q2"),
    asked("growth-ar", "growth", ("evil6",), language="ar", title=of(22)),
    asked("peers", "peers", EVERYBODY),
    asked("guidance", "guidance", ("evil0",), title=of(23)),
    asked("restatements", "restatements", (), metrics=()),
    asked("reconciliation", "reconciliation", ("evil0",), metrics=("revenue", "evil_metric"), period="2024Q2"),
    asked("changes", "changes", EVERYBODY[:5], metrics=(), since="2024-07-01"),
    asked("charts", "charts", (), metrics=(), title=of(24), charts=("mine",)),
]


@pytest.fixture(scope="module")
def written(hostile: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with every report in every format, and the list of them with a hundred more that were never drawn."""
    return made_once(tmp_path_factory, "hostile-reports", lambda folder: _write_all(hostile, folder))


def _write_all(hostile: Warehouse, folder: Path) -> None:
    (folder / "charts").mkdir()
    rows = ", ".join(f"('{text.replace(chr(39), chr(39) * 2)}', {at})" for at, text in enumerate(PAYLOADS))
    head = of(1).replace('"', '""')
    (folder / "charts/mine.sql").write_text(f'select * from (values {rows}) as t("{head}", amount)', "utf-8")
    said = {"title": of(25), "unit": of(26), "alt": of(27), "series": of(1)}
    (folder / "charts/mine.toml").write_text("".join(f"{key} = {json.dumps(text)}\n" for key, text in said.items()), "utf-8")  # fmt: skip
    for definition in EACH:
        render(hostile, definition, folder)
    undrawn = [asked(f"x{at}", "growth", ("evil0",), title=text) for at, text in enumerate(PAYLOADS)]
    write_index(folder, [*EACH, *undrawn], hostile.snapshot)


def test_there_are_a_hundred_payloads_and_they_reach_the_pages(written: Path) -> None:
    assert len(PAYLOADS) >= 100
    for name in ("growth", "reconciliation", "guidance", "index", "charts"):
        text = (written / f"{name}.html").read_text("utf-8")
        reached = [at for at in range(len(PAYLOADS)) if re.search(rf"planted\({at}\)|leak\.example/{at}\b", text)]
        assert len(reached) >= 90, name


PAGES = [*(definition.name for definition in EACH), "index"]


@pytest.mark.parametrize("name", PAGES)
def test_no_payload_becomes_markup(written: Path, name: str) -> None:
    text = (written / f"{name}.html").read_text("utf-8")
    page = PageTags(text)
    assert not page.tags.keys() & {"img", "iframe", "object", "embed", "link", "base", "form", "input", "video", "use"}
    assert page.handlers == set()
    assert page.links <= {"https", *(f"{definition.name}.{form}" for definition in EACH for form in FORMATS), *(path.name for path in written.glob("*.js"))}  # fmt: skip
    assert not set("\u202e\u2028") & {*text}


def _opened(browser: Browser, path: Path, events: list[str], *, bypass: bool) -> Page:
    context = browser.new_context(bypass_csp=bypass, viewport={"width": 1000, "height": 900})
    context.add_init_script("window.planted = at => { console.log('planted ' + at); }")
    tab = context.new_page()
    for happening in ("request", "dialog", "pageerror", "popup", "framenavigated", "console", "worker", "download"):
        tab.on(happening, lambda what, happening=happening: events.append(f"{happening}: {_words(what)}"))
    tab.goto(path.as_uri())
    return tab


#: What Vega-Lite says of two scales given alike; no text of data is in it.
_OWN_WARNING = "console: WARN Conflicting scale property"


def _words(what: Any) -> str:
    return str(getattr(what, "url", None) or getattr(what, "text", None) or getattr(what, "message", None) or what)


@pytest.mark.parametrize("bypass", [True, False], ids=["escaped", "with its policy"])
@pytest.mark.parametrize("name", PAGES)
def test_no_payload_runs_or_leaves(browser: Browser, written: Path, name: str, bypass: bool) -> None:  # noqa: FBT001
    events: list[str] = []
    tab = _opened(browser, written / f"{name}.html", events, bypass=bypass)
    if name != "index":
        tab.wait_for_selector("html[data-charts]", timeout=30_000)
        assert tab.evaluate("+document.documentElement.dataset.charts") > 0, "the charts were drawn by the script"
    marks = tab.locator("svg .mark-rect path, svg .mark-symbol path")
    for at in range(min(3, marks.count())):
        marks.nth(at).dispatch_event("mouseover")
    own = {(written / f"{name}.html").as_uri(), *(path.as_uri() for path in written.glob("charts-*.js"))}
    said = {event.partition(": ")[2] for event in events if not event.startswith(_OWN_WARNING)}
    assert said <= own
    tab.context.close()


@pytest.mark.parametrize("definition", EACH, ids=[definition.name for definition in EACH])
def test_a_picture_by_itself_is_only_a_picture(browser: Browser, written: Path, definition: Definition) -> None:
    path = written / f"{definition.name}.svg"
    tags = {node.tag.rpartition("}")[2] for node in ET.fromstring(path.read_text("utf-8")).iter()}  # noqa: S314 - our own
    assert tags <= {"svg", "rect", "g", "path", "text", "tspan", "line", "defs", "clipPath"}
    events: list[str] = []
    _opened(browser, path, events, bypass=True).context.close()
    assert {event.partition(": ")[2] for event in events} == {path.as_uri()}


@pytest.mark.parametrize("definition", EACH, ids=[definition.name for definition in EACH])
def test_other_files_hold_text_as_text(written: Path, definition: Definition) -> None:
    stem = written / definition.name
    marked = re.sub(r"\\.", "", stem.with_suffix(".md").read_text("utf-8").partition("`tracker ")[0])
    assert "<" not in marked
    assert "![" not in marked
    assert set(re.findall(r"\]\((\w+):", marked)) <= {"https"}
    assert not set("<>&") & {*stem.with_suffix(".json").read_text("utf-8")}
    book = openpyxl.load_workbook(io.BytesIO(stem.with_suffix(".xlsx").read_bytes()))
    cells = [cell for sheet in book for row in sheet for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert all(
        cell.hyperlink.target.startswith("https://") for cell in cells if cell.hyperlink and cell.hyperlink.target
    )
    paper = stem.with_suffix(".pdf").read_bytes() if "pdf" in definition.formats else b""
    assert not re.search(rb"/(JavaScript|JS|Launch|SubmitForm|EmbeddedFile|OpenAction)\b", paper)
    assert set(re.findall(rb"/URI\s*\((\w+):", paper)) <= {b"https"}


def test_no_payload_names_a_report(hostile: Warehouse, tmp_path: Path) -> None:
    for text in PAYLOADS:
        with pytest.raises(UsageError, match="no report name"):
            render(hostile, asked(text, "growth", ("evil0",)), tmp_path)
        with pytest.raises(UsageError, match=r"neither|no chart name"):
            render(hostile, asked("x", "charts", (), title="x", charts=(text,)), tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_the_parts_of_vega_are_those_known() -> None:
    """The last two have known flaws with hostile expressions (CVE-2025-66648, CVE-2025-65110): no text of ours is one."""
    assert (vl_convert.get_vega_version(), vl_convert.get_vegalite_versions()[-1], vl_convert.get_vega_embed_version()) == ("6.2.0", "6.4", "7.0.2")  # fmt: skip
    (library,) = Path(vl_convert.__file__).parent.glob("vl_convert*.so")
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        found = set(re.findall(rb"vega-(?:functions|selections|expression)@\d+\.\d+\.\d+", content))
    assert found == {b"vega-functions@6.1.0", b"vega-selections@6.1.0", b"vega-expression@6.1.0"}
