"""The report on several companies and one metric: levels, growth, and the change since one base quarter.

Companies are compared by calendar quarters, whatever they call their own. Growth is compared across currencies.
Amounts are ranked within one currency only, and are converted only if the definition names a currency.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from tracker.errors import NothingMatchedError, UsageError
from tracker.report.charts.comparison import IndexLine, draw_index
from tracker.report.charts.drawing import WIDE
from tracker.report.charts.leaves import WIDTH
from tracker.report.data.edition import place_of, read_company, read_edition
from tracker.report.data.rows import read_rows
from tracker.report.document import Document, Note, Picture, Section, Swatch
from tracker.report.kinds.converted import convert_editions, describe_rates, list_conversions, make_rate_table
from tracker.report.kinds.evidence import evidence_section
from tracker.report.kinds.growth import command
from tracker.report.kinds.listing import join_lead, join_names, number_word
from tracker.report.kinds.notes import BOUNDS
from tracker.report.kinds.side_by_side import (
    LEVELS_LEGEND,
    find_fastest,
    make_cards,
    make_comparison_table,
    make_figure_tables,
    make_panel_picture,
    make_ranking_picture,
)
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
from tracker.report.text.prose import end_sentence
from tracker.report.text.words import capitalize, describe_growth, describe_value, name_owner, noun

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from tracker.report.data.conversion import Conversion
    from tracker.report.data.edition import Edition, EditionFigure
    from tracker.report.definition import Definition
    from tracker.report.document import Table
    from tracker.report.text.language import Language
    from tracker.warehouse.reader import Warehouse

__all__ = ["Peer", "peers", "peers_headline"]

_FLAT: Final = Decimal("0.0005")


@dataclass(frozen=True, slots=True)
class Peer:
    """One company in the comparison: its name, and its figure for the period (None if it has none)."""

    name: str
    figure: EditionFigure | None

    @property
    def rate(self) -> Decimal | None:
        """Growth on a year earlier; None if there is no meaningful rate."""
        ok = self.figure is not None and self.figure.yoy_status == "ok"
        return self.figure.yoy_ratio if ok and self.figure is not None else None


def peers(warehouse: Warehouse, definition: Definition) -> Document:
    """Make the report on several companies and one metric.

    Raises NothingMatchedError if fewer than two of them have a figure of it.
    """
    language = language_of(definition.language)
    if definition.period is not None and span_of(definition.period) != "quarter":
        raise UsageError(f"{definition.name}: peers are compared by quarters of the calendar; write 2024Q2")
    editions, missing = _read_editions(language, warehouse, definition)
    if len(editions) < 2:  # noqa: PLR2004 - a comparison needs two
        raise NothingMatchedError(f"{definition.name}: fewer than two companies have {definition.metrics[0]}")
    period = definition.period or _find_latest_shared(editions)
    editions = {key: replace(edition, period=period) for key, edition in _drop_early_quarters(editions).items()}
    unbroken = [_find_unbroken(warehouse, edition) for edition in editions.values()]
    rates: Mapping[str, Mapping[date, Conversion]] = {}
    if definition.currency is not None:
        rates = list_conversions(warehouse, editions, definition.currency)
        editions = convert_editions(editions, rates)
    found = [Peer(edition.company.short, edition.figure(definition.metrics[0])) for edition in editions.values()]
    compared = found + [Peer(name, None) for name in missing]
    if all(peer.figure is None or peer.figure.value is None for peer in found):
        raise NothingMatchedError(f"{definition.name}: no company has {definition.metrics[0]} for {period}")
    title = peers_headline(language, compared, period)
    return Document(
        definition=definition,
        language=language,
        kicker=_write_kicker(language, editions, period),
        headline=strip_unseen(definition.title) if definition.title else title,
        lead=join_lead(
            language,
            definition,
            title,
            [*_write_lead(language, compared, is_converted=bool(rates)), *_write_caution(language, editions)],
        ),
        cards=tuple(make_cards(language, editions)),
        sections=tuple(
            _make_sections(
                language, editions, period, unbroken, [make_rate_table(language, editions, rates)] if rates else []
            )
        ),
        notes=(*_write_notes(language, editions, missing, period), *_write_rate_note(language, editions, rates)),
        foot=(_write_foot(language, editions),),
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
            "conversions": [
                {"entity": editions[prefix].company.entity, **asdict(one)}
                for prefix, found_rates in rates.items()
                for one in found_rates.values()
            ],
        },
        trend=_find_trend(editions),
    )


# -- reading -----------------------------------------------------------------------------------------------


def _read_editions(
    language: Language, warehouse: Warehouse, definition: Definition
) -> tuple[dict[str, Edition], list[str]]:
    """Read each company's figures by calendar quarter, under the prefix of its anchors; and list who has none."""
    found: dict[str, Edition] = {}
    missing = []
    for at, entity in enumerate(definition.entities):
        alone = replace(definition, entities=(entity,), period=None)
        try:
            edition = read_edition(warehouse, alone, language, is_bare=True)
        except NothingMatchedError:
            missing.append(read_company(warehouse, entity).short)
            continue
        found[f"f{chr(97 + at)}"] = replace(edition, definition=definition, figures=_label_by_calendar(edition.figures))
    return found, missing


def _label_by_calendar(figures: Sequence[EditionFigure]) -> tuple[EditionFigure, ...]:
    """Label quarters as the calendar does, not as the company does."""
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


def _find_unbroken(warehouse: Warehouse, edition: Edition) -> frozenset[int]:
    """Find the quarters whose figures share one basis with the report's own quarter; return their places."""
    metric = edition.metrics[0]
    values = {row.place: row.value for row in edition.figures if row.metric == metric}
    steps = read_rows(warehouse, _STEPS, {"entity": edition.company.entity, "metric": metric})
    links: dict[int, set[int]] = {}
    for step in steps:
        place = place_of(step["calendar_quarter"])
        before = place - step["quarters"]
        if values.get(before) == step["base"]:  # growth is measured against the value that is drawn
            links.setdefault(place, set()).add(before)
            links.setdefault(before, set()).add(place)
    here = place_of(edition.period)
    known = [place for place, value in values.items() if value is not None and place <= here]
    return _find_reachable(max(known, default=here), links)


def _find_reachable(start: int, links: Mapping[int, set[int]]) -> frozenset[int]:
    """Find all places that the links lead to."""
    found, ahead = {start}, [start]
    while ahead:
        new = links.get(ahead.pop(), set()) - found
        found |= new
        ahead += new
    return frozenset(found)


def _find_latest_shared(editions: Mapping[str, Edition]) -> str:
    """Find the latest quarter that every company has; if there is none, the latest that most companies have."""
    count: dict[str, int] = {}
    for edition in editions.values():
        for period in {row.fiscal_period for row in edition.figures if row.value is not None}:
            count[period] = count.get(period, 0) + 1
    if not count:
        raise NothingMatchedError("no company has a figure for any quarter")
    most = max(count.values())
    return max(period for period, number in count.items() if number == most)


def _drop_early_quarters(editions: Mapping[str, Edition]) -> dict[str, Edition]:
    """Drop the quarters before the first one that two companies have: there is nothing to compare them with."""
    starts = sorted(min(row.place for row in edition.figures) for edition in editions.values() if edition.figures)
    since = starts[1] if len(starts) > 1 else 0
    return {
        key: replace(edition, figures=tuple(row for row in edition.figures if row.place >= since))
        for key, edition in editions.items()
    }


# -- what it says ------------------------------------------------------------------------------------------


def peers_headline(language: Language, compared: Sequence[Peer], period: str) -> str:
    """Write the finding: at how many companies the metric rose or fell, and where it did so most."""
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
    finding = language.say(
        _WENT[went, few == len(compared)],
        metric=noun(language, _require_figure(known[0])).name,
        when=say_when(language, period, is_calendar=True),
        count=number_word(language, few),
        all=number_word(language, len(compared)),
        most=_name_with_rate(language, slowest if went == "down" else fastest),
        least=_name_with_rate(language, slowest),
    )
    return capitalize(finding)


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
    """Write that no growth is known, and which amount is the largest if all are in one currency."""
    top = max(known, key=lambda peer: _require_figure(peer).value or Decimal(0))
    values = {
        "metric": noun(language, _require_figure(top)).name,
        "period": name_period(language, period, is_calendar=True),
    }
    if len({_require_figure(peer).unit for peer in known}) > 1:
        return capitalize(language.say("No growth of {metric} can be stated for {period}", **values))
    values |= {
        **name_owner(language, top.name),
        "value": describe_value(language, _require_figure(top).value, _require_figure(top).unit),
    }
    return capitalize(
        language.say("No growth of {metric} can be stated for {period}; the largest was {owner}, {value}", **values)
    )


def _require_figure(peer: Peer) -> EditionFigure:
    if peer.figure is None:
        raise ValueError(peer.name)
    return peer.figure


def _name_with_rate(language: Language, peer: Peer) -> str:
    return f"{isolate(language, peer.name)} ({format_percent(language, peer.rate or Decimal(0), 0)})"


def _write_lead(language: Language, compared: Sequence[Peer], *, is_converted: bool) -> Iterator[str]:
    """Write the sum, then each company's figure with its growth, the largest first, then what cannot be compared."""
    known = [peer for peer in compared if peer.figure is not None and peer.figure.value is not None]
    yield from _write_sum(language, compared, known, is_converted=is_converted)
    units = list(dict.fromkeys(_require_figure(peer).unit for peer in known))
    for unit in units:
        like = [peer for peer in known if _require_figure(peer).unit == unit]
        like.sort(key=lambda peer: (-(_require_figure(peer).value or Decimal(0)), peer.name))
        yield end_sentence(language, language.semicolon.join(_say_figure(language, peer) for peer in like))
    absent = [isolate(language, peer.name) for peer in compared if peer.figure is None or peer.figure.value is None]
    if absent:
        yield language.say("No figure is on record for {companies}.", companies=join_names(language, absent))
    if len(units) > 1:
        yield language.say("Amounts in {units} are not converted.", units=join_names(language, units))


def _write_caution(language: Language, editions: Mapping[str, Edition]) -> Iterator[str]:
    """Write a caution if the companies do not all define the metric in the same way."""
    if len({edition.definitions.get(edition.metrics[0], "") for edition in editions.values()}) > 1:
        yield language.term(_DEFINED)


def _write_sum(
    language: Language, compared: Sequence[Peer], known: Sequence[Peer], *, is_converted: bool
) -> Iterator[str]:
    """Write the sum of all companies, and its growth if every figure has a rate; nothing if the units do not add up.

    Converted amounts have no growth of their sum: rates of exchange move it, too.
    """
    rows = [_require_figure(peer) for peer in known]
    if len(known) < len(compared) or len({row.unit for row in rows}) > 1 or "/" in rows[0].unit:
        return
    total = sum((row.value for row in rows if row.value is not None), Decimal(0))
    bases = [row.base for row in rows if row.base is not None and row.yoy_ratio is not None]
    value = describe_value(language, total, rows[0].unit)
    if len(bases) == len(rows) and not is_converted:
        rate = format_percent(language, total / sum(bases, Decimal(0)) - 1, 0)
        yield language.say("Together {value}, {rate} on a year earlier:", value=value, rate=rate)
    else:
        yield language.say("Together {value}:", value=value)


def _say_figure(language: Language, peer: Peer) -> str:
    row = _require_figure(peer)
    value, growth = describe_value(language, row.value, row.unit), describe_growth(language, row, 0)
    return f"{isolate(language, peer.name)} {value} ({growth})"


def _write_kicker(language: Language, editions: Mapping[str, Edition], period: str) -> str:
    when = capitalize(name_period(language, period, is_calendar=True).removeprefix("the "))
    return f"{language.comma.join(isolate(language, edition.company.short) for edition in editions.values())} · {when}"


def _write_foot(language: Language, editions: Mapping[str, Edition]) -> str:
    known = max(edition.known_on for edition in editions.values())
    return language.say(
        "Source: company filings, articles and data sets as the table of figures names them; known by {day}."
        " Lines across bars: a year earlier. Quarters are the calendar\N{RIGHT SINGLE QUOTATION MARK}s.",
        day=format_day(language, known),
    )


# -- figures, charts, tables ---------------------------------------------------------------------------------


def _group_by_unit(editions: Mapping[str, Edition]) -> dict[str, list[str]]:
    """Group the prefixes of companies by their unit, so that those of one unit can share a scale."""
    found: dict[str, list[str]] = {}
    for prefix, edition in editions.items():
        found.setdefault(edition.series(edition.metrics[0])[0].unit, []).append(prefix)
    return found


def _make_sections(
    language: Language,
    editions: Mapping[str, Edition],
    period: str,
    unbroken: Sequence[frozenset[int]],
    rates: Sequence[Table],
) -> Iterator[Section]:
    metric = next(iter(editions.values())).metrics[0]
    units = _group_by_unit(editions)
    ranks = [
        picture
        for at, (_, prefixes) in enumerate(units.items())
        if (picture := make_ranking_picture(language, [editions[prefix] for prefix in prefixes], period, at))
    ]
    if ranks:
        yield Section("levels", language.say("Levels"), pictures=tuple(ranks), legend=LEVELS_LEGEND)
    yield Section(
        "growth",
        language.say("Quarter by quarter"),
        text=language.say("All panels of one currency share their scales, so that heights compare across companies."),
        pictures=tuple(
            make_panel_picture(editions[prefix], [editions[other] for other in prefixes], prefix)
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
    index = _make_index_picture(language, list(editions.values()), unbroken)
    if index:
        yield Section("index", language.say("From one base"), pictures=(index,))
    yield Section(
        "figures",
        language.say("Every figure"),
        tables=(make_comparison_table(language, editions, metric), *make_figure_tables(editions, metric), *rates),
    )
    yield evidence_section(language, editions)


def _make_index_lines(
    editions: Sequence[Edition], unbroken: Sequence[frozenset[int]]
) -> tuple[int, list[IndexLine]] | None:
    """Make the line of each company from 100, and return the place of the base quarter with them.

    The base is the first quarter for which all companies have a positive figure. A line shows only the quarters on one
    basis with the report's own. None if no two quarters remain.
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
        divisor = rows[base].value or Decimal(1)
        growth[edition.company.short] = {
            place: (row.value or Decimal(0)) / divisor * 100 for place, row in rows.items() if base <= place <= last
        }
    first = max(growth, key=lambda name: (growth[name][max(growth[name])], name))
    return base, [IndexLine(name, points, name == first) for name, points in growth.items()]


def _make_index_picture(
    language: Language, editions: Sequence[Edition], unbroken: Sequence[frozenset[int]]
) -> Picture | None:
    """Draw a line for each company, from 100 in the base quarter; None if they share no two quarters."""
    found = _make_index_lines(editions, unbroken)
    if found is None:
        return None
    base, lines = found
    here = f"{base // 4}Q{base % 4 + 1}"
    ends = language.semicolon.join(
        f"{isolate(language, line.name)} {format_number(language, line.points[max(line.points)], 0)}" for line in lines
    )
    when = name_period(language, here, is_calendar=True)
    return Picture(
        key="index",
        title=capitalize(
            language.say(
                "{metric}, {period} = 100",
                metric=noun(language, editions[0].series(editions[0].metrics[0])[0]).name,
                period=when,
            )
        ),
        unit=_say_index_unit(language, editions),
        alt=language.say("Lines from 100 in {period}. At their ends: {ends}.", period=when, ends=ends),
        chart=draw_index(language, lines, WIDE, "index"),
        narrow=draw_index(language, lines, WIDTH, "index-narrow"),
    )


def _say_index_unit(language: Language, editions: Sequence[Edition]) -> str:
    currency = editions[0].definition.currency
    if currency is None:
        return language.say("Each company in its own currency; quarters of the calendar")
    return language.say("All companies in {currency}; quarters of the calendar", currency=currency)


def _find_trend(editions: Mapping[str, Edition]) -> tuple[Decimal | None, ...]:
    first = find_fastest(list(editions.values()))
    of = next((edition for edition in editions.values() if edition.company.entity == first), None)
    return tuple(row.value for row in of.series(of.metrics[0])) if of else ()


# -- notes ---------------------------------------------------------------------------------------------------

_DEFINED: Final = phrase("Companies define the metric themselves; what is compared is what each calls by its name.")
_ALIGNED: Final = phrase(
    "Companies close their books on different days. A fiscal quarter stands in the quarter of the calendar in which"
    " most of it lies, so that figures side by side may be up to six weeks apart."
)


def _write_notes(
    language: Language, editions: Mapping[str, Edition], missing: Sequence[str], period: str
) -> Iterator[Note]:
    for title, text in (
        *_write_company_notes(language, editions, period),
        *_write_shared_notes(language, editions, missing, period),
    ):
        yield Note(title, text)


def _write_rate_note(
    language: Language, editions: Mapping[str, Edition], rates: Mapping[str, Mapping[date, Conversion]]
) -> Iterator[Note]:
    """Write how amounts were converted."""
    if rates:
        yield Note(language.say("Currencies"), language.gap.join(describe_rates(language, editions, rates)))


def _write_company_notes(language: Language, editions: Mapping[str, Edition], period: str) -> Iterator[tuple[str, str]]:
    """Write how each company defines the metric, and whose quarters are not the calendar's."""
    for edition in editions.values():
        if edition.metrics[0] in edition.definitions:
            yield (
                edition.company.short,
                end_sentence(language, capitalize(language.term(edition.definitions[edition.metrics[0]]))),
            )
    odd = [_write_own_days(edition, period) for edition in editions.values() if _has_own_quarters(edition, period)]
    if odd:
        yield (
            language.say("Quarters"),
            language.gap.join([language.term(_ALIGNED), end_sentence(language, language.semicolon.join(odd))]),
        )
    if next(iter(editions.values())).definition.currency is None and len(_group_by_unit(editions)) > 1:
        text = language.say("Amounts are never converted; companies are ranked within one currency only.")
        yield language.say("Currencies"), text


def _write_shared_notes(
    language: Language, editions: Mapping[str, Edition], missing: Sequence[str], period: str
) -> Iterator[tuple[str, str]]:
    """Write who has no figures, no filings or later quarters, what is compared, and how exact it is."""
    first = next(iter(editions.values()))
    metric = first.metrics[0]
    if missing:
        values = {
            "companies": _join_companies(language, missing),
            "metric": noun(language, first.series(metric)[0]).name,
        }
        yield (
            language.say("Not on record"),
            language.say("{companies}: no figure of {metric} for any quarter.", **values),
        )
    stated = [edition.company.short for edition in editions.values() if _has_stated_figures(edition, metric)]
    if stated:
        text = phrase("{companies}: no filing of these figures is in the warehouse.")
        yield (
            language.say("From articles or data sets"),
            language.say(text, companies=_join_companies(language, stated)),
        )
    later = [
        edition.company.short for edition in editions.values() if edition.series(metric)[-1].fiscal_period > period
    ]
    if later:
        text = phrase("{companies} reported later quarters too; they are shown in grey.")
        yield language.say("Later quarters"), language.say(text, companies=_join_companies(language, later))
    yield language.say("Definitions"), language.term(_DEFINED)
    yield language.say("Bounds"), language.term(BOUNDS)


def _join_companies(language: Language, companies: Sequence[str]) -> str:
    return join_names(language, (isolate(language, company) for company in companies))


def _has_own_quarters(edition: Edition, period: str) -> bool:
    """Return whether a company's quarter ends on another day than the calendar's."""
    row = edition.figure(edition.metrics[0], period)
    return row is not None and (row.period_end.month % 3 != 0 or row.period_end.day < 30)  # noqa: PLR2004


def _write_own_days(edition: Edition, period: str) -> str:
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


def _has_stated_figures(edition: Edition, metric: str) -> bool:
    return any(row.method == "stated" for row in edition.series(metric))
