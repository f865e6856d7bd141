"""The report on a company's forecasts: what it promised when, how each promise turned out, and its record so far."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH
from tracker.report.charts.track import PlotMark, Rail, RailFrame, Tick, draw_rails
from tracker.report.data.guidance_steps import GuidanceSteps, Outcome, Record, Subject, choose_target, read_guidance
from tracker.report.document import Card, Cell, Column, Document, Note, Picture, Row, Section, Swatch, Table
from tracker.report.kinds.evidence import anchors, evidence_section, figure_table, source_link
from tracker.report.kinds.growth import command, promise_picture
from tracker.report.kinds.listing import describe_rails, join_lead, join_names, number_word, ordinal_word, prefix_name
from tracker.report.text.labels import (
    format_day,
    format_percent,
    format_share,
    isolate,
    name_period,
    strip_unseen,
)
from tracker.report.text.language import language_of, phrase
from tracker.report.text.prose import (
    describe_position,
    describe_range,
    describe_remaining,
    drop_repeated_steps,
    end_sentence,
    judge_outcome,
)
from tracker.report.text.reason_words import say_reason
from tracker.report.text.words import capitalize, describe_value, format_key_value, name_owner, noun, noun_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from tracker.report.data.edition import EditionCompany, Guided
    from tracker.report.definition import Definition
    from tracker.report.text.language import Language
    from tracker.warehouse.reader import Warehouse

__all__ = ["guidance", "guidance_headline"]


def guidance(warehouse: Warehouse, definition: Definition) -> Document:
    """Make the report on a company's forecasts; NothingMatchedError if it gave none of these metrics."""
    language = language_of(definition.language)
    forecasts = read_guidance(warehouse, definition, language)
    company, steps, edition = forecasts.company, forecasts.steps, forecasts.edition
    metric, target = choose_target(definition, steps)
    own = [step for step in steps if step.guided.metric == metric and step.guided.fiscal_period == target]
    known_on = edition.known_on if edition else max(step.guided.issued_on for step in steps)
    subject = forecasts.find_subject(own[-1])
    title = guidance_headline(language, company, own, subject)
    return Document(
        definition=definition,
        language=language,
        kicker=f"{isolate(language, company.name)} · {_name_guidance(language, subject, target)}",
        headline=strip_unseen(definition.title) if definition.title else title,
        lead=join_lead(language, definition, title, [*_write_lead(forecasts, own, subject)]),
        cards=tuple(_make_cards(forecasts, own, subject)),
        sections=tuple(_make_sections(forecasts, metric, target)),
        notes=tuple(_write_notes(forecasts)),
        foot=(_write_foot(language, own, known_on),),
        known_on=known_on,
        commit=warehouse.snapshot.versions["fact"],
        command=command(definition, warehouse.snapshot.versions["fact"]),
        data={"steps": [asdict(step) for step in steps], "record": [asdict(record) for record in forecasts.records]},
        trend=tuple(_find_middle(step.guided) for step in own),
    )


# -- reading -------------------------------------------------------------------------------------------------


def _find_middle(step: Guided) -> Decimal | None:
    """Return the middle of a range, or its only end; None if it has no number."""
    ends = [end for end in (step.low, step.high) if end is not None]
    return sum(ends, Decimal(0)) / len(ends) if ends else None


# -- what it says ----------------------------------------------------------------------------------------------

#: How a step moved its forecast -> the finding. A status that is not listed here reads like a first forecast.
_MOVES: Final = {
    "raised": phrase("{company} raised its guidance for {metric} in {year} to {range}"),
    "lowered": phrase("{company} lowered its guidance for {metric} in {year} to {range}"),
    "narrowed": phrase("{company} narrowed its guidance for {metric} in {year} to {range}"),
    "widened": phrase("{company} widened its guidance for {metric} in {year} to {range}"),
    "reaffirmed": phrase("{company} kept its guidance for {metric} in {year} at {range}"),
    "initial": phrase("{company} guides to {range} for {metric} in {year}"),
}
#: Where an outcome lay against the last range, and the words to add if it lay elsewhere against the first range.
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


def _name_target(language: Language, subject: Subject, target: str) -> str:
    """Write the target period in words."""
    return name_period(language, target, is_calendar=target.startswith("CY") or subject.is_calendar)


def _name_guidance(language: Language, subject: Subject, target: str) -> str:
    return language.say("guidance for {period}", period=_name_target(language, subject, target))


def guidance_headline(language: Language, company: EditionCompany, steps: Sequence[Outcome], subject: Subject) -> str:
    """Write the finding on one target: its outcome if the period is over, else how it moved last."""
    last = steps[-1].guided
    values = {
        **name_owner(language, company.short),
        "metric": noun_of(language, subject.metric, subject.label).name,
        "year": _name_target(language, subject, last.fiscal_period),
    }
    if steps[-1].actual is not None and steps[-1].outcome in _CAME:
        return _write_outcome(language, steps[0], steps[-1], subject, values)
    if last.low is None and last.high is None:
        withdrew = phrase("{company} withdrew its guidance for {metric} in {year}")
        none = phrase("{company} gives no number for its {metric} in {year}")
        return language.say(withdrew if last.status == "withdrawn" else none, **values)
    return language.say(_MOVES.get(last.status, _MOVES["initial"]), range=describe_range(language, last), **values)


def _write_outcome(
    language: Language, first: Outcome, last: Outcome, subject: Subject, values: Mapping[str, str]
) -> str:
    """Write the outcome against the last range, and against the first range if the outcome lay elsewhere there."""
    value = describe_value(language, last.actual, subject.unit)
    finding = capitalize(
        language.say(_CAME[last.outcome or ""], value=value, range=describe_range(language, last.guided), **values)
    )
    is_other = first.outcome in _AT_FIRST and first.outcome != last.outcome and first.guided.low != last.guided.low
    if not is_other:
        return finding
    return language.say(_AT_FIRST[first.outcome or ""], finding=finding, range=describe_range(language, first.guided))


def _write_lead(forecasts: GuidanceSteps, own: Sequence[Outcome], subject: Subject) -> Iterator[str]:
    """Write how the range moved, what is known of the outcome so far, and how earlier forecasts turned out."""
    language = forecasts.language
    steps = drop_repeated_steps(
        [step.guided for step in own if step.guided.low is not None or step.guided.high is not None]
    )
    if len(steps) > 1:
        values = {
            "range": describe_range(language, steps[0]),
            "day": format_day(language, steps[0].issued_on),
            "ordinal": ordinal_word(language, len(steps)),
        }
        yield language.say("It began with {range} on {day}; this is its {ordinal} range.", **values)
    elif steps:
        yield language.say("It was issued on {day}.", day=format_day(language, steps[0].issued_on))
    yield from _write_progress(forecasts, own[-1], subject)
    for record in forecasts.records:
        if record.metric == own[-1].guided.metric and record.completed:
            yield _write_record(language, record, noun_of(language, subject.metric, subject.label).name)


def _write_progress(forecasts: GuidanceSteps, last: Outcome, subject: Subject) -> Iterator[str]:
    """Write how far the year has come towards the range, or why the outcome cannot be compared with it."""
    language = forecasts.language
    if last.outcome == "incomparable" and last.reason_code:
        yield language.say("Whether it came true cannot be said: {reason}.", reason=say_reason(language, last))
    if last.actual is not None or not last.guided.fiscal_period.startswith("FY"):
        return
    spent = forecasts.find_year_to_date(last)
    if spent:
        left = describe_remaining(language, last.guided, spent[-1].value)
        more = phrase("After {value} by {day}, the rest of the year must add {left}.")
        past = phrase("After {value} by {day}, that is already past the range.")
        values = {
            "value": describe_value(language, spent[-1].value, subject.unit),
            "day": format_day(language, spent[-1].period_end),
            "left": left or "",
        }
        yield language.say(more if left else past, **values)


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


def _write_record(language: Language, record: Record, name: str) -> str:
    """Write how many first forecasts came true, of the periods that are over, and how far off they were."""
    counts = {"inside": record.inside, "above": record.above, "below": record.below}
    came = {where: count for where, count in counts.items() if count}
    if record.completed == 1:
        sentence = language.say(_ONE[next(iter(came))], metric=name)
    else:
        sentence = language.say(
            "Of {count} first forecasts of {metric} whose period is over, {outcomes} the range",
            count=number_word(language, record.completed),
            metric=name,
            outcomes=join_names(
                language,
                (language.say(_OF_SEVERAL[where], count=number_word(language, count)) for where, count in came.items()),
            ),
        )
    bias = record.mean_bias_ratio
    if bias is None:
        return end_sentence(language, sentence)
    above = phrase("{finding}; on average the outcome was {share} above the middle")
    below = phrase("{finding}; on average the outcome was {share} below the middle")
    return end_sentence(
        language,
        language.say(above if bias > 0 else below, finding=sentence, share=format_share(language, abs(bias), 1)),
    )


# -- figures, charts, tables -----------------------------------------------------------------------------------


def _make_cards(forecasts: GuidanceSteps, own: Sequence[Outcome], subject: Subject) -> Iterator[Card]:
    """Make the cards at the top: the guidance in force, its outcome or progress, and the company's record."""
    language = forecasts.language
    last = own[-1]
    has_range = last.guided.low is not None or last.guided.high is not None
    text = describe_range(language, last.guided) if has_range else language.say("no number")
    since = language.say(
        "since {day}; {status}",
        day=format_day(language, last.guided.issued_on),
        status=language.term(last.guided.status),
    )
    title = capitalize(_name_guidance(language, subject, last.guided.fiscal_period))
    yield Card(title, text, "", "", since, f"#g{forecasts.find_number(last)}")
    if last.actual is not None:
        place, where = (
            describe_position(language, last.actual, last.guided),
            language.term(judge_outcome(last.actual, last.guided)),
        )
        yield Card(language.say("Outcome"), format_key_value(language, last.actual, last.guided.unit), where, "", place)
    elif last.guided.fiscal_period.startswith("FY"):
        yield from _make_progress_cards(forecasts, last)
    for record in forecasts.records:
        if record.metric == last.guided.metric and record.completed:
            yield _make_record_card(language, record)


def _make_record_card(language: Language, record: Record) -> Card:
    inside = language.say("{count} of {all}", count=str(record.inside), all=str(record.completed))
    text = phrase("{above} above, {below} below; first statement of each period")
    fine = language.say(text, above=str(record.above), below=str(record.below))
    return Card(language.say("Inside the range"), inside, "", "", fine)


def _make_progress_cards(forecasts: GuidanceSteps, last: Outcome) -> Iterator[Card]:
    """Make the cards on the year so far and on the rest of it; none if nothing of the year is known."""
    language = forecasts.language
    spent = forecasts.find_year_to_date(last)
    if not spent or forecasts.edition is None:
        return
    places = anchors(forecasts.edition)
    first = next((f"#{places[sign[1:]]}" for sign in spent[-1].operands if sign[1:] in places), None)
    until = language.say("by {day}", day=format_day(language, spent[-1].period_end))
    yield Card(
        language.say("So far"), format_key_value(language, spent[-1].value, spent[-1].unit), "", "", until, first
    )
    left = describe_remaining(language, last.guided, spent[-1].value)
    fine = language.say("to end inside the range") if left else language.say("the sum so far is past the range")
    yield Card(language.say("The rest of the year"), left or language.say("past the range"), "", "", fine)


def _make_sections(forecasts: GuidanceSteps, metric: str, target: str) -> Iterator[Section]:
    """Make the sections of the page; the metric and target of the headline come first in each."""
    language, edition = forecasts.language, forecasts.edition
    years = dict.fromkeys((step.guided.metric, step.guided.fiscal_period) for step in reversed(forecasts.steps))
    ordered = sorted(years, key=lambda pair: (pair != (metric, target), pair[0] != metric))
    if edition is not None:
        bands = [promise_picture(edition, *pair, at) for at, pair in enumerate(ordered) if pair[1].startswith("FY")]
        pictures = tuple(picture for picture in bands if picture is not None)[:_MOST_BANDS]
        if pictures:
            yield Section("promise", language.say("From announcement to replacement"), pictures=pictures)
    yield from _make_record_section(forecasts, [*dict.fromkeys(name for name, _ in ordered)])
    yield Section("steps", language.say("Every step"), tables=(_make_step_table(forecasts),))
    if edition is not None and edition.metrics:
        places = anchors(edition)
        figures = tuple(figure_table(edition, name, places, str(at)) for at, name in enumerate(edition.metrics))
        yield Section("figures", language.say("Every figure"), tables=figures)
        yield evidence_section(language, {"f": edition})


def _make_record_section(forecasts: GuidanceSteps, metrics: Sequence[str]) -> Iterator[Section]:
    """Make the section on how promises turned out; none if no period is over."""
    language = forecasts.language
    pictures = tuple(picture for name in metrics if (picture := _draw_outcomes(forecasts, name)))
    tables = (_make_record_table(forecasts),) if forecasts.records else ()
    if pictures or tables:
        text = phrase("Each period that is over, by where its outcome lay between the ends of the range.")
        yield Section(
            "record",
            language.say("How promises turned out"),
            language.say(text) if pictures else "",
            pictures,
            tables,
            _OUTCOME_LEGEND if pictures else (),
        )


_MOST_BANDS: Final = 3  # charts of bands on a page: the headline's target, then the latest others
_OUTCOME_LEGEND: Final = (
    Swatch("band", phrase("the range")),
    Swatch("period", phrase("against the last range")),
    Swatch("hollow", phrase("against the first range")),
)


def _draw_outcomes(forecasts: GuidanceSteps, metric: str) -> Picture | None:
    """Draw a dot for each outcome, with the low end of its range at 0 and the high end at 1."""
    language = forecasts.language
    done: dict[str, list[Outcome]] = {}
    for step in forecasts.steps:
        if step.guided.metric == metric and step.position is not None and step.actual is not None:
            done.setdefault(step.guided.fiscal_period, []).append(step)
    if not done:
        return None
    subject = forecasts.find_subject(next(iter(done.values()))[0])
    rails = [_make_rail(language, target, steps, subject) for target, steps in reversed(done.items())]
    frame = RailFrame((-1.0, 2.0), (Tick(0, language.say("low end")), Tick(1, language.say("high end"))), (0, 1))
    return Picture(
        key=f"fell-{forecasts.definition.metrics.index(metric)}",
        title=capitalize(
            language.say(
                "{metric}: where outcomes fell in what was promised",
                metric=noun_of(language, subject.metric, subject.label).name,
            )
        ),
        unit=language.say("Filled: against the last range; hollow: against the first. Dots at the edge lie beyond it"),
        alt=language.say(
            "Dots against a range from its low to its high end. {rails}.", rails=describe_rails(language, rails)
        ),
        chart=draw_rails(language, rails, frame, WIDE, f"fell-{metric}"),
        narrow=draw_rails(language, rails, frame, WIDTH, f"fell-{metric}-narrow"),
    )


def _make_rail(language: Language, target: str, steps: Sequence[Outcome], subject: Subject) -> Rail:
    """Make the line of one target: where its outcome lay against the first range and the last."""
    first, last = steps[0], steps[-1]
    marks = []
    if first is not last and first.position is not None:
        marks.append(PlotMark(float(first.position), "period", is_hollow=True))
    if last.position is not None:
        marks.append(PlotMark(float(last.position), _choose_role(last)))
    where = describe_position(language, last.actual, last.guided) or language.term(last.outcome or "")
    label = language.say(
        "{first}, {second}", first=format_key_value(language, last.actual, last.guided.unit, 1), second=where
    )
    name = _name_target(language, subject, target).removeprefix("the ").replace(" quarter of ", " quarter ")
    return Rail(
        capitalize(name), tuple(marks), label, label_role=_choose_role(last) if last.outcome != "inside" else "ink"
    )


def _choose_role(step: Outcome) -> str:
    """Choose the colour role of an outcome: that of a fall if it lay below the range."""
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


def _make_record_table(forecasts: GuidanceSteps) -> Table:
    language = forecasts.language
    rows = tuple(_make_record_row(forecasts, record) for record in forecasts.records)
    caption = language.say("The first forecast for each period against its outcome")
    return Table("t-record", caption, _RECORD_COLUMNS, rows, language.say("Record"))


def _make_record_row(forecasts: GuidanceSteps, record: Record) -> Row:
    language = forecasts.language
    first = next(step for step in forecasts.steps if step.guided.metric == record.metric)
    counts = (record.targets, record.completed, record.inside, record.above, record.below)
    width, bias = record.mean_width_ratio, record.mean_bias_ratio
    return Row(
        (
            Cell(capitalize(forecasts.name_metric(first))),
            *(Cell(str(count), Decimal(count)) for count in counts),
            Cell("" if width is None else format_share(language, width, 1), width),
            Cell("" if bias is None else format_percent(language, bias), bias),
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


def _make_step_table(forecasts: GuidanceSteps) -> Table:
    """Make the table of every step, the latest first."""
    language = forecasts.language
    rows = tuple(_make_step_row(forecasts, step) for step in reversed(forecasts.steps))
    caption = language.say("Each forecast, and how it turned out")
    return Table("t-steps", caption, _STEP_COLUMNS, rows, language.say("Guidance"), look="steps")


def _make_step_row(forecasts: GuidanceSteps, step: Outcome) -> Row:
    language = forecasts.language
    guided, subject = step.guided, forecasts.find_subject(step)
    has_range = guided.low is not None or guided.high is not None
    target = _name_target(language, subject, guided.fiscal_period).removeprefix("the ")
    link = source_link(guided.source_id, guided.accession, guided.publisher, guided.title, guided.url)
    return Row(
        (
            Cell(format_day(language, guided.issued_on), guided.issued_on),
            Cell(
                language.say(
                    "{first}, {second}",
                    first=capitalize(noun_of(language, subject.metric, subject.label).name),
                    second=target,
                )
            ),
            Cell(describe_range(language, guided) if has_range else language.say("no number")),
            Cell(language.term(guided.status)),
            Cell(guided.quote or "", language="" if guided.quote else None),
            Cell(_say_outcome(language, step, subject)),
            Cell("", links=(link,)),
        ),
        key=f"g{forecasts.find_number(step)}",
    )


def _say_outcome(language: Language, step: Outcome, subject: Subject) -> str:
    """Write the outcome of a step: where it lay, what is still to come, or why it is not known."""
    if step.actual is not None and step.outcome in _CAME:
        place = describe_position(language, step.actual, step.guided)
        return language.comma.join(
            [
                describe_value(language, step.actual, subject.unit),
                language.term(step.outcome),
                *([place] if place else []),
            ]
        )
    if step.outcome == "open" and step.so_far is not None:
        left = describe_remaining(language, step.guided, step.so_far)
        text = phrase("{value} so far; {left} to come") if left else phrase("{value} so far; past the range")
        return language.say(text, value=describe_value(language, step.so_far, subject.unit), left=left or "")
    return say_reason(language, step, step.outcome or "")


def _write_foot(language: Language, own: Sequence[Outcome], known_on: date) -> str:
    source = language.say(
        "Source: {names}; known by {day}.", names=_name_sources(language, own), day=format_day(language, known_on)
    )
    return language.gap.join([source, language.say("Outcomes on the guided definition alone.")])


def _name_sources(language: Language, own: Sequence[Outcome]) -> str:
    names = list(dict.fromkeys(isolate(language, step.guided.publisher or step.guided.source_id) for step in own))
    first_names = language.comma.join(names[:4])
    return language.say("{names} and others", names=first_names) if len(names) > 4 else first_names  # noqa: PLR2004 - a line's length


# -- notes -------------------------------------------------------------------------------------------------------


def _write_notes(forecasts: GuidanceSteps) -> Iterator[Note]:
    """Write the notes: definitions of the metrics, how forecasts are judged, and what cannot be compared."""
    language, steps = forecasts.language, forecasts.steps
    yield from _write_definitions(forecasts)
    yield Note(language.say("Steps"), language.say(_STEPS_COUNT))
    text = phrase("A forecast is held against the guided definition alone; the ends of a range count as inside.")
    yield Note(language.say("Outcomes"), language.say(text))
    odd = dict.fromkeys(
        language.colon.join([f"{name} {step.guided.fiscal_period}", say_reason(language, step)])
        for step in steps
        if step.outcome in {"incomparable", "unquantified"} and step.reason_code
        for name in [capitalize(forecasts.name_metric(step))]
    )
    if odd:
        yield Note(language.say("Not comparable"), end_sentence(language, language.semicolon.join(odd)))
    titles: dict[str, str] = {
        step.guided.source_id: step.guided.title for step in steps if step.guided.title and not step.guided.publisher
    }
    if titles:
        yield Note(
            language.say("Sources"),
            end_sentence(
                language,
                language.semicolon.join(prefix_name(language, name, title) for name, title in sorted(titles.items())),
            ),
        )


def _write_definitions(forecasts: GuidanceSteps) -> Iterator[Note]:
    """Write a note for each metric that the company defines in its own way."""
    language, edition = forecasts.language, forecasts.edition
    for metric in edition.metrics if edition else ():
        if edition and metric in edition.definitions:
            row = next(row for row in edition.figures if row.metric == metric)
            text = end_sentence(language, capitalize(language.term(edition.definitions[metric])))
            yield Note(capitalize(noun(language, row).name), text)


_STEPS_COUNT: Final = phrase(
    "A range of which one end moved up and none down is raised. Only what the company itself said counts; where"
    " only articles report it, theirs does."
)
