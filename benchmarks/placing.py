"""How often an undated text is placed in a period, and how often wrongly: generated texts over filed figures.

usage: placing.py [TEXTS]        (default 300 a row)

Texts of own wording tell figures of a random period of a company as news would round them, without naming the period.
`true` is what share of them is placed in that period, `wrong` in another. `invented` texts tell figures of no period
(drawn at random in the range of the company's own), `mixed` ones true figures of different periods: none should be.
The SEC's files lie beside the repository in `shared/data/sec` (or TRACKER_SHARED).
"""

from __future__ import annotations

import math
import os
import random
import sys
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path

from tracker.model.entity import load_entities
from tracker.pipeline.background import add_filers, load_background
from tracker.pipeline.ingest import ingest
from tracker.pipeline.init import init
from tracker.project import load_project
from tracker.sources.article import History, extract

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("TRACKER_SHARED", ROOT.parent / "shared")) / "data" / "sec"
FILES = ("CIK0000320193.json.gz", "CIK0001045810.json.gz", "CIK0001326801.trimmed.json.gz", "CIK0001640147.json.gz")
NOUNS = {
    "revenue": "revenue", "net_income": "net income", "operating_income": "operating income", "r_and_d": "R&D spending",
    "capex": "capital expenditure", "total_costs": "total costs",
}  # fmt: skip
NAMES = {"apple": "Apple", "nvidia": "Nvidia", "meta": "Meta", "snowflake": "Snowflake"}
Row = tuple[str, float | None, float | None]
ENTITIES = """
[apple]
name = "Apple"
cik = 320193
fiscal_year_end = "09-30"
[nvidia]
name = "Nvidia"
cik = 1045810
fiscal_year_end = "01-31"
[meta]
name = "Meta"
cik = 1326801
fiscal_year_end = "12-31"
[snowflake]
name = "Snowflake"
cik = 1640147
fiscal_year_end = "01-31"
"""


def history(folder: Path) -> History:
    """What the SEC's files say, as the reader is told of it."""
    init(folder)
    (folder / "seeds" / "entities.toml").write_text(ENTITIES)
    project = load_project(folder)
    ingest(project, [project.seeds, *(SHARED / name for name in FILES if (SHARED / name).is_file())])
    known = load_background(
        project.warehouse, add_filers(project.warehouse, load_entities(project.seeds / "entities.toml")[0])
    ).known
    if not isinstance(known, History):
        raise SystemExit(f"no files in {SHARED}")
    return known


def money(amount: float, chance: random.Random) -> str:
    """An amount as news print it: two or three digits, sometimes with a word for how it was rounded."""
    scale, word = (9, "billion") if abs(amount) >= 1e9 else (6, "million")
    shown = amount / 10**scale
    places = max(0, chance.choice([2, 3]) - 1 - math.floor(math.log10(abs(shown))))
    return _rounded(shown, places, chance, "${}" + f" {word}")


def percent(rate: float, chance: random.Random) -> str:
    return _rounded(abs(rate) * 100, chance.choice([0, 0, 1]), chance, "{}%")


def _rounded(shown: float, places: int, chance: random.Random, form: str) -> str:
    step = 10**-places
    style = chance.choice(["", "", "about ", "more than ", "nearly "])
    exact = shown / step
    units = {"more than ": math.floor(exact), "nearly ": math.ceil(exact)}.get(style, math.floor(exact + 0.5))
    return style + form.format(f"{Decimal(units) * Decimal(10) ** -places:f}")


def sentence(name: str, metric: str, level: float | None, rate: float | None, chance: random.Random) -> str:
    noun, verb = NOUNS[metric], "rose" if (rate or 0) >= 0 else "fell"
    if rate is None:
        return f"{name} reported {noun} of {money(level or 0, chance)}."
    if level is None:
        return f"{name}'s {noun} {verb} {percent(rate, chance)} from a year earlier."
    return f"{name}'s {noun} {verb} {percent(rate, chance)} to {money(level, chance)}."


def figures(known: History, entity: str, period: str) -> list[Row]:
    """(metric, level, growth) of a period, as far as they are positive money."""
    out: list[Row] = []
    for metric in NOUNS:
        level, rate = known(entity, metric, period), known.growths.get((entity, metric, period))
        value = float(level.low) if level and level.low else None
        change = float(rate.low) if rate and rate.low is not None else None
        if value and value > 1e6 and (change is None or abs(change) < 3):
            out.append((metric, value, change))
    return out


def _other(known: History, kind: str, entity: str, row: Row, chance: random.Random) -> Row:
    """The metric as it was in another period, or as it never was, where so asked."""
    metric, level, rate = row
    if kind == "mixed":
        found = figures(known, entity, chance.choice(known.tried[entity]))
        return next((other for other in found if other[0] == metric), (metric, None, None))
    if kind == "invented":
        values = [v for p in known.tried[entity] for m, v, _ in figures(known, entity, p) if m == metric and v]
        level = math.exp(chance.uniform(math.log(min(values)), math.log(max(values))))
        rate = chance.uniform(-0.2, 0.6)
    return metric, level, rate


def _part(row: Row, chance: random.Random) -> Row:
    """What a text tells of a metric: its level, its growth or both."""
    which = chance.choice(["level", "rate", "both"])
    return row[0], None if which == "rate" else row[1], None if which == "level" else row[2]


def told(known: History, kind: str, count: int, chance: random.Random) -> tuple[str, str | None, int]:
    """A text, the period it is true of (None where of none), and how many figures it tells."""
    while True:
        entity = chance.choice(sorted(known.tried))
        every = known.tried[entity]
        period = chance.choice(every)
        pool = figures(known, entity, period)
        if len(pool) < count:
            continue
        rows = [_other(known, kind, entity, row, chance) for row in chance.sample(pool, count)]
        parts = [_part(row, chance) for row in rows]
        parts = [(m, v, r) for m, v, r in parts if v is not None or r is not None]
        if len(parts) < count:
            continue
        text = " ".join(sentence(NAMES[entity], *part, chance) for part in parts)
        return text, period if kind == "true" else None, sum((v is not None) + (r is not None) for _, v, r in parts)


def measure(known: History, kind: str, count: int, texts: int, seed: int = 1) -> Counter[str]:
    """How texts of a kind that tell of `count` metrics end: right, wrong, or unplaced (with the reason)."""
    chance = random.Random(f"{kind}{count}{seed}")
    ends: Counter[str] = Counter()
    for _ in range(texts):
        text, period, _ = told(known, kind, count, chance)
        found = extract(text, known=known)
        placed = {figure.period for figure in found.facts if "period:fitted" in figure.rules}
        if not placed:
            ends[next((figure.reason or "" for figure in found.review), "no_period")] += 1
        else:
            ends["right" if placed == {period} else "wrong"] += 1
    return ends


def main() -> None:
    texts = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    with tempfile.TemporaryDirectory() as folder:
        known = history(Path(folder))
        for kind in ("true", "mixed", "invented"):
            for count in (2, 3, 4) if kind == "mixed" else (1, 2, 3, 4):
                ends = measure(known, kind, count, texts)
                shares = ", ".join(f"{end} {number / texts:.1%}" for end, number in sorted(ends.items()))
                print(f"{kind:9} {count} metrics: {shares}", flush=True)


if __name__ == "__main__":
    main()
