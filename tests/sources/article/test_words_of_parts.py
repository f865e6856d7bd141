"""Words that make an amount one of a part: a place, "alone", what a budget is for, what a part adds."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.sources.article import extract

DAY = date(2025, 11, 20)


def told(text: str) -> list[tuple[str | None, str | None, float | None]]:
    found = extract(text, published=DAY).facts
    return [(item.metric, item.period, None if item.value is None else float(item.value)) for item in found]


@pytest.mark.parametrize(
    "text",
    [
        "In Germany alone, Castell Optics earned revenue of €120 million in 2024, up 12%.",
        "With kitchen knives alone, Tolver took in $88 million in revenue in 2024.",
        "Its flagship store alone brought Tolver Tools sales of $88 million in 2024.",
        "Outside Asia, sales at Tolver Tools rose 9% to €88 million in the third quarter.",
        "Tolver Tools' revenue excluding China rose 9% to €88 million in 2024.",
        "Allein in Frankreich setzte die Ostheim AG 2024 rund 95 Mio. Euro um.",
        "Außerhalb Europas wuchs der Umsatz der Ostheim AG 2024 um 12 % auf 95 Mio. Euro.",
        "In Übersee erlöste Ostheim Optik 2024 rund 95 Mio. Euro.",
        "Hors Chine, le chiffre d'affaires de Vernoux a progressé de 8 % à 120 M€ en 2024.",
        "Rien qu'en Allemagne, Vernoux a réalisé 120 M€ de ventes en 2024.",
        "À elle seule, la marque Kléo a rapporté à Vernoux 120 M€ de ventes en 2024.",
        "À l'international, Vernoux a réalisé un chiffre d'affaires de 120 M€ en 2024.",
        "Fuera de España, las ventas de Balsera subieron un 9 % hasta 88 millones de euros en 2024.",
        "Solo en México, Balsera facturó 88 millones de euros en 2024.",
        "Fuori dall'Europa le vendite di Amadori Legno sono cresciute del 9% a 88 milioni di euro nel 2024.",
        "Solo in Germania Amadori Legno ha realizzato ricavi per 88 milioni di euro nel 2024.",
        "Fora do Brasil, as vendas da Lince Log subiram 9% para R$ 88 milhões em 2024.",
        "Só na Argentina, a Lince Log faturou R$ 88 milhões em 2024.",
        "Die Tochter Solmed steuerte 2024 rund 44 Mio. Euro zum Umsatz der Velden AG bei.",
        "La compra de Kléo aportó 44 millones de euros a las ventas de Balsera en 2024.",
        "A tenth of Ferrow's 2024 sales, or €110 million, came from Poland.",
        "Ferrow's sales in Poland rose 6% to €110 million in 2024.",
        "Ferrow's Polish sales rose 6% to €110 million in 2024.",
        "Ein Zehntel des Umsatzes der Ferrow AG von 2024, 110 Mio. Euro, entfiel auf Polen.",
        "Das Polen-Geschäft der Ferrow AG setzte 2024 110 Mio. Euro um.",
        "La Pologne a représenté 110 M€ du chiffre d'affaires 2024 de Ferrow.",
        "Las ventas de Ferrow en Polonia subieron un 6 % hasta 110 millones de euros en 2024.",
        "I ricavi di Ferrow in Polonia sono saliti del 6% a 110 milioni di euro nel 2024.",
        "A Ferrow faturou R$ 110 milhões no Brasil em 2024.",
        "Ferrow's chief executive earned $12 million in 2024.",
        "Der Chef der Ferrow AG verdiente 2024 12 Mio. Euro.",
        "Le patron de Ferrow a gagné 12 M€ en 2024.",
        "El presidente de Ferrow ganó 12 millones de euros en 2024.",
        "Revenue per employee at Fairholt Consulting was $212,000 in 2024.",
        "Le chiffre d'affaires par magasin de Vernoux a atteint 2,1 M€ en 2024.",
    ],
)
def test_what_words_make_a_part(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "metric", "period", "value"),
    [
        ("In 2024 alone, Tolver Tools lost $88 million.", "net_income", "FY2024", -88e6),
        ("In the third quarter alone, Tolver Tools had revenue of $88 million.", "revenue", "2025Q3", 88e6),
        ("Allein 2024 setzte die Ostheim AG 95 Mio. Euro um.", "revenue", "FY2024", 95e6),
        ("Allein im dritten Quartal verlor die Ostheim AG 95 Mio. Euro.", "net_income", "2025Q3", -95e6),
        ("Rien qu'au troisième trimestre, Vernoux a perdu 120 M€.", "net_income", "2025Q3", -120e6),
        ("Solo en 2024, Balsera perdió 88 millones de euros.", "net_income", "FY2024", -88e6),
        ("Balsera solo ganó 8 millones de euros en 2024.", "net_income", "FY2024", 8e6),
        ("Solo nel 2024 Amadori Legno ha perso 88 milioni di euro.", "net_income", "FY2024", -88e6),
        ("Só em 2024, a Lince Log perdeu R$ 88 milhões.", "net_income", "FY2024", -88e6),
        ("Ferrow, the biggest brewer in Poland, had sales of €110 million in 2024.", "revenue", "FY2024", 110e6),
        ("La cadena Ferrow, que opera en México, facturó 110 millones de euros en 2024.", "revenue", "FY2024", 110e6),
        ("China Gas Works posted revenue of $110 million in 2024.", "revenue", "FY2024", 110e6),
        ("Chief Executive Ann Roe said Ferrow earned $12 million in 2024.", "net_income", "FY2024", 12e6),
        ("Die Ferrow AG verdiente nach Angaben ihres Chefs 2024 12 Mio. Euro.", "net_income", "FY2024", 12e6),
        ("In a record year, Tolver Tools had revenue of $88 million in 2024.", "revenue", "FY2024", 88e6),
    ],
)
def test_a_period_alone_or_a_company_alone_is_whole(text: str, metric: str, period: str, value: float) -> None:
    assert told(text) == [(metric, period, value)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Tolver Tools expects capital spending of €90 million in 2025; €35 million of that will go to Bergen.", 90e6),
        ("Die Ostheim AG plant für 2025 Investitionen von 60 Mio. Euro in Sachanlagen; 40 Mio. Euro fließen ins Werk.", 60e6),
        ("Die Ostheim AG plant für 2025 Investitionen von 60 Mio. Euro in Sachanlagen; 40 Mio. Euro verschlingt Halle 3.", 60e6),
        ("Vernoux prévoit 60 M€ d'investissements en 2025 ; 45 M€ iront à la nouvelle usine.", 60e6),
        ("Balsera invertirá 60 millones de euros en 2025 en nuevas tiendas; 45 millones se los lleva Madrid.", 60e6),
        ("Amadori Legno prevede investimenti tecnici per 60 milioni di euro nel 2025; 45 milioni andranno a Udine.", 60e6),
        ("A Lince Log prevê capex de R$ 60 milhões em 2025; R$ 45 milhões vão para o novo armazém.", 60e6),
        ("El gasto total de Balsera ascendió a 290 millones de euros en 2024, incluidos 40 millones de intereses.", 290e6),
    ],
)  # fmt: skip
def test_a_share_of_a_budget_is_no_budget(text: str, value: float) -> None:
    assert [item[2] for item in told(text)] == [value]
