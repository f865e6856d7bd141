"""The report on a company's forecasts: what was promised when, what has come of it, and how such promises turn out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.errors import NothingMatchedError
from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH
from tracker.report.charts.track import Frame, Mark, Rail, Tick, rail_chart
from tracker.report.data.edition import Edition, Figure, Guided, read_company, read_edition
from tracker.report.data.rows import rows, table
from tracker.report.document import Card, Cell, Column, Document, Note, Picture, Row, Section, Swatch, Table
from tracker.report.kinds.evidence import anchors, evidence_section, figure_table, source_link
from tracker.report.kinds.growth import command, promise_picture
from tracker.report.kinds.listing import lead_of, listed, named, nth, number_word, rails_told
from tracker.report.text.labels import day, isolated, percent, period_words, seen, share, span_of
from tracker.report.text.language import mark, phrase, say, term
from tracker.report.text.prose import changed, outcome, position, range_words, remaining, stop
from tracker.report.text.retold import retold
from tracker.report.text.words import capital, noun, short_money, told, whose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tracker.report.data.edition import Company
    from tracker.report.definition import Definition
    from tracker.warehouse.reader import Warehouse

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
        kicker=f"{isolated(company.name)} · {_guidance_for(figure, target)}",
        headline=seen(definition.title) if definition.title else title,
        lead=lead_of(definition, title, [*_lead(edition, own, records, figure)]),
        cards=tuple(_cards(edition, own, records, figure)),
        sections=tuple(_sections(edition, steps, records, metric, target)),
        notes=tuple(_notes(edition, steps)),
        foot=(_foot(edition, own),),
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

#: How a step moved its forecast -> the finding; one that is new to us is told as a first one.
_MOVES: Final = {
    "raised": phrase("{company} raised its guidance for {metric} in {year} to {range}"),
    "lowered": phrase("{company} lowered its guidance for {metric} in {year} to {range}"),
    "narrowed": phrase("{company} narrowed its guidance for {metric} in {year} to {range}"),
    "widened": phrase("{company} widened its guidance for {metric} in {year} to {range}"),
    "reaffirmed": phrase("{company} kept its guidance for {metric} in {year} at {range}"),
    "initial": phrase("{company} guides to {range} for {metric} in {year}"),
}
#: Where an outcome lay against the last range, and what is added where the first range had it elsewhere.
_CAME: Final = {
    "inside": phrase("{owner} {metric} for {year} came to {value}, inside the {range} it last guided to"),
    "above": phrase("{owner} {metric} for {year} came to {value}, above the {range} it last guided to"),
    "below": phrase("{owner} {metric} for {year} came to {value}, below the {range} it last guided to"),
}
_AT_FIRST: Final = {
    "inside": phrase("{finding} and inside its first {range}"),
    "above": phrase("{finding} and above its first {range}"),
    "below": phrase("{finding} and below its first {range}"),
}


def _year(figure: Figure, target: str) -> str:
    """The target period in words."""
    return period_words(target, is_calendar=target.startswith("CY") or figure.is_calendar)


def _guidance_for(figure: Figure, target: str) -> str:
    return say("guidance for {period}", period=_year(figure, target))


def guidance_headline(company: Company, steps: Sequence[Outcome], figure: Figure) -> str:
    """The finding on one target: what became of it once it is over, else how the last step moved it."""
    last = steps[-1].guided
    values = {**whose(company.short), "metric": noun(figure).name, "year": _year(figure, last.fiscal_period)}
    if steps[-1].actual is not None and steps[-1].outcome in _CAME:
        return _came_finding(steps[0], steps[-1], figure, values)
    if last.low is None and last.high is None:
        withdrew = phrase("{company} withdrew its guidance for {metric} in {year}")
        none = phrase("{company} gives no number for its {metric} in {year}")
        return say(withdrew if last.status == "withdrawn" else none, **values)
    return say(_MOVES.get(last.status, _MOVES["initial"]), range=range_words(last), **values)


def _came_finding(first: Outcome, last: Outcome, figure: Figure, values: Mapping[str, str]) -> str:
    """What a target came to against its last range, and against its first where that had promised otherwise."""
    value = told(last.actual, figure)
    finding = capital(say(_CAME[last.outcome or ""], value=value, range=range_words(last.guided), **values))
    is_other = first.outcome in _AT_FIRST and first.outcome != last.outcome and first.guided.low != last.guided.low
    if not is_other:
        return finding
    return say(_AT_FIRST[first.outcome or ""], finding=finding, range=range_words(first.guided))


def _lead(edition: Edition, own: Sequence[Outcome], records: Sequence[Record], figure: Figure) -> Iterator[str]:
    """How the range moved, what has come of it so far, and how such promises have turned out before."""
    steps = changed([step.guided for step in own if step.guided.low is not None or step.guided.high is not None])
    if len(steps) > 1:
        values = {"range": range_words(steps[0]), "day": day(steps[0].issued_on), "ordinal": nth(len(steps))}
        yield say("It began with {range} on {day}; this is its {ordinal} range.", **values)
    elif steps:
        yield say("It was issued on {day}.", day=day(steps[0].issued_on))
    yield from _so_far(edition, own[-1], figure)
    for record in records:
        if record.metric == own[-1].guided.metric and record.completed:
            yield _record_sentence(record, noun(figure).name)


def _so_far(edition: Edition, last: Outcome, figure: Figure) -> Iterator[str]:
    if last.outcome == "incomparable" and last.reason:
        yield say("Whether it came true cannot be said: {reason}.", reason=retold(last.reason))
    if last.actual is not None or not last.guided.fiscal_period.startswith("FY"):
        return
    spent = edition.year_to_date(last.guided.metric, int(last.guided.fiscal_period[2:]))
    if spent:
        left = remaining(last.guided, spent[-1])
        more = phrase("After {value} by {day}, the rest of the year must add {left}.")
        past = phrase("After {value} by {day}, that is already past the range.")
        values = {"value": told(spent[-1].value, figure), "day": day(spent[-1].period_end), "left": left or ""}
        yield say(more if left else past, **values)


_ONE: Final = {
    "inside": phrase("The one first forecast of {metric} whose period is over came out inside its range"),
    "above": phrase("The one first forecast of {metric} whose period is over came out above its range"),
    "below": phrase("The one first forecast of {metric} whose period is over came out below its range"),
}
_OF_SEVERAL: Final = {
    "inside": phrase("{count} inside"),
    "above": phrase("{count} above"),
    "below": phrase("{count} below"),
}


def _record_sentence(record: Record, name: str) -> str:
    """Of the first statement for each period that is over: how many came true, and how far they were off."""
    counts = {"inside": record.inside, "above": record.above, "below": record.below}
    came = {where: count for where, count in counts.items() if count}
    if record.completed == 1:
        sentence = say(_ONE[next(iter(came))], metric=name)
    else:
        sentence = say(
            "Of {count} first forecasts of {metric} whose period is over, {outcomes} the range",
            count=number_word(record.completed),
            metric=name,
            outcomes=listed(say(_OF_SEVERAL[where], count=number_word(count)) for where, count in came.items()),
        )
    bias = record.mean_bias_ratio
    if bias is None:
        return stop(sentence)
    above = phrase("{finding}; on average the outcome was {share} above the middle")
    below = phrase("{finding}; on average the outcome was {share} below the middle")
    return stop(say(above if bias > 0 else below, finding=sentence, share=share(abs(bias), 1)))


# -- figures, charts, tables -----------------------------------------------------------------------------------


def _cards(edition: Edition, own: Sequence[Outcome], records: Sequence[Record], figure: Figure) -> Iterator[Card]:
    last = own[-1]
    has_range = last.guided.low is not None or last.guided.high is not None
    shown = range_words(last.guided) if has_range else say("no number")
    since = say("since {day}; {status}", day=day(last.guided.issued_on), status=term(last.guided.status))
    title = capital(_guidance_for(figure, last.guided.fiscal_period))
    yield Card(title, shown, "", "", since, "#g" + str(_row_no(own[-1], edition)))
    if last.actual is not None:
        place, where = position(last.actual, last.guided), term(outcome(last.actual, last.guided))
        yield Card(say("Outcome"), short_money(last.actual, last.guided.unit), where, "", place)
    elif last.guided.fiscal_period.startswith("FY"):
        yield from _spent_cards(edition, last)
    for record in records:
        if record.metric == last.guided.metric and record.completed:
            yield _record_card(record)


def _record_card(record: Record) -> Card:
    inside = say("{count} of {all}", count=str(record.inside), all=str(record.completed))
    text = phrase("{above} above, {below} below; first statement of each period")
    fine = say(text, above=str(record.above), below=str(record.below))
    return Card(say("Inside the range"), inside, "", "", fine)


def _row_no(step: Outcome, edition: Edition) -> int:
    return edition.guided.index(step.guided) + 1


def _spent_cards(edition: Edition, last: Outcome) -> Iterator[Card]:
    spent = edition.year_to_date(last.guided.metric, int(last.guided.fiscal_period[2:]))
    if not spent:
        return
    places = anchors(edition)
    first = next((f"#{places[sign[1:]]}" for sign in spent[-1].operands if sign[1:] in places), None)
    until = say("by {day}", day=day(spent[-1].period_end))
    yield Card(say("So far"), short_money(spent[-1].value, spent[-1].unit), "", "", until, first)
    left = remaining(last.guided, spent[-1])
    fine = say("to end inside the range") if left else say("the sum so far is past the range")
    yield Card(say("The rest of the year"), left or say("past the range"), "", "", fine)


def _sections(
    edition: Edition, steps: Sequence[Outcome], records: Sequence[Record], metric: str, target: str
) -> Iterator[Section]:
    years = dict.fromkeys((step.guided.metric, step.guided.fiscal_period) for step in reversed(steps))
    wanted = sorted(years, key=lambda pair: (pair != (metric, target), pair[0] != metric))
    bands = [promise_picture(edition, *pair, at) for at, pair in enumerate(wanted) if pair[1].startswith("FY")]
    pictures = tuple(picture for picture in bands if picture is not None)[:_BANDS]
    if pictures:
        yield Section("promise", say("From announcement to replacement"), pictures=pictures)
    fell = [picture for name in dict.fromkeys(pair[0] for pair in wanted) if (picture := _fell(edition, steps, name))]
    tables = (_record_table(edition, steps, records),) if records else ()
    if fell or tables:
        text = phrase("Each period that is over, by where its outcome lay between the ends of the range.")
        legend = _FELL if fell else ()
        yield Section("record", say("How promises turned out"), say(text) if fell else "", tuple(fell), tables, legend)
    yield Section("steps", say("Every step"), tables=(_step_table(edition, steps),))
    places = anchors(edition)
    if edition.metrics:
        figures = tuple(figure_table(edition, name, places, str(at)) for at, name in enumerate(edition.metrics))
        yield Section("figures", say("Every figure"), tables=figures)
        yield evidence_section({"f": edition})


_BANDS: Final = 3  # charts of bands on a page: the asked-for target and the latest others
_FELL: Final = (
    Swatch("band", phrase("the range")),
    Swatch("period", phrase("against the last range")),
    Swatch("hollow", phrase("against the first range")),
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
    frame = Frame((-1.0, 2.0), (Tick(0, say("low end")), Tick(1, say("high end"))), (0, 1))
    return Picture(
        key=f"fell-{edition.definition.metrics.index(metric)}",
        title=capital(say("{metric}: where outcomes fell in what was promised", metric=noun(figure).name)),
        unit=say("Filled: against the last range; hollow: against the first. Dots at the edge lie beyond it"),
        alt=say("Dots against a range from its low to its high end. {rails}.", rails=rails_told(rails)),
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
    where = position(last.actual, last.guided) or term(last.outcome or "")
    label = say("{first}, {second}", first=short_money(last.actual, last.guided.unit, 1), second=where)
    name = _year(figure, target).removeprefix("the ").replace(" quarter of ", " quarter ")
    return Rail(capital(name), tuple(marks), label, label_role=_side(last) if last.outcome != "inside" else "ink")


def _side(step: Outcome) -> str:
    return "fall" if step.outcome == "below" else "period"


_RECORD_COLUMNS: Final = (
    Column(phrase("Metric")),
    Column(phrase("Periods"), "number"),
    Column(phrase("Over"), "number"),
    Column(phrase("Inside"), "number"),
    Column(phrase("Above"), "number"),
    Column(phrase("Below"), "number"),
    Column(phrase("Width of range"), "ratio"),
    Column(phrase("Outcome against middle"), "ratio"),
)


def _record_table(edition: Edition, steps: Sequence[Outcome], records: Sequence[Record]) -> Table:
    rows_ = tuple(_record_row(edition, steps, record) for record in records)
    caption = say("The first forecast for each period against its outcome")
    return Table("t-record", caption, _RECORD_COLUMNS, rows_, say("Record"))


def _record_row(edition: Edition, steps: Sequence[Outcome], record: Record) -> Row:
    of = next(step for step in steps if step.guided.metric == record.metric)
    counts = (record.targets, record.completed, record.inside, record.above, record.below)
    width, bias = record.mean_width_ratio, record.mean_bias_ratio
    return Row(
        (
            Cell(capital(noun(_figure(edition, of)).name)),
            *(Cell(str(count), Decimal(count)) for count in counts),
            Cell("" if width is None else share(width, 1), width),
            Cell("" if bias is None else percent(bias), bias),
        )
    )


_STEP_COLUMNS: Final = (
    Column(phrase("Issued"), "date"),
    Column(phrase("For")),
    Column(phrase("Range"), "range"),
    Column(phrase("Step")),
    Column(phrase("As printed"), "quote"),
    Column(phrase("Outcome")),
    Column(phrase("Source"), "source"),
)


def _step_table(edition: Edition, steps: Sequence[Outcome]) -> Table:
    """Every step, the latest first."""
    rows_ = tuple(_step_row(edition, step) for step in reversed(steps))
    caption = say("Each forecast, and how it turned out")
    return Table("t-steps", caption, _STEP_COLUMNS, rows_, say("Guidance"), look="steps")


def _step_row(edition: Edition, step: Outcome) -> Row:
    guided, figure = step.guided, _figure(edition, step)
    has_range = guided.low is not None or guided.high is not None
    target = _year(figure, guided.fiscal_period).removeprefix("the ")
    link = source_link(guided.source_id, guided.accession, guided.publisher, guided.title, guided.url)
    return Row(
        (
            Cell(day(guided.issued_on), guided.issued_on),
            Cell(say("{first}, {second}", first=capital(noun(figure).name), second=target)),
            Cell(range_words(guided) if has_range else say("no number")),
            Cell(term(guided.status)),
            Cell(guided.quote or "", language="" if guided.quote else None),
            Cell(_came(step, figure)),
            Cell("", links=(link,)),
        ),
        key=f"g{_row_no(step, edition)}",
    )


def _came(step: Outcome, figure: Figure) -> str:
    """What became of a step: where the outcome lay, what is still to come, or why nothing can be said."""
    if step.actual is not None and step.outcome in _CAME:
        place = position(step.actual, step.guided)
        return mark("comma").join([told(step.actual, figure), term(step.outcome), *([place] if place else [])])
    if step.outcome == "open" and step.so_far is not None:
        left = remaining(step.guided, replace(figure, value=step.so_far))
        text = phrase("{value} so far; {left} to come") if left else phrase("{value} so far; past the range")
        return say(text, value=told(step.so_far, figure), left=left or "")
    return retold(step.reason) if step.reason else term(step.outcome or "")


def _foot(edition: Edition, own: Sequence[Outcome]) -> str:
    source = say("Source: {names}; known by {day}.", names=_sources(own), day=day(edition.known_on))
    return mark("gap").join([source, say("Outcomes on the guided definition alone.")])


def _sources(own: Sequence[Outcome]) -> str:
    names = list(dict.fromkeys(isolated(step.guided.publisher or step.guided.source_id) for step in own))
    told_names = mark("comma").join(names[:4])
    return say("{names} and others", names=told_names) if len(names) > 4 else told_names  # noqa: PLR2004 - a line's length


# -- notes -------------------------------------------------------------------------------------------------------


def _notes(edition: Edition, steps: Sequence[Outcome]) -> Iterator[Note]:
    for metric in edition.metrics:
        if metric in edition.definitions:
            row = next(row for row in edition.figures if row.metric == metric)
            yield Note(capital(noun(row).name), stop(capital(term(edition.definitions[metric]))))
    yield Note(say("Steps"), say(_STEPS_COUNT))
    text = phrase("A forecast is held against the guided definition alone; the ends of a range count as inside.")
    yield Note(say("Outcomes"), say(text))
    odd = dict.fromkeys(
        f"{capital(noun(_figure(edition, step)).name)} {step.guided.fiscal_period}{mark('colon')}{retold(step.reason)}"
        for step in steps
        if step.outcome in {"incomparable", "unquantified"} and step.reason
    )
    if odd:
        yield Note(say("Not comparable"), stop(mark("semicolon").join(odd)))
    titles: dict[str, str] = {
        step.guided.source_id: step.guided.title for step in steps if step.guided.title and not step.guided.publisher
    }
    if titles:
        yield Note(
            say("Sources"), stop(mark("semicolon").join(named(name, title) for name, title in sorted(titles.items())))
        )


_STEPS_COUNT: Final = phrase(
    "A range of which one end moved up and none down is raised. Only what the company itself said counts; where"
    " only articles report it, theirs does."
)
