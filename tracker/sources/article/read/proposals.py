"""The seam for other extractors: they may point at a figure and name it; the number is always read here.

An extractor (a language model, a name recogniser) proposes a quote with labels. `reread` finds the quote in the
text, reads the amount with the same code as everything else and applies the same guards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from tracker.sources.article.read.extract import extract

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from tracker.sources.article.model import ExtractedFigure, NamedCompany

__all__ = ["Extractor", "Proposal", "reread"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What another extractor believes: where a figure stands and what it is; never its value."""

    quote: str
    start: int
    entity: str
    metric: str
    kind: str
    period: str | None


class Extractor(Protocol):
    """Anything that reads a text and proposes figures."""

    name: str

    def propose(self, text: str) -> Iterable[Proposal]:
        """The figures it sees."""


def reread(
    text: str, proposal: Proposal, *, published: date | None = None, companies: Sequence[NamedCompany] = ()
) -> ExtractedFigure | None:
    """The proposed figure with its amount as read here, or None where no amount stands at the quote.

    Labels the reader understood otherwise send the figure to review (`reason` "disputed"); a reason the
    reader has against it (denied, estimated by analysts, a margin) stays.
    """
    end = proposal.start + len(proposal.quote)
    if not proposal.quote or text[proposal.start : end] != proposal.quote:
        return None
    found = extract(text, published=published, companies=companies)
    every = (*found.facts, *found.review, *found.abstained)
    figure = next((item for item in every if item.start < end and proposal.start < item.end), None)
    return None if figure is None else _judged(figure, proposal)


def _judged(figure: ExtractedFigure, proposal: Proposal) -> ExtractedFigure:
    labels = {"entity": proposal.entity, "metric": proposal.metric, "kind": proposal.kind, "period": proposal.period}
    if figure.reason not in (None, "no_metric", "no_entity", "no_period"):
        return figure
    own = {name: getattr(figure, name) for name in labels}
    differs = any(own[name] not in (None, "", value) for name, value in labels.items())
    reason = "disputed" if differs else None
    return replace(figure, **labels, reason=reason, rules=(*figure.rules, "proposed"))  # type: ignore[arg-type]
