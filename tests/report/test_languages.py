"""Reports in every language: whole tables of phrases, and no kind that leaves a sentence in English."""

# ruff: noqa: RUF001 - the marks of print (apostrophe, dash, minus) are what these tests are about

from __future__ import annotations

import io
import os
import re
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache, partial
from importlib import import_module
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from support.headlines import (
    CHANGE_HEADLINES,
    COMPANIES_BY_KEY,
    CUT,
    GROWTH_HEADLINES,
    GUIDANCE_HEADLINES,
    META,
    PEER_HEADLINES,
    RAISED,
    RECONCILIATION_HEADLINES,
    RESTATEMENT_HEADLINES,
    make_change,
    make_figure,
)
from support.languages import ENGLISH
from support.project import ROOT, build_warehouse, write_seed_table
from support.reports import EXAMPLES, define_report, make_document
from tracker.explain.diff import diff
from tracker.model.metric import metric_translations
from tracker.report.charts.drawing import WIDE, compose
from tracker.report.charts.leaves import PLOT, WIDTH, Chart, make_layers, theme
from tracker.report.charts.panel import _words_width
from tracker.report.definition import check
from tracker.report.document import Link
from tracker.report.kinds import BUILDERS
from tracker.report.kinds.changes import _before, changes_headline
from tracker.report.kinds.guidance import Subject, guidance_headline
from tracker.report.kinds.peers import peers_headline
from tracker.report.kinds.reconciliation import reconciliation_headline
from tracker.report.kinds.restatements import restatements_headline
from tracker.report.output.pdf import _lay_out_link
from tracker.report.text import language
from tracker.report.text.catalogues import template, updated, write
from tracker.report.text.labels import (
    add_mark,
    format_day,
    format_money,
    format_number,
    format_percent,
    isolate_lines,
    name_counting_unit,
    name_period,
    name_unit,
    scale_of,
    tie_amounts,
)
from tracker.report.text.language import LANGUAGES, language_of
from tracker.report.text.reason_words import translate_reason
from tracker.report.text.translation import note_missing, translate_fixed_words
from tracker.report.text.words import write_finding
from tracker.warehouse.reader import Warehouse
from tracker.warehouse.reasons import Amount, Days, Reason, templates
from tracker.warehouse.snapshot import Excerpt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.report import Definition
    from tracker.report.document import Document, Section
    from tracker.report.text.language import Language

CHANGES_KIND = import_module("tracker.report.kinds.changes")
LOCALES = ROOT / "tracker" / "report" / "text" / "locales"
OTHERS = [code for code in LANGUAGES if code != "en"]

# -- the tables of phrases ---------------------------------------------------------------------------


@cache
def phrases() -> frozenset[str]:
    """Every phrase of the package, as the template lists them."""
    return frozenset(str(message.id) for message in template() if message.id)


def test_the_template_is_up_to_date() -> None:
    """Where this fails, run `python -m tracker.report.text.catalogues` and translate what it brings in."""
    assert (LOCALES / "report.pot").read_bytes() == write(template())


@pytest.mark.parametrize("code", OTHERS)
def test_a_catalogue_is_what_its_tools_write(code: str) -> None:
    """Poedit and Weblate read what Babel writes: a header with the language, flags of braces, comments, no old phrase."""
    content = (LOCALES / code / "LC_MESSAGES" / "report.po").read_bytes()
    known = read_po(io.BytesIO(content), locale=code, abort_invalid=True)
    assert write(updated(known)) == content
    assert (str(known.locale), known.obsolete, known.fuzzy) == (code, {}, False)
    with_names = [message for message in known if names_of(str(message.id))]
    assert with_names
    assert all("python-brace-format" in message.flags for message in with_names)


def test_an_update_keeps_what_translators_wrote() -> None:
    known = Catalog(locale="de", last_translator="A B <a@example.com>")
    known.add("no figure", "kein Wert", flags=["fuzzy"], user_comments=["short"])
    known.add("gone from the source", "fort")
    made = updated(known)
    kept = made["no figure"]
    assert (kept.string, kept.fuzzy, kept.user_comments) == ("kein Wert", True, ["short"])
    assert "gone from the source" not in made
    assert made["no rate"].string == ""
    assert made.last_translator == "A B <a@example.com>"


def test_english_loads_no_catalogue() -> None:
    assert language_of("en").phrases == {}
    assert not (LOCALES / "en" / "LC_MESSAGES").exists()


def names_of(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)\}", text))


@pytest.mark.parametrize("code", OTHERS)
def test_every_language_has_every_phrase_and_no_other(code: str) -> None:
    """What `metric_words.toml` translates into every language is in no catalogue."""
    known = language_of(code).phrases.keys() - (metric_translations(code).keys() - phrases())
    assert (sorted(phrases() - known), sorted(known - phrases())) == ([], [])


#: Names that only English grammar needs, and what another language may take in the place of one or beside it.
ENGLISH_ONLY = {"was"}
INSTEAD = {"owner": {"company"}, "ordinal": {"number", "half"}, "a_gain": {"gain"}, "a_loss": {"loss"}}


@pytest.mark.parametrize("code", OTHERS)
def test_a_phrase_is_filled_with_what_the_english_is(code: str) -> None:
    for english, text in language_of(code).phrases.items():
        asked_for, filled = names_of(english), names_of(text)
        more = {name for instead in asked_for & INSTEAD.keys() for name in INSTEAD[instead]}
        assert filled <= asked_for | more, english
        lost = asked_for - filled - ENGLISH_ONLY
        assert not {name for name in lost if not INSTEAD.get(name, set()) & filled}, english


@pytest.mark.parametrize("code", OTHERS)
def test_marks_of_a_verdict_stay(code: str) -> None:
    for english, text in language_of(code).phrases.items():
        assert english[:2] == text[:2] or english[:1] not in "✓✗", english


SAID = [
    # language, 1234.5, 8.45 billion dollars, -5.25%, a day, the second quarter of 2024
    ("en", "1,234.5", "$8.5 billion", "−5.3%", "31 July 2024", "the second quarter of 2024"),
    ("it", "1.234,5", "8,5 miliardi di dollari", "−5,3%", "31 luglio 2024", "secondo trimestre 2024"),
    ("vi", "1.234,5", "8,5 tỷ USD", "−5,3%", "31 tháng 7, 2024", "quý 2 năm 2024"),
    ("ms", "1,234.5", "USD 8.5 bilion", "−5.3%", "31 Julai 2024", "suku kedua 2024"),
    ("id", "1.234,5", "US$8,5 miliar", "−5,3%", "31 Juli 2024", "kuartal kedua 2024"),
    ("ar", "\u20661,234.5\u2069", "\u20668.5\u2069 مليار دولار", "\u2066−5.3%\u2069", "31 يوليو 2024", "الربع الثاني من 2024"),
    ("de", "1.234,5", "8,5 Milliarden Dollar", "−5,3\xa0%", "31. Juli 2024", "2. Quartal 2024"),
    ("fr", "1\u202f234,5", "8,5 milliards de dollars", "−5,3\xa0%", "31 juillet 2024", "deuxième trimestre 2024"),
    ("es", "1.234,5", "8,5 mil millones de dólares", "−5,3\xa0%", "31 de julio de 2024", "segundo trimestre de 2024"),
    ("pt", "1.234,5", "US$ 8,5 bilhões", "−5,3%", "31 de julho de 2024", "segundo trimestre de 2024"),
    ("ja", "1,234.5", "84.5億ドル", "−5.3%", "2024年7月31日", "2024年第2四半期"),
    ("zh", "1,234.5", "84.5亿美元", "−5.3%", "2024年7月31日", "2024年第二季度"),
    ("ko", "1,234.5", "84.5억 달러", "−5.3%", "2024년 7월 31일", "2024년 2분기"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "number", "money_", "rate", "moment", "period"), SAID, ids=[row[0] for row in SAID])
def test_numbers_and_days_are_the_languages_own(
    code: str, number: str, money_: str, rate: str, moment: str, period: str
) -> None:
    language = language_of(code)
    assert format_number(language, Decimal("1234.45"), 1) == number
    assert format_money(language, Decimal(8450000000), "USD") == money_
    assert format_percent(language, Decimal("-0.0525")) == rate
    assert format_day(language, date(2024, 7, 31)) == moment
    assert name_period(language, "2024Q2", is_calendar=True) == period
    assert format_number(ENGLISH, Decimal("1234.45"), 1) == "1,234.5"


def test_what_has_no_words_is_said_in_english_and_named() -> None:
    language = language_of("vi")
    assert language.term("customer churn") == "customer churn"
    notes = note_missing(make_document(language=language)).notes
    assert notes[-1].title == "Chưa dịch"
    assert "customer churn" in notes[-1].text


def test_a_value_is_never_read_as_a_template() -> None:
    language = language_of("it")
    assert language.say("from {amount}", amount="{0.__class__}{amount}") == "da {0.__class__}{amount}"


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


# -- headlines ---------------------------------------------------------------------------------------

ROW = make_figure("capex", "8.472e9", None, None, "no_base")


def headlines() -> Iterator[tuple[str, Callable[[Language], str]]]:
    """Every case of every table of headlines, to be said in any language."""
    for case, row, _ in GROWTH_HEADLINES:
        yield f"growth: {case}", partial(write_finding, figure=row, company=META)
    for case, compared, _ in PEER_HEADLINES:
        yield f"peers: {case}", partial(peers_headline, compared=compared, period="2024Q2")
    for case, steps, _ in GUIDANCE_HEADLINES:
        yield (
            f"guidance: {case}",
            partial(
                guidance_headline, company=META, steps=steps, subject=Subject("capex", "Capex", "USD", is_calendar=True)
            ),
        )
    for case, restated, _ in RESTATEMENT_HEADLINES:
        yield f"restatements: {case}", partial(restatements_headline, changes=restated)
    for case, said, _ in RECONCILIATION_HEADLINES:
        yield f"reconciliation: {case}", partial(reconciliation_headline, figure=ROW, company=META, said=said)
    for case, found, rows, _ in CHANGE_HEADLINES:
        yield (
            f"changes: {case}",
            partial(changes_headline, found=found, figures=rows, companies=COMPANIES_BY_KEY, since="X"),
        )


@pytest.mark.parametrize("code", OTHERS)
def test_every_headline_is_said_with_its_numbers(code: str) -> None:
    """Whatever the order of words: as many numbers as the English has, and nothing left unfilled or in English."""
    for case, headline in headlines():
        english = headline(ENGLISH)
        language = language_of(code)
        told = headline(language)
        assert tuple(language.missing) in {(), ("income",)}, case
        assert told != english, case
        assert "{" not in told, case
        assert told[:1] == told[:1].upper(), case
        assert len(re.findall(r"%", told)) == len(re.findall(r"%", english)), case


TOLD = [
    # language, kind: case, headline; each read by somebody who knows the language's press
    ("de", "peers: mixed", "Investitionen im 2. Quartal 2024 bei 1 von 2 Unternehmen gestiegen, am stärksten bei A (+20\xa0%); stärkster Rückgang bei B (−50\xa0%)"),
    ("de", "guidance: raised", "Meta hebt Prognose auf 35–40 Milliarden Dollar an (Investitionen, 2024)"),
    ("de", "reconciliation: contradictions", "Meta, Investitionen, 2. Quartal 2024: 2 von 2 weiteren Angaben widersprechen dem gezeigten Wert 8,5 Milliarden Dollar"),
    ("fr", "restatements: lowered", "Meta retraite ses revenus (deuxième trimestre 2023), en baisse de 5,0\xa0%"),
    ("es", "guidance: withdrawn", "Meta retira su previsión (gastos de capital, 2024)"),
    ("it", "peers: growth", "Investimenti in crescita in tutte le 2 società nel secondo trimestre 2024, soprattutto in A (+100%)"),
    ("pt", "changes: lowered", "Meta reduz projeção para US$ 33–38 bilhões (investimentos, 2024)"),
    ("ja", "guidance: raised", "Meta、2024年の設備投資見通しを350–400億ドルに引き上げ"),
    ("ja", "peers: decline", "2024年第2四半期に2社すべてで設備投資が減少、最大の減少はB (−50%)"),
    ("zh", "guidance: lowered", "Meta将2024年资本支出指引下调至270–290亿美元"),
    ("ko", "restatements: both ways", "Meta, 2개 기간의 매출 재작성, 위아래로 최대 10.0%"),
    ("vi", "guidance: raised", "Meta nâng dự báo chi tiêu vốn năm 2024 lên 35–40 tỷ USD"),
    ("vi", "reconciliation: agreement", "2 công bố khớp với chi tiêu vốn 8,5 tỷ USD của Meta quý 2 năm 2024"),
    ("ms", "guidance: kept", "Meta mengekalkan panduan perbelanjaan modal 2024 pada USD 30–37 bilion"),
    ("id", "peers: flat", "Belanja modal hampir tidak berubah di semua 2 perusahaan pada kuartal kedua 2024"),
    ("ar", "guidance: raised", "\u2068Meta\u2069 ترفع توقعاتها إلى \u206635–40\u2069 مليار دولار (الإنفاق الرأسمالي، 2024)"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "case", "expected"), TOLD, ids=[f"{code} {case}" for code, case, _ in TOLD])
def test_a_headline_in_another_language(code: str, case: str, expected: str) -> None:
    assert dict(headlines())[case](language_of(code)) == expected


# -- what views say in words -----------------------------------------------------------------------------

STATED: dict[str, str | date] = {"place": "10-Q 1-2", "day": date(2024, 8, 1)}
REASONS = [
    # a reason of a view or a comparison, in English and in German
    (Reason("half_year_not_stated", {"subject": "2024Q1"}), "2024Q1: the half-year is not stated", "2024Q1: das Halbjahr ist nicht genannt"),
    (Reason("not_stated", {"subject": "2023Q4/capex_ppe"}), "2023Q4: capex_ppe: not stated", "2023Q4: capex_ppe: nicht genannt"),
    (
        Reason("not_stated_nor_added_up_because", {"reason": Reason("half_year_not_stated"), "because": Reason("not_stated", {"subject": "2024Q1"})}),
        "the half-year is not stated, and does not add up from quarters (2024Q1: not stated)",
        "das Halbjahr ist nicht genannt, und ergibt sich nicht aus Quartalen (2024Q1: nicht genannt)",
    ),
    (Reason("pinned", {"words": "as I like it"}), "pinned: as I like it", "festgelegt: as I like it"),
    (Reason("withdrawn_on", {"day": date(2024, 7, 31)}), "withdrawn on 2024-07-31", "zurückgezogen am 31. Juli 2024"),
    (Reason("other_definition", {"what": "capex_ppe"}), "another definition: it fits capex_ppe", "andere Definition: passt zu Käufe von Sachanlagen"),
    (
        Reason("earlier_basis", {"basis": Reason("net_of", {"what": "us-gaap:X"})}),
        "another version, from before it was net of us-gaap:X",
        "andere Fassung, aus der Zeit vor abzüglich us-gaap:X",
    ),
    (Reason("stated_instead", {**STATED, "others": "8-K 3, a1"}), "stated by 10-Q 1-2, public since 2024-08-01; before by 8-K 3, a1", "genannt in 10-Q 1-2, öffentlich seit 1. August 2024; zuvor in 8-K 3, a1"),
    (Reason("guided", {**STATED, "status": "raised"}), "raised by 10-Q 1-2, public since 2024-08-01", "angehoben durch 10-Q 1-2, öffentlich seit 1. August 2024"),
    (
        Reason("reread", {"place": "10-Q 1", "now": Amount((Decimal("1234.5"),), "USD"), "before": "no number"}),
        "10-Q 1 now reads 1,234.5 USD, where no number was read",
        "10-Q 1 liest sich jetzt als 1.234,5 USD, zuvor als keine Zahl",
    ),
    (
        Reason(
            "restated",
            {
                "place": "10-Q 2", "now": Amount((Decimal(1000), Decimal(2000)), "USD"), "source": "10-Q 1",
                "before": Amount((Decimal(900),), "USD"), "concept": "us-gaap:X", "days": Days(date(2024, 1, 1), date(2024, 3, 31)),
            },
        ),
        "10-Q 2 states 1,000 to 2,000 USD, where 10-Q 1 stated 900 USD (us-gaap:X, 2024-01-01 to 2024-03-31)",
        "10-Q 2 nennt 1.000 bis 2.000 USD, wo 10-Q 1 900 USD nannte (us-gaap:X, 1. Januar 2024 bis 31. März 2024)",
    ),
    (
        Reason("statement_withdrawn", {"value": Amount((Decimal(5),), "USD"), "place": "a1 [3, 7)", "day": date(2024, 8, 5)}),
        "5 USD of a1 [3, 7) was withdrawn on 2024-08-05",
        "5 USD aus a1 [3, 7) wurde am 5. August 2024 zurückgezogen",
    ),
    (Reason("statement_gone", {"value": Amount((Decimal(5),), "USD"), "place": "a1"}), "5 USD of a1 no longer stands", "5 USD aus a1 gilt nicht mehr"),
    (
        Reason("definitions_changed", {"now": "3", "before": "2", "definition": "revenue less operating income", "earlier": "nothing"}),
        "definitions 3 in place of 2: revenue less operating income, before nothing",
        "Definitionen 3 statt 2: Umsatz abzüglich Betriebsergebnis, vorher nichts",
    ),
    (
        Reason("statement_decides", {"place": "a1", "day": date(2024, 8, 1)}),
        "a1, known since 2024-08-01, changes which statements hold together",
        "a1, bekannt seit 1. August 2024, ändert, welche Angaben zusammengehören",
    ),
    (Reason("quarters_known", {"count": "2"}), "2 of 4 quarters are known", "bekannte Quartale: 2 von 4"),
]  # fmt: skip


@pytest.mark.parametrize(("reason", "english", "german"), REASONS, ids=[case[1] for case in REASONS])
def test_a_reason_is_said_in_the_language(reason: Reason, english: str, german: str) -> None:
    language = language_of("de")
    assert translate_reason(language, reason) == german
    assert not language.missing
    assert translate_reason(language_of("en"), reason) == str(reason) == english


@pytest.mark.parametrize("code", [code for code in LANGUAGES if code != "en"])
def test_every_reason_has_a_translation(code: str) -> None:
    phrases = language_of(code).phrases
    assert [text for text in templates().values() if text != "{status}" and text not in phrases] == []


UNITS = [
    # language, of billions of dollars, of dollars a share, of thousands of millions of yen
    ("en", "$ billion", "$ a share", "¥ trillion"),
    ("de", "Milliarden Dollar", "Dollar je Aktie", "Billionen Yen"),
    ("es", "mil millones de dólares", "dólares por acción", "billones de yenes"),
    ("it", "miliardi di dollari", "dollari per azione", "mila miliardi di yen"),
    ("ms", "USD bilion", "USD setiap saham", "JP¥ trilion"),
    ("ja", "億ドル", "株当たりドル", "兆円"),
]


@pytest.mark.parametrize(("code", "billions", "each", "trillions"), UNITS, ids=[case[0] for case in UNITS])
def test_the_unit_above_a_chart(code: str, billions: str, each: str, trillions: str) -> None:
    language = language_of(code)
    assert name_unit(language, "USD", scale_of(language, Decimal("8.5e9"), "USD")) == billions
    assert name_unit(language, "USD/shares", scale_of(language, Decimal(2), "USD/shares")) == each
    assert name_unit(language, "JPY", scale_of(language, Decimal("9e12"), "JPY")) == trillions


COUNTED = [
    # language, dollars, shares, what is merely counted
    ("en", "USD million", "million shares", "million"),
    ("de", "Millionen USD", "Millionen Aktien", "Millionen"),
    ("zh", "万USD", "万股", "万"),
]


@pytest.mark.parametrize(("code", "dollars", "shares", "things"), COUNTED, ids=[case[0] for case in COUNTED])
def test_the_unit_of_a_cell(code: str, dollars: str, shares: str, things: str) -> None:
    language = language_of(code)
    scale = scale_of(language, Decimal("8e6"), "count")
    assert [name_counting_unit(language, unit, scale) for unit in ("USD", "shares", "count")] == [
        dollars,
        shares,
        things,
    ]


def test_a_currency_stays_with_its_amount() -> None:
    language = language_of("pt")
    assert (
        tie_amounts(language, "para US$ 130\u2013145 bilhões em 2026")
        == "para US$\u00a0130\u2060\u2013\u2060145\u00a0bilhões em 2026"
    )
    language = language_of("ms")
    assert tie_amounts(language, "USD 8.5 bilion").startswith("USD\u00a08.5")


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
