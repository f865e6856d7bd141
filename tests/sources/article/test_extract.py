"""The article reader from end to end: labelled sentences, laws, noise, and the labelled texts beside the repository."""

from __future__ import annotations

import importlib.util
import json
import os
import random
import time
import unicodedata
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tracker.model.quantity import Interval
from tracker.sources.article import ExtractedFigure, NamedCompany, Proposal, Reading, as_record, extract, record, reread

ROOT = Path(__file__).parents[3]
SHARED = Path(os.environ.get("TRACKER_SHARED", ROOT.parent / "shared")) / "data"


def load(name: str) -> list[dict[str, Any]]:
    """The labelled sentences written for these tests."""
    path = ROOT / "tests" / "data" / "article" / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


OWN = load("own")
#: The texts on which laws are tried: a quarter of them, in the long form all.
TRIED = OWN if os.environ.get("TRACKER_LONG") else OWN[::4]
beside = pytest.mark.skipif(not SHARED.is_dir(), reason=f"no labelled texts in {SHARED}")


def read(text: dict[str, Any], *, dated: bool = True) -> Reading:
    return extract(text["text"], published=date.fromisoformat(text["published"]) if dated else None)


def keys(figures: tuple[ExtractedFigure, ...]) -> set[tuple[Any, ...]]:
    """What a figure says, without where it says it."""
    return {(f.metric, f.kind, f.period, f.unit, f.value, f.low, f.high) for f in figures}


def wanted(fact: dict[str, Any]) -> tuple[Any, ...]:
    numbers = (None if fact.get(name) is None else Decimal(str(fact[name])) for name in ("value", "low", "high"))
    return (fact["metric"], fact["kind"], fact["period"], fact["unit"], *numbers)


# Own labelled sentences ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", OWN, ids=[text["id"] for text in OWN])
def test_own_sentence(text: dict[str, Any]) -> None:
    right(text)


@pytest.mark.parametrize(
    "text",
    [pytest.param(text, marks=pytest.mark.xfail(reason="a known gap")) for text in load("gaps")],
    ids=lambda text: text["id"],
)
def test_known_gap(text: dict[str, Any]) -> None:
    right(text)


def right(text: dict[str, Any]) -> None:
    found = read(text)
    required = {wanted(fact) for fact in text["facts"] if not fact.get("optional")}
    optional = {wanted(fact) for fact in text["facts"] if fact.get("optional")}
    assert required <= keys(found.facts) <= required | optional
    for figure in found.facts:
        assert any(fact["entity"] in figure.entity or figure.entity in fact["entity"] for fact in text["facts"])


@pytest.mark.parametrize("text", OWN, ids=[text["id"] for text in OWN])
def test_every_figure_quotes_its_characters(text: dict[str, Any]) -> None:
    found = read(text)
    for figure in (*found.facts, *found.review, *found.abstained):
        assert text["text"][figure.start : figure.end] == figure.quote
        assert (figure.reason is None) == (figure in found.facts)


# Laws ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TRIED, ids=[text["id"] for text in TRIED])
def test_reading_is_deterministic_and_does_not_mind_the_form(text: dict[str, Any]) -> None:
    plain = keys(read(text).facts)
    assert keys(read(text).facts) == plain
    for form in ("NFC", "NFD"):
        assert keys(read({**text, "text": unicodedata.normalize(form, text["text"])}).facts) == plain
    spaced = "".join(
        "\u00a0" if char == " " and text["text"][i - 1].isdigit() else char for i, char in enumerate(text["text"])
    )
    assert keys(read({**text, "text": spaced}).facts) == plain


@pytest.mark.parametrize("text", TRIED, ids=[text["id"] for text in TRIED])
def test_without_a_date_periods_are_written_or_missing(text: dict[str, Any]) -> None:
    dated = keys(read(text).facts)
    for figure in read(text, dated=False).facts:
        assert figure.period is not None
        year = "".join(char for char in figure.period if char.isdigit())[:4]
        assert figure.period in {key[2] for key in dated} or year in text["text"]


def test_the_reason_is_named() -> None:
    text = "Analysts expect Larkspur Mills to post revenue of $2 billion in 2026; its net margin was 9%."
    found = extract(text, published=date(2025, 11, 3))
    assert not found.facts
    assert {figure.quote: figure.reason for figure in found.abstained} == {"$2 billion": "analyst", "9%": "margin"}


def test_a_company_of_the_caller_is_known_by_all_its_names() -> None:
    company = NamedCompany("larkspur", ("Larkspur Mills", "Larkspur"), "USD", 12)
    found = extract("Sales of Larkspur were $5 million in 2024.", published=date(2025, 3, 1), companies=[company])
    assert [figure.entity for figure in found.facts] == ["larkspur"]


def test_what_is_known_chooses_the_period() -> None:
    def known(entity: str, metric: str, period: str) -> Interval | None:
        assert (entity, metric) == ("Larkspur Mills", "revenue")
        levels = {"2024Q3": 50, "2023Q3": 40, "2024M9": 150, "2023M9": 100}
        return Interval(Decimal(levels[period]), Decimal(levels[period])) if period in levels else None

    text = "Revenue of Larkspur Mills has grown 25% this year."
    published = date(2024, 11, 1)
    assert [figure.period for figure in extract(text, published=published).facts] == ["2024M9"]
    assert [figure.period for figure in extract(text, published=published, known=known).facts] == ["2024Q3"]


def test_a_level_far_off_history_is_reviewed() -> None:
    text = "Revenue of Larkspur Mills was $5 billion in 2024."
    found = extract(text, published=date(2025, 3, 1), known=lambda *_: Interval(Decimal(4_900_000), Decimal(5_100_000)))
    assert [figure.reason for figure in found.review] == ["off_history"]
    assert not found.facts


def test_the_record_is_what_the_scorer_reads() -> None:
    text = "Larkspur Mills expects sales of $2 billion to $3 billion in 2026."
    [figure] = extract(text, published=date(2025, 11, 3)).facts
    line = as_record(figure)
    assert (line["low"], line["high"], line["unit"], line["qualifier"]) == (
        2_000_000_000,
        3_000_000_000,
        "USD",
        "range",
    )
    assert "value" not in line
    assert [item["start"] for item in record("a", extract(text))["money"]] == [text.index("$2")]


def test_a_proposal_is_read_again() -> None:
    text = "Revenue of Larkspur Mills was $5 billion in 2024."
    proposal = Proposal("$5 billion", text.index("$5"), "Larkspur Mills", "revenue", "actual", "FY2024")
    figure = reread(text, proposal, published=date(2025, 3, 1))
    assert figure is not None
    assert (figure.value, figure.reason) == (Decimal(5_000_000_000), None)
    other = reread(text, Proposal("$5 billion", text.index("$5"), "Larkspur Mills", "capex", "actual", "FY2024"))
    assert other is not None
    assert other.reason == "disputed"
    assert reread(text, Proposal("$6 billion", 3, "Larkspur Mills", "revenue", "actual", None)) is None


# Noise -----------------------------------------------------------------------------------------------------------

NOISE = (
    "0123456789٠١٢٣۵१２３.,，．٫٬ -–−/()%％$€¥£₩億万兆억조亿\u202e\u202b\u200f\ud800\udfff\x00\n\t'’\"«»…—▲△+~〜至から"  # noqa: RUF001 - noise is meant
)


def noisy(seed: int) -> str:
    source = random.Random(seed)
    text = list(source.choice(OWN)["text"])
    for _ in range(source.randrange(60)):
        text.insert(source.randrange(len(text) + 1), source.choice(NOISE))
    return "".join(text) * source.choice([1, 1, 1, 5])


def survive(text: str) -> None:
    begin = time.process_time()
    found = extract(text, published=date(2024, 8, 1))
    assert time.process_time() - begin < 2
    for figure in (*found.facts, *found.review, *found.abstained):
        assert text[figure.start : figure.end] == figure.quote


def test_two_rates_that_take_their_direction_from_each_other_have_none() -> None:
    found = extract("6%,previously guide 3%", published=date(2024, 8, 1))
    assert not found.facts


@pytest.mark.parametrize("block", range(6))
def test_noise(block: int) -> None:
    for seed in range(block * 50, block * 50 + 50):
        survive(noisy(seed))


@pytest.mark.long
def test_noise_at_length() -> None:
    for seed in range(10_000):
        survive(noisy(seed))


@pytest.mark.parametrize(
    "piece", ["1", "1,", "$1 ", "億", "Ab ", "1 000 ", "((", "12年", "e\u0301", "revenue of ", "من "]
)
def test_long_lines(piece: str) -> None:
    text = piece * (60_000 // len(piece))
    found = extract(text, published=date(2024, 8, 1))
    assert all(text[one.start : one.end] == one.quote for one in (*found.facts, *found.review, *found.abstained))


# Labelled texts beside the repository ----------------------------------------------------------------------------


def scored(name: str) -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location("score", SHARED / "extraction" / "score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    gold = module.load(SHARED / "extraction" / f"{name}.jsonl")
    result: dict[str, Any] = module.score(
        gold, {text["id"]: record(text["id"], read(text)) for text in gold}, bootstrap=0
    )[0]
    return result


@beside
@pytest.mark.parametrize("name", ["dev", "dev_variants"])
def test_labelled_texts(name: str) -> None:
    result = scored(name)
    assert result["money"]["value"]["F1"] >= 0.97
    assert result["overall"]["F1"] >= 0.85
    assert result["overall"]["P"] >= 0.92
    assert result["nofact"]["docs_with_false_fact"] <= 2


def articles() -> list[dict[str, Any]]:
    """The labelled articles."""
    return [json.loads(line) for line in (SHARED / "extraction/seeds_gold.jsonl").read_text("utf-8").splitlines()]


@beside
def test_the_articles_are_exact() -> None:
    result = scored("seeds_gold")
    assert (result["overall"]["fp"], result["overall"]["fn"]) == (0, 0)
    for text in articles():
        spans = {(figure.start, figure.end): figure for figure in read(text).facts}
        for fact in text["facts"]:
            if not fact.get("optional"):
                assert spans[fact["start"], fact["end"]].qualifier == fact["qualifier"] or fact["metric"] == "users"


@beside
def test_an_undated_article_keeps_its_periods_open() -> None:
    [late] = [text for text in articles() if text["id"] == "seed-004"]
    found = read(late, dated=False)
    assert not found.facts
    assert sum(figure.reason == "no_period" for figure in found.abstained if figure.metric) >= 4
