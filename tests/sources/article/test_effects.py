"""Amounts that are in a figure or move it, rates of several years, and sums spent until a far year are no levels."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.sources.article import extract

DAY = date(2025, 11, 20)


def told(text: str) -> list[tuple[str | None, str, str | None, float | None]]:
    found = extract(text, published=DAY).facts
    return [(item.metric, item.kind, item.period, None if item.value is None else float(item.value)) for item in found]


@pytest.mark.parametrize(
    "text",
    [
        "A strike cost Halden $40 million in lost revenue in the second quarter.",
        "Currency swings trimmed Halden's 2024 revenue by $30 million.",
        "Währungseffekte drückten den Umsatz der Halden AG 2024 um 30 Mio. Euro.",
        "Der Streik kostete die Halden AG im zweiten Quartal 40 Mio. Euro Umsatz.",
        "Les changes ont amputé le chiffre d'affaires de Halden de 30 M€ en 2024.",
        "Le bénéfice net de Halden en 2024 inclut une plus-value de 12 M€.",
        "El tipo de cambio restó 30 millones de euros a las ventas de Halden en 2024.",
        "Lo sciopero è costato a Halden 40 milioni di euro di ricavi nel secondo trimestre.",
        "O câmbio tirou R$ 30 milhões da receita da Halden em 2024.",
        "Halden's revenue rose 12% a year on average between 2020 and 2024.",
        "Der Umsatz der Halden AG wuchs zwischen 2020 und 2024 im Schnitt um 12 Prozent.",
        "Halden aims to save $50 million in costs in 2026.",
        "Halden will cut $50 million in costs in 2026.",
        "Die Halden AG will 2026 Kosten von 50 Mio. Euro einsparen.",
        "Halden veut économiser 50 M€ de coûts en 2026.",
        "Halden quiere recortar 50 millones de euros en costes en 2026.",
        "Halden lost $20 million in revenue to the strike in 2024.",
        "Halden dropped its target of 5 million subscribers by the end of 2026.",
        "Halden renonce à son objectif de 900 M€ de chiffre d'affaires en 2025.",
        "Die Halden AG kassiert ihre Prognose von 900 Mio. Euro Umsatz für 2025.",
        "Halden will invest $2 billion in factories by 2030.",
        "Bis 2030 will die Halden AG 2 Mrd. Euro in Sachanlagen investieren.",
        "D'ici à 2030, Halden investira 2 Md€ dans ses usines.",
        "Hasta 2030 Halden invertirá 2.000 millones de euros en sus plantas.",
        "Entro il 2030 Halden investirà 2 miliardi di euro in nuovi impianti.",
        "Até 2030, a Halden investirá R$ 2 bilhões em novas fábricas.",
        "Au deuxième trimestre 2025, le bénéfice net de Halden a été trois fois moins élevé.",
    ],
)
def test_no_level(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "metric", "kind", "period", "value"),
    [
        ("Halden aims for revenue of $5 billion by 2030.", "revenue", "guidance", "FY2030", 5e9),
        ("Halden will invest $200 million in factories in 2026.", "capex", "guidance", "FY2026", 200e6),
        ("Halden dropped a supplier and earned $20 million in 2024.", "net_income", "actual", "FY2024", 20e6),
        ("Halden ended last year in the red by $41 million.", "net_income", "actual", "FY2024", -41e6),
        ("Total costs at Halden, including interest, were $290 million in 2024.", "total_costs", "actual", "FY2024", 290e6),
        ("Halden ha bruciato 12 milioni di euro di cassa libera nel 2024.", "free_cash_flow", "actual", "FY2024", -12e6),
        ("A Halden queimou R$ 46 milhões de caixa livre em 2024.", "free_cash_flow", "actual", "FY2024", -46e6),
        ("Die Kosten der Halden AG lagen 2024 bei 290 Mio. Euro.", "total_costs", "actual", "FY2024", 290e6),
        ("Les frais de R-D de Halden Optique ont atteint 18 M€ en 2024.", "r_and_d", "actual", "FY2024", 18e6),
        ("Por acción, Halden ganó 0,84 euros en 2024.", "eps", "actual", "FY2024", 0.84),
        ("Per azione Halden ha guadagnato 0,84 euro nel 2024.", "eps", "actual", "FY2024", 0.84),
    ],
)  # fmt: skip
def test_a_level_beside_such_words(text: str, metric: str, kind: str, period: str, value: float) -> None:
    assert told(text) == [(metric, kind, period, value)]


@pytest.mark.parametrize(
    ("text", "period", "value"),
    [
        ("Halden made a net profit of $28 million last year, more than twice the 2023 figure.", "FY2024", 1),
        ("Halden made a net profit of $28 million in 2024, half what it earned in 2023.", "FY2024", -0.5),
        ("Le bénéfice net de Halden a atteint 28 M€ en 2024, un tiers de moins que l'année précédente.", "FY2024", -0.3333),
        ("Halden a gagné l'an dernier 28 M€, plus du double de 2023.", "FY2024", 1),
        ("Nach neun Monaten 2025 lag der Gewinn der Halden AG bei 28 Mio. Euro, 8 Prozent unter dem Wert von 2024.", "2025M9", -0.08),
        ("Halden ganó 28 millones de euros en 2024, un 8 % por debajo de la cifra de 2023.", "FY2024", -0.08),
        ("Halden ganó 28 millones de euros en 2024, más del doble que en 2023.", "FY2024", 1),
        ("Halden ha chiuso il 2024 con un utile netto di 28 milioni di euro, l'8% sotto il dato del 2023.", "FY2024", -0.08),
        ("A Halden lucrou no ano passado R$ 28 milhões, mais do dobro de 2023.", "FY2024", 1),
    ],
)  # fmt: skip
def test_growth_is_of_the_period_of_its_figure(text: str, period: str, value: float) -> None:
    grown = [(item[2], round(item[3] or 0, 4)) for item in told(text) if item[1] == "growth_yoy"]
    assert grown == [(period, value)]


@pytest.mark.parametrize(
    "text",
    [
        "Industry sources put Halden's 2024 net profit at $20 million.",
        "Insiders expect Halden to post revenue of $900 million in 2025.",
        "Halden's revenue is thought to have reached $900 million in 2024.",
        "Halden said reports of a $20 million net profit in 2024 were wrong.",
        "Branchenkreise schreiben der Halden AG für 2024 einen Gewinn von 20 Mio. Euro zu.",
        "Die Halden AG will von einem Umsatzziel von 900 Mio. Euro für 2025 nichts wissen.",
        "Des proches du dossier créditent Halden d'un bénéfice net de 20 M€ en 2024.",
        "Halden assure n'avoir jamais visé 900 M€ de ventes pour 2025.",
        "Medios locales cifran en 20 millones de euros el beneficio neto de Halden en 2024.",
        "Fuentes del sector atribuyen a Halden un beneficio de 20 millones de euros en 2024.",
        "Fonti del settore attribuiscono alla Halden un utile netto di 20 milioni di euro nel 2024.",
        "Según la consultora Briviesca, Halden Panes facturó 40 millones de euros en 2024.",
        "Comenta-se que a Halden lucrou R$ 20 milhões em 2024.",
    ],
)
def test_rumours_and_denials_are_no_facts(text: str) -> None:
    assert told(text) == []


@pytest.mark.parametrize(
    ("text", "metric", "value"),
    [
        ("Halden denied a report of a sale. Its net profit was $20 million in 2024.", "net_income", 20e6),
        ("El beneficio atribuible de Halden fue de 20 millones de euros en 2024.", "net_income", 20e6),
        ("Halden no invertirá más de 75 millones de euros en activos fijos en 2025.", "capex", 75e6),
        ("A Halden não investirá mais de R$ 75 milhões em ativos fixos em 2025.", "capex", 75e6),
        ("Halden non spenderà più di 75 milioni di euro in investimenti nel 2025.", "capex", 75e6),
        ("La plantilla de Consultora Briviesca sumaba 6.730 empleados al cierre de junio de 2025.", "headcount", 6730),
        ("Halden dice que sus ventas no bajarán de 400 millones de euros en 2025.", "revenue", 400e6),
    ],
)
def test_a_bound_or_a_denial_of_something_else(text: str, metric: str, value: float) -> None:
    assert [(item[0], item[3]) for item in told(text)] == [(metric, value)]
