"""The report on several companies and one metric: levels, growth side by side, and what became of one base.

Companies are set side by side by quarters of the calendar, whatever they call theirs. Amounts in different
currencies are never converted and never ranked against each other; growth is.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.errors import NothingMatchedError, UsageError
from tracker.report.charts.comparison import IndexLine, Ranked, draw_index, draw_ranks
from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH
from tracker.report.charts.panel import chart_scale, draw_panel, unit_words
from tracker.report.data.edition import place_of, read_company, read_edition
from tracker.report.data.rows import read_rows
from tracker.report.document import Card, Cell, Column, Document, Note, Picture, Row, Section, Swatch, Table
from tracker.report.kinds.evidence import anchors, evidence_section, figure_table, table_scale
from tracker.report.kinds.growth import command, direction
from tracker.report.kinds.listing import join_lead, join_names, number_word
from tracker.report.kinds.notes import BOUNDS
from tracker.report.text.labels import (
    format_day,
    format_number,
    format_percent,
    isolate,
    name_period,
    say_when,
    span_of,
    strip_unseen,
)
from tracker.report.text.language import language_of, phrase
from tracker.report.text.prose import describe_panel, end_sentence
from tracker.report.text.reason_words import say_reason
from tracker.report.text.words import capitalize, describe_growth, describe_value, format_key_value, name_owner, noun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tracker.report.data.edition import Edition, EditionCompany, EditionFigure
    from tracker.report.definition import Definition
    from tracker.report.text.language import Language
    from tracker.warehouse.reader import Warehouse

__all__ = ["Peer", "peers", "peers_headline"]

_FLAT: Final = Decimal("0.0005")


@dataclass(frozen=True, slots=True)
class Peer:
    """One company in the comparison: its name and its figure of the period, where it has one."""

    name: str
    figure: EditionFigure | None

    @property
    def rate(self) -> Decimal | None:
        """Growth on a year earlier, where there is a rate that means something."""
        ok = self.figure is not None and self.figure.yoy_status == "ok"
        return self.figure.yoy_ratio if ok and self.figure is not None else None


def peers(warehouse: Warehouse, definition: Definition) -> Document:
    """Make the report on several companies and one metric.

    Raises NothingMatchedError where fewer than two of them have any figure of it.
    """
    language = language_of(definition.language)
    if definition.period is not None and span_of(definition.period) != "quarter":
        raise UsageError(f"{definition.name}: peers are compared by quarters of the calendar; write 2024Q2")
    editions, missing = _editions(language, warehouse, definition)
    if len(editions) < 2:  # noqa: PLR2004 - one is no comparison
        raise NothingMatchedError(f"{definition.name}: fewer than two companies have {definition.metrics[0]}")
    period = definition.period or _latest_shared(editions)
    editions = {key: replace(edition, period=period) for key, edition in _of_one_age(editions).items()}
    found = [Peer(edition.company.short, edition.figure(definition.metrics[0])) for edition in editions.values()]
    compared = found + [Peer(name, None) for name in missing]
    if all(peer.figure is None or peer.figure.value is None for peer in found):
        raise NothingMatchedError(f"{definition.name}: no company has {definition.metrics[0]} for {period}")
    title = peers_headline(language, compared, period)
    return Document(
        definition=definition,
        language=language,
        kicker=_kicker(language, editions, period),
        headline=strip_unseen(definition.title) if definition.title else title,
        lead=join_lead(language, definition, title, [*_lead(language, compared), *_on_definitions(language, editions)]),
        cards=tuple(_cards(language, editions)),
        sections=tuple(
            _sections(language, editions, period, [_unbroken(warehouse, edition) for edition in editions.values()])
        ),
        notes=tuple(_notes(language, editions, missing, period)),
        foot=(_foot(language, editions),),
        known_on=max(edition.known_on for edition in editions.values()),
        commit=next(iter(editions.values())).commit,
        command=command(definition, warehouse.snapshot.versions["fact"]),
        data={
            "period": period,
            "figures": [
                {"entity": edition.company.entity, **asdict(row)}
                for edition in editions.values()
                for row in edition.series(definition.metrics[0])
            ],
        },
        trend=_trend(editions),
    )


# -- reading -----------------------------------------------------------------------------------------------


def _editions(language: Language, warehouse: Warehouse, definition: Definition) -> tuple[dict[str, Edition], list[str]]:
    """The companies' figures by the prefix of their anchors, in the calendar's quarters; and who has none."""
    found: dict[str, Edition] = {}
    missing = []
    for at, entity in enumerate(definition.entities):
        alone = replace(definition, entities=(entity,), period=None)
        try:
            edition = read_edition(warehouse, alone, language, is_bare=True)
        except NothingMatchedError:
            missing.append(read_company(warehouse, entity).short)
            continue
        found[f"f{chr(97 + at)}"] = replace(edition, definition=definition, figures=_by_calendar(edition.figures))
    return found, missing


def _by_calendar(figures: Sequence[EditionFigure]) -> tuple[EditionFigure, ...]:
    """Quarters under the calendar's names instead of the company's own."""
    own = {row.fiscal_period: row.calendar_quarter for row in figures if row.span == "quarter"}
    return tuple(
        replace(
            row,
            fiscal_period=row.calendar_quarter,
            fiscal_year=int(row.calendar_quarter[:4]),
            fiscal_quarter=int(row.calendar_quarter[5]),
            base_period=own.get(row.base_period or "", row.base_period),
        )
        for row in figures
        if row.span == "quarter" and row.calendar_quarter
    )


_STEPS: Final = """
    select calendar_quarter, case against when 'year' then 4 else 1 end as quarters, base
    from growth
    where entity = $entity and metric = $metric and span = 'quarter' and base is not null
"""


def _unbroken(warehouse: Warehouse, edition: Edition) -> frozenset[int]:
    """The places of the quarters whose figures stand on one basis, from one to the next, with the report's own."""
    metric = edition.metrics[0]
    values = {row.place: row.value for row in edition.figures if row.metric == metric}
    steps = read_rows(warehouse, _STEPS, {"entity": edition.company.entity, "metric": metric})
    links: dict[int, set[int]] = {}
    for step in steps:
        place = place_of(step["calendar_quarter"])
        before = place - step["quarters"]
        if values.get(before) == step["base"]:  # what it is measured against is what is drawn
            links.setdefault(place, set()).add(before)
            links.setdefault(before, set()).add(place)
    here = place_of(edition.period)
    known = [place for place, value in values.items() if value is not None and place <= here]
    return _reach(max(known, default=here), links)


def _reach(start: int, links: Mapping[int, set[int]]) -> frozenset[int]:
    """All places that links lead to."""
    found, ahead = {start}, [start]
    while ahead:
        new = links.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return frozenset(found)


def _latest_shared(editions: Mapping[str, Edition]) -> str:
    """The latest quarter that every company has; where there is none, the latest that most have."""
    count: dict[str, int] = {}
    for edition in editions.values():
        for period in {row.fiscal_period for row in edition.figures if row.value is not None}:
            count[period] = count.get(period, 0) + 1
    if not count:
        raise NothingMatchedError("no company has a figure for any quarter")
    most = max(count.values())
    return max(period for period, number in count.items() if number == most)


def _of_one_age(editions: Mapping[str, Edition]) -> dict[str, Edition]:
    """The companies' figures from the first quarter that two of them have: earlier ones compare with nothing."""
    starts = sorted(min(row.place for row in edition.figures) for edition in editions.values() if edition.figures)
    since = starts[1] if len(starts) > 1 else 0
    return {
        key: replace(edition, figures=tuple(row for row in edition.figures if row.place >= since))
        for key, edition in editions.items()
    }


# -- what it says ------------------------------------------------------------------------------------------


def peers_headline(language: Language, compared: Sequence[Peer], period: str) -> str:
    """Write the finding: at how many of the companies the metric rose or fell, and where most."""
    known = [peer for peer in compared if peer.figure is not None and peer.figure.value is not None]
    rated = [peer for peer in known if peer.rate is not None]
    if not rated:
        return _say_no_rate(language, known, period)
    up = [peer for peer in rated if (peer.rate or 0) >= _FLAT]
    down = [peer for peer in rated if (peer.rate or 0) <= -_FLAT]
    fastest = max(rated, key=lambda peer: peer.rate or Decimal(0))
    slowest = min(rated, key=lambda peer: peer.rate or Decimal(0))
    went = "both" if up and down else "up" if up else "down" if down else "flat"
    few = len(up or down or rated)
    told = language.say(
        _WENT[went, few == len(compared)],
        metric=noun(language, _figure(known[0])).name,
        when=say_when(language, period, is_calendar=True),
        count=number_word(language, few),
        all=number_word(language, len(compared)),
        most=_name_with_rate(language, slowest if went == "down" else fastest),
        least=_name_with_rate(language, slowest),
    )
    return capitalize(told)


#: Which way most went, and whether all did -> the finding; `most` and `least` are companies with their rates.
_WENT: Final = {
    ("up", True): phrase("{metric} rose at all {count} companies {when}, fastest at {most}"),
    ("up", False): phrase("{metric} rose at {count} of {all} companies {when}, fastest at {most}"),
    ("down", True): phrase("{metric} fell at all {count} companies {when}, most at {most}"),
    ("down", False): phrase("{metric} fell at {count} of {all} companies {when}, most at {most}"),
    ("flat", True): phrase("{metric} hardly changed at all {count} companies {when}"),
    ("flat", False): phrase("{metric} hardly changed at {count} of {all} companies {when}"),
    ("both", False): phrase(
        "{metric} rose at {count} of {all} companies {when}, fastest at {most}; it fell most at {least}"
    ),
}


def _say_no_rate(language: Language, known: Sequence[Peer], period: str) -> str:
    """No rate is known of any; amounts of one currency can still be ranked."""
    top = max(known, key=lambda peer: _figure(peer).value or Decimal(0))
    values = {"metric": noun(language, _figure(top)).name, "period": name_period(language, period, is_calendar=True)}
    if len({_figure(peer).unit for peer in known}) > 1:
        return capitalize(language.say("No growth of {metric} can be stated for {period}", **values))
    values |= {
        **name_owner(language, top.name),
        "value": describe_value(language, _figure(top).value, _figure(top).unit),
    }
    return capitalize(
        language.say("No growth of {metric} can be stated for {period}; the largest was {owner}, {value}", **values)
    )


def _figure(peer: Peer) -> EditionFigure:
    if peer.figure is None:
        raise ValueError(peer.name)
    return peer.figure


def _name_with_rate(language: Language, peer: Peer) -> str:
    return f"{isolate(language, peer.name)} ({format_percent(language, peer.rate or Decimal(0), 0)})"


def _lead(language: Language, compared: Sequence[Peer]) -> Iterator[str]:
    """The sum, each company's figure with its growth, the largest first; what cannot be set beside others is said."""
    known = [peer for peer in compared if peer.figure is not None and peer.figure.value is not None]
    yield from _together(language, compared, known)
    units = list(dict.fromkeys(_figure(peer).unit for peer in known))
    for unit in units:
        like = [peer for peer in known if _figure(peer).unit == unit]
        like.sort(key=lambda peer: (-(_figure(peer).value or Decimal(0)), peer.name))
        yield end_sentence(language, language.semicolon.join(_say_figure(language, peer) for peer in like))
    absent = [isolate(language, peer.name) for peer in compared if peer.figure is None or peer.figure.value is None]
    if absent:
        yield language.say("No figure is on record for {companies}.", companies=join_names(language, absent))
    if len(units) > 1:
        yield language.say("Amounts in {units} are not converted.", units=join_names(language, units))


def _on_definitions(language: Language, editions: Mapping[str, Edition]) -> Iterator[str]:
    """A word of care where the companies compared do not all define the metric alike."""
    if len({edition.definitions.get(edition.metrics[0], "") for edition in editions.values()}) > 1:
        yield language.term(_DEFINED)


def _together(language: Language, compared: Sequence[Peer], known: Sequence[Peer]) -> Iterator[str]:
    """The sum, and its growth where every figure has a rate; only where all count in one unit that adds up."""
    rows = [_figure(peer) for peer in known]
    if len(known) < len(compared) or len({row.unit for row in rows}) > 1 or "/" in rows[0].unit:
        return
    total = sum((row.value for row in rows if row.value is not None), Decimal(0))
    bases = [row.base for row in rows if row.base is not None and row.yoy_ratio is not None]
    value = describe_value(language, total, rows[0].unit)
    if len(bases) == len(rows):
        rate = format_percent(language, total / sum(bases, Decimal(0)) - 1, 0)
        yield language.say("Together {value}, {rate} on a year earlier:", value=value, rate=rate)
    else:
        yield language.say("Together {value}:", value=value)


def _say_figure(language: Language, peer: Peer) -> str:
    row = _figure(peer)
    value, growth = describe_value(language, row.value, row.unit), describe_growth(language, row, 0)
    return f"{isolate(language, peer.name)} {value} ({growth})"


def _kicker(language: Language, editions: Mapping[str, Edition], period: str) -> str:
    when = capitalize(name_period(language, period, is_calendar=True).removeprefix("the "))
    return f"{language.comma.join(isolate(language, edition.company.short) for edition in editions.values())} · {when}"


def _foot(language: Language, editions: Mapping[str, Edition]) -> str:
    known = max(edition.known_on for edition in editions.values())
    return language.say(
        "Source: company filings, articles and data sets as the table of figures names them; known by {day}."
        " Lines across bars: a year earlier. Quarters are the calendar\N{RIGHT SINGLE QUOTATION MARK}s.",
        day=format_day(language, known),
    )


# -- figures, charts, tables ---------------------------------------------------------------------------------


def _cards(language: Language, editions: Mapping[str, Edition]) -> Iterator[Card]:
    for prefix, edition in editions.items():
        row = edition.figure(edition.metrics[0])
        places = anchors(edition, prefix)
        if row is None:
            yield Card(
                edition.company.short,
                language.say("not known"),
                "",
                "",
                language.say("no figure for {period}", period=edition.period),
            )
            continue
        first = next((f"#{places[sign[1:]]}" for sign in row.operands if sign[1:] in places), None)
        fine = (
            ""
            if row.base is None
            else language.say("from {amount}", amount=format_key_value(language, row.base, row.unit))
        )
        measure = language.say("on a year earlier") if row.rate else ""
        value = format_key_value(language, row.value, row.unit)
        yield Card(edition.company.short, value, describe_growth(language, row), direction(row), fine, first, measure)


def _by_unit(editions: Mapping[str, Edition]) -> dict[str, list[str]]:
    """The prefixes of the companies that count in one unit, so that they may share a scale."""
    found: dict[str, list[str]] = {}
    for prefix, edition in editions.items():
        found.setdefault(edition.series(edition.metrics[0])[0].unit, []).append(prefix)
    return found


def _sections(
    language: Language, editions: Mapping[str, Edition], period: str, unbroken: Sequence[frozenset[int]]
) -> Iterator[Section]:
    metric = next(iter(editions.values())).metrics[0]
    units = _by_unit(editions)
    ranks = [
        picture
        for at, (_, prefixes) in enumerate(units.items())
        if (picture := _rank(language, [editions[prefix] for prefix in prefixes], period, at))
    ]
    if ranks:
        yield Section("levels", language.say("Levels"), pictures=tuple(ranks), legend=_LEVELS)
    yield Section(
        "growth",
        language.say("Quarter by quarter"),
        text=language.say("All panels of one currency share their scales, so that heights compare across companies."),
        pictures=tuple(
            _panel(editions[prefix], [editions[other] for other in prefixes], prefix)
            for prefixes in units.values()
            for prefix in prefixes
        ),
        legend=(
            Swatch("period", period),
            Swatch("base", phrase("a year earlier")),
            Swatch("history", phrase("other quarters")),
            Swatch("fall", phrase("below zero, with a minus sign")),
        ),
    )
    index = _index(language, list(editions.values()), unbroken)
    if index:
        yield Section("index", language.say("From one base"), pictures=(index,))
    yield Section(
        "figures",
        language.say("Every figure"),
        tables=(_side_by_side(language, editions, metric), *_tables(editions, metric)),
    )
    yield evidence_section(language, editions)


_LEVELS: Final = (
    Swatch("period", phrase("the fastest growing")),
    Swatch("history", phrase("the others")),
    Swatch("ink", phrase("a year earlier")),
)


def _fastest(editions: Sequence[Edition]) -> str:
    """The id of the company whose metric grew fastest in the period; empty where no rate is known."""
    rates = [
        (row.yoy_ratio, edition.company.entity)
        for edition in editions
        if (row := edition.figure(edition.metrics[0])) and row.yoy_ratio is not None and row.yoy_status == "ok"
    ]
    return max(rates)[1] if rates else ""


def _rank(language: Language, editions: Sequence[Edition], period: str, at: int) -> Picture | None:
    rows = [(edition.company, row) for edition in editions if (row := edition.figure(edition.metrics[0]))]
    known = [(company, row, row.value) for company, row in rows if row.value is not None]
    if not known:
        return None
    known.sort(key=lambda entry: (-entry[2], entry[0].short))
    scale = chart_scale(language, [row for _, row, _ in known])
    first = _fastest(editions)
    bars = [
        Ranked(company.short, value, row.base, _bar_label(language, row, value), company.entity == first)
        for company, row, value in known
    ]
    values = {"metric": noun(language, known[0][1]).name, "period": name_period(language, period, is_calendar=True)}
    unit = capitalize(unit_words(language, known[0][1], scale))
    return Picture(
        key=f"rank-{at}",
        title=capitalize(language.say("{metric} in {period}", **values)),
        unit=language.say("{unit}; the line across a bar is a year earlier", unit=unit),
        alt=language.say("Bars of {bars}.", bars=_list_bars(language, known)),
        chart=draw_ranks(language, bars, scale, WIDE, f"rank-{at}"),
        narrow=draw_ranks(language, bars, scale, WIDTH, f"rank-{at}-narrow"),
    )


def _bar_label(language: Language, row: EditionFigure, value: Decimal) -> str:
    rate = "" if row.rate is None else describe_growth(language, row, 0)
    return f"{format_key_value(language, value, row.unit, 1)}  {rate}".rstrip()


def _list_bars(language: Language, known: Sequence[tuple[EditionCompany, EditionFigure, Decimal]]) -> str:
    return language.comma.join(
        language.say(
            "{first}, {second}",
            first=f"{isolate(language, company.short)} {describe_value(language, value, row.unit)}",
            second=describe_growth(language, row, 0),
        )
        for company, row, value in known
    )


def _panel(edition: Edition, beside: Sequence[Edition], prefix: str) -> Picture:
    language = edition.language
    metric = edition.metrics[0]
    shared = [row for other in beside for row in other.series(metric)]
    return Picture(
        key=f"panel-{prefix}",
        title=edition.company.short,
        unit=unit_words(language, shared[0], chart_scale(language, shared)),
        alt=describe_panel(language, edition.series(metric), edition.figure(metric), edition.company),
        chart=draw_panel(edition, metric, shared, f"{prefix}-{metric}"),
    )


def _index(language: Language, editions: Sequence[Edition], unbroken: Sequence[frozenset[int]]) -> Picture | None:
    """Lines from 100 at the first quarter all have a positive figure for; none where they share no two quarters.

    Of each company only the quarters on one basis with the report's own.
    """
    series = [
        {row.place: row for row in edition.series(edition.metrics[0]) if row.value is not None and row.place in kept}
        for edition, kept in zip(editions, unbroken, strict=True)
    ]
    positive = [{place for place, row in rows.items() if (row.value or 0) > 0} for rows in series]
    shared = sorted(set.intersection(*positive))
    if len(shared) < 2:  # noqa: PLR2004 - a line has two points
        return None
    base, last = shared[0], max(place_of(editions[0].period), shared[1])
    growth = {}
    for edition, rows in zip(editions, series, strict=True):
        of = rows[base].value or Decimal(1)
        growth[edition.company.short] = {
            place: (row.value or Decimal(0)) / of * 100 for place, row in rows.items() if base <= place <= last
        }
    first = max(growth, key=lambda name: (growth[name][max(growth[name])], name))
    lines = [IndexLine(name, points, name == first) for name, points in growth.items()]
    here = f"{base // 4}Q{base % 4 + 1}"
    ends = language.semicolon.join(
        f"{isolate(language, line.name)} {format_number(language, line.points[max(line.points)], 0)}" for line in lines
    )
    when = name_period(language, here, is_calendar=True)
    return Picture(
        key="index",
        title=capitalize(
            language.say(
                "{metric}, {period} = 100", metric=noun(language, next(iter(series[0].values()))).name, period=when
            )
        ),
        unit=language.say("Each company in its own currency; quarters of the calendar"),
        alt=language.say("Lines from 100 in {period}. At their ends: {ends}.", period=when, ends=ends),
        chart=draw_index(language, lines, WIDE, "index"),
        narrow=draw_index(language, lines, WIDTH, "index-narrow"),
    )


def _trend(editions: Mapping[str, Edition]) -> tuple[Decimal | None, ...]:
    first = _fastest(list(editions.values()))
    of = next((edition for edition in editions.values() if edition.company.entity == first), None)
    return tuple(row.value for row in of.series(of.metrics[0])) if of else ()


def _side_by_side(language: Language, editions: Mapping[str, Edition], metric: str) -> Table:
    """Quarters by companies: the figure and its growth, each in its company's unit."""
    periods = sorted(
        {row.fiscal_period for edition in editions.values() for row in edition.series(metric)}, reverse=True
    )
    here = next(iter(editions.values())).period
    rows = tuple(
        Row(
            (Cell(period), *(_compare_cell(edition, metric, period, prefix) for prefix, edition in editions.items())),
            period == here,
        )
        for period in periods
    )
    columns = tuple(
        Column(_name_column(edition, metric), "number", edition.company.short) for edition in editions.values()
    )
    caption = language.say("Companies side by side, growth on a year earlier in brackets")
    return Table("t-beside", caption, (Column(phrase("Quarter")), *columns), rows, language.say("Side by side"))


def _name_column(edition: Edition, metric: str) -> str:
    language = edition.language
    series = edition.series(metric)
    unit = unit_words(language, series[0], table_scale(language, series)[0])
    return language.say("{first}, {second}", first=isolate(language, edition.company.short), second=unit)


def _compare_cell(edition: Edition, metric: str, period: str, prefix: str) -> Cell:
    language = edition.language
    row = edition.figure(metric, period)
    if row is None or row.value is None:
        return Cell(say_reason(language, row, "no figure") if row else "", tone="muted")
    scale, digits = table_scale(language, edition.series(metric))
    places = anchors(edition, prefix)
    first = next((f"#{places[sign[1:]]}" for sign in row.operands if sign[1:] in places), None)
    rate = "" if row.rate is None else f" ({format_percent(language, row.rate, 0)})"
    text = format_number(language, scale.of(row.value), digits) + rate
    return Cell(text, row.value, href=first, unit=row.unit, rate=row.rate)


def _tables(editions: Mapping[str, Edition], metric: str) -> Iterator[Table]:
    for prefix, edition in editions.items():
        yield figure_table(edition, metric, anchors(edition, prefix), prefix, is_owned=True)


# -- notes ---------------------------------------------------------------------------------------------------

_DEFINED: Final = phrase("Companies define the metric themselves; what is compared is what each calls by its name.")
_ALIGNED: Final = phrase(
    "Companies close their books on different days. A fiscal quarter stands in the quarter of the calendar in which"
    " most of it lies, so that figures side by side may be up to six weeks apart."
)


def _notes(language: Language, editions: Mapping[str, Edition], missing: Sequence[str], period: str) -> Iterator[Note]:
    for title, text in (*_own_notes(language, editions, period), *_shared_notes(language, editions, missing, period)):
        yield Note(title, text)


def _own_notes(language: Language, editions: Mapping[str, Edition], period: str) -> Iterator[tuple[str, str]]:
    """What each company means by the metric, and whose quarters are not the calendar's."""
    for edition in editions.values():
        if edition.metrics[0] in edition.definitions:
            yield (
                edition.company.short,
                end_sentence(language, capitalize(language.term(edition.definitions[edition.metrics[0]]))),
            )
    odd = [_own_days(edition, period) for edition in editions.values() if _is_odd(edition, period)]
    if odd:
        yield (
            language.say("Quarters"),
            language.gap.join([language.term(_ALIGNED), end_sentence(language, language.semicolon.join(odd))]),
        )
    if len(_by_unit(editions)) > 1:
        text = language.say("Amounts are never converted; companies are ranked within one currency only.")
        yield language.say("Currencies"), text


def _shared_notes(
    language: Language, editions: Mapping[str, Edition], missing: Sequence[str], period: str
) -> Iterator[tuple[str, str]]:
    """Who has no figures, no filings or later quarters; what is compared, and how sure it is."""
    first = next(iter(editions.values()))
    metric = first.metrics[0]
    if missing:
        values = {"companies": _names(language, missing), "metric": noun(language, first.series(metric)[0]).name}
        yield (
            language.say("Not on record"),
            language.say("{companies}: no figure of {metric} for any quarter.", **values),
        )
    stated = [edition.company.short for edition in editions.values() if _is_stated(edition, metric)]
    if stated:
        text = phrase("{companies}: no filing of these figures is in the warehouse.")
        yield language.say("From articles or data sets"), language.say(text, companies=_names(language, stated))
    later = [
        edition.company.short for edition in editions.values() if edition.series(metric)[-1].fiscal_period > period
    ]
    if later:
        text = phrase("{companies} reported later quarters too; they are shown in grey.")
        yield language.say("Later quarters"), language.say(text, companies=_names(language, later))
    yield language.say("Definitions"), language.term(_DEFINED)
    yield language.say("Bounds"), language.term(BOUNDS)


def _names(language: Language, companies: Sequence[str]) -> str:
    return join_names(language, (isolate(language, company) for company in companies))


def _is_odd(edition: Edition, period: str) -> bool:
    """Whether a company's quarter is not the calendar's, day by day."""
    row = edition.figure(edition.metrics[0], period)
    return row is not None and (row.period_end.month % 3 != 0 or row.period_end.day < 30)  # noqa: PLR2004


def _own_days(edition: Edition, period: str) -> str:
    language = edition.language
    row = edition.figure(edition.metrics[0], period)
    return (
        language.say(
            "{owner} ended on {day}",
            day=format_day(language, row.period_end),
            **name_owner(language, edition.company.short),
        )
        if row
        else ""
    )


def _is_stated(edition: Edition, metric: str) -> bool:
    return any(row.method == "stated" for row in edition.series(metric))
