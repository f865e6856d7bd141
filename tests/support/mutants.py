"""Documents of filings, damaged on purpose: each way changes what one part of a document means, or breaks it."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    Way = Callable[[str, random.Random], str]

#: An attribute, and the values that it may get.
_VALUES: Final = {
    "scale": ("-30", "-2", "0", "3", "6", "9", "12", "30", "31", "x", "", " 6 ", "+6", "06", "6.0", "1e3"),
    "decimals": ("INF", "inf", "-9", "-3", "0", "2", "40", "41", "-99", "0.5", "", " -3 ", "1e2"),
    "sign": ("-", "+", "--", "", " - ", "\u2212"),
    "format": (
        "ixt:num-dot-decimal", "ixt:num-comma-decimal", "ixt:fixed-zero", "ixt:zerodash", "ixt:numdotdecimal",
        "ixt:numcommadecimal", "ixt:num-unit-decimal", "ixt-sec:numwordsen", "ixt-sec:num-dot-decimal", "ixt:numwordsen",
        "ixt:nothing", "num-dot-decimal", "none:num-dot-decimal", "", "ixt:fixed-empty", "ixt-sec:durwordsen",
    ),
    "contextRef": ("y", "e", "s", "nowhere", "", " y", "usd"),
    "unitRef": ("usd", "shares", "pure", "each", "nothing", "", "y"),
    "target": ("other", ""),
    "xsi:nil": ("true", "false", "1", "TRUE"),
    "precision": ("3", "INF", "0", "x"),
    "xmlns:us-gaap": ("http://fasb.org/us-gaap/2023", "http://www.acme.example/20241231", "urn:x", ""),
    "xmlns:ixt": ("http://www.xbrl.org/inlineXBRL/transformation/2011-07-31", "urn:x"),
    "xmlns:iso4217": ("http://www.acme.example/20241231", "http://www.xbrl.org/2003/instance"),
}  # fmt: skip
_DAYS: Final = (
    "2024-02-30", "2024-12-31T00:00:00", "2025-01-01T24:00:00", "2024-06-15T12:00:00", "0001-01-01", "9999-12-31",
    "2023-12-31", "2025-12-31", "2024-12-31Z", "2024-12-31+14:00", "31.12.2024", "", "-2024-12-31", "12024-01-01",
)  # fmt: skip
_COMPANIES: Final = (
    "9",
    "0000000010",
    "00000000000009",
    "",
    "ACME",
    "529900T8BM49AURSDO55",
    " 0000000009 ",
    "0000000009 1",
)
_SCHEMES: Final = (
    "http://www.sec.gov/CIK",
    "http://standards.iso.org/iso/17442",
    "urn:x",
    "",
    "http://www.sec.gov/cik/",
)
_FACT: Final = re.compile(r"<ix:nonFraction [^>]*>[^<>]*</ix:nonFraction>")
_TAG: Final = re.compile(r"<ix:nonFraction |<us-gaap:\w+ ")
_DIGITS: Final = ("9" * 40, "1" + "0" * 23, "0." + "0" * 30 + "1", "1,2,3", "1.2.3", "(5)", "-5", "1 234", "5%", "\u0665", "1e5", "", "\u2014", "five")  # fmt: skip


def _replace_one(pattern: str, text: str, chance: random.Random, make: Callable[[re.Match[str]], str]) -> str:
    """Replace one of the matches of a pattern, by chance."""
    found = list(re.finditer(pattern, text))
    if not found:
        return text
    one = chance.choice(found)
    return text[: one.start()] + make(one) + text[one.end() :]


def _change_attribute(name: str) -> Way:
    """Return the way that changes an attribute of a number, or adds it."""

    def change(text: str, chance: random.Random) -> str:
        value = chance.choice(_VALUES[name])
        if f' {name}="' in text and chance.random() < 0.8:
            return _replace_one(rf' {name}="[^"]*"', text, chance, lambda _: f' {name}="{value}"')
        return _replace_one(_TAG.pattern, text, chance, lambda tag: f'{tag[0]}{name}="{value}" ')

    return change


def _change_text(pattern: str, values: tuple[str, ...]) -> Way:
    """Return the way that puts another text in place of the second group of a pattern."""

    def change(text: str, chance: random.Random) -> str:
        return _replace_one(pattern, text, chance, lambda found: f"{found[1]}{chance.choice(values)}{found[3]}")

    return change


def _nest(text: str, chance: random.Random) -> str:
    """Put a tag around a number, or into it."""
    outer = chance.choice((
        '<ix:nonFraction name="us-gaap:Outer" contextRef="y" unitRef="usd" decimals="-6" scale="3" format="ixt:num-dot-decimal">%s</ix:nonFraction>',
        '<ix:nonNumeric name="us-gaap:Note" contextRef="y">%s</ix:nonNumeric>',
        '<ix:fraction name="us-gaap:Rate" contextRef="y" unitRef="pure"><ix:numerator>%s</ix:numerator><ix:denominator>4</ix:denominator></ix:fraction>',
        "<ix:continuation id='k'>%s</ix:continuation>", "<ix:exclude>%s</ix:exclude>", "<ix:tuple name='us-gaap:T'>%s</ix:tuple>",
        "<ix:hidden>%s</ix:hidden>", "<script>%s</script>", "<xbrli:unit id='usd'>%s</xbrli:unit>", "<!-- %s -->", "<![CDATA[%s]]>",
        "<ix:relationship>%s</ix:relationship>", "<svg xmlns='http://www.w3.org/2000/svg'>%s</svg>", "<div style='display:none'>%s</div>",
    ))  # fmt: skip
    return _replace_one(_FACT.pattern, text, chance, lambda found: outer % found[0])


def _split_number(text: str, chance: random.Random) -> str:
    """Put something between the digits of a number."""
    middle = chance.choice(("<b/>", "<br/>", "<p>7</p>", "<!-- 8 -->", "<ix:exclude>9</ix:exclude>", "<?x 5?>", "<td>1</td>", "<script>4</script>", "&#160;", "<head>3</head>", "\u200b"))  # fmt: skip
    return _replace_one(
        r"(<ix:nonFraction [^>]*>\d)(\d*[,.]?)(\d*</ix:nonFraction>)",
        text,
        chance,
        lambda f: f[1] + middle + f[2] + f[3],
    )


def _cut(text: str, chance: random.Random) -> str:
    return text[: chance.randrange(len(text))]


def _share_id(text: str, chance: random.Random) -> str:
    """Give an element the id of another one."""
    ids = re.findall(r' id="([^"]*)"', text)
    return _replace_one(r' id="[^"]*"', text, chance, lambda _: f' id="{chance.choice(ids)}"') if ids else text


def _repeat_element(text: str, chance: random.Random) -> str:
    """Repeat a context, a unit or a number, with another digit in it."""
    pattern = chance.choice(
        (
            r"<xbrli:context .*?</xbrli:context>",
            r"<xbrli:unit .*?</xbrli:unit>",
            _FACT.pattern,
            r"<ix:header>.*?</ix:header>",
        )
    )
    return _replace_one(
        f"(?s){pattern}",
        text,
        chance,
        lambda f: f[0] + _replace_one(r"\d", f[0], chance, lambda _: str(chance.randrange(10))),
    )


def _swap_days(text: str, chance: random.Random) -> str:
    return _replace_one(
        r"<xbrli:(startDate|endDate|instant)>",
        text,
        chance,
        lambda _: f"<xbrli:{chance.choice(('startDate', 'endDate', 'instant'))}>",
    )


def _nest_deeply(text: str, chance: random.Random) -> str:
    count = chance.choice((50, 200, 300, 5000))
    return _replace_one(_FACT.pattern, text, chance, lambda f: "<span>" * count + f[0] + "</span>" * count)


def _declare_encoding(text: str, chance: random.Random) -> str:
    return text.replace(
        "encoding='UTF-8'",
        f"encoding='{chance.choice(('windows-1252', 'UTF-16', 'ASCII', 'utf-7', 'x', 'ISO-8859-15'))}'",
        1,
    )


def _turn_unit(text: str, chance: random.Random) -> str:
    new = chance.choice(
        ("iso4217:EUR", "iso4217:usd", "xbrli:shares", "xbrli:pure", "USD", "us-gaap:USD", "iso4217:XXX", "")
    )
    return _replace_one(r"<xbrli:measure>[^<]*", text, chance, lambda _: f"<xbrli:measure>{new}")


def _change_member(text: str, chance: random.Random) -> str:
    new = chance.choice(
        ("us-gaap:OtherMember", "acme:A;us-gaap:B=us-gaap:C", "", "nowhere:X", "RocketsMember", "us-gaap:A us-gaap:B")
    )
    return _replace_one(r"(<xbrldi:explicitMember [^>]*>)[^<]*", text, chance, lambda f: f[1] + new)


WAYS: Final[dict[str, Way]] = {
    **{name: _change_attribute(name) for name in _VALUES},
    "day": _change_text(r"(<xbrli:(?:startDate|endDate|instant)>)([^<]*)(<)", _DAYS),
    "company": _change_text(r"(<xbrli:identifier [^>]*>)([^<]*)(<)", _COMPANIES),
    "scheme": _change_text(r'(<xbrli:identifier scheme=")([^"]*)(")', _SCHEMES),
    "digits": _change_text(r"(<ix:nonFraction [^>]*>)([^<]*)(</)", _DIGITS),
    "nest": _nest, "split": _split_number, "cut": _cut, "share id": _share_id, "repeat": _repeat_element, "swap days": _swap_days,
    "deep": _nest_deeply, "encoding": _declare_encoding, "unit": _turn_unit, "member": _change_member,
}  # fmt: skip


def damage(text: str, chance: random.Random, way: str) -> str:
    """Damage a document in one way, and in up to two more ways by chance."""
    for name in (way, *chance.choices([*WAYS], k=chance.choice((0, 0, 1, 2)))):
        text = WAYS[name](text, chance) or "<"
    return text


def damage_packed(data: bytes, chance: random.Random) -> bytes:
    """Pack a document, and cut it, turn a bit of it, or add something behind it."""
    packed = bytearray(gzip.compress(data, 1))
    kind = chance.randrange(3)
    if kind == 0:
        return bytes(packed[: chance.randrange(len(packed))])
    if kind == 1:
        packed[chance.randrange(len(packed))] ^= 1 << chance.randrange(8)
        return bytes(packed)
    return bytes(packed) + chance.choice((b"\0\0", b"x", gzip.compress(b"<p/>")))
