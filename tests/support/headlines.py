"""Headlines of every kind of report as tables of cases, and makers of the rows they are written from."""

# ruff: noqa: RUF001 - the marks of print (apostrophe, dash, minus) are what these tests are about

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from tracker.explain.diff import Change as Changed
from tracker.report.data.edition import EditionCompany, EditionFigure, Guided
from tracker.report.data.guidance_steps import Outcome
from tracker.report.kinds.peers import Peer
from tracker.report.kinds.reconciliation import SourceStatement
from tracker.report.kinds.restatements import Restatement
from tracker.warehouse.reasons import Reason

META = EditionCompany("meta", "Meta Platforms, Inc.", "Meta", "META", 1326801)


TESLA = EditionCompany("tesla", "Tesla, Inc.", "Tesla", "TSLA", 1318605)


def make_figure(
    metric: str,
    value: str | None,
    base: str | None,
    ratio: str | None = None,
    status: str = "ok",
    bounds: tuple[str | None, str | None] | None = None,
    unit: str = "USD",
    period: str = "2024Q2",
) -> EditionFigure:
    """Make a row of `yoy`; its bounds are its ratio where none are given."""
    low, high = bounds or (ratio, ratio)
    rate, least, most = (None if text is None else Decimal(text) for text in (ratio, low, high))
    shown, before = (None if text is None else Decimal(text) for text in (value, base))
    return EditionFigure(
        metric=metric,
        label="Gross margin",
        measure="money",
        span="quarter",
        fiscal_year=int(period[:4]),
        fiscal_quarter=int(period[5]),
        fiscal_period=period,
        calendar_quarter="2024Q2",
        period_start=date(2024, 4, 1),
        period_end=date(2024, 6, 30),
        value=shown,
        low=shown,
        high=shown,
        unit=unit,
        method="reported",
        base=before,
        base_period="2023Q2",
        yoy_ratio=rate,
        yoy_low=least,
        yoy_high=most,
        yoy_status=status,
        reason=None,
        reason_code=None,
        reason_parameters=None,
        operands=(),
        base_operands=(),
    )


GROWTH_HEADLINES = [
    # case, figure, headline
    ("growth", make_figure("capex", "8472e6", "6354e6", "0.3333", bounds=("0.3326", "0.3341")), "Meta’s capital spending rose 33% to $8.5 billion in the second quarter of 2024"),
    ("decline", make_figure("capex", "6715e6", "7087e6", "-0.0525"), "Meta’s capital spending fell 5% to $6.7 billion in the second quarter of 2024"),
    ("collapse", make_figure("net_income", "2709e6", "15688e6", "-0.8273"), "Meta’s net income fell 83% to $2.7 billion in the second quarter of 2024"),
    ("below a percent", make_figure("revenue", "1004e6", "1000e6", "0.004"), "Meta’s revenue rose 0.4% to $1.0 billion in the second quarter of 2024"),
    ("no change to speak of", make_figure("revenue", "1000.4e6", "1000e6", "0.0004"), "Meta’s revenue was little changed at $1.0 billion in the second quarter of 2024"),
    ("a sign lost in rounding", make_figure("revenue", "8.5e9", "8.4e9", "0.0119", bounds=("-0.001", "0.024")), "Meta’s revenue was little changed at $8.5 billion in the second quarter of 2024"),
    ("from rounded words", make_figure("capex", "8.5e9", "6.4e9", "0.3281", bounds=("0.3101", "0.3465")), "Meta’s capital spending rose about 33% to $8.5 billion in the second quarter of 2024"),
    ("an open end", make_figure("revenue", "39e9", "32e9", "0.2188", bounds=("0.2187", None)), "Meta’s revenue rose about 22% to $39.0 billion in the second quarter of 2024"),
    ("a rounding edge is not rough", make_figure("revenue", "1.225e9", "1e9", "0.225", bounds=("0.2249", "0.2251")), "Meta’s revenue rose 23% to $1.2 billion in the second quarter of 2024"),
    ("doubled", make_figure("capex", "17012e6", "8472e6", "1.0080", bounds=("1.0073", "1.0087")), "Meta’s capital spending more than doubled to $17.0 billion in the second quarter of 2024"),
    ("not surely doubled", make_figure("capex", "17e9", "8.5e9", "1.0000", bounds=("0.9825", "1.0178")), "Meta’s capital spending rose about 100% to $17.0 billion in the second quarter of 2024"),
    ("tripled", make_figure("capex", "9.1e9", "3e9", "2.0333"), "Meta’s capital spending more than tripled to $9.1 billion in the second quarter of 2024"),
    ("many times", make_figure("capex", "9e9", "1e9", "8"), "Meta’s capital spending grew to 9 times the year before: $9.0 billion in the second quarter of 2024"),
    ("to nothing", make_figure("capex", "0", "1e9", "-1"), "Meta’s capital spending fell to $0 in the second quarter of 2024"),
    ("into loss", make_figure("net_income", "-1.25e9", "4e8", "-4.125", "profit_to_loss"), "Meta swung to a net loss of $1.3 billion in the second quarter of 2024 from a net profit of $400.0 million a year earlier"),
    ("into an operating loss", make_figure("operating_income", "-1e9", "2e9", "-1.5", "profit_to_loss"), "Meta swung to an operating loss of $1.0 billion in the second quarter of 2024 from an operating profit of $2.0 billion a year earlier"),
    ("into profit", make_figure("net_income", "104e6", "-408e6", None, "loss_to_profit"), "Meta turned to a net profit of $104.0 million in the second quarter of 2024 from a net loss of $408.0 million a year earlier"),
    ("cash flow turns negative", make_figure("free_cash_flow", "-2e9", "1e9", "-3", "profit_to_loss"), "Meta’s free cash flow turned negative, at −$2.0 billion in the second quarter of 2024, from $1.0 billion a year earlier"),
    ("cash flow turns positive", make_figure("free_cash_flow", "2e9", "-1e9", None, "loss_to_profit"), "Meta’s free cash flow turned positive, at $2.0 billion in the second quarter of 2024, from −$1.0 billion a year earlier"),
    ("loss narrows", make_figure("operating_income", "-1e9", "-2e9", None, "loss_narrowed"), "Meta’s operating loss narrowed to $1.0 billion in the second quarter of 2024 from $2.0 billion a year earlier"),
    ("loss the same", make_figure("operating_income", "-2e9", "-2e9", None, "loss_narrowed"), "Meta’s operating loss was unchanged at $2.0 billion in the second quarter of 2024"),
    ("loss widens", make_figure("net_income", "-3e9", "-2e9", None, "loss_widened"), "Meta’s net loss widened to $3.0 billion in the second quarter of 2024 from $2.0 billion a year earlier"),
    ("negative flow widens", make_figure("free_cash_flow", "-3e9", "-2e9", None, "loss_widened"), "Meta’s negative free cash flow widened to $3.0 billion in the second quarter of 2024 from $2.0 billion a year earlier"),
    ("from zero", make_figure("capex", "3e9", "0", None, "zero_base"), "Meta’s capital spending was $3.0 billion in the second quarter of 2024, up from nothing a year earlier"),
    ("no base", make_figure("capex", "7087e6", None, None, "no_base"), "Meta’s capital spending was $7.1 billion in the second quarter of 2024; no year-earlier figure is on record"),
    ("another basis", make_figure("total_costs", "3e9", "2e9", None, "basis_changed"), "Meta’s total costs were $3.0 billion in the second quarter of 2024, not comparable with a year earlier"),
    ("a split", make_figure("eps_diluted", "0.67", "2.48", None, "split", unit="USD/shares"), "Meta’s diluted earnings per share were $0.67 a share in the second quarter of 2024; the year-earlier figure is known only on the other side of a split"),
    ("a 53rd week", make_figure("revenue", "3e9", "2e9", None, "long_period"), "Meta’s revenue was $3.0 billion in the second quarter of 2024, a period of another length than a year earlier"),
    ("a rate", make_figure("gross_margin", "0.156", "0.241", None, "rate", unit="ratio"), "Meta’s gross margin was 15.6% in the second quarter of 2024, from 24.1% a year earlier"),
    ("refused for the base", make_figure("capex", "3e9", None, None, "not_derivable"), "Meta’s capital spending was $3.0 billion in the second quarter of 2024; the year-earlier figure cannot be derived"),
    ("refused", make_figure("capex", None, None, None, "not_derivable"), "Meta’s capital spending in the second quarter of 2024 cannot be derived from what is on record"),
    ("per share", make_figure("eps_diluted", "5.16", "2.98", "0.7315", unit="USD/shares"), "Meta’s diluted earnings per share rose 73% to $5.16 a share in the second quarter of 2024"),
    ("people", make_figure("dau", "3.27e9", "3.07e9", "0.0651", unit="count"), "Meta’s daily active people rose 7% to 3.3 billion in the second quarter of 2024"),
    ("a metric without words of ours", make_figure("gross_margin", "2e6", "1.6e6", "0.25", unit="EUR"), "Meta’s gross margin rose 25% to €2.0 million in the second quarter of 2024"),
]  # fmt: skip


def make_peer(name: str, value: str | None, base: str | None, ratio: str | None, status: str = "ok") -> Peer:
    return Peer(name, None if value is None else make_figure("capex", value, base, ratio, status))


PEER_HEADLINES = [
    # case, companies, headline
    ("growth", [make_peer("A", "2e9", "1e9", "1"), make_peer("B", "3e9", "2e9", "0.5")], "Capital spending rose at all two companies in the second quarter of 2024, fastest at A (+100%)"),
    ("decline", [make_peer("A", "8e8", "1e9", "-0.2"), make_peer("B", "1e9", "2e9", "-0.5")], "Capital spending fell at all two companies in the second quarter of 2024, most at B (−50%)"),
    ("mixed", [make_peer("A", "12e8", "1e9", "0.2"), make_peer("B", "1e9", "2e9", "-0.5")], "Capital spending rose at one of two companies in the second quarter of 2024, fastest at A (+20%); it fell most at B (−50%)"),
    ("flat", [make_peer("A", "1e9", "1e9", "0"), make_peer("B", "1e9", "1e9", "0.0001")], "Capital spending hardly changed at all two companies in the second quarter of 2024"),
    ("a turn is no rate", [make_peer("A", "12e8", "1e9", "0.2"), make_peer("B", "-1e9", "2e9", "-1.5", "profit_to_loss")], "Capital spending rose at one of two companies in the second quarter of 2024, fastest at A (+20%)"),
    ("no base", [make_peer("A", "2e9", None, None, "no_base"), make_peer("B", "3e9", None, None, "no_base")], "No growth of capital spending can be stated for the second quarter of 2024; the largest was B’s, $3.0 billion"),
    ("a figure is missing", [make_peer("A", "2e9", "1e9", "1"), make_peer("B", None, None, None)], "Capital spending rose at one of two companies in the second quarter of 2024, fastest at A (+100%)"),
    ("one fell, one flat", [make_peer("A", "1e9", "1e9", "0"), make_peer("B", "1e9", "2e9", "-0.5")], "Capital spending fell at one of two companies in the second quarter of 2024, most at B (−50%)"),
]  # fmt: skip


def make_step(
    status: str,
    low: str | None,
    high: str | None,
    outcome: str = "open",
    actual: str | None = None,
    number: int = 1,
) -> Outcome:
    ends = [None if end is None else Decimal(end) for end in (low, high)]
    guided = Guided(
        "capex", "FY2024", date(2024, 1, 1), date(2024, 12, 31), date(2024, 2, number), None, ends[0], ends[1], "USD",
        status, None, None, None, "r1", None, None, None, None,
    )  # fmt: skip
    came = None if actual is None else Decimal(actual)
    return Outcome(guided, "2024Q4", "Capex", number, outcome, None, came, *[None] * 6)


GUIDANCE_HEADLINES = [
    # case, steps, headline
    ("initial", [make_step("initial", "30e9", "37e9")], "Meta guides to $30–37 billion for capital spending in 2024"),
    ("raised", [make_step("initial", "30e9", "37e9"), make_step("raised", "35e9", "40e9", number=2)], "Meta raised its guidance for capital spending in 2024 to $35–40 billion"),
    ("lowered", [make_step("initial", "30e9", "37e9"), make_step("lowered", "27e9", "29e9", number=2)], "Meta lowered its guidance for capital spending in 2024 to $27–29 billion"),
    ("narrowed", [make_step("initial", "30e9", "37e9"), make_step("narrowed", "31e9", "36e9", number=2)], "Meta narrowed its guidance for capital spending in 2024 to $31–36 billion"),
    ("kept", [make_step("initial", "30e9", "37e9"), make_step("reaffirmed", "30e9", "37e9", number=2)], "Meta kept its guidance for capital spending in 2024 at $30–37 billion"),
    ("one-sided", [make_step("initial", "60e9", None)], "Meta guides to at least $60 billion for capital spending in 2024"),
    ("no number", [make_step("unquantified", None, None)], "Meta gives no number for its capital spending in 2024"),
    ("withdrawn", [make_step("initial", "30e9", "37e9"), make_step("withdrawn", None, None, number=2)], "Meta withdrew its guidance for capital spending in 2024"),
    ("came true", [make_step("initial", "30e9", "40e9", "inside", "39225e6")], "Meta’s capital spending for 2024 came to $39.2 billion, inside the $30–40 billion it last guided to"),
    ("above the first, inside the last", [make_step("initial", "30e9", "37e9", "above", "39225e6"), make_step("raised", "38e9", "40e9", "inside", "39225e6", 2)], "Meta’s capital spending for 2024 came to $39.2 billion, inside the $38–40 billion it last guided to and above its first $30–37 billion"),
    ("missed", [make_step("initial", "40e9", "45e9", "below", "39225e6")], "Meta’s capital spending for 2024 came to $39.2 billion, below the $40–45 billion it last guided to"),
]  # fmt: skip


def make_restatement(
    first: str, latest: str, period: str = "2023Q2", cause: str = "restated", who: str = "Meta", what: str = "Revenue"
) -> Restatement:
    values = Decimal(first), Decimal(latest)
    return Restatement(
        who.lower(), who, f"us-gaap:{what}", what, "USD", period, period, date(2023, 4, 1), date(2023, 6, 30), *values,
        values[1] - values[0], cause, None, None, None, 2, date(2023, 7, 27), date(2024, 8, 1), None, None, None, None,
    )  # fmt: skip


RESTATEMENT_HEADLINES = [
    # case, changes, headline
    ("nothing", [], "No figure on record has been restated"),
    ("lowered", [make_restatement("200e6", "190e6")], "Meta restated its revenue for the second quarter of 2023, down 5.0%"),
    ("two lowered", [make_restatement("200e6", "190e6"), make_restatement("200e6", "180e6", "2023Q1")], "Meta restated its revenue for two periods, down by up to 10.0%"),
    ("raised", [make_restatement("200e6", "210e6")], "Meta restated its revenue for the second quarter of 2023, up 5.0%"),
    ("both ways", [make_restatement("200e6", "210e6"), make_restatement("200e6", "180e6", "2023Q1")], "Meta restated its revenue for two periods, by up to 10.0% either way"),
    ("another meaning", [make_restatement("200e6", "190e6", cause="basis")], "Meta restated its revenue for the second quarter of 2023, down 5.0%; what it counts had changed"),
    ("a loss", [make_restatement("-20e6", "-30e6", what="Income")], "Meta restated its income for the second quarter of 2023, from −$20.000 million to −$30.000 million"),
    ("a scale mistaken", [make_restatement("58348", "58348000"), make_restatement("200e6", "190e6", what="Income")], "Meta restated its income for the second quarter of 2023, down 5.0%; one of two figures restated"),
    ("nothing but that", [make_restatement("58348", "58348000")], "Meta restated its revenue for the second quarter of 2023, from $58,348 to $58.348 million"),
    ("a tag of no metric", [replace(make_restatement("200e6", "100e6", what="IncreaseDecreaseInInventories"), label=""), make_restatement("200e6", "190e6")], "Meta restated its revenue for the second quarter of 2023, down 5.0%; one of two figures restated"),
    ("a split", [replace(make_restatement("2e9", "20e9", what="Shares"), unit="shares"), make_restatement("200e6", "190e6")], "Meta restated its revenue for the second quarter of 2023, down 5.0%; one of two figures restated"),
    ("tags alone", [replace(make_restatement("200e6", "100e6", what="IncreaseDecreaseInInventories"), label="")], "Meta restated its increase (decrease) in inventories for the second quarter of 2023, down 50.0%"),
    ("others too", [make_restatement("200e6", "190e6"), make_restatement("100e6", "99e6", who="Tesla")], "Meta restated its revenue for the second quarter of 2023, down 5.0%; one of two figures restated"),
]  # fmt: skip


def make_statement(state: str, *, is_chosen: bool = False) -> SourceStatement:
    return SourceStatement(
        "capex", "2024Q2", Decimal("8.5e9"), None, None, "USD", "stated", "stated:capex", (), "a1", None, None, None, None,
        None, None, None, None, state, is_chosen, False, *[None] * 9,
    )  # fmt: skip


CHOSEN = make_statement("equal", is_chosen=True)


RECONCILIATION_HEADLINES = [
    # case, statements, headline
    ("agreement", [CHOSEN, make_statement("consistent"), make_statement("equal")], "Two statements agree with the $8.5 billion of Meta’s capital spending in the second quarter of 2024"),
    ("one agrees", [CHOSEN, make_statement("consistent")], "One other statement agrees with the $8.5 billion of Meta’s capital spending in the second quarter of 2024"),
    ("contradiction", [CHOSEN, make_statement("consistent"), make_statement("inconsistent")], "One of two other statements of Meta’s capital spending in the second quarter of 2024 contradicts the $8.5 billion shown"),
    ("contradictions", [CHOSEN, make_statement("inconsistent"), make_statement("inconsistent")], "Two of two other statements of Meta’s capital spending in the second quarter of 2024 contradict the $8.5 billion shown"),
    ("restated", [CHOSEN, make_statement("restated")], "Meta’s capital spending in the second quarter of 2024 was $8.5 billion; what was said before has been restated"),
    ("incomparable", [CHOSEN, make_statement("incomparable")], "Nothing that can be compared speaks of Meta’s capital spending in the second quarter of 2024; the $8.5 billion stands alone"),
    ("alone", [CHOSEN], "One statement alone gives Meta’s capital spending in the second quarter of 2024: $8.5 billion"),
]  # fmt: skip


COMPANIES_BY_KEY = {"meta": META, "tesla": TESLA}


def make_change(
    metric: str, before: str | None, now: str | None, what: str = "figure", entity: str = "meta", **ends: str
) -> Changed:
    old, new = (None if text is None else Decimal(text) for text in (before, now))
    bounds = {name: Decimal(text) for name, text in ends.items()}
    blank: dict[str, Decimal | None] = dict.fromkeys(("low_before", "low", "high_before", "high"))
    return Changed(
        entity=entity, name=None, metric=metric, span="quarter", fiscal_period="2024Q2" if what == "figure" else "FY2024",
        unit="USD", what=what, value_before=old, value=new, cause="new filing",
        reason=Reason("stated", {"place": "10-Q 1", "day": date(2024, 8, 1)}), sources=(), known_at=None,
        **{**blank, **bounds},
    )  # fmt: skip


def figures_by_key(*figures: EditionFigure) -> dict[tuple[str, str, str], EditionFigure]:
    return {("meta", row.metric, row.fiscal_period): row for row in figures}


RAISED = make_change("capex", None, None, "guidance", low_before="35e9", high_before="40e9", low="37e9", high="40e9")


CUT = make_change("capex", None, None, "guidance", low_before="35e9", high_before="40e9", low="33e9", high="38e9")


GREW = make_figure("revenue", "39071e6", "31999e6", "0.2210")


LOST = make_figure("net_income", "-3e9", "5e9", "-1.6", "profit_to_loss")


CHANGE_HEADLINES = [
    # case, changes, rows of growth, headline
    ("nothing", [], {}, "Nothing has changed since 30 July 2024"),
    ("raised before all else", [make_change("revenue", None, "39071e6"), RAISED], figures_by_key(GREW, make_figure("capex", "1e9", None, None, "no_base")), "Meta raised its guidance for capital spending in 2024 to $37–40 billion"),
    ("lowered", [CUT], figures_by_key(make_figure("capex", "1e9", None, None, "no_base")), "Meta lowered its guidance for capital spending in 2024 to $33–38 billion"),
    ("growth of what is new", [make_change("revenue", None, "39071e6")], figures_by_key(GREW), "Meta’s revenue rose 22% to $39.1 billion in the second quarter of 2024"),
    ("a loss", [make_change("net_income", None, "-3e9")], figures_by_key(LOST), "Meta swung to a net loss of $3.0 billion in the second quarter of 2024 from a net profit of $5.0 billion a year earlier"),
    ("changed", [make_change("revenue", "10e9", "11e9")], figures_by_key(GREW), "One figure of Meta changed since 30 July 2024"),
    ("gone", [make_change("revenue", "10e9", None)], figures_by_key(GREW), "One change since 30 July 2024"),
]  # fmt: skip
