"""A comma before three digits in Spanish: it parts thousands in Mexico and its neighbours, and is open elsewhere."""

from __future__ import annotations

from datetime import date

import pytest

from tracker.sources.article import extract

DAY = date(2025, 11, 20)


def values(text: str) -> list[float]:
    found = extract(text, published=DAY).facts
    return [float(number) for item in found for number in (item.value, item.low, item.high) if number is not None]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Papalote ganó 1,240 millones de pesos mexicanos en 2024, frente a 1,105 millones en 2023.", [1.24e9, 1.105e9]),
        ("Minera Cacaxtla prevé ingresos de entre 6,200 y 6,800 millones de pesos mexicanos en 2025.", [6.2e9, 6.8e9]),
        ("Ingenio Atitlán facturó 3,215 millones de quetzales en 2024, contra 2,980 millones en 2023.", [3.215e9, 2.98e9]),
        ("La peruana Minera Sillar facturó 1,520 millones de soles en 2024, frente a 1,410 millones.", [1.52e9, 1.41e9]),
        ("La guatemalteca Ceiba Fría reportó ventas de 3,125 millones de dólares en 2024.", [3.125e9]),
        ("Grupo Zarco reportó ventas de 3,125 millones de dólares en 2024, frente a 2,870 millones.", [3.125e9, 2.87e9]),
    ],
)  # fmt: skip
def test_a_comma_that_parts_thousands(text: str, expected: list[float]) -> None:
    assert values(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Olivares Duero ganó 3,125 millones de euros en 2024, frente a 2,870 millones en 2023.",
        "La argentina Pampa Sur facturó 3,125 millones de dólares en 2024, frente a 2,870 millones.",
        "La chilena Cobre Alto facturó 3,125 millones de pesos en 2024, frente a 2,870 millones.",
        "La mexicana Tollocan perdió 1,120 millones de pesos en 2024; su deuda llega a 5,2 millones de dólares.",
    ],
)
def test_a_comma_that_may_mean_either_is_left_open(text: str) -> None:
    found = extract(text, published=DAY)
    assert not found.facts
    assert "scale_open" in {item.reason for item in found.review}


def test_a_comma_before_fewer_digits_stands_before_decimals() -> None:
    assert values("Papalote ganó 12,4 millones de pesos mexicanos en 2024.") == [12.4e6]
