"""People who come and go are no total; how many there are beside them is."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.sources.article import extract

DAY = date(2025, 11, 20)


def counted(text: str) -> list[tuple[str | None, str | None, float]]:
    found = extract(text, published=DAY).facts
    return [(item.metric, item.period, float(item.value or 0)) for item in found if item.unit == "count"]


@pytest.mark.parametrize(
    "text",
    [
        "Corvin Mills hired 300 workers in the first quarter of 2025.",
        "Corvin Mills let 230 employees go at the end of 2024.",
        "Corvin Mills trained 300 employees in 2024.",
        "About 300 Corvin Mills workers went on strike at the end of 2024.",
        "Corvin Mills added 1.2 million subscribers in the third quarter.",
        "Corvin Mills lost 1.2 million subscribers in the third quarter.",
        "Die Corvin AG stellte 2024 rund 300 Mitarbeiter ein.",
        "Die Corvin AG entließ 2024 rund 300 Mitarbeiter.",
        "Die Corvin AG trennte sich 2024 von 300 Beschäftigten.",
        "Die Corvin AG gewann im dritten Quartal 1,2 Mio. Abonnenten hinzu.",
        "Corvin s'est séparé de 300 collaborateurs en 2024.",
        "Corvin a créé 300 emplois en 2024.",
        "Corvin a perdu 1,2 million de clients en 2024.",
        "Corvin despidió a 120 personas en 2024.",
        "Corvin prescindió de 300 trabajadores en 2024.",
        "Corvin perdió 1,2 millones de clientes en el tercer trimestre.",
        "Corvin ha assunto 300 dipendenti nel 2024.",
        "Nel 2024 hanno lasciato Corvin 300 dipendenti.",
        "A Corvin contratou 300 funcionários em 2024.",
        "A Corvin dispensou 300 pessoas em 2024.",
        "A Corvin ganhou 1,2 milhão de assinantes no terceiro trimestre.",
    ],
)
def test_people_who_come_and_go_are_no_total(text: str) -> None:
    assert counted(text) == []


@pytest.mark.parametrize(
    ("text", "period", "value"),
    [
        ("Corvin Mills, which is cutting jobs, had 4,100 employees at the end of June 2025.", "2025Q2", 4100),
        ("Corvin Mills employed 4,100 people at the end of 2024 after cutting 300 jobs.", "2024Q4", 4100),
        ("Corvin Mills recruited 800 people in 2024, taking its workforce to 5,400 at year-end.", "2024Q4", 5400),
        ("Corvin Mills won 300 customers and ended 2024 with 2.4 million subscribers.", "2024Q4", 2.4e6),
        ("Bei der Corvin AG fallen 300 Stellen weg; Ende 2024 zählte sie 4.100 Mitarbeiter.", "2024Q4", 4100),
        ("Corvin s'est séparé de 300 collaborateurs en 2024 ; fin 2024 il en comptait 4 100.", "2024Q4", 4100),
        ("Corvin recortó 300 empleos en 2024 y cerró el ejercicio con 4.100 empleados.", "2024Q4", 4100),
        ("Corvin ha tagliato 300 posti nel 2024 e conta 4.100 dipendenti a fine anno.", "2024Q4", 4100),
        ("A Corvin cortou 300 vagas em 2024 e terminou o ano com 4.100 funcionários.", "2024Q4", 4100),
        ("Corvin Textil AG, H1 2025: Umsatz 120,3 Mio. EUR, Mitarbeiter zum 30.6.: 3.420.", "2025Q2", 3420),
        ("Corvin Mills had 11,240 people on its payroll when September closed.", "2025Q3", 11240),
    ],
)
def test_how_many_there_are_beside_a_change(text: str, period: str, value: float) -> None:
    assert [(item[1], item[2]) for item in counted(text)] == [(period, value)]
