# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""Money of several countries, parts of companies, periods that look like names, and limits of spending."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.sources.article import ExtractedFigure, extract

DAY = date(2025, 2, 20)


def read(text: str) -> tuple[ExtractedFigure, ...]:
    return extract(text, published=DAY).facts


NAMED = [
    ("La chilena Cobrex ganó 105 millones de pesos en 2024.", "CLP"),
    ("A mexicana Cobrex lucrou 105 milhões de pesos em 2024.", "MXN"),
    ("La messicana Cobrex ha chiuso il 2024 con ricavi per 105 milioni di pesos.", "MXN"),
    ("بلغت إيرادات شركة المنار القطرية 105 ملايين ريال في 2024.", "QAR"),
    ("بلغت إيرادات شركة المنار التونسية 105 ملايين دينار في 2024.", "TND"),
    ("بلغت إيرادات شركة المنار 105 ملايين درهم في 2024، مقابل 90 مليون درهم مغربي.", "MAD"),
    ("Der Umsatz der dänischen Holmgard A/S stieg 2024 auf 320 Millionen Kronen.", "DKK"),
    ("Revenue of Holmgard AB rose to 320 million Swedish kronor in 2024; net profit was 21 million kronor.", "SEK"),
    ("Revenue of Czech brewer Holmgard rose to 320 million crowns in 2024.", "CZK"),
    ("Revenue of Karachi-based Sarwar Cement was 45 billion rupees in 2024.", "PKR"),
    ("Revenue of Nile Foods was 320 million Egyptian pounds in 2024; net profit was 21 million pounds.", "EGP"),
    ("Le chiffre d'affaires du tunisien Sogemar a atteint 320 millions de dinars en 2024.", "TND"),
    ("Laba bersih perusahaan Yordania Petra Pharma mencapai 32 juta dinar pada 2024.", "JOD"),
    ("瑞典公司霍姆高2024年营收为320亿克朗。", "SEK"),
    ("멕시코 아세로스의 2024년 매출은 320억 페소였다.", "MXN"),
]


@pytest.mark.parametrize(("text", "currency"), NAMED)
def test_money_of_several_countries_is_of_the_one_the_text_names(text: str, currency: str) -> None:
    assert {figure.unit for figure in read(text)} == {currency}


OPEN = [
    "La minera Cobrex ganó 105 millones de pesos en 2024.",
    "La chilena Cobrex ganó 105 millones de pesos en 2024 y en México facturó 30.000 millones de pesos.",
    "بلغت إيرادات شركة المنار 105 ملايين دينار في 2024.",
    "Le chiffre d'affaires de Sogemar a atteint 320 millions de francs en 2024.",
    "Norwegian Salmar Fjord posted revenue of 3.1 billion crowns in 2024, and its Swedish peer 200 million crowns.",
]


@pytest.mark.parametrize("text", OPEN)
def test_money_of_a_country_that_nothing_names_is_left_open(text: str) -> None:
    found = extract(text, published=DAY)
    assert not found.facts
    assert "currency_open" in {figure.reason for figure in found.review}


PARTS = [
    "Sales at Tilbury Home's bathroom division rose 9% to $84 million in the fourth quarter of 2024.",
    "Profit at Tilbury Home's payments operation rose to $84 million in 2024.",
    "Sales at Tilbury Home's Dunmore brand rose 9% to $84 million in 2024.",
    "Sales at the luxury brand owned by Tilbury Home rose 9% to $84 million in 2024.",
    "Der Gewinn des Geschäftsbereichs Beleuchtung bei Marhof Wohnen stieg 2024 auf 84 Millionen Euro.",
    "Le résultat opérationnel de l'activité emballage de Maisonval a atteint 84 millions d'euros en 2024.",
    "Los ingresos del negocio de iluminación de Casaverde alcanzaron 84 millones de euros en 2024.",
    "A receita do negócio de iluminação da Casaverde atingiu 84 milhões de euros em 2024.",
    "I ricavi del ramo illuminazione di Casaviva hanno raggiunto 84 milioni di euro nel 2024.",
    "Penjualan merek Dunor milik Rumahindo mencapai Rp 84 miliar pada 2024.",
    "Hasil perniagaan lampu Rumahmas Bhd mencecah RM84 juta pada 2024.",
    "Doanh thu của bộ phận chiếu sáng thuộc Nhà Việt đạt 84 tỷ đồng năm 2024.",
    "بلغت أرباح ذراع التغليف لشركة الدار 84 مليون ريال في 2024.",
    "佳居集团的照明业务2024年营收为8.4亿元。",
    "한빛하우스 조명 사업부의 2024년 매출은 84억원이었다.",
]


@pytest.mark.parametrize("text", PARTS)
def test_a_part_of_a_company_is_not_the_company(text: str) -> None:
    assert not read(text)


WHOLES = [
    "Sales at Tilbury Home rose to $84 million in 2024.",
    "Tilbury Home's sales rose to $84 million in 2024.",
    "Revenue of Britain's Tilbury Home rose to $84 million in 2024.",
    "Profit at Germany's biggest business software maker Elbtor rose to $84 million in 2024.",
    "Net profit of Tilbury Home Business Group was $84 million in 2024.",
    "Las ventas de la cadena de supermercados Casaverde alcanzaron 84 millones de euros en 2024.",
    "Perusahaan tambang Karsa Bumi membukukan laba Rp 31 miliar pada 2024.",
]


@pytest.mark.parametrize("text", WHOLES)
def test_a_company_that_a_noun_describes_is_whole(text: str) -> None:
    assert len(read(text)) == 1


PERIODS = [
    ("Pada semester II-2024, pendapatan mencapai Rp 312,7 miliar.", "2024H2"),
    ("Au S1-2024, le chiffre d'affaires a atteint 84 millions d'euros.", "2024H1"),
    ("En el 4T23, la utilidad neta fue de 84 millones de euros.", "2023Q4"),
    ("En el semestre I-2024, la utilidad neta fue de 84 millones de euros.", "2024H1"),
    ("Nos 9M24, o lucro líquido foi de R$ 84 milhões.", "2024M9"),
    ("Nel Q3-2024, l'utile netto è stato di 84 milioni di euro.", "2024Q3"),
    ("Pada ST3-2024, untung bersih ialah RM84 juta.", "2024Q3"),
    ("9T2024, lợi nhuận sau thuế đạt 84 tỷ đồng.", "2024M9"),
    ("Im 1. Hj. 2024 lag der Umsatz bei 84 Millionen Euro.", "2024H1"),
    ("For FY24, revenue was $84 million.", "FY2024"),
    ("2024Q1-3，净利润为8.4亿元。", "2024M9"),
    ("2024년 1~3분기 순이익은 84억원이었다.", "2024M9"),
    ("En el II-2024, la utilidad neta fue de 84 millones de euros.", None),
]


@pytest.mark.parametrize(("text", "period"), PERIODS)
def test_a_period_is_no_company(text: str, period: str | None) -> None:
    found = extract(text, published=DAY)
    money = [figure for figure in found.abstained if figure.unit not in ("count", "ratio")]
    assert not found.facts
    assert [(figure.reason, figure.period) for figure in money] == [("no_entity", period)]


LIMITS = [
    ("Tilbury Home's capital expenditure for 2025 is limited to a maximum of $180 million.", "guidance"),
    ("Bagi 2025, perbelanjaan modal Segamat Bhd dihadkan kepada maksimum RM180 juta.", "guidance"),
    ("Las inversiones de Cobrex estarán limitadas a un máximo de 180 millones de euros en 2026.", "guidance"),
    ("Die Investitionen von Marhof sind 2026 auf höchstens 180 Millionen Euro begrenzt.", "guidance"),
    ("Capex at Tilbury Home was limited to $180 million in 2023.", "actual"),
]


@pytest.mark.parametrize(("text", "kind"), LIMITS)
def test_a_limit_of_what_lies_ahead_is_a_promise(text: str, kind: str) -> None:
    assert [figure.kind for figure in read(text)] == [kind]


@pytest.mark.parametrize(
    "text",
    [
        "Tilbury Paper reported second-quarter 2024 diluted EPS of $0.84 (adjusted: $0.97).",
        "Sogemar : résultat opérationnel T2 2024 98 M€ (ajusté : 112 M€).",
        "Net income of Tilbury Home was $84 million in 2024 (excluding one-offs: $97 million).",
    ],
)
def test_an_adjusted_amount_in_brackets_is_no_second_report(text: str) -> None:
    found = extract(text, published=DAY)
    assert len(found.facts) == 1
    assert [figure.reason for figure in found.abstained] == ["adjusted"]


def test_an_outlook_is_of_its_year_and_a_report_behind_it_is_not() -> None:
    assert [
        figure.period for figure in read("Tilbury cut its outlook for 2025. It expects revenue of $84 million.")
    ] == ["FY2025"]
    assert not read("Tilbury cut its outlook for 2025. Revenue was $84 million.")
