# signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""Saved pages: the article and nothing around it, its words and amounts whole, and what the page says of itself."""

from __future__ import annotations

import json
import random
from datetime import date
from typing import TYPE_CHECKING

import pytest

from support.project import ROOT, made_once, small_project
from support.running import tracker
from tracker.errors import InputError
from tracker.pipeline.ingest import ingest
from tracker.project import Project, load_project
from tracker.sources.article import NamedCompany, extract
from tracker.sources.article.document import read_document
from tracker.sources.article.page import Page, read_page
from tracker.sources.article.page_head import comparable_address
from tracker.sources.article.publication import find_publication
from tracker.warehouse.reader import Warehouse

if TYPE_CHECKING:
    from pathlib import Path

PAGES = ROOT / "tests/data/pages"

#: Each page: its company, the currency, what says its day, and its figures in millions (growth in percent).
FIGURES: dict[str, tuple[str, str, str, list[float | tuple[float, float]]]] = {
    "ar-akhbar": ("واحة النور", "USD", "metadata", [3200, 10, 2900, 420]),
    "de-blog": ("Kranz Maschinenbau", "EUR", "metadata", [12, 1250, 1120, 85, (4800, 5000)]),
    "en-news": ("Lindqvist Boats", "USD", "metadata", [18, 64.5, 54.7, 7.2, 6.1, (250, 260)]),
    "en-wire": ("Bolt Retail", "USD", "metadata", [1230, 9, 50.1, 1234.567, 1132.63, 50.1, 48.9, 0.45e-6, 0.43e-6]),
    "es-diario": ("Puerto Claro", "EUR", "metadata", [11, 1350, 1216, 98]),
    "fr-old": ("Les Moulins de Brume", "EUR", "dateline", [184.3, 4, 177.2, 21, (740, 760)]),
    "id-berita": ("Bank Merapi", "IDR", "metadata", [4.2e6, 9, 3.85e6, 1.1e6]),
    "it-react": ("Ferrovie Aurora", "EUR", "metadata", [2400, 6, 2260, 310, (9500, 9800)]),
    "ja-portal": ("青葉電機", "JPY", "metadata", [8, 1.23e6, 64000, 58000, 5e6]),
    "ko-news": ("한빛전자", "KRW", "metadata", [7, 3.2e6, 210000, 1.3e7]),
    "vi-tin": ("Sông Lam", "VND", "metadata", [1.25e6, 15, 210000]),
    "zh-portal": ("青松科技", "CNY", "metadata", [18650, 13, 16500, 2200, 74000]),
}


#: Pages that their sites send in another encoding than that of the files here.
ENCODINGS = {"fr-old": "iso-8859-1", "zh-portal": "gb18030"}


@pytest.mark.parametrize("name", FIGURES)
def test_a_page_is_read_as_its_article(tmp_path: Path, name: str) -> None:
    company, currency, basis, wanted = FIGURES[name]
    path = tmp_path / "page.html"
    path.write_bytes((PAGES / f"{name}.html").read_text("utf-8").encode(ENCODINGS.get(name, "utf-8")))
    document = read_document(path)
    assert document.text == (PAGES / f"{name}.txt").read_text("utf-8").rstrip("\n")
    assert document.problems == []
    published = find_publication(document.text, hints=document.hints)
    assert (str(published.day), published.basis) == ("2025-11-04" if name == "en-wire" else "2025-08-05", basis)
    found = extract(
        document.text,
        published=published.day,
        lang=document.language,
        companies=[NamedCompany(company, (company,), currency, 12)],
    )
    scale = {"ratio": 0.01}
    figures = [
        tuple(
            round(float(end) / scale.get(one.unit, 1e6), 9) for end in (one.value, one.low, one.high) if end is not None
        )
        for one in found.facts
    ]
    assert figures == [tuple(map(float, one if isinstance(one, tuple) else (one,))) for one in wanted]
    assert found.review == ()


def test_there_is_a_golden_text_for_each_page() -> None:
    assert {path.stem for path in PAGES.glob("*.html")} == {path.stem for path in PAGES.glob("*.txt")} == set(FIGURES)


# -- inline tags and lines ---------------------------------------------------------------------------

INLINE = [
    "b",
    "strong",
    "i",
    "em",
    "u",
    "a",
    "span",
    "font",
    "mark",
    "small",
    "abbr",
    "bdi",
    "ix:nonfraction",
    "x-money",
]


@pytest.mark.parametrize("tag", INLINE)
def test_inline_tags_part_no_amount_and_no_sentence(tag: str) -> None:
    text = "Acme's revenue was $1,234.5 million (up 8%) in 2024."
    for start in range(len(text)):
        for length in (1, 4, 9):
            inner = f"<{tag}>{text[start : start + length]}</{tag}>"
            assert read_page(f"<p>{text[:start]}{inner}{text[start + length :]}</p>").text == text


SHOWN = [
    # notes, powers and ordinals
    ("<p>$1.5 billion<sup>1</sup> in sales</p>", "$1.5 billion¹ in sales"),
    ("<p>$1,234<sup><a href='#n'>(2)</a></sup> more</p>", "$1,234(²) more"),
    ("<p>$5 million<sup>a</sup>, $6 million<sup>*</sup></p>", "$5 million, $6 million"),
    ("<p>the 2<sup>nd</sup> and the 3<sup>e</sup></p>", "the 2nd and the 3e"),
    ("<p>12,000 m<sup>2</sup></p>", "12,000 m²"),
    # line breaks, blanks and hidden elements
    ("<p>$5&nbsp;&#8239;million,\n  as   planned</p>", "$5 million, as planned"),
    ("<p>one<br>two<br/><br/>three</p>", "one\ntwo\nthree"),
    ("<h2>one<br>two</h2>", "one two"),
    ("<pre>Revenue   5\nCosts     3</pre>", "Revenue 5\nCosts 3"),
    ("<p>売上\n高は\n5億円</p>", "売上高は 5億円"),
    ("<p>매출이\n늘었다</p>", "매출이 늘었다"),
    ("<p>売上<ruby>高<rp>(</rp><rt>だか</rt><rp>)</rp></ruby>は</p>", "売上高は"),
    ("<p>a<wbr>b&shy;c</p>", "ab\u00adc"),
    ("<p>shown<span hidden>no</span><span style='color:red;display: none'>no</span><script>no</script> too</p>", "shown too"),
    ("<div>one<div>two</div>three</div>", "one\ntwo\nthree"),
    ("<ul><li>one</li><li><b>two</b> more</li></ul>", "one\ntwo more"),
    ("<!-- a --><p>one<!-- b -->two</p><![CDATA[x]]>", "onetwo"),
    ("<p>5 < 6 & 7 &amp; 8 &bogus; 9</p>", "5 < 6 & 7 & 8 &bogus; 9"),
    # rows of tables, and tables that only arrange the page
    ("<table><tr><td>Revenue</td><td>$</td><td>1,234</td><td></td><td>(5</td><td>)</td><td>8</td><td>%</td></tr></table>", "Revenue  $1,234  (5)  8%"),
    ("<table><tr><th>Revenue<br>net</th><td><p>US$</p></td><td><p><b>5</b></p></td></tr></table>", "Revenue net  US$5"),
    ("<table><caption>In millions</caption><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "In millions\na  b\nc"),
    ("<figure><table><tr><td>a</td><td>1</td></tr></table><figcaption>In millions</figcaption></figure>", "a  1\nIn millions"),
    ("<table><tr><td><p>One.</p><p>Two.</p><p>Three.</p></td><td>side</td></tr></table>", "One.\nTwo.\nThree.\nside"),
    ("<table><tr><td><table><tr><td>a</td><td>1</td></tr></table></td></tr></table>", "a  1"),
]  # fmt: skip


@pytest.mark.parametrize(("page", "text"), SHOWN)
def test_what_is_shown(page: str, text: str) -> None:
    assert read_page(page).text == text


#: A paragraph in the many ways in which sites dress it.
DRESSES = [
    "<p>{}</p>", "<div>{}</div>", "<div><p>{}</p></div>", "<div class='a'><div class='b'><p class='c'>{}</p></div></div>",
    "<section><p>{}</p></section>", "<div><span>{}</span></div>", "{}<br><br>", "<table><tr><td>{}</td></tr></table>",
    "<ul><li>{}</li></ul>", "<blockquote><p>{}</p></blockquote>",
]  # fmt: skip
PARAGRAPHS = [
    "Acme said that its revenue rose 18% to $64.5 million in the second quarter of 2025.",
    "Yards in northern Europe began to order again, and the hall is nearly finished, the company said on Tuesday.",
    "Net income was $7.2 million.",
    "Shares rose.",
    "It expects revenue of $250 million for the year, and plans to open another hall in spring.",
    "The company was founded in 1961.",
]


@pytest.mark.parametrize("dress", DRESSES)
@pytest.mark.parametrize("frame", ["<main>{}</main>", "<div>{}</div>", "<article>{}</article>", "{}"])
def test_every_paragraph_of_an_article_is_read(dress: str, frame: str) -> None:
    body = frame.format("<h1>Boats come back</h1>" + "".join(dress.format(line) for line in PARAGRAPHS))
    page = f"<html><body><nav><a href='/'>Home</a><p>Acme had revenue of $9 billion.</p></nav>{body}<footer><p>Acme, $1.</p></footer></body></html>"
    assert read_page(page).text.split("\n") == ["Boats come back", *PARAGRAPHS]


def test_much_that_was_left_out_is_told() -> None:
    comment = "<div class='comment'><p>Acme will have revenue of $9 billion in 2026, mark my words, said somebody here.</p></div>"
    page = f"<article>{''.join(f'<p>{line}</p>' for line in PARAGRAPHS)}</article><div id='comments'><h2>Comments</h2>{comment * 40}</div>"
    found = read_page(page)
    assert found.text.split("\n") == PARAGRAPHS
    assert [loss[1] for loss in found.losses] == ["left_out"]


# -- what a page says of itself ----------------------------------------------------------------------


def head(inner: str, body: str = "<p>Acme.</p>") -> Page:
    return read_page(f"<html><head>{inner}</head><body>{body}</body></html>")


def json_ld(**values: object) -> str:
    return f"<script type='application/ld+json'>{json.dumps({'@type': 'NewsArticle', **values})}</script>"


DAYS = [
    ("<meta property='article:published_time' content='2025-08-05T23:30:00-05:00'>", "", ["2025-08-05"]),
    ("<meta name='date' content='2025-08-05'><meta name='pubdate' content='20250804'>", "", ["2025-08-04"]),
    ("<meta itemprop='datePublished' content='Tue, 05 Aug 2025 07:30:00 +0100'>", "", ["2025-08-05"]),
    (json_ld(datePublished="2025-08-05"), "", ["2025-08-05"]),
    (json_ld(datePublished="2025-08-05") + json_ld(datePublished="2024-01-01"), "", ["2025-08-05"]),
    (json_ld(datePublished="2025-08-05") + "<meta name='pubdate' content='2025-05-01'>", "", ["2025-05-01", "2025-08-05"]),
    (json_ld(dateModified="2025-08-05"), "", []),
    ("<meta property='article:modified_time' content='2025-08-05'>", "", []),
    ("<meta name='date' content='2025-13-45'><meta name='dc.date' content='today'>", "", []),
    ("", "<h1>Boats</h1><time datetime='2025-08-05'>Tuesday</time>", ["2025-08-05"]),
    ("", "<nav><time datetime='2024-08-05'></time></nav><h1>Boats</h1><aside><time datetime='2023-08-05'></time></aside>", []),
    ("", "<p>x</p><time itemprop='datePublished' datetime='2025-08-05'></time>", ["2025-08-05"]),
    ("<script type='application/ld+json'>{broken</script>", "", []),
    ("<script type='application/ld+json'>" + "[" * 90_000 + "</script>", "", []),
]  # fmt: skip


@pytest.mark.parametrize(("inner", "body", "days"), DAYS)
def test_days_of_a_page(inner: str, body: str, days: list[str]) -> None:
    assert [str(day) for day in head(inner, body).head.days] == days


def test_title_language_publisher_and_address() -> None:
    page = head(
        "<title>Boats - The Post</title><meta property='og:site_name' content='The\x07 Post'><meta property='og:locale' content='pt_BR'>"
        "<link rel='canonical' href='https://post.example/boats'><meta property='og:url' content='https://post.example/other'>"
    ).head
    assert (page.title, page.language, page.publisher) == ("Boats - The Post", "pt", "The Post")
    assert page.address == "https://post.example/boats"
    titled = head("<title>Boats come back - The Post</title>", "<h1>Boats come back</h1><p>They do.</p>")
    assert (titled.head.title, titled.text) == ("Boats come back", "Boats come back\nThey do.")
    saved = read_page("<!-- saved from url=(0026)https://post.example/boats -->\n<html><p>Acme.</p></html>")
    assert saved.head.address == "https://post.example/boats"


ADDRESSES = [
    ("https://www.post.example/boats/?utm_source=x#top", "//post.example/boats"),
    ("http://post.example/boats", "//post.example/boats"),
    ("https://post.example/a?id=5&fbclid=9", "//post.example/a?id=5"),
    ("https://post.example/", None),
    ("https://post.example", None),
    ("/boats", None),
    ("javascript:alert(1)", None),
    ("https://[broken/boats", None),
    ("", None),
]


@pytest.mark.parametrize(("address", "compared"), ADDRESSES)
def test_addresses(address: str, compared: str | None) -> None:
    assert comparable_address(address) == compared


def test_a_claimed_language_is_not_believed_against_the_words(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    for claimed, text, language in [
        ("en", "Pendapatan syarikat itu meningkat kepada RM5 juta pada suku kedua tahun ini.", None),
        ("ms", "Pendapatan syarikat itu meningkat kepada RM5 juta pada suku kedua tahun ini.", "ms"),
        ("en", "売上高は5億円だった。", None),
        ("ja", "売上高5億円", "ja"),
        ("xx", "Revenue rose to $5 million in the quarter.", None),
    ]:
        path.write_text(f"<html lang='{claimed}'><p>{text}</p></html>")
        assert read_document(path).language == language


# -- encodings ---------------------------------------------------------------------------------------

ENCODED = [
    ("utf-8", "", "Société 5 M€"), ("utf-8-sig", "", "Société 5 M€"), ("utf-16", "", "Société 5 M€"),
    ("iso-8859-1", "<meta charset=iso-8859-1>", "Société 5"), ("cp1252", "<meta charset='ISO-8859-1'>", "Société 5 M€ “x”"),
    ("gb18030", "<meta http-equiv=Content-Type content='text/html; charset=gb2312'>", "营业收入5亿元，镕"),
    ("cp932", "<meta charset=Shift_JIS>", "売上高①5億円"), ("euc-jp", "<meta charset=EUC-JP>", "売上高5億円"),
    ("cp949", "<meta charset=euc-kr>", "매출 5억원 똠"), ("big5hkscs", "<meta charset=big5>", "營業收入5億元"),
    ("cp1256", "<meta charset=windows-1256>", "الإيرادات 5"), ("cp1258", "<meta charset=windows-1258>", "Doanh thu 5"),
    ("utf-8", "<meta charset=windows-1252>", "Doanh thu đạt 5 tỷ đồng \u0101\u0110"), ("utf-8", "<meta charset=rot13>", "Société"),
    ("utf-8", "<meta charset=utf-16>", "Société"), ("utf-8", "<?xml version='1.0' encoding='UTF-8'?>", "Société"),
]  # fmt: skip


@pytest.mark.parametrize(("encoding", "declared", "text"), ENCODED)
def test_encodings(tmp_path: Path, encoding: str, declared: str, text: str) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(f"{declared}<p>{text}</p>".encode(encoding))
    if (encoding, "1252" in declared) == ("utf-8", True):
        path.write_bytes(f"{declared}<p>{text}</p>".encode())  # has bytes that windows-1252 has no letter for
    assert read_document(path).text == text


@pytest.mark.parametrize("declared", ["", "<meta charset=utf-8>", "<meta charset=shift_jis>"])
def test_bytes_that_are_no_letters_are_refused(tmp_path: Path, declared: str) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(declared.encode() + b"\n<p>Acme\xff\xe9</p>")
    with pytest.raises(InputError, match=r"page\.html:2: byte 0x(ff|e9) is not"):
        read_document(path)


# -- hostile pages -----------------------------------------------------------------------------------

LINE = "<p>Acme's revenue was $5 million in the second quarter of 2025, it said.</p>"
#: Pages that are large or nested, and what of them is told. Each took seconds or minutes in one reader or another.
HOSTILE = {
    "open comments": ("<!--" * 40_000, []),
    "open comments behind a text": (LINE + "<!--" * 40_000, []),
    "many comments": ("<!-- -->" * 20_000 + LINE, []),
    "deep": ("<div>" * 5_000 + LINE, ["nesting"]),
    "deep and closed": (LINE + "<div>" * 5_000 + "</div>" * 5_000 + LINE, ["nesting"]),
    "deep inline": ("<p>" + "<b>" * 5_000 + "x", ["nesting"]),
    "deep tables": ("<table><tr><td>" * 5_000 + "x", ["nesting"]),
    "deep lists": ("<ul><li>x" * 900 + LINE, []),
    "attributes": (LINE + "<a " + " ".join(f"b{n}=1" for n in range(30_000)) + ">x</a>" + LINE, []),
    "attributes by slashes": (LINE + "<a " + "/".join(f"b{n}" for n in range(30_000)) + ">x</a>", []),
    "an image in the page": (LINE + f"<img src='data:image/png;base64,{'A' * 200_000}'>" + LINE, []),
    "open tags": ("<a" * 40_000, []),
    "signs": ("<" * 40_000 + "&" * 40_000 + LINE, []),
    "blanks": ("<p>a" + " \n" * 40_000 + "b</p>", []),
    "letters of the marks": (LINE + "<p>\U00012000\U00012001 \U00012000</p>", []),
    "nothing": ("", []),
    "nulls": (LINE.replace("$5", "$\0005"), []),
    "half letters": (LINE + "\udc80", []),
    "structured data": (f"<script type='application/ld+json'>[{'{},' * 20_000}1]</script>" + LINE, []),
    "rows": ("<table>" + "<tr><td>Revenue</td><td>5</td></tr>" * 3_000 + "</table>", []),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages(name: str) -> None:
    page, losses = HOSTILE[name]
    found = read_page(page)
    assert [code for _, code, _, _ in found.losses if code != "whole_page"] == losses
    if page.endswith(LINE) and not losses:
        assert "Acme's revenue was $5 million in the second quarter of 2025, it said." in found.text


def test_a_page_too_large_to_judge_is_read_whole_and_told() -> None:
    found = read_page(f"<article>{LINE * 21_000}</article>")
    assert found.text.count("\n") == 20_999
    assert [code for _, code, _, _ in found.losses] == ["whole_page"]


@pytest.mark.parametrize(
    ("name", "size", "told"),
    [("a.html", 17_000_000, "16 MB"), ("a.txt", 17_000_000, "16 MB"), ("b.html", 4_000_000, "tags")],
)
def test_what_would_take_all_memory_is_refused(tmp_path: Path, name: str, size: int, told: str) -> None:
    path = tmp_path / name
    path.write_bytes((b"<p>a" if told == "tags" else b"abcd") * (size // 4))
    with pytest.raises(InputError, match=told):
        read_document(path)


def test_the_day_of_a_picture_is_not_that_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    story = "".join(f"<p>{line}</p>" for line in PARAGRAPHS)
    figure = "<figure><figcaption>Leeds, 3 March 2019</figcaption></figure>"
    meta = "<meta property='article:published_time' content='2025-08-05'>"
    for inner, day, basis in [(meta, "2025-08-05", "metadata"), ("", "None", None)]:
        path.write_text(f"<head>{inner}</head><h1>Boats come back</h1>{figure}<div>{story}</div>")
        document = read_document(path)
        found = find_publication(document.text, hints=document.hints)
        assert (str(found.day), found.basis) == (day, basis)


@pytest.mark.parametrize("seed", range(4))
def test_noise(seed: int) -> None:
    source = random.Random(seed)
    pieces = ["<div>", "</div>", "<p", ">", "<table><tr><td>", "</td>", "<sup>", "</sup>", "1", "$", "a ", "<a href='", "'", "<!--", "-->", "&#x0;", "&#xD800;", "<br>", "<style>", "</style>", "<pre>", "\x00", "語\n", "<h1>", "<nav>", "<svg>", "</p>"]  # fmt: skip
    for _ in range(60):
        page = "".join(source.choices(pieces, k=source.randrange(1, 80)))
        found = read_page(page)
        assert "\v" not in found.text
        assert all(line == line.strip() and line for line in found.text.split("\n") if found.text)


# -- in the warehouse --------------------------------------------------------------------------------


def _store_page(folder: Path) -> None:
    project = small_project(folder)
    story = "".join(f"<p>{line}</p>" for line in PARAGRAPHS).replace(
        "$64.5 million", "<b>$64</b>.5 <a href='/m'>million</a>"
    )
    page = (
        "<html lang='en'><head><meta property='og:site_name' content='The Post'><link rel='canonical' href='https://post.example/boats'>"
        "<meta property='article:published_time' content='2025-08-05T08:00:00Z'><title>Boats come back | The Post</title></head>"
        f"<body><nav><p>Acme had revenue of $9 billion in 2024.</p></nav><article><h1>Boats come back</h1>{story}</article></body></html>"
    )
    (folder / "page.html").write_text(page)
    ingest(project, [project.seeds, folder / "page.html"])


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return load_project(made_once(tmp_path_factory, "page", _store_page))


def test_a_stored_page_keeps_what_it_says_of_itself(stored: Project) -> None:
    with Warehouse(stored.warehouse) as warehouse:
        source = "select title, publisher, language, url, published_basis, cast(published_at as date) from source where origin = 'article'"
        assert warehouse.sql(source).fetchall() == [
            ("Boats come back", "The Post", "en", "https://post.example/boats", "metadata", date(2025, 8, 5))
        ]
        facts = warehouse.sql(
            "select quote, span_start, span_end from fact_known where method = 'extracted'"
        ).fetchall()
    text = read_document(stored.root / "page.html").text
    assert {quote for quote, _, _ in facts} >= {"$64.5 million", "18%", "$7.2 million"}
    assert "$9 billion" not in {quote for quote, _, _ in facts}
    assert all(text[start:end] == quote for quote, start, end in facts)


def test_extract_reads_a_page_as_ingest_does(stored: Project) -> None:
    done = tracker(stored, "extract", str(stored.root / "page.html"))
    assert b"published 2025-08-05, by the page" in done.stderr
    spans = {json.loads(line)["span"] for line in done.stdout.splitlines() if json.loads(line)["list"] == "facts"}
    assert "$64.5 million" in spans
