"""How far each figure can be trusted: the precision of the rules that read it, measured on texts new to them.

`precision.csv` holds how often each rule was right and wrong, and under `all` how often any figure was. The numbers
are first readings: of batches of sentences in all thirteen languages, each written and labelled before the reader
saw it, and counted before anything was changed for it (texts the rules were fitted to would say 100%).
`benchmarks/extraction.py --measure FILE...` counts another such batch and adds it, and `--reliability FILE...` prints
how many figures of each confidence were right. With each of the last four batches left out in turn, 92% of 289 figures
of 0.9 and more were right, 84% of 297 from 0.8 to 0.9, and 80% of 79 below that.

So few readings say little of a single rule. Each is shrunk towards the precision of all (a beta prior of _WEIGHT
imagined cases), those that guess from what stands elsewhere towards a lower one (_GUESSED), until they are measured.
A figure has the precision of all, times how much better or worse each of its rules is: one weak rule leaves a
figure among the facts, several (a name known by its capital letter alone, a period taken from the document) do not.
"""

from __future__ import annotations

import csv
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from tracker.sources.article.read.check import AGREED, CONTRADICTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["ALL", "THRESHOLD", "counts", "features", "of"]

#: Below this a figure goes to review.
THRESHOLD: Final = 0.55
ALL: Final = "all"
_WEIGHT: Final = 12.0
_GUESSED: Final = 0.75
_GUESSES: Final = frozenset({
    "claim:future", "entity:document", "growth:unsaid", "period:base", "period:document", "period:guided",
    "period:usual", "this_year", "topic:carried", "topic:expected",
})  # fmt: skip
_FLAGS: Final = frozenset({"currency_inherited", "fraction", "spelled", "this_year", "times"})
_BONUS: Final = 1.05
_MALUS: Final = 0.6
_MOST: Final = 0.98  # no figure of a text is surer: of the best 45, one was wrong


@cache
def _read_precision() -> dict[str, tuple[int, int]]:
    text = files("tracker.sources.article.read").joinpath("precision.csv").read_text("utf-8")
    return {row["rule"]: (int(row["right"]), int(row["wrong"])) for row in csv.DictReader(text.splitlines())}


@cache
def _overall() -> float:
    """Return the precision of all first readings."""
    right, wrong = _read_precision()[ALL]
    return right / (right + wrong)


@cache
def _weight(rule: str) -> float:
    """Return how much better (above 1) or worse a rule is than all together, as far as its few readings tell."""
    right, wrong = _read_precision().get(rule, (0, 0))
    prior = _GUESSED if rule in _GUESSES else _overall()
    return (right + prior * _WEIGHT) / (right + wrong + _WEIGHT) / _overall()


def features(rules: Iterable[str], flags: Sequence[str]) -> tuple[str, ...]:
    """Return what of a reading is counted: its rules, and the flags that say how a number was understood."""
    return tuple(dict.fromkeys((*rules, *(flag for flag in flags if flag in _FLAGS))))


def of(rules: Iterable[str], flags: Sequence[str]) -> float:
    """Return the chance that a figure read by these rules is right, as far as the labelled texts tell."""
    chance = _overall()
    for rule in features(rules, flags):
        chance *= _weight(rule)
    chance *= _BONUS if AGREED in flags else _MALUS if CONTRADICTED in flags else 1.0
    return round(min(chance, _MOST), 3)


def counts(judged: Iterable[tuple[Sequence[str], bool]]) -> list[tuple[str, int, int]]:
    """From (rules of a figure, whether it was right): how often each rule, and all together, were right and wrong."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    for rules, good in judged:
        (right if good else wrong).update({ALL, *rules})
    return [(rule, right[rule], wrong[rule]) for rule in sorted(right | wrong)]
