"""Texts of the kinds that were once misread, with those in which the rules for them must not fire."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from tracker.sources.article import ExtractedFigure, extract

FILE = Path(__file__).resolve().parents[2] / "data" / "article" / "kinds.toml"
TEXTS: list[dict[str, Any]] = tomllib.loads(FILE.read_text("utf-8"))["text"]


def written(figure: ExtractedFigure) -> tuple[object, ...]:
    """Return what a figure says, its numbers as floats."""
    numbers = (figure.low, figure.high) if figure.value is None else (figure.value,)
    found = tuple(float(number) for number in numbers if number is not None)
    return figure.metric, figure.kind, figure.period, found, figure.unit


def wanted(fact: str) -> tuple[object, ...]:
    """Return the same of a line of the file."""
    metric, kind, period, number, unit, _ = fact.split(" ", 5)
    return metric, kind, period, tuple(float(part) for part in number.split("..")), unit


@pytest.mark.parametrize("text", TEXTS, ids=[f"{text['kind']}: {text['text'][:24]}" for text in TEXTS])
def test_text(text: dict[str, Any]) -> None:
    facts = extract(text["text"], published=text["day"]).facts
    assert sorted(map(written, facts), key=repr) == sorted(map(wanted, text["facts"]), key=repr)
    names = [fact.split(" ", 5)[5] for fact in text["facts"]]
    for figure in facts:
        assert any(name in figure.entity or figure.entity in name for name in names)
