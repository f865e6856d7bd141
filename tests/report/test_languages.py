"""Reports in every language: no kind leaves a sentence in English, and pictures fit the direction of writing."""

# ruff: noqa: RUF001 - the marks of print (apostrophe, dash, minus) are what these tests are about

from __future__ import annotations

import os
import re
from contextlib import ExitStack, closing
from dataclasses import replace
from decimal import Decimal
from functools import cache
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from babel import Locale

from support.headlines import (
    CUT,
    RAISED,
    make_change,
)
from support.languages import ENGLISH, OTHERS, phrases
from support.project import build_warehouse, write_seed_table
from support.reports import EXAMPLES, define_report
from tracker.explain.diff import diff
from tracker.report.charts.drawing import WIDE, compose
from tracker.report.charts.leaves import PLOT, WIDTH, Chart, make_layers, theme
from tracker.report.charts.panel import _words_width
from tracker.report.definition import check
from tracker.report.document import Link
from tracker.report.kinds import BUILDERS
from tracker.report.kinds.changes import _before
from tracker.report.output.pdf import _lay_out_link
from tracker.report.text import language
from tracker.report.text.labels import (
    add_mark,
    format_number,
    isolate_lines,
)
from tracker.report.text.language import LANGUAGES, language_of
from tracker.report.text.translation import translate_fixed_words
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.reasons import Amount, Reason
from tracker.warehouse.snapshot import Excerpt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.report import Definition
    from tracker.report.document import Document, Section

CHANGES_KIND = import_module("tracker.report.kinds.changes")

# -- every kind --------------------------------------------------------------------------------------

SOURCES_ROWS = [
    ["f1", "filing", "", "", "en", "", "", "0000000001-23-000001", "10-Q", "2023-08-01", ""],
    ["f2", "filing", "", "", "en", "", "", "0000000001-24-000001", "10-Q", "2024-08-01", ""],
    ["a1", "article", "PAPER", "", "en", "", "", "", "", "2024-08-02", ""],
    ["a2", "article", "", "TITLE", "en", "", "", "", "", "2024-08-03", ""],
]
COMPANIES = {"acme": ("USD", "12-31"), "june": ("USD", "06-30"), "yen": ("JPY", "12-31"), "mute": ("USD", "12-31")}
Q2 = {year: f"{year}-04-01/{year}-06-30" for year in (2022, 2023, 2024)}
Q1 = {year: f"{year}-01-01/{year}-03-31" for year in (2023, 2024)}
H1 = {year: f"{year}-01-01/{year}-06-30" for year in (2023, 2024)}
#: entity, concept, days, value in millions, source; a restated figure is stated again by the later filing
FACTS = [
    ("acme", "Revenues", Q2[2023], "200", "f1"),
    ("acme", "Revenues", Q2[2023], "190", "f2"),
    ("acme", "Revenues", Q1[2023], "100", "f1"),
    ("acme", "Revenues", Q1[2023], "104", "f2"),
    ("acme", "Revenues", Q2[2024], "250", "f2"),
    ("acme", "OperatingIncomeLoss", Q2[2023], "-20", "f1"),
    ("acme", "OperatingIncomeLoss", Q2[2023], "-30", "f2"),
    ("acme", "OperatingIncomeLoss", Q2[2024], "30", "f2"),
    ("acme", "NetIncomeLoss", Q2[2023], "9000", "f1"),
    ("acme", "NetIncomeLoss", Q2[2023], "9001", "f2"),
    ("acme", "NetCashProvidedByUsedInOperatingActivities", H1[2024], "70", "f2"),
    ("acme", "PaymentsToAcquirePropertyPlantAndEquipment", Q2[2024], "12", "f2"),
    ("june", "Revenues", Q2[2023], "80", "f1"),
    ("june", "Revenues", Q2[2024], "60", "f2"),
    ("yen", "Revenues", Q2[2024], "70000", "f2"),
]
#: What articles say of revenue: too much, within their rounding, in another unit.
SPOKEN = [("300", "6", "USD", "a1"), ("0.3", "9", "USD", "a2"), ("240", "6", "EUR", "a2")]
#: metric, period, day, ends in billions, qualifier: each way a forecast can move, and all that can come of it
GUIDED = [
    ("revenue", "2023Q2", "2023-03-01", "0.21", "0.3", "range"),
    ("revenue", "2023Q2", "2023-05-01", "0.15", "0.2", "range"),
    ("revenue", "2024Q2", "2024-05-01", "0.1", "0.2", "range"),
    ("revenue", "2022Q2", "2022-05-01", "0.1", "0.2", "range"),
    ("revenue", "2025Q2", "2024-07-01", "", "", "direction_up"),
    ("capex", "FY2024", "2024-02-01", "0.01", "0.02", "range"),
    ("capex", "FY2024", "2024-03-01", "0.02", "0.03", "range"),
    ("capex", "FY2024", "2024-04-01", "0.01", "0.02", "range"),
    ("capex", "FY2024", "2024-05-01", "0.012", "0.018", "range"),
    ("capex", "FY2024", "2024-06-01", "0.011", "0.019", "range"),
    ("capex", "FY2024", "2024-07-01", "0.011", "0.019", "range"),
    ("capex", "FY2025", "2024-07-01", "", "", "similar"),
    ("operating_income", "FY2024", "2024-02-01", "0.01", "0.02", "range"),
    ("operating_income", "FY2024", "2024-06-01", "", "", "withdrawn"),
]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    """Four companies to whom happens what the seeds do not tell: contradictions, restatements, withdrawn promises."""
    seeds = tmp_path_factory.mktemp("world")
    tables = [
        f'[{key}]\nname = "{key.upper()}"\ncurrency = "{unit}"\nfiscal_year_end = "{end}"\n'
        for key, (unit, end) in COMPANIES.items()
    ]
    (seeds / "entities.toml").write_text("\n".join(tables), "utf-8")
    facts = [
        [entity, f"us-gaap:{concept}", "", "actual", days, value, "", "", "6", COMPANIES[entity][0], "exact", source, "", "", "", ""]
        for entity, concept, days, value, source in FACTS
    ]  # fmt: skip
    facts += [
        ["acme", "", "revenue", "actual", "2024Q2", value, "", "", scale, unit, "exact", source, "en", "0", "4", "NONE"]
        for value, scale, unit, source in SPOKEN
    ]
    guidance = [
        ["acme", metric, period, issued, "", low, high, "9", "USD", how, "f1", "", ""]
        for metric, period, issued, low, high, how in GUIDED
    ]
    write_seed_table(seeds, "sources", SOURCES_ROWS)
    write_seed_table(seeds, "facts", facts)
    write_seed_table(seeds, "guidance", guidance, "note")
    write_seed_table(seeds, "pins", [["acme", "revenue", "2023Q2", "f1", "BY HAND", ""]])
    return build_warehouse(seeds, tmp_path_factory.mktemp("world-warehouse"))


ALL = ("revenue", "operating_income", "operating_cash_flow", "capex", "free_cash_flow")
#: Reports that between them say every kind of thing; those of the seeds are the kinds' own examples.
OF_THE_WORLD = [
    define_report("growth", ("acme",), ALL, period="2024Q2"),
    define_report("peers", ("acme", "june", "yen", "mute"), ("revenue",), title="MINE"),
    define_report("peers", ("june", "yen"), ("revenue",), period="2024Q2"),
    define_report("guidance", ("acme",), ("revenue",), period="2023Q2"),
    define_report("guidance", ("acme",), ("revenue", "capex")),
    define_report("guidance", ("acme",), ("capex", "operating_income")),
    define_report("guidance", ("acme",), ("operating_income",), title="MINE"),
    define_report("restatements", ()),
    define_report("restatements", ("acme",), ("operating_income",)),
    define_report("reconciliation", ("acme",), ALL, period="2024Q2"),
    define_report("reconciliation", ("acme",), ("revenue", "operating_income"), period="2023Q2", title="MINE"),
    define_report("charts", (), title="MINE"),
]


NEWS = define_report("changes", (), since="2024-07-15", title="MINE")
GONE = replace(
    make_change("revenue", "10e9", None, entity="acme"),
    cause="withdrawn",
    reason=Reason("statement_gone", {"value": Amount((Decimal(5),), "USD"), "place": "a1"}),
)
#: What a comparison may find: nothing, one of each, several of each, and figures that are only gone.
CHANGED = [
    [],
    [make_change("revenue", None, "11e9", entity="acme"), make_change("revenue", "1e9", "2e9", entity="june"), GONE],
    [make_change("revenue", "10e9", "9e9", entity="acme"), make_change("capex", "10e9", "11e9", entity="june")],
    [make_change("headcount", None, "5", entity="acme"), make_change("users", None, "6", entity="acme")],
    [
        replace(change, entity="acme")
        for change in (RAISED, CUT, make_change("eps_diluted", None, None, "guidance", low="1"))
    ],
    [GONE, GONE],
]


class Remembered:
    """A warehouse that is asked each question once, since every language asks the same."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.warehouse = warehouse
        self.found: dict[str, SimpleNamespace] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self.warehouse, name)

    def sql(self, query: str, parameters: Any = None) -> SimpleNamespace:
        asked_for = f"{query} {parameters}"
        if asked_for not in self.found:
            rows = self.warehouse.sql(query, parameters).arrow()
            self.found[asked_for] = SimpleNamespace(arrow=lambda: rows)
        return self.found[asked_for]


class Example(NamedTuple):
    """A report to make in many languages, from what is opened, compared and asked once for all of them."""

    definition: Definition
    excerpt: Any
    found: Any

    def said(self, code: str) -> Document:
        """The report in the language of a code."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(CHANGES_KIND, "_before", lambda *_: SimpleNamespace(close=lambda: None))
            patch.setattr(CHANGES_KIND, "diff", lambda *_: self.found)
            return translate_fixed_words(
                BUILDERS[self.definition.kind](self.excerpt, replace(self.definition, language=code))
            )


@pytest.fixture(scope="module")
def examples(warehouse: Warehouse, world: Warehouse) -> Iterator[Callable[[str], list[Example]]]:
    """The reports of a kind: its own example on the seeds, and those on the small world."""
    of_seeds = [(warehouse, definition) for definition in EXAMPLES.values()]
    wanted = [*of_seeds, *((world, definition) for definition in OF_THE_WORLD)]
    with ExitStack() as stack:
        of_changes = [Example(NEWS, Remembered(world), found) for found in CHANGED]
        yield cache(
            lambda kind: [
                *(_example(stack, *pair) for pair in wanted if pair[1].kind == kind),
                *(of_changes if kind == "changes" else []),
            ]
        )


def _example(stack: ExitStack, state: Warehouse, definition: Definition) -> Example:
    check(definition)
    part = Excerpt(state.snapshot, definition.entities, {}) if definition.entities else None
    excerpt = stack.enter_context(Warehouse(state.path, as_of=definition.as_of, excerpt=part))
    if definition.kind != "changes":
        return Example(definition, Remembered(excerpt), ())
    with closing(_before(excerpt, definition)) as before:
        return Example(definition, Remembered(excerpt), diff(before, excerpt, definition.entities))


@pytest.mark.parametrize("kind", [*BUILDERS])
def test_no_kind_leaves_a_phrase_unsaid(examples: Callable[[str], list[Example]], kind: str) -> None:
    """On what the seeds and the small world hold: each report in a third of the languages, in the long form in all."""
    for number, example in enumerate(examples(kind), [*BUILDERS].index(kind)):
        for code in OTHERS if os.environ.get("TRACKER_LONG") else OTHERS[number % 3 :: 3]:
            assert not example.said(code).language.missing, (code, example.definition)


# -- lines of charts ---------------------------------------------------------------------------------------


def test_a_line_of_a_chart_is_set_apart_whole() -> None:
    """A chart is drawn left to right: without marks, a percent sign would stand at the wrong end of its words."""
    language = language_of("ar")
    assert isolate_lines(language, "النمو، %") == "\u2067النمو، %\u2069"
    assert isolate_lines(language, "39.1\nحتى الآن") == "39.1\n\u2067حتى الآن\u2069"
    assert isolate_lines(language, "Meta 330") == "Meta 330"
    assert isolate_lines(ENGLISH, "النمو، %") == "النمو، %"


def test_a_picture_begins_on_the_side_where_its_language_does() -> None:
    """Titles, notes and the source at the right edge, the first panel there too; no letters aslant that never are."""
    charts = [({"text": name}, Chart((), {}, WIDTH)) for name in ("first", "second")]
    language = language_of("en")
    left = compose(language, {"text": "title"}, charts, ["source"])
    language = language_of("ar")
    right = compose(language, {"text": "title"}, charts, ["source"])
    (note,) = make_layers(language, "key", ["note"], {})
    (refusal,) = make_layers(language, "key", ["refusals"], {})
    assert [one["title"]["text"] for one in left["vconcat"][0]["hconcat"]] == ["first", "second"]
    assert [one["title"]["text"] for one in right["vconcat"][0]["hconcat"]] == ["second", "first"]
    assert left["title"] == {"text": "title"}
    assert right["title"] == {"text": "title", "align": "right", "dx": WIDE}
    assert [one["vconcat"][-1]["mark"]["align"] for one in (left, right)] == ["left", "right"]
    assert note["mark"]["align"] == "right"
    assert "fontStyle" not in refusal["mark"]
    assert make_layers(ENGLISH, "key", ["refusals"], {})[0]["mark"]["fontStyle"] == "italic"


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_first_year_says_in_words_that_it_has_none_before(code: str) -> None:
    """In the room of four columns of thirteen; an abbreviation would have to be guessed."""
    language = language_of(code)
    assert _words_width(language, language.term("no earlier year"), 10) <= 4 * PLOT / 13


def test_a_picture_asks_for_fonts_that_have_its_letters() -> None:
    """The renderer's own has no Vietnamese: word by word another would stand in, with serifs and without bold."""
    assert theme(language_of("vi").fonts)["config"]["font"] == "Noto Sans, DejaVu Sans, Liberation Sans"
    assert theme()["config"]["font"] == "Liberation Sans"


def test_numbers_of_filings_stay_whole_between_words_of_the_other_direction() -> None:
    """After an Arabic word `0001326801-24-000049` would read `000049-24-0001326801`."""
    link = Link("0001326801-24-000049", "https://www.sec.gov/", prefix="ناقص")
    language = language_of("ar")
    assert _lay_out_link(language, link, ())["text"] == "\u20680001326801-24-000049\u2069"
    assert add_mark(language, "+\u00a0", format_number(language, Decimal(614), 0)) == "\u2066+\u00a0614\u2069"
    assert _lay_out_link(ENGLISH, link, ())["text"] == "0001326801-24-000049"


# -- a language of capitals ----------------------------------------------------------------------------


def shouted(text: str) -> str:
    """A phrase in capitals, its names as they are; what only English grammar needs is left to the phrase."""
    for name, instead in (("{owner}", "{company}"), ("{a_", "{"), ("{was}", "was")):
        text = text.replace(name, instead)
    parts = re.split(r"(\{\w+\})", text)
    return "".join(part if part.startswith("{") else part.upper() for part in parts)


#: English in capitals, with days and lists of a language that has no Latin letters.
CAPITALS = replace(
    language_of("en"),
    code="zh",
    locale=Locale.parse("zh"),
    scales={
        power: (one.upper(), many.upper(), short.upper())
        for power, (one, many, short) in language_of("en").scales.items()
    },
    phrases={text: shouted(text) for text in phrases()},
)


def texts(document: Document) -> Iterator[str]:
    """All a reader of a report sees, but for quotations, links and marks of sources."""
    yield from (document.kicker, document.headline, document.lead, *document.foot)
    for card in document.cards:
        yield from (card.label, card.value, card.growth, card.fine, card.measure)
    for section in document.sections:
        yield from _of_section(section)
    for note in document.notes:
        yield from (note.title, note.text)


def _of_section(section: Section) -> Iterator[str]:
    yield from (section.title, section.text, *(swatch.text for swatch in section.legend))
    for picture in section.pictures:
        yield from (picture.title, picture.unit, picture.alt)
        charts = [picture.chart, *([picture.narrow] if picture.narrow else [])]
        yield from (str(row.get("label", "")) for chart in charts for rows in chart.data.values() for row in rows)
    for table in section.tables:
        yield from (table.caption, table.sheet, table.note, *(column.title for column in table.columns))
        cells = [cell for row in table.rows for cell in row.cells]
        yield from (cell.text for cell in cells if cell.language is None and cell.tone != "code")
        yield from (link.prefix for cell in cells for link in cell.links)


#: What data may hold in small letters: names with a mark inside (us-gaap:Revenues), and those of sources and companies.
_MARKED = re.compile(r"\w+(?:[:._\[-]\w+)+")
_NAMES = """
    select name from entity_label union all select publisher from source union all select title from source
    union all select source_id from source
"""


def names_in(state: Any) -> list[str]:
    """What companies and sources are called, the longest first; a company by its first word too."""
    found = {name for name in state.sql(_NAMES).arrow().to_pydict()["name"] if name}
    return sorted(found | {name.split()[0] for name in found}, key=len, reverse=True)


def small_letters(text: str, names: list[str]) -> list[str]:
    for name in names:
        text = text.replace(name, " ")
    return re.findall(r"\b[A-Z]?[a-z]+\b", _MARKED.sub(" ", text))


@pytest.mark.parametrize("kind", [*BUILDERS])
def test_no_kind_says_a_word_past_the_phrases(
    examples: Callable[[str], list[Example]], monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """In a language of capitals every small letter was written past the phrases."""
    monkeypatch.setattr(language, "_load_language", lambda _: CAPITALS)
    for example in examples(kind):
        names = names_in(example.excerpt)
        past = {text: words for text in texts(example.said("zh")) if (words := small_letters(text, names))}
        assert past == {}
