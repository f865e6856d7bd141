"""The report on a company's forecasts: what was promised when, what has come of it, and how such promises turn out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.errors import NothingMatchedError
from tracker.report.document import Card, Cell, Column, Document, Note, Picture, Row, Section, Swatch, Table
from tracker.report.drawing import WIDE
from tracker.report.edition import Edition, Figure, Guided, read_company, read_edition
from tracker.report.kinds.evidence import anchors, evidence_section, figure_table, source_link
from tracker.report.kinds.growth import command, promise_picture
from tracker.report.kinds.listing import listed, number_word
from tracker.report.labels import day, percent, period_words, seen, span_of
from tracker.report.leaves import WIDTH
from tracker.report.prose import changed, outcome, position, range_words, remaining
from tracker.report.reading import rows, table
from tracker.report.track import Frame, Mark, Rail, Tick, rail_chart
from tracker.report.words import capital, noun, possessive, short_money, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tracker.report.definition import Definition
    from tracker.report.edition import Company
    from tracker.warehouse import Warehouse

__all__ = ["Outcome", "Record", "guidance", "guidance_headline"]

_STEPS: Final = """
    select
        h.metric, h.fiscal_period, h.period_start, h.period_end, cast(h.issued_at as date) as issued_on,
        cast(h.superseded_at as date) as superseded_on, h.low, h.high, h.unit, h.status, h.low_change, h.high_change,
        h.quote, h.source_id, h.accession, s.publisher, s.title, s.url, h.calendar_quarter,
        coalesce(m.label, h.metric) as label, o.outcome, o.position, o.actual, o.so_far, o.quarters_so_far,
        o.left_low, o.left_high, o.reason, h.step
    from guidance_history h
    left join guidance_outcome o on o.fact_id = h.fact_id
    left join source s on s.source_id = h.source_id
    left join metric m on m.metric = h.metric
    where h.entity = $entity and list_contains($metrics, h.metric) and h.unit <> 'ratio'
    order by h.metric, h.period_end, h.fiscal_period, h.step
"""
_RECORD: Final = """
    select metric, unit, targets, completed, inside, above, below, share_inside, mean_width_ratio, mean_bias_ratio
    from guidance_record where entity = $entity and list_contains($metrics, metric) and unit <> 'ratio'
    order by metric, unit
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One step of a forecast with what became of it: a row of `guidance_outcome` beside its `Guided`."""

    guided: Guided
    calendar_quarter: str | None
    label: str
    step: int
    outcome: str | None
    position: Decimal | None
    actual: Decimal | None
    so_far: Decimal | None
    left_low: Decimal | None
    left_high: Decimal | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Record:
    """How a company's forecasts of a metric have turned out: a row of `guidance_record`."""

    metric: str
    unit: str
    targets: int
    completed: int
    inside: int
    above: int
    below: int
    share_inside: Decimal | None
    mean_width_ratio: Decimal | None
    mean_bias_ratio: Decimal | None


def guidance(warehouse: Warehouse, definition: Definition) -> Document:
    """The report on a company's forecasts; NothingMatchedError where it gave none of these metrics."""
    asked = {"entity": definition.entity, "metrics": list(definition.metrics)}
    company = read_company(warehouse, definition.entity)
    steps = [_outcome(row) for row in table(warehouse, _STEPS, asked)]
    if not steps:
        raise NothingMatchedError(f"{definition.name}: {company.short} guided to no {', '.join(definition.metrics)}")
    edition = _edition(warehouse, definition, steps)
    metric, target = _about(definition, steps)
    own = [step for step in steps if step.guided.metric == metric and step.guided.fiscal_period == target]
    records = rows(warehouse, _RECORD, asked, Record)
    figure = _figure(edition, own[-1])
    title = guidance_headline(company, own, figure)
    return Document(
        definition=definition,
        language=definition.language,
        kicker=f"{company.name} · guidance for {_year(figure, target)}",
        headline=seen(definition.title) if definition.title else title,
        lead=" ".join([f"{title}."] * bool(definition.title) + [*_lead(edition, own, records, figure)]),
        cards=tuple(_cards(edition, own, records, figure)),
        sections=tuple(_sections(edition, steps, records, metric, target)),
        notes=tuple(_notes(edition, steps)),
        foot=(f"Source: {_sources(own)}; known by {day(edition.known_on)}. Outcomes on the guided definition alone.",),
        known_on=edition.known_on,
        commit=edition.commit,
        command=command(definition, warehouse.snapshot.versions["fact"]),
        data={"steps": [asdict(step) for step in steps], "record": [asdict(record) for record in records]},
        trend=tuple(_middle(step.guided) for step in own),
    )


# -- reading -------------------------------------------------------------------------------------------------

_KEYS: Final = (
    "calendar_quarter",
    "label",
    "step",
    "outcome",
    "position",
    "actual",
    "so_far",
    "left_low",
    "left_high",
    "reason",
)


def _outcome(row: Mapping[str, object]) -> Outcome:
    guided = Guided(**{name: row[name] for name in Guided.__slots__})  # type: ignore[arg-type]
    return Outcome(guided, **{name: row[name] for name in _KEYS})  # type: ignore[arg-type]


def _edition(warehouse: Warehouse, definition: Definition, steps: Sequence[Outcome]) -> Edition:
    """The figures the forecasts are about, with all forecasts in place of those for one year; perhaps no figures."""
    guided = tuple(step.guided for step in steps)
    alone = replace(definition, period=None)
    try:
        return replace(read_edition(warehouse, alone, is_bare=True), definition=definition, guided=guided)
    except NothingMatchedError:
        return Edition(
            definition=definition,
            company=read_company(warehouse, definition.entity),
            period=guided[-1].fiscal_period,
            metrics=(),
            figures=(),
            definitions={},
            evidence={},
            statements=(),
            claims=(),
            guided=guided,
            restated=(),
            known_on=max(step.issued_on for step in guided),
            commit=warehouse.snapshot.versions["fact"],
        )


def _about(definition: Definition, steps: Sequence[Outcome]) -> tuple[str, str]:
    """The metric and period the headline is about: those asked for, else the first metric's latest promise."""
    for metric in definition.metrics:
        of = [step.guided for step in steps if step.guided.metric == metric]
        if definition.period is not None:
            of = [step for step in of if step.fiscal_period == definition.period]
        if of:
            return metric, max(of, key=lambda step: (_says(step), step.issued_on, step.period_end)).fiscal_period
    raise NothingMatchedError(f"{definition.name}: no guidance for {definition.period}")


def _says(step: Guided) -> bool:
    """Whether a step has a number or takes one back; "significantly more" yields to either."""
    return step.low is not None or step.high is not None or step.status == "withdrawn"


def _figure(edition: Edition, step: Outcome) -> Figure:
    """A figure to take the words from: one of the metric's own, else one that says only what the forecast says."""
    of = [row for row in edition.figures if row.metric == step.guided.metric]
    if of:
        return of[-1]
    guided = step.guided
    target, quarter = guided.fiscal_period, step.calendar_quarter
    return Figure(
        metric=guided.metric, label=step.label, measure="money", span=span_of(target),
        fiscal_year=int(target[2:] if span_of(target) == "year" else target[:4]),
        fiscal_quarter=int(target[5]) if span_of(target) == "quarter" else 4, fiscal_period=target,
        calendar_quarter=quarter, period_start=guided.period_start, period_end=guided.period_end, value=None, low=None,
        high=None, unit=guided.unit, method=None, base=None, base_period=None, yoy_ratio=None, yoy_low=None,
        yoy_high=None, yoy_status="not_derivable", reason=step.reason, operands=(), base_operands=(),
    )  # fmt: skip


def _middle(step: Guided) -> Decimal | None:
    ends = [end for end in (step.low, step.high) if end is not None]
    return sum(ends, Decimal(0)) / len(ends) if ends else None


# -- what it says ----------------------------------------------------------------------------------------------

_MOVES: Final = {
    "raised": "raised its guidance for {what} to {range}",
    "lowered": "lowered its guidance for {what} to {range}",
    "narrowed": "narrowed its guidance for {what} to {range}",
    "widened": "widened its guidance for {what} to {range}",
    "reaffirmed": "kept its guidance for {what} at {range}",
    "initial": "guides to {range} for {what}",
    "withdrawn": "withdrew its guidance for {what}",
}


def _year(figure: Figure, target: str) -> str:
    """The target period in words."""
    return period_words(target, is_calendar=target.startswith("CY") or figure.is_calendar)


def guidance_headline(company: Company, steps: Sequence[Outcome], figure: Figure) -> str:
    """The finding on one target: what became of it once it is over, else how the last step moved it."""
    last = steps[-1]
    name, year = noun(figure).name, _year(figure, last.guided.fiscal_period)
    if last.actual is not None and last.outcome in {"inside", "above", "below"}:
        was = f"{possessive(company.short)} {name} for {year} came to {told(last.actual, figure)}"
        first = steps[0]
        promised = f"{last.outcome} the {range_words(last.guided)} it last guided to"
        if first.outcome not in {None, last.outcome} and first.guided.low != last.guided.low:
            promised += f" and {first.outcome} its first {range_words(first.guided)}"
        return f"{was}, {promised}"
    if last.guided.low is None and last.guided.high is None:
        if last.guided.status == "withdrawn":
            return f"{company.short} withdrew its guidance for {name} in {year}"
        return f"{company.short} gives no number for its {name} in {year}"
    move = _MOVES.get(last.guided.status, _MOVES["initial"])
    return f"{company.short} {move.format(what=f'{name} in {year}', range=range_words(last.guided))}"


def _lead(edition: Edition, own: Sequence[Outcome], records: Sequence[Record], figure: Figure) -> Iterator[str]:
    """How the range moved, what has come of it so far, and how such promises have turned out before."""
    steps = changed([step.guided for step in own if step.guided.low is not None or step.guided.high is not None])
    if len(steps) > 1:
        began = f"{range_words(steps[0])} on {day(steps[0].issued_on)}"
        yield f"It began with {began}; this is its {_nth(len(steps))} range."
    elif steps:
        yield f"It was issued on {day(steps[0].issued_on)}."
    yield from _so_far(edition, own[-1], figure)
    for record in records:
        if record.metric == own[-1].guided.metric and record.completed:
            yield _record_sentence(record, noun(figure).name)


_ORDINALS: Final = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def _nth(number: int) -> str:
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}th"


def _so_far(edition: Edition, last: Outcome, figure: Figure) -> Iterator[str]:
    if last.outcome == "incomparable" and last.reason:
        yield f"Whether it came true cannot be said: {last.reason}."
    if last.actual is not None or not last.guided.fiscal_period.startswith("FY"):
        return
    spent = edition.year_to_date(last.guided.metric, int(last.guided.fiscal_period[2:]))
    if spent:
        left = remaining(last.guided, spent[-1])
        must = f"the rest of the year must add {left}" if left else "that is already past the range"
        yield f"After {told(spent[-1].value, figure)} by {day(spent[-1].period_end)}, {must}."


def _record_sentence(record: Record, name: str) -> str:
    """Of the first statement for each period that is over: how many came true."""
    ends = [(record.inside, "inside"), (record.above, "above"), (record.below, "below")]
    came = [f"{number_word(count)} {word}" for count, word in ends if count]
    if record.completed == 1:
        sentence = (
            f"The one first forecast of {name} whose period is over came out {came[0].removeprefix('one ')} its range"
        )
    else:
        of = f"Of {number_word(record.completed)} first forecasts of {name} whose period is over"
        sentence = f"{of}, {listed(came)} the range"
    if record.mean_bias_ratio is None:
        return f"{sentence}."
    side = "above" if record.mean_bias_ratio > 0 else "below"
    far = percent(abs(record.mean_bias_ratio), 1).removeprefix("+")
    return f"{sentence}; on average the outcome was {far} {side} the middle."


# -- figures, charts, tables -----------------------------------------------------------------------------------


def _cards(edition: Edition, own: Sequence[Outcome], records: Sequence[Record], figure: Figure) -> Iterator[Card]:
    last = own[-1]
    has_range = last.guided.low is not None or last.guided.high is not None
    shown = range_words(last.guided) if has_range else "no number"
    since = f"since {day(last.guided.issued_on)}; {last.guided.status}"
    yield Card(
        f"Guidance for {_year(figure, last.guided.fiscal_period)}",
        shown,
        "",
        "",
        since,
        "#g" + str(_row_no(own[-1], edition)),
    )
    if last.actual is not None:
        place = position(last.actual, last.guided)
        yield Card("Outcome", short_money(last.actual, last.guided.unit), outcome(last.actual, last.guided), "", place)
    elif last.guided.fiscal_period.startswith("FY"):
        yield from _spent_cards(edition, last)
    for record in records:
        if record.metric == last.guided.metric and record.completed:
            fine = f"{record.above} above, {record.below} below; first statement of each period"
            yield Card("Inside the range", f"{record.inside} of {record.completed}", "", "", fine)


def _row_no(step: Outcome, edition: Edition) -> int:
    return edition.guided.index(step.guided) + 1


def _spent_cards(edition: Edition, last: Outcome) -> Iterator[Card]:
    spent = edition.year_to_date(last.guided.metric, int(last.guided.fiscal_period[2:]))
    if not spent:
        return
    places = anchors(edition)
    first = next((f"#{places[sign[1:]]}" for sign in spent[-1].operands if sign[1:] in places), None)
    yield Card("So far", short_money(spent[-1].value, spent[-1].unit), "", "", f"by {day(spent[-1].period_end)}", first)
    left = remaining(last.guided, spent[-1])
    fine = "to end inside the range" if left else "the sum so far is past the range"
    yield Card("The rest of the year", left or "past the range", "", "", fine)


def _sections(
    edition: Edition, steps: Sequence[Outcome], records: Sequence[Record], metric: str, target: str
) -> Iterator[Section]:
    years = dict.fromkeys((step.guided.metric, step.guided.fiscal_period) for step in reversed(steps))
    wanted = sorted(years, key=lambda pair: (pair != (metric, target), pair[0] != metric))
    bands = [promise_picture(edition, *pair, at) for at, pair in enumerate(wanted) if pair[1].startswith("FY")]
    pictures = tuple(picture for picture in bands if picture is not None)[:_BANDS]
    if pictures:
        yield Section("promise", "From announcement to replacement", pictures=pictures)
    fell = [picture for name in dict.fromkeys(pair[0] for pair in wanted) if (picture := _fell(edition, steps, name))]
    tables = (_record_table(edition, steps, records),) if records else ()
    if fell or tables:
        text = "Each period that is over, by where its outcome lay between the ends of the range." if fell else ""
        legend = _FELL if fell else ()
        yield Section("record", "How promises turned out", text, tuple(fell), tables, legend)
    yield Section("steps", "Every step", tables=(_step_table(edition, steps),))
    places = anchors(edition)
    if edition.metrics:
        figures = tuple(figure_table(edition, name, places, str(at)) for at, name in enumerate(edition.metrics))
        yield Section("figures", "Every figure", tables=figures)
        yield evidence_section({"f": edition})


_BANDS: Final = 3  # charts of bands on a page: the asked-for target and the latest others
_FELL: Final = (
    Swatch("band", "the range"),
    Swatch("period", "against the last range"),
    Swatch("hollow", "against the first range"),
)


def _fell(edition: Edition, steps: Sequence[Outcome], metric: str) -> Picture | None:
    """Dots where outcomes fell, the low end of the range at 0 and the high end at 1."""
    done: dict[str, list[Outcome]] = {}
    for step in steps:
        if step.guided.metric == metric and step.position is not None and step.actual is not None:
            done.setdefault(step.guided.fiscal_period, []).append(step)
    if not done:
        return None
    figure = _figure(edition, next(iter(done.values()))[0])
    rails = [_rail(target, of, figure) for target, of in reversed(done.items())]
    frame = Frame((-1.0, 2.0), (Tick(0, "low end"), Tick(1, "high end")), (0, 1))
    told_rails = "; ".join(f"{rail.name}: {rail.label}" for rail in rails)
    return Picture(
        key=f"fell-{edition.definition.metrics.index(metric)}",
        title=f"{capital(noun(figure).name)}: where outcomes fell in what was promised",
        unit="Filled: against the last range; hollow: against the first. Dots at the edge lie beyond it",
        alt=f"Dots against a range from its low to its high end. {told_rails}.",
        chart=rail_chart(rails, frame, WIDE, f"fell-{metric}"),
        narrow=rail_chart(rails, frame, WIDTH, f"fell-{metric}-narrow"),
    )


def _rail(target: str, steps: Sequence[Outcome], figure: Figure) -> Rail:
    first, last = steps[0], steps[-1]
    marks = []
    if first is not last and first.position is not None:
        marks.append(Mark(float(first.position), "period", is_hollow=True))
    if last.position is not None:
        marks.append(Mark(float(last.position), _side(last)))
    where = position(last.actual, last.guided) or last.outcome or ""
    label = f"{short_money(last.actual, last.guided.unit, 1)}, {where}"
    name = _year(figure, target).removeprefix("the ").replace(" quarter of ", " quarter ")
    return Rail(capital(name), tuple(marks), label, label_role=_side(last) if last.outcome != "inside" else "ink")


def _side(step: Outcome) -> str:
    return "fall" if step.outcome == "below" else "period"


_RECORD_COLUMNS: Final = (
    Column("Metric"),
    Column("Periods", "number"),
    Column("Over", "number"),
    Column("Inside", "number"),
    Column("Above", "number"),
    Column("Below", "number"),
    Column("Width of range", "ratio"),
    Column("Outcome against middle", "ratio"),
)


def _record_table(edition: Edition, steps: Sequence[Outcome], records: Sequence[Record]) -> Table:
    rows_ = tuple(_record_row(edition, steps, record) for record in records)
    caption = "The first forecast for each period against its outcome"
    return Table("t-record", caption, _RECORD_COLUMNS, rows_, "Record")


def _record_row(edition: Edition, steps: Sequence[Outcome], record: Record) -> Row:
    of = next(step for step in steps if step.guided.metric == record.metric)
    counts = (record.targets, record.completed, record.inside, record.above, record.below)
    width, bias = record.mean_width_ratio, record.mean_bias_ratio
    return Row(
        (
            Cell(capital(noun(_figure(edition, of)).name)),
            *(Cell(str(count), Decimal(count)) for count in counts),
            Cell("" if width is None else percent(width).removeprefix("+"), width),
            Cell("" if bias is None else percent(bias), bias),
        )
    )


_STEP_COLUMNS: Final = (
    Column("Issued", "date"),
    Column("For"),
    Column("Range", "range"),
    Column("Step"),
    Column("As printed", "quote"),
    Column("Outcome"),
    Column("Source", "source"),
)


def _step_table(edition: Edition, steps: Sequence[Outcome]) -> Table:
    """Every step, the latest first."""
    rows_ = tuple(_step_row(edition, step) for step in reversed(steps))
    return Table("t-steps", "Each forecast, and how it turned out", _STEP_COLUMNS, rows_, "Guidance", look="steps")


def _step_row(edition: Edition, step: Outcome) -> Row:
    guided, figure = step.guided, _figure(edition, step)
    has_range = guided.low is not None or guided.high is not None
    target = _year(figure, guided.fiscal_period).removeprefix("the ")
    link = source_link(guided.source_id, guided.accession, guided.publisher, guided.title, guided.url)
    return Row(
        (
            Cell(day(guided.issued_on), guided.issued_on),
            Cell(f"{capital(noun(figure).name)}, {target}"),
            Cell(range_words(guided) if has_range else "no number"),
            Cell(guided.status),
            Cell(guided.quote or "", language="" if guided.quote else None),
            Cell(_came(step, figure)),
            Cell("", links=(link,)),
        ),
        key=f"g{_row_no(step, edition)}",
    )


def _came(step: Outcome, figure: Figure) -> str:
    """What became of a step: where the outcome lay, what is still to come, or why nothing can be said."""
    if step.actual is not None and step.outcome in {"inside", "above", "below"}:
        place = position(step.actual, step.guided)
        return f"{told(step.actual, figure)}, {step.outcome}{f', {place}' if place else ''}"
    if step.outcome == "open" and step.so_far is not None:
        left = remaining(step.guided, replace(figure, value=step.so_far))
        return f"{told(step.so_far, figure)} so far; {f'{left} to come' if left else 'past the range'}"
    return step.reason or step.outcome or ""


def _sources(own: Sequence[Outcome]) -> str:
    names = dict.fromkeys(step.guided.publisher or step.guided.source_id for step in own)
    return ", ".join(list(names)[:4]) + (" and others" if len(names) > 4 else "")  # noqa: PLR2004 - a line's length


# -- notes -------------------------------------------------------------------------------------------------------


def _notes(edition: Edition, steps: Sequence[Outcome]) -> Iterator[Note]:
    for metric in edition.metrics:
        if metric in edition.definitions:
            row = next(row for row in edition.figures if row.metric == metric)
            yield Note(capital(noun(row).name), f"{capital(edition.definitions[metric])}.")
    yield Note(
        "Steps",
        "A range of which one end moved up and none down is raised. Only what the company itself said counts; where"
        " only articles report it, theirs does.",
    )
    yield Note(
        "Outcomes", "A forecast is held against the guided definition alone; the ends of a range count as inside."
    )
    odd = dict.fromkeys(
        f"{capital(noun(_figure(edition, step)).name)} {step.guided.fiscal_period}: {step.reason}"
        for step in steps
        if step.outcome in {"incomparable", "unquantified"} and step.reason
    )
    if odd:
        yield Note("Not comparable", f"{'; '.join(odd)}.")
    titles: dict[str, str] = {
        step.guided.source_id: step.guided.title for step in steps if step.guided.title and not step.guided.publisher
    }
    if titles:
        yield Note("Sources", f"{'; '.join(f'{name}: {title}' for name, title in sorted(titles.items()))}.")
