"""The one door: a text in, its figures out, each with the characters it stands on and the rules that read it."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

from tracker.sources.article.find import amounts, period_labels, periods, tables, topics
from tracker.sources.article.find.amount import TOO_LONG
from tracker.sources.article.find.amounts import Context
from tracker.sources.article.find.bracket_notes import find_note, without_note
from tracker.sources.article.find.companies import Mention, find_companies
from tracker.sources.article.find.separators import find_point
from tracker.sources.article.find.shared_money import find_meant
from tracker.sources.article.model import ExtractedFigure, Known, NamedCompany, Reading
from tracker.sources.article.read import assemble, check, confidence, drafts, placing, promises, scene, versus, years
from tracker.sources.article.text.digits import decimal_habit
from tracker.sources.article.text.lexicon import LANGUAGES, locale, split
from tracker.sources.article.text.pieces import Piece, split_pieces

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date
    from decimal import Decimal

    from tracker.sources.article.find.stated_period import StatedPeriod
    from tracker.sources.article.read.assemble import FigureDraft, Memory
    from tracker.sources.article.text.sentences import Sentence

__all__ = ["as_record", "extract", "record"]

MOST: Final = 1_000_000  # characters of a text that are read: an annual report or two
HEAD: Final = 12  # sentences searched for what a text is about
#: A person can settle the period.
_OPEN: Final = frozenset({
    "below_zero", "bracket_sign", "columns_open", "currency_open", "fiscal_or_calendar", "head_refused", "no_calendar",
    "off_calendar", "period_chance", "period_open", "period_several", "range_end", "range_reported", "scale_open",
    "sign_open", "too_long",
})  # fmt: skip
_HEAD: Final = "head:"
_DIGIT: Final = re.compile(r"\d+")
_FORMED: Final = 3  # a mention of several words, where the text names no other company
_PAIR: Final = 2  # two words with capitals, behind an article
SURE: Final = 4  # a mention that is more than a capital letter


def extract(  # noqa: PLR0913 - what the caller knows about the text
    text: str,
    *,
    published: date | None = None,
    latest: date | None = None,
    lang: str | None = None,
    companies: Sequence[NamedCompany] = (),
    about: NamedCompany | None = None,
    known: Known | None = None,
) -> Reading:
    """Return the figures of a text: facts, figures for review, and figures that are no facts with the reason.

    `published` lets "this year" be resolved; without it nothing relative is, and `latest` is a day on which the text
    was there already. `about` is the company of figures that name none ("we expect"). `known` is asked what is already
    stored where several periods would fit. A long text is read in pieces; what lies behind its first MOST characters,
    or behind more numbers than any sentence has, is in `unread`.
    """
    memory = assemble.Memory(published, latest)
    figures: list[ExtractedFigure] = []
    promised: list[ExtractedFigure] = []
    unread: list[tuple[int, int]] = []
    context = Context()
    for received in split_pieces(text[:MOST], lang):
        piece = _without_bracket_note(received, memory)
        if piece.offset == 0:
            _prepare_memory(piece, companies, about, memory)
        context = _read_context(piece, context)
        for sentence in piece.sentences:
            view = _build_view(piece, sentence, context, companies, memory)
            promised += [_promise_figure(item, text, piece, sentence) for item in promises.find_promises(view, memory)]
            figures += [_make_figure(draft, text, piece, sentence) for draft in assemble.read_figures(view, memory)]
            unread += _find_crowded(piece, sentence, view)
        memory.move(piece.length, piece.place)
    unread += [(MOST, len(text))] if len(text) > MOST else []
    return replace(_sort_figures(figures, published, known), promises=tuple(promised), unread=tuple(unread))


def _without_bracket_note(piece: Piece, memory: Memory) -> Piece:
    """Return a piece whose brackets are plain cells, where a note in it says of which period they are."""
    memory.bracket_note = find_note(piece)
    is_read = memory.bracket_note is not None and memory.bracket_note.period is not None
    return without_note(piece, memory.bracket_note) if memory.bracket_note and is_read else piece


def _build_view(
    piece: Piece, sentence: Sentence, context: Context, companies: Sequence[NamedCompany], memory: Memory
) -> scene.Scene:
    """Return a sentence with everything in it; a paragraph of prose ends the table before it."""
    table = tables.under(memory.table, piece.folded, (sentence.start, sentence.end))
    memory.columns = () if table is not memory.table else memory.columns
    if memory.bracket_note is not None and not memory.columns and memory.period is not None:
        memory.columns = memory.bracket_note.columns(memory.period.words)
    heads = len(memory.columns)
    view = scene.build_scene(piece.normal.text, piece.folded, sentence, context, companies, memory.money, table, heads)
    memory.table = view.table
    return view


def _find_crowded(piece: Piece, sentence: Sentence, view: scene.Scene) -> Iterator[tuple[int, int]]:
    """Yield what of a sentence was not read because it has more numbers than any sentence or row of a table."""
    read = max((quantity.end for quantity in view.quantities), default=sentence.start)
    if _DIGIT.search(piece.folded, read, sentence.end) is None:
        return
    if sum(1 for _ in _DIGIT.finditer(piece.folded, sentence.start, sentence.end)) > amounts.MOST:
        yield piece.span(read, sentence.end)


def _prepare_memory(
    piece: Piece, companies: Sequence[NamedCompany], about: NamedCompany | None, memory: Memory
) -> None:
    """Let memory know where to look for what a text speaks of: most texts name it in each sentence."""
    memory.find_fallback = cache(partial(_find_subject, piece, companies, about))
    memory.find_hints = cache(partial(_find_hints, piece))


def _find_subject(piece: Piece, companies: Sequence[NamedCompany], about: NamedCompany | None) -> Mention | None:
    """Return the company that the first sentences of a text speak of."""
    if about is not None:
        return Mention(about.entity, 0, 0, SURE, aside=False, known=about)
    text, folded = piece.normal.text, piece.folded
    best: Mention | None = None
    named: dict[str, Mention] = {}
    for sentence in piece.sentences[:HEAD]:
        bounds = (sentence.start, sentence.end)
        spaced = locale(sentence.language).has_plain_words
        for mention in find_companies(
            text, folded, *bounds, sentence.language, companies, _understood(folded, sentence)
        ):
            if _is_period(mention, folded, sentence):
                continue
            if not mention.aside and (mention.score >= _FORMED or " " in mention.name):
                named.setdefault(mention.name, mention)
            is_told = spaced or mention.known or mention.score > SURE + 1
            if not mention.aside and is_told and (best is None or mention.score > best.score):
                best = mention
    least = _FORMED if len(named) == 1 else SURE
    is_sure = best is not None and best.score >= (_PAIR if list(named) == [best.name] and " " in best.name else least)
    return best if is_sure else _find_sole(named)


def _is_period(mention: Mention, folded: str, sentence: Sentence) -> bool:
    """Return true if a name with digits is a period: "S1-2024"."""
    if mention.known is not None or _DIGIT.search(mention.name) is None:
        return False
    named = periods.find_periods(folded, sentence.start, sentence.end, sentence.language)
    return any(item.start < mention.end and mention.start < item.end for item in named)


def _find_sole(named: dict[str, Mention]) -> Mention | None:
    """Return the only company of a text in a script without capitals, if more than its place speaks for the name."""
    sole = [mention for mention in named.values() if not mention.doubtful]
    return sole[0] if len(named) == len(sole) == 1 else None


def _find_hints(piece: Piece) -> tuple[StatedPeriod, ...]:
    """Return the parts of a year that the first sentences of a text name."""
    return tuple(item for sentence in piece.sentences[:HEAD] for item in _named_part(piece.folded, sentence))


def _understood(folded: str, sentence: Sentence) -> list[tuple[int, int]]:
    """Return what of a sentence in a script without capitals is no name: periods, amounts, topics and comparisons."""
    start, end, code = sentence.start, sentence.end, sentence.language
    own = locale(code)
    if own.has_plain_words:
        return []
    named = [(item.start, item.end) for item in periods.find_periods(folded, start, end, code)]
    counted = amounts.find_amounts(folded, start, end, code, named, Context())
    named += [(item.start, item.end) for item in counted]
    named += [(topic.start, topic.end) for topic in topics.find_topics(folded, start, end, code, ())]
    tables = (own.phrases(section) for section in ("compare", "directions", "claims"))
    return named + [(mark.start, mark.end) for table in tables for mark in table.find(folded, start, end)]


def _named_part(folded: str, sentence: Sentence) -> tuple[StatedPeriod, ...]:
    """Return the first quarter, half or nine months a sentence names."""
    named = periods.find_periods(folded, sentence.start, sentence.end, sentence.language)
    parts = (period for period in named if period.part not in (None, "FY") and not period.prior)
    spoken = (item for item in parts if not versus.is_compared_with(folded, sentence.start, item, sentence.language))
    return tuple(spoken)[:1]


def _read_context(piece: Piece, before: Context) -> Context:
    """Return how numbers and currencies are written in a piece, and where it does not show in those before."""
    folded = piece.folded
    hints = {**(before.currencies or {}), **find_meant(piece.normal.text, folded)}
    hints |= {shared: currency for shared, currency, word in _shared_currencies() if word in folded}
    context = Context(decimal_habit(folded, before.decimal), hints)
    point = find_point(piece, context)
    return context if point is None else replace(context, decimal=point)


@cache
def _shared_currencies() -> tuple[tuple[str, str, str], ...]:
    """Return a word for several currencies, the one that is meant, and the words of a text that say so."""
    return tuple(
        (shared, currency, word)
        for code in LANGUAGES
        for shared, meant in locale(code).data.get("shared_currencies", {}).items()
        for currency, words in meant.items()
        for word in split(words)
    )


def _apply_sign(value: Decimal, sign: int) -> Decimal:
    """Return the value with its sign turned where `sign` is negative; copied, since arithmetic rounds to 28 digits."""
    return value.copy_negate() if sign < 0 else value


def _make_figure(draft: FigureDraft, text: str, piece: Piece, sentence: Sentence) -> ExtractedFigure:
    quantity = draft.quantity
    start, end = piece.span(quantity.start, quantity.end)
    sign = draft.sign if draft.kind != "growth_yoy" or quantity.value > 0 else 1
    if quantity.kind == "money" and draft.metric not in topics.SIGNED:
        sign = 1
    sign = 1 if "across" in quantity.flags else sign
    is_unread = quantity.qualifier == "range" or TOO_LONG in quantity.flags
    value = None if is_unread else _apply_sign(quantity.value, sign)
    low, high = (
        sorted((_apply_sign(quantity.low, sign), _apply_sign(quantity.high, sign)))
        if quantity.low is not None and quantity.high is not None
        else (None, None)
    )
    return ExtractedFigure(
        entity=draft.company.name if draft.company else "",
        metric=draft.metric,
        kind=draft.kind,
        period=_write_label(draft.period),
        value=value,
        low=low,
        high=high,
        unit=quantity.unit or "count",
        qualifier=quantity.qualifier,
        decimals=quantity.decimals,
        start=start,
        end=end,
        quote=text[start:end],
        language=sentence.language,
        confidence=0.0,
        reason=draft.reason,
        rules=draft.rules,
        flags=(
            *(flag for flag in quantity.flags if not flag.startswith((tables.COLUMN, tables.CELLS))),
            *draft.flags,
            *_link_flags(draft, piece),
        ),
    )


def _link_flags(draft: FigureDraft, piece: Piece) -> Iterator[str]:
    """Yield where the figure stands that a comparative belongs to, and that its year is named by its beginning."""
    head = drafts.received(draft.head, piece.place)
    if draft.is_base and head is not None:
        yield f"{_HEAD}{head}"
    yield from _opening_flag(draft.period)


def _opening_flag(period: str | None) -> Iterator[str]:
    if period and period.startswith(years.OPENING):
        yield years.OPENING_YEAR


def _write_label(period: str | None) -> str | None:
    """Return a label as texts write it: every year of a company is FY, whichever end names it."""
    return period and period.replace(years.OPENING, "FY")


def _promise_figure(promise: promises.Promise, text: str, piece: Piece, sentence: Sentence) -> ExtractedFigure:
    start, end = piece.span(promise.start, promise.end)
    company = promise.company
    return ExtractedFigure(
        entity=company.name,
        metric=promise.metric,
        kind="guidance",
        period=_write_label(promise.period),
        value=None,
        low=None,
        high=None,
        unit="ratio" if promise.is_rate else (company.known.currency if company.known else None) or "",
        qualifier=promise.qualifier,
        decimals=None,
        start=start,
        end=end,
        quote=text[start:end],
        language=sentence.language,
        confidence=confidence.of(promise.rules, ()),
        reason=None,
        rules=promise.rules,
        flags=tuple(_opening_flag(promise.period)),
    )


def _sort_figures(figures: list[ExtractedFigure], published: date | None, known: Known | None) -> Reading:
    """Return facts, review and abstained, after all checks."""
    if published is None and isinstance(known, placing.History):
        figures = placing.place(figures, known)
    facts = [figure for figure in figures if figure.reason is None]
    rest = [figure for figure in figures if figure.reason is not None]
    if known is not None:
        facts = [_with_known(figure, published, known) for figure in facts]
    facts = check.contradictory([figure for figure in facts if figure.reason is None]) + [
        figure for figure in facts if figure.reason is not None
    ]
    weighed = [
        replace(figure, confidence=confidence.of(figure.rules, figure.flags)) for figure in check.together(facts)
    ]
    doubtful = [_mark_doubt(figure) for figure in weighed if figure.reason or figure.confidence < confidence.THRESHOLD]
    sure = [figure for figure in weighed if figure.reason is None and figure.confidence >= confidence.THRESHOLD]
    refused = frozenset(f"{_HEAD}{figure.start}" for figure in (*doubtful, *rest))
    fallen = [figure for figure in sure if not refused.isdisjoint(figure.flags)]
    sure = [figure for figure in sure if refused.isdisjoint(figure.flags)]
    doubtful += [replace(figure, reason="head_refused") for figure in fallen]
    review = [*doubtful, *(figure for figure in rest if figure.reason in _OPEN)]
    abstained = tuple(figure for figure in rest if figure.reason not in _OPEN)
    return Reading(tuple(sure), tuple(review), abstained)


def _mark_doubt(figure: ExtractedFigure) -> ExtractedFigure:
    return replace(figure, reason=figure.reason or "low_confidence")


def _with_known(figure: ExtractedFigure, published: date | None, known: Known) -> ExtractedFigure:
    """Return the figure under the period that fits what is known, and not a hundred times off it."""
    if "this_year" in figure.flags and published is not None:
        year, quarter = period_labels.latest_quarter(published)
        candidates = [period_labels.year_to_date(published), f"{year}Q{quarter}", f"FY{year}"]
        fitting = check.choose(figure, list(dict.fromkeys(candidates)), known)
        figure = replace(
            figure,
            period=fitting or figure.period,
            rules=(*figure.rules, "period:known" if fitting else "period:usual"),
        )
    return check.against_known(figure, known)


def as_record(figure: ExtractedFigure) -> dict[str, Any]:
    """Return a figure as a JSON object of `tracker extract`: a value, or low and high, or (in words) neither."""
    out: dict[str, Any] = {
        "entity": figure.entity,
        "metric": figure.metric,
        "kind": figure.kind,
        "period": figure.period,
    }
    if figure.low is not None or figure.high is not None:
        out |= {"low": _number(figure.low), "high": _number(figure.high)}
    elif figure.value is not None:
        out["value"] = _number(figure.value)
    out |= {"unit": figure.unit, "qualifier": figure.qualifier, "start": figure.start, "end": figure.end}
    out |= {"span": figure.quote, "confidence": figure.confidence}
    out |= {"method": figure.method} if figure.method != "rules" else {}
    return out | ({"reason": figure.reason} if figure.reason else {})


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def record(name: str, found: Reading) -> dict[str, Any]:
    """Return a reading as one JSON line: facts, review, abstained, and all currency amounts (`money`)."""
    every = (*found.facts, *found.review, *found.abstained)
    money = [as_record(figure) for figure in every if len(figure.unit) == 3 and figure.unit.isupper()]  # noqa: PLR2004 - ISO 4217
    return {
        "id": name,
        "facts": [as_record(figure) for figure in found.facts],
        "review": [as_record(figure) for figure in found.review],
        "abstained": [as_record(figure) for figure in found.abstained],
        "promises": [as_record(figure) for figure in found.promises],
        "money": sorted(money, key=lambda item: item["start"]),
        **({"unread": [list(stretch) for stretch in found.unread]} if found.unread else {}),
    }
