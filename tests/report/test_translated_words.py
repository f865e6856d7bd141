"""Headlines, reasons and units in every language."""

# ruff: noqa: RUF001 - the marks of print (apostrophe, dash, minus) are what these tests are about

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

import pytest

from support.headlines import (
    CHANGE_HEADLINES,
    COMPANIES_BY_KEY,
    GROWTH_HEADLINES,
    GUIDANCE_HEADLINES,
    META,
    PEER_HEADLINES,
    RECONCILIATION_HEADLINES,
    RESTATEMENT_HEADLINES,
    make_figure,
)
from support.languages import ENGLISH, OTHERS
from tracker.report.data.guidance_steps import Subject
from tracker.report.kinds.changes import changes_headline
from tracker.report.kinds.guidance import guidance_headline
from tracker.report.kinds.peers import peers_headline
from tracker.report.kinds.reconciliation import reconciliation_headline
from tracker.report.kinds.restatements import restatements_headline
from tracker.report.text.labels import (
    name_counting_unit,
    name_unit,
    scale_of,
    tie_amounts,
)
from tracker.report.text.language import LANGUAGES, language_of
from tracker.report.text.reason_words import translate_reason
from tracker.report.text.words import write_finding
from tracker.warehouse.reasons import Amount, Days, Reason, templates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tracker.report.text.language import Language


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
