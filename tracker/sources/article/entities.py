"""Companies in a sentence: known ones by their names in any script, unknown ones by their place and form."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from tracker.sources.article.lexicon import Phrases, literal, locale, split, vocabulary
from tracker.sources.article.model import Company
from tracker.sources.article.normalise import fold, normalise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["Mention", "companies_known", "find"]

THRESHOLD: Final = 2


@dataclass(frozen=True, slots=True)
class Mention:
    """A company as named at a place; `aside` says it is mentioned beside the subject, not as it."""

    name: str
    start: int
    end: int
    score: int
    aside: bool = False
    known: Company | None = None


@cache
def companies_known() -> tuple[Company, ...]:
    """The well-known companies of `companies.toml`."""
    table = tomllib.loads(files("tracker.sources.article").joinpath("companies.toml").read_text("utf-8"))
    return tuple(
        Company(name.replace("_", " "), split(entry["names"]), entry["currency"], entry["year_end"])
        for name, entry in table.items()
    )


@lru_cache(maxsize=8)
def _gazetteer(extra: tuple[Company, ...]) -> tuple[Phrases, dict[str, Company]]:
    """Every name of every company, by its first letter."""
    table: dict[str, Company] = {}
    for company in (*companies_known(), *extra):
        for name in (*company.names, company.entity):
            table[fold(normalise(name).text)] = company
    return literal(tuple(form for form in table if form)), table


def find(text: str, folded: str, start: int, end: int, code: str, extra: Sequence[Company], occupied: Sequence[tuple[int, int]]) -> list[Mention]:  # noqa: PLR0913 - a sentence and what is known of it
    """The companies a sentence names, from left to right; `occupied` are spans that are no names."""
    known = list(_known(text, folded, start, end, tuple(extra)))
    style = locale(code).style
    guesses = {"arabic": _arabic, "none": _asian, "korean": _korean}.get(style)
    unknown = list(_latin(text, folded, start, end, code, occupied))
    if guesses is not None:
        unknown += list(guesses(text, folded, start, end, code, occupied))
    taken = [(mention.start, mention.end) for mention in known]
    kept = [mention for mention in unknown if mention.score >= THRESHOLD and not any(mention.start < high and low < mention.end for low, high in taken)]
    return sorted((*known, *kept), key=lambda mention: mention.start)


def _known(text: str, folded: str, start: int, end: int, extra: tuple[Company, ...]) -> Iterator[Mention]:
    names, table = _gazetteer(extra)
    for mark in names.find(folded, start, end):
        company, begin = table[mark.label], mark.start
        if mark.label[0].isascii() and not text[begin].isupper() and not text[begin + 1 : begin + 2].isupper():
            continue
        if mark.label in ("meta", "vale") and re.match(r"[ -](?:ai|de|do|da)\b", folded[mark.end : mark.end + 4]):
            continue
        yield Mention(company.entity, begin, mark.end, 10, aside=_is_aside(folded, begin, start), known=company)


_ASIDE: Final = re.compile(r"(?:\b(?:with|than|unlike|versus|vs|against|like|competitor to|con|con la|como|que|mit|als|avec|que|rispetto a|dengan|seperti|với|so với|مثل)|より|と|와|과|보다)[ ]?\Z")


def _is_aside(folded: str, begin: int, start: int) -> bool:
    return _ASIDE.search(folded[max(start, begin - 14) : begin]) is not None


# Scripts with capitals ------------------------------------------------------------------------------------------

_TOKEN: Final = re.compile(r"[^\W_][^\W_]*(?:[&'.\-][^\W_]+)*", re.UNICODE)
_ROMAN: Final = re.compile(r"[IVX]{1,4}")
_GLUE: Final = re.compile(r" | (?:&|de|del|do|da|di|du|of) | & ")
_GERMAN_NOUN: Final = re.compile(r"(?:ung|ungen|heit|keit|schaft|tion|tionen|ment|kosten|zahl|zahlen|preise?|markt|jahr|quartal|geschäft|gewinn|umsatz|ausgaben|prognose|verlust|ergebnis|chef|kunden|nachfrage|dienste|branche|erlöse|quote|marge|ziele?|werte?|ierung|nis|tum|ling)\Z")


@cache
def _names(code: str) -> dict[str, frozenset[str]]:
    own = locale(code)
    return {key: frozenset(fold(normalise(word).text) for word in own.words("names", key)) for key in ("descriptors", "legal", "cues", "titles", "not_names")}


#: Languages that write common nouns small: a capital inside a name continues it, whatever the word means.
_PLAIN_NOUNS: Final = frozenset({"vi", "ms", "id", "es", "it", "pt", "fr"})


def _capital(token: str) -> bool:
    return token[:1].isupper() and not token.isupper() and len(token) > 1


def _is_name(token: str, code: str) -> bool:
    """Whether a token could be part of a name by its form alone."""
    if not any(char.isupper() for char in token[:2]) or (len(token) == 1 and not token.isupper()):
        return False
    low = fold(token)
    if _ROMAN.fullmatch(token):
        return False
    names = _names(code)
    if low in names["not_names"] or low.removesuffix("'s") in names["not_names"]:
        return False
    return not (code == "de" and (_GERMAN_NOUN.search(low) or low in vocabulary(code)) and token != token.upper())


def _latin(text: str, folded: str, start: int, end: int, code: str, occupied: Sequence[tuple[int, int]]) -> Iterator[Mention]:
    found_all = (found for found in _TOKEN.finditer(text, start, end) if found[0][0] < "\u0600" or "\u1dff" < found[0][0] < "\u2000")
    tokens = [(found[0], found.start(), found.end()) for found in found_all][:300]
    tokens = [token for token in tokens if not any(token[1] < high and low < token[2] for low, high in occupied)]
    first = tokens[0][1] if tokens else -1
    index = 0
    while index < len(tokens):
        run = _run(tokens, index, text, code, first)
        if not run:
            index += 1
            continue
        mention = _scored(run, text, folded, (start, end), code, first=first)
        if mention is not None and mention.score >= THRESHOLD:
            yield mention
        index += len(run)


_Token = tuple[str, int, int]


def _run(tokens: list[_Token], index: int, text: str, code: str, first: int) -> list[_Token]:
    """Neighbouring tokens that make one name."""
    run: list[_Token] = []
    legal = _names(code)["legal"]
    while index < len(tokens):
        token = tokens[index]
        if run and not _GLUE.fullmatch(text[run[-1][2] : token[1]]):
            if text[run[-1][2] : token[1]] == " " or not _glued(tokens, index, text, run):
                break
            index += 1
            token = tokens[index]
        if run and fold(token[0]) in legal:
            run.append(token)
            break
        if not (_is_name(token[0], code) or (run and code in _PLAIN_NOUNS and _capital(token[0]))) or (token[1] == first and fold(token[0]) in vocabulary(code) and code != "de"):
            break
        if code == "de" and token[1] == first and fold(token[0]) in vocabulary(code):
            break
        run.append(token)
        index += 1
    return run


def _glued(tokens: list[_Token], index: int, text: str, run: list[_Token]) -> bool:
    """Whether a small word (de, del, do, of) binds this token to the next one of a name."""
    del tokens, index, text, run
    return False


def _scored(run: list[_Token], text: str, folded: str, bounds: tuple[int, int], code: str, *, first: int) -> Mention | None:
    begin, finish = run[0][1], run[-1][2]
    name = text[begin:finish]
    if name.endswith(("'s", "’s")):
        name, finish = name[:-2], finish - 2
    elided = re.match(r"(?:l|d|dell|nell|all|dall|sull)'(?=[^\W\d_])", name, re.IGNORECASE)
    if elided and len(run) >= 1 and code in ("fr", "it"):
        begin += elided.end()
        name = name[elided.end() :]
    if not name or fold(name) in _names(code)["not_names"]:
        return None
    score = _form(run, name, code, first) + _place(folded, begin, finish, bounds, code, first)
    aside = _is_aside(folded, begin, bounds[0])
    return Mention(name, begin, finish, score, aside=aside or _is_place(folded, begin, bounds[0]))


def _is_place(folded: str, begin: int, start: int) -> bool:
    return re.search(r"(?:\b(?:in|based in|en|à|near)|[a-z] of) \Z", folded[max(start, begin - 12) : begin]) is not None and not re.search(
        r"(?:sales|revenues?|profits?|earnings|income|expenditures?|costs|shares|maker|unit|parent|owner) of \Z", folded[max(start, begin - 22) : begin]
    )


def _form(run: list[_Token], name: str, code: str, first: int) -> int:
    score = 3 if len(run) > 1 else 0
    if fold(run[-1][0]) in _names(code)["legal"] and len(run) > 1:
        score += 5
    if len(run) == 1 and (sum(char.isupper() for char in name) > 1 or any(char.isdigit() for char in name)):
        score += 2
    if code != "de" and (run[0][1] != first or len(run) == 1):
        score += 2
    if code == "de" and run[0][1] == first:
        score += 2
    return score


_GERMAN_BEFORE: Final = frozenset("""die das der den dem ein eine einen einem einer des am im zum zur pro und oder von bei mit für in an auf aus
nach über unter gegen ohne durch bis vor seinen ihren seine ihre sein ihr mehr weniger rund etwa knapp millionen milliarden ersten zweiten dritten vierten
operativen freien netto gesamten""".split())


def _lower(word: str) -> bool:
    return bool(word) and word[0].islower()


def _place(folded: str, begin: int, finish: int, bounds: tuple[int, int], code: str, first: int) -> int:
    """What stands before and after a name speaks for a company or for a person."""
    names = _names(code)
    words = re.findall(r"[^\W\d_][\w\-]*", folded[max(bounds[0], begin - 40) : begin])[-2:]
    following = re.findall(r"[^\W\d_][\w\-]*", folded[finish : min(bounds[1], finish + 30)])[:2]
    score = 0
    if words and words[-1] in names["descriptors"]:
        score += 3
    if words and words[-1] in names["cues"] | {"d", "l", "dell"}:
        score += 2
    if folded[finish : finish + 2] == "'s":
        score += 3
    if words and words[-1] in names["titles"]:
        score -= 6
    if following and following[0] in names["titles"]:
        score -= 6 if folded[finish : finish + 1] in (",", "(") else 0
    if code == "de" and words and words[-1] in ("die", "das", "der", "den", "dem", "ein", "eine", "einen", "einem", "des", "am", "im", "zum", "zur", "pro", "und"):
        score -= 1
    if code == "de" and words and begin != first and words[-1] not in _GERMAN_BEFORE and folded[begin - 1 : begin] == " ":
        score += 2 if _lower(text_before := words[-1]) and re.search(r"(?:t|te|ten|en|hat|will|ist|war)\Z", text_before) else 0
    if begin == first and following and following[0] in names["descriptors"] and code in ("en", "de"):
        score -= 3
    return score


# Arabic ----------------------------------------------------------------------------------------------------------

_ARABIC_TOKEN: Final = re.compile(r"[\u0620-\u06ff]+")


def _arabic(text: str, folded: str, start: int, end: int, code: str, occupied: Sequence[tuple[int, int]]) -> Iterator[Mention]:
    names, words = _names(code), vocabulary(code)
    tokens = [(found[0], found.start(), found.end()) for found in _ARABIC_TOKEN.finditer(folded, start, end)][:300]

    def stops(token: _Token) -> bool:
        low = token[0]
        bare = re.sub(r"\A(?:و|ف)?(?:ال|لل|ب|ل|ك)?", "", low)
        if low in names["not_names"] or low in names["descriptors"] or low in words or len(low) < 2:  # noqa: PLR2004 - a letter is no word
            return True
        if (low[0] in "بو" and (low[1:] in words or low[1:] in names["not_names"])) or bare in words and not low.startswith("ال"):
            return True
        return any(token[1] < high and low_ < token[2] for low_, high in occupied)

    for index, token in enumerate(tokens):
        cue = token[0] in names["cues"] | names["descriptors"] or token[0].lstrip("ولب") in names["cues"]
        after = index == 0 or any(high <= token[1] <= high + 1 for _, high in occupied)
        if not cue and not (after and not stops(token)):
            continue
        run = _arabic_run(tokens, index + 1 if cue else index, folded, stops)
        if run:
            keep = cue and token[0] in ("بنك", "مصرف", "لبنك", "لمصرف")
            begin = token[2] - 3 if keep and token[0].endswith("بنك") else run[0][1]
            yield Mention(text[begin : run[-1][2]], begin, run[-1][2], 6 if cue else 2)


def _arabic_run(tokens: list[_Token], index: int, folded: str, stops: object) -> list[_Token]:
    run: list[_Token] = []
    while index < len(tokens) and len(run) < 3 and not stops(tokens[index]):  # type: ignore[operator]  # noqa: PLR2004 - names are short
        if run and folded[run[-1][2] : tokens[index][1]] != " ":
            break
        run.append(tokens[index])
        index += 1
    return run


# Chinese and Japanese --------------------------------------------------------------------------------------------

_CHUNK: Final = re.compile(r"[\u3005\u3040-\u30ff\u3400-\u9fffA-Za-z&・·ー\-]{2,}")
_CUT: Final = {
    "ja": re.compile(r"の|は(?!ま)|が|も(?=[\d第売営純前同])|を|に(?=よ|つ|お)|では|による"),
    "zh": re.compile(r"的|在|于|於|将|將|为|為|是|把|今日|昨日|日前|公布|发布|發布|宣布|宣佈|披露|表示|透露|称|稱|录得|錄得|实现|實現|报告|報告|指出|公告|发表|财报|財報|年报|季报|业绩|業績|母公司|旗下|和|与|與|单季|單季|合并|的|单日|第(?=[一二三四1-4])|首席|股东|创始人|上调|下调|上調|下調|計劃|计划|及其|也|已|则|則|共|从|從|由|中(?=[，,])|凭借|竞争对手|競爭對手|而|其"),
}


def _asian(text: str, folded: str, start: int, end: int, code: str, occupied: Sequence[tuple[int, int]]) -> Iterator[Mention]:
    """What is left of a clause's beginning when everything understood is taken away."""
    stop = _names(code)["not_names"]
    position = start
    spans = sorted(occupied)
    leading = True
    for found in _CHUNK.finditer(folded, start, end):
        for low, high in _pieces(folded, found.start(), found.end(), spans, code):
            low, high = _bare(folded, low, high, code)  # noqa: PLW2901 - the piece without its descriptor
            name = text[low:high]
            if not 2 <= high - low <= 14 or name in stop or fold(name) in stop or not _plausible(name, code):  # noqa: PLR2004 - names are short
                continue
            clause = folded[position:low]
            leading = leading or any(sign in clause for sign in "；;。")
            yield Mention(name, low, high, 4 if leading else 1)
            leading = False
            position = high
            break


def _pieces(folded: str, start: int, end: int, spans: list[tuple[int, int]], code: str) -> Iterator[tuple[int, int]]:
    """The parts of a chunk between occupied spans and particles."""
    cuts = [(low, high) for low, high in spans if low < end and start < high]
    cuts += [(found.start(), found.end()) for found in _CUT[code].finditer(folded, start, end)]
    position = start
    for low, high in sorted(cuts):
        if low > position:
            yield position, low
        position = max(position, high)
    if position < end:
        yield position, end


def _bare(folded: str, low: int, high: int, code: str) -> tuple[int, int]:
    """A piece without the words that describe a company before its name."""
    for word in sorted(_names(code)["descriptors"], key=len, reverse=True):
        place = folded.rfind(word.removesuffix("の"), low, high)
        if place >= 0 and place + len(word.removesuffix("の")) < high and code == "zh" and place > low:
            low = place + len(word)
    return low, high


def _plausible(name: str, code: str) -> bool:
    if code == "ja":
        return not re.fullmatch(r"[\u3040-\u309f]{1,3}", name) and not name.endswith(("大手", "メーカー", "企業", "各社", "会社", "最大手", "中堅", "首位", "ライバル", "競合"))
    return not name.endswith(("巨头", "巨頭", "公司", "厂商", "企业", "市场", "分析师", "方面"))


# Korean ----------------------------------------------------------------------------------------------------------

_KOREAN: Final = re.compile(r"[A-Za-z]*[\uac00-\ud7a3][\uac00-\ud7a3A-Za-z0-9&]*")
_PARTICLE: Final = re.compile(r"(?:에서는|에서도|에서|에게|으로|은|는|이|가|의|도|을|를|와|과|측은|측이)\Z")


def _korean(text: str, folded: str, start: int, end: int, code: str, occupied: Sequence[tuple[int, int]]) -> Iterator[Mention]:
    stop, words = _names(code)["not_names"], vocabulary(code)
    leading = True
    previous: Mention | None = None
    for found in list(_KOREAN.finditer(folded, start, end))[:200]:
        token = found[0]
        bare = _PARTICLE.sub("", token) if len(token) > 2 else token  # noqa: PLR2004 - a name has two syllables
        particle = bare != token
        high = found.start() + len(bare)
        if bare in stop or bare in words or len(bare) < 2 or any(low == found.start() or (low < high and found.start() < top and low <= found.start()) for low, top in occupied):  # noqa: PLR2004 - as above
            previous = None
            continue
        described = previous is not None and previous.end + 1 == found.start()
        mention = Mention(text[found.start() : high], found.start(), high, (4 if leading else 1) + (1 if particle and leading else 0))
        if described and previous is not None and previous.score >= 4:  # noqa: PLR2004 - the clause began with it
            mention = replace(mention, score=previous.score)
        if particle:
            yield mention
            leading = False
            previous = None
        else:
            previous = mention
            if not leading:
                continue
