"""The report on what is new: figures and forecasts that changed since a day, or with the latest commit, and why."""

from __future__ import annotations

from contextlib import closing
from dataclasses import asdict
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.diff import Change, diff
from tracker.errors import NothingMatchedError
from tracker.report.charts import tick_label, ticks_of
from tracker.report.document import Card, Cell, Column, Document, Link, Note, Picture, Row, Section, Swatch, Table
from tracker.report.drawing import WIDE
from tracker.report.edition import FIGURES, Figure, read_company
from tracker.report.kinds.growth import command
from tracker.report.kinds.listing import listed, number_word
from tracker.report.labels import day, grouped, percent, period_words, scale_of, seen, signed
from tracker.report.leaves import WIDTH
from tracker.report.prose import range_words
from tracker.report.reading import rows, table
from tracker.report.track import Frame, Mark, Rail, Tick, rail_chart
from tracker.report.words import capital, finding, growth_words, noun, short_money
from tracker.warehouse import Warehouse, versions_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tracker.report.definition import Definition
    from tracker.report.edition import Company

__all__ = ["changes", "changes_headline"]

_KNOWN: Final = """
    select cast(max(known_at) as date) as known_on from fact_known
    where len($entities) = 0 or list_contains($entities, entity)
"""
_LINKS: Final = "select source_id, publisher, title, url from source where list_contains($ids, source_id)"
_MAIN: Final = ("revenue", "net_income", "operating_income", "capex", "operating_cash_flow", "free_cash_flow")
_MOST: Final = 16  # rows of a chart; the tables have all


def changes(warehouse: Warehouse, definition: Definition) -> Document:
    """The report on what changed; one without changes says so."""
    with closing(_before(warehouse, definition)) as before:
        found = [
            change
            for change in diff(before, warehouse, definition.entities)
            if not definition.metrics or change.metric in definition.metrics
        ]
    since = _since(definition)
    companies = {entity: read_company(warehouse, entity) for entity in dict.fromkeys(c.entity for c in found)}
    figures = _figures(warehouse, found)
    title = changes_headline(found, figures, companies, since)
    about = [*companies] or [*definition.entities]
    known_on = _known_on(warehouse, about)
    return Document(
        definition=definition,
        language=definition.language,
        kicker=f"{listed([company.short for company in companies.values()]) or 'All companies'} · what is new {since}",
        headline=seen(definition.title) if definition.title else title,
        lead=" ".join([f"{title}."] * bool(definition.title) + [*_lead(found, companies)]),
        cards=tuple(_cards(found)),
        sections=tuple(_sections(found, figures, companies, _sources(warehouse, found))),
        notes=tuple(_notes()),
        foot=(f"What changed {since}; known by {day(known_on)}. Each change names the source that brought it.",),
        known_on=known_on,
        commit=warehouse.snapshot.versions["fact"],
        command=command(definition, warehouse.snapshot.versions["fact"]),
        data={"changes": [asdict(change) for change in found]},
        trend=(),
    )


def _known_on(warehouse: Warehouse, entities: Sequence[str]) -> date:
    """The day of the latest statement of these companies, or of any."""
    found: date | None = table(warehouse, _KNOWN, {"entities": list(entities)})[0]["known_on"]
    if found is None:
        raise NothingMatchedError("nothing is known yet; run `tracker build` first")
    return found


def _before(warehouse: Warehouse, definition: Definition) -> Warehouse:
    """The state to look back to: the same snapshot as known on a day, or the commit before this one."""
    if definition.since is not None:
        return Warehouse(warehouse.path, as_of=definition.since, versions=warehouse.snapshot.versions)
    here = warehouse.snapshot.versions["fact"]
    for commit in range(here - 1, -1, -1):
        try:
            versions = versions_at(warehouse.path, str(commit))
        except NothingMatchedError:
            continue
        return Warehouse(warehouse.path, as_of=warehouse.as_of, versions=versions)
    raise NothingMatchedError(
        f"{definition.name}: there is no commit before this one; name a day to look back to (`since = 2024-07-30`)"
    )


def _since(definition: Definition) -> str:
    if definition.since is None:
        return "with the latest commit"
    return f"since {day(date.fromisoformat(definition.since[:10]))}"


def _figures(warehouse: Warehouse, found: Sequence[Change]) -> dict[tuple[str, str, str], Figure]:
    """The rows of growth of what is new or changed, by company, metric and period."""
    wanted: dict[str, set[str]] = {}
    for change in found:
        wanted.setdefault(change.entity, set()).add(change.metric)
    return {
        (entity, row.metric, row.fiscal_period): row
        for entity, metrics in wanted.items()
        for row in rows(warehouse, FIGURES, {"entity": entity, "metrics": sorted(metrics)}, Figure)
    }


def _sources(warehouse: Warehouse, found: Iterable[Change]) -> dict[str, Link]:
    ids = sorted({source for change in found for source in change.sources})
    links = {row["source_id"]: row["url"] for row in table(warehouse, _LINKS, {"ids": ids})}
    return {name: Link(name, url if (url := links.get(name)) and url.startswith("https://") else None) for name in ids}


# -- what it says ----------------------------------------------------------------------------------------------


def _kind(change: Change) -> str:
    """What a change is to a reader: a new figure, another one, one gone; the same for guidance."""
    if change.what == "guidance":
        return "guidance"
    if change.value is None:
        return "gone"
    return "new" if change.value_before is None else "changed"


def changes_headline(
    found: Sequence[Change],
    figures: Mapping[tuple[str, str, str], Figure],
    companies: Mapping[str, Company],
    since: str,
) -> str:
    """The weightiest finding: a forecast that moved, a figure that changed, else the growth of what is new."""
    moved = [change for change in found if _kind(change) == "guidance" and _is_moved(change)]
    if moved:
        return _moved_words(max(moved, key=_weight), companies, figures)
    altered = [change for change in found if _kind(change) == "changed"]
    new = [change for change in found if _kind(change) == "new"]
    if altered and len(altered) >= len(new):
        whose = listed(list(dict.fromkeys(companies[change.entity].short for change in altered))[:3])
        count = number_word(len(altered))
        return f"{capital(count)} figure{'s' * (len(altered) > 1)} of {whose} changed {since}"
    if new:
        change = min(new, key=_rank)
        row = figures.get((change.entity, change.metric, change.fiscal_period))
        company = companies[change.entity]
        return finding(row, company) if row else f"{len(new)} new figures of {company.short} {since}"
    if found:
        return f"{capital(number_word(len(found)))} change{'s' * (len(found) > 1)} {since}"
    return f"Nothing has changed {since}"


def _rank(change: Change) -> tuple[int, int, str, str]:
    """The main metrics first, whole quarters before parts of years, later periods before earlier ones."""
    main = _MAIN.index(change.metric) if change.metric in _MAIN else len(_MAIN)
    latest = "".join(chr(0x10FFFF - ord(letter)) for letter in change.fiscal_period.replace("FY", "") + "~")
    return (0 if change.span == "quarter" else 1, main, latest, change.entity)


def _weight(change: Change) -> tuple[bool, Decimal]:
    ends = [end for end in (change.high, change.low) if end is not None]
    return change.metric == "capex", ends[0] if ends else Decimal(0)


def _is_moved(change: Change) -> bool:
    before = change.low_before is not None or change.high_before is not None
    return before and (change.low is not None or change.high is not None)


def _direction(change: Change) -> str:
    pairs = ((change.low_before, change.low), (change.high_before, change.high))
    moves = [after - before for before, after in pairs if before is not None and after is not None]
    up, down = any(move > 0 for move in moves), any(move < 0 for move in moves)
    return "raised" if up and not down else "lowered" if down and not up else "changed"


def _moved_words(
    change: Change, companies: Mapping[str, Company], figures: Mapping[tuple[str, str, str], Figure]
) -> str:
    what = _name(change, figures)
    period = period_words(change.fiscal_period, is_calendar=_is_calendar(change, figures))
    verb, company = _direction(change), companies[change.entity].short
    return f"{company} {verb} its guidance for {what} in {period} to {_range(change.low, change.high, change.unit)}"


def _range(low: Decimal | None, high: Decimal | None, unit: str) -> str:
    return range_words(_Ends(low, high, unit))  # type: ignore[arg-type]


class _Ends:
    """The ends of a range, for the words of one."""

    def __init__(self, low: Decimal | None, high: Decimal | None, unit: str) -> None:
        self.low, self.high, self.unit = low, high, unit


def _name(change: Change, figures: Mapping[tuple[str, str, str], Figure]) -> str:
    of = next((row for key, row in figures.items() if key[1] == change.metric), None)
    return noun(of).name if of else change.metric.replace("_", " ")


def _is_calendar(change: Change, figures: Mapping[tuple[str, str, str], Figure]) -> bool:
    of = next((row for key, row in figures.items() if key[0] == change.entity), None)
    return of is None or of.is_calendar


def _lead(found: Sequence[Change], companies: Mapping[str, Company]) -> Iterator[str]:
    counts = _counts(found)
    if counts:
        parts = [f"{number_word(n)} {word if n != 1 else word.removesuffix('s')}" for word, n in counts.items()]
        yield f"{capital(listed(parts))}, of {listed([company.short for company in companies.values()][:6])}."
    causes: dict[str, int] = {}
    for change in found:
        causes[change.cause] = causes.get(change.cause, 0) + 1
    if causes:
        told = [f"{cause} ({count})" for cause, count in sorted(causes.items(), key=lambda item: -item[1])]
        yield f"Causes: {', '.join(told)}."


def _counts(found: Sequence[Change]) -> dict[str, int]:
    words = {"new": "new figures", "changed": "changed figures", "guidance": "forecasts", "gone": "withdrawn figures"}
    return {word: count for kind, word in words.items() if (count := sum(_kind(change) == kind for change in found))}


# -- figures, charts, tables -------------------------------------------------------------------------------------


def _cards(found: Sequence[Change]) -> Iterator[Card]:
    for word, count in _counts(found).items():
        yield Card(capital(word), str(count), "", "", "")


def _sections(
    found: Sequence[Change],
    figures: Mapping[tuple[str, str, str], Figure],
    companies: Mapping[str, Company],
    links: Mapping[str, Link],
) -> Iterator[Section]:
    new = sorted((change for change in found if _kind(change) == "new"), key=_rank)
    altered = [change for change in found if _kind(change) == "changed"]
    promised = [change for change in found if _kind(change) == "guidance"]
    gone = [change for change in found if _kind(change) == "gone"]
    for key, title, some, picture in (
        ("guidance", "Forecasts", promised, None),
        ("new", "New figures", new, _grown(new, figures, companies)),
        ("changed", "Figures that changed", altered, _moved(altered, figures, companies)),
        ("gone", "Figures withdrawn", gone, None),
    ):
        if some:
            pictures = (picture,) if picture else ()
            legend = (Swatch("period", "up"), Swatch("fall", "down, with a minus sign")) if picture else ()
            yield Section(key, title, "", pictures, (_table(key, title, some, figures, companies, links),), legend)


def _grown(
    new: Sequence[Change], figures: Mapping[tuple[str, str, str], Figure], companies: Mapping[str, Company]
) -> Picture | None:
    """The growth on a year earlier of what is new, quarters first."""
    rated = [
        (companies[change.entity], row)
        for change in new
        if (row := figures.get((change.entity, change.metric, change.fiscal_period))) and row.yoy_ratio is not None
    ][:_MOST]
    if not rated:
        return None
    rails = [
        Rail(
            f"{company.short}: {noun(row).name}, {row.fiscal_period}",
            (Mark(0.0, "base", is_hollow=True), Mark(float((row.yoy_ratio or Decimal(0)) * 100), _tone(row.yoy_ratio))),
            f"{short_money(row.value, row.unit)}, {growth_words(row)}",
            is_joined=True,
            label_role="fall" if (row.yoy_ratio or 0) < 0 else "ink",
        )
        for company, row in rated
    ]
    shares = [float((row.yoy_ratio or Decimal(0)) * 100) for _, row in rated]
    return _rails("new", "Growth of the new figures on a year earlier", "a year earlier", rails, shares)


def _moved(
    altered: Sequence[Change], figures: Mapping[tuple[str, str, str], Figure], companies: Mapping[str, Company]
) -> Picture | None:
    """How far figures that were known before have moved."""
    rated = [
        (change, (change.value - change.value_before) / change.value_before)
        for change in altered
        if change.value is not None and change.value_before is not None and change.value_before > 0
    ]
    rated = sorted(rated, key=lambda pair: (-abs(pair[1]), _rank(pair[0])))[:_MOST]
    if not rated:
        return None
    rails = [
        Rail(
            f"{companies[change.entity].short}: {_name(change, figures)}, {change.fiscal_period}",
            (Mark(0.0, "base", is_hollow=True), Mark(float(share * 100), _tone(share))),
            f"{_both(change)}, {percent(share)}",
            is_joined=True,
            label_role="fall" if share < 0 else "ink",
        )
        for change, share in rated
    ]
    return _rails("moved", "How far known figures moved", "before", rails, [float(share * 100) for _, share in rated])


def _both(change: Change) -> str:
    return f"{short_money(change.value_before, change.unit)} to {short_money(change.value, change.unit)}"


def _tone(share: Decimal | None) -> str:
    return "fall" if (share or 0) < 0 else "period"


def _rails(key: str, title: str, zero: str, rails: Sequence[Rail], shares: Sequence[float]) -> Picture:
    low, high = min(0.0, *shares, 0.0), max(0.0, *shares, 0.0)
    margin = (high - low or 1.0) * 0.08
    ticks = tuple(Tick(tick, f"{signed(tick_label(tick))}%" if tick else zero) for tick in ticks_of(low, high))
    frame = Frame((low - margin, high + margin), ticks, names=340, labels=280)
    told = "; ".join(f"{rail.name}: {rail.label}" for rail in rails)
    return Picture(
        key=f"rails-{key}",
        title=title,
        unit=f"Per cent; hollow dots: {zero}",
        alt=f"Pairs of dots. {told}.",
        chart=rail_chart(rails, frame, WIDE, f"rails-{key}"),
        narrow=rail_chart(rails, frame, WIDTH, f"rails-{key}-narrow"),
    )


_COLUMNS: Final = (
    Column("Period"),
    Column("What"),
    Column("Unit"),
    Column("Before", "number"),
    Column("Now", "number"),
    Column("Cause"),
    Column("How"),
    Column("Source", "source"),
)


def _table(  # noqa: PLR0913, PLR0917 - what a row is told with
    key: str,
    title: str,
    some: Sequence[Change],
    figures: Mapping[tuple[str, str, str], Figure],
    companies: Mapping[str, Company],
    links: Mapping[str, Link],
) -> Table:
    made = tuple(_row(change, companies[change.entity].short, _name(change, figures), links) for change in some)
    return Table(f"t-{key}", f"{title}, one row a change", _COLUMNS, made, title, look="changes")


def _row(change: Change, company: str, name: str, links: Mapping[str, Link]) -> Row:
    ends = (change.value, change.high, change.low, change.value_before, change.high_before)
    known = [end for end in ends if end is not None]
    exponent = {12: 6, 9: 6, 6: 3}.get(scale_of(max(map(abs, known), default=Decimal(0))).exponent, 0)
    before = _cell(change.value_before, change.low_before, change.high_before, change, exponent)
    now = _cell(change.value, change.low, change.high, change, exponent)
    return Row(
        (
            Cell(change.fiscal_period),
            Cell(f"{company}: {name}"),
            Cell(change.unit + {6: " million", 3: " thousand"}.get(exponent, "")),
            before,
            now,
            Cell(change.cause),
            Cell(change.detail, tone="muted"),
            Cell("", links=tuple(links[source] for source in change.sources if source in links)),
        )
    )


def _cell(value: Decimal | None, low: Decimal | None, high: Decimal | None, change: Change, exponent: int) -> Cell:
    digits = 2 if "/" in change.unit or change.unit == "ratio" else 0
    if change.what == "figure" or low is None or high is None:
        one = value if value is not None or change.what == "figure" else low if low is not None else high
        return Cell("" if one is None else grouped(one.scaleb(-exponent), digits), one)
    ends = (grouped(end.scaleb(-exponent), digits) for end in (low, high))
    return Cell(" to ".join(dict.fromkeys(ends)))


def _notes() -> Iterator[Note]:
    yield Note(
        "What counts as a change",
        "A figure or a forecast whose value or bound is not what it was; the cause is read off the statements behind"
        " it: which stand now and did not before, or the other way round.",
    )
    yield Note("Derived figures", "One filing moves every figure that rests on it: quarters, half-years, sums.")
