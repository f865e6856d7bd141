# a sentence is handed on as its parts; signs of other scripts are meant as they stand
# ruff: noqa: RUF001
"""Which metric a number belongs to: topics of a sentence, what blocks them, and the attachment of numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from tracker.model.metric import metric_names, metric_phrases, metrics_of_measure, metrics_of_sign
from tracker.sources.article.find.operating import mark_operating
from tracker.sources.article.text.lexicon import (
    Locale,
    PhraseMatch,
    Phrases,
    compile_table,
    either,
    every,
    locale,
    split,
    vocabulary,
)
from tracker.sources.article.text.normalise import fold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


__all__ = [
    "COUNTED",
    "LOSSES",
    "METRIC_OF",
    "SIGNED",
    "SPENT",
    "Topic",
    "find_results",
    "find_topics",
    "name_behind_company",
    "read_as_labels",
]

#: Topics that are a metric under another name, or with the other sign: label -> metric and sign.
_OTHER_LABELS: Final = {
    "net_loss": ("net_income", -1),
    "profit": ("net_income", 1),
    "loss": ("net_income", -1),
    "operating_loss": ("operating_income", -1),
    "spend": ("capex", 1),
    "eps": ("eps", 1),
    "loss_per_share": ("eps", -1),
}
#: Topic label -> metric and sign; topics that are none of these only keep numbers from being facts.
METRIC_OF: Final = {metric: (metric, 1) for metric in metric_names()} | _OTHER_LABELS
#: Metrics that can be below zero; those that are spent, which cash flow statements print as if they were; the others
#: are never.
SIGNED: Final = metrics_of_sign("either") | {"eps"}
SPENT: Final = metrics_of_sign("spent")
COUNTED: Final = metrics_of_measure("count")
#: Topics that are a profit or a loss.
_RESULTS: Final = frozenset(
    label for label, (metric, _) in METRIC_OF.items() if metric in {"net_income", "operating_income", "eps"}
)
#: Topics that are a loss; and what a profit or a loss per share is.
LOSSES: Final = frozenset({"loss", "loss_per_share", "net_loss", "operating_loss"})
_SHARED: Final = {"profit": "eps", "net_income": "eps", "loss": "loss_per_share", "net_loss": "loss_per_share"}
_LOSS_OF: Final = {"operating_income": "operating_loss", "eps": "loss_per_share"}
_WORD: Final = re.compile(r"[^\W\d_]+")
_PER_SHARE: Final = frozenset({"eps", "loss_per_share"})
_ASIDE: Final = 16  # letters of a bracket that holds a loss
_LABEL: Final = 60  # letters between a profit and "per share"
_BROKEN: Final = re.compile(r"[,;.:\n]")


@dataclass(frozen=True, slots=True)
class Topic:
    """Something a sentence gives figures of; `blocked` names why figures of it are no facts."""

    label: str
    start: int
    end: int
    blocked: str | None = None

    @property
    def metric(self) -> str | None:
        """Return the metric it is, where it is one of ours and nothing blocks it."""
        return None if self.blocked or self.label not in METRIC_OF else METRIC_OF[self.label][0]


@cache
def _topic_phrases(code: str) -> tuple[Phrases, Phrases]:
    own = locale(code)
    metrics = {label: phrases for label, phrases in own.table("metrics").items() if label != "spend_object"}
    metrics |= {label: phrases for label, phrases in metric_phrases(code).items() if label not in metrics}
    others = {f"-{label}": phrases for label, phrases in own.table("other_topics").items()}
    return compile_table(_add_ending(metrics, own), own.style), compile_table(_add_ending(others, own), own.style)


def _add_ending(table: dict[str, str], own: Locale) -> dict[str, str]:
    """Return the table with the ending a language's nouns may carry."""
    ending = own.data.get("ending")
    if not ending:
        return table
    return {label: "; ".join(phrase + ending for phrase in split(phrases)) for label, phrases in table.items()}


def find_results(folded: str, start: int, end: int, code: str) -> Iterator[PhraseMatch]:
    """Return the words for a profit, a loss or a result in a stretch of text, by their label."""
    return (mark for mark in _topic_phrases(code)[0].find(folded, start, end) if mark.label in _RESULTS)


_DIGIT: Final = re.compile(r"\d", re.ASCII)


def find_topics(folded: str, start: int, end: int, code: str, names: Sequence[tuple[int, int]]) -> list[Topic]:
    """Return the topics of a sentence, blocked where a segment, an adjustment or a margin is meant."""
    found = [
        item for mark in _find_longest(folded, start, end, code) for item in _beside_names(mark, folded, code, names)
    ]
    out = [_make_topic(mark.label, mark.start, mark.end) for mark in found]
    out = [_block_modified(topic, folded, (start, end), code, names) for topic in out]
    out = [_check_spending(topic, folded, (start, end), code) for topic in out]
    out = [topic for topic in out if not _names_spending(topic, out) and not _is_of_rate(topic, folded)]
    out = [topic for topic in out if not _is_participle(topic, folded, code)]
    out = mark_operating(_without_objects(out, folded, (start, end), code), folded, start, end, code)
    return _join_compounds(_with_label_of_shares(out, folded, (start, end), code), folded)


def _with_label_of_shares(found: list[Topic], folded: str, bounds: tuple[int, int], code: str) -> list[Topic]:
    """Return the topics with earnings per share where only "per share" is the label of a line: "Sesaham: 4.6 sen"."""
    begin = _BULLET.match(folded, *bounds)
    place = bounds[0] if begin is None else begin.end()
    mark = locale(code).phrases("per_share", "label").match(folded, place)
    if mark is None or _LABELLED.match(folded, mark.end, bounds[1]) is None:
        return found
    rest = [topic for topic in found if topic.start >= mark.end]
    return [Topic("eps", mark.start, mark.end), *rest]


_BULLET: Final = re.compile(r"[\s\u2022\u00b7*\-\u2013]+")
_LABELLED: Final = re.compile(r" ?[:\uff1a]")


def _beside_names(
    mark: PhraseMatch, folded: str, code: str, names: Sequence[tuple[int, int]]
) -> tuple[PhraseMatch, ...]:
    """Return a phrase that no name overlaps, or what is left of it behind the end of a name."""
    over = [(low, high) for low, high in names if mark.start < high and low < mark.end]
    if not over:
        return (mark,)
    high = max(high for _, high in over)
    return _find_longest(folded, high, mark.end, code) if high < mark.end and locale(code).style == "none" else ()


def name_behind_company(found: list[Topic], folded: str, code: str, names: Sequence[tuple[int, int]]) -> list[Topic]:
    """Return the topics as what stands behind their company says: "خسائر شركة بوادي التشغيلية" are operating losses."""
    words = locale(code).phrases("behind_company")
    out = []
    for topic in found:
        high = next((last for first, last in names if 0 < first - topic.end <= _ASIDE), None)
        mark = None if high is None or topic.blocked else words.match(folded, high + folded.startswith(" ", high))
        is_bare = topic.label in _BARE and mark is not None
        out.append(_make_named(topic, mark.label) if is_bare and mark is not None else topic)
    return out


_BARE: Final = {"profit": "operating_income", "loss": "operating_loss"}


def _make_named(topic: Topic, label: str) -> Topic:
    return replace(topic, label=_BARE[topic.label]) if label == "operating" else replace(topic, blocked=label)


def read_as_labels(found: list[Topic], folded: str, code: str) -> list[Topic]:
    """Return the topics as labels mean them: "net income (loss) per share" is one of earnings per share."""
    return _named_before(_labelled_per_share(_without_alternatives(found, folded, code), folded, code), folded, code)


def _named_before(found: list[Topic], folded: str, code: str) -> list[Topic]:
    """Let a bare loss be of the result that only small words part from it: "operating income was a loss of"."""
    out = found[:1]
    for topic in found[1:]:
        last = out[-1]
        gap = folded[last.end : topic.start]
        is_same = topic.label == "loss" and last.label in _LOSS_OF and not last.blocked and not topic.blocked
        is_near = re.search(r"[^\w\s']|\d", gap) is None and set(_WORD.findall(gap)) <= _small_words(code)
        out.append(replace(topic, label=_LOSS_OF[last.label]) if is_same and is_near else topic)
    return out


@cache
def _small_words(code: str) -> frozenset[str]:
    """Return the function words of a language that do not join two things."""
    own = locale(code)
    joining = {*own.words("ranges", "and"), *own.words("header", "or")}
    return frozenset(fold(word) for word in split(str(own.data["function_words"])) if word not in joining)


def _without_alternatives(found: list[Topic], folded: str, code: str) -> list[Topic]:
    """Return the topics without a loss in brackets or behind a stroke beside a profit.

    As in "net income (loss)" can be either.
    """
    return [
        topic
        for index, topic in enumerate(found)
        if topic.label not in LOSSES
        or not any(_is_alternative(topic, other, folded, code) for other in found[max(0, index - 1) : index + 2])
    ]


def _is_alternative(topic: Topic, other: Topic, folded: str, code: str) -> bool:
    """Return true if a loss only names what a profit may turn out to be."""
    if other is topic or METRIC_OF.get(other.label, ("", 0))[0] not in SIGNED or other.label in LOSSES:
        return False
    gap = folded[min(topic.end, other.end) : max(topic.start, other.start)]
    joined = gap.strip() in ("/", *locale(code).words("header", "or"))
    opened = folded.rfind("(", max(0, topic.start - _ASIDE), topic.start)
    closed = folded.find(")", topic.end, topic.end + _ASIDE)
    inside = opened >= 0 and closed >= 0 and not re.search(r"[\d()]", folded[opened + 1 : closed])
    return joined or (inside and len(gap) <= _ASIDE)


def _labelled_per_share(found: list[Topic], folded: str, code: str) -> list[Topic]:
    """Let a profit "per share" be earnings per share, where these words follow it with no amount between."""
    out: list[Topic] = []
    for index, topic in enumerate(found):
        others = [item.start for item in found[index + 1 :] if item.label != "share_price"]
        last = min([*others, topic.end + _LABEL])
        stop = _DIGIT.search(folded, topic.end, last)
        high = stop.start() if stop else last
        mark = next(locale(code).phrases("per_share").find(folded, topic.end, high), None)
        gap = "" if mark is None else folded[topic.end : mark.start]
        out.append(topic if mark is None or _BROKEN.search(gap) else _per_share(topic, mark))
    return out


def _per_share(topic: Topic, mark: PhraseMatch) -> Topic:
    """Name a topic that is counted per share: earnings are a metric of their own, anything else is none."""
    if topic.blocked or topic.label in _PER_SHARE:
        return topic
    if topic.label in _SHARED:
        return replace(topic, label=_SHARED[topic.label], end=mark.end)
    return replace(topic, blocked="per_share", end=mark.end)


@lru_cache(maxsize=32)
def _find_longest(folded: str, start: int, end: int, code: str) -> tuple[PhraseMatch, ...]:
    """Metrics and other topics; where two overlap the longer one counts, and the blocking one of equals."""
    ours, others = _topic_phrases(code)
    marks = sorted(
        (*others.find(folded, start, end), *ours.find(folded, start, end)),
        key=lambda mark: (mark.start - mark.end, mark.label[0] != "-"),
    )
    kept: list[PhraseMatch] = []
    for mark in marks:
        if not any(mark.start < other.end and other.start < mark.end for other in kept):
            kept.append(mark)
    if locale(code).is_east_asian:
        kept = [_before_digits(mark, folded) for mark in kept]
    return tuple(sorted(kept, key=lambda mark: mark.start))


def _before_digits(mark: PhraseMatch, folded: str) -> PhraseMatch:
    """Return a blocking phrase without the number that stands right behind it."""
    found = _DIGIT.search(folded, mark.start + 1, mark.end) if mark.label[0] == "-" else None
    return mark if found is None else replace(mark, end=found.start())


def _make_topic(label: str, start: int, end: int) -> Topic:
    return Topic(label[1:], start, end, label[1:]) if label[0] == "-" else Topic(label, start, end)


_RATE: Final = re.compile(r" \d[\d.,]* ?%")


def _is_of_rate(topic: Topic, folded: str) -> bool:
    """Return true if a word for a sale has a rate right behind it: then sales "shed 6%" and nothing was sold."""
    return topic.blocked == "deal" and _RATE.match(folded, topic.end) is not None


def _names_spending(topic: Topic, found: Sequence[Topic]) -> bool:
    """Return true if a verb of spending has what is spent behind it: "spent 23 million on research"."""
    return topic.label == "spend" and any(
        other.label == "r_and_d" and not other.blocked and 0 <= other.start - topic.end <= _METRIC_BEHIND
        for other in found
    )


_METRIC_BEHIND: Final = 60  # letters


def _without_objects(found: list[Topic], folded: str, bounds: tuple[int, int], code: str) -> list[Topic]:
    """Return the topics without what capital spending buys: "investiu 13 milhões em ativos fixos"."""
    if not any(topic.label == "spend" and not topic.blocked for topic in found):
        return found
    bought = list(locale(code).phrases("metrics", "spend_object").find(folded, *bounds))
    return [
        topic
        for topic in found
        if topic.blocked != "charge" or not any(mark.start <= topic.start < mark.end for mark in bought)
    ]


def _check_spending(topic: Topic, folded: str, bounds: tuple[int, int], code: str) -> Topic:
    """Spending is capital spending only where what it buys says so."""
    if topic.label != "spend" or topic.blocked:
        return topic
    own = locale(code)
    ahead = own.pattern("invests_ahead")
    capital = own.phrases("metrics", "spend_object", "capex").has(folded, *bounds)
    capital = capital or (ahead is not None and ahead.search(folded, *bounds) is not None)
    return topic if capital else replace(topic, blocked="other")


def _join_compounds(found: list[Topic], folded: str) -> list[Topic]:
    """Net profit margin is a margin: a metric directly before a blocked noun belongs to it."""
    out: list[Topic] = []
    for index, topic in enumerate(found):
        following = found[index + 1] if index + 1 < len(found) else None
        near = following is not None and folded[topic.end : following.start] in (
            "",
            " ",
            "-",
            *every("small", "noun_link"),
        )
        if (
            near
            and following is not None
            and following.blocked in ("margin", "adjusted", "charge")
            and not topic.blocked
        ):
            out.append(replace(topic, blocked=following.blocked))
        else:
            out.append(topic)
    return out


def _is_participle(topic: Topic, folded: str, code: str) -> bool:
    """Return true if a noun is the form of a verb behind its auxiliary: "la dette est revenue à 430 millions"."""
    own = locale(code)
    if not own.words("modifiers", "participles") or not _participles(code).fullmatch(folded, topic.start, topic.end):
        return False
    return re.search(_auxiliary(code), folded[max(0, topic.start - _ASIDE) : topic.start]) is not None


@cache
def _participles(code: str) -> re.Pattern[str]:
    """Return what matches nouns that are forms of verbs, too."""
    return re.compile(either(locale(code).words("modifiers", "participles")))


@cache
def _auxiliary(code: str) -> str:
    """Return what matches an auxiliary verb right before a word, with one short word between at most."""
    return rf"(?<!\w)(?:{either(locale(code).folded('modifiers', 'auxiliaries'))}) (?:[^\W\d]+ )?\Z"


def _block_modified(
    topic: Topic, folded: str, bounds: tuple[int, int], code: str, names: Sequence[tuple[int, int]]
) -> Topic:
    if topic.blocked:
        return topic
    if topic.label in COUNTED and _is_change_of_staff(topic, folded, bounds, code, names):
        return replace(topic, blocked="change")
    for low, high in _narrowing_windows(topic, folded, bounds, code):
        if locale(code).is_east_asian:  # what stands before the name says what the company does
            low = max([low, *(first for first, last in names if last <= topic.start)])  # noqa: PLW2901 - the rest of it
        keys = ("adjusted", "segment") if high <= topic.start else ("adjusted", "segment", "segment_after")
        for mark in locale(code).phrases("modifiers", *keys).find(folded, low, high):
            if _is_kind_of_company(mark, folded, code, names) or is_counted_in(folded, mark.start, code):
                continue
            if not any(mark.start < top and bottom < mark.end for bottom, top in names):
                return replace(topic, blocked=mark.label.removesuffix("_after"))
    return replace(topic, blocked="segment") if _is_of_product(topic, folded, bounds[1], code, names) else topic


def is_counted_in(folded: str, place: int, code: str) -> bool:
    """Return true if a part is named together with its company: "Wijaya Pangan dan anak usahanya"."""
    joins = tuple(f" {word} " for word in locale(code).folded("modifiers", "with_parts"))
    return bool(joins) and folded[:place].endswith(joins)


def _is_kind_of_company(mark: PhraseMatch, folded: str, code: str, names: Sequence[tuple[int, int]]) -> bool:
    """Return true if a word says what the company behind it deals in: "laba emiten ritel Maju Laris"."""
    word = folded[mark.start : mark.end]
    if locale(code).head_last or not locale(code).has_plain_words or " " in word:
        return False
    before = _LAST_WORD.search(folded[max(0, mark.start - _ASIDE) : mark.start])
    is_led = before is not None and before[1] in locale(code).folded("names", "descriptors")
    return is_led and any(0 <= low - mark.end <= 1 for low, _ in names)


_LAST_WORD: Final = re.compile(r"(?<!\w)([^\W\d_]+) \Z")


def _is_of_product(topic: Topic, folded: str, end: int, code: str, names: Sequence[tuple[int, int]]) -> bool:
    """Return true if sales are of something: "sales of yoghurt", "ventes de yaourts", "Umsatz mit Joghurt".

    Behind the link stands a word that is neither known nor part of a name, and no article; a name right behind it
    says that it is a kind of company, an amount that it belongs to that. Where no link is written, as in "penjualan
    yogurt PT Rimba Sari", the word stands between the sales and the name; `agents` begin words for kinds of companies.
    """
    if topic.label != "revenue":
        return False
    if _is_behind_loan_word(topic, folded, code, names):
        return True
    found = _sold(code).match(folded, topic.end, end)
    if found is None or found[1] in _known_words(code):
        return _is_of_two_words(topic, folded, code, names)
    low, high = found.span(1)
    if not locale(code).words("modifiers", "sold"):
        is_agent = found[1].startswith(locale(code).words("modifiers", "agents"))
        forms = {*locale(code).words("names", "cues"), *locale(code).words("names", "legal")}
        gaps = (folded[high:first] for first, _ in names if 0 < first - high <= _ASIDE)
        return not is_agent and any({*_WORD.findall(gap)} <= forms for gap in gaps)
    return not any(first <= high + 1 and low < last for first, last in names) and not _AMOUNT_BEHIND.match(folded, high)


def _is_of_two_words(topic: Topic, folded: str, code: str, names: Sequence[tuple[int, int]]) -> bool:
    """Return true if two words nobody knows stand between sales and a name: "penjualan air galon Tirta Kencana"."""
    agents = locale(code).words("modifiers", "agents")
    found = _TWO_WORDS.match(folded, topic.end) if agents else None
    if found is None or {found[1], found[2]} & _known_words(code) or found[1].startswith(agents):
        return False
    return any(low - found.end() == 1 for low, _ in names)


_TWO_WORDS: Final = re.compile(r" ([^\W\d_]{3,}) ([^\W\d_]{4,})")
_AMOUNT_BEHIND: Final = re.compile(r"(?: [^\W\d_]{1,2})? ?[^\w\s]?\d|-| ?[^\w\s,.;:()]\d?")


def _is_behind_loan_word(topic: Topic, folded: str, code: str, names: Sequence[tuple[int, int]]) -> bool:
    """Return true if a Japanese word of the signs for loan words stands right before: "ヨーグルト売上高"."""
    found = (
        _LOAN_WORD.search(folded, max(0, topic.start - _ASIDE), topic.start) if locale(code).style == "none" else None
    )
    if found is None or found[1] in locale(code).folded("modifiers", "whole"):
        return False
    return not any(first < topic.start and found.start() < last for first, last in names)


_LOAN_WORD: Final = re.compile(r"([\u30a1-\u30fa\u30fc]{3,})\u306e?\Z")


@cache
def _sold(code: str) -> re.Pattern[str]:
    """Return what matches the link between sales and what was sold, and the word behind it, its one group."""
    own = locale(code)
    if own.words("modifiers", "agents"):
        return re.compile(r" ([^\W\d_]{4,})(?= )")
    links = own.folded("modifiers", "sold")
    return re.compile(rf" (?:{either(links)})(?: |(?<='))([^\W\d_]{{4,}})(?!\w)" if links else "(?!)()")


@cache
def _known_words(code: str) -> frozenset[str]:
    """Return the words that do not name goods: words that the reader knows, and words for companies and periods."""
    own = locale(code)
    keys = ("not_names", "descriptors", "cues", "titles", "generic", "of_company", "articles")
    words = {word for key in keys for word in own.folded("names", key)}
    whole = own.folded("modifiers", "whole")
    return frozenset({*words, *whole, *vocabulary(code), *map(fold, split(str(own.data["function_words"])))})


def _is_change_of_staff(
    topic: Topic, folded: str, bounds: tuple[int, int], code: str, names: Sequence[tuple[int, int]]
) -> bool:
    """Return true if people were added or let go: then the number is no total."""
    own = locale(code)
    low = max(bounds[0], topic.start - 12)
    added = any(topic.start - mark.end <= 1 for mark in own.phrases("delta", "added").find(folded, low, topic.start))
    added = added or any(
        mark.start - topic.end <= 1
        for mark in own.phrases("delta", "added").find(folded, topic.end, min(bounds[1], topic.end + 12))
    )
    is_total = _is_total(folded, topic, code)
    jobs = own.phrases("jobs", "change").find(folded, *bounds) if topic.label == "headcount" and not is_total else ()
    hires = topic.label == "headcount" and not is_total and _ends_in_particle(topic, folded, bounds[1], code)
    return (
        added
        or hires
        or any(
            not _describes_company(mark, topic, code, names) and not _is_in_other_clause(mark, topic, folded)
            for mark in jobs
        )
    )


def _is_in_other_clause(mark: PhraseMatch, topic: Topic, folded: str) -> bool:
    """Return true if a semicolon, or an amount and a comma behind people, part them from what was done to jobs."""
    gap = folded[min(mark.end, topic.end) : max(mark.start, topic.start)]
    return _SEMICOLON.search(gap) is not None or (mark.start > topic.end and _OWN_AMOUNT.match(gap) is not None)


_SEMICOLON: Final = re.compile("[;\uff1b]")
_OWN_AMOUNT: Final = re.compile("[^,\uff0c\u3001]{0,12}\\d[\\d.,]*[^\\d,\uff0c\u3001]{1,12}[,\uff0c\u3001]")


def _is_total(folded: str, topic: Topic, code: str) -> bool:
    """Return true if a word says that all people are counted: "menjadikan jumlah tenaga kerjanya 1,340"."""
    words = tuple(f"{word} " for word in locale(code).folded("delta", "total")) or ("\0",)
    return folded[: topic.start].endswith(words)


def _describes_company(mark: PhraseMatch, topic: Topic, code: str, names: Sequence[tuple[int, int]]) -> bool:
    """Return true if what was done to jobs only describes the company behind it: "人員削減を進める青嶺電装の"."""
    return locale(code).is_east_asian and any(mark.end <= low and high <= topic.start for low, high in names)


def _ends_in_particle(topic: Topic, folded: str, end: int, code: str) -> bool:
    """Return true if a clause ends in the part of a verb for hiring and firing: "stellte 300 Mitarbeiter ein"."""
    particles = locale(code).words("jobs", "particle")
    stop = _CLAUSE_END.search(folded, topic.end, end)
    words = folded[topic.end : stop.start() if stop else end].split()
    return bool(words) and words[-1] in particles


_CLAUSE_END: Final = re.compile(r"[.,;:()]| und ")


_STOP_AFTER: Final = re.compile(r"[.,;:()\d$€£¥₩%+。，、；：—-]")


@cache
def _stop_before() -> re.Pattern[str]:
    """Return what ends the words before a topic that belong to it."""
    return re.compile(rf"[.,;:()\d。，、；：]|\b(?:{either(every('small', 'and'))})\b")


def _narrowing_windows(topic: Topic, folded: str, bounds: tuple[int, int], code: str) -> list[tuple[int, int]]:
    """Return where words that narrow a topic stand."""
    own = locale(code)
    reach = 12 if own.is_east_asian else 26
    low = max(bounds[0], topic.start - reach)
    for found in _stop_before().finditer(folded, low, topic.start):
        low = found.end()
    stop = _STOP_AFTER.search(folded, topic.end, bounds[1])
    high = min(topic.end + 26, stop.start() if stop else bounds[1])
    if own.is_east_asian:
        return [(low, topic.start)]
    if own.head_last:
        return [
            (_words_back(folded, low, topic.start, 2), topic.start),
            (topic.end, _near_after(folded, topic.end, high, code)),
        ]
    return [(topic.end, _words_on(folded, topic.end, high, 4))]


def _near_after(folded: str, low: int, high: int, code: str) -> int:
    """Behind an English or German noun only a phrase that begins right there narrows it."""
    mark = next(iter(locale(code).phrases("modifiers", "segment_after").find(folded, low, high)), None)
    return mark.end if mark is not None and mark.start - low <= 1 else low


def _words_back(folded: str, low: int, high: int, count: int) -> int:
    place = high
    for _ in range(count):
        place = folded.rfind(" ", low, max(low, place - 1)) + 1 or low
        if place <= low:
            return low
    return place


def _words_on(folded: str, low: int, high: int, count: int) -> int:
    place = low
    for _ in range(count + 1):
        following = folded.find(" ", place, high)
        if following < 0:
            return high
        place = following + 1
    return place
