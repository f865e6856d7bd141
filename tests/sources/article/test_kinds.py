"""What an amount is of beside its company: a product, a plant, a share of sales, a day of a count, a promise."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.sources.article import Reading, extract

DAY = date(2024, 11, 7)


def read(text: str, day: date = DAY) -> Reading:
    return extract(text, published=day)


def told(text: str, day: date = DAY) -> list[tuple[object, object, object]]:
    return [(figure.metric, figure.period, figure.value) for figure in read(text, day).facts]


# Products and plants ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Morven Foods' sales of yoghurt rose 12% to $40 million in 2023.",
        "Les ventes de yaourts de Morven Foods ont progressé de 12 % à 40 M€ en 2023.",
        "Las ventas de yogures de Morven Foods crecieron un 12 % hasta los 40 millones de euros en 2023.",
        "Le vendite di yogurt di Morven Foods sono salite del 12% a 40 milioni di euro nel 2023.",
        "As vendas de iogurtes da Morven Foods subiram 12% para 40 milhões de euros em 2023.",
        "Der Umsatz mit Joghurt der Morven Foods AG stieg 2023 um 12 % auf 40 Mio. Euro.",
        "青葉食品の2023年のヨーグルト売上高は12%増の40億円だった。",
        "Penjualan yogurt PT Rimba Sari naik 12% menjadi Rp 40 miliar pada 2023.",
        "Jualan yogurt Rimba Sari Bhd naik 12% kepada RM40 juta pada 2023.",
        "The Lahnstein plant of Morven Foods had revenue of $40 million in 2023.",
        "L'usine de Dole de Morven Foods a réalisé un chiffre d'affaires de 40 M€ en 2023.",
        "La fábrica de Lugo de Morven Foods facturó 40 millones de euros en 2023.",
        "Pabrik Cikarang milik PT Rimba Sari membukukan pendapatan Rp 40 miliar pada 2023.",
        "青葉食品の千葉工場の2023年の売上高は40億円だった。",
    ],
)
def test_what_a_product_or_a_plant_sold_is_not_of_the_company(text: str) -> None:
    found = read(text)
    assert not found.facts
    assert {figure.reason for figure in found.abstained} == {"segment"}


@pytest.mark.parametrize(
    "text",
    [
        "Morven Foods' sales of about $40 million in 2023 were a record.",
        "Le chiffre d'affaires du brasseur Morven Foods atteint 40 M€ en 2023.",
        "Morven Foods a réalisé un chiffre d'affaires de quelque 40 M€ en 2023.",
        "Morven Foods tuvo unas ventas de aproximadamente 40 millones de euros en 2023.",
        "A Morven Alimentos teve receita de pouco mais de R$ 40 milhões em 2023.",
        "Morven Foods AG machte 2023 Umsatz mit rund 40 Mio. Euro.",
        "Hasil tahunan Rimba Sari Bhd ialah RM40 juta pada 2023.",
        "With its new plant, Morven Foods posted revenue of $40 million in 2023.",
    ],
)
def test_sales_of_a_company_or_of_an_amount(text: str) -> None:
    assert told(text) == [("revenue", "FY2023", 40_000_000)]


@pytest.mark.parametrize(
    "text",
    [
        "In 2023 Morven Foods spent $212 million on R&D, or 18% of sales, versus $187 million in 2022.",
        "En 2023, Morven Foods a dépensé 212 M€ en R&D, soit 18 % du chiffre d'affaires, contre 187 M€ un an plus tôt.",
        "Nel 2023 Morven Foods ha speso 212 milioni di euro in R&S, pari al 18% dei ricavi, contro 187 milioni nel 2022.",
        "Morven Foods AG, 2023: F&E-Aufwand 212 Mio. Euro, das sind 18 % des Umsatzes, nach 187 Mio. Euro im Vorjahr.",
    ],
)
def test_a_share_of_sales_is_an_aside(text: str) -> None:
    assert told(text) == [("r_and_d", "FY2023", 212_000_000), ("r_and_d", "FY2022", 187_000_000)]


def test_a_noun_behind_an_auxiliary_is_a_verb() -> None:
    text = "Au T2 2024, l'endettement net de Cévenol Bois est revenu à 430 M€ ; les revenus sont de 500 M€."
    assert told(text) == [("revenue", "2024Q2", 500_000_000)]


# Periods ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "revenue"),
    [
        ("Morven Foods had 5,480 employees at 31 December 2023. Revenue that year was $40 million.", "FY2023"),
        ("Morven Foods had 5,480 employees at 31 December 2023. Revenue was $40 million.", None),
        ("Morven Foods had 5,480 employees at the end of March 2024, while revenue was $40 million.", None),
    ],
)
def test_the_day_of_a_count_is_no_period_of_money(text: str, revenue: str | None) -> None:
    periods = [figure.period for figure in read(text).facts if figure.metric == "revenue"]
    assert periods == ([revenue] if revenue else [])


def test_the_year_before_a_plan() -> None:
    text = "青葉工業は2025年3月期、設備投資に950億円を投じる計画だ。前期実績は812億円だった。"
    assert told(text, date(2024, 5, 15)) == [("capex", "FY2025", 95_000_000_000), ("capex", "FY2024", 81_200_000_000)]
    text = "Die Adlerwerk AG plant für 2025 Investitionen von 95 Mio. Euro. Im Vorjahr waren es 81 Mio. Euro."
    assert told(text, date(2025, 2, 15)) == [("capex", "FY2025", 95_000_000), ("capex", "FY2024", 81_000_000)]


# Promises --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Gannet Airways: capital spending in 2025 will not exceed $400 million.",
        "Die Sachinvestitionen der Gannet AG werden 2025 400 Mio. Euro nicht übersteigen.",
        "La inversión de Gannet Aérea en 2025 no superará los 400 millones de euros.",
        "Les investissements de Gannet Aviation ne dépasseront pas 400 millions d'euros en 2025.",
        "Gli investimenti di Gannet Aerea nel 2025 non supereranno i 400 milioni di euro.",
        "O capex da Gannet Aérea em 2025 não ultrapassará R$ 400 milhões.",
        "Perbelanjaan modal Gannet Udara Bhd bagi 2025 tidak akan melebihi RM400 juta.",
        "清源水务2025年资本支出不会超过4亿元。",
    ],
)
def test_a_bound_to_what_is_to_come_is_a_promise(text: str) -> None:
    found: list[tuple[object, ...]] = [
        (item.kind, item.period, item.value, item.qualifier) for item in read(text).facts
    ]
    assert found == [("guidance", "FY2025", 400_000_000, "at_most")]


@pytest.mark.parametrize(
    "text",
    [
        "Morven Foods now expects 2024 revenue of $540m to $560m; in May it spoke of $600m to $620m.",
        "Papelera Oroz rebaja su objetivo de ingresos de 2024 a 540-560 M€; en mayo hablaba de 600-620 M€.",
        "Morven Foods vise un chiffre d'affaires 2024 de 540 à 560 M$ ; en mai, le groupe évoquait 600 à 620 M$.",
    ],
)
def test_a_range_of_an_earlier_month_is_the_old_one(text: str) -> None:
    found = read(text)
    ranges: list[tuple[object, object]] = [(item.low, item.high) for item in found.facts]
    assert ranges == [(540_000_000, 560_000_000)]
    assert [figure.reason for figure in found.abstained] == ["prior_guidance"]


def test_what_was_spent_is_no_part_of_the_plan_behind_it() -> None:
    text = "올해 상반기 연구개발비로 867억원을 쓴 마중식품은 연간 연구개발비를 1,900억원 이상으로 늘릴 방침이다."
    found: list[tuple[object, ...]] = [(item.kind, item.period, item.value) for item in read(text).facts]
    assert found == [("actual", "2024H1", 86_700_000_000), ("guidance", "FY2024", 190_000_000_000)]


# Rates and units -------------------------------------------------------------------------------------------------


def test_the_word_between_a_rate_and_its_base_is_its_direction() -> None:
    text = "First-half revenue at Hartwell Foods was £41.7m, 9% below the £45.8m of a year earlier."
    found = [(item.value, item.qualifier) for item in read(text).facts]
    assert [(str(value), qualifier) for value, qualifier in found] == [
        ("41700000", "exact"),
        ("-0.09", "exact"),
        ("45800000", "exact"),
    ]
    rival = (
        "First-half revenue at Hartwell Foods was £41.7m, 9% below the £45.8m reported by Morven Foods a year earlier."
    )
    assert [item.value for item in read(rival).facts] == [41_700_000]


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Morven Foods earned 85 cents a share in 2023, or A$40 million.", ["AUD", "AUD"]),
        ("Morven Foods earned 85 US cents a share in 2023, or A$40 million.", ["USD", "AUD"]),
        ("Morven Foods earned 85 cents a share in 2023, or $40 million.", ["USD", "USD"]),
        ("清源水务2023年每股收益3角5分。", []),
        ("清源水务2023年每股收益3元5角。", []),
        ("清源水务2023年每股收益35分。", ["CNY"]),
    ],
)
def test_the_currency_of_a_small_unit(text: str, units: list[str]) -> None:
    assert [figure.unit for figure in read(text).facts] == units
