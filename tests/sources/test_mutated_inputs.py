# ruff: noqa: RUF001 - digits and signs of other scripts are what is tried
"""Inputs of every kind with anything wrong in them: facts or problems, never a traceback, never a long wait.

The long form tries thousands. What a reader takes is counted in seconds of the processor, so that a busy machine fails
no test; an input that takes more than five of them counts as one the program hangs on.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import time
import zipfile
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from support.filings import accession, company
from support.project import ROOT, often
from tracker.errors import InputError, Problem
from tracker.model.entity import Entities, load_entities
from tracker.sources.article.source import ArticleSource
from tracker.sources.base import Request, Source
from tracker.sources.sec.company_facts import CompanyFactsSource

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

#: Seconds of the processor after which an input counts as one the program hangs on.
HANG = 5.0

COMPANY = json.dumps(
    company(
        77,
        {
            "Revenues": [
                ("2024-01-01", "2024-03-31", 500, accession(1), "10-Q", "2024-05-01"),
                ("2024-01-01", "2024-06-30", 1100.5, accession(2), "10-Q", "2024-08-01"),
            ],
            "ifrs-full:Assets": [(None, "2024-06-30", -7, accession(2), "10-Q", "2024-08-01")],
        },
    )
)
#: Pieces of JSON in the place of others.
ODD_JSON = (
    "null", "true", "[]", "{}", '""', "0", "-0", "1e400", "-1e-400", "NaN", "Infinity", "9" * 50, "1" * 5000, '"9"', '"\\ud800"',
    '"\\u0000"', '"2024-02-30"', '"0000-00-00"', '"9999-12-31"', '"٢٠٢٤-٠١-٠١"', "[" * 400, "{" * 400, "]", "}", ",", ":", '"',
    "\\", "\x00", "\ufeff", '{"USD": []}', '[{"val": 1}]', '"' + "x" * 5000 + '"', "2024", "1.0000000000000000001", "+1", "0x1",
)  # fmt: skip
ARTICLE = (
    "Acme lifts its outlook\nBOSTON, Aug. 5, 2024 - Acme said second-quarter revenue rose 12% to $8.5 billion from $7.6 billion "
    "a year earlier. Net loss was ($310 million), or $(0.45) per share. Acme now expects capital spending of $37 billion to "
    "$40 billion in 2024, up from a range of $35-40 billion.\n\n(in thousands, except per share data)\nRevenue $1,234,567\n"
)
ODD_TEXT = (
    "(", ")", "$", "€", "%", "billion", "bn", "(" * 300, "$" * 300, "1" * 400, "1," * 400, "9" * 24 + " billion", "-", "−", "—", "to ",
    "between ", "from ", "up from ", "first quarter of ", "2024 2023 2022 ", "31 February 2024 ", "\u202e", "\u200b" * 50, "\x00",
    "\ufeff", "\r\n" * 20, "٣٫٥ مليار دولار ", "三千亿 ", "37-40-42 ", "1.2.3.4.5 ", "½ ", "①②③", "\U0001f4b0" * 20, "e\u0301" * 80,
    "a" * 3000, "Acme " * 200, "plus or minus ", "+/- ", "( $ ( 1 ) ) ", "\u3000", "<!--", "&#x110000;", "\ud7ff",
)  # fmt: skip
ODD_HTML = (
    "<", ">", "</", "<!--" * 300, "<!" * 300, "-->", "<div>" * 500, "<b>" * 500, "</p>" * 300, "<table><tr><td>" * 100, "&" * 300,
    "&#0;", "&#xD800;", "<script>", "<style>", "<meta charset=utf-7>", '<base href="//x">', "<p " + "a=b " * 500 + ">", "<![CDATA[",
    '<script type="application/ld+json">{"datePublished": ' + "[" * 300, '<time datetime="9999-99-99">', "<title>", "<svg><foreignObject>",
    '<link rel=canonical href="javascript:1">', "<frameset>", "<plaintext>", "<template>", "\x00", '"' * 200, "<a href='" * 100,
)  # fmt: skip


def mutated(text: str, odd: tuple[str, ...], chance: random.Random) -> bytes:
    """The text with a few pieces put in, taken out, doubled or exchanged, or with bytes of another kind."""
    for _ in range(chance.choice((1, 1, 2, 5))):
        at, length = chance.randrange(len(text)), chance.choice((0, 1, 5, 40))
        piece = chance.choice((*odd, "", text[at : at + 40] * 2))
        text = text[:at] + piece + text[at + length :]
    data = text.encode("utf-8", "replace")
    if chance.random() < 0.15:
        at = chance.randrange(len(data))
        data = data[:at] + bytes(chance.randrange(256) for _ in range(chance.choice((1, 4)))) + data[at + 1 :]
    return data[: chance.randrange(len(data))] if chance.random() < 0.1 else data


def json_values(text: str, chance: random.Random) -> bytes:
    """A company's file with one value of its structure exchanged."""
    content = json.loads(text)
    place, key = content, "facts"
    while True:
        keys: list[Any] = list(place) if isinstance(place, dict) else list(range(len(place)))
        key = chance.choice(keys)
        if not isinstance(place[key], dict | list) or not place[key] or chance.random() < 0.2:
            break
        place = place[key]
    place[key] = "@odd@"
    return json.dumps(content).replace('"@odd@"', chance.choice(ODD_JSON)).encode("utf-8", "replace")


def zipped(data: bytes, chance: random.Random) -> bytes:
    """An archive with this member and a good one, sometimes damaged itself."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(
        buffer, "w", chance.choice((zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA))
    ) as archive:
        archive.writestr(chance.choice(("CIK0000000077.json", "../CIK0000000077.json", "CIK77.json", "x" * 300)), data)
        archive.writestr("CIK0000000078.json", COMPANY.replace('"cik": 77', '"cik": 78'))
    packed = bytearray(buffer.getvalue())
    for _ in range(chance.choice((0, 1, 1, 20))):
        packed[chance.randrange(len(packed))] ^= 1 << chance.randrange(8)
    return bytes(packed[: chance.randrange(len(packed))]) if chance.random() < 0.2 else bytes(packed)


@pytest.fixture(scope="module")
def entities(tmp_path_factory: pytest.TempPathFactory) -> Entities:
    path = tmp_path_factory.mktemp("entities") / "entities.toml"
    path.write_text('[acme]\nname = "Acme"\ncurrency = "USD"\nfiscal_year_end = "12-31"\n')
    return load_entities(path)[0]


def read_all(
    source: Source, path: Path, entities: Entities, published: date | None
) -> tuple[int, list[Problem], float]:
    """How many facts a reader finds, what it finds wrong, and the seconds of the processor it takes."""
    began = time.process_time()
    try:
        batches = list(source.read(Request(path, "here", entities, published)))
    except InputError as error:
        return 0, error.problems, time.process_time() - began
    problems = [problem for batch in batches for problem in batch.problems]
    return sum(batch.facts.num_rows for batch in batches), problems, time.process_time() - began


def assert_no_harm(
    source: Source, name: str, make: Callable[[random.Random], bytes], folder: Path, entities: Entities, times: int
) -> None:
    """Read inputs of one kind: some must give facts, some problems, each with its remedy, none may take long."""
    chance, facts, wrong = random.Random(13), 0, 0
    for number in range(times):
        data = make(chance)
        (folder / name).write_bytes(data)
        count, problems, seconds = read_all(source, folder / name, entities, chance.choice((None, date(2024, 8, 5))))
        facts += count
        wrong += bool(problems)
        assert seconds < HANG, f"input {number} takes {seconds:.1f} s: {data[:200]!r}"
        for problem in problems:
            assert problem.remedy
            assert str(problem).isprintable() or "\u202e" in str(problem) or not name.endswith(".json")
            assert len(str(problem)) < 1500
    assert facts
    assert wrong
    assert {path.name for path in folder.iterdir()} == {name}


def page() -> str:
    """A saved page of a news site, in which the company is Acme."""
    return (ROOT / "tests" / "data" / "pages" / "en-news.html").read_text("utf-8")


def any_json(chance: random.Random) -> bytes:
    return json_values(COMPANY, chance) if chance.random() < 0.6 else mutated(COMPANY, ODD_JSON, chance)


#: What is mutated, how, and how often: in the long form so many texts, or twenty times as many.
KINDS: dict[str, tuple[Source, str, Callable[[random.Random], bytes], int, int | None]] = {
    "company facts": (CompanyFactsSource(), "CIK0000000077.json", any_json, 150, None),
    "company facts, packed": (
        CompanyFactsSource(),
        "CIK0000000077.json.gz",
        lambda chance: gzip.compress(any_json(chance))[: None if chance.random() < 0.7 else chance.randrange(200)],
        60,
        None,
    ),
    "archives": (CompanyFactsSource(), "companyfacts.zip", lambda chance: zipped(any_json(chance), chance), 80, None),
    "articles": (ArticleSource(), "a.txt", lambda chance: mutated(ARTICLE, ODD_TEXT, chance), 80, 10_000),
    "pages": (
        ArticleSource(),
        "a.html",
        lambda chance: mutated(f"<article><p>{ARTICLE}</p></article>" + page(), (*ODD_HTML, *ODD_TEXT), chance),
        30,
        None,
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_no_input_whatever_it_holds_does_harm(tmp_path: Path, entities: Entities, kind: str) -> None:
    source, name, make, times, long = KINDS[kind]
    assert_no_harm(source, name, make, tmp_path, entities, often(times, long))
