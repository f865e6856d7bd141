"""How far each figure can be trusted: the precision of the rules that read it, measured on labelled texts.

`precision.csv` holds how often each rule was right and wrong (`benchmarks/extraction.py --measure` writes it).
Counts are smoothed towards a cautious prior, so that a rule seen twice is not trusted like one seen a hundred times.
"""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from tracker.sources.article.check import AGREED, CONTRADICTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["THRESHOLD", "counts", "of"]

#: Below this a figure goes to review.
THRESHOLD: Final = 0.5
_PRIOR_RIGHT: Final = 7.2  # eight imagined cases, nine of ten right
_PRIOR: Final = 8.0
_BONUS: Final = 1.05
_MALUS: Final = 0.6


@cache
def _table() -> dict[str, tuple[int, int]]:
    text = files("tracker.sources.article").joinpath("precision.csv").read_text("utf-8")
    return {row["rule"]: (int(row["right"]), int(row["wrong"])) for row in csv.DictReader(text.splitlines())}


def _precision(rule: str) -> float:
    right, wrong = _table().get(rule, (0, 0))
    return (right + _PRIOR_RIGHT) / (right + wrong + _PRIOR)


def of(rules: Iterable[str], flags: Sequence[str]) -> float:
    """The chance that a figure read by these rules is right, as far as the labelled texts tell."""
    chance = 1.0
    for rule in dict.fromkeys((*rules, *(flag for flag in flags if not flag.startswith("checked:")))):
        chance *= _precision(rule)
    chance *= _BONUS if AGREED in flags else _MALUS if CONTRADICTED in flags else 1.0
    return round(min(chance, 0.99), 3)


def counts(judged: Iterable[tuple[Sequence[str], bool]]) -> list[tuple[str, int, int]]:
    """From (rules of a figure, whether it was right) to one row a rule: how often right, how often wrong."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for rules, good in judged:
        (right if good else wrong).update(set(rules))
    return [(rule, right[rule], wrong[rule]) for rule in sorted(right | wrong)]
