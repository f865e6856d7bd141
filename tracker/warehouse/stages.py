"""Say in which order the stored views are computed, and on what the rows of each depend: the plan of `histories`.

A stage is a few views that are computed in the same worlds. Its `locality` says how wide a world is; a wrong locality
would lose rows, and a test compares the histories with the views at every moment.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from tracker.warehouse.view_files import views

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "EARLIER",
    "GROUP",
    "GUIDANCE_STAGES",
    "OF_ALL",
    "OF_COMPANY",
    "PART_STAGES",
    "SEGMENT_STAGE",
    "SHARED_STAGES",
    "STAGES",
    "STAGES_BEFORE_PARTS",
    "VIEWS",
    "Near",
    "Stage",
    "merge_stages",
]

#: Inputs that the stages do not compute: first those with rows for each company, which are the same at all moments.
OF_COMPANY: Final = frozenset({"entity", "entity_label", "metric_definition"})
OF_ALL: Final = frozenset({"metric", "metric_tag", "metric_ratio", "qualifier"})
#: The column that names the group of a figure.
GROUP: Final = "figure_group"


@dataclass(frozen=True, slots=True)
class Near:
    """Which rows of an input matter: a condition for a row `i` and a world `w`, in place of equal columns.

    Only company and group must still be the same. The condition is tried with each `w.back` from 0 up to below `reach`:
    a few equalities are much faster than a range.
    """

    condition: str
    reach: int = 1


@dataclass(frozen=True, slots=True)
class Stage:
    """Views that are computed in the same worlds, one after the other.

    `near` names the inputs whose rows matter beyond the locality. `only` is a condition for an input of which only some
    rows matter. `bounds` names the inputs without whose rows the views have none: they decide which worlds exist. If it
    is empty, all inputs that have the columns of the locality do. `keeps` names the views whose history is kept; if it
    is empty, all of them.
    """

    views: tuple[str, ...]
    locality: tuple[str, ...]
    near: Mapping[str, Near] = field(default_factory=dict)
    only: Mapping[str, str] = field(default_factory=dict)
    bounds: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()

    @property
    def inputs(self) -> tuple[str, ...]:
        """Return the views and tables that the stage reads, except its own views and those that have no companies."""
        read = dict.fromkeys(read for name in self.views for read in VIEWS[name].reads)
        return tuple(name for name in read if not {name, EARLIER.get(name)} & {*self.views} and name not in OF_ALL)


VIEWS: Final = {view.name: view for view in views()}
#: Views that repeat another one, as what a later figure is measured against: they have its history.
EARLIER: Final = {f"earlier_{name}": name for name in ("figure", "ratio_level", "shown", "vintage")}
_CONTAINS: Final = Near("w.period_end between i.period_start and i.period_end")
_FOUR_QUARTERS: Final = Near(
    "quarter_number(i.fiscal_year, i.fiscal_quarter) = quarter_number(w.fiscal_year, w.fiscal_quarter) - w.back", 5
)
_YEAR_BEFORE: Final = Near("i.fiscal_year = w.fiscal_year - w.back", 2)
_YEAR_AGO: Final = "i.fiscal_year = w.fiscal_year - 1 and i.fiscal_quarter = w.fiscal_quarter"
_RATIO_PARTS: Final = "i.metric in (select part from metric_ratio)"
_OPENING_BALANCES: Final = Near(
    "i.span = 'quarter' and i.metric in (select part from metric_ratio where is_averaged) and "
    + _FOUR_QUARTERS.condition,
    _FOUR_QUARTERS.reach,
)
_FIGURE: Final = ("entity", "concept", "unit", "period_start", "period_end")
_GROWTH_INPUTS: Final = ("figure", "shown", "vintage", "tag_overlap")
#: Statements about other periods than those of the company's calendar belong to no figure.
_IN_A_QUARTER: Final = dict.fromkeys(("flow", "version", "statement"), "i.fiscal_quarter is not null")

#: Splits are found in all share counts and amounts per share of a company, and in what its filings say of splits.
_OF_SHARES: Final = """
    (i.unit = 'shares' or i.unit like '%/shares' or i.concept like '%:StockholdersEquityNoteStockSplitConversionRatio%')
"""
_SPLIT_STAGE: Final = Stage(("split",), ("entity",), only={"version": _OF_SHARES})
_CALENDAR: Final = ("period_weight", "fiscal_year", "placed_period", "fiscal_quarter")
STAGES: Final = (
    Stage(("period_weight",), ("entity", "kind", "period_start", "period_end", "form")),
    Stage(("fiscal_year",), ("entity",)),
    Stage(("placed_period",), ("entity", "period_end"), near={"fiscal_year": _CONTAINS}),
    Stage(("fiscal_quarter",), ("entity", "fiscal_year")),
    Stage(("statement",), ("entity", "period_end"), near={"fiscal_year": _CONTAINS}),
    Stage(("disputed", "version"), _FIGURE, keeps=("version",)),
    _SPLIT_STAGE,
    Stage(("vintage_opening", "scale_suspect"), ("entity", "concept", "unit")),
    Stage(("scale_doubt",), ("entity",)),
    Stage(("basis_change",), ("entity",)),
    Stage(("flow",), _FIGURE),
    Stage(
        ("difference", "quarter_by_concept", "year_to_date_by_concept", "tag_use"),
        ("entity", "concept", "unit", "fiscal_year"),
    ),
    Stage(("tag_support",), ("entity", "metric", "concept", "unit")),
    Stage(("unit_use",), ("entity", "metric")),
    Stage(("pinned",), ("entity",), bounds=("pin_in_force",)),
    Stage(("candidate",), ("entity", GROUP, "fiscal_year", "fiscal_quarter"), only=_IN_A_QUARTER),
    Stage(
        ("stated_sum",),
        ("entity", GROUP, "fiscal_year"),
        only={"candidate": "i.method = 'stated' and i.place = 1 and i.span = 'quarter'"},
    ),
    Stage(
        ("choice", "figure", "shown", "vintage", "tag_overlap"),
        ("entity", GROUP, "fiscal_year", "fiscal_quarter"),
        keeps=("choice", *_GROWTH_INPUTS),
    ),
    # Growth over a year and sums of four quarters need the four quarters before. Only annual figures need earlier ones.
    Stage(
        ("comparison", "comparable", "growth", "ttm"),
        ("entity", GROUP, "fiscal_year", "fiscal_quarter"),
        near={**dict.fromkeys(EARLIER, _FOUR_QUARTERS), "tag_overlap": _YEAR_BEFORE},
        bounds=("figure",),
        keeps=("growth", "ttm"),
    ),
    # A return divides by the mean of two balances, the earlier one of up to four quarters before.
    Stage(
        ("ratio_level",),
        ("entity", "fiscal_year", "fiscal_quarter"),
        near={"earlier_figure": _OPENING_BALANCES},
        only={"choice": f"i.place = 1 and {_RATIO_PARTS}", "ttm": _RATIO_PARTS},
        bounds=("choice",),
    ),
    Stage(
        ("ratio",),
        ("entity", "fiscal_year", "fiscal_quarter"),
        near={
            "earlier_ratio_level": Near(_YEAR_AGO),
            "earlier_figure": Near(f"{_YEAR_AGO} and {_RATIO_PARTS}"),
        },
        only={"growth": f"i.against = 'year' and {_RATIO_PARTS}"},
        bounds=("ratio_level",),
    ),
    Stage(
        ("annual", "comparison", "comparable", "cagr"),
        ("entity", GROUP),
        only=dict.fromkeys(("figure", "shown", "vintage", *EARLIER), "i.span = 'year'"),
        bounds=("figure",),
        keeps=("cagr",),
    ),
)
#: Stages whose results the parts of a company share with it: its calendar and its splits. The stages after them are
#: computed for parts too, up to growth.
SHARED_STAGES: Final = (*(stage for stage in STAGES if stage.views[0] in _CALENDAR), _SPLIT_STAGE)
PART_STAGES: Final = tuple(stage for stage in STAGES[:-3] if stage not in SHARED_STAGES)
#: The same with what they read. Of statements and versions, splits need only those of shares.
STAGES_BEFORE_PARTS: Final = tuple(
    replace(stage, only={"fact_known": _OF_SHARES}) if stage.views[0] == "statement" else stage
    for stage in STAGES[: STAGES.index(_SPLIT_STAGE) + 1]
)
SEGMENT_STAGE: Final = Stage(("segment_figure",), ("entity", "axes", "metric"))
#: Stages for companies with guidance, from themselves or from an article.
GUIDANCE_STAGES: Final = (
    Stage(("guidance_history",), ("entity",), only={"statement": "i.kind = 'guidance'"}),
    Stage(
        ("yoy", "guidance_outcome"),
        ("entity", "metric"),
        bounds=("guidance_history",),
        keeps=("guidance_outcome",),
    ),
)


def merge_stages(stages: tuple[Stage, ...], keeps: Iterable[str]) -> tuple[Stage, ...]:
    """Merge stages into one whose worlds are whole companies: fewer SQL statements, but more rows in each.

    Of the histories that the stages keep, those of the views in `keeps` are kept.
    """
    names = {name for stage in stages for name in stage.views}
    kept = {name for stage in stages for name in stage.keeps or stage.views}
    in_order = tuple(view.name for view in views() if view.name in names)
    return (Stage(in_order, ("entity",), keeps=tuple(name for name in keeps if name in kept)),)
