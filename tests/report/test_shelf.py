"""The folder of reports: what still holds is not drawn again, the list of all, charts of the project's own, memory."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from support.filings import accession, company, write_company
from support.pages import PAYLOADS, PageTags
from support.project import ROOT, fact_line, write_facts
from support.reports import OWN_CHARTS, write_own_chart
from support.running import tracker_text
from tracker.errors import InputError, NothingMatchedError, UsageError
from tracker.files.sparkline import draw_sparkline
from tracker.pipeline.build import build
from tracker.pipeline.ingest import ingest
from tracker.pipeline.report import report as draw
from tracker.project import load_project
from tracker.report import Definition, load_definitions, render
from tracker.report import making as reports
from tracker.report.shelf import put, read_shelf

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracker.project import Project
    from tracker.report.document import Document
    from tracker.warehouse.reader import Warehouse

META = Definition("meta", "growth", ("meta",), ("capex",), "2024Q2", None, None, ("html", "json"))
#: A report that is quickly made: it says that nothing was restated.
SHORT = Definition("short", "restatements", ("amazon",), (), None, None, None, ("html", "json"))


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the reports that were put together since."""
    names: list[str] = []

    def counted(warehouse: Warehouse, definition: Definition, charts: Path | None = None) -> Document:
        names.append(definition.name)
        return made(warehouse, definition, charts)

    made = reports.document_of
    monkeypatch.setattr(reports, "document_of", counted)
    return names


def test_what_still_holds_is_not_drawn_again(warehouse: Warehouse, tmp_path: Path, drawn: list[str]) -> None:
    first = render(warehouse, SHORT, tmp_path)
    assert render(warehouse, SHORT, tmp_path) == first
    assert drawn == ["short"]


AGAIN: list[tuple[str, Callable[[Path], object], Definition]] = [
    # what happened, how, the definition then
    ("a file is gone", lambda folder: (folder / "short.html").unlink(), SHORT),
    ("a file was altered", lambda folder: (folder / "short.json").write_text("{}"), SHORT),
    ("the state is broken", lambda folder: (folder / ".reports.json").write_text("[1"), SHORT),
    ("the state is of another program", lambda folder: (folder / ".reports.json").write_text('{"short": {}}'), SHORT),
    ("another day", lambda _: None, replace(SHORT, as_of="2024-08-05")),
    ("another title", lambda _: None, replace(SHORT, title="Mine")),
    ("another format", lambda _: None, replace(SHORT, formats=("html",))),
]  # fmt: skip


@pytest.mark.parametrize(("what", "happen", "then"), AGAIN, ids=[what for what, *_ in AGAIN])
def test_what_holds_no_more_is_drawn_again(
    warehouse: Warehouse,
    tmp_path: Path,
    drawn: list[str],
    what: str,
    happen: Callable[[Path], object],
    then: Definition,
) -> None:
    render(warehouse, SHORT, tmp_path)
    happen(tmp_path)
    paths = render(warehouse, then, tmp_path)
    assert drawn == ["short", "short"], what
    assert all(path.is_file() for path in paths)


def test_a_warehouse_made_anew_is_another(project: Project, tmp_path: Path, drawn: list[str]) -> None:
    """Its commits count from one again, so that their numbers alone say nothing."""
    again = replace(project, reports=tmp_path / "reports", warehouse=tmp_path / "warehouse")
    again.reports.mkdir()
    (again.reports / "meta.toml").write_text('kind = "restatements"\nentity = "amazon"\nformats = ["json"]\n')
    for _ in range(2):
        shutil.rmtree(again.warehouse, ignore_errors=True)
        ingest(again, [project.seeds])
        draw(again)
        draw(again)
    assert drawn == ["meta", "meta"]


# -- the list ---------------------------------------------------------------------------------------


@pytest.fixture
def shelf(project: Project, tmp_path: Path) -> Project:
    """The seeds' project with a folder of reports of its own."""
    (tmp_path / "meta.toml").write_text(
        'kind = "growth"\nentity = "meta"\nmetrics = ["capex"]\nformats = ["html", "json"]\n'
    )
    (tmp_path / "evil.toml").write_text(
        f'kind = "restatements"\nformats = ["json"]\ntitle = {json.dumps(PAYLOADS[0])}\n'
    )
    return replace(project, reports=tmp_path)


EARLY = datetime(2024, 8, 5, tzinfo=UTC)  # nothing that the seeds await is late yet


def test_the_list_has_every_report(shelf: Project) -> None:
    draw(shelf, ["meta"], now=EARLY)
    text = (shelf.reports / "index.html").read_text("utf-8")
    assert "Meta’s capital spending rose 45% to" in text  # noqa: RUF001 - an apostrophe of print
    assert "✓ up to date" in text
    assert "not drawn yet" in text
    assert '<a href="meta.html">' in text
    assert 'class="spark"' in text
    draw(shelf, ["evil"])
    page = PageTags((shelf.reports / "index.html").read_text("utf-8"))
    assert not page.tags.keys() & {"script", "img", "b"}
    assert page.tags["h2"] == 2


def test_the_list_says_what_is_out_of_date(shelf: Project) -> None:
    draw(shelf)
    (shelf.reports / "meta.json").unlink()
    draw(shelf, ["evil"])
    assert "a file is missing" in (shelf.reports / "index.html").read_text("utf-8")
    state = json.loads((shelf.reports / ".reports.json").read_text("utf-8"))
    state["evil"]["snapshot"] = "another"
    (shelf.reports / ".reports.json").write_text(json.dumps(state))
    draw(shelf, ["meta"])
    text = (shelf.reports / "index.html").read_text("utf-8")
    assert f"of commit {state['evil']['commit']}; the warehouse has moved on" in text


def test_the_list_says_of_which_companies_filings_are_late(empty: Project) -> None:
    """A report is not up to date because nothing newer is stored; one of a day or period of the past awaits nothing."""
    filed: list[Any] = []
    for y in (2022, 2023):
        filed.append((f"{y}-01-01", f"{y}-12-31", y * 10**6, accession(y), "10-K", f"{y + 1}-02-10"))
        for n, (end, day) in enumerate((("03-31", "05-05"), ("06-30", "08-05"), ("09-30", "11-05")), 1):
            filed.append((f"{y}-01-01", f"{y}-{end}", n * y * 10**5, accession(10 * y + n), "10-Q", f"{y}-{day}"))
    (empty.seeds / "entities.toml").write_text('[late]\nname = "Late"\ncik = 77\n')
    ingest(empty, [write_company(empty.root, company(77, {"Revenues": filed}))])
    for name, more in (("now", ""), ("then", "as_of = 2023-08-05\n"), ("of", 'period = "2023Q2"\n')):
        (empty.reports / f"{name}.toml").write_text(
            f'kind = "growth"\nentity = "late"\nmetrics = ["revenue"]\nformats = ["json"]\n{more}'
        )
    draw(empty, now=datetime(2024, 8, 5, tzinfo=UTC))
    text = (empty.reports / "index.html").read_text("utf-8")
    assert "<strong>!</strong> stale: the report on 2024Q1 (to 2024-03-31) was expected on 2024-05-" in text
    assert text.count("✓ up to date") == 2


def test_a_project_without_reports_says_how_to_define_one(empty: Project) -> None:
    with pytest.raises(NothingMatchedError, match=r"write reports/NAME\.toml \(reports/README\.md shows how\)"):
        draw(empty)


def test_the_list_is_the_same_when_made_again(shelf: Project) -> None:
    draw(shelf)
    first = (shelf.reports / "index.html").read_bytes()
    draw(shelf)
    assert (shelf.reports / "index.html").read_bytes() == first
    assert [*read_shelf(shelf.reports)] == ["evil", "meta"]


SPARKS = [
    # case, points, path
    ("nothing", (), None),
    ("one", (1.0,), None),
    ("up", (1.0, 2.0), "M3.0 31.0L123.0 3.0"),
    ("a gap", (1.0, None, 2.0, 3.0), "M3.0 31.0M83.0 17.0L123.0 3.0"),
    ("flat", (1.0, 1.0), "M3.0 3.0L123.0 3.0"),
]  # fmt: skip


@pytest.mark.parametrize(("case", "points", "path"), SPARKS, ids=[case for case, *_ in SPARKS])
def test_sparks(case: str, points: tuple[float | None, ...], path: str | None) -> None:
    assert (f'd="{path}"' in draw_sparkline(points)) if path else draw_sparkline(points) == "", case


# -- charts of one's own -------------------------------------------------------------------------------

SQL = "select fiscal_period as quarter, value / 1e9 as amount from quarter where entity = 'meta' and metric = 'revenue'"


def test_a_question_in_sql_becomes_a_chart_and_a_table(warehouse: Warehouse, tmp_path: Path) -> None:
    toml = 'title = "Sales"\nunit = "$ billion"\nmark = "line"\nx = "quarter"\ny = "amount"\n'
    html, data = render(warehouse, OWN_CHARTS, write_own_chart(tmp_path, sql=SQL, toml=toml))
    text = html.read_text("utf-8")
    assert "<caption" in text
    assert "amount by quarter, 13 rows: lowest 28.65 (2023Q1)" in text
    spec = json.dumps(json.loads(data.read_text("utf-8"))["vega_lite"])
    assert '"field": "c1"' in spec
    assert '"expr"' not in spec


def test_a_function_in_python_becomes_a_chart(warehouse: Warehouse, tmp_path: Path) -> None:
    code = (
        "import altair as alt\n"
        "def chart(warehouse, definition):\n"
        f"    frame = warehouse.sql({SQL!r}).df()\n"
        "    return alt.Chart(frame).mark_bar().encode(x='quarter:N', y='amount:Q')\n"
    )
    html, _ = render(warehouse, OWN_CHARTS, write_own_chart(tmp_path, py=code))
    assert html.read_text("utf-8").count("<path") == 13


def test_own_charts_stand_in_any_report(warehouse: Warehouse, tmp_path: Path) -> None:
    (html,) = render(warehouse, replace(META, formats=("html",), charts=("mine",)), write_own_chart(tmp_path, sql=SQL))
    text = html.read_text("utf-8")
    assert text.index('id="h-promise"') < text.index('id="h-own"') < text.index('id="h-figures"')


def test_a_changed_chart_is_drawn_again(warehouse: Warehouse, tmp_path: Path, drawn: list[str]) -> None:
    folder = write_own_chart(tmp_path, sql=SQL)
    render(warehouse, OWN_CHARTS, folder)
    (folder / "charts" / "mine.sql").write_text(f"{SQL} limit 5")
    render(warehouse, OWN_CHARTS, folder)
    render(warehouse, OWN_CHARTS, folder)
    assert drawn == ["own", "own"]


WRITES = [
    "copy (select 1 as a, 2 as b) to '{out}'",
    "with a as (copy (select 1 as n) to '{out}') select 'x' as x, 1 as y",
    "select 1 as a, (with b as (delete from fact_known returning 1) select count(*) from b) as c",
    "create table t as select 1",
    "attach '{out}' as other",
    "select 1; select 2",
    "set threads = 1",
    "pragma database_list",
    "explain analyze select 1",
    "selec 1",
    "",
]


@pytest.mark.parametrize("query", WRITES)
def test_sql_only_reads(warehouse: Warehouse, tmp_path: Path, query: str) -> None:
    out = tmp_path / "out.csv"
    folder = write_own_chart(tmp_path, sql=query.format(out=out))
    with pytest.raises(UsageError, match=r"mine\.sql"):
        render(warehouse, OWN_CHARTS, folder)
    assert not out.exists()


WRONG_CHARTS: list[tuple[dict[str, str], str]] = [
    # files, what is told
    ({}, "neither"),
    ({"sql": SQL, "py": "x = 1"}, "both"),
    ({"sql": "select 'a' as a, 'b' as b"}, "no column"),
    ({"sql": "select 1 as a where false"}, "0 rows"),
    ({"sql": "select * from nothing_of_the_kind"}, "nothing_of_the_kind"),
    ({"sql": SQL, "toml": 'y = "height"'}, "height"),
    ({"sql": SQL, "toml": 'mark = "pie"'}, "pie"),
    ({"sql": SQL, "toml": "colour = 3"}, "colour"),
    ({"sql": SQL, "toml": "title = "}, "mend the TOML"),
    ({"py": "def chart(warehouse, definition): return 1 / 0"}, "ZeroDivisionError"),
    ({"py": "def draw(): pass"}, "chart"),
    ({"py": "def chart(w, d): return {'data': {'url': 'https://example.com/x.csv'}, 'mark': 'bar'}"}, "url"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "told"), WRONG_CHARTS)
def test_a_wrong_chart_is_told(warehouse: Warehouse, tmp_path: Path, files: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError, match=told):
        render(warehouse, OWN_CHARTS, write_own_chart(tmp_path, **files))


def test_hostile_rows_are_only_text(warehouse: Warehouse, tmp_path: Path) -> None:
    rows = ", ".join(f"({_literal(payload)}, {at})" for at, payload in enumerate(PAYLOADS))
    query = f'select * from (values {rows}) as t("</script><b>", "datum.x")'
    html, data = render(warehouse, replace(OWN_CHARTS, title=PAYLOADS[1]), write_own_chart(tmp_path, sql=query))
    page = PageTags(html.read_text("utf-8"))
    assert not page.tags.keys() & {"script", "img", "iframe", "object", "b"}
    assert page.handlers == set()
    assert "<" not in data.read_text("utf-8")


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def test_a_definition_of_charts_needs_them(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('kind = "charts"\n')
    with pytest.raises(InputError) as caught:
        load_definitions(tmp_path)
    assert {problem.column for problem in caught.value.problems} == {"title", "charts"}


# -- cost -------------------------------------------------------------------------------------------------

_MANY = """
import os, sys
from dataclasses import replace
from pathlib import Path
from tracker.report import Definition, render
from tracker.warehouse.reader import Warehouse

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 2**20

def renderers():
    names = [Path(f"/proc/self/task/{task}/comm").read_text() for task in os.listdir("/proc/self/task")]
    return sum(name.startswith("V8") for name in names)

definition = Definition("meta", "growth", ("meta",), ("capex",), "2024Q2", None, None, ("html", "svg"))
warehouse, seen = Warehouse(sys.argv[1]), []
for at in range(int(sys.argv[3])):
    render(warehouse, replace(definition, name=f"meta{at}", title=f"Number {at}"), Path(sys.argv[2]))
    seen.append((resident(), renderers()))
print(*seen[len(seen) // 3], *seen[-1])
"""


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="this system does not tell what memory a process has")
@pytest.mark.parametrize("number", [6, pytest.param(50, marks=pytest.mark.long)])
def test_many_reports_take_no_more_memory_than_few(warehouse: Warehouse, tmp_path: Path, number: int) -> None:
    """And one renderer starts for all: no thread of its is added after the first report."""
    done = subprocess.run(
        [sys.executable, "-c", _MANY, str(warehouse.path), str(tmp_path), str(number)],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    early, renderers_early, late, renderers_late = map(int, done.stdout.split())
    assert late <= early * 1.2 + 20
    assert renderers_late == renderers_early > 0


def test_a_report_that_cannot_be_drawn_costs_no_other(empty: Project) -> None:
    write_facts(empty, fact_line("Revenues", "2024Q2", "100"))
    for name, period in (("a-late", "2031Q2"), ("b-good", "2024Q2")):
        definition = f'kind = "growth"\nentity = "acme"\nperiod = "{period}"\nformats = ["json"]\n'
        (empty.reports / f"{name}.toml").write_text(definition)
    built = build(load_project(empty.root))
    assert [definition.name for definition, _ in built.drawing.reports] == ["b-good"]
    assert "2031Q2" in str(built.drawing.failed["a-late"])
    done = tracker_text(empty, "report")
    assert (done.returncode, done.stdout.splitlines()) == (4, [str(empty.reports / "b-good.json")])
    assert "2031Q2" in done.stderr
    assert "b-good" in (empty.reports / "index.html").read_text("utf-8")


def test_a_build_lists_its_reports(empty: Project) -> None:
    built = build(load_project(empty.root))
    assert built.drawing.reports == ()
    assert (empty.reports / "index.html").is_file()


@pytest.mark.parametrize("mask", [0o077, 0o022, 0o007])
def test_files_have_the_permissions_the_user_asks_for(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        put(tmp_path / "a.html", b"a")
        put(tmp_path / "a.html", b"b")
    finally:
        os.umask(before)
    assert (tmp_path / "a.html").stat().st_mode & 0o777 == 0o666 & ~mask
    assert [path.name for path in tmp_path.iterdir()] == ["a.html"]
