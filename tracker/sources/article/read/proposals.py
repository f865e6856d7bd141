"""The seam for a second reader: it may point at a figure and name it; the number is always read here.

A second reader (a language model) proposes a quote with labels. The quote must stand in the text, an amount must stand
in the quote, and the proposal passes the checks of the rules: metric and unit, value, company, period, and every reason
that the rules have against the figure. What rules and proposal say differently goes to review.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from tracker.sources.article.find.topics import COUNTED, METRIC_OF, SIGNED
from tracker.sources.article.read import check, confidence, years
from tracker.sources.article.read.extract import extract
from tracker.sources.article.text.normalise import fold, normalise

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date
    from decimal import Decimal

    from tracker.sources.article.model import ExtractedFigure, Known, NamedCompany, Reading

__all__ = ["DISPUTED", "METHOD", "Extractor", "Proposal", "accept", "reread"]

#: The method of a fact that only a second reader has named.
METHOD: Final = "model"
#: The reason of a figure that rules and second reader understood differently.
DISPUTED: Final = "disputed"
_DOUBTS: Final = frozenset({DISPUTED, "off_history"})
_KINDS: Final = frozenset({"actual", "guidance", "growth_yoy"})
#: Reasons that only say what the rules did not find: a second reader may know it.
_UNNAMED: Final = frozenset({None, "no_metric", "no_entity", "no_period", "low_confidence"})
_LABEL: Final = re.compile(r"(?:FY)?\d{4}(?:Q[1-4]|H[12]|M9)?", re.ASCII)
_YEAR: Final = re.compile(r"\d{4}", re.ASCII)
_AROUND: Final = 2  # years between the day of a text and a period that its words only imply
_ALIKE: Final = 3  # letters of a name that may be a part of another


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a second reader believes: where a figure stands and what it is.

    Its value is compared with the one read here and never stored; None says that the reader gave none.
    """

    quote: str
    start: int
    entity: str
    metric: str
    kind: str
    period: str | None
    value: Decimal | None = None
    unit: str | None = None


class Extractor(Protocol):
    """Anything that reads a text and proposes figures."""

    name: str

    def propose(self, text: str) -> Iterable[Proposal]:
        """Propose the figures it sees."""


def reread(
    text: str, proposal: Proposal, *, published: date | None = None, companies: Sequence[NamedCompany] = ()
) -> ExtractedFigure | None:
    """Return the proposed figure with its amount as read here, or None where no amount stands at the quote.

    Labels the reader understood otherwise send the figure to review (`reason` "disputed"); a reason the
    reader has against it (denied, estimated by analysts, a margin) stays.
    """
    end = proposal.start + len(proposal.quote)
    if not proposal.quote or text[proposal.start : end] != proposal.quote:
        return None
    found = extract(text, published=published, companies=companies)
    every = (*found.facts, *found.review, *found.abstained)
    figure = next((item for item in every if item.start < end and proposal.start < item.end), None)
    return None if figure is None else _judge(figure, proposal)


def _judge(figure: ExtractedFigure, proposal: Proposal) -> ExtractedFigure:
    if figure.reason not in _UNNAMED:
        return figure
    reason = DISPUTED if _differs(figure, proposal) else None
    return replace(
        figure,
        entity=proposal.entity,
        metric=proposal.metric,
        kind=proposal.kind,
        period=proposal.period,
        reason=reason,
        rules=(*figure.rules, "proposed"),
    )


def accept(  # noqa: PLR0913 - what the caller knows about the text
    text: str,
    found: Reading,
    proposals: Iterable[Proposal],
    *,
    published: date | None = None,
    companies: Sequence[NamedCompany] = (),
    known: Known | None = None,
) -> Reading:
    """Return a reading with the proposals that pass all checks as facts of the method "model".

    A fact of the rules that a proposal understands otherwise goes to review, and so do two facts that contradict each
    other. What the rules found and no proposal names stays as it is.
    """
    figures = [*found.facts, *found.review, *found.abstained]
    for proposal in proposals:
        place = _find_figure(text, figures, proposal)
        if place is not None and _is_possible(text, figures[place], proposal, published, companies):
            merged = _merge_proposal(figures[place], proposal)
            is_new = merged.method == METHOD and merged.reason is None
            figures[place] = check.against_known(merged, known) if is_new and known is not None else merged
    facts = check.contradictory([figure for figure in figures if figure.reason is None])
    rest = [figure for figure in figures if figure.reason is not None]
    refused = [figure for figure in facts if figure.reason is not None]
    in_review = {(item.start, item.end) for item in found.review}
    review = [*refused, *(item for item in rest if item.reason in _DOUBTS or (item.start, item.end) in in_review)]
    kept = {id(item) for item in review}
    return replace(
        found,
        facts=tuple(figure for figure in facts if figure.reason is None),
        review=tuple(review),
        abstained=tuple(item for item in rest if id(item) not in kept),
    )


def _find_figure(text: str, figures: Sequence[ExtractedFigure], proposal: Proposal) -> int | None:
    """Return which figure a quote holds; None where it does not stand in the text, or holds none or several."""
    if not proposal.quote.strip():
        return None
    spans = [(found.start(), found.end()) for found in re.finditer(re.escape(proposal.quote), text)]
    inside = [
        place
        for place, figure in enumerate(figures)
        if any(low <= figure.start and figure.end <= high for low, high in spans)
    ]
    same = [place for place in inside if _is_same_value(figures[place], proposal)]
    chosen = same or inside
    return chosen[0] if len(chosen) == 1 else None


def _is_same_value(figure: ExtractedFigure, proposal: Proposal) -> bool:
    """Return true if a proposal gives the amount that stands there, whatever its sign."""
    return figure.value is not None and proposal.value is not None and abs(figure.value) == abs(proposal.value)


def _is_possible(
    text: str,
    figure: ExtractedFigure,
    proposal: Proposal,
    published: date | None,
    companies: Sequence[NamedCompany],
) -> bool:
    """Return true if what a proposal says can be meant by the text at all."""
    return (
        proposal.kind in _KINDS
        and proposal.metric in METRIC_OF
        and METRIC_OF[proposal.metric] == (proposal.metric, 1)
        and _is_unit_of(figure, proposal)
        and _is_named(text, proposal.entity, companies)
        and _is_period(text, proposal, published)
    )


def _is_unit_of(figure: ExtractedFigure, proposal: Proposal) -> bool:
    """Return true if a metric of this kind has the unit of a figure."""
    if proposal.unit is not None and proposal.unit != figure.unit:
        return False
    if proposal.kind == "growth_yoy" or figure.unit == "ratio":
        return figure.unit == "ratio" and proposal.kind != "actual"
    return (figure.unit == "count") == (proposal.metric in COUNTED)


def _is_named(text: str, entity: str, companies: Sequence[NamedCompany]) -> bool:
    """Return true if a text names a company, by this name or by another one of it."""
    folded = fold(normalise(text).text)
    known = [company for company in companies if entity in (company.entity, *company.names)]
    names = {entity, *(name for company in known for name in company.names)}
    return any(
        re.search(rf"(?<!\w){re.escape(fold(normalise(name).text))}", folded) is not None
        for name in names
        if name.strip()
    )


def _is_period(text: str, proposal: Proposal, published: date | None) -> bool:
    """Return true if a period has a label, its year can be meant, and what is reported of it was over."""
    label = proposal.period or ""
    if _LABEL.fullmatch(label) is None:
        return False
    year = _YEAR.search(label)
    is_written = year is not None and year[0] in normalise(text).text
    is_near = published is not None and year is not None and abs(int(year[0]) - published.year) <= _AROUND
    ended = proposal.kind == "guidance" or years.Setting(published).has_ended(label)
    return (is_written or is_near) and ended


def _merge_proposal(figure: ExtractedFigure, proposal: Proposal) -> ExtractedFigure:
    """Return a figure as rules and proposal together understand it."""
    if figure.reason not in _UNNAMED:
        return figure
    if _differs(figure, proposal):
        return replace(figure, reason=DISPUTED)
    if figure.reason is None or not _is_same_value(figure, proposal):
        return figure
    judged = _judge(figure, proposal)
    value = judged.value
    if value is not None and proposal.value is not None and proposal.value < 0 < value and proposal.metric in SIGNED:
        value = value.copy_negate()
    entity = figure.entity or proposal.entity
    rules = (*figure.rules, "proposed")
    return replace(
        judged, entity=entity, value=value, rules=rules, method=METHOD, confidence=confidence.of(rules, figure.flags)
    )


def _differs(figure: ExtractedFigure, proposal: Proposal) -> bool:
    """Return true if the rules have understood something otherwise than a proposal."""
    pairs = [(figure.metric, proposal.metric), (figure.period, proposal.period)]
    pairs += [(figure.kind, proposal.kind)] if figure.metric else []
    if any(own is not None and own != other for own, other in pairs):
        return True
    is_number = proposal.value is not None and not _is_same_value(figure, proposal)
    is_turned = figure.value is not None and figure.value < 0 < (proposal.value or 0)
    return is_number or is_turned or not _is_alike(figure.entity, proposal.entity)


def _is_alike(own: str, other: str) -> bool:
    """Return true if two names may be of one company: nobody was named, or one is a part of the other."""
    one, two = (re.sub(r"[\W_]+", "", fold(name)) for name in (own, other))
    return not one or one == two or (min(len(one), len(two)) >= _ALIKE and (one in two or two in one))
